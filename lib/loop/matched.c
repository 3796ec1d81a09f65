/* matched.c — what place makes of an address, as one line of a journey's record. Neighbours: the
 * engine writes it (placing.c), journey.c settles the unit by it, plan.c the question. */
#include "closedloop/journey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

/* The next word of *REST into BUF; cut when it does not fit, "" when there is none. */
static void take_word(const char **rest, char *buf, size_t cap)
{
	size_t len = strcspn(*rest, " ");
	struct text word;

	text_init(&word, buf, cap);
	text_add_bytes(&word, *rest, len);
	*rest += len + ((*rest)[len] == ' ');
}

struct matched journey_matched(const struct journey *journey)
{
	const char *rest = journey->field[FIELD_MATCHED];
	struct matched matched = {.score = 0};
	char score[16];

	if (!rest || !*rest)
		return matched;
	take_word(&rest, matched.verdict, sizeof(matched.verdict));
	take_word(&rest, score, sizeof(score));
	matched.score = strtod(score, NULL);
	/* The code comes last, so that it can be borrowed. An older program wrote no reason. */
	const char *code = strrchr(rest, ' ');
	if (code)
		take_word(&rest, matched.why, sizeof(matched.why));
	(void)text_copy(matched.code, sizeof(matched.code), code ? code + 1 : rest);
	if (!text_is_digits(matched.code, strlen(matched.code)))
		matched.code[0] = '\0';
	return matched;
}

const char *matched_text(const struct matched *matched, struct arena *arena)
{
	return arena_printf(arena, "%s %.3f %s %s", matched->verdict, matched->score, matched->why,
			    matched->code);
}

bool matched_settles(const struct matched *matched, const struct policy *policy)
{
	if (!text_is_digits(matched->code, UNIT_CODE_MAX))
		return false;
	return strcmp(matched->verdict, "exact") == 0 ||
	       (strcmp(matched->verdict, "probable") == 0 &&
		matched->score >= policy->probable_from);
}
