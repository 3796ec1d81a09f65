/* heads.c — what the ledger is at a time, signed, kept, and told to somebody outside: at midnight
 * and every so often from then on, and when asked for. After a downtime one head is made, not one
 * for each that was missed. Neighbours: base/ledger.c signs; engine.c calls what is due. */
#include "engine/engine_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "closedloop/ledger.h"
#include "closedloop/log.h"
#include "closedloop/text.h"

#define CHECK_DIGITS 12 /* of a link, for people who compare by eye */

int64_t heads_slot(const struct zone *zone, int64_t every, int64_t after)
{
	int32_t day = when_day(zone, after);
	int64_t midnight = when_at(zone, day, 0);
	int64_t tomorrow = when_at(zone, day + 1, 0);
	int64_t slot = midnight + ((after - midnight) / every + 1) * every;

	/* A day with another hour than 24 ends at its midnight all the same. */
	return slot < tomorrow ? slot : tomorrow;
}

static int64_t every_of(const struct engine *engine)
{
	int64_t every = engine->conf->ledger.head_every;

	return every > 0 ? every : WHEN_DAY;
}

int heads_next(struct engine *engine, int64_t *at, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	uint8_t link[LEDGER_LINK_LEN];
	struct ledger_head last;
	int64_t n, from;

	*at = engine->heads_at;
	if (engine->heads_known)
		return 0;
	*at = WHEN_NEVER;
	int rc = ops->ledger_end(engine->store, &n, link, err);
	if (rc < 0 || n == 0)
		return rc;
	rc = ops->head_last(engine->store, &last, err);
	if (rc < 0)
		return rc;
	from = last.at;
	if (from == WHEN_UNKNOWN && ops->ledger_link(engine->store, 1, &from, link, NULL) < 0)
		from = WHEN_UNKNOWN;
	/* A head of a clock that ran ahead must not hold up all others; a first row that cannot be
	 * read, neither. */
	if (from > engine->heads_from || from == WHEN_UNKNOWN)
		from = engine->heads_from;
	if (from == WHEN_NEVER)
		return 0;
	engine->heads_known = true;
	*at = engine->heads_at = heads_slot(engine->conf->zone, every_of(engine), from);
	return 0;
}

void heads_clock_set(struct engine *engine, int64_t now)
{
	engine->heads_from = now;
	engine->heads_known = false;
}

/* --- Telling --- */

static const char *filled(struct engine *engine, const struct phrasebook *book, const char *key,
			  const struct phrase_arg *args, size_t len)
{
	char *room = arena_alloc(&engine->arena, 1024);
	struct text out;

	text_init(&out, room, 1024);
	phrase_fill(book, key, args, len, &out);
	return room;
}

static const char *mark_of(struct engine *engine, const struct phrasebook *book)
{
	const char *mark = engine->drill ? phrase_find(book, "mark.drill") : NULL;

	return mark ? mark : "";
}

/* By night it waits for the morning like all that wakes nobody, and by itself: whoever keeps heads
 * needs each one whole. */
static int64_t due_of(const struct engine *engine, const struct conf_endpoint *endpoint,
		      int64_t now)
{
	int64_t until =
		when_window_end(engine->conf->zone, endpoint->quiet_from, endpoint->quiet_to, now);

	return until == WHEN_UNKNOWN ? now : until;
}

static int tell_head(struct engine *engine, const struct conf_endpoint *endpoint,
		     const struct ledger_head *head, struct err *err)
{
	const struct phrasebook *book = conf_book(engine->conf, endpoint->language);
	char hex[2 * LEDGER_LINK_LEN + 1], data[LEDGER_HEAD_CAP];
	char id[IDENT_CAP], at[WHEN_CAP], day[WHEN_CAP], count[24];

	digest_hex(head->link, sizeof(head->link), hex, sizeof(hex));
	hex[CHECK_DIGITS] = '\0';
	ledger_head_json(head, ledger_public(engine->ledger_key), data);
	(void)snprintf(count, sizeof(count), "%" PRId64, head->n);
	const char *until = arena_printf(&engine->arena, "%s %s",
					 when_day_text(when_day(engine->conf->zone, head->at), day),
					 when_clock_text(head->at, engine->conf->zone, at));
	struct phrase_arg args[] = {{"count", count}, {"until", until}, {"check", hex}};
	const char *mark = mark_of(engine, book);

	ident_make(id, "ntc", head->at, &engine->entropy);
	struct notice notice = {
		.id = id,
		.endpoint = endpoint->name,
		.type = "ledger.head",
		.kind = "ledger",
		.unit = "",
		.created_at = head->at,
		.due_at = due_of(engine, endpoint, head->at),
		.expires_at = WHEN_NEVER,
		.title = arena_printf(&engine->arena, "%s%s", mark,
				      filled(engine, book, "ledger.title", NULL, 0)),
		.text = arena_printf(&engine->arena, "%s%s", mark,
				     filled(engine, book, "ledger.head", args, ARRAY_LEN(args))),
		.url = "",
		.data = data,
		.group = "",
	};

	return engine->store->ops->notice_save(engine->store, &notice, err);
}

/* --- Making --- */

static int make(struct engine *engine, int64_t now, struct ledger_head *head, struct err *err)
{
	const struct store_ops *ops = engine->store->ops;
	const char *name = engine->conf->ledger.head_to;
	const struct conf_endpoint *endpoint = name ? conf_endpoint(engine->conf, name) : NULL;
	int rc = ops->ledger_end(engine->store, &head->n, head->link, err);

	if (rc < 0 || head->n == 0)
		return rc;
	head->at = now;
	ledger_sign(head, engine->ledger_key);
	rc = ops->head_save(engine->store, head, err);
	if (rc == 0 && endpoint)
		rc = tell_head(engine, endpoint, head, err);
	if (rc < 0)
		return rc;
	engine->counters.heads++;
	engine->heads_from = WHEN_NEVER; /* This one's time is by the clock as it is. */
	engine->heads_known = false;
	return 0;
}

int heads_due(struct engine *engine, int64_t now, unsigned *fired, struct err *err)
{
	struct ledger_head head;
	int64_t at;
	int rc = heads_next(engine, &at, err);

	if (rc < 0 || at > now)
		return rc;
	(*fired)++;
	return make(engine, now, &head, err);
}

int engine_head(struct engine *engine, int64_t now, struct ledger_head *head, struct err *err)
{
	memset(head, 0, sizeof(*head));
	int rc = engine_begin(engine, err);

	return rc < 0 ? rc : engine_finish(engine, make(engine, now, head, err), err);
}

const uint8_t *engine_ledger_public(const struct engine *engine)
{
	return ledger_public(engine->ledger_key);
}
