/* conf_report.c — keeps the list of everything that is wrong with a configuration, and guesses what
 * was meant. Neighbours: every other file of this room writes into it; the daemon and closedloopctl
 * print it. */
#include "conf_private.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/text.h"

static struct conf_problem *add_problem(struct conf_report *report)
{
	struct conf_problem *problem;

	/* The list grows by doubling; its capacity is the next power of two. */
	if ((report->len & (report->len - 1)) == 0) {
		size_t cap = report->len == 0 ? 1 : report->len * 2;

		report->problems = mem_grow(report->problems, cap * sizeof(*report->problems));
	}
	problem = &report->problems[report->len++];
	*problem = (struct conf_problem){.line = 0};
	return problem;
}

static void problem_add(struct conf_report *report, const char *file, int line, int column,
			bool warning, const char *format, va_list args)
	__attribute__((format(printf, 6, 0)));

static void problem_add(struct conf_report *report, const char *file, int line, int column,
			bool warning, const char *format, va_list args)
{
	char sentence[1024];
	struct conf_problem *problem;

	if (!warning)
		report->errors++;
	if (report->len > CONF_PROBLEMS_MAX)
		return; /* Counted, not kept: nobody reads a thousand lines. */
	problem = add_problem(report);
	if (report->len > CONF_PROBLEMS_MAX)
		(void)snprintf(sentence, sizeof(sentence),
			       "more than %u problems; the rest is not shown", CONF_PROBLEMS_MAX);
	else
		(void)vsnprintf(sentence, sizeof(sentence), format, args);
	/* vsnprintf may have split a character at the end. */
	sentence[text_cut_at(sentence, strlen(sentence), sizeof(sentence) - 1)] = '\0';
	problem->file = arena_copy(&report->arena, file);
	problem->line = line;
	problem->column = column;
	problem->warning = warning;
	problem->text = arena_copy(&report->arena, sentence);
}

void conf_problem(struct conf_report *report, const char *file, int line, int column, bool warning,
		  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem_add(report, file, line, column, warning, format, args);
	va_end(args);
}

void conf_error(struct loader *loader, const struct node *at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem_add(loader->report, at->source->name, at->line, at->column, false, format, args);
	va_end(args);
}

void conf_warning(struct loader *loader, const struct node *at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem_add(loader->report, at->source->name, at->line, at->column, true, format, args);
	va_end(args);
}

void conf_report_at(struct conf_report *report, const struct conf_place *place, bool warning,
		    const char *format, ...)
{
	va_list args;

	assert(report);
	assert(place->file);
	va_start(args, format);
	problem_add(report, place->file, place->line, place->column, warning, format, args);
	va_end(args);
	conf_report_sort(report);
}

/* A reader works through one file from top to bottom, so that is the order; files keep the order in
 * which they were first found wanting. Insertion keeps equal places in order of discovery, and
 * lists are short. */
static bool goes_before(const struct conf_report *report, const struct conf_problem *left,
			const struct conf_problem *right)
{
	if (strcmp(left->file, right->file) != 0) {
		for (size_t i = 0; i < report->len; i++) {
			if (strcmp(report->problems[i].file, left->file) == 0)
				return true;
			if (strcmp(report->problems[i].file, right->file) == 0)
				return false;
		}
	}
	if (left->line != right->line)
		return left->line < right->line;
	return left->column < right->column;
}

void conf_report_sort(struct conf_report *report)
{
	for (size_t i = 1; i < report->len; i++) {
		struct conf_problem problem = report->problems[i];
		size_t to = i;

		while (to > 0 && goes_before(report, &problem, &report->problems[to - 1]))
			to--;
		memmove(&report->problems[to + 1], &report->problems[to],
			(i - to) * sizeof(problem));
		report->problems[to] = problem;
	}
}

void conf_report_print(const struct conf_report *report, FILE *out)
{
	assert(report);
	assert(out);

	for (size_t i = 0; i < report->len; i++) {
		const struct conf_problem *problem = &report->problems[i];

		(void)fprintf(out, "%s:", problem->file);
		if (problem->line > 0)
			(void)fprintf(out, "%d:%d:", problem->line, problem->column);
		(void)fprintf(out, " %s%s\n", problem->warning ? "warning: " : "", problem->text);
	}
}

void conf_report_free(struct conf_report *report)
{
	assert(report);

	mem_free(report->problems);
	arena_release(&report->arena);
	*report = (struct conf_report){.len = 0};
}
