/* scenario_world.c — where a scenario happens: units and their endpoints, the configuration, the
 * daemon's life and its clock. Neighbours: scenario_tell.c and scenario_expect.c name places by
 * this table. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/text.h"

/* The units of config/units.yaml, under the names scenarios use; each has an endpoint of its name.
 * tests/scenarios/README.md lists them. */
static const struct place places[] = {
	{"huateng", "华腾", "310118107003", "上海市青浦区华新镇华腾社区华腾路1号3幢"},
	{"fengxi", "凤溪", "310118107002", "上海市青浦区华新镇凤溪社区新府路9号"},
	{"xijiao", "西郊半岛", "310118107004", "上海市青浦区华新镇西郊半岛社区7号"},
	{"huaxin", "华新镇", "310118107", NULL},
	{"qingpu", "青浦区", "310118", NULL},
	{"xinsong1", "莘松一村", "310112101005", "上海市闵行区莘庄镇莘松一村8号"},
	{"xinsong3", "莘松三村", "310112101007", "上海市闵行区莘庄镇莘松三村123号"},
	{"xinzhuang", "莘庄镇", "310112101", NULL},
	{"minhang", "闵行区", "310112", NULL},
	{"shiguang", "市光", "310110021002", "上海市杨浦区长海路街道市光四村1号"},
	{"changhailu", "长海路街道", "310110021", NULL},
	{"yangpu", "杨浦区", "310110", NULL},
	{"shanghai", "上海市", "31", NULL},
	{"fallback", "兜底", NULL, NULL},
};

const struct place *place_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (text_equal(places[i].name, name) || text_equal(places[i].other, name))
			return &places[i];
	}
	return NULL;
}

/* --- Configuration --- */

static const char escalation[] = "escalation:\n"
				 "  default:\n"
				 "    - {to: committee, wait: 10m}\n"
				 "    - {to: street, wait: 10m}\n"
				 "    - {to: district, wait: 10m, repeat: forever}\n"
				 "  address:\n"
				 "    - {to: district, wait: 10m, repeat: forever}\n"
				 "  fallback: fallback\n";

/* The feed's heartbeat is off unless a scenario is about it: nothing else speaks at a night's
 * end. */
static const char feeds[] =
	"feeds:\n"
	"  - {name: pvg, kind: push, sources: [\"/pvg/\"], token: \"0123456789abcdef0123\", "
	"heartbeat: 0s}\n";

static void write_file(struct scenario *scenario, const char *name, const char *text)
{
	FILE *file = fopen(arena_printf(&scenario->arena, "%s/%s", scenario->dir, name), "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
		fprintf(stderr, "%s/%s: cannot be written\n", scenario->dir, name);
		abort();
	}
}

/* True when YAML has KEY at its top level. */
static bool has_key(const char *yaml, const char *key)
{
	size_t len = strlen(key);
	for (const char *line = yaml; line && *line;) {
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			return true;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

static const char *policy_files(struct scenario *scenario, const char *root)
{
	struct arena *arena = &scenario->arena;
	const char *list = "";
	bool whole = false;

	for (size_t i = 0; i < scenario->policies_len; i++) {
		const struct block *block = &scenario->policies[i];
		const char *name = arena_printf(arena, "policy-%zu.yaml", i);
		write_file(scenario, name,
			   arena_printf(arena, "policy: scenario-%zu\nin_force_from: \"%s\"\n%s", i,
					block->from ? block->from : "2020-01-01",
					block->yaml ? block->yaml : ""));
		list = arena_printf(arena, "%s, \"%s/%s\"", list, scenario->dir, name);
		whole = whole || !block->from;
	}
	/* The national one is in force until the first of the scenario's is. */
	return whole ? list + 2
		     : arena_printf(arena, "\"%s/config/policy/national-2020-03.yaml\"%s", root,
				    list);
}

static const char *compose(struct scenario *scenario)
{
	struct arena *arena = &scenario->arena;
	const char *extra = scenario->config ? scenario->config : "";
	char root[512];

	if (!getcwd(root, sizeof(root)))
		abort();
	write_file(scenario, "scenario.yaml", *extra ? extra : "{}\n");
	const char *yaml = arena_printf(arena,
					"listen: [\"http://127.0.0.1:0\"]\n"
					"public_url: \"http://127.0.0.1:8480\"\n"
					"state_dir: \"./state\"\n"
					"time_zone: \"%s\"\n"
					"gazetteer: \"./gazetteer.img\"\n"
					"policy: [%s]\n"
					"phrases: \"%s/config/phrases/\"\n"
					"insecure_inline: true\n"
					"%s%s%sendpoints:\n",
					scenario->zone_name, policy_files(scenario, root), root,
					*extra ? "include: [\"scenario.yaml\"]\n" : "",
					has_key(extra, "escalation") ? "" : escalation,
					has_key(extra, "feeds") ? "" : feeds);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		yaml = arena_printf(
			arena,
			"%s  - {name: %s, channel: generic, url: \"http://127.0.0.1:9/%s\", "
			"secret: \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\", "
			"allow: [\"127.0.0.0/8\"]}\n",
			yaml, places[i].name, places[i].name);
	yaml = arena_printf(arena, "%sunits:\n", yaml);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		/* What the scenario's own configuration says of a unit takes the table's place. */
		const char *code = places[i].code;
		if (code && !strstr(extra, arena_printf(arena, "code: \"%s\"", code)))
			yaml = arena_printf(arena, "%s  - {code: \"%s\", endpoint: %s}\n", yaml,
					    code, places[i].name);
	}
	return yaml;
}

static void take_block(struct scenario *scenario, const struct block *block)
{
	if (!block->policy) {
		scenario->config = block->yaml;
		return;
	}
	size_t at = 0;
	while (at < scenario->policies_len && !text_equal(scenario->policies[at].from, block->from))
		at++;
	if (at < POLICIES_MAX)
		scenario->policies[at] = *block;
	if (at == scenario->policies_len && at < POLICIES_MAX)
		scenario->policies_len++;
}

int world_configure(struct scenario *scenario, const struct sentence *sentence)
{
	struct conf_report report = {0};
	int rc;

	for (size_t i = 0; i < sentence->blocks_len; i++)
		take_block(scenario, &sentence->blocks[i]);
	const char *yaml = compose(scenario);
	if (scenario->conf) {
		/* Read beside it as the daemon does, with the paths of the scenario. */
		struct conf *conf;
		rc = house_conf(&conf, scenario->dir, yaml, &report);
		if (rc == 0) {
			house_reconfigure(&scenario->house, conf);
			conf_free(scenario->conf);
			scenario->conf = conf;
		}
	} else {
		rc = house_conf(&scenario->conf, scenario->dir, yaml, &report);
	}
	if (rc < 0) {
		conf_report_print(&report, scenario->out);
		complain(scenario, sentence, false, "this configuration does not load");
	}
	conf_report_free(&report);
	return rc;
}

/* --- Endpoints --- */

static int behave(struct scenario *scenario, const struct sentence *sentence,
		  const struct post_behaviour *behaviour)
{
	const char *name = sentence_arg(sentence, "UNIT");
	const struct place *place = place_find(name);

	if (!place && !conf_endpoint(scenario->conf, name))
		return complain(scenario, sentence, false, "nobody is called %s", name);
	post_behave(&scenario->house.post, place ? place->name : name, behaviour);
	return 0;
}

static int tell_dead(struct scenario *scenario, const struct sentence *sentence)
{
	return behave(scenario, sentence, &(struct post_behaviour){.way = POST_REFUSES});
}

static int tell_hangs(struct scenario *scenario, const struct sentence *sentence)
{
	return behave(scenario, sentence, &(struct post_behaviour){.way = POST_HANGS});
}

static int tell_loses(struct scenario *scenario, const struct sentence *sentence)
{
	return behave(scenario, sentence, &(struct post_behaviour){.way = POST_LOSES});
}

static int tell_fails(struct scenario *scenario, const struct sentence *sentence)
{
	int64_t status;
	if (scenario_number(scenario, sentence, sentence_arg(sentence, "STATUS"), &status) < 0)
		return CL_EINVAL;
	return behave(scenario, sentence,
		      &(struct post_behaviour){.way = POST_FAILS, .status = (int)status});
}

static int tell_busy(struct scenario *scenario, const struct sentence *sentence)
{
	int64_t span;
	if (scenario_span(scenario, sentence, sentence_arg(sentence, "SPAN"), &span) < 0)
		return CL_EINVAL;
	return behave(scenario, sentence,
		      &(struct post_behaviour){.way = POST_BUSY,
					       .retry_after_s = (int)(span / WHEN_SECOND)});
}

static int tell_slow(struct scenario *scenario, const struct sentence *sentence)
{
	int64_t span;
	if (scenario_span(scenario, sentence, sentence_arg(sentence, "SPAN"), &span) < 0)
		return CL_EINVAL;
	return behave(scenario, sentence,
		      &(struct post_behaviour){.way = POST_TAKES, .latency = span});
}

static int tell_recovers(struct scenario *scenario, const struct sentence *sentence)
{
	return behave(scenario, sentence, &(struct post_behaviour){.way = POST_TAKES});
}

/* --- The daemon --- */

static int tell_killed(struct scenario *scenario, const struct sentence *sentence)
{
	(void)sentence;
	house_kill(&scenario->house);
	return 0;
}

static int tell_stopped(struct scenario *scenario, const struct sentence *sentence)
{
	(void)sentence;
	house_stop(&scenario->house);
	return 0;
}

static int tell_started(struct scenario *scenario, const struct sentence *sentence)
{
	if (house_up(&scenario->house))
		return complain(scenario, sentence, false, "it is running");
	if (house_start(&scenario->house) < 0)
		return complain(scenario, sentence, false, "it does not start: %s",
				scenario->house.err.text);
	scenario_pass(scenario, scenario->house.now);
	return 0;
}

static int tell_restarted(struct scenario *scenario, const struct sentence *sentence)
{
	house_kill(&scenario->house);
	return tell_started(scenario, sentence);
}

static int tell_clock(struct scenario *scenario, const struct sentence *sentence)
{
	const char *text = sentence_arg(sentence, "TIME");
	int64_t at;
	if (scenario_time(scenario, sentence, text, false, &at) < 0)
		return CL_EINVAL;
	house_clock(&scenario->house, at);
	scenario_pass(scenario, at);
	return 0;
}

static int tell_reload(struct scenario *scenario, const struct sentence *sentence)
{
	int rc = world_configure(scenario, sentence);
	if (rc == 0)
		scenario_pass(scenario, scenario->house.now);
	return rc;
}

static int tell_time(struct scenario *scenario, const struct sentence *sentence)
{
	(void)scenario;
	(void)sentence;
	return 0;
}

const struct sentence_row world_rows[] = {
	{"endpoint UNIT is dead", tell_dead, "Nobody listens there any more."},
	{"endpoint UNIT hangs", tell_hangs, "It takes calls and never answers."},
	{"endpoint UNIT loses its answers", tell_loses,
	 "Messages are read, but the answer never comes back."},
	{"endpoint UNIT fails with STATUS", tell_fails, "It answers 500, 404 …; nobody reads it."},
	{"endpoint UNIT is busy for SPAN", tell_busy, "It answers 429: come back in …"},
	{"endpoint UNIT takes SPAN to answer", tell_slow, "It reads and answers, slowly."},
	{"endpoint UNIT recovers", tell_recovers, "It works again, as all do at the beginning."},
	{"the daemon is killed", tell_killed, "kill -9: what was under way is under way no more."},
	{"the daemon is stopped", tell_stopped, "SIGTERM."},
	{"the daemon starts", tell_started, "… on the same files."},
	{"the daemon is killed and restarted", tell_restarted, "Both in the same second."},
	{"the clock is set to TIME", tell_clock, "By hand, back or forth; no time passes."},
	{"the configuration is reloaded", tell_reload,
	 "With the policy and config blocks below this line; others stay."},
	{"time passes", tell_time, "Nothing happens, except what is due."},
};
const size_t world_rows_len = ARRAY_LEN(world_rows);
