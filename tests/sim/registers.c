/* registers.c — the registers of every journey, joined by hand from the answered facts: of each
 * field the statement with the greatest stamp, of each milestone the earliest or latest time. It
 * shares nothing with the program but the order of stamps, so what the program forgets to save, or
 * loses in a merge, is seen here although a replay would forget it too. Neighbours: oracle.c asks
 * at the end; replay.c compares the rest. */
#include "oracle.h"

#include <string.h>

#include "closedloop/text.h"

struct by_hand {
	char id[IDENT_CAP];
	const struct fact *field[FIELDS]; /* who stated it last, NULL: nobody */
	int64_t triaged_at, registered_at, handed_over_at, handed_over_last, accepted_at,
		accepted_last, exposed_at, returned_at, last_check;
	bool released, closed, withdrawn, refused;
};

struct collection {
	struct world *world;
	struct arena arena;
	size_t len, cap;
	struct by_hand *journeys;
};

static struct by_hand *hand_of(struct collection *all, const char *id)
{
	for (size_t i = all->len; i-- > 0;) {
		if (text_equal(all->journeys[i].id, id))
			return &all->journeys[i];
	}
	if (all->len == all->cap) {
		all->cap = all->cap ? 2 * all->cap : 64;
		all->journeys = mem_grow(all->journeys, all->cap * sizeof(*all->journeys));
	}
	struct by_hand *hand = &all->journeys[all->len++];
	*hand = (struct by_hand){.triaged_at = WHEN_NEVER,
				 .registered_at = WHEN_NEVER,
				 .handed_over_at = WHEN_NEVER,
				 .handed_over_last = WHEN_UNKNOWN,
				 .accepted_at = WHEN_NEVER,
				 .accepted_last = WHEN_UNKNOWN,
				 .exposed_at = WHEN_UNKNOWN,
				 .returned_at = WHEN_UNKNOWN,
				 .last_check = WHEN_UNKNOWN};
	text_copy(hand->id, sizeof(hand->id), id);
	return hand;
}

static void earliest(int64_t *at, int64_t other)
{
	*at = other < *at ? other : *at;
}

static void latest(int64_t *at, int64_t other)
{
	*at = other > *at ? other : *at;
}

static void join_by_hand(struct by_hand *hand, const struct fact *fact)
{
	int64_t at = fact->stamp.at;

	for (size_t i = 0; i < FIELDS; i++) {
		if (fact->field[i] &&
		    (!hand->field[i] || stamp_compare(&fact->stamp, &hand->field[i]->stamp) > 0))
			hand->field[i] = fact;
	}
	switch ((int)fact->type) {
	case FACT_TRIAGED:
		earliest(&hand->triaged_at, at);
		break;
	case FACT_REGISTERED:
		earliest(&hand->registered_at, at);
		break;
	case FACT_HANDED_OVER:
		/* To a hospital is not to a home. */
		if (text_equal(fact->to_role, "hospital"))
			break;
		earliest(&hand->handed_over_at, at);
		latest(&hand->handed_over_last, at);
		break;
	case FACT_ACCEPTED:
		earliest(&hand->accepted_at, at);
		latest(&hand->accepted_last, at);
		break;
	case FACT_CHECKED:
		latest(&hand->last_check, at);
		break;
	case FACT_EXPOSED:
		latest(&hand->exposed_at, at);
		break;
	case FACT_RETURNED:
		latest(&hand->returned_at, at);
		break;
	case FACT_RELEASED:
		hand->released = true;
		break;
	case FACT_CLOSED:
		hand->closed = true;
		break;
	case FACT_WITHDRAWN:
		hand->withdrawn = true;
		break;
	case FACT_REFUSED:
		hand->refused = true;
		break;
	default:
		break;
	}
}

/* The journey a fact is about by now, merges followed; "" for a vehicle's or a flight's. */
static void whose(struct collection *all, const struct fact *fact, char id[IDENT_CAP])
{
	struct house *house = &all->world->house;
	struct journey *journey = arena_alloc(&all->arena, sizeof(*journey));
	const struct policy *policy;
	struct err err = ERR_INIT;

	id[0] = '\0';
	if (fact->journey)
		text_copy(id, IDENT_CAP, fact->journey);
	else if (fact->ref)
		(void)house->store->ops->ref_find(house->store, fact->stamp.source, fact->ref, id,
						  &err);
	for (int hops = 0; *id && fact->journey && hops < 8; hops++) {
		if (engine_journey(house->engine, id, &all->arena, journey, &policy, &err) < 0 ||
		    !journey->merged_into)
			break;
		text_copy(id, IDENT_CAP, journey->merged_into);
	}
	arena_clear(&all->arena);
}

static void differs(struct collection *all, const struct by_hand *hand, const char *what)
{
	oracle_fail(all->world, "registers", "journey %s: its facts say another %s than its record",
		    hand->id, what);
}

static void compare_fields(struct collection *all, const struct by_hand *hand,
			   const struct journey *journey)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct fact *fact = hand->field[i];
		/* What the engine makes of an address is its own statement. */
		if (!fact || i == FIELD_MATCHED || i == FIELD_HOME)
			continue;
		if (!text_equal(fact->field[i], journey->field[i]))
			differs(all, hand, field_word((enum field)i));
	}
}

/* An officer's word holds until a later address, whatever else was taught meanwhile. */
static void compare_unit(struct collection *all, const struct by_hand *hand,
			 const struct journey *journey)
{
	const struct fact *assigned = hand->field[FIELD_ASSIGNED];
	const struct fact *address = hand->field[FIELD_ADDRESS];

	if (assigned && (!address || assigned->stamp.at >= address->stamp.at) &&
	    !text_equal(journey->unit, assigned->field[FIELD_ASSIGNED]))
		differs(all, hand, "committee than an officer assigned");
}

/* Whoever is on the way goes by the rules and the lessons of now, not by those of when she came. */
static void compare_match(struct collection *all, const struct by_hand *hand,
			  const struct journey *journey)
{
	const struct dwelling dwelling = dwelling_stated(journey->field);
	const struct matched kept = journey_matched(journey);
	struct match *match = arena_alloc(&all->arena, sizeof(*match));
	struct err err = ERR_INIT;

	if (!dwelling.address || !*dwelling.address || !journey_watched(journey) ||
	    !journey->current)
		return;
	if (engine_match(all->world->house.engine, &dwelling, &all->arena, match, &err) < 0)
		oracle_fail(all->world, "registers", "%s", err.text);
	else if (!text_equal(kept.verdict, match_verdict_word(match->verdict)) ||
		 !text_equal(kept.code, match->code))
		oracle_fail(all->world, "registers",
			    "journey %s is matched as %s %s, and it should be %s %s", hand->id,
			    kept.verdict, kept.code, match_verdict_word(match->verdict),
			    match->code);
}

static void compare_by_hand(struct collection *all, const struct by_hand *hand)
{
	struct journey *journey = arena_alloc(&all->arena, sizeof(*journey));
	const struct policy *policy;
	struct err err = ERR_INIT;

	if (engine_journey(all->world->house.engine, hand->id, &all->arena, journey, &policy,
			   &err) < 0) {
		oracle_fail(all->world, "registers", "%s", err.text);
		return;
	}
	/* What her facts said is gone; audit.c looks at what is left. */
	if (journey->erased_at > 0) {
		arena_clear(&all->arena);
		return;
	}
	const struct {
		const char *what;
		int64_t said, kept;
	} times[] = {
		{"triage", hand->triaged_at, journey->triaged_at},
		{"registration", hand->registered_at, journey->registered_at},
		{"hand-over", hand->handed_over_at, journey->handed_over_at},
		{"last hand-over", hand->handed_over_last, journey->handed_over_last},
		{"acceptance", hand->accepted_at, journey->accepted_at},
		{"last acceptance", hand->accepted_last, journey->accepted_last},
		{"exposure", hand->exposed_at, journey->exposed_at},
		{"return", hand->returned_at, journey->returned_at},
		{"last check", hand->last_check, journey->last_check},
		{"release", hand->released, journey->released.stamp.at != WHEN_UNKNOWN},
		{"closing", hand->closed, journey->closed.stamp.at != WHEN_UNKNOWN},
		{"withdrawal", hand->withdrawn, journey->withdrawn.stamp.at != WHEN_UNKNOWN},
		{"refusal", hand->refused, journey->refused.stamp.at != WHEN_UNKNOWN},
	};
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		if (times[i].said != times[i].kept)
			differs(all, hand, times[i].what);
	}
	compare_fields(all, hand, journey);
	compare_unit(all, hand, journey);
	compare_match(all, hand, journey);
	arena_clear(&all->arena);
}

void registers_compare(struct world *world)
{
	struct collection all = {.world = world, .arena = ARENA_INIT};
	char id[IDENT_CAP];

	for (size_t i = 0; i < world->mails_len; i++) {
		const struct mail *mail = &world->mails[i];
		if (!mail->answered || mail->refused)
			continue;
		whose(&all, mail->fact, id);
		if (*id)
			join_by_hand(hand_of(&all, id), mail->fact);
	}
	for (size_t i = 0; i < all.len && !oracle_broken(world); i++)
		compare_by_hand(&all, &all.journeys[i]);
	mem_free(all.journeys);
	arena_release(&all.arena);
}
