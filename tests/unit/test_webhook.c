/* test_webhook.c — signatures equal the published vectors, and nothing else verifies.
 * Neighbours: lib/wire/webhook.c; tests/data/inbound_vectors.json. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "closedloop/webhook.h"

#define NEW_SECRET "whsec_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM="
#define OLD_SECRET "whsec_Y2xvc2VkbG9vcGQtb2xkLS1zZWNyZXQtMzItYnl0ZXM="
#define NEW_SIGN   "v1,GA9lpL8/WYbf3mHlRJZ/DKf+KlK2CwFnOCC4Ah3b+WQ="
#define OLD_SIGN   "v1,8ZcR+fJzd6S14XTT9mzV03gMiP8XLVY79afICrK732k="
#define ED_SIGN                                                                                    \
	"v1a,r8GnBmGu6kz0vifMcnWuRgULR0A3ns3RM6nLV2IkUaOwmJk/"                                     \
	"1EFyc7p2diTCTWRe4fM3VNR5tvSJ6Teb8De7DA=="

/* Another message's. */
#define WRONG_SIGN                                                                                 \
	"v1a,AAAABmGu6kz0vifMcnWuRgULR0A3ns3RM6nLV2IkUaOwmJk/"                                     \
	"1EFyc7p2diTCTWRe4fM3VNR5tvSJ6Teb8De7DA=="
#define ED_PRIVATE                                                                                 \
	"whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/"                                    \
	"884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA=="
#define ED_PUBLIC "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

#define A16 "AAAAAAAAAAAAAAAA"
#define A80 A16 A16 A16 A16 A16

static const char event_id[] = "evt_01E48R0V7K8Q3N5T2YJ6ZB4C9D";
static const int64_t event_s = 1584990300;
static const char event_at[] = "1584990300";
static const char event_body[] = "{\"type\":\"traveler.landed\",\"timestamp\":\"2020-03-24T03:05:"
				 "00+08:00\",\"data\":{\"id\":"
				 "\"T-000123\",\"committee\":\"310104008012\",\"name\":\"张三\"}}";

static int begin(void **state)
{
	(void)state;
	return digest_init(NULL);
}

static struct webhook_secret secret_of(const char *text)
{
	struct webhook_secret secret;

	assert_int_equal(webhook_secret_parse(&secret, text, NULL), 0);
	return secret;
}

static int verify(const char *secret_text, const char *signatures, int64_t now_s)
{
	struct webhook_secret secret = secret_of(secret_text);

	return webhook_verify(&secret, event_id, event_at, signatures, event_body,
			      strlen(event_body), now_s, NULL);
}

static cJSON *load(const char *name)
{
	static char bytes[65536];
	const char *dir = getenv("CLOSEDLOOP_TEST_DATA");
	char path[512];
	FILE *file;
	size_t len;
	cJSON *tree;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests/data", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	tree = cJSON_ParseWithLength(bytes, len);
	assert_non_null(tree);
	return tree;
}

static double number_of(const cJSON *object, const char *name, double otherwise)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	return member ? member->valuedouble : otherwise;
}

static const char *string_of(const cJSON *object, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	assert_true(cJSON_IsString(member));
	return member->valuestring;
}

static void every_inbound_vector_is_judged_as_written(void **state)
{
	cJSON *file = load("inbound_vectors.json");
	double now = number_of(file, "now", 0);
	const cJSON *vector;
	int count = 0;

	(void)state;
	assert_int_equal((int)number_of(file, "tolerance_s", 0), WEBHOOK_TOLERANCE_S);
	cJSON_ArrayForEach(vector, cJSON_GetObjectItemCaseSensitive(file, "vectors"))
	{
		struct webhook_secret secret = secret_of(string_of(vector, "secret"));
		const cJSON *valid = cJSON_GetObjectItemCaseSensitive(vector, "valid");
		const char *body = string_of(vector, "payload");
		struct err err = ERR_INIT;
		char timestamp[24];
		int rc;

		snprintf(timestamp, sizeof(timestamp), "%.0f", number_of(vector, "timestamp", 0));
		rc = webhook_verify(&secret, string_of(vector, "id"), timestamp,
				    string_of(vector, "signature"), body, strlen(body),
				    (int64_t)number_of(vector, "now", now), &err);
		if ((rc == 0) != (bool)cJSON_IsTrue(valid))
			fail_msg("%s: %s", string_of(vector, "why"), err.text);
		count++;
	}
	assert_true(count >= 9);
	cJSON_Delete(file);
}

static void our_signatures_equal_other_implementations(void **state)
{
	static const char spec_body[] = "{\"test\": 2432232314}";
	struct webhook_secret secret = secret_of(NEW_SECRET);
	char out[WEBHOOK_SIGNATURE_CAP];

	(void)state;
	assert_int_equal(strlen(event_body), 134);
	assert_int_equal(webhook_sign(&secret, event_id, event_s, event_body, 134, out, NULL), 0);
	assert_string_equal(out, NEW_SIGN);
	secret = secret_of(OLD_SECRET);
	webhook_sign(&secret, event_id, event_s, event_body, 134, out, NULL);
	assert_string_equal(out, OLD_SIGN);
	secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLlSw");
	webhook_sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, spec_body,
		     strlen(spec_body), out, NULL);
	assert_string_equal(out, "v1,qYEQ1j6Ialff1EWt9z98sgoR67BiLZCYiSj9rtiRnGM=");
}

static void either_secret_verifies_during_rotation(void **state)
{
	(void)state;
	assert_int_equal(verify(NEW_SECRET, NEW_SIGN " " OLD_SIGN, event_s), 0);
	assert_int_equal(verify(OLD_SECRET, NEW_SIGN " " OLD_SIGN, event_s), 0);
	assert_int_equal(verify(OLD_SECRET, NEW_SIGN, event_s), CL_EINVAL);
}

static void unknown_versions_are_skipped(void **state)
{
	(void)state;
	assert_int_equal(verify(NEW_SECRET, ED_SIGN " v9,x  junk v1, v1,!!! " NEW_SIGN, event_s),
			 0);
	assert_int_equal(verify(NEW_SECRET, ED_SIGN, event_s), CL_EINVAL);
	assert_int_equal(verify(NEW_SECRET, "", event_s), CL_EINVAL);
	assert_int_equal(verify(NEW_SECRET, "v1", event_s), CL_EINVAL);
	assert_int_equal(verify(NEW_SECRET, NEW_SIGN "x", event_s), CL_EINVAL);
	assert_int_equal(verify(NEW_SECRET,
				"V1,GA9lpL8/WYbf3mHlRJZ/DKf+KlK2CwFnOCC4Ah3b+WQ=", event_s),
			 CL_EINVAL);
	assert_int_equal(verify(NEW_SECRET,
				"GA9lpL8/WYbf3mHlRJZ/DKf+KlK2CwFnOCC4Ah3b+WQ=", event_s),
			 CL_EINVAL);
}

static void ed25519_verifies_with_the_public_half_alone(void **state)
{
	struct webhook_secret public = secret_of(ED_PUBLIC);
	char out[WEBHOOK_SIGNATURE_CAP];
	char room[20 * sizeof(WRONG_SIGN) + sizeof(ED_SIGN)];
	struct text list = TEXT_OVER(room);

	(void)state;
	assert_int_equal(verify(ED_PUBLIC, NEW_SIGN " " ED_SIGN, event_s), 0);
	assert_int_equal(verify(ED_PRIVATE, ED_SIGN, event_s), 0);
	assert_int_equal(verify(ED_PUBLIC, NEW_SIGN, event_s), CL_EINVAL);
	assert_int_equal(verify(ED_PUBLIC, "v1a," ED_SIGN, event_s), CL_EINVAL);
	assert_int_equal(webhook_verify(&public, event_id, event_at, ED_SIGN, event_body,
					strlen(event_body) - 1, event_s, NULL),
			 CL_EINVAL);
	assert_int_equal(webhook_sign(&public, event_id, 1, "", 0, out, NULL), CL_EINVAL);
	/* A list without end costs no time. */
	for (int i = 0; i < 20; i++)
		text_add(&list, WRONG_SIGN " ");
	text_add(&list, ED_SIGN);
	assert_int_equal(verify(ED_PUBLIC, room, event_s), CL_EINVAL);
	assert_int_equal(verify(ED_PUBLIC, strstr(room, ED_SIGN), event_s), 0);
}

static void the_tolerance_is_inclusive(void **state)
{
	(void)state;
	assert_int_equal(verify(NEW_SECRET, NEW_SIGN, event_s + 300), 0);
	assert_int_equal(verify(NEW_SECRET, NEW_SIGN, event_s - 300), 0);
	assert_int_equal(verify(NEW_SECRET, NEW_SIGN, event_s + 301), CL_EINVAL);
	assert_int_equal(verify(NEW_SECRET, NEW_SIGN, event_s - 301), CL_EINVAL);
}

static void refusals_name_the_failing_check(void **state)
{
	static const struct {
		const char *id;
		const char *timestamp;
		const char *signatures;
		const char *says;
	} rows[] = {
		{NULL, event_at, NEW_SIGN, "webhook-id is missing"},
		{event_id, NULL, NEW_SIGN, "webhook-timestamp is missing"},
		{event_id, event_at, NULL, "webhook-signature is missing"},
		{"", event_at, NEW_SIGN, "webhook-id must not"},
		{"evt.1", event_at, NEW_SIGN, "dot"},
		{event_id, "", NEW_SIGN, "not Unix seconds"},
		{event_id, "+1584990300", NEW_SIGN, "not Unix seconds"},
		{event_id, " 1584990300", NEW_SIGN, "not Unix seconds"},
		{event_id, "1584990300.0", NEW_SIGN, "not Unix seconds"},
		{event_id, "9999999999999999999999", NEW_SIGN, "not Unix seconds"},
		{event_id, "1584989999", NEW_SIGN, "old"},
		{event_id, "1584990601", NEW_SIGN, "future"},
		{event_id, "1584990301", NEW_SIGN, "no signature"},
		{"evt_other", event_at, NEW_SIGN, "no signature"},
	};
	struct webhook_secret secret = secret_of(NEW_SECRET);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(webhook_verify(&secret, rows[i].id, rows[i].timestamp,
						rows[i].signatures, event_body, strlen(event_body),
						event_s, &err),
				 CL_EINVAL);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: %s", rows[i].says, err.text);
	}
}

static void secrets_have_a_form_and_a_size(void **state)
{
	static const char *const bad[] = {
		"",
		"whsec_",
		"Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM=",
		"WHSEC_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM=",
		"whsec_Y2xvc2VkbG9vcGQtdGVzdC1zZWNyZXQtMzItYnl0ZXM",   /* No padding. */
		"whsec_Y2xvc2VkbG9vcGQtdGVz dC1zZWNyZXQtMzItYnl0ZXM=", /* A blank inside. */
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",	       /* 23 bytes. */
		("whsec_" A80 "AAAAAAA="),			       /* 65 bytes. */
		"whpk_AAAA",
		("whpk_" A80 "AAAAAA=="),
		"whsk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", /* The public one. */
		/* Halves of two keys. */
		("whsk_" A80 "AAAAAA=="),
	};
	struct webhook_secret secret;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(webhook_secret_parse(&secret, bad[i], &err), CL_EINVAL);
		assert_int_equal(secret.len, 0);
		assert_null(strstr(err.text, "AAA"));
		assert_null(strstr(err.text, "Y2x"));
	}
	assert_int_equal(secret_of("\n whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n").len, 24);
	assert_int_equal(secret_of(NEW_SECRET "\n").len, 32);
	assert_int_equal(secret_of("whsec_" A80 "AAAAAA==").len, 64);
}

static void ids_with_dots_are_never_signed(void **state)
{
	struct webhook_secret secret = secret_of(NEW_SECRET);
	char out[WEBHOOK_SIGNATURE_CAP];

	(void)state;
	assert_int_equal(webhook_sign(&secret, "a.b", 1, "", 0, out, NULL), CL_EINVAL);
	assert_int_equal(webhook_sign(&secret, "", 1, "", 0, out, NULL), CL_EINVAL);
	assert_int_equal(webhook_sign(&secret, "a", -1, "", 0, out, NULL), CL_EINVAL);
	assert_int_equal(webhook_sign(&secret, "a", 1, NULL, 0, out, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_inbound_vector_is_judged_as_written),
		cmocka_unit_test(our_signatures_equal_other_implementations),
		cmocka_unit_test(either_secret_verifies_during_rotation),
		cmocka_unit_test(unknown_versions_are_skipped),
		cmocka_unit_test(ed25519_verifies_with_the_public_half_alone),
		cmocka_unit_test(the_tolerance_is_inclusive),
		cmocka_unit_test(refusals_name_the_failing_check),
		cmocka_unit_test(secrets_have_a_form_and_a_size),
		cmocka_unit_test(ids_with_dots_are_never_signed),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
