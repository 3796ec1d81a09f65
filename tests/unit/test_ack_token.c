/* test_ack_token.c — a link is ours to the last character, or it is nothing.
 * Neighbours: lib/wire/ack_token.c; the vector is that of design note "Ack links". */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/channel.h"
#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define EXPIRES INT64_C(1584993900)
#define IN_TIME ((EXPIRES - 60) * WHEN_SECOND)
#define GENUINE "MXxBLTAwMDA0NXxhY2t8dTpkdXR5MXwxNTg0OTkzOTAw.1kHZqIj27wkaVRE-_7rUfw"

static const uint8_t *key(void)
{
	return (const uint8_t *)"closedloopd-ack-key-32-bytes-000";
}

static int begin(void **state)
{
	(void)state;
	return digest_init(NULL);
}

static int read_at(const char *text, int64_t now, struct ack_token *out)
{
	return ack_token_read(key(), ACK_KEY_LEN, text, now, out, NULL);
}

static void the_published_vector_is_made(void **state)
{
	const struct ack_token token = {
		.alert = 45, .action = "ack", .who = "u:duty1", .expires_s = EXPIRES};
	char out[ACK_TOKEN_CAP];

	(void)state;
	assert_int_equal(ack_token_make(key(), ACK_KEY_LEN, &token, out), 0);
	assert_string_equal(out, GENUINE);
	assert_int_equal(strlen(out), 67);
}

static void the_published_vector_is_read(void **state)
{
	struct ack_token token;

	(void)state;
	assert_int_equal(read_at(GENUINE, IN_TIME, &token), 0);
	assert_int_equal(token.alert, 45);
	assert_string_equal(token.action, "ack");
	assert_string_equal(token.who, "u:duty1");
	assert_int_equal(token.expires_s, EXPIRES);
}

static void every_change_of_one_character_is_refused(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= |";
	const char genuine[] = GENUINE;

	(void)state;
	for (size_t at = 0; at < sizeof(genuine) - 1; at++) {
		for (size_t with = 0; with < sizeof(alphabet) - 1; with++) {
			char forged[sizeof(genuine)];
			struct ack_token token;

			memcpy(forged, genuine, sizeof(genuine));
			forged[at] = alphabet[with];
			if (strcmp(forged, genuine) == 0)
				continue;
			assert_int_equal(read_at(forged, IN_TIME, &token), CL_EINVAL);
			assert_int_equal(token.alert, 0);
		}
	}
}

static void every_cut_or_longer_token_is_refused(void **state)
{
	const char genuine[] = GENUINE;
	struct ack_token token;
	char longer[400];

	(void)state;
	for (size_t len = 0; len < sizeof(genuine) - 1; len++) {
		char cut[sizeof(genuine)];

		memcpy(cut, genuine, len);
		cut[len] = '\0';
		assert_int_equal(read_at(cut, IN_TIME, &token), CL_EINVAL);
	}
	assert_int_equal(read_at(GENUINE "A", IN_TIME, &token), CL_EINVAL);
	assert_int_equal(read_at(GENUINE "=", IN_TIME, &token), CL_EINVAL);
	assert_int_equal(read_at("." GENUINE, IN_TIME, &token), CL_EINVAL);
	assert_int_equal(read_at(NULL, IN_TIME, &token), CL_EINVAL);
	memset(longer, 'A', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	longer[200] = '.';
	assert_int_equal(read_at(longer, IN_TIME, &token), CL_EINVAL);
}

static void an_expired_token_says_whom_it_was_for(void **state)
{
	struct ack_token token;

	(void)state;
	assert_int_equal(read_at(GENUINE, EXPIRES * WHEN_SECOND, &token), 0);
	assert_int_equal(read_at(GENUINE, (EXPIRES + 1) * WHEN_SECOND, &token), CL_ECONFLICT);
	assert_int_equal(token.alert, 45);
	assert_string_equal(token.who, "u:duty1");
}

static void another_key_refuses(void **state)
{
	const uint8_t other[ACK_KEY_LEN] = "closedloopd-ack-key-32-bytes-00";
	struct ack_token token;

	(void)state;
	assert_int_equal(ack_token_read(other, sizeof(other), GENUINE, IN_TIME, &token, NULL),
			 CL_EINVAL);
}

static void tokens_of_all_sizes_come_back(void **state)
{
	struct ack_token token = {.alert = 1234567, .action = "ack", .who = "e:", .expires_s = 1};
	struct ack_token back;
	char out[ACK_TOKEN_CAP];

	(void)state;
	for (size_t len = 2; len < sizeof(token.who); len++) {
		assert_int_equal(ack_token_make(key(), ACK_KEY_LEN, &token, out), 0);
		assert_int_equal(read_at(out, 0, &back), 0);
		assert_string_equal(back.who, token.who);
		token.who[len] = len + 1 < sizeof(token.who) ? 'x' : '\0';
	}
}

static void what_cannot_be_read_back_is_not_made(void **state)
{
	static const struct ack_token wrong[] = {
		{.alert = -1, .action = "ack", .who = "u:a", .expires_s = 1},
		{.alert = 1, .action = "", .who = "u:a", .expires_s = 1},
		{.alert = 1, .action = "ack", .who = "", .expires_s = 1},
		{.alert = 1, .action = "a|b", .who = "u:a", .expires_s = 1},
		{.alert = 1, .action = "ack", .who = "u:a|b", .expires_s = 1},
		{.alert = 1, .action = "ack", .who = "u:a", .expires_s = -1},
	};
	char out[ACK_TOKEN_CAP];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_true(ack_token_make(key(), ACK_KEY_LEN, &wrong[i], out) < 0);
		assert_string_equal(out, "");
	}
}

static void alert_numbers_have_one_spelling(void **state)
{
	static const char *const wrong[] = {"",		 "A-",	     "A-45",	       "A-0000045",
					    "a-000045",	 "A-00004x", "A--00045",       "A-+00045",
					    "A-000045 ", "B-000045", "A-9999999999999"};
	char buf[24];

	(void)state;
	assert_string_equal(alert_number(45, buf), "A-000045");
	assert_string_equal(alert_number(12345678, buf), "A-12345678");
	assert_int_equal(alert_of_number("A-000045"), 45);
	assert_int_equal(alert_of_number("A-12345678"), 12345678);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_true(alert_of_number(wrong[i]) < 0);
	assert_true(alert_of_number(NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vector_is_made),
		cmocka_unit_test(the_published_vector_is_read),
		cmocka_unit_test(every_change_of_one_character_is_refused),
		cmocka_unit_test(every_cut_or_longer_token_is_refused),
		cmocka_unit_test(an_expired_token_says_whom_it_was_for),
		cmocka_unit_test(another_key_refuses),
		cmocka_unit_test(tokens_of_all_sizes_come_back),
		cmocka_unit_test(what_cannot_be_read_back_is_not_made),
		cmocka_unit_test(alert_numbers_have_one_spelling),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
