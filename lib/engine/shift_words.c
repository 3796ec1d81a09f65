/* shift_words.c — what one shift leaves to the next, in words: open alerts with who has taken them,
 * who is on the way, checks nobody made, what is broken. Counts and roles, no personal data of
 * travellers. Neighbours: shift.c begins the handover, words.c makes the notice. */
#include "engine/engine_private.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#define SHIFT_AHEAD   (12 * WHEN_HOUR)
#define ROWS_MAX      1000 /* Looked at per question; a shift with more has other worries. */
#define TAKERS_MAX    3	   /* Named per kind of alert. */
#define ENDPOINTS_MAX 10   /* Named. */
#define WORDS_CAP     1900

struct taken {
	unsigned open, taken;
	const char *by[TAKERS_MAX];
	size_t by_len;
};

struct digest {
	struct engine *engine;
	enum conf_redact redact;
	struct taken kinds[ALERT_KINDS];
	unsigned alerts, on_the_way, unchecked, dead, silences;
	const char *sick[ENDPOINTS_MAX];
	size_t sick_len;
	const char *unit; /* The one asked about just now. */
	int64_t missed[ROWS_MAX];
	size_t missed_len;
};

/* --- Counting --- */

static void note_taker(struct digest *digest, struct taken *taken, const char *by)
{
	taken->taken++;
	if (digest->redact == REDACT_COUNTS)
		return;
	for (size_t i = 0; i < taken->by_len; i++) {
		if (text_equal(taken->by[i], by))
			return;
	}
	if (*by && taken->by_len < TAKERS_MAX)
		taken->by[taken->by_len++] = arena_copy(&digest->engine->arena, by);
}

static void note_alert(void *context, const void *row)
{
	struct digest *digest = context;
	const struct alert *alert = row;

	if (alert_traits(alert->kind)->informative || alert->kind == ALERT_SHIFT_HANDOVER)
		return;
	digest->alerts++;
	digest->kinds[alert->kind].open++;
	if (alert->state == ALERT_ACKED)
		note_taker(digest, &digest->kinds[alert->kind], alert->by);
	if (alert->kind == ALERT_MISSED_CHECK && digest->missed_len < ROWS_MAX)
		digest->missed[digest->missed_len++] = alert->id;
}

static void note_sick(void *context, const void *row)
{
	struct digest *digest = context;
	const struct alert *alert = row;

	if (alert->kind == ALERT_ENDPOINT_SICK && digest->sick_len < ENDPOINTS_MAX)
		digest->sick[digest->sick_len++] =
			arena_copy(&digest->engine->arena, alert->subject);
}

static void note_dead(void *context, const void *row)
{
	struct digest *digest = context;
	const struct notice *notice = row;

	if (text_starts(notice->unit, digest->unit))
		digest->dead++;
}

static void note_member(void *context, const void *row)
{
	(void)row;
	((struct digest *)context)->unchecked++;
}

static void note_journey(void *context, const void *row)
{
	id_collect(context, ((const struct store_journey *)row)->id);
}

/* Of those on a vehicle, the ones that are to be at the gate soon. */
static int count_on_the_way(struct digest *digest, int64_t now, struct err *err)
{
	struct engine *engine = digest->engine;
	struct store_filter filter = {.unit = digest->unit,
				      .stage = STAGE_IN_TRANSFER,
				      .open_only = true,
				      .limit = ROWS_MAX};
	struct id_list list = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));

	int rc = engine->store->ops->journeys_list(engine->store, &filter, &engine->arena,
						   note_journey, &list, err);
	for (size_t i = 0; i < list.len && rc == 0; i++) {
		struct arena kept = scratch_begin(engine);
		rc = held_load(engine, list.ids[i], held, err);
		if (rc == 0 && held->journey.eta_guess < now + SHIFT_AHEAD)
			digest->on_the_way++;
		scratch_end(engine, kept);
	}
	return rc;
}

/* Silences that end in the shift to come, and hide something of the unit, or of all. */
static int count_silences(struct digest *digest, int64_t now, struct err *err)
{
	struct silence_list list;
	int rc = silences_load(digest->engine, now, &list, err);

	for (size_t i = 0; i < list.len && rc == 0; i++) {
		const struct silence *silence = &list.silences[i];
		bool ours = text_starts(silence->unit, digest->unit) ||
			    text_starts(digest->unit, silence->unit);
		digest->silences += ours && silence->ends_at < now + SHIFT_AHEAD;
	}
	return rc;
}

static int count_unit(struct digest *digest, int64_t now, struct err *err)
{
	const struct store *store = digest->engine->store;
	int rc = store->ops->alerts_list(digest->engine->store, digest->unit, true, ROWS_MAX,
					 note_alert, digest, err);

	if (rc == 0)
		rc = count_on_the_way(digest, now, err);
	if (rc == 0)
		rc = count_silences(digest, now, err);
	if (rc == 0)
		rc = store->ops->notices_list(digest->engine->store, NOTICE_DEAD, ROWS_MAX,
					      &digest->engine->arena, note_dead, digest, err);
	return rc;
}

/* Every unit the roster serves, none twice: one inside another is counted with it. */
static int count_all(struct digest *digest, const struct roster *roster, int64_t now,
		     struct err *err)
{
	const struct conf *conf = digest->engine->conf;
	struct engine *engine = digest->engine;
	const char *last = NULL;
	int rc = 0;

	for (size_t i = 0; i < conf->units_len && rc == 0; i++) {
		const struct conf_unit *unit = &conf->units[i];

		/* Sorted by code: a unit stands before all those inside it. */
		if (!text_equal(unit->roster, roster->name) ||
		    (last && text_starts(unit->code, last)))
			continue;
		last = digest->unit = unit->code;
		rc = count_unit(digest, now, err);
	}
	for (size_t i = 0; i < digest->missed_len && rc == 0; i++)
		rc = engine->store->ops->members_of(engine->store, digest->missed[i], note_member,
						    digest, err);
	if (rc == 0)
		rc = engine->store->ops->alerts_list(engine->store, "", true, ROWS_MAX, note_sick,
						     digest, err);
	return rc;
}

/* --- Words --- */

static const char *word_of(const struct phrasebook *book, const char *key)
{
	const char *words = phrase_find(book, key);

	return words ? words : key;
}

static void add_count(const struct phrasebook *book, const char *key, unsigned count,
		      struct text *out)
{
	char number[16];
	struct phrase_arg arg = {"count", number};

	if (count == 0)
		return;
	(void)snprintf(number, sizeof(number), "%u", count);
	phrase_fill(book, key, &arg, 1, out);
}

static void add_list(const struct phrasebook *book, const char *const *items, size_t len,
		     struct text *out)
{
	for (size_t i = 0; i < len; i++) {
		text_add(out, i ? word_of(book, "shift.separator") : "");
		text_add(out, items[i]);
	}
}

/* "发热或有症状2件（1件由duty处理）" */
static void add_kind(const struct phrasebook *book, enum alert_kind kind, const struct taken *taken,
		     struct text *out)
{
	char key[64], count[16], hands[16], room[256];
	struct text takers = TEXT_OVER(room);

	text_clear(&takers);
	(void)snprintf(key, sizeof(key), "alert.%s.title", alert_traits(kind)->word);
	(void)snprintf(count, sizeof(count), "%u", taken->open);
	(void)snprintf(hands, sizeof(hands), "%u", taken->taken);
	add_list(book, taken->by, taken->by_len, &takers);
	struct phrase_arg args[] = {
		{"title", word_of(book, key)}, {"count", count}, {"taken", hands}, {"by", room}};

	if (taken->taken && taken->by_len == 0)
		text_add(&takers, word_of(book, "people.somebody"));
	phrase_fill(book, taken->taken ? "shift.alert_taken" : "shift.alert", args, ARRAY_LEN(args),
		    out);
}

static void add_alerts(const struct phrasebook *book, const struct digest *digest, struct text *out)
{
	const char *between = "";

	if (digest->alerts == 0) {
		text_add(out, word_of(book, "shift.no_alerts"));
		return;
	}
	add_count(book, "shift.alerts", digest->alerts, out);
	/* Gravest first: what is cut off at the end weighs least. */
	for (int gravity = 10; gravity >= 0; gravity--) {
		for (int kind = 0; kind < ALERT_KINDS; kind++) {
			const struct taken *taken = &digest->kinds[kind];

			if (taken->open == 0 ||
			    alert_traits((enum alert_kind)kind)->gravity != gravity)
				continue;
			text_add(out, between);
			add_kind(book, (enum alert_kind)kind, taken, out);
			between = word_of(book, "shift.separator");
		}
	}
	text_add(out, word_of(book, "shift.stop"));
}

static void add_sick(const struct phrasebook *book, const struct digest *digest, struct text *out)
{
	char room[512];
	struct text list = TEXT_OVER(room);
	struct phrase_arg arg = {"list", room};

	if (digest->sick_len == 0)
		return;
	text_clear(&list);
	add_list(book, digest->sick, digest->sick_len, &list);
	phrase_fill(book, "shift.sick", &arg, 1, out);
}

int shift_words(struct engine *engine, const struct alert *alert, const struct phrasebook *book,
		enum conf_redact redact, int64_t now, const char **words, struct err *err)
{
	struct digest *digest = arena_alloc(&engine->arena, sizeof(*digest));
	const struct roster *roster = shift_roster(engine, alert);
	char *room = arena_alloc(&engine->arena, WORDS_CAP);
	char at[2 * WHEN_CAP], day[WHEN_CAP], clock[WHEN_CAP];
	struct text out;

	*words = room;
	text_init(&out, room, WORDS_CAP);
	if (!roster) {
		text_add(&out, alert->subject);
		return 0;
	}
	digest->engine = engine;
	digest->redact = redact;
	int rc = count_all(digest, roster, now, err);
	if (rc < 0)
		return rc;
	(void)snprintf(at, sizeof(at), "%s %s",
		       when_day_text(when_day(roster->zone, alert->eta), day) + 5,
		       when_clock_text(alert->eta, roster->zone, clock));
	struct phrase_arg args[] = {{"roster", roster->name}, {"at", at}};

	phrase_fill(book, "shift.lead", args, ARRAY_LEN(args), &out);
	add_alerts(book, digest, &out);
	add_count(book, "shift.on_the_way", digest->on_the_way, &out);
	add_count(book, "shift.silences", digest->silences, &out);
	add_count(book, "shift.unchecked", digest->unchecked, &out);
	add_sick(book, digest, &out);
	add_count(book, "shift.dead", digest->dead, &out);
	text_add(&out, word_of(book, "shift.ask"));
	return 0;
}
