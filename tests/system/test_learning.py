"""test_learning.py — what officers teach, through the daemon: two households of one lane, an estate once and twice, an
assignment that is corrected, a coverage that is loaded anew."""

from __future__ import annotations

import json
from pathlib import Path

from test_address import DISTRICT, SOURCE, START, aliases, match, register
from harness import Daemon, later

HERE, THERE = "310105009018", "310105009019"
LANE = "上海市长宁区虹桥街道古北路1398弄"


def night(**more: object) -> Daemon:
    daemon = Daemon(drill=START, committees=(HERE, THERE), **more)
    daemon.clock(START)
    return daemon


def assign(daemon: Daemon, ref: str, code: str, by: str = "陈晓") -> None:
    journey = daemon.journey(SOURCE, ref)
    daemon.post(f"/v1/journeys/{journey['id']}/assign", {"committee_code": code, "by": by})


def unit(daemon: Daemon, ref: str) -> str | None:
    return daemon.journey(SOURCE, ref)["committee_code"]


def test_two_households_of_one_lane_need_one_officer() -> None:
    daemon = night()
    register(daemon, "P1", f"{LANE}5号302室")
    register(daemon, "P2", f"{LANE}8号101室", minutes=1)
    assert unit(daemon, "P1") is None and unit(daemon, "P2") is None
    assign(daemon, "P1", HERE)
    daemon.clock(later(START, minutes=2))
    print([a for a in aliases(daemon)])
    print(daemon.journey(SOURCE, "P2")["match"])
    assert unit(daemon, "P2") == HERE
    register(daemon, "P3", "长宁区古北路一三九八弄12号", minutes=3)
    print(daemon.journey(SOURCE, "P3"))
    assert unit(daemon, "P3") == HERE
    register(daemon, "P4", f"上海市长宁区虹桥街道古北路1400弄8号101室", minutes=4)
    assert unit(daemon, "P4") is None
    daemon.census()


def test_one_home_of_an_estate_is_a_hint_and_two_are_an_answer() -> None:
    daemon = night()
    for i, ref in enumerate(("P1", "P2", "P3", "P4")):
        register(daemon, ref, f"上海市长宁区伦敦广场{i + 3}号楼402室", minutes=i)
    assign(daemon, "P1", HERE)
    daemon.clock(later(START, minutes=5))
    print([a for a in aliases(daemon)])
    print(daemon.journey(SOURCE, "P2"))
    print(match(daemon, "上海市长宁区伦敦广场9号楼402室"))
    assert unit(daemon, "P2") is None
    assign(daemon, "P2", HERE)
    daemon.clock(later(START, minutes=6))
    assert unit(daemon, "P3") == HERE
    daemon.census()
