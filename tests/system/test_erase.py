"""test_erase.py — what the law asks for, through the real binary: erased when her time comes or by order, her own data for
herself, tables without names, and what an incident touched."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from harness import Daemon, scenario

SOURCE = "/pvg/t2/minhang"
CLOCK = "2020-03-09T10:00:00+08:00"
# Somebody nobody else is called like: her name, telephone, document and home are searched for afterwards.
CANARY = {
    "name": "KANARIENVOGEL ZEISIG",
    "phone": "+8613999777555",
    "number": "K98765432",
    "home": "莘松三村777号909室",
    "ref": "ZEISIG-1",
}


def told(daemon: Daemon) -> str:
    """The night of s1 with the canary in the place of P0001; the id of her journey."""
    events, _ = scenario("s1")
    text = json.dumps(events, ensure_ascii=False)
    for was, becomes in (
        ("LI GUANG", CANARY["name"]),
        ("+8613800000001", CANARY["phone"]),
        ("13800000001", CANARY["phone"]),
        ("M12345678", CANARY["number"]),
        ("莘松三村123号402室", CANARY["home"]),
        ("P0001", CANARY["ref"]),
    ):
        text = text.replace(was, becomes)
    said = daemon.post_events(json.loads(text))
    assert not said["rejected"], said
    return str(daemon.journey(SOURCE, CANARY["ref"])["id"])


def let_go(daemon: Daemon, journey: str) -> None:
    daemon.post(f"/v1/journeys/{journey}/accept", {})
    daemon.post(f"/v1/journeys/{journey}/close", {"reason": "left the country"})
    assert daemon.get(f"/v1/journeys/{journey}")["state"] == "closed"
    for alert in daemon.get("/v1/alerts", state="open")["alerts"]:  # Somebody says that she has heard.
        if journey in alert["journeys"] or alert["subject"] == journey:
            daemon.post(f"/v1/alerts/{alert['id']}/resolve", {"outcome": "stood_down"})


def erase(daemon: Daemon, journey: str, status: int = 0) -> subprocess.CompletedProcess:
    said = daemon.ctl("erase", journey, "--reason", "she asked for it")
    assert said.returncode == status, said
    return said


def hits(daemon: Daemon) -> list[str]:
    """Where in the state directory the canary can be read: raw, in UTF-16, and in hex."""
    found = []
    for path in sorted(Path(daemon.dir, "state").rglob("*")):
        if not path.is_file() or path.name == "gazetteer.img":
            continue
        data = path.read_bytes()
        for what, value in CANARY.items():
            forms = (value.encode(), value.encode("utf-16-le"), value.encode().hex().encode())
            found += [f"{path.name}: {what}" for form in forms if form in data]
    return found


def database(daemon: Daemon) -> Path:
    return next(path for path in Path(daemon.dir, "state").iterdir() if path.suffix == ".db" and "keys" not in path.name)


def is_sealed(daemon: Daemon) -> bool:
    # A connection that stays open would keep the daemon from emptying its log when it stops.
    with closing(sqlite3.connect(f"file:{database(daemon)}?mode=ro", uri=True)) as db:
        return bool(db.execute("SELECT typeof(body) FROM facts LIMIT 1").fetchone()[0] == "blob")


def test_nobody_under_watch_is_erased() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    said = erase(daemon, journey, status=1)
    assert "under watch" in said.stderr and "409" in said.stderr, said
    assert daemon.get(f"/v1/journeys/{journey}")["name"] == CANARY["name"]
    assert daemon.call("POST", f"/v1/journeys/{journey}/erase", {}).status == 400
    assert daemon.call("POST", f"/v1/journeys/{journey}/erase", {"reason": "x"}, "duty").status == 403


def test_erased_by_order_only_numbers_are_left() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    let_go(daemon, journey)
    before = daemon.census()
    erase(daemon, journey)
    left = daemon.get(f"/v1/journeys/{journey}")
    assert left["state"] == "closed" and left["erased_at"] and left["committee_code"] == "310112101007", left
    for member in ("name", "name_native", "nationality", "address", "flight", "transfer", "dob", "building"):
        assert not left.get(member), (member, left[member])
    assert left["phones"] == [], left
    assert daemon.census()["stages"] == before["stages"]
    # Everything that asks about her goes on.
    ledger = daemon.get(f"/v1/journeys/{journey}/ledger")["ledger"]
    assert not [value for value in CANARY.values() if value in json.dumps(ledger, ensure_ascii=False)], ledger
    lines = [line for line in ledger if line["what"] != "read"]
    assert lines[-1]["what"] == "journey.erased" and "by local" in lines[-1]["note"], lines[-1]
    assert CANARY["name"] not in json.dumps(daemon.get(f"/v1/journeys/{journey}/why"))
    assert journey in [row["id"] for row in daemon.get("/v1/journeys", unit="310112101007")["journeys"]]
    daemon.get("/v1/transfers/MH-20200308-07")
    daemon.clock("2020-03-12T10:00:00+08:00")
    assert daemon.call("POST", f"/v1/journeys/{journey}/erase", {"reason": "again"}).status == 410
    assert daemon.call("POST", f"/v1/journeys/{journey}/checks", {"temp_c": 36.5}).status == 410
    gone = daemon.call("GET", f"/v1/journeys/{journey}/export", headers={"X-Purpose": "she asks"})
    assert gone.status == 410, gone


def test_nothing_of_her_can_be_read_on_the_disk() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    if is_sealed(daemon):
        assert hits(daemon) == []
    let_go(daemon, journey)
    erase(daemon, journey)
    with closing(sqlite3.connect(f"file:{database(daemon)}?mode=ro", uri=True)) as db:
        assert db.execute("SELECT count(*) FROM people WHERE journey = ?", (journey,)).fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM doomed WHERE key > 0").fetchone() == (0,)
        record = db.execute("SELECT record FROM journeys WHERE id = ?", (journey,)).fetchone()[0]
    for value in CANARY.values():
        assert value.encode() not in record, value
    if is_sealed(daemon):
        assert hits(daemon) == []
    assert CANARY["name"] not in daemon.log_text() and CANARY["number"] not in daemon.log_text()


def test_a_late_fact_about_her_is_refused() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    let_go(daemon, journey)
    erase(daemon, journey)
    events, _ = scenario("s1")
    late = json.loads(json.dumps(events[-1]).replace("P0001", CANARY["ref"]))
    late["id"], late["time"] = "late-1", "2020-03-09T09:30:00+08:00"
    before = daemon.census()
    said = daemon.send(json.dumps(late).encode())
    assert said.status == 410 and said.code == "gone", said
    assert daemon.census()["stages"] == before["stages"]
    other = json.loads(json.dumps(late).replace(CANARY["ref"], "P0002"))
    other["id"] = "late-2"
    both = daemon.send(f"[{json.dumps(dict(late, id='late-3'))},{json.dumps(other)}]".encode(), "application/cloudevents-batch+json")
    assert both.status == 202 and both.json()["accepted"] == 1, both
    assert [item["code"] for item in both.json()["rejected"]] == ["gone"], both


def test_her_own_data_and_nothing_of_others() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    assert daemon.call("GET", f"/v1/journeys/{journey}/export").status == 400
    assert daemon.call("GET", f"/v1/journeys/{journey}/export", token="duty", headers={"X-Purpose": "x"}).status == 403
    said = daemon.ctl("export", "person", journey, "--purpose", "she asks, 13999777555")
    assert said.returncode == 0, said
    copy = json.loads(said.stdout)
    assert copy["person"]["name"] == CANARY["name"] and copy["person"]["document_number"] == CANARY["number"]
    kinds = {fact["event"]["type"].split(".")[-2] for fact in copy["facts"]}
    assert {"announced", "triaged", "registered", "departed", "handed_over", "checked"} <= kinds, kinds
    for other in ("P0002", "CAO YU", "莘松一村8号", "随车甲", "13900000001", "310112101005"):
        assert other not in said.stdout, other
    assert [look["what"] for look in copy["looks"]] == ["export"], copy["looks"]
    assert "13999777555" not in copy["looks"][0]["note"] and "she asks" in copy["looks"][0]["note"], copy["looks"]
    assert daemon.ctl("export", "person", journey).returncode == 2


def test_tables_have_no_names_and_no_formulas() -> None:
    daemon = Daemon(drill=CLOCK)
    names = ["=1+1", "+86", "-2", "@SUM(A1)", "\u3000＝HYPERLINK(1)", "  =2", "＋1", "－1", "＠x", 'A "B", C', "李雷"]
    first = scenario("s1")[0][0]
    events = []
    for i, name in enumerate(names):
        traveler = {**first["data"]["traveler"], "ref": f"N{i}", "name": {"full": name}}
        traveler["document"] = {"type": "P", "number": f"N{i}", "issuer": "KOR"}
        events.append({**first, "id": f"n{i}", "data": {**first["data"], "traveler": traveler}})
    said = daemon.post_events(events)
    assert said["accepted"] + len(said["rejected"]) == len(names), said
    assert said["accepted"] == len(names), said
    plain = daemon.ctl("export", "journeys", "--csv")
    assert plain.returncode == 0, plain
    rows = list(csv.DictReader(io.StringIO(plain.stdout)))
    assert len(rows) == len(names) and "name" not in rows[0] and rows[0]["state"] == "announced", rows[:1]
    assert "李雷" not in plain.stdout
    assert daemon.ctl("export", "journeys", "--csv", "--names").returncode == 2
    line = ["closedloopctl", "--config", str(daemon.config), "export", "journeys", "--csv", "--names", "--bom"]
    raw = daemon.ctl(*line[3:], "--purpose", "a drill").stdout
    assert raw.startswith("\ufeff"), raw[:20]
    cells = [row["name"] for row in csv.DictReader(io.StringIO(raw[1:]))]
    for name in names:
        hostile = name.strip(" \u3000")[0] in "=+-@＝＋－＠"
        kept = [cell for cell in cells if cell.lstrip("'").strip(" \u3000") == name.strip(" \u3000")]
        assert len(kept) == 1, (name, cells)
        assert kept[0].startswith("'") == hostile, (name, kept)


def test_by_itself_when_the_policy_says_so() -> None:
    daemon = Daemon(drill=CLOCK, start=False)
    daemon.settings["policy"] = ["short.yaml"]
    Path(daemon.dir, "short.yaml").write_text("{policy: short, in_force_from: 2020-03-01, retention: {erase_after: 26h}}")
    daemon.write_config()
    daemon.start()
    journey = told(daemon)
    let_go(daemon, journey)
    daemon.clock("2020-03-10T11:59:00+08:00")
    assert daemon.get(f"/v1/journeys/{journey}")["name"] == CANARY["name"]
    daemon.clock("2020-03-10T12:01:00+08:00")
    left = daemon.get(f"/v1/journeys/{journey}")
    assert left["name"] is None and left["erased_at"] == "2020-03-10T12:00:00+08:00", left
    other = daemon.journey(SOURCE, "P0002")
    assert other["name"] == "CAO YU" and other["erased_at"] is None, other


def test_an_incident_report_says_who_took_what() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    daemon.ctl("export", "person", journey, "--purpose", "she asks")
    let_go(daemon, journey)
    erase(daemon, journey)
    said = daemon.ctl("incident-report", "--since", "2020-03-09T00:00:00+08:00")
    assert said.returncode == 0, said
    for words in ("journeys known: 2", "closed", "export by local", "journey.erased"):
        assert words in said.stdout, (words, said.stdout)
    assert CANARY["name"] not in said.stdout
    later = daemon.ctl("incident-report", "--since", "2020-03-09T23:00:00+08:00")
    assert "nothing" in later.stdout, later


def test_an_old_backup_brings_nobody_back() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    assert is_sealed(daemon), "without keys nothing can be erased in a backup"
    daemon.stop()
    kept = database(daemon)
    backup = kept.read_bytes()
    daemon.start()
    let_go(daemon, journey)
    erase(daemon, journey)
    daemon.stop()
    for beside in kept.parent.glob(kept.name + "-*"):
        beside.unlink()
    kept.write_bytes(backup)
    daemon.start()
    # She was under watch when the backup was made; her next deadline finds that she is gone.
    daemon.clock("2020-03-10T12:00:00+08:00")
    left = daemon.get(f"/v1/journeys/{journey}")
    assert left["erased_at"] and left["state"] == "closed" and left["name"] is None, left
    ledger = daemon.get(f"/v1/journeys/{journey}/ledger")["ledger"]
    lines = [line for line in ledger if line["what"] != "read"]
    assert lines[-1]["what"] == "journey.erased" and "backup" in lines[-1]["note"], lines[-1]
    assert daemon.journey(SOURCE, "P0002")["name"] == "CAO YU"
    assert daemon.get("/v1/admin/census")["violations"] == []
    assert hits(daemon) == []


def test_an_old_key_ring_brings_no_key_back() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    daemon.stop()
    ring = database(daemon).parent / "drill-keys.db"
    with closing(sqlite3.connect(database(daemon))) as db:
        key = db.execute("SELECT key FROM journeys WHERE id = ?", (journey,)).fetchone()[0]

    def is_destroyed() -> bool:
        with closing(sqlite3.connect(ring)) as db:
            return not any(db.execute("SELECT master FROM keys WHERE id = ?", (key,)).fetchone()[0])

    before = ring.read_bytes()
    daemon.start()
    let_go(daemon, journey)
    erase(daemon, journey)
    daemon.stop()
    assert is_destroyed()
    for beside in ring.parent.glob(ring.name + "-*"):
        beside.unlink()
    ring.write_bytes(before)
    assert not is_destroyed(), "the copy has her key"
    daemon.start()
    daemon.clock("2020-03-09T10:30:00+08:00")
    daemon.stop()
    assert is_destroyed()
    assert daemon.start().get(f"/v1/journeys/{journey}")["erased_at"]


def test_one_row_that_does_not_open_stops_nobody_elses_deadlines() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    before = {alert["id"] for alert in daemon.get("/v1/alerts")["alerts"]}
    daemon.stop()
    with closing(sqlite3.connect(database(daemon))) as db:
        record = bytearray(db.execute("SELECT record FROM people WHERE journey = ?", (journey,)).fetchone()[0])
        record[-1] ^= 1
        db.execute("UPDATE people SET record = ? WHERE journey = ?", (bytes(record), journey))
        db.commit()
    daemon.start()
    daemon.clock("2020-03-10T12:00:00+08:00")
    alerts = [alert for alert in daemon.get("/v1/alerts")["alerts"] if alert["id"] not in before]
    assert [alert for alert in alerts if alert["kind"] == "ledger_broken" and journey in (alert["detail"] or "")], alerts
    other = daemon.journey(SOURCE, "P0002")["id"]
    assert [alert for alert in alerts if alert["kind"] == "missed_check" and other in alert["journeys"]], alerts


def test_a_fact_about_a_record_that_does_not_open_fails_alone() -> None:
    daemon = Daemon(drill=CLOCK)
    journey = told(daemon)
    other = daemon.journey(SOURCE, "P0002")["id"]
    reference = daemon.get(f"/v1/journeys/{journey}")["refs"][0]["ref"]
    daemon.stop()
    with closing(sqlite3.connect(database(daemon))) as db:
        db.execute("UPDATE people SET record = x'0102' || substr(record, 3) WHERE journey = ?", (journey,))
        db.commit()
    daemon.start()
    events = [
        {
            "specversion": "1.0",
            "id": f"apart-{ref}",
            "source": SOURCE,
            "type": "org.closedloopd.traveler.registered.v1",
            "time": CLOCK,
            "data": {"ref": ref, "desk": "apart", "district_code": "310112", "transport": "bus"},
        }
        for ref in (reference, "P0002")
    ]
    answer = daemon.post_events(events, "batch")
    assert answer["accepted"] == 1 and answer["rejected"] == ["bad_value"], answer
    assert daemon.get(f"/v1/journeys/{other}")["desk"] == "apart"
    kept = daemon.get("/v1/admin/rejects")["rejects"]
    assert [item["code"] for item in kept if item["id"] == f"apart-{reference}"] == ["unreadable"], kept
    assert [alert for alert in daemon.get("/v1/alerts", state="open")["alerts"] if alert["kind"] == "ledger_broken"]
