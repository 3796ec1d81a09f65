/* gazetteer.c — answer questions about the units of an opened image by code, by range and by
 * letter.
 *
 * Neighbours: image.c checked everything an index in the image can point to, so that look-ups trust
 * it; mention.c walks the trie.
 */
#include "closedloop/gazetteer.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#include "edges.h"
#include "image.h"

static const size_t code_digits[UNIT_LEVELS] = {
	[LEVEL_PROVINCE] = 2, [LEVEL_CITY] = 4,	      [LEVEL_COUNTY] = 6,
	[LEVEL_STREET] = 9,   [LEVEL_COMMITTEE] = 12,
};

int gazetteer_open(struct gazetteer **out, const void *image, size_t len, struct err *err)
{
	struct gazetteer gazetteer;
	int rc;

	assert(out);
	assert(image);
	assert((uintptr_t)image % 8 == 0);
	*out = NULL;
	if ((rc = image_read(&gazetteer, image, len, err)) < 0)
		return rc;
	*out = mem_alloc(sizeof(gazetteer));
	**out = gazetteer;
	return 0;
}

void gazetteer_close(struct gazetteer *gazetteer)
{
	mem_free(gazetteer);
}

const char *gazetteer_edition(const struct gazetteer *gazetteer)
{
	return gazetteer->edition;
}

uint32_t gazetteer_committees(const struct gazetteer *gazetteer)
{
	return gazetteer->committees;
}

enum unit_level gazetteer_level(const struct gazetteer *gazetteer, uint32_t unit)
{
	enum unit_level level = LEVEL_PROVINCE;

	assert(unit < gazetteer->admins);
	while (unit >= gazetteer->levels[level + 1])
		level++;
	return level;
}

void gazetteer_range(const struct gazetteer *gazetteer, uint32_t unit, uint32_t *first,
		     uint32_t *end)
{
	enum unit_level level = gazetteer_level(gazetteer, unit);

	*first = gazetteer->admin_first[unit];
	*end = unit + 1 < gazetteer->levels[level + 1] ? gazetteer->admin_first[unit + 1]
						       : gazetteer->committees;
}

/* Write the last DIGITS digits of VALUE to BUF. */
static void put_digits(char *buf, size_t digits, uint32_t value)
{
	for (; digits > 0; value /= 10)
		buf[--digits] = (char)('0' + value % 10);
}

void gazetteer_admin_code(const struct gazetteer *gazetteer, uint32_t unit, char *buf)
{
	size_t digits = code_digits[gazetteer_level(gazetteer, unit)];

	put_digits(buf, digits, gazetteer->admin_codes[unit]);
	buf[digits] = '\0';
}

void gazetteer_committee_code(const struct gazetteer *gazetteer, uint32_t committee, char *buf)
{
	gazetteer_admin_code(gazetteer, gazetteer->committee_streets[committee], buf);
	put_digits(buf + code_digits[LEVEL_STREET], 3, gazetteer->committee_locals[committee]);
	buf[UNIT_CODE_MAX] = '\0';
}

uint32_t gazetteer_common(const struct gazetteer *gazetteer, uint32_t left, uint32_t right)
{
	while (left != right && left != IMAGE_NONE && right != IMAGE_NONE) {
		if (gazetteer_level(gazetteer, left) >= gazetteer_level(gazetteer, right))
			left = gazetteer->admin_parents[left];
		else
			right = gazetteer->admin_parents[right];
	}
	return left == right ? left : IMAGE_NONE;
}

uint32_t gazetteer_child(const struct gazetteer *gazetteer, uint32_t node, uint32_t label)
{
	return EDGE_NODE(edge_find(gazetteer, node, label));
}

uint32_t gazetteer_posting(const struct gazetteer *gazetteer, uint32_t low, uint32_t high,
			   uint32_t committee)
{
	const uint32_t *postings = gazetteer->postings;
	uint32_t len = high - low;

	/* The place is anywhere: a choice between two numbers is not guessed wrong, as a branch is
	 * half of the time. */
	while (len > 0) {
		uint32_t half = len / 2;
		bool after = POSTING_UNIT(postings[low + half]) < committee;
		low = after ? low + half + 1 : low;
		len = after ? len - half - 1 : half;
	}
	return low;
}

/* The first DIGITS digits of CODE as a number. */
static uint64_t number(const char *code, size_t digits)
{
	uint64_t value = 0;

	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (uint64_t)(code[i] - '0');
	return value;
}

/* The admin unit of LEVEL called CODE; IMAGE_NONE when there is none. */
static uint32_t find_admin(const struct gazetteer *gazetteer, enum unit_level level,
			   const char *code)
{
	uint64_t wanted = number(code, code_digits[level]);
	uint32_t low = gazetteer->levels[level], high = gazetteer->levels[level + 1];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (gazetteer->admin_codes[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low < gazetteer->levels[level + 1] && gazetteer->admin_codes[low] == wanted
		       ? low
		       : IMAGE_NONE;
}

/* The committee of STREET whose code ends in the three digits at LOCAL. */
static uint32_t find_committee(const struct gazetteer *gazetteer, uint32_t street,
			       const char *local)
{
	uint64_t wanted = number(local, 3);
	uint32_t low, end;

	gazetteer_range(gazetteer, street, &low, &end);
	for (; low < end; low++)
		if (gazetteer->committee_locals[low] == wanted)
			return low;
	return IMAGE_NONE;
}

/* Find CODE. False when it is no code or names nothing; else ADMIN is its deepest admin unit, and
 * COMMITTEE the committee or IMAGE_NONE. */
static bool find(const struct gazetteer *gazetteer, const char *code, uint32_t *admin,
		 uint32_t *committee)
{
	*committee = IMAGE_NONE;
	for (enum unit_level level = LEVEL_PROVINCE; level < UNIT_LEVELS; level++) {
		if (!text_is_digits(code, code_digits[level]))
			continue;
		*admin = find_admin(gazetteer, level == LEVEL_COMMITTEE ? LEVEL_STREET : level,
				    code);
		if (*admin == IMAGE_NONE)
			return false;
		if (level == LEVEL_COMMITTEE)
			*committee =
				find_committee(gazetteer, *admin, code + code_digits[LEVEL_STREET]);
		return level != LEVEL_COMMITTEE || *committee != IMAGE_NONE;
	}
	return false;
}

bool gazetteer_has(const struct gazetteer *gazetteer, const char *code)
{
	uint32_t admin, committee;

	return find(gazetteer, code, &admin, &committee);
}

int gazetteer_name(const struct gazetteer *gazetteer, const char *code, char *buf, size_t cap)
{
	uint32_t admin, committee;
	struct text text;

	text_init(&text, buf, cap);
	if (!find(gazetteer, code, &admin, &committee))
		return CL_ENOENT;
	text_add(&text, gazetteer->names + (committee == IMAGE_NONE
						    ? gazetteer->admin_names[admin]
						    : gazetteer->committee_names[committee]));
	return 0;
}

/* Names of levels that exist only in the statistics, as nobody writes them on an envelope. */
static bool placeholder(const char *name)
{
	return strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0 ||
	       strstr(name, "直辖") != NULL;
}

int gazetteer_chain(const struct gazetteer *gazetteer, const char *code, char *buf, size_t cap)
{
	uint32_t admin, committee, chain[UNIT_CHAIN_MAX], len = 0;
	const char *above = "";
	struct text text;

	text_init(&text, buf, cap);
	if (!find(gazetteer, code, &admin, &committee))
		return CL_ENOENT;
	for (; admin != IMAGE_NONE; admin = gazetteer->admin_parents[admin])
		chain[len++] = admin;
	while (len-- > 0) {
		const char *name = gazetteer->names + gazetteer->admin_names[chain[len]];
		/* 东莞市 is its own county. */
		if (!placeholder(name) && strcmp(name, above) != 0)
			text_add(&text, name);
		above = name;
	}
	if (committee != IMAGE_NONE)
		text_add(&text, gazetteer->names + gazetteer->committee_names[committee]);
	return 0;
}

size_t gazetteer_below(const struct gazetteer *gazetteer, const char *code,
		       char (*codes)[UNIT_CODE_CAP], size_t max)
{
	uint32_t admin, committee, unit, end;
	size_t len = 0;

	if (!find(gazetteer, code, &admin, &committee) || committee != IMAGE_NONE)
		return 0;
	enum unit_level level = gazetteer_level(gazetteer, admin);

	if (level == LEVEL_STREET) {
		gazetteer_range(gazetteer, admin, &unit, &end);
		for (; unit < end && len < max; unit++)
			gazetteer_committee_code(gazetteer, unit, codes[len++]);
		return len;
	}
	end = gazetteer->levels[level + 2];
	for (unit = gazetteer->levels[level + 1]; unit < end && len < max; unit++) {
		if (gazetteer->admin_parents[unit] == admin)
			gazetteer_admin_code(gazetteer, unit, codes[len++]);
	}
	return len;
}
