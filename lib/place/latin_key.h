/* latin_key.h — a name in Latin letters as a number to look up.
 *
 * Pinyin is written together or apart, with and without apostrophes, so a key is all letters of a
 * name in a row: Xi'an and Xian are one key, and who bears it (西安, 先 …) is for the judge. ü is
 * written ü, v, u and yu; in keys it is u. Numbers are spelled: 375 is sanbaiqishiwu. The builder
 * (gazetteer_build_latin.c) makes the keys of all names and readings, latin_mention.c those of the
 * text.
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_KEY_H
#define CLOSEDLOOP_PLACE_LATIN_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"

#define LATIN_KEY_MAX	 64 /* Letters of the longest key. */
#define LATIN_NUMBER_MAX 9999
#define LATIN_NUMBER_CAP 32 /* Of a spelled number. */

#define LATIN_HASH_BEGIN 0xCBF29CE484222325u

/* The hash of what HASH stands for and one more LETTER: FNV-1a, which grows letter by letter. */
static inline uint64_t latin_hash(uint64_t hash, char letter)
{
	return (hash ^ (unsigned char)letter) * 0x100000001B3u;
}

/* The key as the image keeps it: 48 bits, of which the upper 16 choose the bucket. Among a million
 * keys a stranger is taken for one of them once in 300 million look-ups. */
static inline uint64_t latin_key(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= 0x9E3779B97F4A7C15u;
	return hash >> 16;
}

/* Have the memory for KEY fetched that latin_entries will read: first its bucket, then the keys in
 * it. Most of the time of a look-up is waiting for them. */
static inline void latin_fetch_bucket(const struct gazetteer *gazetteer, uint64_t key)
{
	__builtin_prefetch(&gazetteer->latin_starts[key >> 32]);
}

static inline void latin_fetch_keys(const struct gazetteer *gazetteer, uint64_t key)
{
	__builtin_prefetch(&gazetteer->latin_tails[gazetteer->latin_starts[key >> 32]]);
}

/* Point *ENTRIES at the LATIN_ENTRYs of the names that can be read as KEY; returns their number. */
size_t latin_entries(const struct gazetteer *gazetteer, uint64_t key, const uint32_t **entries);

/* The postings of NODE in ROLE are *FIRST .. *END - 1. */
void latin_postings(const struct gazetteer *gazetteer, uint32_t node, enum posting_role role,
		    uint32_t *first, uint32_t *end);

/* Spell VALUE (0 .. LATIN_NUMBER_MAX) as it is said (sanbaiqishiwu), or digit by digit (sanqiwu).
 * OUT holds LATIN_NUMBER_CAP bytes. Returns the number of letters. */
size_t latin_spell(uint32_t value, char *out);
size_t latin_spell_digits(uint32_t value, char *out);

/* Syllable SYLLABLE of the image as letters of a key: lv becomes lu. OUT holds 8 bytes. */
size_t latin_syllable(const char *syllable, char *out);

#endif
