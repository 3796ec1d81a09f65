/* test_json.c — JSON that would change, hide or flood is refused before cJSON sees it.
 * Neighbours: lib/base/json.c. The damages are those measured with cJSON 1.7.15. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/digest.h"
#include "closedloop/json.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"

static const struct json_limits limits = JSON_LIMITS_EVENT;

static int begin(void **state)
{
	(void)state;
	return digest_init(NULL);
}

static int scan(const char *text, struct err *err)
{
	size_t len = strlen(text);
	char *exact = mem_alloc(len); /* Without a NUL, so that ASan sees a read beyond the end. */
	int rc;

	memcpy(exact, text, len);
	rc = json_scan(exact, len, &limits, err);
	mem_free(exact);
	return rc;
}

static void refused(const char *text, enum cl_error code, const char *part)
{
	struct err err = ERR_INIT;
	int rc = scan(text, &err);

	if (rc != (int)code || !strstr(err.text, part))
		fail_msg("%s: %d %s, wanted %d %s", text, rc, err.text, (int)code, part);
}

static void accepted(const char *text)
{
	struct err err = ERR_INIT;
	cJSON *tree = NULL;

	if (scan(text, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(json_parse(&tree, text, strlen(text), &limits, &err), 0);
	cJSON_Delete(tree);
}

static void good_values_pass_and_parse(void **state)
{
	static const char *const good[] = {
		"0",
		"-0",
		" \t\r\n1 \n",
		"true",
		"null",
		"\"\"",
		"[]",
		"{}",
		"[ ]",
		"{ }",
		"-12.5e-3",
		"1E+2",
		"1e308",
		"1.7976931348623157e308",
		"-1.7976931348623157e+308",
		"0e999999999999",
		"0.0000000001e310",
		"1e-400",
		"9007199254740991",
		"-9007199254740991",
		"[1,[2,{\"a\":[]}],\"x\"]",
		"{\"a\":1,\"A\":2,\"\":3,\"b\":{\"a\":1}}",
		"[{\"a\":1},{\"a\":2}]",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
		"\"张三 😀 \x7f\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		accepted(good[i]);
}

static void each_measured_damage_of_cjson_is_refused(void **state)
{
	(void)state;
	refused("9007199254740993", CL_EINVAL, "byte 0: an integer beyond");
	refused("{\"id\":-9007199254740992}", CL_EINVAL, "byte 6: an integer beyond");
	refused("1e400", CL_EINVAL, "too large");
	refused("\"a\\u0000b\"", CL_EINVAL, "byte 2: \\u0000");
	refused("[1,2]garbage", CL_EINVAL, "byte 5: something after");
	refused("\xEF\xBB\xBF{}", CL_EINVAL, "byte order mark");
	refused("\"a\nb\"", CL_EINVAL, "byte 2: a raw control");
	refused("\"a\xFF\"", CL_EINVAL, "byte 2: not UTF-8");
	refused("{\"a\":1,\"a\":2}", CL_EINVAL, "byte 7: the same key twice");
}

static void numbers_that_become_infinite_are_refused(void **state)
{
	char wide[70];

	(void)state;
	refused("1.7976931348623159e308", CL_EINVAL, "too large");
	refused("-1e309", CL_EINVAL, "too large");
	refused("100e307", CL_EINVAL, "too large");
	refused("0.01e311", CL_EINVAL, "too large");
	refused("1e99999999999999999999", CL_EINVAL, "too large");
	memset(wide, '1', sizeof(wide));
	wide[1] = '.';
	wide[63] = '\0';
	accepted(wide);
	wide[63] = '1';
	wide[64] = '\0';
	refused(wide, CL_EINVAL, "63 characters");
}

static void grammar_is_kept_to_the_letter(void **state)
{
	static const char *const bad[] = {
		"",	      " ",	    "[",	   "{",
		"]",	      "[1",	    "[1,",	   "[1,]",
		"[,1]",	      "[1 2]",	    "{\"a\"}",	   "{\"a\":}",
		"{\"a\":1,}", "{,}",	    "{a:1}",	   "{1:2}",
		"{\"a\" 1}",  "{\"a\":1",   "{\"a\":1]",   "[1}",
		"[1:2]",      "01",	    "-",	   "+1",
		".5",	      "1.",	    "1.e2",	   "1e",
		"1e+",	      "0x10",	    "NaN",	   "Infinity",
		"-Infinity",  "tru",	    "True",	   "nul",
		"truex",      "'a'",	    "\"a",	   "\"\\",
		"\"\\x\"",    "\"\\u12\"",  "\"\\u12g4\"", "\"\\u123",
		"1 2",	      "{}{}",	    "[1]//x",	   "/**/1",
		"\f1",	      "\xC2\xA0[]", "\"\t\"",	   "{\"a\":1,\"b\"",
		"[\"a\",\"b", "--1",	    "1-1",	   "[1,,2]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refused(bad[i], CL_EINVAL, "JSON byte ");
	assert_int_equal(json_scan("1\0", 2, &limits, NULL), CL_EINVAL);
	assert_int_equal(json_scan("\"a\0b\"", 5, &limits, NULL), CL_EINVAL);
}

static void lone_surrogates_are_refused(void **state)
{
	static const char *const bad[] = {"\"\\uD800\"",	"\"\\uDC00\"",
					  "\"\\uD800x\"",	"\"\\uD800\\n\"",
					  "\"\\uD800\\u0041\"", "\"\\uDBFF\\uD800\"",
					  "\"\\uDE00\\uD83D\"", "\"\\uD83D\\uDE0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refused(bad[i], CL_EINVAL, "surrogate");
	refused("\"\xED\xA0\x80\"", CL_EINVAL, "not UTF-8");
	refused("\"\xE6\x97", CL_EINVAL, "not UTF-8");
}

static void one_key_in_two_spellings_is_one_key(void **state)
{
	(void)state;
	refused("{\"a\":1,\"\\u0061\":2}", CL_EINVAL, "byte 7: the same key twice");
	refused("{\"\\u00E9\":1,\"é\":2}", CL_EINVAL, "twice");
	refused("{\"\\ud83d\\ude00\":1,\"😀\":2}", CL_EINVAL, "twice");
	refused("{\"\\/\":1,\"/\":2}", CL_EINVAL, "twice");
	refused("{\"\\n\":1,\"\\u000a\":2}", CL_EINVAL, "twice");
	refused("{\"\":1,\"\":2}", CL_EINVAL, "twice");
	refused("[{\"x\":{\"b\":1,\"c\":[{\"b\":1}],\"b\":2}}]", CL_EINVAL,
		"byte 27: the same key");
	accepted("{\"a\":1,\"\\u0041\":2,\"ab\":3,\"\\\\u0061\":4}");
}

/* An object of COUNT keys; the last repeats key TWIN when that is below COUNT. */
static char *wide_object(struct arena *arena, unsigned count, unsigned twin)
{
	size_t cap = 32 * (size_t)count + 64;
	char *bytes = arena_alloc(arena, cap);
	struct text text;

	text_init(&text, bytes, cap);
	text_add(&text, "{");
	for (unsigned i = 0; i < count; i++) {
		unsigned name = i + 1 == count && twin < count ? twin : i;

		text_addf(&text, "%s\"k%s%u\":%u", i ? "," : "", i % 2 ? "\\u005f" : "_",
			  name * 7919 % 100003, i);
	}
	text_add(&text, "}");
	assert_false(text.cut);
	return bytes;
}

static void a_twin_among_many_keys_is_found(void **state)
{
	struct arena arena = ARENA_INIT;

	(void)state;
	for (unsigned count = 2; count < 1000; count += count / 3 + 1) {
		refused(wide_object(&arena, count, 0), CL_EINVAL, "twice");
		refused(wide_object(&arena, count, count / 2 - (count < 4)), CL_EINVAL, "twice");
		accepted(wide_object(&arena, count, count));
	}
	arena_release(&arena);
}

static void fifty_thousand_keys_are_no_trouble(void **state)
{
	const struct json_limits wide = {.depth_max = 4, .nodes_max = 200000};
	struct arena arena = ARENA_INIT;
	char *bytes = wide_object(&arena, 50000, 50000);

	(void)state;
	assert_int_equal(json_scan(bytes, strlen(bytes), &wide, NULL), 0);
	bytes = wide_object(&arena, 50000, 3);
	assert_int_equal(json_scan(bytes, strlen(bytes), &wide, NULL), CL_EINVAL);
	arena_release(&arena);
}

static void depth_seventeen_is_refused(void **state)
{
	char text[64] = "";
	struct text deep = TEXT_OVER(text);

	(void)state;
	text_clear(&deep);
	for (int i = 0; i < 16; i++)
		text_add(&deep, "[");
	for (int i = 0; i < 16; i++)
		text_add(&deep, "]");
	accepted(text);
	text_clear(&deep);
	for (int i = 0; i < 17; i++)
		text_add(&deep, "[");
	refused(text, CL_ELIMIT, "deeper than 16");
	text_clear(&deep);
	for (int i = 0; i < 9; i++)
		text_add(&deep, i % 2 ? "[" : "{\"a\":");
	assert_int_equal(scan(text, NULL), CL_EINVAL); /* Only unfinished. */
}

static void a_megabyte_of_zeroes_stops_at_the_node_limit(void **state)
{
	size_t len = (size_t)1 << 20;
	char *bytes = mem_alloc(len);
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 1; i < len; i++)
		bytes[i] = i % 2 ? '0' : ',';
	bytes[0] = '[';
	assert_int_equal(json_scan(bytes, len, &limits, &err), CL_ELIMIT);
	assert_string_equal(err.text, "JSON byte 3999: more than 2000 values and keys");
	mem_free(bytes);
}

static void errors_never_quote_the_input(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	scan("{\"E12345678\":1,\"E12345678\":E12345678}", &err);
	assert_null(strstr(err.text, "E12345678"));
	scan("{\"E12345678\":1,\"E12345678\":2}", &err);
	assert_null(strstr(err.text, "E12345678"));
}

static void getters_respect_case_and_kind(void **state)
{
	static const char text[] = "{\"Id\":\"x\",\"id\":\"y\",\"n\":1,\"z\":null}";
	cJSON *tree = NULL;

	(void)state;
	assert_int_equal(json_parse(&tree, text, strlen(text), &limits, NULL), 0);
	assert_string_equal(json_string(tree, "id"), "y");
	assert_string_equal(json_string(tree, "Id"), "x");
	assert_null(json_string(tree, "ID"));
	assert_null(json_string(tree, "n"));
	assert_non_null(json_get(tree, "z"));
	assert_null(json_get(tree, "nothing"));
	assert_null(json_get(json_get(tree, "n"), "x"));
	assert_null(json_get(NULL, "x"));
	cJSON_Delete(tree);
}

static void hash_of(const char *text, uint8_t out[DIGEST_KEY_LEN])
{
	cJSON *tree = NULL;

	assert_int_equal(json_parse(&tree, text, strlen(text), &limits, NULL), 0);
	json_hash(tree, out);
	cJSON_Delete(tree);
}

static bool same_hash(const char *left, const char *right)
{
	uint8_t one[DIGEST_KEY_LEN];
	uint8_t two[DIGEST_KEY_LEN];

	hash_of(left, one);
	hash_of(right, two);
	return memcmp(one, two, sizeof(one)) == 0;
}

static void the_same_body_has_the_same_hash(void **state)
{
	(void)state;
	assert_true(
		same_hash("{\"a\":1,\"b\":[true,null]}", " { \"b\" : [true, null],\"a\":1.0 } "));
	assert_true(same_hash("\"\\u0061\"", "\"a\""));
	assert_true(same_hash("{\"x\":{\"b\":1,\"a\":2},\"é\":3}",
			      "{\"\\u00e9\":3,\"x\":{\"a\":2,\"b\":1}}"));
}

static void another_body_has_another_hash(void **state)
{
	static const char *const bodies[] = {
		"null",
		"true",
		"false",
		"0",
		"1",
		"\"\"",
		"\"1\"",
		"\"true\"",
		"[]",
		"{}",
		"[1]",
		"[[1]]",
		"[1,2]",
		"[2,1]",
		"[[1],2]",
		"[[1,2]]",
		"{\"a\":1}",
		"{\"a\":\"1\"}",
		"{\"b\":1}",
		"{\"a\":[1]}",
		"{\"a\":null}",
		"[\"a\",1]",
		"[\"ab\"]",
		"[\"a\",\"b\"]",
		"[\"a\",\"\"]",
		"[\"\",\"a\"]",
		"[{\"a\":1},2]",
		"[{\"a\":1,\"b\":2}]",
		"[{\"a\":1},{\"b\":2}]",
		"0.1",
		"0.10000000000000002",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		for (size_t j = 0; j < i; j++) {
			if (same_hash(bodies[i], bodies[j]))
				fail_msg("%s and %s", bodies[i], bodies[j]);
		}
	}
}

static void the_hash_never_changes_between_versions(void **state)
{
	uint8_t hash[DIGEST_KEY_LEN];
	char hex[2 * DIGEST_KEY_LEN + 1];

	(void)state;
	hash_of("{\"b\":[1,2.5,\"张三\",true,null],\"a\":{}}", hash);
	digest_hex(hash, sizeof(hash), hex, sizeof(hex));
	assert_string_equal(hex, "9f695e3bee23aedcb3d045926dd3ccc2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_values_pass_and_parse),
		cmocka_unit_test(each_measured_damage_of_cjson_is_refused),
		cmocka_unit_test(numbers_that_become_infinite_are_refused),
		cmocka_unit_test(grammar_is_kept_to_the_letter),
		cmocka_unit_test(lone_surrogates_are_refused),
		cmocka_unit_test(one_key_in_two_spellings_is_one_key),
		cmocka_unit_test(a_twin_among_many_keys_is_found),
		cmocka_unit_test(fifty_thousand_keys_are_no_trouble),
		cmocka_unit_test(depth_seventeen_is_refused),
		cmocka_unit_test(a_megabyte_of_zeroes_stops_at_the_node_limit),
		cmocka_unit_test(errors_never_quote_the_input),
		cmocka_unit_test(getters_respect_case_and_kind),
		cmocka_unit_test(the_same_body_has_the_same_hash),
		cmocka_unit_test(another_body_has_another_hash),
		cmocka_unit_test(the_hash_never_changes_between_versions),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
