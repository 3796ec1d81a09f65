/* conf_include.c — merges the main file and what it includes into one map, as if it had been
 * written in one piece. Neighbours: conf_yaml reads the files; conf.c reads the map.
 *
 * Lists append and maps gain keys; a value given twice is an error, because nobody could say which
 * one holds. */
#include "conf_private.h"

#include <string.h>

static void append(struct node *parent, struct node *child)
{
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->len++;
}

static struct node *find(const struct node *map, const char *key)
{
	for (struct node *child = map->first; child; child = child->next) {
		if (strcmp(child->key->text, key) == 0)
			return child;
	}
	return NULL;
}

static void merge(struct loader *loader, struct node *into, const struct node *from, bool top)
{
	struct node *next;

	for (struct node *child = from->first; child; child = next) {
		struct node *there = find(into, child->key->text);

		next = child->next;
		if (strcmp(child->key->text, "include") == 0 ||
		    (there && there->key->source == child->key->source))
			continue; /* Followed already; reported already. */
		if (!there) {
			append(into, child);
		} else if (there->kind == NODE_LIST && child->kind == NODE_LIST && top) {
			for (struct node *item = child->first, *after; item; item = after) {
				after = item->next;
				append(there, item);
			}
		} else if (there->kind == NODE_MAP && child->kind == NODE_MAP && top) {
			merge(loader, there, child, false);
		} else {
			conf_error(loader, child->key,
				   "\"%s\" is given twice; the other is at %s:%d", child->key->text,
				   there->key->source->name, there->key->line);
		}
	}
}

/* An included file's own includes are followed before it is merged, so "include" itself never meets
 * its like. */
static void include_into(struct loader *loader, struct node *root, const struct node *file)
{
	const struct node *include = find(file, "include");
	const struct node **paths;
	size_t len;

	if (!include)
		return;
	len = conf_texts(loader, include, "include", &paths);
	for (size_t i = 0; i < len; i++) {
		const struct node *part = conf_yaml_read(loader, paths[i], paths[i]->text);

		if (!part || !conf_is_kind(loader, part, NODE_MAP, part->source->name))
			continue;
		include_into(loader, root, part);
		merge(loader, root, part, true);
	}
}

const struct node *conf_include_all(struct loader *loader, const char *path)
{
	const struct node *main_file = conf_yaml_read(loader, NULL, path);
	struct node *root;

	if (!main_file || !conf_is_kind(loader, main_file, NODE_MAP, "the main file"))
		return NULL;
	root = arena_alloc(loader->arena, sizeof(*root));
	*root = *main_file;
	include_into(loader, root, main_file);
	return root;
}
