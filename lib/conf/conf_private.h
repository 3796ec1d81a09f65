/* conf_private.h — what the files of the configuration room share; nobody else includes it.
 *
 * The way through the room: conf_yaml turns one file into nodes with positions; conf_include merges
 * the files into one root map; conf_value reads maps into raw structs by tables (one row per key,
 * with unit, range and a sentence for the reader); each section's file turns its raw structs into
 * the public ones; conf_check asks what no single section can know. Every step writes down all it
 * finds wrong and goes on. */
#ifndef CLOSEDLOOP_CONF_PRIVATE_H
#define CLOSEDLOOP_CONF_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "closedloop/conf.h"
#include "closedloop/mem.h"
#include "closedloop/nearest.h"

/* Bounds on what a file may make us hold; generous for 6,000 units, far below what could hurt. */
#define CONF_FILE_MAX	  (4u << 20)
#define CONF_NODES_MAX	  50000u
#define CONF_DEPTH_MAX	  16u
#define CONF_FILES_MAX	  64u
#define CONF_PROBLEMS_MAX 1000u
#define CONF_SECRET_MAX	  4096u
#define CONF_NAME_MAX	  64u

/* One file that was read. Lives in the configuration's arena. */
struct conf_source {
	const char *name; /* As problems show it. */
	const char *dir;  /* Absolute, without symbolic links: relative paths start here. */
	const struct conf_source *by; /* The file that includes it; NULL for the main file. */
	dev_t device;
	ino_t inode;
};

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
};

#define ALLOW(kind) (1u << (kind))

struct node {
	enum node_kind kind;
	bool quoted;
	bool bad; /* Already reported: readers of its value stay silent. */
	int line, column;
	const struct conf_source *source;
	const char *text;	   /* Of a scalar. */
	const struct node *key;	   /* Of a map's value. */
	struct node *first, *last; /* Of a list or map. */
	struct node *next;	   /* The following sibling. */
	size_t len;		   /* How many children. */
};

/* A name that must exist; judged when everything has been read. */
enum reference_kind {
	REFER_ENDPOINT,
	REFER_STEP, /* An endpoint's name where a level's word could stand too. */
	REFER_LANGUAGE,
	REFER_ROSTER,
	REFER_CODE, /* A unit; only the gazetteer knows. */
};

struct coverage_origin; /* conf_coverage.h */

struct reference {
	enum reference_kind kind;
	const struct node *node;
	const char *who;
	struct reference *next;
};

/* The public tree, what owns it, and the positions that later checks need. */
struct conf_whole {
	struct conf conf; /* First, so that a struct conf * is a struct conf_whole *. */
	struct arena arena;
	struct reference
		*codes; /* Unit codes anywhere in it, for conf_check_units; last written first. */
	struct coverage_origin *origins; /* Where coverage was written, rising. */
	size_t origins_len;
	bool borrows; /* All but its policies belongs to another tree. */
};

struct loader {
	struct conf_whole *whole;
	struct arena *arena; /* whole->arena: everything read lives as long as the tree. */
	struct arena nodes;  /* Where it stood does not: released when all is read. */
	struct conf *conf;
	struct conf_report *report;
	const struct conf_world *world;
	const struct conf_source *sources[CONF_FILES_MAX];
	size_t sources_len;
	bool incomplete; /* A file could not be read: do not complain that things are missing. */
	bool insecure, insecure_inline;
	struct reference *references;
	const struct node *https_node;	  /* The first listener that speaks https, or NULL. */
	const struct node **feed_nodes;	  /* As conf.feeds: the name of each. */
	const struct node **roster_nodes; /* As conf.rosters: the name of each, or NULL. */
	const struct node **policy_nodes; /* As conf.policies: the key "policy" of each file that
					     was read. */
};

/* conf_report.c */
void conf_problem(struct conf_report *report, const char *file, int line, int column, bool warning,
		  const char *format, ...) __attribute__((format(printf, 6, 7)));
void conf_error(struct loader *loader, const struct node *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void conf_warning(struct loader *loader, const struct node *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void conf_report_sort(struct conf_report *report);

/* conf_yaml.c */
/* Read NAME (relative to the file of AT, or to the working directory when AT is NULL) into nodes.
 * NULL when nothing could be made of it; what is wrong has been reported, at AT when the file
 * itself is missing. */
const struct node *conf_yaml_read(struct loader *loader, const struct node *at, const char *name);
/* The same of BYTES[0..LEN), which came from elsewhere under NAME and can name no other file. */
const struct node *conf_yaml_parse(struct loader *loader, const char *name, const char *bytes,
				   size_t len);

/* How problems name a file that AT names: in the words of the operator, from where she stands. */
const char *conf_shown_name(struct loader *loader, const struct node *at, const char *name);

/* conf_include.c */
/* The main file with its includes merged into one map; NULL when there is none. */
const struct node *conf_include_all(struct loader *loader, const char *path);

/* conf_file.c */
/* Whole file, at most MAX bytes, freed by mem_free; NUL added. CL_ENOENT, CL_EIO, CL_ELIMIT. */
int conf_file_read(const char *path, size_t max, char **bytes, size_t *len, struct err *err);
/* PATH as a file of directory DIR (absolute) means it; always absolute when DIR is. */
const char *conf_path_join(struct arena *arena, const char *dir, const char *path);
/* The absolute directory that holds PATH, without symbolic links; NULL when there is none. */
const char *conf_path_dir(struct arena *arena, const char *path);
const char *conf_path_base(const char *path);

/* conf_value.c */
enum field_type {
	FIELD_TEXT,	/* const char *: not empty. */
	FIELD_NAME,	/* const char *: letters, digits, "._-". */
	FIELD_LABEL,	/* char [POLICY_NAME_CAP]: the same, in place. */
	FIELD_PATH,	/* const char *: made absolute. */
	FIELD_CODE,	/* const char *: 2, 4, 6, 9 or 12 digits. */
	FIELD_WORD,	/* int: one of CHOICES. */
	FIELD_BOOL,	/* bool: true and false, or the two CHOICES. */
	FIELD_INT,	/* int */
	FIELD_COUNT,	/* unsigned */
	FIELD_SIZE,	/* size_t: "64KiB" */
	FIELD_DURATION, /* int64_t ms: "10m" */
	FIELD_CLOCK,	/* int64_t ms after midnight: "06:00" */
	FIELD_DAY,	/* int32_t: "2020-03-01" */
	FIELD_TENTHS,	/* int: 37.3 is 373. */
	FIELD_RATIO,	/* double, 0 to 1. */
	FIELD_NODE,	/* const struct node *: read by its own section; ALLOWED kinds. */
	FIELD_MAP,	/* A map by INNER, into the same struct. */
	FIELD_UNREAD,	/* Known and checked by nobody yet. */
};

struct choice {
	const char *word;
	int value;
};

struct schema;

struct field {
	const char *key;
	enum field_type type;
	unsigned allowed; /* FIELD_NODE: ALLOW(kind) bits; 0 = all. */
	bool required;
	size_t offset;
	int64_t least, most; /* MOST 0 = no range. */
	int64_t otherwise;   /* Number when the key is absent, where conf_defaults is called. */
	const struct choice *choices; /* Ends with a NULL word. */
	const struct schema *inner;
	const char
		*says; /* What the value means, for the reader of a message or of --print-config. */
};

struct schema {
	const char *what; /* "feed" */
	const struct field *fields;
	size_t len;
};

#define SCHEMA(name, noun)                                                                         \
	const struct schema name##_schema = {.what = (noun),                                       \
					     .fields = name##_fields,                              \
					     .len = ARRAY_LEN(name##_fields)}

/* Read MAP by SCHEMA into OUT, whose absent members stay as they are. WHO names the map in
 * messages. */
void conf_read_map(struct loader *loader, const struct node *map, const struct schema *schema,
		   const char *who, void *out);
void conf_defaults(const struct schema *schema, void *out);
/* "feed pvg": WHAT and the map's own name, as far as it can be read. */
const char *conf_who(struct loader *loader, const struct node *map, const char *what);
const struct node *conf_child(const struct node *map, const char *key);
/* The text of a scalar that has one, else NULL after a report. */
const char *conf_text(struct loader *loader, const struct node *node, const char *who);
/* A scalar or a list of them as an array in the arena; returns how many. Elements may be NULL after
 * a report. */
size_t conf_texts(struct loader *loader, const struct node *node, const char *who,
		  const struct node ***nodes);
/* NODE as a list of maps: reports and returns false when it is not one. */
bool conf_is_kind(struct loader *loader, const struct node *node, enum node_kind kind,
		  const char *who);
bool conf_is_name(const char *text);
bool conf_is_code(const char *text);

/* Print the values of OUT by SCHEMA as YAML, INDENT levels deep; with SAYS, each followed by its
 * sentence. */
void conf_print_schema(const struct schema *schema, const void *in, int indent, bool says,
		       FILE *out);

/* conf_scalar.c */
void conf_scalar(struct loader *loader, const struct node *node, const struct field *field,
		 const char *label, void *out);

/* conf_number.c: in the unit the struct uses, except a ratio: ten-thousandths. */
bool conf_number_parse(const struct field *field, const char *text, int64_t *value);
void conf_number_text(const struct field *field, int64_t value, char *buf, size_t cap);
void conf_number_set(const struct field *field, int64_t value, void *out);
int64_t conf_number_get(const struct field *field, const void *in);

/* conf_secret.c */
struct secret_keys {
	const struct node *file, *environment, *credential, *bare;
};
/* The one text behind KEYS, or NULL; *AT is the node that gave it (NULL: no key was given). */
const char *conf_secret_text(struct loader *loader, const struct secret_keys *keys, const char *who,
			     const char *what, bool bare_allowed, const struct node **at);
size_t conf_secret_webhooks(struct loader *loader, const struct secret_keys *keys, const char *who,
			    struct webhook_secret out[CONF_SECRETS_MAX], const struct node **at);
/* The same for secrets that are plain text: printable ASCII without blanks. */
size_t conf_secret_keys(struct loader *loader, const struct secret_keys *keys, const char *who,
			const char *out[CONF_SECRETS_MAX], const struct node **at);
/* Master keys: 32 bytes, as 64 hexadecimal digits or base64. */
size_t conf_secret_masters(struct loader *loader, const struct secret_keys *keys,
			   uint8_t out[CONF_SECRETS_MAX][CONF_MASTER_LEN]);
/* The digits a page asks for, 4 to 16; NULL when none are given or after having said why. */
const char *conf_secret_pin(struct loader *loader, const struct secret_keys *keys, const char *who);
/* A bearer token: long enough, visible ASCII, nobody else's. */
const char *conf_secret_token(struct loader *loader, const struct secret_keys *keys,
			      const char *who, const struct node **at);

/* conf_net.c */
struct conf_url {
	bool https;
	bool literal;  /* The host is a numeric address … */
	bool loopback; /* … or name of this machine. */
	char host[256];
	bool port_given;
	int port;
	const char *rest; /* From the first '/', '?' or '#' on; points into the text. */
};
int conf_url_parse(const char *text, struct conf_url *out, struct err *err);
int conf_cidr_check(const char *text, struct err *err);
bool conf_cidr_covers(const char *cidr, const char *address);
/* True for a numeric address that anybody on the internet could own. */
bool conf_address_public(const char *address);

/* conf_endpoint.c */
/* The http address behind KEYS that we may call, or NULL after a report. */
const char *conf_read_url(struct loader *loader, const struct node *map,
			  const struct secret_keys *keys, const char *who, bool bare_allowed,
			  const char *const *allow, size_t allow_len);
/* The CIDR blocks of LIST (or NULL); reports those that are none. */
const char *const *conf_read_allow(struct loader *loader, const struct node *list, const char *who,
				   size_t *allow_len);

/* Warn when URL's host is a numeric address that will not be reached. */
void conf_check_reachable(struct loader *loader, const struct node *at, const char *who,
			  const struct conf_url *url, const char *const *allow, size_t allow_len);

/* conf_endpoint_way.c */
/* PROXY and CA_FILE (or NULL) of ENDPOINT, whose allowed blocks have been read. */
void conf_read_way(struct loader *loader, const struct node *proxy, const struct node *ca_file,
		   const char *who, struct conf_endpoint *endpoint);
/* Where its way may lead: behind a proxy it is the proxy that decides. */
const char *const *conf_way_reaches(const struct conf_endpoint *endpoint, size_t *len);

/* conf_channel.c */
/* Where a channel's URL holds a secret. */
enum conf_url_secrecy {
	URL_OPEN,
	URL_SECRET_IN_QUERY,
	URL_SECRET_IN_PATH,
};
enum conf_url_secrecy conf_channel_secrecy(enum conf_channel channel);
/* Where CHANNEL is asked when the operator gives no address, or NULL. */
const char *conf_channel_url(enum conf_channel channel);
/* The word of ENDPOINT's form, or NULL when its channel has only one. */
const char *conf_form_word(const struct conf_endpoint *endpoint);
/* What depends on the channel, as written. */
struct channel_entry {
	const struct node *form, *mention;
	struct secret_keys secret;
};
/* Read it into ENDPOINT, whose channel is known. */
void conf_read_channel(struct loader *loader, const struct node *map,
		       const struct channel_entry *entry, const char *who,
		       struct conf_endpoint *endpoint);

/* conf_endpoint_pool.c */
/* The members of the pool MAP is; what belongs to each of them must not stand here. */
void conf_read_pool(struct loader *loader, const struct node *map, const char *who,
		    struct conf_endpoint *endpoint);
/* Once all endpoints of LIST are read: members speak their pool's channel and are no pools. */
void conf_check_pools(struct loader *loader, const struct node *list);

/* conf_endpoint_quiet.c */
/* The hours of QUIET (or NULL) into ENDPOINT. */
void conf_read_quiet(struct loader *loader, const struct node *quiet, const char *who,
		     struct conf_endpoint *endpoint);
void conf_print_quiet(const struct conf_endpoint *endpoint, FILE *out);

/* Sections, each in the file of its name. */
void conf_read_listen(struct loader *loader, const struct node *list);
/* conf_tls.c: MAP (or NULL) once the listeners are known. */
void conf_read_tls(struct loader *loader, const struct node *map);
/* The certificates of NODE (or NULL) into FEED, once tls is known. */
void conf_read_certificates(struct loader *loader, const struct node *node, const char *who,
			    struct conf_feed *feed);
/* Two feeds that only their certificate tells must not have the same. */
void conf_check_certificates(struct loader *loader);
void conf_print_tls(const struct conf_tls *tls, FILE *out);
void conf_read_public_url(struct loader *loader, const struct node *node);
void conf_read_zone(struct loader *loader, const struct node *node);
/* The zone NODE names, WHAT being its key's name in messages; NULL after a report. */
struct zone *conf_read_zone_named(struct loader *loader, const struct node *node, const char *what);
void conf_read_feeds(struct loader *loader, const struct node *list);
void conf_read_endpoints(struct loader *loader, const struct node *list);
void conf_read_units(struct loader *loader, const struct node *list);
void conf_read_rosters(struct loader *loader, const struct node *list);
void conf_read_escalation(struct loader *loader, const struct node *map);
void conf_read_access(struct loader *loader, const struct node *map);
void conf_print_access(const struct conf *conf, FILE *out);
void conf_read_heartbeat(struct loader *loader, const struct node *map);
/* MAP may be NULL: the defaults. */
void conf_read_ledger(struct loader *loader, const struct node *map);
void conf_read_policies(struct loader *loader, const struct node *paths);
void conf_read_phrases(struct loader *loader, const struct node *paths);

extern const struct schema limits_schema;
extern const struct schema policy_schema, override_schema;
extern const struct choice conf_channels[];
extern const struct choice conf_feed_kinds[];
extern const struct choice conf_redacts[];
extern const struct choice conf_roles[];
extern const struct choice conf_step_targets[];
/* conf_policy.c */
/* All of POLICY as YAML, in the fixed order its hash is made of. */
void conf_policy_print(const struct policy *policy, int indent, bool says, FILE *out);
void conf_print_rosters(const struct conf *conf, FILE *out);
/* The lists of MAP into POLICY, which has its numbers already; then all of it is judged and hashed.
 */
void conf_policy_sections(struct loader *loader, const struct node *map, const char *who,
			  struct policy *policy);
void conf_hash(const char *text, size_t len, char hash[POLICY_HASH_CAP]);
/* conf_override.c */
void conf_read_overrides(struct loader *loader, const struct node *list, const struct policy *base,
			 struct conf_overrides *out);
/* conf_ruleset.c */
/* All policies and their overrides as YAML. */
void conf_policies_print(const struct conf *conf, bool says, FILE *out);
const char *conf_choice_word(const struct choice *choices, int value);

/* conf_lookup.c: once they are read, for conf_endpoint. */
void conf_index_endpoints(struct conf *conf, struct arena *arena);

/* conf_check.c */
void conf_refer(struct loader *loader, enum reference_kind kind, const struct node *node,
		const char *who);
void conf_check_all(struct loader *loader);

#endif
