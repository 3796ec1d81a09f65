/* transfer.c — one vehicle's run and one flight's times, joined from facts. Neighbours: journey.c
 * sees them as legs and a flight; engine loads and saves them. */
#include "closedloop/transfer.h"

#include <string.h>

#include "closedloop/text.h"
#include "loop/stamp_pack.h"

#define RECORD_VERSION 2 /* 2: who is to get off, and the stamp of the head count */
#define FLIGHT_VERSION 1
/* Clocks of vehicles and offices differ; more than this before the departure is another run. */
#define RUN_MARGIN     (6 * WHEN_HOUR)

void transfer_init(struct transfer *transfer, const char *id)
{
	*transfer = (struct transfer){.id = id, .departed = {.at = WHEN_UNKNOWN}};
}

static struct transfer_stop *stop_find(struct transfer *transfer, int seq)
{
	for (size_t i = 0; i < transfer->stops_len; i++) {
		if (transfer->stops[i].seq == seq)
			return &transfer->stops[i];
	}
	return NULL;
}

static struct transfer_stop *stop_make(struct transfer *transfer, int seq)
{
	struct transfer_stop *stop = stop_find(transfer, seq);
	if (stop || transfer->stops_len == TRANSFER_STOPS_MAX)
		return stop;
	stop = &transfer->stops[transfer->stops_len++];
	*stop = (struct transfer_stop){.seq = seq,
				       .kind = STOP_COMPOUND,
				       .eta = WHEN_UNKNOWN,
				       .eta_stamp = {.at = WHEN_UNKNOWN},
				       .reached_at = WHEN_NEVER,
				       .expected = -1,
				       .n_off = -1,
				       .n_off_stamp = {.at = WHEN_UNKNOWN}};
	return stop;
}

static bool join_eta(struct transfer_stop *stop, int64_t eta, const struct stamp *stamp)
{
	if (eta == WHEN_UNKNOWN)
		return false;
	if (stop->eta_stamp.at != WHEN_UNKNOWN && stamp_compare(stamp, &stop->eta_stamp) <= 0)
		return false;
	stop->eta = eta;
	stop->eta_stamp = *stamp;
	return true;
}

static bool join_departed(struct transfer *transfer, const struct fact *fact, bool *new_list)
{
	bool first = transfer->departed.at == WHEN_UNKNOWN;
	*new_list = first || stamp_compare(&fact->stamp, &transfer->departed) > 0;
	/* Vehicle names come back the next day: a departure so much later is another run. */
	if (!first && fact->stamp.at - transfer->departed.at > TRANSFER_RUN_MAX)
		transfer->stops_len = 0;
	for (size_t i = 0; i < fact->stops_len; i++) {
		const struct fact_stop *stated = &fact->stops[i];
		struct transfer_stop *stop = stop_make(transfer, stated->seq);
		if (!stop)
			break;
		if (*new_list) {
			stop->kind = stated->kind;
			stop->address = stated->address;
			stop->committee = stated->committee;
		}
		join_eta(stop, stated->eta, &fact->stamp);
	}
	if (!*new_list)
		return true;
	transfer->departed = fact->stamp;
	if (fact->plate)
		transfer->plate = fact->plate;
	return true;
}

/* Of an earlier run under the same name, before the list in force was made. */
static bool is_stale(const struct transfer *transfer, int64_t at)
{
	return transfer->departed.at != WHEN_UNKNOWN && at < transfer->departed.at - RUN_MARGIN;
}

/* The stop SEQ that FACT speaks of; only while no list is in force may it make one. */
static struct transfer_stop *stop_of(struct transfer *transfer, const struct fact *fact, int seq)
{
	if (is_stale(transfer, fact->stamp.at))
		return NULL;
	return transfer->departed.at == WHEN_UNKNOWN ? stop_make(transfer, seq)
						     : stop_find(transfer, seq);
}

static bool join_reached(struct transfer *transfer, const struct fact *fact)
{
	struct transfer_stop *stop = stop_of(transfer, fact, fact->seq);
	bool changed = false;

	if (!stop)
		return false;
	if (fact->stamp.at < stop->reached_at || is_stale(transfer, stop->reached_at)) {
		stop->reached_at = fact->stamp.at;
		changed = true;
	}
	/* Counted again is counted better. */
	if (fact->n_off >= 0 && (stop->n_off_stamp.at == WHEN_UNKNOWN ||
				 stamp_compare(&fact->stamp, &stop->n_off_stamp) > 0)) {
		stop->n_off = fact->n_off;
		stop->n_off_stamp = fact->stamp;
		changed = true;
	}
	return changed;
}

bool transfer_join(struct transfer *transfer, const struct fact *fact, bool *new_list)
{
	bool changed = false;
	*new_list = false;
	switch ((int)fact->type) {
	case FACT_DEPARTED:
		return join_departed(transfer, fact, new_list);
	case FACT_ETA:
		for (size_t i = 0; i < fact->stops_len; i++) {
			struct transfer_stop *stop = stop_of(transfer, fact, fact->stops[i].seq);
			if (stop && join_eta(stop, fact->stops[i].eta, &fact->stamp))
				changed = true;
		}
		return changed;
	case FACT_STOP_REACHED:
		return join_reached(transfer, fact);
	default:
		return false;
	}
}

void transfer_leg(const struct transfer *transfer, int seq, struct leg *out)
{
	*out = (struct leg){.transfer = transfer->id,
			    .plate = transfer->plate,
			    .departed_at = transfer->departed.at,
			    .stop = seq,
			    .kind = STOP_COMPOUND,
			    .eta = WHEN_UNKNOWN,
			    .reached_at = WHEN_NEVER,
			    .expected = -1,
			    .counted = -1,
			    .counted_at = WHEN_UNKNOWN};
	for (size_t i = 0; i < transfer->stops_len; i++) {
		const struct transfer_stop *stop = &transfer->stops[i];
		if (stop->seq != seq)
			continue;
		out->kind = stop->kind;
		out->eta = stop->eta;
		if (!is_stale(transfer, stop->reached_at))
			out->reached_at = stop->reached_at;
		out->address = stop->address;
		out->committee = stop->committee;
		if (is_stale(transfer, stop->n_off_stamp.at))
			continue;
		out->expected = stop->expected;
		out->counted = stop->n_off;
		out->counted_at = stop->n_off_stamp.at;
	}
}

static bool join_time(int64_t *at, struct stamp *stamp, int64_t stated, const struct stamp *by)
{
	if (stated == WHEN_UNKNOWN || (*at != WHEN_UNKNOWN && stamp_compare(by, stamp) <= 0))
		return false;
	*at = stated;
	*stamp = *by;
	return true;
}

void flight_init(struct flight *flight, const char *key)
{
	*flight = (struct flight){
		.key = key, .sched = WHEN_UNKNOWN, .est = WHEN_UNKNOWN, .act = WHEN_UNKNOWN};
}

bool flight_join(struct flight *flight, const struct fact *fact)
{
	bool changed =
		join_time(&flight->sched, &flight->sched_stamp, fact->flight_sched, &fact->stamp);
	changed |= join_time(&flight->est, &flight->est_stamp, fact->flight_est, &fact->stamp);
	changed |= join_time(&flight->act, &flight->act_stamp, fact->flight_act, &fact->stamp);
	if (fact->flight_status != FLIGHT_UNKNOWN &&
	    (flight->status == FLIGHT_UNKNOWN ||
	     stamp_compare(&fact->stamp, &flight->status_stamp) > 0)) {
		flight->status = fact->flight_status;
		flight->status_stamp = fact->stamp;
		changed = true;
	}
	return changed;
}

int64_t flight_arrival(const struct flight *flight)
{
	if (flight->act != WHEN_UNKNOWN)
		return flight->act;
	return flight->est != WHEN_UNKNOWN ? flight->est : flight->sched;
}

void transfer_pack(const struct transfer *transfer, struct arena *arena, const uint8_t **data,
		   size_t *len)
{
	struct pack pack;
	pack_init(&pack, arena);
	pack_uint(&pack, RECORD_VERSION);
	pack_stamp(&pack, &transfer->departed);
	pack_text(&pack, transfer->plate);
	pack_uint(&pack, transfer->stops_len);
	for (size_t i = 0; i < transfer->stops_len; i++) {
		const struct transfer_stop *stop = &transfer->stops[i];
		pack_int(&pack, stop->seq);
		pack_uint(&pack, stop->kind);
		pack_text(&pack, stop->address);
		pack_text(&pack, stop->committee);
		pack_int(&pack, stop->eta);
		pack_stamp(&pack, &stop->eta_stamp);
		pack_int(&pack, stop->reached_at);
		pack_int(&pack, stop->n_off);
		pack_int(&pack, stop->expected);
		pack_stamp(&pack, &stop->n_off_stamp);
	}
	*data = pack.data;
	*len = pack.len;
}

int transfer_unpack(struct transfer *transfer, const char *id, const void *data, size_t len,
		    struct arena *arena, struct err *err)
{
	struct unpack unpack;
	unpack_init(&unpack, data, len);
	transfer_init(transfer, id);
	uint64_t version = unpack_uint(&unpack);
	if (version < 1 || version > RECORD_VERSION)
		return err_set(err, CL_ECORRUPT, "transfer %s: its record is of an unknown version",
			       id);
	transfer->departed = unpack_stamp(&unpack, arena);
	transfer->plate = unpack_text(&unpack, arena);
	uint64_t stops = unpack_uint(&unpack);
	if (stops > TRANSFER_STOPS_MAX)
		unpack.bad = true;
	for (uint64_t i = 0; i < stops && !unpack.bad; i++) {
		struct transfer_stop *stop = &transfer->stops[transfer->stops_len++];
		stop->seq = (int)unpack_int(&unpack);
		stop->kind = (enum stop_kind)unpack_uint(&unpack);
		stop->address = unpack_text(&unpack, arena);
		stop->committee = unpack_text(&unpack, arena);
		stop->eta = unpack_int(&unpack);
		stop->eta_stamp = unpack_stamp(&unpack, arena);
		stop->reached_at = unpack_int(&unpack);
		stop->n_off = (int)unpack_int(&unpack);
		stop->expected = version > 1 ? (int)unpack_int(&unpack) : -1;
		stop->n_off_stamp = version > 1 ? unpack_stamp(&unpack, arena)
						: (struct stamp){.at = WHEN_UNKNOWN};
		if (stop->kind > STOP_HOSPITAL)
			unpack.bad = true;
	}
	if (unpack.bad || unpack.at != unpack.len)
		return err_set(err, CL_ECORRUPT, "transfer %s: its record does not hold together",
			       id);
	return 0;
}

void flight_pack(const struct flight *flight, struct arena *arena, const uint8_t **data,
		 size_t *len)
{
	struct pack pack;
	pack_init(&pack, arena);
	pack_uint(&pack, FLIGHT_VERSION);
	pack_uint(&pack, flight->status);
	pack_stamp(&pack, &flight->status_stamp);
	pack_int(&pack, flight->sched);
	pack_stamp(&pack, &flight->sched_stamp);
	pack_int(&pack, flight->est);
	pack_stamp(&pack, &flight->est_stamp);
	pack_int(&pack, flight->act);
	pack_stamp(&pack, &flight->act_stamp);
	*data = pack.data;
	*len = pack.len;
}

int flight_unpack(struct flight *flight, const char *key, const void *data, size_t len,
		  struct arena *arena, struct err *err)
{
	struct unpack unpack;
	unpack_init(&unpack, data, len);
	*flight = (struct flight){.key = key};
	if (unpack_uint(&unpack) != FLIGHT_VERSION)
		return err_set(err, CL_ECORRUPT, "flight %s: its record is of an unknown version",
			       key);
	uint64_t status = unpack_uint(&unpack);
	flight->status_stamp = unpack_stamp(&unpack, arena);
	flight->sched = unpack_int(&unpack);
	flight->sched_stamp = unpack_stamp(&unpack, arena);
	flight->est = unpack_int(&unpack);
	flight->est_stamp = unpack_stamp(&unpack, arena);
	flight->act = unpack_int(&unpack);
	flight->act_stamp = unpack_stamp(&unpack, arena);
	if (status > FLIGHT_DIVERTED)
		unpack.bad = true;
	flight->status = (enum flight_status)status;
	if (unpack.bad || unpack.at != unpack.len)
		return err_set(err, CL_ECORRUPT, "flight %s: its record does not hold together",
			       key);
	return 0;
}
