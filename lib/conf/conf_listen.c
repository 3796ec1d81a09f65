/* conf_listen.c — where the daemon can be reached, and by whose clock it lives.
 * Neighbours: conf_net judges addresses; conf.c calls; the daemon opens what is listed here. */
#include "conf_private.h"

#include <string.h>

#include "closedloop/text.h"

#define SOCKET_PATH_MAX 107 /* What fits into sockaddr_un with its NUL. */
#define ZONE_FILE_MAX	(1u << 20)

static bool read_socket(struct loader *loader, const struct node *node, struct conf_listen *out)
{
	const char *path = node->text + strlen("unix:");

	if (!*path || path[strlen(path) - 1] == '/') {
		conf_error(loader, node, "listen: a socket's path is missing after \"unix:\"");
		return false;
	}
	*out = (struct conf_listen){
		.kind = LISTEN_UNIX,
		.address = conf_path_join(loader->arena, node->source->dir, path),
	};
	if (strlen(out->address) > SOCKET_PATH_MAX) {
		conf_error(loader, node, "listen: %s: a socket's path has at most %d bytes",
			   out->address, SOCKET_PATH_MAX);
		return false;
	}
	return true;
}

static bool read_http(struct loader *loader, const struct node *node, struct conf_listen *out)
{
	struct err err = ERR_INIT;
	struct conf_url url;

	if (!strstr(node->text, "://")) {
		conf_error(loader, node,
			   "listen: %s: it must begin with http://, https:// or unix:", node->text);
		return false;
	}
	if (conf_url_parse(node->text, &url, &err) < 0) {
		conf_error(loader, node, "listen: %s: %s", node->text, err.text);
		return false;
	}
	if (!url.literal) {
		conf_error(loader, node, "listen: %s: write the numeric address, such as 127.0.0.1",
			   node->text);
		return false;
	}
	if (url.rest[0] != '\0' && strcmp(url.rest, "/") != 0) {
		conf_error(loader, node, "listen: %s: nothing may follow the port", node->text);
		return false;
	}
	if (!url.port_given) {
		conf_error(loader, node, "listen: %s: the port is missing", node->text);
		return false;
	}
	if (!url.https && !url.loopback && !loader->insecure) {
		conf_error(loader, node,
			   "listen: %s: plain http off this machine needs insecure: true; better "
			   "speak https",
			   node->text);
		return false;
	}
	*out = (struct conf_listen){
		.kind = url.https ? LISTEN_HTTPS : LISTEN_HTTP,
		.address = arena_copy(loader->arena, url.host),
		.port = url.port,
	};
	if (url.https && !loader->https_node)
		loader->https_node = node;
	return true;
}

static bool is_repeated(const struct conf_listen *all, size_t len, const struct conf_listen *one)
{
	for (size_t i = 0; i < len; i++) {
		/* Port 0 is another free port each time. */
		if ((all[i].kind == LISTEN_UNIX) == (one->kind == LISTEN_UNIX) &&
		    strcmp(all[i].address, one->address) == 0 && all[i].port == one->port &&
		    (one->kind == LISTEN_UNIX || one->port != 0))
			return true;
	}
	return false;
}

void conf_read_listen(struct loader *loader, const struct node *list)
{
	const struct node **nodes;
	size_t nodes_len = conf_texts(loader, list, "listen", &nodes);
	struct conf_listen *all;
	size_t len = 0;

	if (list->kind == NODE_LIST && list->len == 0)
		conf_error(loader, list, "listen: at least one address is needed");
	all = arena_alloc(loader->arena, (nodes_len + 1) * sizeof(*all));
	for (size_t i = 0; i < nodes_len; i++) {
		bool read = text_starts(nodes[i]->text, "unix:")
				    ? read_socket(loader, nodes[i], &all[len])
				    : read_http(loader, nodes[i], &all[len]);

		if (!read)
			continue;
		if (is_repeated(all, len, &all[len]))
			conf_error(loader, nodes[i], "listen: %s is given twice", nodes[i]->text);
		else
			len++;
	}
	loader->conf->listen = all;
	loader->conf->listen_len = len;
}

void conf_read_public_url(struct loader *loader, const struct node *node)
{
	const char *text = conf_text(loader, node, "public_url");
	struct err err = ERR_INIT;
	struct conf_url url;
	size_t len;

	if (!text)
		return;
	if (conf_url_parse(text, &url, &err) < 0) {
		conf_error(loader, node, "public_url: %s: %s", text, err.text);
		return;
	}
	if (strchr(url.rest, '?')) {
		conf_error(loader, node,
			   "public_url: %s: links are made by adding a path to it, so "
			   "it may not hold a ?",
			   text);
		return;
	}
	if (!url.https && !url.loopback && !loader->insecure)
		conf_warning(loader, node,
			     "public_url: links that take a duty travel in the clear over http");
	len = strlen(text);
	while (len > 0 && text[len - 1] == '/')
		len--;
	loader->conf->public_url = arena_copy_bytes(loader->arena, text, len);
}

/* The zone may be the one nobody wrote: then the file as a whole is meant. */
static struct zone *refuse_zone(struct loader *loader, const struct node *node, const char *what,
				const char *why)
{
	if (node)
		conf_error(loader, node, "%s: %s", what, why);
	else
		conf_problem(loader->report, loader->conf->file, 0, 0, false, "%s: %s", what, why);
	return NULL;
}

static struct zone *load_zone(struct loader *loader, const struct node *node, const char *what,
			      const char *name)
{
	struct zone *zone = NULL;
	struct err err = ERR_INIT;
	const char *path;
	char *bytes;
	size_t len;

	if (name[0] == '/' || name[0] == '.' || strstr(name, ".."))
		return refuse_zone(loader, node, what,
				   arena_printf(loader->arena, "\"%s\" is not a zone's name",
						name));
	path = conf_path_join(loader->arena, loader->world->zoneinfo_dir, name);
	if (conf_file_read(path, ZONE_FILE_MAX, &bytes, &len, &err) < 0)
		return refuse_zone(
			loader, node, what,
			arena_printf(loader->arena,
				     "no zone \"%s\" in %s: write it as in Asia/Shanghai", name,
				     loader->world->zoneinfo_dir));
	if (zone_parse(&zone, name, bytes, len, &err) < 0)
		zone = refuse_zone(loader, node, what, err.text);
	mem_free(bytes);
	return zone;
}

struct zone *conf_read_zone_named(struct loader *loader, const struct node *node, const char *what)
{
	const char *name = conf_text(loader, node, what);

	return name ? load_zone(loader, node, what, name) : NULL;
}

void conf_read_zone(struct loader *loader, const struct node *node)
{
	const char *name = node ? conf_text(loader, node, "time_zone") : "Asia/Shanghai";

	if (!name)
		return;
	loader->conf->time_zone = arena_copy(loader->arena, name);
	loader->conf->zone = load_zone(loader, node, "time_zone", name);
}
