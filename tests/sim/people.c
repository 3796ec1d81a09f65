/* people.c — who comes, how, and what is truly so: parties on flights, buses, relays, private cars,
 * redirects, corrections, people who do not come. Neighbours: mail.c distorts what is said of it,
 * officers.c receives them. */
#include "world.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

#define PARTY_MAX  4
#define RIDERS_MAX 13
#define AIRPORT	   "/pvg/t2"

static const struct committee {
	const char *code, *address;
} committees[] = {
	{"310112101005", "上海市闵行区莘庄镇莘松一村8号101室"},
	{"310112101007", "上海市闵行区莘庄镇莘松三村123号402室"},
	{"310110021002", "杨浦区长海路街道市光一村20号"},
	{"310118107002", "青浦区华新镇凤溪社区"},
	{"310118107003", "青浦区华新镇华腾社区12号"},
	{"310118107004", "青浦区华新镇西郊半岛"},
	{"310109019001", "虹口区江湾镇街道奎照路30号"},
	{"310104003001", "徐汇区天平路街道上海新村"},
	{"310104003003", "徐汇区天平路街道康平路25弄"},
	{"310104004005", "徐汇区湖南路街道"},
};

const char *people_committee(unsigned index)
{
	assert(index < ARRAY_LEN(committees));
	return committees[index].code;
}

unsigned people_committees(void)
{
	return ARRAY_LEN(committees);
}

struct traveller *people_of_journey(struct world *world, const char *journey)
{
	for (unsigned i = 0; i < world->size.travellers; i++) {
		if (text_equal(world->travellers[i].journey, journey))
			return &world->travellers[i];
	}
	return NULL;
}

/* How a party gets home. */
enum way {
	WAY_BUS,
	WAY_RELAY,
	WAY_CAR,
	WAY_REDIRECTED,	       /* at triage: never comes to a home of ours */
	WAY_REDIRECTED_ABOARD, /* on the bus */
	WAY_NO_SHOW,
	WAY_WITHDRAWN,
	WAY_WALKS_IN, /* nobody said anything before the hand-over */
};

static enum way draw_way(struct dice *dice)
{
	static const struct {
		unsigned upto;
		enum way way;
	} odds[] = {{560, WAY_BUS},
		    {690, WAY_RELAY},
		    {830, WAY_CAR},
		    {870, WAY_REDIRECTED},
		    {905, WAY_REDIRECTED_ABOARD},
		    {940, WAY_NO_SHOW},
		    {970, WAY_WITHDRAWN},
		    {1000, WAY_WALKS_IN}};
	unsigned luck = dice_roll(dice, 1000);
	size_t i = 0;

	while (luck >= odds[i].upto)
		i++;
	return odds[i].way;
}

struct flight_plan {
	const char *key, *number;
	int64_t scheduled, landed;
	bool cancelled;
};

struct party {
	uint32_t first, len;
	unsigned committee;
	char district[UNIT_CODE_CAP];
	enum way way;
	bool two_sources; /* the desk has references of its own */
	const struct flight_plan *flight;
	int64_t triaged, registered;
	const char *transfer, *second_transfer;
};

static int64_t minutes(struct dice *dice, int64_t least, int64_t most)
{
	return dice_span(dice, least, most) * WHEN_MINUTE;
}

static const char *desk_of(struct world *world, const struct party *party)
{
	return party->two_sources ? arena_printf(&world->arena, "/desk/%s", party->district)
				  : AIRPORT;
}

static void describe(struct world *world, struct fact *fact, const struct traveller *who)
{
	static const char *const nations[] = {"KOR", "ITA", "IRN", "CHN", "FRA"};

	/* Lists spell a name one way or another. */
	fact->field[FIELD_NAME] =
		arena_printf(&world->arena, "%s %s",
			     dice_roll(&world->dice.people, 4) ? "KIM" : "GIM", who->ref);
	fact->field[FIELD_NATIONALITY] = nations[dice_roll(&world->dice.people, 5)];
	fact->field[FIELD_DOC_TYPE] = "P";
	fact->field[FIELD_DOC_ISSUER] = "KOR";
	fact->field[FIELD_DOC_NUMBER] = who->document;
	if (dice_chance(&world->dice.people, 600))
		fact->field[FIELD_LANGUAGES] = "ko,zh";
}

static void announce(struct world *world, const struct party *party, uint32_t index,
		     const char *source, int64_t at)
{
	struct traveller *who = &world->travellers[index];
	struct fact *fact = mail_fact(world, FACT_ANNOUNCED, source, at);

	fact->ref = text_equal(source, AIRPORT) ? who->ref : who->desk_ref;
	describe(world, fact, who);
	/* Some lists come without documents: two records of one person, until one of them has. */
	if (dice_chance(&world->dice.people, 120))
		fact->field[FIELD_DOC_NUMBER] = NULL;
	fact->field[FIELD_FLIGHT] = party->flight->key;
	fact->flight_sched = party->flight->scheduled;
	mail_send(world, fact, index, at);
}

static void triage(struct world *world, const struct party *party, uint32_t index)
{
	struct fact *fact = mail_fact(world, FACT_TRIAGED, desk_of(world, party), party->triaged);

	fact->ref = world->travellers[index].desk_ref;
	fact->field[FIELD_STICKER] = party->way == WAY_REDIRECTED ? "red" : "yellow";
	/* Some stickers must speak for themselves. */
	if (!dice_chance(&world->dice.people, 100))
		fact->field[FIELD_DISPOSITION] = party->way == WAY_REDIRECTED ? "central" : "home";
	fact->temp_tenths = 362 + (int)dice_roll(&world->dice.people, 10);
	mail_send(world, fact, index, party->triaged);
}

static void state_home(struct world *world, struct fact *fact, unsigned committee)
{
	/* Matching costs time and has its own tests: mostly the code is there. */
	unsigned luck = dice_roll(&world->dice.people, 100);
	unsigned room = dice_roll(&world->dice.people, 3);

	if (luck < 88)
		fact->field[FIELD_COMMITTEE] = committees[committee].code;
	if (luck >= 78 && luck < 98)
		fact->field[FIELD_ADDRESS] = committees[committee].address;
	else if (luck >= 98) /* Few of them, so that what an officer answered is met again. */
		fact->field[FIELD_ADDRESS] = arena_printf(&world->arena, "somewhere in the city %u",
							  dice_roll(&world->dice.people, 3));
	/* Few rooms: people of several flights come to live together. */
	if (fact->field[FIELD_ADDRESS])
		fact->field[FIELD_BUILDING] = arena_printf(&world->arena, "3号楼 %u02室", room + 1);
}

static void register_her(struct world *world, const struct party *party, uint32_t index)
{
	struct traveller *who = &world->travellers[index];
	struct fact *fact =
		mail_fact(world, FACT_REGISTERED, desk_of(world, party), party->registered);

	fact->ref = who->desk_ref;
	if (party->two_sources)
		describe(world, fact, who);
	fact->field[FIELD_DISTRICT] = arena_copy(&world->arena, party->district);
	fact->field[FIELD_TRANSPORT] = party->way == WAY_CAR ? "private_car" : "bus";
	state_home(world, fact, party->committee);
	mail_send(world, fact, index, party->registered);
}

static void hand_over(struct world *world, const struct party *party, uint32_t index, int64_t at)
{
	struct traveller *who = &world->travellers[index];
	struct fact *fact = mail_fact(world, FACT_HANDED_OVER, desk_of(world, party), at);

	who->home_at = at;
	fact->ref = who->desk_ref;
	if (party->way == WAY_WALKS_IN)
		describe(world, fact, who);
	fact->to_role = "committee";
	fact->to_code = committees[who->committee].code;
	mail_send(world, fact, index, at);
}

/* A committee may state another home: before she comes, or after. */
static void correct(struct world *world, const struct party *party, uint32_t index, int64_t at)
{
	struct traveller *who = &world->travellers[index];
	struct fact *fact = mail_fact(world, FACT_CORRECTED, desk_of(world, party), at);

	fact->ref = who->desk_ref;
	who->committee = dice_roll(&world->dice.people, ARRAY_LEN(committees));
	state_home(world, fact, who->committee);
	fact->reason = "slip of the pen";
	mail_send(world, fact, index, at);
}

static void withdraw(struct world *world, const struct party *party, uint32_t index, int64_t at)
{
	struct fact *fact = mail_fact(world, FACT_WITHDRAWN, AIRPORT, at);

	(void)party;
	fact->ref = world->travellers[index].ref;
	fact->reason = "no_show";
	world->travellers[index].gone = true;
	mail_send(world, fact, index, at);
}

static void redirect(struct world *world, const struct party *party, uint32_t index, int64_t at)
{
	struct fact *fact = mail_fact(world, FACT_REDIRECTED, desk_of(world, party), at);

	fact->ref = world->travellers[index].desk_ref;
	fact->field[FIELD_DISPOSITION] = dice_roll(&world->dice.people, 2) ? "central" : "hospital";
	fact->field[FIELD_REASON] = "fever on the way";
	fact->reason = "fever on the way";
	world->travellers[index].gone = true;
	mail_send(world, fact, index, at);
}

/* Sent on from the vehicle: to a place that says it has her, in another vehicle, or into silence;
 * and some stand at a door at home all the same. */
static void send_on(struct world *world, const struct party *party, uint32_t index, int64_t at)
{
	struct dice *dice = &world->dice.people;
	const struct traveller *who = &world->travellers[index];
	unsigned luck = dice_roll(dice, 10);
	int64_t there = at + minutes(dice, 30, 500);
	struct fact *fact;

	redirect(world, party, index, at);
	if (luck < 4) {
		fact = mail_fact(world, FACT_HANDED_OVER, desk_of(world, party), there);
		fact->ref = who->desk_ref;
		fact->to_role = "hospital";
		mail_send(world, fact, index, there);
	} else if (luck < 7) {
		fact = mail_fact(world, FACT_DEPARTED, desk_of(world, party), at + WHEN_MINUTE);
		fact->transfer = arena_printf(&world->arena, "C-%04u", (unsigned)++world->numbers);
		fact->stops = arena_alloc(&world->arena, sizeof(*fact->stops));
		fact->riders = arena_alloc(&world->arena, sizeof(*fact->riders));
		fact->stops_len = fact->riders_len = 1;
		fact->stops[0] =
			(struct fact_stop){.seq = 1,
					   .kind = luck == 4 ? STOP_HOSPITAL : STOP_CENTRAL_SITE,
					   .eta = there};
		fact->riders[0] = (struct fact_rider){.ref = who->desk_ref, .stop = 1};
		const char *transfer = fact->transfer;
		mail_send(world, fact, NOBODY, fact->stamp.at);
		if (luck < 6) {
			fact = mail_fact(world, FACT_STOP_REACHED, desk_of(world, party), there);
			fact->transfer = transfer;
			fact->seq = 1;
			mail_send(world, fact, NOBODY, there);
		}
	} else if (luck == 9) {
		hand_over(world, party, index, there);
	}
}

static void by_car(struct world *world, const struct party *party)
{
	int64_t at = party->registered + minutes(&world->dice.people, 40, 170);

	for (uint32_t i = party->first; i < party->first + party->len; i++)
		hand_over(world, party, i, at);
}

/* --- Vehicles ------------------------------------------------------------------------------- */

struct bus {
	const char *transfer, *source;
	int64_t departs;
	bool relay; /* ends at a relay point */
	size_t parties_len;
	const struct party *parties[RIDERS_MAX];
	uint32_t riders;
};

static void drive(struct world *world, const struct bus *bus)
{
	struct dice *dice = &world->dice.people;
	struct fact *left = mail_fact(world, FACT_DEPARTED, bus->source, bus->departs);
	int64_t eta = bus->departs;
	bool silent = dice_chance(dice, 80); /* no ETA at all */
	bool news = dice_chance(dice, 600);

	left->transfer = bus->transfer;
	left->plate = "沪A00007";
	left->stops = arena_alloc(&world->arena, bus->parties_len * sizeof(*left->stops));
	left->riders = arena_alloc(&world->arena, bus->riders * sizeof(*left->riders));
	for (size_t i = 0; i < bus->parties_len; i++) {
		const struct party *party = bus->parties[i];
		int64_t before = eta;

		eta += minutes(dice, 25, 60);
		left->stops[left->stops_len++] = (struct fact_stop){
			.seq = (int)i + 1,
			.kind = bus->relay ? STOP_RELAY : STOP_COMPOUND,
			.committee = bus->relay ? NULL : committees[party->committee].code,
			.eta = silent ? WHEN_UNKNOWN : eta};
		for (uint32_t k = 0; k < party->len; k++)
			left->riders[left->riders_len++] = (struct fact_rider){
				.ref = world->travellers[party->first + k].desk_ref,
				.stop = (int)i + 1};
		int64_t reached = eta + minutes(dice, -12, 15);
		if (news) {
			struct fact *fact =
				mail_fact(world, FACT_ETA, bus->source,
					  (before + eta) / 2 / WHEN_MINUTE * WHEN_MINUTE);
			fact->transfer = bus->transfer;
			fact->stops = arena_alloc(&world->arena, sizeof(*fact->stops));
			fact->stops_len = 1;
			fact->stops[0] = (struct fact_stop){.seq = (int)i + 1, .eta = reached};
			mail_send(world, fact, NOBODY, fact->stamp.at);
		}
		struct fact *there = mail_fact(world, FACT_STOP_REACHED, bus->source, reached);
		there->transfer = bus->transfer;
		there->seq = (int)i + 1;
		/* Some count, and some of them wrong. */
		if (dice_chance(dice, 600))
			there->n_off = (int)party->len - (int)dice_chance(dice, 40) +
				       (int)dice_chance(dice, 20);
		mail_send(world, there, NOBODY, reached);
		for (uint32_t k = party->first; k < party->first + party->len && !bus->relay; k++) {
			if (party->way == WAY_REDIRECTED_ABOARD)
				send_on(world, party, k, bus->departs + minutes(dice, 5, 20));
			else
				hand_over(world, party, k, reached + minutes(dice, 1, 9));
		}
		eta = reached > eta ? reached : eta;
	}
	mail_send(world, left, NOBODY, bus->departs);
}

/* Parties of one flight and one district go together, as many as there are seats. */
static void board(struct world *world, struct party *parties, size_t len, bool second)
{
	for (size_t i = 0; i < len; i++) {
		struct bus bus = {.source = desk_of(world, &parties[i])};

		if (parties[i].transfer && (!second || parties[i].second_transfer))
			continue;
		bool rides = parties[i].way == WAY_BUS || parties[i].way == WAY_RELAY ||
			     parties[i].way == WAY_REDIRECTED_ABOARD;
		if (!rides || (second && parties[i].way != WAY_RELAY))
			continue;
		bus.transfer = arena_printf(&world->arena, "T-%04u", (unsigned)++world->numbers);
		bus.relay = !second && parties[i].way == WAY_RELAY;
		for (size_t k = i; k < len; k++) {
			struct party *other = &parties[k];
			if (other->transfer && (!second || other->second_transfer))
				continue;
			if (other->flight != parties[i].flight ||
			    other->two_sources != parties[i].two_sources ||
			    !text_equal(other->district, parties[i].district) ||
			    (other->way == WAY_RELAY) != (parties[i].way == WAY_RELAY) ||
			    (other->way != WAY_BUS && other->way != WAY_RELAY &&
			     other->way != WAY_REDIRECTED_ABOARD) ||
			    bus.riders + other->len > RIDERS_MAX)
				continue;
			*(second ? &other->second_transfer : &other->transfer) = bus.transfer;
			bus.parties[bus.parties_len++] = other;
			bus.riders += other->len;
			if (other->registered > bus.departs)
				bus.departs = other->registered;
		}
		bus.departs += minutes(&world->dice.people, 10, second ? 300 : 120);
		drive(world, &bus);
	}
}

/* --- Flights and parties -------------------------------------------------------------------- */

static void fly(struct world *world, const struct flight_plan *flight, enum flight_status status,
		int64_t at)
{
	struct fact *fact = mail_fact(world, FACT_FLIGHT_UPDATED, AIRPORT, at);

	fact->field[FIELD_FLIGHT] = flight->key;
	fact->flight_status = status;
	fact->flight_sched = flight->scheduled;
	if (status == FLIGHT_ESTIMATED)
		fact->flight_est = flight->landed;
	if (status == FLIGHT_LANDED)
		fact->flight_act = flight->landed;
	mail_send(world, fact, NOBODY, at);
}

static struct flight_plan *draw_flight(struct world *world, unsigned number)
{
	struct dice *dice = &world->dice.people;
	struct flight_plan *flight = arena_alloc(&world->arena, sizeof(*flight));
	unsigned most = world->size.days > 18 ? world->size.days - 17 : 1;
	char day[WHEN_CAP];

	flight->scheduled = world->begin + WHEN_DAY / 2 +
			    dice_span(dice, 0, (int64_t)most * 24 * 12) * 5 * WHEN_MINUTE;
	flight->landed = flight->scheduled + minutes(dice, -20, 180);
	flight->cancelled = dice_chance(dice, 25);
	/* The day does not matter to anybody: keys only have to differ. */
	flight->key = arena_printf(&world->arena, "XX%u-PVG-%s", 100 + number,
				   when_day_text((int32_t)(flight->scheduled / WHEN_DAY), day));
	if (flight->cancelled) {
		fly(world, flight, FLIGHT_CANCELLED, flight->scheduled - minutes(dice, 60, 600));
		return flight;
	}
	if (dice_chance(dice, 20))
		fly(world, flight, FLIGHT_DIVERTED, flight->landed - minutes(dice, 1, 60));
	if (dice_roll(dice, 2))
		fly(world, flight, FLIGHT_ESTIMATED, flight->scheduled - minutes(dice, 30, 120));
	fly(world, flight, FLIGHT_LANDED, flight->landed + minutes(dice, 1, 10));
	return flight;
}

static void draw_party(struct world *world, struct party *party)
{
	struct dice *dice = &world->dice.people;
	int64_t told = party->flight->scheduled - minutes(dice, 60, 660);

	party->triaged = party->flight->landed + minutes(dice, 30, 180);
	party->registered = party->triaged + minutes(dice, 15, 60);
	for (uint32_t i = party->first; i < party->first + party->len; i++) {
		struct traveller *who = &world->travellers[i];
		who->party = i;
		who->committee = party->committee;
		who->home_at = WHEN_NEVER;
		who->ref = arena_printf(&world->arena, "P%04u", i);
		who->desk_ref =
			party->two_sources ? arena_printf(&world->arena, "D%04u", i) : who->ref;
		who->document = arena_printf(&world->arena, "M%08u", 7 * i + 13);
		if (party->way != WAY_WALKS_IN)
			announce(world, party, i, AIRPORT, told);
		if (dice_chance(dice, 40))
			announce(world, party, i, AIRPORT, told + minutes(dice, 5, 300));
		if (party->flight->cancelled || party->way == WAY_NO_SHOW)
			continue;
		if (party->way == WAY_WITHDRAWN) {
			withdraw(world, party, i, party->flight->landed + minutes(dice, 5, 90));
			continue;
		}
		if (party->way != WAY_WALKS_IN)
			triage(world, party, i);
		if (party->way == WAY_REDIRECTED) {
			who->gone = true;
			continue;
		}
		if (party->way != WAY_WALKS_IN) {
			register_her(world, party, i);
			if (dice_chance(dice, 8)) /* … and came all the same */
				withdraw(world, party, i,
					 party->registered + minutes(dice, 1, 900));
			if (dice_chance(dice, 50))
				correct(world, party, i, party->registered + minutes(dice, 2, 400));
		}
	}
	if (party->flight->cancelled)
		return;
	if (party->way == WAY_CAR || party->way == WAY_WALKS_IN)
		by_car(world, party);
}

/* The feed says that it lives, except on days when it does not. */
static void beat(struct world *world)
{
	struct dice *dice = &world->dice.people;
	int64_t silent_until = world->begin;

	for (int64_t at = world->begin; at < world->end + 2 * WHEN_DAY; at += 4 * WHEN_HOUR) {
		if (dice_chance(dice, 12))
			silent_until = at + dice_span(dice, 6, 40) * WHEN_HOUR;
		if (at >= silent_until)
			mail_send(world, mail_fact(world, FACT_HEARTBEAT, AIRPORT, at), NOBODY, at);
	}
}

void people_make(struct world *world)
{
	struct dice *dice = &world->dice.people;
	uint32_t drawn = 0;
	unsigned flights = 0;

	world->travellers =
		arena_alloc(&world->arena, world->size.travellers * sizeof(*world->travellers));
	beat(world);
	while (drawn < world->size.travellers) {
		const struct flight_plan *flight = draw_flight(world, flights++);
		unsigned aboard = 1 + dice_roll(dice, 8);
		struct party parties[8];
		size_t len = 0;

		for (; len < aboard && drawn < world->size.travellers; len++) {
			struct party *party = &parties[len];
			*party = (struct party){.first = drawn, .flight = flight};
			party->len = 1 + dice_roll(dice, PARTY_MAX);
			if (party->len > world->size.travellers - drawn)
				party->len = world->size.travellers - drawn;
			/* People of one flight often have one destination: that makes full buses.
			 */
			party->committee = len && dice_roll(dice, 2)
						   ? parties[0].committee
						   : dice_roll(dice, ARRAY_LEN(committees));
			text_copy(party->district, sizeof(party->district),
				  committees[party->committee].code);
			party->district[6] = '\0';
			party->way = draw_way(dice);
			party->two_sources = dice_chance(dice, 300);
			drawn += party->len;
			draw_party(world, party);
		}
		if (flight->cancelled)
			continue;
		board(world, parties, len, false);
		board(world, parties, len, true);
	}
}
