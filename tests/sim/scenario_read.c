/* scenario_read.c — a file becomes sentences, and a sentence finds its form.
 * Neighbours: scenario_world.c, scenario_tell.c and scenario_expect.c bring the forms; scenario.c
 * tells the sentences. */
#include "scenario.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

#define LINE_MAX_LEN 4000

/* --- Words --- */

bool is_person(const char *word)
{
	size_t digits = strspn(word + (word[0] != '\0'), "0123456789");
	return word[0] >= 'A' && word[0] <= 'Z' && digits >= 1 && digits <= 3 &&
	       word[1 + digits] == '\0';
}

/* "P1-P18" */
static bool is_range(const char *word)
{
	char room[16];
	const char *dash = strchr(word, '-');

	if (!dash || (size_t)(dash - word) >= sizeof(room))
		return false;
	memcpy(room, word, (size_t)(dash - word));
	room[dash - word] = '\0';
	return is_person(room) && is_person(dash + 1) && room[0] == dash[1];
}

/* Commas and "and" help the reader; they say nothing. */
static bool is_filler(const struct word *word)
{
	return !word->quoted && (strcmp(word->text, "and") == 0 || strcmp(word->text, ",") == 0);
}

static int add_word(struct scenario *scenario, struct sentence *sentence, const char *text,
		    size_t len, bool quoted, struct err *why)
{
	struct word word = {.text = arena_copy_bytes(&scenario->arena, text, len),
			    .quoted = quoted};

	if (is_filler(&word) || len == 0)
		return 0;
	if (strchr(word.text, '\\'))
		return err_set(why, CL_EINVAL, "a backslash has no meaning here");
	if (sentence->words_len == SENTENCE_WORDS_MAX)
		return err_set(why, CL_EINVAL, "more than %d words", SENTENCE_WORDS_MAX);
	sentence->words[sentence->words_len++] = word;
	return 0;
}

static int split_words(struct scenario *scenario, struct sentence *sentence, const char *line,
		       struct err *why)
{
	while (*line) {
		size_t len = strspn(line, " \t");
		line += len;
		if (*line == '#' || !*line)
			return 0;
		if (*line == '"') {
			len = strcspn(line + 1, "\"");
			if (line[1 + len] != '"')
				return err_set(why, CL_EINVAL, "a quotation that does not end");
			if (add_word(scenario, sentence, line + 1, len, true, why) < 0)
				return CL_EINVAL;
			line += len + 2;
			continue;
		}
		len = strcspn(line, " \t\"");
		size_t bare = len > 1 && line[len - 1] == ',' ? len - 1 : len;
		if (add_word(scenario, sentence, line, bare, false, why) < 0)
			return CL_EINVAL;
		line += len;
	}
	return 0;
}

static bool is_clock(const char *word)
{
	size_t len = strlen(word);
	if (len != 5 && len != 8)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (i % 3 == 2 ? word[i] != ':' : !isdigit((unsigned char)word[i]))
			return false;
	}
	return true;
}

static bool is_date(const char *word)
{
	int32_t day;
	return when_parse_day(word, &day, NULL) == 0;
}

static void drop_words(struct sentence *sentence, size_t count)
{
	sentence->words_len -= count;
	memmove(sentence->words, sentence->words + count,
		sentence->words_len * sizeof(*sentence->words));
}

/* The time at the beginning of a line: "21:40", "2020-03-14 21:40", "day 3 09:00", "+48h". */
static int take_time(struct sentence *sentence, struct err *why)
{
	const struct word *words = sentence->words;
	size_t len = sentence->words_len;

	sentence->day = -1;
	if (len > 0 && words[0].text[0] == '+') {
		sentence->span = words[0].text + 1;
		drop_words(sentence, 1);
	} else if (len > 1 && is_date(words[0].text) && is_clock(words[1].text)) {
		sentence->date = words[0].text;
		sentence->time = words[1].text;
		drop_words(sentence, 2);
	} else if (len > 2 && strcmp(words[0].text, "day") == 0 && is_clock(words[2].text)) {
		sentence->day = (int)strtol(words[1].text, NULL, 10);
		sentence->time = words[2].text;
		drop_words(sentence, 3);
	} else if (len > 0 && is_clock(words[0].text)) {
		sentence->time = words[0].text;
		drop_words(sentence, 1);
	} else {
		return err_set(why, CL_EINVAL,
			       "a line begins with a time (21:40, 2020-03-14 21:40, day 3 09:00, "
			       "+48h) or with blanks");
	}
	return 0;
}

/* --- Lines --- */

static int bad_line(struct scenario *scenario, FILE *out, int line, const char *why)
{
	fprintf(out, "%s:%d: %s\n", scenario->path, line, why);
	return CL_EINVAL;
}

static int add_block(struct scenario *scenario, struct sentence *owner,
		     const struct sentence *marker, struct err *why)
{
	const struct word *words = marker->words;
	bool policy = strcmp(words[0].text, "policy") == 0;
	bool from = policy && marker->words_len == 3 && strcmp(words[1].text, "from") == 0 &&
		    is_date(words[2].text);

	if (marker->words_len != 1 && !from)
		return err_set(why, CL_EINVAL,
			       "\"policy\", \"policy from 2020-03-20\" or \"config\"");
	if (owner->blocks_len == POLICIES_MAX)
		return err_set(why, CL_EINVAL, "more than %d blocks", POLICIES_MAX);
	owner->blocks[owner->blocks_len++] =
		(struct block){.policy = policy, .from = from ? words[2].text : NULL};
	(void)scenario;
	return 0;
}

/* "| isolation: {days: 21}" */
static int add_yaml(struct scenario *scenario, struct sentence *owner, const char *line,
		    struct err *why)
{
	if (owner->blocks_len == 0)
		return err_set(why, CL_EINVAL,
			       "a line of YAML without \"policy\" or \"config\" above");
	struct block *block = &owner->blocks[owner->blocks_len - 1];
	line += line[1] == ' ' ? 2 : 1;
	block->yaml =
		arena_printf(&scenario->arena, "%s%s\n", block->yaml ? block->yaml : "", line);
	return 0;
}

/* 1 when LINE is no line of the header. */
static int header_line(struct scenario *scenario, const char *line, struct err *why)
{
	static const char *const keys[] = {"title", "rule", "zone", "start"};
	const char **const values[] = {&scenario->title, &scenario->rule, &scenario->zone_name,
				       &scenario->start_text};
	size_t len = strcspn(line, " \t");

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strlen(keys[i]) != len || strncmp(keys[i], line, len) != 0)
			continue;
		const char *value = line + len + strspn(line + len, " \t");
		*values[i] = *values[i] ? arena_printf(&scenario->arena, "%s %s", *values[i], value)
					: arena_copy(&scenario->arena, value);
		return *value ? 0 : err_set(why, CL_EINVAL, "%s of what?", keys[i]);
	}
	return 1;
}

static bool is_marker(const struct sentence *sentence)
{
	return sentence->words_len > 0 && (strcmp(sentence->words[0].text, "policy") == 0 ||
					   strcmp(sentence->words[0].text, "config") == 0);
}

static int read_line(struct scenario *scenario, struct sentence **owner, const char *line,
		     int number, struct err *why)
{
	bool indented = *line == ' ' || *line == '\t';
	const char *text = line + strspn(line, " \t");

	if (!*text || *text == '#')
		return 0;
	if (*text == '|')
		return add_yaml(scenario, *owner, text, why);
	int rc = 1;
	if (!indented && !scenario->sentences)
		rc = header_line(scenario, text, why);
	if (rc <= 0)
		return rc;
	struct sentence *sentence = arena_alloc(&scenario->arena, sizeof(*sentence));
	sentence->line = number;
	sentence->day = -1;
	sentence->raw = arena_copy(&scenario->arena, text);
	rc = split_words(scenario, sentence, text, why);
	if (rc < 0)
		return rc;
	if (is_marker(sentence))
		return add_block(scenario, *owner, sentence, why);
	if (!indented)
		rc = take_time(sentence, why);
	if (rc < 0)
		return rc;
	if (sentence->words_len == 0)
		return err_set(why, CL_EINVAL, "a time, and nothing happens");
	*scenario->last = sentence;
	scenario->last = &sentence->next;
	*owner = sentence;
	return 0;
}

static int check_forms(struct scenario *scenario, FILE *out)
{
	const struct sentence_row *const tables[] = {world_rows, tell_rows, expect_rows};
	const size_t lens[] = {world_rows_len, tell_rows_len, expect_rows_len};
	int rc = 0;

	for (struct sentence *sentence = scenario->sentences; sentence; sentence = sentence->next) {
		struct err why = ERR_INIT;
		if (sentence_match(scenario, sentence, tables, lens, ARRAY_LEN(tables), &why) < 0)
			rc = bad_line(scenario, out, sentence->line, why.text);
	}
	return rc;
}

static int check_header(struct scenario *scenario, FILE *out)
{
	if (!scenario->title || !scenario->rule)
		return bad_line(scenario, out, 1, "a scenario has a title and a rule");
	if (!scenario->start_text)
		return bad_line(scenario, out, 1, "a scenario has a start: start 2020-03-13 18:00");
	if (!scenario->zone_name)
		scenario->zone_name = "Asia/Shanghai";
	if (!scenario->sentences)
		return bad_line(scenario, out, 1, "nothing happens");
	return 0;
}

int scenario_load(struct scenario *scenario, const char *path, FILE *out)
{
	struct sentence *owner = &scenario->header;
	char line[LINE_MAX_LEN];
	int number = 0, rc = 0;

	*scenario = (struct scenario){.path = path, .out = out};
	scenario->last = &scenario->sentences;
	FILE *file = fopen(path, "r");
	if (!file)
		return bad_line(scenario, out, 0, "cannot be read");
	while (fgets(line, sizeof(line), file)) {
		struct err why = ERR_INIT;
		line[strcspn(line, "\r\n")] = '\0';
		number++;
		if (!text_is_utf8(line, strlen(line)))
			rc = bad_line(scenario, out, number, "no UTF-8");
		else if (read_line(scenario, &owner, line, number, &why) < 0)
			rc = bad_line(scenario, out, number, why.text);
	}
	fclose(file);
	if (check_header(scenario, out) < 0 || check_forms(scenario, out) < 0)
		rc = CL_EINVAL;
	return rc;
}

/* --- Forms --- */

/* One element of a pattern: a literal with alternatives, or a place for words. */
struct element {
	const char *text;
	size_t len;
};

static const char *next_element(const char *pattern, struct element *out)
{
	pattern += strspn(pattern, " ");
	out->text = pattern;
	out->len = *pattern == '[' || *pattern == ']' ? 1 : strcspn(pattern, " []");
	return pattern + out->len;
}

static bool is_place(const struct element *element)
{
	return element->len > 0 && element->text[0] >= 'A' && element->text[0] <= 'Z';
}

static bool is_named(const struct element *element, const char *name)
{
	return element->len == strlen(name) && strncmp(element->text, name, element->len) == 0;
}

static bool is_literal(const struct element *element, const struct word *word)
{
	size_t len = strlen(word->text);
	const char *at = element->text, *end = at + element->len;

	while (!word->quoted && at < end) {
		size_t one = 0;
		while (at + one < end && at[one] != '|')
			one++;
		if (one == len && strncmp(at, word->text, len) == 0)
			return true;
		at += one + 1;
	}
	return false;
}

static void add_people(struct scenario *scenario, struct sentence *sentence, const char *word)
{
	const char *dash = strchr(word, '-');
	long from = strtol(word + 1, NULL, 10), to = dash ? strtol(dash + 2, NULL, 10) : from;

	for (long i = from; i <= to && sentence->people_len < SENTENCE_PEOPLE_MAX; i++)
		sentence->people[sentence->people_len++] =
			arena_printf(&scenario->arena, "%c%ld", word[0], i);
}

static void bind(struct scenario *scenario, struct sentence *sentence,
		 const struct element *element, const char *value)
{
	assert(sentence->args_len < SENTENCE_ARGS_MAX);
	sentence->args[sentence->args_len].name =
		arena_copy_bytes(&scenario->arena, element->text, element->len);
	sentence->args[sentence->args_len++].value = value;
}

/* Take the words that ELEMENT stands for, from *AT on. */
static bool take(struct scenario *scenario, struct sentence *sentence,
		 const struct element *element, size_t *at)
{
	const struct word *words = sentence->words;
	size_t len = sentence->words_len, from = *at;

	if (is_named(element, "REST")) {
		sentence->rest = words + from;
		sentence->rest_len = len - from;
		*at = len;
		return len > from;
	}
	if (from == len)
		return false;
	if (!is_place(element)) {
		if (!is_literal(element, &words[from]))
			return false;
		/* A lone word in brackets is known by its presence. */
		bind(scenario, sentence, element, words[from].text);
		++*at;
		return true;
	}
	if (is_named(element, "WHOM") &&
	    text_is_digits(words[from].text, strlen(words[from].text))) {
		bind(scenario, sentence, element, words[from].text);
		++*at;
		return true;
	}
	if (is_named(element, "PEOPLE") || is_named(element, "WHOM")) {
		while (*at < len && !words[*at].quoted &&
		       (is_person(words[*at].text) || is_range(words[*at].text)))
			add_people(scenario, sentence, words[(*at)++].text);
		return *at > from;
	}
	bind(scenario, sentence, element, words[from].text);
	++*at;
	return true;
}

/* The groups after PATTERN: each at most once, in any order. */
static size_t take_groups(struct scenario *scenario, struct sentence *sentence, const char *pattern,
			  size_t at)
{
	bool any = true;

	while (any && at < sentence->words_len) {
		const char *group = pattern;
		any = false;
		while (!any && (group = strchr(group, '['))) {
			struct element element;
			size_t try = at, args = sentence->args_len;
			bool fits = true;
			group++;
			for (const char *c = next_element(group, &element);
			     fits && element.len && element.text[0] != ']';
			     c = next_element(c, &element))
				fits = take(scenario, sentence, &element, &try);
			any = fits && try > at;
			if (any)
				at = try;
			else
				sentence->args_len = args;
		}
	}
	return at;
}

/* How many words of SENTENCE fit ROW; all of them and nothing missing: *WHOLE. */
static size_t match_row(struct scenario *scenario, struct sentence *sentence,
			const struct sentence_row *row, bool *whole)
{
	const char *pattern = row->pattern;
	struct element element;
	size_t at = 0;

	sentence->args_len = sentence->people_len = sentence->rest_len = 0;
	for (pattern = next_element(pattern, &element); element.len && element.text[0] != '[';
	     pattern = next_element(pattern, &element)) {
		if (!is_named(&element, "and") && !take(scenario, sentence, &element, &at)) {
			*whole = false;
			return at;
		}
	}
	at = take_groups(scenario, sentence, element.text, at);
	*whole = at == sentence->words_len;
	return at;
}

int sentence_match(struct scenario *scenario, struct sentence *sentence,
		   const struct sentence_row *const *tables, const size_t *lens, size_t tables_len,
		   struct err *why)
{
	const struct sentence_row *best = NULL;
	size_t furthest = 0;

	for (size_t table = 0; table < tables_len; table++) {
		for (size_t i = 0; i < lens[table]; i++) {
			bool whole;
			size_t at = match_row(scenario, sentence, &tables[table][i], &whole);
			sentence->row = &tables[table][i];
			if (whole)
				return 0;
			if (at > furthest) {
				furthest = at;
				best = &tables[table][i];
			}
		}
	}
	sentence->row = NULL;
	if (!best)
		return err_set(why, CL_EINVAL, "\"%s\": no sentence begins like that",
			       sentence->raw);
	return err_set(why, CL_EINVAL, "not understood from \"%s\" on; the form is: %s",
		       furthest < sentence->words_len ? sentence->words[furthest].text : "its end",
		       best->pattern);
}

const char *sentence_arg(const struct sentence *sentence, const char *name)
{
	for (size_t i = 0; i < sentence->args_len; i++) {
		if (strcmp(sentence->args[i].name, name) == 0)
			return sentence->args[i].value;
	}
	return NULL;
}

bool sentence_has(const struct sentence *sentence, const char *name)
{
	return sentence_arg(sentence, name) != NULL;
}
