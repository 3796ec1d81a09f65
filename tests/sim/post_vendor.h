/* post_vendor.h — what stands behind the addresses of each channel: how it says that all is well,
 * how often it lets itself be called and what it does to whoever calls more often, and everything
 * it was ever heard to answer (tests/data/reply_fixtures.json).
 *
 * Written from the vendors' documents; it shares neither numbers nor words with the courier.
 */
#ifndef TESTS_SIM_POST_VENDOR_H
#define TESTS_SIM_POST_VENDOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/conf.h"

/* One answer. */
struct post_said {
	int status;				/* 0: none came, and ERROR says why. */
	const char *error, *body, *retry_after; /* RETRY_AFTER: NULL when it says nothing. */
	bool ok;				/* It was taken, and somebody reads it. */
	bool ill;				/* Nothing is taken until somebody mends it. */
};

/* How the vendor of CHANNEL says that all is well. */
const struct post_said *vendor_fine(enum conf_channel channel);

/* How often it may be called: SENDS in any WINDOW; 0 ends them. */
struct vendor_limit {
	size_t sends;
	int64_t window;
};
#define VENDOR_LIMITS 2
const struct vendor_limit *vendor_limits(enum conf_channel channel);

/* Who was called when; one for each address. */
#define VENDOR_CALLS 128
struct vendor_desk {
	size_t calls; /* So many in all; the latest of them: */
	int64_t at[VENDOR_CALLS];
	int64_t shut_until; /* It punishes. */
};
/* Somebody calls at NOW: NULL when that is fine, else what it says. */
const struct post_said *vendor_call(struct vendor_desk *desk, enum conf_channel channel,
				    int64_t now);
/* The clock jumped by BY. */
void vendor_shift(struct vendor_desk *desk, int64_t by);

/* Read what was ever heard; ends the program with a sentence when it cannot. */
void vendor_load(const char *path);
void vendor_unload(void);
/* One of the answers of CHANNEL, drawn by LUCK; NULL: there is none. */
const struct post_said *vendor_reply(enum conf_channel channel, uint32_t luck);

#endif
