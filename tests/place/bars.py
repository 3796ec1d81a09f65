#!/usr/bin/env python3
"""bars.py — ask closedloopctl about every address of a labelled table and count how the answers stand against the bars.

    bars.py LABELS.tsv [--ctl PROGRAM] [--gazetteer IMAGE] [--coverage RULES.tsv] [--polygons P.tsv] [--tags] [--wrong N]

The columns of both tables are described in tests/place/README.md. An answer is good, wrong, or put off:

    asked for              exact, its code   exact, else        probable, its code   probable, else    else
    exact, probable        good              wrong confident    good                 wrong probable    put off
    ambiguous              wrong confident   wrong confident    wrong probable (1)   wrong probable    good
    unmatched              -                 wrong confident    -                    wrong probable    good

(1) good when the text contradicts itself and the code is the only candidate: a guess that says so is allowed.
"""

from __future__ import annotations

import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("CLOSEDLOOP_BUILD", os.environ.get("B", "build"))).resolve()
ANSWERS = ("exact", "probable")
CERTAIN = 0.95  # From here on a confidence promises 99 of 100.


@dataclass
class Row:
    id: str
    address: str
    verdict: str
    code: str = ""
    candidates: tuple[str, ...] = ()
    scope: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""


@dataclass
class Said:
    verdict: str
    code: str
    confidence: float
    candidates: tuple[str, ...]


@dataclass
class Tally:
    """How the answers to some rows stand."""

    rows: int = 0
    asked: dict = field(default_factory=collections.Counter)  # Rows by the verdict asked for …
    good: dict = field(default_factory=collections.Counter)  # … and those of them answered well.
    wrong_confident: list = field(default_factory=list)
    wrong_probable: list = field(default_factory=list)
    certain: int = 0
    certain_right: int = 0

    def share(self, *verdicts: str) -> float:
        """The part of the rows with VERDICTS that is answered well; 1 when there are none."""
        asked = sum(self.asked[verdict] for verdict in verdicts)
        return sum(self.good[verdict] for verdict in verdicts) / asked if asked else 1.0

    @property
    def resolved(self) -> float:
        return self.share("exact")

    @property
    def guessed(self) -> float:
        return self.share("probable")

    @property
    def safe(self) -> float:
        return self.share("ambiguous", "unmatched")

    @property
    def confident_wrong(self) -> float:
        return len(self.wrong_confident) / max(1, self.rows)

    @property
    def probable_wrong(self) -> float:
        return len(self.wrong_probable) / max(1, self.rows)

    @property
    def calibration(self) -> float:
        return self.certain_right / self.certain if self.certain else 1.0

    def line(self, name: str) -> str:
        def part(share: float, *verdicts: str) -> str:
            return f"{100 * share:6.2f} %" if any(self.asked[verdict] for verdict in verdicts) else "      - "

        return (
            f"{name:30} {self.rows:6}  exact {part(self.resolved, 'exact')}  probable {part(self.guessed, 'probable')}"
            f"  safe {part(self.safe, 'ambiguous', 'unmatched')}  wrong {len(self.wrong_confident):3} confident"
            f" {len(self.wrong_probable):3} probable"
        )


def table(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line.rstrip("\r").split("\t") for line in lines if line.strip("\r") and not line.startswith("#")]


def read_rows(path: Path) -> list[Row]:
    head, *lines = table(path)
    rows = []
    for line in lines:
        given = dict(zip(head, line + [""] * (len(head) - len(line))))
        rows.append(
            Row(
                given["id"],
                given["address"],
                given["verdict"],
                given["code"],
                tuple(filter(None, given["candidates"].split("|"))),
                given["scope"],
                tuple(given["tags"].split(",")),
                given["source"],
            )
        )
    return rows


def write_rows(rows: list[Row], path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write("id\taddress\tverdict\tcode\tcandidates\tscope\ttags\tsource\n")
        for row in rows:
            address = row.address.replace("\\", "\\\\").replace("\n", "\\n")
            out.write(
                "\t".join(
                    (
                        row.id,
                        address,
                        row.verdict,
                        row.code,
                        "|".join(row.candidates),
                        row.scope,
                        ",".join(row.tags),
                        row.source,
                    )
                )
                + "\n"
            )


def read_said(text: str) -> dict[str, Said]:
    """The predictions in TEXT; what is not in their format is an AssertionError."""
    said = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split("\t")
        assert len(parts) == 5, f"prediction {number} does not have five columns: {line!r}"
        name, verdict, code, confidence, candidates = parts
        if number == 1 and name == "id":
            continue  # The head of the table, answered like any other line.
        assert verdict in ("exact", "probable", "ambiguous", "unmatched"), line
        assert re.fullmatch(r"|\d\d(\d\d(\d\d(\d{3}(\d{3})?)?)?)?", code), line
        assert (len(code) == 12) == (verdict in ANSWERS) or verdict == "ambiguous", line
        assert re.fullmatch(r"[01]\.\d+", confidence) and 0 <= float(confidence) <= 1, line
        listed = tuple(filter(None, candidates.split("|")))
        assert len(listed) <= 10, line
        assert all(re.fullmatch(r"\d{12}", candidate) for candidate in listed), line
        assert verdict not in ANSWERS or listed[0] == code, line
        assert name not in said, f"{name} is answered twice"
        said[name] = Said(verdict, code, float(confidence), listed)
    return said


def ask(path: Path, *options: str, ctl: Path | None = None, gazetteer: Path | None = None) -> dict[str, Said]:
    """What closedloopctl says of the table PATH."""
    command = [str(ctl or BUILD / "closedloopctl"), "match", "--gazetteer", str(gazetteer or BUILD / "gazetteer.img")]
    done = subprocess.run([*command, "--tsv", str(path), *options], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, f"{command}: status {done.returncode}: {done.stderr}"
    return read_said(done.stdout)


def ask_rows(rows: list[Row]) -> dict[str, Said]:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "rows.tsv"
        write_rows(rows, path)
        return ask(path)


def outcome(row: Row, said: Said) -> str:
    """good, wrong_confident, wrong_probable or put_off."""
    if said.verdict not in ANSWERS:
        return "put_off" if row.verdict in ANSWERS else "good"
    wrong = "wrong_confident" if said.verdict == "exact" else "wrong_probable"
    if row.verdict in ANSWERS:
        return "good" if said.code == row.code else wrong
    contradicts_itself = row.verdict == "ambiguous" and row.code and row.candidates == (row.code,)
    return "good" if contradicts_itself and said.verdict == "probable" and said.code == row.code else wrong


def count(rows: list[Row], said: dict[str, Said]) -> Tally:
    tally = Tally()
    for row in rows:
        answer = said[row.id]
        how = outcome(row, answer)
        tally.rows += 1
        tally.asked[row.verdict] += 1
        tally.good[row.verdict] += how == "good"
        if how.startswith("wrong"):
            getattr(tally, how).append((row, answer))
        if answer.verdict in ANSWERS and answer.confidence >= CERTAIN:
            tally.certain += 1
            tally.certain_right += how == "good"
    return tally


def by_tag(rows: list[Row], said: dict[str, Said]) -> dict[str, Tally]:
    groups = collections.defaultdict(list)
    for row in rows:
        for tag in row.tags:
            groups[tag].append(row)
    return {tag: count(groups[tag], said) for tag in sorted(groups)}


def tell_wrong(tally: Tally, at_most: int = 20) -> str:
    lines = []
    for row, answer in (tally.wrong_confident + tally.wrong_probable)[:at_most]:
        lines.append(
            f"{row.id} {','.join(row.tags)}: {row.address!r}: asked {row.verdict} {row.code or row.scope}, "
            f"said {answer.verdict} {answer.code} {answer.confidence:.3f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("--ctl", type=Path)
    parser.add_argument("--gazetteer", type=Path)
    parser.add_argument("--coverage")
    parser.add_argument("--polygons")
    parser.add_argument("--tags", action="store_true")
    parser.add_argument("--wrong", type=int, default=20)
    given = parser.parse_args()
    options = [
        word
        for key in ("coverage", "polygons")
        if getattr(given, key)
        for word in (f"--{key}", getattr(given, key))
    ]
    rows = read_rows(given.labels)
    said = ask(given.labels, *options, ctl=given.ctl, gazetteer=given.gazetteer)
    tally = count(rows, said)
    print(tally.line("all"))
    print(f"certain answers (>= {CERTAIN}): {tally.certain}, right {100 * tally.calibration:.2f} %")
    if given.tags:
        for tag, part in by_tag(rows, said).items():
            print(part.line(tag))
    if given.wrong and (wrong := tell_wrong(tally, given.wrong)):
        print(wrong)
    sys.exit(1 if tally.wrong_confident else 0)


if __name__ == "__main__":
    main()
