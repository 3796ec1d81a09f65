"""test_alerts.py — an alert goes out, goes up, and goes on until a human takes it; no notice is lost unseen."""

from __future__ import annotations

import time

from endpoints import DROP, HANG, Message, Reply, wecom
from harness import PATIENCE, Daemon, later, wait_until, when

START = "2020-03-08T20:00:00+08:00"
GATE, STREET, DISTRICT = "310112101007", "310112101", "310112"
OTHER = "310112101005"
SOURCE = "/pvg/t2/minhang"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def minute(count: float) -> str:
    return later(START, minutes=count)


def event(number: str, kind: str, time: str = START, **data: object) -> dict:
    return {
        "specversion": "1.0",
        "id": f"alerts-{number}",
        "source": SOURCE,
        "type": f"org.closedloopd.{kind}.v1",
        "time": time,
        "data": data,
    }


def bus(name: str, committee: str, eta: str = minute(180), riders: tuple = ("A1",), time: str = START) -> dict:
    stop = {"seq": 1, "kind": "compound", "address": {"text": "莘松", "committee_code": committee}, "eta": eta}
    travelers = [{"ref": rider, "stop": 1} for rider in riders]
    return event(f"{name}-{time}", "transfer.departed", time, transfer=name, travelers=travelers, stops=[stop])


def depart(daemon: Daemon, name: str = "B1", committee: str = GATE, **more: object) -> None:
    assert daemon.post_events([bus(name, committee, **more)], "structured")["accepted"] == 1


def told(messages: list[Message]) -> list[tuple[str, str]]:
    return sorted((message.path[1:], message.why) for message in messages)


# A robot's message has no kind, but a title.
TITLES = {"arrival": "即将到达", "fever": "发热"}


def expect(daemon: Daemon, time: str, *wanted: tuple[str, str], kind: str = "arrival") -> None:
    """Move the clock to TIME: these, and nobody else, have been told about KIND since the last time."""
    daemon.clock(time)
    daemon.census()
    came = daemon.receiver.fresh()
    found = told([message for message in came if message.kind == kind or TITLES[kind] in message.words.split("\n")[0]])
    assert found == sorted(wanted), f"at {time}: {found}"


def alerts(daemon: Daemon, kind: str) -> list[dict]:
    return daemon.get("/v1/alerts", state="all", kind=kind)["alerts"]


# --- Up the ladder


def test_an_unanswered_arrival_climbs_and_repeats_until_somebody_takes_it() -> None:
    daemon = Daemon(drill=START)
    depart(daemon)
    expect(daemon, START, (GATE, "raised"))
    expect(daemon, minute(9.9))
    expect(daemon, minute(10), (STREET, "escalated"))
    expect(daemon, minute(20), (DISTRICT, "escalated"))
    expect(daemon, minute(30), (DISTRICT, "repeated"), ("fallback", ""))
    expect(daemon, minute(40), (DISTRICT, "repeated"), ("fallback", ""))
    robot = next(message for message in daemon.receiver.messages("fallback") if "即将到达" in message.words)
    assert robot.json["msgtype"] == "markdown" and "兜底" in robot.words, robot.words

    token = daemon.receiver.messages(GATE, kind="arrival")[0].token
    before = alerts(daemon, "arrival")[0]
    for _ in range(100):  # Group chats fetch links to show a preview.
        page = daemon.call("GET", f"/a/{token}", token=None)
        assert page.status == 200 and "no-store" in page.headers["cache-control"], page
    assert alerts(daemon, "arrival")[0] == before, "reading has changed it"
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "A" + token[1:], token + "A", "x"):
        answer = daemon.call("POST", f"/a/{forged}", b"name=Mallory", None, FORM)
        assert answer.status in (403, 404), answer
    assert alerts(daemon, "arrival")[0] == before, "a forged link has changed it"

    assert "<input" not in page.body.decode() and "【演练】" in page.body.decode(), page
    taken = daemon.call("POST", f"/a/{token}", b"", None, FORM)
    assert taken.status == 200 and f"u{GATE}" in taken.body.decode(), taken
    after = alerts(daemon, "arrival")[0]
    assert after["state"] == "acked" and after["by"] == f"u{GATE}", after
    again = daemon.call("POST", f"/a/{token}", b"name=Somebody+else", None, FORM)
    assert again.status == 200 and alerts(daemon, "arrival")[0] == after, again
    expect(daemon, minute(100))


def test_what_a_fast_clock_raised_climbs_in_time_after_a_start_with_the_right_one() -> None:
    daemon = Daemon(drill=minute(60))
    depart(daemon, eta=minute(200))
    expect(daemon, minute(60), (GATE, "raised"))
    daemon.drill = START
    daemon.restart()
    assert "clock.back" in daemon.log_text()
    expect(daemon, minute(9.5))
    expect(daemon, minute(10), (STREET, "escalated"))


def test_a_group_says_who_takes_it() -> None:
    daemon = Daemon(drill=START)
    depart(daemon)
    for minutes in (0, 10, 20, 30):
        daemon.clock(minute(minutes))
    token = next(message for message in daemon.receiver.messages("fallback") if "即将到达" in message.words).token
    assert "<input" in daemon.call("GET", f"/a/{token}", token=None).body.decode()
    for nobody in (b"", b"name=", b"name=++"):
        answer = daemon.call("POST", f"/a/{token}", nobody, None, FORM)
        text = answer.body.decode()
        assert answer.status == 400 and "请填写姓名" in text and "Your name is missing" in text, answer
    assert alerts(daemon, "arrival")[0]["state"] == "open"
    taken = daemon.call("POST", f"/a/{token}", "name=王芳".encode(), None, FORM)
    assert taken.status == 200 and "王芳" in taken.body.decode(), taken
    after = alerts(daemon, "arrival")[0]
    assert after["state"] == "acked" and after["by"].endswith("王芳"), after


def test_a_link_expires() -> None:
    daemon = Daemon(drill=START)
    depart(daemon, eta=minute(20 * 60))
    daemon.clock(START)
    token = daemon.receiver.messages(GATE, kind="arrival")[0].token
    daemon.clock(minute(12 * 60 + 1))
    answer = daemon.call("POST", f"/a/{token}", b"name=Wang", None, FORM)
    assert answer.status in (403, 404, 410), answer
    assert alerts(daemon, "arrival")[0]["state"] == "open"


def test_an_acknowledgement_without_progress_is_asked_about() -> None:
    daemon = Daemon(drill=START)
    handed = event("h", "traveler.handed_over", ref="F1", to={"name": "x", "role": "committee", "org_code": GATE})
    daemon.post_events([handed, event("c", "health.checked", ref="F1", method="phone", temp_c=38.5)])
    daemon.clock(START)
    assert told(daemon.receiver.messages(kind="fever")) == [(STREET, "raised"), (GATE, "raised")]
    alert = alerts(daemon, "fever")[0]["id"]
    daemon.clock(minute(1))
    daemon.post(f"/v1/alerts/{alert}/ack", {"by": "Wang", "note": "on my way"}, token="committee")
    journey = daemon.journey(SOURCE, "F1")["id"]
    why = next(why for why in daemon.get(f"/v1/journeys/{journey}/why")["why"] if why.get("alert") == alert)
    for time in (minute(0), minute(1), minute(31)):  # Opened, taken, asked about again.
        assert time[11:16] in why["words"], f"{time} is not in: {why['words']}"
    daemon.receiver.forget()
    expect(daemon, minute(30), kind="fever")
    expect(daemon, minute(31), (STREET, "ask_again"), (GATE, "ask_again"), kind="fever")
    assert "仍在处理" in daemon.receiver.messages(GATE, kind="fever")[-1].words
    expect(daemon, minute(36), (STREET, "raised"), (GATE, "raised"), kind="fever")  # No answer: from the start.
    expect(daemon, minute(51), (DISTRICT, "escalated"), kind="fever")


def test_an_earlier_eta_is_told_at_once_and_a_later_one_moves_the_deadline() -> None:
    daemon = Daemon(drill=START)
    depart(daemon, eta=minute(120))
    expect(daemon, START, (GATE, "raised"))
    earlier = event("e1", "transfer.eta", transfer="B1", etas=[{"seq": 1, "eta": minute(105)}])
    daemon.post_events([earlier], "structured")
    expect(daemon, minute(0), (GATE, "changed"))
    moved = daemon.receiver.messages(GATE, kind="arrival")[-1]
    assert moved.data["urgent"] and when(moved.data["deadline"]) == when(minute(105)), moved.data
    later_eta = event("e2", "transfer.eta", minute(1), transfer="B1", etas=[{"seq": 1, "eta": minute(150)}])
    daemon.clock(minute(1))
    daemon.post_events([later_eta], "structured")
    daemon.clock(minute(1))
    moved = daemon.receiver.messages(GATE, kind="arrival")[-1]
    assert not moved.data["urgent"] and when(moved.data["deadline"]) == when(minute(150)), moved.data
    assert when(daemon.journey(SOURCE, "A1")["eta"]) == when(minute(150))


def test_one_notice_for_a_bus_and_not_one_for_each_person() -> None:
    daemon = Daemon(drill=START)
    depart(daemon, riders=tuple(f"A{number}" for number in range(8)))
    daemon.clock(START)
    messages = daemon.receiver.messages(kind="arrival")
    assert told(messages) == [(GATE, "raised")] and messages[0].data["count"] == 8, told(messages)


def test_after_downtime_what_was_due_fires_once_and_is_marked_late() -> None:
    daemon = Daemon(drill=START)
    depart(daemon)
    daemon.clock(minute(5))
    daemon.stop()
    daemon.receiver.forget()
    daemon.drill = minute(35)
    daemon.start()
    daemon.clock(minute(35))
    messages = daemon.receiver.messages(kind="arrival")
    expect(daemon, minute(35), (STREET, "escalated"))
    assert "迟到" in messages[0].words and messages[0].data["late_seconds"] == 25 * 60, messages[0].data
    expect(daemon, minute(45), (DISTRICT, "escalated"))


def test_an_unknown_address_goes_to_the_district_until_an_officer_names_the_committee() -> None:
    daemon = Daemon(drill=START)
    where = {"text": "闵行区某处某号"}
    registered = event("r", "traveler.registered", ref="U1", district_code=DISTRICT, destination=where, transport="bus")
    daemon.post_events([registered], "structured")
    daemon.clock(START)
    assert told(daemon.receiver.messages(kind="address")) == [(DISTRICT, "raised")]
    journey = daemon.journey(SOURCE, "U1")
    assert journey["committee_code"] is None and journey["holder"] == DISTRICT, journey
    daemon.post(f"/v1/journeys/{journey['id']}/assign", {"committee_code": GATE, "by": "Zhou"}, token="duty")
    daemon.clock(minute(1))
    assert [alert["state"] for alert in alerts(daemon, "address")] == ["resolved"]
    assert told(daemon.receiver.messages(kind="expected")) == [(GATE, "raised")]


def test_no_show_after_the_handover_is_a_conflict_and_moves_nothing() -> None:
    daemon = Daemon(drill=START)
    handed = event("h", "traveler.handed_over", ref="W1", to={"name": "x", "role": "committee", "org_code": GATE})
    daemon.post_events([handed, event("w", "traveler.withdrawn", ref="W1", reason="no_show")])
    daemon.clock(START)
    assert daemon.journey(SOURCE, "W1")["state"] == "isolating"
    assert told(daemon.receiver.messages(kind="conflict")) == [(GATE, "raised")]


def test_a_cancelled_flight_withdraws_its_people_and_stands_their_committees_down() -> None:
    daemon = Daemon(drill=START)
    flight = {"carrier": "XX", "number": "0363", "arrival": "PVG", "sched_arr": minute(240)}
    where = {"text": "莘松三村", "committee_code": GATE}
    person = {"ref": "C1", "name": {"full": "LI GUANG"}}
    listed = event("a", "traveler.announced", traveler=person, basis="list", flight=flight, destination=where)
    daemon.post_events([listed], "structured")
    daemon.clock(minute(1))
    assert told(daemon.receiver.messages(kind="expected")) == [(GATE, "raised")]
    daemon.post_events([event("f", "flight.updated", minute(1), flight={**flight, "number": "363"}, status="cancelled")])
    daemon.clock(minute(1))
    assert daemon.journey(SOURCE, "C1")["state"] == "withdrawn"
    assert told(daemon.receiver.messages(kind="stand_down")) == [(GATE, "raised")]


def test_a_home_that_is_not_fit_is_an_alert() -> None:
    daemon = Daemon(drill=START)
    depart(daemon)
    journey = daemon.journey(SOURCE, "A1")["id"]
    daemon.post(f"/v1/journeys/{journey}/tasks/inspect_home", {"outcome": "failed", "by": "Wang"}, token="committee")
    daemon.clock(START)
    assert told(daemon.receiver.messages(kind="home_unfit")) == [(GATE, "raised")]


def test_a_button_pressed_twice_is_one_fact() -> None:
    daemon = Daemon(drill=START)
    depart(daemon)
    path = f"/v1/journeys/{daemon.journey(SOURCE, 'A1')['id']}"
    key = {"Idempotency-Key": "press-1"}
    first = daemon.call("POST", f"{path}/accept", {"by": "Wang"}, "committee", key)

    def steps() -> int:
        return sum(step["what"] != "read" for step in daemon.get(f"{path}/ledger")["ledger"])

    before = steps()
    again = daemon.call("POST", f"{path}/accept", {"by": "Wang"}, "committee", key)
    assert (first.status, again.status) == (200, 200), (first, again)
    assert steps() == before
    other = daemon.call("POST", f"{path}/accept", {"by": "Li"}, "committee", key)
    assert (other.status, other.code) == (409, "id_reuse"), other


# --- To the endpoint


def test_a_failed_delivery_is_repeated_with_the_same_id_and_body() -> None:
    daemon = Daemon(drill=START)
    fails = [Reply(status=500), DROP, Reply(status=503, headers={"Retry-After": "20"})]
    daemon.receiver.behaviour[f"/{GATE}"] = lambda message: fails.pop(0) if fails else Reply(status=204, body=b"")
    depart(daemon)
    daemon.clock(minute(5))
    tries = [message for message in daemon.receiver.messages(GATE) if message.why == "raised"]
    assert len(tries) == 4, [message.headers for message in tries]
    assert len({message.id for message in tries}) == 1 and len({message.body for message in tries}) == 1
    assert all(message.verified for message in tries)  # Signed anew each time.
    stamps = [int(message.headers["webhook-timestamp"]) for message in tries]
    assert stamps == sorted(stamps) and stamps[3] - stamps[2] >= 20, stamps


def test_a_hanging_endpoint_delays_no_other() -> None:
    daemon = Daemon(drill=START, limits={"urgent_timeout": "2s"})
    daemon.receiver.behaviour[f"/{GATE}"] = HANG
    depart(daemon, "B1", GATE, riders=("A1",))
    daemon.receiver.wait(lambda: daemon.receiver.messages(GATE), "the hanging endpoint is tried", PATIENCE)
    for number in range(20):
        began = time.monotonic()
        depart(daemon, f"C{number}", OTHER, riders=(f"C{number}",))
        count = number + 1
        daemon.receiver.wait(lambda: len(daemon.receiver.messages(OTHER)) >= count, "the other is told", 1)
        took = time.monotonic() - began
        assert took < 0.5, f"{took:.3f} s for notice {number} beside a hanging endpoint"
    daemon.receiver.behaviour.clear()
    daemon.receiver.released.set()
    daemon.clock(minute(2))
    assert len({message.id for message in daemon.receiver.messages(GATE, why="raised")}) == 1


def test_a_robot_that_says_errcode_has_not_been_told() -> None:
    daemon = Daemon(drill=START)
    answers = [wecom(-1, "system busy"), Reply(body=b"<html>ok</html>"), Reply(body=b"{}"), wecom(0, "ok")]
    daemon.receiver.behaviour["/fallback"] = lambda message: answers.pop(0) if answers else wecom(0, "ok")
    daemon.post("/v1/admin/send-test", {"endpoint": "fallback"})
    daemon.clock(minute(10))
    tries = daemon.receiver.messages("fallback")
    assert len(tries) == 4 and len({message.body for message in tries}) == 1, [message.words for message in tries]
    endpoints = {row["name"]: row for row in daemon.get("/v1/admin/endpoints")["endpoints"]}
    assert (endpoints["fallback"]["delivered"], endpoints["fallback"]["failed"]) == (1, 3), endpoints["fallback"]


def test_an_operator_sees_what_waits_for_an_endpoint_and_since_when() -> None:
    daemon = Daemon(drill=START)
    daemon.receiver.behaviour[f"/{GATE}"] = Reply(status=500)
    assert (daemon.how_is(f"u{GATE}")["waiting"], daemon.how_is(f"u{GATE}").get("waiting_since")) == (0, None)
    depart(daemon)
    daemon.clock(minute(1))
    row = daemon.how_is(f"u{GATE}")
    assert (row["waiting"], when(row["waiting_since"])) == (1, when(START)), row
    table = daemon.ctl("endpoints").stdout
    assert "WAITING  SINCE" in table and row["waiting_since"] in table, table


def test_what_cannot_be_delivered_is_listed_and_can_be_sent_again() -> None:
    daemon = Daemon(drill=START)
    daemon.receiver.behaviour[f"/{GATE}"] = Reply(status=422)
    depart(daemon)
    expect(daemon, START, (GATE, "raised"), (STREET, "undelivered"))  # The person matters, not the address.
    first = daemon.receiver.messages(GATE)
    assert len(first) == 1, "a dead letter is not tried again by itself"
    letters = daemon.get("/v1/admin/dead-letters")
    assert first[0].id in str(letters) and "422" in str(letters), letters
    daemon.receiver.behaviour.clear()
    daemon.post("/v1/admin/redrive", {"id": first[0].id})
    daemon.clock(minute(11))
    ids = [message.id for message in daemon.receiver.messages(GATE, why="raised")]
    assert ids == [first[0].id, first[0].id], ids
    assert first[0].id not in str(daemon.get("/v1/admin/dead-letters"))


def test_a_sick_endpoint_is_told_elsewhere() -> None:
    daemon = Daemon(drill=START)
    daemon.receiver.behaviour[f"/{GATE}"] = Reply(status=410)
    depart(daemon)
    daemon.clock(minute(1))
    said = [message.words for message in daemon.receiver.messages("fallback")]
    assert any(f"u{GATE}" in words for words in said), said
    wait_until(lambda: alerts(daemon, "endpoint_sick"), "the alert is listed")
