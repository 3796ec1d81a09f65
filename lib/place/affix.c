/* affix.c — tables of the words around a name's core, and the few rules for reading them.
 *
 * Neighbours: gazetteer_build.c cuts official names with them, mention.c reads addresses with them.
 */
#include "affix.h"

#include <assert.h>
#include <uchar.h>

#include "closedloop/text.h"

#include "fold.h"

struct affix {
	const char32_t *word;
	uint8_t len, kind;
};

#define WORD(text) U##text, sizeof(U##text) / sizeof(char32_t) - 1

/* The longest first: the first that fits is the one. */
static const struct affix committee_words[] = {
	{WORD("社区村村民委员会"), KIND_VILLAGE | KIND_RESIDENT},
	{WORD("社区居民委员会"), KIND_RESIDENT},
	{WORD("社区居民居委会"), KIND_RESIDENT},
	{WORD("社区村民委员会"), KIND_VILLAGE | KIND_RESIDENT},
	{WORD("嘎查村民委员会"), KIND_VILLAGE},
	{WORD("社区居民委会"), KIND_RESIDENT},
	{WORD("社区居委员会"), KIND_RESIDENT},
	{WORD("嘎查村委员会"), KIND_VILLAGE},
	{WORD("村村民委员会"), KIND_VILLAGE},
	{WORD("社区居委会"), KIND_RESIDENT},
	{WORD("社区村委会"), KIND_VILLAGE | KIND_RESIDENT},
	{WORD("社区委员会"), KIND_RESIDENT},
	{WORD("居民委员会"), KIND_RESIDENT},
	{WORD("居民居委会"), KIND_RESIDENT},
	{WORD("嘎查委员会"), KIND_VILLAGE},
	{WORD("嘎查村委会"), KIND_VILLAGE},
	{WORD("村民委员会"), KIND_VILLAGE},
	{WORD("村村民委会"), KIND_VILLAGE},
	{WORD("社区居委"), KIND_RESIDENT},
	{WORD("社区委会"), KIND_RESIDENT},
	{WORD("虚拟社区"), KIND_RESIDENT},
	{WORD("居民委会"), KIND_RESIDENT},
	{WORD("嘎查委会"), KIND_VILLAGE},
	{WORD("村民委会"), KIND_VILLAGE},
	{WORD("村委员会"), KIND_VILLAGE},
	{WORD("村村委会"), KIND_VILLAGE},
	{WORD("村牧委会"), KIND_VILLAGE},
	{WORD("社区居"), KIND_RESIDENT},
	{WORD("居委会"), KIND_RESIDENT},
	{WORD("家委会"), KIND_RESIDENT},
	{WORD("嘎查村"), KIND_VILLAGE},
	{WORD("村委会"), KIND_VILLAGE},
	{WORD("村村委"), KIND_VILLAGE},
	{WORD("行政村"), KIND_VILLAGE},
	{WORD("牧委会"), KIND_VILLAGE},
	{WORD("社区"), KIND_RESIDENT},
	{WORD("居委"), KIND_RESIDENT},
	{WORD("嘎查"), KIND_VILLAGE},
	{WORD("村委"), KIND_VILLAGE},
	{WORD("村"), KIND_VILLAGE},
};

static const struct affix street_words[] = {
	{WORD("街道办事处"), STREET_SUBDISTRICT},
	{WORD("街道办"), STREET_SUBDISTRICT},
	{WORD("街道"), STREET_SUBDISTRICT},
	{WORD("街办"), STREET_SUBDISTRICT},
	{WORD("办事处"), STREET_SUBDISTRICT},
	{WORD("民族乡"), STREET_TOWNSHIP},
	{WORD("街"), STREET_SUBDISTRICT},
	{WORD("镇"), STREET_TOWN},
	{WORD("乡"), STREET_TOWNSHIP},
	{WORD("苏木"), STREET_TOWNSHIP},
	{WORD("地区"), STREET_AREA},
};

/* What a street's official name may end in; 街 alone is colloquial. */
static const struct affix street_names[] = {
	{WORD("街道办事处"), STREET_SUBDISTRICT}, {WORD("街道"), STREET_SUBDISTRICT},
	{WORD("办事处"), STREET_SUBDISTRICT},	  {WORD("镇"), STREET_TOWN},
	{WORD("民族乡"), STREET_TOWNSHIP},	  {WORD("乡"), STREET_TOWNSHIP},
	{WORD("苏木"), STREET_TOWNSHIP},	  {WORD("地区"), STREET_AREA},
};

static const char32_t *const level_words[] = {
	U"自治区", U"自治州", U"自治县", U"自治旗", U"地区", U"林区", U"特区",
	U"新区",   U"省",     U"市",	 U"盟",	    U"区",   U"县",   U"旗",
};

static const char32_t *const peoples[] = {
	U"蒙古族",   U"回族",	  U"藏族",     U"维吾尔族", U"苗族",   U"彝族",	      U"壮族",
	U"布依族",   U"朝鲜族",	  U"满族",     U"侗族",	    U"瑶族",   U"白族",	      U"土家族",
	U"哈尼族",   U"哈萨克族", U"傣族",     U"黎族",	    U"傈僳族", U"佤族",	      U"畲族",
	U"拉祜族",   U"水族",	  U"东乡族",   U"纳西族",   U"景颇族", U"柯尔克孜族", U"土族",
	U"达斡尔族", U"仫佬族",	  U"羌族",     U"布朗族",   U"撒拉族", U"毛南族",     U"仡佬族",
	U"锡伯族",   U"阿昌族",	  U"普米族",   U"塔吉克族", U"怒族",   U"乌孜别克族", U"俄罗斯族",
	U"鄂温克族", U"德昂族",	  U"保安族",   U"裕固族",   U"京族",   U"塔塔尔族",   U"独龙族",
	U"鄂伦春族", U"赫哲族",	  U"门巴族",   U"珞巴族",   U"基诺族", U"各族",	      U"蒙古",
	U"维吾尔",   U"哈萨克",	  U"柯尔克孜", U"锡伯",	    U"塔吉克",
};

/* The first five also follow a number that is a road's (一路), the others only one that is a lane's
 * own (12弄). */
static const char32_t *const road_words[] = {
	U"路", U"街", U"大道", U"大街", U"公路", U"支路", U"马路", U"巷", U"弄", U"胡同", U"里弄",
};
#define ROADS_NUMBERED 5

static const char32_t *const estate_words[] = {
	U"小区", U"花园", U"花苑", U"公寓", U"大厦", U"广场", U"家园", U"佳苑",
	U"名苑", U"雅苑", U"新苑", U"华庭", U"豪庭", U"名邸", U"别墅", U"山庄",
	U"酒店", U"宾馆", U"医院", U"学校", U"大楼", U"中心", U"商场", U"公司",
	U"工业", U"地铁", U"国际", U"新城", U"花城", U"苑",   U"府",   U"城",
};

/* Houses that are named after a place and need not lie in it. */
static const char32_t *const institution_words[] = {
	U"医院",   U"卫生",   U"诊所",	 U"学校", U"小学",   U"中学",	U"大学",   U"学院",
	U"幼儿园", U"派出所", U"警务",	 U"消防", U"政府",   U"法庭",	U"邮局",   U"邮政",
	U"银行",   U"信用社", U"供销社", U"市场", U"菜市场", U"菜场",	U"农贸",   U"超市",
	U"商店",   U"粮站",   U"粮库",	 U"车站", U"火车站", U"高铁",	U"客运",   U"码头",
	U"机场",   U"加油站", U"收费站", U"服务", U"检查站", U"养老院", U"敬老院", U"福利院",
	U"托老所", U"水库",   U"水厂",	 U"电站", U"变电",   U"公园",	U"风景区", U"景区",
	U"度假村", U"农庄",   U"山庄",	 U"仓库", U"物流",   U"基地",	U"工厂",   U"工地",
	U"砖厂",   U"厂",     U"宿舍",	 U"饭店", U"餐馆",   U"餐厅",	U"民宿",   U"教堂",
	U"清真寺", U"祠堂",   U"大桥",
};

/* Who works in a street's office, or that it is one. */
static const char32_t *const office_words[] = {
	U"人民政府", U"政府", U"办事处", U"机关", U"党工委",
};

/* What the words of a table begin with, or end in: most symbols of an address begin none. */
static const uint64_t committee_firsts =
	SYMBOL_MARK('社') | SYMBOL_MARK('虚') | SYMBOL_MARK('居') | SYMBOL_MARK('家') | SYMBOL_MARK('嘎') | SYMBOL_MARK('村') | SYMBOL_MARK('行') | SYMBOL_MARK('牧');
static const uint64_t committee_seconds =
	SYMBOL_MARK('区') | SYMBOL_MARK('民') | SYMBOL_MARK('委') | SYMBOL_MARK('查') | SYMBOL_MARK('政') | SYMBOL_MARK('拟') | SYMBOL_MARK('村') | SYMBOL_MARK('牧'); /* Of all but 村. */
static const uint64_t committee_lasts = SYMBOL_MARK('会') | SYMBOL_MARK('区') | SYMBOL_MARK('居') | SYMBOL_MARK('委') | SYMBOL_MARK('查') | SYMBOL_MARK('村');
static const uint64_t street_firsts = SYMBOL_MARK('街') | SYMBOL_MARK('办') | SYMBOL_MARK('民') | SYMBOL_MARK('镇') | SYMBOL_MARK('乡') | SYMBOL_MARK('苏') | SYMBOL_MARK('地');
static const uint64_t road_firsts = SYMBOL_MARK('路') | SYMBOL_MARK('街') | SYMBOL_MARK('大') | SYMBOL_MARK('公') | SYMBOL_MARK('支') | SYMBOL_MARK('马') | SYMBOL_MARK('巷') | SYMBOL_MARK('弄') | SYMBOL_MARK('胡') | SYMBOL_MARK('里');
static const uint64_t road_lasts = SYMBOL_MARK('路') | SYMBOL_MARK('街') | SYMBOL_MARK('道') | SYMBOL_MARK('巷') | SYMBOL_MARK('弄') | SYMBOL_MARK('同');
static const uint64_t road_prefixes = SYMBOL_MARK('东') | SYMBOL_MARK('南') | SYMBOL_MARK('西') | SYMBOL_MARK('北') | SYMBOL_MARK('中') | SYMBOL_MARK('上') | SYMBOL_MARK('下') | SYMBOL_MARK('前') | SYMBOL_MARK('后') | SYMBOL_MARK('内') | SYMBOL_MARK('外') | SYMBOL_MARK('环') | SYMBOL_MARK('横') | SYMBOL_MARK('支') | SYMBOL_MARK('新') | SYMBOL_MARK('老');
static const char32_t estate_firsts[] = U"小花公大广家佳名雅新华豪别山酒宾医学中商工地国苑府城";
static const char32_t institution_firsts[] =
	U"医卫诊学小中大幼派警消政法邮银信供市菜农超商粮车火高客码机"
	U"加收服检养敬福托水电变公风景度山仓物基工砖厂宿饭餐民教清祠";

static bool is_first(const char32_t *firsts, uint32_t symbol)
{
	while (*firsts && *firsts != symbol)
		firsts++;
	return *firsts != 0;
}

static size_t word_len(const char32_t *word)
{
	size_t len = 0;

	while (word[len])
		len++;
	return len;
}

/* Length of WORD when AT begins with it, else 0. */
static size_t begins(const uint32_t *at, const char32_t *word)
{
	size_t i = 0;

	while (word[i] && at[i] == word[i])
		i++;
	return word[i] ? 0 : i;
}

/* Length of WORD, which has WORD_IS letters, when SYMBOLS[0..LEN) ends with it and something is
 * left, else 0. */
static size_t ends_in(const uint32_t *symbols, size_t len, const char32_t *word, size_t word_is)
{
	if (word_is >= len || symbols[len - 1] != word[word_is - 1])
		return 0;
	for (size_t i = 0; i < word_is; i++)
		if (symbols[len - word_is + i] != word[i])
			return 0;
	return word_is;
}

static size_t ends(const uint32_t *symbols, size_t len, const char32_t *word)
{
	return ends_in(symbols, len, word, word_len(word));
}

size_t affix_committee_at(const uint32_t *at, uint8_t *kind)
{
	*kind = KIND_BARE;
	if (!symbol_may_be(*at, committee_firsts))
		return 0;
	if (!symbol_may_be(at[1], committee_seconds)) {
		*kind = *at == U'村' ? KIND_VILLAGE : KIND_BARE;
		return *at == U'村' ? 1 : 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(committee_words); i++) {
		size_t len = begins(at, committee_words[i].word);
		if (len == 0)
			continue;
		*kind = committee_words[i].kind;
		return len;
	}
	return 0;
}

size_t affix_street_at(const uint32_t *at, uint8_t *kind)
{
	*kind = STREET_WHOLE;
	if (!symbol_may_be(*at, street_firsts))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(street_words); i++) {
		size_t len = begins(at, street_words[i].word);
		if (len == 0)
			continue;
		/* 平安街12号 is a house in a street, not in a subdistrict. */
		if (street_words[i].word[0] == U'街' && len == 1 &&
		    (symbol_is_number(at[1]) || at[1] == 0))
			return 0;
		*kind = street_words[i].kind;
		for (size_t k = 0; k < ARRAY_LEN(office_words); k++) {
			size_t office = begins(at + len, office_words[k]);
			if (office > 0)
				return len + office;
		}
		return len;
	}
	return 0;
}

size_t affix_committee_core(const uint32_t *symbols, size_t len, uint8_t *kind)
{
	*kind = KIND_WHOLE;
	if (len == 0 || !symbol_may_be(symbols[len - 1], committee_lasts))
		return len;
	for (size_t i = 0; i < ARRAY_LEN(committee_words); i++) {
		size_t cut = ends_in(symbols, len, committee_words[i].word, committee_words[i].len);
		if (cut == 0)
			continue;
		*kind = committee_words[i].kind;
		return len - cut;
	}
	return len;
}

size_t affix_street_core(const uint32_t *symbols, size_t len, uint8_t *kind)
{
	*kind = STREET_WHOLE;
	for (size_t i = 0; i < ARRAY_LEN(street_names); i++) {
		size_t cut = ends_in(symbols, len, street_names[i].word, street_names[i].len);
		if (cut == 0)
			continue;
		*kind = street_names[i].kind;
		return len - cut;
	}
	return len;
}

size_t affix_without_peoples(const uint32_t *symbols, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(peoples); i++) {
		size_t cut = ends(symbols, len, peoples[i]);
		if (cut > 0 && len - cut >= 2)
			return affix_without_peoples(symbols, len - cut);
	}
	return len;
}

size_t affix_without_level(const uint32_t *symbols, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(level_words); i++) {
		size_t cut = ends(symbols, len, level_words[i]);
		if (cut > 0 && len - cut >= 2)
			return len - cut;
	}
	return len;
}

size_t affix_admin_short(const uint32_t *symbols, size_t len)
{
	size_t cut = affix_without_level(symbols, len);

	return cut < len ? affix_without_peoples(symbols, cut) : len;
}

/* Number of direction and order words at AT that come before a road word: 东, 南, 中, 一, 支 … */
static size_t road_prefix(const uint32_t *at)
{
	static const char32_t words[] = U"东南西北中上下前后内外环横支新老";
	size_t len = 0;

	while (len < 2) {
		bool number = symbol_is_number(at[len]);
		if (!number &&
		    (!symbol_may_be(at[len], road_prefixes) || !is_first(words, at[len])))
			break;
		len++;
	}
	return len;
}

size_t affix_road_at(const uint32_t *at, bool direct)
{
	size_t skip = direct ? 0 : road_prefix(at);

	if (skip == 0 && !symbol_may_be(*at, road_firsts))
		return 0;
	for (size_t from = 0; from <= skip; from++) {
		bool numbered = from > 0 && symbol_is_number(at[from - 1]);
		size_t words = numbered ? ROADS_NUMBERED : ARRAY_LEN(road_words);
		for (size_t i = 0; i < words; i++) {
			size_t len = begins(at + from, road_words[i]);
			/* 街道 and 街办 are not roads. */
			if (len == 1 && at[from] == U'街' &&
			    (at[from + 1] == U'道' || at[from + 1] == U'办'))
				continue;
			if (len > 0)
				return from + len;
		}
	}
	return 0;
}

bool affix_is_road(const uint32_t *symbols, size_t len)
{
	if (len == 0 || !symbol_may_be(symbols[len - 1], road_lasts))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(road_words); i++)
		if (ends(symbols, len, road_words[i]) > 0)
			return true;
	return false;
}

bool affix_estate_at(const uint32_t *at)
{
	for (size_t i = 0; is_first(estate_firsts, *at) && i < ARRAY_LEN(estate_words); i++)
		if (begins(at, estate_words[i]) > 0)
			return true;
	return affix_institution_at(at);
}

bool affix_institution_at(const uint32_t *at)
{
	if (!is_first(institution_firsts, *at))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(institution_words); i++)
		if (begins(at, institution_words[i]) > 0)
			return true;
	return false;
}
