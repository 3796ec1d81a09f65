/* api_link.h — what the pages behind links share. Private to api_link.c,
 * api_link_address.c and api_link_list.c. */
#ifndef DAEMON_API_LINK_H
#define DAEMON_API_LINK_H

#include "daemon/api_private.h"
#include "wire/page.h"

struct link {
	struct ack_token token;
	const struct conf_endpoint *endpoint; /* Whom it was sent to; NULL when it is no more. */
	bool group;			      /* Sent to a group: the reader says who takes it. */
	struct page_form form;
	bool code_wrong; /* What was sent names no committee. */
	const char *by;	 /* Who presses the button; set by link_reader. */
};

/* "03:12", with the date in front when it is another day than today; "?" when there is none. */
const char *link_when(struct visit *visit, int64_t at);
/* How ALERT ended in the words of BOOK. */
const char *link_outcome(const struct phrasebook *book, const struct alert *alert);
/* ALERT waits for somebody to take it. */
bool link_waits(const struct alert *alert);
/* Who presses the button, from the form; a PIN is checked. 0: link->by does. Positive: what is
 * wrong stands in the form, to be shown with this status. Negative: answered already. */
int link_reader(struct visit *visit, struct link *link);
/* A page without an alert's content. */
void link_say(struct visit *visit, int status, enum page_ack_state state, int retry_after_s);
/* LINK's reader takes ALERT. False after having answered. */
bool link_fact(struct visit *visit, const struct link *link, int64_t alert, struct fact **out);

/* api_link_address.c: the link of an alert about an address. */
enum link_choice {
	CHOICE_NONE,
	CHOICE_MADE,
	CHOICE_WRONG, /* It names no committee. */
};
/* What the page says of the address ALERT is about. */
int link_question(struct visit *visit, const struct alert *alert, struct page_question **out,
		  struct err *err);
/* Which committee was pressed, into *CODE. */
enum link_choice link_chosen(struct visit *visit, const char **code);
/* LINK's reader settles ALERT by CODE, and takes it when nobody has. False after having answered.
 */
bool link_assign(struct visit *visit, const struct link *link, const struct alert *alert,
		 const char *code);

/* api_link_list.c: the link of a digest. */
void link_list_show(struct visit *visit, struct link *link);
void link_list_take(struct visit *visit, struct link *link);

#endif
