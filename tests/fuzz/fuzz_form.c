/* fuzz_form.c — any bytes for what comes by HTTP and names a place: the query of /v1/match, the
 * form of an acknowledgement page, an escaped table field. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "closedloop/geo.h"
#include "closedloop/http.h"
#include "closedloop/mem.h"

static struct matcher *matcher;

static bool field(const char *query, const char *name, char *buf, size_t cap)
{
	memset(buf, 0xA5, cap);
	bool found = http_query(query, name, buf, cap);

	assert(memchr(buf, '\0', cap) && text_is_utf8(buf, strlen(buf)));
	assert(found || !*buf);
	return found;
}

static bool point_of(const char *query, struct geo_point *out)
{
	char lon[32], lat[32], word[16];
	enum geo_crs crs;

	if (!field(query, "lon", lon, sizeof(lon)) || !field(query, "lat", lat, sizeof(lat)) ||
	    !field(query, "crs", word, sizeof(word)) || !geo_crs_of(word, &crs) ||
	    !geo_point(strtod(lon, NULL), strtod(lat, NULL), crs, out))
		return false;
	assert(isfinite(strtod(lon, NULL)) && isfinite(strtod(lat, NULL)));
	assert(abs(out->lon) <= 181000000 && abs(out->lat) <= 91000000);
	return true;
}

int fuzz_form(const uint8_t *data, size_t size)
{
	static struct match match;
	char address[MATCH_ADDRESS_MAX + 1], estate[400], code[64], other[64];
	struct geo_point point;
	char *query = mem_alloc(size + 1);

	if (!matcher)
		matcher = match_new(fuzz_small());
	if (size)
		memcpy(query, data, size);
	query[size] = '\0';
	char *form = strchr(query, '\n');
	if (form)
		*form++ = '\0';
	struct match_query asked = {.address = address, .estate = estate};
	bool wanted = field(query, "address", address, sizeof(address));
	(void)field(query, "estate", estate, sizeof(estate));
	asked.point = point_of(query, &point) ? &point : NULL;
	if (wanted)
		fuzz_judge(matcher, fuzz_small(), &asked, &match);
	if (form && field(form, "code", code, sizeof(code)))
		(void)gazetteer_has(fuzz_small(), code);
	if (form && field(form, "other", other, sizeof(other)))
		(void)gazetteer_has(fuzz_small(), other);
	match_unescape(query);
	mem_free(query);
	return 0;
}
