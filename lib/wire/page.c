/* page.c — builds the page behind an ack link and plain message pages.
 * Neighbours: page_html.c has the markup and the words, page_question.c the answers to an
 * address, page_list.c the page of a digest. */
#include "wire/page_html.h"

#include <assert.h>

/* What stands under the alert, by state. */
static const struct state_row {
	enum page_word says;
	const char *class;
	bool content; /* Title and text of the alert may be shown. */
	bool button;
	bool by;
	bool outcome;
} states[] = {
	[PAGE_ACK_OPEN] = {.says = WORD_TITLE, .class = "open", .content = true, .button = true},
	[PAGE_ACK_DONE] = {.says = WORD_DONE, .class = "done", .content = true, .by = true},
	[PAGE_ACK_ALREADY] = {.says = WORD_ALREADY, .class = "done", .content = true, .by = true},
	[PAGE_ACK_OVER] =
		{.says = WORD_OVER, .class = "done", .content = true, .by = true, .outcome = true},
	[PAGE_ACK_EXPIRED] = {.says = WORD_EXPIRED, .class = "expired"},
	[PAGE_ACK_UNKNOWN] = {.says = WORD_UNKNOWN, .class = "unknown"},
	[PAGE_ACK_LOCKED] = {.says = WORD_LOCKED, .class = "expired"},
	[PAGE_ACK_BUSY] = {.says = WORD_BUSY, .class = "expired"},
};
_Static_assert(ARRAY_LEN(states) == PAGE_ACK_STATES, "the last state lacks its row");

static void add_content(struct text *out, const struct page_ack *model, const char *otherwise)
{
	const struct page_words *first = &model->words, *second = &model->words_second;

	if (model->alert)
		html_element(out, "p", "number", NULL, model->alert);
	text_add(out, "<h1>");
	page_escape(out, first->title ? first->title : otherwise);
	if (second->title) {
		text_add(out, " <span lang=\"en\">");
		page_escape(out, second->title);
		text_add(out, "</span>");
	}
	text_add(out, "</h1>\n");
	if (first->text && *first->text)
		html_element(out, "p", "words", NULL, first->text);
	if (second->text && *second->text)
		html_element(out, "p", "words second", "en", second->text);
}

static void add_outcome(struct text *out, const struct page_ack *model,
			const struct page_books *books)
{
	const char *second = model->outcome_second ? model->outcome_second : model->outcome;
	const char *at = model->over_at ? model->over_at : "?";
	char room[600];
	struct text line = TEXT_OVER(room);

	text_add(out, "<p class=\"outcome\">");
	text_clear(&line);
	words_fill(books, false, WORD_OUTCOME,
		   (struct phrase_arg[]){{"outcome", model->outcome}, {"at", at}}, 2, &line);
	page_escape(out, room);
	text_clear(&line);
	words_fill(books, true, WORD_OUTCOME,
		   (struct phrase_arg[]){{"outcome", second}, {"at", at}}, 2, &line);
	text_add(out, " <span lang=\"en\">");
	page_escape(out, room);
	text_add(out, "</span></p>\n");
}

void page_ack(struct text *out, const struct page_ack *model)
{
	const struct page_books books = {model->first, model->second};
	const struct phrase_arg args[] = {
		{"by", model->by ? model->by : "?"},
		{"at", model->at ? model->at : "?"},
	};
	const struct state_row *state;
	char room[600];
	struct text title = TEXT_OVER(room);

	assert(model->state < PAGE_ACK_STATES);
	state = &states[model->state];
	text_clear(&title);
	words_fill(&books, false, WORD_TITLE, NULL, 0, &title);
	html_begin(out, room, "no-referrer");
	if (model->drill)
		words_paragraph(out, &books, WORD_DRILL, "drill", NULL, 0);
	if (state->content)
		add_content(out, model, room);
	if (!state->button)
		words_paragraph(out, &books, state->says, state->class, NULL, 0);
	if (state->by && model->by)
		words_paragraph(out, &books, WORD_BY, "by", args, ARRAY_LEN(args));
	if (state->outcome && model->outcome)
		add_outcome(out, model, &books);
	if (state->content && model->question)
		question_write(out, &books, model->question, &model->form);
	else if (state->button)
		html_form(out, &books, &model->form, WORD_BUTTON);
	html_end(out);
}

void page_message(struct text *out, const char *title, const char *text)
{
	html_begin(out, title, "no-referrer");
	html_element(out, "h1", NULL, NULL, title);
	html_element(out, "p", "words", NULL, text);
	html_end(out);
}
