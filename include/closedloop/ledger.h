/* ledger.h — the heads of the ledger: what it was at a time, signed (Ed25519), so that whoever
 *keeps a head outside can tell that rows were cut off or the chain was made anew.
 *
 * What is signed is text, so that a head can be checked without us:
 *	closedloop ledger head 1\nn 12345\nat 2020-03-07T16:00:00Z\nlink 64 HEX DIGITS\n
 * As JSON, a head is {"n", "at", "link", "signature", "public_key"}: the last three in hex.
 */
#ifndef CLOSEDLOOP_LEDGER_H
#define CLOSEDLOOP_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/digest.h"
#include "closedloop/err.h"
#include "closedloop/ident.h"

#define LEDGER_LINK_LEN 32
/* The kind of a row that says: this fact was saved. */
#define LEDGER_FACT	"fact"

/* Row N was the last one at AT, and LINK its link. N 0: there was none, and LINK is zero. */
struct ledger_head {
	int64_t n, at;
	uint8_t link[LEDGER_LINK_LEN];
	uint8_t signature[DIGEST_SIGN_LEN];
};

/* The pair of keys that SEED (32 bytes) stands for: KEY signs, its second half is public. */
void ledger_key(const uint8_t seed[DIGEST_PUBLIC_LEN], uint8_t key[DIGEST_PRIVATE_LEN]);
/* The half of KEY that others check with; it lives as long as KEY. */
const uint8_t *ledger_public(const uint8_t key[DIGEST_PRIVATE_LEN]);
/* Fill in HEAD's signature. */
void ledger_sign(struct ledger_head *head, const uint8_t key[DIGEST_PRIVATE_LEN]);
/* HEAD bears a signature by the holder of PUBLIC. */
bool ledger_signed(const struct ledger_head *head, const uint8_t public[DIGEST_PUBLIC_LEN]);

/* HEAD as one line of JSON without a newline, in OUT (LEDGER_HEAD_CAP bytes). */
#define LEDGER_HEAD_CAP 512
void ledger_head_json(const struct ledger_head *head, const uint8_t public[DIGEST_PUBLIC_LEN],
		      char out[LEDGER_HEAD_CAP]);
/* Read the head in TEXT: an object as above, alone or as the member "data" of a notice. CL_EINVAL
 * naming the member that is missing or no head's. PUBLIC gets the key it names. */
int ledger_head_parse(struct ledger_head *head, uint8_t public[DIGEST_PUBLIC_LEN], const char *text,
		      size_t len, struct err *err);
/* --- Verifying ----------------------------------------------------------------------------- */

enum ledger_fault {
	LEDGER_WHOLE,
	LEDGER_ALTERED,	      /* a row is not as it was written */
	LEDGER_MISSING,	      /* a number has no row */
	LEDGER_INSERTED,      /* a row does not follow from the one before it */
	LEDGER_UNREADABLE,    /* a row's bytes are damaged */
	LEDGER_FACT_ALTERED,  /* the fact a row is about is not as it was written, … */
	LEDGER_FACT_MISSING,  /* … is not there, … */
	LEDGER_FACT_INSERTED, /* … or is there and has no row */
	LEDGER_CUT,	      /* a head knows of rows that are not there */
	LEDGER_REWRITTEN,     /* a head knows another link */
	LEDGER_FORGED,	      /* a head bears no signature of ours */
	LEDGER_FAULTS,
};
/* "altered", "missing", "fact_altered" … */
const char *ledger_fault_word(enum ledger_fault fault);

#define LEDGER_WORDS_CAP 480

/* How far a check has come, and the first thing it found. */
struct ledger_check {
	/* The caller's; both may be NULL. KEPT are heads that were kept elsewhere, by ascending n,
	 * signed or not as the caller found out. */
	const uint8_t *public_key;
	const struct ledger_head *kept;
	size_t kept_len;

	/* Zero to begin with. */
	bool begun, done;
	int64_t n; /* the last row seen, and its link */
	uint8_t link[LEDGER_LINK_LEN];
	int64_t fact;		 /* the last fact that has its row */
	size_t kept_at;		 /* the next of KEPT */
	struct ledger_head next; /* the next head of the ledger's own; n INT64_MAX: none */
	int64_t rows, facts, heads;

	enum ledger_fault fault; /* nothing is looked at behind the first */
	int64_t bad_n, bad_at;	 /* of the row or the head; WHEN_UNKNOWN when it has no time */
	char bad_journey[IDENT_CAP], bad_what[64];
	char bad_source[128], bad_id[128]; /* of the fact */
	char words[LEDGER_WORDS_CAP];	   /* all of it as a sentence */
};

/* LEN bytes that are twice as many hex digits in TEXT; false when they are not. */
bool ledger_unhex(const char *text, uint8_t *out, size_t len);

#endif
