/* night.h — a whole engine over SQLite in a temporary directory, with the skeleton configuration:
 * for tests of lib/engine. */
#ifndef TESTS_NIGHT_H
#define TESTS_NIGHT_H

#include "closedloop/engine.h"
#include "tests/unit/vault.h"

struct night {
	char dir[64];
	struct conf *conf;
	void *image;
	size_t image_len;
	struct gazetteer *gazetteer;
	struct vault vault;
	struct store *store;
	struct engine *engine;
	uint64_t seed;
	struct entropy entropy;
	struct arena arena;
	int facts;
	int64_t now; /* Time has come so far; it does not run back. */
};

void night_open(struct night *night);
/* … with MORE configuration: YAML whose lists join the skeleton's. */
void night_open_with(struct night *night, const char *more);
/* The engine dies and is born again over the same store. */
void night_restart(struct night *night);
/* The same with REST in place of its own feeds, endpoints, units and escalation. */
void night_open_as(struct night *night, const char *rest);
void night_reconfigure(struct night *night, const char *rest);
/* An empty fact of TYPE at NOW with an id of its own. */
struct fact *night_fact(struct night *night, enum fact_type type, int64_t now, const char *source);
void night_close(struct night *night);
/* From NOW on the policies are the YAML texts FIRST and SECOND (or NULL), and days are counted in
 * ZONE: a reload. */
void night_policies(struct night *night, const char *zone, const char *first, const char *second,
		    int64_t now);
/* Read tests/data/NAME as NDJSON at NOW; the batch belongs to the night's arena. */
void night_read(struct night *night, const char *name, int64_t now, struct feed_batch *out);
/* Submit one fact at NOW and let everything due happen. */
struct fact_result night_submit(struct night *night, struct fact *fact, int64_t now);
/* Submit many facts as one turn does: in one transaction. */
void night_submit_all(struct night *night, struct fact *const *facts, size_t len, int64_t now);
/* Let everything that is due by NOW happen, in order, at its own time. */
void night_pass(struct night *night, int64_t now);
/* The journey that SOURCE calls REF. */
void night_journey(struct night *night, const char *source, const char *ref, struct journey *out);
/* An exact copy of FACT whose ids, source, transfer and documents carry SUFFIX, so that a night can
 * be told many times. */
struct fact *night_retell(struct night *night, const struct fact *fact, const char *suffix);
/* A fact of TYPE about who SOURCE calls REF, at LOCAL time, with a passport when DOCUMENT is given;
 * each has its own id. */
struct fact *night_person(struct night *night, enum fact_type type, const char *source,
			  const char *ref, const char *document, const char *local);
size_t night_violations(struct night *night, int64_t now);

#endif
