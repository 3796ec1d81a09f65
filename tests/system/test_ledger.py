"""test_ledger.py — the history: what somebody does to it behind the daemon's back is named, and a head kept outside
proves what was cut off."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from harness import Daemon, scenario, wait_until

CLOCK = "2020-03-09T10:00:00+08:00"
MIDNIGHT = "2020-03-10T00:00:01+08:00"
KEEPER = "u310112101007"


def filled(**changes: Any) -> Daemon:
    daemon = Daemon(drill=CLOCK, ledger={"head_to": KEEPER}, **changes)
    events, _ = scenario("s1")
    daemon.post_events(events)
    return daemon


def database(daemon: Daemon) -> Path:
    return daemon.dir / "state/drill.db"


def verify(daemon: Daemon, *words: str, status: int = 0) -> str:
    said = daemon.ctl("verify-ledger", *words)
    assert said.returncode == status, said
    return said.stdout if status == 0 else said.stderr


def cut(daemon: Daemon, sql: str) -> None:
    """What somebody with a shell does while the daemon is stopped."""
    assert daemon.stop() == 0
    with sqlite3.connect(database(daemon)) as db:
        db.executescript(sql)
    db.close()


def head_of(daemon: Daemon) -> dict:
    daemon.clock(MIDNIGHT)
    heads = [message for message in daemon.receiver.messages(KEEPER[1:]) if message.kind == "ledger"]
    assert len(heads) == 1, heads
    return heads[0].json


def kept(daemon: Daemon, head: dict) -> str:
    path = daemon.dir / "heads.jsonl"
    path.write_text(json.dumps(head) + "\n")
    return str(path)


def test_a_head_arrives_at_midnight_and_openssl_verifies_it() -> None:
    daemon = filled()
    notice = head_of(daemon)
    head = notice["data"]
    assert notice["type"].endswith("ledger.head.v1") or "ledger.head" in notice["type"], notice
    assert "账本封签" in head["title"] and str(head["n"]) in head["text"] and head["link"][:12] in head["text"], head
    with sqlite3.connect(f"file:{database(daemon)}?mode=ro", uri=True) as db:
        assert db.execute("SELECT hex(link) FROM ledger WHERE n = ?", (head["n"],)).fetchone()[0].lower() == head["link"]
    message = f"closedloop ledger head 1\nn {head['n']}\nat {head['at']}\nlink {head['link']}\n"
    der = bytes.fromhex("302a300506032b6570032100" + head["public_key"])
    pem = "-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der).decode() + "\n-----END PUBLIC KEY-----\n"
    (daemon.dir / "key.pem").write_text(pem)
    (daemon.dir / "head.txt").write_text(message)
    (daemon.dir / "head.sig").write_bytes(bytes.fromhex(head["signature"]))
    line = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in head.txt -sigfile head.sig"
    subprocess.run(line.split(), cwd=daemon.dir, check=True, capture_output=True)
    (daemon.dir / "head.txt").write_text(message.replace("\nn ", "\nn 1"))
    assert subprocess.run(line.split(), cwd=daemon.dir, capture_output=True).returncode != 0
    told = daemon.get("/v1/admin/ledger", token="auditor")
    assert told["public_key"] == head["public_key"] and told["heads"][0]["signature"] == head["signature"], told
    assert verify(daemon, "--head", kept(daemon, notice)).startswith("whole: ")


def test_what_a_shell_changes_is_named() -> None:
    daemon = filled()
    journey = daemon.journey("/pvg/t2/minhang", "P0001")["id"]
    steps = daemon.get(f"/v1/journeys/{journey}/ledger")["ledger"]
    row = steps[1]["n"]
    assert steps == sorted(steps, key=lambda step: step["n"]) and steps[1]["seq"] == row
    verify(daemon)
    cut(daemon, f"UPDATE ledger SET note = 'nothing to see' WHERE n = {row}")
    said = verify(daemon, "--database", str(database(daemon)), status=1)
    assert f"altered: row {row} (" in said and journey in said, said
    daemon.start()
    assert f"row {row} (" in verify(daemon, status=1)
    answer = daemon.post("/v1/admin/verify-ledger", token="auditor")
    assert answer["ok"] is False and answer["first_bad"]["n"] == row and answer["first_bad"]["journey"] == journey
    alerts = daemon.get("/v1/alerts")["alerts"]
    assert [alert for alert in alerts if alert["kind"] == "ledger_broken"], alerts
    assert "NOT as it was written" in daemon.ctl("status").stdout


def test_an_altered_fact_is_named_and_a_deleted_row() -> None:
    daemon = filled()
    cut(daemon, "UPDATE facts SET body = replace(CAST(body AS TEXT), '\"', '''') WHERE seq = 2")
    with sqlite3.connect(database(daemon)) as db:
        source, name = db.execute("SELECT source, id FROM facts WHERE seq = 2").fetchone()
    db.close()
    said = verify(daemon, "--database", str(database(daemon)), status=1)
    assert "fact_altered: " in said and source in said and name in said, said
    daemon = filled()
    cut(daemon, "DELETE FROM ledger WHERE n = 5")
    assert "missing: row 5 is missing" in verify(daemon, "--database", str(database(daemon)), status=1)


def test_yesterdays_head_proves_that_the_last_hour_is_gone() -> None:
    daemon = filled()
    notice = head_of(daemon)
    file, rows = kept(daemon, notice), notice["data"]["n"]
    whole = "DELETE FROM heads; DELETE FROM facts WHERE seq > (SELECT max(fact) FROM ledger WHERE what = 'fact')"
    cut(daemon, f"DELETE FROM ledger WHERE n > {rows - 3}; {whole}")
    assert "whole" in verify(daemon, "--database", str(database(daemon))), "a chain alone cannot tell"
    said = verify(daemon, "--database", str(database(daemon)), "--head", file, status=1)
    assert f"cut: row {rows} was cut off: the head of 2020-03-09T16:00" in said, said
    # The daemon knows its own last head, and says so at once.
    daemon.start()
    found = lambda: [alert for alert in daemon.get("/v1/alerts")["alerts"] if alert["kind"] == "ledger_broken"]  # noqa: E731
    wait_until(found, "the operator is told at the start")
    assert f"row={rows} fault=cut" in daemon.log_text()
    assert "cut: row" in verify(daemon, "--head", file, status=1)
    assert "cut: row" in verify(daemon, status=1), "who kept no head hears of the daemon's"


def test_a_database_put_back_is_noticed_at_the_start() -> None:
    daemon = filled()
    assert daemon.stop() == 0
    shutil.copy(database(daemon), daemon.dir / "old.db")
    daemon.start()
    head_of(daemon)
    assert daemon.stop() == 0
    shutil.copy(daemon.dir / "old.db", database(daemon))
    daemon.start()
    wait_until(lambda: "ledger.broken" in daemon.log_text(), "the start says that the ledger is behind its head")
    assert "fault=cut" in daemon.log_text()


def test_a_backup_is_read_and_left_as_it_is() -> None:
    daemon = filled()
    backup = daemon.dir / "backup.db"
    with sqlite3.connect(database(daemon)) as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    db.close()
    before = backup.read_bytes()
    backup.chmod(0o400)
    head = daemon.ctl("ledger-head")
    assert head.returncode == 0, head
    key = json.loads(head.stdout)["public_key"]
    assert verify(daemon, "--database", str(backup), "--public-key", key).startswith("whole: ")
    assert backup.read_bytes() == before and not list(daemon.dir.glob("backup.db-*"))
    # While the daemon runs, too; and with another's key no head is ours.
    assert verify(daemon, "--database", str(database(daemon)), "--public-key", key).startswith("whole: ")
    assert "forged: " in verify(daemon, "--database", str(database(daemon)), "--public-key", "0" * 64, status=1)


def test_who_may_ask() -> None:
    daemon = filled()
    for token, status in {"operator": 200, "auditor": 200, "duty": 403, "committee": 403}.items():
        assert daemon.call("GET", "/v1/admin/ledger", token=token).status == status
        assert daemon.call("POST", "/v1/admin/verify-ledger", {}, token=token).status == status
        assert daemon.call("POST", "/v1/admin/ledger-head", {}, token=token).status == status
    head = daemon.post("/v1/admin/ledger-head")
    assert daemon.post("/v1/admin/verify-ledger", {"heads": [head]})["ok"] is True
    head["n"] += 1
    refused = daemon.post("/v1/admin/verify-ledger", {"heads": [head]}, status=400)
    assert "$.heads[0]" in refused["detail"] and "no signature" in refused["detail"], refused
