/* latin_word.c — tables of the English words of addresses, and of level words in pinyin.
 *
 * Neighbours: latin_text.c replaces English words, latin_mention.c looks for level words. The
 * English is that of dictionaries, signs, booking sites and forms for foreigners; affix.c holds the
 * same level words in Chinese.
 */
#include "latin_word.h"

#include <string.h>

#include "closedloop/text.h"

#include "affix.h"

/* Sorted by word; a unit test looks. No word of this table is a syllable of pinyin that names
 * contain, so that "long" (隆, 龙), "he" (河) and "an" (安) stay letters. */
static const struct latin_word words[] = {
	{"address", "", LATIN_FILLER, 0},
	{"administrative", "xingzheng", LATIN_LEVEL, 0},
	{"airport", "jichang", LATIN_SERVICE, 0},
	{"alley", "xiang", LATIN_LANE, 0},
	{"and", "", LATIN_FILLER, 0},
	{"apartment", "", LATIN_INSIDE, 0},
	{"apartments", "", LATIN_BUILDING, 0},
	{"apt", "", LATIN_INSIDE, 0},
	{"area", "qu", LATIN_LEVEL, 0},
	{"at", "", LATIN_FILLER, 0},
	{"australia", "", LATIN_ABROAD, 0},
	{"auton", "zizhi", LATIN_LEVEL, 0},
	{"autonomous", "zizhi", LATIN_LEVEL, 0},
	{"av", "dajie", LATIN_ROAD, 0},
	{"ave", "dajie", LATIN_ROAD, 0},
	{"avenue", "dajie", LATIN_ROAD, 0},
	{"bangkok", "", LATIN_ABROAD, 0},
	{"banner", "qi", LATIN_LEVEL, 0},
	{"bay", "wan", LATIN_WORD, 0},
	{"behind", "", LATIN_NEAR, 0},
	{"beside", "", LATIN_NEAR, 0},
	{"bldg", "", LATIN_BUILDING, 0},
	{"block", "", LATIN_BUILDING, 0},
	{"blvd", "dadao", LATIN_ROAD, 0},
	{"boulevard", "dadao", LATIN_ROAD, 0},
	{"bouyei", "", LATIN_PEOPLE, 0},
	{"brazil", "", LATIN_ABROAD, 0},
	{"bridge", "qiao", LATIN_WORD, 0},
	{"britain", "", LATIN_ABROAD, 0},
	{"building", "", LATIN_BUILDING, 0},
	{"cambodia", "", LATIN_ABROAD, 0},
	{"canada", "", LATIN_ABROAD, 0},
	{"center", "zhongxin", LATIN_SERVICE, 0},
	{"central", "zhong", LATIN_WORD, 0},
	{"centre", "zhongxin", LATIN_SERVICE, 0},
	{"china", "", LATIN_COUNTRY, 0},
	{"chn", "", LATIN_COUNTRY, 0},
	{"city", "shi", LATIN_LEVEL, 0},
	{"clinic", "", LATIN_SERVICE, 0},
	{"cmte", "weiyuanhui", LATIN_LEVEL, 0},
	{"cmty", "shequ", LATIN_LEVEL, 0},
	{"comm", "shequ", LATIN_LEVEL, 0},
	{"committee", "weiyuanhui", LATIN_LEVEL, 0},
	{"community", "shequ", LATIN_LEVEL, 0},
	{"county", "xian", LATIN_LEVEL, 0},
	{"cty", "xian", LATIN_LEVEL, 0},
	{"development", "kaifa", LATIN_WORD, 0},
	{"dist", "qu", LATIN_LEVEL, 0},
	{"distr", "qu", LATIN_LEVEL, 0},
	{"district", "qu", LATIN_LEVEL, 0},
	{"dongxiang", "", LATIN_PEOPLE, 0},
	{"door", "", LATIN_INSIDE, 0},
	{"dubai", "", LATIN_ABROAD, 0},
	{"east", "dong", LATIN_WORD, 0},
	{"economic", "jingji", LATIN_WORD, 0},
	{"eight", "", LATIN_NUMBER, 8},
	{"eighth", "", LATIN_NUMBER, 8},
	{"england", "", LATIN_ABROAD, 0},
	{"estate", "", LATIN_BUILDING, 0},
	{"ewenki", "", LATIN_PEOPLE, 0},
	{"expressway", "gaosu", LATIN_ROAD, 0},
	{"factory", "", LATIN_SERVICE, 0},
	{"farm", "nongchang", LATIN_WORD, 0},
	{"fifth", "", LATIN_NUMBER, 5},
	{"first", "", LATIN_NUMBER, 1},
	{"five", "", LATIN_NUMBER, 5},
	{"fl", "", LATIN_INSIDE, 0},
	{"flat", "", LATIN_INSIDE, 0},
	{"floor", "", LATIN_INSIDE, 0},
	{"flr", "", LATIN_INSIDE, 0},
	{"forest", "linchang", LATIN_WORD, 0},
	{"four", "", LATIN_NUMBER, 4},
	{"fourth", "", LATIN_NUMBER, 4},
	{"france", "", LATIN_ABROAD, 0},
	{"garden", "huayuan", LATIN_WORD, 0},
	{"gardens", "huayuan", LATIN_WORD, 0},
	{"gate", "men", LATIN_WORD, 0},
	{"germany", "", LATIN_ABROAD, 0},
	{"group", "zu", LATIN_INSIDE, 0},
	{"hani", "", LATIN_PEOPLE, 0},
	{"harbor", "gang", LATIN_WORD, 0},
	{"harbour", "gang", LATIN_WORD, 0},
	{"health", "", LATIN_SERVICE, 0},
	{"high", "gao", LATIN_WORD, 0},
	{"hightech", "gaoxin", LATIN_WORD, 0},
	{"highway", "gonglu", LATIN_ROAD, 0},
	{"hongkong", "", LATIN_ABROAD, 0},
	{"hospital", "", LATIN_SERVICE, 0},
	{"hotel", "", LATIN_SERVICE, 0},
	{"house", "", LATIN_BUILDING, 0},
	{"hui", "", LATIN_PEOPLE, 0},
	{"hutong", "hutong", LATIN_ROAD, 0},
	{"in", "", LATIN_FILLER, 0},
	{"india", "", LATIN_ABROAD, 0},
	{"indonesia", "", LATIN_ABROAD, 0},
	{"industrial", "gongye", LATIN_WORD, 0},
	{"inn", "", LATIN_SERVICE, 0},
	{"inner", "nei", LATIN_WORD, 0},
	{"international", "guoji", LATIN_WORD, 0},
	{"ireland", "", LATIN_ABROAD, 0},
	{"island", "dao", LATIN_WORD, 0},
	{"italia", "", LATIN_ABROAD, 0},
	{"italy", "", LATIN_ABROAD, 0},
	{"japan", "", LATIN_ABROAD, 0},
	{"kazak", "", LATIN_PEOPLE, 0},
	{"kazakh", "", LATIN_PEOPLE, 0},
	{"kazakhstan", "", LATIN_ABROAD, 0},
	{"kindergarten", "", LATIN_SERVICE, 0},
	{"kirghiz", "", LATIN_PEOPLE, 0},
	{"korea", "", LATIN_ABROAD, 0},
	{"korean", "", LATIN_PEOPLE, 0},
	{"kowloon", "", LATIN_ABROAD, 0},
	{"kyrgyz", "", LATIN_PEOPLE, 0},
	{"lake", "hu", LATIN_WORD, 0},
	{"lane", "nong", LATIN_LANE, 0},
	{"laos", "", LATIN_ABROAD, 0},
	{"league", "meng", LATIN_LEVEL, 0},
	{"lisu", "", LATIN_PEOPLE, 0},
	{"ln", "nong", LATIN_LANE, 0},
	{"london", "", LATIN_ABROAD, 0},
	{"lower", "xia", LATIN_WORD, 0},
	{"macao", "", LATIN_ABROAD, 0},
	{"macau", "", LATIN_ABROAD, 0},
	{"malaysia", "", LATIN_ABROAD, 0},
	{"manchu", "", LATIN_PEOPLE, 0},
	{"mansion", "", LATIN_BUILDING, 0},
	{"mansions", "", LATIN_BUILDING, 0},
	{"market", "", LATIN_SERVICE, 0},
	{"middle", "zhong", LATIN_WORD, 0},
	{"mongol", "", LATIN_PEOPLE, 0},
	{"mongolia", "menggu", LATIN_WORD, 0},
	{"mongolian", "", LATIN_PEOPLE, 0},
	{"moscow", "", LATIN_ABROAD, 0},
	{"mount", "shan", LATIN_WORD, 0},
	{"mountain", "shan", LATIN_WORD, 0},
	{"municipality", "shi", LATIN_LEVEL, 0},
	{"myanmar", "", LATIN_ABROAD, 0},
	{"natural", "ziran", LATIN_WORD, 0},
	{"nbhd", "jumin", LATIN_LEVEL, 0},
	{"near", "", LATIN_NEAR, 0},
	{"neighborhood", "jumin", LATIN_LEVEL, 0},
	{"neighbourhood", "jumin", LATIN_LEVEL, 0},
	{"nepal", "", LATIN_ABROAD, 0},
	{"netherlands", "", LATIN_ABROAD, 0},
	{"new", "xin", LATIN_WORD, 0},
	{"nine", "", LATIN_NUMBER, 9},
	{"ninth", "", LATIN_NUMBER, 9},
	{"no", "", LATIN_NO, 0},
	{"north", "bei", LATIN_WORD, 0},
	{"northeast", "dongbei", LATIN_WORD, 0},
	{"northern", "bei", LATIN_WORD, 0},
	{"northwest", "xibei", LATIN_WORD, 0},
	{"number", "", LATIN_NO, 0},
	{"of", "", LATIN_FILLER, 0},
	{"office", "banshichu", LATIN_LEVEL, 0},
	{"old", "lao", LATIN_WORD, 0},
	{"one", "", LATIN_NUMBER, 1},
	{"opposite", "", LATIN_NEAR, 0},
	{"osaka", "", LATIN_ABROAD, 0},
	{"outer", "wai", LATIN_WORD, 0},
	{"outside", "wai", LATIN_WORD, 0},
	{"pakistan", "", LATIN_ABROAD, 0},
	{"paris", "", LATIN_ABROAD, 0},
	{"park", "gongyuan", LATIN_WORD, 0},
	{"people", "", LATIN_COUNTRY, 0},
	{"peoples", "", LATIN_COUNTRY, 0},
	{"peru", "", LATIN_ABROAD, 0},
	{"philippines", "", LATIN_ABROAD, 0},
	{"plaza", "guangchang", LATIN_BUILDING, 0},
	{"port", "gang", LATIN_WORD, 0},
	{"pr", "", LATIN_COUNTRY, 0},
	{"prc", "", LATIN_COUNTRY, 0},
	{"pref", "zhou", LATIN_LEVEL, 0},
	{"prefecture", "zhou", LATIN_LEVEL, 0},
	{"prov", "sheng", LATIN_LEVEL, 0},
	{"province", "sheng", LATIN_LEVEL, 0},
	{"rd", "lu", LATIN_ROAD, 0},
	{"region", "qu", LATIN_LEVEL, 0},
	{"republic", "", LATIN_COUNTRY, 0},
	{"resident", "jumin", LATIN_LEVEL, 0},
	{"residential", "jumin", LATIN_LEVEL, 0},
	{"residents", "jumin", LATIN_LEVEL, 0},
	{"restaurant", "", LATIN_SERVICE, 0},
	{"river", "he", LATIN_WORD, 0},
	{"rm", "", LATIN_INSIDE, 0},
	{"road", "lu", LATIN_ROAD, 0},
	{"room", "", LATIN_INSIDE, 0},
	{"russia", "", LATIN_ABROAD, 0},
	{"school", "", LATIN_SERVICE, 0},
	{"second", "", LATIN_NUMBER, 2},
	{"section", "duan", LATIN_WORD, 0},
	{"seoul", "", LATIN_ABROAD, 0},
	{"seven", "", LATIN_NUMBER, 7},
	{"seventh", "", LATIN_NUMBER, 7},
	{"singapore", "", LATIN_ABROAD, 0},
	{"six", "", LATIN_NUMBER, 6},
	{"sixth", "", LATIN_NUMBER, 6},
	{"south", "nan", LATIN_WORD, 0},
	{"southeast", "dongnan", LATIN_WORD, 0},
	{"southern", "nan", LATIN_WORD, 0},
	{"southwest", "xinan", LATIN_WORD, 0},
	{"spain", "", LATIN_ABROAD, 0},
	{"special", "te", LATIN_WORD, 0},
	{"square", "guangchang", LATIN_BUILDING, 0},
	{"st", "jie", LATIN_ROAD, 0},
	{"state", "guojia", LATIN_WORD, 0},
	{"station", "", LATIN_SERVICE, 0},
	{"str", "jie", LATIN_ROAD, 0},
	{"street", "jie", LATIN_ROAD, 0},
	{"subdist", "jiedao", LATIN_LEVEL, 0},
	{"subdistrict", "jiedao", LATIN_LEVEL, 0},
	{"suite", "", LATIN_INSIDE, 0},
	{"sum", "sumu", LATIN_LEVEL, 0},
	{"sweden", "", LATIN_ABROAD, 0},
	{"switzerland", "", LATIN_ABROAD, 0},
	{"tadjik", "", LATIN_PEOPLE, 0},
	{"taipei", "", LATIN_ABROAD, 0},
	{"taiwan", "", LATIN_ABROAD, 0},
	{"tajik", "", LATIN_PEOPLE, 0},
	{"technological", "jishu", LATIN_WORD, 0},
	{"technology", "keji", LATIN_WORD, 0},
	{"temple", "si", LATIN_WORD, 0},
	{"ten", "", LATIN_NUMBER, 10},
	{"tenth", "", LATIN_NUMBER, 10},
	{"thailand", "", LATIN_ABROAD, 0},
	{"the", "", LATIN_FILLER, 0},
	{"third", "", LATIN_NUMBER, 3},
	{"three", "", LATIN_NUMBER, 3},
	{"tibetan", "", LATIN_PEOPLE, 0},
	{"tokyo", "", LATIN_ABROAD, 0},
	{"tower", "", LATIN_BUILDING, 0},
	{"town", "zhen", LATIN_LEVEL, 0},
	{"township", "xiang", LATIN_LEVEL, 0},
	{"tujia", "", LATIN_PEOPLE, 0},
	{"two", "", LATIN_NUMBER, 2},
	{"twp", "xiang", LATIN_LEVEL, 0},
	{"uk", "", LATIN_ABROAD, 0},
	{"unit", "danyuan", LATIN_INSIDE, 0},
	{"university", "", LATIN_SERVICE, 0},
	{"upper", "shang", LATIN_WORD, 0},
	{"usa", "", LATIN_ABROAD, 0},
	{"uyghur", "", LATIN_PEOPLE, 0},
	{"uygur", "", LATIN_PEOPLE, 0},
	{"valley", "gou", LATIN_WORD, 0},
	{"vietnam", "", LATIN_ABROAD, 0},
	{"vill", "cun", LATIN_LEVEL, 0},
	{"villa", "", LATIN_BUILDING, 0},
	{"village", "cun", LATIN_LEVEL, 0},
	{"villager", "cunmin", LATIN_LEVEL, 0},
	{"villagers", "cunmin", LATIN_LEVEL, 0},
	{"vlg", "cun", LATIN_LEVEL, 0},
	{"west", "xi", LATIN_WORD, 0},
	{"western", "xi", LATIN_WORD, 0},
	{"xibe", "", LATIN_PEOPLE, 0},
	{"zhuang", "", LATIN_PEOPLE, 0},
	{"zone", "qu", LATIN_LEVEL, 0},
};

struct affix {
	const char *word;
	uint8_t len, kind;
};

#define WORD(letters, kind)                                                                        \
	{                                                                                          \
		letters, sizeof(letters) - 1, kind                                                 \
	}

static const struct affix street_words[] = {
	WORD("jiedaobanshichu", STREET_SUBDISTRICT),
	WORD("jiebanshichu", STREET_SUBDISTRICT),
	WORD("jiedaoban", STREET_SUBDISTRICT),
	WORD("jiedao", STREET_SUBDISTRICT),
	WORD("jieban", STREET_SUBDISTRICT),
	WORD("banshichu", STREET_SUBDISTRICT),
	WORD("minzuxiang", STREET_TOWNSHIP),
	WORD("zhen", STREET_TOWN),
	WORD("xiang", STREET_TOWNSHIP),
	WORD("sumu", STREET_TOWNSHIP),
	WORD("diqu", STREET_AREA),
};

static const struct affix committee_words[] = {
	WORD("shequjuminweiyuanhui", KIND_RESIDENT),
	WORD("shequjuweihui", KIND_RESIDENT),
	WORD("shequjuwei", KIND_RESIDENT),
	WORD("shequweiyuanhui", KIND_RESIDENT),
	WORD("shequcunweihui", KIND_RESIDENT | KIND_VILLAGE),
	WORD("shequcunminweiyuanhui", KIND_RESIDENT | KIND_VILLAGE),
	WORD("shequ", KIND_RESIDENT),
	WORD("juminshequ", KIND_RESIDENT),
	WORD("juminweiyuanhui", KIND_RESIDENT),
	WORD("juminweihui", KIND_RESIDENT),
	WORD("juminjuweihui", KIND_RESIDENT),
	WORD("juweihui", KIND_RESIDENT),
	WORD("juwei", KIND_RESIDENT),
	WORD("jumin", KIND_RESIDENT),
	WORD("jiaweihui", KIND_RESIDENT),
	WORD("gachacunminweiyuanhui", KIND_VILLAGE),
	WORD("gachacunweihui", KIND_VILLAGE),
	WORD("gachaweiyuanhui", KIND_VILLAGE),
	WORD("gachacun", KIND_VILLAGE),
	WORD("gacha", KIND_VILLAGE),
	WORD("cuncunminweiyuanhui", KIND_VILLAGE),
	WORD("cuncunweihui", KIND_VILLAGE),
	WORD("cunminweiyuanhui", KIND_VILLAGE),
	WORD("cunminweihui", KIND_VILLAGE),
	WORD("cunweiyuanhui", KIND_VILLAGE),
	WORD("cunweihui", KIND_VILLAGE),
	WORD("cunwei", KIND_VILLAGE),
	WORD("xingzhengcun", KIND_VILLAGE),
	WORD("cun", KIND_VILLAGE),
};

static const struct affix admin_words[] = {
	WORD("sheng", 0),     WORD("shi", 0),  WORD("zizhiqu", 0), WORD("zizhizhou", 0),
	WORD("zizhixian", 0), WORD("qu", 0),   WORD("xinqu", 0),   WORD("diqu", 0),
	WORD("linqu", 0),     WORD("tequ", 0), WORD("xian", 0),	   WORD("zizhiqi", 0),
	WORD("qi", 0),	      WORD("meng", 0), WORD("zhou", 0),
};

static const struct affix road_words[] = {
	WORD("lu", 0),	 WORD("jie", 0),    WORD("dajie", 0), WORD("dadao", 0), WORD("gonglu", 0),
	WORD("malu", 0), WORD("hutong", 0), WORD("nong", 0),  WORD("xiang", 0),
};

const struct latin_word *latin_word_find(const char *letters)
{
	size_t low = 0, high = ARRAY_LEN(words);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(words[middle].word, letters);
		if (order == 0)
			return &words[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

#define LETTER(letter) (1u << ((letter) - 'a'))

size_t latin_level_at(enum latin_level_word which, const char *at, size_t max, uint8_t *kind)
{
	static const struct {
		const struct affix *words;
		size_t len;
		uint32_t initials; /* Of the words: at most letters the search ends here. */
	} tables[] = {
		[LATIN_OF_STREET] = {street_words, ARRAY_LEN(street_words),
				     LETTER('b') | LETTER('d') | LETTER('j') | LETTER('m') |
					     LETTER('s') | LETTER('x') | LETTER('z')},
		[LATIN_OF_COMMITTEE] = {committee_words, ARRAY_LEN(committee_words),
					LETTER('c') | LETTER('g') | LETTER('j') | LETTER('s') |
						LETTER('x')},
		[LATIN_OF_ADMIN] = {admin_words, ARRAY_LEN(admin_words),
				    LETTER('d') | LETTER('l') | LETTER('m') | LETTER('q') |
					    LETTER('s') | LETTER('t') | LETTER('x') | LETTER('z')},
		[LATIN_OF_ROAD] = {road_words, ARRAY_LEN(road_words),
				   LETTER('d') | LETTER('g') | LETTER('h') | LETTER('j') |
					   LETTER('l') | LETTER('m') | LETTER('n') | LETTER('x')},
	};
	size_t best = 0;

	*kind = 0;
	if (*at < 'a' || *at > 'z' || !(tables[which].initials & LETTER(*at)))
		return 0;
	for (size_t i = 0; i < tables[which].len; i++) {
		const struct affix *affix = &tables[which].words[i];
		if (affix->word[0] == at[0] && affix->word[1] == at[1] && affix->len > best &&
		    affix->len <= max && strncmp(at, affix->word, affix->len) == 0) {
			best = affix->len;
			*kind = affix->kind;
		}
	}
	return best;
}
