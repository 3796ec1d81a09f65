/* test_digest.c — hashes equal the published ones, and base 64 is read strictly.
 * Neighbours: lib/base/digest.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"

static int begin(void **state)
{
	(void)state;
	return digest_init(NULL);
}

static void hmac_equals_rfc_4231(void **state)
{
	uint8_t mac[DIGEST_HMAC_LEN];
	char hex[2 * DIGEST_HMAC_LEN + 1];
	uint8_t long_key[131];

	(void)state;
	digest_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
	digest_hex(mac, sizeof(mac), hex, sizeof(hex));
	assert_string_equal(hex,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(long_key, 0xaa, sizeof(long_key));
	digest_hmac_sha256(long_key, sizeof(long_key),
			   "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
	digest_hex(mac, sizeof(mac), hex, sizeof(hex));
	assert_string_equal(hex,
			    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void blake2b_equals_rfc_7693(void **state)
{
	uint8_t hash[64];
	char hex[129];

	(void)state;
	digest_blake2b(NULL, 0, "abc", 3, hash, sizeof(hash));
	digest_hex(hash, sizeof(hash), hex, sizeof(hex));
	assert_string_equal(hex,
			    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
			    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

static void a_key_changes_the_hash(void **state)
{
	uint8_t with[16];
	uint8_t without[16];

	(void)state;
	digest_blake2b("0123456789abcdef", 16, "abc", 3, with, sizeof(with));
	digest_blake2b(NULL, 0, "abc", 3, without, sizeof(without));
	assert_false(digest_equal(with, without, sizeof(with)));
	assert_true(digest_equal(with, with, sizeof(with)));
}

static void pieces_hash_like_the_whole(void **state)
{
	struct digest_stream stream;
	uint8_t whole[DIGEST_KEY_LEN];
	uint8_t pieces[DIGEST_KEY_LEN];
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text));
	digest_blake2b(NULL, 0, text, sizeof(text), whole, sizeof(whole));
	digest_stream_begin(&stream, sizeof(pieces));
	for (size_t at = 0; at < sizeof(text); at += 8)
		digest_stream_add(&stream, text + at, 8);
	digest_stream_end(&stream, pieces, sizeof(pieces));
	assert_memory_equal(whole, pieces, sizeof(whole));
}

static void base64_survives_both_ways(void **state)
{
	uint8_t bytes[64];
	uint8_t back[64];
	char text[100];

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		int written;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(i * 37 + len);
		written = digest_base64(bytes, len, text, sizeof(text));
		assert_int_equal(written, strlen(text));
		assert_int_equal(digest_unbase64(text, strlen(text), back, sizeof(back)), len);
		assert_memory_equal(bytes, back, len);
		written = digest_base64_url(bytes, len, text, sizeof(text));
		assert_int_equal(written, strlen(text));
		assert_null(strchr(text, '='));
		assert_int_equal(digest_unbase64_url(text, strlen(text), back, sizeof(back)), len);
		assert_memory_equal(bytes, back, len);
	}
}

static void sloppy_base64_is_refused(void **state)
{
	static const char *const bad[] = {"YQ",	   "YQ=",    "YQ==x",	 "YQ==\n", " YQ==",
					  "Y Q==", "YQ====", "YR==",	 "-_==",   "=",
					  "A",	   "YWJj=",  "YQ==YQ==", "\xE6==="};
	uint8_t out[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(digest_unbase64(bad[i], strlen(bad[i]), out, sizeof(out)),
				 CL_EINVAL);
	assert_int_equal(digest_unbase64_url("YQ==", 4, out, sizeof(out)), CL_EINVAL);
	assert_int_equal(digest_unbase64_url("Y+", 2, out, sizeof(out)), CL_EINVAL);
}

static void too_little_room_is_a_limit(void **state)
{
	char text[5];
	uint8_t out[2];

	(void)state;
	assert_int_equal(digest_base64("abc", 3, text, 4), CL_ELIMIT);
	assert_int_equal(digest_base64("abc", 3, text, 5), 4);
	assert_int_equal(digest_unbase64("YWJj", 4, out, sizeof(out)), CL_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_equals_rfc_4231),
		cmocka_unit_test(blake2b_equals_rfc_7693),
		cmocka_unit_test(a_key_changes_the_hash),
		cmocka_unit_test(pieces_hash_like_the_whole),
		cmocka_unit_test(base64_survives_both_ways),
		cmocka_unit_test(sloppy_base64_is_refused),
		cmocka_unit_test(too_little_room_is_a_limit),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
