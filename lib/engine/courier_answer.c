/* courier_answer.c — what came of a try: the answer is judged, collected, and written with all
 * others in one transaction. Neighbours: courier_claim.c handed it out, courier_health.c judges the
 * address. */
#include "engine/courier_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/log.h"
#include "closedloop/text.h"

void errand_end(struct errand *errand, enum notice_state state, int64_t due_at, const char *why)
{
	errand->answered = true;
	errand->state = state;
	errand->due_at = due_at;
	text_copy(errand->error, sizeof(errand->error), why);
}

/* What VERDICT means for the notice. */
static void errand_judge(struct courier *courier, struct errand *errand,
			 const struct verdict *verdict, int64_t now)
{
	/* Another robot of the pool may be free at once. */
	bool other = errand->way && queue_has_other(errand->queue, errand->way, now);
	int64_t delay = 0;

	switch (verdict->outcome) {
	case OUTCOME_OK:
		errand_end(errand, NOTICE_DONE, now, "");
		return;
	case OUTCOME_DEAD:
		errand_end(errand, NOTICE_DEAD, now, verdict->hint);
		return;
	case OUTCOME_RETRY:
		delay = retry_delay(errand->urgent, errand->attempts, &courier->entropy);
		if (delay >= 0 && delay < verdict->pause)
			delay = verdict->pause;
		break;
	case OUTCOME_PAUSE: /* Not this message's fault: it does not cost it a try. */
		errand->attempts--;
		delay = other ? 0 : verdict->pause;
		break;
	case OUTCOME_SICK:
		errand->attempts--;
		delay = other ? 0 : retry_delay(errand->urgent, 1, &courier->entropy);
		break;
	}
	if (delay < 0) {
		errand_end(errand, NOTICE_DEAD, now, verdict->hint);
		return;
	}
	/* It ends visibly when it expires, not at the errand after that. */
	int64_t due_at = now + delay;
	if (errand->expires_at > now && due_at > errand->expires_at)
		due_at = errand->expires_at;
	errand_end(errand, NOTICE_READY, due_at, verdict->hint);
}

/* The answer of an address that was replaced while it was asked: it says nothing about the new one.
 * What did not arrive is as good as never sent. */
static void errand_of_before(struct errand *errand, const struct verdict *verdict, int64_t now)
{
	struct way *way = errand->way;

	meter_answered(&way->meter, errand->urgent, now);
	errand->left = false;
	way->tries[errand->urgent][verdict->outcome]++;
	way->dirty = way->dirty || meter_is_durable(&way->meter);
	if (verdict->outcome == OUTCOME_OK) {
		errand_end(errand, NOTICE_DONE, now, "");
		return;
	}
	errand->attempts--;
	errand_end(errand, NOTICE_READY, now, verdict->hint);
}

void errand_forget(struct errand *errand)
{
	mem_free(errand->alerts);
	errand->alerts = NULL;
	errand->alerts_len = 0;
}

/* What VERDICT says about the way; counted, and kept when it changes anything. */
static void way_heard(struct errand *errand, struct verdict *verdict, bool gone, int64_t now)
{
	struct way *way = errand->way;
	const struct health_news news = {
		.name = way->name, .probe = errand->probe, .gone = gone, .kept = way->kept};
	bool calm = verdict->outcome == OUTCOME_OK && way->health.is == HEALTH_WELL &&
		    way->health.failures == 0;

	if (errand->left)
		meter_answered(&way->meter, errand->urgent, now);
	errand->left = false;
	way->unknown += text_starts(verdict->hint, "unknown_code:");
	health_heard(&way->health, verdict, &news, now);
	way->tries[errand->urgent][verdict->outcome]++;
	way->dirty = way->dirty || !calm || meter_is_durable(&way->meter);
}

void errand_fail(struct courier *courier, struct errand *errand, enum outcome outcome,
		 const char *why, int64_t now)
{
	struct verdict verdict = {.outcome = outcome};

	text_copy(verdict.hint, sizeof(verdict.hint), why);
	if (outcome == OUTCOME_RETRY)
		way_heard(errand, &verdict, false, now);
	else if (errand->way)
		errand->way->tries[errand->urgent][outcome]++;
	errand_judge(courier, errand, &verdict, now);
}

static struct errand *errand_find(struct courier *courier, const char *notice)
{
	for (size_t i = 0; i < courier->errands_len; i++) {
		if (strcmp(courier->errands[i].notice, notice) == 0)
			return &courier->errands[i];
	}
	return NULL;
}

void courier_reply(struct courier *courier, const char *notice, const struct reply *reply,
		   int64_t now)
{
	struct errand *errand = errand_find(courier, notice);
	struct verdict verdict;

	courier_tell_time(courier, now);
	if (!errand || errand->answered) {
		char clean[IDENT_CAP];
		log_debug("courier.stray_reply", "notice=%s",
			  log_clean(clean, sizeof(clean), notice));
		return;
	}
	channel_classify(errand->channel, reply, now, &verdict);
	if (errand->era != errand->way->era) {
		errand_of_before(errand, &verdict, now);
		return;
	}
	way_heard(errand, &verdict, verdict.outcome == OUTCOME_SICK && reply->status == 410, now);
	errand_judge(courier, errand, &verdict, now);
}

static void log_result(const struct errand *errand)
{
	const char *endpoint = errand->way ? errand->way->name : errand->queue->name;
	char hint[sizeof(errand->error)], next[WHEN_CAP];

	log_clean(hint, sizeof(hint), errand->error);
	switch (errand->state) {
	case NOTICE_DONE:
		log_info("courier.delivered", "notice=%s endpoint=%s attempt=%d", errand->notice,
			 endpoint, errand->attempts);
		break;
	case NOTICE_READY:
		log_warn("courier.retry", "notice=%s endpoint=%s attempt=%d next_at=%s hint=%s",
			 errand->notice, endpoint, errand->attempts,
			 when_text(errand->due_at, NULL, next), hint);
		break;
	case NOTICE_DEAD:
		log_error("courier.dead", "notice=%s endpoint=%s attempt=%d hint=%s",
			  errand->notice, endpoint, errand->attempts, hint);
		break;
	case NOTICE_EXPIRED:
		log_warn("courier.expired", "notice=%s endpoint=%s attempt=%d", errand->notice,
			 endpoint, errand->attempts);
		break;
	case NOTICE_SUPERSEDED:
	case NOTICE_MERGED:
		break;
	}
}

static int write_results(struct courier *courier, int64_t now, struct err *err)
{
	const struct store_ops *ops = courier->store->ops;

	for (size_t i = 0; i < courier->errands_len; i++) {
		const struct errand *errand = &courier->errands[i];
		if (!errand->answered)
			continue;
		int rc = ops->notice_result(courier->store, errand->notice, errand->state,
					    errand->attempts, errand->due_at, now, errand->error,
					    err);
		/* Gone meanwhile: there is nothing left to say about it. */
		if (rc < 0 && rc != CL_ENOENT)
			return rc;
		if (errand->digest)
			rc = ops->notices_merged_expire(courier->store, errand->notice,
							errand->sent_at, err);
		if (rc < 0 && rc != CL_ENOENT)
			return rc;
	}
	return courier_save(courier, now, err);
}

static void wake_queue(struct queue *queue, int64_t now)
{
	for (int urgent = 0; urgent < 2; urgent++) {
		if (queue->waiting_at[urgent] > now)
			queue->waiting_at[urgent] = now;
	}
}

static void forget_written(struct courier *courier)
{
	size_t kept = 0;

	for (size_t i = 0; i < courier->errands_len; i++) {
		struct errand *errand = &courier->errands[i];
		if (!errand->answered) {
			courier->errands[kept++] = *errand;
			continue;
		}
		log_result(errand);
		assert(errand->queue->in_flight > 0);
		errand->queue->in_flight--;
		if (errand->way)
			errand->way->in_flight--;
		/* Its own next try, or what had to wait for it. */
		wake_queue(errand->queue, courier->now);
		errand_forget(errand);
	}
	courier->errands_len = kept;
}

int courier_settle(struct courier *courier, int64_t now, struct err *err)
{
	const struct store_ops *ops = courier->store->ops;
	bool any = courier_unsaved(courier);

	for (size_t i = 0; i < courier->errands_len; i++)
		any = any || courier->errands[i].answered;
	if (!any)
		return 0;
	int rc = ops->begin(courier->store, err);
	if (rc < 0)
		return rc;
	rc = write_results(courier, now, err);
	if (rc == 0)
		rc = ops->commit(courier->store, err);
	if (rc < 0) {
		ops->rollback(courier->store);
		return rc;
	}
	courier_saved(courier);
	forget_written(courier);
	return 0;
}
