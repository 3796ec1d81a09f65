/* channel_fixture.c — see channel_fixture.h. */
#include "channel_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/digest.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define TREES_MAX 64

struct channel_fixture made;

static cJSON *trees[TREES_MAX];
static size_t trees_len;

const struct notice plain_notice = {
	.id = "ntc_01E48R0V7K8Q3N5T2YJ6ZB4C9D",
	.endpoint = "ganquan",
	.alert = 45,
	.urgent = true,
	.type = "alert.raised",
	.kind = "arrival",
	.unit = "310104008012",
	.created_at = NOW - 1,
	.expires_at = WHEN_NEVER,
	.title = "到达提醒",
	.text = "2 人 17:50 到达",
	.url = "https://cl.example/a/abc",
	.data = "{\"eta\":\"2020-03-08T17:50:00+08:00\",\"count\":2}",
	.group = "",
};

/* In the order of strcmp. */
static const struct phrase chinese_words[] = {
	{"channel.button", "查看并确认"}, {"channel.link", "查看并确认"},
	{"channel.list", "逐条查看"},	  {"channel.more", "…另有{count}条"},
	{"channel.source", "闭环值守"},	  {"channel.unit", "单位"},
};
static const struct phrase english_words[] = {
	{"channel.button", "Open, confirm"}, {"channel.link", "Open and confirm"},
	{"channel.list", "Open the list"},   {"channel.more", "…and {count} more"},
	{"channel.source", "Closed loop"},   {"channel.unit", "Unit"},
};
const struct phrasebook chinese = {"zh-CN", ARRAY_LEN(chinese_words), chinese_words};
const struct phrasebook english = {"en", ARRAY_LEN(english_words), english_words};

int channel_begin(void **state)
{
	(void)state;
	made = (struct channel_fixture){
		.arena = ARENA_INIT,
		.err = ERR_INIT,
		.endpoint = {.name = "ganquan",
			     .channel = CHANNEL_GENERIC,
			     .url = "https://sink.example/x",
			     .language = "zh-CN"},
	};
	return digest_init(NULL);
}

int channel_end(void **state)
{
	(void)state;
	while (trees_len > 0)
		cJSON_Delete(trees[--trees_len]);
	arena_release(&made.arena);
	return 0;
}

static const cJSON *keep(cJSON *tree)
{
	assert_non_null(tree);
	if (trees_len == TREES_MAX) /* A test of many builds looks at the last ones only. */
		cJSON_Delete(trees[--trees_len]);
	trees[trees_len++] = tree;
	return tree;
}

int build_only(enum conf_channel channel, enum conf_form form, const struct notice *notice)
{
	made.endpoint.channel = channel;
	made.endpoint.form = form;
	return channel_build(&made.endpoint, notice,
			     text_starts(made.endpoint.language, "en") ? &english : &chinese,
			     "https://cl.example", NOW, &made.arena, &made.request, &made.err);
}

const cJSON *build(enum conf_channel channel, enum conf_form form, const struct notice *notice)
{
	assert_int_equal(build_only(channel, form, notice), 0);
	assert_int_equal(strlen(made.request.body), made.request.body_len);
	assert_true(text_is_utf8(made.request.body, made.request.body_len));
	return keep(cJSON_Parse(made.request.body));
}

const char *header(const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < made.request.headers_len; i++) {
		const char *line = made.request.headers[i];

		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 2;
	}
	return NULL;
}

const cJSON *node_at(const cJSON *tree, const char *path)
{
	char name[64];

	while (tree && *path) {
		const size_t len = strcspn(path, ".");

		assert_true(len < sizeof(name));
		memcpy(name, path, len);
		name[len] = '\0';
		tree = cJSON_IsArray(tree) ? cJSON_GetArrayItem(tree, name[0] - '0')
					   : cJSON_GetObjectItemCaseSensitive(tree, name);
		path += len + (path[len] == '.');
	}
	return tree;
}

const char *at_path(const cJSON *tree, const char *path)
{
	return cJSON_GetStringValue(node_at(tree, path));
}

const char *content_of(const cJSON *tree)
{
	static const char *const paths[] = {
		"text.content",	 "markdown.content",
		"markdown.text", "actionCard.text",
		"content.text",	 "card.elements.0.text.content",
		"text",
	};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (at_path(tree, paths[i]))
			return at_path(tree, paths[i]);
	}
	fail_msg("no content in %s", made.request.body);
	return NULL;
}

const char *many(const char *character, size_t count)
{
	const size_t len = strlen(character);
	char *text = arena_alloc(&made.arena, len * count + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(text + len * i, character, len);
	return text;
}

const cJSON *load_data(const char *name)
{
	static char bytes[131072];
	const char *dir = getenv("CLOSEDLOOP_TEST_DATA");
	char path[512];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests/data", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_true(len < sizeof(bytes));
	return keep(cJSON_ParseWithLength(bytes, len));
}
