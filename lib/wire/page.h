/* page.h — the page behind the link in a message, as escaped HTML; no sockets, no state.
 *
 * GET shows it and changes nothing, because chat programs fetch every link they see; the one button
 * posts. It works without JavaScript on a phone 360 px wide. Styles come from /static/style.css:
 * there is no inline style or script, so the strictest content security policy holds.
 */
#ifndef WIRE_PAGE_H
#define WIRE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "closedloop/phrase.h"
#include "closedloop/text.h"

enum page_ack_state {
	PAGE_ACK_OPEN,	  /* Nobody has it: the button is there. */
	PAGE_ACK_DONE,	  /* The reader has just taken it. */
	PAGE_ACK_ALREADY, /* Somebody took it before. */
	PAGE_ACK_EXPIRED, /* The link is too old; the alert may still be open. */
	PAGE_ACK_UNKNOWN, /* The link is none of ours, or the alert is gone. Title and text are not
			     shown. */
	PAGE_ACK_STATES,
};

struct page_ack {
	const struct phrasebook *first; /* The language in front: zh-CN. */
	const struct phrasebook
		*second; /* The one below it: en. Both may be NULL: then built-in words are used. */
	enum page_ack_state state;
	const char *alert; /* "A-000045" or NULL */
	const char *title; /* plain text or NULL */
	const char *text;  /* plain text, several lines; or NULL */
	const char *by;	   /* who took it, or NULL */
	const char *at;	   /* when, as the reader's clock shows it: "03:12"; or NULL */
	bool ask_name;	   /* The link was sent to a group: ask who takes it (form field "name"). */
	bool name_missing; /* The button was pressed without one. */
	bool drill;	   /* Nothing of it is real: the title says so. */
	const char *action; /* path the button posts to: "/a/TOKEN" */
};

/* Append STRING to OUT as HTML text or attribute value: & < > " ' escaped, control characters but
 * line breaks dropped, what is not UTF-8 replaced. */
void page_escape(struct text *out, const char *string);

/* A whole document. When OUT is too small, out->cut is true and the page must not be sent. */
void page_ack(struct text *out, const struct page_ack *model);

/* A whole document with one heading and one paragraph, for all that is not an alert. */
void page_message(struct text *out, const char *title, const char *text);

#endif
