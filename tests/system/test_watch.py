"""test_watch.py — what keeps alerts quiet, and who watches the watchers: silences, late buses that explain others, feeds
that fall silent, and our own heartbeat that stops when anything else does."""

from __future__ import annotations

import re
import time

from endpoints import Receiver
from harness import Daemon, later, wait_until
from test_storage import Disk, announced, post

START = "2020-03-08T20:00:00+08:00"
GATE, STREET, DISTRICT = "310112101007", "310112101", "310112"
SOURCE = "/pvg/t2/minhang"
FEED = "pvg"


def minute(count: float) -> str:
    return later(START, minutes=count)


def event(number: str, kind: str, now: str = START, **data: object) -> dict:
    return {
        "specversion": "1.0",
        "id": f"watch-{number}",
        "source": SOURCE,
        "type": f"org.closedloopd.{kind}.v1",
        "time": now,
        "data": data,
    }


def bus(daemon: Daemon, name: str, eta: str, rider: str, now: str = START) -> None:
    stop = {"seq": 1, "kind": "compound", "address": {"text": "莘松", "committee_code": GATE}, "eta": eta}
    data = {"transfer": name, "travelers": [{"ref": rider, "stop": 1}], "stops": [stop]}
    assert daemon.post_events([event(f"{name}-{now}", "transfer.departed", now, **data)])["accepted"] == 1


def alert(daemon: Daemon, kind: str) -> dict:
    found = daemon.get("/v1/alerts", kind=kind)["alerts"]
    assert len(found) == 1, f"{len(found)} open alerts of kind {kind}"
    return found[0]


def silence(daemon: Daemon, status: int = 201, token: str = "operator", **changes: object) -> dict:
    body = {"kind": "arrival", "unit": GATE, "by": "张", "reason": "线路检修", "until": minute(60), "force": True}
    body = {key: value for key, value in {**body, **changes}.items() if value is not None}
    return daemon.post("/v1/silences", body, token=token, status=status)


# --- Silences


def test_a_silenced_alert_is_shown_counted_and_told_when_the_silence_ends() -> None:
    daemon = Daemon(drill=START)
    made = silence(daemon)
    assert (made["hides"], made["by"], made["kind"], made["unit"]) == (0, "张", "arrival", GATE), made
    bus(daemon, "B1", minute(180), "A1")
    daemon.clock(minute(59))
    daemon.census()
    assert daemon.receiver.messages(kind="arrival") == []
    seen = alert(daemon, "arrival")
    assert seen["silenced_until"] == minute(60) and seen["silenced_by"]["by"] == "张", seen
    assert seen["silenced_by"]["id"] == made["id"] and seen["next_at"] == minute(60), seen
    listed = daemon.get("/v1/silences", token="auditor")["silences"]
    assert [(row["id"], row["hides"]) for row in listed] == [(made["id"], 1)], listed
    assert daemon.get("/v1/admin/status")["alerts_silenced"] == 1
    assert "closedloop_alerts_silenced 1" in daemon.call("GET", "/metrics", token=None).body.decode()
    daemon.clock(minute(60))
    told = daemon.receiver.messages(GATE, kind="arrival")
    assert len(told) == 1 and "late_seconds" not in told[0].data, told
    assert alert(daemon, "arrival")["silenced_until"] is None
    assert daemon.get("/v1/silences")["silences"] == []


def test_a_silence_ended_early_lets_the_hidden_speak_at_once() -> None:
    for way in ("DELETE", "POST"):
        daemon = Daemon(drill=START)
        made = silence(daemon)
        bus(daemon, "B1", minute(180), "A1")
        daemon.clock(minute(5))
        path = f"/v1/silences/{made['id']}" + ("/end" if way == "POST" else "")
        ended = daemon.call(way, path, {"by": "李"})
        assert ended.status == 200 and ended.json()["ended_by"] == "李", ended
        daemon.clock(minute(5))
        assert len(daemon.receiver.messages(GATE, kind="arrival")) == 1
        assert daemon.call(way, path, {"by": "王"}).json()["ended_by"] == "李"
        assert daemon.call("DELETE", "/v1/silences/S-999999").status == 404


def test_a_silence_survives_a_restart_and_a_repetition_makes_no_second_one() -> None:
    daemon = Daemon(drill=START)
    key = {"Idempotency-Key": "once"}
    body = {"kind": "missed_check", "by": "张", "reason": "x", "until": minute(60)}
    first = daemon.call("POST", "/v1/silences", body, headers=key)
    again = daemon.call("POST", "/v1/silences", body, headers=key)
    assert (first.status, again.status) == (201, 201) and first.json()["id"] == again.json()["id"], again
    daemon.kill9()
    daemon.start()
    assert [row["id"] for row in daemon.get("/v1/silences")["silences"]] == [first.json()["id"]]


def test_what_no_silence_may_be() -> None:
    daemon = Daemon(drill=START)
    refused = (
        ({"by": None}, "by is missing"),
        ({"reason": ""}, "reason is missing"),
        ({"until": None}, "$.until"),
        ({"until": "tomorrow"}, "$.until"),
        ({"until": minute(-1)}, "not in the future"),
        ({"until": minute(24 * 60 + 1)}, "24 h"),
        ({"kind": None, "unit": None}, "kind, unit and subject"),
        ({"kind": "arival"}, 'did you mean "arrival"?'),
        ({"kind": 7}, "$.kind is no text"),
        ({"unit": "莘松"}, "$.unit"),
        ({"subjekt": "B1"}, "nothing else"),
        ({"force": "yes"}, "$.force"),
        ({"force": False}, "force: true"),
        ({"kind": "loop_broken"}, "never silenced"),
        ({"kind": "endpoint_sick", "subject": "fallback", "unit": None}, "never silenced"),
    )
    for changes, words in refused:
        said = silence(daemon, status=400, **changes)
        assert words in said["detail"], f"{changes}: {said}"
    silence(daemon, status=403, token="committee")
    silence(daemon, status=403, token="duty", unit="310110")
    silence(daemon, status=403, token="duty", unit=None)
    silence(daemon, token="duty")
    assert len(daemon.get("/v1/silences")["silences"]) == 1


def test_an_operator_silences_from_the_shell() -> None:
    daemon = Daemon(drill=START)
    words = ("--by", "Zhang", "--reason", "lines", "--kind", "missed_check", "--for", "2h")
    said = daemon.ctl("silences", "add", *words)
    assert said.returncode == 0 and "S-" in said.stdout, said
    name = said.stdout.split()[0]
    listed = daemon.ctl("silences").stdout
    assert name in listed and "missed_check" in listed and "lines" in listed, listed
    assert daemon.ctl("silences", "add", "--by", "Zhang").returncode == 2
    assert daemon.ctl("silences", "add", "--by", "Z", "--reason", "r", "--for", "25h", "--unit", "31").returncode == 1
    assert daemon.ctl("silences", "end", name, "--by", "Li").returncode == 0
    assert name not in daemon.ctl("silences", "list").stdout


# --- A coded end


def test_an_outcome_is_a_code() -> None:
    daemon = Daemon(drill=START)
    bus(daemon, "B1", minute(180), "A1")
    name = alert(daemon, "arrival")["id"]
    for outcome in ("Seen", "seen by guard", "9", "病", 5, "a" * 33):
        said = daemon.post(f"/v1/alerts/{name}/resolve", {"by": "x", "outcome": outcome}, status=400)
        assert "$.outcome" in said["detail"], said
    ended = daemon.post(f"/v1/alerts/{name}/resolve", {"by": "x", "outcome": "a" * 32})
    assert ended["outcome"] == "a" * 32, ended


# --- A late bus explains its passengers' alerts


def test_a_late_bus_explains_why_nothing_is_ready_for_its_passengers() -> None:
    daemon = Daemon(drill=START)
    bus(daemon, "B1", minute(30), "A1")
    daemon.clock(minute(51))
    late = alert(daemon, "transfer_overdue")
    held = [row for row in daemon.get("/v1/alerts")["alerts"] if row["inhibited_by"]]
    for row in held:
        assert row["inhibited_by"] == late["id"] and row["inhibited_until"] == row["next_at"], row
    assert daemon.get("/v1/admin/status")["alerts_inhibited"] == len(held)
    daemon.census()


# --- Feeds


def feed(daemon: Daemon) -> dict:
    return next(row for row in daemon.get("/v1/admin/feeds")["feeds"] if row["name"] == FEED)


def listening(**changes: object) -> Daemon:
    daemon = Daemon(drill=START, start=False)
    daemon.settings["feeds"][0].update({"heartbeat": "15m", **changes})
    daemon.write_config()
    return daemon.start()


def beat(daemon: Daemon, number: str, now: str) -> None:
    assert daemon.post_events([event(number, "feed.heartbeat", now, seen_until=now)])["accepted"] == 1, now


def test_a_silent_feed_is_told_and_ends_when_it_speaks() -> None:
    daemon = listening()
    assert feed(daemon)["deadline"] == minute(15) and feed(daemon)["heard_at"] is None, feed(daemon)
    daemon.clock(minute(10))
    beat(daemon, "h1", minute(10))
    assert (feed(daemon)["heard_at"], feed(daemon)["deadline"]) == (minute(10), minute(25)), feed(daemon)
    daemon.clock(minute(24.9))
    assert not feed(daemon)["silent"]
    daemon.clock(minute(25))
    assert feed(daemon)["silent"] and feed(daemon)["deadline"] is None, feed(daemon)
    seen = alert(daemon, "feed_silent")
    assert (seen["subject"], seen["since"]) == (FEED, minute(10)), seen
    daemon.clock(minute(60))
    assert any(FEED in message.words for message in daemon.receiver.messages("fallback"))
    beat(daemon, "h2", minute(60))
    assert not feed(daemon)["silent"] and daemon.get("/v1/alerts", kind="feed_silent")["alerts"] == []
    metrics = daemon.call("GET", "/metrics", token=None).body.decode()
    assert re.search(r'closedloop_feed_last_event_timestamp_seconds\{feed="pvg"\} \d{10}\n', metrics), metrics
    daemon.drill = minute(60)
    daemon.restart()
    assert feed(daemon)["heard_at"] == minute(60)


def test_a_feed_taken_out_of_the_configuration_is_waited_for_no_more() -> None:
    daemon = listening()
    daemon.clock(minute(20))
    alert(daemon, "feed_silent")
    daemon.settings["feeds"][0]["heartbeat"] = "10h"
    daemon.write_config()
    daemon.post("/v1/admin/reload", {})
    daemon.clock(minute(21))
    assert daemon.get("/v1/alerts", kind="feed_silent")["alerts"] == [], "ten hours have not passed"
    daemon.settings["feeds"][0]["heartbeat"] = "5m"
    daemon.write_config()
    daemon.post("/v1/admin/reload", {})
    daemon.clock(minute(26))
    alert(daemon, "feed_silent")
    daemon.settings["feeds"][0]["name"] = "other"
    daemon.write_config()
    daemon.post("/v1/admin/reload", {})
    daemon.clock(minute(27))
    assert daemon.get("/v1/alerts", kind="feed_silent")["alerts"] == []


# --- Our own heartbeat


def metric(daemon: Daemon, name: str) -> int:
    found = re.search(rf"^{name} (\d+)$", daemon.call("GET", "/metrics", token=None).body.decode(), re.MULTILINE)
    assert found, name
    return int(found[1])


def alive(receiver: Receiver) -> list:
    return receiver.messages("alive")


def heartbeat(receiver: Receiver, **changes: object) -> dict:
    return {"url": f"{receiver.url}/alive?key=1", "every": "1s", "allow": ["127.0.0.0/8"], **changes}


def test_the_heartbeat_stops_with_the_store_and_comes_back_with_it() -> None:
    receiver = Receiver()
    disk = Disk(receiver=receiver, heartbeat=heartbeat(receiver, drill=True))
    daemon = disk.daemon
    try:
        receiver.wait(lambda: len(alive(receiver)) >= 2, "two heartbeats", 10)
        first = alive(receiver)[0]
        assert (first.method, first.query, first.body) == ("GET", "key=1", b""), first
        number = 0
        while post(daemon, announced(number)).status == 202:
            number += 1
        disk.take_the_rest()
        wait_until(lambda: "deadman.withheld cause=store" in daemon.log_text(), "it is withheld")
        if disk.mounted:  # Else what a tidied log makes room for lets some through.
            before, sent = metric(daemon, "closedloop_deadman_withheld_total"), len(alive(receiver))
            wait_until(lambda: metric(daemon, "closedloop_deadman_withheld_total") >= before + 2, "and stays so")
            assert len(alive(receiver)) == sent
            assert daemon.log_text().count("deadman.withheld") == 1, "logged once per cause"
        disk.give_room()
        sent = len(alive(receiver))
        receiver.wait(lambda: len(alive(receiver)) > sent, "it comes back", 10)
        assert "deadman.resumed" in daemon.log_text()
        wait_until(lambda: metric(daemon, "closedloop_deadman_sent_total") > 2, "those answered are counted")
    finally:
        disk.close()
        receiver.close()


def test_a_drill_does_not_say_that_the_night_is_watched() -> None:
    receiver = Receiver()
    drill = Daemon(drill=START, receiver=receiver, heartbeat=heartbeat(receiver))
    real = Daemon(receiver=receiver, heartbeat={**heartbeat(receiver), "url": f"{receiver.url}/real"})
    receiver.wait(lambda: len(receiver.messages("real")) >= 3, "the real night's", 10)
    assert alive(receiver) == [] and metric(drill, "closedloop_deadman_sent_total") == 0
    real.stop()
    sent = len(receiver.messages("real"))
    began = time.monotonic()
    receiver.wait(lambda: time.monotonic() > began + 1.2, "one heartbeat's time", 5)
    assert len(receiver.messages("real")) == sent, "who is stopped says nothing"


def test_a_heartbeat_that_nobody_hears_is_counted_and_stays_within_the_rules() -> None:
    receiver = Receiver()
    outside = {"url": f"{receiver.url}/alive", "every": "1s", "drill": True}
    daemon = Daemon(drill=START, receiver=receiver, heartbeat=outside)
    wait_until(lambda: metric(daemon, "closedloop_deadman_failed_total") >= 2, "the address is not allowed", 10)
    assert alive(receiver) == [] and daemon.log_text().count("deadman.unheard") == 1
    assert "address not allowed" in daemon.log_text()
