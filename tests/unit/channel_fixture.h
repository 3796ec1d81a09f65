/* channel_fixture.h — one notice built for one endpoint, in one line each, for the tests of the
 * channels. Failing a step fails the cmocka test that asked for it. */
#ifndef TESTS_CHANNEL_FIXTURE_H
#define TESTS_CHANNEL_FIXTURE_H

#include <cjson/cJSON.h>

#include "closedloop/channel.h"

#define NOW (INT64_C(1584990300) * WHEN_SECOND) /* 2020-03-23T19:05:00Z */

struct channel_fixture {
	struct arena arena;
	struct conf_endpoint endpoint;
	struct channel_request request; /* The last one built. */
	struct err err;
};

extern struct channel_fixture made;
/* An urgent alert with a link; tests copy it. */
extern const struct notice plain_notice;
extern const struct phrasebook chinese, english;

int channel_begin(void **state);
int channel_end(void **state);

/* Build NOTICE for the endpoint as CHANNEL in FORM; returns what channel_build does. */
int build_only(enum conf_channel channel, enum conf_form form, const struct notice *notice);
/* The same, and its body as JSON, freed at the end of the test. */
const cJSON *build(enum conf_channel channel, enum conf_form form, const struct notice *notice);
/* Value of header NAME of what was built, or NULL. */
const char *header(const char *name);
/* The text at PATH ("text.content", "blocks.0.text.text"), or NULL. */
const char *at_path(const cJSON *tree, const char *path);
const cJSON *node_at(const cJSON *tree, const char *path);
/* What people read in a message of a chat, whichever form it took. */
const char *content_of(const cJSON *tree);
/* CHARACTER COUNT times. */
const char *many(const char *character, size_t count);
/* tests/data/NAME, freed at the end of the test. */
const cJSON *load_data(const char *name);

#endif
