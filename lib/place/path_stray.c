/* path_stray.c — letters that nothing explains: an unknown district, a town, another village.
 *
 * Neighbours: path.c doubts an answer for them, explain.c warns of them.
 */
#include "path.h"

#include <uchar.h>

#include "closedloop/text.h"

#include "affix.h"

static bool begins(const uint32_t *at, const char32_t *word)
{
	while (*word && *at == *word) {
		at++;
		word++;
	}
	return !*word;
}

/* 小区, 社区, 校区 … are no districts. */
static bool is_district(const struct folded *text, size_t at)
{
	static const char32_t before[] = U"小社校园片地东西南北中新老库";
	uint32_t symbol = text->symbols[at];

	if (symbol == U'县' || symbol == U'市')
		return true;
	if (symbol != U'区' || at == 0 || symbol_is_number(text->symbols[at - 1]))
		return false;
	for (size_t i = 0; before[i]; i++)
		if (text->symbols[at - 1] == before[i])
			return false;
	return true;
}

static enum stray stray_at(const struct folded *text, size_t at)
{
	static const char32_t *const places[] = {U"镇", U"乡",	 U"街道", U"办事处",
						 U"村", U"社区", U"居委"};
	const uint32_t *symbols = text->symbols + at;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (begins(symbols, places[i]))
			return affix_road_at(symbols + 1, false) ? STRAY_NONE : STRAY_PLACE;
	return is_district(text, at) ? STRAY_COUNTY : STRAY_NONE;
}

/* End of the explained upper name of CANDIDATE that covers AT; AT when none does. */
static size_t covered_to(const struct judge *judge, const struct candidate *candidate, size_t at)
{
	const struct mention *admin = judge->mentions->admin;
	size_t end = at;

	for (size_t i = 0; candidate->explained >> i && i < judge->mentions->admin_len; i++)
		if ((candidate->explained & bit(i)) && admin[i].start <= at && admin[i].end > end)
			end = admin[i].end;
	return end;
}

enum stray path_stray(const struct judge *judge, const struct candidate *candidate, size_t *start,
		      size_t *end)
{
	size_t limit = judge->mentions->committee[candidate->mention].start, last = 0;
	enum stray worst = STRAY_NONE;
	bool begun = false;

	for (size_t at = 0; at < limit;) {
		size_t next = covered_to(judge, candidate, at);
		if (next > at) {
			begun = true;
			at = last = next;
			continue;
		}
		if (judge->text->flags[at] & FOLD_GAP)
			last = at;
		enum stray stray = begun ? stray_at(judge->text, at) : STRAY_NONE;
		at++;
		if (stray <= worst)
			continue;
		worst = stray;
		*start = last;
		*end = at;
	}
	return worst;
}

bool path_warning(const struct judge *judge, const struct candidate *candidate, size_t *start,
		  size_t *end)
{
	const struct mention *mention = &judge->mentions->committee[candidate->mention];
	const struct mention *wrong = mention->form == FORM_TYPO ? mention : NULL;
	uint64_t against = judge_against(judge, candidate->explained, mention);

	for (size_t i = 0; i < judge->mentions->admin_len && !wrong; i++) {
		const struct mention *admin = &judge->mentions->admin[i];
		if ((against & bit(i)) ||
		    ((candidate->explained & bit(i)) &&
		     (admin->form == FORM_TYPO || (admin->form == FORM_OLD && candidate->old) ||
		      (admin->form == FORM_OTHER &&
		       (admin->level == LEVEL_STREET ? candidate->street_other
						     : candidate->county_other)))))
			wrong = admin;
	}
	if (!wrong)
		return path_stray(judge, candidate, start, end) != STRAY_NONE;
	*start = wrong->start;
	*end = wrong->end;
	return true;
}
