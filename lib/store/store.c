/* store.c — proves at open that a body of the store has every verb of the contract.
 * Neighbours: store_sqlite.c is the one body today and asks here; a forgotten row must not be found
 * out at night. */
#include <assert.h>

#include "closedloop/store.h"

static void check_facts(const struct store_ops *ops)
{
	assert(ops->fact_find);
	assert(ops->fact_save);
	assert(ops->facts_each);
	assert(ops->reject_save);
	assert(ops->rejects_list);
	assert(ops->rejects_prune);
	assert(ops->ref_find);
	assert(ops->ref_save);
	assert(ops->refs_of);
	assert(ops->document_find);
	assert(ops->document_save);
	assert(ops->journey_repoint);
}

static void check_journeys(const struct store_ops *ops)
{
	assert(ops->journey_load);
	assert(ops->journey_save);
	assert(ops->journeys_due);
	assert(ops->journeys_recheck);
	assert(ops->journey_postpone);
	assert(ops->journeys_on_flight);
	assert(ops->journeys_list);
	assert(ops->erasures_due);
	assert(ops->erasures_next);
	assert(ops->erasures_recheck);
	assert(ops->erasure_plan);
	assert(ops->shells_of);
	assert(ops->journey_erase);
	assert(ops->journey_forget);
	assert(ops->transfers_erase);
	assert(ops->days_erase);
	assert(ops->doomed_destroy);
	assert(ops->step_save);
	assert(ops->steps_list);
	assert(ops->ledger_back);
	assert(ops->ledger_save);
	assert(ops->ledger_end);
	assert(ops->ledger_link);
	assert(ops->ledger_verify);
	assert(ops->head_save);
	assert(ops->head_last);
	assert(ops->heads_list);
	assert(ops->home_save);
	assert(ops->home_remove);
	assert(ops->homes_of);
	assert(ops->transfer_load);
	assert(ops->transfer_save);
	assert(ops->rider_save);
	assert(ops->riders_of);
	assert(ops->flight_load);
	assert(ops->flight_save);
}

static void check_aliases(const struct store_ops *ops)
{
	assert(ops->place_save);
	assert(ops->place_at);
	assert(ops->places_recheck);
	assert(ops->alias_save);
	assert(ops->alias_remove);
	assert(ops->alias_load);
	assert(ops->aliases_of);
	assert(ops->aliases_under);
}

static void check_alerts(const struct store_ops *ops)
{
	assert(ops->alert_find);
	assert(ops->alert_load);
	assert(ops->alert_save);
	assert(ops->alerts_due);
	assert(ops->alerts_list);
	assert(ops->member_save);
	assert(ops->member_remove);
	assert(ops->alerts_about);
	assert(ops->members_of);
}

static void check_scoped(const struct store_ops *ops)
{
	assert(ops->journey_see);
	assert(ops->transfer_see);
	assert(ops->riders_see);
	assert(ops->flight_see);
	assert(ops->passengers_see);
	assert(ops->alert_see);
	assert(ops->alerts_see);
	assert(ops->members_see);
	assert(ops->silence_see);
	assert(ops->silences_see);
	assert(ops->alias_see);
	assert(ops->aliases_see);
}

static void check_notices(const struct store_ops *ops)
{
	assert(ops->notice_save);
	assert(ops->notices_supersede);
	assert(ops->notices_ready);
	assert(ops->notices_next);
	assert(ops->notice_merge);
	assert(ops->notices_merged);
	assert(ops->notices_merged_expire);
	assert(ops->notice_result);
	assert(ops->notices_waiting);
	assert(ops->notices_backlog);
	assert(ops->notices_list);
	assert(ops->notice_load);
	assert(ops->letters_list);
	assert(ops->notices_of_digest);
	assert(ops->notices_redrive);
	assert(ops->notice_rings);
	assert(ops->undelivered_next);
	assert(ops->undelivered_list);
	assert(ops->notices_handed_on);
	assert(ops->notices_of);
	assert(ops->endpoint_save);
	assert(ops->endpoint_health);
	assert(ops->endpoints_list);
}

void store_check_ops(const struct store_ops *ops)
{
	assert(ops);
	assert(ops->begin);
	assert(ops->commit);
	assert(ops->rollback);
	assert(ops->close);
	check_facts(ops);
	check_journeys(ops);
	check_aliases(ops);
	check_alerts(ops);
	check_scoped(ops);
	check_notices(ops);
	assert(ops->token_save);
	assert(ops->token_find);
	assert(ops->token_revoke);
	assert(ops->tokens_list);
	assert(ops->latest);
	assert(ops->clock_set);
	assert(ops->next_due);
	assert(ops->census);
	assert(ops->violations);
	assert(ops->meta_get);
	assert(ops->meta_set);
}
