/* view_callout.h — who would be called and when, for people and for machines. */
#ifndef DAEMON_VIEW_CALLOUT_H
#define DAEMON_VIEW_CALLOUT_H

#include "closedloop/json.h"
#include "closedloop/callout.h"
#include "closedloop/text.h"

#define VIEW_CALLOUT_CAP ((size_t)64 * 1024)

cJSON *view_callout(const struct conf *conf, const struct callout *callout);
/* The same as lines to read; OUT should hold VIEW_CALLOUT_CAP. */
void view_callout_text(const struct conf *conf, const struct callout *callout, struct text *out);

#endif
