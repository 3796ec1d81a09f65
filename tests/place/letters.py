"""letters.py — more ways in which addresses are written in Latin letters: on forms, in two scripts, by hotels, and abroad.

The classes are drawn and checked as those of generate.py are, which adds them to its own.
"""

from __future__ import annotations

from typing import Callable, NamedTuple

from bars import Row
from country import CITY, COUNTY, PROVINCE, STREET, VILLAGE, distance_at_most_one
from generate import ENGLISH_KINDS, PINYIN_KINDS, Maker, english_kind, joined, level_word, pinyin_kind, row, say_latin, spelt

DIGITS = "一二三四五六七八九"
ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th")
ENGLISH_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")
SPOKEN = ("yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu")
Unit = tuple[tuple[str, ...], str]  # The syllables of a name, and the word for its level.


class Drawn(NamedTuple):
    """A committee that its sound settles below what is said above it."""

    code: str
    said: dict[int, str]
    upper: list[Unit]
    own: tuple[str, ...]
    kind: str

    @property
    def letters(self) -> str:
        return "".join(self.own)

    @property
    def called(self) -> str:
        return joined(self.own).title()

    def english(self, maker: Maker) -> list[str]:
        """The parts of the address, the committee first."""
        return [f"{self.called} {english_kind(maker, self.kind)}", *self.above()]

    def above(self) -> list[str]:
        return [f"{joined(name).title()} {ENGLISH_KINDS[word]}" for name, word in reversed(self.upper)]


def drawn(maker: Maker) -> Drawn | None:
    # 草寺社区村: where the kind word is a part of the name, a house that is named so may mean the committee.
    found = spelt(maker, lambda code: "社区" not in maker.country.cores[code][0])
    return Drawn(*found) if found else None


def told(verdict: str, how: Callable[[Maker, Drawn], str | None]) -> Callable[[Maker], Row | None]:
    """A class whose rows say HOW one committee is written, and deserve VERDICT."""

    def make(maker: Maker) -> Row | None:
        here = drawn(maker)
        text = how(maker, here) if here else None
        return row(verdict, here.code, text, (here.code,)) if here and text else None

    return make


def asked(how: Callable[[Maker, Drawn], str | None]) -> Callable[[Maker], Row | None]:
    """A class whose rows name no committee, though one is called like something in them."""

    def make(maker: Maker) -> Row | None:
        here = drawn(maker)
        text = how(maker, here) if here else None
        return row("ambiguous", "", text) if text else None

    return make


def unit(maker: Maker, code: str) -> Unit | None:
    """A unit that is no committee; None where no two people would spell it alike."""
    country = maker.country
    name = country.names[code]
    word = level_word(name)
    stem = name.removesuffix(word)
    if not word or len(stem) < 2 or stem != country.short(code) or country.sound(stem) is None:
        return None
    return country.sound(stem), word


def spelt_so(maker: Maker, spelling: str, codes: list[str]) -> list[str]:
    """Those of CODES whose own names are spelt SPELLING, or with one letter else."""
    country = maker.country
    return [
        each
        for each in codes
        if any(distance_at_most_one(spelling, one) for one in country.all_sounds(country.short(each)))
    ]


# --- Right addresses, written in other ways -----------------------------------------------------------------------------


def caps(maker: Maker, here: Drawn) -> str:
    door = maker.one("", f"Room {maker.number(999)} No {maker.number()} ", f"Room {maker.number(999)}, No. {maker.number()} ")
    return (door + maker.one(", ", " ").join(here.english(maker)) + maker.one("", " China", " P.R.China")).upper()


def lower(maker: Maker, here: Drawn) -> str:
    return " ".join(here.english(maker)).lower()


def glued(maker: Maker, here: Drawn) -> str:
    """LipingVillage,ChengguanTown: a form that takes no spaces."""
    pinyin = [joined(name).title() + PINYIN_KINDS[word] for name, word in here.upper]
    pinyin.append(here.called + pinyin_kind(maker, here.kind))
    return ",".join(maker.random.choice((here.english(maker), pinyin))).replace(" ", "")


def lines(maker: Maker, here: Drawn) -> str:
    return maker.one("\n", " / ", " | ", "; ", " - ", " > ").join(here.english(maker))


def form(maker: Maker, here: Drawn) -> str:
    """The level words stand before the names."""
    fields = [f"{ENGLISH_KINDS[word]}: {joined(name).title()}" for name, word in here.upper]
    fields.append(f"{'Village' if here.kind == VILLAGE else 'Community'}: {here.called}")
    return maker.one("; ", "\n", ", ").join(fields)


def person(maker: Maker, here: Drawn) -> str:
    who = maker.one("Mr. Wang Xiaoming", "Zhang Wei", "LI NA", "Ms Chen", "c/o Zhao Lei", "Attn: Liu Yang", "MA JUN")
    phone = f"138{maker.random.randrange(10**8):08d}"
    where = ", ".join(here.english(maker))
    return maker.one(f"{who}, +86 {phone}, {where}", f"{where}, {100000 + maker.number(600000)} {who} Tel {phone}")


def mixed_joins(maker: Maker, here: Drawn) -> str:
    """Each name is joined in another way, and each word for a level stands apart or not."""

    def join(name: tuple[str, ...]) -> str:
        return maker.one("", "", " ", "-").join(name)

    upper = [
        maker.one(join(name), join(name).title())
        + maker.one(" ", "", "")
        + maker.one(PINYIN_KINDS[word], PINYIN_KINDS[word].lower())
        for name, word in here.upper
    ]
    return " ".join([*upper, join(here.own) + maker.one(" ", "") + pinyin_kind(maker, here.kind).lower()])


def short_province(maker: Maker, here: Drawn) -> str:
    """As on envelopes: province and city without their words."""
    upper = [
        joined(name).title() + ("" if word in ("省", "市") else f" {ENGLISH_KINDS[word]}")
        for name, word in here.upper
    ]
    return ", ".join([here.english(maker)[0], *reversed(upper)])


def short_uppers(maker: Maker, here: Drawn) -> str:
    upper = [joined(name).title() for name, _ in here.upper]
    return maker.one(", ", " ").join([here.english(maker)[0], *reversed(upper)])


def near(maker: Maker, here: Drawn) -> str:
    """Beside the committee is not in it, but mostly it is."""
    own, *upper = here.english(maker)
    before = maker.one("near", "next to", "opposite", "close to", "behind", "beside", "across from", "in front of")
    own = maker.one(f"{before} {own}", f"{before} {own}", f"{own} nearby", f"{own} vicinity", f"{own} area")
    return ", ".join([own, *upper])


def latin_own(maker: Maker, here: Drawn) -> str:
    """Chinese down to the street, as a map shows it, and the committee as it is heard."""
    kind = maker.one(english_kind(maker, here.kind), pinyin_kind(maker, here.kind))
    return f"{''.join(here.said.values())} {here.called} {kind}"


def is_settled(maker: Maker, here: Drawn, name: str) -> bool:
    """Do the Chinese names settle the committee too?"""
    return maker.judged("".join(here.said.values()) + name, here.said, name, here.code)[0] == "exact"


def chinese_own(maker: Maker, here: Drawn) -> str | None:
    name = maker.name(here.code)
    return ", ".join([*here.above(), name]) if is_settled(maker, here, name) else None


def both_scripts(maker: Maker, here: Drawn) -> str | None:
    name = maker.name(here.code)
    latin = ", ".join(here.english(maker))
    return "".join(here.said.values()) + name + maker.one("\n", " ", " / ") + latin if is_settled(maker, here, name) else None


def only(*choices: tuple[int, ...]) -> Callable[[Maker], Row | None]:
    """Only the levels of one of CHOICES are written above the committee."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        code = maker.draw(
            lambda code: code[:2] not in ("15", "54", "65") and not any(c in DIGITS + "十第" for c in country.names[code])
        )
        core, kind = country.cores[code]
        levels = maker.random.choice(choices)
        said = maker.uppers(code, *levels)
        units = [unit(maker, code[:level]) for level in said]
        if len(said) < len(levels) or None in units or country.sound(core) is None:
            return None
        over = [
            each
            for each in country.level(max(said))
            if all(
                each[:level] in country.names
                and country.common_spelling(country.short(code[:level])) in country.all_sounds(country.short(each[:level]))
                for level in reversed(said)
            )
        ]
        counties = [county for each in over for county in country.below[each]] if max(said) == CITY else over
        streets = over if STREET in said else [street for county in counties for street in country.below[county]]
        spelling = country.common_spelling(core)
        fits = [
            each
            for street in streets
            for each in country.below[street]
            if country.cores[each][1] in (kind, "") and spelling in country.all_sounds(country.cores[each][0])
        ]
        if STREET in said and any(not country.names[each[:STREET]].endswith(units[-1][1]) for each in fits):
            return None  # 白沙镇 and 白沙街道: does the word tell them apart? People could argue.
        text = say_latin(maker, units, joined(country.sound(core)), kind)
        return row("exact" if fits == [code] else "ambiguous" if code in fits else "", code, text, tuple(fits))

    return make


# --- Numbers ------------------------------------------------------------------------------------------------------------


def number(is_right: bool) -> Callable[[Maker], Row | None]:
    """Xinhua No. 3 Village, Xinhua 3rd Village, Xinhuasan Village; or with a number that no committee of the street has."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        code = maker.draw(
            lambda code: code[:2] not in ("15", "54", "65") and any(c in DIGITS for c in country.cores[code][0][1:])
        )
        if not code:
            return None
        said, (core, kind) = maker.uppers(code), country.cores[code]
        units = [unit(maker, code[:level]) for level in said]
        if STREET not in said or None in units or any(c in DIGITS + "十第" for name in said.values() for c in name):
            return None
        at = max(core.find(c) for c in DIGITS if c in core)
        before, after = core[:at].removesuffix("第"), core[at + 1 :]
        if any(c in DIGITS + "十百千零号" for c in before + after) or not before or None in map(country.sound, (before, after)):
            return None
        sisters = [country.cores[each][0] for each in country.below[code[:STREET]] if each != code]
        if any(country.sounds_like(before + after, each) for each in sisters):
            return None
        if is_right and country.streets_by_sound(code[:STREET], said) != [code[:STREET]]:
            return None
        if is_right and [
            each for each in country.fits_by_sound(core, said, code[:STREET]) if country.cores[each][1] in (kind, "")
        ] != [code]:
            return None
        used = set("".join(sisters) + core)
        free = [c for c in DIGITS if c not in used]
        if not is_right and not free:
            return None
        which = DIGITS.index(core[at] if is_right else maker.one(*free))
        written = number_written(maker, which)
        own = joined(country.sound(before)).title() + written + "".join(country.sound(after)).replace("v", "ü")
        parts = [f"{own.strip()} {english_kind(maker, kind)}"]
        parts += [f"{joined(name).title()} {ENGLISH_KINDS[word]}" for name, word in reversed(units)]
        return row("exact" if is_right else "ambiguous", code, ", ".join(parts), (code,))

    return make


def number_written(maker: Maker, which: int) -> str:
    digit, spoken = which + 1, SPOKEN[which]
    return maker.one(
        f" {digit} ",
        f" No.{digit} ",
        f" No. {digit} ",
        f" {ORDINALS[which]} ",
        f" {ENGLISH_ORDINALS[which]} ",
        f"{spoken}",
        f" {spoken.title()} ",
        f" Di{spoken} ",
        f" Di {spoken.title()} ",
        f"{digit}",
    )


# --- One thing wrong ----------------------------------------------------------------------------------------------------


def slip(*levels: int) -> Callable[[Maker], Row | None]:
    """One letter of an upper name is wrong, missing, added or swapped, and no neighbour is spelt nearly so."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        here = drawn(maker)
        level = maker.random.choice(levels)
        if not here or level not in here.said:
            return None
        place = list(here.said).index(level)
        letters = "".join(here.upper[place][0])
        if len(letters) < 5 or "v" in letters:
            return None
        at = maker.random.randrange(1, len(letters) - 1)
        made = maker.one(
            letters[:at] + maker.one(*"aeiounghlsz") + letters[at + 1 :],
            letters[:at] + letters[at + 1 :],
            letters[:at] + letters[at] + letters[at:],
            letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :],
        )
        over = here.code[: {STREET: COUNTY, COUNTY: CITY, CITY: PROVINCE}[level]]
        if made == letters or spelt_so(maker, made, country.below[over]) != [here.code[:level]]:
            return None
        upper: list = list(here.upper)
        upper[place] = ((made,), upper[place][1])
        return row("probable", here.code, say_latin(maker, upper, joined(here.own), here.kind))

    return make


def other_county_kind(maker: Maker) -> Row | None:
    """Many counties became districts or cities, and letterheads did not."""
    country = maker.country
    here = drawn(maker)
    if not here:
        return None
    place = list(here.said).index(COUNTY)
    stem, word = here.upper[place]
    if spelt_so(maker, "".join(stem), country.below[here.code[:CITY]]) != [here.code[:COUNTY]]:
        return None
    upper = list(here.upper)
    upper[place] = (stem, "区" if word == "县" else "县")
    return row("probable", here.code, say_latin(maker, upper, joined(here.own), here.kind))


# --- Questions ----------------------------------------------------------------------------------------------------------


def has_namesake(maker: Maker, here: Drawn, made: str = "") -> bool:
    """Is another committee of the street called after the same place, or nearly MADE?"""
    country = maker.country
    sisters = [each for each in country.below[here.code[:STREET]] if each != here.code]
    return any(
        here.letters in one or one in here.letters for each in sisters for one in country.all_sounds(country.cores[each][0])
    ) or bool(made and spelt_so(maker, made, sisters))


def called_like(*names: str) -> Callable[[Maker, Drawn], str | None]:
    """A house that bears the committee's name; it may stand anywhere in the street."""

    def how(maker: Maker, here: Drawn) -> str | None:
        if has_namesake(maker, here):
            return None
        return ", ".join([maker.one(*names).format(here.called), f"No. {maker.number()}", *here.above()])

    return how


def like_estate(maker: Maker, here: Drawn) -> str | None:
    """The same in pinyin: Liping Huayuan, Lipinghuayuan."""
    word = maker.one(*PINYIN_HOUSES)
    if here.own[-1] in ("lu", "jie", "cun", "yuan", "li", "qu", "xiang") or has_namesake(
        maker,
        here,
        here.letters + word.replace(" ", ""),
    ):
        return None
    upper = [f"{joined(name).title()} {PINYIN_KINDS[level]}" for name, level in here.upper]
    estate = here.called + maker.one(" ", "") + word
    return " ".join(upper) + f" {estate}" + maker.one("", " 3 Hao Lou", " 12 Hao", " 5 Zhuang 301 Shi")


PINYIN_HOUSES = (
    "huayuan",
    "jiayuan",
    "gongyu",
    "dasha",
    "guangchang",
    "zhongxue",
    "xiaoxue",
    "yiyuan",
    "binguan",
    "jiudian",
    "mingyuan",
    "guojicheng",
    "bieshu",
    "gongguan",
    "dong lu",
    "nanjie",
    "dadao",
    "shichang",
    "gongsi",
    "youeryuan",
    "weishengyuan",
    "paichusuo",
    "chezhan",
    "daxue",
    "xueyuan",
    "gongyeyuan",
    "shangcheng",
    "zhongxin",
    "zhuangyuan",
    "hutong",
)
HOTELS = (
    "Home Inn ({} Branch)",
    "Hanting Express {}",
    "{} Hilton",
    "{} Grand Hotel",
    "7 Days Inn {} Store",
    "Holiday Inn Express {}",
    "Jinjiang Inn {} Metro Station",
    "{} Youth Hostel",
    "{} Guesthouse",
    "{} Homestay",
    "{} Hot Spring Resort",
    "Atour {}",
    "{} Serviced Residence",
    "Vienna Hotel({})",
)
COMPANIES = (
    "{} Technology Co., Ltd.",
    "{} Group Corporation",
    "{} Trading Company",
    "{} University",
    "{} College",
    "{} Middle School",
    "{} Logistics Centre",
    "{} Bank",
    "{} Power Plant",
    "{} Airport",
    "{} Railway Station",
    "{} Bus Stop",
    "{} Institute",
    "{} Dormitory",
    "{} Research Center",
    "{} Software Park",
    "{} Mall",
    "{} Shopping Center",
    "{} Tower A",
    "{} Club",
    "{} Supermarket",
    "{} Police Station",
    "{} Metro Station Exit 3",
)


def sisters(maker: Maker) -> Row | None:
    """Two committees of one street."""
    country = maker.country
    here = drawn(maker)
    if not here:
        return None
    there = maker.one(*country.below[here.code[:STREET]])
    core, kind = country.cores[there]
    if there == here.code or not maker.is_plain(there) or country.sound(core) is None:
        return None
    other = joined(country.sound(core))
    if distance_at_most_one(other, here.letters) or other in here.letters or here.letters in other:
        return None
    first, *above = here.english(maker)
    second, upper = f"{other.title()} {english_kind(maker, kind)}", ", ".join(above)
    text = maker.one(
        f"{first} and {second}, {upper}",
        f"{first}, {second}, {upper}",
        f"{first} ({second}), {upper}",
        f"{first} / {second}, {upper}",
        f"between {first} and {second}, {upper}",
        f"{upper}, {first} or {second}",
        f"{first} & {second}, {upper}",
        f"{first} {second}, {upper}",
    )
    return row("ambiguous", "", text, (here.code, there))


def stray(maker: Maker) -> Row | None:
    """Beside committee and street stands a village or a town that nobody knows."""
    country = maker.country
    here = drawn(maker)
    if not here:
        return None
    unknown = maker.one("Hepingyuan", "Xinhuasha", "Hongqigang", "Yonganping", "Taipingdu")
    streets = country.below[here.code[:COUNTY]]
    if spelt_so(maker, unknown.lower(), [*streets, *(each for street in streets for each in country.below[street])]):
        return None
    own, *upper = here.english(maker)
    unknown += maker.one(" Village", " Community", " Town", " Township", " Subdistrict")
    text = maker.one(
        ", ".join([own, unknown, *upper]),
        ", ".join([unknown, own, *upper]),
        " ".join([*reversed(upper), unknown, own]),
    )
    return row("ambiguous", here.code, text, (here.code,))


def neighbour(maker: Maker, here: Drawn) -> Drawn | None:
    """A committee of another street of the same county, of another sound."""
    country = maker.country
    street = maker.one(*country.below[here.code[:COUNTY]])
    spelling = unit(maker, street)
    if street == here.code[:STREET] or not country.below[street] or not spelling:
        return None
    code = maker.one(*country.below[street])
    core, kind = country.cores[code]
    if not maker.is_plain(code) or country.sound(core) is None or country.sounds_like(core, country.cores[here.code][0]):
        return None
    return Drawn(code, here.said | {STREET: country.names[street]}, [*here.upper[:-1], spelling], country.sound(core), kind)


def far(maker: Maker, here: Drawn) -> Drawn | None:
    there = drawn(maker)
    return there if there and there.code[:COUNTY] != here.code[:COUNTY] else None


def scripts_differ(other: Callable[[Maker, Drawn], Drawn | None]) -> Callable[[Maker], Row | None]:
    """The Chinese line names one home, the Latin line another."""

    def make(maker: Maker) -> Row | None:
        here = drawn(maker)
        there = other(maker, here) if here else None
        if not here or not there:
            return None
        chinese = "".join(here.said.values()) + maker.name(here.code)
        latin = ", ".join(there.english(maker))
        text = maker.one(f"{chinese}\n{latin}", f"{latin}\n{chinese}", f"{chinese} / {latin}")
        return row("ambiguous", "", text, (here.code, there.code))

    return make


def homes_near(maker: Maker) -> Row | None:
    here = drawn(maker)
    there = neighbour(maker, here) if here else None
    if not here or not there:
        return None
    both = [", ".join(each.english(maker)) for each in (here, there)]
    return row("ambiguous", "", maker.one("; ", "\n", " or ", ", ").join(both), (here.code, there.code))


def misplaced(level: int) -> Callable[[Maker], Row | None]:
    """The right names below a city, or a province, where no such committee is."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        here = drawn(maker)
        if not here or level not in here.said:
            return None
        other = maker.one(*(each for each in country.level(level) if each[:2] != here.code[:2]))
        spelling = unit(maker, other)
        if not spelling or country.sounds_like(country.short(other), country.short(here.code[:level])):
            return None
        street = country.common_spelling(country.short(here.code[:STREET]))
        if any(each.startswith(other) for each in country.streets_by_spelling[street]):
            return None
        upper = list(here.upper)
        upper[list(here.said).index(level)] = spelling
        return row("ambiguous", here.code, say_latin(maker, upper, joined(here.own), here.kind), (here.code,))

    return make


# --- Abroad -------------------------------------------------------------------------------------------------------------

VIETNAM_KOREA = (
    "Thon {0}, Xa {1}, Huyen {2}, Ha Noi",
    "{3} Nguyen Trai, Phuong Ben Thanh, Quan 1, Ho Chi Minh",
    "So {3} Duong Le Loi, Phuong {0}, Thanh Pho {2}, Viet Nam",
    "To 5, Khu {0}, Thi tran {1}, Huyen {2}, Tinh Thai Binh",
    "Xom {0}, Xa {1}, Tinh Quang Ninh",
    "Ap {0}, Xa {1}, Can Tho",
    "{3} Gangnam-daero, Gangnam-gu, Seoul",
    "{3}-5 Dongan-gu, Anyang-si, Gyeonggi-do",
    "{0}-ri, {1}-myeon, Jinan-gun, Jeollabuk-do",
    "{3} Haeundae-ro, Haeundae-gu, Busan",
    "{0}-dong, Nam-gu, Ulsan",
    "{0}-dong, Yuseong-gu, Daejeon, Republic of Korea",
    "{0}-ri, {1}-eup, Jeju-si, Jeju-do",
)
TAIWAN = (
    "No. {3}, Sec. 5, Xinyi Rd., Xinyi Dist., Taipei City",
    "No. {3}, Zhongzheng Rd., Lingya Dist., Kaohsiung City",
    "{0} Village, {1} Township, Nantou County",
    "No. {3}, {0} St., Zhongshan Dist., Keelung City",
    "{0} Village, {1} Township, Taitung County",
    "No. {3}, {0} Rd., Taoyuan Dist., Taoyuan City",
    "{0} Li, Beitun District, Taichung",
    "{0} Village, {1} Township, Changhua County, Taiwan",
    "{0} Village, {1} Township, Hualien County 970",
    "No.{3}, {0} Rd, Banqiao District, New Taipei City",
    "{0} Village, {1} Township, Yunlin County",
    "{0} Village, {1} Township, Pingtung County",
    "{0} Village, {1} Township, Penghu County",
    "{0} Village, Jinhu Township, Kinmen County",
)
ELSEWHERE = (
    "Blk {3} Bishan Street 12 #04-567 Singapore 570123",
    "{3} Ang Mo Kio Ave 3, #05-01, S560123",
    "{3} Yishun Ring Road, Singapore",
    "{0} Heights, Bukit Timah, Singapore",
    "{3} {0} Street, Springvale, VIC 3171, Australia",
    "{3} {0} Ave, Richmond, BC V6X, Canada",
    "Apt {3}, {0} Road, Ulaanbaatar, Mongolia",
    "{3} {0} Village, Bayanzurkh District, Ulaanbaatar",
    "{0}-cho, Kita-ku, Sakai-shi, Osaka",
    "{3} Jalan {0}, Taman Desa, Kuala Lumpur",
    "{0} Village, Muse Township, Shan State",
    "{0} Village, Boten, Luang Namtha Province",
    "{3} {0} St, Barangay San Jose, Makati City",
    "{3} Rue {0}, Paris 13",
    "{0} Street {3}, Almaty",
    "{3} {0} Road, Lagos, Nigeria",
    "{0} Village, {1} District, Xiangkhouang Province",
    "{3} Des Voeux Road, Wan Chai, HK",
    "Flat {3}, {0} Estate, Sha Tin, New Territories",
    "{0} Building, Avenida da Praia, Macau SAR",
    "Unit {3}, {0} Garden, Kwun Tong, Kowloon",
    "{0} Village, Yuen Long, N.T., Hong Kong",
    "{0} Road, Johor Bahru",
    "Soi {0}, Chiang Mai",
)


def abroad(addresses: tuple[str, ...]) -> Callable[[Maker], Row | None]:
    """Written as it is done there, with names that could be Chinese ones."""

    def make(maker: Maker) -> Row | None:
        country = maker.country
        names = [
            country.sound(country.cores[maker.draw()][0]),
            country.sound(country.short(maker.draw()[:STREET])),
            country.sound(country.short(maker.draw()[:COUNTY])),
        ]
        if None in names:
            return None
        words = [maker.one("", "", " ").join(name).title().replace("v", "u") for name in names]
        return row("unmatched", "", maker.one(*addresses).format(*words, maker.number()))

    return make


LETTERS: dict[str, Callable[[Maker], Row | None]] = {
    "letters_caps": told("exact", caps),
    "letters_lower": told("exact", lower),
    "letters_glued": told("exact", glued),
    "letters_lines": told("exact", lines),
    "letters_form": told("exact", form),
    "letters_person": told("exact", person),
    "letters_mixed_joins": told("exact", mixed_joins),
    "letters_short_province": told("exact", short_province),
    "letters_short_uppers": told("probable", short_uppers),
    "letters_near": told("probable", near),
    "letters_latin_own": told("exact", latin_own),
    "letters_chinese_own": told("exact", chinese_own),
    "letters_both_scripts": told("exact", both_scripts),
    "letters_only_county": only((COUNTY,), (CITY, COUNTY), (CITY,)),
    "letters_only_street": only((STREET,), (COUNTY, STREET), (PROVINCE, STREET)),
    "letters_number": number(True),
    "letters_number_wrong": number(False),
    "letters_slip_street": slip(STREET),
    "letters_slip_above": slip(COUNTY, CITY),
    "letters_other_county_kind": other_county_kind,
    "letters_hotel": asked(called_like(*HOTELS)),
    "letters_company": asked(called_like(*COMPANIES)),
    "letters_estate": asked(like_estate),
    "letters_sisters": sisters,
    "letters_stray": stray,
    "letters_scripts_differ": scripts_differ(far),
    "letters_scripts_differ_near": scripts_differ(neighbour),
    "letters_homes_near": homes_near,
    "letters_wrong_city": misplaced(CITY),
    "letters_wrong_province": misplaced(PROVINCE),
    "letters_vietnam_korea": abroad(VIETNAM_KOREA),
    "letters_taiwan": abroad(TAIWAN),
    "letters_elsewhere": abroad(ELSEWHERE),
}
