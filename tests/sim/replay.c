/* replay.c — the ledger is the truth: told to an empty house, fact by fact in its order, it gives
 * the same registers. What we did about it (alerts joined, units told, the policy's hash) is not
 * compared: only what facts determine. Neighbour: oracle.c knows which mail a ledger number is. */
#include "oracle.h"

#include <string.h>

#include "closedloop/text.h"
#include "tests/unit/vault.h"

/* Nobody follows a link here. */
static const struct ack_ring links;

struct pair {
	char was[IDENT_CAP], is[IDENT_CAP];
};

struct replay {
	struct vault vault;
	struct world *world;
	struct store *store;
	struct engine *engine;
	struct entropy entropy;
	uint64_t state;
	struct arena arena;
	size_t len, cap;
	struct pair *pairs; /* a journey there and here */
};

static const char *known(const struct replay *replay, const char *was)
{
	for (size_t i = 0; i < replay->len; i++) {
		if (text_equal(replay->pairs[i].was, was))
			return replay->pairs[i].is;
	}
	return NULL;
}

static void learn(struct replay *replay, const char *was, const char *is)
{
	if (!*was || !*is || known(replay, was))
		return;
	if (replay->len == replay->cap) {
		replay->cap = replay->cap ? 2 * replay->cap : 64;
		replay->pairs = mem_grow(replay->pairs, replay->cap * sizeof(*replay->pairs));
	}
	struct pair *pair = &replay->pairs[replay->len++];
	text_copy(pair->was, sizeof(pair->was), was);
	text_copy(pair->is, sizeof(pair->is), is);
}

struct search {
	struct replay *replay;
	char is[IDENT_CAP];
};

static void look_up(void *context, const void *row)
{
	const char *const *pair = row;
	struct search *search = context;
	struct store *here = search->replay->store;
	struct err err = ERR_INIT;

	if (!*search->is)
		(void)here->ops->ref_find(here, pair[0], pair[1], search->is, &err);
}

/* What WAS became there, when it turned out to be one person with another record; NULL when not. */
static const char *survivor(struct replay *replay, const char *was)
{
	struct journey *journey = arena_alloc(&replay->arena, sizeof(*journey));
	const struct policy *policy;
	struct err err = ERR_INIT;

	if (engine_journey(replay->world->house.engine, was, &replay->arena, journey, &policy,
			   &err) < 0)
		return NULL;
	return journey->merged_into;
}

/* The journey that is WAS there, here; NULL when there is none. If the answer that would have named
 * it was lost, a source's reference does, and if that is another record's by now, that record. */
static const char *other(struct replay *replay, const char *was)
{
	struct store *there = replay->world->house.store;
	struct search search = {.replay = replay};
	struct err err = ERR_INIT;

	if (known(replay, was))
		return known(replay, was);
	(void)there->ops->refs_of(there, was, look_up, &search, &err);
	if (!*search.is) {
		const char *into = survivor(replay, was);
		return into ? other(replay, into) : NULL;
	}
	learn(replay, was, search.is);
	return known(replay, was);
}

/* The alert that FACT ended there, here; 0 when it is not open. */
static int64_t same_alert(struct replay *replay, const struct fact *fact)
{
	struct store *there = replay->world->house.store;
	struct alert alert, mine;
	bool found = false;
	struct err err = ERR_INIT;

	if (there->ops->alert_load(there, fact->alert, &alert, &err) < 0)
		return 0;
	const char *subject = other(replay, alert.subject);
	if (!subject)
		subject = alert.subject;
	if (replay->store->ops->alert_find(replay->store, alert.kind, subject, alert.unit, &mine,
					   &found, &err) < 0 ||
	    !found)
		return 0;
	return mine.id;
}

static void tell(struct replay *replay, const struct mail *mail)
{
	struct fact *fact = arena_alloc(&replay->arena, sizeof(*fact));
	struct fact_result result;
	struct err err = ERR_INIT;

	*fact = *mail->fact;
	fact->field[FIELD_MATCHED] = fact->field[FIELD_HOME] = NULL;
	if (fact->journey) {
		fact->journey = other(replay, fact->journey);
		if (!fact->journey)
			return;
	}
	if (fact->type == FACT_ALERT_ACKED || fact->type == FACT_ALIAS_UNDONE)
		return;
	if (fact->type == FACT_ALERT_RESOLVED) {
		fact->alert = same_alert(replay, fact);
		if (!fact->alert)
			return;
	}
	if (engine_submit(replay->engine, &fact, 1, NULL, 0, mail->received_at, &result, &err) <
	    0) {
		oracle_fail(replay->world, "replay", "fact %s: %s", fact->stamp.id, err.text);
		return;
	}
	if (result.code == CL_OK)
		learn(replay, mail->journey, result.journey);
}

/* Only what facts determine. */
static void strip(struct journey *journey)
{
	journey->policy[0] = '\0';
	journey->joined_len = journey->told_len = 0;
	journey->merged_into = NULL;
	/* What rules and lessons make of an address is worked off by time, and only while she is
	 * awaited: no fact says how far that had come when she was not any more. */
	journey->field[FIELD_MATCHED] = NULL;
	journey->stamp[FIELD_MATCHED] = (struct stamp){.at = WHEN_UNKNOWN};
	/* Who shares a home is asked when somebody's days begin, of those whose committee is the
	 * same then: so it follows lessons too. */
	journey->household_at = WHEN_UNKNOWN;
	for (size_t i = 0; i < ALERT_KINDS; i++) {
		journey->resolved_at[i] = WHEN_UNKNOWN;
		journey->resolved_subject[i] = NULL;
	}
}

static bool pack_of(struct replay *replay, struct engine *engine, const char *id,
		    const uint8_t **record, size_t *record_len, const uint8_t **person,
		    size_t *person_len, bool *merged, bool *erased)
{
	struct journey *journey = arena_alloc(&replay->arena, sizeof(*journey));
	const struct policy *policy;
	struct err err = ERR_INIT;

	if (engine_journey(engine, id, &replay->arena, journey, &policy, &err) < 0)
		return false;
	*merged = journey->merged_into != NULL;
	*erased = journey->erased_at > 0;
	strip(journey);
	journey_pack(journey, &replay->arena, record, record_len, person, person_len);
	return true;
}

static void compare(struct replay *replay, const struct pair *pair)
{
	const uint8_t *record[2], *person[2];
	size_t record_len[2], person_len[2];
	bool merged[2], erased[2];

	if (!pack_of(replay, replay->world->house.engine, pair->was, &record[0], &record_len[0],
		     &person[0], &person_len[0], &merged[0], &erased[0]) ||
	    !pack_of(replay, replay->engine, pair->is, &record[1], &record_len[1], &person[1],
		     &person_len[1], &merged[1], &erased[1])) {
		oracle_fail(replay->world, "replay", "journey %s is not there", pair->was);
		return;
	}
	/* What was another record's in the end is compared with that one; of one who was erased
	 * nobody tells what came after. */
	if (merged[0] || erased[0])
		return;
	const char *part = merged[1] ? "the merge" : "the record";
	if (record_len[0] == record_len[1] && memcmp(record[0], record[1], record_len[0]) == 0)
		part = "the person";
	if (merged[1] || record_len[0] != record_len[1] || person_len[0] != person_len[1] ||
	    memcmp(record[0], record[1], record_len[0]) != 0 ||
	    memcmp(person[0], person[1], person_len[0]) != 0)
		oracle_fail(replay->world, "replay",
			    "journey %s is not what its facts make of it: %s differs", pair->was,
			    part);
}

void replay_ledger(struct world *world, const struct mail *(*find)(struct world *, int64_t seq),
		   int64_t last)
{
	struct replay replay = {.world = world, .arena = ARENA_INIT, .state = world->seed};
	struct err err = ERR_INIT;

	replay.entropy = entropy_seeded(&replay.state);
	if (vault_store(&replay.vault, &replay.store, ":memory:", NULL, &err) < 0) {
		oracle_fail(world, "replay", "%s", err.text);
		return;
	}
	struct engine_setup setup = {.store = replay.store,
				     .conf = world->house.conf,
				     .gazetteer = world->house.gazetteer,
				     .ack = &links,
				     .entropy = &replay.entropy};
	replay.engine = engine_new(&setup);
	for (int64_t seq = 1; seq <= last && !oracle_broken(world); seq++) {
		const struct mail *mail = find(world, seq);
		if (!mail) {
			oracle_fail(world, "replay", "nobody sent fact %lld", (long long)seq);
			break;
		}
		tell(&replay, mail);
	}
	for (size_t i = 0; i < replay.len && !oracle_broken(world); i++)
		compare(&replay, &replay.pairs[i]);
	engine_free(replay.engine);
	replay.store->ops->close(replay.store);
	vault_close(&replay.vault);
	mem_free(replay.pairs);
	arena_release(&replay.arena);
}
