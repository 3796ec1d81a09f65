/* test_corners.c — where two rules meet: long subjects, merges, full lists, wrong years, storms of
 * one vehicle. Each claim was once false. Neighbours: test_plan.c and test_engine.c, the plain
 * cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "fixture.h"
#include "night.h"
#include "closedloop/text.h"
#include "closedloop/transfer.h"

static struct world world;
static int setup(void **s)
{
	(void)s;
	world_open(&world);
	return 0;
}
static int teardown(void **s)
{
	(void)s;
	world_close(&world);
	return 0;
}

static struct fact *assign(const char *unit, const char *when)
{
	struct fact *f = make_fact(&world, FACT_ASSIGNED, when);
	f->field[FIELD_ASSIGNED] = unit;
	return f;
}
static void begin(struct journey *j)
{
	journey_init(j, "jny_A", "");
	struct fact *f = make_fact(&world, FACT_ANNOUNCED, "2020-03-08T08:00");
	f->field[FIELD_NAME] = "KIM";
	f->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
	f->flight_sched = at("2020-03-08T20:00");
	step_at(&world, j, f, NULL, "2020-03-08T08:00");
}
static void second_unit_is_stood_down_too(void **s)
{
	(void)s;
	struct journey j;
	begin(&j);
	step_at(&world, &j, assign(COMMITTEE, "2020-03-08T08:10"), NULL, "2020-03-08T08:10");
	step_at(&world, &j, assign(OTHER_COMMITTEE, "2020-03-08T08:20"), NULL, "2020-03-08T08:20");
	assert_true(joined(&j, ALERT_STAND_DOWN));
	const struct decision *d = step_at(&world, &j, assign("310112101009", "2020-03-08T08:30"),
					   NULL, "2020-03-08T08:30");
	assert_true(opens(d, ALERT_STAND_DOWN));
}
static void full_list_gives_up_what_is_least_grave(void **s)
{
	(void)s;
	struct journey j;
	begin(&j);
	/* Stand-downs that nobody has confirmed, a contradiction, and one that is only a notice. */
	for (j.joined_len = 0; j.joined_len < JOURNEY_OPEN_MAX; j.joined_len++)
		j.joined[j.joined_len] =
			(struct joined){.kind = j.joined_len == 3   ? ALERT_CONFLICT
						: j.joined_len == 7 ? ALERT_ID_REUSE
								    : ALERT_STAND_DOWN,
					.subject = arena_printf(&world.arena, "s%zu", j.joined_len),
					.unit = COMMITTEE,
					.eta = WHEN_UNKNOWN};
	struct fact *f = make_fact(&world, FACT_CHECKED, "2020-03-08T09:00");
	f->temp_tenths = 391;
	step_at(&world, &j, f, NULL, "2020-03-08T09:00");
	assert_true(joined(&j, ALERT_FEVER));
	assert_true(joined(&j, ALERT_CONFLICT));
	assert_false(joined(&j, ALERT_ID_REUSE));
}
static void fever_is_heard_after_many_changes_of_unit(void **s)
{
	(void)s;
	struct journey j;
	begin(&j);
	for (int i = 0; i < 26; i++) {
		char when[40];
		snprintf(when, sizeof(when), "2020-03-08T09:%02d", i);
		/* each told under a new vehicle, so that the subject differs */
		struct leg leg = {.transfer = arena_printf(&world.arena, "bus%d", i),
				  .departed_at = at(when),
				  .stop = 1,
				  .kind = STOP_COMPOUND,
				  .eta = at("2020-03-08T20:00"),
				  .reached_at = WHEN_NEVER};
		struct fact *f = make_fact(&world, FACT_DEPARTED, when);
		step_at(&world, &j, f, &leg, when);
		step_at(&world, &j, assign(arena_printf(&world.arena, "3101121010%02d", i), when),
			NULL, when);
	}
	struct fact *f = make_fact(&world, FACT_TRIAGED, "2020-03-08T10:00");
	f->temp_tenths = 395;
	step_at(&world, &j, f, NULL, "2020-03-08T10:00");
	assert_true(joined(&j, ALERT_FEVER));
}
static void isolating_is_never_history(void **s)
{
	(void)s;
	struct journey j;
	begin(&j);
	step_at(&world, &j, assign(COMMITTEE, "2020-03-08T08:10"), NULL, "2020-03-08T08:10");
	struct fact *f = make_fact(&world, FACT_ACCEPTED, "2020-03-08T21:00");
	f->by = "x";
	step_at(&world, &j, f, NULL, "2020-03-08T21:00");
	step_at(&world, &j, NULL, NULL, "2020-04-20T10:00");
	assert_true(joined(&j, ALERT_NOT_RELEASED));
	step_at(&world, &j, NULL, NULL, "2020-04-24T10:00");
	assert_true(joined(&j, ALERT_NOT_RELEASED));
	struct fact *r = make_fact(&world, FACT_ALERT_RESOLVED, "2020-04-24T10:01");
	r->alert_kind = "not_released";
	r->alert_subject = "jny_A";
	const struct decision *d = step_at(&world, &j, r, NULL, "2020-04-24T10:01");
	assert_false(d->plan.history);
}
static void early_announced_is_asked_for(void **s)
{
	(void)s;
	struct journey j;
	journey_init(&j, "jny_A", "");
	struct fact *f = make_fact(&world, FACT_ANNOUNCED, "2020-03-08T08:00");
	f->field[FIELD_NAME] = "KIM";
	f->field[FIELD_FLIGHT] = "XX1-PVG-2020-04-28";
	f->flight_sched = at("2020-04-28T20:00");
	step_at(&world, &j, f, NULL, "2020-03-08T08:00");
	const struct decision *d = step_at(&world, &j, NULL, NULL, "2020-04-29T05:00");
	assert_true(opens(d, ALERT_NOT_REGISTERED));
}
static void resolved_missed_check_does_not_come_back_at_once(void **s)
{
	(void)s;
	struct journey j;
	begin(&j);
	step_at(&world, &j, assign(COMMITTEE, "2020-03-08T08:10"), NULL, "2020-03-08T08:10");
	struct fact *f = make_fact(&world, FACT_ACCEPTED, "2020-03-08T21:00");
	f->by = "x";
	step_at(&world, &j, f, NULL, "2020-03-08T21:00");
	step_at(&world, &j, NULL, NULL, "2020-03-09T12:01");
	assert_true(joined(&j, ALERT_MISSED_CHECK));
	struct fact *r = make_fact(&world, FACT_ALERT_RESOLVED, "2020-03-09T12:05");
	r->alert_kind = "missed_check";
	for (size_t i = 0; i < j.joined_len; i++)
		if (j.joined[i].kind == ALERT_MISSED_CHECK)
			r->alert_subject = j.joined[i].subject;
	const struct decision *d = step_at(&world, &j, r, NULL, "2020-03-09T12:05");
	assert_false(opens(d, ALERT_MISSED_CHECK));
}
static void an_order_wrong_second_conflict(void **s)
{
	(void)s;
	struct journey j;
	begin(&j);
	step_at(&world, &j, assign(COMMITTEE, "2020-03-08T08:10"), NULL, "2020-03-08T08:10");
	step_at(&world, &j, make_fact(&world, FACT_HANDED_OVER, "2020-03-08T21:00"), NULL,
		"2020-03-08T21:00");
	struct fact *w = make_fact(&world, FACT_WITHDRAWN, "2020-03-08T22:00");
	w->reason = "no_show";
	assert_true(opens(step_at(&world, &j, w, NULL, "2020-03-08T22:00"), ALERT_CONFLICT));
	struct fact *r = make_fact(&world, FACT_ALERT_RESOLVED, "2020-03-08T22:10");
	r->alert_kind = "conflict";
	r->alert_subject = "jny_A";
	step_at(&world, &j, r, NULL, "2020-03-08T22:10");
	struct fact *x = make_fact(&world, FACT_WITHDRAWN, "2020-03-10T22:00");
	x->reason = "no_show";
	assert_true(opens(step_at(&world, &j, x, NULL, "2020-03-10T22:00"), ALERT_CONFLICT));
}
static void every_stop_of_a_list_is_known(void **s)
{
	(void)s;
	struct transfer t;
	bool nl;
	transfer_init(&t, "bus");
	struct fact *f = make_fact(&world, FACT_DEPARTED, "2020-03-08T21:00");
	f->stops_len = 80;
	f->stops = arena_alloc(&world.arena, 80 * sizeof(*f->stops));
	for (int i = 0; i < 80; i++)
		f->stops[i] = (struct fact_stop){.seq = i + 1,
						 .kind = STOP_HOSPITAL,
						 .eta = at("2020-03-08T22:00")};
	transfer_join(&t, f, &nl);
	struct fact *r = make_fact(&world, FACT_STOP_REACHED, "2020-03-08T22:00");
	r->seq = 60;
	transfer_join(&t, r, &nl);
	struct leg leg;
	transfer_leg(&t, 60, &leg);
	assert_int_equal(leg.reached_at, at("2020-03-08T22:00"));
}
static void transfer_order(const int *order, struct leg *leg)
{
	static struct transfer t;
	bool nl;
	transfer_init(&t, "bus");
	struct fact *d1 = make_fact(&world, FACT_DEPARTED, "2020-03-08T08:00");
	d1->stops_len = 1;
	d1->stops = arena_alloc(&world.arena, sizeof(*d1->stops));
	d1->stops[0] =
		(struct fact_stop){.seq = 1, .kind = STOP_COMPOUND, .eta = at("2020-03-08T09:00")};
	struct fact *r1 = make_fact(&world, FACT_STOP_REACHED, "2020-03-08T09:00");
	r1->seq = 1;
	struct fact *d2 = make_fact(&world, FACT_DEPARTED, "2020-03-09T08:00");
	d2->stops_len = 1;
	d2->stops = arena_alloc(&world.arena, sizeof(*d2->stops));
	d2->stops[0] =
		(struct fact_stop){.seq = 1, .kind = STOP_COMPOUND, .eta = at("2020-03-09T09:00")};
	struct fact *all[3] = {d1, r1, d2};
	for (int i = 0; i < 3; i++)
		transfer_join(&t, all[order[i]], &nl);
	transfer_leg(&t, 1, leg);
}
static void next_days_run_is_not_there_before_it_left(void **s)
{
	(void)s;
	struct leg a, b;
	transfer_order((int[]){0, 1, 2}, &a);
	transfer_order((int[]){0, 2, 1}, &b);
	assert_int_equal(a.reached_at, b.reached_at);
}
static void informative_fallback_hears_of_changes(void **s)
{
	(void)s;
	struct alert alert = {
		.kind = ALERT_EXPECTED, .state = ALERT_OPEN, .next_at = 1000, .eta = WHEN_UNKNOWN};
	struct ladder ladder = {.len = 2, .wait = {60000, 60000}};
	struct tell out[TELL_MAX];
	assert_int_equal(alert_escalate(&alert, &ladder, 2000, out), 1);
	alert.changed = true;
	assert_int_equal(alert_escalate(&alert, &ladder, 3000, out), 1);
}

/* --- engine --- */
static struct fact *efact(struct night *n, enum fact_type type, int64_t when, const char *id,
			  const char *source)
{
	struct fact *f = arena_alloc(&n->arena, sizeof(*f));
	f->type = type;
	f->stamp = (struct stamp){.at = when,
				  .rank = fact_rank(type, NULL),
				  .sequence = "",
				  .id = id,
				  .source = source};
	f->body = "{}";
	f->body_len = 2;
	f->warnings = "";
	f->feed_unit = "310112";
	f->flight_sched = f->flight_est = f->flight_act = WHEN_UNKNOWN;
	f->day = f->n_off = -1;
	return f;
}
static void count_open(void *c, const void *row)
{
	const struct alert *a = row;
	if (a->state != ALERT_RESOLVED)
		(*(int *)c)++;
}
static void repeated_reuse_is_one_alert(void **s)
{
	(void)s;
	struct night n;
	night_open(&n);
	int64_t now = at("2020-03-08T12:00");
	const char *src = "/a/very/long/source/uri/that/is/legal/because/it/may/have/up/to/256/"
			  "characters/x/y";
	struct fact *f = efact(&n, FACT_HEARTBEAT, now, "e1", src);
	night_submit(&n, f, now);
	for (int i = 1; i < 6; i++) {
		struct fact *g = efact(&n, FACT_HEARTBEAT, now, "e1", src);
		g->hash[0] = (uint8_t)i;
		struct fact_result res;
		struct err e2 = ERR_INIT;
		int rc = engine_submit(n.engine, &g, 1, NULL, 0, now, &res, &e2);
		fprintf(stderr, "reuse %d: rc %d %s\n", i, rc, e2.text);
	}
	int open = 0;
	struct err err = ERR_INIT;
	n.store->ops->alerts_list(n.store, NULL, true, 100, count_open, &open, &err);
	night_close(&n);
	assert_int_equal(open, 1);
}
static void merge_keeps_stand_down(void **s)
{
	(void)s;
	struct night n;
	night_open(&n);
	int64_t now = at("2020-03-08T12:00");
	struct fact *a = efact(&n, FACT_ANNOUNCED, now, "a1", "/x");
	a->ref = "P1";
	a->field[FIELD_DOC_TYPE] = "passport";
	a->field[FIELD_DOC_ISSUER] = "KOR";
	a->field[FIELD_DOC_NUMBER] = "M1";
	a->field[FIELD_COMMITTEE] = COMMITTEE;
	a->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
	a->flight_sched = at("2020-03-08T20:00");
	night_submit(&n, a, now);
	night_pass(&n, now + WHEN_MINUTE);
	struct fact *r = efact(&n, FACT_REDIRECTED, now + 2 * WHEN_MINUTE, "r1", "/x");
	r->ref = "P1";
	r->field[FIELD_DISPOSITION] = "hospital";
	r->reason = "fever";
	night_submit(&n, r, now + 2 * WHEN_MINUTE);
	struct alert al;
	bool found = false;
	struct err err = ERR_INIT;
	n.store->ops->alert_find(n.store, ALERT_STAND_DOWN, "XX1-PVG-2020-03-08", COMMITTEE, &al,
				 &found, &err);
	assert_true(found);
	struct fact *b = efact(&n, FACT_TRIAGED, now, "b1", "/y");
	b->ref = "Q1";
	night_submit(&n, b, now + 3 * WHEN_MINUTE);
	struct fact *m = efact(&n, FACT_CORRECTED, now + WHEN_MINUTE, "b2", "/y");
	m->ref = "Q1";
	m->field[FIELD_DOC_TYPE] = "passport";
	m->field[FIELD_DOC_ISSUER] = "KOR";
	m->field[FIELD_DOC_NUMBER] = "M1";
	night_submit(&n, m, now + 3 * WHEN_MINUTE);
	n.store->ops->alert_find(n.store, ALERT_STAND_DOWN, "XX1-PVG-2020-03-08", COMMITTEE, &al,
				 &found, &err);
	night_close(&n);
	assert_true(found);
}
static void resolved_arrival(void **s)
{
	(void)s;
	struct night n;
	night_open(&n);
	int64_t now = at("2020-03-08T12:00");
	struct fact *d = efact(&n, FACT_DEPARTED, now, "d1", "/x");
	d->transfer = "bus1";
	d->stops_len = 1;
	d->stops = arena_alloc(&n.arena, sizeof(*d->stops));
	d->stops[0] = (struct fact_stop){
		.seq = 1, .kind = STOP_COMPOUND, .eta = now + WHEN_HOUR, .committee = COMMITTEE};
	d->riders_len = 1;
	d->riders = arena_alloc(&n.arena, sizeof(*d->riders));
	d->riders[0] = (struct fact_rider){.ref = "P1", .stop = 1};
	night_submit(&n, d, now);
	struct alert al, again;
	bool found;
	struct err err = ERR_INIT;
	n.store->ops->alert_find(n.store, ALERT_ARRIVAL, "bus1", COMMITTEE, &al, &found, &err);
	assert_true(found);
	struct fact *r = efact(&n, FACT_ALERT_RESOLVED, now + WHEN_MINUTE, "r1", "api/x");
	r->alert = al.id;
	r->outcome = "seen";
	r->by = "x";
	night_submit(&n, r, now + WHEN_MINUTE);
	n.store->ops->alert_find(n.store, ALERT_ARRIVAL, "bus1", COMMITTEE, &again, &found, &err);
	fprintf(stderr, "arrival again: %d (id %lld, was %lld)\n", found, (long long)again.id,
		(long long)al.id);
	night_close(&n);
	assert_false(found);
}
static void flight_storm(void **s)
{
	(void)s;
	struct night n;
	night_open(&n);
	int64_t now = at("2020-03-08T12:00");
	struct fact *facts[300];
	for (int k = 0; k < 3; k++) {
		for (int i = 0; i < 300; i++) {
			facts[i] = efact(&n, FACT_ANNOUNCED, now,
					 arena_printf(&n.arena, "a%d_%d", k, i), "/x");
			facts[i]->ref = arena_printf(&n.arena, "P%d_%d", k, i);
			facts[i]->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
			facts[i]->flight_sched = at("2020-03-08T20:00");
			facts[i]->field[FIELD_COMMITTEE] = COMMITTEE;
		}
		night_submit_all(&n, facts, 300, now);
	}
	struct rusage before, after;
	getrusage(RUSAGE_SELF, &before);
	int many = 4;
	for (int i = 0; i < many; i++) {
		facts[i] = efact(&n, FACT_FLIGHT_UPDATED, now + i * 1000,
				 arena_printf(&n.arena, "u%d", i), "/x");
		facts[i]->field[FIELD_FLIGHT] = "XX1-PVG-2020-03-08";
		facts[i]->flight_status = FLIGHT_ESTIMATED;
		facts[i]->flight_est = at("2020-03-08T20:00") + i * WHEN_MINUTE;
	}
	night_submit_all(&n, facts, (size_t)many, now + WHEN_MINUTE);
	getrusage(RUSAGE_SELF, &after);
	if (!getenv("CLOSEDLOOP_SANITIZED")) /* Freed memory is kept in quarantine there. */
		assert_true(after.ru_maxrss - before.ru_maxrss < 32 * 1024);
	night_close(&n);
}
static void wrong_year_eta_is_not_silence(void **s)
{
	(void)s;
	struct journey j;
	begin(&j);
	struct leg leg = {.transfer = "bus",
			  .departed_at = at("2020-03-08T09:00"),
			  .stop = 1,
			  .kind = STOP_COMPOUND,
			  .committee = COMMITTEE,
			  .eta = at("2021-03-08T10:00"),
			  .reached_at = WHEN_NEVER};
	const struct decision *d =
		step_at(&world, &j, make_fact(&world, FACT_DEPARTED, "2020-03-08T09:00"), &leg,
			"2020-03-08T09:00");
	char buf[WHEN_CAP];
	fprintf(stderr, "next %s at %s\n", d->plan.next_rule,
		when_text(d->plan.next_due, world.zone, buf));
	struct alert alert = {.kind = ALERT_ARRIVAL, .eta = leg.eta};
	alert_ack(&alert, "x", &world.policy, at("2020-03-08T09:05"));
	fprintf(stderr, "ack lasts until %s\n", when_text(alert.next_at, world.zone, buf));
	assert_true(d->plan.next_due < at("2020-03-10T00:00"));
}
static void a_second_stop_does_not_move_the_first(void **s)
{
	(void)s;
	struct night n;
	night_open(&n);
	int64_t now = at("2020-03-08T20:00");
	struct fact *d = efact(&n, FACT_DEPARTED, now, "d1", "/x");
	d->transfer = "bus1";
	d->stops_len = 2;
	d->stops = arena_alloc(&n.arena, 2 * sizeof(*d->stops));
	d->stops[0] = (struct fact_stop){
		.seq = 1, .kind = STOP_COMPOUND, .eta = now + WHEN_HOUR, .committee = COMMITTEE};
	d->stops[1] = (struct fact_stop){.seq = 2,
					 .kind = STOP_COMPOUND,
					 .eta = now + WHEN_HOUR + 40 * WHEN_MINUTE,
					 .committee = COMMITTEE};
	d->riders_len = 2;
	d->riders = arena_alloc(&n.arena, 2 * sizeof(*d->riders));
	d->riders[0] = (struct fact_rider){.ref = "P1", .stop = 1};
	d->riders[1] = (struct fact_rider){.ref = "P2", .stop = 2};
	night_submit(&n, d, now);
	struct alert al;
	bool found;
	struct err err = ERR_INIT;
	n.store->ops->alert_find(n.store, ALERT_ARRIVAL, "bus1", COMMITTEE, &al, &found, &err);
	assert_true(found);
	assert_int_equal(al.eta, now + WHEN_HOUR);
	struct fact *e = efact(&n, FACT_ETA, now + WHEN_MINUTE, "e1", "/x");
	e->transfer = "bus1";
	e->stops_len = 1;
	e->stops = arena_alloc(&n.arena, sizeof(*d->stops));
	e->stops[0] = (struct fact_stop){.seq = 2, .eta = now + WHEN_HOUR + 41 * WHEN_MINUTE};
	night_submit(&n, e, now + WHEN_MINUTE);
	n.store->ops->alert_find(n.store, ALERT_ARRIVAL, "bus1", COMMITTEE, &al, &found, &err);
	char b[WHEN_CAP];
	fprintf(stderr, "alert eta now %s\n", when_text(al.eta, n.conf->zone, b));
	night_close(&n);
	assert_int_equal(al.eta, now + WHEN_HOUR);
}
static void two_refs_on_one_list(const int *order, char *out, size_t cap)
{
	struct night n;
	night_open(&n);
	int64_t t = at("2020-03-08T08:00");
	struct fact *o = efact(&n, FACT_DEPARTED, t, "o", "/x"),
		    *d = efact(&n, FACT_DEPARTED, t + WHEN_HOUR, "d", "/y");
	struct fact *a = efact(&n, FACT_ANNOUNCED, t, "a", "/x"),
		    *b = efact(&n, FACT_ANNOUNCED, t, "b", "/y");
	for (int i = 0; i < 2; i++) {
		struct fact *x = i ? d : o;
		x->transfer = "bus1";
		x->stops_len = 1;
		x->stops = arena_alloc(&n.arena, sizeof(*x->stops));
		x->stops[0] = (struct fact_stop){.seq = 1,
						 .kind = STOP_COMPOUND,
						 .eta = t + 3 * WHEN_HOUR};
		x->riders_len = 1;
		x->riders = arena_alloc(&n.arena, sizeof(*x->riders));
		x->riders[0] = (struct fact_rider){.ref = "P1", .stop = 1};
	}
	a->ref = b->ref = "P1";
	a->field[FIELD_DOC_TYPE] = b->field[FIELD_DOC_TYPE] = "passport";
	a->field[FIELD_DOC_ISSUER] = b->field[FIELD_DOC_ISSUER] = "KOR";
	a->field[FIELD_DOC_NUMBER] = b->field[FIELD_DOC_NUMBER] = "M1";
	struct fact *all[] = {o, d, a, b};
	for (int i = 0; i < 4; i++)
		night_submit(&n, all[order[i]], t + 2 * WHEN_HOUR);
	struct journey *j = arena_alloc(&n.arena, sizeof(*j));
	night_journey(&n, "/y", "P1", j);
	snprintf(out, cap, "%s", stage_word(j->stage));
	night_close(&n);
}
static void one_person_twice_on_a_list(void **s)
{
	(void)s;
	char x[40], y[40];
	two_refs_on_one_list((int[]){0, 1, 2, 3}, x, 40);
	two_refs_on_one_list((int[]){0, 1, 3, 2}, y, 40);
	fprintf(stderr, "%s vs %s\n", x, y);
	assert_string_equal(x, y);
}
#include <sys/time.h>
static void eta_storm(void **s)
{
	(void)s;
	struct night n;
	night_open(&n);
	int64_t now = at("2020-03-08T12:00");
	struct fact *d = efact(&n, FACT_DEPARTED, now, "d1", "/x");
	d->transfer = "bus1";
	d->stops_len = 1;
	d->stops = arena_alloc(&n.arena, sizeof(*d->stops));
	d->stops[0] = (struct fact_stop){
		.seq = 1, .kind = STOP_COMPOUND, .eta = now + WHEN_HOUR, .committee = COMMITTEE};
	d->riders_len = 80;
	d->riders = arena_alloc(&n.arena, 80 * sizeof(*d->riders));
	for (int i = 0; i < 80; i++)
		d->riders[i] =
			(struct fact_rider){.ref = arena_printf(&n.arena, "P%d", i), .stop = 1};
	night_submit(&n, d, now);
	struct fact *facts[150];
	struct rusage before, after;
	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 150; i++) {
		facts[i] =
			efact(&n, FACT_ETA, now + i * 1000, arena_printf(&n.arena, "u%d", i), "/x");
		facts[i]->transfer = "bus1";
		facts[i]->stops_len = 1;
		facts[i]->stops = arena_alloc(&n.arena, sizeof(*d->stops));
		facts[i]->stops[0] =
			(struct fact_stop){.seq = 1, .eta = now + WHEN_HOUR + i * 1000};
	}
	night_submit_all(&n, facts, 150, now + 20 * WHEN_MINUTE);
	getrusage(RUSAGE_SELF, &after);
	if (!getenv("CLOSEDLOOP_SANITIZED")) /* Freed memory is kept in quarantine there. */
		assert_true(after.ru_maxrss - before.ru_maxrss < 32 * 1024);
	night_close(&n);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(second_unit_is_stood_down_too, setup, teardown),
		cmocka_unit_test_setup_teardown(full_list_gives_up_what_is_least_grave, setup,
						teardown),
		cmocka_unit_test_setup_teardown(fever_is_heard_after_many_changes_of_unit, setup,
						teardown),
		cmocka_unit_test_setup_teardown(isolating_is_never_history, setup, teardown),
		cmocka_unit_test_setup_teardown(early_announced_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(resolved_missed_check_does_not_come_back_at_once,
						setup, teardown),
		cmocka_unit_test_setup_teardown(an_order_wrong_second_conflict, setup, teardown),
		cmocka_unit_test_setup_teardown(every_stop_of_a_list_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(next_days_run_is_not_there_before_it_left, setup,
						teardown),
		cmocka_unit_test_setup_teardown(informative_fallback_hears_of_changes, setup,
						teardown),
		cmocka_unit_test(repeated_reuse_is_one_alert),
		cmocka_unit_test(merge_keeps_stand_down),
		cmocka_unit_test(resolved_arrival),
		cmocka_unit_test(flight_storm),
		cmocka_unit_test(a_second_stop_does_not_move_the_first),
		cmocka_unit_test(one_person_twice_on_a_list),
		cmocka_unit_test(eta_storm),
		cmocka_unit_test_setup_teardown(wrong_year_eta_is_not_silence, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
