/* channel_words.h — the words of a message for people: made harmless, weighed as the vendor weighs
 * them, and cut so that the link and the number stay. Private to lib/wire.
 *
 * A tongue is how one channel speaks: what must not come through from a traveller's name (W-9), and
 * the unit of its limit. Words that are ours — link, mentions, marks — never pass through it.
 */
#ifndef WIRE_CHANNEL_WORDS_H
#define WIRE_CHANNEL_WORDS_H

#include "wire/channel_row.h"

enum measure {
	MEASURE_BYTES, /* UTF-8. */
	MEASURE_JSON,  /* Bytes as they stand inside a JSON text: the limit is on the whole body. */
	MEASURE_CHARS, /* UTF-16 units, which is never less than what people call characters. */
};

/* Beside what is on its table no channel lets through what is unseen: with it a name could make a
 * link look like another, or hide one. */
struct disarm {
	const char *found; /* ASCII, letters in either case; NULL ends the table. */
	const char *becomes;
};

struct tongue {
	const struct disarm *disarms;
	enum measure measure;
};

/* What a message carries besides title and text, at most: link, its word, number, marks. */
#define WORDS_LINK_MAX	512 /* In JSON bytes. */
#define WORDS_LABEL_MAX 96
#define WORDS_TAIL_MAX	(WORDS_LINK_MAX + WORDS_LABEL_MAX + 96)

/* STRING, harmless and UTF-8; NULL reads as "". */
const char *words_harmless(const struct tongue *tongue, struct arena *arena, const char *string);
/* What words_harmless of STRING weighs, and STRING as it stands. */
size_t words_weight(const struct tongue *tongue, const char *string);
size_t words_measure(enum measure measure, const char *string);

/* STRING, harmless, and no heavier than MAX. */
const char *words_short(const struct tongue *tongue, struct arena *arena, const char *string,
			size_t max);
/* Phrase KEY for a button or a link: harmless and no heavier than WORDS_LABEL_MAX in any measure.
 */
const char *words_label(const struct channel_try *try, const struct tongue *tongue,
			const char *key);
/* The word for the notice's link: one alert, or the list of a digest. */
const char *words_link(const struct channel_try *try, const struct tongue *tongue);
/* "#A-000045", "#A-000045·2" from the second try on, "" without an alert. */
const char *words_number(const struct channel_try *try);
/* True for a notice whose text is a list, one line each. */
bool words_is_list(const struct notice *notice);

/* Is there somebody to mention in this notice? */
bool words_mentions(const struct channel_try *try);

/* One message: BEFORE TITLE AFTER, a line break, TEXT, TAIL. TAIL is never cut, and weighs less
 * than half of MAX. A message that is all tail does not begin with a line break. */
struct words_frame {
	const char *before, *title, *after, *text, *tail;
	size_t max;
};
const char *words_message(const struct channel_try *try, const struct tongue *tongue,
			  const struct words_frame *frame);

/* What of MAX is left for title and text when everything else is as long as it can be. */
size_t words_room(const struct conf_endpoint *endpoint, size_t max);

#endif
