/* conf_number.c — all that is a number underneath: durations, sizes, times of day, dates, degrees,
 * words of a list. Neighbours: conf_scalar.c judges what is read here; conf_print and the policy's
 * hash use the way back to text. */
#include "conf_private.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "closedloop/text.h"

/* Digits at *AT, at least one, below a trillion; *AT moves behind them. */
static bool take_number(const char **at, int64_t *number)
{
	size_t digits = strspn(*at, "0123456789");

	*number = 0;
	if (digits == 0 || digits > 12)
		return false;
	for (size_t i = 0; i < digits; i++)
		*number = *number * 10 + ((*at)[i] - '0');
	*at += digits;
	return true;
}

static bool parse_size(const char *text, int64_t *value)
{
	static const struct {
		const char *unit;
		int64_t bytes;
	} units[] = {
		{"B", 1},
		{"KiB", INT64_C(1) << 10},
		{"MiB", INT64_C(1) << 20},
		{"GiB", INT64_C(1) << 30},
	};

	if (!take_number(&text, value) || *value > INT64_C(1) << 40)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(text, units[i].unit) == 0 && *value <= INT64_MAX / units[i].bytes) {
			*value *= units[i].bytes;
			return true;
		}
	}
	return false;
}

/* "06:00" to "24:00". */
static bool parse_clock(const char *text, int64_t *value)
{
	int64_t hours, minutes;

	if (strlen(text) != 5 || !take_number(&text, &hours) || *text++ != ':' ||
	    !take_number(&text, &minutes) || *text)
		return false;
	*value = hours * WHEN_HOUR + minutes * WHEN_MINUTE;
	return minutes < 60 && *value <= WHEN_DAY;
}

/* A decimal with at most PLACES digits behind the point, as an integer of that unit. */
static bool parse_decimal(const char *text, unsigned places, int64_t *value)
{
	if (!take_number(&text, value))
		return false;
	if (*text == '.') {
		text++;
		if (*text == '\0')
			return false;
		while (*text >= '0' && *text <= '9' && places > 0) {
			*value = *value * 10 + (*text++ - '0');
			places--;
		}
	}
	while (places-- > 0)
		*value *= 10;
	return *text == '\0';
}

static bool parse_day(const char *text, int64_t *value)
{
	int32_t day;

	if (when_parse_day(text, &day, NULL) < 0)
		return false;
	*value = day;
	return true;
}

static bool parse_integer(const char *text, int64_t *value)
{
	return take_number(&text, value) && *text == '\0';
}

bool conf_number_parse(const struct field *field, const char *text, int64_t *value)
{
	switch (field->type) {
	case FIELD_DURATION:
		return when_parse_duration(text, value, NULL) == 0;
	case FIELD_SIZE:
		return parse_size(text, value);
	case FIELD_CLOCK:
		return parse_clock(text, value);
	case FIELD_DAY:
		return parse_day(text, value);
	case FIELD_TENTHS:
		return parse_decimal(text, 1, value);
	case FIELD_RATIO:
		return parse_decimal(text, 4, value) && *value <= 10000;
	case FIELD_BOOL:
		*value = strcmp(text, "true") == 0;
		return *value || strcmp(text, "false") == 0;
	case FIELD_INT:
	case FIELD_COUNT:
		return parse_integer(text, value);
	case FIELD_WORD:
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_LABEL:
	case FIELD_PATH:
	case FIELD_CODE:
	case FIELD_NODE:
	case FIELD_MAP:
	case FIELD_UNREAD:
		break;
	}
	return false;
}

void conf_number_text(const struct field *field, int64_t value, char *buf, size_t cap)
{
	char room[WHEN_CAP];

	switch (field->type) {
	case FIELD_DURATION:
		(void)snprintf(buf, cap, "%s", when_duration_text(value, room));
		break;
	case FIELD_SIZE:
		if (value >= 1 << 20 && value % (1 << 20) == 0)
			(void)snprintf(buf, cap, "%" PRId64 "MiB", value >> 20);
		else if (value >= 1 << 10 && value % (1 << 10) == 0)
			(void)snprintf(buf, cap, "%" PRId64 "KiB", value >> 10);
		else
			(void)snprintf(buf, cap, "%" PRId64 "B", value);
		break;
	case FIELD_CLOCK:
		(void)snprintf(buf, cap, "\"%02" PRId64 ":%02" PRId64 "\"", value / WHEN_HOUR,
			       value % WHEN_HOUR / WHEN_MINUTE);
		break;
	case FIELD_TENTHS:
		(void)snprintf(buf, cap, "%" PRId64 ".%" PRId64, value / 10, value % 10);
		break;
	case FIELD_RATIO:
		(void)snprintf(buf, cap, "%" PRId64 ".%04" PRId64, value / 10000, value % 10000);
		break;
	case FIELD_DAY:
		(void)snprintf(buf, cap, "\"%s\"", when_day_text((int32_t)value, room));
		break;
	case FIELD_BOOL:
		if (!field->choices) {
			(void)snprintf(buf, cap, "%s", value ? "true" : "false");
			break;
		}
		/* fall through */
	case FIELD_WORD:
		(void)snprintf(buf, cap, "%s", conf_choice_word(field->choices, (int)value));
		break;
	case FIELD_INT:
	case FIELD_COUNT:
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_LABEL:
	case FIELD_PATH:
	case FIELD_CODE:
	case FIELD_NODE:
	case FIELD_MAP:
	case FIELD_UNREAD:
		(void)snprintf(buf, cap, "%" PRId64, value);
		break;
	}
}

#define PUT(type, value)                                                                           \
	do {                                                                                       \
		type put_ = (type)(value);                                                         \
		memcpy((char *)out + field->offset, &put_, sizeof(put_));                          \
	} while (0)

#define TAKE(type, value)                                                                          \
	do {                                                                                       \
		type take_;                                                                        \
		memcpy(&take_, (const char *)in + field->offset, sizeof(take_));                   \
		(value) = (int64_t)take_;                                                          \
	} while (0)

void conf_number_set(const struct field *field, int64_t value, void *out)
{
	switch (field->type) {
	case FIELD_DURATION:
	case FIELD_CLOCK:
		PUT(int64_t, value);
		break;
	case FIELD_SIZE:
		PUT(size_t, value);
		break;
	case FIELD_COUNT:
		PUT(unsigned, value);
		break;
	case FIELD_DAY:
		PUT(int32_t, value);
		break;
	case FIELD_INT:
	case FIELD_TENTHS:
	case FIELD_WORD:
		PUT(int, value);
		break;
	case FIELD_BOOL:
		PUT(bool, value != 0);
		break;
	case FIELD_RATIO:
		PUT(double, (double)value / 10000);
		break;
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_LABEL:
	case FIELD_PATH:
	case FIELD_CODE:
	case FIELD_NODE:
	case FIELD_MAP:
	case FIELD_UNREAD:
		assert(false && "not a number");
		break;
	}
}

int64_t conf_number_get(const struct field *field, const void *in)
{
	int64_t value = 0;
	double ratio;

	switch (field->type) {
	case FIELD_DURATION:
	case FIELD_CLOCK:
		TAKE(int64_t, value);
		break;
	case FIELD_SIZE:
		TAKE(size_t, value);
		break;
	case FIELD_COUNT:
		TAKE(unsigned, value);
		break;
	case FIELD_DAY:
		TAKE(int32_t, value);
		break;
	case FIELD_INT:
	case FIELD_TENTHS:
	case FIELD_WORD:
		TAKE(int, value);
		break;
	case FIELD_BOOL:
		TAKE(bool, value);
		break;
	case FIELD_RATIO:
		memcpy(&ratio, (const char *)in + field->offset, sizeof(ratio));
		value = (int64_t)(ratio * 10000 + 0.5);
		break;
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_LABEL:
	case FIELD_PATH:
	case FIELD_CODE:
	case FIELD_NODE:
	case FIELD_MAP:
	case FIELD_UNREAD:
		assert(false && "not a number");
		break;
	}
	return value;
}
