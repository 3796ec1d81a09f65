/* conf_phrases.c — reads the phrase books and holds them against each other: same keys, same
 * placeholders. Neighbours: loop/phrase.c looks words up in what is built here. */
#include "conf_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "closedloop/text.h"

#define BOOKS_MAX 32
#define WORDS_MAX 2000 /* Bytes of one phrase: what fits a chat message. */

/* One phrase and where it stands. */
struct entry {
	const char *key;
	const struct node *node;
	bool broken; /* Reported: not held against other languages. */
};

struct book {
	const char *language;
	size_t len;
	struct entry *entries; /* Sorted by key. */
};

struct shelf {
	struct book books[BOOKS_MAX];
	size_t len;
};

/* The placeholder at *AT ("{eta}"), its name in NAME; *AT moves behind it. 1: one, 0: no more, -1:
 * a loose brace. */
static int next_placeholder(const char **at, char name[CONF_NAME_MAX])
{
	const char *open = *at + strcspn(*at, "{}");
	size_t len;

	if (*open == '\0')
		return 0;
	if (*open == '}')
		return -1;
	len = strspn(open + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (len == 0 || len >= CONF_NAME_MAX || open[1 + len] != '}')
		return -1;
	memcpy(name, open + 1, len);
	name[len] = '\0';
	*at = open + len + 2;
	return 1;
}

static bool has_placeholder(const char *words, const char *wanted)
{
	char name[CONF_NAME_MAX];

	while (next_placeholder(&words, name) == 1) {
		if (strcmp(name, wanted) == 0)
			return true;
	}
	return false;
}

static bool is_key(const char *key)
{
	return *key && strlen(key) <= CONF_NAME_MAX &&
	       key[strspn(key,
			  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] ==
		       '\0';
}

/* Report what is wrong with the words of NODE as such; true when nothing is. */
static bool check_words(struct loader *loader, const struct node *node, const char *key)
{
	const char *at = node->text;
	char name[CONF_NAME_MAX];
	int found;

	if (!conf_is_kind(loader, node, NODE_SCALAR, key))
		return false;
	if (!*node->text && !node->quoted) {
		conf_error(loader, node, "phrase %s has no words", key);
		return false;
	}
	if (strlen(node->text) > WORDS_MAX) {
		conf_error(loader, node, "phrase %s has more than %d bytes", key, WORDS_MAX);
		return false;
	}
	do {
		found = next_placeholder(&at, name);
	} while (found == 1);
	if (found < 0)
		conf_error(loader, node,
			   "phrase %s: a brace does not belong to a placeholder such as {eta}",
			   key);
	return found == 0;
}

static size_t count_scalars(const struct node *map)
{
	size_t count = 0;

	for (const struct node *child = map->first; child; child = child->next)
		count += child->kind == NODE_MAP ? count_scalars(child) : 1;
	return count;
}

/* Nested keys become dotted ones; conf_yaml has bounded the depth. */
static void flatten(struct loader *loader, const struct node *map, const char *prefix,
		    struct book *book)
{
	for (const struct node *child = map->first; child; child = child->next) {
		const char *key = arena_printf(loader->arena, "%s%s%s", prefix, *prefix ? "." : "",
					       child->key->text);

		if (!is_key(key))
			conf_error(loader, child->key,
				   "phrase \"%.64s\": a key has up to %u letters, digits, "
				   "\"._-\"",
				   key, CONF_NAME_MAX);
		else if (child->kind == NODE_MAP)
			flatten(loader, child, key, book);
		else
			book->entries[book->len++] =
				(struct entry){.key = key,
					       .node = child,
					       .broken = !check_words(loader, child, key)};
	}
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = strcmp(a->key, b->key);

	if (order != 0)
		return order;
	return a->node->line < b->node->line ? -1 : a->node->line > b->node->line;
}

/* "a.b" and "a: {b: …}" are one key; the same key twice in one map has been reported already. The
 * first holds. */
static void drop_repeated(struct loader *loader, struct book *book)
{
	size_t kept = 0;

	for (size_t i = 0; i < book->len; i++) {
		const struct entry *entry = &book->entries[i];
		const struct entry *before = kept > 0 ? &book->entries[kept - 1] : NULL;

		if (!before || strcmp(entry->key, before->key) != 0)
			book->entries[kept++] = *entry;
		else if (strcmp(entry->node->key->text, before->node->key->text) != 0)
			conf_error(loader, entry->node->key, "phrase %s is given twice",
				   entry->key);
	}
	book->len = kept;
}

/* "phrases/zh-CN.yaml" → "zh-CN". */
static const char *language_of(struct loader *loader, const struct node *at, const char *path)
{
	const char *base = conf_path_base(path);
	size_t len = strlen(base);

	if (len > 5 && strcmp(base + len - 5, ".yaml") == 0)
		len -= 5;
	if (len < 2 || len > 20 ||
	    strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") < len) {
		conf_error(loader, at,
			   "phrases: %s is not named after a language, as in zh-CN.yaml", base);
		return NULL;
	}
	return arena_copy_bytes(loader->arena, base, len);
}

static void read_book(struct loader *loader, const struct node *at, const char *path,
		      struct shelf *shelf)
{
	const char *language = language_of(loader, at, path);
	const struct node *root = language ? conf_yaml_read(loader, at, path) : NULL;
	struct book *book;

	if (!root || !conf_is_kind(loader, root, NODE_MAP, "a phrase book"))
		return;
	if (shelf->len == BOOKS_MAX) {
		conf_error(loader, at, "phrases: more than %d languages", BOOKS_MAX);
		return;
	}
	for (size_t i = 0; i < shelf->len; i++) {
		if (strcmp(shelf->books[i].language, language) == 0) {
			conf_error(loader, at, "phrases: language %s is given twice", language);
			return;
		}
	}
	book = &shelf->books[shelf->len++];
	book->language = language;
	book->entries =
		arena_alloc(loader->arena, (count_scalars(root) + 1) * sizeof(*book->entries));
	flatten(loader, root, "", book);
	qsort(book->entries, book->len, sizeof(*book->entries), compare_entries);
	drop_repeated(loader, book);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void read_directory(struct loader *loader, const struct node *at, const char *path,
			   struct shelf *shelf)
{
	const char *names[BOOKS_MAX];
	size_t len = 0;
	DIR *dir = opendir(path);
	const struct dirent *file;

	if (!dir) {
		conf_error(loader, at, "phrases: %s: %s", path, strerror(errno));
		loader->incomplete = true;
		return;
	}
	while ((file = readdir(dir))) {
		size_t name_len = strlen(file->d_name);

		if (file->d_name[0] == '.' || name_len <= 5 ||
		    strcmp(file->d_name + name_len - 5, ".yaml") != 0)
			continue;
		if (len == BOOKS_MAX) {
			conf_error(loader, at, "phrases: more than %d languages", BOOKS_MAX);
			break;
		}
		names[len++] = arena_copy(loader->arena, file->d_name);
	}
	(void)closedir(dir);
	qsort(names, len, sizeof(*names), compare_names);
	for (size_t i = 0; i < len; i++) {
		const char *slash = at->text[strlen(at->text) - 1] == '/' ? "" : "/";

		read_book(loader, at,
			  arena_printf(loader->arena, "%s%s%s", at->text, slash, names[i]), shelf);
	}
}

static const struct entry *find_entry(const struct book *book, const char *key)
{
	struct entry wanted = {.key = key};
	size_t low = 0, high = book->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(wanted.key, book->entries[middle].key);

		if (order == 0)
			return &book->entries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* LEFT's placeholders that RIGHT's words lack: reported at RIGHT. */
static void compare_words(struct loader *loader, const struct book *left_book,
			  const struct entry *left, const struct entry *right)
{
	const char *at = left->node->text;
	char name[CONF_NAME_MAX];

	while (next_placeholder(&at, name) == 1) {
		if (!has_placeholder(right->node->text, name))
			conf_error(loader, right->node, "phrase %s: {%s} stands in %s but not here",
				   right->key, name, left_book->language);
	}
}

/* What stands in BOOK and is missing from, or different in, OTHER. A missing phrase is shown where
 * it can be copied. */
static void compare_books(struct loader *loader, const struct book *book, const struct book *other)
{
	for (size_t i = 0; i < book->len; i++) {
		const struct entry *entry = &book->entries[i];
		const struct entry *there = find_entry(other, entry->key);

		if (!there)
			conf_error(loader, entry->node->key, "phrase %s is missing in %s",
				   entry->key, other->language);
		else if (!entry->broken && !there->broken)
			compare_words(loader, book, entry, there);
	}
}

static void keep_books(struct loader *loader, const struct shelf *shelf)
{
	struct phrasebook *books = arena_alloc(loader->arena, (shelf->len + 1) * sizeof(*books));

	for (size_t i = 0; i < shelf->len; i++) {
		const struct book *book = &shelf->books[i];
		struct phrase *phrases =
			arena_alloc(loader->arena, (book->len + 1) * sizeof(*phrases));

		for (size_t k = 0; k < book->len; k++)
			phrases[k] = (struct phrase){.key = book->entries[k].key,
						     .words = book->entries[k].node->text};
		books[i] = (struct phrasebook){.language = book->language,
					       .len = book->len,
					       .phrases = phrases};
	}
	loader->conf->books = books;
	loader->conf->books_len = shelf->len;
}

void conf_read_phrases(struct loader *loader, const struct node *paths)
{
	struct shelf *shelf = arena_alloc(loader->arena, sizeof(*shelf));
	const struct book *chinese = NULL;
	const struct node **nodes;
	size_t len = conf_texts(loader, paths, "phrases", &nodes);

	for (size_t i = 0; i < len; i++) {
		const char *path =
			conf_path_join(loader->arena, nodes[i]->source->dir, nodes[i]->text);
		struct stat status;

		if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
			read_directory(loader, nodes[i], path, shelf);
		else
			read_book(loader, nodes[i], nodes[i]->text, shelf);
	}
	for (size_t i = 0; i < shelf->len; i++) {
		if (strcmp(shelf->books[i].language, "zh-CN") == 0)
			chinese = &shelf->books[i];
	}
	if (!chinese && !loader->incomplete)
		conf_error(loader, paths,
			   "phrases: zh-CN.yaml is missing: it is what every other "
			   "language falls back to");
	for (size_t i = 0; chinese && i < shelf->len; i++) {
		if (&shelf->books[i] == chinese)
			continue;
		compare_books(loader, chinese, &shelf->books[i]);
		compare_books(loader, &shelf->books[i], chinese);
	}
	keep_books(loader, shelf);
}
