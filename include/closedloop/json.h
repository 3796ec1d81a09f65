/* json.h — JSON from outside, read strictly.
 *
 * cJSON is lenient in ways that change data (it cuts at \u0000, takes trailing garbage, keeps the
 * first of two equal keys, turns long integers into floats). So every byte string from outside goes
 * through json_scan first, and only what passes is given to cJSON. Ids are strings for the same
 * reason. Getters name the JSONPath of what is wrong.
 */
#ifndef CLOSEDLOOP_JSON_H
#define CLOSEDLOOP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "closedloop/digest.h"
#include "closedloop/err.h"

struct json_limits {
	unsigned depth_max; /* Nested arrays and objects. */
	unsigned nodes_max; /* Values and keys, all together. */
};

#define JSON_LIMITS_EVENT                                                                          \
	{                                                                                          \
		.depth_max = 16, .nodes_max = 2000                                                 \
	}

/* Check that BYTES[0..LEN) is exactly one RFC 8259 value: well-formed UTF-8 without BOM, within
 * LIMITS, no raw control characters, no \u0000 or lone surrogate, no object with the same key
 * twice, numbers finite and of at most 63 characters, integers (no point, no exponent) within
 * ±(2^53 - 1) so that none changes its value, and nothing but white space after it. CL_EINVAL names
 * the byte offset and the rule; CL_ELIMIT is for LIMITS. */
int json_scan(const char *bytes, size_t len, const struct json_limits *limits, struct err *err);

/* json_scan, then cJSON. The tree is the caller's (cJSON_Delete). */
int json_parse(cJSON **out, const char *bytes, size_t len, const struct json_limits *limits,
	       struct err *err);

/* Member NAME of OBJECT, case-sensitive, or NULL; JSON null counts as a member. */
const cJSON *json_get(const cJSON *object, const char *name);
/* The string member NAME, or NULL when it is absent or not a string. */
const char *json_string(const cJSON *object, const char *name);

/* Hash of TREE that does not depend on key order or white space: what "the same body" means. */
void json_hash(const cJSON *tree, uint8_t out[DIGEST_KEY_LEN]);

#endif
