/* conf_net.c — judges what names a place on the network: URLs, numeric addresses, CIDR blocks. No
 * look-ups. Neighbours: conf_listen.c and conf_endpoint.c ask before anything is opened or called.
 */
#include "conf_private.h"

#include <arpa/inet.h>
#include <string.h>

#include "closedloop/text.h"

struct block {
	unsigned char bytes[16];
	size_t len;	 /* 4 or 16. */
	unsigned prefix; /* Bits. */
};

/* Not on the public internet: RFC 6890 and what maps onto it. */
static const char *const reserved[] = {
	"0.0.0.0/8",	 "10.0.0.0/8",	 "100.64.0.0/10",  "127.0.0.0/8",   "169.254.0.0/16",
	"172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4",
	"240.0.0.0/4",	 "::/128",	 "::1/128",	   "fe80::/10",	    "fc00::/7",
	"::ffff:0:0/96", "64:ff9b::/96", "2002::/16",
};

static bool parse_address(const char *text, unsigned char bytes[16], size_t *len)
{
	*len = strchr(text, ':') ? 16 : 4;
	return inet_pton(*len == 16 ? AF_INET6 : AF_INET, text, bytes) == 1;
}

static bool parse_port(const char *text, int *port)
{
	size_t len = strspn(text, "0123456789");

	*port = 0;
	if (len == 0 || len > 5 || text[len] != '\0')
		return false;
	for (size_t i = 0; i < len; i++)
		*port = *port * 10 + (text[i] - '0');
	return *port <= 65535;
}

static int parse_block(const char *text, struct block *block, struct err *err)
{
	char address[64];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	int prefix;

	if (len >= sizeof(address))
		return err_set(err, CL_EINVAL, "not an address block such as 10.0.0.0/8");
	memcpy(address, text, len);
	address[len] = '\0';
	if (!parse_address(address, block->bytes, &block->len))
		return err_set(err, CL_EINVAL, "not an address block such as 10.0.0.0/8");
	if (!slash)
		return err_set(err, CL_EINVAL, "the size of the block is missing: write %s/%d",
			       address, (int)(block->len * 8));
	if (!parse_port(slash + 1, &prefix) || prefix > (int)(block->len * 8))
		return err_set(err, CL_EINVAL, "the size of the block must be 0 to %d bits",
			       (int)(block->len * 8));
	block->prefix = (unsigned)prefix;
	return 0;
}

static bool bits_equal(const unsigned char *left, const unsigned char *right, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	unsigned char mask = (unsigned char)(0xFF00u >> rest);

	return memcmp(left, right, whole) == 0 &&
	       (rest == 0 || ((left[whole] ^ right[whole]) & mask) == 0);
}

int conf_cidr_check(const char *text, struct err *err)
{
	struct block block;
	int rc = parse_block(text, &block, err);

	if (rc < 0)
		return rc;
	for (unsigned bit = block.prefix; bit < block.len * 8; bit++) {
		/* 10.1.2.3/8 reads like one machine and allows sixteen million. */
		if (block.bytes[bit / 8] & (0x80u >> (bit % 8)))
			return err_set(err, CL_EINVAL,
				       "the address has bits behind the first %u: which block is "
				       "meant?",
				       block.prefix);
	}
	return 0;
}

bool conf_cidr_covers(const char *cidr, const char *address)
{
	unsigned char bytes[16];
	struct block block;
	size_t len;

	return parse_address(address, bytes, &len) && parse_block(cidr, &block, NULL) == 0 &&
	       len == block.len && bits_equal(bytes, block.bytes, block.prefix);
}

bool conf_address_public(const char *address)
{
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
		if (conf_cidr_covers(reserved[i], address))
			return false;
	}
	return true;
}

/* HOST[:PORT] with brackets around an IPv6 address. */
static int parse_authority(const char *text, size_t len, struct conf_url *out, struct err *err)
{
	char room[280];
	char *host = room, *end, *port = NULL;
	unsigned char bytes[16];
	size_t bytes_len;

	if (len >= sizeof(room))
		return err_set(err, CL_EINVAL, "the host's name is too long");
	memcpy(room, text, len);
	room[len] = '\0';
	if (strchr(room, '@'))
		return err_set(err, CL_EINVAL, "a name or password before @ is not supported");
	if (room[0] == '[') {
		host = room + 1;
		end = strchr(host, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return err_set(err, CL_EINVAL,
				       "the bracket around the address is not closed");
		port = end[1] ? end + 2 : NULL;
		*end = '\0';
	} else {
		end = strchr(host, ':');
		if (end) {
			port = end + 1;
			*end = '\0';
		}
	}
	if (port && !parse_port(port, &out->port))
		return err_set(err, CL_EINVAL, "the port must be a number from 0 to 65535");
	if (!*host)
		return err_set(err, CL_EINVAL, "the host is missing");
	if (room[0] != '[' &&
	    strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") !=
		    strlen(host))
		return err_set(err, CL_EINVAL, "the host has characters no host can have");
	out->port_given = port != NULL;
	out->literal = parse_address(host, bytes, &bytes_len);
	if (room[0] == '[' && (!out->literal || bytes_len != 16))
		return err_set(err, CL_EINVAL, "no IPv6 address stands between the brackets");
	if (!text_copy(out->host, sizeof(out->host), host))
		return err_set(err, CL_EINVAL, "the host's name is too long");
	return 0;
}

int conf_url_parse(const char *text, struct conf_url *out, struct err *err)
{
	const char *at;
	size_t len;
	int rc;

	*out = (struct conf_url){.port = 0};
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F)
			return err_set(err, CL_EINVAL, "a blank or a character that is not ASCII");
	}
	out->https = text_starts(text, "https://");
	if (!out->https && !text_starts(text, "http://"))
		return err_set(err, CL_EINVAL, "it must begin with http:// or https://");
	at = text + (out->https ? strlen("https://") : strlen("http://"));
	len = strcspn(at, "/?#");
	rc = parse_authority(at, len, out, err);
	if (rc < 0)
		return rc;
	out->rest = at + len;
	if (strchr(out->rest, '#'))
		return err_set(err, CL_EINVAL, "a part after # is never sent");
	out->loopback = strcmp(out->host, "localhost") == 0 ||
			conf_cidr_covers("127.0.0.0/8", out->host) || strcmp(out->host, "::1") == 0;
	return 0;
}
