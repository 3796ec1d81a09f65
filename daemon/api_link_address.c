/* api_link_address.c — the link of an alert about an address: why it is a question, the committees
 * it may be, and one tap that settles it. Neighbours: api_link.c has the page around it and who may
 * press; wire/page_question.c makes the HTML; engine's learning.c learns from what is pressed. */
#include "daemon/api_link.h"

#include <string.h>

#define SHOWN_BYTES   400
#define CHAIN_BYTES   256
#define STREET_DIGITS 9
#define COUNTY_DIGITS 6
/* No street of the country has more committees (170), no county more streets (52). */
#define LISTED_MAX    200
/* What a feed calls the compound may go on to a house and a room: digits, also of full width. */
#define BUILDINGS     "0123456789\xEF"

/* The committee's own name, and in front of it where it lies. */
static struct page_choice choice_of(struct visit *visit, const char *code)
{
	const struct gazetteer *gazetteer = visit->api->gazetteer;
	char name[CHAIN_BYTES], chain[CHAIN_BYTES], street[UNIT_CODE_CAP];

	engine_unit_name(visit->api->engine, code, chain, sizeof(chain));
	if (gazetteer_name(gazetteer, code, name, sizeof(name)) < 0)
		text_copy(name, sizeof(name), chain);
	text_copy(street, 9 + 1, code);
	if (gazetteer_chain(gazetteer, street, chain, sizeof(chain)) < 0)
		chain[0] = '\0';
	return (struct page_choice){.code = arena_copy(&visit->arena, code),
				    .name = arena_copy(&visit->arena, name),
				    .chain = arena_copy(&visit->arena, chain)};
}

static const char *shown_address(struct visit *visit, const struct journey *journey,
				 const struct match *match)
{
	const char *compound = journey->field[FIELD_COMPOUND];
	char room[SHOWN_BYTES];
	struct text shown = TEXT_OVER(room);

	text_clear(&shown);
	match_shown(match, &shown);
	size_t named = compound ? strcspn(compound, BUILDINGS) : 0;

	if (named > 0) {
		text_add(&shown, shown.len ? " · " : "");
		text_add_bytes(&shown, compound, named);
	}
	return arena_copy(&visit->arena, room);
}

static void fill_candidates(struct visit *visit, const struct match *match,
			    struct page_question *question)
{
	struct page_choice *choices =
		arena_alloc(&visit->arena, MATCH_CANDIDATES_MAX * sizeof(*choices));

	for (size_t i = 0; i < match->candidates_len; i++)
		choices[i] = choice_of(visit, match->candidates[i].code);
	question->choices = choices;
	question->choices_len = match->candidates_len;
}

/* The units below CODE, by name. */
static struct page_units units_below(struct visit *visit, const char *code)
{
	const struct gazetteer *gazetteer = visit->api->gazetteer;
	char(*codes)[UNIT_CODE_CAP] = arena_alloc(&visit->arena, LISTED_MAX * sizeof(*codes));
	char name[CHAIN_BYTES];
	size_t len = gazetteer_below(gazetteer, code, codes, LISTED_MAX);
	struct page_choice *list = arena_alloc(&visit->arena, (len + 1) * sizeof(*list));

	for (size_t i = 0; i < len; i++) {
		(void)gazetteer_name(gazetteer, codes[i], name, sizeof(name));
		list[i] = (struct page_choice){.code = codes[i],
					       .name = arena_copy(&visit->arena, name)};
	}
	if (gazetteer_name(gazetteer, code, name, sizeof(name)) < 0)
		name[0] = '\0';
	return (struct page_units){.name = arena_copy(&visit->arena, name),
				   .list = list,
				   .len = len};
}

/* What may be chosen beside the candidates: the committees of the street that is asked for, or that
 * the words settle; and another street of the county, theirs or that of who is asked. */
static void fill_units(struct visit *visit, const struct alert *alert, const char *settled,
		       struct page_question *question)
{
	const struct http_request *request = visit->call->request;
	char street[UNIT_CODE_CAP] = "", county[UNIT_CODE_CAP] = "";

	if (!http_query(request->query, "street", street, sizeof(street)) ||
	    !text_is_digits(street, STREET_DIGITS) || !gazetteer_has(visit->api->gazetteer, street))
		text_copy(street, STREET_DIGITS + 1, settled);
	text_copy(county, COUNTY_DIGITS + 1,
		  strlen(street) >= COUNTY_DIGITS ? street : alert->unit);
	if (strlen(street) == STREET_DIGITS)
		question->committees = units_below(visit, street);
	if (strlen(county) == COUNTY_DIGITS)
		question->streets = units_below(visit, county);
}

int link_question(struct visit *visit, const struct alert *alert, struct page_question **out,
		  struct err *err)
{
	struct page_question *question = arena_alloc(&visit->arena, sizeof(*question));
	struct journey *journey = arena_alloc(&visit->arena, sizeof(*journey));
	struct match *match = arena_alloc(&visit->arena, sizeof(*match));
	const struct policy *policy;
	char name[CHAIN_BYTES];

	*out = question;
	int rc = engine_journey(visit->api->engine, alert->subject, &visit->arena, journey, &policy,
				err);
	if (rc < 0)
		return rc;
	const char *address = journey->field[FIELD_ADDRESS];

	if (journey->unit && !journey->doubted) {
		engine_unit_name(visit->api->engine, journey->unit, name, sizeof(name));
		question->decided = arena_copy(&visit->arena, name);
		return 0;
	}
	question->open = alert->state != ALERT_RESOLVED;
	question->later = alert->state == ALERT_OPEN;
	if (!address || !*address) {
		fill_units(visit, alert, "", question);
		return 0;
	}
	const struct dwelling dwelling = dwelling_stated(journey->field);

	rc = engine_match(visit->api->engine, &dwelling, &visit->arena, match, err);
	if (rc < 0)
		return rc;
	/* What the message says stands above it; only what is new since then is said again. */
	if (!text_equal(alert->detail, match_why_word(match->why))) {
		question->why = match_why_words(visit, "zh-CN", match->why);
		question->why_second = match_why_words(visit, "en", match->why);
	}
	question->address = shown_address(visit, journey, match);
	fill_candidates(visit, match, question);
	fill_units(visit, alert, match->code, question);
	return 0;
}

/* --- One tap ------------------------------------------------------------------------------- */

static const char *pressed(struct visit *visit, const char *field)
{
	const struct http_request *request = visit->call->request;
	char value[64] = "";

	if (!request->body || !http_form(request->body, field, value, sizeof(value)))
		return "";
	return arena_copy(&visit->arena, value);
}

enum link_choice link_chosen(struct visit *visit, const char **code)
{
	const char *value = pressed(visit, "code");

	if (strcmp(value, "other") == 0 || strcmp(value, "listed") == 0) {
		value = pressed(visit, value);
		value += strspn(value, " ");
		if (!*value)
			value = "-";
	}
	*code = value;
	if (!*value)
		return CHOICE_NONE;
	return text_is_digits(value, UNIT_CODE_MAX) && gazetteer_has(visit->api->gazetteer, value)
		       ? CHOICE_MADE
		       : CHOICE_WRONG;
}

bool link_assign(struct visit *visit, const struct link *link, const struct alert *alert,
		 const char *code)
{
	struct fact **facts = arena_alloc(&visit->arena, 2 * sizeof(*facts));
	size_t len = 0;
	cJSON *body = cJSON_CreateObject();

	/* Taken first: what she decides then ends an alert that is hers. */
	bool made = alert->state != ALERT_OPEN || link_fact(visit, link, alert->id, &facts[len++]);

	visit->caller.name = "link";
	cJSON_AddStringToObject(body, "by", link->by);
	cJSON_AddStringToObject(body, "committee_code", code);
	made = made && visit_fact(visit, FACT_ASSIGNED,
				  arena_printf(&visit->arena, "journey/%s/assign", alert->subject),
				  body, &facts[len]);
	cJSON_Delete(body);
	if (!made)
		return false;
	char id[IDENT_CAP];

	ident_make(id, "fct", visit->now, &visit->api->entropy);
	facts[len]->stamp.id = arena_copy(&visit->arena, id);
	facts[len]->journey = arena_copy(&visit->arena, alert->subject);
	facts[len]->by = link->by;
	facts[len]->alert = alert->id;
	facts[len++]->field[FIELD_ASSIGNED] = code;
	visit->facts = facts;
	visit->facts_len = len;
	return true;
}
