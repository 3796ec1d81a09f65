/* oracle_undelivered.c — the person matters, not the address: an urgent word of an open alert that
 * its endpoint does not take has been said to somebody else after a minute (oracle.h: handed on).
 * Neighbours: oracle_notices.c sees the tries and hears the answers. */
#include "oracle_private.h"

#include <string.h>

#define HANDED_ON_AFTER (WHEN_MINUTE + WHEN_SECOND)

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

static void fail_unheard(struct world *world, sqlite3_stmt *stmt)
{
	oracle_fail(world, "handed on",
		    "notice %s of A-%06lld (%s) does not arrive at %s, and nobody else is told",
		    text_at(stmt, 0), (long long)sqlite3_column_int64(stmt, 1), text_at(stmt, 4),
		    text_at(stmt, 2));
}

void undelivered_check_late(struct world *world, sqlite3_stmt *stmt)
{
	fail_unheard(world, stmt);
}

static void check_one(struct world *world, const struct sent *sent)
{
	int64_t now = world->house.now;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_UNHEARD, &was);

	sqlite3_bind_text(stmt, 1, sent->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, now - HANDED_ON_AFTER);
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
			check_one(world, sent);
		sent->failing = false;
	}
	oracle->failing_len = kept;
}
