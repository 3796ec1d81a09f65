/* latin_text.c — cut bytes into words of letters and digits, and spell them as pinyin.
 *
 * Neighbours: latin_word.c knows the words, latin_mention.c looks for places among the letters.
 */
#include "latin_text.h"

#include <assert.h>
#include <string.h>
#include <utf8proc.h>

#include "closedloop/match.h"
#include "closedloop/text.h"

#include "latin_key.h"
#include "latin_word.h"

#define WORD_CAP 24 /* Longer runs of letters are no English word. */

#define LABEL_CAP    32
#define PERSON_WORDS 3 /* Ou Yang Nana. */
#define TONES_MIN    3 /* So many syllables with a digit behind them are no chance. */

enum glyph {
	GLYPH_LETTER,
	GLYPH_DIGIT,
	GLYPH_MARK, /* Belongs to the letter before, or joins two: accents, apostrophes, hyphens. */
	GLYPH_SOFT, /* Separates words: a space, a full stop. */
	GLYPH_HARD, /* Separates parts of an address. */
	GLYPH_LINE, /* So does a line's end, mostly. */
	GLYPH_NO,   /* # */
	GLYPH_HAN,
};

struct reader {
	struct latin_text *text;
	bool hard, glued, upper; /* Before the next word; the last letter was a capital. */
	bool line;		 /* It is hard only because a line ends there. */
	size_t word_len;
	char word[WORD_CAP]; /* The word being read, while it is short. */
	struct latin_token token;
	size_t person;		   /* Words that may still be somebody's name. */
	bool toned;		   /* Tones are digits: Bei3jing1. */
	size_t part;		   /* First word of this part of the address. */
	char label[LABEL_CAP + 1]; /* The level word that stood before it: "District:"; or "". */
};

static bool in(uint32_t point, uint32_t low, uint32_t high)
{
	return point >= low && point <= high;
}

/* What POINT is; *LETTER gets a letter in lower case, or the digit. */
static enum glyph look(uint32_t point, char *letter, bool *upper)
{
	if (in(point, 0xFF01, 0xFF5E))
		point -= 0xFEE0;
	*upper = false;
	/* ü, ǖ … in all its tones, and ê: the base letter is the first of the decomposition. */
	if (in(point, 0x00C0, 0x024F) || in(point, 0x1E00, 0x1EFF)) {
		utf8proc_int32_t parts[4];
		utf8proc_ssize_t len = utf8proc_decompose_char((utf8proc_int32_t)point, parts, 4,
							       UTF8PROC_DECOMPOSE, NULL);
		point = len > 0 && parts[0] < 0x80 ? (uint32_t)parts[0] : ' ';
	}
	if (in(point, 'A', 'Z')) {
		*upper = true;
		point += 32;
	}
	if (in(point, 'a', 'z')) {
		*letter = (char)point;
		return GLYPH_LETTER;
	}
	if (in(point, '0', '9')) {
		*letter = (char)point;
		return GLYPH_DIGIT;
	}
	if (in(point, 0x0300, 0x036F) || point == '\'' || point == 0x2019 || point == 0x2018 ||
	    point == '-' || in(point, 0x2010, 0x2012) || point == 0x02BC || point == '`')
		return GLYPH_MARK;
	if (point == '#')
		return GLYPH_NO;
	if (in(point, '\n', '\r') || in(point, 0x2028, 0x2029))
		return GLYPH_LINE;
	if (in(point, 0x3400, 0x9FFF) || in(point, 0x20000, 0x323AF))
		return GLYPH_HAN;
	return point == ' ' || point == '.' || point == 0x00A0 || point == '_' ? GLYPH_SOFT
									       : GLYPH_HARD;
}

static void add_letters(struct reader *reader, const char *letters, size_t len)
{
	struct latin_text *text = reader->text;

	for (size_t i = 0; i < len; i++) {
		if (text->letters_len == LATIN_LETTERS_MAX) {
			text->cut = true;
			return;
		}
		size_t at = text->letters_len;
		char letter = letters[i] == 'v' ? 'u' : letters[i];
		/* ü is written v, and yu after l and n, of which only n can end a syllable:
		 * Lyuliang, Nyuqiao, but Jinyuan. In keys it is u. */
		if (letter == 'u' && at >= reader->token.start + 2u &&
		    text->letters[at - 1] == 'y' &&
		    (text->letters[at - 2] == 'l' ||
		     (text->letters[at - 2] == 'n' && at == reader->token.start + 2u)))
			at--;
		text->letters[at] = letter;
		text->token_at[at] = (uint16_t)text->tokens_len;
		text->letters_len = at + 1;
	}
}

/* The class of the word just read, and English spelled as pinyin. */
static void spell_word(struct reader *reader)
{
	struct latin_text *text = reader->text;
	struct latin_token *token = &reader->token;
	char number[LATIN_NUMBER_CAP];

	token->word = LATIN_NAME;
	if (reader->word_len >= WORD_CAP)
		return;
	reader->word[reader->word_len] = '\0';
	const struct latin_word *word = latin_word_find(reader->word);
	if (!word && reader->person > 0) {
		/* Liu Yang is whom to ask for, and no city. */
		reader->person--;
		token->word = LATIN_PERSON;
		text->letters_len = token->start;
	}
	if (!word)
		return;
	token->word = word->class;
	reader->person = word->class == LATIN_PERSON ? PERSON_WORDS : 0;
	if (word->class == LATIN_PEOPLE)
		return;
	text->letters_len = token->start;
	if (word->class == LATIN_NUMBER) {
		token->number = word->number;
		add_letters(reader, number, latin_spell(word->number, number));
	} else {
		add_letters(reader, word->pinyin, strlen(word->pinyin));
	}
}

static void end_word(struct reader *reader)
{
	struct latin_text *text = reader->text;
	struct latin_token *token = &reader->token;
	char number[LATIN_NUMBER_CAP];

	if (reader->word_len == 0)
		return;
	if (token->word == LATIN_NUMBER && token->number <= LATIN_NUMBER_MAX)
		add_letters(reader, number, latin_spell(token->number, number));
	else if (token->word == LATIN_NAME)
		spell_word(reader);
	token->end = (uint16_t)text->letters_len;
	/* A line may be full before a name is: Shiguang, and below it Community. */
	if (token->word == LATIN_LEVEL && reader->line)
		token->hard = false;
	reader->line = false;
	reader->word_len = 0;
	reader->glued = true;
	reader->hard = false;
	if (text->tokens_len == LATIN_TOKENS_MAX)
		text->cut = true;
	else
		text->tokens[text->tokens_len++] = *token;
}

static void begin_word(struct reader *reader, enum latin_class word, size_t from)
{
	reader->token = (struct latin_token){
		.start = (uint16_t)reader->text->letters_len,
		.from = (uint16_t)from,
		.word = (uint8_t)word,
		.hard = reader->hard,
		.glued = reader->glued,
	};
}

/* 1st, 2nd, 3rd, 4th: the letters belong to the number. */
static bool is_ordinal(const char *source, size_t len)
{
	static const char *const ends[] = {"st", "nd", "rd", "th"};

	if (len < 2 || (len > 2 && ((source[2] | 32) >= 'a' && (source[2] | 32) <= 'z')))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if ((source[0] | 32) == ends[i][0] && (source[1] | 32) == ends[i][1])
			return true;
	return false;
}

static void read_letter(struct reader *reader, char letter, bool upper, size_t from, size_t until)
{
	bool number = reader->token.word == LATIN_NUMBER;

	/* BeiJing and 5hao are two words each. */
	if (reader->word_len > 0 && (number || (upper && !reader->upper)))
		end_word(reader);
	if (reader->word_len == 0)
		begin_word(reader, LATIN_NAME, from);
	if (reader->word_len < WORD_CAP)
		reader->word[reader->word_len] = letter;
	reader->word_len++;
	reader->text->spelled++;
	add_letters(reader, &letter, 1);
	reader->token.until = (uint16_t)until;
	reader->upper = upper;
}

/* Do syllables in SOURCE end in a digit for their tone, as in Bei3jing1? 5hao3lou does not, nor
 * does a building A3B. */
static bool is_toned(const char *source, size_t len)
{
	size_t count = 0, letters = 0;

	for (size_t i = 0; i < len && count < TONES_MIN; i++) {
		bool letter = (source[i] | 32) >= 'a' && (source[i] | 32) <= 'z';
		bool tone = source[i] >= '1' && source[i] <= '5' && letters >= 2 && letters <= 6 &&
			    i + 1 < len && (source[i + 1] | 32) >= 'a' &&
			    (source[i + 1] | 32) <= 'z';
		count += tone;
		letters = letter ? letters + 1 : 0;
	}
	return count >= TONES_MIN;
}

static void read_digit(struct reader *reader, char digit, size_t from, size_t until)
{
	if (reader->word_len > 0 && reader->token.word != LATIN_NUMBER)
		end_word(reader);
	if (reader->word_len == 0)
		begin_word(reader, LATIN_NUMBER, from);
	reader->word_len++;
	if (reader->token.number <= 999999)
		reader->token.number = reader->token.number * 10 + (uint32_t)(digit - '0');
	reader->token.until = (uint16_t)until;
	reader->upper = false;
}

/* "District: Yangpu", as forms print it, is Yangpu District. */
static void end_label(struct reader *reader)
{
	struct latin_text *text = reader->text;

	if (!reader->label[0] || text->tokens_len == reader->part)
		return;
	const struct latin_token *last = &text->tokens[text->tokens_len - 1];
	if ((last->word == LATIN_NAME || last->word == LATIN_WORD) &&
	    text->tokens_len < LATIN_TOKENS_MAX) {
		reader->token = (struct latin_token){
			.start = (uint16_t)text->letters_len,
			.from = last->until,
			.until = last->until,
			.word = LATIN_LEVEL,
		};
		add_letters(reader, reader->label, strlen(reader->label));
		reader->token.end = (uint16_t)text->letters_len;
		text->tokens[text->tokens_len++] = reader->token;
	}
	reader->label[0] = '\0';
}

/* A colon ends what was read of this part: level words alone are a label. Of "District/County:"
 * nobody knows which it is. */
static void begin_label(struct reader *reader)
{
	struct latin_text *text = reader->text;
	size_t first = text->tokens_len, start, len;

	while (first > reader->part && text->tokens[first - 1].word == LATIN_LEVEL)
		first--;
	if (first != reader->part || first == text->tokens_len)
		return;
	while (first > 0 && text->tokens[first - 1].word == LATIN_LEVEL &&
	       text->tokens[first - 1].hard)
		first--;
	start = text->tokens[first].start;
	len = text->letters_len - start;
	bool plain = first == reader->part && len <= LABEL_CAP;
	for (size_t i = first; i < text->tokens_len; i++) {
		text->tokens[i].hard |= i == first;
		text->tokens[i].word = LATIN_FILLER;
		text->tokens[i].start = text->tokens[i].end = (uint16_t)start;
	}
	if (plain)
		memcpy(reader->label, text->letters + start, len);
	reader->label[plain ? len : 0] = '\0';
	reader->part = text->tokens_len;
	text->letters_len = start;
}

static void separate(struct reader *reader, bool hard)
{
	end_word(reader);
	reader->glued = false;
	reader->line = reader->line && !hard;
	reader->hard = reader->hard || hard;
	if (!hard)
		return;
	end_label(reader);
	/* What follows "Name:" is the name, but it ends with its part. */
	if (reader->person < PERSON_WORDS)
		reader->person = 0;
	reader->part = reader->text->tokens_len;
}

/* Sub-district is one word, 12-3 are two numbers, Beijing - China are parts. */
static bool joins(const struct reader *reader, const char *source, size_t len)
{
	return reader->word_len > 0 && reader->token.word == LATIN_NAME && len > 0 &&
	       (unsigned char)source[0] != ' ';
}

static void read_glyph(struct reader *reader, uint32_t point, const char *source, size_t len,
		       size_t at, size_t used)
{
	bool upper = false;
	char letter = 0;

	switch (look(point, &letter, &upper)) {
	case GLYPH_LETTER:
		if (reader->word_len > 0 && reader->token.word == LATIN_NUMBER &&
		    is_ordinal(source + at, len - at))
			return;
		/* The second letter of an ordinal. */
		if (reader->word_len > 0 && reader->token.word == LATIN_NUMBER && at > 0 &&
		    reader->token.until + 1u == at && is_ordinal(source + at - 1, len - at + 1)) {
			reader->token.until = (uint16_t)(at + used);
			return;
		}
		read_letter(reader, letter, upper, at, at + used);
		return;
	case GLYPH_DIGIT:
		if (reader->toned && reader->word_len > 0 && reader->token.word == LATIN_NAME &&
		    in(point, '1', '5')) {
			reader->upper = true; /* Bei3Jing1 is one word. */
			return;
		}
		read_digit(reader, letter, at, at + used);
		return;
	case GLYPH_MARK:
		if (!joins(reader, source + at + used, len - at - used))
			separate(reader, false);
		reader->upper = true; /* Xi'An is one word. */
		return;
	case GLYPH_NO:
		separate(reader, false);
		begin_word(reader, LATIN_NO, at);
		reader->word_len = 1;
		reader->token.until = (uint16_t)(at + used);
		end_word(reader);
		return;
	case GLYPH_SOFT:
		separate(reader, false);
		return;
	case GLYPH_HAN:
		reader->text->han = true;
		separate(reader, true);
		return;
	case GLYPH_LINE: {
		end_word(reader);
		bool line = reader->line || !reader->hard;
		separate(reader, true);
		reader->line = line;
		return;
	}
	case GLYPH_HARD:
		end_word(reader);
		if (point == ':' || point == 0xFF1A)
			begin_label(reader);
		separate(reader, true);
		return;
	}
}

void latin_text_read(struct latin_text *text, const char *source, size_t len)
{
	struct reader reader = {.text = text, .hard = true};
	size_t used;

	assert(text);
	assert(source);
	text->source = source;
	text->letters_len = text->tokens_len = text->spelled = 0;
	text->han = false;
	text->cut = len > MATCH_ADDRESS_MAX;
	len = text_cut_at(source, len, MATCH_ADDRESS_MAX);
	reader.toned = is_toned(source, len);
	for (size_t i = 0; i < len; i += used) {
		unsigned char lead = (unsigned char)source[i];
		size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
		uint32_t point = lead;
		used = 1;
		if (wanted > 1 && wanted <= len - i && text_is_utf8(source + i, wanted))
			point = text_decode(source + i, wanted, &used);
		else if (wanted > 1)
			point = 0;
		if (in(point, '\t', '\r') || in(point, 0x2028, 0x2029) || !text_is_unseen(point))
			read_glyph(&reader, point, source, len, i, used);
	}
	separate(&reader, true);
	text->letters[text->letters_len] = '\0';
	text->token_at[text->letters_len] = (uint16_t)text->tokens_len;
	text->tokens[text->tokens_len] = (struct latin_token){
		.start = (uint16_t)text->letters_len,
		.end = (uint16_t)text->letters_len,
		.from = (uint16_t)len,
		.until = (uint16_t)len,
		.hard = true,
	};
}
