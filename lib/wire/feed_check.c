/* feed_check.c — holds an event's data against its rules, drops what is odd, refuses the rest.
 * Neighbours: feed_rules.c has the rules, feed_pattern.c the forms of codes; feed_cloudevents.c
 * asks, feed_data.c reads what passed. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/json.h"
#include "closedloop/mem.h"
#include "closedloop/when.h"
#include "wire/feed_event.h"

enum mode {
	MODE_WHOLE,
	MODE_PARTIAL,
	MODE_PATCH,
};

struct check {
	struct text path; /* "$.data.traveler.phones[0]": names of rules only, so it fits. */
	struct text *warnings;
	struct text *detail;
	char path_room[200];
};

typedef enum reject shape_check(struct check *check, cJSON *value, const struct rule *rule,
				enum mode mode);

static enum reject check_value(struct check *check, cJSON *value, const struct rule *rule,
			       enum mode mode);

static void pop(struct text *path, size_t len)
{
	path->len = len;
	path->data[len] = '\0';
}

/* Say in DETAIL what is wrong with the value at the present path. */
static enum reject fail(struct check *check, enum reject reject, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum reject fail(struct check *check, enum reject reject, const char *format, ...)
{
	char sentence[240];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	text_clear(check->detail);
	text_addf(check->detail, "%s %s", check->path.data, sentence);
	return reject;
}

void feed_warn(struct text *warnings, const char *sentence)
{
	if (warnings->len)
		text_add(warnings, "; ");
	text_add(warnings, sentence);
}

static void note(struct check *check, const char *what)
{
	if (check->warnings->len)
		text_add(check->warnings, "; ");
	text_addf(check->warnings, "%s %s", check->path.data, what);
}

/* What DETAIL says is not worth a refusal. */
static void note_dropped(struct check *check)
{
	feed_warn(check->warnings, check->detail->data);
	text_add(check->warnings, ", dropped");
	text_clear(check->detail);
}

static void replace(cJSON *value, const char *string)
{
	if (!cJSON_SetValuestring(value, string))
		mem_exhausted(strlen(string));
}

/* --- shapes --- */

/* Bring a string nearer to its rule where only one reading is possible. True when that changed it.
 */
static bool straighten(char *string, const struct rule *rule, const char **how)
{
	bool changed = false;

	if (rule->upper) {
		for (char *c = string; *c; c++) {
			if (*c >= 'a' && *c <= 'z') {
				*c = (char)(*c - 'a' + 'A');
				changed = true;
				*how = "was read as upper case";
			}
		}
	}
	if (rule->unpad && *string == '0') {
		size_t zeros = strspn(string, "0");

		memmove(string, string + zeros, strlen(string + zeros) + 1);
		changed = true;
		*how = "was read without leading zeros";
	}
	return changed;
}

static enum reject check_text(struct check *check, cJSON *value, const struct rule *rule,
			      enum mode mode)
{
	size_t count;

	(void)mode;
	if (!cJSON_IsString(value))
		return fail(check, REJECT_BAD_VALUE, "is not a text");
	count = text_count(value->valuestring);
	if ((double)count < rule->min)
		return fail(check, REJECT_BAD_VALUE, "is empty");
	if ((double)count > rule->max)
		return fail(check, REJECT_TOO_LONG, "is longer than %.0f characters", rule->max);
	return REJECT_NONE;
}

static enum reject check_pattern(struct check *check, cJSON *value, const struct rule *rule,
				 enum mode mode)
{
	const char *how = NULL;
	bool changed;

	(void)mode;
	if (!cJSON_IsString(value))
		return fail(check, REJECT_BAD_VALUE, "is not a text");
	changed = straighten(value->valuestring, rule, &how);
	if (!feed_matches(value->valuestring, rule->pattern))
		return fail(check, REJECT_BAD_VALUE, "does not have the form \"%s\"",
			    feed_pattern_form(rule->pattern));
	if (changed)
		note(check, how);
	return REJECT_NONE;
}

static bool is_word_of(const char *string, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(string, *words) == 0)
			return true;
	}
	return false;
}

static enum reject check_word(struct check *check, cJSON *value, const struct rule *rule,
			      enum mode mode)
{
	char room[200];
	struct text list = TEXT_OVER(room);
	const char *how = NULL;
	bool changed;

	(void)mode;
	if (!cJSON_IsString(value))
		return fail(check, REJECT_BAD_VALUE, "is not a text");
	changed = straighten(value->valuestring, rule, &how);
	if (is_word_of(value->valuestring, rule->words)) {
		if (changed)
			note(check, how);
		return REJECT_NONE;
	}
	for (size_t i = 0; rule->words[i]; i++)
		text_addf(&list, "%s%s", i ? ", " : "", rule->words[i]);
	return fail(check, REJECT_BAD_VALUE, "is none of %s", room);
}

static enum reject check_symptom(struct check *check, cJSON *value, const struct rule *rule,
				 enum mode mode)
{
	(void)mode;
	if (!cJSON_IsString(value))
		return fail(check, REJECT_BAD_VALUE, "is not a text");
	if (!*value->valuestring)
		return fail(check, REJECT_BAD_VALUE, "is empty");
	if (is_word_of(value->valuestring, rule->words))
		return REJECT_NONE;
	for (char *c = value->valuestring; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	if (is_word_of(value->valuestring, rule->words)) {
		note(check, "was read as lower case");
		return REJECT_NONE;
	}
	/* Dropping it would turn a complaint into health. */
	note(check, "is not a listed symptom, kept as \"other\"");
	replace(value, "other");
	return REJECT_NONE;
}

static enum reject check_country(struct check *check, cJSON *value, const struct rule *rule,
				 enum mode mode)
{
	const char *alpha3;
	const char *how = NULL;
	bool changed;

	(void)mode;
	if (!cJSON_IsString(value))
		return fail(check, REJECT_BAD_VALUE, "is not a text");
	changed = straighten(value->valuestring, rule, &how);
	if (feed_matches(value->valuestring, PATTERN_AIRPORT)) { /* Three letters, as airports. */
		if (changed)
			note(check, how);
		return REJECT_NONE;
	}
	if (strcmp(value->valuestring, "D") == 0) {
		replace(value, "DEU");
		note(check, "holds the MRZ code D, stored as DEU");
		return REJECT_NONE;
	}
	alpha3 = feed_country(value->valuestring);
	if (!alpha3)
		return fail(check, REJECT_BAD_VALUE, "is no ISO 3166-1 country code");
	replace(value, alpha3);
	note(check, "holds an alpha-2 code, stored as alpha-3");
	return REJECT_NONE;
}

static enum reject check_language(struct check *check, cJSON *value, const struct rule *rule,
				  enum mode mode)
{
	(void)rule;
	(void)mode;
	if (!cJSON_IsString(value) || !feed_is_language(value->valuestring))
		return fail(check, REJECT_BAD_VALUE, "is no BCP 47 language");
	return REJECT_NONE;
}

static enum reject check_time(struct check *check, cJSON *value, const struct rule *rule,
			      enum mode mode)
{
	int64_t at;

	(void)rule;
	(void)mode;
	if (!cJSON_IsString(value) || when_parse(value->valuestring, &at, NULL) < 0)
		return fail(check, REJECT_BAD_VALUE, "is no RFC 3339 time with offset");
	return REJECT_NONE;
}

static enum reject check_date(struct check *check, cJSON *value, const struct rule *rule,
			      enum mode mode)
{
	int32_t day;

	(void)rule;
	(void)mode;
	if (!cJSON_IsString(value) || when_parse_day(value->valuestring, &day, NULL) < 0)
		return fail(check, REJECT_BAD_VALUE, "is no date such as 1996-04-12");
	return REJECT_NONE;
}

static enum reject check_number(struct check *check, cJSON *value, const struct rule *rule,
				enum mode mode)
{
	double number = value->valuedouble;
	bool whole = rule->shape == SHAPE_WHOLE;

	(void)mode;
	if (!cJSON_IsNumber(value) || !(number >= rule->min) || !(number <= rule->max) ||
	    (whole && (number < (double)(int64_t)number || number > (double)(int64_t)number)))
		return fail(check, REJECT_BAD_VALUE, "is not %s from %.10g to %.10g",
			    whole ? "a whole number" : "a number", rule->min, rule->max);
	return REJECT_NONE;
}

/* "39.5", and nothing that only begins like it. */
static bool is_plain_number(const char *string)
{
	size_t whole = strspn(string, "0123456789");
	size_t rest = string[whole] == '.' ? strspn(string + whole + 1, "0123456789") : 0;

	return whole > 0 &&
	       (string[whole] == '\0' || (rest > 0 && string[whole + 1 + rest] == '\0'));
}

static enum reject check_degrees(struct check *check, cJSON *value, const struct rule *rule,
				 enum mode mode)
{
	bool spelled = cJSON_IsString(value) && is_plain_number(value->valuestring);
	enum reject reject;

	if (spelled) {
		double number = strtod(value->valuestring, NULL);

		cJSON_free(value->valuestring);
		value->valuestring = NULL;
		value->type = cJSON_Number;
		cJSON_SetNumberValue(value, number);
	}
	reject = check_number(check, value, rule, mode);
	if (!reject && spelled)
		note(check, "was read as a number");
	return reject;
}

static enum reject check_truth(struct check *check, cJSON *value, const struct rule *rule,
			       enum mode mode)
{
	(void)rule;
	(void)mode;
	if (!cJSON_IsBool(value))
		return fail(check, REJECT_BAD_VALUE, "is neither true nor false");
	return REJECT_NONE;
}

static enum reject check_list(struct check *check, cJSON *value, const struct rule *rule,
			      enum mode mode)
{
	const size_t path_len = check->path.len;
	size_t index = 0, kept = 0;
	cJSON *next;

	if (!cJSON_IsArray(value))
		return fail(check, REJECT_BAD_VALUE, "is not a list");
	for (cJSON *item = value->child; item; item = next, index++) {
		enum reject reject = REJECT_NONE;

		next = item->next;
		text_addf(&check->path, "[%zu]", index);
		if ((double)kept >= rule->max)
			reject = fail(check, REJECT_TOO_LONG, "is one more than %.0f", rule->max);
		else
			reject = check_value(check, item, rule->item, mode);
		pop(&check->path, path_len);
		if (!reject) {
			kept++;
			continue;
		}
		if (rule->item->need != NEED_LOOSE)
			return reject;
		note_dropped(check);
		cJSON_Delete(cJSON_DetachItemViaPointer(value, item));
	}
	if ((double)kept < rule->min || (index && !kept))
		return fail(check, REJECT_BAD_VALUE, "holds nothing usable");
	return REJECT_NONE;
}

static enum reject check_words(struct check *check, cJSON *value, const struct rule *rule,
			       enum mode mode)
{
	if (cJSON_IsString(value)) {
		cJSON *item = cJSON_CreateString(value->valuestring);

		if (!item)
			mem_exhausted(strlen(value->valuestring));
		cJSON_free(value->valuestring);
		value->valuestring = NULL;
		value->type = cJSON_Array;
		cJSON_AddItemToArray(value, item);
		note(check, "was read as a list of one");
	}
	return check_list(check, value, rule, mode);
}

/* --- objects --- */

static enum reject check_member(struct check *check, cJSON *object, const struct rule *rule,
				enum mode mode)
{
	cJSON *member = cJSON_GetObjectItemCaseSensitive(object, rule->name);
	enum reject reject;

	if (member && cJSON_IsNull(member)) {
		if (mode == MODE_PATCH)
			return REJECT_NONE;
		cJSON_Delete(cJSON_DetachItemViaPointer(object, member)); /* null is absent. */
		member = NULL;
	}
	if (!member) {
		if (rule->need == NEED_REQUIRED && mode == MODE_WHOLE)
			return fail(check, REJECT_MISSING_FIELD, "is missing");
		if (rule->need == NEED_HOPED && mode == MODE_WHOLE)
			note(check, "is missing");
		return REJECT_NONE;
	}
	reject = check_value(check, member, rule, mode);
	if (!reject)
		return REJECT_NONE;
	if (rule->need == NEED_STRICT || (rule->need == NEED_REQUIRED && mode == MODE_WHOLE))
		return reject;
	note_dropped(check);
	cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
	return REJECT_NONE;
}

static enum reject check_members(struct check *check, cJSON *object, const struct rule *rules,
				 enum mode mode)
{
	const size_t path_len = check->path.len;

	for (const struct rule *rule = rules; rule->name; rule++) {
		enum reject reject;

		text_addf(&check->path, ".%s", rule->name);
		reject = check_member(check, object, rule, mode);
		pop(&check->path, path_len);
		if (reject)
			return reject;
	}
	return REJECT_NONE;
}

static void note_strangers(struct check *check, const cJSON *object, const struct rule *rules)
{
	for (const cJSON *member = object->child; member; member = member->next) {
		const struct rule *rule = rules;

		while (rule->name && strcmp(rule->name, member->string) != 0)
			rule++;
		if (!rule->name) {
			note(check, "has members that mean nothing here, ignored");
			return;
		}
	}
}

static enum reject check_object(struct check *check, cJSON *value, const struct rule *rule,
				enum mode mode)
{
	if (!cJSON_IsObject(value))
		return fail(check, REJECT_BAD_VALUE, "is not an object");
	if (rule->min > 0 && !value->child)
		return fail(check, REJECT_BAD_VALUE, "is empty");
	if (rule->closed)
		note_strangers(check, value, rule->members);
	if (rule->whole)
		mode = MODE_WHOLE;
	else if (rule->patch)
		mode = MODE_PATCH;
	else if (rule->partial)
		mode = MODE_PARTIAL;
	return check_members(check, value, rule->members, mode);
}

static shape_check *const shapes[] = {
	[SHAPE_TEXT] = check_text,	 [SHAPE_PATTERN] = check_pattern,
	[SHAPE_WORD] = check_word,	 [SHAPE_SYMPTOM] = check_symptom,
	[SHAPE_COUNTRY] = check_country, [SHAPE_LANGUAGE] = check_language,
	[SHAPE_TIME] = check_time,	 [SHAPE_DATE] = check_date,
	[SHAPE_WHOLE] = check_number,	 [SHAPE_NUMBER] = check_number,
	[SHAPE_DEGREES] = check_degrees, [SHAPE_TRUTH] = check_truth,
	[SHAPE_OBJECT] = check_object,	 [SHAPE_LIST] = check_list,
	[SHAPE_WORDS] = check_words,
};
_Static_assert(ARRAY_LEN(shapes) == SHAPES, "the last shape lacks its check");

static enum reject check_value(struct check *check, cJSON *value, const struct rule *rule,
			       enum mode mode)
{
	assert(rule->shape < SHAPES);
	return shapes[rule->shape](check, value, rule, mode);
}

/* A place in an unknown system is none: the text counts alone, and the sender hears of it. */
static void note_point(struct check *check, const cJSON *data)
{
	const cJSON *patch = json_get(data, "patch");
	const cJSON *address = json_get(patch ? patch : data, "destination");
	bool lon = json_get(address, "lon"), lat = json_get(address, "lat");

	if (lon != lat || (lon && !json_get(address, "crs")))
		feed_warn(check->warnings, "$.data destination: coordinates without lon, lat and "
					   "crs together are not used");
}

enum reject feed_check(enum fact_type type, cJSON *data, struct text *warnings, struct text *detail)
{
	struct check check = {.warnings = warnings, .detail = detail};
	enum reject reject;

	assert(cJSON_IsObject(data));
	text_init(&check.path, check.path_room, sizeof(check.path_room));
	text_add(&check.path, "$.data");
	reject = check_members(&check, data, feed_rules(type), MODE_WHOLE);
	if (!reject)
		note_point(&check, data);
	if (!reject && type == FACT_CHECKED && !json_get(data, "temp_c") &&
	    !json_get(data, "symptoms"))
		return fail(&check, REJECT_MISSING_FIELD,
			    "is empty: a check needs temp_c or symptoms");
	return reject;
}
