/* json_member.h — the members of one JSON object, to find two of one name and to put them in order;
 * private to lib/base.
 *
 *	json_scan.c    collects the keys of an object as they stand and asks for a twin
 *	json.c         sorts the members of a parsed object before it hashes them
 *	json_member.c  sorts, and compares names through their escapes
 */
#ifndef BASE_JSON_MEMBER_H
#define BASE_JSON_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct json_member {
	const char *name; /* As it stands in the text (then escaped), or decoded. */
	size_t len;
	const cJSON *item; /* json_hash only. */
};

/* Below, at or above 0, as strcmp says it. */
typedef int json_member_compare(const struct json_member *left, const struct json_member *right);

/* Put MEMBERS[0..COUNT) in the order of COMPARE. */
void json_sort_members(struct json_member *members, size_t count, json_member_compare *compare);
/* The second of two members of one name among MEMBERS[0..COUNT), or NULL. Names are as they stand
 * in the text, already checked. May sort MEMBERS. */
const struct json_member *json_find_twin(struct json_member *members, size_t count);
/* What four checked hexadecimal digits are worth. */
uint32_t json_hex_value(const char *digits);

#endif
