"""test_turns.py — the turns a way may take, through the real door: eighteen redirected at the gate, a refusal, a leave, a
newcomer to the home, a car of her own; and what downtime makes of old news."""

from __future__ import annotations

from harness import Daemon, later, wait_until, when

START = "2020-03-13T20:00:00+08:00"
GATES = ("310112101007", "310112101005", "310112101003")
DISTRICT = "310112"
SOURCE = "/pvg/turns"


def event(number: str, kind: str, time: str, **data: object) -> dict:
    return {
        "specversion": "1.0",
        "id": f"turns-{number}",
        "source": SOURCE,
        "type": f"org.closedloopd.{kind}.v1",
        "time": time,
        "data": data,
    }


def minute(count: float) -> str:
    return later(START, minutes=count)


def register(ref: str, committee: str, time: str, **more: object) -> dict:
    destination = {"text": more.pop("address", "莘松"), "committee_code": committee}
    data = {"ref": ref, "destination": destination, "district_code": DISTRICT, "transport": "bus", **more}
    return event(f"registered-{ref}-{time}", "traveler.registered", time, **data)


def handed(ref: str, committee: str, time: str) -> dict:
    to = {"name": "居委会", "role": "committee", "org_code": committee}
    return event(f"handed-{ref}", "traveler.handed_over", time, ref=ref, to=to)


def settled(daemon: Daemon, ref: str, time: str, **more: object) -> str:
    """REF is at home, accepted by the first gate's committee; returns the journey's id."""
    daemon.clock(time)
    daemon.post_events([register(ref, GATES[0], time, **more), handed(ref, GATES[0], time)])
    journey = daemon.journey(SOURCE, ref)["id"]
    daemon.post(f"/v1/journeys/{journey}/accept", {"by": "王"}, status=200)
    return journey


def alerts(daemon: Daemon, kind: str, state: str = "open") -> list[dict]:
    return daemon.get("/v1/alerts", state=state, kind=kind)["alerts"]


def test_eighteen_redirected_at_the_first_gate_are_stood_down_everywhere_at_once() -> None:
    """CA936, 13 March 2020: the order came by telephone when the bus stood before the first door."""
    daemon = Daemon(drill=START, committees=GATES)
    refs = [f"Q{number:02}" for number in range(18)]
    gate_of = {ref: GATES[number // 6] for number, ref in enumerate(refs)}
    stops = [
        {"seq": seq + 1, "kind": "compound", "address": {"text": "莘松", "committee_code": gate},
         "eta": minute(100 + 20 * seq)}
        for seq, gate in enumerate(GATES)
    ]
    riders = [{"ref": ref, "stop": number // 6 + 1} for number, ref in enumerate(refs)]
    daemon.post_events([register(ref, gate_of[ref], minute(-200)) for ref in refs])
    daemon.clock(minute(40))
    daemon.post_events([event("bus", "transfer.departed", minute(40), transfer="QP-0313-04", travelers=riders,
                              stops=stops)])
    daemon.clock(minute(101))
    daemon.post_events([event("stop", "transfer.stop_reached", minute(101), transfer="QP-0313-04", seq=1)])
    daemon.clock(minute(104))
    daemon.receiver.forget()
    daemon.post_events([event(f"redirect-{ref}", "traveler.redirected", minute(104), ref=ref, disposition="central",
                              reason="同航班多人体温异常") for ref in refs])
    daemon.clock(minute(104))
    for gate in GATES:
        told = daemon.receiver.messages(gate, kind="stand_down")
        assert told and told[-1].data["count"] == 6, (gate, [message.json for message in told])
        # Drill time stands still but for the clock: the same second, by the daemon's own stamp.
        assert (when(told[0].time) - when(minute(104))).total_seconds() < 1, told[0].time
    states = {daemon.journey(SOURCE, ref)["state"] for ref in refs}
    assert states == {"redirected"}, states
    assert alerts(daemon, "arrival") == [] and alerts(daemon, "expected") == []
    # Each acknowledgement is tracked: two say they heard, the third is asked for higher up.
    for gate in GATES[:2]:
        token = daemon.receiver.messages(gate, kind="stand_down")[-1].token
        assert daemon.call("POST", f"/a/{token}", b"name=gate", None,
                           {"Content-Type": "application/x-www-form-urlencoded"}).status == 200
    open_now = alerts(daemon, "stand_down")
    assert [alert["unit"] for alert in open_now] == [GATES[2]], open_now
    # The duty officer's page names no committee beside who is not its any more.
    page = daemon.call("GET", "/").body.decode()
    assert "已转他处" in page and "莘松三村" not in page, page
    daemon.clock(minute(115))
    assert [message for message in daemon.receiver.messages(kind="stand_down", why="escalated")], "nobody higher up"
    # And until the site has them, the district is asked.
    daemon.clock(minute(104 + 6 * 60))
    missing = alerts(daemon, "not_delivered")
    assert len(missing) == 1 and missing[0]["unit"] == DISTRICT, missing
    daemon.post_events([event(f"there-{ref}", "traveler.handed_over", minute(104 + 6 * 60), ref=ref,
                              to={"name": "集中隔离点A"}) for ref in refs])
    assert alerts(daemon, "not_delivered") == []
    daemon.census()


def test_a_refusal_comes_back_to_the_sender() -> None:
    daemon = Daemon(drill=START)
    daemon.post_events([register("R1", GATES[0], START), handed("R1", GATES[0], START)])
    journey = daemon.journey(SOURCE, "R1")
    assert daemon.post(f"/v1/journeys/{journey['id']}/refuse", {"by": "王"}, status=400)["code"] == "bad_value"
    answer = daemon.post(f"/v1/journeys/{journey['id']}/refuse", {"by": "王", "reason": "三人同住"}, status=200)
    assert answer["state"] == "arrived" and answer["holder"] == DISTRICT and answer["refused"], answer
    assert [alert["unit"] for alert in alerts(daemon, "handover_refused")] == [DISTRICT]
    daemon.post(f"/v1/journeys/{journey['id']}/accept", {"by": "王"}, status=200)
    assert alerts(daemon, "handover_refused") == []
    daemon.census()


def test_a_leave_has_an_end() -> None:
    daemon = Daemon(drill=START)
    journey = settled(daemon, "L1", START)
    path = f"/v1/journeys/{journey}"
    assert daemon.post(f"{path}/leave", {"reason": "透析"}, status=400)["detail"].startswith("$.until is missing")
    assert daemon.post(f"{path}/leave", {"reason": "透析", "until": later(START, hours=13)}, status=409)
    assert daemon.post(f"{path}/return", {}, status=409)
    left = daemon.post(f"{path}/leave", {"reason": "透析", "until": minute(240)}, status=200)
    assert when(left["back_by"]) == when(minute(240)), left
    daemon.clock(minute(254))
    assert alerts(daemon, "not_returned") == []
    daemon.clock(minute(255))
    assert len(alerts(daemon, "not_returned")) == 1
    words = "".join(reason["words"] for reason in daemon.get(f"{path}/why")["why"])
    assert "open since" in words, words
    daemon.post(f"{path}/return", {"by": "王"}, status=200)
    assert alerts(daemon, "not_returned") == []
    daemon.census()


def test_a_newcomer_to_the_home_moves_everybodys_end() -> None:
    daemon = Daemon(drill=START)
    first = settled(daemon, "H1", START, address="莘松三村12号402室")
    settled(daemon, "H2", later(START, days=3), address="闵行区莘松三村 12号402室")
    record = daemon.get(f"/v1/journeys/{first}")
    assert record["isolation"]["moved"] == "household" and record["isolation"]["length"] == 17, record["isolation"]
    why = [reason for reason in daemon.get(f"/v1/journeys/{first}/why")["why"] if reason["what"] == "end"]
    assert len(why) == 1 and "her home" in why[0]["words"], why
    daemon.clock(later(START, days=3, minutes=2))
    moved = daemon.receiver.messages(GATES[0], kind="end_moved")
    assert len(moved) == 1 and "同住处有新入境人员" in moved[0].words, [message.words for message in moved]
    exposed = daemon.post(f"/v1/journeys/{first}/expose", {"reason": "电梯", "time": later(START, days=3)}, status=200)
    assert exposed["isolation"]["length"] == 17, exposed["isolation"]
    daemon.census()


def test_a_car_of_her_own_is_awaited_and_missed() -> None:
    daemon = Daemon(drill=START)
    daemon.post_events([register("C1", GATES[0], START, transport="private_car")])
    daemon.clock(START)
    (coming,) = daemon.receiver.messages(GATES[0], kind="arrival")
    assert "自备车" in coming.words, coming.words
    daemon.clock(minute(180 + 20))
    assert len(alerts(daemon, "transfer_overdue")) == 1
    daemon.census()


def test_after_downtime_old_arrivals_are_one_word_and_the_gravest_goes_first() -> None:
    for span in ({"minutes": 10}, {"hours": 6}, {"days": 3}):
        daemon = Daemon(drill=START, committees=GATES, limits={"per_endpoint": 1})
        sick = settled(daemon, "S1", START)
        daemon.post_events([event("fever", "health.checked", START, ref="S1", method="visit", temp_c=38.5)])
        daemon.clock(START)
        riders = [{"ref": f"D{number}", "stop": number + 1} for number in range(3)]
        stops = [{"seq": seq + 1, "kind": "compound", "address": {"text": "莘松", "committee_code": gate},
                  "eta": minute(60)} for seq, gate in enumerate(GATES)]
        daemon.stop()
        daemon.receiver.forget()
        back = later(START, **span)
        daemon.drill = back
        daemon.start()
        daemon.post_events([
            event("bus", "transfer.departed", START, transfer="B9", travelers=riders, stops=stops),
        ])
        daemon.clock(back)
        if "minutes" not in span:  # The district is asked for the fever before anything else is said anywhere.
            told = [message.kind for message in daemon.receiver.messages(DISTRICT)]
            assert told[0] == "fever", (span, told)
        stale = daemon.receiver.messages(kind="stale_arrivals")
        arrivals = daemon.receiver.messages(kind="arrival") + daemon.receiver.messages(kind="expected")
        if "days" not in span:
            assert not stale and len(arrivals) == 3, (span, stale, arrivals)
        else:
            daemon.clock(later(back, minutes=2))
            stale = daemon.receiver.messages(kind="stale_arrivals")
            assert len(stale) == 1 and stale[0].data["count"] == 3 and not arrivals, (stale, arrivals)
        overdue = daemon.receiver.messages(kind="transfer_overdue", why="raised")
        assert len(overdue) == (0 if "minutes" in span else 3), (span, [message.path for message in overdue])
        assert all("迟到" in message.json["data"]["title"] or message.data.get("late_seconds", 0) > 0
                   for message in overdue), [message.json for message in overdue]
        missed = [message for message in daemon.receiver.messages(kind="missed_check") if message.why == "raised"]
        assert len(missed) <= 1, "a missed deadline fired twice"
        assert daemon.get(f"/v1/journeys/{sick}")["state"] == "isolating"
        daemon.census()
        daemon.destroy()
