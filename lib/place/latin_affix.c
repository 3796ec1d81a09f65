/* latin_affix.c — tables of the level words in pinyin: what makes a street, a committee, a county
 * or a road of the name before it.
 *
 * Neighbours: latin_level.c and latin_repair.c look for them; affix.c holds the same words in
 * Chinese, latin_word.c turns the English ones into these.
 */
#include "latin_affix.h"

#include <string.h>

#include "closedloop/text.h"

#include "affix.h"

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

#define LETTER(letter) (1u << ((letter) - 'a'))

size_t latin_level_at(enum latin_level_kind which, const char *at, size_t max, uint8_t *kind)
{
	static const struct {
		const struct affix *words;
		size_t len;
		/* Letters that the words begin with, and their second ones: at most places the
		 * search ends here. */
		uint32_t initials, seconds;
	} tables[] = {
		[LATIN_OF_STREET] = {street_words, ARRAY_LEN(street_words),
				     LETTER('b') | LETTER('d') | LETTER('j') | LETTER('m') |
					     LETTER('s') | LETTER('x') | LETTER('z'),
				     LETTER('a') | LETTER('h') | LETTER('i') | LETTER('u')},
		[LATIN_OF_COMMITTEE] = {committee_words, ARRAY_LEN(committee_words),
					LETTER('c') | LETTER('g') | LETTER('j') | LETTER('s') |
						LETTER('x'),
					LETTER('a') | LETTER('h') | LETTER('i') | LETTER('u')},
		[LATIN_OF_ADMIN] = {admin_words, ARRAY_LEN(admin_words),
				    LETTER('d') | LETTER('l') | LETTER('m') | LETTER('q') |
					    LETTER('s') | LETTER('t') | LETTER('x') | LETTER('z'),
				    LETTER('e') | LETTER('h') | LETTER('i') | LETTER('u')},
		[LATIN_OF_ROAD] = {road_words, ARRAY_LEN(road_words),
				   LETTER('d') | LETTER('g') | LETTER('h') | LETTER('j') |
					   LETTER('l') | LETTER('m') | LETTER('n') | LETTER('x'),
				   LETTER('a') | LETTER('i') | LETTER('o') | LETTER('u')},
	};
	size_t best = 0;

	*kind = 0;
	if (at[0] < 'a' || at[0] > 'z' || !(tables[which].initials & LETTER(at[0])) ||
	    at[1] < 'a' || at[1] > 'z' || !(tables[which].seconds & LETTER(at[1])))
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
