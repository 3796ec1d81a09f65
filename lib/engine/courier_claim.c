/* courier_claim.c — what goes out this turn: what must be durable before anything leaves is written
 * first, then it is handed out. Neighbours: courier_plan.c chose it, digest_note.c has the words of
 * digests, courier_answer.c waits for what comes of it. */
#include "engine/courier_private.h"

#include <string.h>

#include "closedloop/text.h"

/* --- Writing ---------------------------------------------------------------------------------- */

static int write_merging(struct courier *courier, const struct merging *merging, struct err *err)
{
	const struct store_ops *ops = courier->store->ops;
	int rc = ops->notice_save(courier->store, &merging->digest, err);

	for (size_t i = 0; i < merging->len && rc == 0; i++)
		rc = ops->notice_merge(courier->store, merging->ids[i], merging->digest.id, err);
	return rc;
}

static int write_plan(struct courier *courier, int64_t now, struct err *err)
{
	const struct store_ops *ops = courier->store->ops;

	if (courier->mergings_len == 0 && !courier_unsaved(courier))
		return 0;
	/* What nobody uses can wait for the next answer, but not over a step of the clock. */
	if (courier->sendings_len == 0 && !courier->clock_moved)
		return 0;
	int rc = ops->begin(courier->store, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < courier->mergings_len && rc == 0; i++)
		rc = write_merging(courier, courier->mergings[i], err);
	if (rc == 0)
		rc = courier_save(courier, now, err);
	if (rc == 0)
		rc = ops->commit(courier->store, err);
	if (rc < 0)
		ops->rollback(courier->store);
	else
		courier_saved(courier);
	return rc;
}

/* --- Handing out ------------------------------------------------------------------------------ */

static struct errand *errand_add(struct courier *courier, const struct sending *sending)
{
	const struct notice *notice = &sending->notice;

	if (courier->errands_len == courier->errands_cap) {
		courier->errands_cap = courier->errands_cap ? 2 * courier->errands_cap : 16;
		courier->errands = mem_grow(courier->errands,
					    courier->errands_cap * sizeof(*courier->errands));
	}
	struct errand *errand = &courier->errands[courier->errands_len++];
	*errand = (struct errand){
		.queue = sending->queue,
		.way = sending->way,
		.alert = notice->alert,
		.urgent = notice->urgent,
		.probe = sending->probe,
		.digest = text_equal(notice->kind, DIGEST_KIND),
		.left = true,
		.attempts = notice->attempts + 1,
		.expires_at = notice->expires_at,
		.sent_at = courier->now,
	};
	if (sending->way) {
		errand->era = sending->way->era;
		errand->channel = sending->way->endpoint->channel;
	}
	text_copy(errand->notice, sizeof(errand->notice), notice->id);
	return errand;
}

/* It never left: what the meter counts is given back. */
static void errand_stays(struct errand *errand)
{
	errand->left = false;
	if (errand->way)
		meter_unsent(&errand->way->meter, errand->urgent);
}

struct members {
	struct arena *arena;
	int64_t now;
	size_t len, cap;
	const struct notice **notices;
};

static void take_member(void *context, const void *row)
{
	struct members *members = context;
	struct notice *notice;

	if (((const struct notice *)row)->expires_at <= members->now)
		return;
	if (members->len == members->cap) {
		members->cap = members->cap ? 2 * members->cap : DIGEST_MAX;
		const struct notice **more =
			arena_alloc(members->arena, members->cap * sizeof(struct notice *));
		for (size_t i = 0; i < members->len; i++)
			more[i] = members->notices[i];
		members->notices = more;
	}
	notice = arena_alloc(members->arena, sizeof(*notice));
	*notice = *(const struct notice *)row;
	members->notices[members->len++] = notice;
}

/* The words of a digest, of those it still tells. CL_ENOENT when it has nothing to tell any more.
 */
static int write_digest(struct courier *courier, struct sending *sending, struct errand *errand,
			int64_t now, struct err *err)
{
	const struct digest_world world = courier_world(courier);
	struct members members = {.arena = &courier->arena, .now = now};
	int rc = courier->store->ops->notices_merged(courier->store, sending->notice.id,
						     &courier->arena, take_member, &members, err);

	if (rc < 0)
		return rc;
	if (members.len == 0)
		return err_set(err, CL_ENOENT, "nothing in it is owed any more");
	digest_write(&world, sending->queue->endpoint, members.notices, members.len, now,
		     &courier->arena, &sending->notice);
	errand->alerts = mem_alloc(members.len * sizeof(*errand->alerts));
	for (size_t i = 0; i < members.len; i++)
		errand->alerts[errand->alerts_len++] = members.notices[i]->alert;
	return 0;
}

/* The endpoint as written to, reached by WAY: of a pool all but the address is the pool's. */
static struct conf_endpoint sender_of(const struct queue *queue, const struct way *way)
{
	struct conf_endpoint sender = *queue->endpoint;

	if (sender.pool_len == 0)
		return sender;
	sender.url = way->endpoint->url;
	sender.secrets_len = way->endpoint->secrets_len;
	memcpy(sender.secrets, way->endpoint->secrets, sizeof(sender.secrets));
	sender.keys_len = way->endpoint->keys_len;
	memcpy(sender.keys, way->endpoint->keys, sizeof(sender.keys));
	sender.allow_len = way->endpoint->allow_len;
	sender.allow = way->endpoint->allow;
	sender.proxy = way->endpoint->proxy;
	sender.ca_file = way->endpoint->ca_file;
	return sender;
}

/* Build and send. CL_ELIMIT: the transport takes no more now, ERRAND is not to be. */
static int send_one(struct courier *courier, struct sending *sending, struct errand *errand,
		    int64_t now, struct err *err)
{
	const struct conf_limits *limits = &courier->conf->limits;
	const struct conf_endpoint sender = sender_of(sending->queue, sending->way);
	struct channel_request request;
	int rc = channel_build(&sender, &sending->notice, conf_book(courier->conf, sender.language),
			       courier->conf->public_url, now, &courier->arena, &request, err);

	if (rc < 0) {
		errand_stays(errand);
		errand_fail(courier, errand, OUTCOME_DEAD, err->text, now);
		return 0;
	}
	const struct transport_order order = {
		.notice = sending->notice.id,
		.request = &request,
		.allow_len = sender.allow_len,
		.allow = sender.allow,
		.proxy = sender.proxy,
		.ca_file = sender.ca_file,
		.connect_ms = limits->connect,
		.total_ms =
			sending->notice.urgent ? limits->urgent_timeout : limits->normal_timeout,
	};
	rc = courier->transport.send(courier->transport.self, &order, err);
	if (rc < 0 && rc != CL_ELIMIT) {
		errand_stays(errand);
		errand_fail(courier, errand, OUTCOME_RETRY, err->text, now);
		return 0;
	}
	return rc;
}

static int hand_out(struct courier *courier, struct sending *sending, int64_t now)
{
	struct errand *errand = errand_add(courier, sending);
	struct err err = ERR_INIT;
	int rc = 0;

	if (!sending->way) {
		int64_t morning = courier_night_end(courier, sending->queue, &sending->notice, now);

		errand->attempts--;
		errand_stays(errand);
		if (sending->notice.expires_at > now && morning != WHEN_UNKNOWN)
			errand_end(errand, NOTICE_READY, morning, sending->notice.error);
		else if (sending->notice.expires_at <= now)
			errand_end(errand, NOTICE_EXPIRED, now,
				   "expired before it could be delivered");
		else
			errand_fail(courier, errand, OUTCOME_DEAD,
				    "the endpoint is not configured any more", now);
		return 0;
	}
	if (errand->digest)
		rc = write_digest(courier, sending, errand, now, &err);
	if (rc == 0) {
		rc = send_one(courier, sending, errand, now, &err);
	} else if (rc == CL_ENOENT) {
		errand->attempts--;
		errand_stays(errand);
		errand_end(errand, NOTICE_SUPERSEDED, now, err.text);
		return 0;
	}
	if (rc < 0) {
		errand_forget(errand);
		courier->errands_len--;
	}
	return rc;
}

static void hand_out_all(struct courier *courier, int64_t now)
{
	size_t i = 0;

	while (i < courier->sendings_len && hand_out(courier, &courier->sendings[i], now) == 0)
		i++;
	for (; i < courier->sendings_len; i++) {
		struct sending *sending = &courier->sendings[i];
		courier_unplan(sending);
		sending->queue->waiting_at[sending->notice.urgent] = now + LOOK_AGAIN;
	}
}

static void forget_plan(struct courier *courier)
{
	courier->sendings_len = courier->mergings_len = 0;
	arena_clear(&courier->arena);
}

int courier_claim(struct courier *courier, int64_t now, struct err *err)
{
	int rc = 0;

	courier_tell_time(courier, now);
	if (courier->refresh_at <= now || !courier->looked_up)
		rc = courier_refresh(courier, now, err);
	if (rc == 0)
		rc = courier_plan(courier, now, err);
	if (rc == 0)
		rc = write_plan(courier, now, err);
	if (rc == 0)
		hand_out_all(courier, now);
	for (size_t i = 0; rc < 0 && i < courier->sendings_len; i++) {
		courier_unplan(&courier->sendings[i]);
		courier->sendings[i].queue->waiting_at[courier->sendings[i].notice.urgent] = now;
	}
	forget_plan(courier);
	return rc;
}
