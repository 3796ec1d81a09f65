/* crowd.h — what the people of one alert have in common, for its words. Private to engine. */
#ifndef ENGINE_CROWD_H
#define ENGINE_CROWD_H

#include "engine/engine_private.h"

#define GROUPS_MAX    12
#define LANGUAGES_MAX 12
#define MEMBERS_READ  200 /* People looked at for the description; all are counted. */
#define INITIALS_MAX  20

struct group {
	char word[12];
	int count;
};

/* What the members of an alert have in common. */
struct crowd {
	int count;
	struct group nationalities[GROUPS_MAX];
	size_t nationalities_len;
	struct group languages[LANGUAGES_MAX];
	size_t languages_len;
	char initials[INITIALS_MAX][48];
	size_t initials_len;
	const char *ids[50];
	size_t ids_len;
	const char *flight;
	int64_t ends_at, eta;
	int64_t next_eta; /* the next of them to arrive; WHEN_NEVER: nobody */
	int days;
	const struct policy *policy; /* of the first of them; NULL while there is none */
};

/* Describe the members of ALERT (0: none). Strings belong to the engine's arena. */
int crowd_read(struct engine *engine, int64_t alert, int64_t now, struct crowd *crowd,
	       struct err *err);

#endif
