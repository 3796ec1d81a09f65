/* feed_rules.c — the schema closedloop-events-v1 as tables: what data holds, how much it matters.
 * Neighbours: feed_check.c walks these rules, feed_data.c reads what passed them. */
#include <assert.h>

#include "wire/feed_event.h"

#define REQUIRED .need = NEED_REQUIRED
#define STRICT	 .need = NEED_STRICT
#define HOPED	 .need = NEED_HOPED

#define WORDS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

#define DISPOSITIONS WORDS("home", "central", "hospital", "transit", "other_province", "released")
#define SYSTEMS	     WORDS("wgs84", "gcj02", "bd09")

static const struct rule country = {.shape = SHAPE_COUNTRY, .upper = true};
static const struct rule airport = {.shape = SHAPE_PATTERN,
				    .pattern = PATTERN_AIRPORT,
				    .upper = true};
static const struct rule language = {.shape = SHAPE_LANGUAGE};
static const struct rule companion = {.shape = SHAPE_PATTERN, .pattern = PATTERN_LISTED_REF};
static const struct rule need = {
	.shape = SHAPE_WORD,
	.words = WORDS("wheelchair", "infant", "pregnant", "minor_alone", "elderly_alone",
		       "dialysis", "medication", "interpreter", "pet"),
};
#define SYMPTOM                                                                                    \
	.shape = SHAPE_SYMPTOM,                                                                    \
	.words = WORDS("fever", "fatigue", "dry_cough", "sputum", "headache", "sore_throat",       \
		       "short_breath", "dyspnea", "chest_tightness", "conjunctivitis", "diarrhea", \
		       "loss_of_smell", "rash", "joint_pain", "other", "none")
static const struct rule symptom = {SYMPTOM};
static const struct rule strict_symptom = {SYMPTOM, STRICT};

static const struct rule phone_members[] = {
	{.name = "raw", .shape = SHAPE_TEXT, .min = 1, .max = 40},
	{.name = "e164", .shape = SHAPE_PATTERN, .pattern = PATTERN_E164},
	{.name = "kind",
	 .shape = SHAPE_WORD,
	 .words = WORDS("mobile_cn", "mobile_foreign", "landline", "wechat", "emergency")},
	{0},
};
static const struct rule phone = {.shape = SHAPE_OBJECT, .members = phone_members};

static const struct rule party_members[] = {
	{.name = "name", .shape = SHAPE_TEXT, REQUIRED, .min = 1, .max = 80},
	{.name = "role",
	 .shape = SHAPE_WORD,
	 .words = WORDS("desk", "escort", "driver", "police", "street", "committee", "doctor",
			"property", "hospital")},
	{.name = "phone", .shape = SHAPE_OBJECT, .members = phone_members},
	{.name = "org_code", .shape = SHAPE_PATTERN, .pattern = PATTERN_UNIT},
	{0},
};
static const struct rule party = {.shape = SHAPE_OBJECT, .members = party_members};

static const struct rule name_members[] = {
	{.name = "full", .shape = SHAPE_TEXT, REQUIRED, .min = 1, .max = 120},
	{.name = "surname", .shape = SHAPE_TEXT, .min = 1, .max = 80},
	{.name = "given", .shape = SHAPE_TEXT, .min = 1, .max = 80},
	{.name = "native", .shape = SHAPE_TEXT, .min = 1, .max = 80},
	{0},
};

/* The schema wants the type too; a number without it still finds the person, so it is kept. */
static const struct rule document_members[] = {
	{.name = "type",
	 .shape = SHAPE_WORD,
	 .words = WORDS("P", "I", "V", "A", "C", "T", "H", "OTHER"),
	 .upper = true},
	{.name = "number",
	 .shape = SHAPE_PATTERN,
	 REQUIRED,
	 .pattern = PATTERN_DOCUMENT,
	 .upper = true},
	{.name = "issuer", .shape = SHAPE_COUNTRY, .upper = true},
	{.name = "expiry", .shape = SHAPE_DATE},
	{0},
};

/* "Everything but ref and a name may be missing" (feeds.md §3). */
static const struct rule traveler_members[] = {
	{.name = "ref", .shape = SHAPE_PATTERN, REQUIRED, .pattern = PATTERN_REF},
	{.name = "name", .shape = SHAPE_OBJECT, REQUIRED, .members = name_members},
	{.name = "sex", .shape = SHAPE_WORD, .words = WORDS("M", "F", "X"), .upper = true},
	{.name = "dob", .shape = SHAPE_DATE},
	{.name = "age_years", .shape = SHAPE_WHOLE, .min = 0, .max = 130},
	{.name = "nationality", .shape = SHAPE_COUNTRY, .upper = true},
	{.name = "residence", .shape = SHAPE_COUNTRY, .upper = true},
	{.name = "document", .shape = SHAPE_OBJECT, .members = document_members},
	{.name = "cn_id", .shape = SHAPE_PATTERN, .pattern = PATTERN_CN_ID, .upper = true},
	{.name = "phones", .shape = SHAPE_LIST, .item = &phone, .max = 8},
	{.name = "email", .shape = SHAPE_TEXT, .min = 1, .max = 254},
	{.name = "languages", .shape = SHAPE_LIST, .item = &language, .max = 8},
	{.name = "seat", .shape = SHAPE_PATTERN, .pattern = PATTERN_SEAT, .upper = true},
	{.name = "pnr", .shape = SHAPE_PATTERN, .pattern = PATTERN_PNR, .upper = true},
	{.name = "needs", .shape = SHAPE_LIST, .item = &need, .max = 40},
	{0},
};

static const struct rule address_members[] = {
	{.name = "text", .shape = SHAPE_TEXT, REQUIRED, .min = 1, .max = 400},
	{.name = "committee_code", .shape = SHAPE_PATTERN, .pattern = PATTERN_COMMITTEE},
	{.name = "compound", .shape = SHAPE_TEXT, .min = 1, .max = 80},
	{.name = "building", .shape = SHAPE_TEXT, .min = 1, .max = 20},
	{.name = "unit", .shape = SHAPE_TEXT, .min = 1, .max = 20},
	{.name = "room", .shape = SHAPE_TEXT, .min = 1, .max = 20},
	{.name = "lat", .shape = SHAPE_NUMBER, .min = -90, .max = 90},
	{.name = "lon", .shape = SHAPE_NUMBER, .min = -180, .max = 180},
	{.name = "crs", .shape = SHAPE_WORD, .words = SYSTEMS},
	{.name = "tenure",
	 .shape = SHAPE_WORD,
	 .words = WORDS("own", "rent", "family", "hotel", "employer", "dormitory")},
	{.name = "co_residents", .shape = SHAPE_WHOLE, .min = 0, .max = 50},
	{.name = "single_occupancy", .shape = SHAPE_TRUTH},
	{0},
};

static const struct rule flight_members[] = {
	{.name = "carrier",
	 .shape = SHAPE_PATTERN,
	 REQUIRED,
	 .pattern = PATTERN_CARRIER,
	 .upper = true},
	{.name = "number",
	 .shape = SHAPE_PATTERN,
	 REQUIRED,
	 .pattern = PATTERN_FLIGHT,
	 .upper = true,
	 .unpad = true},
	{.name = "origin", .shape = SHAPE_PATTERN, .pattern = PATTERN_AIRPORT, .upper = true},
	{.name = "via", .shape = SHAPE_LIST, .item = &airport, .max = 40},
	{.name = "arrival",
	 .shape = SHAPE_PATTERN,
	 REQUIRED,
	 .pattern = PATTERN_AIRPORT,
	 .upper = true},
	{.name = "sched_arr", .shape = SHAPE_TIME, REQUIRED},
	{.name = "terminal", .shape = SHAPE_TEXT, .min = 1, .max = 8},
	{0},
};

#define REF                                                                                        \
	{                                                                                          \
		.name = "ref", .shape = SHAPE_PATTERN, REQUIRED, .pattern = PATTERN_REF            \
	}
#define TRANSFER                                                                                   \
	{                                                                                          \
		.name = "transfer", .shape = SHAPE_PATTERN, REQUIRED, .pattern = PATTERN_REF       \
	}
#define SEQ                                                                                        \
	{                                                                                          \
		.name = "seq", .shape = SHAPE_WHOLE, REQUIRED, .min = 1, .max = 1000000            \
	}
#define PLATE                                                                                      \
	{                                                                                          \
		.name = "plate", .shape = SHAPE_TEXT, .min = 1, .max = 12                          \
	}
#define TEMP                                                                                       \
	{                                                                                          \
		.name = "temp_c", .shape = SHAPE_DEGREES, .min = 30, .max = 45                     \
	}
#define SYMPTOMS                                                                                   \
	{                                                                                          \
		.name = "symptoms", .shape = SHAPE_WORDS, .item = &symptom, .max = 40              \
	}
#define CORRECTS                                                                                   \
	{                                                                                          \
		.name = "corrects", .shape = SHAPE_TEXT, .min = 1, .max = 128                      \
	}
#define LANGUAGES                                                                                  \
	{                                                                                          \
		.name = "languages", .shape = SHAPE_LIST, .item = &language, .max = 8              \
	}
/* Whoever looked at the passport may say so, whatever the event is about. */
#define TRAVELER                                                                                   \
	{                                                                                          \
		.name = "traveler", .shape = SHAPE_OBJECT, .partial = true,                        \
		.members = traveler_members                                                        \
	}

static const struct rule flight_updated[] = {
	{.name = "flight", .shape = SHAPE_OBJECT, REQUIRED, .members = flight_members},
	{.name = "status",
	 .shape = SHAPE_WORD,
	 REQUIRED,
	 .words = WORDS("scheduled", "departed", "estimated", "landed", "onblock", "cancelled",
			"diverted")},
	{.name = "est_arr", .shape = SHAPE_TIME},
	{.name = "act_arr", .shape = SHAPE_TIME},
	{.name = "diverted_to", .shape = SHAPE_PATTERN, .pattern = PATTERN_AIRPORT, .upper = true},
	{.name = "pax_count", .shape = SHAPE_WHOLE, .min = 0, .max = 900},
	{.name = "stand", .shape = SHAPE_TEXT, .min = 1, .max = 8},
	{0},
};

static const struct rule announced[] = {
	{.name = "traveler", .shape = SHAPE_OBJECT, REQUIRED, .members = traveler_members},
	{.name = "basis",
	 .shape = SHAPE_WORD,
	 REQUIRED,
	 .words = WORDS("api", "manifest", "health_declaration", "registration", "list", "manual")},
	{.name = "flight", .shape = SHAPE_OBJECT, .members = flight_members},
	{.name = "destination", .shape = SHAPE_OBJECT, .members = address_members},
	{.name = "companions", .shape = SHAPE_LIST, .item = &companion, .max = 20},
	{.name = "countries_14d", .shape = SHAPE_LIST, .item = &country, .max = 40},
	{.name = "stage", .shape = SHAPE_WORD, .words = WORDS("booked", "checked_in", "on_board")},
	{0},
};

static const struct rule triaged[] = {
	REF,
	{.name = "sticker",
	 .shape = SHAPE_WORD,
	 REQUIRED,
	 .words = WORDS("green", "yellow", "red", "none")},
	{.name = "disposition", .shape = SHAPE_WORD, REQUIRED, .words = DISPOSITIONS},
	TEMP,
	SYMPTOMS,
	{.name = "station", .shape = SHAPE_TEXT, .min = 1, .max = 40},
	TRAVELER,
	{0},
};

static const struct rule registered[] = {
	REF,
	{.name = "desk", .shape = SHAPE_TEXT, .min = 1, .max = 40},
	{.name = "district_code", .shape = SHAPE_PATTERN, .pattern = PATTERN_DISTRICT},
	/* A desk that writes no address has registered her all the same; the address is asked for.
	 */
	{.name = "destination", .shape = SHAPE_OBJECT, HOPED, .members = address_members},
	{.name = "phones", .shape = SHAPE_LIST, .item = &phone, .max = 8},
	{.name = "transport",
	 .shape = SHAPE_WORD,
	 REQUIRED,
	 .words = WORDS("bus", "private_car", "relay")},
	{.name = "driver", .shape = SHAPE_OBJECT, .members = party_members},
	PLATE,
	{.name = "driver_id_last4",
	 .shape = SHAPE_PATTERN,
	 .pattern = PATTERN_LAST4,
	 .upper = true},
	{.name = "commitment_signed", .shape = SHAPE_TRUTH},
	LANGUAGES,
	TRAVELER,
	{0},
};

static const struct rule rider_members[] = {
	REF,
	{.name = "stop", .shape = SHAPE_WHOLE, REQUIRED, .min = 1, .max = 1000000},
	{0},
};
static const struct rule rider = {.shape = SHAPE_OBJECT,
				  .need = NEED_STRICT,
				  .members = rider_members};

static const struct rule stop_members[] = {
	SEQ,
	{.name = "kind",
	 .shape = SHAPE_WORD,
	 REQUIRED,
	 .words = WORDS("relay", "test_centre", "compound", "central_site", "hospital")},
	{.name = "address", .shape = SHAPE_OBJECT, .members = address_members},
	{.name = "eta", .shape = SHAPE_TIME},
	{0},
};
static const struct rule stop = {.shape = SHAPE_OBJECT,
				 .need = NEED_STRICT,
				 .members = stop_members};

static const struct rule departed[] = {
	TRANSFER,
	PLATE,
	{.name = "mode",
	 .shape = SHAPE_WORD,
	 .words = WORDS("bus", "van", "ambulance", "private_car")},
	{.name = "crew", .shape = SHAPE_LIST, .item = &party, .max = 20},
	{.name = "travelers", .shape = SHAPE_LIST, REQUIRED, .item = &rider, .min = 1, .max = 80},
	{.name = "stops", .shape = SHAPE_LIST, REQUIRED, .item = &stop, .min = 1, .max = 80},
	{0},
};

static const struct rule eta_members[] = {
	SEQ,
	{.name = "eta", .shape = SHAPE_TIME, REQUIRED},
	{0},
};
static const struct rule stop_eta = {.shape = SHAPE_OBJECT, .members = eta_members};
static const struct rule position_members[] = {
	{.name = "lat", .shape = SHAPE_NUMBER, REQUIRED, .min = -90, .max = 90},
	{.name = "lon", .shape = SHAPE_NUMBER, REQUIRED, .min = -180, .max = 180},
	{.name = "crs", .shape = SHAPE_WORD, REQUIRED, .words = SYSTEMS},
	{.name = "speed_mps", .shape = SHAPE_NUMBER, .min = 0, .max = 400},
	{.name = "heading_deg", .shape = SHAPE_NUMBER, .min = 0, .max = 359.999},
	{0},
};

static const struct rule eta[] = {
	TRANSFER,
	{.name = "etas", .shape = SHAPE_LIST, .item = &stop_eta, .max = 80},
	{.name = "position", .shape = SHAPE_OBJECT, .members = position_members},
	{0},
};

static const struct rule stop_reached[] = {
	TRANSFER,
	SEQ,
	{.name = "n_off", .shape = SHAPE_WHOLE, .min = 0, .max = 80},
	{0},
};

static const struct rule handed_over[] = {
	REF,
	{.name = "transfer", .shape = SHAPE_PATTERN, STRICT, .pattern = PATTERN_REF},
	{.name = "from", .shape = SHAPE_OBJECT, .members = party_members},
	{.name = "to", .shape = SHAPE_OBJECT, REQUIRED, .members = party_members},
	TEMP,
	SYMPTOMS,
	{.name = "signed", .shape = SHAPE_TRUTH},
	TRAVELER,
	{0},
};

static const struct rule redirected[] = {
	REF,
	{.name = "disposition", .shape = SHAPE_WORD, REQUIRED, .words = DISPOSITIONS},
	{.name = "destination", .shape = SHAPE_OBJECT, .members = address_members},
	{.name = "reason", .shape = SHAPE_TEXT, REQUIRED, .min = 1, .max = 200},
	{.name = "ordered_by", .shape = SHAPE_TEXT, .min = 1, .max = 80},
	TRAVELER,
	{0},
};

static const struct rule patch_members[] = {
	{.name = "traveler", .shape = SHAPE_OBJECT, .patch = true, .members = traveler_members},
	{.name = "destination", .shape = SHAPE_OBJECT, .patch = true, .members = address_members},
	/* A flight is corrected whole: half of one names no flight. */
	{.name = "flight", .shape = SHAPE_OBJECT, .whole = true, .members = flight_members},
	{0},
};
static const struct rule corrected[] = {
	REF,
	{.name = "patch",
	 .shape = SHAPE_OBJECT,
	 REQUIRED,
	 .min = 1,
	 .patch = true,
	 .closed = true,
	 .members = patch_members},
	CORRECTS,
	{.name = "reason", .shape = SHAPE_TEXT, REQUIRED, .min = 1, .max = 200},
	{0},
};

static const struct rule withdrawn[] = {
	REF,
	{.name = "reason",
	 .shape = SHAPE_WORD,
	 REQUIRED,
	 .words = WORDS("no_show", "flight_cancelled", "diverted", "duplicate", "sent_in_error",
			"other")},
	{.name = "duplicate_of", .shape = SHAPE_PATTERN, .pattern = PATTERN_REF},
	CORRECTS,
	TRAVELER,
	{0},
};

/* What was measured is the whole point of a check: one that cannot be read must not count as done.
 */
static const struct rule checked[] = {
	REF,
	{.name = "day", .shape = SHAPE_WHOLE, .min = 0, .max = 60},
	{.name = "temp_c", .shape = SHAPE_DEGREES, STRICT, .min = 30, .max = 45},
	{.name = "symptoms", .shape = SHAPE_WORDS, STRICT, .item = &strict_symptom, .max = 40},
	{.name = "antipyretic", .shape = SHAPE_TRUTH, STRICT},
	{.name = "method",
	 .shape = SHAPE_WORD,
	 REQUIRED,
	 .words = WORDS("visit", "phone", "app", "video", "device")},
	{.name = "by", .shape = SHAPE_TEXT, .min = 1, .max = 80},
	TRAVELER,
	{0},
};

static const struct rule heartbeat[] = {
	{.name = "last_sequence", .shape = SHAPE_TEXT, .min = 1, .max = 64},
	{.name = "sent", .shape = SHAPE_WHOLE, .min = 0, .max = 9e15},
	{0},
};

static const struct rule *const rules[] = {
	[FACT_FLIGHT_UPDATED] = flight_updated,
	[FACT_ANNOUNCED] = announced,
	[FACT_TRIAGED] = triaged,
	[FACT_REGISTERED] = registered,
	[FACT_DEPARTED] = departed,
	[FACT_ETA] = eta,
	[FACT_STOP_REACHED] = stop_reached,
	[FACT_HANDED_OVER] = handed_over,
	[FACT_REDIRECTED] = redirected,
	[FACT_CORRECTED] = corrected,
	[FACT_WITHDRAWN] = withdrawn,
	[FACT_CHECKED] = checked,
	[FACT_HEARTBEAT] = heartbeat,
};
_Static_assert(ARRAY_LEN(rules) == FACT_HEARTBEAT + 1, "the last event of feeds lacks its rules");

const struct rule *feed_rules(enum fact_type type)
{
	assert(type >= 0);
	assert(type <= FACT_HEARTBEAT);
	return rules[type];
}
