/* typo.c — at most one slip, and none that tells places apart.
 *
 * Neighbours: reading.c knows sounds, repair.c decides which of the close names is meant.
 */
#include "typo.h"

#include <uchar.h>

#include "fold.h"
#include "reading.h"

/* Two names of two characters often share one by chance. */
static size_t letters_min(bool strict)
{
	return strict ? 3 : 2;
}

/* Characters that tell sister places apart. */
static bool is_affix(uint32_t symbol)
{
	static const char32_t affixes[] = U"东西南北中上下大小前后新老旧内外左右高低头尾"
					  U"甲乙丙丁阴阳";

	for (size_t i = 0; affixes[i]; i++)
		if (affixes[i] == symbol)
			return true;
	return false;
}

static bool is_letter(uint32_t symbol)
{
	return symbol >= 'a' && symbol <= 'z';
}

/* May the one character WRITTEN stand for NAME? */
static enum typo replaced(const struct gazetteer *gazetteer, bool strict, uint32_t written,
			  uint32_t name, size_t len)
{
	if (symbol_is_number(written) || symbol_is_number(name) || is_letter(written) ||
	    is_letter(name) || (is_affix(written) && is_affix(name)))
		return TYPO_REFUSED;
	if (len >= 2 && reading_alike(gazetteer, written, name))
		return TYPO_SOUND;
	return len >= letters_min(strict) && !is_affix(written) && !is_affix(name) ? TYPO_LETTER
										   : TYPO_REFUSED;
}

/* May the character at AT of LONGER have been added, or be left out in the other name? At the end
 * of a name it makes another one: 王家 and 王家沟. A character written twice is a slip anywhere. */
static enum typo left_out(const uint32_t *longer, size_t at, size_t len, bool strict, bool added)
{
	uint32_t more = longer[at];
	bool twice = (at > 0 && longer[at - 1] == more) || (at + 1 < len && longer[at + 1] == more);

	if (symbol_is_number(more) || is_letter(more))
		return TYPO_REFUSED;
	if (twice && added && len >= 3)
		return TYPO_LETTER;
	if (is_affix(more) || len < 3)
		return TYPO_REFUSED;
	return !strict || (at > 0 && at + 1 < len) ? TYPO_LETTER : TYPO_REFUSED;
}

static enum typo swapped(const uint32_t *written, size_t len, bool strict)
{
	return len >= letters_min(strict) && !symbol_is_number(written[0]) &&
			       !symbol_is_number(written[1]) && !is_affix(written[0]) &&
			       !is_affix(written[1])
		       ? TYPO_LETTER
		       : TYPO_REFUSED;
}

/* Number of symbols that LEFT and RIGHT share from their beginning, at most LEN. */
static size_t shared(const uint32_t *left, const uint32_t *right, size_t len)
{
	size_t i = 0;

	while (i < len && left[i] == right[i])
		i++;
	return i;
}

static enum typo same_length(const struct gazetteer *gazetteer, bool strict,
			     const uint32_t *written, const uint32_t *name, size_t len)
{
	size_t at = shared(written, name, len);

	if (at == len)
		return TYPO_SAME;
	if (shared(written + at + 1, name + at + 1, len - at - 1) == len - at - 1)
		return replaced(gazetteer, strict, written[at], name[at], len);
	if (at + 1 < len && written[at] == name[at + 1] && written[at + 1] == name[at] &&
	    shared(written + at + 2, name + at + 2, len - at - 2) == len - at - 2)
		return swapped(written + at, len, strict);
	return TYPO_FAR;
}

enum typo typo_between(const struct gazetteer *gazetteer, bool strict, const uint32_t *written,
		       size_t written_len, const uint32_t *name, size_t name_len)
{
	const uint32_t *longer = written_len > name_len ? written : name;
	const uint32_t *shorter = written_len > name_len ? name : written;
	size_t len = written_len > name_len ? written_len : name_len;

	if (written_len == name_len)
		return same_length(gazetteer, strict, written, name, len);
	if (written_len + 1 != name_len && name_len + 1 != written_len)
		return TYPO_FAR;
	size_t at = shared(longer, shorter, len - 1);
	if (shared(longer + at + 1, shorter + at, len - at - 1) != len - at - 1)
		return TYPO_FAR;
	return left_out(longer, at, len, strict, longer == written);
}
