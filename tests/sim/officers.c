/* officers.c — people with telephones: they read what was delivered, sleep, take alerts, do tasks,
 * accept, ask twice a day, forget, sign. Whom they know of they know from notices, except that a
 * committee sees who lives in its house. Neighbours: post.c delivers, mail.c brings what they do.
 */
#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

#define OFFICER "api/officer"

/* --- Errands -------------------------------------------------------------------------------- */

static void plan(struct world *world, int64_t at, const struct errand *errand)
{
	if (world->errands_len == world->errands_cap) {
		world->errands_cap = world->errands_cap ? 2 * world->errands_cap : 256;
		world->errands =
			mem_grow(world->errands, world->errands_cap * sizeof(*world->errands));
	}
	world->errands[world->errands_len] = *errand;
	agenda_add(&world->agenda, at, HAPPENS_OFFICER, (uint32_t)world->errands_len++, 0);
}

static struct fact *act(struct world *world, enum fact_type type)
{
	struct fact *fact = mail_fact(world, type, OFFICER, world->now);

	fact->stamp.rank = fact_rank(FACT_REGISTERED, NULL);
	fact->feed = NULL;
	fact->feed_unit = "";
	fact->by = "officer";
	return fact;
}

static uint32_t number_of(struct world *world, const char *journey)
{
	struct traveller *who = people_of_journey(world, journey);
	return who ? (uint32_t)(who - world->travellers) : NOBODY;
}

static void hand(struct world *world, struct fact *fact, const char *journey)
{
	fact->journey = arena_copy(&world->arena, journey);
	mail_hand(world, fact, number_of(world, journey), world->now);
}

static int temperature(struct world *world)
{
	struct dice *dice = &world->dice.rounds;
	return dice_chance(dice, 3) ? 374 + (int)dice_roll(dice, 15)
				    : 360 + (int)dice_roll(dice, 13);
}

static void examine(struct world *world, struct fact *fact)
{
	struct dice *dice = &world->dice.rounds;
	bool symptom = dice_chance(dice, 2), pill = dice_chance(dice, 15);

	fact->temp_tenths = temperature(world);
	fact->symptoms = symptom ? "dry_cough" : NULL;
	fact->antipyretic = pill;
}

static void do_tasks(struct world *world, const char *journey)
{
	const struct policy *policy = &world->house.conf->policies[0];
	struct dice *dice = &world->dice.officers;

	for (size_t i = 0; i < policy->tasks_len; i++) {
		bool forgotten = dice_chance(dice, 500), failed = dice_chance(dice, 15);
		if (forgotten)
			continue;
		struct fact *fact = act(world, FACT_TASK_ENDED);
		fact->task = policy->tasks[i].name;
		fact->outcome = failed ? "failed" : "done";
		hand(world, fact, journey);
	}
}

/* A committee accepts, or does not. */
static void take_over(struct world *world, const char *journey, const char *unit)
{
	struct dice *dice = &world->dice.officers;
	bool refuses = dice_chance(dice, 40), named = dice_roll(dice, 2);
	struct fact *fact = act(world, refuses ? FACT_REFUSED : FACT_ACCEPTED);

	fact->reason = refuses ? "three people live there" : NULL;
	if (named && strlen(unit) == UNIT_CODE_MAX)
		fact->to_code = arena_copy(&world->arena, unit);
	hand(world, fact, journey);
}

static void alert_fact(struct world *world, enum fact_type type, const struct errand *errand)
{
	static const char *const outcomes[] = {"hospital", "false_alarm", "found", "excused"};
	struct fact *fact = act(world, type);

	fact->alert = errand->alert;
	fact->via = errand->via;
	if (type == FACT_ALERT_RESOLVED)
		fact->outcome = outcomes[dice_roll(&world->dice.officers, ARRAY_LEN(outcomes))];
	mail_hand(world, fact, NOBODY, world->now);
}

void officers_do(struct world *world, const struct happening *happening)
{
	struct errand errand = world->errands[happening->what];
	struct fact *fact;

	if (world->all_asleep)
		return;
	switch (errand.kind) {
	case ERRAND_ACK:
		world->counts.acks++;
		alert_fact(world, FACT_ALERT_ACKED, &errand);
		break;
	case ERRAND_RESOLVE:
		world->counts.resolved++;
		alert_fact(world, FACT_ALERT_RESOLVED, &errand);
		break;
	case ERRAND_ACCEPT:
		take_over(world, errand.journey, errand.unit);
		break;
	case ERRAND_RETURN:
		hand(world, act(world, FACT_RETURNED), errand.journey);
		break;
	case ERRAND_TASKS:
		do_tasks(world, errand.journey);
		break;
	case ERRAND_CHECK:
		world->counts.checks++;
		fact = act(world, FACT_CHECKED);
		examine(world, fact);
		fact->method = "phone";
		/* A late entry says what it is for by its time. */
		if (errand.slot != WHEN_UNKNOWN)
			fact->stamp.at = errand.slot;
		hand(world, fact, errand.journey);
		break;
	case ERRAND_ASSIGN:
		fact = act(world, FACT_ASSIGNED);
		fact->field[FIELD_ASSIGNED] =
			people_committee(dice_roll(&world->dice.officers, people_committees()));
		hand(world, fact, errand.journey);
		world->counts.assigned++;
		/* Some were wrong, and what they taught is taken back. */
		if (dice_chance(&world->dice.officers, 300)) {
			errand.kind = ERRAND_UNDO;
			plan(world, world->now + dice_wait(&world->dice.officers, WHEN_DAY),
			     &errand);
		}
		break;
	case ERRAND_UNDO:
		/* Of any address: an assignment has up to three lessons. */
		fact = act(world, FACT_ALIAS_UNDONE);
		fact->alias = 1 + (int64_t)dice_roll(&world->dice.officers,
						     (unsigned)(3 * world->counts.assigned));
		world->counts.undone++;
		mail_hand(world, fact, NOBODY, world->now);
		break;
	case ERRAND_RELEASE:
	case ERRAND_RELEASE_ANYWAY:
		fact = act(world, FACT_RELEASED);
		fact->reason = errand.kind == ERRAND_RELEASE ? NULL : "doctor agrees";
		hand(world, fact, errand.journey);
		break;
	case ERRAND_CLOSE:
		fact = act(world, FACT_CLOSED);
		fact->reason = "never_came";
		hand(world, fact, errand.journey);
		break;
	}
}

/* --- Reading -------------------------------------------------------------------------------- */

/* The value of the first string member NAME in the JSON text BODY, cut to CAP. */
static const char *member(const char *body, const char *name, char *out, size_t cap)
{
	char key[32];
	snprintf(key, sizeof(key), "\"%s\":\"", name);
	const char *at = strstr(body, key);
	size_t len = at ? strcspn(at + strlen(key), "\"") : 0;

	if (len >= cap)
		len = cap - 1;
	if (at)
		memcpy(out, at + strlen(key), len);
	out[len] = '\0';
	return out;
}

static void follow(struct world *world, const char *body, const struct errand *like, int64_t wait)
{
	const char *at = strstr(body, "\"journeys\":[");
	struct errand errand = *like;

	while (at && *at && *at != ']') {
		const char *id = strstr(at, "\"jny_");
		const char *end = strchr(at, ']');
		if (!id || (end && id > end))
			return;
		size_t len = strcspn(id + 1, "\"");
		if (len >= sizeof(errand.journey))
			return;
		memcpy(errand.journey, id + 1, len);
		errand.journey[len] = '\0';
		plan(world, world->now + wait, &errand);
		at = id + 1 + len;
	}
}

/* True the first time it is asked of ALERT. */
static bool first_time(struct world *world, int64_t alert)
{
	size_t index = (size_t)alert;

	if (index >= world->heard_len) {
		size_t len = 2 * index + 64;
		world->heard = mem_grow(world->heard, len);
		memset(world->heard + world->heard_len, 0, len - world->heard_len);
		world->heard_len = len;
	}
	bool first = !world->heard[index];
	world->heard[index] = 1;
	return first;
}

static void because_of(struct world *world, const struct errand *errand, const char *body,
		       int64_t wait)
{
	struct dice *dice = &world->dice.officers;
	struct errand what = *errand;
	bool one = dice_roll(dice, 2);

	switch ((int)errand->about) {
	case ALERT_EXPECTED:
	case ALERT_ARRIVAL:
	case ALERT_TASK_OVERDUE:
		what.kind = ERRAND_TASKS;
		break;
	case ALERT_NOT_ACCEPTED:
	case ALERT_TRANSFER_OVERDUE:
	case ALERT_NOT_BOARDED:
		what.kind = ERRAND_ACCEPT;
		break;
	case ALERT_NOT_REGISTERED:
		what.kind = one ? ERRAND_RESOLVE : ERRAND_CLOSE;
		wait += 6 * WHEN_HOUR;
		break;
	case ALERT_ADDRESS:
		what.kind = ERRAND_ASSIGN;
		break;
	case ALERT_REMIND:
	case ALERT_REMIND_LAST:
		what.kind = ERRAND_CHECK;
		break;
	case ALERT_MISSED_CHECK:
		what.kind = one ? ERRAND_CHECK : ERRAND_RESOLVE;
		break;
	case ALERT_HANDOVER_REFUSED:
		what.kind = one ? ERRAND_ACCEPT : ERRAND_ASSIGN;
		wait += WHEN_HOUR;
		break;
	case ALERT_NOT_RETURNED:
		what.kind = one ? ERRAND_RETURN : ERRAND_RESOLVE;
		break;
	case ALERT_HEAD_COUNT:
		what.kind = one ? ERRAND_ACCEPT : ERRAND_RESOLVE;
		break;
	case ALERT_NO_SHOW:
		what.kind = ERRAND_CLOSE;
		break;
	case ALERT_RELEASE:
		what.kind = ERRAND_RELEASE;
		break;
	case ALERT_NOT_RELEASED:
		what.kind = ERRAND_RELEASE_ANYWAY;
		wait += 2 * WHEN_HOUR;
		break;
	case ALERT_FEVER:
	case ALERT_HOME_UNFIT:
	case ALERT_CONFLICT:
	case ALERT_ID_REUSE:
	case ALERT_NOT_DELIVERED:
	case ALERT_LEDGER_BROKEN:
	case ALERT_LOOP_BROKEN:
		what.kind = ERRAND_RESOLVE;
		wait += dice_wait(dice, 8 * WHEN_HOUR);
		break;
	default:
		return;
	}
	if (what.kind == ERRAND_RESOLVE)
		plan(world, world->now + wait, &what);
	else
		follow(world, body, &what, wait);
}

void officers_read(struct world *world, const struct delivery *delivery)
{
	struct dice *dice = &world->dice.officers;
	char word[40], number[24];
	bool asleep = dice_chance(dice, 300);
	int64_t wait = dice_wait(dice, 4 * WHEN_MINUTE);
	int64_t work = dice_wait(dice, 20 * WHEN_MINUTE);
	bool again = dice_chance(dice, 250);

	world->counts.deliveries++;
	if (world->all_asleep || (asleep && world_has(world, TROUBLE_SLEEP)))
		return;
	if (!world_has(world, TROUBLE_SLEEP) && wait > 10 * WHEN_MINUTE)
		wait = 10 * WHEN_MINUTE;
	int kind = alert_kind_of(member(delivery->body, "kind", word, sizeof(word)));
	int64_t alert = alert_of_number(member(delivery->body, "alert", number, sizeof(number)));
	world_note(world, "read %s A-%lld", word, (long long)alert);
	if (kind < 0 || alert <= 0)
		return;
	struct errand errand = {.kind = ERRAND_ACK,
				.via = delivery->endpoint,
				.alert = alert,
				.about = (enum alert_kind)kind,
				.slot = WHEN_UNKNOWN};
	if (!alert_traits(errand.about)->informative)
		plan(world, world->now + wait, &errand);
	member(delivery->body, "unit", errand.unit, sizeof(errand.unit));
	if (first_time(world, alert) || again)
		because_of(world, &errand, delivery->body, wait + work);
}

/* --- Rounds --------------------------------------------------------------------------------- */

static void ask(struct world *world, struct traveller *who, int64_t at)
{
	struct dice *dice = &world->dice.rounds;
	bool by_feed = dice_chance(dice, 150);
	struct fact *fact;
	uint32_t index = (uint32_t)(who - world->travellers);

	world->counts.checks++;
	if (by_feed || !*who->journey) {
		fact = mail_fact(world, FACT_CHECKED, "/pvg/t2", at);
		fact->ref = who->ref;
		examine(world, fact);
		mail_send(world, fact, index, at);
		return;
	}
	fact = act(world, FACT_CHECKED);
	fact->stamp.at = at;
	examine(world, fact);
	fact->method = "phone";
	fact->journey = arena_copy(&world->arena, who->journey);
	mail_hand(world, fact, index, at);
}

/* Dialysis with leave, a walk without; back again or not; and who met somebody on the way. */
static void go_out(struct world *world, struct traveller *who)
{
	struct dice *dice = &world->dice.rounds;
	bool out = dice_chance(dice, 12), leave = dice_roll(dice, 4), back = dice_roll(dice, 4);
	bool exposed = dice_chance(dice, 100), extended = dice_chance(dice, 2);
	int64_t away = dice_span(dice, 30, 400) * WHEN_MINUTE;
	uint32_t index = (uint32_t)(who - world->travellers);

	if (extended && *who->journey) {
		struct fact *fact = act(world, FACT_EXTENDED);
		fact->field[FIELD_EXTENSION] = "3";
		fact->reason = "the doctor asks for it";
		hand(world, fact, who->journey);
	}
	if (!out || !*who->journey)
		return;
	struct fact *fact = act(world, FACT_LEFT);
	fact->until = leave ? world->now + away : WHEN_UNKNOWN;
	fact->reason = "dialysis";
	hand(world, fact, who->journey);
	if (back) {
		fact = mail_fact(world, FACT_RETURNED, OFFICER, world->now + away);
		fact->by = "officer";
		fact->feed = NULL;
		fact->feed_unit = "";
		fact->journey = arena_copy(&world->arena, who->journey);
		mail_hand(world, fact, index, world->now + away);
	}
	if (exposed) {
		fact = act(world, FACT_EXPOSED);
		fact->reason = "sat beside a case";
		hand(world, fact, who->journey);
	}
}

/* Twelve in a hundred committees' rounds are forgotten by somebody asleep; then the daemon has to
 * ask. */
void officers_round(struct world *world, const struct happening *happening)
{
	struct dice *dice = &world->dice.rounds;
	int64_t late = dice_wait(dice, 20 * WHEN_MINUTE);
	bool forgotten = dice_chance(dice, 120);

	if (world->now < world->end + 2 * WHEN_DAY)
		agenda_add(&world->agenda, world->now + WHEN_DAY, HAPPENS_ROUND, happening->what,
			   happening->more);
	if (world->all_asleep || (forgotten && world_has(world, TROUBLE_SLEEP)))
		return;
	for (unsigned i = 0; i < world->size.travellers; i++) {
		struct traveller *who = &world->travellers[i];
		if (who->committee != happening->what || who->gone || who->home_at > world->now)
			continue;
		bool missed = dice_chance(dice, 25), apart = dice_chance(dice, 150);
		int64_t more = apart ? dice_wait(dice, 40 * WHEN_MINUTE) : 0;
		bool accept = who->home_at + 20 * WHEN_HOUR > world->now && *who->journey;
		if (accept && dice_roll(dice, 2))
			take_over(world, who->journey, people_committee(who->committee));
		go_out(world, who);
		if (!missed || !world_has(world, TROUBLE_SLEEP))
			ask(world, who, world->now + late + more);
	}
}
