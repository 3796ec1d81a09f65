/* match_why.c — the words for verdicts and for the reasons behind them: stable names for programs
 * and phrases, and one English sentence each.
 *
 * Neighbours: match.c and the rooms it asks set a reason, never a sentence.
 */
#include "match_why.h"

#include <assert.h>

static const struct {
	const char *word, *sentence;
} whys[] = {
	[MATCH_WHY_CHAIN] = {"chain", "street and committee are written"},
	[MATCH_WHY_STREET] = {"street",
			      "street and committee are written, found once in the country"},
	[MATCH_WHY_STREET_SHORT] = {"street_short", "street in short and committee are written"},
	[MATCH_WHY_COUNTY] = {"county", "committee is written, found once in its county"},
	[MATCH_WHY_CITY] = {"city", "committee is written, found once in its city"},
	[MATCH_WHY_SHORT] = {"short", "committee is written without its kind word"},
	[MATCH_WHY_LANE] = {"lane", "a committee is named after this lane"},
	[MATCH_WHY_KIND] = {"kind", "the kind word written is not the committee's own"},
	[MATCH_WHY_REPAIRED] = {"repaired", "one thing written is not as in the gazetteer"},
	[MATCH_WHY_RENAMED] = {"renamed", "an old name of the county is written"},
	[MATCH_WHY_TYPO] = {"typo", "one character is wrong, or sounds like the right one"},
	[MATCH_WHY_ELSEWHERE] = {"elsewhere", "the place written above the committee is wrong"},
	[MATCH_WHY_RULE] = {"rule", "a coverage rule covers the door"},
	[MATCH_WHY_RULE_OTHER] = {"rule_other",
				  "a coverage rule covers this number, but of the other kind"},
	[MATCH_WHY_BOUNDARY] = {"boundary", "the coordinates lie inside one boundary"},
	[MATCH_WHY_ALIAS] = {"alias", "an officer assigned this place by hand"},
	[MATCH_WHY_SEVERAL] = {"several", "several committees fit what is written"},
	[MATCH_WHY_NAMED_LIKE] = {"named_like", "no committee has the name written, these hold it"},
	[MATCH_WHY_LITTLE] = {"little", "too little is written to be sure"},
	[MATCH_WHY_CONTRADICTED] = {"contradicted", "the committee is not where the text says"},
	[MATCH_WHY_TORN] = {"torn", "the places written contradict each other"},
	[MATCH_WHY_PLACE] = {"place", "no committee is written, only a place above it"},
	[MATCH_WHY_PLACES] = {"places", "several places above a committee fit"},
	[MATCH_WHY_NOTHING] = {"nothing", "no place we know is written"},
	[MATCH_WHY_RULES] = {"rules", "two units claim this door"},
	[MATCH_WHY_RULE_AGAINST] = {"rule_against",
				    "a rule gives the door to another committee than is written"},
	[MATCH_WHY_NO_RULE] = {"no_rule", "a door is written, and no rule covers it"},
	[MATCH_WHY_NOT_OURS] = {"not_ours", "the unit that fits says the door is not its own"},
	[MATCH_WHY_EDGE] = {"edge", "the coordinates lie on a boundary, or in none"},
	[MATCH_WHY_ALIASES] = {"aliases", "officers assigned this place to different units"},
};
_Static_assert(ARRAY_LEN(whys) == MATCH_WHYS, "the last reason lacks its row");

const char *match_verdict_word(enum match_verdict verdict)
{
	static const char *const words[] = {
		[MATCH_UNMATCHED] = "unmatched",
		[MATCH_AMBIGUOUS] = "ambiguous",
		[MATCH_PROBABLE] = "probable",
		[MATCH_EXACT] = "exact",
	};

	assert((size_t)verdict < ARRAY_LEN(words));
	return words[verdict];
}

const char *match_why_word(enum match_why why)
{
	assert((size_t)why < ARRAY_LEN(whys));
	return whys[why].word;
}

const char *match_why_sentence(enum match_why why)
{
	assert((size_t)why < ARRAY_LEN(whys));
	return whys[why].sentence;
}
