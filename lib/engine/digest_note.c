/* digest_note.c — see digest_note.h. Neighbours: words.c wrote the members' titles; the phrases are
 * digest.* of config/phrases. */
#include "engine/digest_note.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/text.h"
#include "engine/engine_private.h"

#define LINE_CAP 600

/* Words that are a list already, and lose their sense as one line. */
static const char *const whole_kinds[] = {"shift_handover", DIGEST_KIND, "test", "ledger"};

bool digest_takes(const struct conf_endpoint *endpoint, const struct notice *notice)
{
	for (size_t i = 0; i < ARRAY_LEN(whole_kinds); i++) {
		if (text_equal(notice->kind, whole_kinds[i]))
			return false;
	}
	return channel_room(endpoint) > 0;
}

/* Phrase KEY of BOOK with ARGS, in ARENA. */
static const char *filled(const struct phrasebook *book, const char *key,
			  const struct phrase_arg *args, size_t len, struct arena *arena)
{
	struct text out;

	text_init(&out, arena_alloc(arena, LINE_CAP), LINE_CAP);
	phrase_fill(book, key, args, len, &out);
	return out.data;
}

/* How many people NOTICE is about; 0: it does not say. */
static int people_of(const struct notice *notice)
{
	static const struct json_limits limits = {.depth_max = 16, .nodes_max = 20000};
	cJSON *data;

	if (!notice->data ||
	    json_parse(&data, notice->data, strlen(notice->data), &limits, NULL) < 0)
		return 0;
	const cJSON *count = json_get(data, "count");
	int people = cJSON_IsNumber(count) && count->valueint > 0 ? count->valueint : 0;

	cJSON_Delete(data);
	return people;
}

/* What is empty leaves no gap between its neighbours. */
static const char *tidy(char *line)
{
	char *to = line;

	for (const char *from = line; *from; from++) {
		if (*from == ' ' && (to == line || to[-1] == ' '))
			continue;
		*to++ = *from == '\n' ? ' ' : *from;
	}
	while (to > line && to[-1] == ' ')
		to--;
	*to = '\0';
	return line;
}

static const char *title_of(const struct digest_world *world, const struct phrasebook *book,
			    const struct notice *notice)
{
	const char *mark = world->drill ? phrase_find(book, "mark.drill") : NULL;

	/* The digest's own title bears the mark. */
	if (mark && text_starts(notice->title, mark))
		return notice->title + strlen(mark);
	return notice->title;
}

/* "A-000045 未登记 上海市青浦区华新镇 3人 17:50" */
static const char *line_of(const struct digest_world *world, const struct phrasebook *book,
			   const struct notice *notice, int64_t now, struct arena *arena)
{
	char number[24] = "", clock[WHEN_CAP], day[WHEN_CAP], unit[256], people[16];
	const struct zone *zone = world->conf->zone;
	int count = people_of(notice);
	const struct phrase_arg one = {"count", people};

	when_clock_text(notice->created_at, zone, clock);
	const char *time = clock;
	if (when_day(zone, notice->created_at) != when_day(zone, now))
		time = arena_printf(arena, "%s %s",
				    when_day_text(when_day(zone, notice->created_at), day) + 5,
				    clock);
	if (notice->alert > 0)
		(void)alert_number(notice->alert, number);
	unit_name(world->conf, world->gazetteer, notice->unit, unit, sizeof(unit));
	(void)snprintf(people, sizeof(people), "%d", count);
	const struct phrase_arg args[] = {
		{"number", number},
		{"title", title_of(world, book, notice)},
		{"unit", unit},
		{"people", count ? filled(book, "digest.people", &one, 1, arena) : ""},
		{"time", time},
	};
	return tidy(arena_copy(arena, filled(book, "digest.line", args, ARRAY_LEN(args), arena)));
}

static const char *heading(const struct digest_world *world, const struct phrasebook *book,
			   bool urgent, size_t count, struct arena *arena)
{
	char number[24];
	const struct phrase_arg one = {"count", number};
	const char *mark = world->drill ? phrase_find(book, "mark.drill") : NULL;

	(void)snprintf(number, sizeof(number), "%zu", count);
	return arena_printf(arena, "%s%s", mark ? mark : "",
			    filled(book, urgent ? "digest.urgent" : "digest.normal", &one, 1,
				   arena));
}

static const char *more_words(const struct phrasebook *book, size_t count, struct arena *arena)
{
	char number[24];
	const struct phrase_arg one = {"count", number};

	(void)snprintf(number, sizeof(number), "%zu", count);
	return filled(book, "notice.more", &one, 1, arena);
}

/* What is left for lines under the longest heading. */
static size_t room_for_lines(const struct digest_world *world, const struct conf_endpoint *endpoint,
			     const struct phrasebook *book, struct arena *arena)
{
	size_t room = channel_room(endpoint);
	size_t urgent = channel_weight(endpoint, heading(world, book, true, DIGEST_MAX, arena));
	size_t normal = channel_weight(endpoint, heading(world, book, false, DIGEST_MAX, arena));
	size_t head = (urgent > normal ? urgent : normal) + channel_weight(endpoint, "\n");

	return room > head ? room - head : 0;
}

size_t digest_fits(const struct digest_world *world, const struct conf_endpoint *endpoint,
		   const struct notice *const *notices, size_t len, int64_t now,
		   struct arena *arena)
{
	const struct phrasebook *book = conf_book(world->conf, endpoint->language);
	size_t room = room_for_lines(world, endpoint, book, arena);
	size_t fit = 0;

	for (; fit < len && fit < DIGEST_MAX; fit++) {
		size_t weight =
			channel_weight(endpoint, line_of(world, book, notices[fit], now, arena)) +
			channel_weight(endpoint, "\n");
		if (weight > room)
			break;
		room -= weight;
	}
	return fit;
}

/* Anew every few hours only: a try soon after another says the very same. */
#define LINK_RENEWED (6 * WHEN_HOUR)

static const char *link_of(const struct digest_world *world, const struct conf_endpoint *endpoint,
			   const struct notice *digest, int64_t now, struct arena *arena)
{
	int64_t from = digest->created_at;
	struct ack_token token = {.action = "list"};
	char made[ACK_TOKEN_CAP];

	if (now > from)
		from += (now - from) / LINK_RENEWED * LINK_RENEWED;
	token.expires_s = (from + ACK_TTL) / WHEN_SECOND;
	text_copy(token.notice, sizeof(token.notice), digest->id);
	(void)snprintf(token.who, sizeof(token.who), "e:%s", endpoint->name);
	if (ack_ring_make(world->ack, &token, made) < 0)
		return "";
	return arena_printf(arena, "%s/a/%s", world->conf->public_url, made);
}

void digest_write(const struct digest_world *world, const struct conf_endpoint *endpoint,
		  const struct notice *const *members, size_t len, int64_t now, struct arena *arena,
		  struct notice *digest)
{
	const struct phrasebook *book = conf_book(world->conf, endpoint->language);
	size_t fit = digest_fits(world, endpoint, members, len, now, arena);
	size_t cap = 1;
	struct text text;

	/* What fitted when it was made may not do so under a new phrase book: then something must
	 * give way to the words that say so. */
	if (fit < len && fit > 1)
		fit--;
	for (size_t i = 0; i < fit; i++)
		cap += strlen(line_of(world, book, members[i], now, arena)) + 1;
	cap += LINE_CAP;
	text_init(&text, arena_alloc(arena, cap), cap);
	for (size_t i = 0; i < fit; i++)
		text_addf(&text, "%s%s", i ? "\n" : "",
			  line_of(world, book, members[i], now, arena));
	if (fit < len)
		text_addf(&text, "%s%s", fit ? "\n" : "", more_words(book, len - fit, arena));
	digest->title = heading(world, book, digest->urgent, len, arena);
	digest->text = text.data;
	digest->url = link_of(world, endpoint, digest, now, arena);
}
