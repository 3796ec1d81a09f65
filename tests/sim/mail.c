/* mail.c — from whoever knows something to the daemon's door: what feeds duplicate, delay, lose and
 * distort, and what a sender does until it has an answer. Neighbours: people.c and officers.c
 * write, oracle.c remembers what was answered. */
#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "oracle.h"
#include "closedloop/feed.h"
#include "closedloop/json.h"
#include "closedloop/text.h"

#define TOGETHER_MAX 64 /* mails of one moment that reach one turn */
#define RETRY_MOST   (30 * WHEN_MINUTE)
#define GRID	     (10 * WHEN_SECOND)

struct fact *mail_fact(struct world *world, enum fact_type type, const char *source, int64_t at)
{
	struct fact *fact = arena_alloc(&world->arena, sizeof(*fact));

	fact->type = type;
	fact->stamp = (struct stamp){.at = at,
				     .rank = fact_rank(type, NULL),
				     .sequence = "",
				     .id = arena_printf(&world->arena, "m%06u",
							(unsigned)++world->numbers),
				     .source = source};
	fact->body = "{}";
	fact->body_len = 2;
	fact->warnings = "";
	fact->feed = "pvg";
	fact->feed_unit = "310112";
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->day = fact->n_off = -1;
	fact->until = WHEN_UNKNOWN;
	return fact;
}

/* What "the same body" means here: made from the same draw. */
static void seal(struct world *world, struct fact *fact)
{
	uint64_t draws[DIGEST_KEY_LEN / sizeof(uint64_t)];

	for (size_t i = 0; i < ARRAY_LEN(draws); i++)
		draws[i] = dice_next(&world->dice.mail);
	memcpy(fact->hash, draws, sizeof(fact->hash));
}

static uint32_t add(struct world *world, struct fact *fact, uint32_t traveller, int64_t at)
{
	if (world->mails_len == world->mails_cap) {
		world->mails_cap = world->mails_cap ? 2 * world->mails_cap : 1024;
		world->mails = mem_grow(world->mails, world->mails_cap * sizeof(*world->mails));
	}
	uint32_t number = (uint32_t)world->mails_len++;
	seal(world, fact);
	world->mails[number] = (struct mail){.fact = fact, .first_at = at, .traveller = traveller};
	agenda_add(&world->agenda, at, HAPPENS_MAIL, number, 0);
	return number;
}

uint32_t mail_hand(struct world *world, struct fact *fact, uint32_t traveller, int64_t at)
{
	return add(world, fact, traveller, at);
}

/* --- Bytes ---------------------------------------------------------------------------------- */

/* A share of what feeds say goes the whole way, as CloudEvents through wire/feed. */
static const char *as_json(struct world *world, const struct fact *fact)
{
	char time[WHEN_CAP], sched[WHEN_CAP];
	const char *data;

	when_text(fact->stamp.at, NULL, time);
	if (fact->type == FACT_CHECKED && fact->ref)
		data = arena_printf(&world->arena,
				    "{\"ref\":\"%s\",\"day\":%d,\"temp_c\":%d.%d,"
				    "\"symptoms\":[\"none\"],\"method\":\"phone\"}",
				    fact->ref, fact->day < 0 ? 1 : fact->day,
				    fact->temp_tenths / 10, fact->temp_tenths % 10);
	else if (fact->type == FACT_TRIAGED && fact->field[FIELD_DISPOSITION])
		data = arena_printf(&world->arena,
				    "{\"ref\":\"%s\",\"sticker\":\"yellow\",\"disposition\":\"%s\","
				    "\"temp_c\":%d.%d,\"symptoms\":[\"none\"],\"station\":\"T2\"}",
				    fact->ref, fact->field[FIELD_DISPOSITION],
				    fact->temp_tenths / 10, fact->temp_tenths % 10);
	else if (fact->type == FACT_ANNOUNCED && fact->field[FIELD_DOC_NUMBER])
		data = arena_printf(
			&world->arena,
			"{\"traveler\":{\"ref\":\"%s\",\"name\":{\"full\":\"%s\"},"
			"\"document\":{\"type\":\"P\",\"number\":\"%s\",\"issuer\":\"KOR\"},"
			"\"nationality\":\"%s\"},\"basis\":\"api\",\"stage\":\"on_board\","
			"\"flight\":{\"carrier\":\"XX\",\"number\":\"%.3s\",\"origin\":\"ICN\","
			"\"arrival\":\"PVG\",\"sched_arr\":\"%s\"}}",
			fact->ref, fact->field[FIELD_NAME], fact->field[FIELD_DOC_NUMBER],
			fact->field[FIELD_NATIONALITY], fact->field[FIELD_FLIGHT] + 2,
			when_text(fact->flight_sched, NULL, sched));
	else
		return NULL;
	return arena_printf(&world->arena,
			    "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\","
			    "\"type\":\"org.closedloopd.%s.v1\",\"time\":\"%s\","
			    "\"datacontenttype\":\"application/json\",\"data\":%s}",
			    fact->stamp.id, fact->stamp.source, fact_type_word(fact->type), time,
			    data);
}

/* The bytes of MAIL become its fact. False: the feed refuses it now. */
static bool read_bytes(struct world *world, struct mail *mail)
{
	struct feed_context context = {.now = world->house.now,
				       .zone = world->house.conf->zone,
				       .event_max = 65536,
				       .events_max = 10,
				       .unit = "310112"};
	struct feed_batch batch;
	struct err err = ERR_INIT;

	if (!mail->json)
		return true;
	if (feed_read_ndjson(mail->json, strlen(mail->json), &context, &world->arena, &batch,
			     &err) != 0 ||
	    batch.len != 1) {
		oracle_fail(world, "mail", "a feed's bytes cannot be read: %s", err.text);
		return false;
	}
	if (batch.events[0].reject == REJECT_TIME_IN_FUTURE)
		return false;
	if (batch.events[0].reject != REJECT_NONE) {
		oracle_fail(world, "mail", "a good event was refused: %s", batch.events[0].detail);
		return false;
	}
	mail->fact = batch.events[0].fact;
	mail->fact->feed = "pvg";
	return true;
}

/* --- What feeds do -------------------------------------------------------------------------- */

/* Something in it is not so. */
static void lie(struct world *world, struct fact *fact)
{
	struct dice *dice = &world->dice.mail;

	switch (dice_roll(dice, 5)) {
	case 0: /* A clock in another zone, or set wrong. */
		fact->stamp.at += dice_span(dice, -48, 8) * WHEN_HOUR;
		break;
	case 1: /* Another committee, or one that does not exist. */
		if (fact->field[FIELD_COMMITTEE])
			fact->field[FIELD_COMMITTEE] =
				dice_roll(dice, 2)
					? people_committee(dice_roll(dice, people_committees()))
					: "999999999999";
		break;
	case 2: /* A slip of the pen in the year of an ETA. */
		for (size_t i = 0; i < fact->stops_len; i++) {
			if (fact->stops[i].eta != WHEN_UNKNOWN)
				fact->stops[i].eta += 365 * WHEN_DAY;
		}
		break;
	case 3: /* Nobody knows where from. */
		fact->field[FIELD_NATIONALITY] = NULL;
		fact->field[FIELD_DOC_NUMBER] = NULL;
		break;
	default:
		if (fact->type == FACT_CHECKED)
			fact->temp_tenths = 300 + (int)dice_roll(dice, 120);
		break;
	}
}

/* The same id once more, with another body. */
static void reuse_id(struct world *world, const struct fact *fact, int64_t at)
{
	struct fact *other = arena_alloc(&world->arena, sizeof(*other));

	*other = *fact;
	other->stamp.at += 1;
	add(world, other, NOBODY, at + dice_wait(&world->dice.mail, WHEN_HOUR));
}

uint32_t mail_send(struct world *world, struct fact *fact, uint32_t traveller, int64_t at)
{
	struct dice *dice = &world->dice.mail;
	int64_t way = dice_span(dice, 1, 20) * WHEN_SECOND;
	/* Every draw is made whatever the mask says: a class of trouble less leaves the rest of the
	 * story as it was. */
	bool drop = dice_chance(dice, 5), lies = dice_chance(dice, 12);
	bool late = dice_chance(dice, 150), very_late = dice_chance(dice, 15);
	bool reuse = dice_chance(dice, 3), bytes = dice_chance(dice, 60);
	int64_t delay = dice_wait(dice, 20 * WHEN_MINUTE), days = dice_wait(dice, WHEN_DAY);

	if (drop && world_has(world, TROUBLE_DROP))
		return NOBODY;
	if (lies && world_has(world, TROUBLE_LIE))
		lie(world, fact);
	if (world_has(world, TROUBLE_DELAY))
		way += very_late ? days : late ? delay : 0;
	at = (at + way) / GRID * GRID;
	uint32_t number = add(world, fact, traveller, at);
	if (bytes)
		world->mails[number].json = as_json(world, fact);
	if (reuse && world_has(world, TROUBLE_LIE))
		reuse_id(world, fact, at);
	return number;
}

/* --- At the door ---------------------------------------------------------------------------- */

/* Nobody answered: the sender tries again. */
static void try_again(struct world *world, uint32_t number)
{
	struct mail *mail = &world->mails[number];
	int64_t wait = 30 * WHEN_SECOND << (mail->tries < 6 ? mail->tries : 6);

	mail->tries++;
	if (wait > RETRY_MOST)
		wait = RETRY_MOST;
	agenda_add(&world->agenda, (world->now + wait) / GRID * GRID + GRID, HAPPENS_MAIL, number,
		   0);
}

static void was_answered(struct world *world, uint32_t number, const struct fact_result *result)
{
	struct mail *mail = &world->mails[number];
	struct dice *dice = &world->dice.mail;
	bool again = dice_chance(dice, 80);
	int64_t wait = dice_wait(dice, 3 * WHEN_HOUR);

	mail->answered = true;
	mail->refused = result->reject != REJECT_NONE || result->code != CL_OK;
	world->counts.facts++;
	world->counts.refused += mail->refused;
	if (*result->journey)
		text_copy(mail->journey, sizeof(mail->journey), result->journey);
	if (*result->journey && mail->traveller != NOBODY)
		text_copy(world->travellers[mail->traveller].journey, IDENT_CAP, result->journey);
	if (!mail->refused && mail->traveller != NOBODY &&
	    (mail->fact->type == FACT_RELEASED || mail->fact->type == FACT_CLOSED))
		world->travellers[mail->traveller].gone = true;
	if (!mail->refused && mail->fact->type == FACT_RELEASED)
		world->counts.releases++;
	if (again && !mail->refused && world_has(world, TROUBLE_DUPLICATE))
		agenda_add(&world->agenda, world->now + wait, HAPPENS_MAIL, number, 1);
}

/* One turn with LEN new mails. */
static void submit(struct world *world, const uint32_t *numbers, size_t len)
{
	struct fact *facts[TOGETHER_MAX];
	size_t kept = 0;
	uint32_t sent[TOGETHER_MAX];

	for (size_t i = 0; i < len; i++) {
		struct mail *mail = &world->mails[numbers[i]];
		if (!read_bytes(world, mail)) {
			try_again(world, numbers[i]);
			continue;
		}
		sent[kept] = numbers[i];
		facts[kept++] = mail->fact;
	}
	if (kept == 0)
		return;
	/* What the engine makes of a place belongs to its turn, not to the sender. */
	for (size_t i = 0; i < kept; i++)
		facts[i]->field[FIELD_MATCHED] = facts[i]->field[FIELD_HOME] = NULL;
	world->counts.submits++;
	house_submit(&world->house, facts, kept);
	int rc = house_turn(&world->house, NULL);
	if (rc < 0) {
		world->counts.io_refusals++;
		for (size_t i = 0; i < kept; i++)
			try_again(world, sent[i]);
		return;
	}
	for (size_t i = 0; i < kept; i++)
		was_answered(world, sent[i], &world->house.results[i]);
	oracle_answered(world, sent, kept);
}

/* Something answered long ago is told once more: nothing may come of it. */
static void repeat(struct world *world, uint32_t number)
{
	struct mail *mail = &world->mails[number];
	struct fact *fact = mail->fact;

	world->counts.duplicates++;
	(void)house_pass(&world->house, world->house.now);
	if (!house_up(&world->house) || vfs_is_dead())
		return;
	oracle_before_repetition(world);
	house_submit(&world->house, &fact, 1);
	if (house_turn(&world->house, NULL) == 0)
		oracle_after_repetition(world, mail, &world->house.results[0]);
}

void mail_deliver(struct world *world, const struct happening *first)
{
	uint32_t fresh[TOGETHER_MAX], again[TOGETHER_MAX];
	size_t fresh_len = 0, again_len = 0;
	struct happening happening = *first;

	for (;;) {
		struct mail *mail = &world->mails[happening.what];
		const struct happening *next = agenda_top(&world->agenda);

		if (!house_up(&world->house))
			try_again(world, happening.what);
		else if (mail->answered)
			again[again_len++] = happening.what;
		else
			fresh[fresh_len++] = happening.what;
		if (!next || next->kind != HAPPENS_MAIL || next->at != first->at ||
		    fresh_len == TOGETHER_MAX || again_len == TOGETHER_MAX)
			break;
		happening = agenda_pop(&world->agenda);
	}
	if (fresh_len)
		submit(world, fresh, fresh_len);
	for (size_t i = 0; i < again_len; i++) {
		if (house_up(&world->house) && !vfs_is_dead())
			repeat(world, again[i]);
	}
}
