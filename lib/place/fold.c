/* fold.c — turn text as typed into symbols: width, case, variants, numerals, noise.
 *
 * Neighbours: gazetteer_build.c folds the gazetteer's names, match.c the addresses, both with the
 * table that travels in the image. Two passes over the caller's buffer: code points first, then
 * numerals.
 */
#include "fold.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

void fold_table_init(struct fold_table *table, const uint32_t *from, const uint32_t *to, size_t len)
{
	for (uint32_t i = 0; i < 0x10000; i++)
		table->to[i] = (uint16_t)i;
	for (size_t i = 0; i < len; i++)
		if (from[i] < 0x10000 && to[i] < 0x10000)
			table->to[from[i]] = (uint16_t)to[i];
	for (uint32_t i = 0xFF01; i <= 0xFF5E; i++)
		table->to[i] = (uint16_t)(i - 0xFEE0);
	for (uint32_t i = 'A'; i <= 'Z'; i++) {
		table->to[i] = (uint16_t)(i + 32);
		table->to[i + 0xFEE0] = (uint16_t)(i + 32);
	}
}

static bool in(uint32_t point, uint32_t low, uint32_t high)
{
	return point >= low && point <= high;
}

/* Characters that show nothing and separate nothing, and the dot inside of names. */
static bool is_invisible(uint32_t point)
{
	return in(point, 0x200B, 0x200F) || in(point, 0x202A, 0x202E) ||
	       in(point, 0x2060, 0x206F) || in(point, 0xFE00, 0xFE0F) || point == 0xFEFF ||
	       point == 0x00AD || point == 0x034F || point == 0x061C || point == 0x180E ||
	       point == 0x00B7 || point == 0x2022 || point == 0x30FB;
}

static bool is_digit(uint32_t point)
{
	return in(point, '0', '9');
}

/* Characters that can be part of a name: letters, digits, Han and its extensions, kana, hangul, and
 * the private use area, which a few names of the gazetteer need. */
static bool is_word(uint32_t point)
{
	return in(point, 0x3400, 0x9FFF) || in(point, 'a', 'z') || is_digit(point) ||
	       point == 0x3007 || in(point, 0x00C0, 0x024F) || in(point, 0x3041, 0x30FF) ||
	       in(point, 0xAC00, 0xD7A3) || in(point, 0xE000, 0xFAFF) ||
	       in(point, 0x20000, 0x323AF);
}

/* ① and Ⅱ are numbers by themselves; 0 for everything else. */
static uint32_t enclosed_number(uint32_t point)
{
	if (in(point, 0x2460, 0x2473))
		return point - 0x245F;
	if (in(point, 0x2160, 0x216B))
		return point - 0x215F;
	if (in(point, 0x2170, 0x217B))
		return point - 0x216F;
	return 0;
}

/* Bytes of the tag or character entity that begins at BYTES; 0 when none does. */
static size_t markup(const char *bytes, size_t len)
{
	char close = bytes[0] == '<' ? '>' : ';';
	size_t limit = bytes[0] == '<' ? 64 : 10;

	if (bytes[0] != '<' && bytes[0] != '&')
		return 0;
	for (size_t i = 1; i < len && i < limit; i++) {
		if (bytes[i] == close)
			return i > 1 ? i + 1 : 0;
		if ((unsigned char)bytes[i] >= 0x80 || (close == ';' && bytes[i] == ' '))
			return 0;
	}
	return 0;
}

/* Decode one code point of bytes that need not be UTF-8. Returns 0, and one byte used, for what is
 * not. */
static uint32_t decode(const char *bytes, size_t len, size_t *used)
{
	unsigned char lead = (unsigned char)bytes[0];
	size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

	*used = 1;
	if (wanted == 1)
		return lead;
	if (wanted > len || !text_is_utf8(bytes, wanted))
		return 0;
	return text_decode(bytes, wanted, used);
}

static void push(struct folded *out, uint32_t symbol, bool gap)
{
	out->symbols[out->len] = symbol;
	out->flags[out->len] = gap || out->len == 0 ? FOLD_GAP : 0;
	out->len++;
}

static void fold_points(const struct fold_table *table, const char *bytes, size_t len,
			struct folded *out)
{
	bool gap = true;
	size_t used;

	for (size_t i = 0; i < len; i += used) {
		uint32_t point = decode(bytes + i, len - i, &used);
		size_t tag = markup(bytes + i, len - i);
		if (tag > 0) {
			used = tag;
			gap = true;
			continue;
		}
		if (point < 0x10000)
			point = table->to[point];
		if (is_invisible(point))
			continue;
		if (enclosed_number(point) > 0) {
			push(out, SYMBOL_NUMBER + enclosed_number(point), gap);
			gap = false;
		} else if (is_word(point)) {
			push(out, point, gap);
			gap = false;
		} else {
			gap = true;
		}
	}
}

/* Is AT the only symbol between two gaps, and no letter or digit? */
static bool stands_alone(const struct folded *out, size_t at)
{
	return out->symbols[at] >= 0x3007 && (out->flags[at] & FOLD_GAP) &&
	       (at + 1 == out->len || (out->flags[at + 1] & FOLD_GAP));
}

/* 河 北 省 廊 坊 市: where three characters and more in a row stand alone, the gaps between them
 * say nothing. */
static void join_spaced(struct folded *out)
{
	for (size_t start = 0, end; start < out->len; start = end + 1) {
		for (end = start; end < out->len && stands_alone(out, end);)
			end++;
		if (end - start < 3)
			continue;
		/* Its neighbours see a gap at END until all are joined. */
		for (size_t i = start + 1; i < end; i++)
			out->flags[i] = 0;
	}
}

/* The value of a Chinese digit, or -1. */
static int han_digit(uint32_t symbol)
{
	switch (symbol) {
	case U'零':
	case U'〇':
		return 0;
	case U'一':
		return 1;
	case U'二':
		return 2;
	case U'三':
		return 3;
	case U'四':
		return 4;
	case U'五':
		return 5;
	case U'六':
		return 6;
	case U'七':
		return 7;
	case U'八':
		return 8;
	case U'九':
		return 9;
	default:
		return -1;
	}
}

static uint32_t han_unit(uint32_t symbol)
{
	return symbol == U'十' ? 10 : symbol == U'百' ? 100 : symbol == U'千' ? 1000 : 0;
}

/* 一零一五: digit after digit. Returns how many symbols of AT[0..LEN) were read. */
static size_t read_digits(const uint32_t *at, size_t len, uint32_t *value)
{
	size_t i = 0;

	for (*value = 0; i < len && i < 5 && han_digit(at[i]) >= 0; i++)
		*value = *value * 10 + (uint32_t)han_digit(at[i]);
	return i;
}

/* 二十六, 一千零五十: digits with units. */
static size_t read_units(const uint32_t *at, size_t len, uint32_t *value)
{
	uint32_t digit = 0;
	size_t i;

	*value = 0;
	for (i = 0; i < len; i++) {
		uint32_t unit = han_unit(at[i]);
		int read = han_digit(at[i]);
		if (unit > 0 && (digit > 0 || (i == 0 && unit == 10))) {
			*value += (digit > 0 ? digit : 1) * unit;
			digit = 0;
		} else if (read > 0 && digit == 0) {
			digit = (uint32_t)read;
		} else if (read != 0 || digit > 0) {
			break;
		}
	}
	*value += digit;
	return i;
}

/* Read the Chinese numeral at AT[0..LEN). Returns 0 when there is none: 零陵, 百花 and 千山 are
 * words. */
static size_t read_han(const uint32_t *at, size_t len, uint32_t *value)
{
	if (at[0] == U'零' || (han_digit(at[0]) < 0 && at[0] != U'十'))
		return 0;
	/* 六1社区 is 六一社区. */
	if (len > 1 && han_digit(at[0]) > 0 && is_digit(at[1]) && (len == 2 || !is_digit(at[2]))) {
		*value = (uint32_t)han_digit(at[0]) * 10 + (at[1] - '0');
		return 2;
	}
	if (at[0] == U'〇' || (len > 1 && han_digit(at[0]) >= 0 && han_digit(at[1]) >= 0))
		return read_digits(at, len, value);
	return read_units(at, len, value);
}

/* How the numeral AT[0..LEN) is written. */
static uint8_t numeral_form(const uint32_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] == U'十')
			return FOLD_TENS;
	return len == 2 && !is_digit(at[1]) ? FOLD_PAIR : 0;
}

static size_t read_arabic(const uint32_t *at, size_t len, uint32_t *value)
{
	size_t i = 0;

	for (*value = 0; i < len && is_digit(at[i]); i++)
		if (*value <= SYMBOL_NUMBER_MAX)
			*value = *value * 10 + (at[i] - '0');
	return i;
}

/* Replace digit runs by one symbol each. A run ends at a gap. */
static void fold_numbers(struct folded *out)
{
	size_t len = 0;
	bool gap = false;

	for (size_t i = 0; i < out->len;) {
		size_t reach = i + 1, used;
		uint32_t value = 0;
		uint8_t flags = out->flags[i] | (gap ? FOLD_GAP : 0);
		while (reach < out->len && !(out->flags[reach] & FOLD_GAP))
			reach++;
		gap = false;
		if ((used = read_arabic(out->symbols + i, reach - i, &value)) > 0)
			flags |= FOLD_ARABIC;
		else if ((used = read_han(out->symbols + i, reach - i, &value)) > 1)
			flags |= numeral_form(out->symbols + i, used);
		if (used > 0 && value > SYMBOL_NUMBER_MAX) {
			gap = true;
		} else if (used > 0) {
			if (len > 0 && out->symbols[len - 1] == U'第' && !(flags & FOLD_GAP)) {
				len--;
				flags |= out->flags[len];
			}
			out->symbols[len] = SYMBOL_NUMBER + value;
			out->flags[len++] = flags;
		} else {
			out->symbols[len] = out->symbols[i];
			out->flags[len++] = flags;
		}
		i += used > 0 ? used : 1;
	}
	out->len = len;
}

void fold(const struct fold_table *table, const char *bytes, size_t len, struct folded *out)
{
	assert(table);
	assert(out);
	out->len = 0;
	fold_points(table, bytes, text_cut_at(bytes, len, FOLD_MAX), out);
	join_spaced(out);
	fold_numbers(out);
	out->symbols[out->len] = 0;
	out->flags[out->len] = FOLD_GAP;
}

/* Numbers up to ten that were written in Chinese are written back so: 四川, not 4川. */
static void write_number(const struct folded *folded, size_t at, struct text *out)
{
	static const char *const han[] = {"〇", "一", "二", "三", "四", "五",
					  "六", "七", "八", "九", "十"};
	uint32_t value = folded->symbols[at] - SYMBOL_NUMBER;

	if (value < ARRAY_LEN(han) && !(folded->flags[at] & FOLD_ARABIC))
		text_add(out, han[value]);
	else
		text_addf(out, "%lu", (unsigned long)value);
}

void fold_write(const struct folded *folded, size_t start, size_t end, struct text *out)
{
	char bytes[4];

	for (size_t i = start; i < end; i++) {
		if (i > start && (folded->flags[i] & FOLD_GAP))
			text_add_bytes(out, " ", 1);
		if (symbol_is_number(folded->symbols[i]))
			write_number(folded, i, out);
		else
			text_add_bytes(out, bytes, text_encode(folded->symbols[i], bytes));
	}
}
