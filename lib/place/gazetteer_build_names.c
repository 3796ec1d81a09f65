/* gazetteer_build_names.c — under which letters a unit is found: its name, and how people shorten
 * it.
 *
 * Neighbours: affix.c and fold.c cut and fold names exactly as addresses are; index.c takes the
 * keys.
 */
#include "gazetteer_build.h"

#include <string.h>
#include <uchar.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#include "affix.h"

#define WHOLE_MIN                                                                                  \
	3 /* Names without kind word that are shorter (街道, 社区, 中国) would be found      \
	     everywhere. */

const char *build_name(const struct build *build, size_t level, uint32_t unit)
{
	return build->names + build->levels[level].units[unit].name;
}

/* Number of admin unit UNIT of LEVEL among all levels. */
uint32_t build_admin(const struct build *build, size_t level, uint32_t unit)
{
	for (size_t i = 0; i < level; i++)
		unit += build->levels[i].len;
	return unit;
}

/* Fold NAME up to its first bracket: （含红星村村委） is a remark. 中国（上海）… needs all of it.
 */
static void fold_name(const struct build *build, const char *name, struct folded *out)
{
	size_t len = strlen(name);
	const char *wide = strstr(name, "（"), *narrow = strchr(name, '(');

	if (wide && (size_t)(wide - name) < len)
		len = (size_t)(wide - name);
	if (narrow && (size_t)(narrow - name) < len)
		len = (size_t)(narrow - name);
	fold(&build->table, name, len, out);
	if (out->len < 3)
		fold(&build->table, name, strlen(name), out);
}

static void add_key(struct build *build, const uint32_t *symbols, size_t len,
		    enum posting_role role, uint32_t unit)
{
	if (len > 0)
		index_add(&build->index, symbols, len, POSTING(role, unit));
}

/* Length of the name of admin unit UNIT of LEVEL when NAME begins with it and something is left;
 * else 0. */
static size_t repeats(const struct build *build, size_t level, uint32_t unit,
		      const struct folded *name)
{
	struct folded above;

	fold(&build->table, build_name(build, level, unit), strlen(build_name(build, level, unit)),
	     &above);
	if (above.len == 0 || above.len + 2 > name->len ||
	    memcmp(above.symbols, name->symbols, above.len * sizeof(*above.symbols)) != 0)
		return 0;
	return above.len;
}

static bool is_placeholder(const char *name)
{
	return strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0 || strstr(name, "直辖");
}

/* The ways to write a province, city or county. */
static void index_upper(struct build *build, size_t level, uint32_t unit, enum posting_role full)
{
	const char *name = build_name(build, level, unit);
	uint32_t number = build_admin(build, level, unit);
	enum posting_role brief = full + 1;
	struct folded folded;

	if (is_placeholder(name))
		return;
	fold_name(build, name, &folded);
	add_key(build, folded.symbols, folded.len, full, number);
	size_t core = affix_admin_short(folded.symbols, folded.len);
	if (core >= folded.len)
		return;
	add_key(build, folded.symbols, core, brief, number);
	add_key(build, folded.symbols, affix_without_level(folded.symbols, folded.len), brief,
		number);
	/* 澜沧拉祜族自治县 is called 澜沧县, 延边朝鲜族自治州 延边州. */
	uint32_t last = folded.symbols[folded.len - 1];
	if (core + 1 < folded.len && (last == U'县' || last == U'州' || last == U'旗')) {
		folded.symbols[core] = last;
		add_key(build, folded.symbols, core + 1, full, number);
	}
	/* 岳阳市屈原管理区 is called 屈原管理区. */
	fold_name(build, name, &folded);
	size_t cut = level == LEVEL_COUNTY
			     ? repeats(build, LEVEL_CITY, build->levels[level].units[unit].parent,
				       &folded)
			     : 0;
	if (cut > 0)
		add_key(build, folded.symbols + cut, folded.len - cut, full, number);
}

/* Length of a street's core without the word for the road or the estate it is called after:
 * 甘泉路街道 is called 甘泉, 曹杨新村街道 曹杨. LEN when there is none, or too little would be
 * left. */
static size_t without_road(const uint32_t *core, size_t len)
{
	static const char32_t words[][3] = {U"大街", U"大道", U"新村", U"路", U"街"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t cut = words[i][1] ? 2 : 1;
		if (len >= cut + 2 && core[len - 1] == words[i][cut - 1] &&
		    core[len - cut] == words[i][0])
			return len - cut;
	}
	return len;
}

static void index_street(struct build *build, uint32_t unit)
{
	const char *name = build_name(build, LEVEL_STREET, unit);
	uint32_t county = build->levels[LEVEL_STREET].units[unit].parent;
	uint32_t number = build_admin(build, LEVEL_STREET, unit);
	struct folded folded;

	if (is_placeholder(name))
		return;
	fold_name(build, name, &folded);
	size_t core = affix_street_core(folded.symbols, folded.len, &build->street_kinds[unit]);
	if (build->street_kinds[unit] == STREET_WHOLE && core < WHOLE_MIN)
		return;
	add_key(build, folded.symbols, core, ROLE_STREET, number);
	if (build->street_kinds[unit] == STREET_TOWNSHIP)
		add_key(build, folded.symbols, affix_without_peoples(folded.symbols, core),
			ROLE_STREET, number);
	if (build->street_kinds[unit] == STREET_SUBDISTRICT)
		add_key(build, folded.symbols, without_road(folded.symbols, core), ROLE_STREET,
			number);
	/* 济源市王屋镇, 端州区城西街道 repeat the county in their name. */
	size_t cut = repeats(build, LEVEL_COUNTY, county, &folded);
	bool whole = build->street_kinds[unit] == STREET_WHOLE;
	if (cut > 0 && cut + (whole ? WHOLE_MIN : 1) <= core)
		add_key(build, folded.symbols + cut, core - cut, ROLE_STREET, number);
}

static void index_committee(struct build *build, uint32_t unit)
{
	const char *name = build_name(build, LEVEL_COMMITTEE, unit);
	uint32_t street = build->levels[LEVEL_COMMITTEE].units[unit].parent;
	struct folded folded;

	fold_name(build, name, &folded);
	if (folded.len == 0)
		return;
	size_t core =
		affix_committee_core(folded.symbols, folded.len, &build->committee_kinds[unit]);
	if (build->committee_kinds[unit] == KIND_WHOLE && core < WHOLE_MIN)
		return;
	add_key(build, folded.symbols, core, ROLE_COMMITTEE, unit);
	/* 泾渭街道泾渭中路社区居民委员会 repeats its street. */
	size_t cut = repeats(build, LEVEL_STREET, street, &folded);
	if (cut > 0 && cut < core)
		add_key(build, folded.symbols + cut, core - cut, ROLE_COMMITTEE, unit);
}

/* The number of the admin unit of LEVEL with CODE; IMAGE_NONE when there is none today. */
static uint32_t find_code(const struct build *build, size_t level, uint64_t code)
{
	for (uint32_t i = 0; i < build->levels[level].len; i++)
		if (build->levels[level].units[i].code == code)
			return build_admin(build, level, i);
	return IMAGE_NONE;
}

/* Is there a unit of LEVEL that is called NAME today? */
static bool is_today(const struct build *build, size_t level, const char *name)
{
	for (uint32_t i = 0; i < build->levels[level].len; i++)
		if (strcmp(build_name(build, level, i), name) == 0)
			return true;
	return false;
}

/* 襄樊市 names a city that is called otherwise today; 四平市公主岭市 all of it a county that went
 * to another city, so that the old city beside it contradicts nothing. */
static void index_old_city(struct build *build, const struct change *change, uint32_t county)
{
	uint32_t city = find_code(build, LEVEL_CITY, change->code / 100);
	char chain[BUILD_LINE_CAP];
	struct text text = TEXT_OVER(chain);
	struct folded folded;

	if (!change->city[0] || city == IMAGE_NONE)
		return;
	fold(&build->table, change->city, strlen(change->city), &folded);
	size_t core = affix_without_level(folded.symbols, folded.len);
	if (!is_today(build, LEVEL_CITY, change->city))
		add_key(build, folded.symbols, folded.len, ROLE_CITY_OLD, city);
	for (size_t i = 0; i < 2; i++) {
		text_clear(&text);
		fold_write(&folded, 0, i == 0 ? folded.len : core, &text);
		text_add(&text, change->county);
		struct folded whole;
		fold(&build->table, chain, text.len, &whole);
		add_key(build, whole.symbols, whole.len, ROLE_COUNTY_OLD, county);
	}
}

/* What a county was called before it was renamed or merged. Its short form counts only when it is
 * not the new one's too: 宁乡县 is new, 宁乡 is not. */
static void index_change(struct build *build, const struct change *change)
{
	uint32_t county = find_code(build, LEVEL_COUNTY, change->code);
	struct folded old, new;

	if (county == IMAGE_NONE)
		build_die(change->county, "the code it has today names no county");
	const char *today =
		build_name(build, LEVEL_COUNTY, county - build_admin(build, LEVEL_COUNTY, 0));
	index_old_city(build, change, county);
	if (strcmp(today, change->county) == 0)
		return;
	fold(&build->table, change->county, strlen(change->county), &old);
	fold(&build->table, today, strlen(today), &new);
	add_key(build, old.symbols, old.len, ROLE_COUNTY_OLD, county);
	size_t core = affix_admin_short(old.symbols, old.len);
	if (core < old.len && (core != affix_admin_short(new.symbols, new.len) ||
			       memcmp(old.symbols, new.symbols, core * sizeof(*old.symbols)) != 0))
		add_key(build, old.symbols, core, ROLE_COUNTY_OLD_SHORT, county);
}

void build_names(struct build *build)
{
	static const enum posting_role roles[] = {ROLE_PROVINCE_FULL, ROLE_CITY_FULL,
						  ROLE_COUNTY_FULL};

	index_init(&build->index);
	build->street_kinds = mem_alloc(build->levels[LEVEL_STREET].len + 1);
	build->committee_kinds = mem_alloc(build->levels[LEVEL_COMMITTEE].len + 1);
	for (size_t level = LEVEL_PROVINCE; level <= LEVEL_COUNTY; level++)
		for (uint32_t i = 0; i < build->levels[level].len; i++)
			index_upper(build, level, i, roles[level]);
	for (uint32_t i = 0; i < build->levels[LEVEL_STREET].len; i++)
		index_street(build, i);
	for (uint32_t i = 0; i < build->levels[LEVEL_COMMITTEE].len; i++)
		index_committee(build, i);
	for (size_t i = 0; i < build->changes_len; i++)
		index_change(build, &build->changes[i]);
	index_build(&build->index);
}
