/* coverage_read.c — tables of rules and of boundaries, as TSV or CSV.
 *
 * The first row names the columns, in any order; a TAB in it makes the table a TSV, in which a
 * quote is a letter, otherwise commas separate and quotes quote. Rows that begin with # are
 * remarks. Every problem is told with its line; the other rows count. Neighbour: coverage_source.c
 * takes the rows.
 */
#include "coverage_table.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

#define FIELDS_MAX	24
#define LIST_PREFIX_CAP (MATCH_RULE_CAP - 8) /* Room for the numbers of its rules. */

/* A table being read; lines and fields are cut out of a copy of it. */
struct table {
	char *rest, *end;
	char separator;
	int line, next_line; /* Of the row in FIELDS; of what follows. */
	bool unclosed;	     /* Its last field begins with a quote that nothing ends. */
	char *fields[FIELDS_MAX];
	size_t len;
	coverage_complain *complain;
	void *context;
	size_t refused;
};

static void refuse(struct table *table, const char *text)
{
	table->refused++;
	if (table->complain)
		table->complain(table->context, table->line, text);
}

static char *trim(char *field)
{
	field += strspn(field, " ");
	size_t len = strlen(field);
	while (len > 0 && field[len - 1] == ' ')
		field[--len] = '\0';
	return field;
}

/* Take the quotes off a field that begins with one; what follows begins at the result. "" is a
 * quote. */
static char *unquote(struct table *table, char *at)
{
	char *to = at++;

	for (; at < table->end; at++) {
		if (*at == '"' && at[1] == '"')
			at++;
		else if (*at == '"')
			break;
		table->next_line += *at == '\n';
		*to++ = *at;
	}
	table->unclosed = at == table->end;
	*to = '\0';
	return table->unclosed ? at : at + 1;
}

/* Cut the field at AT off; returns where the next one begins, or NULL after the row's last. */
static char *cut_field(struct table *table, char *at)
{
	char *start = at, stop;

	if (table->separator == ',' && *at == '"')
		at = unquote(table, at);
	while (at < table->end && *at != table->separator && *at != '\n')
		at++;
	stop = at < table->end ? *at : '\n';
	*at = '\0';
	if (at > start && at[-1] == '\r')
		at[-1] = '\0';
	if (table->len < FIELDS_MAX)
		table->fields[table->len++] = trim(start);
	if (stop != '\n')
		return at + 1;
	table->rest = at < table->end ? at + 1 : at;
	table->next_line++;
	return NULL;
}

/* Read the next row that is neither empty nor a remark. False at the end. */
static bool next_row(struct table *table)
{
	while (table->rest < table->end) {
		char *at = table->rest;
		bool remark = *at == '#' || *at == '\n' || *at == '\r';
		if (table->separator == 0 && !remark)
			table->separator = memchr(at, '\t', strcspn(at, "\n")) != NULL ? '\t' : ',';
		table->line = table->next_line;
		table->len = 0;
		if (remark) {
			at += strcspn(at, "\n");
			table->rest = at < table->end ? at + 1 : at;
			table->next_line++;
			continue;
		}
		while (at)
			at = cut_field(table, at);
		if (!table->unclosed)
			return true;
		/* It has swallowed all that follows: rules are missing, and nobody knows which. */
		refuse(table, "a quote is opened that nothing closes");
		return false;
	}
	return false;
}

/* Begin reading BYTES[0..LEN), and find the columns NAMES[0..COUNT) in its first row; WANTED of
 * them, the first, must be there. False, with a complaint, when they are not. */
static bool begin(struct table *table, char *bytes, size_t len, const char *const *names,
		  size_t count, size_t wanted, size_t *columns)
{
	char text[128];

	table->line = table->next_line = 1;
	table->rest = bytes;
	table->end = bytes + len;
	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		table->rest += 3;
	if (memchr(bytes, '\0', len) || !text_is_utf8(bytes, len)) {
		refuse(table, "the table is not UTF-8");
		return false;
	}
	if (!next_row(table)) {
		refuse(table, "the table is empty");
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		columns[i] = SIZE_MAX;
		for (size_t j = 0; j < table->len; j++)
			if (strcmp(table->fields[j], names[i]) == 0)
				columns[i] = j;
		if (columns[i] != SIZE_MAX || i >= wanted)
			continue;
		snprintf(text, sizeof(text), "column '%s' is missing", names[i]);
		refuse(table, text);
		return false;
	}
	return true;
}

static const char *field(const struct table *table, size_t column)
{
	return column < table->len ? table->fields[column] : "";
}

enum column {
	COLUMN_CODE,
	COLUMN_KIND,
	COLUMN_NAME,
	COLUMNS_WANTED,
	COLUMN_ID = COLUMNS_WANTED,
	COLUMN_AREA,
	COLUMN_LANE,
	COLUMN_TYPE,
	COLUMN_PARITY,
	COLUMN_FROM,
	COLUMN_TO,
	COLUMN_ESTATE,
	COLUMNS,
};

static const char *const column_names[COLUMNS] = {
	[COLUMN_CODE] = "code",	 [COLUMN_KIND] = "kind",     [COLUMN_NAME] = "name",
	[COLUMN_ID] = "rule_id", [COLUMN_AREA] = "area",     [COLUMN_LANE] = "lane",
	[COLUMN_TYPE] = "type",	 [COLUMN_PARITY] = "parity", [COLUMN_FROM] = "from",
	[COLUMN_TO] = "to",	 [COLUMN_ESTATE] = "estate",
};

struct word {
	const char *word;
	int value;
};

static const struct word kinds[] = {
	{"road", COVERAGE_ROAD},     {"range", COVERAGE_RANGE},	  {"sub", COVERAGE_SUB},
	{"estate", COVERAGE_ESTATE}, {"except", COVERAGE_EXCEPT}, {"not_ours", COVERAGE_NOT_OURS},
};

static const struct word types[] = {
	{"", COVERAGE_ANY},	{"any", COVERAGE_ANY},	 {"弄", COVERAGE_LANE},
	{"号", COVERAGE_HOUSE}, {"lane", COVERAGE_LANE}, {"house", COVERAGE_HOUSE},
};

static const struct word parities[] = {
	{"", COVERAGE_ALL},
	{"all", COVERAGE_ALL},
	{"odd", COVERAGE_ODD},
	{"even", COVERAGE_EVEN},
};

static const struct word truths[] = {{"", 0}, {"no", 0}, {"yes", 1}};

static int find_word(const struct word *words, size_t len, const char *column, const char *value,
		     int *out, struct err *err)
{
	char allowed[128] = "", room[COVERAGE_QUOTE_CAP];
	struct text list = TEXT_OVER(allowed);

	for (size_t i = 0; i < len; i++) {
		if (strcmp(words[i].word, value) == 0) {
			*out = words[i].value;
			return 0;
		}
		if (*words[i].word)
			text_addf(&list, "%s%s", list.len > 0 ? ", " : "", words[i].word);
	}
	return err_set(err, CL_EINVAL, "%s '%s': %s", column, coverage_quote(room, value), allowed);
}

/* EMPTY is what an empty field means. */
static int read_number(const char *column, const char *value, uint32_t empty, uint32_t *out,
		       struct err *err)
{
	size_t len = strlen(value);
	char room[COVERAGE_QUOTE_CAP];

	*out = 0;
	if (len == 0) {
		*out = empty;
		return 0;
	}
	for (size_t i = 0; i < len && len <= 5 && value[i] >= '0' && value[i] <= '9'; i++) {
		*out = *out * 10 + (uint32_t)(value[i] - '0');
		if (i + 1 == len)
			return 0;
	}
	return err_set(err, CL_EINVAL, "%s '%s': a number, 0 to %d", column,
		       coverage_quote(room, value), COVERAGE_NUMBER_MAX);
}

static int read_rule(const struct table *table, const size_t *columns, struct coverage_rule *rule,
		     struct err *err)
{
	int kind, type, parity, estate, rc;
	const char *area = field(table, columns[COLUMN_AREA]);

	*rule = (struct coverage_rule){
		.id = field(table, columns[COLUMN_ID]),
		.code = field(table, columns[COLUMN_CODE]),
		.area = *area ? area : NULL,
		.name = field(table, columns[COLUMN_NAME]),
		.line = table->line,
	};
	if ((rc = find_word(kinds, ARRAY_LEN(kinds), "kind", field(table, columns[COLUMN_KIND]),
			    &kind, err)) < 0 ||
	    (rc = find_word(types, ARRAY_LEN(types), "type", field(table, columns[COLUMN_TYPE]),
			    &type, err)) < 0 ||
	    (rc = find_word(parities, ARRAY_LEN(parities), "parity",
			    field(table, columns[COLUMN_PARITY]), &parity, err)) < 0 ||
	    (rc = find_word(truths, ARRAY_LEN(truths), "estate",
			    field(table, columns[COLUMN_ESTATE]), &estate, err)) < 0 ||
	    (rc = read_number("lane", field(table, columns[COLUMN_LANE]), 0, &rule->lane, err)) <
		    0 ||
	    (rc = read_number("from", field(table, columns[COLUMN_FROM]), 0, &rule->from, err)) <
		    0 ||
	    (rc = read_number("to", field(table, columns[COLUMN_TO]), COVERAGE_OPEN, &rule->to,
			      err)) < 0)
		return rc;
	rule->kind = (enum coverage_kind)kind;
	rule->number = (enum coverage_number)type;
	rule->parity = (enum coverage_parity)parity;
	rule->estate = estate != 0;
	return 0;
}

size_t coverage_read_rules(struct coverage_source *source, const char *bytes, size_t len,
			   coverage_complain *complain, void *context)
{
	struct table table = {.complain = complain, .context = context};
	size_t columns[COLUMNS];
	char *copy = mem_alloc(len + 1), id[24];
	struct coverage_rule rule;
	struct err err;

	if (len > 0)
		memcpy(copy, bytes, len);
	if (begin(&table, copy, len, column_names, COLUMNS, COLUMNS_WANTED, columns)) {
		while (next_row(&table)) {
			int rc = read_rule(&table, columns, &rule, &err);
			snprintf(id, sizeof(id), "line %d", table.line);
			if (rc == 0 && !*rule.id)
				rule.id = id;
			if (rc == 0)
				rc = coverage_add_rule(source, &rule, &err);
			if (rc < 0)
				refuse(&table, err.text);
		}
	}
	mem_free(copy);
	return table.refused;
}

size_t coverage_read_boundaries(struct coverage_source *source, const char *bytes, size_t len,
				coverage_complain *complain, void *context)
{
	static const char *const names[] = {"code", "wkt", "rule_id"};
	struct table table = {.complain = complain, .context = context};
	size_t columns[ARRAY_LEN(names)];
	char *copy = mem_alloc(len + 1), id[24];
	struct err err;

	if (len > 0)
		memcpy(copy, bytes, len);
	if (begin(&table, copy, len, names, ARRAY_LEN(names), 2, columns)) {
		while (next_row(&table)) {
			const char *given = field(&table, columns[2]);
			snprintf(id, sizeof(id), "boundary %d", table.line);
			if (coverage_add_wkt(source, *given ? given : id, field(&table, columns[0]),
					     field(&table, columns[1]), &err) < 0)
				refuse(&table, err.text);
		}
	}
	mem_free(copy);
	return table.refused;
}

/* A list's complaint is about its row. */
struct row_complaint {
	struct table *table;
	const char *who;
};

static void complain_row(void *context, int line, const char *text)
{
	const struct row_complaint *row = context;
	char sentence[600];

	(void)line; /* A row is one line. */
	snprintf(sentence, sizeof(sentence), "%s: %s", row->who, text);
	refuse(row->table, sentence);
}

size_t coverage_read_lists(struct coverage_source *source, const char *bytes, size_t len,
			   coverage_complain *complain, void *context)
{
	static const char *const names[] = {"code", "raw_text", "unit"};
	struct table table = {.complain = complain, .context = context};
	size_t columns[ARRAY_LEN(names)];
	char *copy = mem_alloc(len + 1), id[24], who[LIST_PREFIX_CAP];

	if (len > 0)
		memcpy(copy, bytes, len);
	if (begin(&table, copy, len, names, ARRAY_LEN(names), 2, columns)) {
		while (next_row(&table)) {
			const char *unit = field(&table, columns[2]);
			struct row_complaint row = {.table = &table, .who = who};

			snprintf(id, sizeof(id), "line %d", table.line);
			(void)text_copy(who, sizeof(who), *unit ? unit : id);
			(void)coverage_read_list(source, who, field(&table, columns[0]),
						 field(&table, columns[1]), complain_row, &row);
		}
	}
	mem_free(copy);
	return table.refused;
}
