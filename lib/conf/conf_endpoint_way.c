/* conf_endpoint_way.c — the way to an endpoint: the proxy it leads through, and whose certificates
 * are believed on it. Neighbours: conf_endpoint reads the rest of an endpoint, conf_net judges
 * addresses, conf_file reads. */
#include "conf_private.h"

#include <string.h>

#include "closedloop/text.h"

#define CA_FILE_MAX (1u << 20)

/* "http://HOST:PORT". What passes through a proxy is encrypted between us and the endpoint, so the
 * way to the proxy need not be; nothing about a proxy is looked up in the environment. */
static const char *read_proxy(struct loader *loader, const struct node *node, const char *who,
			      const struct conf_endpoint *endpoint)
{
	const char *text = conf_text(loader, node, who);
	struct err err = ERR_INIT;
	struct conf_url url;

	if (!text)
		return NULL;
	if (conf_url_parse(text, &url, &err) < 0) {
		conf_error(loader, node, "%s: proxy: %s", who, err.text);
		return NULL;
	}
	if (url.https) {
		conf_error(loader, node, "%s: proxy: it must begin with http://", who);
		return NULL;
	}
	if (!url.port_given || url.port == 0) {
		conf_error(loader, node, "%s: proxy: the port is missing", who);
		return NULL;
	}
	if (*url.rest && strcmp(url.rest, "/") != 0) {
		conf_error(loader, node, "%s: proxy: nothing may follow the port", who);
		return NULL;
	}
	conf_check_reachable(loader, node, who, &url, endpoint->allow, endpoint->allow_len);
	return text;
}

/* A file that cannot be read is found now and not in the night of the first message. */
static const char *read_ca_file(struct loader *loader, const struct node *node, const char *who)
{
	const char *text = conf_text(loader, node, who);
	struct err err = ERR_INIT;
	const char *path;
	char *bytes;
	size_t len;
	bool pem;

	if (!text)
		return NULL;
	path = conf_path_join(loader->arena, node->source->dir, text);
	if (conf_file_read(path, CA_FILE_MAX, &bytes, &len, &err) < 0) {
		conf_error(loader, node, "%s: ca_file: %s", who, err.text);
		return NULL;
	}
	pem = strstr(bytes, "-----BEGIN CERTIFICATE-----") != NULL;
	mem_free(bytes);
	if (!pem) {
		conf_error(loader, node,
			   "%s: ca_file: %s holds no certificate: PEM begins with "
			   "-----BEGIN CERTIFICATE-----",
			   who, text);
		return NULL;
	}
	return path;
}

void conf_read_way(struct loader *loader, const struct node *proxy, const struct node *ca_file,
		   const char *who, struct conf_endpoint *endpoint)
{
	if (proxy)
		endpoint->proxy = read_proxy(loader, proxy, who, endpoint);
	if (ca_file)
		endpoint->ca_file = read_ca_file(loader, ca_file, who);
}

const char *const *conf_way_reaches(const struct conf_endpoint *endpoint, size_t *len)
{
	static const char *const everywhere[] = {"0.0.0.0/0", "::/0"};

	*len = endpoint->proxy ? ARRAY_LEN(everywhere) : endpoint->allow_len;
	return endpoint->proxy ? everywhere : endpoint->allow;
}
