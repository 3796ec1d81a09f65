/* http_order.h — one request under way, as http_order.c fills and reads it and http_out.c keeps it
 * in its books. Nobody else includes it. */
#ifndef DAEMON_HTTP_ORDER_H
#define DAEMON_HTTP_ORDER_H

#include <stdbool.h>
#include <sys/queue.h>

#include <curl/curl.h>

#include "closedloop/mem.h"
#include "closedloop/transport.h"

#define REPLY_MAX	((size_t)20000)	    /* W-6: read at most 20 kB of an answer. */
#define REPLY_HEAD_MAX	((size_t)64 * 1024) /* An endless head is an attack, too. */
#define RETRY_AFTER_CAP 64

/* One request under way, or a spare one with its easy handle. */
struct http_order {
	LIST_ENTRY(http_order) link;
	CURL *easy;
	struct arena arena; /* Copies of what was ordered. */
	const char *notice;
	size_t allow_len;
	const char **allow;
	struct curl_slist *headers;
	bool denied;		    /* An address was refused … */
	bool opened;		    /* … or one was not. */
	bool capped;		    /* The answer was longer than we read. */
	bool flooded;		    /* Its head was. */
	const char *system_ca_file; /* Curl's own; NULL: it knows none. */
	size_t head_len, body_len;
	char error[32];
	char retry_after[RETRY_AFTER_CAP];
	char body[REPLY_MAX + 1];
};

LIST_HEAD(http_orders, http_order);

/* A handle and room for what it carries. The handle lives as long as the order and is used again
 * and again. */
struct http_order *order_new(void);
void order_free(struct http_order *order);
/* Copy WHAT into ORDER and tell curl; false when curl does not take it. */
bool order_fill(struct http_order *order, const struct transport_order *what);
/* Forget what was ordered; the handle stays. */
void order_clear(struct http_order *order);
/* What became of ORDER, which ended with CODE. REPLY borrows from ORDER. */
void order_reply(struct http_order *order, CURLcode code, struct reply *reply);
/* http_word.c: why there was no answer, in a short word that channels and operators know. May
 * borrow from ORDER. */
const char *order_error_word(struct http_order *order, CURLcode code);
/* True when every header of REQUEST is one line. */
bool order_is_sound(const struct channel_request *request);

#endif
