/* test_mem.c — memory is there and zeroed, arena pieces stand apart, and exhaustion ends the
 * program with 71. Neighbours: lib/base/mem.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "closedloop/mem.h"

static void fresh_memory_is_zero(void **state)
{
	unsigned char *bytes = mem_alloc(100);
	char *copy;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(bytes[i], 0);
	bytes[0] = 7;
	bytes = mem_grow(bytes, 10000);
	assert_int_equal(bytes[0], 7);
	mem_free(bytes);
	copy = mem_copy("旅");
	assert_string_equal(copy, "旅");
	mem_free(copy);
	mem_free(NULL);
	mem_free(mem_alloc(0));
}

static void pieces_of_every_size_stand_apart(void **state)
{
	struct arena arena = ARENA_INIT;
	unsigned char *pieces[300];

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 300; i++) {
			size_t size = i * i; /* 0 to 89401: small, big and giant. */

			pieces[i] = arena_alloc(&arena, size);
			assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
			for (size_t j = 0; j < size; j++)
				assert_true(pieces[i][j] == 0);
			memset(pieces[i], (int)(i % 255 + 1), size);
		}
		for (size_t i = 0; i < 300; i++) {
			for (size_t j = 0; j < i * i; j++)
				assert_true(pieces[i][j] == i % 255 + 1);
		}
		arena_clear(&arena);
	}
	arena_release(&arena);
	assert_null(arena.block);
	arena_release(&arena);
	arena_clear(&arena);
}

static void a_cleared_arena_gives_the_same_room_again(void **state)
{
	struct arena arena = ARENA_INIT;
	char *first = arena_copy(&arena, "first");
	char *again;

	(void)state;
	arena_clear(&arena);
	again = arena_alloc(&arena, 16);
	assert_ptr_equal(first, again);
	assert_string_equal(again, "");
	arena_release(&arena);
}

static void a_big_piece_leaves_the_block_in_use(void **state)
{
	struct arena arena = ARENA_INIT;
	char *small = arena_alloc(&arena, 16);

	(void)state;
	memset(arena_alloc(&arena, 1000000), 1, 1000000);
	assert_ptr_equal(arena_alloc(&arena, 16), small + 16);
	arena_release(&arena);
	memset(arena_alloc(&arena, 1000000), 1, 1000000); /* First of all, too. */
	arena_clear(&arena);
	assert_null(arena.block);
	arena_release(&arena);
}

static void arena_strings_are_whole(void **state)
{
	struct arena arena = ARENA_INIT;
	char *text;

	(void)state;
	assert_null(arena_copy(&arena, NULL));
	assert_string_equal(arena_copy_bytes(&arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy_bytes(&arena, NULL, 0), "");
	assert_string_equal(arena_printf(&arena, "%s-%03d", "jny", 7), "jny-007");
	text = arena_printf(&arena, "%6000d", 1);
	assert_int_equal(strlen(text), 6000);
	arena_release(&arena);
}

static void exhaustion_ends_the_program_with_71(void **state)
{
	pid_t child;
	int status;

	(void)state;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(STDERR_FILENO);
		mem_exhausted(42);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 71);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_memory_is_zero),
		cmocka_unit_test(pieces_of_every_size_stand_apart),
		cmocka_unit_test(a_cleared_arena_gives_the_same_room_again),
		cmocka_unit_test(a_big_piece_leaves_the_block_in_use),
		cmocka_unit_test(arena_strings_are_whole),
		cmocka_unit_test(exhaustion_ends_the_program_with_71),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
