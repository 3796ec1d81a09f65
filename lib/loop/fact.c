/* fact.c — what a fact may be called, and which of two statements about one field wins.
 * Neighbours: the feeds of lib/wire make facts, journey.c decides what they change. */
#include <assert.h>
#include <string.h>

#include "closedloop/fact.h"
#include "closedloop/text.h"

#define TYPE_PREFIX "org.closedloopd."
#define TYPE_SUFFIX ".v1"

/* Desk over health card over manifest, where times tie (feeds.md §3). */
enum rank {
	RANK_LIST = 1,
	RANK_CARD = 2,
	RANK_DESK = 3,
};

static const struct fact_row {
	const char *word;
	bool from_feed; /* May be sent as org.closedloopd.WORD.v1. */
	enum rank rank;
} rows[] = {
	[FACT_FLIGHT_UPDATED] = {"flight.updated", true, RANK_LIST},
	[FACT_ANNOUNCED] = {"traveler.announced", true, RANK_LIST},
	[FACT_TRIAGED] = {"traveler.triaged", true, RANK_CARD},
	[FACT_REGISTERED] = {"traveler.registered", true, RANK_DESK},
	[FACT_DEPARTED] = {"transfer.departed", true, RANK_LIST},
	[FACT_ETA] = {"transfer.eta", true, RANK_LIST},
	[FACT_STOP_REACHED] = {"transfer.stop_reached", true, RANK_LIST},
	[FACT_HANDED_OVER] = {"traveler.handed_over", true, RANK_LIST},
	/* A redirect overrules what the desk wrote in the same second. */
	[FACT_REDIRECTED] = {"traveler.redirected", true, RANK_DESK},
	[FACT_CORRECTED] = {"traveler.corrected", true, RANK_DESK},
	[FACT_WITHDRAWN] = {"traveler.withdrawn", true, RANK_LIST},
	[FACT_CHECKED] = {"health.checked", true, RANK_CARD},
	[FACT_HEARTBEAT] = {"feed.heartbeat", true, RANK_LIST},
	[FACT_ACCEPTED] = {"journey.accepted", false, RANK_DESK},
	[FACT_TASK_ENDED] = {"task.ended", false, RANK_DESK},
	[FACT_ASSIGNED] = {"journey.assigned", false, RANK_DESK},
	[FACT_EXTENDED] = {"journey.extended", false, RANK_DESK},
	[FACT_RELEASED] = {"journey.released", false, RANK_DESK},
	[FACT_CLOSED] = {"journey.closed", false, RANK_DESK},
	[FACT_REFUSED] = {"journey.refused", false, RANK_DESK},
	[FACT_EXPOSED] = {"journey.exposed", false, RANK_DESK},
	[FACT_LEFT] = {"journey.left", false, RANK_DESK},
	[FACT_RETURNED] = {"journey.returned", false, RANK_DESK},
	[FACT_ALERT_ACKED] = {"alert.acked", false, RANK_DESK},
	[FACT_ALERT_RESOLVED] = {"alert.resolved", false, RANK_DESK},
	[FACT_SILENCED] = {"alerts.silenced", false, RANK_DESK},
	[FACT_SILENCE_ENDED] = {"alerts.silence_ended", false, RANK_DESK},
	[FACT_ALIAS_UNDONE] = {"alias.undone", false, RANK_DESK},
	[FACT_ERASED] = {"journey.erased", false, RANK_DESK},
	[FACT_HOUSEHOLD] = {"journey.household", false, RANK_LIST},
	[FACT_DUE] = {"journey.due", false, RANK_LIST},
};
_Static_assert(ARRAY_LEN(rows) == FACT_TYPES, "the last fact type lacks its row");

static const struct basis_row {
	const char *word;
	enum rank rank;
} bases[] = {
	{"api", RANK_LIST},    {"manifest", RANK_LIST},		  {"list", RANK_LIST},
	{"manual", RANK_LIST}, {"health_declaration", RANK_CARD}, {"registration", RANK_DESK},
};

static const char *const field_words[] = {
	[FIELD_NAME] = "name",
	[FIELD_NAME_NATIVE] = "name_native",
	[FIELD_SEX] = "sex",
	[FIELD_DOB] = "dob",
	[FIELD_NATIONALITY] = "nationality",
	[FIELD_DOC_TYPE] = "doc_type",
	[FIELD_DOC_NUMBER] = "doc_number",
	[FIELD_DOC_ISSUER] = "doc_issuer",
	[FIELD_LANGUAGES] = "languages",
	[FIELD_PHONES] = "phones",
	[FIELD_SEAT] = "seat",
	[FIELD_NEEDS] = "needs",
	[FIELD_COUNTRIES] = "countries",
	[FIELD_COMPANIONS] = "companions",
	[FIELD_FLIGHT] = "flight",
	[FIELD_ADDRESS] = "address",
	[FIELD_COMMITTEE] = "committee",
	[FIELD_MATCHED] = "matched",
	[FIELD_BUILDING] = "building",
	[FIELD_CO_RESIDENTS] = "co_residents",
	[FIELD_DISTRICT] = "district",
	[FIELD_DESK] = "desk",
	[FIELD_TRANSPORT] = "transport",
	[FIELD_PLATE] = "plate",
	[FIELD_COMMITMENT] = "commitment",
	[FIELD_STICKER] = "sticker",
	[FIELD_DISPOSITION] = "disposition",
	[FIELD_REASON] = "reason",
	[FIELD_ASSIGNED] = "assigned",
	[FIELD_EXTENSION] = "extension",
	[FIELD_HOME] = "home",
	[FIELD_COMPOUND] = "compound",
	[FIELD_POINT] = "point",
};
_Static_assert(ARRAY_LEN(field_words) == FIELDS, "the last field lacks its word");

const char *fact_type_word(enum fact_type type)
{
	assert(type >= 0);
	assert(type < FACT_TYPES);
	return rows[type].word;
}

int fact_type_of(const char *cloudevents_type)
{
	const size_t prefix = sizeof TYPE_PREFIX - 1;
	const size_t suffix = sizeof TYPE_SUFFIX - 1;
	size_t len;

	assert(cloudevents_type);
	len = strlen(cloudevents_type);
	if (len <= prefix + suffix || memcmp(cloudevents_type, TYPE_PREFIX, prefix) != 0 ||
	    strcmp(cloudevents_type + len - suffix, TYPE_SUFFIX) != 0)
		return -1;
	len -= prefix + suffix;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].from_feed && strlen(rows[i].word) == len &&
		    memcmp(rows[i].word, cloudevents_type + prefix, len) == 0)
			return (int)i;
	}
	return -1;
}

int fact_rank(enum fact_type type, const char *basis)
{
	assert(type >= 0);
	assert(type < FACT_TYPES);
	if (type == FACT_ANNOUNCED && basis) {
		for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
			if (strcmp(bases[i].word, basis) == 0)
				return (int)bases[i].rank;
		}
	}
	return (int)rows[type].rank;
}

const char *field_word(enum field field)
{
	assert(field >= 0);
	assert(field < FIELDS);
	return field_words[field];
}

static int compare_numbers(int64_t left, int64_t right)
{
	return (left > right) - (left < right);
}

static bool is_number(const char *string)
{
	return *string && string[strspn(string, "0123456789")] == '\0';
}

/* Sequences that are numbers count as numbers ("9" before "10") and come before all that are not:
 * were they mixed by letters, "9" < "10" < "1a" < "9" would be a circle and the winner would depend
 * on arrival. */
static int compare_sequences(const char *left, const char *right)
{
	bool left_number, right_number;

	if (!left || !right)
		return text_compare(left, right);
	left_number = is_number(left);
	right_number = is_number(right);
	if (left_number != right_number)
		return left_number ? -1 : 1;
	if (left_number) {
		const char *left_digits = left + strspn(left, "0");
		const char *right_digits = right + strspn(right, "0");
		size_t left_len = strlen(left_digits), right_len = strlen(right_digits);
		int order;

		if (left_len != right_len)
			return left_len < right_len ? -1 : 1;
		order = strcmp(left_digits, right_digits);
		if (order)
			return order;
	}
	return strcmp(left, right);
}

int stamp_compare(const struct stamp *left, const struct stamp *right)
{
	int order;

	assert(left);
	assert(right);
	order = compare_numbers(left->at, right->at);
	if (!order)
		order = compare_numbers(left->rank, right->rank);
	if (!order)
		order = compare_sequences(left->sequence, right->sequence);
	if (!order)
		order = text_compare(left->id, right->id);
	if (!order)
		order = text_compare(left->source, right->source);
	return order;
}
