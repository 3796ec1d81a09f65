/* ident.c — identifiers that sort by the time they were made: a prefix and a ULID.
 * Neighbours: none; the daemon brings the randomness, tests a seed. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "closedloop/ident.h"

#define RANDOM_BYTES 10
#define TIME_MASK    ((INT64_C(1) << 48) - 1)

/* Crockford's base 32: no I, L, O, U, so that an id survives being read over the phone. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Write CHARS characters of 5 bits for the low bits of VALUE. */
static void encode(char *to, uint64_t value, size_t chars)
{
	for (size_t i = chars; i > 0; i--) {
		to[i - 1] = alphabet[value & 31];
		value >>= 5;
	}
}

static uint64_t forty_bits(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < 5; i++)
		value = value << 8 | bytes[i];
	return value;
}

void ident_make(char id[IDENT_CAP], const char *prefix, int64_t now, const struct entropy *entropy)
{
	uint8_t random[RANDOM_BYTES];
	size_t len = strlen(prefix);
	char *at;

	assert(len >= 1);
	assert(len <= 4);
	assert(entropy);
	if (now < 0)
		now = 0; /* A clock before 1970 is wrong; ids still have to differ. */
	entropy->fill(entropy->context, random, sizeof(random));
	memcpy(id, prefix, len);
	at = id + len;
	*at++ = '_';
	encode(at, (uint64_t)(now & TIME_MASK), 10);
	encode(at + 10, forty_bits(random), 8);
	encode(at + 18, forty_bits(random + 5), 8);
	at[26] = '\0';
}

static uint64_t splitmix64(uint64_t *state)
{
	uint64_t mix = (*state += UINT64_C(0x9E3779B97F4A7C15));

	mix = (mix ^ (mix >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	mix = (mix ^ (mix >> 27)) * UINT64_C(0x94D049BB133111EB);
	return mix ^ (mix >> 31);
}

static void fill_seeded(void *context, void *bytes, size_t len)
{
	uint64_t *state = context;
	uint8_t *to = bytes;
	uint64_t draw = 0;

	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			draw = splitmix64(state);
		to[i] = (uint8_t)(draw >> (i % 8 * 8)); /* Little-endian on every machine. */
	}
}

struct entropy entropy_seeded(uint64_t *state)
{
	return (struct entropy){.fill = fill_seeded, .context = state};
}
