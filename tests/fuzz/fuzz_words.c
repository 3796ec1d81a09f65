/* fuzz_words.c — any bytes as title and text of a message, in every channel and form, and as a
 * value in a phrase, in a page and in a line of the log: nothing in them acts. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "closedloop/channel.h"
#include "closedloop/log.h"
#include "closedloop/mem.h"
#include "closedloop/phrase.h"
#include "closedloop/text.h"

static const struct phrase phrases[] = {
	{"channel.link", "[open]"},
	{"notice.more", "{count} more"},
	{"z", "{a}{b}{a"},
};
static const struct phrasebook book = {"en", ARRAY_LEN(phrases), phrases};

static void one_line(void *context, enum log_level level, const char *line)
{
	(void)context;
	(void)level;
	for (const char *c = line; *c; c++)
		assert((unsigned char)*c >= 0x20 && *c != 0x7F);
	assert(!strstr(line, "\xE2\x80\xA8") && !strstr(line, "\xE2\x80\xA9") &&
	       !strstr(line, "\xC2\x85") && !strstr(line, "\xC2\x9B"));
}

static void say(const char *title, const char *words, enum conf_channel channel, int form)
{
	struct arena arena = ARENA_INIT;
	struct channel_request request;
	struct err err = ERR_INIT;
	const struct conf_endpoint endpoint = {.name = "e",
					       .channel = channel,
					       .form = (enum conf_form)form,
					       .url = "https://chat.example/x",
					       .language = "en",
					       .keys_len = 1,
					       .keys = {"k"}};
	const struct notice notice = {.id = "ntc_1",
				      .endpoint = "e",
				      .alert = 7,
				      .urgent = true,
				      .type = "alert.raised",
				      .kind = "arrival",
				      .unit = "310112",
				      .title = title,
				      .text = words,
				      .url = "https://we.example/a/T",
				      .data = "{\"count\":1}"};

	if (channel_build(&endpoint, &notice, &book, "https://we.example", INT64_C(1583640000000),
			  &arena, &request, &err) == 0) {
		assert(text_is_utf8(request.body, request.body_len));
		cJSON *body = cJSON_ParseWithLength(request.body, request.body_len);
		assert(body);
		cJSON_Delete(body);
		/* Whom a chat calls, and what it makes a link, is ours to say. */
		bool chat = channel_is_group(channel);
		assert(!chat || !strstr(request.body, "<!channel>"));
		assert(!chat || !strstr(request.body, "<@all>"));
		assert(!chat || !strstr(request.body, "<at user_id"));
		assert(!chat || !strstr(request.body, "://evil"));
		assert(!chat || (!strstr(request.body, "\xE2\x80\xAE") &&
				 !strstr(request.body, "\xE2\x81\xA6")));
	}
	arena_release(&arena);
}

int fuzz_words(const uint8_t *data, size_t size)
{
	char *bytes = mem_alloc(size + 1), room[512], clean[128];
	struct text filled = TEXT_OVER(room);

	if (size)
		memcpy(bytes, data, size);
	bytes[size] = '\0';
	/* What reaches a notice is UTF-8: feeds and calls are refused otherwise. */
	for (size_t i = 0; !text_is_utf8(bytes, strlen(bytes)) && i < size; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			bytes[i] = '?';
	char *words = strchr(bytes, '\n');
	if (words)
		*words++ = '\0';
	for (int channel = 0; channel < CHANNELS; channel++)
		for (int form = FORM_USUAL; form <= FORM_TEXT; form++)
			say(bytes, words ? words : bytes, (enum conf_channel)channel, form);
	const struct phrase_arg args[] = {{"a", bytes}, {"b", words}};
	text_clear(&filled);
	phrase_fill(&book, "z", args, ARRAY_LEN(args), &filled);
	assert(filled.len < sizeof(room));
	log_to(one_line, NULL, LOG_LEVEL_DEBUG);
	log_info("fuzz", "value=%s raw=%s", log_clean(clean, sizeof(clean), bytes), bytes);
	log_to(NULL, NULL, LOG_LEVEL_INFO);
	mem_free(bytes);
	return 0;
}
