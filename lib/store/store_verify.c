/* store_verify.c — is the ledger as it was written? Row by row: the types, the number, the link,
 * the fact it is about, the heads that were signed; what is found first is named.
 * Neighbours: store_ledger.c writes the rows. Nothing here trusts a column before it has looked at
 * its type: SQLite reads any bytes as some value. */
#include "store/store_private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* What a row of the ledger is made of, in the order of SQL_LEDGER_ROW and its link. */
static const struct {
	const char *name;
	enum sql_kind kind;
} columns[LEDGER_VALUES + 1] = {
	{"n", SQL_IS_NUMBER},	  {"at", SQL_IS_NUMBER},  {"journey", SQL_IS_TEXT},
	{"fact", SQL_IS_NUMBER},  {"what", SQL_IS_TEXT},  {"note", SQL_IS_TEXT},
	{"digest", SQL_IS_BYTES}, {"link", SQL_IS_BYTES},
};
enum {
	COLUMN_N,
	COLUMN_AT,
	COLUMN_JOURNEY,
	COLUMN_FACT,
	COLUMN_WHAT,
	COLUMN_NOTE,
	COLUMN_DIGEST,
	COLUMN_LINK,
};

struct verifier {
	struct sqlite_store *self;
	struct ledger_check *check;
	struct sql_value row[LEDGER_VALUES + 1];
	unsigned seen; /* rows of this slice */
};

/* --- What was found ------------------------------------------------------------------------ */

/* Text of a row that may be damaged, as far as it is plain. */
static void take_plain(char *out, size_t cap, const struct sql_value *value)
{
	const char *bytes = value->bytes;
	size_t len = value->kind == SQL_IS_TEXT ? value->len : 0;

	if (len >= cap)
		len = cap - 1;
	for (size_t i = 0; i < len; i++)
		out[i] = bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '?';
	out[len] = '\0';
}

__attribute__((format(printf, 3, 4))) static int
found(struct ledger_check *check, enum ledger_fault fault, const char *format, ...)
{
	char why[LEDGER_WORDS_CAP / 2];
	char at[WHEN_CAP];
	struct text words;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	check->fault = fault;
	check->done = true;
	text_init(&words, check->words, sizeof(check->words));
	text_addf(&words, "row %" PRId64, check->bad_n);
	if (*check->bad_what)
		text_addf(&words, " (%s", check->bad_what);
	if (*check->bad_what && *check->bad_journey)
		text_addf(&words, " of %s", check->bad_journey);
	if (*check->bad_what)
		text_addf(&words, ", %s)", when_text(check->bad_at, NULL, at));
	text_addf(&words, " %s", why);
	/* Only ends the walk; what it is to mean is in CHECK. */
	return CL_ECORRUPT;
}

static void name_row(struct verifier *it)
{
	struct ledger_check *check = it->check;

	check->bad_n = check->n + 1;
	check->bad_at =
		it->row[COLUMN_AT].kind == SQL_IS_NUMBER ? it->row[COLUMN_AT].number : WHEN_UNKNOWN;
	take_plain(check->bad_journey, sizeof(check->bad_journey), &it->row[COLUMN_JOURNEY]);
	take_plain(check->bad_what, sizeof(check->bad_what), &it->row[COLUMN_WHAT]);
}

static void name_fact(struct ledger_check *check, sqlite3_stmt *row)
{
	struct sql_value source = sql_value_at(row, 1), id = sql_value_at(row, 2);

	take_plain(check->bad_source, sizeof(check->bad_source), &source);
	take_plain(check->bad_id, sizeof(check->bad_id), &id);
}

/* --- A row --------------------------------------------------------------------------------- */

static void take_row(sqlite3_stmt *row, struct sql_value out[LEDGER_VALUES + 1])
{
	for (int i = 0; i <= LEDGER_VALUES; i++)
		out[i] = sql_value_at(row, i);
}

static bool is_fact(const struct sql_value *row)
{
	return row[COLUMN_WHAT].len == strlen(LEDGER_FACT) &&
	       memcmp(row[COLUMN_WHAT].bytes, LEDGER_FACT, strlen(LEDGER_FACT)) == 0;
}

static bool right_types(const struct sql_value *row, const char **wrong)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		*wrong = columns[i].name;
		if (row[i].kind != columns[i].kind)
			return false;
	}
	*wrong = "link";
	return row[COLUMN_LINK].len == LEDGER_LINK_LEN;
}

/* Does the row behind the one in hand follow from LINK? */
struct peek {
	struct ledger_end from;
	bool follows;
};

static int take_peek(sqlite3_stmt *stmt, void *context, struct err *err)
{
	struct peek *peek = context;
	struct sql_value row[LEDGER_VALUES + 1];
	struct ledger_end next;
	const char *wrong;

	(void)err;
	take_row(stmt, row);
	if (!right_types(row, &wrong))
		return 0;
	ledger_follow(&peek->from, row, &next);
	peek->follows = memcmp(next.link, row[COLUMN_LINK].bytes, LEDGER_LINK_LEN) == 0;
	return 0;
}

static bool next_follows(struct verifier *it, const uint8_t *link)
{
	struct peek peek = {.from.n = it->check->n + 1};

	memcpy(peek.from.link, link, LEDGER_LINK_LEN);
	/* A row that cannot be read follows from nothing. */
	return sql_each(it->self, SQL_LEDGER_AT, SQL_WITH(sql_number(peek.from.n + 1)), take_peek,
			&peek, NULL) > 0 &&
	       peek.follows;
}

/* The row's own link is not what it should be: which of the two was touched, or neither. */
static int name_broken(struct verifier *it, const struct ledger_end *end)
{
	if (next_follows(it, it->row[COLUMN_LINK].bytes))
		return found(it->check, LEDGER_ALTERED,
			     "was altered: its link is that of other content, and the rows behind "
			     "it follow from that");
	if (next_follows(it, end->link))
		return found(it->check, LEDGER_ALTERED,
			     "was altered: its link is not the one the rows behind it follow from");
	return found(it->check, LEDGER_INSERTED,
		     "does not follow from the row before it: it was altered, inserted or moved");
}

static int check_chain(struct verifier *it, struct ledger_end *end)
{
	struct ledger_check *check = it->check;
	struct ledger_end before = {.n = check->n};
	const char *wrong;

	if (it->row[COLUMN_N].number > check->n + 1) {
		check->bad_at = WHEN_UNKNOWN;
		check->bad_what[0] = check->bad_journey[0] = '\0';
		return found(check, LEDGER_MISSING,
			     "is missing: row %" PRId64 " follows row %" PRId64,
			     it->row[COLUMN_N].number, check->n);
	}
	if (it->row[COLUMN_N].number <= check->n) {
		check->bad_n = it->row[COLUMN_N].number;
		return found(check, LEDGER_INSERTED, "was inserted: rows count from 1");
	}
	if (!right_types(it->row, &wrong))
		return found(check, LEDGER_ALTERED, "was altered: its %s is of another type",
			     wrong);
	memcpy(before.link, check->link, LEDGER_LINK_LEN);
	ledger_follow(&before, it->row, end);
	if (memcmp(end->link, it->row[COLUMN_LINK].bytes, LEDGER_LINK_LEN) != 0)
		return name_broken(it, end);
	return 0;
}

/* --- Its fact ------------------------------------------------------------------------------ */

static int take_stray(sqlite3_stmt *row, void *context, struct err *err)
{
	struct ledger_check *check = context;

	(void)err;
	name_fact(check, row);
	check->bad_what[0] = '\0';
	return found(check, LEDGER_FACT_INSERTED,
		     "should be about fact %lld, %s of %s, which has no row: it was inserted",
		     (long long)sqlite3_column_int64(row, 0), check->bad_id, check->bad_source);
}

/* Between the last fact that has its row and fact BEFORE there is none. */
static int check_strays(struct verifier *it, int64_t before, struct err *err)
{
	it->check->bad_n = it->check->n + 1;
	return sql_done(sql_each(it->self, SQL_LEDGER_STRAY,
				 SQL_WITH(sql_number(it->check->fact), sql_number(before)),
				 take_stray, it->check, err));
}

static int take_fact(sqlite3_stmt *row, void *context, struct err *err)
{
	struct verifier *it = context;
	uint8_t digest[LEDGER_LINK_LEN];

	(void)err;
	ledger_fact_digest(row, digest);
	if (it->row[COLUMN_DIGEST].len == sizeof(digest) &&
	    memcmp(it->row[COLUMN_DIGEST].bytes, digest, sizeof(digest)) == 0)
		return 0;
	name_fact(it->check, row);
	return found(it->check, LEDGER_FACT_ALTERED, "is about fact %lld, %s of %s: it was altered",
		     (long long)it->row[COLUMN_FACT].number, it->check->bad_id,
		     it->check->bad_source);
}

static int check_fact(struct verifier *it, struct err *err)
{
	struct ledger_check *check = it->check;
	int64_t fact = it->row[COLUMN_FACT].number;
	int rc = 0;

	if (fact <= check->fact)
		return found(check, LEDGER_INSERTED,
			     "is about fact %" PRId64 ", behind fact %" PRId64, fact, check->fact);
	if (fact - 1 != check->fact)
		rc = check_strays(it, fact, err);
	if (rc == 0)
		rc = sql_each(it->self, SQL_LEDGER_OF_FACT, SQL_WITH(sql_number(fact)), take_fact,
			      it, err);
	if (rc == 0)
		return found(check, LEDGER_FACT_MISSING,
			     "is about fact %" PRId64 ", which is not there", fact);
	if (rc == CL_ECORRUPT && check->fault == LEDGER_WHOLE)
		return found(check, LEDGER_FACT_ALTERED,
			     "is about fact %" PRId64 ", which cannot be read", fact);
	if (rc < 0)
		return rc;
	check->fact = fact;
	check->facts++;
	return 0;
}

/* --- Heads --------------------------------------------------------------------------------- */

/* HEAD is about row LINK is the link of, or (NULL) about a row that is not there. */
static int check_head(struct ledger_check *check, const struct ledger_head *head,
		      const uint8_t *link)
{
	char at[WHEN_CAP];

	if (link && memcmp(head->link, link, LEDGER_LINK_LEN) == 0) {
		check->heads++;
		return 0;
	}
	check->bad_n = head->n;
	check->bad_at = head->at;
	check->bad_what[0] = check->bad_journey[0] = '\0';
	when_text(head->at, NULL, at);
	if (!link)
		return found(check, LEDGER_CUT,
			     "was cut off: the head of %s says it is there, the ledger ends at "
			     "row %" PRId64,
			     at, check->n);
	return found(check, LEDGER_REWRITTEN,
		     "has another link than the head of %s says: the ledger was rewritten", at);
}

static int take_next(sqlite3_stmt *row, void *context, struct err *err)
{
	struct ledger_check *check = context;
	struct sql_value values[4];

	(void)err;
	for (int i = 0; i < 4; i++)
		values[i] = sql_value_at(row, i);
	check->next.n = values[0].number;
	check->next.at = values[1].number;
	if (values[0].kind != SQL_IS_NUMBER || values[1].kind != SQL_IS_NUMBER ||
	    values[2].kind != SQL_IS_BYTES || values[2].len != LEDGER_LINK_LEN ||
	    values[3].kind != SQL_IS_BYTES || values[3].len != DIGEST_SIGN_LEN) {
		check->bad_n = check->next.n;
		check->bad_what[0] = '\0';
		return found(check, LEDGER_FORGED, "has a head that is none: it was altered");
	}
	memcpy(check->next.link, values[2].bytes, LEDGER_LINK_LEN);
	memcpy(check->next.signature, values[3].bytes, DIGEST_SIGN_LEN);
	if (!check->public_key || ledger_signed(&check->next, check->public_key))
		return 0;
	check->bad_n = check->next.n;
	check->bad_what[0] = '\0';
	return found(check, LEDGER_FORGED, "has a head that this installation never signed");
}

static int next_head(struct verifier *it, int64_t from, struct err *err)
{
	it->check->next.n = INT64_MAX;
	int rc = sql_each(it->self, SQL_HEADS_FROM, SQL_WITH(sql_number(from)), take_next,
			  it->check, err);

	if (rc != CL_ECORRUPT || it->check->fault != LEDGER_WHOLE)
		return sql_done(rc);
	it->check->bad_n = from;
	it->check->bad_what[0] = '\0';
	return found(it->check, LEDGER_UNREADABLE, "or a later one has a head that cannot be read");
}

/* What heads say about row N, whose link is LINK. */
static int check_heads(struct verifier *it, int64_t n, const uint8_t *link, struct err *err)
{
	struct ledger_check *check = it->check;
	int rc = 0;

	while (rc == 0 && check->kept_at < check->kept_len && check->kept[check->kept_at].n <= n) {
		const struct ledger_head *head = &check->kept[check->kept_at++];

		assert(head->n == n); /* None is below 0, and they ascend. */
		rc = check_head(check, head, link);
	}
	if (rc == 0 && check->next.n <= n)
		rc = check_head(check, &check->next, link);
	return rc == 0 && check->next.n <= n ? next_head(it, n + 1, err) : rc;
}

/* --- The walk ------------------------------------------------------------------------------ */

static int take_line(sqlite3_stmt *row, void *context, struct err *err)
{
	struct verifier *it = context;
	struct ledger_check *check = it->check;
	struct ledger_end end = {0};

	it->seen++;
	take_row(row, it->row);
	name_row(it);
	int rc = check_chain(it, &end);

	if (rc == 0 && is_fact(it->row))
		rc = check_fact(it, err);
	else if (rc == 0 && it->row[COLUMN_DIGEST].len != 0)
		rc = found(check, LEDGER_INSERTED, "is about no fact and has the hash of one");
	if (rc < 0)
		return rc;
	check->n = end.n;
	memcpy(check->link, end.link, LEDGER_LINK_LEN);
	check->rows++;
	return check_heads(it, end.n, end.link, err);
}

/* Behind the last row there is nothing: no fact, no head, nothing that we wrote ourselves. */
static int check_rest(struct verifier *it, struct err *err)
{
	struct ledger_check *check = it->check;
	const struct ledger_end *end = &it->self->ledger;
	int rc = check_strays(it, INT64_MAX, err);

	if (rc == CL_ECORRUPT && check->fault == LEDGER_WHOLE)
		return found(check, LEDGER_FACT_ALTERED,
			     "should be about a fact that cannot be read");
	if (rc == 0 && check->kept_at < check->kept_len)
		rc = check_head(check, &check->kept[check->kept_at], NULL);
	if (rc == 0 && check->next.n != INT64_MAX)
		rc = check_head(check, &check->next, NULL);
	if (rc < 0)
		return rc;
	check->bad_n = end->n;
	if (check->n < end->n)
		rc = found(check, LEDGER_CUT,
			   "was cut off while it was in use: the ledger ends at %" PRId64,
			   check->n);
	if (rc == 0 && check->n == end->n && memcmp(check->link, end->link, LEDGER_LINK_LEN) != 0)
		rc = found(check, LEDGER_REWRITTEN, "was rewritten while it was in use");
	return rc;
}

static int begin(struct verifier *it, struct err *err)
{
	struct ledger_check *check = it->check;
	static const uint8_t none[LEDGER_LINK_LEN];

	check->begun = true;
	check->fact = INT64_MIN;
	int rc = next_head(it, INT64_MIN, err);

	return rc == 0 ? check_heads(it, 0, none, err) : rc;
}

int sqlite_ledger_verify(struct store *store, struct ledger_check *check, unsigned max,
			 struct err *err)
{
	struct verifier it = {.self = sqlite_of(store), .check = check};
	int64_t from = check->begun ? check->n + 1 : INT64_MIN;
	int rc = check->begun ? 0 : begin(&it, err);

	if (rc == 0)
		rc = sql_each(it.self, SQL_LEDGER_FROM, SQL_WITH(sql_number(from), sql_number(max)),
			      take_line, &it, err);
	if (rc == CL_ECORRUPT && check->fault == LEDGER_WHOLE) {
		check->bad_n = check->n + 1;
		check->bad_at = WHEN_UNKNOWN;
		check->bad_what[0] = check->bad_journey[0] = '\0';
		(void)found(check, LEDGER_UNREADABLE, "cannot be read: its bytes are damaged");
	}
	if (rc >= 0 && it.seen < max)
		rc = check_rest(&it, err);
	if (check->fault != LEDGER_WHOLE)
		return 0;
	check->done = rc >= 0 && it.seen < max;
	return sql_done(rc);
}

/* --- One link, and heads ------------------------------------------------------------------- */

struct linked {
	int64_t *at;
	uint8_t *link;
};

static int take_link(sqlite3_stmt *row, void *context, struct err *err)
{
	struct linked *linked = context;
	struct sql_value link = sql_value_at(row, COLUMN_LINK);

	if (link.kind != SQL_IS_BYTES || link.len != LEDGER_LINK_LEN)
		return err_set(err, CL_ENOENT, "store: a row of the ledger has no link");
	*linked->at = sqlite3_column_int64(row, COLUMN_AT);
	memcpy(linked->link, link.bytes, LEDGER_LINK_LEN);
	return 0;
}

int sqlite_ledger_link(struct store *store, int64_t n, int64_t *at, uint8_t link[LEDGER_LINK_LEN],
		       struct err *err)
{
	struct linked linked = {.at = at, .link = link};
	int rc = sql_each(sqlite_of(store), SQL_LEDGER_AT, SQL_WITH(sql_number(n)), take_link,
			  &linked, err);

	if (rc == 0)
		return err_set(err, CL_ENOENT, "store: the ledger has no row %lld", (long long)n);
	return sql_done(rc);
}

int sqlite_head_save(struct store *store, const struct ledger_head *head, struct err *err)
{
	return sql_done(sql_run(sqlite_of(store), SQL_HEAD_SAVE,
				SQL_WITH(sql_number(head->n), sql_number(head->at),
					 sql_bytes(head->link, sizeof(head->link)),
					 sql_bytes(head->signature, sizeof(head->signature))),
				err));
}

static int take_head(sqlite3_stmt *row, void *context, struct err *err)
{
	struct ledger_head *head = context;

	(void)err;
	head->n = sqlite3_column_int64(row, 0);
	head->at = sqlite3_column_int64(row, 1);
	/* Anything else was altered, and no check of its signature will pass. */
	if (sqlite3_column_bytes(row, 2) == LEDGER_LINK_LEN)
		memcpy(head->link, sqlite3_column_blob(row, 2), LEDGER_LINK_LEN);
	if (sqlite3_column_bytes(row, 3) == DIGEST_SIGN_LEN)
		memcpy(head->signature, sqlite3_column_blob(row, 3), DIGEST_SIGN_LEN);
	return 0;
}

int sqlite_head_last(struct store *store, struct ledger_head *head, struct err *err)
{
	*head = (struct ledger_head){.at = WHEN_UNKNOWN};
	return sql_done(
		sql_each(sqlite_of(store), SQL_HEAD_LAST, SQL_WITH_NOTHING, take_head, head, err));
}

static int walk_head(sqlite3_stmt *row, void *context, struct err *err)
{
	struct sql_walk *walk = context;
	struct ledger_head head = {.n = 0};
	int rc = take_head(row, &head, err);

	walk->each(walk->context, &head);
	return rc;
}

int sqlite_heads_list(struct store *store, unsigned limit, store_row_fn *each, void *context,
		      struct err *err)
{
	struct sql_walk walk = {.each = each, .context = context};

	return sql_done(sql_each(sqlite_of(store), SQL_HEADS_LIST, SQL_WITH(sql_number(limit)),
				 walk_head, &walk, err));
}
