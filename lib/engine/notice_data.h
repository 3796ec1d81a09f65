/* notice_data.h — what a notice says to machines, beside its words. Private to engine. */
#ifndef ENGINE_NOTICE_DATA_H
#define ENGINE_NOTICE_DATA_H

#include "engine/crowd.h"

struct notice_facts {
	const struct alert *alert;
	const struct crowd *crowd;
	enum tell_why why;
	int step;
	int64_t now, late;
	int64_t answer_by; /* until when somebody has to act, or WHEN_UNKNOWN */
	enum conf_redact redact;
};

/* A JSON object in the engine's arena. No personal data, and under REDACT_COUNTS nothing of any one
 * of the people. */
const char *notice_data(struct engine *engine, const struct notice_facts *facts);

#endif
