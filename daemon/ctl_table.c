/* ctl_table.c — objects as rows in columns, on a terminal where a Chinese character is two cells
 * wide. Neighbours: ctl_show.c says which columns. */
#include "daemon/ctl.h"

#include <stdio.h>
#include <string.h>

#define CELL_CAP 400

static size_t width_of(const char *string)
{
	size_t len = strlen(string), width = 0;

	for (size_t at = 0, used; at < len; at += used) {
		uint32_t point = text_decode(string + at, len - at, &used);

		width += point >= 0x1100 && (point < 0x1160 || point >= 0x2e80) ? 2 : 1;
	}
	return width;
}

const char *ctl_member(const cJSON *item, const char *member, char *buf, size_t cap)
{
	const char *dot = strchr(member, '.');
	char name[64];
	const cJSON *value;

	if (dot) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - member), member);
		return ctl_member(json_get(item, name), dot + 1, buf, cap);
	}
	value = json_get(item, member);
	if (cJSON_IsString(value))
		text_copy(buf, cap, *value->valuestring ? value->valuestring : "-");
	else if (cJSON_IsBool(value))
		text_copy(buf, cap, cJSON_IsTrue(value) ? "yes" : "no");
	else if (cJSON_IsNumber(value))
		snprintf(buf, cap, "%.15g", value->valuedouble);
	else
		text_copy(buf, cap, "-");
	/* What came from outside must not move the cursor. */
	const size_t len = strlen(buf);
	for (size_t at = 0, used; at < len; at += used) {
		if (text_is_unseen(text_decode(buf + at, len - at, &used)))
			memset(buf + at, ' ', used);
	}
	return buf;
}

static void print_cell(const char *cell, size_t width, bool last)
{
	fputs(cell, stdout);
	for (size_t at = width_of(cell); !last && at < width + 2; at++)
		putchar(' ');
}

void ctl_table(const cJSON *list, const struct ctl_column *columns, size_t len)
{
	size_t widths[CTL_COLUMNS_MAX] = {0};
	char cell[CELL_CAP];
	const cJSON *item;

	for (size_t i = 0; i < len; i++) {
		widths[i] = width_of(columns[i].title);
		cJSON_ArrayForEach(item, list)
		{
			size_t width =
				width_of(ctl_member(item, columns[i].member, cell, sizeof(cell)));
			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
	for (size_t i = 0; i < len; i++)
		print_cell(columns[i].title, widths[i], i + 1 == len);
	putchar('\n');
	cJSON_ArrayForEach(item, list)
	{
		for (size_t i = 0; i < len; i++)
			print_cell(ctl_member(item, columns[i].member, cell, sizeof(cell)),
				   widths[i], i + 1 == len);
		putchar('\n');
	}
}
