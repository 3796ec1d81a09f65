"""habits.py — more ways in which people write Chinese addresses: how they talk, what they leave off, what they add.

The classes are drawn and checked as those of generate.py are, which adds them to its own.
"""

from __future__ import annotations

import re
from typing import Callable

from bars import Row
from country import CITY, COUNTY, PROVINCE, STREET, VILLAGE, plain
from generate import ESTATES, ROADS, Maker, row, written


def drawn(maker: Maker, *levels: int) -> tuple[str, dict[int, str], str] | None:
    """A committee that its chain settles, what is said above it, and its name."""
    code = maker.draw()
    said, own = maker.uppers(code, *levels), maker.name(code)
    return (code, said, own) if maker.judged("".join(said.values()) + own, said, own, code)[0] == "exact" else None


def sister(maker: Maker, code: str) -> str | None:
    """Another committee of the street, whose core has nothing in common with CODE's."""
    country = maker.country
    others = [
        each
        for each in country.below[code[:STREET]]
        if maker.is_plain(each) and not set(country.cores[each][0]) & set(country.cores[code][0])
    ]
    return maker.one(*others) if others else None


def street_short(maker: Maker) -> Row | None:
    """All upper names without their words: 浙江金华义乌江东鸡鸣山社区."""
    country = maker.country
    code = maker.draw()
    said, own = maker.uppers(code, short=1.0), maker.name(code)
    if STREET not in said or len(country.short(code[:STREET])) < 2 or re.search("[区县市镇乡路街]$", country.short(code[:STREET])):
        return None
    said[STREET] = country.short(code[:STREET])
    verdict, fits = maker.judged("".join(said.values()) + own, said, own, code)
    return row(verdict if verdict == "exact" else "", code, "".join(said.values()) + own, fits)


def hamlet(maker: Maker) -> Row | None:
    """Behind the village stands a part of it, which no list knows."""
    given = drawn(maker)
    if not given or maker.country.cores[given[0]][1] != VILLAGE:
        return None
    code, said, own = given
    part = maker.one(*SURNAMES_OF_PLACES) + maker.one("屯", "寨", "湾", "组", "自然村", "冲", "庄", "队", "小组")
    if maker.country.others_in(part, [], {COUNTY: maker.country.names[code[:COUNTY]]}):
        return None
    return row("exact", code, "".join(said.values()) + own + part + f"{maker.number(80)}号")


SURNAMES_OF_PLACES = ("李家", "张家", "王家", "石头", "大树", "沙子", "桥头", "河边", "坡脚", "麻栗")


def network(maker, said, own, tail):
    return "".join(said.values()) + own + maker.one("第三网格", "3网格12号", "第二居民小组", "党群服务站东侧", "三组", "一小区")


def twice(maker, said, own, tail):
    return "".join(said.values()) + own + own + tail


def sister_estate(maker: Maker) -> Row | None:
    """The committee, and an estate or a road that is called like its sister."""
    given = drawn(maker)
    other = sister(maker, given[0]) if given else None
    if not other:
        return None
    code, said, own = given
    core = maker.country.cores[other][0]
    if core[-1] in "村路街里苑园区巷弄":
        return None
    behind = core + maker.one("花园", "小区", "公寓", "路", "东路", "大街") + f"{maker.number()}号"
    return row("exact", code, "".join(said.values()) + own + behind)


def brigade(maker: Maker) -> Row | None:
    """As it was called until 1983: 大队 for a village."""
    given = drawn(maker)
    if not given or maker.country.cores[given[0]][1] != VILLAGE or maker.country.cores[given[0]][0].endswith("村"):
        return None
    code, said, _ = given
    core = maker.country.cores[code][0]
    if maker.country.fits(core, "", said) != [code]:
        return None
    return row("probable", code, "".join(said.values()) + core + "大队" + maker.one("", "三小队", f"{maker.number(12)}队"))


def level_slip(maker: Maker) -> Row | None:
    """The slip is in the kind word."""
    given = drawn(maker)
    if not given:
        return None
    code, said, own = given
    wrong = {"居委会": "居委汇", "社区": "舍区", "村委会": "村伟会", "街道": "街到", "居民委员会": "居民委元会", "村民委员会": "村民委会员"}
    text = "".join(said.values()) + own
    found = [word for word in wrong if word in text]
    if not found:
        return None
    word = maker.one(*found)
    return row("probable", code, text.replace(word, wrong[word]) + maker.tail(code))


def other_street_kind(maker: Maker) -> Row | None:
    """A town that became a subdistrict, or a township a town."""
    country = maker.country
    code = maker.draw()
    street = country.names[code[:STREET]]
    kind = next((word for word in ("街道", "镇", "乡") if street.endswith(word)), "")
    core = street.removesuffix(kind)
    if not kind or len(core) < 2 or "民族" in street or core[-1] in "镇乡街路":
        return None
    sisters = [each for each in country.below[code[:COUNTY]] if country.short(each) == core]
    said, own = maker.uppers(code), maker.name(code)
    if sisters != [code[:STREET]] or maker.judged("".join(said.values()) + own, said, own, code)[0] != "exact":
        return None
    said[STREET] = core + maker.one(*({"街道", "镇", "乡"} - {kind}))
    if country.fits(country.cores[code][0], "", {CITY: country.names.get(code[:CITY], ""), STREET: said[STREET]}):
        return None
    return row("probable", code, "".join(said.values()) + own)


def gone(maker: Maker) -> Row | None:
    """The text says that nobody lives there any more."""
    given = drawn(maker)
    if not given:
        return None
    code, said, own = given
    where = "".join(said.values()) + own
    text = maker.one("已搬离{}", "{}（已搬走）", "不住{}了", "{}，现已搬离", "{}的房子已不住")
    return row("ambiguous", code, text.format(where), (code,))


def travelled(maker: Maker) -> Row | None:
    """Where somebody came from stands before where he lives."""
    given = drawn(maker)
    if not given:
        return None
    code, said, own = given
    country = maker.country
    other = maker.one(*country.level(COUNTY))
    if other[:2] == code[:2] or not country.written(other):
        return None
    where = "".join(said.values()) + own
    came = country.names[other[:2]] + country.names.get(other[:4], "") * country.written(other[:4]) + country.names[other]
    text = maker.one("2月3日从{}返回，现住{}", "由{}来，居住在{}", "1月29日离开{}，目前住在{}", "{}务工返乡，住{}")
    return row("probable", code, text.format(came, where))


def county_bare(maker: Maker) -> Row | None:
    """Neither street nor kind word: 普陀区汪家井."""
    country = maker.country
    code = maker.draw()
    core = country.cores[code][0]
    said = maker.uppers(code, PROVINCE, CITY, COUNTY)
    if COUNTY not in said or len(core) < 3:
        return None
    around = [
        each
        for street in country.below[code[:COUNTY]]
        for each in (street, *country.below[street])
        if plain(core) in plain(country.names[each])
    ]
    if around != [code] or country.others_in(core, [(0, len(core))], {COUNTY: said[COUNTY]}):
        return None
    return row("probable", code, "".join(said.values()) + core + maker.one("", f"{maker.number()}号"))


def county_bare_unknown(maker: Maker) -> Row | None:
    """The same, but there is no such committee in the county, or a street, a road or a sister is called so too."""
    country = maker.country
    code, other = maker.draw(), maker.draw()
    said = maker.uppers(code, PROVINCE, CITY, COUNTY)
    if COUNTY not in said or other[:CITY] == code[:CITY]:
        return None
    streets = [country.short(each) for each in country.below[code[:COUNTY]] if len(country.short(each)) >= 2]
    core = maker.one(country.cores[other][0], maker.one(*streets) if streets else country.cores[other][0])
    fits = [
        each for street in country.below[code[:COUNTY]] for each in country.below[street]
        if plain(country.cores[each][0]) == plain(core)
    ]
    if fits and core not in streets:
        return None
    if not fits and country.others_in(core, [], {COUNTY: said[COUNTY]}):
        return None
    return row("ambiguous", "", "".join(said.values()) + core + maker.one("", f"{maker.number()}号"))


def estate_alone(maker: Maker) -> Row | None:
    """The street and an estate, called like a committee of another street of the county."""
    country = maker.country
    code = maker.draw()
    streets = [each for each in country.below[code[:COUNTY]] if each != code[:STREET] and country.below[each]]
    if not streets:
        return None
    there = maker.one(*country.below[maker.one(*streets)])
    core = country.cores[there][0]
    if not maker.is_plain(there) or core[-1] in "村路街里苑园区巷弄新" or country.fits(
        core, "", {STREET: country.names[code[:STREET]]}
    ):
        return None
    said = maker.uppers(code)
    text = core + maker.one("花园", "小区", "公寓", "国际", "一期") + f"{maker.number(60)}号楼"
    if any(
        country.fits(text[:cut], "", {COUNTY: country.names[code[:COUNTY]], STREET: country.names[code[:STREET]]})
        for cut in range(2, len(text))
    ):
        return None
    return row("ambiguous", "", "".join(said.values()) + text)


def lost_upper(maker: Maker) -> Row | None:
    """The first letters of the text are cut off: 江省杭州市…."""
    given = drawn(maker)
    if not given:
        return None
    code, said, own = given
    text = "".join(said.values()) + own
    return row("exact", code, text[1:] + maker.tail(code)) if len(said) >= 4 else None


def sentence(maker, said, own, tail):
    where = "".join(said.values()) + own + tail
    return maker.one(
        f"本人自2020年1月起居住于{where}，无发热咳嗽。",
        f"我住{where}三楼，家里4口人",
        f"家庭住址是{where}（靠近公交站）",
        f"住址：{where} 紧急联系人：{maker.one('李', '王')}建国13800138000",
        f"回{where}过年",
    )


HABITS: dict[str, Callable[[Maker], Row | None]] = {
    "street_short": street_short,
    "hamlet": hamlet,
    "network": written(network),
    "twice": written(twice),
    "sentence": written(sentence),
    "sister_estate": sister_estate,
    "brigade": brigade,
    "level_slip": level_slip,
    "other_street_kind": other_street_kind,
    "gone": gone,
    "travelled": travelled,
    "county_bare": county_bare,
    "county_bare_unknown": county_bare_unknown,
    "estate_alone": estate_alone,
    "lost_upper": lost_upper,
}
