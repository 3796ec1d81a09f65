/* latin_repair.c — compare what is written, letter by letter, with the names of one street.
 *
 * Neighbours: latin.c asks when nothing fits as it is written.
 */
#include "latin_repair.h"

#include <string.h>

#include "closedloop/text.h"

#include "affix.h"
#include "latin_affix.h"
#include "latin_key.h"
#include "latin_judge.h"
#include "latin_mention.h"
#include "reading.h"

#define CORE_MIN     5	/* Letters; shorter names differ by one letter from too many. */
#define SYLLABLE_MAX 6	/* zhuang */
#define NAME_SYMBOLS 20 /* Characters; longer names are not repaired. */

/* A committee's name as written in the text: letters START .. CORE_END - 1, kind word up to END. */
struct written {
	const char *letters;
	size_t len;
	uint16_t start, end;
};

/* One letter more, less, other or swapped turns LEFT into RIGHT; *AT is where they part. */
static bool is_one_off(const char *left, size_t left_len, const char *right, size_t right_len,
		       size_t *at)
{
	size_t i = 0;

	while (i < left_len && i < right_len && left[i] == right[i])
		i++;
	*at = i;
	if (left_len == right_len + 1)
		return memcmp(left + i + 1, right + i, right_len - i) == 0;
	if (right_len == left_len + 1)
		return memcmp(left + i, right + i + 1, left_len - i) == 0;
	if (left_len != right_len || i == left_len)
		return false;
	if (memcmp(left + i + 1, right + i + 1, left_len - i - 1) == 0)
		return true;
	return i + 1 < left_len && left[i] == right[i + 1] && left[i + 1] == right[i] &&
	       memcmp(left + i + 2, right + i + 2, left_len - i - 2) == 0;
}

/* Is it the kind of mistake that the ear makes: n for ng, l for n, s for sh, z for zh, c for ch, h
 * for f? AT is where WRITTEN and the shorter or equally long NAME part. */
static bool is_heard_alike(const char *written, size_t written_len, const char *name,
			   size_t name_len, size_t at)
{
	static const char *const pairs[] = {"ln", "nl", "hf", "fh", "rl", "lr"};

	if (written_len == name_len) {
		/* 刘庄 and 牛庄 are two villages, named after two families. */
		if (at == 0)
			return false;
		for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
			if (written[at] == pairs[i][0] && name[at] == pairs[i][1])
				return true;
		return false;
	}
	const char *longer = written_len > name_len ? written : name;
	char before = at > 0 ? longer[at - 1] : '\0', extra = longer[at];

	return (extra == 'g' && before == 'n') ||
	       (extra == 'h' && (before == 's' || before == 'z' || before == 'c'));
}

static bool is_syllable(const struct gazetteer *gazetteer, const char *letters, size_t len)
{
	uint32_t low = 0, high = gazetteer->syllables_len;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *syllable = gazetteer->syllables + gazetteer->syllable_starts[middle];
		int order = strncmp(syllable, letters, len);
		if (order == 0 && syllable[len] == '\0')
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Can LETTERS be cut into syllables? If not, they are a slip of the finger. */
static bool is_pinyin(const struct gazetteer *gazetteer, const char *letters, size_t len)
{
	bool reached[LATIN_KEY_MAX + 1] = {true};

	if (len > LATIN_KEY_MAX)
		return true;
	for (size_t at = 0; at < len; at++)
		for (size_t size = 1; reached[at] && size <= SYLLABLE_MAX && at + size <= len;
		     size++)
			if (is_syllable(gazetteer, letters + at, size))
				reached[at + size] = true;
	return reached[len];
}

/* Spell NAME with the character at OTHER (NAME_SYMBOLS: none) in its second reading. Returns the
 * letters of its core; 0 when it cannot be spelled so. */
static size_t spell(const struct gazetteer *gazetteer, const char *name, size_t other, char *out,
		    size_t cap)
{
	size_t len = 0, count = 0, used;
	bool otherwise = other == NAME_SYMBOLS;

	for (; *name; name += used, count++) {
		const struct image_readings *readings =
			reading_find(gazetteer, text_decode(name, strlen(name), &used));
		size_t which = count == other ? 1 : 0;
		if (!readings || count == NAME_SYMBOLS || len + 8 > cap)
			return 0;
		if (readings->syllables[which] == READING_NONE)
			return 0;
		otherwise = otherwise || which == 1;
		len += latin_syllable(
			gazetteer->syllables +
				gazetteer->syllable_starts[readings->syllables[which]],
			out + len);
	}
	if (!otherwise)
		return 0;
	out[len] = '\0';
	for (size_t at = 2; at < len; at++) {
		uint8_t kind;
		size_t word = latin_level_at(LATIN_OF_COMMITTEE, out + at, len - at, &kind);
		if (word > 0 && at + word == len)
			return at;
	}
	return len;
}

static bool is_meant(const struct gazetteer *gazetteer, const struct written *written,
		     const char *name)
{
	char spelled[LATIN_KEY_MAX + 8];
	size_t at;

	for (size_t other = NAME_SYMBOLS + 1; other-- > 0;) {
		size_t len = spell(gazetteer, name, other, spelled, sizeof(spelled));
		if (len == 0 || !is_one_off(written->letters, written->len, spelled, len, &at))
			continue;
		bool doubled = written->len == len + 1 && at > 0 &&
			       written->letters[at] == written->letters[at - 1];
		return doubled ||
		       is_heard_alike(written->letters, written->len, spelled, len, at) ||
		       !is_pinyin(gazetteer, written->letters, written->len);
	}
	return false;
}

/* The committee's name that begins at letter START of TEXT, right after a comma or the like. */
static bool find_written(const struct latin_text *text, size_t start, struct written *out)
{
	for (size_t at = start + CORE_MIN; at < text->letters_len; at++) {
		uint8_t kind;
		if (latin_is_break(text, at))
			return false;
		size_t word = latin_level_at(LATIN_OF_COMMITTEE, text->letters + at, LATIN_KEY_MAX,
					     &kind);
		if (word == 0 || !latin_is_start(text, at + word))
			continue;
		*out = (struct written){
			.letters = text->letters + start,
			.len = at - start,
			.start = (uint16_t)start,
			.end = (uint16_t)(at + word),
		};
		return true;
	}
	return false;
}

bool latin_repair_find(const struct latin_text *text, const struct gazetteer *gazetteer,
		       uint32_t street, struct latin_repair *out)
{
	uint32_t first, end;
	size_t found = 0;

	gazetteer_range(gazetteer, street, &first, &end);
	for (size_t i = 0; i < text->tokens_len; i++) {
		struct written written = {0};
		bool begins = text->tokens[i].hard || text->tokens[i].word == LATIN_NAME;
		if (!begins || text->tokens[i].end == text->tokens[i].start ||
		    (!text->tokens[i].hard && text->tokens[i].glued) ||
		    !find_written(text, text->tokens[i].start, &written))
			continue;
		for (uint32_t committee = first; committee < end; committee++) {
			const char *name = gazetteer->names + gazetteer->committee_names[committee];
			if (!latin_number_fits(text, written.start, written.start + written.len,
					       gazetteer, committee) ||
			    !is_meant(gazetteer, &written, name))
				continue;
			if (found > 0 && out->committee == committee)
				continue;
			found++;
			*out = (struct latin_repair){committee, written.start, written.end};
		}
	}
	return found == 1;
}
