/* route_test.c — see route_test.h. Neighbours: main.c reads the option, engine's callout.c climbs.
 */
#include "daemon/route_test.h"

#include <stdio.h>

#include "daemon/ring.h"
#include "daemon/startup.h"
#include "daemon/view_callout.h"

static void print(const struct conf *conf, const struct callout *callout, bool json)
{
	struct text text;

	if (json) {
		cJSON *tree = view_callout(conf, callout);
		char *printed = cJSON_Print(tree);

		puts(printed);
		cJSON_free(printed);
		cJSON_Delete(tree);
		return;
	}
	char *room = mem_alloc(VIEW_CALLOUT_CAP);

	text_init(&text, room, VIEW_CALLOUT_CAP);
	view_callout_text(conf, callout, &text);
	fputs(text.data, stdout);
	mem_free(room);
}

int route_test(const struct conf *conf, const struct gazetteer *gazetteer,
	       const struct callout_question *question, int64_t now, bool json, struct err *err)
{
	static const struct ack_ring no_links;
	struct entropy entropy = startup_entropy();
	struct engine_setup setup = {
		.conf = conf, .gazetteer = gazetteer, .entropy = &entropy, .ack = &no_links};
	struct callout *callout = mem_alloc(sizeof(*callout));

	/* An empty store in memory: nothing of this touches the state directory. */
	struct keyring *ring = NULL;
	int rc = ring_open_nowhere(&ring, err);
	if (rc == 0)
		rc = store_sqlite_open(&setup.store, ":memory:", NULL, ring, &entropy, err);
	if (rc == 0) {
		struct engine *engine = engine_new(&setup);

		rc = engine_callout(engine, question, now, callout, err);
		if (rc == 0)
			print(conf, callout, json);
		engine_free(engine);
		setup.store->ops->close(setup.store);
	}
	keyring_close(ring);
	mem_free(callout);
	return rc;
}
