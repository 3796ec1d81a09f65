/* oracle_undelivered.c — the person matters, not the address: an urgent word of an open alert that
 * its endpoint does not take has been said to somebody else after a minute (oracle.h: handed on).
 * Neighbours: oracle_notices.c sees the tries and hears the answers. */
#include "oracle_private.h"

#include <string.h>

#define HANDED_ON_AFTER (WHEN_MINUTE + WHEN_SECOND)
#define WAITS_BEHIND	(15 * WHEN_MINUTE)

void undelivered_note(struct oracle *oracle, struct sent *sent)
{
	if (sent->failing)
		return;
	sent->failing = true;
	if (oracle->failing_len == oracle->failing_cap) {
		oracle->failing_cap = oracle->failing_cap ? 2 * oracle->failing_cap : 16;
		oracle->failing =
			mem_grow(oracle->failing, oracle->failing_cap * sizeof(*oracle->failing));
	}
	oracle->failing[oracle->failing_len++] = (uint32_t)(sent - oracle->sent);
}

void undelivered_forget(struct oracle *oracle)
{
	for (size_t i = 0; i < oracle->failing_len; i++)
		oracle->sent[oracle->failing[i]].failing = false;
	oracle->failing_len = 0;
}

static void fail_unheard(struct world *world, sqlite3_stmt *stmt)
{
	oracle_fail(world, "handed on",
		    "notice %s of A-%06lld (%s) does not arrive at %s, and nobody else is told",
		    text_at(stmt, 0), (long long)sqlite3_column_int64(stmt, 1), text_at(stmt, 4),
		    text_at(stmt, 2));
}

static void ask(struct world *world, enum question question, const char *id, int64_t before)
{
	int64_t now = world->house.now;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, question, &was);

	if (id)
		sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, before);
	sqlite3_bind_int64(stmt, 3, now);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		fail_unheard(world, stmt);
	end_asking(stmt, was);
}

/* Each once: when its minute is over. */
void undelivered_check(struct world *world)
{
	struct oracle *oracle = world->oracle;
	size_t kept = 0;

	for (size_t i = 0; i < oracle->failing_len; i++) {
		struct sent *sent = &oracle->sent[oracle->failing[i]];
		bool due = sent->first_at + HANDED_ON_AFTER <= world->house.now;

		if (!sent->ok_in && !due) {
			oracle->failing[kept++] = oracle->failing[i];
			continue;
		}
		if (!sent->ok_in)
			ask(world, ASK_UNHEARD, sent->id, world->house.now - HANDED_ON_AFTER);
		sent->failing = false;
	}
	oracle->failing_len = kept;
}

/* What waits behind others of an address that fails has not been tried; some minutes are enough to
 * see that it fails. */
void undelivered_audit(struct world *world)
{
	ask(world, ASK_LATE, NULL, world->house.now - WAITS_BEHIND);
}
