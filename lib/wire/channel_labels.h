/* channel_labels.h — the labels by which Alertmanager and PagerDuty know one alert again: its
 * fingerprint and its group key, made the way Alertmanager makes them. Private to lib/wire.
 *
 * The same alert has the same labels as long as it lives, whoever is told and why: only so does a
 * resolution find what was raised.
 */
#ifndef WIRE_CHANNEL_LABELS_H
#define WIRE_CHANNEL_LABELS_H

#include "wire/channel_row.h"

#define LABELS_MAX 8

struct label {
	const char *name, *value;
};

struct labels {
	struct label all[LABELS_MAX]; /* Sorted by name. */
	size_t len;
};

void labels_add(struct labels *labels, const char *name, const char *value);
/* Those of the notice: alertname, severity, unit, and the alert's number, or the notice's id when
 * it is about none. No personal data. */
void labels_of(const struct channel_try *try, struct labels *out);
/* "critical", "warning" or "info": by the alert's kind, so that it stays. */
const char *labels_severity(const struct notice *notice);

/* FNV-1a of sorted names and values, each followed by 0xFF. */
uint64_t labels_fingerprint(const struct labels *labels);
/* `ROUTE:{alertname="Fever", …}` */
const char *labels_group_key(const struct labels *labels, const char *route, struct arena *arena);
cJSON *labels_json(const struct labels *labels, struct arena *arena);

/* How far the alert of a notice is. */
enum phase {
	PHASE_FIRING,
	PHASE_ACKED, /* Still firing; somebody has it. */
	PHASE_RESOLVED,
};
enum phase labels_phase(const struct notice *notice);
/* Member NAME of the notice's data as an instant, or OTHERWISE. */
int64_t labels_instant(const cJSON *data, const char *name, int64_t otherwise);

#endif
