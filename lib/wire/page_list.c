/* page_list.c — the page behind the link of a digest: every alert it tells of with the way to its
 * own page, and one button for all that wait.
 * Neighbours: page_html.c has the markup and the words, page.c the page of one alert. */
#include "wire/page_html.h"

#include <stdio.h>

static const char *number(char buf[24], size_t value)
{
	(void)snprintf(buf, 24, "%zu", value);
	return buf;
}

static void add_title(struct text *out, const struct page_item *item)
{
	html_element(out, "span", "number", NULL, item->alert);
	text_add(out, "<strong>");
	page_escape(out, item->title);
	text_add(out, "</strong>");
	if (item->title_second) {
		text_add(out, " <span lang=\"en\">");
		page_escape(out, item->title_second);
		text_add(out, "</span>");
	}
}

static void add_state(struct text *out, const struct page_books *books,
		      const struct page_item *item)
{
	const struct phrase_arg taken[] = {
		{"by", item->by ? item->by : "?"},
		{"at", item->at ? item->at : "?"},
	};

	if (item->open)
		words_paragraph(out, books, WORD_LIST_OPEN, "waits", NULL, 0);
	else if (item->told)
		return;
	else if (item->outcome)
		html_element(out, "p", "by", NULL, item->outcome);
	else
		words_paragraph(out, books, WORD_BY, "by", taken, ARRAY_LEN(taken));
}

static void add_item(struct text *out, const struct page_books *books, const struct page_item *item)
{
	text_add(out, item->open ? "<li class=\"waiting\">" : "<li>");
	if (item->href) {
		text_add(out, "<a");
		html_attribute(out, "href", item->href);
		text_add(out, ">");
	}
	add_title(out, item);
	if (item->href)
		text_add(out, "</a>");
	html_element(out, "p", "where", NULL, item->where);
	add_state(out, books, item);
	text_add(out, "</li>\n");
}

void page_list(struct text *out, const struct page_list *model)
{
	const struct page_books books = {model->first, model->second};
	char total[24], open[24], taken[24], rest[24], room[600];
	const struct phrase_arg args[] = {
		{"count", number(total, model->total)},
		{"open", number(open, model->open)},
	};
	const struct phrase_arg done = {"count", number(taken, model->taken)};
	const struct phrase_arg more = {"count", number(rest, model->total - model->len)};
	struct text title = TEXT_OVER(room);

	text_clear(&title);
	words_fill(&books, false, WORD_LIST_TITLE, NULL, 0, &title);
	html_begin(out, room, "no-referrer");
	if (model->drill)
		words_paragraph(out, &books, WORD_DRILL, "drill", NULL, 0);
	text_add(out, "<h1>");
	words_both(out, &books, WORD_LIST_TITLE, NULL, 0);
	text_add(out, "</h1>\n");
	words_paragraph(out, &books, WORD_LIST_SUMMARY, "summary", args, ARRAY_LEN(args));
	if (model->done)
		words_paragraph(out, &books, WORD_LIST_DONE, "done", &done, 1);
	if (model->open > 0)
		html_form(out, &books, &model->form, WORD_LIST_BUTTON);
	else if (!model->done)
		words_paragraph(out, &books, WORD_LIST_NONE, "done", NULL, 0);
	text_add(out, "<ul class=\"alerts\">\n");
	for (size_t i = 0; i < model->len; i++)
		add_item(out, &books, &model->items[i]);
	text_add(out, "</ul>\n");
	if (model->total > model->len)
		words_paragraph(out, &books, WORD_LIST_MORE, "more", &more, 1);
	html_end(out);
}
