/* conf_value.c — reads maps into structs by tables, key by key, and says of every key what is wrong
 * with it. Neighbours: conf_scalar.c turns one text into one value; the sections own the tables. */
#include "conf_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

static const char *const kind_words[] = {
	[NODE_SCALAR] = "one value",
	[NODE_LIST] = "a list",
	[NODE_MAP] = "keys and values",
};

bool conf_is_kind(struct loader *loader, const struct node *node, enum node_kind kind,
		  const char *who)
{
	bool nothing = node->kind == NODE_SCALAR && !node->quoted && !node->bad && !*node->text;

	if (node->bad)
		return false;
	if (node->kind == kind)
		return true;
	conf_error(loader, node, "%s needs %s, not %s", who, kind_words[kind],
		   nothing ? "nothing" : kind_words[node->kind]);
	return false;
}

const char *conf_text(struct loader *loader, const struct node *node, const char *who)
{
	if (!conf_is_kind(loader, node, NODE_SCALAR, who))
		return NULL;
	if (!*node->text) {
		conf_error(loader, node, "%s has no value", who);
		return NULL;
	}
	return node->text;
}

size_t conf_texts(struct loader *loader, const struct node *node, const char *who,
		  const struct node ***nodes)
{
	size_t len = 0;

	*nodes = arena_alloc(loader->arena, (node->len + 1) * sizeof(**nodes));
	if (node->kind != NODE_LIST) {
		if (conf_text(loader, node, who))
			(*nodes)[len++] = node;
		return len;
	}
	for (const struct node *item = node->first; item; item = item->next) {
		if (conf_text(loader, item, who))
			(*nodes)[len++] = item;
	}
	return len;
}

const struct node *conf_child(const struct node *map, const char *key)
{
	if (map->kind != NODE_MAP)
		return NULL;
	for (const struct node *child = map->first; child; child = child->next) {
		if (strcmp(child->key->text, key) == 0)
			return child;
	}
	return NULL;
}

const char *conf_who(struct loader *loader, const struct node *map, const char *what)
{
	static const char *const names[] = {"name", "code", "task", "policy"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct node *child = conf_child(map, names[i]);

		if (child && child->kind == NODE_SCALAR && *child->text &&
		    strlen(child->text) <= CONF_NAME_MAX)
			return arena_printf(loader->arena, "%s %s", what, child->text);
	}
	return what;
}

static const struct field *find_field(const struct schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->len; i++) {
		if (strcmp(schema->fields[i].key, key) == 0)
			return &schema->fields[i];
	}
	return NULL;
}

static void report_unknown(struct loader *loader, const struct node *child,
			   const struct schema *schema, const char *who)
{
	struct nearest nearest = {.word = child->key->text};

	for (size_t i = 0; i < schema->len; i++)
		nearest_offer(&nearest, schema->fields[i].key);
	conf_error(loader, child->key, "unknown key \"%.*s\" in %s%s", (int)CONF_NAME_MAX,
		   child->key->text, who, nearest_hint(&nearest));
}

/* A node of a wrong kind stays known, as a value already complained about: so nobody calls its key
 * missing. */
static void read_node(struct loader *loader, const struct node *node, const struct field *field,
		      const char *label, void *out)
{
	if (!node->bad && field->allowed && !(field->allowed & ALLOW(node->kind))) {
		enum node_kind wanted = field->allowed & ALLOW(NODE_LIST)  ? NODE_LIST
					: field->allowed & ALLOW(NODE_MAP) ? NODE_MAP
									   : NODE_SCALAR;
		struct node *copy = arena_alloc(loader->arena, sizeof(*copy));

		(void)conf_is_kind(loader, node, wanted, label);
		*copy = *node;
		copy->kind = NODE_SCALAR;
		copy->bad = true;
		copy->text = "";
		copy->first = copy->last = NULL;
		copy->len = 0;
		node = copy;
	}
	memcpy((char *)out + field->offset, &node, sizeof(node));
}

static void read_field(struct loader *loader, const struct node *node, const struct field *field,
		       const char *who, void *out)
{
	const char *label = arena_printf(loader->arena, "%s: %s", who, field->key);

	if (field->type == FIELD_UNREAD)
		return;
	if (field->type == FIELD_NODE)
		read_node(loader, node, field, label, out);
	else if (field->type == FIELD_MAP)
		conf_read_map(loader, node, field->inner, label, out);
	else
		conf_scalar(loader, node, field, label, out);
}

void conf_read_map(struct loader *loader, const struct node *map, const struct schema *schema,
		   const char *who, void *out)
{
	assert(schema->len > 0);

	if (!conf_is_kind(loader, map, NODE_MAP, who))
		return;
	for (const struct node *child = map->first; child; child = child->next) {
		const struct field *field = find_field(schema, child->key->text);

		if (!field)
			report_unknown(loader, child, schema, who);
		else
			read_field(loader, child, field, who, out);
	}
	for (size_t i = 0; i < schema->len; i++) {
		const struct field *field = &schema->fields[i];

		if (field->required && !loader->incomplete && !conf_child(map, field->key))
			conf_error(loader, map, "%s lacks the key \"%s\": %s", who, field->key,
				   field->says);
	}
}

void conf_defaults(const struct schema *schema, void *out)
{
	for (size_t i = 0; i < schema->len; i++) {
		const struct field *field = &schema->fields[i];

		if (field->type == FIELD_MAP)
			conf_defaults(field->inner, out);
		else if (field->otherwise != 0)
			conf_number_set(field, field->otherwise, out);
	}
}

static void member_text(const struct field *field, const void *in, char *buf, size_t cap)
{
	const char *at = (const char *)in + field->offset;
	const char *text = at;

	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_PATH:
	case FIELD_CODE:
		memcpy(&text, at, sizeof(text));
		(void)snprintf(buf, cap, "\"%s\"", text ? text : "");
		break;
	case FIELD_LABEL:
		(void)snprintf(buf, cap, "\"%s\"", text);
		break;
	case FIELD_WORD:
	case FIELD_BOOL:
	case FIELD_INT:
	case FIELD_COUNT:
	case FIELD_SIZE:
	case FIELD_DURATION:
	case FIELD_CLOCK:
	case FIELD_DAY:
	case FIELD_TENTHS:
	case FIELD_RATIO:
		conf_number_text(field, conf_number_get(field, in), buf, cap);
		break;
	case FIELD_NODE:
	case FIELD_MAP:
	case FIELD_UNREAD:
		assert(false && "printed by its own section");
		break;
	}
}

static void indent_by(int indent, FILE *out)
{
	for (int i = 0; i < indent; i++)
		(void)fputs("  ", out);
}

void conf_print_schema(const struct schema *schema, const void *in, int indent, bool says,
		       FILE *out)
{
	for (size_t i = 0; i < schema->len; i++) {
		const struct field *field = &schema->fields[i];
		char value[128];

		if (field->type == FIELD_NODE || field->type == FIELD_UNREAD)
			continue;
		indent_by(indent, out);
		if (field->type == FIELD_MAP) {
			(void)fprintf(out, "%s:\n", field->key);
			conf_print_schema(field->inner, in, indent + 1, says, out);
			continue;
		}
		member_text(field, in, value, sizeof(value));
		(void)fprintf(out, "%s: %s", field->key, value);
		if (says)
			(void)fprintf(out, " # %s", field->says);
		(void)fputc('\n', out);
	}
}
