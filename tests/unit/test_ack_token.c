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

/* PAYLOAD with the genuine token's signature. */
static int read_swapped(const char *payload)
{
	char token_text[ACK_TOKEN_CAP];
	struct ack_token token;
	int len = digest_base64_url(payload, strlen(payload), token_text, sizeof(token_text));

	assert_true(len > 0);
	assert_true(text_copy(token_text + len, sizeof(token_text) - (size_t)len,
			      strchr(GENUINE, '.')));
	return read_at(token_text, IN_TIME, &token);
}

static void nothing_it_says_can_be_swapped(void **state)
{
	(void)state;
	assert_int_equal(read_swapped("1|A-000045|ack|u:duty1|1584993900"), 0);
	assert_int_equal(read_swapped("1|A-000045|ack|u:duty1|1584993901"), CL_EINVAL);
	assert_int_equal(read_swapped("1|A-000045|list|u:duty1|1584993900"), CL_EINVAL);
	assert_int_equal(read_swapped("1|A-000046|ack|u:duty1|1584993900"), CL_EINVAL);
	assert_int_equal(read_swapped("1|A-000045|ack|u:duty2|1584993900"), CL_EINVAL);
	assert_int_equal(read_swapped("2|A-000045|ack|u:duty1|1584993900"), CL_EINVAL);
}

static void none_holds_longer_than_twelve_hours(void **state)
{
	struct ack_token token = {
		.alert = 45, .action = "ack", .who = "u:duty1", .expires_s = EXPIRES};
	const int64_t earliest = (EXPIRES - 12 * 3600) * WHEN_SECOND;
	char out[ACK_TOKEN_CAP];

	(void)state;
	assert_int_equal(ack_token_make(key(), ACK_KEY_LEN, &token, out), 0);
	assert_int_equal(read_at(out, earliest, &token), 0);
	assert_int_equal(read_at(out, earliest - 1, &token), CL_EINVAL);
	assert_int_equal(token.alert, 0);
	/* What we make ourselves stands a clock that was set back by minutes. */
	assert_true(ACK_TTL + 5 * WHEN_MINUTE < ACK_MOST);
}

static void a_token_may_be_about_a_notice(void **state)
{
	struct ack_token token = {.notice = "ntc_01E48R0V7K8Q3N5T2YJ6ZB4C9D",
				  .action = "list",
				  .who = "e:group",
				  .expires_s = EXPIRES};
	struct ack_token back;
	char out[ACK_TOKEN_CAP];

	(void)state;
	assert_int_equal(ack_token_make(key(), ACK_KEY_LEN, &token, out), 0);
	assert_int_equal(read_at(out, IN_TIME, &back), 0);
	assert_string_equal(back.notice, token.notice);
	assert_string_equal(back.action, "list");
	assert_int_equal(back.alert, 0);
	/* The longest name of an endpoint fits, too. */
	memset(token.who + 2, 'x', sizeof(token.who) - 3);
	assert_int_equal(ack_token_make(key(), ACK_KEY_LEN, &token, out), 0);
	assert_int_equal(read_at(out, IN_TIME, &back), 0);
	assert_string_equal(back.who, token.who);
	token.alert = 45; /* About two things at once it is about neither. */
	assert_true(ack_token_make(key(), ACK_KEY_LEN, &token, out) < 0);
}

/* --- Two keys ------------------------------------------------------------------------------ */

static void what_the_old_key_signed_holds_until_its_end(void **state)
{
	const struct ack_token token = {
		.alert = 45, .action = "ack", .who = "u:duty1", .expires_s = EXPIRES};
	struct ack_ring ring = {.key = "first key, thirty-two bytes long"};
	char before[ACK_TOKEN_CAP], after[ACK_TOKEN_CAP];
	struct ack_token back;

	(void)state;
	assert_int_equal(ack_ring_make(&ring, &token, before), 0);
	ack_ring_turn(&ring, (const uint8_t *)"next key, thirty-two bytes long.", true, IN_TIME);
	assert_int_equal(ack_ring_make(&ring, &token, after), 0);
	assert_string_not_equal(before, after);
	assert_int_equal(ack_ring_read(&ring, before, IN_TIME, &back, NULL), 0);
	assert_int_equal(back.alert, 45);
	assert_int_equal(ack_ring_read(&ring, after, IN_TIME, &back, NULL), 0);
	/* Too late is too late by either key, and said as such. */
	assert_int_equal(ack_ring_read(&ring, before, (EXPIRES + 1) * WHEN_SECOND, &back, NULL),
			 CL_ECONFLICT);
	assert_int_equal(ack_ring_read(&ring, GENUINE, IN_TIME, &back, NULL), CL_EINVAL);
	ack_ring_turn(&ring, (const uint8_t *)"third key, thirty-two bytes long", true, IN_TIME);
	assert_int_equal(ack_ring_read(&ring, before, IN_TIME, &back, NULL), CL_EINVAL);
	assert_int_equal(ack_ring_read(&ring, after, IN_TIME, &back, NULL), 0);
}

static void the_old_key_makes_nothing_that_holds_longer(void **state)
{
	struct ack_ring ring = {.key = "first key, thirty-two bytes long"};
	const struct ack_ring leaked = ring;
	struct ack_token token = {.alert = 45, .action = "ack", .who = "u:duty1"};
	struct ack_token back;
	char made[ACK_TOKEN_CAP];
	int64_t later = IN_TIME + WHEN_HOUR;

	(void)state;
	ack_ring_turn(&ring, (const uint8_t *)"next key, thirty-two bytes long.", true, IN_TIME);
	token.expires_s = (IN_TIME + ACK_MOST) / WHEN_SECOND;
	assert_int_equal(ack_ring_make(&leaked, &token, made), 0);
	assert_int_equal(ack_ring_read(&ring, made, later, &back, NULL), 0);
	token.expires_s++;
	assert_int_equal(ack_ring_make(&leaked, &token, made), 0);
	assert_int_equal(ack_ring_read(&ring, made, later, &back, NULL), CL_EINVAL);
	assert_int_equal(back.alert, 0);
}

static void a_key_that_is_forgotten_reads_nothing(void **state)
{
	const struct ack_token token = {
		.alert = 45, .action = "ack", .who = "u:duty1", .expires_s = EXPIRES};
	static const struct ack_ring nothing;
	struct ack_ring ring = {.key = "first key, thirty-two bytes long"};
	struct ack_token back;
	char made[ACK_TOKEN_CAP], zero[ACK_TOKEN_CAP];

	(void)state;
	assert_int_equal(ack_ring_make(&ring, &token, made), 0);
	assert_int_equal(ack_ring_make(&nothing, &token, zero), 0);
	ack_ring_turn(&ring, (const uint8_t *)"next key, thirty-two bytes long.", false, IN_TIME);
	assert_int_equal(ack_ring_read(&ring, made, IN_TIME, &back, NULL), CL_EINVAL);
	/* Nor do the zeros that stand where it was. */
	assert_int_equal(ack_ring_read(&ring, zero, IN_TIME, &back, NULL), CL_EINVAL);
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
		cmocka_unit_test(nothing_it_says_can_be_swapped),
		cmocka_unit_test(none_holds_longer_than_twelve_hours),
		cmocka_unit_test(a_token_may_be_about_a_notice),
		cmocka_unit_test(what_the_old_key_signed_holds_until_its_end),
		cmocka_unit_test(the_old_key_makes_nothing_that_holds_longer),
		cmocka_unit_test(a_key_that_is_forgotten_reads_nothing),
		cmocka_unit_test(an_expired_token_says_whom_it_was_for),
		cmocka_unit_test(another_key_refuses),
		cmocka_unit_test(tokens_of_all_sizes_come_back),
		cmocka_unit_test(what_cannot_be_read_back_is_not_made),
		cmocka_unit_test(alert_numbers_have_one_spelling),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
