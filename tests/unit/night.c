/* night.c — see night.h. */
#include "night.h"

#include "fixture.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/text.h"

/* Nobody follows a link here. */
static const struct ack_ring links;

static const char skeleton[] = "listen: [\"http://127.0.0.1:0\"]\n"
			       "public_url: \"http://127.0.0.1:8480\"\n"
			       "state_dir: \"./state\"\n"
			       "gazetteer: \"./gazetteer.img\"\n"
			       "insecure_inline: true\n"
			       "include: [\"more.yaml\"]\n";

static const char usual[] =
	"feeds:\n"
	"  - {name: pvg, kind: push, sources: [\"/\"], token: \"0123456789abcdef0123\"}\n"
	"endpoints:\n"
	"  - {name: duty, channel: generic, url: \"http://127.0.0.1:9/duty\", secret: "
	"\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", allow: [\"127.0.0.0/8\"]}\n"
	"units:\n"
	"  - {code: \"310112\", endpoint: duty}\n"
	"escalation: {default: [{to: committee, wait: 10m}, {to: district, wait: 10m, repeat: "
	"forever}], fallback: duty}\n";

static const char *no_environment(const char *name)
{
	(void)name;
	return NULL;
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "night: %s: %s\n", what, why);
	abort();
}

static void write_file(const struct night *night, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", night->dir, name);
	FILE *file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		fail(path, "cannot be written");
}

/* What may be another than usual; NULL: as usual. */
struct variant {
	const char *zone, *policies; /* a YAML list of policy files */
	const char *rest;	     /* instead of the usual feeds, endpoints, units, escalation */
	const char *more;	     /* lists that join them */
};

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static const char *national(struct night *night)
{
	char root[512];
	if (!getcwd(root, sizeof(root)))
		fail("directory", "has no name");
	return arena_printf(&night->arena, "[\"%s/config/policy/national-2020-03.yaml\"]", root);
}

static struct conf *load_conf(struct night *night, const struct variant *variant)
{
	char path[128], root[512];
	struct conf *conf;
	struct conf_report report = {0};
	write_file(night, "more.yaml", or_else(variant->more, "limits: {}\n"));
	struct conf_world world = {.environment = no_environment,
				   .zoneinfo_dir = "/usr/share/zoneinfo"};
	snprintf(path, sizeof(path), "%s/night.yaml", night->dir);
	FILE *file = fopen(path, "w");
	if (!file || !getcwd(root, sizeof(root)))
		fail(path, "cannot be written");
	fprintf(file, "%stime_zone: \"%s\"\nphrases: \"%s/config/phrases/\"\npolicy: %s\n%s",
		skeleton, or_else(variant->zone, "Asia/Shanghai"), root,
		or_else(variant->policies, national(night)), or_else(variant->rest, usual));
	fclose(file);
	int rc = conf_load(&conf, path, &world, &report);
	if (rc < 0)
		conf_report_print(&report, stderr);
	conf_report_free(&report);
	unlink(path);
	snprintf(path, sizeof(path), "%s/more.yaml", night->dir);
	unlink(path);
	if (rc < 0)
		fail(path, "does not load");
	return conf;
}

void night_policies(struct night *night, const char *zone, const char *first, const char *second,
		    int64_t now)
{
	struct conf *old = night->conf;
	struct err err = ERR_INIT;
	write_file(night, "first.yaml", first);
	if (second)
		write_file(night, "second.yaml", second);
	night->conf =
		load_conf(night, &(struct variant){.zone = zone,
						   .policies = second ? "[first.yaml, second.yaml]"
								      : "first.yaml"});
	engine_reconfigure(night->engine, night->conf);
	conf_free(old);
	if (engine_rules(night->engine, now, &err) < 0)
		fail("rules", err.text);
}

static void load_gazetteer(struct night *night)
{
	const char *path = getenv("CLOSEDLOOP_GAZETTEER");
	struct err err = ERR_INIT;
	FILE *file = fopen(path ? path : "build/gazetteer.img", "rb");
	if (!file)
		fail("gazetteer", "no image: make all first");
	fseek(file, 0, SEEK_END);
	night->image_len = (size_t)ftell(file);
	rewind(file);
	night->image = mem_alloc(night->image_len);
	if (fread(night->image, 1, night->image_len, file) != night->image_len)
		fail("gazetteer", "short read");
	fclose(file);
	if (gazetteer_open(&night->gazetteer, night->image, night->image_len, &err) < 0)
		fail("gazetteer", err.text);
}

void night_restart(struct night *night)
{
	struct engine_setup setup = {.store = night->store,
				     .conf = night->conf,
				     .gazetteer = night->gazetteer,
				     .ack = &links,
				     .entropy = &night->entropy};
	engine_free(night->engine);
	night->engine = engine_new(&setup);
}

static void open_night(struct night *night, const struct variant *variant)
{
	char path[128];
	struct err err = ERR_INIT;

	memset(night, 0, sizeof(*night));
	text_copy(night->dir, sizeof(night->dir), P_tmpdir "/night.XXXXXX");
	if (!mkdtemp(night->dir) || digest_init(&err) < 0)
		fail("temporary directory", "cannot be made");
	night->conf = load_conf(night, variant);
	load_gazetteer(night);
	snprintf(path, sizeof(path), "%s/night.db", night->dir);
	if (vault_store(&night->vault, &night->store, path, NULL, &err) < 0)
		fail(path, err.text);
	night->seed = 8;
	night->entropy = entropy_seeded(&night->seed);
	night->engine = NULL;
	night_restart(night);
}

void night_open_with(struct night *night, const char *more)
{
	open_night(night, &(struct variant){.more = more});
}

void night_open_as(struct night *night, const char *rest)
{
	open_night(night, &(struct variant){.rest = rest});
}

void night_open(struct night *night)
{
	open_night(night, &(struct variant){.more = NULL});
}

void night_reconfigure(struct night *night, const char *rest)
{
	struct conf *old = night->conf;

	night->conf = load_conf(night, &(struct variant){.rest = rest});
	engine_reconfigure(night->engine, night->conf);
	conf_free(old);
}

void night_close(struct night *night)
{
	static const char *const files[] = {"night.db", "night.db-wal", "night.db-shm",
					    "first.yaml", "second.yaml"};
	char path[128];
	engine_free(night->engine);
	night->store->ops->close(night->store);
	vault_close(&night->vault);
	gazetteer_close(night->gazetteer);
	mem_free(night->image);
	conf_free(night->conf);
	arena_release(&night->arena);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", night->dir, files[i]);
		unlink(path);
	}
	rmdir(night->dir);
}

void night_read(struct night *night, const char *name, int64_t now, struct feed_batch *out)
{
	const char *data = getenv("CLOSEDLOOP_TEST_DATA");
	char path[512];
	struct err err = ERR_INIT;
	struct feed_context context = {.now = now,
				       .zone = night->conf->zone,
				       .event_max = 65536,
				       .events_max = 1000,
				       .unit = ""};
	snprintf(path, sizeof(path), "%s/%s", data ? data : "tests/data", name);
	FILE *file = fopen(path, "rb");
	if (!file)
		fail(path, "cannot be read");
	char *body = arena_alloc(&night->arena, 65536);
	size_t len = fread(body, 1, 65535, file);
	fclose(file);
	if (feed_read_ndjson(body, len, &context, &night->arena, out, &err) != 0)
		fail(path, err.text);
}

struct fact *night_fact(struct night *night, enum fact_type type, int64_t now, const char *source)
{
	struct fact *fact = arena_alloc(&night->arena, sizeof(*fact));

	fact->type = type;
	fact->stamp = (struct stamp){.at = now,
				     .rank = fact_rank(type, NULL),
				     .sequence = "",
				     .id = arena_printf(&night->arena, "n%d", night->facts++),
				     .source = source};
	fact->body = "{}";
	fact->body_len = 2;
	fact->warnings = fact->feed_unit = "";
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->day = fact->n_off = -1;
	return fact;
}

struct fact_result night_submit(struct night *night, struct fact *fact, int64_t now)
{
	struct fact_result result;
	struct err err = ERR_INIT;
	if (engine_submit(night->engine, &fact, 1, NULL, 0, now, &result, &err) < 0)
		fail("submit", err.text);
	return result;
}

void night_submit_all(struct night *night, struct fact *const *facts, size_t len, int64_t now)
{
	struct fact_result *results = arena_alloc(&night->arena, len * sizeof(*results));
	struct err err = ERR_INIT;
	if (engine_submit(night->engine, facts, len, NULL, 0, now, results, &err) < 0)
		fail("submit", err.text);
}

void night_pass(struct night *night, int64_t now)
{
	struct err err = ERR_INIT;
	int64_t next;
	unsigned fired;
	for (int turns = 0; turns < 100000; turns++) {
		if (engine_next(night->engine, &next, &err) < 0)
			fail("next", err.text);
		if (next > now) {
			night->now = now;
			return;
		}
		/* What is due since long ago is done now. */
		if (next < night->now && night->now <= now)
			next = night->now;
		night->now = next;
		if (engine_due(night->engine, next, 1000, &fired, &err) < 0)
			fail("due", err.text);
	}
	fail("pass", "time does not pass: something stays due");
}

void night_journey(struct night *night, const char *source, const char *ref, struct journey *out)
{
	char id[IDENT_CAP];
	const struct policy *policy;
	struct err err = ERR_INIT;
	if (night->store->ops->ref_find(night->store, source, ref, id, &err) < 0 || !*id)
		fail(ref, "nobody of that name");
	if (engine_journey(night->engine, id, &night->arena, out, &policy, &err) < 0)
		fail(ref, err.text);
}

static const char *suffixed(struct night *night, const char *text, const char *suffix)
{
	return text && *text ? arena_printf(&night->arena, "%s%s", text, suffix) : text;
}

struct fact *night_retell(struct night *night, const struct fact *fact, const char *suffix)
{
	struct fact *again = arena_alloc(&night->arena, sizeof(*again));
	*again = *fact;
	again->stamp.source = suffixed(night, fact->stamp.source, suffix);
	again->transfer = suffixed(night, fact->transfer, suffix);
	again->field[FIELD_DOC_NUMBER] = suffixed(night, fact->field[FIELD_DOC_NUMBER], suffix);
	again->field[FIELD_FLIGHT] = suffixed(night, fact->field[FIELD_FLIGHT], suffix);
	return again;
}

struct fact *night_person(struct night *night, enum fact_type type, const char *source,
			  const char *ref, const char *document, const char *local)
{
	static int count;
	struct fact *fact = arena_alloc(&night->arena, sizeof(*fact));
	fact->type = type;
	fact->stamp = (struct stamp){.at = at(local),
				     .rank = fact_rank(type, NULL),
				     .sequence = "",
				     .id = arena_printf(&night->arena, "p%d", count++),
				     .source = source};
	fact->body = "{}";
	fact->body_len = 2;
	fact->warnings = fact->feed_unit = "";
	fact->ref = ref;
	fact->flight_sched = fact->flight_est = fact->flight_act = WHEN_UNKNOWN;
	fact->day = fact->n_off = -1;
	if (document) {
		fact->field[FIELD_DOC_TYPE] = "P";
		fact->field[FIELD_DOC_ISSUER] = "KOR";
		fact->field[FIELD_DOC_NUMBER] = document;
	}
	return fact;
}

size_t night_violations(struct night *night, int64_t now)
{
	struct census *census = arena_alloc(&night->arena, sizeof(*census));
	struct err err = ERR_INIT;
	if (engine_census(night->engine, now, census, &err) < 0)
		fail("census", err.text);
	return census->violations_len;
}
