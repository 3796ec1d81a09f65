/* resort.c — the last resort: who gets what nobody took, and another way when that one is shut.
 * Neighbours: telling.c asks, duty.c knows whom the steps before reach; the courier writes which
 * endpoints are sick. */
#include "engine/engine_private.h"

#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

#define SICK 2 /* As the courier writes it; more is worse. */

/* NAME, or robots that are all NAME. */
static bool is_through(const struct conf_endpoint *endpoint, const char *name)
{
	if (text_equal(endpoint->name, name))
		return true;
	for (size_t i = 0; i < endpoint->pool_len; i++) {
		if (!text_equal(endpoint->pool[i], name))
			return false;
	}
	return endpoint->pool_len > 0;
}

/* The endpoint ALERT says of that it does not work; NULL when it speaks of something else. */
static const char *shut_by(const struct alert *alert)
{
	return alert->kind == ALERT_ENDPOINT_SICK ? alert->subject : NULL;
}

void resort_avoid(const struct alert *alert, struct duty *duty)
{
	const char *shut = shut_by(alert);
	size_t kept = 0;

	for (size_t i = 0; i < duty->len; i++) {
		if (!shut || !is_through(duty->endpoints[i], shut))
			duty->endpoints[kept++] = duty->endpoints[i];
	}
	duty->len = kept;
}

static int is_sick(struct engine *engine, const struct conf_endpoint *endpoint, bool *sick,
		   struct err *err)
{
	int64_t until;
	int health;
	int rc = engine->store->ops->endpoint_health(engine->store, endpoint->name, &health, &until,
						     err);

	*sick = rc == 0 && health >= SICK;
	return rc;
}

static bool is_shut(const struct conf_endpoint *endpoint, const struct duty *shut)
{
	for (size_t i = 0; i < shut->len; i++) {
		if (is_through(endpoint, shut->endpoints[i]->name))
			return true;
	}
	return false;
}

int resort_other(struct engine *engine, const struct duty *shut, const struct conf_endpoint **out,
		 struct err *err)
{
	const struct conf *conf = engine->conf;
	const struct conf_endpoint *root = conf_unit_endpoint(conf, conf->root_unit);

	*out = NULL;
	for (size_t i = 0; i <= conf->endpoints_len; i++) {
		const struct conf_endpoint *way = i == 0 ? root : &conf->endpoints[i - 1];
		bool sick;

		if (!way || is_shut(way, shut))
			continue;
		int rc = is_sick(engine, way, &sick, err);
		if (rc < 0 || !sick) {
			*out = rc < 0 ? NULL : way;
			return rc;
		}
	}
	return 0;
}

/* Nobody at all. Whoever reads logs or metrics is the last who may notice. */
static void say_nowhere(struct engine *engine, const struct alert *alert)
{
	char clean[ALERT_SUBJECT_CAP];

	engine->counters.nowhere++;
	log_error("alert.nowhere", "alert=%lld kind=%s subject=%s reason=\"no other endpoint\"",
		  (long long)alert->id, alert_traits(alert->kind)->word,
		  log_clean(clean, sizeof(clean), alert->subject));
}

int resort_find(struct engine *engine, const struct alert *alert, struct duty *out, struct err *err)
{
	const struct conf_endpoint *fallback = conf_endpoint(engine->conf, engine->conf->fallback);
	const struct conf_endpoint *way = NULL;
	const char *name = shut_by(alert);
	struct duty *shut = arena_alloc(&engine->arena, sizeof(*shut));
	bool sick = false;
	int rc = 0;

	out->len = 0;
	duty_add(shut, fallback);
	if (name)
		duty_add(shut, conf_endpoint(engine->conf, name));
	duty_add(out, fallback);
	resort_avoid(alert, out);
	/* What the system says about itself must not wait for a fallback that is sick itself. */
	if (out->len > 0 && alert_is_ours(alert->kind))
		rc = is_sick(engine, fallback, &sick, err);
	if (rc == 0 && (out->len == 0 || sick))
		rc = resort_other(engine, shut, &way, err);
	duty_add(out, way);
	/* All others are sick too: better a word that waits than none. */
	for (size_t i = 0; i < engine->conf->endpoints_len && out->len == 0 && rc == 0; i++) {
		duty_add(out, &engine->conf->endpoints[i]);
		resort_avoid(alert, out);
	}
	if (rc == 0 && out->len == 0)
		say_nowhere(engine, alert);
	return rc;
}
