/* conf_tls.c — with which certificate https is served, and by which certificates feeds are known.
 * Neighbours: conf_listen says who speaks https, conf_secret fetches the key, daemon/tls.c judges
 * the texts that are only read here. */
#include "conf_private.h"

#include <string.h>
#include <sys/stat.h>

#include "closedloop/text.h"

#define PEM_MAX	    (1u << 20)
#define HASH	    "sha256:"
#define SUBJECT	    "subject:"
#define HASH_DIGITS 64
#define SUBJECT_MAX 255 /* What a call carries of it. */

static const struct choice clients_words[] = {
	{"none", CLIENTS_NONE},
	{"optional", CLIENTS_OPTIONAL},
	{"required", CLIENTS_REQUIRED},
	{NULL, 0},
};

struct tls_entry {
	const struct node *certificate, *client_ca;
	struct secret_keys key;
	int clients;
};

#define AT(member) offsetof(struct tls_entry, member)
#define TEXT_ONLY  ALLOW(NODE_SCALAR)

static const struct field tls_fields[] = {
	{.key = "certificate_file",
	 .type = FIELD_NODE,
	 .offset = AT(certificate),
	 .allowed = TEXT_ONLY,
	 .required = true,
	 .says = "PEM: our certificate, then those that lead to an authority"},
	{.key = "key_file", .type = FIELD_NODE, .offset = AT(key.file), .allowed = TEXT_ONLY},
	{.key = "key_credential",
	 .type = FIELD_NODE,
	 .offset = AT(key.credential),
	 .allowed = TEXT_ONLY},
	{.key = "client_ca_file",
	 .type = FIELD_NODE,
	 .offset = AT(client_ca),
	 .allowed = TEXT_ONLY,
	 .says = "PEM: the authorities that vouch for clients"},
	{.key = "client_certificates",
	 .type = FIELD_WORD,
	 .offset = AT(clients),
	 .choices = clients_words,
	 .says = "whether clients are asked for a certificate"},
};
static SCHEMA(tls, "tls");

static struct conf_place place_of(struct loader *loader, const struct node *node)
{
	return (struct conf_place){.file = arena_copy(loader->arena, node->source->name),
				   .line = node->line,
				   .column = node->column};
}

/* What NODE's file says, *PATH its absolute name; NULL after a report. */
static const char *read_pem(struct loader *loader, const struct node *node, const char *key,
			    const char **path)
{
	const char *who = arena_printf(loader->arena, "tls: %s", key);
	const char *text = conf_text(loader, node, who);
	struct err err = ERR_INIT;
	const char *pem;
	char *bytes;
	size_t len;

	if (!text)
		return NULL;
	*path = conf_path_join(loader->arena, node->source->dir, text);
	if (conf_file_read(*path, PEM_MAX, &bytes, &len, &err) < 0) {
		conf_error(loader, node, "%s: %s", who, err.text);
		return NULL;
	}
	pem = arena_copy(loader->arena, bytes);
	mem_free(bytes);
	if (!strstr(pem, "-----BEGIN CERTIFICATE-----")) {
		conf_error(loader, node,
			   "%s: %s holds no certificate: PEM begins with "
			   "-----BEGIN CERTIFICATE-----",
			   who, text);
		return NULL;
	}
	return pem;
}

/* Whoever reads the key can be us. */
static void check_key_file(struct loader *loader, const struct node *node, struct conf_tls *tls)
{
	struct stat status;

	tls->key_file = conf_path_join(loader->arena, node->source->dir, node->text);
	if (stat(tls->key_file, &status) == 0 && (status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		conf_warning(loader, node,
			     "tls: key_file: %s has mode %04o: others may read or change our key; "
			     "make it 0600",
			     node->text, (unsigned)(status.st_mode & 07777));
}

static void read_key(struct loader *loader, const struct node *map, const struct tls_entry *entry,
		     struct conf_tls *tls)
{
	const struct node *at;

	tls->key = conf_secret_text(loader, &entry->key, "tls", "key", false, &at);
	if (!at) {
		if (!loader->incomplete)
			conf_error(loader, map,
				   "tls lacks its key: give key_file or key_credential");
		return;
	}
	tls->key_at = place_of(loader, at);
	if (at == entry->key.file && tls->key)
		check_key_file(loader, at, tls);
	if (tls->key && !strstr(tls->key, "PRIVATE KEY-----")) {
		conf_error(loader, at,
			   "tls: %s: there is no private key in it: PEM begins with "
			   "-----BEGIN PRIVATE KEY-----",
			   at->key->text);
		tls->key = NULL;
	}
}

static void read_clients(struct loader *loader, const struct node *map,
			 const struct tls_entry *entry, struct conf_tls *tls)
{
	const struct node *word = conf_child(map, "client_certificates");

	tls->clients = (enum conf_clients)entry->clients;
	if (entry->client_ca) {
		tls->client_ca_at = place_of(loader, entry->client_ca);
		tls->client_ca =
			read_pem(loader, entry->client_ca, "client_ca_file", &tls->client_ca_file);
	}
	if (entry->client_ca && tls->clients == CLIENTS_NONE)
		conf_error(loader, entry->client_ca->key,
			   "tls: client_ca_file: nobody is asked for a certificate: write "
			   "client_certificates: optional or required");
	if (!entry->client_ca && tls->clients == CLIENTS_REQUIRED)
		conf_error(loader, word,
			   "tls: client_certificates: required needs a client_ca_file: a "
			   "certificate that nobody vouches for is easily made");
}

void conf_read_tls(struct loader *loader, const struct node *map)
{
	struct conf_tls *tls = &loader->conf->tls;
	struct tls_entry entry = {.clients = CLIENTS_NONE};

	if (!map) {
		if (loader->https_node && !loader->incomplete)
			conf_error(loader, loader->https_node,
				   "listen: %s: https needs a certificate: give tls: "
				   "{certificate_file: …, key_file: …}",
				   loader->https_node->text);
		return;
	}
	conf_read_map(loader, map, &tls_schema, "tls", &entry);
	if (entry.certificate) {
		tls->certificate_at = place_of(loader, entry.certificate);
		tls->certificate = read_pem(loader, entry.certificate, "certificate_file",
					    &tls->certificate_file);
	}
	read_key(loader, map, &entry, tls);
	read_clients(loader, map, &entry, tls);
	if (!loader->https_node && !loader->incomplete)
		conf_warning(loader, map->key, "tls: nothing listens on https");
}

/* --- feeds --- */

/* The digits of TEXT, as tools print them: in large or small letters, with colons or without. NULL
 * when they are not 64. */
static const char *read_hash(struct loader *loader, const char *text)
{
	char *out = arena_alloc(loader->arena, sizeof(HASH) + HASH_DIGITS);
	size_t len = strlen(HASH);

	memcpy(out, HASH, len);
	for (; *text; text++) {
		char digit = *text;

		if (digit == ':')
			continue;
		if (digit >= 'A' && digit <= 'F')
			digit = (char)(digit - 'A' + 'a');
		if (!strchr("0123456789abcdef", digit) || len == strlen(HASH) + HASH_DIGITS)
			return NULL;
		out[len++] = digit;
	}
	return len == strlen(HASH) + HASH_DIGITS ? out : NULL;
}

static const char *read_certificate(struct loader *loader, const struct node *node, const char *who)
{
	const struct conf_tls *tls = &loader->conf->tls;

	if (text_starts(node->text, HASH)) {
		const char *hash = read_hash(loader, node->text + strlen(HASH));

		if (!hash)
			conf_error(loader, node,
				   "%s: client_certificate: after sha256: there are 64 hex digits, "
				   "as openssl x509 -noout -fingerprint -sha256 prints them",
				   who);
		return hash;
	}
	if (!text_starts(node->text, SUBJECT) || !node->text[strlen(SUBJECT)] ||
	    strlen(node->text) - strlen(SUBJECT) > SUBJECT_MAX) {
		conf_error(loader, node,
			   "%s: client_certificate: it is sha256:HEX or subject:NAME, as in "
			   "subject:CN=gate,O=Airport",
			   who);
		return NULL;
	}
	if (!tls->client_ca_at.file && !loader->incomplete) {
		conf_error(loader, node,
			   "%s: client_certificate: a subject proves nothing while nobody vouches "
			   "for it: tls: client_ca_file is missing",
			   who);
		return NULL;
	}
	return node->text;
}

void conf_read_certificates(struct loader *loader, const struct node *node, const char *who,
			    struct conf_feed *feed)
{
	const struct node **nodes;
	size_t len;

	if (!node)
		return;
	len = conf_texts(loader, node, who, &nodes);
	if (len == 0 && !node->bad)
		conf_error(loader, node, "%s: client_certificate: at least one is needed", who);
	if (len > CONF_CERTIFICATES_MAX) {
		conf_error(loader, nodes[CONF_CERTIFICATES_MAX],
			   "%s: client_certificate: at most %d: those in use and those that "
			   "replace them",
			   who, CONF_CERTIFICATES_MAX);
		len = CONF_CERTIFICATES_MAX;
	}
	for (size_t i = 0; i < len; i++) {
		const char *text = read_certificate(loader, nodes[i], who);

		if (text)
			feed->certificates[feed->certificates_len++] = text;
	}
	if (loader->conf->tls.clients == CLIENTS_NONE && !loader->incomplete)
		conf_error(loader, node->key,
			   "%s: client_certificate: nobody is asked for one: https and tls: "
			   "client_certificates: optional or required are missing",
			   who);
}

/* What FEED and OTHER share, or NULL. */
static const char *shared(const struct conf_feed *feed, const struct conf_feed *other)
{
	for (size_t i = 0; i < feed->certificates_len; i++) {
		for (size_t k = 0; k < other->certificates_len; k++) {
			if (strcmp(feed->certificates[i], other->certificates[k]) == 0)
				return feed->certificates[i];
		}
	}
	return NULL;
}

static bool only_certificate_tells(const struct conf_feed *feed)
{
	return !feed->token && feed->secrets_len == 0;
}

/* A gateway may carry several feeds, each with its own token; without one nobody could say which of
 * them has called. */
void conf_check_certificates(struct loader *loader)
{
	const struct conf *conf = loader->conf;

	for (size_t i = 0; i < conf->feeds_len; i++) {
		for (size_t k = 0; k < i && only_certificate_tells(&conf->feeds[i]); k++) {
			if (only_certificate_tells(&conf->feeds[k]) &&
			    shared(&conf->feeds[i], &conf->feeds[k]))
				conf_error(loader, loader->feed_nodes[i],
					   "feed %s has the same client_certificate as feed %s, "
					   "and nothing else tells them apart",
					   conf->feeds[i].name, conf->feeds[k].name);
		}
	}
}

/* --- print --- */

void conf_print_tls(const struct conf_tls *tls, FILE *out)
{
	if (!tls->certificate)
		return;
	(void)fprintf(out, "tls:\n  certificate_file: \"%s\"\n", tls->certificate_file);
	if (tls->key_file)
		(void)fprintf(out, "  key_file: \"%s\"\n", tls->key_file);
	else
		(void)fputs("  key_credential: \"***\"\n", out);
	if (tls->client_ca_file)
		(void)fprintf(out, "  client_ca_file: \"%s\"\n", tls->client_ca_file);
	(void)fprintf(out, "  client_certificates: %s\n",
		      conf_choice_word(clients_words, (int)tls->clients));
}
