/* test_channel_chat.c — what people get in a chat: the vendor's form to the byte, harmless words,
 * limits that are never passed by a byte and never left far below. Neighbours: lib/wire/
 * channel_words.c, channel_wecom.c, channel_dingtalk.c, channel_feishu.c, channel_slack.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "channel_fixture.h"
#include "closedloop/text.h"
#include "closedloop/when.h"
#include "wire/channel_row.h"

static const struct chat {
	enum conf_channel channel;
	enum conf_form form;
	size_t max;
	bool body; /* MAX is of the whole body; else of what people read. */
	bool chars;
	const char *mention, *mentioned; /* Whom, and how that looks in the body. */
} chats[] = {
	{CHANNEL_WECOM, FORM_MARKDOWN, 4096, false, false, "zhangsan", "<@zhangsan>"},
	{CHANNEL_WECOM, FORM_TEXT, 2048, false, false, "zhangsan",
	 "\"mentioned_list\":[\"zhangsan\"]"},
	{CHANNEL_WECOM, FORM_CARD, 4096, false, false, NULL, NULL},
	{CHANNEL_DINGTALK, FORM_MARKDOWN, 20000, true, false, "13800001111",
	 "\"atMobiles\":[\"13800001111\"]"},
	{CHANNEL_DINGTALK, FORM_TEXT, 20000, true, false, "13800001111", "@13800001111"},
	{CHANNEL_DINGTALK, FORM_CARD, 20000, true, false, NULL, NULL},
	{CHANNEL_FEISHU, FORM_TEXT, 20000, true, false, "ou_x", "<at user_id=\\\"ou_x\\\"></at>"},
	{CHANNEL_FEISHU, FORM_CARD, 20000, true, false, "ou_x", "<at id=ou_x></at>"},
	{CHANNEL_SLACK, FORM_CARD, 3000, false, true, "U0123ABCD", "<@U0123ABCD>"},
	{CHANNEL_SLACK, FORM_TEXT, 40000, false, true, "U0123ABCD", "<@U0123ABCD>"},
};

static const cJSON *build_chat(const struct chat *chat, const struct notice *notice)
{
	return build(chat->channel, chat->form, notice);
}

static const char *content(enum conf_channel channel, enum conf_form form,
			   const struct notice *notice)
{
	return content_of(build(channel, form, notice));
}

static void mention(const char *who)
{
	const char **list = arena_alloc(&made.arena, sizeof(*list));

	*list = who;
	made.endpoint.mention = list;
	made.endpoint.mention_len = who ? 1 : 0;
}

/* --- Forms, byte by byte --- */

static void wecom_speaks_its_three_forms(void **state)
{
	static const char *const people[] = {"zhangsan", "13800001111", "all"};
	struct notice notice = plain_notice;

	(void)state;
	made.endpoint.mention = people;
	made.endpoint.mention_len = ARRAY_LEN(people);
	build(CHANNEL_WECOM, FORM_TEXT, &notice);
	assert_string_equal(header("Content-Type"), "application/json; charset=utf-8");
	assert_string_equal(
		made.request.body,
		"{\"msgtype\":\"text\",\"text\":{\"content\":\"到达提醒\\n2 人 17:50 到达\\n"
		"查看并确认：https://cl.example/a/abc\\n#A-000045\",\"mentioned_list\":["
		"\"zhangsan\",\"@all\"],\"mentioned_mobile_list\":[\"13800001111\"]}}");
	made.endpoint.mention_len = 1;
	build(CHANNEL_WECOM, FORM_MARKDOWN, &notice);
	assert_string_equal(
		made.request.body,
		"{\"msgtype\":\"markdown\",\"markdown\":{\"content\":\"**到达提醒**\\n"
		"2 人 17:50 到达\\n<@zhangsan>\\n[查看并确认](https://cl.example/a/abc)\\n"
		"#A-000045\"}}");
	made.endpoint.mention_len = 0;
	notice.attempts = 1;
	build(CHANNEL_WECOM, FORM_CARD, &notice);
	assert_string_equal(
		made.request.body,
		"{\"msgtype\":\"template_card\",\"template_card\":{\"card_type\":\"text_notice\","
		"\"source\":{\"desc\":\"闭环值守\"},\"main_title\":{\"title\":\"到达提醒\","
		"\"desc\":\"#A-000045·2\"},\"sub_title_text\":\"2 人 17:50 到达\","
		"\"horizontal_content_list\":[{\"keyname\":\"单位\",\"value\":\"310104008012\"}],"
		"\"jump_list\":[{\"type\":1,\"url\":\"https://cl.example/a/abc\",\"title\":"
		"\"查看并确认\"}],\"card_action\":{\"type\":1,\"url\":\"https://cl.example/a/"
		"abc\"}}}");
}

static void a_card_that_cannot_hold_it_goes_as_markdown(void **state)
{
	struct notice notice = plain_notice;

	(void)state;
	notice.text = many("旅", 112);
	assert_string_equal(at_path(build(CHANNEL_WECOM, FORM_CARD, &notice), "msgtype"),
			    "template_card");
	notice.text = many("旅", 113);
	assert_string_equal(at_path(build(CHANNEL_WECOM, FORM_CARD, &notice), "msgtype"),
			    "markdown");
	notice.text = "";
	notice.title = many("旅", 27);
	assert_string_equal(at_path(build(CHANNEL_WECOM, FORM_CARD, &notice), "msgtype"),
			    "markdown");
	notice = plain_notice;
	notice.url = "";
	assert_string_equal(at_path(build(CHANNEL_WECOM, FORM_CARD, &notice), "msgtype"),
			    "markdown");
	assert_string_equal(at_path(build(CHANNEL_DINGTALK, FORM_CARD, &notice), "msgtype"),
			    "markdown");
}

static void dingtalk_speaks_its_three_forms(void **state)
{
	static const char *const people[] = {"13800001111", "zhangsan", "all"};

	(void)state;
	made.endpoint.mention = people;
	made.endpoint.mention_len = ARRAY_LEN(people);
#define AT "\"at\":{\"atMobiles\":[\"13800001111\"],\"atUserIds\":[\"zhangsan\"],\"isAtAll\":true}"
	build(CHANNEL_DINGTALK, FORM_TEXT, &plain_notice);
	assert_string_equal(
		made.request.body,
		"{\"msgtype\":\"text\",\"text\":{\"content\":\"到达提醒\\n2 人 17:50 到达\\n"
		"@13800001111 @zhangsan\\n查看并确认：https://cl.example/a/abc\\n#A-000045\"}," AT
		"}");
	build(CHANNEL_DINGTALK, FORM_MARKDOWN, &plain_notice);
	assert_string_equal(
		made.request.body,
		"{\"msgtype\":\"markdown\",\"markdown\":{\"title\":\"到达提醒\",\"text\":"
		"\"### 到达提醒  \\n2 人 17:50 到达  \\n@13800001111 @zhangsan  \\n"
		"[查看并确认](https://cl.example/a/abc)  \\n#A-000045\"}," AT "}");
	made.endpoint.mention_len = 0;
	build(CHANNEL_DINGTALK, FORM_CARD, &plain_notice);
	assert_string_equal(
		made.request.body,
		"{\"msgtype\":\"actionCard\",\"actionCard\":{\"title\":\"到达提醒\",\"text\":"
		"\"### 到达提醒  \\n2 人 17:50 到达  \\n#A-000045\",\"btnOrientation\":\"0\","
		"\"btns\":[{\"title\":\"查看并确认\",\"actionURL\":\"https://cl.example/a/abc\"}]"
		"}}");
}

static void dingtalk_is_signed_in_its_url_anew_each_time(void **state)
{
	const cJSON *vector;
	int count = 0;

	(void)state;
	cJSON_ArrayForEach(vector, node_at(load_data("channel_vectors.json"), "dingtalk_signs"))
	{
		int64_t now = (int64_t)node_at(vector, "timestamp_ms")->valuedouble;

		made.endpoint.channel = CHANNEL_DINGTALK;
		made.endpoint.url = "https://oapi.example/robot/send?access_token=T";
		made.endpoint.keys[0] = at_path(vector, "secret");
		made.endpoint.keys_len = 1;
		assert_int_equal(channel_build(&made.endpoint, &plain_notice, &chinese, "", now,
					       &made.arena, &made.request, NULL),
				 0);
		assert_string_equal(made.request.url,
				    arena_printf(&made.arena, "%s&timestamp=%lld&sign=%s",
						 made.endpoint.url, (long long)now,
						 at_path(vector, "sign")));
		count++;
	}
	assert_int_equal(count, 3);
	made.endpoint.url = "https://proxy.example/robot";
	build(CHANNEL_DINGTALK, FORM_TEXT, &plain_notice);
	assert_true(text_starts(made.request.url, "https://proxy.example/robot?timestamp="));
	made.endpoint.keys_len = 0; /* Its robot looks for a keyword, or at our address. */
	build(CHANNEL_DINGTALK, FORM_TEXT, &plain_notice);
	assert_string_equal(made.request.url, "https://proxy.example/robot");
}

static void feishu_speaks_its_two_forms(void **state)
{
	static const char *const people[] = {"ou_x", "all"};

	(void)state;
	made.endpoint.keys[0] = "closedloopd";
	made.endpoint.keys[1] = "the one before";
	made.endpoint.keys_len = 2;
	made.endpoint.mention = people;
	made.endpoint.mention_len = ARRAY_LEN(people);
#define SIGNED                                                                                     \
	"{\"timestamp\":\"1584990300\",\"sign\":\"xxFanS8+k1KeCErsnaCOUypMBE7lnucU49lNu/f8mI8=\","
	build(CHANNEL_FEISHU, FORM_TEXT, &plain_notice);
	assert_string_equal(made.request.body,
			    SIGNED "\"msg_type\":\"text\",\"content\":{\"text\":\"到达提醒\\n"
				   "2 人 17:50 到达\\n<at user_id=\\\"ou_x\\\"></at>"
				   "<at user_id=\\\"all\\\"></at>\\n"
				   "查看并确认：https://cl.example/a/abc\\n#A-000045\"}}");
	build(CHANNEL_FEISHU, FORM_CARD, &plain_notice);
	assert_string_equal(
		made.request.body,
		SIGNED "\"msg_type\":\"interactive\",\"card\":{\"header\":{\"title\":{\"tag\":"
		       "\"plain_text\",\"content\":\"到达提醒\"},\"template\":\"red\"},"
		       "\"elements\":[{\"tag\":\"div\",\"text\":{\"tag\":\"lark_md\",\"content\":"
		       "\"2 人 17:50 到达\\n<at id=ou_x></at><at id=all></at>\\n#A-000045\"}},"
		       "{\"tag\":\"action\",\"actions\":[{\"tag\":\"button\",\"text\":{\"tag\":"
		       "\"plain_text\",\"content\":\"查看并确认\"},\"url\":"
		       "\"https://cl.example/a/abc\",\"type\":\"primary\"}]}]}}");
}

static void feishu_signs_nothing_with_a_key_that_holds_the_time(void **state)
{
	const cJSON *vector;
	int count = 0;

	(void)state;
	cJSON_ArrayForEach(vector, node_at(load_data("channel_vectors.json"), "feishu_signs"))
	{
		char sign[CHANNEL_SIGN_CAP];

		channel_sign_feishu(at_path(vector, "secret"),
				    (int64_t)node_at(vector, "timestamp_s")->valuedouble, sign);
		assert_string_equal(sign, at_path(vector, "sign"));
		if (at_path(vector, "not"))
			assert_string_not_equal(sign, at_path(vector, "not"));
		count++;
	}
	assert_int_equal(count, 3);
	assert_null(node_at(build(CHANNEL_FEISHU, FORM_TEXT, &plain_notice), "sign"));
}

static void slack_speaks_its_two_forms(void **state)
{
	static const char *const people[] = {"U0123ABCD", "S0123ABCD", "all", "here"};
	const cJSON *vector;

	(void)state;
	made.endpoint.mention = people;
	made.endpoint.mention_len = ARRAY_LEN(people);
#define WORDS                                                                                             \
	"\"*到达提醒*\\n2 人 17:50 到达\\n<@U0123ABCD> <!subteam^S0123ABCD> <!channel> <!here>\\n" \
	"<https://cl.example/a/abc|查看并确认>\\n#A-000045\""
	build(CHANNEL_SLACK, FORM_USUAL, &plain_notice);
	assert_string_equal(made.request.body,
			    "{\"text\":" WORDS ",\"blocks\":[{\"type\":\"section\",\"text\":{"
			    "\"type\":\"mrkdwn\",\"text\":" WORDS ",\"verbatim\":true}}]}");
	build(CHANNEL_SLACK, FORM_TEXT, &plain_notice);
	assert_string_equal(made.request.body, "{\"text\":" WORDS "}");
	cJSON_ArrayForEach(vector, node_at(load_data("channel_vectors.json"), "slack_escapes"))
	{
		struct notice notice = {.id = "ntc_1", .text = at_path(vector, "text")};

		assert_string_equal(content(CHANNEL_SLACK, FORM_TEXT, &notice),
				    at_path(vector, "escaped"));
	}
}

static void words_are_the_readers_language(void **state)
{
	(void)state;
	made.endpoint.language = "en";
	assert_non_null(strstr(content(CHANNEL_WECOM, FORM_USUAL, &plain_notice),
			       "[Open and confirm](https://cl.example/a/abc)"));
	assert_non_null(
		strstr(content(CHANNEL_SLACK, FORM_USUAL, &plain_notice), "|Open and confirm>"));
}

static void a_word_that_is_missing_loses_no_message(void **state)
{
	(void)state;
	made.endpoint.channel = CHANNEL_WECOM;
	assert_int_equal(channel_build(&made.endpoint, &plain_notice, NULL, "", NOW, &made.arena,
				       &made.request, NULL),
			 0);
	assert_non_null(strstr(made.request.body, "(https://cl.example/a/abc)"));
}

/* --- Every chat --- */

static void only_the_urgent_is_called_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		const struct chat *chat = &chats[i];
		struct notice notice = plain_notice;

		if (!chat->mention)
			continue;
		mention(chat->mention);
		build_chat(chat, &notice);
		assert_non_null(strstr(made.request.body, chat->mentioned));
		notice.urgent = false;
		build_chat(chat, &notice);
		assert_null(strstr(made.request.body, chat->mention));
	}
}

static void travellers_cannot_mention_link_or_mark_up(void **state)
{
	static const char *const evil[] = {
		"<@all>",
		"<@zhangsan>",
		"<font color=\"warning\">x</font>",
		"<at user_id=\"all\">",
		"<at id=all></at>",
		"<!channel>",
		"<!here>",
		"<@U0123ABCD>",
		"<http://evil.example|x>",
		"[x](http://evil.example/)",
		"![x](http://evil.example/x.png)",
		"https://evil.example",
		"dingtalk://evil",
		"WwW.evil.example",
		"@13800000000",
		"@all",
		"\xE2\x80\xAEmoc",
		/* What is dropped must not put together what it parted. */
		"http:\xE2\x80\xAE//evil.example",
		"http:/\xE2\x80\x8B/evil.example",
		"http\r:\r/\r/\revil.example",
		"w\xE2\x80\xAAw\xEF\xBB\xBFw\x01.evil.example",
		"<<@all>",
		"<\xE2\x80\x8B@all>",
		"<<a>@all>",
		"[x]( http://evil.example)",
		"[\xE2\x80\x8Dx](http://evil.example)",
		"x\xE2\x80\xA8@all",
		"x\xC2\x85y",
		"\xF3\xA0\x81\x81@all",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		const bool slack = chats[i].channel == CHANNEL_SLACK; /* Has no [x](y). */

		for (size_t k = 0; k < 2 * ARRAY_LEN(evil); k++) {
			struct notice notice = {.id = "ntc_1", .type = "alert.raised"};
			const char *said, *word = evil[k / 2];

			notice.title = k % 2 ? word : "";
			notice.text = k % 2 ? "" : arena_printf(&made.arena, "x\n%s", word);
			said = content_of(build_chat(&chats[i], &notice));
			for (const char *bad = slack ? "<>@" : "<>@[]"; *bad; bad++)
				assert_null(strchr(said, *bad));
			assert_null(strstr(said, "://"));
			assert_null(strstr(said, "\xE2\x80\xAE"));
			assert_null(strcasestr(said, "www."));
			for (size_t at = 0, used; said[at]; at += used) {
				uint32_t code_point =
					text_decode(said + at, strlen(said + at), &used);
				assert_true(code_point == '\n' || !text_is_unseen(code_point));
			}
		}
	}
}

static void marks_of_ours_are_not_a_travellers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		const struct notice notice = {.id = "ntc_1", .text = "**x** `x` # x _x_ ~x~ &#60;"};
		const char *said = content_of(build_chat(&chats[i], &notice));

		if (chats[i].form == FORM_TEXT && chats[i].channel != CHANNEL_SLACK)
			continue; /* Nothing there is markup. */
		assert_null(strchr(said, '*'));
		assert_null(strchr(said, '`'));
		/* Each vendor's dialect has some of these. */
		if (chats[i].channel != CHANNEL_WECOM)
			assert_null(strchr(said, '_'));
		if (chats[i].channel == CHANNEL_FEISHU || chats[i].channel == CHANNEL_SLACK)
			assert_null(strchr(said, '~'));
		if (chats[i].channel != CHANNEL_SLACK)
			assert_null(strstr(said, "# x"));
		if (chats[i].channel == CHANNEL_FEISHU)
			assert_null(strstr(said, "&#"));
		if (chats[i].channel == CHANNEL_SLACK)
			assert_non_null(strstr(said, "&amp;#60;"));
	}
}

static void an_escape_is_no_way_around(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		const struct notice notice = {.id = "ntc_1", .text = "&lt;@all&gt; &#60;&#x40;all"};
		const char *said = content_of(build_chat(&chats[i], &notice));

		if (chats[i].form == FORM_TEXT && chats[i].channel != CHANNEL_SLACK)
			continue;
		assert_null(strstr(said, "&lt;"));
		assert_null(strstr(said, "&#"));
	}
}

static void a_break_inside_a_word_hides_nothing_and_joins_nothing(void **state)
{
	const struct notice notice = {.id = "ntc_1", .text = "a:\n//b ww\nw.c 一\xE2\x80\xA8二"};

	(void)state;
	assert_string_equal(content(CHANNEL_WECOM, FORM_TEXT, &notice), "a:\n//b ww\nw.c 一 二");
}

static void a_repeat_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		struct notice notice = plain_notice;
		const char *said;

		notice.text = many("旅", 120); /* More than a card holds. */
		said = content_of(build_chat(&chats[i], &notice));
		assert_string_equal(said + strlen(said) - 9, "#A-000045");
		notice.attempts = 1;
		said = content_of(build_chat(&chats[i], &notice));
		assert_string_equal(said + strlen(said) - 12, "#A-000045·2");
		notice.attempts = 11;
		said = content_of(build_chat(&chats[i], &notice));
		assert_non_null(strstr(said, "#A-000045·12"));
		notice.alert = 0;
		said = content_of(build_chat(&chats[i], &notice));
		assert_null(strstr(said, "#A"));
		assert_null(strstr(said, "·"));
	}
}

static void a_link_that_fills_the_message_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		struct notice notice = plain_notice;

		notice.url = many("x", 512);
		assert_int_equal(build_only(chats[i].channel, chats[i].form, &notice), 0);
		notice.url = many("x", 513);
		assert_int_equal(build_only(chats[i].channel, chats[i].form, &notice), CL_ELIMIT);
		assert_non_null(strstr(made.err.text, notice.id));
	}
}

/* --- Sizes --- */

static void limits_are_bytes_and_cuts_fall_between_characters(void **state)
{
	const cJSON *row;

	(void)state;
	cJSON_ArrayForEach(row, node_at(load_data("channel_vectors.json"), "sizes"))
	{
		enum conf_form form =
			strcmp(at_path(row, "form"), "text") == 0 ? FORM_TEXT : FORM_MARKDOWN;
		struct notice notice = {.id = "ntc_1", .type = "notice.test", .kind = "test"};
		const char *said;

		notice.text =
			many(at_path(row, "character"), (size_t)node_at(row, "count")->valueint);
		assert_int_equal(strlen(notice.text), node_at(row, "bytes")->valueint);
		said = content(CHANNEL_WECOM, form, &notice);
		if (cJSON_IsTrue(node_at(row, "fits"))) {
			assert_string_equal(said, notice.text);
		} else {
			assert_true(strlen(said) > (form == FORM_TEXT ? 2045 : 4093));
			assert_string_equal(said + strlen(said) - 3, "…");
		}
	}
}

/* How much of CHAT's limit is in use by what was built. */
static size_t size_of(const struct chat *chat, const char *said)
{
	size_t units = 0;

	if (chat->body)
		return made.request.body_len;
	if (!chat->chars)
		return strlen(said);
	for (const char *c = said; *c; c++)
		units += (*c & 0xC0) == 0x80 ? 0 : (*c & 0xF8) == 0xF0 ? 2 : 1;
	return units;
}

static uint32_t dice = 1;

static uint32_t roll(uint32_t sides)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) % sides;
}

/* Up to SIZE bytes of what hurts. */
static const char *random_text(size_t size)
{
	static const char *const pieces[] = {
		"旅",	"😀",
		"é",	"a",
		" ",	"<",
		"\"",	"\\",
		"\n",	"@",
		"[",	"*",
		"&",	"://",
		"\xff", "\x01",
		"\t",	"\r",
		"www.", "\xE2\x80\xA8",
		"#",	"_",
		"`",	"\xE2\x80",
		":",	"\xE2\x80\x8B",
		"//",
	};
	const size_t len = roll((uint32_t)size + 1);
	const uint32_t some = 1 + roll((uint32_t)ARRAY_LEN(pieces));
	struct text text;

	text_init(&text, arena_alloc(&made.arena, len + 1), len + 1);
	while (!text.cut)
		text_add(&text, pieces[roll(some)]);
	return text.data;
}

static struct notice random_notice(const struct chat *chat)
{
	struct notice notice = plain_notice;

	notice.title = random_text(roll(4) ? 60 : 3 * chat->max);
	notice.text = random_text(roll(2) ? 3 * chat->max : chat->max / 2);
	notice.url = roll(3) ? plain_notice.url : roll(2) ? many("u", 512) : "";
	notice.attempts = (int)roll(20);
	notice.urgent = roll(2);
	if (roll(3) == 0)
		notice.type = "notice.digest";
	if (roll(5) == 0)
		notice.alert = 0;
	mention(roll(2) ? chat->mention : NULL);
	return notice;
}

static void no_text_passes_a_limit_or_loses_its_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		const struct chat *chat = &chats[i];
		bool near = false;

		for (int round = 0; round < 60; round++) {
			const struct notice notice = random_notice(chat);
			const cJSON *tree = build_chat(chat, &notice);
			const char *said;
			size_t size;

			if (at_path(tree, "template_card.card_type"))
				continue;
			said = content_of(tree);
			size = size_of(chat, said);
			assert_true(size <= chat->max);
			assert_true(text_is_utf8(said, strlen(said)));
			assert_non_null(strstr(made.request.body, notice.url));
			if (notice.alert)
				assert_non_null(strstr(said, "#A-000045"));
			/* What was cut fills its message; a list loses a whole line. */
			if (strstr(said, "…") && strcmp(notice.type, "notice.digest") != 0)
				near = near || size > chat->max - 12;
		}
		assert_true(near);
	}
}

static void what_fits_by_weight_goes_out_uncut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		const struct chat *chat = &chats[i];
		int full = 0;

		for (int round = 0; round < 60; round++) {
			struct notice notice = random_notice(chat);
			const char *text = "";
			size_t room, weight;
			const cJSON *tree;

			notice.type = "notice.digest";
			made.endpoint.channel = chat->channel;
			made.endpoint.form = chat->form;
			room = channel_room(&made.endpoint);
			assert_true(room > 1000);
			notice.title = random_text(roll(2) ? 90 : room / 3);
			weight = channel_weight(&made.endpoint, notice.title);
			/* As the courier fills it: line by line, each weighed for itself. */
			for (;;) {
				const char *line = random_text(100);
				size_t more = channel_weight(&made.endpoint, line) +
					      channel_weight(&made.endpoint, "\n");

				if (weight + more > room)
					break;
				weight += more;
				text = arena_printf(&made.arena, "%s%s\n", text, line);
				if (roll(1000) == 0)
					break;
			}
			full += weight > room * 9 / 10;
			notice.text = text;
			tree = build_chat(chat, &notice);
			assert_true(made.request.body_len > 0);
			if (!at_path(tree, "template_card.card_type") &&
			    strstr(content_of(tree), "…"))
				fail_msg("%s form %d: %zu of %zu is cut",
					 channel_word(chat->channel), chat->form, weight, room);
			arena_clear(&made.arena);
		}
		assert_true(full > 20);
	}
}

static void a_list_loses_whole_lines_and_counts_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chats); i++) {
		const struct chat *chat = &chats[i];
		struct notice notice = plain_notice;
		const char *said, *mark;
		size_t there = 0;
		int missing = 0;

		notice.type = "notice.digest";
		notice.text = many("旅客已到达门口尚未接收\n", 6000);
		notice.text = arena_printf(&made.arena, "%s旅客已到达门口尚未接收", notice.text);
		said = content_of(build_chat(chat, &notice));
		assert_true(size_of(chat, said) <= chat->max);
		for (const char *at = said; (at = strstr(at, "旅客已到达门口尚未接收")); at++)
			there++;
		mark = strstr(said, "…另有");
		assert_non_null(mark);
		assert_int_equal(sscanf(mark, "…另有%d条", &missing), 1);
		assert_int_equal(there + (size_t)missing, 6001);
		assert_int_equal(mark[-1], '\n');
		assert_true(size_of(chat, said) > chat->max - 60);
	}
}

static void a_line_longer_than_all_is_cut_like_a_text(void **state)
{
	struct notice notice = plain_notice;
	const char *said;

	(void)state;
	notice.type = "notice.digest";
	notice.text = many("旅", 9000);
	said = content(CHANNEL_WECOM, FORM_TEXT, &notice);
	assert_non_null(strstr(said, "旅…\n"));
	notice.title = many("题", 9000);
	said = content(CHANNEL_WECOM, FORM_TEXT, &notice);
	assert_non_null(strstr(said, "题…\n旅"));
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, channel_begin, channel_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(wecom_speaks_its_three_forms),
		CASE(a_card_that_cannot_hold_it_goes_as_markdown),
		CASE(dingtalk_speaks_its_three_forms),
		CASE(dingtalk_is_signed_in_its_url_anew_each_time),
		CASE(feishu_speaks_its_two_forms),
		CASE(feishu_signs_nothing_with_a_key_that_holds_the_time),
		CASE(slack_speaks_its_two_forms),
		CASE(words_are_the_readers_language),
		CASE(a_word_that_is_missing_loses_no_message),
		CASE(only_the_urgent_is_called_by_name),
		CASE(travellers_cannot_mention_link_or_mark_up),
		CASE(marks_of_ours_are_not_a_travellers),
		CASE(an_escape_is_no_way_around),
		CASE(a_break_inside_a_word_hides_nothing_and_joins_nothing),
		CASE(a_repeat_says_so),
		CASE(a_link_that_fills_the_message_is_refused),
		CASE(limits_are_bytes_and_cuts_fall_between_characters),
		CASE(no_text_passes_a_limit_or_loses_its_end),
		CASE(what_fits_by_weight_goes_out_uncut),
		CASE(a_list_loses_whole_lines_and_counts_them),
		CASE(a_line_longer_than_all_is_cut_like_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
