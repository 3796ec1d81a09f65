/* channel_words.c — words for people: harmless, weighed, cut.
 * Neighbours: the channels' files have the tongues; the phrase book has the few words that are
 * ours. */
#include "wire/channel_words.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

#define ELLIPSIS       "…"
#define MENTION_AROUND 40 /* More than any channel writes around a name. */

/* --- Weighing --- */

static size_t weight_of(enum measure measure, uint32_t code_point)
{
	size_t bytes = code_point < 0x80      ? 1
		       : code_point < 0x800   ? 2
		       : code_point < 0x10000 ? 3
					      : 4;

	switch (measure) {
	case MEASURE_BYTES:
		break;
	case MEASURE_CHARS:
		return code_point < 0x10000 ? 1 : 2;
	case MEASURE_JSON: /* As channel_set_json prints. */
		if (code_point < 0x80 && code_point && strchr("\"\\\b\f\n\r\t", (int)code_point))
			return 2;
		if (code_point < 0x20 || code_point == 0x2028 || code_point == 0x2029)
			return 6;
		break;
	}
	return bytes;
}

size_t words_measure(enum measure measure, const char *string)
{
	const size_t len = strlen(string);
	size_t weight = 0;

	for (size_t at = 0, used; at < len; at += used)
		weight += weight_of(measure, text_decode(string + at, len - at, &used));
	return weight;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* How many bytes of AT what DISARM finds takes up; 0: it is not there. What is unseen in between
 * does not hide it: once that is dropped, nothing stands in between. */
static size_t found_at(const struct disarm *disarm, const char *at, size_t left)
{
	size_t used = 0, len;

	for (const char *c = disarm->found; *c;) {
		if (used < left && lower(at[used]) == *c) {
			used++;
			c++;
		} else if (used > 0 && used < left &&
			   text_is_unseen(text_decode(at + used, left - used, &len)) &&
			   at[used] != '\n') {
			used += len;
		} else {
			return 0;
		}
	}
	return used;
}

/* What a code point becomes that is on no table. What ends a line is a gap, but for our own line
 * breaks; nobody could see the others. */
static const char *seen(uint32_t code_point, char bytes[5])
{
	if (code_point == '\t' || code_point == 0x2028 || code_point == 0x2029)
		return " ";
	if (code_point != '\n' && text_is_unseen(code_point))
		return "";
	bytes[text_encode(code_point, bytes)] = '\0';
	return bytes;
}

/* The next piece of a text that cannot be parted: a code point, or what is disarmed together. */
struct piece {
	size_t used; /* Bytes of the text. */
	size_t weight;
	const char *becomes;
	char bytes[5];
};

static void take(const struct tongue *tongue, const char *at, size_t left, struct piece *piece)
{
	for (const struct disarm *disarm = tongue->disarms; disarm->found; disarm++) {
		piece->used = found_at(disarm, at, left);
		if (piece->used == 0)
			continue;
		piece->becomes = disarm->becomes;
		piece->weight = words_measure(tongue->measure, disarm->becomes);
		return;
	}
	piece->becomes = seen(text_decode(at, left, &piece->used), piece->bytes);
	piece->weight = words_measure(tongue->measure, piece->becomes);
}

size_t words_weight(const struct tongue *tongue, const char *string)
{
	const size_t len = strlen(string);
	size_t weight = 0;
	struct piece piece;

	for (size_t at = 0; at < len; at += piece.used) {
		take(tongue, string + at, len - at, &piece);
		weight += piece.weight;
	}
	return weight;
}

/* How many bytes of STRING weigh at most ROOM. */
static size_t prefix_within(const struct tongue *tongue, const char *string, size_t room)
{
	const size_t len = strlen(string);
	size_t at = 0, weight = 0;
	struct piece piece;

	for (; at < len; at += piece.used) {
		take(tongue, string + at, len - at, &piece);
		weight += piece.weight;
		if (weight > room)
			break;
	}
	return at;
}

const char *words_harmless(const struct tongue *tongue, struct arena *arena, const char *string)
{
	const size_t len = string ? strlen(string) : 0;
	size_t cap = 1;
	struct piece piece;
	struct text to;

	for (size_t at = 0; at < len; at += piece.used) {
		take(tongue, string + at, len - at, &piece);
		cap += strlen(piece.becomes);
	}
	text_init(&to, arena_alloc(arena, cap), cap);
	for (size_t at = 0; at < len; at += piece.used) {
		take(tongue, string + at, len - at, &piece);
		text_add(&to, piece.becomes);
	}
	assert(!to.cut);
	return to.data;
}

/* --- Cutting. What is cut is the text before it is made harmless, so that no escape is torn --- */

static const char *cut(const struct tongue *tongue, struct arena *arena, const char *string,
		       size_t room)
{
	const size_t mark = words_measure(tongue->measure, ELLIPSIS);
	size_t len;

	if (words_weight(tongue, string) <= room)
		return string;
	if (room < mark)
		return "";
	len = prefix_within(tongue, string, room - mark);
	return arena_printf(arena, "%s" ELLIPSIS, arena_copy_bytes(arena, string, len));
}

static const char *phrase(const struct channel_try *try, const char *key,
			  const struct phrase_arg *args, size_t args_len)
{
	const size_t cap = 2048;
	struct text out;

	if (!try->book)
		return key;
	text_init(&out, arena_alloc(try->arena, cap), cap);
	phrase_fill(try->book, key, args, args_len, &out);
	return out.data;
}

static size_t count_lines(const char *text, size_t len)
{
	size_t lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

/* The first lines of TEXT, and how many there are besides: as many as weigh at most ROOM together.
 * NULL when not even one does. */
static const char *fewer_lines(const struct channel_try *try, const struct tongue *tongue,
			       const char *text, size_t room)
{
	const size_t lines = count_lines(text, strlen(text));
	size_t end = prefix_within(tongue, text, room);

	for (; end > 0; end--) {
		char count[24];
		const struct phrase_arg arg = {"count", count};
		const char *kept;

		if (text[end] != '\n')
			continue;
		(void)snprintf(count, sizeof(count), "%zu", lines - count_lines(text, end));
		kept = arena_printf(try->arena, "%s\n%s", arena_copy_bytes(try->arena, text, end),
				    phrase(try, "notice.more", &arg, 1));
		if (words_weight(tongue, kept) <= room)
			return kept;
	}
	return NULL;
}

const char *words_message(const struct channel_try *try, const struct tongue *tongue,
			  const struct words_frame *frame)
{
	const char *title = frame->title ? frame->title : "";
	const char *text = frame->text ? frame->text : "";
	const bool both = *title && *text;
	const size_t marks = *title ? words_measure(tongue->measure, frame->before) +
					      words_measure(tongue->measure, frame->after)
				    : 0;
	const size_t around = marks + (both ? words_weight(tongue, "\n") : 0);
	const size_t tail = words_measure(tongue->measure, frame->tail);
	const size_t text_weight = words_weight(tongue, text);
	const char *message;
	size_t room;

	assert(frame->max > tail + around);
	room = frame->max - tail - around;
	if (words_weight(tongue, title) + text_weight > room) {
		const char *fewer = NULL;

		/* A title gives way down to one half, so that no text is lost to it. */
		title = cut(tongue, try->arena, title,
			    text_weight < room / 2 ? room - text_weight : room / 2);
		room -= words_weight(tongue, title);
		if (text_weight > room && words_is_list(try->notice))
			fewer = fewer_lines(try, tongue, text, room);
		text = fewer ? fewer : cut(tongue, try->arena, text, room);
	}
	message =
		arena_printf(try->arena, "%s%s%s%s%s", *title ? frame->before : "",
			     words_harmless(tongue, try->arena, title), *title ? frame->after : "",
			     both ? words_harmless(tongue, try->arena, "\n") : "",
			     words_harmless(tongue, try->arena, text));
	return arena_printf(try->arena, "%s%s", message,
			    *message ? frame->tail : frame->tail + strspn(frame->tail, " \n"));
}

const char *words_short(const struct tongue *tongue, struct arena *arena, const char *string,
			size_t max)
{
	return words_harmless(tongue, arena, cut(tongue, arena, string ? string : "", max));
}

/* --- Words that are ours --- */

const char *words_label(const struct channel_try *try, const struct tongue *tongue, const char *key)
{
	/* No measure is heavier than this one. */
	const struct tongue strict = {tongue->disarms, MEASURE_JSON};

	return words_short(&strict, try->arena, phrase(try, key, NULL, 0), WORDS_LABEL_MAX);
}

const char *words_link(const struct channel_try *try, const struct tongue *tongue)
{
	return words_label(try, tongue,
			   words_is_list(try->notice) ? "channel.list" : "channel.link");
}

const char *words_number(const struct channel_try *try)
{
	const struct notice *notice = try->notice;
	char number[24];

	if (notice->alert <= 0)
		return "";
	(void)alert_number(notice->alert, number);
	return notice->attempts > 0
		       ? arena_printf(try->arena, "#%s·%d", number, notice->attempts + 1)
		       : arena_printf(try->arena, "#%s", number);
}

bool words_is_list(const struct notice *notice)
{
	return text_equal(notice->type, "notice.digest");
}

bool words_mentions(const struct channel_try *try)
{
	return try->notice->urgent && try->endpoint->mention_len > 0;
}

size_t words_room(const struct conf_endpoint *endpoint, size_t max)
{
	size_t taken = WORDS_TAIL_MAX;

	for (size_t i = 0; i < endpoint->mention_len; i++)
		taken += 2 * strlen(endpoint->mention[i]) + MENTION_AROUND;
	return max > taken ? max - taken : 0;
}
