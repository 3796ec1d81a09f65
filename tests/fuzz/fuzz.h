/* fuzz.h — what libFuzzer may ask of us, one function a target.
 *
 * Each takes any bytes, and ends the process by assert when a promise of the headers is broken; the
 * sanitizers find the rest. tests/unit/test_fuzz.c calls the same functions for what is kept in
 * tests/fuzz/corpus. Always returns 0, as libFuzzer wants.
 */
#ifndef CLOSEDLOOP_TESTS_FUZZ_H
#define CLOSEDLOOP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "closedloop/coverage.h"
#include "closedloop/match.h"

/* An address, and after a TAB an estate; judged by names alone and with coverage rules. The image
 * is the one CLOSEDLOOP_GAZETTEER names, or build/gazetteer.img. */
int fuzz_match(const uint8_t *data, size_t size);
/* Changes to the image CLOSEDLOOP_SMALL names (build/small.img), six bytes each: where (three, in
 * units of two bytes), how many bytes, what (two). Or, when they begin as an image does, a whole
 * one. It is sealed, and what is accepted must answer. */
int fuzz_image(const uint8_t *data, size_t size);
/* A table of coverage rules, and after a form feed one of boundaries. Over the small image. */
int fuzz_rules(const uint8_t *data, size_t size);
/* One committee's list as it writes it down; when it begins with "code", a table of them. Over the
 * small image. */
int fuzz_list(const uint8_t *data, size_t size);
/* A GeoJSON file of the coverage section. Over the small image. */
int fuzz_geojson(const uint8_t *data, size_t size);
/* The query of GET /v1/match, and after a line break the form of an acknowledgement page. */
int fuzz_form(const uint8_t *data, size_t size);

/* The bytes of a connection: requests, torn and whole, and the feed bodies in them. */
int fuzz_request(const uint8_t *data, size_t size);
/* The body of a feed; its first byte says of which kind. */
int fuzz_event(const uint8_t *data, size_t size);
/* A vendor's answer behind three bytes: channel, status, Retry-After. */
int fuzz_reply(const uint8_t *data, size_t size);
/* Lines: a link's token; id, time and signatures of a webhook; a secret as written; its body. */
int fuzz_link(const uint8_t *data, size_t size);
/* What the store kept of a journey, a vehicle, a flight. */
int fuzz_record(const uint8_t *data, size_t size);
/* A title, and after a line break the words of a message, to every channel; phrases and the log. */
int fuzz_words(const uint8_t *data, size_t size);
/* A configuration. */
int fuzz_yaml(const uint8_t *data, size_t size);

/* Read the file that VARIABLE names, or PATH; ends the process when there is none. */
char *fuzz_file(const char *variable, const char *path, size_t *len);
/* The small image, opened once. */
const struct gazetteer *fuzz_small(void);
/* Judge QUERY; the answer must hold what match.h says. */
void fuzz_judge(struct matcher *matcher, const struct gazetteer *gazetteer,
		const struct match_query *query, struct match *out);
void fuzz_hold(const struct gazetteer *gazetteer, const struct match *match);
/* Whether all that people and programs see of two matches is the same. */
bool fuzz_same(const struct match *a, const struct match *b);
/* Conflicts and gaps are as many as are told. */
void fuzz_examine(const struct coverage *coverage);
/* The rules of SOURCE, written as a table and read again, mean the same. */
void fuzz_rewrite(const struct coverage_source *source, const struct gazetteer *gazetteer);

#endif
