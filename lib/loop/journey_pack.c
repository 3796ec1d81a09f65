/* journey_pack.c — a journey as two byte records: what is personal, and the rest. Format version 2:
 * a newer program reads older versions, an older one refuses newer. Neighbours: journey.c; the
 * store keeps the bytes and never looks inside. */
#include "closedloop/journey.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"
#include "loop/stamp_pack.h"

#define RECORD_VERSION 2

/* Fields that tell who or where she is: sealed and destroyed with the person record. */
static bool is_personal(enum field field)
{
	return (field >= FIELD_NAME && field <= FIELD_DOC_ISSUER) || field == FIELD_PHONES ||
	       field == FIELD_ADDRESS || field == FIELD_BUILDING || field == FIELD_PLATE ||
	       field == FIELD_SEAT || field == FIELD_COMPANIONS || field == FIELD_COMPOUND ||
	       field == FIELD_POINT;
}

static void pack_fields(const struct journey *journey, bool personal, struct pack *pack)
{
	struct stamp_set set = {.len = 0};
	struct pack body;
	uint64_t count = 0;

	pack_init(&body, pack->arena);
	for (size_t i = 0; i < FIELDS; i++) {
		if (!journey->field[i] || is_personal((enum field)i) != personal)
			continue;
		pack_uint(&body, i);
		pack_uint(&body, stamp_set_add(&set, &journey->stamp[i]));
		pack_text(&body, journey->field[i]);
		count++;
	}
	stamp_set_pack(&set, pack);
	pack_uint(pack, count);
	pack_bytes(pack, body.data, body.len);
}

static void unpack_fields(struct journey *journey, struct unpack *unpack, struct arena *arena)
{
	struct stamp_set set;
	stamp_set_unpack(&set, unpack, arena);
	uint64_t count = unpack_uint(unpack);
	for (uint64_t i = 0; i < count && !unpack->bad; i++) {
		uint64_t field = unpack_uint(unpack);
		struct stamp stamp = stamp_set_read(&set, unpack);
		const char *value = unpack_text(unpack, arena);
		if (field >= FIELDS || !value) {
			unpack->bad = true;
			return;
		}
		journey->field[field] = value;
		journey->stamp[field] = stamp;
	}
}

static void pack_mark(struct pack *pack, const struct mark *mark)
{
	bool known = mark->stamp.at != WHEN_UNKNOWN;
	pack_uint(pack, known);
	if (!known)
		return;
	pack_stamp(pack, &mark->stamp);
	pack_text(pack, mark->reason);
	pack_text(pack, mark->by);
}

static struct mark unpack_mark(struct unpack *unpack, struct arena *arena)
{
	struct mark mark = {.stamp = {.at = WHEN_UNKNOWN}};
	if (!unpack_uint(unpack))
		return mark;
	mark.stamp = unpack_stamp(unpack, arena);
	mark.reason = unpack_text(unpack, arena);
	mark.by = unpack_text(unpack, arena);
	return mark;
}

static void pack_leg(struct pack *pack, const struct leg *leg)
{
	pack_text(pack, leg->transfer);
	pack_text(pack, leg->plate);
	pack_int(pack, leg->departed_at);
	pack_int(pack, leg->stop);
	pack_uint(pack, leg->kind);
	pack_int(pack, leg->eta);
	pack_int(pack, leg->reached_at);
	pack_text(pack, leg->committee);
	pack_uint(pack, leg->off);
	pack_int(pack, leg->expected);
	pack_int(pack, leg->counted);
	pack_int(pack, leg->counted_at);
}

static struct leg unpack_leg(struct unpack *unpack, uint64_t version, struct arena *arena)
{
	struct leg leg = {.expected = -1, .counted = -1, .counted_at = WHEN_UNKNOWN};
	leg.transfer = unpack_text(unpack, arena);
	leg.plate = unpack_text(unpack, arena);
	leg.departed_at = unpack_int(unpack);
	leg.stop = (int)unpack_int(unpack);
	leg.kind = (enum stop_kind)unpack_uint(unpack);
	leg.eta = unpack_int(unpack);
	leg.reached_at = unpack_int(unpack);
	leg.committee = unpack_text(unpack, arena);
	leg.off = unpack_uint(unpack) != 0;
	if (version > 1) {
		leg.expected = (int)unpack_int(unpack);
		leg.counted = (int)unpack_int(unpack);
		leg.counted_at = unpack_int(unpack);
	}
	if (!leg.transfer || leg.kind > STOP_HOSPITAL)
		unpack->bad = true;
	return leg;
}

/* What version 2 adds to the way. */
static void pack_turns(const struct journey *journey, struct pack *pack)
{
	bool left = journey->left.stamp.at != WHEN_UNKNOWN;

	pack_int(pack, journey->at_home_last);
	pack_int(pack, journey->delivered_last);
	pack_int(pack, journey->exposed_at);
	pack_int(pack, journey->household_at);
	pack_int(pack, journey->returned_at);
	pack_text(pack, journey->accepted_unit);
	pack_mark(pack, &journey->refused);
	pack_text(pack, journey->refused_unit);
	pack_uint(pack, left);
	if (!left)
		return;
	pack_stamp(pack, &journey->left.stamp);
	pack_int(pack, journey->left.until);
	pack_text(pack, journey->left.by);
}

static void unpack_turns(struct journey *journey, struct unpack *unpack, struct arena *arena)
{
	journey->at_home_last = unpack_int(unpack);
	journey->delivered_last = unpack_int(unpack);
	journey->exposed_at = unpack_int(unpack);
	journey->household_at = unpack_int(unpack);
	journey->returned_at = unpack_int(unpack);
	journey->accepted_unit = unpack_text(unpack, arena);
	journey->refused = unpack_mark(unpack, arena);
	journey->refused_unit = unpack_text(unpack, arena);
	if (!unpack_uint(unpack))
		return;
	journey->left.stamp = unpack_stamp(unpack, arena);
	journey->left.until = unpack_int(unpack);
	journey->left.by = unpack_text(unpack, arena);
}

static void pack_way(const struct journey *journey, struct pack *pack)
{
	pack_int(pack, journey->first_at);
	pack_int(pack, journey->seen_at);
	pack_int(pack, journey->triaged_at);
	pack_int(pack, journey->registered_at);
	pack_int(pack, journey->handed_over_at);
	pack_int(pack, journey->handed_over_last);
	pack_text(pack, journey->handed_to);
	pack_int(pack, journey->accepted_at);
	pack_int(pack, journey->accepted_last);
	pack_text(pack, journey->accepted_by);
	pack_int(pack, journey->flight_sched);
	pack_text(pack, journey->flight.key);
	if (journey->flight.key) {
		pack_uint(pack, journey->flight.status);
		pack_stamp(pack, &journey->flight.status_stamp);
		pack_int(pack, journey->flight.sched);
		pack_int(pack, journey->flight.est);
		pack_int(pack, journey->flight.act);
	}
	pack_uint(pack, journey->legs_len);
	for (size_t i = 0; i < journey->legs_len; i++)
		pack_leg(pack, &journey->legs[i]);
	pack_mark(pack, &journey->withdrawn);
	pack_mark(pack, &journey->released);
	pack_mark(pack, &journey->closed);
	pack_turns(journey, pack);
}

static size_t unpack_count(struct unpack *unpack, size_t max)
{
	uint64_t count = unpack_uint(unpack);
	if (count <= max)
		return (size_t)count;
	unpack->bad = true;
	return 0;
}

static void unpack_way(struct journey *journey, struct unpack *unpack, uint64_t version,
		       struct arena *arena)
{
	journey->first_at = unpack_int(unpack);
	journey->seen_at = unpack_int(unpack);
	journey->triaged_at = unpack_int(unpack);
	journey->registered_at = unpack_int(unpack);
	journey->handed_over_at = unpack_int(unpack);
	journey->handed_over_last = unpack_int(unpack);
	journey->handed_to = unpack_text(unpack, arena);
	journey->accepted_at = unpack_int(unpack);
	journey->accepted_last = unpack_int(unpack);
	journey->accepted_by = unpack_text(unpack, arena);
	journey->flight_sched = unpack_int(unpack);
	journey->flight.key = unpack_text(unpack, arena);
	if (journey->flight.key) {
		journey->flight.status = (enum flight_status)unpack_uint(unpack);
		journey->flight.status_stamp = unpack_stamp(unpack, arena);
		journey->flight.sched = unpack_int(unpack);
		journey->flight.est = unpack_int(unpack);
		journey->flight.act = unpack_int(unpack);
	}
	journey->legs_len = unpack_count(unpack, JOURNEY_LEGS_MAX);
	for (size_t i = 0; i < journey->legs_len; i++)
		journey->legs[i] = unpack_leg(unpack, version, arena);
	journey->withdrawn = unpack_mark(unpack, arena);
	journey->released = unpack_mark(unpack, arena);
	journey->closed = unpack_mark(unpack, arena);
	if (version > 1)
		unpack_turns(journey, unpack, arena);
}

static void pack_care(const struct journey *journey, struct pack *pack)
{
	int32_t base = journey->checks_len ? journey->checks[0].day : 0;
	pack_int(pack, base);
	pack_uint(pack, journey->checks_len);
	for (size_t i = 0; i < journey->checks_len; i++) {
		const struct check_entry *entry = &journey->checks[i];
		pack_uint(pack, (uint64_t)(entry->day - base) * 8 + (uint64_t)entry->sign * 4 +
					(uint64_t)entry->evening * 2 + entry->slot_stated);
		pack_int(pack, entry->at);
		pack_int(pack, entry->time);
		pack_int(pack, entry->stated);
	}
	pack_uint(pack, journey->pills_len);
	for (size_t i = 0; i < journey->pills_len; i++)
		pack_int(pack, journey->pills[i]);
	pack_int(pack, journey->last_check);
	pack_int(pack, journey->last_temp_tenths);
	pack_int(pack, journey->fever_at);
	pack_int(pack, journey->fever_tenths);
	pack_uint(pack, journey->tasks_len);
	for (size_t i = 0; i < journey->tasks_len; i++) {
		const struct task_mark *task = &journey->tasks[i];
		pack_text(pack, task->name);
		pack_stamp(pack, &task->stamp);
		pack_uint(pack, task->failed);
		pack_text(pack, task->outcome);
		pack_text(pack, task->by);
		pack_text(pack, task->home);
	}
}

/* Days between the first check and any other: a damaged record may say anything. */
#define CHECK_SPAN_MAX 100000

static void unpack_care(struct journey *journey, struct unpack *unpack, uint64_t version,
			struct arena *arena)
{
	int32_t base = (int32_t)unpack_int(unpack);
	journey->checks_len = unpack_count(unpack, JOURNEY_CHECKS_MAX);
	for (size_t i = 0; i < journey->checks_len; i++) {
		struct check_entry *entry = &journey->checks[i];
		uint64_t bits = unpack_uint(unpack);
		entry->sign = version > 1 && (bits & 4);
		uint64_t after = bits / (version > 1 ? 8 : 4);
		if (after > CHECK_SPAN_MAX || base > INT32_MAX - CHECK_SPAN_MAX)
			unpack->bad = true;
		else
			entry->day = base + (int32_t)after;
		/* They are a sorted set. */
		if (i > 0 && entry->day < journey->checks[i - 1].day)
			unpack->bad = true;
		entry->at = version > 1 ? unpack_int(unpack) : WHEN_UNKNOWN;
		entry->time = version > 1 ? (int32_t)unpack_int(unpack) : -1;
		entry->evening = (bits & 2) != 0;
		entry->slot_stated = (bits & 1) != 0;
		entry->stated = (int8_t)unpack_int(unpack);
	}
	journey->pills_len = version > 1 ? unpack_count(unpack, JOURNEY_PILLS_MAX) : 0;
	for (size_t i = 0; i < journey->pills_len; i++)
		journey->pills[i] = unpack_int(unpack);
	journey->last_check = unpack_int(unpack);
	journey->last_temp_tenths = (int)unpack_int(unpack);
	journey->fever_at = unpack_int(unpack);
	journey->fever_tenths = (int)unpack_int(unpack);
	journey->tasks_len = unpack_count(unpack, POLICY_TASKS_MAX);
	for (size_t i = 0; i < journey->tasks_len; i++) {
		struct task_mark *task = &journey->tasks[i];
		task->name = unpack_text(unpack, arena);
		task->stamp = unpack_stamp(unpack, arena);
		task->failed = unpack_uint(unpack) != 0;
		task->outcome = unpack_text(unpack, arena);
		task->by = unpack_text(unpack, arena);
		task->home = version > 1 ? unpack_text(unpack, arena) : NULL;
		if (!task->name)
			unpack->bad = true;
	}
}

static void pack_ours(const struct journey *journey, struct pack *pack)
{
	pack_text(pack, journey->feed_unit);
	pack_stamp(pack, &journey->feed_stamp);
	pack_uint(pack, journey->current);
	pack_text(pack, journey->policy);
	pack_text(pack, journey->merged_into);
	pack_uint(pack, journey->told_len);
	for (size_t i = 0; i < journey->told_len; i++) {
		pack_text(pack, journey->told[i].unit);
		pack_text(pack, journey->told[i].subject);
		pack_int(pack, journey->told[i].eta);
	}
	pack_uint(pack, journey->joined_len);
	for (size_t i = 0; i < journey->joined_len; i++) {
		pack_uint(pack, journey->joined[i].kind);
		pack_text(pack, journey->joined[i].subject);
		pack_text(pack, journey->joined[i].unit);
		pack_int(pack, journey->joined[i].eta);
	}
	uint64_t kinds = 0;
	for (size_t i = 0; i < ALERT_KINDS; i++)
		kinds += journey->resolved_at[i] != WHEN_UNKNOWN;
	pack_uint(pack, kinds);
	for (size_t i = 0; i < ALERT_KINDS; i++) {
		if (journey->resolved_at[i] == WHEN_UNKNOWN)
			continue;
		pack_uint(pack, i);
		pack_int(pack, journey->resolved_at[i]);
		pack_text(pack, journey->resolved_subject[i]);
	}
}

static void unpack_ours(struct journey *journey, struct unpack *unpack, struct arena *arena)
{
	journey->feed_unit = unpack_text(unpack, arena);
	journey->feed_stamp = unpack_stamp(unpack, arena);
	journey->current = unpack_uint(unpack) != 0;
	const char *policy = unpack_text(unpack, arena);
	text_copy(journey->policy, sizeof(journey->policy), policy ? policy : "");
	journey->merged_into = unpack_text(unpack, arena);
	journey->told_len = unpack_count(unpack, JOURNEY_TOLD_MAX);
	for (size_t i = 0; i < journey->told_len; i++) {
		journey->told[i].unit = unpack_text(unpack, arena);
		journey->told[i].subject = unpack_text(unpack, arena);
		journey->told[i].eta = unpack_int(unpack);
	}
	journey->joined_len = unpack_count(unpack, JOURNEY_OPEN_MAX);
	for (size_t i = 0; i < journey->joined_len; i++) {
		uint64_t kind = unpack_uint(unpack);
		if (kind >= ALERT_KINDS)
			unpack->bad = true;
		journey->joined[i].kind = (enum alert_kind)kind;
		journey->joined[i].subject = unpack_text(unpack, arena);
		journey->joined[i].unit = unpack_text(unpack, arena);
		journey->joined[i].eta = unpack_int(unpack);
	}
	size_t kinds = unpack_count(unpack, ALERT_KINDS);
	for (size_t i = 0; i < kinds; i++) {
		uint64_t kind = unpack_uint(unpack);
		int64_t at = unpack_int(unpack);
		const char *subject = unpack_text(unpack, arena);
		if (kind >= ALERT_KINDS) {
			unpack->bad = true;
			return;
		}
		journey->resolved_at[kind] = at;
		journey->resolved_subject[kind] = subject;
	}
	if (!journey->feed_unit)
		unpack->bad = true;
}

void journey_pack(const struct journey *journey, struct arena *arena, const uint8_t **record,
		  size_t *record_len, const uint8_t **person, size_t *person_len)
{
	struct pack loop, who;

	pack_init(&loop, arena);
	pack_uint(&loop, RECORD_VERSION);
	pack_fields(journey, false, &loop);
	pack_way(journey, &loop);
	pack_care(journey, &loop);
	pack_ours(journey, &loop);
	pack_init(&who, arena);
	pack_uint(&who, RECORD_VERSION);
	pack_fields(journey, true, &who);
	*record = loop.data;
	*record_len = loop.len;
	*person = who.data;
	*person_len = who.len;
}

int journey_unpack(struct journey *journey, const char *id, const void *record, size_t record_len,
		   const void *person, size_t person_len, struct arena *arena, struct err *err)
{
	struct unpack loop, who;

	journey_init(journey, id, "");
	unpack_init(&loop, record, record_len);
	unpack_init(&who, person, person_len);
	uint64_t version = unpack_uint(&loop);
	if (version < 1 || version > RECORD_VERSION ||
	    (person_len > 0 && unpack_uint(&who) != version))
		return err_set(err, CL_ECORRUPT, "journey %s: its record is of an unknown version",
			       id);
	unpack_fields(journey, &loop, arena);
	unpack_way(journey, &loop, version, arena);
	unpack_care(journey, &loop, version, arena);
	unpack_ours(journey, &loop, arena);
	if (person_len > 0)
		unpack_fields(journey, &who, arena);
	if (loop.bad || loop.at != loop.len || who.bad || who.at != who.len)
		return err_set(err, CL_ECORRUPT, "journey %s: its record does not hold together",
			       id);
	return 0;
}
