/* conf_yaml.c — turns one YAML file into a tree of nodes that know where they stand, within fixed
 * bounds. Neighbours: conf_include asks for files; conf_value reads the nodes.
 *
 * The tree is built from libyaml's events, not from its document loader: only the events still show
 * anchors and aliases, which we refuse (they can blow a small file up to any size, and a value is
 * best read where it stands). */
#include "conf_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "closedloop/text.h"

struct builder {
	struct loader *loader;
	const struct conf_source *source;
	struct node *root;
	struct node *open[CONF_DEPTH_MAX]; /* Lists and maps not yet closed … */
	struct node
		*pending[CONF_DEPTH_MAX]; /* … and, for a map, the key that waits for its value. */
	size_t depth;
	size_t nodes;
	bool failed; /* Nothing more can be made of this file. */
};

static void complain_at(struct builder *builder, size_t line, size_t column, const char *sentence)
{
	conf_problem(builder->loader->report, builder->source->name, (int)line + 1, (int)column + 1,
		     false, "%s", sentence);
}

static struct node *new_node(struct builder *builder, const yaml_event_t *event,
			     enum node_kind kind)
{
	struct node *node;

	if (++builder->nodes > CONF_NODES_MAX) {
		complain_at(builder, event->start_mark.line, event->start_mark.column,
			    "more than 50000 values in one file: split it with include");
		builder->failed = true;
		return NULL;
	}
	node = arena_alloc(&builder->loader->nodes, sizeof(*node));
	node->kind = kind;
	node->line = (int)event->start_mark.line + 1;
	node->column = (int)event->start_mark.column + 1;
	node->source = builder->source;
	return node;
}

static int compare_keys(const void *left, const void *right)
{
	const struct node *a = *(const struct node *const *)left;
	const struct node *b = *(const struct node *const *)right;
	int order = strcmp(a->key->text, b->key->text);

	if (order != 0)
		return order;
	if (a->key->line != b->key->line)
		return a->key->line < b->key->line ? -1 : 1;
	return a->key->column < b->key->column ? -1 : a->key->column > b->key->column;
}

static void report_duplicate_keys(struct builder *builder, const struct node *map)
{
	const struct node **children;
	size_t len = 0;

	assert(map);
	if (map->len < 2)
		return;
	children = mem_alloc(map->len * sizeof(*children));
	for (const struct node *child = map->first; child; child = child->next)
		children[len++] = child;
	qsort(children, len, sizeof(*children), compare_keys);
	for (size_t i = 1; i < len; i++) {
		if (strcmp(children[i]->key->text, children[i - 1]->key->text) == 0)
			conf_error(builder->loader, children[i]->key,
				   "key \"%s\" is given twice; the other is on line %d",
				   children[i]->key->text, children[i - 1]->key->line);
	}
	/* mem_free takes what mem_alloc gave; the const is about the nodes, not the array. */
	mem_free(children);
}

/* Hang NODE where the parser stands: as the root, a list's item, a map's key or its value. */
static void attach(struct builder *builder, struct node *node)
{
	struct node *parent;

	if (builder->depth == 0) {
		builder->root = node;
		return;
	}
	parent = builder->open[builder->depth - 1];
	if (parent->kind == NODE_MAP) {
		struct node **pending = &builder->pending[builder->depth - 1];

		if (!*pending) {
			if (node->kind != NODE_SCALAR || node->bad) {
				if (!node->bad)
					conf_error(builder->loader, node,
						   "a key must be a plain word");
				builder->failed = true;
			}
			*pending = node;
			return;
		}
		node->key = *pending;
		*pending = NULL;
	}
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->len++;
}

static void check_properties(struct builder *builder, struct node *node, const yaml_char_t *anchor,
			     const yaml_char_t *tag)
{
	if (anchor)
		conf_error(builder->loader, node,
			   "anchors are not supported: write the value where it is needed");
	if (tag) {
		conf_error(builder->loader, node,
			   "tags are not supported: remove the word that begins with \"!\"");
		node->bad = true;
	}
}

static void on_scalar(struct builder *builder, const yaml_event_t *event)
{
	struct node *node = new_node(builder, event, NODE_SCALAR);
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;

	if (!node)
		return;
	check_properties(builder, node, event->data.scalar.anchor, event->data.scalar.tag);
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (memchr(text, '\0', len)) {
		conf_error(builder->loader, node, "a value may not hold a NUL character");
		node->bad = true;
		len = 0;
	}
	node->text = arena_copy_bytes(builder->loader->arena, text, len);
	attach(builder, node);
}

static void on_alias(struct builder *builder, const yaml_event_t *event)
{
	struct node *node = new_node(builder, event, NODE_SCALAR);

	if (!node)
		return;
	conf_error(builder->loader, node,
		   "aliases are not supported: write the value where it is needed");
	node->bad = true;
	node->text = "";
	attach(builder, node);
}

static void on_open(struct builder *builder, const yaml_event_t *event, enum node_kind kind)
{
	bool list = kind == NODE_LIST;
	struct node *node = new_node(builder, event, kind);

	if (!node)
		return;
	check_properties(builder, node,
			 list ? event->data.sequence_start.anchor
			      : event->data.mapping_start.anchor,
			 list ? event->data.sequence_start.tag : event->data.mapping_start.tag);
	attach(builder, node);
	if (builder->depth == CONF_DEPTH_MAX) {
		conf_error(builder->loader, node, "nested more than %u levels deep",
			   CONF_DEPTH_MAX);
		builder->failed = true;
		return;
	}
	builder->open[builder->depth] = node;
	builder->pending[builder->depth] = NULL;
	builder->depth++;
}

static void on_event(struct builder *builder, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		on_scalar(builder, event);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(builder, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		on_open(builder, event, NODE_LIST);
		break;
	case YAML_MAPPING_START_EVENT:
		on_open(builder, event, NODE_MAP);
		break;
	case YAML_MAPPING_END_EVENT:
		report_duplicate_keys(builder, builder->open[builder->depth - 1]);
		builder->depth--;
		break;
	case YAML_SEQUENCE_END_EVENT:
		builder->depth--;
		break;
	case YAML_DOCUMENT_START_EVENT:
		if (builder->root) {
			complain_at(builder, event->start_mark.line, event->start_mark.column,
				    "a second document begins here: a file holds one");
			builder->failed = true;
		}
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
}

/* The reader (UTF-8 and control characters) knows only a byte offset. */
static void report_bad_byte(struct builder *builder, const yaml_parser_t *parser, const char *bytes,
			    size_t len)
{
	size_t line = 0, column = 0;

	for (size_t i = 0; i < len && i < parser->problem_offset; i++) {
		if (bytes[i] == '\n') {
			line++;
			column = 0;
		} else if (((unsigned char)bytes[i] & 0xC0) != 0x80) {
			column++;
		}
	}
	complain_at(builder, line, column, "not UTF-8 text, or a control character");
}

static void report_syntax(struct builder *builder, const yaml_parser_t *parser, const char *bytes,
			  size_t len)
{
	char sentence[256];

	if (parser->error == YAML_READER_ERROR) {
		report_bad_byte(builder, parser, bytes, len);
		return;
	}
	(void)snprintf(sentence, sizeof(sentence), "YAML syntax: %s%s%s",
		       parser->problem ? parser->problem : "cannot be read",
		       parser->context ? " " : "", parser->context ? parser->context : "");
	complain_at(builder, parser->problem_mark.line, parser->problem_mark.column, sentence);
}

static void parse_bytes(struct builder *builder, const char *bytes, size_t len)
{
	yaml_parser_t parser;
	bool more = true;

	if (!yaml_parser_initialize(&parser))
		mem_exhausted(sizeof(parser));
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
	while (more && !builder->failed) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			if (parser.error == YAML_MEMORY_ERROR)
				mem_exhausted(len);
			report_syntax(builder, &parser, bytes, len);
			builder->failed = true;
			break;
		}
		on_event(builder, &event);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

/* Where a missing or unusable file is complained about: where it is named, or the file itself. */
static const struct node *refuse_file(struct loader *loader, const struct node *at,
				      const char *name, const char *why)
{
	loader->incomplete = true;
	if (at)
		conf_error(loader, at, "%s", why);
	else
		conf_problem(loader->report, name, 0, 0, false, "%s", why);
	return NULL;
}

/* Already read by itself: a cycle when it is among those that led here. */
static bool is_known(struct loader *loader, const struct node *at, const struct stat *status)
{
	const struct conf_source *known = NULL;

	for (size_t i = 0; i < loader->sources_len; i++) {
		if (loader->sources[i]->device == status->st_dev &&
		    loader->sources[i]->inode == status->st_ino)
			known = loader->sources[i];
	}
	if (!known || !at)
		return false;
	for (const struct conf_source *by = at->source; by; by = by->by) {
		if (by == known) {
			conf_error(loader, at, "%s includes itself by way of %s", known->name,
				   at->source->name);
			return true;
		}
	}
	conf_error(loader, at, "%s has been read already", known->name);
	return true;
}

static const struct conf_source *new_source(struct loader *loader, const struct node *at,
					    const char *name, const char *path,
					    const struct stat *status)
{
	struct conf_source *source = arena_alloc(loader->arena, sizeof(*source));

	*source = (struct conf_source){
		.name = arena_copy(loader->arena, name),
		.dir = conf_path_dir(loader->arena, path),
		.by = at ? at->source : NULL,
		.device = status->st_dev,
		.inode = status->st_ino,
	};
	loader->sources[loader->sources_len++] = source;
	return source;
}

const char *conf_shown_name(struct loader *loader, const struct node *at, const char *name)
{
	const char *base;

	if (!at || name[0] == '/')
		return name;
	base = conf_path_base(at->source->name);
	return arena_printf(loader->arena, "%.*s%s", (int)(base - at->source->name),
			    at->source->name, name);
}

static const struct node *build(struct builder *builder, const char *bytes, size_t len)
{
	parse_bytes(builder, bytes, len);
	if (!builder->failed && !builder->root)
		complain_at(builder, 0, 0, "the file is empty");
	if (builder->failed || !builder->root) {
		builder->loader->incomplete = true;
		return NULL;
	}
	return builder->root;
}

const struct node *conf_yaml_read(struct loader *loader, const struct node *at, const char *name)
{
	const char *path = at ? conf_path_join(loader->arena, at->source->dir, name) : name;
	struct builder builder = {.loader = loader};
	struct err err = ERR_INIT;
	const struct node *root;
	struct stat status;
	char *bytes;
	size_t len;

	if (stat(path, &status) == 0 && is_known(loader, at, &status)) {
		loader->incomplete = true;
		return NULL;
	}
	if (loader->sources_len == CONF_FILES_MAX)
		return refuse_file(loader, at, name, "too many files: at most 64");
	if (conf_file_read(path, CONF_FILE_MAX, &bytes, &len, &err) < 0)
		return refuse_file(loader, at, name, err.text);
	builder.source = new_source(loader, at, conf_shown_name(loader, at, name), path, &status);
	if (!builder.source->dir) {
		mem_free(bytes);
		return refuse_file(loader, at, name, "its directory cannot be found");
	}
	root = build(&builder, bytes, len);
	mem_free(bytes);
	return root;
}

const struct node *conf_yaml_parse(struct loader *loader, const char *name, const char *bytes,
				   size_t len)
{
	struct conf_source *source = arena_alloc(loader->arena, sizeof(*source));
	struct builder builder = {.loader = loader, .source = source};

	*source = (struct conf_source){.name = arena_copy(loader->arena, name), .dir = "/"};
	return build(&builder, bytes, len);
}
