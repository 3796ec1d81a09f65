/* fuzz_match.c — any bytes for an address: folded, judged by names, coverage and aliases, shown. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/alias.h"
#include "closedloop/coverage.h"
#include "closedloop/mem.h"

static struct gazetteer *gazetteer;
static struct coverage *coverage;
static struct matcher *matcher;

static const char rules[] = "rule_id\tunit\tcode\tarea\tkind\tname\tlane\ttype\tparity\tfrom\tto\n"
			    "a\ta\t310105009018\t310105\trange\t古北路\t\t号\tall\t1000\t1000\n"
			    "b\tb\t310105009020\t310105\trange\t古北路\t\t弄\tall\t1398\t\n"
			    "c\tc\t310105009020\t310105\trange\t仙霞路\t\tany\teven\t410\t500\n"
			    "d\td\t310105009020\t310105\tsub\t茅台路\t200\t号\tall\t1\t17\n"
			    "e\te\t310105009019\t310105\testate\t伦敦广场\t\t\tall\t\t\n"
			    "f\tf\t310105009019\t310105\troad\t荣华东道\t\t\tall\t\t\n"
			    "g\tg\t310105009019\t310105\texcept\t荣华东道\t\t号\tall\t5\t9\n";

static void ignore(void *context, int line, const char *text)
{
	(void)context;
	(void)line;
	(void)text;
}

static void begin(void)
{
	static const char square[] = "POLYGON ((121.35 31.19, 121.37 31.19, 121.37 31.21, "
				     "121.35 31.21, 121.35 31.19))";
	size_t len;
	char *image = fuzz_file("CLOSEDLOOP_GAZETTEER", "build/gazetteer.img", &len);
	struct coverage_source *source = coverage_source_new();
	int rc = gazetteer_open(&gazetteer, image, len, NULL);

	assert(rc == 0);
	coverage_read_rules(source, rules, strlen(rules), ignore, NULL);
	assert(coverage_source_rules(source) == 7);
	rc = coverage_add_wkt(source, "h", "310105009018", square, NULL);
	assert(rc == 0);
	rc = coverage_build(&coverage, source, gazetteer, NULL);
	assert(rc == 0);
	coverage_source_free(source);
	matcher = match_new(gazetteer);
}

/* What officers taught, made of the bytes of KEY: under each key none, one, two or many units, some
 * of which are candidates of MATCH. */
static void teach(const struct match *match, const uint8_t *key, size_t len,
		  struct alias_taught *taught)
{
	static const char *const codes[] = {"310105009018", "310105009020", "310112101001",
					    "330782002001", "441900121004"};

	memset(taught, 0, sizeof(*taught));
	for (size_t i = 0; i < len && i < 16; i++) {
		size_t at = key[i] / 4;
		bool own = key[i] & 0x80 && match->candidates_len > 0;
		alias_learn(&taught->keys[key[i] % MATCH_KEYS],
			    own ? match->candidates[at % match->candidates_len].code
				: codes[at % ARRAY_LEN(codes)]);
	}
}

/* What else is made of a match: judged by aliases, shown on a page, told apart from other homes. */
static void use(struct match *match, const uint8_t *key, size_t len)
{
	char room[MATCH_ADDRESS_MAX + 1];
	struct text out = TEXT_OVER(room);
	struct alias_taught taught;
	bool stands = !alias_may_help(match);
	struct match before = *match;

	text_clear(&out);
	match_shown(match, &out);
	assert(text_is_utf8(room, strlen(room)));
	text_clear(&out);
	(void)match_home(match->normalized, &out);
	assert(text_is_utf8(room, strlen(room)));
	teach(match, key, len, &taught);
	alias_judge(&taught, match);
	fuzz_hold(gazetteer, match);
	assert(!stands || fuzz_same(match, &before));
}

int fuzz_match(const uint8_t *data, size_t size)
{
	static struct match match, first;
	const struct geo_point point = {121360000, 31200000};

	if (!gazetteer)
		begin();
	char *address = mem_alloc(size + 1);
	if (size)
		memcpy(address, data, size);
	address[size] = '\0';
	char *estate = strchr(address, '\t');
	if (estate)
		*estate++ = '\0';
	struct match_query query = {.address = address, .estate = estate};
	match_use_coverage(matcher, NULL);
	fuzz_judge(matcher, gazetteer, &query, &first);
	match_use_coverage(matcher, coverage);
	fuzz_judge(matcher, gazetteer, &query, &match);
	use(&match, data, size);
	query.point = &point;
	fuzz_judge(matcher, gazetteer, &query, &match);
	/* What was judged in between leaves nothing behind. */
	query.point = NULL;
	match_use_coverage(matcher, NULL);
	fuzz_judge(matcher, gazetteer, &query, &match);
	assert(fuzz_same(&match, &first));
	mem_free(address);
	return 0;
}
