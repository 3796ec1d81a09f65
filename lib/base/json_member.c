/* json_member.c — the members of one object: put in order, and two of one name found whatever
 * escapes spell them.
 * Neighbours: json_scan.c refuses twins, json.c hashes in order, text.c knows UTF-8. */
#include <string.h>

#include "base/json_member.h"
#include "closedloop/text.h"

#define FEW_KEYS 8 /* Up to here comparing each with each is cheaper than sorting. */

/* --- order --- */

static void sift_down(struct json_member *members, size_t root, size_t count,
		      json_member_compare *compare)
{
	while (2 * root + 1 < count) {
		size_t child = 2 * root + 1;
		struct json_member swap = members[root];

		if (child + 1 < count && compare(&members[child], &members[child + 1]) < 0)
			child++;
		if (compare(&swap, &members[child]) >= 0)
			return;
		members[root] = members[child];
		members[child] = swap;
		root = child;
	}
}

/* Heap sort: no recursion, no memory, and no order of keys makes it slow. */
void json_sort_members(struct json_member *members, size_t count, json_member_compare *compare)
{
	for (size_t root = count / 2; root > 0; root--)
		sift_down(members, root - 1, count, compare);
	for (size_t end = count; end > 1; end--) {
		struct json_member swap = members[0];

		members[0] = members[end - 1];
		members[end - 1] = swap;
		sift_down(members, 0, end - 1, compare);
	}
}

/* --- names --- */

uint32_t json_hex_value(const char *digits)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		char c = digits[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : c - 'A' + 10;

		value = value << 4 | (uint32_t)digit;
	}
	return value;
}

/* The next code point of a checked, still escaped string; moves *AT on. */
static uint32_t unescape(const char **at, const char *end)
{
	static const char plain[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	size_t used;
	uint32_t code_point = text_decode(*at, (size_t)(end - *at), &used);

	*at += used;
	if (code_point != '\\')
		return code_point;
	code_point = (unsigned char)*(*at)++;
	if (code_point != 'u')
		return (unsigned char)means[strchr(plain, (int)code_point) - plain];
	code_point = json_hex_value(*at);
	*at += 4;
	if (code_point >= 0xD800 && code_point <= 0xDBFF) {
		code_point = 0x10000 + ((code_point - 0xD800) << 10) +
			     (json_hex_value(*at + 2) - 0xDC00);
		*at += 6;
	}
	return code_point;
}

static int compare_escaped(const struct json_member *left, const struct json_member *right)
{
	const char *at = left->name;
	const char *other = right->name;
	const char *end = at + left->len;
	const char *other_end = other + right->len;

	while (at < end && other < other_end) {
		uint32_t one = unescape(&at, end);
		uint32_t two = unescape(&other, other_end);

		if (one != two)
			return one < two ? -1 : 1;
	}
	return (at < end ? 1 : 0) - (other < other_end ? 1 : 0);
}

const struct json_member *json_find_twin(struct json_member *members, size_t count)
{
	if (count <= FEW_KEYS) {
		for (size_t i = 1; i < count; i++) {
			for (size_t j = 0; j < i; j++) {
				if (compare_escaped(&members[i], &members[j]) == 0)
					return &members[i];
			}
		}
		return NULL;
	}
	json_sort_members(members, count, compare_escaped);
	for (size_t i = 1; i < count; i++) {
		if (compare_escaped(&members[i - 1], &members[i]) == 0)
			return members[i].name > members[i - 1].name ? &members[i]
								     : &members[i - 1];
	}
	return NULL;
}
