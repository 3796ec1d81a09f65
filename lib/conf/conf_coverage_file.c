/* conf_coverage_file.c — coverage that stands in files of its own: tables of rules, boundaries.
 * Neighbours: lib/place reads tables and WKT, conf_geojson.c GeoJSON; conf_coverage.c what
 * units.yaml says itself. */
#include "conf_coverage.h"

#include <string.h>

#include "closedloop/text.h"

/* Rules and boundaries that follow are from FILE. */
static void begin_origin(struct loader *loader, const char *file)
{
	struct conf_whole *whole = loader->whole;
	struct coverage_origin *origin;

	/* The list grows by doubling; its capacity is the next power of two. */
	if ((whole->origins_len & (whole->origins_len - 1)) == 0) {
		size_t cap = whole->origins_len == 0 ? 1 : whole->origins_len * 2;

		whole->origins = mem_grow(whole->origins, cap * sizeof(*whole->origins));
	}
	origin = &whole->origins[whole->origins_len++];
	*origin = (struct coverage_origin){
		.first = coverage_source_rules(whole->conf.coverage_rules),
		.file = arena_copy(loader->arena, file),
	};
}

void conf_coverage_here(struct loader *loader, const struct node *map)
{
	begin_origin(loader, map->source->name);
	loader->whole->origins[loader->whole->origins_len - 1].line = map->line;
	loader->whole->origins[loader->whole->origins_len - 1].column = map->column;
}

void conf_coverage_id(const char *file, int line, char id[MATCH_RULE_CAP])
{
	const char *base = conf_path_base(file);
	size_t len = text_cut_at(base, strlen(base), 24);

	/* A list adds a dot and a number of its own. */
	(void)snprintf(id, MATCH_RULE_CAP, "%.*s:%d", (int)len, base, line);
}

/* A file as it is read. */
struct table_file {
	struct loader *loader;
	const char *name;
	char *bytes;
	size_t len;
};

static bool open_file(struct table_file *file, struct loader *loader, const struct node *node,
		      size_t max)
{
	struct err err = ERR_INIT;
	const char *path = conf_path_join(loader->arena, node->source->dir, node->text);

	*file = (struct table_file){.loader = loader,
				    .name = conf_shown_name(loader, node, node->text)};
	if (conf_file_read(path, max, &file->bytes, &file->len, &err) == 0)
		return true;
	conf_error(loader, node, "%s", err.text);
	return false;
}

static void complain(void *context, int line, const char *text)
{
	const struct table_file *file = context;

	conf_problem(file->loader->report, file->name, line, 1, false, "%s", text);
}

void conf_read_coverage_files(struct loader *loader, const struct node *paths)
{
	const struct node **nodes;
	size_t len = conf_texts(loader, paths, "coverage", &nodes);
	struct table_file file;

	for (size_t i = 0; i < len; i++) {
		if (!open_file(&file, loader, nodes[i], CONF_TABLE_MAX))
			continue;
		begin_origin(loader, file.name);
		(void)coverage_read_rules(loader->conf->coverage_rules, file.bytes, file.len,
					  complain, &file);
		mem_free(file.bytes);
	}
}

static bool is_json(const char *bytes)
{
	if (text_starts(bytes, "\xEF\xBB\xBF"))
		bytes += 3;
	return bytes[strspn(bytes, " \t\r\n")] == '{';
}

void conf_read_boundary_files(struct loader *loader, const struct node *paths)
{
	const struct node **nodes;
	size_t len = conf_texts(loader, paths, "boundaries", &nodes);
	struct table_file file;

	for (size_t i = 0; i < len; i++) {
		if (!open_file(&file, loader, nodes[i], CONF_OUTLINES_MAX))
			continue;
		if (is_json(file.bytes))
			conf_read_geojson(loader, file.name, file.bytes, file.len, NULL);
		else
			(void)coverage_read_boundaries(loader->conf->coverage_rules, file.bytes,
						       file.len, complain, &file);
		mem_free(file.bytes);
	}
}

void conf_read_boundary(struct loader *loader, const struct node *node, const char *code)
{
	struct err err = ERR_INIT;
	struct table_file file;
	char id[MATCH_RULE_CAP];

	if (!conf_text(loader, node, "boundary") ||
	    !open_file(&file, loader, node, CONF_OUTLINES_MAX))
		return;
	conf_coverage_id(node->source->name, node->line, id);
	if (is_json(file.bytes))
		conf_read_geojson(loader, file.name, file.bytes, file.len, code);
	else if (coverage_add_wkt(loader->conf->coverage_rules, id, code, file.bytes, &err) < 0)
		conf_problem(loader->report, file.name, 1, 1, false, "%s", err.text);
	mem_free(file.bytes);
}
