/* err.c — keep one refusal: a code for the program and a sentence for a human.
 * Neighbours: text.c cuts the sentence on a code point; every other room reports through here. */
#include <stdarg.h>
#include <stdio.h>

#include "closedloop/err.h"
#include "closedloop/text.h"

/* A little longer than err.text, so that text_copy sees the byte after the cut and cuts on a code
 * point. */
#define DRAFT_CAP (sizeof(((struct err *)0)->text) + 8)

int err_set(struct err *err, enum cl_error code, const char *format, ...)
{
	char draft[DRAFT_CAP]; /* Arguments may point into err->text. */
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	if (vsnprintf(draft, sizeof(draft), format, args) < 0)
		draft[0] = '\0';
	va_end(args);
	err->code = code;
	text_copy(err->text, sizeof(err->text), draft);
	return code;
}

void err_prefix(struct err *err, const char *format, ...)
{
	char draft[DRAFT_CAP];
	char whole[DRAFT_CAP];
	struct text text = TEXT_OVER(whole);
	va_list args;

	if (!err)
		return;
	va_start(args, format);
	if (vsnprintf(draft, sizeof(draft), format, args) < 0)
		draft[0] = '\0';
	va_end(args);
	text_add(&text, draft);
	text_add(&text, ": ");
	text_add(&text, err->text);
	text_copy(err->text, sizeof(err->text), whole);
}

const char *err_word(enum cl_error code)
{
	switch (code) {
	case CL_OK:
		return "ok";
	case CL_EINVAL:
		return "invalid";
	case CL_ENOENT:
		return "not_found";
	case CL_ECONFLICT:
		return "conflict";
	case CL_ELIMIT:
		return "limit";
	case CL_EIO:
		return "io";
	case CL_EFULL:
		return "full";
	case CL_ECORRUPT:
		return "corrupt";
	case CL_ENEWER:
		return "newer";
	case CL_EBUSY:
		return "busy";
	case CL_EGONE:
		return "gone";
	}
	return "unknown";
}
