/* learning.c — what an assignment teaches, and takes back. Neighbours: alias.h says what a lesson
 * means, placing.c asks for it; the store keeps one row per journey and key.
 *
 * Of one journey only the latest assignment teaches, and it teaches about the address that was
 * stated last before it. Both are joins: places are a set of statements, an assignment is a
 * last-writer-wins register, and which belongs to which is computed from both whenever either
 * comes. So lessons, too, are the same in whatever order facts arrive.
 *
 * Who has an address that a lesson is about becomes due when the lesson changes, and ordinary due
 * work matches her again: a whole estate is no long turn. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/alias.h"
#include "closedloop/log.h"
#include "closedloop/text.h"

/* The rows of one journey, by kind; those it has not are all empty. */
struct lessons {
	struct store_alias rows[MATCH_KEYS];
};

static void take_row(void *context, const void *row)
{
	const struct store_alias *alias = row;

	((struct lessons *)context)->rows[alias->kind] = *alias;
}

static int load(struct engine *engine, const char *journey, struct lessons *out, struct err *err)
{
	for (int kind = 0; kind < MATCH_KEYS; kind++)
		out->rows[kind] = (struct store_alias){.journey = journey,
						       .kind = (enum match_key_kind)kind,
						       .key = "",
						       .code = "",
						       .at = WHEN_UNKNOWN,
						       .fact = "",
						       .by = "",
						       .undone_at = WHEN_UNKNOWN,
						       .undone_by = ""};
	return engine->store->ops->aliases_of(engine->store, journey, &engine->arena, take_row, out,
					      err);
}

static bool holds(const struct store_alias *row)
{
	return *row->key && *row->code && row->at > row->undone_at;
}

/* Whoever has the address of ROW is matched again. */
static int recheck(struct engine *engine, const struct store_alias *row, int64_t now,
		   struct err *err)
{
	if (!*row->key)
		return 0;
	return engine->store->ops->places_recheck(engine->store, row->kind, row->key, now, err);
}

/* AFTER takes the place of BEFORE, a row of the same journey and kind. */
static int replace(struct engine *engine, const struct store_alias *before,
		   const struct store_alias *after, int64_t now, struct err *err)
{
	bool same = holds(before) == holds(after) && text_equal(before->key, after->key) &&
		    text_equal(before->code, after->code);
	int rc = engine->store->ops->alias_save(engine->store, after, err);

	if (rc < 0 || same)
		return rc;
	if (holds(before))
		rc = recheck(engine, before, now, err);
	if (rc == 0 && holds(after))
		rc = recheck(engine, after, now, err);
	return rc;
}

static bool is_later(const struct store_alias *left, const struct store_alias *right)
{
	return left->at != right->at ? left->at > right->at : strcmp(left->fact, right->fact) > 0;
}

/* The rows of JOURNEY are about the address stated last before its assignment. */
static int settle(struct engine *engine, const char *journey, const struct lessons *before,
		  struct lessons *after, int64_t now, struct err *err)
{
	struct store_place place;
	int64_t at = after->rows[0].at;

	if (at == WHEN_UNKNOWN)
		return 0;
	int rc = engine->store->ops->place_at(engine->store, journey, at, &engine->arena, &place,
					      err);
	for (int kind = 0; kind < MATCH_KEYS && rc == 0; kind++) {
		after->rows[kind].key = place.keys[kind];
		rc = replace(engine, &before->rows[kind], &after->rows[kind], now, err);
	}
	return rc;
}

/* An assignment: the same for each key, unless a later one is known. */
static void learn(struct lessons *lessons, const struct fact *fact)
{
	const struct store_alias said = {.code = fact->field[FIELD_ASSIGNED],
					 .at = fact->stamp.at,
					 .fact = fact->stamp.id,
					 .by = fact->by ? fact->by : ""};

	for (int kind = 0; kind < MATCH_KEYS; kind++) {
		struct store_alias *row = &lessons->rows[kind];
		if (!is_later(&said, row))
			continue;
		row->code = said.code;
		row->at = said.at;
		row->fact = said.fact;
		row->by = said.by;
	}
}

/* Keep under what the address of FACT can be learnt: under nothing where the words settle it by
 * themselves. That it was stated is kept all the same, or an assignment of this one would be taken
 * for one of the address before. */
static int note_place(struct engine *engine, const struct fact *fact, const char *journey,
		      bool *noted, struct err *err)
{
	const struct dwelling stated = dwelling_stated(fact->field);
	struct match *match = arena_alloc(&engine->arena, sizeof(*match));
	struct store_place row = {.journey = journey, .at = fact->stamp.at, .fact = fact->stamp.id};

	*noted = false;
	if (!stated.address)
		return 0;
	*noted = true;
	place_words(engine, &stated, match);
	if (*stated.address && alias_may_help(match))
		place_keys(engine, &stated, match, &engine->arena, row.keys);
	return engine->store->ops->place_save(engine->store, &row, err);
}

int learning_follow(struct engine *engine, const struct fact *fact, const char *journey,
		    int64_t now, struct err *err)
{
	bool assigned = fact->field[FIELD_ASSIGNED] && *fact->field[FIELD_ASSIGNED];
	struct lessons before, after;
	bool noted;

	int rc = note_place(engine, fact, journey, &noted, err);
	if (rc < 0 || (!noted && !assigned))
		return rc;
	rc = load(engine, journey, &before, err);
	if (rc < 0)
		return rc;
	after = before;
	if (assigned)
		learn(&after, fact);
	return settle(engine, journey, &before, &after, now, err);
}

int learning_merge(struct engine *engine, const char *into, const char *from, int64_t now,
		   struct err *err)
{
	struct lessons ours, theirs, both;
	int rc = load(engine, into, &ours, err);

	if (rc == 0)
		rc = load(engine, from, &theirs, err);
	both = ours;
	for (int kind = 0; kind < MATCH_KEYS && rc == 0; kind++) {
		const struct store_alias *other = &theirs.rows[kind];
		struct store_alias *row = &both.rows[kind];

		if (is_later(other, row)) {
			row->code = other->code;
			row->at = other->at;
			row->fact = other->fact;
			row->by = other->by;
		}
		if (other->undone_at > row->undone_at) {
			row->undone_at = other->undone_at;
			row->undone_by = other->undone_by;
		}
		if (other->id > 0)
			rc = engine->store->ops->alias_remove(engine->store, from, other->kind,
							      err);
		if (rc == 0 && holds(other))
			rc = recheck(engine, other, now, err);
	}
	return rc < 0 ? rc : settle(engine, into, &ours, &both, now, err);
}

int learning_undo(struct engine *engine, const struct fact *fact, int64_t now,
		  struct fact_result *result, struct err *err)
{
	struct store_alias before, after;
	int64_t seq = 0;

	int rc = engine->store->ops->alias_load(engine->store, fact->alias, &engine->arena, &before,
						err);
	if (rc < 0)
		return rc;
	/* Kept whatever comes of it: told again after the lesson was given anew, it must not take
	 * that one back. */
	rc = step_keep_fact(engine, &(struct step){.fact = fact, .now = now, .seq = &seq},
			    &(struct store_owner){.journey = before.journey}, err);
	if (rc < 0)
		return rc;
	if (before.undone_at >= before.at) {
		text_copy(result->detail, sizeof(result->detail), "already undone");
		return 0;
	}
	after = before;
	/* Of an assignment that bears a later time, it is the one that is known. */
	after.undone_at = fact->stamp.at > before.at ? fact->stamp.at : before.at;
	after.undone_by = fact->by ? fact->by : "";
	log_info("alias.undone", "alias=%lld code=%s", (long long)after.id, after.code);
	return replace(engine, &before, &after, now, err);
}
