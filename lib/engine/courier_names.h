/* courier_names.h — things found by name: a sorted table. A city has thousands of endpoints, and
 * each notice asks for one. Private to the courier. */
#ifndef ENGINE_COURIER_NAMES_H
#define ENGINE_COURIER_NAMES_H

#include <stddef.h>

struct named {
	const char *name; /* Borrowed. */
	void *thing;
};

struct names {
	struct named *rows; /* Sorted by name. */
	size_t len, cap;
};

/* What NAME stands for, or NULL. */
void *names_find(const struct names *names, const char *name);
/* NAME, which is not there yet, stands for THING. */
void names_add(struct names *names, const char *name, void *thing);
/* Forget all of them. */
void names_clear(struct names *names);
void names_release(struct names *names);

#endif
