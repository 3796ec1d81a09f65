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
	.words = {.title = "【到达】莘松三村", .text = "2 人 17:50 到达\n请确认"},
	.words_second = {.title = "Arriving", .text = "2 people at 17:50"},
	.form = {.action = "/a/abc.def"},
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
	assert_non_null(
		strstr(page, "<h1>【到达】莘松三村 <span lang=\"en\">Arriving</span></h1>"));
	assert_null(strstr(page, "<input"));
	/* Chinese first, English below. */
	assert_non_null(strstr(page, "2 people at 17:50"));
	assert_true(strstr(page, "2 人") < strstr(page, "2 people"));
}

static void a_group_is_asked_who_takes_it(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.form.ask_name = true;
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
	model.form.ask_name = true;
	assert_null(strstr(render(&model), "class=\"missing\""));
	model.form.name_missing = true;
	page = render(&model);
	assert_int_equal(count(page, "class=\"missing\""), 1);
	assert_non_null(strstr(page, "请填写姓名"));
	assert_non_null(strstr(page, "Your name is missing"));
}

static void a_pin_is_asked_for_and_not_shown(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.form.ask_pin = true;
	page = render(&model);
	assert_non_null(strstr(page, "name=\"pin\" type=\"password\" inputmode=\"numeric\""));
	assert_null(strstr(page, "class=\"missing\""));
	model.form.pin_wrong = true;
	assert_non_null(strstr(render(&model), "确认码不正确"));
}

static void a_name_once_typed_is_not_typed_again(void **state)
{
	struct page_ack model = open_alert;

	(void)state;
	model.form.ask_name = model.form.ask_pin = model.form.pin_wrong = true;
	model.form.name = "王\"芳";
	assert_non_null(strstr(render(&model), "value=\"王&quot;芳\""));
}

static void an_end_is_told_with_its_outcome(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.state = PAGE_ACK_OVER;
	model.outcome = "<情况已消除>";
	model.outcome_second = "it is no longer so";
	model.over_at = "04:10";
	page = render(&model);
	assert_non_null(strstr(page, "04:10 了结：&lt;情况已消除&gt;"));
	assert_non_null(strstr(page, "Ended at 04:10: it is no longer so"));
	assert_null(strstr(page, "class=\"by\""));
	assert_null(strstr(page, "<form"));
}

/* --- A digest's list ----------------------------------------------------------------------- */

static const struct page_item items[] = {
	{.alert = "A-000001",
	 .title = "即将到达",
	 .title_second = "Arriving soon",
	 .where = "莘松三村 · 8人 · 21:40",
	 .href = "/a/x.y",
	 .open = true},
	{.alert = "A-000002",
	 .title = "<b>",
	 .where = "\"><img>",
	 .href = "/a/\"><b>",
	 .by = "<王磊>",
	 .at = "03:12"},
	{.alert = "A-000003", .title = "发热", .where = "x", .outcome = "已处理完毕"},
	{.alert = "A-000004", .title = "预计到达", .where = "x", .told = true},
};

static const char *render_list(const struct page_list *model)
{
	struct text out = TEXT_OVER(room);

	text_clear(&out);
	page_list(&out, model);
	assert_false(out.cut);
	return room;
}

static const struct page_list list = {.total = 4,
				      .open = 1,
				      .items = items,
				      .len = ARRAY_LEN(items),
				      .form = {.action = "/a/l.m", .ask_name = true}};

static void a_list_has_one_button_for_all_and_a_way_to_each(void **state)
{
	const char *page = render_list(&list);

	(void)state;
	assert_int_equal(count(page, "<button"), 1);
	assert_int_equal(count(page, "<form method=\"post\" action=\"/a/l.m\">"), 1);
	assert_non_null(strstr(page, "全部由我处理"));
	assert_int_equal(count(page, "</li>"), 4);
	assert_int_equal(count(page, "<a href="), 2);
	assert_int_equal(count(page, "class=\"waits\""), 1);
	assert_non_null(strstr(page, "共4件，待接手1件"));
	assert_non_null(strstr(page, "已处理完毕"));
	assert_null(strstr(page, "class=\"more\""));
}

static void hostile_items_stay_text(void **state)
{
	const char *page = render_list(&list);

	(void)state;
	assert_null(strstr(page, "<img"));
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "<王磊>"));
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, " style="));
}

static void a_list_says_how_many_more_there_are(void **state)
{
	struct page_list model = list;

	(void)state;
	model.total = 250;
	model.open = 240;
	assert_non_null(strstr(render_list(&model), "…另有246件"));
}

static void a_list_in_which_nothing_waits_has_no_button(void **state)
{
	struct page_list model = list;
	const char *page;

	(void)state;
	model.open = 0;
	page = render_list(&model);
	assert_null(strstr(page, "<form"));
	assert_non_null(strstr(page, "没有待接手的事项"));
	model.done = true;
	model.taken = 3;
	page = render_list(&model);
	assert_non_null(strstr(page, "3件由您负责"));
	assert_null(strstr(page, "没有待接手的事项"));
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
	model.form.ask_name = true;
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
	model.words.title = "</title><script>alert(1)</script>";
	model.words.text = "\"><img src=x onerror=y>";
	model.form.action = "/a/x\"><b>";
	model.alert = "<A>";
	page = render(&model);
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<img"));
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "<A>"));
}

static void a_name_turns_no_line_around(void **state)
{
	struct page_ack model = open_alert;
	const char *page;

	(void)state;
	model.words.title = "甲\xE2\x80\xAE乙\xE2\x81\xA6丙\xC2\x9B\xE2\x80\x8B丁";
	page = render(&model);
	assert_non_null(strstr(page, "甲乙丙丁"));
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
		cmocka_unit_test(a_pin_is_asked_for_and_not_shown),
		cmocka_unit_test(a_name_once_typed_is_not_typed_again),
		cmocka_unit_test(an_end_is_told_with_its_outcome),
		cmocka_unit_test(a_list_has_one_button_for_all_and_a_way_to_each),
		cmocka_unit_test(hostile_items_stay_text),
		cmocka_unit_test(a_list_says_how_many_more_there_are),
		cmocka_unit_test(a_list_in_which_nothing_waits_has_no_button),
		cmocka_unit_test(a_drill_is_marked),
		cmocka_unit_test(no_state_but_open_has_a_button),
		cmocka_unit_test(a_taken_alert_says_by_whom_and_when),
		cmocka_unit_test(a_wrong_link_shows_nothing_of_an_alert),
		cmocka_unit_test(every_page_is_for_phones_without_script_and_for_no_crawler),
		cmocka_unit_test(hostile_text_stays_text),
		cmocka_unit_test(a_name_turns_no_line_around),
		cmocka_unit_test(the_phrase_book_decides_the_words),
		cmocka_unit_test(a_page_that_does_not_fit_says_so),
		cmocka_unit_test(a_message_is_a_whole_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
