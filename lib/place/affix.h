/* affix.h — the words that people add to, change and leave off the core of a place's name.
 *
 * 市光居委会, 市光社区居民委员会, 市光社区 and 市光居委 name the same committee: core 市光, kind
 * resident. The gazetteer's names are cut by the same tables that read addresses, so both sides
 * always agree about where a core ends.
 */
#ifndef CLOSEDLOOP_PLACE_AFFIX_H
#define CLOSEDLOOP_PLACE_AFFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum committee_kind {	   /* Bits: 社区村民委员会 is both. */
	KIND_BARE = 0,	   /* In an address: no kind was written. */
	KIND_VILLAGE = 1,  /* 村, 村委会, 村民委员会, 嘎查 … */
	KIND_RESIDENT = 2, /* 社区, 居委会, 居民委员会 … */
	KIND_WHOLE = 4, /* 林场生活区, 三队 …: the name has no core, only all of it counts. */
};

enum street_kind {
	STREET_WHOLE, /* 经济开发区, 红旗农场 …: only all of the name counts. In an address: no kind
			 was written. */
	STREET_SUBDISTRICT,
	STREET_TOWN,
	STREET_TOWNSHIP,
	STREET_AREA,
};

/* Length of the longest kind word that the symbols at AT begin with (AT ends in 0); *KIND says
 * which kind. 0 when there is none. */
size_t affix_committee_at(const uint32_t *at, uint8_t *kind);
size_t affix_street_at(const uint32_t *at, uint8_t *kind);

/* Length of the core of an official name SYMBOLS[0..LEN), and its kind. A core is never empty: a
 * name that is nothing but kind words is WHOLE. */
size_t affix_committee_core(const uint32_t *symbols, size_t len, uint8_t *kind);
size_t affix_street_core(const uint32_t *symbols, size_t len, uint8_t *kind);

/* Length of an upper unit's name without its level word (省, 自治州, 区 …) and without the peoples
 * named before it (藏族自治州): 甘孜, 澜沧, 浦东. LEN when nothing can be left off. */
size_t affix_admin_short(const uint32_t *symbols, size_t len);
/* The same with the peoples kept: 管城回族区 -> 管城回族. */
size_t affix_without_level(const uint32_t *symbols, size_t len);
/* Length of a name without the peoples at its end: 金子岩侗族苗族 -> 金子岩. */
size_t affix_without_peoples(const uint32_t *symbols, size_t len);

/* Where the road's name ends when AT continues as a road does (路, 东路, 一街, 大道, 弄 …); 0 when
 * it does not. With DIRECT only the road word itself counts. */
size_t affix_road_at(const uint32_t *at, bool direct);
/* True when the core SYMBOLS[0..LEN) by itself is the name of a road. */
bool affix_is_road(const uint32_t *symbols, size_t len);
/* True when AT continues as the name of an estate or a building does (小区, 花园, 医院 …). */
bool affix_estate_at(const uint32_t *at);
/* Only such as need not lie in the place they are named after (医院, 小学, 火车站 …). */
bool affix_institution_at(const uint32_t *at);

#endif
