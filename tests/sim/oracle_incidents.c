/* oracle_incidents.c — a service that opens an incident at a trigger, and drops without a word what
 * comes for one that is not open (PagerDuty). What must be true: one key for each alert, and no
 * incident left open by an alert that is over (oracle.h: incidents).
 * Neighbour: oracle_notices.c says which alert a message is about. */
#include "oracle_private.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

struct incident {
	char endpoint[32];
	int64_t alert;
	char key[80];
	bool open;
	int64_t since; /* when it was opened */
};

struct incidents {
	size_t len, cap;
	struct incident *all;
};

void incidents_free(struct oracle *oracle)
{
	if (oracle->incidents)
		mem_free(oracle->incidents->all);
	mem_free(oracle->incidents);
}

static struct incident *incident_of(struct oracle *oracle, const struct arrival *arrival)
{
	struct incidents *incidents = oracle->incidents;

	if (!incidents)
		oracle->incidents = incidents = mem_alloc(sizeof(*incidents));
	for (size_t i = incidents->len; i-- > 0;) {
		struct incident *one = &incidents->all[i];
		if (one->alert == arrival->alert && text_equal(one->endpoint, arrival->endpoint))
			return one;
	}
	if (incidents->len == incidents->cap) {
		incidents->cap = incidents->cap ? 2 * incidents->cap : 64;
		incidents->all = mem_grow(incidents->all, incidents->cap * sizeof(*incidents->all));
	}
	struct incident *one = &incidents->all[incidents->len++];
	*one = (struct incident){.alert = arrival->alert};
	text_copy(one->endpoint, sizeof(one->endpoint), arrival->endpoint);
	return one;
}

/* The string that MEMBER is in BODY; there is one of that name. */
static void read_member(const char *body, const char *member, char *out, size_t cap)
{
	const char *at = strstr(body, member);
	size_t len = at ? strcspn(at += strlen(member), "\"") : 0;

	snprintf(out, cap, "%.*s", (int)len, at ? at : "");
}

void incidents_note(struct world *world, const struct arrival *arrival,
		    const struct delivery *delivery)
{
	struct incident *incident = incident_of(world->oracle, arrival);
	char action[16], key[sizeof(incident->key)];

	read_member(delivery->body, "\"event_action\":\"", action, sizeof(action));
	read_member(delivery->body, "\"dedup_key\":\"", key, sizeof(key));
	if (*incident->key && !text_equal(incident->key, key))
		oracle_fail(world, "incidents", "A-%06lld has two keys at %s",
			    (long long)arrival->alert, arrival->endpoint);
	text_copy(incident->key, sizeof(incident->key), key);
	if (text_equal(action, "trigger")) {
		incident->since = incident->open ? incident->since : delivery->at;
		incident->open = true;
	} else if (text_equal(action, "resolve")) {
		incident->open = false;
	}
	/* Acknowledged or not: without an incident it is dropped, and nobody knows. */
}

static void check_ended(struct world *world, const struct incident *incident)
{
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_ENDED, &was);

	sqlite3_bind_int64(stmt, 1, incident->alert);
	sqlite3_bind_text(stmt, 2, incident->endpoint, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_int(stmt, 0) == ALERT_RESOLVED &&
	    !sqlite3_column_int(stmt, 1))
		oracle_fail(world, "incidents",
			    "A-%06lld is over, and its incident at %s stays open for ever",
			    (long long)incident->alert, incident->endpoint);
	end_asking(stmt, was);
}

void incidents_check_end(struct world *world)
{
	const struct incidents *incidents = world->oracle->incidents;

	for (size_t i = 0; incidents && i < incidents->len; i++) {
		if (incidents->all[i].open)
			check_ended(world, &incidents->all[i]);
	}
}
