/* crowd.c — the people of one alert described without saying who they are: counts, nationalities,
 * languages, initials. Neighbour: words.c puts it into sentences. */
#include "engine/crowd.h"

#include <string.h>

#include "closedloop/text.h"

static void count_word(struct group *groups, size_t *len, size_t max, const char *word)
{
	for (size_t i = 0; i < *len; i++) {
		if (text_equal(groups[i].word, word)) {
			groups[i].count++;
			return;
		}
	}
	if (*len < max) {
		text_copy(groups[*len].word, sizeof(groups[*len].word), word);
		groups[(*len)++].count = 1;
	}
}

/* "LI GUANG" → "L.G."; 王磊 → "王*". */
static void initials_of(const char *name, struct text *out)
{
	bool start = true, latin = false;
	for (const char *at = name; *at;) {
		size_t used;
		uint32_t point = text_decode(at, strlen(at), &used);
		if (point == ' ' || point == '-') {
			start = true;
		} else if (start) {
			text_add_bytes(out, at, used);
			latin = point < 0x2E80;
			text_add(out, latin ? "." : "*");
			start = false;
			if (!latin)
				return;
		}
		at += used;
	}
}

static bool is_short(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The building in "COMPOUND BUILDING UNIT ROOM", of which each may be missing: what calls itself
 * one, or a short number with something behind it. An estate would name the place, and a number
 * that stands alone or last may be the room. */
static const char *building_of(const char *text, size_t *len)
{
	static const char *const words[] = {"号楼", "幢", "栋", "座", "号", "楼"};

	for (const char *at = text, *end; *at; at = end + (*end == ' ')) {
		size_t number = 0;
		end = at + strcspn(at, " ");
		while (number < 5 && is_short(at[number]))
			number++;
		for (size_t i = 0; number > 0 && i < ARRAY_LEN(words); i++) {
			*len = number + strlen(words[i]);
			if (text_starts(at + number, words[i]))
				return at;
		}
		*len = number;
		if (number > 0 && number < 5 && at + number == end && *end && end[1] &&
		    strcspn(at, "0123456789") < number)
			return at;
	}
	*len = 0;
	return text;
}

static void add_initials(struct crowd *crowd, const struct journey *journey)
{
	if (crowd->initials_len == INITIALS_MAX)
		return;
	struct text out;
	text_init(&out, crowd->initials[crowd->initials_len],
		  sizeof(crowd->initials[crowd->initials_len]));
	const char *name = journey->field[FIELD_NAME];
	const char *building = journey->field[FIELD_BUILDING];
	initials_of(name && *name ? name : "?", &out);
	size_t len;
	building = building_of(building ? building : "", &len);
	if (len > 0) {
		text_add(&out, " ");
		text_add_bytes(&out, building, len);
	}
	crowd->initials_len++;
}

static void add_languages(struct crowd *crowd, const char *list)
{
	while (list && *list) {
		const char *comma = strchr(list, ',');
		size_t len = comma ? (size_t)(comma - list) : strlen(list);
		char word[12] = "";
		struct text one;
		text_init(&one, word, sizeof(word));
		text_add_bytes(&one, list, len);
		count_word(crowd->languages, &crowd->languages_len, LANGUAGES_MAX, word);
		list = comma ? comma + 1 : NULL;
	}
}

int crowd_read(struct engine *engine, int64_t alert, int64_t now, struct crowd *crowd,
	       struct err *err)
{
	struct id_list list = {.arena = &engine->arena};
	struct held *held = arena_alloc(&engine->arena, sizeof(*held));

	crowd->flight = "";
	crowd->ends_at = WHEN_UNKNOWN;
	crowd->next_eta = WHEN_NEVER;
	if (!alert)
		return 0;
	int rc = engine->store->ops->members_of(engine->store, alert, id_collect, &list, err);
	crowd->count = (int)list.len;
	for (size_t i = 0; i < list.len && i < MEMBERS_READ && rc == 0; i++) {
		rc = held_load(engine, list.ids[i], held, err);
		/* The words go out without whoever is erased, or does not open. */
		if (rc == CL_EGONE || rc == CL_ECORRUPT) {
			rc = 0;
			continue;
		}
		if (rc < 0)
			break;
		const struct journey *journey = &held->journey;
		if (!crowd->policy)
			crowd->policy = held->policy;
		const char *nationality = journey->field[FIELD_NATIONALITY];
		const char *flight = journey->field[FIELD_FLIGHT];
		count_word(crowd->nationalities, &crowd->nationalities_len, GROUPS_MAX,
			   nationality ? nationality : "");
		add_languages(crowd, journey->field[FIELD_LANGUAGES]);
		add_initials(crowd, journey);
		if (flight && *flight)
			crowd->flight = flight;
		crowd->days = journey->days;
		crowd->ends_at = journey->ends_at;
		crowd->eta = journey->eta_guess;
		if (crowd->eta > now && crowd->eta < crowd->next_eta)
			crowd->next_eta = crowd->eta;
		if (crowd->ids_len < ARRAY_LEN(crowd->ids))
			crowd->ids[crowd->ids_len++] = list.ids[i];
	}
	return rc;
}
