/* page_html.c — see page_html.h. Neighbours: page.c, page_question.c and page_list.c say what
 * stands on a page. */
#include "wire/page_html.h"

#include <assert.h>
#include <string.h>

#define NAME_MAX_CHARS "40"
#define PIN_MAX_CHARS  "16"

/* Keys of the phrase books, and what is said when a book lacks one: at 3 a.m. the button must be
 * there. */
static const struct word_row {
	const char *key;
	const char *first;
	const char *second;
} words[] = {
	[WORD_TITLE] = {"page.ack.title", "确认警报", "Confirm the alert"},
	[WORD_BUTTON] = {"page.ack.button", "我来处理", "I take it"},
	[WORD_NAME] = {"page.ack.name", "您的姓名", "Your name"},
	[WORD_NAME_MISSING] = {"page.ack.name_missing", "请填写姓名，才能确认。",
			       "Your name is missing: please fill it in."},
	[WORD_PIN] = {"page.ack.pin", "确认码", "PIN"},
	[WORD_PIN_WRONG] = {"page.ack.pin_wrong", "确认码不正确，请重新输入。",
			    "The PIN is not right: please try again."},
	[WORD_DRILL] = {"mark.drill", "【演练】", "[DRILL] "},
	[WORD_DONE] = {"page.ack.done", "已确认，由您处理。", "Confirmed: you take it."},
	[WORD_BY] = {"page.ack.by", "{by} 于 {at} 已确认", "Taken by {by} at {at}"},
	[WORD_EXPIRED] = {"page.ack.expired", "链接已过期，请联系值班人员。",
			  "This link has expired; please call the duty desk."},
	[WORD_UNKNOWN] = {"page.ack.unknown", "链接无效。", "This link is not valid."},
	[WORD_ALREADY] = {"page.ack.already", "已有人处理。", "Somebody has taken it already."},
	[WORD_OVER] = {"page.ack.over", "此事已了结，无需处理。",
		       "This is over; nothing is left to do."},
	[WORD_OUTCOME] = {"page.ack.outcome", "{at} 了结：{outcome}", "Ended at {at}: {outcome}"},
	[WORD_LOCKED] = {"page.ack.locked", "确认码多次输错，请15分钟后再试，或联系值班人员。",
			 "Too many wrong PINs: try again in 15 minutes, or call the duty desk."},
	[WORD_BUSY] = {"page.ack.busy", "打开次数过多，请稍后再试。",
		       "Opened too often: please try again shortly."},
	[WORD_LIST_TITLE] = {"page.list.title", "待处理通知", "Alerts waiting"},
	[WORD_LIST_SUMMARY] = {"page.list.summary", "共{count}件，待接手{open}件",
			       "{count} in all, {open} waiting"},
	[WORD_LIST_BUTTON] = {"page.list.button", "全部由我处理", "I take them all"},
	[WORD_LIST_DONE] = {"page.list.done", "已记录，{count}件由您负责。",
			    "Recorded: {count} are yours now."},
	[WORD_LIST_NONE] = {"page.list.none", "没有待接手的事项。", "None is waiting."},
	[WORD_LIST_MORE] = {"page.list.more", "…另有{count}件", "… and {count} more"},
	[WORD_LIST_OPEN] = {"page.list.open", "待接手", "waiting"},
	[WORD_ADDRESS] = {"page.address.text", "地址", "Address"},
	[WORD_ADDRESS_CHOOSE] = {"page.address.choose", "属于哪个居（村）委会？",
				 "Which committee is it?"},
	[WORD_ADDRESS_NONE] = {"page.address.none", "没有找到相近的居（村）委会。",
			       "No committee like it was found."},
	[WORD_ADDRESS_LISTED] = {"page.address.listed", "{unit}的居（村）委会",
				 "All committees of {unit}"},
	[WORD_ADDRESS_STREETS] = {"page.address.streets", "{unit}的街道（乡镇）",
				  "Streets and towns of {unit}"},
	[WORD_ADDRESS_SHOW] = {"page.address.show", "列出其居（村）委会", "List its committees"},
	[WORD_ADDRESS_OTHER] = {"page.address.other", "其他居（村）委会（12位代码）",
				"Another committee (12-digit code)"},
	[WORD_ADDRESS_ASSIGN] = {"page.address.assign", "指派", "Assign"},
	[WORD_ADDRESS_LATER] = {"page.address.later", "先接手，稍后再定",
				"I take it, and decide later"},
	[WORD_ADDRESS_WRONG] = {"page.address.wrong", "没有这个代码的居（村）委会，请核对。",
				"No committee has this code: please check it."},
	[WORD_ADDRESS_DECIDED] = {"page.address.decided", "已确定：{unit}", "Settled: {unit}"},
	[WORD_LOGIN_TITLE] = {"page.login.title", "登录", "Sign in"},
	[WORD_LOGIN_SAYS] = {"page.login.says", "请粘贴您的访问令牌。", "Paste your access token."},
	[WORD_LOGIN_TOKEN] = {"page.login.token", "访问令牌", "Access token"},
	[WORD_LOGIN_BUTTON] = {"page.login.button", "登录", "Sign in"},
	[WORD_LOGIN_WRONG] = {"page.login.wrong", "令牌无效或已失效。",
			      "This token is not valid, or not any more."},
	[WORD_LOGIN_BUSY] = {"page.login.busy", "错误次数过多，请稍后再试。",
			     "Too many wrong tokens: please try again in a moment."},
	[WORD_LOGIN_DOWN] = {"page.login.down", "暂时无法核对，请稍后再试。",
			     "Tokens cannot be checked now: please try again in a moment."},
};
_Static_assert(ARRAY_LEN(words) == PAGE_WORDS, "the last word lacks its row");

/* --- HTML ---------------------------------------------------------------------------------- */

/* The entity for C, or NULL when it stands for itself. */
static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void page_escape(struct text *out, const char *string)
{
	const size_t len = string ? strlen(string) : 0;

	for (size_t at = 0, used; at < len; at += used) {
		uint32_t code_point = text_decode(string + at, len - at, &used);
		const char *name = code_point < 0x80 ? entity((char)code_point) : NULL;
		char bytes[4];

		if (name)
			text_add(out, name);
		else if (code_point == '\n' || (code_point >= 0x20 && code_point != 0x7f &&
						!(code_point >= 0x80 && code_point < 0xa0)))
			text_add_bytes(out, bytes, text_encode(code_point, bytes));
	}
}

void html_attribute(struct text *out, const char *name, const char *value)
{
	text_addf(out, " %s=\"", name);
	page_escape(out, value);
	text_add(out, "\"");
}

void html_element(struct text *out, const char *tag, const char *class, const char *lang,
		  const char *string)
{
	text_addf(out, "<%s", tag);
	if (class)
		html_attribute(out, "class", class);
	if (lang)
		html_attribute(out, "lang", lang);
	text_add(out, ">");
	page_escape(out, string);
	text_addf(out, "</%s>\n", tag);
}

void html_begin(struct text *out, const char *title, const char *referrer)
{
	text_add(out, "<!DOCTYPE html>\n"
		      "<html lang=\"zh-CN\">\n<head>\n"
		      "<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"robots\" content=\"noindex, nofollow\">\n"
		      "<meta name=\"referrer\"");
	html_attribute(out, "content", referrer);
	text_add(out, ">\n"
		      "<link rel=\"stylesheet\" href=\"/static/style.css\">\n");
	html_element(out, "title", NULL, NULL, title);
	text_add(out, "</head>\n<body class=\"page\">\n<main>\n");
}

void html_end(struct text *out)
{
	text_add(out, "</main>\n</body>\n</html>\n");
}

/* --- Words in two languages ---------------------------------------------------------------- */

void words_fill(const struct page_books *books, bool second, enum page_word word,
		const struct phrase_arg *args, size_t len, struct text *out)
{
	const struct phrase built_in = {words[word].key,
					second ? words[word].second : words[word].first};
	const struct phrasebook fallback = {second ? "en" : "zh-CN", 1, &built_in};
	const struct phrasebook *book = second ? books->second : books->first;

	assert(word < PAGE_WORDS);
	if (!book || !phrase_find(book, words[word].key))
		book = &fallback;
	phrase_fill(book, words[word].key, args, len, out);
}

void words_both(struct text *out, const struct page_books *books, enum page_word word,
		const struct phrase_arg *args, size_t len)
{
	char room[600];
	struct text line = TEXT_OVER(room);

	text_clear(&line);
	words_fill(books, false, word, args, len, &line);
	page_escape(out, room);
	text_clear(&line);
	words_fill(books, true, word, args, len, &line);
	text_add(out, " <span lang=\"en\">");
	page_escape(out, room);
	text_add(out, "</span>");
}

void words_paragraph(struct text *out, const struct page_books *books, enum page_word word,
		     const char *class, const struct phrase_arg *args, size_t len)
{
	text_add(out, "<p");
	html_attribute(out, "class", class);
	text_add(out, ">");
	words_both(out, books, word, args, len);
	text_add(out, "</p>\n");
}

/* --- The form ------------------------------------------------------------------------------ */

void html_label(struct text *out, const struct page_books *books, const char *input,
		enum page_word word, const struct phrase_arg *args, size_t len)
{
	text_addf(out, "<label for=\"%s\">", input);
	words_both(out, books, word, args, len);
	text_add(out, "</label>\n");
}

void html_form_begin(struct text *out, const struct page_books *books, const struct page_form *form)
{
	assert(form->action);
	text_add(out, "<form method=\"post\"");
	html_attribute(out, "action", form->action);
	text_add(out, ">\n");
	if (form->ask_name) {
		if (form->name_missing)
			words_paragraph(out, books, WORD_NAME_MISSING, "missing", NULL, 0);
		html_label(out, books, "name", WORD_NAME, NULL, 0);
		text_add(out, "<input id=\"name\" name=\"name\" type=\"text\" "
			      "maxlength=\"" NAME_MAX_CHARS "\" autocomplete=\"name\"");
		if (form->name && *form->name)
			html_attribute(out, "value", form->name);
		text_add(out, " required>\n");
	}
	if (form->ask_pin) {
		if (form->pin_wrong)
			words_paragraph(out, books, WORD_PIN_WRONG, "missing", NULL, 0);
		html_label(out, books, "pin", WORD_PIN, NULL, 0);
		text_add(out, "<input id=\"pin\" name=\"pin\" type=\"password\" "
			      "inputmode=\"numeric\" "
			      "maxlength=\"" PIN_MAX_CHARS "\" autocomplete=\"off\" required>\n");
	}
}

void html_form(struct text *out, const struct page_books *books, const struct page_form *form,
	       enum page_word button)
{
	html_form_begin(out, books, form);
	text_add(out, "<button type=\"submit\">");
	words_both(out, books, button, NULL, 0);
	text_add(out, "</button>\n</form>\n");
}
