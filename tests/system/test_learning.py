"""test_learning.py — what officers teach, through the daemon: two households of one lane, an estate once and twice, an
assignment that is corrected, a coverage that is loaded anew; and nobody's name or room in what the program says."""

from __future__ import annotations

from harness import Daemon, later, wait_until
from test_address import SOURCE, START, aliases, match, press, register

HERE, THERE = "310105009018", "310105009019"
LANE = "上海市长宁区虹桥街道古北路1398弄"


def night() -> Daemon:
    daemon = Daemon(drill=START, committees=(HERE, THERE))
    daemon.clock(START)
    return daemon


def assign(daemon: Daemon, ref: str, code: str, by: str = "陈晓") -> None:
    journey = daemon.journey(SOURCE, ref)
    daemon.post(f"/v1/journeys/{journey['id']}/assign", {"committee_code": code, "by": by})


def unit(daemon: Daemon, ref: str) -> str | None:
    return daemon.journey(SOURCE, ref)["committee_code"]


def reload(daemon: Daemon) -> None:
    daemon.write_config()
    said = daemon.ctl("reload")
    assert said.returncode == 0, said


def asked(daemon: Daemon) -> int:
    return len(daemon.get("/v1/alerts", kind="address")["alerts"])


# --- A lane, an estate


def test_two_households_of_one_lane_need_one_officer() -> None:
    daemon = night()
    register(daemon, "P1", f"{LANE}5号302室")
    register(daemon, "P2", f"{LANE}8号101室", minutes=1)
    assert unit(daemon, "P1") is None and unit(daemon, "P2") is None and asked(daemon) == 2
    assign(daemon, "P1", HERE)
    daemon.clock(later(START, minutes=2))
    assert unit(daemon, "P2") == HERE and asked(daemon) == 0
    register(daemon, "P3", "长宁区古北路一三九八弄12号", minutes=3)
    assert unit(daemon, "P3") == HERE
    register(daemon, "P4", "上海市长宁区虹桥街道古北路1400弄8号101室", minutes=4)
    assert unit(daemon, "P4") is None and asked(daemon) == 1
    # The lane is undone, her own address is not: whoever lives elsewhere in it is asked about again.
    door = [row for row in aliases(daemon) if row["kind"] == "door"]
    assert len(door) == 1 and door[0]["key"] == "310105/古北路/1398弄", door
    daemon.ctl("aliases", "undo", door[0]["id"], "--by", "陈晓")
    daemon.clock(later(START, minutes=5))
    assert unit(daemon, "P1") == HERE and unit(daemon, "P2") is None and asked(daemon) == 3
    daemon.census()


def test_one_home_of_an_estate_is_a_hint_and_two_are_an_answer() -> None:
    daemon = night()
    for i in range(4):
        register(daemon, f"P{i}", f"上海市长宁区伦敦广场{i + 3}号楼402室", minutes=i)
    assign(daemon, "P0", HERE)
    daemon.clock(later(START, minutes=5))
    # Probable, and below probable_from: a human is still asked, and offered what was said of the other home.
    journey = daemon.journey(SOURCE, "P1")
    assert (journey["committee_code"], journey["match"]["verdict"], asked(daemon)) == (None, "probable", 3), journey
    assert match(daemon, "上海市长宁区伦敦广场9号楼402室")["candidates"][0]["code"] == HERE
    assign(daemon, "P1", HERE)
    daemon.clock(later(START, minutes=6))
    assert unit(daemon, "P2") == unit(daemon, "P3") == HERE and asked(daemon) == 0
    # The officer sees that the first was wrong: now they disagree, and everybody else is a question again.
    assign(daemon, "P0", THERE)
    daemon.clock(later(START, minutes=7))
    assert (unit(daemon, "P0"), unit(daemon, "P1"), unit(daemon, "P2")) == (THERE, HERE, None)
    assign(daemon, "P1", THERE)
    daemon.clock(later(START, minutes=8))
    assert unit(daemon, "P2") == unit(daemon, "P3") == THERE and asked(daemon) == 0
    daemon.census()


# --- Other rules


def test_new_rules_move_who_is_on_the_way_and_nobody_who_was_taken_in() -> None:
    daemon = night()
    for ref in ("P1", "P2"):
        register(daemon, ref, f"{LANE}5号")
    units = {unit["code"]: unit for unit in daemon.settings["units"]}
    units[HERE]["coverage"] = [{"road": "古北路", "lanes": "1398"}]
    reload(daemon)
    daemon.clock(later(START, minutes=1))
    assert unit(daemon, "P1") == unit(daemon, "P2") == HERE and asked(daemon) == 0
    journey = daemon.journey(SOURCE, "P1")
    daemon.post(f"/v1/journeys/{journey['id']}/accept", {"by": "王"})
    daemon.clock(later(START, minutes=2))
    units[THERE]["coverage"] = units[HERE].pop("coverage")
    reload(daemon)
    daemon.clock(later(START, minutes=3))
    assert (unit(daemon, "P1"), unit(daemon, "P2")) == (HERE, THERE)
    # Who was told to expect her is told that she does not come.
    assert wait_until(lambda: daemon.receiver.messages(HERE, kind="stand_down"), "nobody stood down")
    del units[THERE]["coverage"]
    reload(daemon)
    daemon.clock(later(START, minutes=4))
    assert (unit(daemon, "P1"), unit(daemon, "P2")) == (HERE, None) and asked(daemon) == 1
    daemon.census()


# --- Nobody's name


def test_no_name_and_no_room_is_in_what_the_program_says() -> None:
    daemon = night()
    secrets = ("金珉志", "13800000000", "4021室", " 4021", "kim minji", "Kim Minji")
    addresses = (
        f"{LANE}5号4021室 金珉志 13800000000",
        "上海市长宁区金珉志 13800000000 古北路1398弄8号4021室",
        "上海市长宁区伦敦广场 Kim Minji 4021",
        "金珉志古北路77弄4021",
    )
    for i, text in enumerate(addresses):
        register(daemon, f"P{i}", text, minutes=i)
    assign(daemon, "P0", HERE)
    daemon.clock(later(START, minutes=30))
    pages = ""
    for name in ("fallback", "310105", "310115", HERE):
        for message in daemon.receiver.messages(name):
            pages += message.words
            if message.token:
                pages += daemon.call("GET", f"/a/{message.token}", token=None).body.decode()
    last = daemon.receiver.messages("310105", kind="address")[-1]
    pages += press(daemon, last.token, f"code={THERE}").body.decode()
    pages += daemon.call("GET", "/metrics", token=None).body.decode()
    pages += daemon.log_text()
    pages += str(aliases(daemon)) + daemon.ctl("aliases").stdout
    assert len(pages) > 5000
    for secret in secrets:
        assert secret not in pages, (secret, pages[max(pages.find(secret) - 200, 0) : pages.find(secret) + 100])
