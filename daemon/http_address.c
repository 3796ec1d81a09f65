/* http_address.c — which addresses a request out may really connect to: the public internet and
 * what is allowed besides. Neighbours: http_out.c asks for every socket before it connects and for
 * every connection before it is used again. */
#include "daemon/http_out.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "closedloop/text.h"

#define CIDR_CAP 64

/* A block of addresses: the first `bits` of `bytes`. */
struct block {
	int family;
	uint8_t bytes[16];
	unsigned bits;
};

/* What leads into our own house or nowhere (alerts.md, SSRF). IPv6 forms that carry an IPv4 address
 * inside are refused as a whole: a gateway unwraps them where we cannot look. */
static const struct block denied[] = {
	{AF_INET, {0}, 8},	      /* "This network"; 0.0.0.0 is the host itself. */
	{AF_INET, {10}, 8},	      /* Private. */
	{AF_INET, {100, 64}, 10},     /* Carrier-grade NAT. */
	{AF_INET, {127}, 8},	      /* Loopback. */
	{AF_INET, {169, 254}, 16},    /* Link-local; cloud metadata. */
	{AF_INET, {172, 16}, 12},     /* Private. */
	{AF_INET, {192, 0, 0}, 24},   /* Protocol assignments. */
	{AF_INET, {192, 88, 99}, 24}, /* The nearest 6to4 gateway. */
	{AF_INET, {192, 168}, 16},    /* Private. */
	{AF_INET, {198, 18}, 15},     /* Benchmarking. */
	{AF_INET, {224}, 4},	      /* Multicast. */
	{AF_INET, {240}, 4},	      /* Reserved, and broadcast. */
	{AF_INET6, {0}, 96},	      /* ::, ::1 and IPv4-compatible. */
	{AF_INET6, {[10] = 0xFF, [11] = 0xFF}, 96},  /* IPv4-mapped. */
	{AF_INET6, {[8] = 0xFF, [9] = 0xFF}, 96},    /* IPv4-translated. */
	{AF_INET6, {0, 0x64, 0xFF, 0x9B}, 96},	     /* NAT64. */
	{AF_INET6, {0, 0x64, 0xFF, 0x9B, 0, 1}, 48}, /* NAT64 of the local network. */
	{AF_INET6, {0x01}, 64},			     /* Thrown away. */
	{AF_INET6, {0x20, 0x01, 0, 0}, 32},	     /* Teredo. */
	{AF_INET6, {0x20, 0x02}, 16},		     /* 6to4. */
	{AF_INET6, {0xFC}, 7},			     /* Unique local. */
	{AF_INET6, {0xFE, 0x80}, 10},		     /* Link-local. */
	{AF_INET6, {0xFE, 0xC0}, 10}, /* Site-local, deprecated and still routed inside. */
	{AF_INET6, {0xFF}, 8},	      /* Multicast. */
};

static bool block_has(const struct block *block, int family, const uint8_t *bytes)
{
	unsigned whole = block->bits / 8;
	unsigned rest = block->bits % 8;
	uint8_t mask = (uint8_t)(0xFF00u >> rest);

	if (block->family != family || memcmp(block->bytes, bytes, whole) != 0)
		return false;
	return rest == 0 || ((block->bytes[whole] ^ bytes[whole]) & mask) == 0;
}

/* Read "ADDRESS/BITS" or "ADDRESS". What cannot be read allows nothing. */
static bool block_read(struct block *block, const char *cidr)
{
	char address[CIDR_CAP];
	char *slash;
	unsigned most;

	if (!text_copy(address, sizeof(address), cidr))
		return false;
	slash = strchr(address, '/');
	if (slash)
		*slash++ = '\0';
	block->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(block->family, address, block->bytes) != 1)
		return false;
	most = block->family == AF_INET6 ? 128 : 32;
	block->bits = most;
	if (!slash)
		return true;
	if (strlen(slash) < 1 || strlen(slash) > 3 || !text_is_digits(slash, strlen(slash)))
		return false;
	block->bits = 0;
	for (; *slash; slash++)
		block->bits = block->bits * 10 + (unsigned)(*slash - '0');
	return block->bits <= most;
}

static bool is_allowed(const char *const *allow, size_t allow_len, int family, const uint8_t *bytes)
{
	for (size_t i = 0; i < allow_len; i++) {
		struct block block;

		if (block_read(&block, allow[i]) && block_has(&block, family, bytes))
			return true;
	}
	return false;
}

static bool is_denied(int family, const uint8_t *bytes)
{
	for (size_t i = 0; i < ARRAY_LEN(denied); i++) {
		if (block_has(&denied[i], family, bytes))
			return true;
	}
	return false;
}

bool http_out_may_connect(const struct sockaddr *address, const char *const *allow,
			  size_t allow_len)
{
	const void *at = address;

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = at;
		uint8_t bytes[16] = {0};

		memcpy(bytes, &v4->sin_addr, 4);
		return !is_denied(AF_INET, bytes) || is_allowed(allow, allow_len, AF_INET, bytes);
	}
	if (address->sa_family == AF_INET6) {
		const struct in6_addr *v6 = &((const struct sockaddr_in6 *)at)->sin6_addr;

		if (!is_denied(AF_INET6, v6->s6_addr) ||
		    is_allowed(allow, allow_len, AF_INET6, v6->s6_addr))
			return true;
		/* The kernel connects a mapped address over IPv4: who may go there may write it so.
		 */
		return IN6_IS_ADDR_V4MAPPED(v6) &&
		       is_allowed(allow, allow_len, AF_INET, v6->s6_addr + 12);
	}
	return false;
}
