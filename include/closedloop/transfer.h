/* transfer.h — one vehicle's run: its stops, who is on it, how many came and went. PURE; joins like
 * a journey does. */
#ifndef CLOSEDLOOP_TRANSFER_H
#define CLOSEDLOOP_TRANSFER_H

#include "closedloop/journey.h"

#define TRANSFER_STOPS_MAX 80		    /* as many as a list may name riders */
#define TRANSFER_RUN_MAX   (12 * WHEN_HOUR) /* No run lasts longer. */

struct transfer_stop {
	int seq;
	enum stop_kind kind;
	const char *address, *committee;
	int64_t eta;
	struct stamp eta_stamp;
	int64_t reached_at; /* WHEN_NEVER when not */
	int expected;	    /* who is to get off; -1 while no list says (kept by the engine) */
	int n_off;	    /* -1 when nobody counted */
	struct stamp n_off_stamp;
};

struct transfer {
	const char *id;
	struct stamp departed; /* of the list in force; at == WHEN_UNKNOWN when no departure is
				  known yet */
	const char *plate;
	size_t stops_len;
	struct transfer_stop stops[TRANSFER_STOPS_MAX];
};

void transfer_init(struct transfer *transfer, const char *id);
/* Join FACT (departed, eta, stop_reached). *NEW_LIST: the fact's riders replace those known.
 * Returns true when anything changed. */
bool transfer_join(struct transfer *transfer, const struct fact *fact, bool *new_list);
/* The leg of somebody who leaves at stop SEQ. */
void transfer_leg(const struct transfer *transfer, int seq, struct leg *out);

void flight_init(struct flight *flight, const char *key);
/* Join FACT (flight.updated, or an announcement that names the schedule). True when anything
 * changed. */
bool flight_join(struct flight *flight, const struct fact *fact);
/* Actual, else estimated, else scheduled arrival; WHEN_UNKNOWN when none. */
int64_t flight_arrival(const struct flight *flight);

void transfer_pack(const struct transfer *transfer, struct arena *arena, const uint8_t **data,
		   size_t *len);
int transfer_unpack(struct transfer *transfer, const char *id, const void *data, size_t len,
		    struct arena *arena, struct err *err);
void flight_pack(const struct flight *flight, struct arena *arena, const uint8_t **data,
		 size_t *len);
int flight_unpack(struct flight *flight, const char *key, const void *data, size_t len,
		  struct arena *arena, struct err *err);

#endif
