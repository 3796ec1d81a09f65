/* page_html.h — what the pages share: escaped HTML, words in two languages, the form. Private to
 * lib/wire. */
#ifndef WIRE_PAGE_HTML_H
#define WIRE_PAGE_HTML_H

#include "wire/page.h"

enum page_word {
	WORD_TITLE,
	WORD_BUTTON,
	WORD_NAME,
	WORD_NAME_MISSING,
	WORD_PIN,
	WORD_PIN_WRONG,
	WORD_DRILL,
	WORD_DONE,
	WORD_BY,
	WORD_EXPIRED,
	WORD_UNKNOWN,
	WORD_ALREADY,
	WORD_OVER,
	WORD_OUTCOME,
	WORD_LOCKED,
	WORD_BUSY,
	WORD_LIST_TITLE,
	WORD_LIST_SUMMARY,
	WORD_LIST_BUTTON,
	WORD_LIST_DONE,
	WORD_LIST_NONE,
	WORD_LIST_MORE,
	WORD_LIST_OPEN,
	WORD_ADDRESS,
	WORD_ADDRESS_CHOOSE,
	WORD_ADDRESS_NONE,
	WORD_ADDRESS_LISTED,
	WORD_ADDRESS_STREETS,
	WORD_ADDRESS_SHOW,
	WORD_ADDRESS_OTHER,
	WORD_ADDRESS_ASSIGN,
	WORD_ADDRESS_LATER,
	WORD_ADDRESS_WRONG,
	WORD_ADDRESS_DECIDED,
	WORD_LOGIN_TITLE,
	WORD_LOGIN_SAYS,
	WORD_LOGIN_TOKEN,
	WORD_LOGIN_BUTTON,
	WORD_LOGIN_WRONG,
	WORD_LOGIN_BUSY,
	WORD_LOGIN_DOWN,
	PAGE_WORDS,
};

/* Both books may be NULL: then built-in words are used. */
struct page_books {
	const struct phrasebook *first, *second;
};

/* REFERRER is what the page's links and forms tell of it: "no-referrer" where its address is a
 * permission. */
void html_begin(struct text *out, const char *title, const char *referrer);
void html_end(struct text *out);
void html_attribute(struct text *out, const char *name, const char *value);
/* CLASS and LANG may be NULL. */
void html_element(struct text *out, const char *tag, const char *class, const char *lang,
		  const char *string);

/* WORD in one language, plain. */
void words_fill(const struct page_books *books, bool second, enum page_word word,
		const struct phrase_arg *args, size_t len, struct text *out);
/* Both: the first, and the second smaller after it. */
void words_both(struct text *out, const struct page_books *books, enum page_word word,
		const struct phrase_arg *args, size_t len);
void words_paragraph(struct text *out, const struct page_books *books, enum page_word word,
		     const char *class, const struct phrase_arg *args, size_t len);

/* A label in two languages for INPUT. */
void html_label(struct text *out, const struct page_books *books, const char *input,
		enum page_word word, const struct phrase_arg *args, size_t len);
/* The beginning of the form that posts to FORM's action: who, and the PIN. */
void html_form_begin(struct text *out, const struct page_books *books,
		     const struct page_form *form);
/* A whole form, with BUTTON on it. */
void html_form(struct text *out, const struct page_books *books, const struct page_form *form,
	       enum page_word button);

/* page_question.c — what is known of an address, and its form. */
void question_write(struct text *out, const struct page_books *books,
		    const struct page_question *question, const struct page_form *form);

#endif
