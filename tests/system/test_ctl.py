"""test_ctl.py — closedloopctl: what an operator types, what it prints, and with which status it ends."""

from __future__ import annotations

import re
import subprocess

from endpoints import Reply
from harness import BUILD, DATA, ROOT, Daemon, scenario

CLOCK = "2020-03-09T10:00:00+08:00"
SOURCE = "/pvg/t2/minhang"


def run(daemon: Daemon, *words: str, status: int = 0) -> subprocess.CompletedProcess:
    said = daemon.ctl(*words)
    assert said.returncode == status, f"closedloopctl {' '.join(words)}: {said}"
    assert status == 0 or said.stderr.strip(), f"closedloopctl {' '.join(words)}: no reason given"
    return said


def s1() -> Daemon:
    daemon = Daemon(drill=CLOCK)
    events, _ = scenario("s1")
    daemon.post_events(events)
    return daemon


def test_status_and_census() -> None:
    daemon = s1()
    said = run(daemon, "status").stdout
    assert "2020-03-09" in said, said
    census = run(daemon, "census").stdout
    assert "isolating" in census and "2" in census, census


def test_journeys_and_why() -> None:
    daemon = s1()
    journey = daemon.journey(SOURCE, "P0001")
    listed = run(daemon, "journeys").stdout
    assert journey["id"] in listed and "isolating" in listed, listed
    why = run(daemon, "why", journey["id"]).stdout
    assert "not_accepted" in why and "2020-03-09" in why, why
    run(daemon, "why", "jny_00000000000000000000000000", status=1)


def test_feeds_endpoints_and_rejects() -> None:
    daemon = s1()
    daemon.send(b'{"specversion":"0.3"}')
    assert "pvg" in run(daemon, "feeds").stdout
    assert "u310112101007" in run(daemon, "endpoints").stdout
    rejects = run(daemon, "rejects").stdout
    assert "bad_specversion" in rejects or "missing_attribute" in rejects, rejects


def test_match_an_address() -> None:
    daemon = Daemon(drill=CLOCK)
    said = run(daemon, "match", "上海市虹口区江湾镇街道奎照路居委会奎照路800弄2号301室").stdout
    assert "310109019001" in said, said
    unknown = daemon.ctl("match", "月球背面静海一号坑")
    assert unknown.returncode in (0, 1) and "unmatched" in unknown.stdout + unknown.stderr, unknown


def test_match_says_what_is_written_and_is_not_so() -> None:
    daemon = Daemon(drill=CLOCK)
    address = "上海市宝山区长海路街道市光居委会"
    for where in ((), ("--gazetteer", str(BUILD / "gazetteer.img"))):
        said = run(daemon, "match", address, *where).stdout
        assert said.startswith("probable 310110021002") and "not so: 宝山区" in said, said


def test_every_verb_and_option_stands_in_the_manual() -> None:
    said = subprocess.run([BUILD / "closedloopctl", "--help"], capture_output=True, text=True, check=True).stdout
    manual = (ROOT / "daemon/closedloopctl.8").read_text()
    options = set(re.findall(r"--([a-z-]+)", said))
    verbs = {line.split()[0] for line in said.splitlines()[1:]}
    assert len(options) > 20 and len(verbs) > 15, said
    assert not [option for option in options if f"Fl Fl {option}" not in manual]
    assert not [verb for verb in verbs if not re.search(rf"^\.It Cm {verb}\b", manual, re.M)]


def test_match_a_table() -> None:
    daemon = Daemon(drill=CLOCK)
    table = daemon.dir / "addresses.tsv"
    table.write_text(
        "a1\t上海市虹口区江湾镇街道奎照路居委会奎照路800弄2号301室\n"
        "a2\t月球背面静海一号坑\n"
        "a3\t上海市杨浦区长海路街道市光居委会\n"
    )
    lines = run(daemon, "match", "--tsv", str(table)).stdout.splitlines()
    rows = [line.split("\t") for line in lines]
    assert [row[0] for row in rows] == ["a1", "a2", "a3"], lines
    assert all(len(row) == 5 for row in rows), lines
    assert rows[0][2] == "310109019001" and rows[0][1] in ("exact", "probable"), rows[0]
    assert (rows[1][1], rows[1][2]) == ("unmatched", ""), rows[1]
    assert rows[2][2] == "310110021002" and 0 < float(rows[2][3]) <= 1, rows[2]


def test_match_by_rules_and_outlines() -> None:
    daemon = Daemon(drill=CLOCK)
    rules, outlines, table = (daemon.dir / name for name in ("rules.csv", "outlines.tsv", "addresses.tsv"))
    rules.write_text(
        "rule_id,code,kind,name,lane,type,parity,from,to\n"
        "r1,310105009020,range,古北路,,弄,all,1398,1398\n"
        "r2,310105009018,estate,伦敦广场,,,,,\n"
    )
    outlines.write_text(
        "code\twkt\n310105009018\tPOLYGON ((121.39 31.19, 121.41 31.19, 121.41 31.21, 121.39 31.21, 121.39 31.19))\n"
    )
    table.write_text("a1\t上海市长宁区古北路１３９８弄2号\na2\t上海市长宁区古北路1399弄\na3\t121.4,31.2\na4\t121.5,31.2\n")
    said = run(daemon, "match", "--tsv", str(table), "--coverage", str(rules), "--polygons", str(outlines)).stdout
    rows = [line.split("\t")[:3] for line in said.splitlines()]
    assert rows == [
        ["a1", "exact", "310105009020"],
        ["a2", "ambiguous", "310105"],
        ["a3", "exact", "310105009018"],
        ["a4", "unmatched", ""],
    ], said
    said = run(daemon, "match", "上海市长宁区伦敦广场5号", "--coverage", str(rules)).stdout
    assert said.startswith("exact 310105009018") and "r2" in said, said


def test_a_table_of_rules_with_mistakes_is_refused() -> None:
    daemon = Daemon(drill=CLOCK)
    rules = daemon.dir / "rules.csv"
    rules.write_text("code,kind,name,from,to\n310105009020,range,古北路,9,1\n310105,road,古北路,,\n")
    said = run(daemon, "match", "上海市长宁区古北路5号", "--coverage", str(rules), status=1)
    assert said.stdout == "", said
    assert f"{rules}:2: range 9-1: it ends before it begins" in said.stderr, said
    assert f"{rules}:3: code '310105': 12 digits, or the 9 of a street" in said.stderr, said
    run(daemon, "match", "上海市长宁区古北路5号", "--coverage", str(daemon.dir / "none.csv"), status=1)


def test_replay_a_file_twice() -> None:
    daemon = Daemon(drill=CLOCK)
    file = str(next(DATA.glob("s1*.ndjson")))
    run(daemon, "replay", file)
    assert daemon.journey(SOURCE, "P0001")["state"] == "isolating"
    journey = daemon.journey(SOURCE, "P0001")["id"]
    steps = daemon.history(journey)
    again = run(daemon, "replay", file).stdout
    assert "14" in again and "duplicate" in again, again
    assert daemon.history(journey) == steps
    bad = daemon.dir / "bad.ndjson"
    bad.write_text('{"specversion":"1.0"}\n')
    said = daemon.ctl("replay", str(bad))
    assert said.returncode == 1 and "missing_attribute" in said.stdout + said.stderr, said
    run(daemon, "replay", str(daemon.dir / "nothing-here"), status=1)


def test_send_test() -> None:
    daemon = Daemon(drill=CLOCK)
    run(daemon, "send-test", "u310112101007")
    message = daemon.receiver.wait(lambda: daemon.receiver.messages("310112101007"), "the test message", 10)[0]
    assert message.verified and "测试消息" in message.words and "【演练】" in message.words, message.words
    run(daemon, "send-test", "nobody", status=1)


def test_dead_letters() -> None:
    daemon = Daemon(drill=CLOCK)
    assert "ntc_" not in run(daemon, "dead-letters", "list").stdout
    daemon.receiver.behaviour["/310112101007"] = Reply(status=413)
    daemon.post("/v1/admin/send-test", {"endpoint": "u310112101007"})
    daemon.clock(CLOCK)
    listed = run(daemon, "dead-letters", "list").stdout
    assert "ntc_" in listed and "u310112101007" in listed and "413" in listed, listed


def test_over_http_with_a_token() -> None:
    daemon = Daemon(drill=CLOCK)
    where = ("--url", f"http://127.0.0.1:{daemon.port}", "--token-file", str(daemon.dir / "operator.token"))
    assert daemon.ctl("status", where=where).returncode == 0
    wrong = ("--url", f"http://127.0.0.1:{daemon.port}", "--token-file", str(daemon.dir / "pvg.token"))
    said = daemon.ctl("status", where=wrong)
    assert said.returncode == 1 and said.stderr, said
    assert daemon.ctl("status", where=("--socket", str(daemon.socket))).returncode == 0


def test_nobody_there_is_3_and_wrong_words_are_2() -> None:
    daemon = Daemon(drill=CLOCK)
    daemon.stop()
    for words in (("status",), ("journeys",), ("census",), ("replay", str(next(DATA.glob("s1*.ndjson"))))):
        run(daemon, *words, status=3)
    run(daemon, "dance", status=2)
    run(daemon, "why", status=2)
    run(daemon, status=2)
    run(daemon, "match", status=2)
    said = subprocess.run([str(BUILD / "closedloopctl"), "--no-such-option"], capture_output=True, text=True)
    assert said.returncode == 2, said


def test_the_calls_are_described() -> None:
    daemon = Daemon(drill=CLOCK)
    spec = daemon.get("/v1/openapi.json", token=None)
    assert spec["openapi"].startswith("3."), spec
    for path in ("/v1/events", "/v1/journeys", "/v1/alerts", "/v1/rosters", "/v1/match"):
        assert path in spec.get("paths", {}), f"{path} is not described"
