/* placing.c — what is made of an address: by what is written, the rules, and what officers taught.
 * Neighbours: lib/place judges the words; learning.c keeps the lessons; step.c asks here with every
 * step, so that a journey is always matched by what holds now.
 *
 * A match is a pure function of the address a journey has, of the image and the coverage rules, and
 * of the lessons in force. None of them is stated with an order, so neither is the match: whatever
 * came first, it ends in the same committee. */
#include "engine/engine_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/alias.h"
#include "closedloop/log.h"
#include "closedloop/text.h"

#define HASH_LEN 16

/* The hash of KEY that only this installation can make: a plain one could be guessed by trying
 * addresses. */
static const char *keyed(struct engine *engine, struct arena *arena, const char *key, size_t len)
{
	uint8_t hash[HASH_LEN];
	char hex[2 * HASH_LEN + 1];

	digest_blake2b(engine->home_key, sizeof(engine->home_key), key, len, hash, sizeof(hash));
	digest_hex(hash, sizeof(hash), hex, sizeof(hex));
	return arena_copy(arena, hex);
}

/* The home an address means. Nothing when it does not go down to a room. */
static const char *home_of(struct engine *engine, const struct match *match, const char *building)
{
	char room[MATCH_ADDRESS_MAX];
	struct text key = TEXT_OVER(room);
	const char *whole = building && *building ? arena_printf(&engine->arena, "%s %s",
								 match->normalized, building)
						  : match->normalized;

	if (!match_home(whole, &key))
		return FIELD_NOTHING;
	return keyed(engine, &engine->arena, key.data, key.len);
}

/* --- The match ----------------------------------------------------------------------------- */

struct dwelling dwelling_stated(const char *const field[FIELDS])
{
	return (struct dwelling){.address = field[FIELD_ADDRESS],
				 .building = field[FIELD_BUILDING],
				 .compound = field[FIELD_COMPOUND],
				 .point = field[FIELD_POINT]};
}

static bool point_of(const char *text, struct geo_point *out)
{
	char *end;

	if (!text || !*text)
		return false;
	long lon = strtol(text, &end, 10);
	long lat = *end == ' ' ? strtol(end, &end, 10) : 0;
	bool whole = *end == '\0';

	*out = (struct geo_point){.lon = (int32_t)lon, .lat = (int32_t)lat};
	return whole;
}

void place_words(struct engine *engine, const struct dwelling *place, struct match *out)
{
	struct geo_point point;
	const struct match_query query = {
		.address = place->address,
		.estate = place->compound && *place->compound ? place->compound : NULL,
		.point = point_of(place->point, &point) ? &point : NULL,
	};

	match_query(engine->matcher, &query, out);
}

void place_keys(struct engine *engine, const struct dwelling *place, const struct match *match,
		struct arena *arena, const char *keys[MATCH_KEYS])
{
	/* The same house with another room is not the same address. */
	const char *whole = arena_printf(arena, "address %s|%s", match->normalized,
					 place->building ? place->building : "");

	keys[MATCH_KEY_ADDRESS] =
		*match->normalized ? keyed(engine, arena, whole, strlen(whole)) : "";
	keys[MATCH_KEY_DOOR] = arena_copy(arena, match->door_key);
	keys[MATCH_KEY_ESTATE] = arena_copy(arena, match->estate_key);
}

struct lesson_walk {
	struct alias_codes *taught;
	const char *scope;
};

static void take_lesson(void *context, const void *row)
{
	const struct lesson_walk *walk = context;
	const struct store_alias *alias = row;

	if (text_starts(alias->code, walk->scope))
		alias_learn(walk->taught, alias->code);
}

int engine_match(struct engine *engine, const struct dwelling *place, struct arena *arena,
		 struct match *out, struct err *err)
{
	return engine_match_see(engine, "", place, arena, out, err);
}

int engine_match_see(struct engine *engine, const char *scope, const struct dwelling *place,
		     struct arena *arena, struct match *out, struct err *err)
{
	const char *keys[MATCH_KEYS];
	struct alias_taught *taught;
	int rc = 0;

	place_words(engine, place, out);
	if (!alias_may_help(out))
		return 0;
	place_keys(engine, place, out, arena, keys);
	taught = arena_alloc(arena, sizeof(*taught));
	for (int kind = 0; kind < MATCH_KEYS && rc == 0; kind++) {
		struct lesson_walk walk = {.taught = &taught->keys[kind], .scope = scope};

		if (*keys[kind])
			rc = engine->store->ops->aliases_under(engine->store,
							       (enum match_key_kind)kind,
							       keys[kind], arena, take_lesson,
							       &walk, err);
	}
	if (rc == 0)
		alias_judge(taught, out);
	return rc;
}

/* --- A fact -------------------------------------------------------------------------------- */

void place_fact(struct engine *engine, struct fact *fact)
{
	const char *committee = fact->field[FIELD_COMMITTEE];

	if (committee && *committee && !gazetteer_has(engine->gazetteer, committee)) {
		log_warn("fact.unknown_committee", "code=%s", committee);
		fact->field[FIELD_COMMITTEE] = FIELD_NOTHING;
	}
	if (!fact->field[FIELD_ADDRESS])
		return;
	fact->field[FIELD_HOME] = FIELD_NOTHING;
	if (!*fact->field[FIELD_ADDRESS])
		return;
	const struct dwelling place = dwelling_stated(fact->field);
	struct match *match = arena_alloc(&engine->arena, sizeof(*match));

	place_words(engine, &place, match);
	fact->field[FIELD_HOME] = home_of(engine, match, fact->field[FIELD_BUILDING]);
}

/* --- A journey ----------------------------------------------------------------------------- */

static const char *fresh_match(struct engine *engine, const struct journey *journey,
			       enum match_verdict *verdict, struct err *err)
{
	const struct dwelling place = dwelling_stated(journey->field);
	struct match *match = arena_alloc(&engine->arena, sizeof(*match));
	struct matched matched;

	*verdict = MATCH_UNMATCHED;
	if (!*place.address)
		return FIELD_NOTHING;
	if (engine_match(engine, &place, &engine->arena, match, err) < 0)
		return NULL;
	matched = (struct matched){.score = match->confidence};
	(void)text_copy(matched.verdict, sizeof(matched.verdict),
			match_verdict_word(match->verdict));
	(void)text_copy(matched.code, sizeof(matched.code), match->code);
	(void)text_copy(matched.why, sizeof(matched.why), match_why_word(match->why));
	*verdict = match->verdict;
	return matched_text(&matched, &engine->arena);
}

int place_follow(struct engine *engine, struct journey *before, const struct journey *after,
		 bool *changed, struct err *err)
{
	const struct stamp *stated = &after->stamp[FIELD_ADDRESS];
	const char *known = before->field[FIELD_MATCHED];
	bool same = known && stamp_compare(stated, &before->stamp[FIELD_MATCHED]) == 0;

	*changed = false;
	/* What has ended stays as it ended. */
	if (!after->field[FIELD_ADDRESS] || (same && stage_ended(after->stage)))
		return 0;
	enum match_verdict verdict;
	const char *matched = fresh_match(engine, after, &verdict, err);
	if (!matched)
		return CL_EIO;
	*changed = !same || strcmp(matched, known) != 0;
	if (*changed)
		engine->counters.matches[verdict]++;
	before->field[FIELD_MATCHED] = matched;
	before->stamp[FIELD_MATCHED] = *stated;
	return 0;
}
