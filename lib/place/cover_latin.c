/* cover_latin.c — rule roads as they sound, for doors written in Latin letters.
 *
 * 荣华东道 is found as "ronghuadong" + "dao", or as "ronghuadong" before an English Road. Tones are
 * lost, and a road that no rule knows may sound the same, so what is found so is never clean enough
 * for an exact answer. Neighbours: coverage_build.c lays the names out, latin_road.c reads the
 * door.
 */
#include "cover_latin.h"

#include <string.h>
#include <uchar.h>

#include "closedloop/text.h"

#include "reading.h"

#define READINGS_TRIED 16 /* Of one road's name: 长乐路 has four. */
#define LETTERS_MAX    (COVERAGE_NAME_CAP * 2)

static const char *syllable(const struct gazetteer *gazetteer, uint16_t index)
{
	return gazetteer->syllables + gazetteer->syllable_starts[index];
}

/* A number in a road's name is said digit by digit where it has only one: 中山一路. */
static const char *digit(uint32_t value)
{
	static const char *const words[] = {"ling", "yi", "er", "san", "si", "wu",
					    "liu",  "qi", "ba", "jiu", "shi"};

	return value < ARRAY_LEN(words) ? words[value] : NULL;
}

/* Read NAME[0..LEN), at each letter of several sounds by the digit of CHOICE that belongs to it.
 * Returns how many choices there are; 0 when a letter has no sound. */
static uint32_t read_name(const struct gazetteer *gazetteer, const uint32_t *name, size_t len,
			  uint32_t choice, struct text *out)
{
	uint32_t choices = 1;

	for (size_t i = 0; i < len; i++) {
		if (symbol_is_number(name[i])) {
			const char *word = digit(name[i] - SYMBOL_NUMBER);
			if (!word)
				return 0;
			text_add(out, word);
			continue;
		}
		const struct image_readings *readings = reading_find(gazetteer, name[i]);
		uint32_t count = 0;
		while (readings && count < READINGS_MAX &&
		       readings->syllables[count] != READING_NONE)
			count++;
		if (count == 0)
			return 0;
		text_add(out, syllable(gazetteer, readings->syllables[choice / choices % count]));
		choices = choices * count > READINGS_TRIED ? READINGS_TRIED : choices * count;
	}
	return out->cut ? 0 : choices;
}

/* Let LETTERS stand for PLACE. */
static void add_letters(struct coverage *coverage, const struct text *letters, uint32_t place)
{
	uint32_t symbols[LETTERS_MAX];

	for (size_t i = 0; i < letters->len; i++)
		symbols[i] = (unsigned char)letters->data[i];
	if (letters->len > 0)
		index_add(&coverage->sounds, symbols, letters->len, place);
}

/* Symbols of the road word at the end of NAME. */
static size_t word_len(const uint32_t *name, size_t len)
{
	if (len > 2 && name[len - 2] == U'大' && (name[len - 1] == U'道' || name[len - 1] == U'街'))
		return 2;
	if (len > 2 && name[len - 2] == U'公' && name[len - 1] == U'路')
		return 2;
	return len > 1 ? 1 : 0;
}

void cover_add_sounds(struct coverage *coverage, const struct gazetteer *gazetteer,
		      const uint32_t *name, size_t len, uint32_t place)
{
	char room[LETTERS_MAX];
	uint32_t choices = 1;

	for (uint32_t choice = 0; choice < choices; choice++) {
		struct text letters = TEXT_OVER(room);
		size_t word = word_len(name, len);
		choices = read_name(gazetteer, name, len - word, choice, &letters);
		/* The word's letters follow a mark, so that an English word leaves them open. */
		text_add(&letters, " ");
		if (choices == 0 || read_name(gazetteer, name + len - word, word, 0, &letters) == 0)
			return;
		add_letters(coverage, &letters, place);
	}
}

/* The node below NODE by LETTERS; 0 when there is none. */
static uint32_t walk(const struct index *trie, uint32_t node, const char *letters)
{
	for (; *letters; letters++) {
		node = index_child(trie, node, (unsigned char)*letters);
		if (node == 0)
			return 0;
	}
	return node;
}

/* Note the place of AREA that ends at NODE. */
static void note(const struct coverage *coverage, uint32_t node, uint32_t area,
		 struct cover_spot *spot)
{
	const struct index *trie = &coverage->sounds;

	for (uint32_t i = trie->posts[node]; i < trie->posts[node + 1]; i++) {
		if (coverage->places[trie->postings[i]].area != area)
			continue;
		if (spot->fit == AREA_NO)
			spot->place = trie->postings[i];
		else if (spot->also_len < COVER_ALSO)
			spot->also[spot->also_len++] = trie->postings[i];
		spot->fit = AREA_SETTLED;
	}
}

bool cover_latin_road(const struct coverage *coverage, const struct latin_door *door, uint32_t area,
		      struct cover_spot *spot)
{
	static const char *const words[] = {" lu",    " dao",	 " jie",  " dadao",
					    " dajie", " gonglu", " xiang"};
	const struct index *trie = &coverage->sounds;
	uint32_t node = walk(trie, 0, door->road);

	memset(spot, 0, sizeof(*spot));
	if (node == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (*door->word && strcmp(words[i] + 1, door->word) != 0)
			continue;
		uint32_t end = walk(trie, node, words[i]);
		if (end > 0)
			note(coverage, end, area, spot);
	}
	return spot->fit != AREA_NO;
}
