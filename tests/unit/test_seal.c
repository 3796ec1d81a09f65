/* test_seal.c — base/seal: what is sealed opens only with its key, in its place, unaltered. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/seal.h"
#include "closedloop/text.h"

static const uint8_t key[SEAL_KEY_LEN] = {7}, other[SEAL_KEY_LEN] = {8};
static const char secret[] = "KIM MINJI M12345678";

struct sealed {
	uint64_t seed;
	uint8_t bytes[sizeof(secret) + SEAL_OVERHEAD];
	uint8_t opened[sizeof(secret)];
	struct err err;
};

static struct sealed make(void)
{
	struct sealed sealed = {.seed = 3, .err = ERR_INIT};
	struct entropy entropy = entropy_seeded(&sealed.seed);

	assert_int_equal(digest_init(NULL), 0);
	seal_bytes(key, 42, &entropy, "people.record jny_a", secret, sizeof(secret), sealed.bytes);
	return sealed;
}

static int open_at(struct sealed *sealed, const uint8_t *with, const char *where, size_t len)
{
	return seal_open(with, where, sealed->bytes, len, sealed->opened, &sealed->err);
}

static void what_is_sealed_opens_again(void **state)
{
	struct sealed sealed = make();
	int64_t id;

	(void)state;
	assert_int_equal(seal_key_of(sealed.bytes, sizeof(sealed.bytes), &id, NULL), 0);
	assert_int_equal(id, 42);
	assert_int_equal(open_at(&sealed, key, "people.record jny_a", sizeof(sealed.bytes)), 0);
	assert_memory_equal(sealed.opened, secret, sizeof(secret));
}

static void no_byte_of_it_shows(void **state)
{
	struct sealed sealed = make();

	(void)state;
	for (size_t i = 0; i + 4 <= sizeof(sealed.bytes); i++)
		assert_null(memmem(secret, sizeof(secret), sealed.bytes + i, 4));
}

static void another_place_or_key_does_not_open_it(void **state)
{
	struct sealed sealed = make();
	uint8_t nothing[sizeof(secret)] = {0};

	(void)state;
	assert_int_equal(open_at(&sealed, key, "people.record jny_b", sizeof(sealed.bytes)),
			 CL_ECORRUPT);
	assert_memory_equal(sealed.opened, nothing, sizeof(nothing));
	assert_int_equal(open_at(&sealed, other, "people.record jny_a", sizeof(sealed.bytes)),
			 CL_ECORRUPT);
	assert_non_null(strstr(sealed.err.text, "key 42"));
}

static void any_altered_byte_is_noticed(void **state)
{
	struct sealed sealed = make();

	(void)state;
	for (size_t i = 0; i < sizeof(sealed.bytes); i++) {
		sealed.bytes[i] ^= 1;
		assert_int_equal(open_at(&sealed, key, "people.record jny_a", sizeof(sealed.bytes)),
				 CL_ECORRUPT);
		sealed.bytes[i] ^= 1;
	}
	for (size_t len = 0; len < sizeof(sealed.bytes); len++)
		assert_int_equal(open_at(&sealed, key, "people.record jny_a", len), CL_ECORRUPT);
}

static void the_same_is_never_sealed_alike(void **state)
{
	struct sealed sealed = make();
	struct entropy entropy = entropy_seeded(&sealed.seed);
	uint8_t again[sizeof(sealed.bytes)];

	(void)state;
	seal_bytes(key, 42, &entropy, "people.record jny_a", secret, sizeof(secret), again);
	assert_memory_not_equal(again, sealed.bytes, sizeof(again));
}

static void a_blind_value_depends_on_all_it_is_made_of(void **state)
{
	uint8_t first[SEAL_BLIND_LEN], again[SEAL_BLIND_LEN];

	(void)state;
	seal_blind(key, "document", "M123", 4, first);
	seal_blind(key, "document", "M123", 4, again);
	assert_memory_equal(first, again, sizeof(first));
	seal_blind(other, "document", "M123", 4, again);
	assert_memory_not_equal(first, again, sizeof(first));
	seal_blind(key, "door", "M123", 4, again);
	assert_memory_not_equal(first, again, sizeof(first));
	seal_blind(key, "document", "M124", 4, again);
	assert_memory_not_equal(first, again, sizeof(first));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens_again),
		cmocka_unit_test(no_byte_of_it_shows),
		cmocka_unit_test(another_place_or_key_does_not_open_it),
		cmocka_unit_test(any_altered_byte_is_noticed),
		cmocka_unit_test(the_same_is_never_sealed_alike),
		cmocka_unit_test(a_blind_value_depends_on_all_it_is_made_of),
	};

	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
