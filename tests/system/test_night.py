"""test_night.py — one traveller from the announcement to the signature fourteen days later, every rule on the way.

The loop invariant is asked for after every step of the clock and every event.
"""

from __future__ import annotations

from datetime import timedelta

from harness import Daemon, later, when
from endpoints import Message

DAY0 = "2020-03-08"
GATE, STREET, DISTRICT = "310112101007", "310112101", "310112"
SOURCE, REF = "/pvg/t2/minhang", "N0001"
LEADS = {  # Minutes before the ETA (四提前).
    "verify_address": 120,
    "inspect_home": 90,
    "disinfect": 60,
    "welcome_kit": 45,
    "tell_doctor": 45,
    "gate_team": 10,
}


def at(day: int, clock: str) -> str:
    """CLOCK on day DAY of the isolation."""
    return later(f"{DAY0}T{clock}:00+08:00", days=day)


class Night:
    def __init__(self) -> None:
        self.daemon = Daemon(drill=at(0, "09:45"))
        self.sent = 0
        self.id = ""

    @property
    def journey(self) -> dict:
        return self.daemon.journey(SOURCE, REF)

    @property
    def open_alerts(self) -> list[str]:
        alerts = self.daemon.get("/v1/alerts", state="open")["alerts"]
        return sorted(alert["kind"] for alert in alerts if not alert["informative"])

    def clock(self, time: str) -> list[Message]:
        """Move to TIME; the notices that came since we looked last."""
        self.daemon.clock(time)
        self.daemon.census()
        came = self.daemon.receiver.fresh()
        assert all(message.verified for message in came if message.path != "/fallback"), came
        return came

    def event(self, time: str, kind: str, **data: object) -> list[Message]:
        """It happens at TIME and the feed says so at once."""
        came = self.clock(time)
        self.sent += 1
        event = {
            "specversion": "1.0",
            "id": f"night-{self.sent}",
            "source": SOURCE,
            "type": f"org.closedloopd.{kind}.v1",
            "time": time,
            "data": data,
        }
        assert self.daemon.post_events([event], "structured")["accepted"] == 1
        return came + self.clock(time)

    def act(self, verb: str, **body: object) -> list[Message]:
        self.daemon.post(f"/v1/journeys/{self.id}/{verb}", body, token="committee")
        return self.clock(self.now)

    @property
    def now(self) -> str:
        return self.daemon.get("/v1/admin/status")["now"]

    def check(self, time: str, temp_c: float = 36.5, **more: object) -> list[Message]:
        came = self.clock(time)
        return came + self.act("checks", temp_c=temp_c, symptoms=["none"], method="phone", by="莘松三村", **more)


def of(messages: list[Message], kind: str) -> list[tuple[str, str]]:
    """(time, unit told) of the notices of KIND."""
    zone = when(at(0, "00:00")).tzinfo
    return [
        (when(message.time).astimezone(zone).replace(microsecond=0).isoformat(), message.path[1:])
        for message in messages
        if message.kind == kind
    ]


def announce_and_register(night: Night) -> None:
    flight = {"carrier": "XX", "number": "363", "arrival": "PVG", "sched_arr": at(0, "11:40")}
    document = {"type": "P", "number": "M12345678", "issuer": "KOR"}
    person = {"ref": REF, "name": {"full": "LI GUANG"}, "nationality": "KOR", "languages": ["ko"], "document": document}
    night.event(at(0, "09:46"), "traveler.announced", traveler=person, basis="api", flight=flight)
    assert night.journey["state"] == "announced"
    night.event(at(0, "11:41"), "flight.updated", flight=flight, status="landed", act_arr=at(0, "11:40"))
    night.event(at(0, "13:50"), "traveler.triaged", ref=REF, sticker="yellow", disposition="home", temp_c=36.4)
    address = {"text": "上海市闵行区莘庄镇莘松三村123号402室", "committee_code": GATE}
    night.event(
        at(0, "14:19"), "traveler.registered", ref=REF, district_code=DISTRICT, destination=address, transport="bus"
    )
    journey = night.journey
    assert (journey["state"], journey["committee_code"], journey["holder"]) == ("registered", GATE, DISTRICT), journey
    night.id = journey["id"]
    told = of(night.clock(at(0, "14:20")), "expected")
    assert told == [(at(0, "14:20"), GATE)], told  # As early as anything is known.


def ride(night: Night) -> None:
    stops = [{"seq": 1, "kind": "compound", "address": {"text": "莘松三村", "committee_code": GATE}, "eta": at(0, "17:50")}]
    travelers = [{"ref": REF, "stop": 1}]
    came = night.event(at(0, "15:00"), "transfer.departed", transfer="MH-1", travelers=travelers, stops=stops)
    arrival = [message for message in came if message.kind == "arrival"]
    assert of(arrival, "arrival") == [(at(0, "15:00"), GATE)], came
    words = arrival[0].words
    assert words.startswith("【演练】") and "莘松三村" in words and "17:50" in words and "韩国1人" in words, words
    assert "LI GUANG" not in arrival[0].body.decode(), "a name in a notice"
    assert arrival[0].data["deadline"] and when(arrival[0].data["deadline"]) == when(at(0, "17:50"))
    check_tasks(night, at(0, "17:50"))
    taken = night.daemon.call("POST", f"/a/{arrival[0].token}", b"name=Wang", None, FORM)
    assert taken.status == 200, taken
    for name in LEADS:
        night.act(f"tasks/{name}", outcome="done", by="Wang")
    assert {task["state"] for task in night.journey["tasks"]} == {"done"}
    night.event(at(0, "17:10"), "transfer.eta", transfer="MH-1", etas=[{"seq": 1, "eta": at(0, "18:03")}])
    assert when(night.journey["eta"]) == when(at(0, "18:03"))
    check_tasks(night, at(0, "18:03"))
    night.event(at(0, "18:02"), "transfer.stop_reached", transfer="MH-1", seq=1)
    assert night.journey["state"] == "arrived"


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def check_tasks(night: Night, eta: str) -> None:
    due = {task["name"]: when(task["due"]) for task in night.journey["tasks"]}
    assert due == {name: when(eta) - timedelta(minutes=lead) for name, lead in LEADS.items()}, due


def arrive(night: Night) -> None:
    to = {"name": "莘松三村居委会", "role": "committee", "org_code": GATE}
    night.event(at(0, "18:06"), "traveler.handed_over", ref=REF, transfer="MH-1", to=to, signed=True)
    journey = night.journey
    assert (journey["state"], journey["holder"], journey["accepted_at"]) == ("isolating", DISTRICT, None), journey
    late = of(night.clock(at(0, "18:17")), "not_accepted")  # 15 minutes at the gate.
    assert late == [(at(0, "18:17"), GATE)], late
    night.act("accept", by="Wang")
    journey = night.journey
    assert journey["holder"] == GATE and journey["accepted_at"], journey  # Duty has moved now, not before.
    assert night.open_alerts == [], night.open_alerts
    assert (journey["isolation"]["end"], journey["isolation"]["length"]) == (at(14, "00:00")[:10], 14), journey


def ordinary_day(night: Night, day: int) -> None:
    night.check(at(day, "08:00"))
    night.check(at(day, "19:00"))
    assert night.open_alerts == [], f"day {day}: {night.open_alerts}"


def early_day(night: Night, day: int) -> None:
    """Asked before the first reminder, nobody is reminded."""
    came = night.check(at(day, "07:30")) + night.check(at(day, "18:30")) + night.clock(at(day, "23:30"))
    assert came == [], came


def missed_evening(night: Night, day: int) -> None:
    night.check(at(day, "08:00"))
    came = night.clock(at(day + 1, "01:30"))
    reminded = of(came, "remind") + of(came, "remind_last")
    assert reminded == [(at(day, "19:00"), GATE), (at(day, "22:00"), GATE)], reminded
    digest = next(message for message in came if message.kind == "remind")
    assert "L.G." in digest.words and not digest.data["url"], digest.words
    climbed = of(came, "missed_check")
    assert climbed == [
        (at(day, "23:00"), GATE),
        (at(day + 1, "00:00"), STREET),
        (at(day + 1, "01:00"), DISTRICT),
    ], climbed
    assert night.open_alerts == ["missed_check"], night.open_alerts
    night.check(at(day + 1, "07:00"), day=day, slot="evening")
    assert night.open_alerts == [], night.open_alerts
    assert of(night.clock(at(day + 1, "07:30")), "missed_check") == []
    night.check(at(day + 1, "08:00"))
    night.check(at(day + 1, "19:00"))


def entered_after_midnight(night: Night, day: int) -> None:
    """An entry at 02:00 belongs to yesterday evening."""
    night.check(at(day, "08:00"))
    night.clock(at(day + 1, "01:59"))
    assert night.open_alerts == ["missed_check"], night.open_alerts
    night.check(at(day + 1, "02:00"))
    assert night.open_alerts == [], night.open_alerts
    slots = {(check["day"], check["slot"]): check["entered"] for check in night.journey["checks"]}
    assert slots[day, "evening"] and not slots[day + 1, "morning"], slots


def fever(night: Night, day: int) -> None:
    came = night.check(at(day, "07:30"), temp_c=37.8)
    told = [message for message in came if message.kind == "fever"]
    assert of(told, "fever") == [(at(day, "07:30"), STREET), (at(day, "07:30"), GATE)] or of(told, "fever") == [
        (at(day, "07:30"), GATE),
        (at(day, "07:30"), STREET),
    ], told
    assert all(message.data["urgent"] and "发热" in message.words for message in told), told
    assert not any(b"37.8" in message.body for message in told), "degrees are for those who may read her"
    assert of(night.clock(at(day, "07:45")), "fever") == [(at(day, "07:45"), DISTRICT)]
    night.check(at(day, "19:00"), temp_c=36.4)
    assert night.open_alerts == ["fever"], night.open_alerts  # A normal reading clears nothing.
    alert = night.daemon.get("/v1/alerts", state="open", kind="fever")["alerts"][0]["id"]
    night.daemon.post(f"/v1/alerts/{alert}/resolve", {"by": "Dr. Chen"}, status=400)  # No outcome, no end.
    assert night.open_alerts == ["fever"]
    night.daemon.post(f"/v1/alerts/{alert}/resolve", {"by": "Dr. Chen", "outcome": "ruled_out"})
    assert night.open_alerts == [], night.open_alerts


def release(night: Night, day: int) -> None:
    assert of(night.check(at(day, "08:00")), "remind") == [(at(day, "08:00"), GATE)]  # Asked to the last.
    early = night.daemon.call("POST", f"/v1/journeys/{night.id}/release", {"by": "Wang"}, "committee")
    assert early.status == 409, early
    assert of(night.clock(at(day, "09:00")), "release") == [(at(day, "09:00"), GATE)]
    assert "release" in [task["name"] for task in night.journey["tasks"] if task["state"] == "open"]
    night.check(at(day, "19:00"))
    checks = [check for check in night.journey["checks"] if check["entered"] and 1 <= check["day"] <= 14]
    assert len(checks) == 28, checks
    assert night.journey["state"] == "isolating"  # Nobody is released by silence.
    night.act("release", by="Wang")
    journey = night.journey
    assert journey["state"] == "released" and journey["next_deadline"] is None, journey
    assert night.open_alerts == []
    assert night.clock(at(day + 2, "12:00")) == []


def test_one_traveller_from_the_announcement_to_the_signature() -> None:
    night = at_home()
    ordinary_day(night, 1)
    ordinary_day(night, 2)
    early_day(night, 3)
    ordinary_day(night, 4)
    missed_evening(night, 5)
    entered_after_midnight(night, 7)
    fever(night, 8)
    for day in range(9, 14):
        ordinary_day(night, day)
    release(night, 14)
    steps = night.daemon.get(f"/v1/journeys/{night.id}/ledger")["ledger"]
    times = [when(step["at"]) for step in steps]
    assert times == sorted(times) and len(steps) > 40, "the history is whole and in order"


def at_home() -> Night:
    night = Night()
    announce_and_register(night)
    ride(night)
    arrive(night)
    return night


def test_an_end_without_entries_is_not_a_release() -> None:
    night = at_home()
    for day in range(1, 13):
        ordinary_day(night, day)
    came = night.clock(at(14, "09:00"))
    assert of(came, "release") == [], came
    refused = night.daemon.call("POST", f"/v1/journeys/{night.id}/release", {"by": "Wang"}, "committee")
    assert refused.status == 409 and "entry_missing 13" in refused.json()["detail"], refused
    assert "not_released" in night.open_alerts, night.open_alerts
    why = night.daemon.get(f"/v1/journeys/{night.id}/why")
    words = next(why["words"] for why in why["why"] if why["rule"] == "release")
    assert "no morning entry on day 13" in words, words
    assert night.daemon.get(f"/v1/journeys/{night.id}")["not_releasable"] == "no morning entry on day 13"
    night.act("release", by="Wang", reason="asked by telephone, entries lost")
    assert night.journey["state"] == "released"
    assert night.open_alerts == [], night.open_alerts


def test_an_open_fever_alert_is_not_a_release() -> None:
    night = at_home()
    night.check(at(9, "08:00"), temp_c=37.3)  # Not above 37.3.
    assert "fever" not in night.open_alerts, night.open_alerts
    night.check(at(10, "08:00"), temp_c=36.6)
    night.daemon.post(f"/v1/journeys/{night.id}/checks", {"temp_c": 36.5, "symptoms": ["dry_cough"]}, token="committee")
    assert "fever" in night.open_alerts, night.open_alerts  # A listed symptom counts like a temperature.
    for day in range(11, 15):
        for clock in ("08:00", "19:00"):
            night.check(at(day, clock))
    refused = night.daemon.call("POST", f"/v1/journeys/{night.id}/release", {"by": "Wang"}, "committee")
    assert refused.status == 409 and "fever_open" in refused.json()["detail"], refused
    alert = night.daemon.get("/v1/alerts", state="open", kind="fever")["alerts"][0]["id"]
    night.daemon.post(f"/v1/alerts/{alert}/resolve", {"by": "Dr. Chen", "outcome": "ruled_out"})
    night.act("release", by="Wang")
    assert night.journey["state"] == "released"
