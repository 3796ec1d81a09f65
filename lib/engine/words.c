/* words.c — an alert becomes one notice for one endpoint: its words in the endpoint's language, and
 * its link. No names, documents, phones, addresses or temperatures, nor what anybody wrote freely:
 * counts, nationalities, languages, and initials where a list must tell people apart; of an
 * endpoint that wants counts, not even these. Neighbours: telling.c says whom and why;
 * notice_data.c says the same to machines, notice_terms.c what sort of word it is; loop/phrase.c
 * has the words. */
#include "engine/notice_data.h"
#include "engine/notice_terms.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/nearest.h"
#include "closedloop/text.h"

struct writer {
	struct engine *engine;
	const struct alert *alert;
	const struct phrasebook *book;
	struct crowd crowd;
	const char *shift; /* A handover's digest; else NULL. */
	enum conf_redact redact;
	bool page; /* Behind a link instead of in a message. */
	int64_t now, late;
	bool quiet;	     /* The endpoint is left in peace now, … */
	int64_t quiet_until; /* … until then. */
	bool rings;	     /* It goes at once all the same. */
	bool arrives;	     /* … because somebody is about to arrive. */
	struct phrase_arg args[24];
	size_t args_len;
};

/* --- Values for the placeholders
 * ----------------------------------------------------------------------------- */

static const char *word_of(struct writer *writer, const char *family, const char *word)
{
	char room[96];
	struct text key = TEXT_OVER(room);
	text_addf(&key, "%s.%s", family, word);
	const char *words = phrase_find(writer->book, room);
	return words ? words : word;
}

static void arg(struct writer *writer, const char *name, const char *value)
{
	if (writer->args_len < ARRAY_LEN(writer->args))
		writer->args[writer->args_len++] = (struct phrase_arg){name, value ? value : ""};
}

static const char *filled(struct writer *writer, const char *key, const struct phrase_arg *args,
			  size_t len)
{
	char *room = arena_alloc(&writer->engine->arena, 2048);
	struct text out;
	text_init(&out, room, 2048);
	phrase_fill(writer->book, key, args, len, &out);
	return room;
}

/* "17:50", with the date in front when it is another day. */
static const char *time_words(struct writer *writer, int64_t at)
{
	const struct zone *zone = writer->engine->conf->zone;
	char clock[WHEN_CAP], day[WHEN_CAP];
	if (at == WHEN_UNKNOWN || at == WHEN_NEVER)
		return word_of(writer, "time", "unknown");
	when_clock_text(at, zone, clock);
	if (when_day(zone, at) == when_day(zone, writer->now))
		return arena_copy(&writer->engine->arena, clock);
	return arena_printf(&writer->engine->arena, "%s %s",
			    when_day_text(when_day(zone, at), day) + 5, clock);
}

static const char *span_words(struct writer *writer, int64_t ms)
{
	char number[24];
	struct phrase_arg count = {"count", number};
	int64_t minutes = ms / WHEN_MINUTE;
	const char *key = "time.minutes";
	int64_t value = minutes;
	if (minutes >= 48 * 60) {
		key = "time.days";
		value = minutes / (24 * 60);
	} else if (minutes >= 120) {
		key = "time.hours";
		value = minutes / 60;
	}
	snprintf(number, sizeof(number), "%lld", (long long)value);
	return filled(writer, key, &count, 1);
}

/* "韩国1人、国籍不详1人（使用韩语、中文）。" */
static const char *people_words(struct writer *writer)
{
	const struct crowd *crowd = &writer->crowd;
	const char *between = word_of(writer, "people", "separator");
	char *room = arena_alloc(&writer->engine->arena, 1024);
	char *list = arena_alloc(&writer->engine->arena, 512);
	struct text out, languages;

	text_init(&out, room, 1024);
	text_init(&languages, list, 512);
	if (crowd->nationalities_len == 0)
		return room;
	for (size_t i = 0; i < crowd->nationalities_len; i++) {
		const struct group *group = &crowd->nationalities[i];
		char count[16];
		snprintf(count, sizeof(count), "%d", group->count);
		struct phrase_arg args[] = {
			{"nationality", *group->word
						? word_of(writer, "nationality", group->word)
						: word_of(writer, "people", "unknown_nationality")},
			{"count", count},
		};
		text_add(&out, i ? between : "");
		text_add(&out, filled(writer, "people.group", args, ARRAY_LEN(args)));
	}
	for (size_t i = 0; i < crowd->languages_len; i++) {
		text_add(&languages, i ? between : "");
		text_add(&languages, word_of(writer, "language", crowd->languages[i].word));
	}
	if (languages.len) {
		struct phrase_arg one = {"languages", list};
		text_add(&out, filled(writer, "people.languages", &one, 1));
	}
	text_add(&out, word_of(writer, "people", "end"));
	return room;
}

/* Who has not been asked yet must be told apart: initials and building. */
static const char *initials_words(struct writer *writer)
{
	const struct crowd *crowd = &writer->crowd;
	char *room = arena_alloc(&writer->engine->arena, 1280);
	struct text out;
	text_init(&out, room, 1280);
	for (size_t i = 0; i < crowd->initials_len; i++) {
		text_add(&out, i ? word_of(writer, "people", "separator") : "");
		text_add(&out, crowd->initials[i]);
	}
	return room;
}

/* "entry_missing 13 evening" → its phrase; a task's name → its words; anything else as it is. */
static const char *detail_words(struct writer *writer)
{
	struct arena *arena = &writer->engine->arena;
	const char *detail = writer->alert->detail;
	const char *space = strchr(detail, ' ');
	bool system = alert_is_ours(writer->alert->kind);

	if (system && *detail)
		return arena_printf(arena, "%s (%s)", writer->alert->subject, detail);
	if (!*detail)
		return system ? writer->alert->subject : "";
	const char *word =
		arena_copy_bytes(arena, detail, space ? (size_t)(space - detail) : strlen(detail));
	if (writer->alert->kind == ALERT_TASK_OVERDUE)
		return word_of(writer, "task", word);
	if (writer->alert->kind == ALERT_NOT_DELIVERED)
		return word_of(writer, "disposition", word);
	if (writer->alert->kind == ALERT_ADDRESS)
		return word_of(writer, "match_why", word);
	const char *key = arena_printf(arena, "why.%s", word);
	if (!phrase_find(writer->book, key))
		return word;
	/* A degree is an answer about somebody's health: a message says that there is one. */
	if (writer->alert->kind == ALERT_FEVER && space && !writer->page)
		return word_of(writer, "why", "fever");
	const char *first = space ? arena_copy(arena, space + 1) : "";
	const char *second = strchr(first, ' ');
	const char *day = second ? arena_copy_bytes(arena, first, (size_t)(second - first)) : first;
	struct phrase_arg args[] = {
		{"day", day},
		{"detail", first},
		{"slot", second ? word_of(writer, "slot", second + 1) : ""},
		{"counted", day},
		{"expected", second ? second + 1 : ""},
	};
	return filled(writer, key, args, ARRAY_LEN(args));
}

/* Whoever ends an alert may make up a code: only those that have a phrase leave the house. */
static const char *outcome_words(struct writer *writer)
{
	const char *outcome = writer->alert->outcome;
	const char *words = word_of(writer, "outcome", outcome);

	if (writer->redact == REDACT_COUNTS || words == outcome)
		return word_of(writer, "outcome", "resolved");
	return words;
}

/* Those of the people it is about; of today's arrivals when it is about nobody. */
static const struct policy *rules_of(const struct writer *writer)
{
	return writer->crowd.policy ? writer->crowd.policy
				    : policy_today(writer->engine, writer->now);
}

/* Subject "2020-03-09 evening" of the check alerts. */
static void slot_args(struct writer *writer)
{
	const struct conf *conf = writer->engine->conf;
	const char *subject = writer->alert->subject;
	const char *space = strchr(subject, ' ');
	int32_t day;
	if (!space)
		return;
	bool evening = text_equal(space + 1, "evening");
	const char *date =
		arena_copy_bytes(&writer->engine->arena, subject, (size_t)(space - subject));
	if (when_parse_day(date, &day, NULL) < 0)
		return;
	const struct policy *policy = policy_on(rules_of(writer), day);
	const struct policy_slot *slot = evening ? &policy->evening : &policy->morning;
	arg(writer, "day", date + 5);
	arg(writer, "slot", word_of(writer, "slot", evening ? "evening" : "morning"));
	arg(writer, "until", time_words(writer, when_at(conf->zone, day, slot->to)));
}

/* By when it must be, or had to be, answered: an unplaced address in time for the checklist, all
 * else when it was due. */
static int64_t answer_by(const struct writer *writer)
{
	const struct alert *alert = writer->alert;
	const struct policy *policy = rules_of(writer);
	if (alert->kind == ALERT_MISSED_CHECK && alert->eta != WHEN_UNKNOWN)
		return alert->eta; /* The latest slot of those missed. */
	if (alert->kind == ALERT_SHIFT_HANDOVER)
		return alert->eta; /* When the shift ends. */
	if (alert->kind != ALERT_ADDRESS)
		return alert->due;
	int64_t by = alert->since + policy->address_resolve_within;
	int64_t before_eta = writer->crowd.eta - policy->address_before_eta;
	return before_eta < by && before_eta > writer->now ? before_eta : by;
}

static void fill_args(struct writer *writer)
{
	const struct alert *alert = writer->alert;
	struct arena *arena = &writer->engine->arena;
	char chain[256], end[WHEN_CAP];
	/* Who is to be found or asked must be told apart. */
	bool check = alert->kind == ALERT_REMIND || alert->kind == ALERT_REMIND_LAST ||
		     alert->kind == ALERT_HEAD_COUNT;
	bool car = text_starts(alert->subject, "jny_");

	engine_unit_name(writer->engine, alert->unit, chain, sizeof(chain));
	/* What is about ourselves has no unit; a sentence must not begin with what follows it. */
	arg(writer, "chain",
	    *chain ? arena_copy(arena, chain) : word_of(writer, "channel", "source"));
	arg(writer, "count", arena_printf(arena, "%d", writer->crowd.count));
	arg(writer, "people", check ? initials_words(writer) : people_words(writer));
	/* What is overdue was due at its cause. */
	arg(writer, "eta",
	    time_words(writer, alert->kind == ALERT_TRANSFER_OVERDUE ? alert->since : alert->eta));
	arg(writer, "at",
	    time_words(writer, alert->eta == WHEN_UNKNOWN ? alert->since : alert->eta));
	arg(writer, "before", time_words(writer, alert->eta_before));
	arg(writer, "transfer", car ? word_of(writer, "people", "private_car") : alert->subject);
	arg(writer, "flight", *writer->crowd.flight ? writer->crowd.flight : "—");
	arg(writer, "days", arena_printf(arena, "%d", writer->crowd.days));
	arg(writer, "since", time_words(writer, alert->since));
	arg(writer, "due", time_words(writer, answer_by(writer)));
	arg(writer, "detail", writer->shift ? writer->shift : detail_words(writer));
	arg(writer, "reason", word_of(writer, "reason", alert->detail));
	/* Asked again, what counts is since when somebody has had it in hand. */
	arg(writer, "waited",
	    span_words(writer, writer->now - (alert->state == ALERT_ACKED ? alert->acked_at
									  : alert->opened_at)));
	arg(writer, "by",
	    writer->redact == REDACT_COUNTS ? word_of(writer, "people", "somebody") : alert->by);
	arg(writer, "outcome", outcome_words(writer));
	arg(writer, "feed", alert->subject);
	if (writer->crowd.ends_at != WHEN_UNKNOWN && writer->crowd.ends_at != WHEN_NEVER) {
		int32_t last = when_day(writer->engine->conf->zone, writer->crowd.ends_at - 1);
		arg(writer, "end", arena_copy(arena, when_day_text(last, end)));
	}
	slot_args(writer);
}

/* --- The notice
 * ---------------------------------------------------------------------------------------------- */

/* The phrase that says it for the first time, or that it changed. */
static const char *base_key(struct writer *writer, enum tell_why why)
{
	enum alert_kind kind = writer->alert->kind;
	/* A handover only counts, and what is about ourselves is about nobody. */
	if (writer->redact == REDACT_COUNTS && !alert_is_ours(kind) && kind != ALERT_SHIFT_HANDOVER)
		return "notice.counts";
	bool moved = writer->alert->eta_before != WHEN_UNKNOWN;
	if (kind == ALERT_EXPECTED)
		return why == TELL_CHANGED ? "notice.expected_changed" : "notice.expected";
	if (kind == ALERT_ARRIVAL && why == TELL_CHANGED)
		return moved ? "notice.arrival_moved" : "notice.arrival_changed";
	if (kind == ALERT_ARRIVAL && why == TELL_RAISED)
		return "notice.arrival";
	if (kind == ALERT_STAND_DOWN && why == TELL_RAISED)
		return "notice.stand_down";
	if (kind == ALERT_REMIND)
		return "notice.reminder";
	if (kind == ALERT_REMIND_LAST)
		return "notice.reminder_last";
	if (kind == ALERT_RELEASE)
		return "notice.release";
	return arena_printf(&writer->engine->arena, "alert.%s.text", alert_traits(kind)->word);
}

/* Taken, ended by somebody, or over by itself. */
static const char *end_key(const struct alert *alert, enum tell_why why)
{
	if (why == TELL_TAKEN)
		return "notice.taken";
	return *alert->by && !text_equal(alert->outcome, "cleared") ? "notice.closed"
								    : "notice.cleared";
}

static const char *text_words(struct writer *writer, enum tell_why why, int step)
{
	const char *base = filled(writer, base_key(writer, why), writer->args, writer->args_len);
	const char *lead = NULL;
	switch (why) {
	case TELL_RAISED:
	case TELL_CHANGED:
		return base;
	case TELL_ESCALATED:
		lead = step == TELL_FALLBACK ? "notice.fallback" : "notice.escalated";
		break;
	case TELL_REPEATED:
		lead = step == TELL_FALLBACK ? "notice.fallback" : "notice.repeated";
		break;
	case TELL_ASK_AGAIN:
		lead = "notice.ask_again";
		break;
	case TELL_UNDELIVERED:
		lead = "notice.undelivered";
		break;
	case TELL_TAKEN:
	case TELL_OVER:
		return filled(writer, end_key(writer->alert, why), writer->args, writer->args_len);
	}
	return arena_printf(&writer->engine->arena, "%s\n%s",
			    filled(writer, lead, writer->args, writer->args_len), base);
}

static const char *drill_mark(struct writer *writer)
{
	return writer->engine->drill ? word_of(writer, "mark", "drill") : "";
}

static const char *marks(struct writer *writer)
{
	const char *drill = drill_mark(writer);
	const char *late = "";
	if (writer->late > 0) {
		struct phrase_arg one = {"late", span_words(writer, writer->late)};
		late = filled(writer, "mark.late", &one, 1);
	}
	/* Who is woken is told why. */
	const char *night = "";
	if (writer->rings)
		night = word_of(writer, "mark", writer->arrives ? "night_arrival" : "night");
	return arena_printf(&writer->engine->arena, "%s%s%s", drill, night, late);
}

static const char *link_words(struct writer *writer, const struct conf_endpoint *endpoint)
{
	const struct engine *engine = writer->engine;
	struct ack_token token = {.alert = writer->alert->id,
				  .action = "ack",
				  .expires_s = (writer->now + ACK_TTL) / WHEN_SECOND};
	char made[ACK_TOKEN_CAP];

	snprintf(token.who, sizeof(token.who), "e:%s", endpoint->name);
	if (ack_ring_make(engine->ack, &token, made) < 0)
		return "";
	return arena_printf(&writer->engine->arena, "%s/a/%s", engine->conf->public_url, made);
}

static int save_notice(struct writer *writer, struct notice *notice,
		       const struct conf_endpoint *endpoint, struct err *err)
{
	struct engine *engine = writer->engine;
	char id[IDENT_CAP];

	ident_make(id, "ntc", writer->now, &engine->entropy);
	notice->id = arena_copy(&engine->arena, id);
	notice->endpoint = endpoint->name;
	notice->created_at = notice->due_at = writer->now;
	notice->group = "";
	if (writer->quiet && !writer->rings) {
		char day[WHEN_CAP];
		notice->due_at = writer->quiet_until;
		notice->group = arena_printf(
			&engine->arena, "quiet:%s",
			when_day_text(when_day(engine->conf->zone, writer->quiet_until), day));
	}
	/* A newer word about the same alert replaces one that still waits. */
	if (notice->alert) {
		int rc = engine->store->ops->notices_supersede(engine->store, notice->alert,
							       endpoint->name, err);
		if (rc < 0)
			return rc;
	}
	return engine->store->ops->notice_save(engine->store, notice, err);
}

/* A quiet word must not take the place of one that was to wake somebody, and did not arrive yet. */
static int stays_urgent(struct writer *writer, const struct conf_endpoint *endpoint,
			enum tell_why why, bool *urgent, struct err *err)
{
	struct engine *engine = writer->engine;

	if (*urgent || !alert_traits(writer->alert->kind)->urgent || why != TELL_CHANGED)
		return 0;
	return engine->store->ops->notice_rings(engine->store, writer->alert->id, endpoint->name,
						urgent, err);
}

/* Whether ENDPOINT is left in peace now, and why it is not although it should. */
static void judge_quiet(struct writer *writer, const struct conf_endpoint *endpoint, bool urgent)
{
	const struct conf *conf = writer->engine->conf;
	const struct alert *alert = writer->alert;
	int64_t soon = writer->now + conf->limits.quiet_bypass;
	bool arrival = alert->kind == ALERT_ARRIVAL || alert->kind == ALERT_EXPECTED ||
		       alert->kind == ALERT_STAND_DOWN;
	int64_t eta = arrival && alert->eta != WHEN_UNKNOWN ? alert->eta : writer->crowd.next_eta;

	writer->quiet_until =
		when_window_end(conf->zone, endpoint->quiet_from, endpoint->quiet_to, writer->now);
	writer->quiet = writer->quiet_until != WHEN_UNKNOWN;
	if (!writer->quiet)
		return;
	writer->arrives = eta > writer->now && eta <= soon;
	writer->rings = urgent || writer->arrives;
}

/* Everything the phrases may ask for. */
static int gather_words(struct writer *writer, const char **title, struct err *err)
{
	struct engine *engine = writer->engine;
	const struct alert *alert = writer->alert;

	int rc = crowd_read(engine, alert->id, writer->now, &writer->crowd, err);
	if (rc == 0 && alert->kind == ALERT_SHIFT_HANDOVER)
		rc = shift_words(engine, alert, writer->book, writer->redact, writer->now,
				 &writer->shift, err);
	if (rc < 0)
		return rc;
	*title = word_of(writer, "alert",
			 arena_printf(&engine->arena, "%s.title", alert_traits(alert->kind)->word));
	fill_args(writer);
	arg(writer, "title", *title);
	return 0;
}

int words_notice(struct engine *engine, const struct alert *alert, enum tell_why why, int step,
		 const struct conf_endpoint *endpoint, int64_t late, int64_t now, struct err *err)
{
	struct writer *writer = arena_alloc(&engine->arena, sizeof(*writer));
	*writer = (struct writer){.engine = engine,
				  .alert = alert,
				  .book = conf_book(engine->conf, endpoint->language),
				  .redact = endpoint->redact,
				  .now = now,
				  .late = late};
	const struct alert_traits *kind = alert_traits(alert->kind);
	bool ends = why == TELL_TAKEN || why == TELL_OVER;
	bool urgent = kind->urgent && (why != TELL_CHANGED || alert->loud);
	const char *title;
	int rc = gather_words(writer, &title, err);
	if (rc == 0)
		rc = stays_urgent(writer, endpoint, why, &urgent, err);
	if (rc < 0)
		return rc;
	judge_quiet(writer, endpoint, urgent);
	/* Those who leave are told, but only those who come can take it. */
	bool asks = !ends && !kind->informative && !shift_leaves(engine, alert, endpoint->name);
	const struct notice_facts facts = {.alert = alert,
					   .crowd = &writer->crowd,
					   .why = why,
					   .step = step,
					   .now = now,
					   .late = late,
					   .answer_by = answer_by(writer),
					   .redact = writer->redact};
	struct notice notice = {
		.alert = alert->id,
		/* An end goes at once, unless it would wake somebody whom its alert did not. */
		.urgent = urgent || (ends && !writer->quiet),
		.type = notice_type(alert, why),
		.kind = kind->word,
		.unit = alert->unit,
		.expires_at = notice_expiry(alert, &writer->crowd, rules_of(writer), why, now),
		.title = arena_printf(&engine->arena, "%s%s", marks(writer), title),
		.text = arena_printf(&engine->arena, "%s%s", drill_mark(writer),
				     text_words(writer, why, step)),
		.url = asks ? link_words(writer, endpoint) : "",
		.data = notice_data(engine, &facts),
	};
	return save_notice(writer, &notice, endpoint, err);
}

int engine_alert_words(struct engine *engine, const struct alert *alert, const char *language,
		       int64_t now, struct arena *arena, struct alert_words *out, struct err *err)
{
	struct arena kept = scratch_begin(engine);
	struct writer *writer = arena_alloc(&engine->arena, sizeof(*writer));
	*writer = (struct writer){.engine = engine,
				  .alert = alert,
				  .book = conf_book(engine->conf, language),
				  .page = true,
				  .now = now};
	if (!writer->book)
		writer->book = conf_book(engine->conf, "zh-CN");
	int rc = gather_words(writer, &out->title, err);
	if (rc == 0) {
		out->title = arena_copy(arena, out->title);
		out->text = arena_copy(arena, text_words(writer, TELL_RAISED, 0));
	}
	scratch_end(engine, kept);
	return rc;
}

/* --- A test ------------------------------------------------------------------------------------
 */

static int write_test(struct writer *writer, const struct conf_endpoint *endpoint,
		      char id[IDENT_CAP], struct err *err)
{
	struct phrase_arg one = {"endpoint", endpoint->name};
	struct notice notice = {
		.urgent = true,
		.type = "notice.test",
		.kind = "test",
		.unit = "",
		.expires_at = writer->now + WHEN_HOUR,
		.title = arena_printf(&writer->engine->arena, "%sclosedloopd", marks(writer)),
		.text = filled(writer, "notice.test", &one, 1),
		.url = "",
		.data = "{}",
	};
	int rc = save_notice(writer, &notice, endpoint, err);
	if (rc == 0)
		text_copy(id, IDENT_CAP, notice.id);
	return rc;
}

static int no_endpoint(const struct engine *engine, const char *name, struct err *err)
{
	struct nearest nearest = {.word = name};

	for (size_t i = 0; i < engine->conf->endpoints_len; i++)
		nearest_offer(&nearest, engine->conf->endpoints[i].name);
	return err_set(err, CL_ENOENT, "endpoint %.64s: there is none of that name%s", name,
		       nearest_hint(&nearest));
}

int engine_send_test(struct engine *engine, const char *name, int64_t now, char id[IDENT_CAP],
		     struct err *err)
{
	const struct conf_endpoint *endpoint = conf_endpoint(engine->conf, name);

	if (!endpoint)
		return no_endpoint(engine, name, err);
	int rc = engine_begin(engine, err);
	if (rc < 0)
		return rc;
	struct writer *writer = arena_alloc(&engine->arena, sizeof(*writer));
	*writer = (struct writer){.engine = engine,
				  .book = conf_book(engine->conf, endpoint->language),
				  .now = now};
	return engine_finish(engine, write_test(writer, endpoint, id, err), err);
}
