/* api_write.c — what people do to a journey: each call becomes one fact and is answered with the
 * journey after the commit. Neighbours: journey_may (loop) says what is possible, api_read.c shows
 * the outcome. */
#include "daemon/api_private.h"

#include <string.h>
#include <strings.h>

#define BY_MAX	      60
#define REASON_MAX    200
#define EXTENSION_MAX 46 /* JOURNEY_DAYS_MAX less the usual 14. */
#define SYMPTOMS_MAX  40

/* --- Journeys --- */

static void answer_journey(struct visit *visit, const struct fact_result *results)
{
	if (visit_accepted(visit, results))
		reply_journey(visit, *results->journey ? results->journey : visit->part[0]);
}

/* One action: what it is to be, and how it reads its body. FILL answers itself when the body will
 * not do. */
struct action {
	enum fact_type type;
	bool (*fill)(struct visit *visit, const cJSON *body, const struct policy *policy,
		     struct fact *fact);
};

static void act(struct visit *visit, const struct action *action)
{
	const struct policy *policy;
	struct journey *journey;
	struct fact *fact;
	cJSON *body;

	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return;
	body = visit_body(visit);
	if (!body)
		return;
	if (visit_fact(visit, action->type,
		       arena_printf(&visit->arena, "journey/%s%s%s", journey->id,
				    *visit->part[1] ? "/" : "", visit->part[1]),
		       body, &fact)) {
		fact->journey = arena_copy(&visit->arena, journey->id);
		if (!action->fill || action->fill(visit, body, policy, fact)) {
			/* The answer is her whole record. */
			visit_look(visit, journey->id, NULL);
			visit_submit(visit, fact, answer_journey);
		}
	}
	cJSON_Delete(body);
}

static bool bad(struct visit *visit, const char *detail)
{
	reply_problem(visit, 400, "bad_value", detail);
	return false;
}

static bool is_word(const char *word, const char *const *words, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text_equal(word, words[i]))
			return true;
	}
	return false;
}

/* WORD as the schema lists it, or NULL. */
static const char *symptom_of(const char *word)
{
	static const char *const listed[] = {
		"fever",       "fatigue",	"dry_cough", "sputum",		"headache",
		"sore_throat", "short_breath",	"dyspnea",   "chest_tightness", "conjunctivitis",
		"diarrhea",    "loss_of_smell", "rash",	     "joint_pain",	"other",
		"none",
	};

	for (size_t i = 0; i < ARRAY_LEN(listed); i++) {
		if (strcasecmp(word, listed[i]) == 0)
			return listed[i];
	}
	return NULL;
}

/* "temp_c" and "symptoms", as the hand-over and the check have them. */
static bool fill_health(struct visit *visit, const cJSON *body, struct fact *fact)
{
	const cJSON *temp = json_get(body, "temp_c");
	const cJSON *symptoms = json_get(body, "symptoms");
	const char *line = "";
	const cJSON *item;

	if (temp && !cJSON_IsNull(temp)) {
		if (!cJSON_IsNumber(temp) || temp->valuedouble < 30 || temp->valuedouble > 45)
			return bad(visit, "$.temp_c is not a number from 30 to 45");
		fact->temp_tenths = (int)(temp->valuedouble * 10 + 0.5);
	}
	if (!symptoms || cJSON_IsNull(symptoms))
		return true;
	if (!cJSON_IsArray(symptoms) || cJSON_GetArraySize(symptoms) > SYMPTOMS_MAX)
		return bad(visit, "$.symptoms is not a list of at most 40 words");
	cJSON_ArrayForEach(item, symptoms)
	{
		const char *word = cJSON_IsString(item) ? symptom_of(item->valuestring) : NULL;

		/* Kept as it is, no policy would know it: a misspelt fever would be health. */
		if (!word)
			return bad(visit,
				   "$.symptoms holds a word that is not listed; \"other\" is "
				   "for what no word fits");
		if (strcmp(word, "none") != 0)
			line = arena_printf(&visit->arena, "%s%s%s", line, *line ? "," : "", word);
	}
	fact->symptoms = line;
	return true;
}

static bool fill_handover(struct visit *visit, const cJSON *body, const struct policy *policy,
			  struct fact *fact)
{
	static const char *const roles[] = {"committee", "family",   "hotel", "desk",
					    "escort",	 "hospital", "driver"};
	const cJSON *to = json_get(body, "to");

	(void)policy;
	fact->to_role = body_text(visit, to, "role", BY_MAX);
	fact->to_code = body_text(visit, to, "org_code", UNIT_CODE_MAX);
	if (!fact->to_role)
		fact->to_role = "committee";
	if (!is_word(fact->to_role, roles, ARRAY_LEN(roles)))
		return bad(visit, "$.to.role is none of committee, family, hotel, desk, escort, "
				  "hospital, driver");
	if (fact->to_code && !text_is_digits(fact->to_code, strlen(fact->to_code)))
		return bad(visit, "$.to.org_code is no unit code");
	return fill_health(visit, body, fact);
}

static bool fill_check(struct visit *visit, const cJSON *body, const struct policy *policy,
		       struct fact *fact)
{
	static const char *const slots[] = {"morning", "evening"};
	const cJSON *day = json_get(body, "day");

	(void)policy;
	if (!fill_health(visit, body, fact))
		return false;
	if (!fact->temp_tenths && !fact->symptoms) {
		reply_problem(visit, 400, "missing_field", "a check needs $.temp_c or $.symptoms");
		return false;
	}
	if (day && !cJSON_IsNull(day)) {
		if (!cJSON_IsNumber(day) || day->valuedouble != (int)day->valuedouble ||
		    day->valuedouble < 0 || day->valuedouble > JOURNEY_DAYS_MAX)
			return bad(visit, "$.day is not a whole number from 0 to 60");
		fact->day = (int)day->valuedouble;
	}
	const cJSON *antipyretic = json_get(body, "antipyretic");
	if (antipyretic && !cJSON_IsNull(antipyretic) && !cJSON_IsBool(antipyretic))
		return bad(visit, "$.antipyretic is neither true nor false");
	fact->antipyretic = cJSON_IsTrue(antipyretic);
	fact->slot = body_text(visit, body, "slot", BY_MAX);
	if (fact->slot && !is_word(fact->slot, slots, ARRAY_LEN(slots)))
		return bad(visit, "$.slot is neither morning nor evening");
	fact->method = body_text(visit, body, "method", BY_MAX);
	return true;
}

static bool fill_task(struct visit *visit, const cJSON *body, const struct policy *policy,
		      struct fact *fact)
{
	static const char *const outcomes[] = {"done", "failed"};
	bool known = false;

	for (size_t i = 0; i < policy->tasks_len; i++)
		known = known || strcmp(policy->tasks[i].name, visit->part[1]) == 0;
	if (!known) {
		reply_problem(visit, 404, "not_found", "The checklist has no task of that name.");
		return false;
	}
	fact->task = arena_copy(&visit->arena, visit->part[1]);
	fact->outcome = body_text(visit, body, "outcome", BY_MAX);
	if (!fact->outcome)
		fact->outcome = "done";
	if (!is_word(fact->outcome, outcomes, ARRAY_LEN(outcomes)))
		return bad(visit, "$.outcome is neither done nor failed");
	fact->reason = body_text(visit, body, "note", REASON_MAX);
	return true;
}

static bool fill_assign(struct visit *visit, const cJSON *body, const struct policy *policy,
			struct fact *fact)
{
	const char *code = body_text(visit, body, "committee_code", UNIT_CODE_MAX);
	char name[256];

	(void)policy;
	if (!code || !text_is_digits(code, UNIT_CODE_MAX))
		return bad(visit, "$.committee_code is not 12 digits");
	engine_unit_name(visit->api->engine, code, name, sizeof(name));
	if (strcmp(name, code) == 0)
		return bad(visit, "$.committee_code is no committee of the gazetteer");
	fact->field[FIELD_ASSIGNED] = code;
	return true;
}

static bool fill_redirect(struct visit *visit, const cJSON *body, const struct policy *policy,
			  struct fact *fact)
{
	static const char *const dispositions[] = {"home",    "central",	"hospital",
						   "transit", "other_province", "released"};
	const cJSON *destination = json_get(body, "destination");
	const char *disposition = body_text(visit, body, "disposition", BY_MAX);

	(void)policy;
	if (!disposition || !is_word(disposition, dispositions, ARRAY_LEN(dispositions)))
		return bad(visit, "$.disposition is none of home, central, hospital, transit, "
				  "other_province, released");
	fact->reason = body_text(visit, body, "reason", REASON_MAX);
	if (!fact->reason)
		return bad(visit, "$.reason is missing");
	fact->field[FIELD_DISPOSITION] = disposition;
	fact->field[FIELD_REASON] = fact->reason;
	if (!cJSON_IsObject(destination))
		return true;
	/* Another address takes the old one's committee, estate and point with it. */
	fact->field[FIELD_ADDRESS] = body_text(visit, destination, "text", 400);
	fact->field[FIELD_COMMITTEE] =
		body_text(visit, destination, "committee_code", UNIT_CODE_MAX);
	if (fact->field[FIELD_COMMITTEE] &&
	    !text_is_digits(fact->field[FIELD_COMMITTEE], UNIT_CODE_MAX))
		return bad(visit, "$.destination.committee_code is not 12 digits");
	if (fact->field[FIELD_ADDRESS]) {
		fact->field[FIELD_COMPOUND] = fact->field[FIELD_POINT] = FIELD_NOTHING;
		if (!fact->field[FIELD_COMMITTEE])
			fact->field[FIELD_COMMITTEE] = FIELD_NOTHING;
	}
	return true;
}

static bool fill_extend(struct visit *visit, const cJSON *body, const struct policy *policy,
			struct fact *fact)
{
	const cJSON *days = json_get(body, "days");

	(void)policy;
	if (!cJSON_IsNumber(days) || days->valuedouble != (int)days->valuedouble ||
	    days->valuedouble < 0 || days->valuedouble > EXTENSION_MAX)
		return bad(visit, "$.days is not a whole number from 0 to 46");
	fact->reason = body_text(visit, body, "reason", REASON_MAX);
	if (!fact->reason)
		return bad(visit, "$.reason is missing");
	fact->field[FIELD_EXTENSION] = arena_printf(&visit->arena, "%d", (int)days->valuedouble);
	return true;
}

static bool fill_release(struct visit *visit, const cJSON *body, const struct policy *policy,
			 struct fact *fact)
{
	(void)policy;
	fact->reason = body_text(visit, body, "reason", REASON_MAX);
	return true;
}

static bool fill_reason(struct visit *visit, const cJSON *body, const struct policy *policy,
			struct fact *fact)
{
	(void)policy;
	fact->reason = body_text(visit, body, "reason", REASON_MAX);
	return fact->reason ? true : bad(visit, "$.reason is missing");
}

/* Whose word it is: it counts while she is that committee's. */
static bool fill_unit(struct visit *visit, const cJSON *body, const struct policy *policy,
		      struct fact *fact)
{
	struct journey *journey;

	(void)body;
	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return false;
	fact->to_code = journey->unit ? arena_copy(&visit->arena, journey->unit) : NULL;
	return true;
}

static bool fill_refusal(struct visit *visit, const cJSON *body, const struct policy *policy,
			 struct fact *fact)
{
	return fill_reason(visit, body, policy, fact) && fill_unit(visit, body, policy, fact);
}

/* A leave is approved unless the body says otherwise, and what is approved has an end. */
static bool fill_leave(struct visit *visit, const cJSON *body, const struct policy *policy,
		       struct fact *fact)
{
	const cJSON *approved = json_get(body, "approved");
	const char *until = body_text(visit, body, "until", WHEN_CAP);

	if (!fill_reason(visit, body, policy, fact))
		return false;
	fact->until = WHEN_UNKNOWN;
	if (approved && !cJSON_IsNull(approved) && !cJSON_IsBool(approved))
		return bad(visit, "$.approved is neither true nor false");
	if (cJSON_IsFalse(approved))
		return true;
	if (!until)
		return bad(visit, "$.until is missing: an approved leave has an end; "
				  "\"approved\": false says that she left without");
	if (when_parse(until, &fact->until, NULL) < 0)
		return bad(visit, "$.until is no time with an offset (RFC 3339)");
	return true;
}

static bool fill_end(struct visit *visit, const cJSON *body, const struct policy *policy,
		     struct fact *fact)
{
	(void)policy;
	fact->reason = body_text(visit, body, "reason", REASON_MAX);
	return fact->reason ? true : bad(visit, "$.reason is missing: nothing ends without one");
}

/* --- Routes --- */

void api_accept(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_ACCEPTED, .fill = fill_unit});
}

void api_handover(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_HANDED_OVER, .fill = fill_handover});
}

void api_checks(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_CHECKED, .fill = fill_check});
}

void api_task(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_TASK_ENDED, .fill = fill_task});
}

void api_assign(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_ASSIGNED, .fill = fill_assign});
}

/* What has ended stays ended; a redirection would say nothing to anybody. */
void api_redirect(struct visit *visit)
{
	const struct policy *policy;
	struct journey *journey;

	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return;
	if (journey->stage == STAGE_RELEASED || journey->stage == STAGE_WITHDRAWN ||
	    journey->stage == STAGE_CLOSED) {
		reply_problem(visit, 409, "conflict",
			      arena_printf(&visit->arena, "journey %s is %s: it has ended",
					   journey->id, stage_word(journey->stage)));
		return;
	}
	act(visit, &(const struct action){.type = FACT_REDIRECTED, .fill = fill_redirect});
}

void api_extend(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_EXTENDED, .fill = fill_extend});
}

void api_refuse(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_REFUSED, .fill = fill_refusal});
}

void api_expose(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_EXPOSED, .fill = fill_reason});
}

void api_leave(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_LEFT, .fill = fill_leave});
}

void api_return(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_RETURNED});
}

void api_release(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_RELEASED, .fill = fill_release});
}

void api_end(struct visit *visit)
{
	act(visit, &(const struct action){.type = FACT_CLOSED, .fill = fill_end});
}
