/* fold.c — turn text as typed into symbols: width, case, variants, numerals, noise.
 *
 * Neighbours: gazetteer_build.c folds the gazetteer's names, match.c the addresses, both with the
 * table that travels in the image. Two passes over the caller's buffer: code points first, each by
 * one look into a table, then numerals if there are any.
 */
#include "fold.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

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

/* What a character is once it is folded. */
enum {
	POINT_GAP,
	POINT_INVISIBLE,
	POINT_ENCLOSED,
	POINT_WORD,
	POINT_LETTER,  /* A word's, and Latin. */
	POINT_NUMERAL, /* A word's, and a number may begin with it. */
	POINT_KINDS = 7,
	POINT_FOLDS = 8, /* Another character stands for it. */
};

/* Letters of the Latin alphabet with and without accents. */
static bool is_latin(uint32_t point)
{
	return in(point, 'a', 'z') || in(point, 0x00C0, 0x024F) || in(point, 0x1E00, 0x1EFF);
}

static uint8_t kind_of(uint32_t point)
{
	if (is_invisible(point))
		return POINT_INVISIBLE;
	if (enclosed_number(point) > 0)
		return POINT_ENCLOSED;
	if (!is_word(point))
		return POINT_GAP;
	if (is_digit(point) || point == U'十' || (han_digit(point) >= 0 && point != U'零'))
		return POINT_NUMERAL;
	return is_latin(point) ? POINT_LETTER : POINT_WORD;
}

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
	for (uint32_t i = 0; i < 0x10000; i++)
		table->kinds[i] =
			(uint8_t)(kind_of(table->to[i]) | (table->to[i] != i ? POINT_FOLDS : 0));
}

/* Decode one code point of bytes that need not be UTF-8; what is not is a gap. Most are Chinese. */
static inline uint32_t decode(const char *bytes, size_t len, size_t *used)
{
	const unsigned char *byte = (const unsigned char *)bytes;

	if (len >= 3 && byte[0] > 0xE0 && byte[0] < 0xED && (byte[1] & 0xC0) == 0x80 &&
	    (byte[2] & 0xC0) == 0x80) {
		*used = 3;
		return (byte[0] & 0x0Fu) << 12 | (byte[1] & 0x3Fu) << 6 | (byte[2] & 0x3Fu);
	}
	*used = 1;
	return byte[0] < 0x80 ? byte[0] : text_decode(bytes, len, used);
}

/* Fold *POINT; returns what it is. Of what lies beyond the table only Han's extensions matter. */
static uint8_t look_up(const struct fold_table *table, uint32_t *point)
{
	if (*point >= 0x10000)
		return is_word(*point) ? POINT_WORD : POINT_GAP;
	uint8_t kind = table->kinds[*point];
	if (kind & POINT_FOLDS)
		*point = table->to[*point];
	return kind & POINT_KINDS;
}

/* What the first pass has seen: most addresses need no second one. */
struct seen {
	bool numeral;
	size_t apart; /* The longest row of symbols with a gap before each. */
};

static struct seen fold_points(const struct fold_table *table, const char *bytes, size_t len,
			       struct folded *out)
{
	struct seen seen = {false, 0};
	size_t at = 0, letters = 0, apart = 0, used;
	bool gap = true;

	for (size_t i = 0; i < len; i += used) {
		size_t tag = markup(bytes + i, len - i);
		if (tag > 0) {
			used = tag;
			letters += tag;
			gap = true;
			continue;
		}
		uint32_t point = decode(bytes + i, len - i, &used);
		letters += in(point, 0x1E00, 0x1EFF);
		uint8_t kind = look_up(table, &point);
		if (kind <= POINT_INVISIBLE) {
			gap = gap || kind == POINT_GAP;
			continue;
		}
		if (kind == POINT_ENCLOSED)
			point = SYMBOL_NUMBER + enclosed_number(point);
		letters += kind == POINT_LETTER;
		seen.numeral = seen.numeral || kind == POINT_NUMERAL;
		apart = gap ? apart + 1 : 0;
		seen.apart = apart > seen.apart ? apart : seen.apart;
		out->symbols[at] = point;
		out->flags[at++] = (uint8_t)((gap ? FOLD_GAP : 0) |
					     (kind == POINT_NUMERAL ? FOLD_NUMERAL : 0));
		gap = false;
	}
	out->len = at;
	out->letters = letters;
	return seen;
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
			out->flags[i] &= (uint8_t)~FOLD_GAP;
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

/* Read the number at AT[0..LEN) and how it is written. Returns how many symbols it has, or 0. */
static size_t read_number(const uint32_t *at, size_t len, uint32_t *value, uint8_t *form)
{
	size_t used = read_arabic(at, len, value);

	*form = FOLD_ARABIC;
	if (used > 0)
		return used;
	used = read_han(at, len, value);
	*form = used > 1 ? numeral_form(at, used) : 0;
	return used;
}

/* Replace digit runs by one symbol each. A run ends at a gap. */
static void fold_numbers(struct folded *out)
{
	size_t len = 0, reach = 0;
	bool gap = false;

	for (size_t i = 0; i < out->len;) {
		uint8_t flags = out->flags[i] | (gap ? FOLD_GAP : 0), form;
		uint32_t value = 0;
		size_t used = 0;

		gap = false;
		if (flags & FOLD_NUMERAL) {
			for (reach = reach > i ? reach : i + 1;
			     reach < out->len && !(out->flags[reach] & FOLD_GAP);)
				reach++;
			used = read_number(out->symbols + i, reach - i, &value, &form);
			flags &= (uint8_t)~FOLD_NUMERAL;
		}
		if (used == 0) {
			out->symbols[len] = out->symbols[i++];
			out->flags[len++] = flags;
			continue;
		}
		i += used;
		gap = value > SYMBOL_NUMBER_MAX;
		if (gap)
			continue;
		flags |= form;
		if (len > 0 && out->symbols[len - 1] == U'第' && !(flags & FOLD_GAP)) {
			len--;
			flags |= out->flags[len];
		}
		out->symbols[len] = SYMBOL_NUMBER + value;
		out->flags[len++] = flags;
	}
	out->len = len;
}

void fold(const struct fold_table *table, const char *bytes, size_t len, struct folded *out)
{
	assert(table);
	assert(out);
	struct seen seen = fold_points(table, bytes, text_cut_at(bytes, len, FOLD_MAX), out);
	if (seen.apart >= 3)
		join_spaced(out);
	if (seen.numeral)
		fold_numbers(out);
	out->symbols[out->len] = 0;
	out->flags[out->len] = FOLD_GAP;
}

/* Write VALUE, at most SYMBOL_NUMBER_MAX, to DIGITS. Returns how many it has. */
static size_t write_digits(uint32_t value, char digits[5])
{
	size_t len = 1;

	for (uint32_t rest = value / 10; rest > 0; rest /= 10)
		len++;
	for (size_t i = len; i > 0; value /= 10)
		digits[--i] = (char)('0' + value % 10);
	return len;
}

/* Numbers up to ten that were written in Chinese are written back so: 四川, not 4川. */
static void write_number(const struct folded *folded, size_t at, struct text *out)
{
	static const char *const han[] = {"〇", "一", "二", "三", "四", "五",
					  "六", "七", "八", "九", "十"};
	uint32_t value = folded->symbols[at] - SYMBOL_NUMBER;
	char digits[5];

	if (value < ARRAY_LEN(han) && !(folded->flags[at] & FOLD_ARABIC))
		text_add(out, han[value]);
	else
		text_add_bytes(out, digits, write_digits(value, digits));
}

void fold_write(const struct folded *folded, size_t start, size_t end, struct text *out)
{
	char bytes[128];
	size_t len = 0;

	for (size_t i = start; i < end; i++) {
		uint32_t symbol = folded->symbols[i];
		if (len > sizeof(bytes) - 8) {
			text_add_bytes(out, bytes, len);
			len = 0;
		}
		if (i > start && (folded->flags[i] & FOLD_GAP))
			bytes[len++] = ' ';
		if (!symbol_is_number(symbol)) {
			len += text_encode(symbol, bytes + len);
			continue;
		}
		text_add_bytes(out, bytes, len);
		len = 0;
		write_number(folded, i, out);
	}
	text_add_bytes(out, bytes, len);
}
