/* err.h — how a function says no.
 *
 * Every function that can fail returns 0 or a negative enum cl_error, and leaves the sentence for a
 *human in the caller's `struct err`. The sentence names the thing, the value and the rule: an
 *operator can act on it, a duty officer can read it aloud. It never holds personal data.
 *
 *	struct err err = ERR_INIT;
 *	if (gazetteer_open(&gazetteer, bytes, len, &err) < 0)
 *		return fail(&err);
 */
#ifndef CLOSEDLOOP_ERR_H
#define CLOSEDLOOP_ERR_H

enum cl_error {
	CL_OK = 0,
	CL_EINVAL = -1, /* The input breaks a rule; sending it again changes nothing. */
	CL_ENOENT = -2, /* The thing named is not there. State unchanged. */
	CL_ECONFLICT =
		-3, /* The thing is there, and its present state forbids this. State unchanged. */
	CL_ELIMIT = -4, /* A bound was reached (queue, size, rate): try later or send less. */
	CL_EIO = -5, /* The store or a file could not be read or written; nothing was committed. */
	CL_EFULL = -6, /* No space left; nothing was committed, and it works again once there is. */
	CL_ECORRUPT = -7, /* Stored bytes do not hold together; nothing was touched. */
	CL_ENEWER = -8,	  /* The data was written by a newer program; nothing was touched. */
	CL_EBUSY = -9,	  /* Somebody else holds it right now; nothing was committed. */
	CL_EGONE = -10,	  /* It was erased: its key is destroyed, and that is for ever. */
};

struct err {
	enum cl_error code;
	char text[480];
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		.code = CL_OK, .text = ""                                                          \
	}

/* Record CODE and the printf sentence in ERR (which may be NULL) and return CODE, so that a refusal
 * is one line: `return err_set(err, CL_EINVAL, "unit %s: …", code)`. Overlong sentences are cut on
 * a code point. */
int err_set(struct err *err, enum cl_error code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put a printf prefix and ": " before the sentence already in ERR. */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The short stable word for CODE ("invalid", "not_found", …), for logs and problem documents. */
const char *err_word(enum cl_error code);

#endif
