/* page.c — builds the page behind an ack link and plain message pages.
 * Neighbours: phrase.c has the words, http_in sends the bytes with no-store and no-referrer. */
#include <assert.h>
#include <string.h>

#include "wire/page.h"

#define NAME_MAX_CHARS "40"

enum word {
	WORD_TITLE,
	WORD_BUTTON,
	WORD_NAME,
	WORD_NAME_MISSING,
	WORD_DRILL,
	WORD_DONE,
	WORD_BY,
	WORD_EXPIRED,
	WORD_UNKNOWN,
	WORD_ALREADY,
	WORDS,
};

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
	[WORD_NAME_MISSING] = {"page.ack.name_missing", "请填写姓名,才能确认。",
			       "Your name is missing: please fill it in."},
	[WORD_DRILL] = {"mark.drill", "【演练】", "[DRILL] "},
	[WORD_DONE] = {"page.ack.done", "已确认,由您处理。", "Confirmed: you take it."},
	[WORD_BY] = {"page.ack.by", "{by} 于 {at} 已确认", "Taken by {by} at {at}"},
	[WORD_EXPIRED] = {"page.ack.expired", "链接已过期,请联系值班人员。",
			  "This link has expired; please call the duty desk."},
	[WORD_UNKNOWN] = {"page.ack.unknown", "链接无效。", "This link is not valid."},
	[WORD_ALREADY] = {"page.ack.already", "已有人处理。", "Somebody has taken it already."},
};
_Static_assert(ARRAY_LEN(words) == WORDS, "the last word lacks its row");

/* What stands under the alert, by state. */
static const struct state_row {
	enum word says;
	const char *class;
	bool content; /* Title and text of the alert may be shown. */
	bool button;
	bool by;
} states[] = {
	[PAGE_ACK_OPEN] = {.says = WORD_TITLE, .class = "open", .content = true, .button = true},
	[PAGE_ACK_DONE] = {.says = WORD_DONE, .class = "done", .content = true, .by = true},
	[PAGE_ACK_ALREADY] = {.says = WORD_ALREADY, .class = "done", .content = true, .by = true},
	[PAGE_ACK_EXPIRED] = {.says = WORD_EXPIRED, .class = "expired"},
	[PAGE_ACK_UNKNOWN] = {.says = WORD_UNKNOWN, .class = "unknown"},
};
_Static_assert(ARRAY_LEN(states) == PAGE_ACK_STATES, "the last state lacks its row");

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

static void add_attribute(struct text *out, const char *name, const char *value)
{
	text_addf(out, " %s=\"", name);
	page_escape(out, value);
	text_add(out, "\"");
}

static void add_element(struct text *out, const char *tag, const char *class, const char *string)
{
	text_addf(out, "<%s", tag);
	if (class)
		add_attribute(out, "class", class);
	text_add(out, ">");
	page_escape(out, string);
	text_addf(out, "</%s>\n", tag);
}

static void begin(struct text *out, const char *title)
{
	text_add(out, "<!DOCTYPE html>\n"
		      "<html lang=\"zh-CN\">\n<head>\n"
		      "<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"robots\" content=\"noindex, nofollow\">\n"
		      "<meta name=\"referrer\" content=\"no-referrer\">\n"
		      "<link rel=\"stylesheet\" href=\"/static/style.css\">\n");
	add_element(out, "title", NULL, title);
	text_add(out, "</head>\n<body class=\"page\">\n<main>\n");
}

static void end(struct text *out)
{
	text_add(out, "</main>\n</body>\n</html>\n");
}

/* --- words in two languages --- */

static void fill(const struct page_ack *model, bool second, enum word word, struct text *out)
{
	const struct phrase_arg args[] = {
		{"by", model->by ? model->by : "?"},
		{"at", model->at ? model->at : "?"},
		{"alert", model->alert ? model->alert : ""},
	};
	const struct phrase built_in = {words[word].key,
					second ? words[word].second : words[word].first};
	const struct phrasebook fallback = {second ? "en" : "zh-CN", 1, &built_in};
	const struct phrasebook *book = second ? model->second : model->first;

	if (!book || !phrase_find(book, words[word].key))
		book = &fallback;
	phrase_fill(book, words[word].key, args, ARRAY_LEN(args), out);
}

/* Both languages: the first, and the second smaller below it or after it. */
static void add_words(struct text *out, const struct page_ack *model, enum word word)
{
	char room[600];
	struct text line = TEXT_OVER(room);

	text_clear(&line);
	fill(model, false, word, &line);
	page_escape(out, room);
	text_clear(&line);
	fill(model, true, word, &line);
	text_add(out, " <span lang=\"en\">");
	page_escape(out, room);
	text_add(out, "</span>");
}

static void add_paragraph(struct text *out, const struct page_ack *model, enum word word,
			  const char *class)
{
	text_add(out, "<p");
	add_attribute(out, "class", class);
	text_add(out, ">");
	add_words(out, model, word);
	text_add(out, "</p>\n");
}

static void add_form(struct text *out, const struct page_ack *model)
{
	text_add(out, "<form method=\"post\"");
	add_attribute(out, "action", model->action);
	text_add(out, ">\n");
	if (model->ask_name) {
		if (model->name_missing)
			add_paragraph(out, model, WORD_NAME_MISSING, "missing");
		text_add(out, "<label for=\"name\">");
		add_words(out, model, WORD_NAME);
		text_add(out, "</label>\n<input id=\"name\" name=\"name\" type=\"text\" "
			      "maxlength=\"" NAME_MAX_CHARS "\" autocomplete=\"name\" required>\n");
	}
	text_add(out, "<button type=\"submit\">");
	add_words(out, model, WORD_BUTTON);
	text_add(out, "</button>\n</form>\n");
}

void page_ack(struct text *out, const struct page_ack *model)
{
	const struct state_row *state;
	char room[600];
	struct text title = TEXT_OVER(room);

	assert(model->state < PAGE_ACK_STATES);
	state = &states[model->state];
	assert(!state->button || model->action);
	text_clear(&title);
	fill(model, false, WORD_TITLE, &title);
	begin(out, room);
	if (model->drill)
		add_paragraph(out, model, WORD_DRILL, "drill");
	if (state->content) {
		if (model->alert)
			add_element(out, "p", "number", model->alert);
		add_element(out, "h1", NULL, model->title ? model->title : room);
		if (model->text && *model->text)
			add_element(out, "p", "words", model->text);
	}
	if (!state->button)
		add_paragraph(out, model, state->says, state->class);
	if (state->by && model->by)
		add_paragraph(out, model, WORD_BY, "by");
	if (state->button)
		add_form(out, model);
	end(out);
}

void page_message(struct text *out, const char *title, const char *text)
{
	begin(out, title);
	add_element(out, "h1", NULL, title);
	add_element(out, "p", "words", text);
	end(out);
}
