/* notice_terms.h — what sort of word a notice is, and until when it is worth saying. Private to
 * engine. */
#ifndef ENGINE_NOTICE_TERMS_H
#define ENGINE_NOTICE_TERMS_H

#include "engine/crowd.h"

/* "alert.raised" …, as contract.md lists them. */
const char *notice_type(const struct alert *alert, enum tell_why why);
/* "raised" …, for machines. */
const char *notice_why(enum tell_why why);
/* After which it is pointless, or WHEN_NEVER. POLICY is that of the people it is about. */
int64_t notice_expiry(const struct alert *alert, const struct crowd *crowd,
		      const struct policy *policy, enum tell_why why, int64_t now);

#endif
