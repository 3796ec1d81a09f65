/* list_name.c — what stands where a road or an estate is named, and may be none: headings, remarks,
 * areas told in words. Neighbour: coverage_list.c asks. */
#include "list_name.h"

#include <string.h>

#include "closedloop/text.h"

#define NAME_MAX 24 /* Characters of a road or an estate. */

static bool contains(const char *text, size_t len, const char *const *list)
{
	for (; *list; list++) {
		size_t part = strlen(*list);

		for (size_t i = 0; i + part <= len; i++) {
			if (memcmp(text + i, *list, part) == 0)
				return true;
		}
	}
	return false;
}

static bool ends_with(const char *text, size_t len, const char *const *list)
{
	for (; *list; list++) {
		size_t part = strlen(*list);

		if (part <= len && memcmp(text + len - part, *list, part) == 0)
			return true;
	}
	return false;
}

/* What heads a list or a part of it, and is no door. */
static const char *const labels[] = {"居委", "村委", "居民", "社区", "街道", "小区", "道路",
				     "路段", "路名", "范围", "辖区", "学区", "一期", "二期",
				     "三期", "四期", "片区", "楼盘", "弄号", "门牌", "地址",
				     "区域", "管辖", "名称", NULL};
/* 不属于本居委：天山路1号 */
static const char *const denials[] = {"不属", "非本", "不归", NULL};
/* A committee is no estate of itself. */
static const char *const committees[] = {"居委",       "居委会", "居民委员会", "村委会",
					 "村民委员会", "居民区", NULL};
/* What speaks of an area, or of something not written here. */
static const char *const phrases[] = {"东至", "西至", "南至", "北至", "路至", "街至", "道至",
				      "路到", "街到", "道到", "以东", "以西", "以南", "以北",
				      "沿线", "沿街", "两侧", "部分", "详见", "附件", "暂",
				      "其他", "其余", "其它", "不属", "同上", "待定", "商铺",
				      "划片", "协商", "东侧", "西侧", "南侧", "北侧", "不是",
				      "负责", "属于", NULL};
/* What is a kind of estate and none by itself. */
static const char *const generic[] = {"无",   "略",   "大厦", "公寓", "小区", "大楼", "新村",
				      "花园", "广场", "家园", "别墅", "住宅", NULL};

static bool is_generic(const char *text, size_t len)
{
	for (size_t i = 0; generic[i]; i++) {
		if (strlen(generic[i]) == len && memcmp(text, generic[i], len) == 0)
			return true;
	}
	return false;
}

static bool starts_as_part(const char *text, size_t len)
{
	static const char parts[] = "一二三四五六七八九十东西南北中";
	size_t used;

	if ((unsigned char)text[0] < 0x80)
		return true;
	for (size_t i = 0; i < sizeof(parts) - 1; i += used) {
		(void)text_decode(parts + i, sizeof(parts) - 1 - i, &used);
		if (used <= len && memcmp(parts + i, text, used) == 0)
			return true;
	}
	return false;
}

const char *list_name_fault(const char *text, size_t len, bool road)
{
	static const char *const counted[] = {"号", "弄", "幢", "栋", "座", "室", "楼", NULL};
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xC0) != 0x80;
	if (contains(text, len, phrases))
		return "an area told in words is no list of doors; give numbers, or a boundary";
	if (count < 2 || count > NAME_MAX || is_generic(text, len))
		return "not understood";
	/* 二区, 东苑, A区 are parts of what was named before. */
	if (count == 2 && !road && starts_as_part(text, len))
		return "a part of which estate? give its whole name";
	if (text[0] >= '0' && text[0] <= '9' && ends_with(text, len, counted))
		return "not understood";
	return NULL;
}

bool list_is_label(const char *text, size_t len)
{
	return contains(text, len, labels);
}

bool list_is_denial(const char *text, size_t len)
{
	return contains(text, len, denials);
}

bool list_is_committee(const char *text, size_t len)
{
	return ends_with(text, len, committees);
}
