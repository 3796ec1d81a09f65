"""country.py — the gazetteer as a plain table, and a slow, simple judge: which committees fit the names that are written?

It shares no code and no table with lib/place, except for the shipped data: names, variants of characters, their sounds.
What it cannot decide with certainty it calls unclear, and the generator leaves it out.
"""

from __future__ import annotations

import collections
import functools
import gzip
import itertools
import re
from pathlib import Path

CONFIG = Path(__file__).resolve().parents[2] / "config"
LEVELS = (2, 4, 6, 9, 12)
PROVINCE, CITY, COUNTY, STREET, COMMITTEE = LEVELS

RESIDENT, VILLAGE = "resident", "village"
# The longest first. What a committee is called after its own name, and what that makes it.
KINDS = [
    (re.compile(r"(社区|居民)?(居民委员会|居民委会|居委员会|居委会|居委)$|社区委员会$"), RESIDENT),
    (re.compile(r"(嘎查)(村民|村)?(委员会|委会)?$"), VILLAGE),
    (re.compile(r"村?(村民委员会|村民委会|村委员会|村委会|村委)$"), VILLAGE),
    (re.compile(r"社区$"), RESIDENT),
    (re.compile(r"行政村$|村$"), VILLAGE),
]
STREET_KIND = re.compile(r"(街道办事处|街道|办事处|民族乡|镇|乡|苏木|地区)$")
PEOPLES = re.compile(
    r"(蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗"
    r"|撒拉|毛南|仡佬|锡伯|各)族"
)
DIGITS = str.maketrans("〇零一二三四五六七八九两", "001234567892")
UNWRITTEN = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
MUNICIPALITIES = ("11", "12", "31", "50")


def read_table(name: str) -> list[list[str]]:
    path = CONFIG / name
    text = gzip.open(path).read() if name.endswith(".gz") else path.read_bytes()
    lines = text.decode().split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def core_of(name: str) -> tuple[str, str]:
    """A committee's own name and its kind; the kind is "" when the name has no kind word."""
    for words, kind in KINDS:
        cut = words.sub("", name)
        if cut != name and cut:
            return cut, kind
    return name, ""


def above(code: str) -> str:
    return code[: LEVELS[LEVELS.index(len(code)) - 1]] if len(code) > 2 else ""


class Country:
    def __init__(self) -> None:
        self.names = dict(read_table("gazetteer.tsv.gz"))
        self.below: dict[str, list[str]] = collections.defaultdict(list)
        self.cores: dict[str, tuple[str, str]] = {}
        self.by_core: dict[str, list[str]] = collections.defaultdict(list)
        for code, name in self.names.items():
            self.below[above(code)].append(code)
            if len(code) == COMMITTEE:
                core = core_of(name)
                self.cores[code] = core
                self.by_core[plain(core[0])].append(code)
        self.simple = {line[0]: line[1] for line in read_table("trad-simp.tsv")}
        self.old_forms: dict[str, list[str]] = collections.defaultdict(list)
        for old, new in self.simple.items():
            self.old_forms[new].append(old)
        self.sounds = {
            line[0]: line[1].split()
            if " " in line[1] else line[1].split(",")
            for line in read_table("char-pinyin.tsv")
        }
        self.changes = [line for line in read_table("admin-changes.tsv") if len(line) >= 6]

    @functools.lru_cache(maxsize=None)
    def level(self, digits: int) -> list[str]:
        return [code for code in self.names if len(code) == digits]

    def written(self, code: str) -> bool:
        """Do people write this unit at all? 市辖区 is none; a city may be its own county."""
        return self.names[code] not in UNWRITTEN and not (len(code) == COUNTY and code not in self.below)

    def short(self, code: str) -> str:
        """A unit's name as people shorten it: 杨浦, 甘孜, 莘庄."""
        name = self.names[code]
        if len(code) == COMMITTEE:
            return self.cores[code][0]
        if len(code) == STREET:
            cut = STREET_KIND.sub("", name)
        else:
            cut = re.sub(r"(特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|省|市|盟|区|县|旗)$", "", name)
        cut = PEOPLES.sub("", cut).removesuffix("维吾尔")
        return cut if len(cut) >= 2 else name

    def chain(self, code: str) -> dict[int, str]:
        """Codes of the units above and of CODE, by level."""
        return {level: code[:level] for level in LEVELS if level <= len(code) and code[:level] in self.names}

    def fits(self, core: str, kind: str, said: dict[int, str]) -> list[str]:
        """The committees called CORE (of KIND, when one is written) whose upper units are called what is SAID by level."""
        found = []
        for code in self.by_core.get(plain(core), []):
            if kind and self.cores[code][1] and kind != self.cores[code][1]:
                continue
            if all(self.is_called(code[:level], name) for level, name in said.items()):
                found.append(code)
        return found

    def is_called(self, code: str, name: str) -> bool:
        return code in self.names and (name == self.names[code] or name == self.short(code))

    def others_in(self, text: str, spared: list[tuple[int, int]], said: dict[int, str]) -> bool:
        """Does TEXT name, outside of the SPARED pieces, any committee whose upper units are called what is said?"""
        folded = plain(text)
        for start in range(len(folded)):
            for end in range(start + 2, min(len(folded), start + 12) + 1):
                if any(low <= start and end <= high for low, high in spared):
                    continue
                for code in self.by_core.get(folded[start:end], []):
                    if all(self.is_called(code[:level], name) for level, name in said.items()):
                        return True
        return False

    @functools.lru_cache(maxsize=None)
    def sound(self, text: str) -> tuple[str, ...] | None:
        """The commonest sound of each character; None when one is not known."""
        found = [self.sounds.get(letter) for letter in text]
        return None if None in found else tuple(readings[0] for readings in found)

    @functools.lru_cache(maxsize=None)
    def all_sounds(self, text: str) -> frozenset[str]:
        """Every way TEXT may be spelt, letters run together; ü, u and v are one."""
        readings = [self.sounds.get(letter, [letter]) for letter in text]
        spelt = ("".join(each) for each in itertools.islice(itertools.product(*readings), 64))
        return frozenset(each.replace("v", "u") for each in spelt)

    def sounds_like(self, left: str, right: str) -> bool:
        return left == right or bool(self.all_sounds(left) & self.all_sounds(right))

    def fits_by_sound(self, core: str, said: dict[int, str], street: str) -> list[str]:
        """The committees in streets that may be spelt like STREET, whose names may be spelt as CORE commonly is."""
        spelt, found = self.common_spelling(core), []
        for code in self.streets_by_sound(street, said):
            found += [each for each in self.below[code] if spelt in self.all_sounds(self.cores[each][0])]
        return found

    def streets_by_sound(self, street: str, said: dict[int, str]) -> list[str]:
        """Streets that may be spelt as STREET commonly is, below units of which the same holds on the levels SAID."""
        return [
            code
            for code in self.streets_by_spelling[self.common_spelling(self.short(street))]
            if all(
                self.common_spelling(self.short(street[:level])) in self.all_sounds(self.short(code[:level]))
                for level in said
                if level < STREET
            )
        ]

    def common_spelling(self, text: str) -> str:
        return "".join(self.sound(text) or [text]).replace("v", "u")

    @functools.cached_property
    def times_called(self) -> dict[str, int]:
        """How many counties bear a name."""
        return collections.Counter(self.names[code] for code in self.level(COUNTY))

    @functools.cached_property
    def streets_by_spelling(self) -> dict[str, list[str]]:
        table = collections.defaultdict(list)
        for code in self.level(STREET):
            for spelt in self.all_sounds(self.short(code)):
                table[spelt].append(code)
        return table


@functools.lru_cache(maxsize=1 << 16)
def plain(text: str) -> str:
    """TEXT with its numerals as digits, one for one, so that 三村 and 3村 are the same."""
    return text.translate(DIGITS)


def distance_at_most_one(left: str, right: str) -> bool:
    """Are they the same but for one letter that is wrong, missing, added, or swapped with its neighbour?"""
    if left == right:
        return True
    if abs(len(left) - len(right)) > 1:
        return False
    i = 0
    while i < min(len(left), len(right)) and left[i] == right[i]:
        i += 1
    if len(left) == len(right):
        return left[i + 1 :] == right[i + 1 :] or (
            left[i : i + 2] == right[i : i + 2][::-1] and left[i + 2 :] == right[i + 2 :]
        )
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    return longer[i + 1 :] == shorter[i:]
