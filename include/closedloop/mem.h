/* mem.h — memory that is there, or the program ends.
 *
 * Running out of memory is fail-stop (exit 71, one line on stderr): the service manager restarts us
 * and the store makes that safe. So nothing below returns NULL. Sizes that come from outside are
 * bounded before they get here.
 *
 * An arena hands out small pieces that all die together: one per fact, per request, per turn. It is
 * the owner of every string a `struct fact` or a `struct journey` points to.
 */
#ifndef CLOSEDLOOP_MEM_H
#define CLOSEDLOOP_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);		/* Zeroed. */
void *mem_grow(void *old, size_t size); /* Like realloc; new bytes are undefined. */
char *mem_copy(const char *string);
void mem_free(void *ptr);
/* What runs when memory is gone. Must not return. */
_Noreturn void mem_exhausted(size_t size);

struct arena_block;
struct arena {
	struct arena_block *block;
	size_t used;
};

#define ARENA_INIT                                                                                 \
	{                                                                                          \
		.block = NULL, .used = 0                                                           \
	}

void *arena_alloc(struct arena *arena, size_t size);	   /* Zeroed, aligned for anything. */
char *arena_copy(struct arena *arena, const char *string); /* NULL stays NULL. */
char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t len); /* NUL added. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void arena_clear(struct arena *arena);	 /* Keeps the newest block for reuse. */
void arena_release(struct arena *arena); /* Gives everything back; ARENA_INIT again. */

#endif
