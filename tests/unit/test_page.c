/* test_page.c — a page shows what it was given, escaped, and needs no script.
 * Neighbours: lib/wire/page.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "wire/page.h"

static char room[16384];

static const char *escaped(const char *string)
{
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	page_escape(&out, string);
	return room;
}

static const char *render(const struct page_ack *model)
{
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	page_ack(&out, model);
	assert_false(out.cut);
	return room;
}

static size_t count(const char *page, const char *needle)
{
	size_t found = 0;

	for (const char *at = page; (at = strstr(at, needle)); at++)
		found++;
	return found;
}

static const struct page_ack open_alert = {
	.state = PAGE_ACK_OPEN,
	.alert = "A-000045",
	.title = "【到达】莘松三村",
	.text = "2 人 17:50 到达\n请确认",
	.action = "/a/abc.def",
};

static void markup_loses_its_meaning(void **state)
{
	(void)state;
	assert_string_equal(escaped("<b onclick=\"x('&')\">"),
			    "&lt;b onclick=&quot;x(&#39;&amp;&#39;)&quot;&gt;");
	assert_string_equal(escaped("旅客 😀\nzwei"), "旅客 😀\nzwei");
	assert_string_equal(escaped("a\x01\x1b[31mb\x7f\xc2\x85"), "a[31mb");
	assert_string_equal(escaped("a\xff\xe6\x97z"), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
	assert_string_equal(escaped(NULL), "");
}

static void an_open_alert_has_one_button_that_posts(void **state)
{
	const char *page = render(&open_alert);

	(void)state;
	assert_int_equal(count(page, "<button"), 1);
	assert_int_equal(count(page, "<form method=\"post\" action=\"/a/abc.def\">"), 1);
	assert_non_null(strstr(page, "A-000045"));
	assert_non_null(strstr(page, "<h1>【到达】莘松三村</h1>"));
	assert_null(strstr(page, "<input"));
}

static void a_group_is_asked_who_takes_it(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.ask_name = true;
	page = render(&model);
	assert_int_equal(count(page, "name=\"name\""), 1);
	assert_non_null(strstr(page, " required>"));
	assert_non_null(strstr(page, "<label for=\"name\">"));
}

static void a_missing_name_is_said_in_both_languages(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.ask_name = true;
	assert_null(strstr(render(&model), "class=\"missing\""));
	model.name_missing = true;
	page = render(&model);
	assert_int_equal(count(page, "class=\"missing\""), 1);
	assert_non_null(strstr(page, "请填写姓名"));
	assert_non_null(strstr(page, "Your name is missing"));
}

static void a_drill_is_marked(void **state)
{
	struct page_ack model = open_alert;

	(void)state;
	assert_null(strstr(render(&model), "【演练】"));
	model.drill = true;
	for (int s = 0; s < PAGE_ACK_STATES; s++) {
		model.state = (enum page_ack_state)s;
		assert_non_null(strstr(render(&model), "【演练】"));
	}
}

static void no_state_but_open_has_a_button(void **state)
{
	struct page_ack model = open_alert;

	(void)state;
	for (int s = PAGE_ACK_DONE; s < PAGE_ACK_STATES; s++) {
		const char *page;

		model.state = (enum page_ack_state)s;
		model.by = "王磊";
		model.at = "03:12";
		page = render(&model);
		assert_null(strstr(page, "<button"));
		assert_null(strstr(page, "<form"));
	}
}

static void a_taken_alert_says_by_whom_and_when(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.state = PAGE_ACK_ALREADY;
	model.by = "<王磊>";
	model.at = "03:12";
	page = render(&model);
	assert_non_null(strstr(page, "&lt;王磊&gt;"));
	assert_null(strstr(page, "<王磊>"));
	assert_int_equal(count(page, "03:12"), 2); /* Both languages. */
}

static void a_wrong_link_shows_nothing_of_an_alert(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.state = PAGE_ACK_UNKNOWN;
	page = render(&model);
	assert_null(strstr(page, "莘松三村"));
	assert_null(strstr(page, "A-000045"));
	assert_null(strstr(page, "17:50"));
}

static void every_page_is_for_phones_without_script_and_for_no_crawler(void **state)
{
	struct page_ack model = open_alert;

	(void)state;
	model.by = "a";
	model.at = "b";
	model.ask_name = true;
	for (int s = 0; s < PAGE_ACK_STATES; s++) {
		const char *page;

		model.state = (enum page_ack_state)s;
		page = render(&model);
		assert_non_null(strstr(page, "<meta name=\"robots\" content=\"noindex"));
		assert_non_null(strstr(page, "width=device-width"));
		assert_non_null(strstr(page, "href=\"/static/style.css\""));
		assert_non_null(strstr(page, "</html>"));
		assert_null(strstr(page, "<script"));
		assert_null(strstr(page, "<style"));
		assert_null(strstr(page, " style="));
		assert_null(strstr(page, " onclick"));
		assert_null(strstr(page, "http://"));
	}
}

static void hostile_text_stays_text(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.title = "</title><script>alert(1)</script>";
	model.text = "\"><img src=x onerror=y>";
	model.action = "/a/x\"><b>";
	model.alert = "<A>";
	page = render(&model);
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<img"));
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "<A>"));
}

static void the_phrase_book_decides_the_words(void **state)
{
	static const struct phrase first[] = {
		{"page.ack.by", "由{by}在{at}接手"},
		{"page.ack.done", "好 & 谢谢"},
	};
	static const struct phrasebook book = {"zh-CN", 2, first};
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.first = &book;
	model.state = PAGE_ACK_DONE;
	model.by = "{at}";
	model.at = "03:12";
	page = render(&model);
	assert_non_null(strstr(page, "好 &amp; 谢谢"));
	assert_non_null(strstr(page, "由{at}在03:12接手"));
	assert_null(strstr(page, "page.ack"));
}

static void a_page_that_does_not_fit_says_so(void **state)
{
	char little[64];
	struct text out = TEXT_OVER(little);

	(void)state;
	text_clear(&out);
	page_ack(&out, &open_alert);
	assert_true(out.cut);
	assert_true(out.len < sizeof(little));
}

static void a_message_is_a_whole_page(void **state)
{
	struct text out = TEXT_OVER(room);

	(void)state;
	text_clear(&out);
	page_message(&out, "找不到 <x>", "没有这一页 & 不会有");
	assert_false(out.cut);
	assert_non_null(strstr(room, "<h1>找不到 &lt;x&gt;</h1>"));
	assert_non_null(strstr(room, "没有这一页 &amp; 不会有"));
	assert_non_null(strstr(room, "</html>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_loses_its_meaning),
		cmocka_unit_test(an_open_alert_has_one_button_that_posts),
		cmocka_unit_test(a_group_is_asked_who_takes_it),
		cmocka_unit_test(a_missing_name_is_said_in_both_languages),
		cmocka_unit_test(a_drill_is_marked),
		cmocka_unit_test(no_state_but_open_has_a_button),
		cmocka_unit_test(a_taken_alert_says_by_whom_and_when),
		cmocka_unit_test(a_wrong_link_shows_nothing_of_an_alert),
		cmocka_unit_test(every_page_is_for_phones_without_script_and_for_no_crawler),
		cmocka_unit_test(hostile_text_stays_text),
		cmocka_unit_test(the_phrase_book_decides_the_words),
		cmocka_unit_test(a_page_that_does_not_fit_says_so),
		cmocka_unit_test(a_message_is_a_whole_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
