/* page.h — the page behind a link in a message: what happened, and one button.
 *
 * HTML for a phone at night, Chinese first and English below, without a line of script. Everything
 * the caller brings is escaped here; the caller brings no markup. Colours and sizes are the
 * stylesheet's: there is no inline style or script, so the strictest content security policy holds.
 */
#ifndef WIRE_PAGE_H
#define WIRE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/phrase.h"
#include "closedloop/text.h"

/* Who presses the button, and what was wrong with what she sent. */
struct page_form {
	const char *action; /* path the button posts to: "/a/TOKEN" */
	bool ask_name;	    /* The link was sent to a group: ask who takes it (field "name"). */
	bool name_missing;  /* The button was pressed without one. */
	const char *name;   /* as sent before, or NULL */
	bool ask_pin;	    /* The endpoint has a PIN (field "pin"). */
	bool pin_wrong;
};

enum page_ack_state {
	PAGE_ACK_OPEN,	  /* Nobody has it: the button is there. */
	PAGE_ACK_DONE,	  /* The reader has just taken it. */
	PAGE_ACK_ALREADY, /* Somebody took it before. */
	PAGE_ACK_OVER,	  /* It has ended: how, and by whom if by somebody. */
	PAGE_ACK_EXPIRED, /* The link is too old; the alert may still be open. */
	PAGE_ACK_UNKNOWN, /* The link is none of ours, or the alert is gone. Title and text are not
			     shown. */
	PAGE_ACK_LOCKED,  /* Too many wrong PINs. */
	PAGE_ACK_BUSY,	  /* Asked for too often. */
	PAGE_ACK_STATES,
};

/* What an alert says, in one language. */
struct page_words {
	const char *title; /* plain text or NULL */
	const char *text;  /* plain text, several lines; or NULL */
};

/* One committee an address may belong to. */
struct page_choice {
	const char *code, *name;
	const char *chain; /* what lies above it */
};

/* An address that a human is asked about, and the answers one tap away. */
struct page_question {
	const char *why, *why_second; /* why it is a question, in words; or NULL */
	const char *address;	      /* as far as it names a place; "" or NULL: not shown */
	bool open;		      /* nobody has answered */
	bool later;		      /* … and nobody has taken it either */
	const struct page_choice *choices;
	size_t choices_len;
	/* All committees of one street, and the streets of a county to choose it from. */
	struct page_units {
		const char *name; /* of the street, of the county */
		const struct page_choice *list;
		size_t len; /* 0: not shown */
	} committees, streets;
	bool code_wrong;     /* What was sent names no committee. */
	const char *decided; /* the committee's name once it is known, or NULL */
};

struct page_ack {
	const struct phrasebook *first; /* The language in front: zh-CN. */
	const struct phrasebook
		*second; /* The one below it: en. Both may be NULL: then built-in words are used. */
	enum page_ack_state state;
	const char *alert; /* "A-000045" or NULL */
	struct page_words words, words_second;
	const char *by; /* who took it, or NULL */
	const char *at; /* when, as the reader's clock shows it: "03:12"; or NULL */
	const char *outcome, *outcome_second; /* how it ended, in words; or NULL */
	const char *over_at;		      /* when */
	bool drill;			      /* Nothing of it is real: the title says so. */
	struct page_form form;
	const struct page_question *question; /* of an alert about an address; else NULL */
};

/* One alert of a list. */
struct page_item {
	const char *alert; /* "A-000045" */
	const char *title, *title_second;
	const char *where;   /* unit, how many people, the time it is about */
	const char *href;    /* its own page, or NULL */
	bool open;	     /* nobody has it yet */
	bool told;	     /* it only tells: nobody need take it */
	const char *by, *at; /* who took it and when; or NULL */
	const char *outcome; /* how it ended; NULL while it has not */
};

/* The page behind the link of a digest: all it tells of, those that wait first. */
struct page_list {
	const struct phrasebook *first, *second;
	bool drill;
	size_t total, open; /* of all, whether listed here or not */
	bool done;	    /* The reader has just taken … */
	size_t taken;	    /* … so many. */
	const struct page_item *items;
	size_t len;
	struct page_form form;
};

/* Append STRING to OUT as HTML text or attribute value: & < > " ' escaped, control characters but
 * line breaks dropped, what is not UTF-8 replaced. */
void page_escape(struct text *out, const char *string);

/* A whole document. When OUT is too small, out->cut is true and the page must not be sent. */
void page_ack(struct text *out, const struct page_ack *model);
void page_list(struct text *out, const struct page_list *model);

enum page_login_state {
	PAGE_LOGIN_ASK,
	PAGE_LOGIN_WRONG, /* What was shown opens nothing (any more). */
	PAGE_LOGIN_BUSY,  /* Too many wrong ones. */
	PAGE_LOGIN_DOWN,  /* Nobody can be looked up now. */
	PAGE_LOGIN_STATES,
};

/* The page where a reader shows her token. */
struct page_login {
	const struct phrasebook *first, *second;
	enum page_login_state state;
	bool drill;
};

void page_login(struct text *out, const struct page_login *model);

/* A whole document with one heading and one paragraph, for all that is not an alert. */
void page_message(struct text *out, const char *title, const char *text);

#endif
