#!/usr/bin/env python3
"""generate.py — addresses made from the gazetteer, disturbed in many ways, each with the answer it deserves.

    generate.py [--seed N] [--each N] [--only CLASS,…] [--streets] >ROWS.tsv

A class is one way to write, or to err. The deserved answer follows from how a row is made, and is checked by counting in
the gazetteer (country.py) which committees fit the names that stand there; a row whose answer people could argue about is
left out. Same seed, same rows.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import Callable

from bars import Row, write_rows
from country import CITY, COMMITTEE, COUNTY, MUNICIPALITIES, PROVINCE, RESIDENT, STREET, VILLAGE
from country import Country, distance_at_most_one, plain

UPPER = (PROVINCE, CITY, COUNTY, STREET)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
ROADS = ("幸福", "光明", "学府", "滨河", "迎春", "创业", "科技", "银杏", "梧桐", "长虹")
ESTATES = ("锦绣", "碧水", "御景", "翡翠", "金桂", "绿洲", "丽景", "望江", "观澜", "紫薇")
# Words for committees that exist somewhere, put where they do not exist.
COMMON = ("和平", "新华", "建设", "红旗", "胜利", "团结", "东风", "前进", "人民", "解放", "光明", "幸福", "向阳", "新兴", "永安", "太平")
OCR = {
    "日": "曰", "己": "已", "末": "未", "土": "士", "大": "太", "木": "本", "人": "入", "天": "夭", "千": "干", "治": "冶", "洲": "州",
    "官": "宫", "坑": "抗", "墩": "敦", "陵": "陆", "崎": "琦", "塘": "搪", "堰": "偃", "浦": "蒲", "溪": "奚", "阳": "阴", "王": "玉",
    "白": "自", "田": "由", "午": "牛", "贝": "见", "乌": "鸟", "石": "右", "圩": "纡", "坪": "评", "桥": "侨", "柳": "抑", "沟": "构",
    "泉": "皇", "岗": "冈",
}
CITIES = (
    "London",
    "Paris",
    "Tokyo",
    "Seoul",
    "New York",
    "Sydney",
    "Lima",
    "Rome",
    "Berlin",
    "Moscow",
    "Bangkok",
    "Hanoi",
    "Dubai",
    "Cairo",
)
FOREIGN = (
    "日本国东京都港区六本木",
    "美国加利福尼亚州洛杉矶市",
    "韩国首尔特别市江南区",
    "英国伦敦市威斯敏斯特",
    "法国巴黎市第八区",
    "澳大利亚悉尼市",
    "泰国曼谷市",
    "新加坡乌节路",
    "香港特别行政区九龙油尖旺区弥敦道",
    "台湾省台北市大安区和平东路",
    "加拿大温哥华市",
    "德国法兰克福市",
)
GARBAGE = (
    "不知道",
    "待定",
    "无",
    "N/A",
    "null",
    "同身份证",
    "见附件",
    "111111",
    "asdfgh",
    "😀😀",
    "暂无住址",
    "酒店隔离",
    "..",
    "没有固定住所",
    "{{address}}",
)
TONES = {"a": "āáǎà", "e": "ēéěè", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù", "v": "ǖǘǚǜ"}


class Maker:
    """Draws committees and writes their addresses."""

    def __init__(self, country: Country, seed: str, committees: list[str] | None = None) -> None:
        self.country = country
        self.random = random.Random(seed)
        self.committees = committees or [code for code in country.cores if self.is_plain(code)]

    def is_plain(self, code: str) -> bool:
        core, kind = self.country.cores[code]
        street = self.country.names[code[:STREET]]
        return bool(kind) and "虚拟" not in self.country.names[code] and len(core) >= 2 and all(
            "\u4e00" <= c <= "\u9fff"
            for c in core + street
        ) and "直辖" not in street

    def draw(self, wanted: Callable[[str], bool] = lambda code: True) -> str | None:
        for _ in range(400):
            code = self.random.choice(self.committees)
            if wanted(code):
                return code
        return None

    def one(self, *words: str) -> str:
        return self.random.choice(words)

    def number(self, high: int = 300) -> int:
        return self.random.randint(1, high)

    def tail(self, code: str) -> str:
        """What stands after the committee's name, of words that are no committee's around there."""
        village = self.country.cores[code][1] == VILLAGE
        for _ in range(20):
            lane = f"{self.one(*ROADS)}路{self.number(900)}弄{self.number(90)}号{self.number(2000)}室"
            estate = f"{self.one(*ESTATES)}{self.one('小区', '花园', '家园')}{self.number(60)}幢{self.number(2500)}室"
            made = self.one(
                f"{self.number(20)}组{self.number()}号" if village else lane,
                f"{self.number(20)}队" if village else estate,
                f"{self.number()}号",
                f"{self.number(60)}号楼{self.number(6)}单元{self.number(2500)}室",
                f"{self.one(*ROADS)}{self.one('路', '街', '大道')}{self.number(900)}号",
                "",
            )
            if not self.country.others_in(made, [], {COUNTY: self.country.names[code[:COUNTY]]}):
                return made
        return ""

    def uppers(self, code: str, *levels: int, short: float = 0.0) -> dict[int, str]:
        """How the units above CODE are written, of LEVELS those that people write."""
        said = {}
        for level in levels or UPPER:
            unit = code[:level]
            if unit in self.country.names and self.country.written(unit) and unit != code:
                cut = self.random.random() < short and level < STREET
                said[level] = self.country.short(unit) if cut else self.country.names[unit]
        return said

    def name(self, code: str) -> str:
        """The committee with one of the words for its kind."""
        core, kind = self.country.cores[code]
        if kind == RESIDENT:
            return core + self.one("居委会", "社区", "社区居委会", "居民委员会", "社区居民委员会", "居委")
        return core + self.one("村", "村委会", "村民委员会") if not core.endswith("村") else core + self.one("村委会", "村民委员会")

    def judged(
        self,
        text: str,
        said: dict[int, str],
        own: str,
        code: str,
        kind: str | None = None,
    ) -> tuple[str, tuple[str, ...]]:
        """The verdict TEXT deserves, which names the committee OWN below SAID; "" when it could be argued about."""
        country = self.country
        spans = [(at, at + len(word)) for word in [*said.values(), own] for at in find_all(text, word)]
        core = country.cores[code][0]
        fits = country.fits(core, country.cores[code][1] if kind is None else kind, said)
        if country.others_in(text, spans, said):
            return "", ()
        # 新村 in 东新村: a longer name, or a sister's name inside this one, can be read as well.
        for other in {
            each
            for start in range(len(own))
            for end in range(start + 2, len(own) + 1)
            for each in country.by_core.get(plain(own[start:end]), ())
        }:
            if other not in fits and all(country.is_called(other[:level], word) for level, word in said.items()):
                if plain(country.cores[other][0]) != plain(core):
                    return "", ()
        return ("exact" if fits == [code] else "ambiguous" if len(fits) > 1 and code in fits else ""), tuple(fits)


def find_all(text: str, word: str) -> list[int]:
    at, found = text.find(word), []
    while at >= 0 and word:
        found.append(at)
        at = text.find(word, at + 1)
    return found


def row(verdict: str, code: str, address: str, fits: tuple[str, ...] = ()) -> Row | None:
    if not verdict:
        return None
    if verdict in ("exact", "probable"):
        return Row("", address, verdict, code, (), code)
    if verdict == "unmatched":
        return Row("", address, verdict)
    return Row("", address, verdict, code if fits == (code,) else "", fits if len(fits) <= 200 else (), "")


# --- Right addresses, written in other ways -----------------------------------------------------------------------------


def written(how: Callable[[Maker, dict[int, str], str, str], str], short: float = 0.0) -> Callable[[Maker], Row | None]:
    """A class whose rows name all levels, written as HOW says from uppers, committee and tail."""

    def make(maker: Maker) -> Row | None:
        code = maker.draw()
        said, own, tail = maker.uppers(code, short=short), maker.name(code), maker.tail(code)
        verdict, fits = maker.judged("".join(said.values()) + own + tail, said, own, code)
        return row(verdict, code, how(maker, said, own, tail), fits)

    return make


def formal(maker, said, own, tail):
    return "".join(said.values()) + own + tail


def delivery(maker, said, own, tail):
    upper = list(said.values())
    return maker.one(
        f"【{' '.join(upper[:-1])}】{''.join(upper)}{own}{tail}",
        f"{''.join(upper[:-1])} {''.join(upper[:-1])}{upper[-1]} {own}{tail} (送到门口)",
        f"{' '.join(upper)} {''.join(upper)}【{own}】{tail}",
        f"中国{''.join(upper)}{own}({tail})",
    )


def chat(maker, said, own, tail):
    who = maker.one(*SURNAMES) + maker.one("女士", "先生", "小明", "阿姨")
    phone = maker.one("138", "159", "186") + "".join(str(maker.random.randrange(10)) for _ in range(8))
    where = "".join(said.values()) + own + tail
    return maker.one(
        f"姓名：{who}\n电话：{phone}\n地址：{where}",
        f"收件人: {who}\n手机号码: {phone}\n所在地区: {' '.join(list(said.values())[:-1])}\n详细地址: {list(said.values())[-1]}{own}{tail}",
        f"{who}，{phone}，{where}",
        f"我家住在{where}，{who} {phone}",
        f"地址:{where} 邮编:{100000 + maker.number(800000)} 联系人:{who}",
        f"护照E{10000000 + maker.number(80000000)} 航班CA936 {where}",
    )


def pieces(maker, said, own, tail):
    mark = maker.one("/", "|", "->", " — ", "、", "；", ">", " · ", "，", "_", "-")
    return mark.join([*said.values(), own, *([tail] if tail else [])])


def backwards(maker, said, own, tail):
    mark = maker.one("，", ", ", "、", " ", "\n", " / ")
    return mark.join(filter(None, [tail, own, *reversed(said.values())]))


def spaced(maker, said, own, tail):
    return maker.one(" ", "　", "\u00a0", "  ").join("".join(said.values()) + own) + tail


def zero_width(maker, said, own, tail):
    return maker.one("\u200b", "\u200d", "\ufeff", "\u2060", "\u200e").join("".join(said.values()) + own) + tail


def markup(maker, said, own, tail):
    return maker.one(
        "<p>{}</p><p>{}</p>",
        "{}<br/>{}",
        "<td>{}</td><td>{}</td>",
        "{}&nbsp;{}",
        '<span style="x">{}</span>{}',
    ).format("".join(said.values()), own + tail)


def broken_lines(maker, said, own, tail):
    return "\n".join([*said.values(), own + tail])


def wide(maker, said, own, tail):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in "".join(said.values()) + "#" + own + tail)


def repeated(maker, said, own, tail):
    upper = list(said.values())
    return maker.one(
        "".join(upper) * 2,
        "".join(upper) + upper[-1],
        "".join(upper[:2]) * 2 + "".join(upper[1:]),
    ) + own + tail


def traditional(maker, said, own, tail, part: float = 1.0):
    old = maker.country.old_forms
    text = "".join(said.values()) + own + tail
    return "".join(maker.one(*old[c]) if c in old and maker.random.random() < part else c for c in text)


def half_traditional(maker, said, own, tail):
    return traditional(maker, said, own, tail, 0.5)


def office(maker, said, own, tail):
    street = said.get(STREET, "")
    said = dict(said)
    if street.endswith("街道"):
        said[STREET] = street[:-2] + maker.one("街道办事处", "办事处", "街道办", "街办")
    elif street.endswith("镇"):
        said[STREET] = street + maker.one("人民政府", "政府", "")
    return "".join(said.values()) + own + tail


def committee_alone(levels: tuple[int, ...], short: float = 0.0):
    """Only LEVELS are written above the committee."""

    def make(maker: Maker) -> Row | None:
        code = maker.draw()
        said, own, tail = maker.uppers(code, *levels, short=short), maker.name(code), maker.tail(code)
        verdict, fits = maker.judged("".join(said.values()) + own + tail, said, own, code)
        if verdict == "exact" and len(said) < 2 and not {CITY, COUNTY, STREET} & set(said):
            verdict = "probable"  # Villages that the gazetteer does not list have names too.
        return row(verdict, code, "".join(said.values()) + own + tail, fits)

    return make


def bare(maker: Maker) -> Row | None:
    """No kind word, but the street with its own: 莘庄镇莘松三村, 江东街道鸡鸣山."""
    code = maker.draw()
    said, own = maker.uppers(code), maker.country.cores[code][0]
    verdict, fits = maker.judged("".join(said.values()) + own, said, own, code, kind="")
    return row(
        "probable" if verdict == "exact" else verdict,
        code,
        "".join(said.values()) + own + f"{maker.number()}号",
        fits,
    )


def numbered(maker: Maker) -> Row | None:
    """第三, 三, 3, 第3: the same number written in another way."""
    code = maker.draw(lambda code: any(c in "一二三四五六七八九" for c in maker.country.cores[code][0][1:]))
    if not code:
        return None
    said, own, core = maker.uppers(code), maker.name(code), maker.country.cores[code][0]
    verdict, fits = maker.judged("".join(said.values()) + own, said, own, code)
    at = max(core.find(c) for c in "一二三四五六七八九" if c in core)
    if any(c in "十百千零第号" for c in core) or sum(c in "一二三四五六七八九" for c in core) > 1:
        return None
    digit = core[at].translate(str.maketrans("一二三四五六七八九", "123456789"))
    digit = maker.one(digit, chr(ord(digit) + 0xFEE0), "第" + core[at], "①②③④⑤⑥⑦⑧⑨"[int(digit) - 1])
    return row(verdict, code, "".join(said.values()) + own.replace(core[at], digit, 1) + maker.one("", "12号"), fits)


def moved(maker: Maker) -> Row | None:
    """Two homes, and the text says which is today's."""
    here, there = maker.draw(), maker.draw()
    said, own = maker.uppers(here), maker.name(here)
    verdict, _ = maker.judged("".join(said.values()) + own, said, own, here)
    other = "".join(maker.uppers(there).values()) + maker.name(there)
    text = maker.one("户籍地址：{1}，现居住地：{0}", "户籍{1} 现住{0}", "现住址：{0}；户籍所在地：{1}", "原籍{1}，现住{0}")
    return row("probable" if verdict == "exact" else "", here, text.format("".join(said.values()) + own, other))


# --- One thing wrong ----------------------------------------------------------------------------------------------------


def mistyped(change: Callable[[Maker, str], str | None], where: int = COMMITTEE):
    """One name, that of the level WHERE, is changed; the rest settles it, or nothing does."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        code = maker.draw(lambda code: len(country.cores[code][0]) >= (3 if where == COMMITTEE else 2))
        said, own = maker.uppers(code), maker.name(code)
        if maker.judged("".join(said.values()) + own, said, own, code)[0] != "exact" or where not in (*said, COMMITTEE):
            return None
        if where == COMMITTEE:
            core = country.cores[code][0]
            changed = change(maker, core)
            if not changed or changed == core or any(c in "一二三四五六七八九十东西南北上下大小前后新老中第" for c in set(core) ^ set(changed)):
                return None
            sisters = [country.cores[each][0] for each in country.below[code[:STREET]] if each != code]
            near = [
                each
                for each in sisters
                if distance_at_most_one(plain(changed), plain(each)) or country.sounds_like(changed, each)
            ]
            if near or country.fits(changed, "", {COUNTY: said.get(COUNTY, said.get(CITY, ""))}):
                return None
            own = changed + own[len(core) :]
        else:
            unit = code[:where]
            core = country.short(unit)
            changed = change(maker, core)
            if not changed or changed == core or len(core) < 2:
                return None
            sisters = [
                country.short(each)
                for each in country.below[unit[: {STREET: COUNTY, COUNTY: CITY}[where]]]
                if each != unit
            ]
            if any(distance_at_most_one(changed, each) or country.sounds_like(changed, each) for each in sisters):
                return None
            said[where] = said[where].replace(core, changed, 1)
        text = "".join(said.values()) + own
        if country.others_in(text, [(0, 0)], {COUNTY: country.names[code[:COUNTY]]}) and where == COMMITTEE:
            return None
        return row("probable", code, text + maker.tail(code))

    return make


def by_ear(maker: Maker, word: str) -> str | None:
    """One letter for another that a pinyin keyboard offers for the same sound."""
    country = maker.country
    at = maker.random.randrange(len(word))
    same = [
        c
        for c, sounds in country.sounds.items()
        if c != word[at] and sounds[0] == country.sounds.get(word[at], [""])[0]
    ]
    return word[:at] + maker.one(*same) + word[at + 1 :] if same else None


def by_eye(maker: Maker, word: str) -> str | None:
    places = [at for at, c in enumerate(word) if c in OCR or c in OCR.values()]
    if not places:
        return None
    at = maker.one(*places)
    back = {new: old for old, new in OCR.items()}
    return word[:at] + (OCR.get(word[at]) or back[word[at]]) + word[at + 1 :]


def lost(maker: Maker, word: str) -> str | None:
    at = maker.random.randrange(len(word))
    return word[:at] + word[at + 1 :] if len(word) > 2 else None


def doubled(maker: Maker, word: str) -> str:
    at = maker.random.randrange(len(word))
    return word[: at + 1] + word[at:]


def swapped(maker: Maker, word: str) -> str | None:
    if len(word) < 3:
        return None
    at = maker.random.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def other_kind(maker: Maker) -> Row | None:
    """A village called a community, or the other way round."""
    code = maker.draw()
    country = maker.country
    core, kind = country.cores[code]
    said = maker.uppers(code)
    own = core + (maker.one("社区", "居委会") if kind == VILLAGE else maker.one("村", "村委会"))
    if core[-1] in "村区里苑园" or country.others_in(own, [(0, len(core))], {STREET: said.get(STREET, "")}):
        return None
    fits = country.fits(core, "", said)
    return row("probable" if fits == [code] else "", code, "".join(said.values()) + own + maker.tail(code))


def old_county(maker: Maker) -> Row | None:
    """The county is called as it was called before it was renamed or merged."""
    country = maker.country
    date, province, city, county, new, name = maker.one(*country.changes)[:6]
    streets = [each for each in country.below.get(new, []) if country.below.get(each)]
    if not streets or county == country.names.get(new) or len(county) < 3:
        return None
    code = maker.one(*country.below[maker.one(*streets)])
    if not maker.is_plain(code):
        return None
    own, street = maker.name(code), country.names[code[:STREET]]
    verdict, _ = maker.judged(street + own, {COUNTY: country.names[new], STREET: street}, own, code)
    return row(
        "probable" if verdict == "exact" else "",
        code,
        f"{province}{city}{county}{street}{own}{maker.tail(code)}",
    )


def near(maker: Maker) -> Row | None:
    """Beside the committee is not in it, but mostly it is."""
    code = maker.draw()
    said, own = maker.uppers(code), maker.name(code)
    verdict, fits = maker.judged("".join(said.values()) + own, said, own, code)
    return row(
        "probable" if verdict == "exact" else "",
        code,
        "".join(said.values()) + own + maker.one("附近", "旁边", "对面", "隔壁", "斜对过"),
    )


# --- Questions ----------------------------------------------------------------------------------------------------------


def misplaced(level: int):
    """A right committee and street below another unit of LEVEL, where there is no such committee."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        code = maker.draw()
        said, own = maker.uppers(code), maker.name(code)
        if maker.judged("".join(said.values()) + own, said, own, code)[0] != "exact" or level not in said:
            return None
        around = [
            each
            for each in country.below[code[: {STREET: COUNTY, COUNTY: CITY, CITY: PROVINCE, PROVINCE: 0}[level]]]
            if each[:level] != code[:level] and country.written(each)
        ]
        if level == PROVINCE:
            around = [each for each in country.below[""] if each != code[:2]]
        if not around:
            return None
        said[level] = country.names[maker.one(*around)]
        core = country.cores[code][0]
        if any(
            country.fits(core, "", {low: word for low, word in said.items() if low != other}) not in ([], [code])
            for other in said
        ):
            return None
        if country.fits(core, "", said) or len(said[level]) < 2:
            return None
        text = "".join(said.values()) + own
        spans = [(at, at + len(word)) for word in [*said.values(), own] for at in find_all(text, word)]
        if country.others_in(text, spans, {level: said[level]}):
            return None
        return row("ambiguous", code, text + f"{maker.number()}号", (code,))

    return make


def invented(maker: Maker) -> Row | None:
    """A committee that could exist, in a street where it does not."""
    country = maker.country
    code = maker.draw()
    said = maker.uppers(code)
    core = maker.one(
        maker.one(*COMMON),
        maker.one(*COMMON),
        country.cores[maker.draw()][0],
        maker.one(*COMMON) + maker.one("东", "西", "南", "北", "新"),
    )
    own = core + maker.one("居委会", "社区", "村委会", "村")
    if is_near_a_sister(maker, core, code) or country.others_in(
        "".join(said.values()) + own,
        [(0, sum(map(len, said.values())))],
        {COUNTY: country.names[code[:COUNTY]]},
    ):
        return None
    return row("ambiguous", "", "".join(said.values()) + own + f"{maker.number()}号")


def is_near_a_sister(maker: Maker, core: str, code: str) -> bool:
    sisters = [maker.country.cores[each][0] for each in maker.country.below[code[:STREET]]]
    return any(
        distance_at_most_one(
            plain(core),
            plain(each),
        ) or each in core or core in each or maker.country.sounds_like(core, each)
        for each in sisters
    )


def longer(maker: Maker) -> Row | None:
    """A known name with something before or behind it is another name: 大市光, 市光花苑村, 小田心."""
    country = maker.country
    code = maker.draw(lambda code: not country.cores[code][0].endswith(("区", "村")))
    said, core = maker.uppers(code), country.cores[code][0]
    made = maker.one(
        maker.one("大", "小", "新", "老", "上", "下", "东", "西") + core,
        core + maker.one("心", "岭", "坝", "坑", "沟", "园"),
        core + maker.one("东", "西", "新"),
        core + maker.one("花苑", "新城", "家园"),
    )
    own = made + (maker.one("村", "村委会") if country.cores[code][1] == VILLAGE else maker.one("社区", "居委会"))
    if any(
        each != code and (
            distance_at_most_one(plain(country.cores[each][0]), plain(made))
            or country.cores[each][0] in made
        )
        for each in country.below[code[:STREET]]
    ) or country.fits(made, "", {COUNTY: country.names[code[:COUNTY]]}):
        return None
    return row("ambiguous", code, "".join(said.values()) + own, (code,))


def family(maker: Maker) -> Row | None:
    """Of 第一 .. 第四 none is named; or a fifth is."""
    country = maker.country
    code = maker.draw(lambda code: country.cores[code][0][-1] in "一二三四五六七八九" and len(country.cores[code][0]) >= 3)
    if not code:
        return None
    said, core = maker.uppers(code), country.cores[code][0]
    stem = core[:-1].removesuffix("第")
    if len(stem) < 2:
        return None
    sisters = [each for each in country.below[code[:STREET]] if country.cores[each][0].startswith(stem)]
    if any(country.cores[each][0] in (stem, stem + "村") for each in sisters) or len(sisters) < 2:
        return None
    kind = maker.one("社区", "居委会") if country.cores[code][1] == RESIDENT else maker.one("村", "村委会")
    if maker.random.random() < 0.5:
        return row("ambiguous", "", "".join(said.values()) + stem + kind, tuple(sisters[:200]))
    missing = [c for c in "一二三四五六七八九" if not any(c in country.cores[each][0][len(stem) :] for each in sisters)]
    if not missing:
        return None
    return row("ambiguous", "", "".join(said.values()) + core[:-1] + maker.one(*missing) + kind)


def direction(maker: Maker) -> Row | None:
    """东河村 is not 西河村."""
    country = maker.country
    turned = {
        "东": "西",
        "西": "东",
        "南": "北",
        "北": "南",
        "上": "下",
        "下": "上",
        "大": "小",
        "小": "大",
        "前": "后",
        "后": "前",
        "新": "老",
        "老": "新",
    }
    code = maker.draw(lambda code: country.cores[code][0][0] in turned or country.cores[code][0][-1] in turned)
    said, core = maker.uppers(code), country.cores[code][0]
    made = turned[core[0]] + core[1:] if core[0] in turned else core[:-1] + turned[core[-1]]
    own = made + maker.name(code)[len(core) :]
    if country.fits(made, "", {COUNTY: country.names[code[:COUNTY]]}) or any(
        each != code and distance_at_most_one(plain(country.cores[each][0]), plain(made))
        for each in country.below[code[:STREET]]
    ):
        return None
    return row("ambiguous", code, "".join(said.values()) + own, (code,))


def between(maker: Maker) -> Row | None:
    """One wrong letter, and two sisters are equally near."""
    country = maker.country
    code = maker.draw(lambda code: len(country.cores[code][0]) >= 2)
    core = country.cores[code][0]
    for at in range(len(core)):
        twins = [
            each
            for each in country.below[code[:STREET]]
            if (
                word := country.cores[each][0]
            ) != core and len(word) == len(core) and word[:at] + word[at + 1 :] == core[:at] + core[at + 1 :]
        ]
        if twins:
            made = core[:at] + maker.one("锦", "瑞", "庆", "祥", "鑫", "泽", "裕") + core[at + 1 :]
            group = [code, *twins]
            if country.fits(made, "", {STREET: country.names[code[:STREET]]}) or any(
                country.sounds_like(made, country.cores[each][0])
                for each in country.below[code[:STREET]]
            ):
                return None
            return row(
                "ambiguous",
                "",
                "".join(maker.uppers(code).values()) + made + maker.name(code)[len(core) :],
                tuple(group),
            )
    return None


def like(words: tuple[str, ...], upper: tuple[int, ...]):
    """A road, an estate, a school called like a committee that is there."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        code = maker.draw(
            lambda code: not country.cores[code][0].endswith(("村", "路", "街", "里", "苑", "园", "区", "巷", "弄"))
        )
        said, core = maker.uppers(code, *upper), country.cores[code][0]
        made = core + maker.one(*words)
        if any(
            country.fits(made[: len(core) + cut], "", {COUNTY: country.names[code[:COUNTY]]})
            for cut in range(1, len(made) - len(core) + 1)
        ):
            return None
        return row(
            "ambiguous",
            "",
            "".join(said.values()) + made + maker.one(
                f"{maker.number(900)}号",
                f"{maker.number(900)}弄{maker.number(90)}号",
                f"{maker.number(40)}号楼",
            ),
        )

    return make


def two_homes(maker: Maker) -> Row | None:
    here, there = maker.draw(), maker.draw()
    if here[:COUNTY] == there[:COUNTY]:
        return None
    first, second = ("".join(maker.uppers(code).values()) + maker.name(code) for code in (here, there))
    return row("ambiguous", "", first + maker.one("；", "\n", "或", "，", " 以及 ", " ") + second, (here, there))


def not_here(maker: Maker) -> Row | None:
    street = f"{maker.one('Main', 'High', 'Church', 'Park', 'Station')} Street"
    road = f"{maker.one('Queens', 'Victoria', 'King')} Road"
    text = maker.one(
        maker.one(*FOREIGN) + f"{maker.number()}号",
        maker.one(*GARBAGE),
        f"{maker.number()} {street}, {maker.one(*CITIES)}",
        f"Flat {maker.number(40)}, {maker.number()} {road}, {maker.one(*CITIES)}",
        f"{maker.one(*CITIES)} {maker.number(99999)}",
    )
    return row("unmatched", "", text)


def only_upper(maker: Maker) -> Row | None:
    """Down to the street and a door: nothing names the committee."""
    code = maker.draw()
    said = maker.uppers(code, short=0.3)
    door = f"{maker.one(*ROADS)}路{maker.number(900)}弄{maker.number(90)}号"
    if maker.country.others_in(
        "".join(said.values()) + door,
        [(0, sum(map(len, said.values())))],
        {STREET: said.get(STREET, "")},
    ):
        return None
    return row("ambiguous", "", "".join(said.values()) + door)


def city_road(maker: Maker) -> Row | None:
    """南京路, 太原街: the road of one city is called like another."""
    country = maker.country
    code, other = maker.draw(), maker.one(*country.level(CITY), *country.level(COUNTY))
    said = maker.uppers(
        code,
        *maker.one((PROVINCE, CITY, COUNTY), UPPER, (CITY,), (COUNTY,), (CITY, COUNTY)),
        short=0.4,
    )
    if other[:2] == code[:2] or not country.written(other) or not said:
        return None
    road = country.short(other) + maker.one("路", "街", "东路", "西街", "大道", "南大街", "中路", "巷")
    if country.others_in(road, [], {PROVINCE: country.names[code[:2]]}):
        return None
    return row(
        "ambiguous",
        "",
        "".join(said.values()) + road + maker.one(
            f"{maker.number(900)}号",
            f"{maker.number(900)}弄{maker.number(60)}号",
            "",
        ),
    )


def far_shop(maker: Maker) -> Row | None:
    """Behind the address stands something named after a place far away."""
    country = maker.country
    code, other = maker.draw(), maker.one(*country.level(CITY))
    said, own = maker.uppers(code), maker.name(code)
    verdict, fits = maker.judged("".join(said.values()) + own, said, own, code)
    if not country.written(other) or other[:2] == code[:2]:
        return None
    shop = country.short(other) + maker.one("小吃店", "拉面馆", "大厦", "宾馆", "路12号", "大药房", "烤鸭店", "火锅城")
    return row(verdict if verdict == "exact" else "", code, "".join(said.values()) + own + shop)


def two_sisters(maker: Maker) -> Row | None:
    """Two committees of one street."""
    country = maker.country
    here = maker.draw()
    there = maker.one(*country.below[here[:STREET]])
    if here == there or not maker.is_plain(there) or plain(country.cores[here][0])[:2] == plain(
        country.cores[there][0]
    )[:2]:
        return None
    first, second = maker.name(here), maker.name(there)
    upper = "".join(maker.uppers(here).values())
    return row(
        "ambiguous",
        "",
        maker.one(
            f"{upper}{first}{second}",
            f"{upper}{first}与{second}交界处",
            f"{upper}{first}/{second}",
            f"{upper}{first}（{second}）",
            f"{upper}{second}，{first}",
        ),
        (here, there),
    )


def cut_name(maker: Maker) -> Row | None:
    """The text ends inside the committee's name."""
    country = maker.country
    code = maker.draw(lambda code: len(country.cores[code][0]) >= 4)
    core = country.cores[code][0][: maker.one(-1, -2)]
    sisters = [each for each in country.below[code[:STREET]] if country.cores[each][0].startswith(core)]
    if any(
        country.cores[each][0] == core
        for each in country.below[code[:STREET]]
    ) or country.fits(core, "", {COUNTY: country.names[code[:COUNTY]]}):
        return None
    upper = "".join(maker.uppers(code).values())
    return row("probable" if sisters == [code] else "ambiguous", code, upper + core, tuple(sisters))


def kind_decides(maker: Maker) -> Row | None:
    """X村 and X社区 are both there, and the text says which."""
    country = maker.country
    code = maker.draw(
        lambda code: len(
            [each for each in country.below[code[:STREET]] if country.cores[each][0] == country.cores[code][0]]
        ) == 2
    )
    if not code:
        return None
    said, own = maker.uppers(code), maker.name(code)
    verdict, fits = maker.judged("".join(said.values()) + own, said, own, code)
    return row(verdict, code, "".join(said.values()) + own + maker.one("", f"{maker.number()}号"), fits)


def kind_missing(maker: Maker) -> Row | None:
    """X村 and X社区 are both there, and the text does not say which."""
    country = maker.country
    code = maker.draw(
        lambda code: len(
            [each for each in country.below[code[:STREET]] if country.cores[each][0] == country.cores[code][0]]
        ) == 2
    )
    if not code or country.cores[code][0].endswith("村"):
        return None
    both = [each for each in country.below[code[:STREET]] if country.cores[each][0] == country.cores[code][0]]
    return row(
        "ambiguous",
        "",
        "".join(maker.uppers(code).values()) + country.cores[code][0] + maker.one(
            "",
            f"{maker.number()}号",
            f"{maker.number(9)}组",
        ),
        tuple(both),
    )


def same_county_name(maker: Maker) -> Row | None:
    """鼓楼区, 朝阳区: the county's name is found in several cities, and a street or nothing is written."""
    country = maker.country
    code = maker.draw(
        lambda code: country.times_called[country.names.get(code[:COUNTY], "")] > 1 and country.written(code[:COUNTY])
    )
    if not code:
        return None
    said, own = maker.uppers(code, COUNTY, *((STREET,) if maker.random.random() < 0.5 else ())), maker.name(code)
    verdict, fits = maker.judged("".join(said.values()) + own, said, own, code)
    return row(verdict, code, "".join(said.values()) + own, fits)


def stray(maker: Maker) -> Row | None:
    """Between the upper names and the committee stands a village or a street that nobody knows."""
    country = maker.country
    code = maker.draw()
    said, own = maker.uppers(code, PROVINCE, CITY, COUNTY), maker.name(code)
    unknown = maker.one(*COMMON) + maker.one("源", "沙", "渡", "岗", "坪") + maker.one("镇", "乡", "街道", "村", "社区")
    if country.others_in(unknown, [], {PROVINCE: country.names[code[:2]]}) or any(
        unknown[:2] in country.names[each]
        for each in country.below[code[:COUNTY]]
    ):
        return None
    if maker.judged("".join(said.values()) + own, said, own, code)[0] != "exact":
        return None
    return row("ambiguous", code, "".join(said.values()) + unknown + own, (code,))


def shifted_number(maker: Maker) -> Row | None:
    """第三 for 第十三, 三十二 for 二: another number is another committee."""
    country = maker.country
    code = maker.draw(lambda code: any(c in "一二三四五六七八九" for c in country.cores[code][0][1:]))
    if not code:
        return None
    core = country.cores[code][0]
    at = max(core.find(c) for c in "一二三四五六七八九" if c in core)
    made = core[:at] + "十" + core[at:] if maker.random.random() < 0.5 else core[: at + 1] + "十" + core[at + 1 :]
    if any(c in "十百千" for c in core) or sum(c in "一二三四五六七八九" for c in core) > 1 or country.fits(
        made,
        "",
        {COUNTY: country.names[code[:COUNTY]]},
    ):
        return None
    return row("ambiguous", code, "".join(maker.uppers(code).values()) + made + maker.name(code)[len(core) :], (code,))


# --- Latin letters ------------------------------------------------------------------------------------------------------

PINYIN_KINDS = {"街道": "Jiedao", "镇": "Zhen", "乡": "Xiang", "区": "Qu", "县": "Xian", "市": "Shi", "省": "Sheng"}
ENGLISH_KINDS = {
    "街道": "Subdistrict",
    "镇": "Town",
    "乡": "Township",
    "区": "District",
    "县": "County",
    "市": "City",
    "省": "Province",
}


def level_word(name: str) -> str:
    return next((word for word in PINYIN_KINDS if name.endswith(word)), "")


def latin(how: Callable[[Maker, list, str, str], str], kind_of: Callable[[Maker, str], str]):
    """Rows in Latin letters. UPPER is a list of (syllables, level word) from the province down."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        code = maker.draw(
            lambda code: code[:2] not in ("15", "54", "65") and not any(c in "一二三四五六七八九十第" for c in country.names[code])
        )
        said, core, kind = maker.uppers(code), *country.cores[code]
        units = [(country.names[code[:level]], level) for level in said]
        if any(
            not level_word(name) or len(name.removesuffix(level_word(name))) < 2 or country.sound(name) is None
            for name, _ in units
        ) or country.sound(core) is None or STREET not in said:
            return None
        if any(name.removesuffix(level_word(name)) != country.short(code[:level]) for name, level in units):
            return None  # 恩施土家族苗族自治州 has an English name that no two people write alike.
        fits = [
            each
            for each in country.fits_by_sound(core, said, code[:STREET])
            if country.cores[each][1] in (kind, "")
        ]
        upper = [(country.sound(name.removesuffix(level_word(name))), level_word(name)) for name, _ in units]
        verdict = "exact" if fits == [code] else "ambiguous" if code in fits else ""
        return row(verdict, code, how(maker, upper, country.sound(core), kind_of(maker, kind)), tuple(fits))

    return make


def joined(syllables: tuple[str, ...]) -> str:
    """xi + an is xi'an, because xian is one."""
    made = syllables[0]
    for each in syllables[1:]:
        made += ("'" if each[0] in "aeo" else "") + each
    return made.replace("v", "ü")


def with_tone(maker: Maker, syllable: str) -> str:
    at = next((syllable.index(c) for c in "aeo" if c in syllable), None)
    if at is None:
        at = max(syllable.rfind(c) for c in "iuv")
    return syllable[:at] + maker.one(*TONES[syllable[at]]) + syllable[at + 1 :] if at >= 0 else syllable


def pinyin_kind(maker: Maker, kind: str) -> str:
    return maker.one("Cun", "Cunweihui", "Cun") if kind == VILLAGE else maker.one("Juweihui", "Shequ", "Shequ Juweihui")


def english_kind(maker: Maker, kind: str) -> str:
    return maker.one("Village", "Village", "Village Committee") if kind == VILLAGE else maker.one(
        "Community",
        "Residential Committee",
        "Residents Committee",
        "Neighborhood Committee",
    )


def pinyin_words(maker, upper, own, kind, case=str.title, join=joined, space=" "):
    parts = [case(join(name)) + space + PINYIN_KINDS[word] for name, word in upper] + [case(join(own)) + space + kind]
    return " ".join(parts) + maker.one("", f" {maker.number()} Hao")


def pinyin_split(maker, upper, own, kind):
    return pinyin_words(maker, upper, own, kind, join=lambda name: " ".join(name).replace("v", "u"))


def pinyin_hyphen(maker, upper, own, kind):
    return pinyin_words(maker, upper, own, kind, join=lambda name: "-".join(name).replace("v", "u"))


def pinyin_tones(maker, upper, own, kind):
    return pinyin_words(maker, upper, own, kind, join=lambda name: "".join(with_tone(maker, each) for each in name))


def pinyin_caps(maker, upper, own, kind):
    return pinyin_words(maker, upper, own, kind).upper().replace("Ü", maker.one("V", "U", "YU", "Ü"))


def pinyin_glued(maker, upper, own, kind):
    return pinyin_words(maker, upper, own, kind, space="").replace(" ", "").replace("'", "").lower()


def pinyin_camel(maker, upper, own, kind):
    return "".join(
        "".join(each.title() for each in name).replace("v", "ü") + PINYIN_KINDS[word]
        for name, word in upper
    ).replace("V", "Lü"[1:]) + "".join(each.title() for each in own) + kind.replace(" ", "")


def english(maker, upper, own, kind):
    door = maker.one("", f"No. {maker.number()}, ", f"Room {maker.number(2000)}, Building {maker.number(40)}, ")
    parts = [f"{joined(own).title()} {kind}"] + [
        f"{joined(name).title()} {ENGLISH_KINDS[word]}"
        for name, word in reversed(upper)
    ]
    return door + ", ".join(parts) + maker.one(
        "",
        ", China",
        ", P.R. China",
        f", {100000 + maker.number(700000)}, China",
    )


def english_short(maker, upper, own, kind):
    cut = {
        "District": "Dist.",
        "Subdistrict": "Subdist.",
        "Province": "Prov.",
        "Town": "Town",
        "Township": "Twp.",
        "County": "Cty.",
        "City": "",
    }
    parts = [f"{joined(own).title()} {kind.replace('Community', 'Comm.')}"] + [
        f"{joined(name).title()} {cut[ENGLISH_KINDS[word]]}".strip()
        for name, word in reversed(upper)
    ]
    return f"Rm {maker.number(2000)}, Bldg {maker.number(40)}, " + ", ".join(parts)


def english_forward(maker, upper, own, kind):
    return "China " + " ".join(
        f"{joined(name).title()} {ENGLISH_KINDS[word]}"
        for name, word in upper
    ) + f" {joined(own).title()} {kind} No.{maker.number()}"


def half_latin(maker: Maker) -> Row | None:
    """Some levels in Chinese, some in pinyin."""
    country = maker.country
    code = maker.draw(lambda code: country.cores[code][1] == VILLAGE or code[:2] in MUNICIPALITIES)
    said, own = maker.uppers(code), maker.name(code)
    if maker.judged(
        "".join(said.values()) + own,
        said,
        own,
        code,
    )[0] != "exact" or COUNTY not in said or country.sound(said[COUNTY]) is None:
        return None
    county = country.names[code[:COUNTY]]
    if not level_word(county):
        return None
    stem = country.sound(county.removesuffix(level_word(county)))
    said[COUNTY] = f" {joined(stem).title()} {maker.one(PINYIN_KINDS, ENGLISH_KINDS)[level_word(county)]} "
    return row("exact", code, "".join(said.values()) + own)


def spelt(maker: Maker, wanted: Callable[[str], bool] = lambda code: True):
    """A committee that its sound settles: code, what is said above, upper names, its own in syllables, kind. Or None."""
    country = maker.country
    code = maker.draw(
        lambda code: code[:2] not in ("15", "54", "65") and not any(c in "一二三四五六七八九十第" for c in country.names[code])
    )
    said, core, kind = maker.uppers(code), *country.cores[code]
    units = [(country.names[code[:level]], level) for level in said]
    if STREET not in said or COUNTY not in said or country.sound(core) is None or not wanted(code):
        return None
    if any(
        not level_word(name) or country.sound(name) is None or name.removesuffix(
            level_word(name)
        ) != country.short(code[:level])
        for name, level in units
    ):
        return None
    if [
        each
        for each in country.fits_by_sound(core, said, code[:STREET])
        if country.cores[each][1] in (kind, "")
    ] != [code]:
        return None
    return code, said, [
        (country.sound(name.removesuffix(level_word(name))), level_word(name))
        for name, _ in units
    ], country.sound(core), kind


def sounding(maker: Maker, spelling: str, street: str) -> list[str]:
    """The committees of STREET that may be spelt so, or with one letter more, less, other or swapped."""
    country = maker.country
    return [
        each
        for each in country.below[street]
        if any(distance_at_most_one(spelling, one) for one in country.all_sounds(country.cores[each][0]))
    ]


def say_latin(maker: Maker, upper: list, own: str, kind: str) -> str:
    """UPPER and OWN (letters) in one of three orders."""
    words = maker.one(pinyin_kind, english_kind)
    level = PINYIN_KINDS if words is pinyin_kind else ENGLISH_KINDS
    parts = [f"{own.title()} {words(maker, kind)}"] + [
        f"{joined(name).title()} {level[word]}"
        for name, word in reversed(upper)
    ]
    return maker.one(", ".join(parts), " ".join(reversed(parts)), ", ".join(reversed(parts)))


def latin_slip(maker: Maker) -> Row | None:
    """One letter of the committee's name is wrong, missing, added or swapped."""
    drawn = spelt(maker, lambda code: len(maker.country.cores[code][0]) >= 3)
    if not drawn:
        return None
    code, _, upper, own, kind = drawn
    letters = "".join(own)
    at = maker.random.randrange(1, len(letters) - 1)
    made = maker.one(
        letters[:at] + maker.one(*"aeiounghlsz") + letters[at + 1 :],
        letters[:at] + letters[at + 1 :],
        letters[:at] + letters[at] + letters[at:],
        letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :],
    )
    if made == letters or sounding(maker, made, code[:STREET]) != [code] or "v" in made:
        return None
    return row("probable", code, say_latin(maker, upper, made, kind))


def latin_invented(maker: Maker) -> Row | None:
    """A committee that is not in this street, nor any that is spelt nearly so."""
    drawn, other = spelt(maker), maker.draw()
    if not drawn or maker.country.sound(maker.country.cores[other][0]) is None:
        return None
    code, _, upper, _, kind = drawn
    letters = "".join(maker.country.sound(maker.country.cores[other][0])).replace("v", "u")
    around = [each for street in maker.country.below[code[:COUNTY]] for each in sounding(maker, letters, street)]
    if around or any(
        one in letters or letters in one
        for each in maker.country.below[code[:STREET]]
        for one in maker.country.all_sounds(maker.country.cores[each][0])
    ):
        return None
    return row("ambiguous", "", say_latin(maker, upper, letters, kind))


def latin_longer(maker: Maker) -> Row | None:
    """Da Liping, Liping Xincun, Lipingling: other villages than Liping."""
    drawn = spelt(maker)
    if not drawn:
        return None
    code, _, upper, own, kind = drawn
    letters = "".join(own)
    made = maker.one(
        "da",
        "xiao",
        "xin",
        "shang",
        "dong",
        "bei",
    ) + maker.one("", " ") + letters if maker.random.random() < 0.5 else letters + maker.one("", " ") + maker.one(
        "ling",
        "gou",
        "dong",
        "xin",
        "wan",
        "kou",
    )
    plain_made = made.replace(" ", "")
    if any(
        distance_at_most_one(plain_made, one)
        for street in maker.country.below[code[:COUNTY]]
        for each in maker.country.below[street]
        for one in maker.country.all_sounds(maker.country.cores[each][0])
    ):
        return None
    if any(
        one != letters and one in plain_made
        for each in maker.country.below[code[:STREET]]
        for one in maker.country.all_sounds(maker.country.cores[each][0])
    ):
        return None
    return row("ambiguous", code, say_latin(maker, upper, made, kind), (code,))


def latin_misplaced(level: int):
    """The right committee and a street, or a county, where it is not."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        drawn = spelt(maker)
        if not drawn:
            return None
        code, said, upper, own, kind = drawn
        at = list(said).index(level)
        over = code[: {STREET: COUNTY, COUNTY: CITY}[level]]
        others = [
            each
            for each in country.below[over]
            if each != code[:level] and level_word(country.names[each]) and country.sound(country.names[each])
        ]
        if not others:
            return None
        other = maker.one(*others)
        stem = country.names[other].removesuffix(level_word(country.names[other]))
        streets = [other] if level == STREET else country.below[other]
        if len(stem) < 2 or country.sounds_like(stem, country.short(code[:level])) or any(
            sounding(maker, "".join(own), street)
            for street in streets
        ):
            return None
        same = [
            each
            for street in (country.below[code[:COUNTY]] if level == STREET else [code[:STREET]])
            for each in sounding(maker, "".join(own), street)
        ]
        upper[at] = (country.sound(stem), level_word(country.names[other]))
        return row("ambiguous", code, say_latin(maker, upper, "".join(own), kind), (code,)) if same == [code] else None

    return make


def latin_like(words: tuple[str, ...]):
    """A road or an estate named like the committee."""

    def make(maker: Maker) -> Row | None:
        drawn = spelt(maker)
        if not drawn or drawn[3][-1] in ("lu", "jie", "cun", "yuan", "li", "qu", "xiang"):
            return None
        _, _, upper, own, _ = drawn
        parts = [f"{joined(own).title()} {maker.one(*words)}"] + [
            f"{joined(name).title()} {ENGLISH_KINDS[word]}"
            for name, word in reversed(upper)
        ]
        return row("ambiguous", "", f"No. {maker.number()}, " + ", ".join(parts))

    return make


def latin_homes(maker: Maker) -> Row | None:
    left, right = spelt(maker), spelt(maker)
    if not left or not right or left[0][:COUNTY] == right[0][:COUNTY]:
        return None
    both = [say_latin(maker, upper, "".join(own), kind) for _, _, upper, own, kind in (left, right)]
    return row("ambiguous", "", maker.one("; ", " or ", "\n", " / ").join(both), (left[0], right[0]))


def half_against(maker: Maker) -> Row | None:
    """Chinese letters name another county than Latin ones."""
    country = maker.country
    drawn = spelt(maker)
    if not drawn:
        return None
    code, _, upper, own, kind = drawn
    others = [each for each in country.below[code[:CITY]] if each != code[:COUNTY] and country.written(each)]
    if not others:
        return None
    other = maker.one(*others)
    if any(sounding(maker, "".join(own), street) for street in country.below[other]):
        return None
    return row("ambiguous", code, country.names[other] + " " + say_latin(maker, upper, "".join(own), kind), (code,))


def latin_abroad(maker: Maker) -> Row | None:
    """Words abroad that could be pinyin."""
    word = maker.one(
        "Lima",
        "Dali",
        "Song",
        "Mali",
        "Bali",
        "Manila",
        "Suni",
        "Cali",
        "Dana",
        "Nanping",
        "Leila",
        "Tai Hang",
        "Wan Chai",
        "Ho Man Tin",
        "Banani",
        "Gulshan",
        "Sinan",
        "Ana",
    )
    place = maker.one(
        "London, UK",
        "Bangkok, Thailand",
        "Busan, South Korea",
        "Nairobi, Kenya",
        "Lima, Peru",
        "Manila, Philippines",
        "Dhaka, Bangladesh",
        "Bali, Indonesia",
        "Hong Kong",
        "Taipei, Taiwan",
        "Ankara, Turkey",
    )
    return row(
        "unmatched",
        "",
        f"{maker.number()} {word} {maker.one('Road', 'Street', 'Village', 'District', 'Community')}, {place}",
    )


CLASSES: dict[str, Callable[[Maker], Row | None]] = {
    "formal": written(formal),
    "short_uppers": written(formal, short=1.0),
    "delivery": written(delivery),
    "chat": written(chat),
    "pieces": written(pieces),
    "backwards": written(backwards),
    "spaced": written(spaced),
    "zero_width": written(zero_width),
    "markup": written(markup),
    "broken_lines": written(broken_lines),
    "wide": written(wide),
    "repeated": written(repeated),
    "traditional": written(traditional),
    "half_traditional": written(half_traditional),
    "office": written(office, short=0.3),
    **{
        f"only_{''.join('pcds'[at] for at, level in enumerate(UPPER) if mask >> at & 1) or 'none'}": committee_alone(
            tuple(level for at, level in enumerate(UPPER) if mask >> at & 1) or (0,), short=0.3
        )
        for mask in range(15)
    },
    "bare": bare,
    "numbered": numbered,
    "moved": moved,
    "ear_committee": mistyped(by_ear),
    "ear_street": mistyped(by_ear, STREET),
    "ear_county": mistyped(by_ear, COUNTY),
    "eye_committee": mistyped(by_eye),
    "eye_street": mistyped(by_eye, STREET),
    "eye_county": mistyped(by_eye, COUNTY),
    "lost_committee": mistyped(lost),
    "lost_street": mistyped(lost, STREET),
    "doubled_committee": mistyped(doubled),
    "doubled_street": mistyped(doubled, STREET),
    "swapped_committee": mistyped(swapped),
    "swapped_street": mistyped(swapped, STREET),
    "other_kind": other_kind,
    "old_county": old_county,
    "near": near,
    "wrong_street": misplaced(STREET),
    "wrong_county": misplaced(COUNTY),
    "wrong_city": misplaced(CITY),
    "wrong_province": misplaced(PROVINCE),
    "invented": invented,
    "longer": longer,
    "family": family,
    "direction": direction,
    "between": between,
    "like_road": like(("路", "大道", "东路", "一街", "南街", "巷"), UPPER),
    "like_road_county": like(("路", "大道", "东路", "一街", "南街"), (PROVINCE, CITY, COUNTY)),
    "like_estate": like(("花园", "小区", "公寓", "大厦", "名苑", "国际城", "广场"), UPPER),
    "like_estate_county": like(("花园", "小区", "公寓", "大厦", "名苑", "国际城"), (PROVINCE, CITY, COUNTY)),
    "like_school": like(("小学", "中学", "医院", "幼儿园", "派出所", "卫生院", "菜市场", "火车站"), UPPER),
    "two_homes": two_homes,
    "two_sisters": two_sisters,
    "city_road": city_road,
    "far_shop": far_shop,
    "cut_name": cut_name,
    "kind_decides": kind_decides,
    "kind_missing": kind_missing,
    "same_county_name": same_county_name,
    "stray": stray,
    "shifted_number": shifted_number,
    "not_here": not_here,
    "only_upper": only_upper,
    "pinyin": latin(pinyin_words, pinyin_kind),
    "pinyin_split": latin(pinyin_split, pinyin_kind),
    "pinyin_hyphen": latin(pinyin_hyphen, pinyin_kind),
    "pinyin_tones": latin(pinyin_tones, pinyin_kind),
    "pinyin_caps": latin(pinyin_caps, pinyin_kind),
    "pinyin_glued": latin(pinyin_glued, pinyin_kind),
    "pinyin_camel": latin(pinyin_camel, pinyin_kind),
    "english": latin(english, english_kind),
    "english_short": latin(english_short, english_kind),
    "english_forward": latin(english_forward, english_kind),
    "half_latin": half_latin,
    "latin_slip": latin_slip,
    "latin_invented": latin_invented,
    "latin_longer": latin_longer,
    "latin_wrong_street": latin_misplaced(STREET),
    "latin_wrong_county": latin_misplaced(COUNTY),
    "latin_road": latin_like(("Road", "Rd", "East Road", "Street", "Avenue")),
    "latin_estate": latin_like(("Garden", "Mansion", "Plaza", "Apartments", "Primary School", "Hospital", "Hotel")),
    "latin_homes": latin_homes,
    "half_against": half_against,
    "latin_abroad": latin_abroad,
}


def classes() -> dict[str, Callable[[Maker], Row | None]]:
    from habits import HABITS  # Which is made of what stands above, as are …
    from letters import LETTERS  # … these.

    return CLASSES | HABITS | LETTERS


def generate(country: Country, seed: int, each: int, only: list[str] | None = None) -> list[Row]:
    """EACH rows of each class, or fewer where the gazetteer has not that many."""
    rows = []
    committees = Maker(country, "").committees
    for name, make in classes().items():
        if only and name not in only:
            continue
        maker = Maker(country, f"{seed} {name}", committees)
        made, tries = 0, 0
        while made < each and tries < each * 12:
            tries += 1
            drawn = make(maker)
            if drawn:
                made += 1
                drawn.id, drawn.tags, drawn.source = f"{name}.{made}", ("made", name), "made"
                rows.append(drawn)
    return rows


def every_street(country: Country, seed: int) -> list[Row]:
    """One committee of every street of the country, by its full official name."""
    draw = random.Random(seed)
    rows = []
    for street in country.level(STREET):
        if country.below[street]:
            code = draw.choice(country.below[street])
            said = "".join(
                country.names[code[:level]]
                for level in UPPER
                if code[:level] in country.names and country.written(code[:level])
            )
            rows.append(
                Row(street, said + country.names[code], "exact", code, (), code, ("made", "every_street"), "made")
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--only", default="")
    parser.add_argument("--streets", action="store_true")
    given = parser.parse_args()
    country = Country()
    rows = every_street(country, given.seed) if given.streets else generate(
        country,
        given.seed,
        given.each,
        given.only.split(",") if given.only else None,
    )
    write_rows(rows, Path("/dev/stdout"))


if __name__ == "__main__":
    sys.modules["generate"] = sys.modules["__main__"]
    sys.exit(main())
