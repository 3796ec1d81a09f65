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
/* LEN bytes that are twice as many hex digits in TEXT; false when they are not. */
bool ledger_unhex(const char *text, uint8_t *out, size_t len);

#endif
