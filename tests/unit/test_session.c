/* test_session.c — who has signed in stays so long and no longer, under a name that changes.
 * Neighbours: daemon/session.c; tests/system/test_access.py asks the same of the whole program. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/mem.h"
#include "closedloop/when.h"
#include "daemon/session.h"

#define T0 INT64_C(1583658000000)

static const struct session_rules rules = {.most = 4,
					   .idle = 30 * WHEN_MINUTE,
					   .life = 12 * WHEN_HOUR};
static const uint8_t token[SESSION_HASH_LEN] = {7};

struct table {
	struct sessions sessions;
	uint64_t seed;
	struct entropy entropy;
};

static int setup(void **state)
{
	struct table *table = mem_alloc(sizeof(*table));

	table->seed = 1;
	table->entropy = entropy_seeded(&table->seed);
	*state = table;
	return 0;
}

static int teardown(void **state)
{
	struct table *table = *state;

	sessions_end(&table->sessions);
	mem_free(table);
	return 0;
}

static struct session *begin(struct table *table, int64_t now, char id[SESSION_TEXT_CAP])
{
	return session_begin(&table->sessions, &rules, token, now, &table->entropy, id);
}

static struct session *find(struct table *table, const char *id, int64_t now)
{
	return session_find(&table->sessions, &rules, id, now);
}

static void a_session_is_found_by_its_name_and_no_other(void **state)
{
	struct table *table = *state;
	char id[SESSION_TEXT_CAP], other[SESSION_TEXT_CAP];

	(void)begin(table, T0, id);
	(void)begin(table, T0, other);
	assert_int_equal(strlen(id), 43);
	assert_string_not_equal(id, other);
	assert_non_null(find(table, id, T0));
	assert_memory_equal(find(table, id, T0)->token, token, sizeof(token));
	assert_ptr_not_equal(find(table, id, T0), find(table, other, T0));
	id[42] = id[42] == 'A' ? 'E' : 'A';
	assert_null(find(table, id, T0));
	assert_null(find(table, "", T0));
	id[42] = '\0';
	assert_null(find(table, id, T0));
	/* A table's row of zeros is nobody's former name. */
	assert_null(find(table, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", T0));
}

static void a_name_is_kept_only_as_a_hash(void **state)
{
	struct table *table = *state;
	char id[SESSION_TEXT_CAP];
	const struct session *session = begin(table, T0, id);
	const char *bytes = (const char *)session;

	for (size_t at = 0; at + 43 <= sizeof(*session); at++)
		assert_true(memcmp(bytes + at, id, 43) != 0);
	assert_string_not_equal(session->csrf, id);
}

static void who_does_nothing_is_out_and_who_acts_stays_for_a_life(void **state)
{
	struct table *table = *state;
	char idle[SESSION_TEXT_CAP], busy[SESSION_TEXT_CAP];
	int64_t now = T0;

	(void)begin(table, now, idle);
	(void)begin(table, now, busy);
	for (; now < T0 + rules.life; now += 29 * WHEN_MINUTE)
		(void)session_use(find(table, busy, now), true, now, &table->entropy, busy);
	assert_null(find(table, busy, T0 + rules.life));
	assert_null(find(table, idle, T0 + rules.idle));
	assert_int_equal(table->sessions.len, 0);
}

static void idle_ends_to_the_millisecond_and_renewals_are_idle(void **state)
{
	struct table *table = *state;
	char id[SESSION_TEXT_CAP];

	(void)begin(table, T0, id);
	(void)session_use(find(table, id, T0 + 60000), false, T0 + 60000, &table->entropy, id);
	assert_int_equal(session_ends(find(table, id, T0), &rules), T0 + rules.idle);
	assert_non_null(find(table, id, T0 + rules.idle - 1));
	assert_null(find(table, id, T0 + rules.idle));
	assert_null(find(table, id, T0));
}

static void the_name_turns_and_the_former_is_good_for_half_a_minute(void **state)
{
	struct table *table = *state;
	char id[SESSION_TEXT_CAP], former[SESSION_TEXT_CAP], again[SESSION_TEXT_CAP];
	int64_t now = T0 + SESSION_TURN;
	struct session *session = begin(table, T0, id);
	char csrf[SESSION_TEXT_CAP];

	memcpy(former, id, sizeof(id));
	memcpy(csrf, session->csrf, sizeof(csrf));
	assert_false(session_use(session, true, now - 1, &table->entropy, id));
	assert_true(session_use(session, true, now, &table->entropy, id));
	assert_string_not_equal(id, former);
	assert_string_equal(session->csrf, csrf);
	assert_ptr_equal(find(table, id, now), session);
	assert_ptr_equal(find(table, former, now + SESSION_GRACE - 1), session);
	/* Under its former name it is served, and told no new one. */
	memcpy(again, former, sizeof(former));
	assert_false(session_use(session, true, now + SESSION_TURN, &table->entropy, again));
	assert_null(find(table, former, now + SESSION_GRACE));
	assert_ptr_equal(find(table, id, now + SESSION_GRACE), session);
}

static void the_one_idle_longest_makes_room(void **state)
{
	struct table *table = *state;
	char id[6][SESSION_TEXT_CAP];

	for (int i = 0; i < 4; i++)
		(void)begin(table, T0 + i, id[i]);
	(void)session_use(find(table, id[0], T0 + 9), true, T0 + 9, &table->entropy, id[0]);
	(void)begin(table, T0 + 10, id[4]);
	assert_null(find(table, id[1], T0 + 10));
	(void)begin(table, T0 + 11, id[5]);
	assert_null(find(table, id[2], T0 + 11));
	assert_int_equal(table->sessions.len, rules.most);
	for (int i = 0; i < 6; i++)
		assert_int_equal(find(table, id[i], T0 + 12) != NULL, i != 1 && i != 2);
	/* The setting has become smaller. */
	const struct session_rules two = {.most = 2, .idle = rules.idle, .life = rules.life};

	(void)session_begin(&table->sessions, &two, token, T0 + 13, &table->entropy, id[0]);
	assert_int_equal(table->sessions.len, 2);
}

static void a_clock_set_back_gives_no_more_than_a_whole_life(void **state)
{
	struct table *table = *state;
	char id[SESSION_TEXT_CAP];
	int64_t back = T0 - 1000 * WHEN_HOUR;

	(void)begin(table, T0, id);
	assert_non_null(find(table, id, back));
	assert_int_equal(session_ends(find(table, id, back), &rules), back + rules.idle);
	assert_null(find(table, id, back + rules.idle));
}

static void what_is_ended_is_gone(void **state)
{
	struct table *table = *state;
	char first[SESSION_TEXT_CAP], second[SESSION_TEXT_CAP];

	(void)begin(table, T0, first);
	(void)begin(table, T0, second);
	session_end(&table->sessions, find(table, first, T0));
	assert_null(find(table, first, T0));
	assert_non_null(find(table, second, T0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_is_found_by_its_name_and_no_other, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_name_is_kept_only_as_a_hash, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_does_nothing_is_out_and_who_acts_stays_for_a_life, setup, teardown),
		cmocka_unit_test_setup_teardown(idle_ends_to_the_millisecond_and_renewals_are_idle,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_name_turns_and_the_former_is_good_for_half_a_minute, setup, teardown),
		cmocka_unit_test_setup_teardown(the_one_idle_longest_makes_room, setup, teardown),
		cmocka_unit_test_setup_teardown(a_clock_set_back_gives_no_more_than_a_whole_life,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_ended_is_gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
