/* latin_key.c — spell numbers and syllables as letters, and look letters up: their names, and whose
 * they are.
 *
 * Neighbours: gazetteer_build_latin.c writes the keys, latin_mention.c and latin_way.c ask for
 * them.
 */
#include "latin_key.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

static const char *const digits[] = {"ling", "yi",  "er", "san", "si",
				     "wu",   "liu", "qi", "ba",	 "jiu"};

static size_t add(char *out, size_t len, const char *word)
{
	for (; *word && len + 1 < LATIN_NUMBER_CAP; word++)
		out[len++] = *word;
	out[len] = '\0';
	return len;
}

size_t latin_spell(uint32_t value, char *out)
{
	static const struct {
		uint32_t unit;
		const char *word;
	} units[] = {{1000, "qian"}, {100, "bai"}, {10, "shi"}, {1, ""}};
	size_t len = 0;
	bool skipped = false;

	assert(value <= LATIN_NUMBER_MAX);
	out[0] = '\0';
	if (value == 0)
		return add(out, 0, digits[0]);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		uint32_t digit = value / units[i].unit % 10;
		if (digit == 0) {
			skipped = len > 0;
			continue;
		}
		if (skipped)
			len = add(out, len, digits[0]);
		skipped = false;
		/* 15 is shiwu, 115 is yibaiyishiwu. */
		if (!(digit == 1 && units[i].unit == 10 && len == 0))
			len = add(out, len, digits[digit]);
		len = add(out, len, units[i].word);
	}
	return len;
}

size_t latin_spell_digits(uint32_t value, char *out)
{
	size_t len = 0;
	uint32_t unit = 1;

	assert(value <= LATIN_NUMBER_MAX);
	while (value / unit >= 10)
		unit *= 10;
	out[0] = '\0';
	for (; unit > 0; unit /= 10)
		len = add(out, len, digits[value / unit % 10]);
	return len;
}

size_t latin_syllable(const char *syllable, char *out)
{
	size_t len = 0;

	for (; len < 7 && syllable[len]; len++)
		out[len] = syllable[len];
	if (len > 1 && out[1] == 'v')
		out[1] = 'u';
	out[len] = '\0';
	return len;
}

size_t latin_entries(const struct gazetteer *gazetteer, uint64_t key, const uint32_t **entries)
{
	uint32_t at = gazetteer->latin_starts[key >> 32];
	uint32_t end = gazetteer->latin_starts[(key >> 32) + 1];
	uint32_t tail = (uint32_t)key;
	size_t count = 0;

	while (at < end && gazetteer->latin_tails[at] < tail)
		at++;
	*entries = gazetteer->latin_nodes + at;
	while (at < end && gazetteer->latin_tails[at] == tail) {
		at++;
		count++;
	}
	return count;
}

static uint32_t first_posting(const struct gazetteer *gazetteer, uint32_t low, uint32_t high,
			      uint32_t posting)
{
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (gazetteer->postings[middle] < posting)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void latin_postings(const struct gazetteer *gazetteer, uint32_t node, enum posting_role role,
		    uint32_t *first, uint32_t *end)
{
	uint32_t low = gazetteer->posts[node], high = gazetteer->posts[node + 1];

	/* Most nodes have one role: look there before searching. */
	*first = *end = high;
	if (low == high || POSTING_ROLE(gazetteer->postings[high - 1]) < role)
		return;
	*first = POSTING_ROLE(gazetteer->postings[low]) < role
			 ? first_posting(gazetteer, low, high, POSTING(role, 0))
			 : low;
	*end = POSTING_ROLE(gazetteer->postings[high - 1]) == role
		       ? high
		       : first_posting(gazetteer, *first, high, POSTING(role + 1, 0));
}
