/* json.c — JSON from outside as a tree: parsed once it is scanned, asked for members, hashed.
 * Neighbours: json_scan.c lets no byte pass that cJSON would change, json_member.c sorts, digest.c
 * hashes; lib/wire reads events through here. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/json_member.h"
#include "closedloop/json.h"
#include "closedloop/mem.h"

int json_parse(cJSON **out, const char *bytes, size_t len, const struct json_limits *limits,
	       struct err *err)
{
	cJSON *tree;
	int rc = json_scan(bytes, len, limits, err);

	if (rc < 0)
		return rc;
	tree = cJSON_ParseWithLengthOpts(bytes, len, NULL, 0);
	if (!tree)
		return err_set(err, CL_EINVAL, "JSON: the parser refuses what the scan passed");
	*out = tree;
	return 0;
}

const cJSON *json_get(const cJSON *object, const char *name)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *json_string(const cJSON *object, const char *name)
{
	const cJSON *member = json_get(object, name);

	return cJSON_IsString(member) ? member->valuestring : NULL;
}

/* --- the hash --- */

/* A tag and a length before every piece, so that no two trees write the same bytes. */
static void hash_piece(struct digest_stream *stream, char tag, const char *bytes, size_t len)
{
	char head[32];
	int head_len = snprintf(head, sizeof(head), "%c%zu:", tag, len);

	digest_stream_add(stream, head, (size_t)head_len);
	digest_stream_add(stream, bytes, len);
}

static void hash_count(struct digest_stream *stream, char tag, size_t count)
{
	char head[32];
	int head_len = snprintf(head, sizeof(head), "%c%zu:", tag, count);

	digest_stream_add(stream, head, (size_t)head_len);
}

static void hash_number(struct digest_stream *stream, double number)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "%.17g", number);

	hash_piece(stream, 'n', text, (size_t)len);
}

static size_t count_children(const cJSON *parent)
{
	size_t count = 0;

	for (const cJSON *child = parent->child; child; child = child->next)
		count++;
	return count;
}

static void hash_item(struct digest_stream *stream, const cJSON *item);

static int compare_decoded(const struct json_member *left, const struct json_member *right)
{
	return strcmp(left->name, right->name);
}

static void hash_object(struct digest_stream *stream, const cJSON *object)
{
	size_t count = count_children(object);
	struct json_member *members = mem_alloc(count * sizeof(*members));
	size_t i = 0;

	for (const cJSON *child = object->child; child; child = child->next)
		members[i++] = (struct json_member){.name = child->string, .item = child};
	json_sort_members(members, count, compare_decoded);
	hash_count(stream, 'o', count);
	for (i = 0; i < count; i++) {
		hash_piece(stream, 'k', members[i].name, strlen(members[i].name));
		hash_item(stream, members[i].item);
	}
	mem_free(members);
}

/* Recursion is bounded: trees come from json_parse (at most json_scan's DEPTH_CAP deep) or were
 * built by us. */
static void hash_item(struct digest_stream *stream, const cJSON *item)
{
	if (cJSON_IsObject(item)) {
		hash_object(stream, item);
	} else if (cJSON_IsArray(item)) {
		hash_count(stream, 'a', count_children(item));
		for (const cJSON *child = item->child; child; child = child->next)
			hash_item(stream, child);
	} else if (cJSON_IsString(item)) {
		hash_piece(stream, 's', item->valuestring, strlen(item->valuestring));
	} else if (cJSON_IsNumber(item)) {
		hash_number(stream, item->valuedouble);
	} else if (cJSON_IsBool(item)) {
		hash_count(stream, 'b', cJSON_IsTrue(item) ? 1 : 0);
	} else {
		hash_count(stream, 'z', 0); /* null */
	}
}

void json_hash(const cJSON *tree, uint8_t out[DIGEST_KEY_LEN])
{
	struct digest_stream stream;

	assert(tree);
	digest_stream_begin(&stream, DIGEST_KEY_LEN);
	hash_item(&stream, tree);
	digest_stream_end(&stream, out, DIGEST_KEY_LEN);
}
