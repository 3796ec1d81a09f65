/* identity.c — which journey a fact is about: by the source's own reference, then by travel
 * document; made when nobody knows her, merged when two records turn out to be one person (feeds.md
 * §3, person identity). Neighbours: step.c. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

/* A document names the person only with its kind and issuer; a number alone is shared by strangers.
 */
static const char *document_key(struct engine *engine, const struct fact *fact)
{
	const char *number = fact->field[FIELD_DOC_NUMBER];
	const char *issuer = fact->field[FIELD_DOC_ISSUER];
	const char *type = fact->field[FIELD_DOC_TYPE];
	if (!number || !*number || !issuer || !*issuer || !type || !*type)
		return NULL;
	return arena_printf(&engine->arena, "%s|%s|%s", type, issuer, number);
}

/* A person who comes back after her loop has ended begins a new one. */
#define RETURN_AFTER_REF      (30 * WHEN_DAY)
#define RETURN_AFTER_DOCUMENT (2 * WHEN_DAY)

static bool is_new_trip(const struct journey *journey, const struct fact *fact, int64_t after)
{
	/* When she was last heard of in any way: the end itself may be all we know. */
	const int64_t heard[] = {journey->seen_at,
				 journey->first_at,
				 journey->released.stamp.at,
				 journey->closed.stamp.at,
				 journey->withdrawn.stamp.at,
				 journey->field[FIELD_DISPOSITION]
					 ? journey->stamp[FIELD_DISPOSITION].at
					 : WHEN_UNKNOWN};
	int64_t last = WHEN_UNKNOWN;

	if (fact->type != FACT_ANNOUNCED && fact->type != FACT_TRIAGED &&
	    fact->type != FACT_REGISTERED && fact->type != FACT_DEPARTED)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(heard); i++) {
		if (heard[i] > last)
			last = heard[i];
	}
	return stage_ended(journey->stage) && !journey->merged_into &&
	       fact->stamp.at > last + after;
}

int identity_follow(struct engine *engine, const char *id, struct held *out, struct err *err)
{
	for (int hops = 0; hops < 8; hops++) {
		int rc = held_load(engine, id, out, err);
		if (rc < 0 || !out->journey.merged_into)
			return rc;
		id = out->journey.merged_into;
	}
	return err_set(err, CL_ECORRUPT, "journey %s: merged in a circle", id);
}

static void keep_joined(struct journey *journey, const struct joined *joined)
{
	for (size_t i = 0; i < journey->joined_len; i++) {
		const struct joined *ours = &journey->joined[i];
		if (ours->kind == joined->kind && text_equal(ours->subject, joined->subject) &&
		    text_equal(ours->unit, joined->unit))
			return;
	}
	journey->joined[journey->joined_len++] = *joined;
}

static int merge(struct engine *engine, struct held *into, struct held *from,
		 const struct fact *fact, int64_t now, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	struct step none = {.fact = fact, .now = now};
	int rc = 0;

	/* What only a human ends goes over to the survivor; her own plan opens the rest that still
	 * holds. */
	for (size_t i = 0; i < from->journey.joined_len && rc == 0; i++) {
		const struct joined *joined = &from->journey.joined[i];
		if (alert_traits(joined->kind)->sticky &&
		    into->journey.joined_len < JOURNEY_OPEN_MAX)
			keep_joined(&into->journey, joined);
		else
			rc = alarm_leave(engine, joined, from->journey.id, now, err);
	}
	if (rc == 0)
		rc = ops->journey_repoint(engine->store, from->journey.id, into->journey.id, err);
	if (rc == 0)
		rc = learning_merge(engine, into->journey.id, from->journey.id, now, err);
	if (rc < 0)
		return rc;
	journey_merge(&into->journey, &from->journey);
	if (*from->home)
		rc = ops->home_remove(engine->store, from->home, from->journey.id, err);
	for (size_t i = 0; i < into->journey.legs_len && rc == 0; i++) {
		const struct leg *leg = &into->journey.legs[i];
		if (leg->counted >= 0)
			rc = headcount_settle(engine, leg->transfer, leg->stop, fact, now, err);
	}
	if (rc < 0)
		return rc;
	journey_settle(&into->journey, into->policy, engine->conf->zone);
	from->journey.joined_len = from->journey.told_len = 0;
	from->journey.merged_into = into->journey.id;
	journey_settle(&from->journey, from->policy, engine->conf->zone);
	log_info("journey.merged", "journey=%s into=%s", from->journey.id, into->journey.id);
	const char *note = arena_printf(&engine->arena, "same person as %s", into->journey.id);
	struct plan *plan = arena_alloc(&engine->arena, sizeof(*plan));
	plan->next_due = WHEN_NEVER;
	return step_write(engine, from, &none, plan, "journey.merged", note, err);
}

int identity_find(struct engine *engine, const struct fact *fact, const char *ref, int64_t now,
		  struct held *out, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	char by_ref[IDENT_CAP] = "", by_document[IDENT_CAP] = "";
	const char *document = document_key(engine, fact);
	int rc = 0;

	if (fact->journey)
		return identity_follow(engine, fact->journey, out, err);
	if (ref)
		rc = ops->ref_find(engine->store, fact->stamp.source, ref, by_ref, err);
	if (rc == 0 && document)
		rc = ops->document_find(engine->store, document, by_document, err);
	if (rc < 0)
		return rc;

	struct held *other = arena_alloc(&engine->arena, sizeof(*other));
	bool has_ref = *by_ref, has_document = *by_document;
	bool gone = false;
	if (has_ref) {
		rc = identity_follow(engine, by_ref, out, err);
		if (rc < 0 && rc != CL_EGONE)
			return rc;
		has_ref = !is_new_trip(&out->journey, fact, RETURN_AFTER_REF);
		gone = has_ref && rc == CL_EGONE;
		has_ref = has_ref && rc == 0;
	}
	if (has_document) {
		rc = identity_follow(engine, by_document, other, err);
		if (rc < 0 && rc != CL_EGONE)
			return rc;
		has_document = !is_new_trip(&other->journey, fact, RETURN_AFTER_DOCUMENT);
		gone = gone || (has_document && rc == CL_EGONE);
		has_document = has_document && rc == 0;
	}
	/* A late word about somebody who was erased makes no ghost of her. */
	if (gone && !has_ref && !has_document)
		return err_set(err, CL_EGONE,
			       "this is about a journey that was erased: nothing was kept of it");
	if (has_ref && has_document && !text_equal(out->journey.id, other->journey.id))
		return merge(engine, out, other, fact, now, err);
	if (!has_ref && has_document)
		*out = *other;
	else if (!has_ref)
		held_fresh(engine, fact, now, out);
	journey_settle(&out->journey, out->policy, engine->conf->zone);
	return 0;
}

int identity_keep(struct engine *engine, const struct fact *fact, const char *ref,
		  const char *journey, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	const char *document = document_key(engine, fact);
	int rc = 0;
	if (ref)
		rc = ops->ref_save(engine->store, fact->stamp.source, ref, journey, err);
	if (rc == 0 && document)
		rc = ops->document_save(engine->store, document, journey, err);
	return rc;
}
