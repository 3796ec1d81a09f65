/* gazetteer.h — the hierarchy of 665,276 Chinese administrative units, read-only and mapped.
 *
 * A unit is named by its code: 2 digits province, 4 city, 6 district or county, 9 street, 12
 * committee; the parent of a code is its prefix. The image is one file made at build time from
 * config/gazetteer.tsv.gz by gazetteer_build; the daemon maps it and hands the bytes to
 * gazetteer_open, which checks magic, version, sizes and checksum and then only points into them:
 * nothing is loaded, nothing is copied, several processes share the pages.
 *
 * Calling order: gazetteer_open once; any number of look-ups; the bytes must outlive the struct.
 */
#ifndef CLOSEDLOOP_GAZETTEER_H
#define CLOSEDLOOP_GAZETTEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closedloop/err.h"

#define UNIT_CODE_MAX  12 /* Digits of a committee code. */
#define UNIT_CODE_CAP  (UNIT_CODE_MAX + 1)
#define UNIT_CHAIN_MAX 5

struct gazetteer; /* Opaque; a small heap object that points into the image. */

/* Check IMAGE[0..LEN) and open it. CL_ECORRUPT names what does not hold. On success *OUT is freed
 * by gazetteer_close. */
int gazetteer_open(struct gazetteer **out, const void *image, size_t len, struct err *err);
void gazetteer_close(struct gazetteer *gazetteer);

/* The edition text put in at build time ("china-division 2.7.0"). */
const char *gazetteer_edition(const struct gazetteer *gazetteer);
/* Number of committees (12-digit codes). */
uint32_t gazetteer_committees(const struct gazetteer *gazetteer);

/* True when CODE (2, 4, 6, 9 or 12 digits) names a unit. */
bool gazetteer_has(const struct gazetteer *gazetteer, const char *code);

/* Write the official name of CODE into BUF. CL_ENOENT when there is no such unit. */
int gazetteer_name(const struct gazetteer *gazetteer, const char *code, char *buf, size_t cap);

/* Write the names from province down to CODE, run together as on an envelope
 * ("上海市闵行区莘庄镇莘松三村居委会"); placeholder levels nobody writes (市辖区, 县 …) are left
 * out. CL_ENOENT as above. */
int gazetteer_chain(const struct gazetteer *gazetteer, const char *code, char *buf, size_t cap);

/* Write the codes of the units right below CODE, in rising order, to CODES: the committees of a
 * street, the streets of a county. At most MAX; returns how many were written, 0 when there is no
 * such unit. */
size_t gazetteer_below(const struct gazetteer *gazetteer, const char *code,
		       char (*codes)[UNIT_CODE_CAP], size_t max);

#endif
