/* test_feed_data.c — what `data` says becomes the fields of a fact; what is dirty is dropped with a
 * warning, and what the loop hangs on is required.
 * Neighbours: test_feed.c for how events travel; lib/wire/feed_check.c, feed_rules.c, feed_data.c
 * and feed_transfer.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/text.h"
#include "feed_fixture.h"

/* --- judging --- */

static const struct fact *accept(const char *type, const char *data)
{
	const struct feed_event *event = judge(event_of(type, data));

	if (event->reject)
		fail_msg("%s: %s (%s)", type, reject_word(event->reject), event->detail);
	assert_non_null(event->fact);
	return event->fact;
}

static void refuse(enum reject reject, const char *type, const char *data)
{
	const struct feed_event *event = judge(event_of(type, data));

	if (event->reject != reject)
		fail_msg("%s: %s (%s), not %s", data, reject_word(event->reject), event->detail,
			 reject_word(reject));
	assert_null(event->fact);
	assert_true(strlen(event->detail) > 0);
	assert_string_equal(event->id, "e1");
	assert_string_equal(event->source, "/pvg/t2");
}

#define TRAVELER(members)                                                                          \
	"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"LI GUANG\"}" members                   \
	"},\"basis\":\"api\"}"
#define FLIGHT                                                                                     \
	"{\"carrier\":\"XX\",\"number\":\"363\",\"arrival\":\"PVG\","                              \
	"\"sched_arr\":\"2020-03-08T11:40:00+08:00\"}"

/* --- what facts state --- */

static void an_announcement_states_all_it_knows(void **state)
{
	const struct fact *fact;

	(void)state;
	judge(ENVELOPE(
		"\"a\"", "\"/s\"", "\"org.closedloopd.traveler.announced.v1\"", "\"" NOW "\"",
		",\"sequence\":\"17\",\"data\":{\"traveler\":{\"ref\":\"P1\",\"name\":{"
		"\"full\":\"Jose\\u0301\",\"native\":\"何塞\"},\"sex\":\"M\",\"dob\":\"1996-04-"
		"12\",\"nationality\":\"KOR\",\"document\":{\"type\":\"P\",\"number\":"
		"\"M1\",\"issuer\":\"KOR\"},\"languages\":[\"ko\",\"zh-Hans\"],\"phones\":[{"
		"\"raw\":\"138 0000\",\"e164\":\"+8613800000001\"},{\"raw\":\"021-5,1\"}],"
		"\"seat\":\"31A\",\"needs\":[\"infant\",\"pet\"]},\"basis\":"
		"\"health_declaration\",\"flight\":" FLIGHT
		",\"destination\":{\"text\":\"莘松三村\",\"compound\":\"三村\",\"room\":\"402\","
		"\"co_residents\":2},\"companions\":[\"P2\",\"P3\"],\"countries_14d\":["
		"\"KOR\",\"JPN\"]}"));
	fact = feed.batch.events[0].fact;
	assert_non_null(fact);
	assert_string_equal(fact->warnings, "");
	assert_int_equal(fact->type, FACT_ANNOUNCED);
	assert_int_equal(fact->stamp.at, instant_of(NOW));
	assert_int_equal(fact->stamp.rank, 2);
	assert_string_equal(fact->stamp.sequence, "17");
	assert_string_equal(fact->stamp.id, "a");
	assert_string_equal(fact->stamp.source, "/s");
	assert_string_equal(fact->feed_unit, "31");
	assert_string_equal(fact->ref, "P1");
	assert_string_equal(fact->field[FIELD_NAME], "José"); /* composed */
	assert_string_equal(fact->field[FIELD_NAME_NATIVE], "何塞");
	assert_string_equal(fact->field[FIELD_SEX], "M");
	assert_string_equal(fact->field[FIELD_DOB], "1996-04-12");
	assert_string_equal(fact->field[FIELD_NATIONALITY], "KOR");
	assert_string_equal(fact->field[FIELD_DOC_TYPE], "P");
	assert_string_equal(fact->field[FIELD_DOC_NUMBER], "M1");
	assert_string_equal(fact->field[FIELD_DOC_ISSUER], "KOR");
	assert_string_equal(fact->field[FIELD_LANGUAGES], "ko,zh-Hans");
	assert_string_equal(fact->field[FIELD_PHONES], "+8613800000001,021-5 1");
	assert_string_equal(fact->field[FIELD_SEAT], "31A");
	assert_string_equal(fact->field[FIELD_NEEDS], "infant,pet");
	assert_string_equal(fact->field[FIELD_COUNTRIES], "KOR,JPN");
	assert_string_equal(fact->field[FIELD_COMPANIONS], "P2,P3");
	assert_string_equal(fact->field[FIELD_FLIGHT], "XX363-PVG-2020-03-08");
	assert_int_equal(fact->flight_sched, instant_of("2020-03-08T11:40:00+08:00"));
	assert_string_equal(fact->field[FIELD_ADDRESS], "莘松三村");
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_BUILDING], "三村 402");
	assert_string_equal(fact->field[FIELD_CO_RESIDENTS], "2");
	assert_null(fact->field[FIELD_STICKER]);
	assert_int_equal(fact->day, -1);
	assert_null(fact->symptoms);
}

/* GCJ-02 is moved by some hundred metres; the rest of the arithmetic is test_geo's. */
static void a_destination_states_its_estate_and_its_point(void **state)
{
	const struct fact *fact =
		accept("traveler.registered",
		       "{\"ref\":\"P1\",\"desk\":\"d\",\"transport\":\"bus\",\"district_code\":"
		       "\"310105\",\"destination\":{"
		       "\"text\":\"t\",\"compound\":\"伦敦广场\",\"lon\":121.4,\"lat\":31.2,"
		       "\"crs\":\"wgs84\"}}");

	(void)state;
	assert_string_equal(fact->field[FIELD_COMPOUND], "伦敦广场");
	assert_string_equal(fact->field[FIELD_POINT], "121400000 31200000");
	fact = accept("traveler.registered",
		      "{\"ref\":\"P1\",\"desk\":\"d\",\"transport\":\"bus\",\"district_code\":"
		      "\"310105\",\"destination\":{"
		      "\"text\":\"t\",\"lon\":121.4,\"lat\":31.2,\"crs\":\"gcj02\"}}");
	assert_string_equal(fact->field[FIELD_COMPOUND], FIELD_NOTHING);
	assert_true(strncmp(fact->field[FIELD_POINT], "1213", 4) == 0);
}

static void coordinates_of_an_unknown_system_are_warned_of_and_not_used(void **state)
{
	static const char *const points[] = {
		"\"lon\":121.4,\"lat\":31.2",
		"\"lon\":121.4,\"crs\":\"wgs84\"",
		"\"lon\":121.4,\"lat\":31.2,\"crs\":\"mars\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		char data[400];

		snprintf(data, sizeof(data),
			 "{\"ref\":\"P1\",\"desk\":\"d\",\"transport\":\"bus\",\"district_code\":"
			 "\"310105\","
			 "\"destination\":{\"text\":\"t\",%s}}",
			 points[i]);
		const struct fact *fact = accept("traveler.registered", data);
		assert_string_equal(fact->field[FIELD_POINT], FIELD_NOTHING);
		assert_string_equal(fact->field[FIELD_ADDRESS], "t");
		assert_non_null(strstr(fact->warnings, "crs together are not used"));
	}
}

static void an_announcement_with_a_name_alone_states_a_name_alone(void **state)
{
	const struct fact *fact = accept("traveler.announced", TRAVELER(""));

	(void)state;
	for (int field = 0; field < FIELDS; field++) {
		if (field == FIELD_NAME)
			assert_string_equal(fact->field[field], "LI GUANG");
		else
			assert_null(fact->field[field]);
	}
	assert_int_equal(fact->flight_sched, WHEN_UNKNOWN);
}

static void triage_states_sticker_and_health(void **state)
{
	const struct fact *fact =
		accept("traveler.triaged",
		       "{\"ref\":\"P1\",\"sticker\":\"yellow\",\"disposition\":\"home\","
		       "\"temp_c\":36.6,\"symptoms\":[\"none\"]}");

	(void)state;
	assert_string_equal(fact->field[FIELD_STICKER], "yellow");
	assert_string_equal(fact->field[FIELD_DISPOSITION], "home");
	assert_int_equal(fact->temp_tenths, 366);
	assert_string_equal(fact->symptoms, "");
	fact = accept("traveler.triaged",
		      "{\"ref\":\"P1\",\"sticker\":\"red\",\"disposition\":"
		      "\"hospital\",\"symptoms\":[\"none\",\"fever\",\"rash\"]}");
	assert_string_equal(fact->symptoms, "fever,rash");
	assert_int_equal(fact->temp_tenths, 0);
}

static void registration_states_the_desk_and_the_address(void **state)
{
	const struct fact *fact = accept(
		"traveler.registered",
		"{\"ref\":\"P1\",\"desk\":\"PVG-T2\",\"district_code\":\"310112\",\"destination\":{"
		"\"text\":\"x\",\"committee_code\":\"310112101007\"},\"phones\":[{\"raw\":\"1\"}],"
		"\"transport\":\"private_car\",\"plate\":\"沪A00007\",\"commitment_signed\":false,"
		"\"languages\":[\"ko\"],\"traveler\":{\"document\":{\"type\":\"p\",\"number\":"
		"\"m12\"}}}");

	(void)state;
	assert_int_equal(fact->stamp.rank, 3);
	assert_string_equal(fact->field[FIELD_DISTRICT], "310112");
	assert_string_equal(fact->field[FIELD_DESK], "PVG-T2");
	assert_string_equal(fact->field[FIELD_COMMITTEE], "310112101007");
	assert_string_equal(fact->field[FIELD_BUILDING], FIELD_NOTHING);
	assert_null(fact->field[FIELD_CO_RESIDENTS]);
	assert_string_equal(fact->field[FIELD_PHONES], "1");
	assert_string_equal(fact->field[FIELD_TRANSPORT], "private_car");
	assert_string_equal(fact->field[FIELD_PLATE], "沪A00007");
	assert_string_equal(fact->field[FIELD_COMMITMENT], "false");
	assert_string_equal(fact->field[FIELD_LANGUAGES], "ko");
	assert_string_equal(fact->field[FIELD_DOC_NUMBER], "M12");
	assert_string_equal(fact->field[FIELD_DOC_TYPE], "P");
	assert_null(fact->field[FIELD_NAME]);
}

static void a_departure_states_riders_and_stops(void **state)
{
	const struct fact *fact = accept(
		"transfer.departed",
		"{\"transfer\":\"B7\",\"plate\":\"沪A1\",\"travelers\":[{\"ref\":\"P1\",\"stop\":2}"
		",{"
		"\"ref\":\"P2\",\"stop\":1}],\"stops\":[{\"seq\":1,\"kind\":\"relay\"},{\"seq\":2,"
		"\"kind\":\"central_site\",\"address\":{\"text\":\"a\",\"committee_code\":"
		"\"310112101007\"},\"eta\":\"" NOW "\"}]}");

	(void)state;
	assert_string_equal(fact->transfer, "B7");
	assert_string_equal(fact->plate, "沪A1");
	assert_int_equal(fact->riders_len, 2);
	assert_string_equal(fact->riders[0].ref, "P1");
	assert_int_equal(fact->riders[0].stop, 2);
	assert_int_equal(fact->stops_len, 2);
	assert_int_equal(fact->stops[0].kind, STOP_RELAY);
	assert_null(fact->stops[0].address);
	assert_int_equal(fact->stops[0].eta, WHEN_UNKNOWN);
	assert_int_equal(fact->stops[1].kind, STOP_CENTRAL_SITE);
	assert_string_equal(fact->stops[1].committee, "310112101007");
	assert_int_equal(fact->stops[1].eta, instant_of(NOW));
}

static void vehicles_state_where_they_are(void **state)
{
	const struct fact *fact =
		accept("transfer.eta", "{\"transfer\":\"B7\",\"etas\":[{\"seq\":3,\"eta\":\"" NOW
				       "\"},{\"seq\":0,\"eta\":\"" NOW "\"}]}");

	(void)state;
	assert_int_equal(fact->stops_len, 1);
	assert_int_equal(fact->stops[0].seq, 3);
	assert_int_equal(fact->stops[0].eta, instant_of(NOW));
	fact = accept("transfer.stop_reached", "{\"transfer\":\"B7\",\"seq\":2,\"n_off\":0}");
	assert_int_equal(fact->seq, 2);
	assert_int_equal(fact->n_off, 0);
	fact = accept("transfer.stop_reached", "{\"transfer\":\"B7\",\"seq\":2}");
	assert_int_equal(fact->n_off, -1);
}

static void a_flight_states_its_key_and_times(void **state)
{
	const struct fact *fact =
		accept("flight.updated",
		       "{\"flight\":{\"carrier\":\"xx\",\"number\":\"0363\",\"arrival\":\"PVG\","
		       "\"sched_arr\":\"2020-03-08T23:30:00Z\"},\"status\":\"landed\",\"act_arr\":"
		       "\"2020-03-08T23:40:00Z\",\"est_arr\":\"soon\"}");

	(void)state;
	assert_string_equal(fact->field[FIELD_FLIGHT], "XX363-PVG-2020-03-09"); /* by our clock */
	assert_int_equal(fact->flight_status, FLIGHT_LANDED);
	assert_int_equal(fact->flight_act, instant_of("2020-03-08T23:40:00Z"));
	assert_int_equal(fact->flight_est, WHEN_UNKNOWN);
	assert_non_null(strstr(fact->warnings, "$.data.flight.number"));
	assert_non_null(strstr(fact->warnings, "$.data.est_arr"));
}

static void hand_over_check_redirect_and_withdrawal_state_their_own(void **state)
{
	const struct fact *fact =
		accept("traveler.handed_over", "{\"ref\":\"P1\",\"transfer\":\"B7\",\"from\":{"
					       "\"name\":\"甲\"},\"to\":{\"name\":\"居\","
					       "\"role\":\"committee\",\"org_code\":"
					       "\"310112101005\"},\"temp_c\":38,\"symptoms\":[]}");

	(void)state;
	assert_string_equal(fact->to_role, "committee");
	assert_string_equal(fact->to_code, "310112101005");
	assert_string_equal(fact->transfer, "B7");
	assert_string_equal(fact->by, "甲");
	assert_int_equal(fact->temp_tenths, 380);
	assert_string_equal(fact->symptoms, "");
	fact = accept("health.checked",
		      "{\"ref\":\"P1\",\"day\":0,\"method\":\"phone\",\"by\":\"乙\","
		      "\"temp_c\":36.5}");
	assert_int_equal(fact->day, 0);
	assert_string_equal(fact->method, "phone");
	assert_string_equal(fact->by, "乙");
	assert_null(fact->symptoms);
	fact = accept("traveler.redirected",
		      "{\"ref\":\"P1\",\"disposition\":\"central\",\"reason\":"
		      "\"同航班\",\"destination\":{\"text\":\"A\"}}");
	assert_string_equal(fact->field[FIELD_DISPOSITION], "central");
	assert_string_equal(fact->field[FIELD_REASON], "同航班");
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
	fact = accept("traveler.withdrawn", "{\"ref\":\"P1\",\"reason\":\"no_show\"}");
	assert_string_equal(fact->reason, "no_show");
	assert_null(fact->field[FIELD_REASON]);
}

static void a_correction_states_only_what_it_names(void **state)
{
	const struct fact *fact =
		accept("traveler.corrected",
		       "{\"ref\":\"P1\",\"reason\":\"现场\",\"patch\":{\"traveler\":{"
		       "\"nationality\":\"CN\","
		       "\"dob\":null,\"name\":{\"full\":\"张三\"},\"document\":null,\"phones\":[],"
		       "\"seat\":"
		       "\"bad seat\"},\"destination\":{\"room\":\"501\"},\"stage\":\"x\"}}");

	(void)state;
	assert_string_equal(fact->field[FIELD_NATIONALITY], "CHN");
	assert_string_equal(fact->field[FIELD_DOB], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_NAME], "张三");
	assert_null(fact->field[FIELD_NAME_NATIVE]);
	assert_string_equal(fact->field[FIELD_DOC_NUMBER], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_DOC_ISSUER], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_PHONES], FIELD_NOTHING);
	assert_null(fact->field[FIELD_SEAT]);
	assert_null(fact->field[FIELD_ADDRESS]);
	assert_null(fact->field[FIELD_COMMITTEE]);
	assert_string_equal(fact->field[FIELD_BUILDING], "501");
	assert_non_null(strstr(fact->warnings, "$.data.patch has members"));
	assert_non_null(strstr(fact->warnings, "$.data.patch.traveler.seat"));

	fact = accept("traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":{"
					    "\"destination\":null,\"flight\":null}}");
	assert_string_equal(fact->field[FIELD_ADDRESS], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
	assert_string_equal(fact->field[FIELD_FLIGHT], FIELD_NOTHING);

	fact = accept("traveler.corrected",
		      "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":{\"flight\":{"
		      "\"number\":\"7\"},\"destination\":{\"text\":\"b\"}}}");
	assert_null(fact->field[FIELD_FLIGHT]); /* Half a flight names none. */
	assert_string_equal(fact->field[FIELD_ADDRESS], "b");
	/* The new home is not the old one's committee. */
	assert_string_equal(fact->field[FIELD_COMMITTEE], FIELD_NOTHING);
}

static void members_without_a_rule_are_never_read(void **state)
{
	const struct fact *fact =
		accept("transfer.eta",
		       "{\"transfer\":\"B7\",\"ref\":5,\"traveler\":{\"languages\":[7],"
		       "\"name\":[]},\"reason\":\"x\"}");

	(void)state;
	assert_null(fact->ref);
	assert_null(fact->reason);
	assert_null(fact->field[FIELD_LANGUAGES]);
	fact = accept("traveler.withdrawn",
		      "{\"ref\":\"P1\",\"reason\":\"other\",\"transfer\":\"B7\",\"symptoms\":[7]}");
	assert_null(fact->transfer);
	assert_null(fact->symptoms);
}

/* --- dirty data --- */

static void dirty_members_are_dropped_and_the_traveller_is_kept(void **state)
{
	static const struct {
		const char *members;
		enum field field;
	} rows[] = {
		{",\"sex\":\"male\"", FIELD_SEX},
		{",\"dob\":\"12.04.1996\"", FIELD_DOB},
		{",\"dob\":\"1996-02-30\"", FIELD_DOB},
		{",\"nationality\":\"Korea\"", FIELD_NATIONALITY},
		{",\"nationality\":\"XQ\"", FIELD_NATIONALITY},
		{",\"nationality\":7", FIELD_NATIONALITY},
		{",\"languages\":\"ko\"", FIELD_LANGUAGES},
		{",\"languages\":[\"korean language\"]", FIELD_LANGUAGES},
		{",\"phones\":[\"138\"]", FIELD_PHONES},
		{",\"phones\":{\"raw\":\"1\"}", FIELD_PHONES},
		{",\"seat\":\"A31\"", FIELD_SEAT},
		{",\"email\":\"\"", FIELD_NAME_NATIVE},
		{",\"needs\":[\"kosher\"]", FIELD_NEEDS},
		{",\"document\":{\"type\":\"P\",\"number\":\"护照\"}", FIELD_DOC_NUMBER},
		{",\"document\":\"M123\"", FIELD_DOC_NUMBER},
		{",\"document\":{\"type\":\"passport\",\"number\":\"M1\"}", FIELD_DOC_TYPE},
		{",\"document\":{\"number\":\"M1\",\"issuer\":\"K\"}", FIELD_DOC_ISSUER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fact *fact =
			accept("traveler.announced",
			       arena_printf(&feed.arena,
					    "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":"
					    "\"LI\"}%s},\"basis\":\"api\"}",
					    rows[i].members));

		if (fact->field[rows[i].field] || !strstr(fact->warnings, "dropped"))
			fail_msg("%s: warnings \"%s\"", rows[i].members, fact->warnings);
		assert_string_equal(fact->field[FIELD_NAME], "LI");
		/* The ledger keeps what was sent. */
		assert_non_null(strstr(fact->body, "\"LI\""));
		assert_true(strlen(fact->body) > 200);
	}
}

static void what_has_one_reading_is_read(void **state)
{
	static const struct {
		const char *members;
		enum field field;
		const char *value;
	} rows[] = {
		{",\"nationality\":\"KR\"", FIELD_NATIONALITY, "KOR"},
		{",\"nationality\":\"kr\"", FIELD_NATIONALITY, "KOR"},
		{",\"nationality\":\"D\"", FIELD_NATIONALITY, "DEU"},
		{",\"nationality\":\"deu\"", FIELD_NATIONALITY, "DEU"},
		{",\"sex\":\"f\"", FIELD_SEX, "F"},
		{",\"seat\":\"31a\"", FIELD_SEAT, "31A"},
		{",\"languages\":[\"ko\",7,\"zh\"]", FIELD_LANGUAGES, "ko,zh"},
		{",\"needs\":[\"infant\",\"kosher\"]", FIELD_NEEDS, "infant"},
		{",\"document\":{\"type\":\"P\",\"number\":\"m12345678\",\"issuer\":\"KOR\"}",
		 FIELD_DOC_NUMBER, "M12345678"},
		{",\"document\":{\"type\":\"P\",\"number\":\"M1\",\"issuer\":\"KR\"}",
		 FIELD_DOC_ISSUER, "KOR"},
		{",\"phones\":[{\"raw\":\"138\",\"e164\":\"138\"}]", FIELD_PHONES, "138"},
		{",\"phones\":[{\"e164\":\"+8613800000001\"},7]", FIELD_PHONES, "+8613800000001"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fact *fact =
			accept("traveler.announced",
			       arena_printf(&feed.arena,
					    "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":"
					    "\"LI\"}%s},\"basis\":\"api\"}",
					    rows[i].members));

		if (!text_equal(fact->field[rows[i].field], rows[i].value) || !*fact->warnings)
			fail_msg("%s: \"%s\", warnings \"%s\"", rows[i].members,
				 fact->field[rows[i].field] ? fact->field[rows[i].field] : "(none)",
				 fact->warnings);
	}
}

static void all_249_countries_are_known(void **state)
{
	int known = 0;

	(void)state;
	for (char a = 'A'; a <= 'Z'; a++) {
		for (char b = 'A'; b <= 'Z'; b++) {
			const struct fact *fact = accept(
				"traveler.announced",
				arena_printf(
					&feed.arena,
					"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"},"
					"\"nationality\":\"%c%c\"},\"basis\":\"api\"}",
					a, b));

			known += fact->field[FIELD_NATIONALITY] != NULL;
		}
	}
	assert_int_equal(known, 249);
}

static void a_complaint_nobody_listed_is_still_a_complaint(void **state)
{
	const struct fact *fact = accept(
		"health.checked",
		"{\"ref\":\"P1\",\"method\":\"app\",\"symptoms\":[\"Fever!\",\"Dry_Cough\"]}");

	(void)state;
	assert_string_equal(fact->symptoms, "other,dry_cough");
	assert_non_null(strstr(fact->warnings, "$.data.symptoms[0] is not a listed symptom"));
	assert_non_null(strstr(fact->warnings, "$.data.symptoms[1] was read as lower case"));
	fact = accept("health.checked",
		      "{\"ref\":\"P1\",\"method\":\"app\",\"symptoms\":\"FEVER\"}");
	assert_string_equal(fact->symptoms, "fever");
	assert_non_null(strstr(fact->warnings, "was read as a list of one"));
	fact = accept("health.checked",
		      "{\"ref\":\"P1\",\"method\":\"app\",\"symptoms\":[\"None\"]}");
	assert_string_equal(fact->symptoms, "");
}

static void a_temperature_in_quotes_is_a_temperature(void **state)
{
	const struct fact *fact =
		accept("health.checked", "{\"ref\":\"P1\",\"method\":\"app\",\"temp_c\":\"39.5\"}");

	(void)state;
	assert_int_equal(fact->temp_tenths, 395);
	assert_non_null(strstr(fact->warnings, "$.data.temp_c was read as a number"));
	fact = accept("traveler.triaged", "{\"ref\":\"P1\",\"sticker\":\"red\",\"disposition\":"
					  "\"hospital\",\"temp_c\":\"38\"}");
	assert_int_equal(fact->temp_tenths, 380);
}

static void a_check_that_cannot_be_read_is_no_check(void **state)
{
	static const char *const broken[] = {
		"\"temp_c\":395",
		"\"temp_c\":\"395\"",
		"\"temp_c\":\"39,5\"",
		"\"temp_c\":\"39.5 C\"",
		"\"temp_c\":\"39.\"",
		"\"temp_c\":\"\"",
		"\"temp_c\":\"nan\"",
		"\"temp_c\":true",
		"\"temp_c\":395,\"symptoms\":[\"none\"]",
		"\"temp_c\":36.5,\"symptoms\":[7]",
		"\"temp_c\":36.5,\"symptoms\":[\"none\",null]",
		"\"temp_c\":36.5,\"symptoms\":{\"fever\":true}",
		"\"temp_c\":36.5,\"symptoms\":\"\"",
		"\"symptoms\":false",
	};
	static const char *const empty[] = {
		"\"by\":\"a\"",
		"\"temp_c\":null",
		"\"temp_c\":null,\"symptoms\":null",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		refuse(REJECT_BAD_VALUE, "health.checked",
		       arena_printf(&feed.arena, "{\"ref\":\"P1\",\"method\":\"app\",%s}",
				    broken[i]));
	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		refuse(REJECT_MISSING_FIELD, "health.checked",
		       arena_printf(&feed.arena, "{\"ref\":\"P1\",\"method\":\"app\",%s}",
				    empty[i]));
}

static void triage_and_hand_over_survive_an_unreadable_temperature(void **state)
{
	static const struct {
		const char *type, *members;
	} rows[] = {
		{"traveler.triaged", "\"sticker\":\"red\",\"disposition\":\"hospital\""},
		{"traveler.handed_over", "\"to\":{\"name\":\"a\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fact *fact =
			accept(rows[i].type, arena_printf(&feed.arena,
							  "{\"ref\":\"P1\",%s,\"temp_c\":395,"
							  "\"symptoms\":[7,\"Rash\"]}",
							  rows[i].members));

		assert_int_equal(fact->temp_tenths, 0);
		assert_string_equal(fact->symptoms, "rash");
		assert_non_null(strstr(fact->warnings, "$.data.temp_c is not a number from 30 to "
						       "45, dropped"));
		assert_non_null(strstr(fact->warnings, "$.data.symptoms[0]"));
		fact = accept(rows[i].type,
			      arena_printf(&feed.arena, "{\"ref\":\"P1\",%s,\"symptoms\":7}",
					   rows[i].members));
		assert_null(fact->symptoms); /* Not the same as "none". */
		assert_non_null(strstr(fact->warnings, "$.data.symptoms is not a list, dropped"));
	}
}

static void no_address_costs_nobody_her_registration(void **state)
{
	static const char *const rows[] = {
		"\"by\":\"x\"",
		"\"destination\":null",
		"\"destination\":{}",
		"\"destination\":{\"text\":\"\"}",
		"\"destination\":{\"room\":\"1\"}",
		"\"destination\":\"三村\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fact *fact =
			accept("traveler.registered",
			       arena_printf(&feed.arena,
					    "{\"ref\":\"P1\",\"transport\":\"bus\",%s}", rows[i]));

		assert_null(fact->field[FIELD_ADDRESS]);
		assert_null(fact->field[FIELD_COMMITTEE]);
		assert_non_null(strstr(fact->warnings, "$.data.destination"));
		fact = accept("traveler.redirected",
			      arena_printf(&feed.arena,
					   "{\"ref\":\"P1\",\"disposition\":\"home\","
					   "\"reason\":\"r\",%s}",
					   rows[i]));
		assert_null(fact->field[FIELD_ADDRESS]);
		accept("traveler.announced",
		       arena_printf(&feed.arena,
				    "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"}},"
				    "\"basis\":\"api\",%s}",
				    rows[i]));
	}
}

static void a_broken_flight_or_address_does_not_cost_the_traveller(void **state)
{
	const struct fact *fact = accept(
		"traveler.announced",
		"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"LI\"}},\"basis\":\"list\","
		"\"flight\":{\"carrier\":\"XX\",\"number\":\"363\"},\"destination\":{},"
		"\"countries_14d\":[\"KR\",\"Nowhere\"],\"companions\":[\"a b\",\"P,2\",\"P3\"]}");

	(void)state;
	assert_null(fact->field[FIELD_FLIGHT]);
	assert_null(fact->field[FIELD_ADDRESS]);
	assert_null(fact->field[FIELD_COMMITTEE]);
	assert_string_equal(fact->field[FIELD_COUNTRIES], "KOR");
	assert_string_equal(fact->field[FIELD_COMPANIONS], "P3");
	assert_non_null(strstr(fact->warnings, "$.data.flight.arrival is missing, dropped"));
	assert_non_null(strstr(fact->warnings, "$.data.destination.text is missing, dropped"));
	assert_non_null(strstr(fact->warnings, "$.data.companions[0]"));
}

static void warnings_and_details_hold_no_personal_data(void **state)
{
	const struct fact *fact = accept(
		"traveler.announced",
		"{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"CANARY\",\"native\":7},\"dob\":"
		"\"CANARY\",\"nationality\":\"CANARY\",\"seat\":\"CANARY\",\"document\":{"
		"\"number\":"
		"\"CANARY#\"},\"phones\":[{\"raw\":\"CANARY\",\"e164\":\"CANARY\"}]},\"basis\":"
		"\"api\"}");

	(void)state;
	assert_null(strstr(fact->warnings, "CANARY"));
	assert_true(strlen(fact->warnings) > 100);
	refuse(REJECT_BAD_VALUE, "traveler.triaged",
	       "{\"ref\":\"P1\",\"sticker\":\"CANARY\",\"disposition\":\"home\"}");
	assert_null(strstr(feed.batch.events[0].detail, "CANARY"));
}

static void many_warnings_are_bounded(void **state)
{
	char room[60000];
	struct text data = TEXT_OVER(room);
	const struct fact *fact;

	(void)state;
	text_clear(&data);
	text_add(&data,
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"}},\"basis\":\"api\","
		 "\"countries_14d\":[");
	for (int i = 0; i < 500; i++)
		text_addf(&data, "%s\"??\"", i ? "," : "");
	text_add(&data, "]}");
	fact = accept("traveler.announced", room);
	assert_true(strlen(fact->warnings) < 1100);
	assert_null(fact->field[FIELD_COUNTRIES]);
}

static void control_characters_cannot_break_a_line(void **state)
{
	const struct fact *fact =
		accept("traveler.announced", "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":"
					     "\"LI\\n【演练】\\tGUANG\"}},\"basis\":\"api\"}");

	(void)state;
	assert_string_equal(fact->field[FIELD_NAME], "LI 【演练】 GUANG");
}

/* --- refusals --- */

static void what_the_loop_hangs_on_is_required(void **state)
{
	static const char *const rows[][2] = {
		{"flight.updated", "{\"status\":\"landed\"}"},
		{"flight.updated", "{\"flight\":" FLIGHT "}"},
		{"flight.updated", "{\"flight\":{},\"status\":\"landed\"}"},
		{"traveler.announced", "{\"basis\":\"api\"}"},
		{"traveler.announced", "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"}}}"},
		{"traveler.announced", "{\"traveler\":{\"ref\":\"P1\"},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":null,\"name\":{\"full\":\"L\"}},\"basis\":\"api\"}"},
		{"traveler.triaged", "{\"ref\":\"P1\",\"disposition\":\"home\"}"},
		{"traveler.triaged", "{\"ref\":\"P1\",\"sticker\":\"red\"}"},
		{"traveler.registered", "{\"ref\":\"P1\",\"destination\":{\"text\":\"x\"}}"},
		{"transfer.departed",
		 "{\"travelers\":[{\"ref\":\"P1\",\"stop\":1}],\"stops\":[{\"seq\":"
		 "1,\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"stops\":[{\"seq\":1,\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"travelers\":[{\"ref\":\"P1\"}],\"stops\":"
		 "[{\"seq\":1,\"kind\":\"relay\"}]}"},
		{"transfer.eta", "{}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\"}"},
		{"traveler.handed_over", "{\"ref\":\"P1\"}"},
		{"traveler.handed_over", "{\"ref\":\"P1\",\"to\":{\"role\":\"committee\"}}"},
		{"traveler.redirected", "{\"ref\":\"P1\",\"disposition\":\"central\"}"},
		{"traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\"}"},
		{"traveler.withdrawn", "{\"ref\":\"P1\"}"},
		{"health.checked", "{\"ref\":\"P1\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refuse(REJECT_MISSING_FIELD, rows[i][0], rows[i][1]);
}

static void what_the_loop_hangs_on_must_be_right(void **state)
{
	static const char *const rows[][2] = {
		{"flight.updated", "{\"flight\":" FLIGHT ",\"status\":\"late\"}"},
		{"flight.updated", "{\"flight\":\"XX363\",\"status\":\"landed\"}"},
		{"traveler.announced", "{\"traveler\":[],\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P 1\",\"name\":{\"full\":\"L\"}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"\",\"name\":{\"full\":\"L\"}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":7}},\"basis\":\"api\"}"},
		{"traveler.announced",
		 "{\"traveler\":{\"ref\":\"P1\",\"name\":{\"full\":\"L\"}},\"basis\":\"rumour\"}"},
		{"traveler.triaged", "{\"ref\":7,\"sticker\":\"red\",\"disposition\":\"home\"}"},
		{"traveler.triaged",
		 "{\"ref\":\"P1\",\"sticker\":\"blue\",\"disposition\":\"home\"}"},
		{"traveler.triaged",
		 "{\"ref\":\"P1\",\"sticker\":\"red\",\"disposition\":\"moon\"}"},
		{"traveler.registered",
		 "{\"ref\":\"P1\",\"transport\":\"plane\",\"destination\":{\"text\":\"x\"}}"},
		{"transfer.departed", "{\"transfer\":\"B\",\"travelers\":[],\"stops\":[{\"seq\":1,"
				      "\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"travelers\":[{\"ref\":\"P 1\",\"stop\":1}],"
		 "\"stops\":[{\"seq\":1,\"kind\":\"relay\"}]}"},
		{"transfer.departed",
		 "{\"transfer\":\"B\",\"travelers\":[{\"ref\":\"P1\",\"stop\":1}],"
		 "\"stops\":[{\"seq\":1,\"kind\":\"pub\"}]}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":0}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":1.5}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":1e300}"},
		{"transfer.stop_reached", "{\"transfer\":\"B\",\"seq\":\"1\"}"},
		{"traveler.handed_over",
		 "{\"ref\":\"P1\",\"transfer\":\"\",\"to\":{\"name\":\"x\"}}"},
		{"traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":{}}"},
		{"traveler.corrected", "{\"ref\":\"P1\",\"reason\":\"r\",\"patch\":7}"},
		{"traveler.withdrawn", "{\"ref\":\"P1\",\"reason\":\"bored\"}"},
		{"health.checked", "{\"ref\":\"P1\",\"method\":\"guess\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refuse(REJECT_BAD_VALUE, rows[i][0], rows[i][1]);
}

static void what_is_required_has_a_length(void **state)
{
	(void)state;
	refuse(REJECT_TOO_LONG, "traveler.redirected",
	       arena_printf(&feed.arena,
			    "{\"ref\":\"P1\",\"disposition\":\"central\",\"reason\":\"%0201d\"}",
			    0));
	accept("traveler.redirected",
	       arena_printf(&feed.arena,
			    "{\"ref\":\"P1\",\"disposition\":\"central\",\"reason\":\"%0200d\"}",
			    0));
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, feed_begin, feed_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_announcement_states_all_it_knows),
		CASE(a_destination_states_its_estate_and_its_point),
		CASE(coordinates_of_an_unknown_system_are_warned_of_and_not_used),
		CASE(an_announcement_with_a_name_alone_states_a_name_alone),
		CASE(triage_states_sticker_and_health),
		CASE(registration_states_the_desk_and_the_address),
		CASE(a_departure_states_riders_and_stops),
		CASE(vehicles_state_where_they_are),
		CASE(a_flight_states_its_key_and_times),
		CASE(hand_over_check_redirect_and_withdrawal_state_their_own),
		CASE(a_correction_states_only_what_it_names),
		CASE(members_without_a_rule_are_never_read),
		CASE(dirty_members_are_dropped_and_the_traveller_is_kept),
		CASE(what_has_one_reading_is_read),
		CASE(all_249_countries_are_known),
		CASE(a_complaint_nobody_listed_is_still_a_complaint),
		CASE(a_temperature_in_quotes_is_a_temperature),
		CASE(a_check_that_cannot_be_read_is_no_check),
		CASE(triage_and_hand_over_survive_an_unreadable_temperature),
		CASE(no_address_costs_nobody_her_registration),
		CASE(a_broken_flight_or_address_does_not_cost_the_traveller),
		CASE(warnings_and_details_hold_no_personal_data),
		CASE(many_warnings_are_bounded),
		CASE(control_characters_cannot_break_a_line),
		CASE(what_the_loop_hangs_on_is_required),
		CASE(what_the_loop_hangs_on_must_be_right),
		CASE(what_is_required_has_a_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
