/* store_list.c — pages of journeys for people: open ones by their next deadline, then the ended
 * ones by id. Neighbours: store_sql.h has one list per index that can lead; store_journeys.c loads
 * each row. */
#include "store/store_private.h"

#include <string.h>

/* A prefix this short (a city, a district) has so many journeys that walking the deadlines finds a
 * page sooner. */
#define UNIT_WIDE_MAX 6

struct page {
	struct store *store;
	struct arena *arena;
	store_row_fn *each;
	void *context;
	unsigned rows;
};

static int walk_journey(sqlite3_stmt *row, void *context, struct err *err)
{
	struct page *page = context;
	struct store_journey journey;
	int rc = sqlite_journey_load(page->store, sql_column_text(row, 0), page->arena, &journey,
				     err);

	/* There is nothing left to show of it. */
	if (rc == CL_EGONE)
		return 0;
	if (rc < 0)
		return rc;
	page->rows++;
	page->each(page->context, &journey);
	return 0;
}

/* Which index leads: the one that leaves the fewest rows. */
static enum sql_id choose(const struct store_filter *filter, bool open)
{
	if (filter->ref)
		return SQL_LIST_REF;
	if (filter->transfer)
		return SQL_LIST_TRANSFER;
	if (filter->flight)
		return SQL_LIST_FLIGHT;
	size_t unit = filter->unit ? strlen(filter->unit) : 0;
	size_t scope = filter->scope ? strlen(filter->scope) : 0;

	if (unit < scope && (!open || scope > UNIT_WIDE_MAX))
		return open ? SQL_LIST_SEEN : SQL_LIST_ENDED_SEEN;
	if (!open)
		return unit > 0 ? SQL_LIST_ENDED_UNIT : SQL_LIST_ENDED;
	return unit > UNIT_WIDE_MAX ? SQL_LIST_UNIT : SQL_LIST_DUE;
}

/* Where the page begins: after the row (DUE, ID). */
static int list_after(struct page *page, const struct store_filter *filter, bool open, int64_t due,
		      const char *id, struct err *err)
{
	/* No byte of UTF-8 sorts after 0xFF, so this is above everything that begins with the
	 * prefix. */
	const char *end = filter->unit ? arena_printf(page->arena, "%s\xff", filter->unit) : NULL;
	const char *scope = filter->scope ? filter->scope : "";
	const char *scope_end = arena_printf(page->arena, "%s\xff", scope);
	struct sql_value stage =
		filter->stage < 0 ? sql_text_or_null(NULL) : sql_number(filter->stage);

	struct sqlite_store *self = sqlite_of(page->store);
	uint8_t blind[SEAL_BLIND_LEN];
	struct sql_value ref =
		filter->ref ? sql_blind(self, "ref", filter->ref, blind) : sql_text_or_null(NULL);

	if (page->rows >= filter->limit)
		return 0;
	return sql_done(sql_each(self, choose(filter, open),
				 SQL_WITH(stage, sql_text_or_null(filter->unit),
					  sql_text_or_null(end), sql_text_or_null(filter->flight),
					  sql_text_or_null(filter->transfer),
					  sql_text_or_null(filter->source), ref, sql_text(scope),
					  sql_text(scope_end), sql_number(open), sql_number(due),
					  sql_text(id), sql_number(filter->limit - page->rows)),
				 walk_journey, page, err));
}

int sqlite_journeys_list(struct store *store, const struct store_filter *filter,
			 struct arena *arena, store_row_fn *each, void *context, struct err *err)
{
	struct page page = {.store = store, .arena = arena, .each = each, .context = context};
	struct store_journey last = {.id = "", .open = true, .next_due = INT64_MIN};
	bool ended = !filter->open_only;
	int rc = 0;

	if (filter->after && *filter->after) {
		rc = sqlite_journey_see(store, filter->scope, filter->after, arena, &last, err);
		if (rc < 0)
			return rc;
		if (!last.open && filter->open_only)
			return err_set(err, CL_ECONFLICT,
				       "journey %s has ended meanwhile: list again from the start",
				       filter->after);
	}
	if (last.open) {
		rc = list_after(&page, filter, true, last.next_due, last.id, err);
		last.next_due = INT64_MIN;
		last.id = "";
	}
	if (rc == 0 && ended)
		rc = list_after(&page, filter, false, last.next_due, last.id, err);
	return rc;
}
