/* mem.c — memory that is there, or the program ends; and arenas whose pieces die together.
 * Neighbours: none below; every room that needs the heap comes here, and nobody else calls malloc.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "closedloop/mem.h"

#define EXIT_NO_MEMORY 71 /* EX_OSERR: the service manager restarts us. */
#define BLOCK_FIRST    ((size_t)4096)
#define BLOCK_MOST     ((size_t)65536)
#define PIECE_ALIGN    _Alignof(max_align_t)

struct arena_block {
	struct arena_block *older;
	size_t cap; /* Bytes in data. */
	_Alignas(max_align_t) unsigned char data[];
};

void mem_exhausted(size_t size)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "<2>mem.exhausted size=%zu\n", size);

	/* write, not stdio: a stream may want a buffer from the heap that is gone. */
	if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0)
		_exit(EXIT_NO_MEMORY);
	_exit(EXIT_NO_MEMORY);
}

void *mem_alloc(size_t size)
{
	void *ptr = calloc(1, size ? size : 1);

	if (!ptr)
		mem_exhausted(size);
	return ptr;
}

void *mem_grow(void *old, size_t size)
{
	void *ptr = realloc(old, size ? size : 1);

	if (!ptr)
		mem_exhausted(size);
	return ptr;
}

char *mem_copy(const char *string)
{
	size_t size = strlen(string) + 1;
	char *copy = mem_grow(NULL, size);

	memcpy(copy, string, size);
	return copy;
}

void mem_free(void *ptr)
{
	free(ptr);
}

static struct arena_block *block_new(size_t cap)
{
	struct arena_block *block = mem_grow(NULL, sizeof(*block) + cap);

	block->older = NULL;
	block->cap = cap;
	return block;
}

/* The usual size of the block after the newest one: doubling, within bounds. */
static size_t next_cap(const struct arena *arena)
{
	size_t cap;

	if (!arena->block)
		return BLOCK_FIRST;
	cap = arena->block->cap * 2;
	return cap < BLOCK_FIRST ? BLOCK_FIRST : cap > BLOCK_MOST ? BLOCK_MOST : cap;
}

/* A big piece lives in a block of its own behind the newest, whose rest stays in use. */
static void *own_block(struct arena *arena, size_t size)
{
	struct arena_block *block = block_new(size);

	if (!arena->block) {
		arena->block = block;
		arena->used = size;
	} else {
		block->older = arena->block->older;
		arena->block->older = block;
	}
	return block->data;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *piece;

	if (size > SIZE_MAX / 2)
		mem_exhausted(size);
	size = size ? (size + PIECE_ALIGN - 1) / PIECE_ALIGN * PIECE_ALIGN : PIECE_ALIGN;
	if (arena->block && size <= arena->block->cap - arena->used) {
		piece = arena->block->data + arena->used;
		arena->used += size;
	} else if (size > next_cap(arena) / 4) {
		piece = own_block(arena, size);
	} else {
		struct arena_block *block = block_new(next_cap(arena));

		block->older = arena->block;
		arena->block = block;
		arena->used = size;
		piece = block->data;
	}
	return memset(piece, 0, size);
}

char *arena_copy(struct arena *arena, const char *string)
{
	return string ? arena_copy_bytes(arena, string, strlen(string)) : NULL;
}

char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t len)
{
	char *copy;

	if (len > SIZE_MAX / 4)
		mem_exhausted(len);
	copy = arena_alloc(arena, len + 1);
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_list again;
	char *text;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		mem_exhausted(0);
	text = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

static void free_from(struct arena_block *block)
{
	while (block) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
}

void arena_clear(struct arena *arena)
{
	if (!arena->block)
		return;
	if (arena->block->cap > BLOCK_MOST) { /* One giant piece must not stay for ever. */
		arena_release(arena);
		return;
	}
	free_from(arena->block->older);
	arena->block->older = NULL;
	arena->used = 0;
}

void arena_release(struct arena *arena)
{
	free_from(arena->block);
	arena->block = NULL;
	arena->used = 0;
}
