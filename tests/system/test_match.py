"""test_match.py — the answers to labelled addresses stand above the bars; so do those to addresses made from the country.

The tables are in tests/data/places, bars.py and generate.py in tests/place. A bar is what the matcher promises to people:
it is not moved to where the matcher stands.
"""

from __future__ import annotations

import functools
import sys

from harness import DATA, ROOT

sys.path.insert(0, str(ROOT / "tests" / "place"))

import bars  # noqa: E402
import country  # noqa: E402
import generate  # noqa: E402

PLACES = DATA / "places"
SEED = 20200309
EACH = 40

# Of rows that deserve an answer, how many must get it, where that is less than 98 of 100: a typed slip may be put off, and so
# may what stands in the text only half. Everything that is not listed here deserves its answer nearly always.
FLOORS = {
    "spaced": 0.90,  # A letter apart is how forms are scanned; some names lose their number so.
    "bare": 0.80,  # Without a kind word, and many are called like their street.
    "near": 0.50,
    "only_none": 0.0,  # A village's name alone: many that no list knows are called the same.
    "only_p": 0.0,
    "cut_name": 0.0,  # Half a name may be guessed, it need not be.
    "lost_committee": 0.15,  # With a letter less, half of all names become another one's.
    "lost_street": 0.40,
    "doubled_committee": 0.40,
    "doubled_street": 0.40,
    "swapped_committee": 0.50,
    "swapped_street": 0.50,
    "eye_committee": 0.70,
    "eye_street": 0.60,
    "eye_county": 0.80,
    "ear_committee": 0.80,
    "ear_street": 0.80,
    "ear_county": 0.80,
    "old_county": 0.85,
    "moved": 0.80,
    "other_kind": 0.80,
    "latin_slip": 0.65,  # One slip in four makes another syllable, and so another name.
    "county_bare": 0.75,  # One that ends like a road may be the road.
    "brigade": 0.75,  # 大队 says no more than the short name, and many villages are called like their town.
    "level_slip": 0.60,  # A slip in a kind word leaves a name without one, or two names glued together.
    "letters_near": 0.70,  # Beside a place may be in the next one: it may be guessed, it need not be.
    "letters_short_uppers": 0.15,  # Four bare names in Latin letters: nothing says which is the street and which the city.
    "letters_slip_street": 0.10,  # One letter makes another syllable, and the street tells a village from its namesakes.
    "letters_slip_above": 0.85,  # A short county's name may be another county's, further away.
    "letters_other_county_kind": 0.80,  # X County and X District of one city are often two.
}
FLOOR = 0.98
# A class is a few dozen rows: one or two of them are chance.
CHANCE = 2


@functools.lru_cache(maxsize=None)
def answers(name: str, *options: str) -> tuple[list[bars.Row], dict[str, bars.Said]]:
    path = PLACES / name
    return bars.read_rows(path), bars.ask(path, *options)


@functools.lru_cache(maxsize=None)
def the_country() -> country.Country:
    return country.Country()


@functools.lru_cache(maxsize=None)
def made() -> tuple[list[bars.Row], dict[str, bars.Said]]:
    rows = generate.generate(the_country(), SEED, EACH)
    return rows, bars.ask_rows(rows)


def assert_bars(tally: bars.Tally, resolved: float, guessed: float) -> None:
    said = tally.line("all") + "\n" + bars.tell_wrong(tally)
    assert tally.confident_wrong <= 0.0005, said
    assert tally.probable_wrong <= 0.003, said
    assert tally.resolved >= resolved, said
    assert tally.guessed >= guessed, said
    assert tally.safe >= 0.997, said
    assert tally.calibration >= 0.99, said


def assert_arithmetic(tally: bars.Tally) -> None:
    """Every row that deserves an answer gets the right one, and no other row gets any."""
    said = tally.line("all") + "\n" + bars.tell_wrong(tally)
    assert not tally.wrong_confident and not tally.wrong_probable, said
    assert tally.resolved == 1 and tally.safe == 1, said


def test_labelled_addresses_stand_above_the_bars() -> None:
    rows, said = answers("addresses-dev.tsv")
    assert len(rows) == 6800
    assert_bars(bars.count(rows, said), resolved=0.96, guessed=0.75)


def test_every_address_of_the_story_gets_its_verdict() -> None:
    rows, said = answers("addresses-dev.tsv")
    story = [row for row in rows if "story" in row.tags]
    assert len(story) == 46
    wrong = [
        (row.address, row.verdict, row.code, said[row.id])
        for row in story
        if bars.outcome(row, said[row.id]) != "good"
    ]
    assert not wrong, wrong


def test_ronghua_is_four_committees_today() -> None:
    """荣华居委 of the story: the officer is shown all four that it has become."""
    four = {f"3101050090{last}" for last in ("18", "19", "20", "21")}
    rows = [bars.Row("r", "上海市长宁区虹桥街道荣华居委", "ambiguous"), bars.Row("s", "上海市长宁区虹桥街道古北荣华居委会", "ambiguous")]
    for name, answer in bars.ask_rows(rows).items():
        assert answer.verdict == "ambiguous" and set(answer.candidates) >= four, (name, answer)


def test_candidates_are_few_and_each_is_shown_once() -> None:
    for rows, said in (answers("addresses-dev.tsv"), made()):
        for row in rows:
            listed = said[row.id].candidates
            assert len(set(listed)) == len(listed) <= 10, (row.address, listed)


def test_all_that_fit_are_shown() -> None:
    """Where few committees fit, nearly always the officer sees them all."""
    rows, said = answers("addresses-dev.tsv")
    few = [row for row in rows if row.verdict == "ambiguous" and 2 <= len(row.candidates) <= 10]
    shown = sum(set(row.candidates) <= set(said[row.id].candidates) for row in few)
    assert len(few) > 200 and shown / len(few) >= 0.9, f"{shown} of {len(few)}"


def test_coverage_rules_are_arithmetic() -> None:
    rows, said = answers("coverage-cases-dev.tsv", "--coverage", str(PLACES / "coverage-rules-dev.tsv"))
    tally = bars.count(rows, said)
    assert len(rows) == 1075
    assert_arithmetic(tally)


def test_addresses_with_rules_are_no_worse_than_without() -> None:
    rows, said = answers("addresses-dev.tsv", "--coverage", str(PLACES / "coverage-rules-dev.tsv"))
    without = bars.count(*answers("addresses-dev.tsv"))
    tally = bars.count(rows, said)
    # The rules' codes stand in for other committees, so what they decide there is not what the label asks for.
    decided = [row for row, _ in tally.wrong_confident + tally.wrong_probable if not row.scope.startswith("310105")]
    assert not decided, bars.tell_wrong(tally)
    assert tally.resolved >= without.resolved - 0.002


def test_a_point_lies_in_one_boundary_or_on_an_edge() -> None:
    rows, said = answers("coverage-points-dev.tsv", "--polygons", str(PLACES / "coverage-polygons-dev.tsv"))
    tally = bars.count(rows, said)
    assert len(rows) == 441
    assert_arithmetic(tally)
    edges = [row for row in rows if row.verdict == "ambiguous" and row.candidates]
    assert edges and all(set(said[row.id].candidates) == set(row.candidates) for row in edges)


def test_addresses_made_from_the_country_stand_above_the_bars() -> None:
    rows, said = made()
    tally = bars.count(rows, said)
    assert len(rows) > 2500, len(rows)
    assert_bars(tally, resolved=0.96, guessed=0.75)


def test_every_way_of_writing_is_understood() -> None:
    rows, said = made()
    low = []
    for name, tally in bars.by_tag(rows, said).items():
        if name == "made":
            continue
        floor = FLOORS.get(name, FLOOR)
        for verdict in ("exact", "probable"):
            if tally.good[verdict] + CHANCE < floor * tally.asked[verdict]:
                low.append(f"{name}: {tally.good[verdict]} of {tally.asked[verdict]} {verdict} rows, floor {floor}")
    assert not low, "\n".join(low)


def test_a_committee_of_every_street_is_found_by_its_official_name() -> None:
    rows = generate.every_street(the_country(), SEED)
    tally = bars.count(rows, bars.ask_rows(rows))
    assert len(rows) > 41000
    assert tally.resolved >= 0.998, tally.line("all")
    assert not tally.wrong_confident and not tally.wrong_probable, bars.tell_wrong(tally)
