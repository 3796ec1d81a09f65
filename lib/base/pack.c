/* pack.c — varints and strings in a row of bytes; see pack.h. Used by loop's records; knows nothing
 * of them. */
#include "closedloop/pack.h"

#include <string.h>

void pack_init(struct pack *pack, struct arena *arena)
{
	*pack = (struct pack){.arena = arena, .cap = 256};
	pack->data = arena_alloc(arena, pack->cap);
}

static uint8_t *reserve(struct pack *pack, size_t more)
{
	if (pack->len + more > pack->cap) {
		size_t cap = pack->cap * 2 + more;
		uint8_t *data = arena_alloc(pack->arena, cap);
		memcpy(data, pack->data, pack->len);
		pack->data = data;
		pack->cap = cap;
	}
	uint8_t *at = pack->data + pack->len;
	pack->len += more;
	return at;
}

void pack_uint(struct pack *pack, uint64_t value)
{
	uint8_t bytes[10];
	size_t len = 0;
	do {
		uint8_t low = (uint8_t)(value & 0x7f);
		value >>= 7;
		bytes[len++] = (uint8_t)(low | (value ? 0x80 : 0));
	} while (value);
	memcpy(reserve(pack, len), bytes, len);
}

void pack_int(struct pack *pack, int64_t value)
{
	pack_uint(pack, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void pack_bytes(struct pack *pack, const void *bytes, size_t len)
{
	if (len)
		memcpy(reserve(pack, len), bytes, len);
}

void pack_text(struct pack *pack, const char *string)
{
	if (!string) {
		pack_uint(pack, 0);
		return;
	}
	size_t len = strlen(string);
	pack_uint(pack, len + 1);
	pack_bytes(pack, string, len);
}

void unpack_init(struct unpack *unpack, const void *data, size_t len)
{
	*unpack = (struct unpack){.data = data, .len = len};
}

uint64_t unpack_uint(struct unpack *unpack)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (unpack->bad || unpack->at >= unpack->len)
			break;
		uint8_t byte = unpack->data[unpack->at++];
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	unpack->bad = true;
	return 0;
}

int64_t unpack_int(struct unpack *unpack)
{
	uint64_t value = unpack_uint(unpack);
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

const char *unpack_text(struct unpack *unpack, struct arena *arena)
{
	uint64_t len = unpack_uint(unpack);
	if (len == 0)
		return NULL;
	len--;
	if (unpack->bad || len > unpack->len - unpack->at) {
		unpack->bad = true;
		return NULL;
	}
	const char *text =
		arena_copy_bytes(arena, (const char *)unpack->data + unpack->at, (size_t)len);
	unpack->at += (size_t)len;
	return text;
}
