/* page_login.c — the page where a reader shows her token: one field and one button, without script.
 * Neighbours: page_html.c has the markup and the words, the daemon's api_session.c takes what is
 * posted. */
#include "wire/page_html.h"

#include <assert.h>

static const enum page_word said[] = {
	[PAGE_LOGIN_ASK] = WORD_LOGIN_SAYS,
	[PAGE_LOGIN_WRONG] = WORD_LOGIN_WRONG,
	[PAGE_LOGIN_BUSY] = WORD_LOGIN_BUSY,
	[PAGE_LOGIN_DOWN] = WORD_LOGIN_DOWN,
};
_Static_assert(ARRAY_LEN(said) == PAGE_LOGIN_STATES, "the last state lacks its word");

void page_login(struct text *out, const struct page_login *model)
{
	const struct page_books books = {model->first, model->second};
	char room[600];
	struct text title = TEXT_OVER(room);

	assert(model->state < PAGE_LOGIN_STATES);
	text_clear(&title);
	words_fill(&books, false, WORD_LOGIN_TITLE, NULL, 0, &title);
	html_begin(out, room, "same-origin");
	if (model->drill)
		words_paragraph(out, &books, WORD_DRILL, "drill", NULL, 0);
	text_add(out, "<h1>");
	words_both(out, &books, WORD_LOGIN_TITLE, NULL, 0);
	text_add(out, "</h1>\n");
	words_paragraph(out, &books, said[model->state],
			model->state == PAGE_LOGIN_ASK ? "second words" : "missing", NULL, 0);
	text_add(out, "<form method=\"post\" action=\"/login\">\n");
	html_label(out, &books, "token", WORD_LOGIN_TOKEN, NULL, 0);
	text_add(out, "<input id=\"token\" name=\"token\" type=\"password\" maxlength=\"512\" "
		      "autocomplete=\"current-password\" autocapitalize=\"none\" "
		      "spellcheck=\"false\" required autofocus>\n"
		      "<button type=\"submit\">");
	words_both(out, &books, WORD_LOGIN_BUTTON, NULL, 0);
	text_add(out, "</button>\n</form>\n");
	html_end(out);
}
