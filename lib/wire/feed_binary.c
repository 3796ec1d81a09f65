/* feed_binary.c — a CloudEvent in HTTP's binary mode: attributes in ce- headers, data in the body.
 * Neighbours: feed.c recognises the mode, feed_cloudevents.c judges what is put together here. */
#include <assert.h>
#include <string.h>

#include "closedloop/json.h"
#include "wire/feed_event.h"

struct reading {
	struct arena *arena;
	struct feed_event *out;
	cJSON *event;
};

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	char lower = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
	const char *found = lower ? strchr(digits, lower) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* A header value as the HTTP binding wants it read: quotes taken off, then percent-decoded once.
 * NULL when what comes out is no text. A stray '%' stands for itself. */
static char *decode_header(struct arena *arena, const char *value)
{
	size_t len = strlen(value);
	bool quoted = len >= 2 && value[0] == '"' && value[len - 1] == '"';
	const char *end = value + len - (quoted ? 1 : 0);
	char *text = arena_alloc(arena, len + 1);
	char *to = text;

	for (const char *from = value + (quoted ? 1 : 0); from < end; from++) {
		if (quoted && *from == '\\' && from + 1 < end) {
			*to++ = *++from;
		} else if (*from == '%' && end - from > 2 && hex_digit(from[1]) >= 0 &&
			   hex_digit(from[2]) >= 0) {
			*to = (char)(hex_digit(from[1]) * 16 + hex_digit(from[2]));
			if (*to++ == '\0')
				return NULL;
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	return text_is_utf8(text, (size_t)(to - text)) ? text : NULL;
}

static char *lower_copy(struct arena *arena, const char *string)
{
	char *copy = arena_copy(arena, string);

	for (char *c = copy; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return copy;
}

/* ce-NAME: VALUE becomes the member NAME. */
static enum reject add_header(struct reading *r, const struct http_header *header)
{
	char *name = lower_copy(r->arena, header->name);
	char *value;

	if (!text_starts(name, "ce-") || !name[3])
		return REJECT_NONE;
	name += 3;
	value = decode_header(r->arena, header->value);
	if (!value)
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE,
				   "header ce-%.40s is not UTF-8 text", name);
	if (strcmp(name, "data") == 0 || strcmp(name, "data_base64") == 0 ||
	    json_get(r->event, name))
		return feed_refuse(r->out, r->arena, REJECT_BAD_VALUE,
				   "header ce-%.40s may not stand here", name);
	cJSON_AddStringToObject(r->event, name, value);
	return REJECT_NONE;
}

/* Attributes and data as one tree, as if it had come structured. */
static enum reject assemble(struct reading *r, const struct http_request *request)
{
	const char *type = http_header(request, "content-type");
	enum reject reject = REJECT_NONE;
	cJSON *data;

	for (size_t i = 0; i < request->headers_len && !reject; i++)
		reject = add_header(r, &request->headers[i]);
	/* Said now, so that an event whose body is refused can still be named. */
	r->out->source = feed_echo(r->arena, r->event, "source");
	r->out->id = feed_echo(r->arena, r->event, "id");
	if (reject || request->body_len == 0)
		return reject;
	assert(type);
	reject = feed_parse(request->body, request->body_len, r->arena, r->out, &data);
	if (reject)
		return reject;
	if (!json_get(r->event, "datacontenttype") && text_is_utf8(type, strlen(type)))
		cJSON_AddStringToObject(r->event, "datacontenttype", type);
	cJSON_AddItemToObject(r->event, "data", data);
	return REJECT_NONE;
}

void feed_read_binary(const struct http_request *request, const struct feed_context *context,
		      struct arena *arena, struct feed_event *out)
{
	struct reading r = {arena, out, cJSON_CreateObject()};

	out->source = out->id = out->detail = "";
	assert(request->body_len <= context->event_max);
	if (assemble(&r, request)) {
		cJSON_Delete(r.event);
		return;
	}
	feed_judge(r.event, context, arena, out);
}
