"""test_rosters.py — who is on duty is who is called; a gap is refused; one shift hands over to the next, once."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta, timezone

from harness import BUILD, PATIENCE, Daemon, later, wait_until, when

START = "2020-03-08T18:00:00+08:00"
GATE, STREET, DISTRICT = "310112101007", "310112101", "310112"
DAY, NIGHT = "310112101005", "310118107002"  # Endpoints that stand for two people's phones.
SOURCE = "/pvg/t2/minhang"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def roster(gap: str = "20:00", **more: object) -> dict:
    def layer(name: str, begins: str, start: str, end: str) -> dict:
        turn = {"every": "1 day", "begins": f"2020-03-01 {begins}", "members": [name]}
        return {"name": name, "rotation": turn, "restrictions": [{"from": start, "to": end}]}

    return {
        "name": "xinzhuang",
        "members": [{"name": "day", "endpoint": f"u{DAY}"}, {"name": "night", "endpoint": f"u{NIGHT}"}],
        "layers": [layer("night", "20:00", gap, "08:00"), layer("day", "08:00", "08:00", "20:00")],
        **more,
    }


def with_roster(start: bool = True, rosters: list | None = None) -> Daemon:
    daemon = Daemon(drill=START, start=False, rosters=rosters or [roster()])
    for unit in daemon.settings["units"]:
        if unit["code"] == STREET:
            unit["roster"] = "xinzhuang"
    daemon.write_config()
    return daemon.start() if start else daemon


def check(daemon: Daemon, *more: str) -> subprocess.CompletedProcess:
    line = [str(BUILD / "closedloopd"), "--config", str(daemon.config), "--check", *more]
    return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE)


def depart(daemon: Daemon, name: str, time: str) -> None:
    stop = {
        "seq": 1,
        "kind": "compound",
        "address": {"text": "莘松", "committee_code": GATE},
        "eta": later(time, hours=3),
    }
    event = {
        "specversion": "1.0",
        "id": f"rosters-{name}",
        "source": SOURCE,
        "type": "org.closedloopd.transfer.departed.v1",
        "time": time,
        "data": {"transfer": name, "travelers": [{"ref": name, "stop": 1}], "stops": [stop]},
    }
    assert daemon.post_events([event], "structured")["accepted"] == 1


def to(daemon: Daemon, kind: str) -> list[str]:
    """Endpoints told about KIND since the last time."""
    return sorted(message.path[1:] for message in daemon.receiver.fresh() if message.kind == kind)


def at(clock: str) -> str:
    return f"2020-03-08T{clock}:00+08:00"


def test_check_refuses_one_uncovered_minute() -> None:
    daemon = with_roster(start=False)
    assert check(daemon).returncode == 0, check(daemon).stderr
    daemon.settings["rosters"] = [roster("20:01")]
    daemon.write_config()
    said = check(daemon, "--drill", START)
    assert said.returncode == 1, said
    assert "roster xinzhuang: nobody is on duty from 2020-03-08 20:00 to 2020-03-08 20:01" in said.stderr, said.stderr
    assert "allow_gap: true" in said.stderr
    # By the real clock it is no better: the gap is there every day.
    assert check(daemon).returncode == 1
    daemon.settings["rosters"] = [roster("20:01", allow_gap=True)]
    daemon.write_config()
    assert check(daemon).returncode == 0


def test_a_reload_refuses_a_gap_and_a_start_does_not() -> None:
    daemon = with_roster()
    daemon.settings["rosters"] = [roster("20:01")]
    daemon.write_config()
    said = daemon.ctl("reload")
    assert said.returncode == 1 and "nobody is on duty" in said.stderr, said
    # Better up with a gap than down with a whole one: the unit's endpoint gets what the minute brings.
    daemon.restart()
    assert "nobody is on duty" in daemon.log_text()


def test_who_is_on_duty_is_called_and_shown() -> None:
    daemon = with_roster()
    assert daemon.get(f"/v1/units/{STREET}")["contacts"] == [f"u{DAY}"]
    shown = daemon.get("/v1/rosters")["rosters"]
    assert [item["name"] for item in shown] == ["xinzhuang"] and shown[0]["units"] == [STREET]
    assert shown[0]["on_duty"] == [{"member": "day", "endpoint": f"u{DAY}"}]
    assert when(shown[0]["until"]) == when(at("20:00"))
    assert daemon.get("/v1/rosters", token="duty") == daemon.get("/v1/rosters")
    assert daemon.call("GET", "/v1/rosters", token="committee").status == 403
    said = daemon.ctl("roster")
    assert said.returncode == 0 and "day (u310112101005)" in said.stdout, said


def test_both_shifts_are_told_until_the_next_takes_over() -> None:
    daemon = with_roster()
    daemon.clock(at("19:54"))
    assert to(daemon, "shift_handover") == []
    daemon.clock(at("19:55"))
    messages = {message.path[1:]: message for message in daemon.receiver.messages(kind="shift_handover")}
    assert sorted(messages) == sorted([DAY, NIGHT])
    assert messages[DAY].token == "" and messages[NIGHT].token
    assert "班表xinzhuang于03-08 20:00换班" in messages[NIGHT].words, messages[NIGHT].words
    daemon.receiver.fresh()

    depart(daemon, "B1", at("19:55"))
    daemon.clock(at("20:06"))  # The committee has not answered: the street's turn, after the change.
    assert to(daemon, "arrival") == sorted([GATE, DAY, NIGHT])
    contacts = daemon.get(f"/v1/units/{STREET}")["contacts"]
    assert sorted(contacts) == sorted([f"u{DAY}", f"u{NIGHT}"])

    # Nobody answered for ten minutes: the district is told, too.
    told = [message for message in daemon.receiver.messages(DISTRICT, kind="shift_handover")]
    assert len(told) == 1 and told[0].why == "escalated"
    page = daemon.call("POST", f"/a/{messages[NIGHT].token}", b"", token=None, headers=FORM)
    assert page.status == 200, page
    assert daemon.get("/v1/alerts", state="all", kind="shift_handover")["alerts"][0]["state"] == "resolved"
    daemon.receiver.fresh()
    depart(daemon, "B2", at("20:06"))
    daemon.clock(at("20:17"))
    assert to(daemon, "arrival").count(DAY) == 0
    assert to(daemon, "shift_handover") == []
    daemon.clock("2020-03-09T07:54:00+08:00")
    daemon.census()


def test_a_handover_survives_kill_9_and_comes_once() -> None:
    daemon = with_roster()
    daemon.clock(at("19:50"))
    daemon.kill9()
    daemon.drill = at("19:54")
    daemon.start()
    daemon.clock(at("19:56"))
    daemon.kill9()
    daemon.drill = at("19:58")
    daemon.start()
    daemon.clock(at("20:03"))
    told = daemon.receiver.messages(kind="shift_handover")
    assert sorted(message.path[1:] for message in told) == sorted([DAY, NIGHT])
    assert len(daemon.get("/v1/alerts", state="all", kind="shift_handover")["alerts"]) == 1
    # Down over the whole night and the day: of three changes only the latest, and late.
    daemon.kill9()
    daemon.drill = "2020-03-09T21:00:00+08:00"
    daemon.receiver.fresh()
    daemon.start()
    daemon.clock("2020-03-09T21:01:00+08:00")
    came = [message for message in daemon.receiver.fresh() if message.kind == "shift_handover"]
    latest = [message for message in came if message.data["subject"] == "xinzhuang 2020-03-09T20:00"]
    assert sorted(message.path[1:] for message in latest) == sorted([DAY, NIGHT]), came
    assert all(message.data["late_seconds"] >= 3600 for message in latest)
    assert len(daemon.get("/v1/alerts", kind="shift_handover")["alerts"]) == 1


# --- The calendar


def unfold(text: str) -> list[str]:
    """RFC 5545, 3.1, read strictly."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", ""), "line breaks are CRLF"
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75, line
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def events_of(text: str) -> list[dict[str, str]]:
    lines = unfold(text)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    assert "VERSION:2.0" in lines and any(line.startswith("PRODID:") for line in lines)
    events: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"):
            assert name not in events[-1]
            events[-1][name] = value
    return events


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)


def test_the_calendar_covers_five_weeks_without_a_gap() -> None:
    daemon = with_roster()
    answer = daemon.call("GET", "/v1/rosters/xinzhuang.ics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/calendar"), answer.headers
    events = events_of(answer.body.decode())
    assert instant(events[0]["DTSTART"]) <= when(START) < instant(events[0]["DTEND"])
    assert instant(events[-1]["DTEND"]) >= when(START) + timedelta(days=35)
    for this, following in zip(events, events[1:]):
        assert this["DTEND"] == following["DTSTART"]
    assert {event["SUMMARY"] for event in events} == {"day", "night"}
    assert len({event["UID"] for event in events}) == len(events)
    said = daemon.ctl("roster", "xinzhuang", "--ics")
    assert said.returncode == 0 and said.stdout == answer.body.decode().replace("\r\n", "\n"), said
    # An hour later the same shifts have the same UIDs.
    daemon.clock(later(START, hours=1))
    again = events_of(daemon.call("GET", "/v1/rosters/xinzhuang.ics").body.decode())
    assert [event["UID"] for event in again] == [event["UID"] for event in events]
    for path in ("/v1/rosters/nobody.ics", "/v1/rosters/xinzhuang"):
        assert daemon.call("GET", path).status == 404
