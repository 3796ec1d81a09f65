/* page_question.c — an address that a human is asked about: why, as far as it may be shown, and
 * each committee it may be as one button. Neighbours: page.c has the page around it, page_html.c
 * the markup and the words. */
#include "wire/page_html.h"

static void add_pair(struct text *out, const char *class, const char *first, const char *second)
{
	if (!first)
		return;
	text_add(out, "<p");
	html_attribute(out, "class", class);
	text_add(out, ">");
	page_escape(out, first);
	if (second) {
		text_add(out, " <span lang=\"en\">");
		page_escape(out, second);
		text_add(out, "</span>");
	}
	text_add(out, "</p>\n");
}

static void add_address(struct text *out, const struct page_books *books, const char *address)
{
	text_add(out, "<p class=\"address\">");
	words_both(out, books, WORD_ADDRESS, NULL, 0);
	text_add(out, "<br><strong>");
	page_escape(out, address);
	text_add(out, "</strong></p>\n");
}

static void add_choice(struct text *out, const struct page_choice *choice)
{
	text_add(out, "<button type=\"submit\" name=\"code\"");
	html_attribute(out, "value", choice->code);
	text_add(out, "><strong>");
	page_escape(out, choice->name);
	text_add(out, "</strong><br>");
	page_escape(out, choice->chain);
	text_add(out, "</button>\n");
}

static void add_button(struct text *out, const struct page_books *books, const char *value,
		       enum page_word word)
{
	text_addf(out, "<button type=\"submit\" class=\"calm\" name=\"code\" value=\"%s\">", value);
	words_both(out, books, word, NULL, 0);
	text_add(out, "</button>\n");
}

static void add_select(struct text *out, const struct page_books *books, const char *name,
		       enum page_word word, const struct page_units *units)
{
	const struct phrase_arg unit = {"unit", units->name};

	html_label(out, books, name, word, &unit, 1);
	text_addf(out, "<select id=\"%s\" name=\"%s\">\n<option value=\"\"></option>\n", name,
		  name);
	for (size_t i = 0; i < units->len; i++) {
		text_add(out, "<option");
		html_attribute(out, "value", units->list[i].code);
		text_add(out, ">");
		page_escape(out, units->list[i].name);
		text_add(out, "</option>\n");
	}
	text_add(out, "</select>\n");
}

/* A street has up to 170 committees: too many for a button each. */
static void add_committees(struct text *out, const struct page_books *books,
			   const struct page_units *committees)
{
	if (committees->len == 0)
		return;
	add_select(out, books, "listed", WORD_ADDRESS_LISTED, committees);
	add_button(out, books, "listed", WORD_ADDRESS_ASSIGN);
}

/* Which street's committees to list: a question to the page itself, which changes nothing. */
static void add_streets(struct text *out, const struct page_books *books,
			const struct page_units *streets, const struct page_form *form)
{
	if (streets->len == 0)
		return;
	text_add(out, "<div class=\"answers\">\n<form method=\"get\"");
	html_attribute(out, "action", form->action);
	text_add(out, ">\n");
	add_select(out, books, "street", WORD_ADDRESS_STREETS, streets);
	text_add(out, "<button type=\"submit\" class=\"calm\">");
	words_both(out, books, WORD_ADDRESS_SHOW, NULL, 0);
	text_add(out, "</button>\n</form>\n</div>\n");
}

static void add_form(struct text *out, const struct page_books *books,
		     const struct page_question *question, const struct page_form *form)
{
	text_add(out, "<div class=\"answers\">\n");
	html_form_begin(out, books, form);
	/* The key that ends the typing of a name presses the first button of a form: this one,
	 * which does nothing, so that nobody is sent anywhere by a keyboard. */
	text_add(out, "<button type=\"submit\" disabled hidden></button>\n");
	words_paragraph(out, books, question->choices_len ? WORD_ADDRESS_CHOOSE : WORD_ADDRESS_NONE,
			"choose", NULL, 0);
	for (size_t i = 0; i < question->choices_len; i++)
		add_choice(out, &question->choices[i]);
	if (question->code_wrong)
		words_paragraph(out, books, WORD_ADDRESS_WRONG, "missing", NULL, 0);
	add_committees(out, books, &question->committees);
	html_label(out, books, "other", WORD_ADDRESS_OTHER, NULL, 0);
	text_add(out, "<input id=\"other\" name=\"other\" type=\"text\" inputmode=\"numeric\" "
		      "maxlength=\"12\" autocomplete=\"off\">\n");
	add_button(out, books, "other", WORD_ADDRESS_ASSIGN);
	if (question->later)
		add_button(out, books, "", WORD_ADDRESS_LATER);
	text_add(out, "</form>\n</div>\n");
}

void question_write(struct text *out, const struct page_books *books,
		    const struct page_question *question, const struct page_form *form)
{
	const struct phrase_arg unit = {"unit", question->decided};

	if (question->decided) {
		words_paragraph(out, books, WORD_ADDRESS_DECIDED, "done", &unit, 1);
		return;
	}
	if (!question->open)
		return;
	add_pair(out, "why", question->why, question->why_second);
	if (question->address && *question->address)
		add_address(out, books, question->address);
	/* Where nothing is known but a county, the street comes first. */
	bool street_first = question->choices_len == 0 && question->committees.len == 0;

	if (street_first)
		add_streets(out, books, &question->streets, form);
	add_form(out, books, question, form);
	if (!street_first)
		add_streets(out, books, &question->streets, form);
}
