/* test_latin.c — addresses in pinyin and English find their committee, or a human is asked.
 *
 * Neighbours: lib/place/latin*.c. The image is the one CLOSEDLOOP_GAZETTEER names, or
 * build/gazetteer.img. Addresses are our own; house numbers are made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "closedloop/match.h"
#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "lib/place/latin.h"
#include "lib/place/latin_door.h"
#include "lib/place/latin_affix.h"
#include "lib/place/latin_key.h"
#include "lib/place/latin_text.h"
#include "lib/place/latin_word.h"
#include "lib/place/reading.h"

#include "match_fixture.h"

static struct match match;

struct row {
	const char *address, *code;
};

static void assert_all(const struct row *rows, size_t len, enum match_verdict verdict)
{
	for (size_t i = 0; i < len; i++) {
		match_address(fixture_matcher, rows[i].address, &match);
		if (match.verdict != verdict || strcmp(match.code, rows[i].code) != 0)
			print_message("%s: %s %s, %s\n", rows[i].address,
				      match_verdict_word(match.verdict), match.code, match.reason);
		assert_int_equal(match.verdict, verdict);
		assert_string_equal(match.code, rows[i].code);
	}
}

#define ASSERT_ALL(rows, verdict) assert_all((rows), sizeof(rows) / sizeof((rows)[0]), (verdict))

static void pinyin_may_be_written_together_or_apart(void **state)
{
	static const struct row rows[] = {
		{"Beijingshi Chaoyangqu Jiuxianqiaojiedao Yisiyuanshequ", "110105011048"},
		{"Bei Jing Shi Chao Yang Qu Jiu Xian Qiao Jie Dao Yi Si Yuan She Qu",
		 "110105011048"},
		{"BeijingShi ChaoyangQu JiuxianqiaoJiedao YisiyuanShequ", "110105011048"},
		{"beijingshichaoyangqujiuxianqiaojiedaoyisiyuanshequ", "110105011048"},
		{"BEIJING SHI, CHAOYANG QU, JIUXIANQIAO JIEDAO, YISIYUAN SHEQU", "110105011048"},
		{"Běijīng Shì Cháoyáng Qū Jiǔxiānqiáo Jiēdào Yīsīyuán Shèqū", "110105011048"},
		{"Bei-jing-shi Chao-yang-qu Jiu-xian-qiao Jie-dao Yi-si-yuan She-qu",
		 "110105011048"},
		{"Shanghai Minhang Qu Xinzhuang Zhen Xinsong San Cun 123 Hao 402 Shi",
		 "310112101007"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void forms_labels_and_persons_are_understood(void **state)
{
	static const struct row rows[] = {
		{"Bei3jing1 Shi4 Chao2yang2 Qu1 Jiu3xian1qiao2 Jie1dao4 Yi1si1yuan2 She4qu1",
		 "110105011048"},
		{"Province: Liaoning\nCity: Dalian\nDistrict: Zhongshan\nSubdistrict: Kuiying\n"
		 "Community: Duli\nRoom: 5",
		 "210202010013"},
		{"duli\ncommunity\nkuiying\nsubdistrict\nzhongshan district\ndalian",
		 "210202010013"},
		{"Attn: Liu Yang, Duli Community, Kuiying Subdistrict, Zhongshan District, Dalian",
		 "210202010013"},
		{"Mr. Nan Jing, Yisiyuan Community, Jiuxianqiao Subdistrict, Chaoyang District, "
		 "Beijing",
		 "110105011048"},
		{"Changhai Road Subdistrict, Yangpu District, Shanghai, 市光社区", "310110021002"},
		{"Yangpu District, Shanghai 市光三村第一社区", "310110016030"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
	assert_string_equal(match.words[LEVEL_COUNTY], "Yangpu District");
}

static void what_only_sounds_alike_is_asked(void **state)
{
	static const char *const rows[] = {
		/* 内五甲 and 陆家 are there; a number is no surname, and no part of 路. */
		"Nei No. 6 Jia Village, Songsha Subdistrict, Shangyu District, Shaoxing, Zhejiang",
		"Xia 3rd Village, Tangdukou Town, Shaoyang County, Shaoyang, Hunan",
		/* 隆阜（4）社区 is there, 隆阜四村 is not. */
		"Longfu 4 Village, Liyang Town, Tunxi District, Huangshan, Anhui",
		/* 南大街街道 lies in 永川, Kedian in no Yingtan. */
		"Chongqing Shi Tongnan Qu Nandajie Jiedao Tanjiaba Cun",
		"Hubei Sheng Yingtan Shi Zhongxiang Shi Kedian Zhen Shaoji Cun",
		/* The town 练村 has a village called 练, too. */
		"Zhengzhai, Liancun, Xincai, Zhumadian, Henan",
		"Vienna Hotel (Litun), Qingliangdian Town, Wuyi County, Hengshui, Hebei",
		"Tongwen Village or Xiwan Village, Jiepao Town, Suixi County, Zhanjiang, Guangdong",
		"Xinhua Village, Yangpu District, Shanghai, 市光社区",
		"near Yangpu District, Shanghai, 市光社区",
		"District/County: Yangpu, Community: 12",
		"Name: Duli Community, Kuiying Subdistrict, Zhongshan District",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		match_address(fixture_matcher, rows[i], &match);
		if (match.verdict != MATCH_AMBIGUOUS)
			print_message("%s: %s %s\n", rows[i], match_verdict_word(match.verdict),
				      match.code);
		assert_int_equal(match.verdict, MATCH_AMBIGUOUS);
	}
}

static void english_may_be_written_in_any_order(void **state)
{
	static const struct row rows[] = {
		{"Duli Community, Kuiying Subdistrict, Zhongshan District, Dalian, Liaoning",
		 "210202010013"},
		{"Room 602, No. 5, Lane 1800, Huangxing Road, Shiguang Community, Changhai Road "
		 "Subdistrict, Yangpu District, Shanghai",
		 "310110021002"},
		{"Yisiyuan Community Jiuxianqiao Subdistrict Chaoyang District Beijing China",
		 "110105011048"},
		{"China, Beijing, Chaoyang Dist., Jiuxianqiao Sub-district Office, Yisiyuan "
		 "Residents' Committee",
		 "110105011048"},
		{"Tuanxi Village, Datuan Town, Pudong New Area, Shanghai", "310115134208"},
		{"Rm 12, Bldg 3, Duli Comm., Kuiying Subdist., Zhongshan Dist., Dalian, Liaoning "
		 "Prov.",
		 "210202010013"},
		{"Tuanxi Village, Datuan Town, Pudongxinqu District, Shanghai", "310115134208"},
		{"No. 5, Baiyang Village, Dacheng Town, Pingshan County, Yibin City, Sichuan "
		 "Province, 645350, P. R. of China",
		 "511529104210"},
		{"Mr Zhang San, Duli Community, Kuiying Subdistrict, Zhongshan District, Dalian",
		 "210202010013"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void numbers_of_names_may_be_digits_ordinals_or_words(void **state)
{
	static const struct row rows[] = {
		{"Xinsong No.3 Village, Xinzhuang Town, Minhang District, Shanghai",
		 "310112101007"},
		{"Xinsong 3 Village, Xinzhuang Town, Minhang District, Shanghai", "310112101007"},
		{"Xinsong Third Village, Xinzhuang Town, Minhang District, Shanghai",
		 "310112101007"},
		{"Xinsong 3rd Village, Xinzhuang Town, Minhang District, Shanghai", "310112101007"},
		{"Xinsong San Cun, Xinzhuang Zhen, Minhang Qu, Shanghai", "310112101007"},
		{"Dongcheng 7th Community, Huamu Subdistrict, Pudong New Area, Shanghai",
		 "310115016033"},
		{"Dongchengdiqi Community, Huamu Subdistrict, Pudong New Area, Shanghai",
		 "310115016033"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void places_have_their_own_names_in_english(void **state)
{
	static const struct row rows[] = {
		{"Harbin, Heilongjiang", "2301"},
		{"Urumqi, Xinjiang Uyghur Autonomous Region, China", "6501"},
		{"Lhasa, Tibet Autonomous Region", "5401"},
		{"Yanbian Korean Autonomous Prefecture, Jilin", "2224"},
		{"Guangxi Zhuang Autonomous Region", "45"},
		{"Inner Mongolia", "15"},
		{"Xi'an, Shaanxi", "6101"},
		{"Lu'an, Anhui", "3415"},
		{"Chaoyang, Liaoning", "2113"},
		{"Lushunkou District, Dalian", "210212"},
		{"Lüshunkou Qu, Dalian", "210212"},
		{"Lyushunkou District, Dalian", "210212"},
		{"Lvshunkou District, Dalian", "210212"},
		{"Putuo District, Shanghai", "310107"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void other_countries_are_unmatched(void **state)
{
	static const struct row rows[] = {
		{"Hong Kong", ""},
		{"Wong Tai Sin, Kowloon, Hong Kong", ""},
		{"Taipei, Taiwan", ""},
		{"Lima, Peru", ""},
		{"Paris", ""},
		{"Seoul, Korea", ""},
		{"Anyang-si, Gyeonggi-do, South Korea", ""},
		{"10 Downing Street, London", ""},
		{"350 Fifth Avenue, New York, NY 10118, USA", ""},
		{"China", ""},
		{"hotel", ""},
		{"Wangjiajing Community", ""},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_UNMATCHED);
}

static void a_doubt_makes_an_answer_a_probable_one(void **state)
{
	static const struct row rows[] = {
		/* One letter, heard or slipped. */
		{"Wangjiajin Residential Committee, Ganquan Road Subdistrict, Putuo District, "
		 "Shanghai",
		 "310107016013"},
		{"Wanjiajing Juweihui, Ganquanlu Jiedao, Putuo District, Shanghai", "310107016013"},
		{"Wangjiajinng Juweihui, Ganquanlu Jiedao, Putuo District, Shanghai",
		 "310107016013"},
		/* No kind word. */
		{"Wangjiajing, Ganquan Road Subdistrict, Putuo District, Shanghai", "310107016013"},
		/* Something named after it, or near it. */
		{"Wangjiajing Community Hospital, Ganquan Road Subdistrict, Putuo District, "
		 "Shanghai",
		 "310107016013"},
		{"near Wangjiajing Community, Ganquan Road Subdistrict, Putuo District, Shanghai",
		 "310107016013"},
		/* Street for Subdistrict. */
		{"Jimingshan Community, Jiangdong Street, Yiwu, Zhejiang, China", "330782002005"},
		/* Community may be an estate, when no street is written. */
		{"Jimingshan Community, Yiwu City, Jinhua, Zhejiang", "330782002005"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_PROBABLE);
}

static void what_is_not_settled_is_asked(void **state)
{
	static const struct row rows[] = {
		/* A road is no committee. */
		{"Zhidan Road 155, Ganquan Road Subdistrict, Putuo District, Shanghai",
		 "310107016"},
		{"Lane 1398, Gubei Road, Changning District, Shanghai", "310105"},
		/* The committee is not there. */
		{"Wangjiajing Community, Ganquan Road Subdistrict, Minhang District, Shanghai",
		 "310112"},
		{"东城区 Yisiyuan Community, Jiuxianqiao Subdistrict, Chaoyang District", ""},
		/* The district is not that of the town. */
		{"Sichuan Province Guang'an City Guang'an District Guanyinqiao Town Tangbaqiu "
		 "Village Committee",
		 "5116"},
		/* A house of that name. */
		{"Wangjiajing Mansion, Ganquan Road Subdistrict, Putuo District, Shanghai",
		 "310107016"},
		{"Hotel Wangjiajing, Ganquan Road Subdistrict, Putuo District, Shanghai",
		 "310107016"},
		/* Two that sound alike. */
		{"Liuzhuangcun, Miaozhuangzhen, Ninghequ, Tianjinshi", "120117103"},
		/* Chinese characters and letters contradict each other. */
		{"上海市闵行区莘庄镇莘松三村 Changning District", "3101"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_AMBIGUOUS);
}

static void letters_settle_what_characters_leave_open(void **state)
{
	static const struct row rows[] = {
		{"上海市闵行区 Xinzhuang Town, Xinsong San Cun", "310112101007"},
		{"上海市闵行区莘庄镇莘松三村 (Minhang District)", "310112101007"},
		{"Mr. Smith 上海市闵行区莘庄镇莘松三村", "310112101007"},
	};

	(void)state;
	ASSERT_ALL(rows, MATCH_EXACT);
}

static void the_words_of_each_level_are_kept(void **state)
{
	(void)state;
	match_address(fixture_matcher,
		      "Room 5, Duli Community, Kuiying Subdistrict, Zhongshan District, Dalian",
		      &match);
	assert_string_equal(match.words[LEVEL_COMMITTEE], "Duli Community");
	assert_string_equal(match.words[LEVEL_STREET], "Kuiying Subdistrict");
	assert_string_equal(match.words[LEVEL_COUNTY], "Zhongshan District");
	assert_string_equal(match.words[LEVEL_CITY], "Dalian");
	assert_string_equal(match.words[LEVEL_PROVINCE], "");
	assert_int_equal(match.why, MATCH_WHY_CHAIN);
	assert_int_equal(match.candidates_len, 1);
	match_address(fixture_matcher,
		      "Duli\xe0\nCommunity, Kuiying Subdistrict, Zhongshan District", &match);
	assert_true(text_is_utf8(match.reason, strlen(match.reason)));
	assert_string_equal(match.words[LEVEL_COMMITTEE], "Duli Community");
}

/* Names as their characters are read, each in its commonest way; false when one has no reading. */
static bool spell(const char *name, bool apart, char *out, size_t cap)
{
	struct text text;
	size_t used;

	text_init(&text, out, cap);
	for (bool first = true; *name; name += used, first = false) {
		const struct image_readings *readings =
			reading_find(fixture_gazetteer, text_decode(name, strlen(name), &used));
		if (!readings)
			return false;
		const char *syllable = fixture_gazetteer->syllables +
				       fixture_gazetteer->syllable_starts[readings->syllables[0]];
		if (apart && !first)
			text_add(&text, " ");
		if (first || apart)
			text_addf(&text, "%c", syllable[0] - 32);
		text_add(&text, syllable + (first || apart ? 1 : 0));
	}
	return !text.cut && text.len > 0;
}

static const char *admin_name(uint32_t unit)
{
	return fixture_gazetteer->names + fixture_gazetteer->admin_names[unit];
}

static bool is_placeholder(const char *name)
{
	return strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0 || strstr(name, "直辖");
}

/* All the names from province to COMMITTEE in pinyin, from the top or from the bottom. */
static bool write_pinyin(uint32_t committee, bool apart, bool upwards, struct text *out)
{
	const char *names[UNIT_CHAIN_MAX];
	char spelled[512];
	size_t len = 0;

	names[len++] = fixture_gazetteer->names + fixture_gazetteer->committee_names[committee];
	for (uint32_t unit = fixture_gazetteer->committee_streets[committee]; unit != IMAGE_NONE;
	     unit = fixture_gazetteer->admin_parents[unit])
		if (!is_placeholder(admin_name(unit)))
			names[len++] = admin_name(unit);
	for (size_t i = 0; i < len; i++) {
		if (!spell(names[upwards ? i : len - 1 - i], apart, spelled, sizeof(spelled)))
			return false;
		if (i > 0)
			text_add(out, upwards ? ", " : " ");
		text_add(out, spelled);
	}
	return !out->cut;
}

/* Whether the answer is CODE. Any other code, and a question that settles another place, fail. */
static bool is_answered(const char *address, const char *code)
{
	match_address(fixture_matcher, address, &match);
	bool answered = match.verdict >= MATCH_PROBABLE;

	if (answered ? strcmp(match.code, code) != 0
		     : strncmp(match.code, code, strlen(match.code)) != 0 && match.code[0] != '\0')
		fail_msg("%s is %s, not %s: %s", address, code, match.code, match.reason);
	return answered;
}

static void committees_of_all_provinces_are_found_by_their_sound(void **state)
{
	char address[MATCH_ADDRESS_MAX], code[UNIT_CODE_CAP];
	size_t asked = 0, answered = 0;

	(void)state;
	for (uint32_t i = 0; i < fixture_gazetteer->committees; i += 211) {
		for (int form = 0; form < 4; form++) {
			struct text text = TEXT_OVER(address);
			gazetteer_committee_code(fixture_gazetteer, i, code);
			if (!write_pinyin(i, form & 1, form & 2, &text))
				continue;
			asked++;
			answered += is_answered(address, code);
		}
	}
	print_message("%zu of %zu answered\n", answered, asked);
	assert_true(asked > 8000);
	assert_true(answered * 100 >= asked * 96);
}

/* NAME without the WORD it ends with; false when it does not, or nothing is left. */
static bool without(const char *name, const char *word, char *out, size_t cap)
{
	size_t len = strlen(name), size = strlen(word);

	if (len <= size || len - size >= cap || strcmp(name + len - size, word) != 0)
		return false;
	memcpy(out, name, len - size);
	out[len - size] = '\0';
	return true;
}

/* NAME in English, by the level word it has. */
static bool write_english(const char *name, struct text *out)
{
	static const struct {
		const char *word, *english;
	} rows[] = {
		{"社区居民委员会", "Community"},
		{"社区居委会", "Community"},
		{"居民委员会", "Residents' Committee"},
		{"居委会", "Neighborhood Committee"},
		{"村民委员会", "Villagers' Committee"},
		{"村委会", "Village Committee"},
		{"社区", "Community"},
		{"村", "Village"},
		{"街道", "Subdistrict"},
		{"镇", "Town"},
		{"乡", "Township"},
		{"自治县", NULL},
		{"自治州", NULL},
		{"自治区", NULL},
		{"新区", "New Area"},
		{"省", "Province"},
		{"市", "City"},
		{"区", "District"},
		{"县", "County"},
	};
	char core[256], spelled[512];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!without(name, rows[i].word, core, sizeof(core)))
			continue;
		if (!rows[i].english || strlen(core) < 6 ||
		    !spell(core, false, spelled, sizeof(spelled)))
			return false;
		text_addf(out, "%s %s", spelled, rows[i].english);
		return !out->cut;
	}
	return false;
}

static void committees_of_all_provinces_are_found_in_english(void **state)
{
	char address[MATCH_ADDRESS_MAX], code[UNIT_CODE_CAP];
	size_t asked = 0, answered = 0;

	(void)state;
	for (uint32_t i = 0; i < fixture_gazetteer->committees; i += 97) {
		struct text text = TEXT_OVER(address);
		bool good = write_english(
			fixture_gazetteer->names + fixture_gazetteer->committee_names[i], &text);
		for (uint32_t unit = fixture_gazetteer->committee_streets[i];
		     good && unit != IMAGE_NONE; unit = fixture_gazetteer->admin_parents[unit]) {
			if (is_placeholder(admin_name(unit)))
				continue;
			text_add(&text, ", ");
			good = write_english(admin_name(unit), &text);
		}
		if (!good)
			continue;
		gazetteer_committee_code(fixture_gazetteer, i, code);
		asked++;
		answered += is_answered(address, code);
	}
	print_message("%zu of %zu answered\n", answered, asked);
	assert_true(asked > 3000);
	assert_true(answered * 100 >= asked * 96);
}

struct door_row {
	const char *address, *road, *word;
	uint32_t lane, house;
};

static void roads_lanes_and_houses_are_read(void **state)
{
	static const struct door_row rows[] = {
		{"No. 5, Lane 80, Ronghua East Road, Changning, Shanghai", "ronghuadong", "", 80,
		 5},
		{"Lane 19, Ronghua Dong Dao, Changning District, Shanghai", "ronghuadong", "dao",
		 19, UINT32_MAX},
		{"Gubei Rd 1398 Nong 2 Hao, Changning, Shanghai", "gubei", "", 1398, 2},
		{"1398 Gubei Road, Changning District, Shanghai", "gubei", "", UINT32_MAX, 1398},
		{"West Ronghua Rd No. 88, Changning, Shanghai", "ronghuaxi", "", UINT32_MAX, 88},
		{"Shanghai Changning Qu Gubeilu 1398 Nong 2 Hao 301 Shi", "gubei", "lu", 1398, 2},
		{"Gu Bei Lu 1398 Hao, Changning Qu, Shanghai", "gubei", "lu", UINT32_MAX, 1398},
		{"Room 301, Building 2, No. 100 Zhongshan 1st Road, Yuexiu District, Guangzhou",
		 "zhongshanyi", "", UINT32_MAX, 100},
		{"Room 983, No. 44, Lane 1350, Chenpanggong Road, Zhuanqiao Town, Minhang "
		 "District, "
		 "Shanghai",
		 "chenpanggong", "", 1350, 44},
	};
	struct latin *latin = latin_new(fixture_gazetteer);
	struct latin_door door;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		memset(&match, 0, sizeof(match));
		latin_match(latin, rows[i].address, &match);
		bool found = latin_door(latin, &door);
		if (!found || strcmp(door.road, rows[i].road) != 0 || door.lane != rows[i].lane ||
		    door.house != rows[i].house)
			print_message("%s: %d %s|%s %u %u\n", rows[i].address, found, door.road,
				      door.word, door.lane, door.house);
		assert_true(found);
		assert_string_equal(door.road, rows[i].road);
		assert_string_equal(door.word, rows[i].word);
		assert_int_equal(door.lane, rows[i].lane);
		assert_int_equal(door.house, rows[i].house);
	}
	latin_free(latin);
}

static void no_door_is_made_up(void **state)
{
	static const char *const rows[] = {
		"Ganquan Road Subdistrict, Putuo District, Shanghai",
		"No. 5, Lane 80, Gubei Road, No. 7 Huangjincheng Road, Shanghai",
		"Room 301, Building 2, Gubei Road, Shanghai",
		"Puyanglushequ, Guankoujiedao, Dujiangyanshi",
		"Shanghai",
		"上海",
	};
	struct latin *latin = latin_new(fixture_gazetteer);
	struct latin_door door;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		memset(&match, 0, sizeof(match));
		latin_match(latin, rows[i], &match);
		if (latin_door(latin, &door))
			fail_msg("%s: %s %u %u", rows[i], door.road, door.lane, door.house);
	}
	latin_free(latin);
}

static void numbers_are_spelled_as_they_are_said(void **state)
{
	static const struct {
		uint32_t value;
		const char *said, *digits;
	} rows[] = {
		{0, "ling", "ling"},
		{3, "san", "san"},
		{10, "shi", "yiling"},
		{15, "shiwu", "yiwu"},
		{61, "liushiyi", "liuyi"},
		{115, "yibaiyishiwu", "yiyiwu"},
		{375, "sanbaiqishiwu", "sanqiwu"},
		{1005, "yiqianlingwu", "yilinglingwu"},
		{9999, "jiuqianjiubaijiushijiu", "jiujiujiujiu"},
	};
	char out[LATIN_NUMBER_CAP];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(latin_spell(rows[i].value, out), strlen(rows[i].said));
		assert_string_equal(out, rows[i].said);
		assert_int_equal(latin_spell_digits(rows[i].value, out), strlen(rows[i].digits));
		assert_string_equal(out, rows[i].digits);
	}
}

static void words_become_letters(void **state)
{
	static const struct {
		const char *source, *letters;
	} rows[] = {
		{"Fuling District", "fulingqu"},
		{"Sub-district", "jiedao"},
		{"Xi'an", "xian"},
		{"Lǚliang Lyuliang Lvliang", "luliangluliangluliang"},
		{"Jinyuan Nyujiang", "jinyuannujiang"},
		{"1st, 2nd Third 21st", "yiersanershiyi"},
		{"５ Ｒｏａｄ", "wulu"},
		{"Long He An", "longhean"},
		{"\xff\xfe Lu \xc3", "lu"},
	};
	static struct latin_text text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		latin_text_read(&text, rows[i].source, strlen(rows[i].source));
		assert_string_equal(text.letters, rows[i].letters);
	}
}

static void every_word_of_the_tables_is_found(void **state)
{
	static const char *const english[] = {"address", "alley", "comm",    "twp", "sweden",
					      "china",	 "hui",	  "lane",    "no",  "road",
					      "rd",	 "room",  "street",  "st",  "village",
					      "zhuang",	 "zone",  "township"};
	static const struct {
		enum latin_level_kind which;
		const char *words[16];
	} levels[] = {
		{LATIN_OF_STREET,
		 {"jiedao", "banshichu", "minzuxiang", "zhen", "xiang", "sumu", "diqu"}},
		{LATIN_OF_COMMITTEE,
		 {"shequ", "juweihui", "jumin", "jiaweihui", "gacha", "cun", "cunweihui",
		  "xingzhengcun"}},
		{LATIN_OF_ADMIN,
		 {"sheng", "shi", "zizhiqu", "qu", "xinqu", "diqu", "linqu", "tequ", "xian", "qi",
		  "meng", "zhou"}},
		{LATIN_OF_ROAD,
		 {"lu", "jie", "dajie", "dadao", "gonglu", "malu", "hutong", "nong", "xiang"}},
	};
	uint8_t kind;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(english); i++)
		assert_non_null(latin_word_find(english[i]));
	assert_null(latin_word_find("long"));
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		for (size_t k = 0; k < 16 && levels[i].words[k]; k++)
			assert_int_equal(latin_level_at(levels[i].which, levels[i].words[k], 64,
							&kind),
					 strlen(levels[i].words[k]));
	assert_int_equal(latin_level_at(LATIN_OF_STREET, "xiang", 4, &kind), 0);
}

static void nothing_that_is_typed_does_harm(void **state)
{
	static const char letters[] = "aeinghsuxqzldv ,'-.5\xc3\xbc\xe5\xb8\x82\nShi Qu Lu";
	char address[MATCH_ADDRESS_MAX + 64];
	uint32_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		size_t len = round < 10 ? sizeof(address) - 1 : round % 300;
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525u + 1013904223u;
			address[i] = letters[(seed >> 16) % (sizeof(letters) - 1)];
		}
		address[len] = '\0';
		match_address(fixture_matcher, address, &match);
		assert_true(match.verdict != MATCH_EXACT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pinyin_may_be_written_together_or_apart),
		cmocka_unit_test(forms_labels_and_persons_are_understood),
		cmocka_unit_test(what_only_sounds_alike_is_asked),
		cmocka_unit_test(english_may_be_written_in_any_order),
		cmocka_unit_test(numbers_of_names_may_be_digits_ordinals_or_words),
		cmocka_unit_test(places_have_their_own_names_in_english),
		cmocka_unit_test(other_countries_are_unmatched),
		cmocka_unit_test(a_doubt_makes_an_answer_a_probable_one),
		cmocka_unit_test(what_is_not_settled_is_asked),
		cmocka_unit_test(letters_settle_what_characters_leave_open),
		cmocka_unit_test(the_words_of_each_level_are_kept),
		cmocka_unit_test(committees_of_all_provinces_are_found_by_their_sound),
		cmocka_unit_test(committees_of_all_provinces_are_found_in_english),
		cmocka_unit_test(roads_lanes_and_houses_are_read),
		cmocka_unit_test(no_door_is_made_up),
		cmocka_unit_test(numbers_are_spelled_as_they_are_said),
		cmocka_unit_test(words_become_letters),
		cmocka_unit_test(every_word_of_the_tables_is_found),
		cmocka_unit_test(nothing_that_is_typed_does_harm),
	};

	return cmocka_run_group_tests(tests, match_fixture_open, match_fixture_close);
}
