"""test_looks.py — who looks at a traveller's data stands in the ledger before she sees it; what an auditor reads names
nobody; documents are shown one at a time, for a purpose."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from client import Answer
from harness import Daemon, later, wait_until
from test_alerts import FORM
from test_matrix import HERS, OTHER, PEOPLE, SISTER, SOURCE, START, night, told
from test_matrix import event as told_event
from test_storage import SOURCE as STORAGE
from test_storage import Disk, announced, with_disk
from test_storage import post as storage_post

import test_address


def journey(daemon: Daemon, unit: str = HERS) -> str:
    return f"/v1/journeys/{daemon.journey(SOURCE, PEOPLE[unit]['ref'])['id']}"


def reads(daemon: Daemon) -> list[dict[str, Any]]:
    """The notes of all looks so far, as the database has them."""
    path = next((daemon.dir / "state").glob("**/*.db"), None)
    files = [file for file in (daemon.dir / "state").rglob("*") if file.suffix == ".db" and "keys" not in file.name]
    assert files, path
    with sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True) as base:
        rows = base.execute("SELECT journey, note FROM ledger WHERE what = 'read' ORDER BY n").fetchall()
    return [{"journey": row[0], **json.loads(row[1])} for row in rows]


def fresh(daemon: Daemon, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return reads(daemon)[len(before) :]


def get(daemon: Daemon, path: str, who: str, purpose: str = "") -> Answer:
    return daemon.call("GET", path, token=who, headers={"X-Purpose": purpose} if purpose else {})


# --- Written down


def test_a_look_stands_in_the_ledger_with_who_what_and_why() -> None:
    daemon = night()
    path = journey(daemon)
    before = reads(daemon)
    answer = get(daemon, path, "committee", "handing over the key")
    assert answer.status == 200 and PEOPLE[HERS]["phone"] in answer.body.decode(), answer
    line = {"who": "committee", "role": "committee", "route": "GET /v1/journeys/*", "why": "handing over the key"}
    assert fresh(daemon, before) == [{"journey": path.rpartition("/")[2], **line}], fresh(daemon, before)
    for route in ("/why", ""):
        get(daemon, path + route, "duty")
    get(daemon, path + "/ledger", "operator")
    routes = [(look["who"], look["route"]) for look in fresh(daemon, before)[1:]]
    assert routes == [
        ("duty", "GET /v1/journeys/*/why"),
        ("duty", "GET /v1/journeys/*"),
        ("operator", "GET /v1/journeys/*/ledger"),
    ], routes
    shown = daemon.get(f"{path}/ledger")["ledger"]
    assert [step for step in shown if step["what"] == "read" and "handing over" in step["note"]], shown


def test_a_list_is_one_line_with_its_unit_and_count() -> None:
    daemon = night()
    before = reads(daemon)
    get(daemon, "/v1/journeys?state=open", "street")
    get(daemon, "/", "duty")
    looks = fresh(daemon, before)
    assert [(look["journey"], look["route"], look["what"]) for look in looks] == [
        ("", "GET /v1/journeys", f"1 of unit {HERS[:9]}"),
        ("", "GET /", f"1 of unit {HERS[:6]}"),
    ], looks
    get(daemon, "/v1/journeys?state=open", "sister")  # Who sees nobody has looked at nobody.
    assert len(fresh(daemon, before)) == 2


def test_a_write_that_shows_her_is_a_look_and_an_alert_is_none() -> None:
    daemon = night()
    path = journey(daemon)
    before = reads(daemon)
    get(daemon, "/v1/alerts", "duty")
    assert fresh(daemon, before) == []
    assert daemon.call("POST", f"{path}/accept", {}, "committee").status == 200
    assert [look["route"] for look in fresh(daemon, before)] == ["POST /v1/journeys/*/accept"]


def test_the_same_look_again_is_written_again_only_after_a_while() -> None:
    daemon = night()
    path = journey(daemon)
    before = reads(daemon)
    for _ in range(5):
        get(daemon, path, "duty")
    assert len(fresh(daemon, before)) == 1
    get(daemon, path, "street")  # Another reader, …
    get(daemon, path, "duty", "another purpose")  # … and another purpose are other looks.
    assert len(fresh(daemon, before)) == 3
    daemon.clock(later(START, minutes=10))
    get(daemon, path, "duty")
    assert len(fresh(daemon, before)) == 3
    daemon.clock(later(START, minutes=12))
    get(daemon, path, "duty")
    assert len(fresh(daemon, before)) == 4


def test_a_purpose_is_bounded_and_holds_no_number() -> None:
    daemon = night()
    before = reads(daemon)
    get(daemon, journey(daemon), "duty", "call +8613911112222 about room 604 " + "x" * 400)
    why = fresh(daemon, before)[-1]["why"]
    assert why.startswith("call +############# about room 604 x") and len(why) == 120, why
    for said, kept in (
        ("139 9977-7555 since 2020-03-09", "### ####-#### since 2020-03-09"),
        ("１３９９９７７７５５５", "###########"),
        ("room 604, 2 days", "room 604, 2 days"),
    ):
        get(daemon, journey(daemon), "duty", said.encode().decode("latin-1"))
        assert fresh(daemon, before)[-1]["why"] == kept, fresh(daemon, before)[-1]


def test_another_query_about_the_same_person_is_the_same_look() -> None:
    daemon = night()
    before = reads(daemon)
    path = journey(daemon)
    for number in range(5):
        assert get(daemon, f"{path}?x={number}", "duty").status == 200
    looks = [look for look in fresh(daemon, before) if look["who"] == "duty"]
    assert len(looks) == 1, looks
    get(daemon, f"{path}/why", "duty")
    assert len([look for look in fresh(daemon, before) if look["who"] == "duty"]) == 2


def test_whoever_opens_a_link_with_an_address_has_looked() -> None:
    daemon = test_address.night()
    test_address.register(daemon, "P1")
    before = reads(daemon)
    link = test_address.token(daemon)
    for _ in range(3):
        daemon.call("GET", f"/a/{link}", token=None)
    looks = fresh(daemon, before)
    assert [(look["who"], look["role"], look["route"]) for look in looks] == [
        (f"e:u{test_address.DISTRICT}", "link", "GET /a/*")
    ], looks
    assert looks[0]["journey"].startswith("jny_")
    daemon.call("POST", f"/a/{link}", f"code={test_address.FIRST}".encode(), None, FORM)
    assert [look["route"] for look in fresh(daemon, before)] == ["GET /a/*", "POST /a/*"]


def test_no_line_no_data() -> None:
    """On a full disk nobody sees whom nobody could say she has seen."""
    with_disk(no_data_without_a_line)


def no_data_without_a_line(disk: Disk) -> None:
    daemon = disk.daemon
    number = 0
    while storage_post(daemon, announced(number)).status == 202:
        number += 1
        if number == 20:
            path = f"/v1/journeys/{daemon.journey(STORAGE, 'S1')['id']}"
            assert b"LI GUANG" in daemon.call("GET", path).body
    disk.take_the_rest()
    refused = 0
    for number in range(300):  # Each another look; the last bytes may take some.
        answer = daemon.call("GET", path, headers={"X-Purpose": f"on a full disk, look {number}"})
        if answer.status == 503:
            refused += 1
            assert b"LI GUANG" not in answer.body and int(answer.headers["retry-after"]) > 0, answer
        else:
            assert answer.status == 200, answer
    assert refused > 0 or not disk.mounted, "the disk was never full"
    assert daemon.call("GET", "/v1/alerts").status == 200  # Where nobody is shown, nothing need be written.
    disk.give_room()
    wait_until(lambda: daemon.call("GET", path, headers={"X-Purpose": "there is room"}).status == 200, "she is shown again")


# --- What is shown


def test_documents_are_shown_one_at_a_time_for_a_purpose() -> None:
    daemon = night()
    path = journey(daemon)
    person = PEOPLE[HERS]
    for route in ("", "/why"):
        text = get(daemon, path + route, "operator").body.decode()
        assert person["number"] not in text and "1990-01-02" not in text, text
    nothing = get(daemon, f"{path}/reveal?field=document", "duty")
    assert (nothing.status, nothing.code) == (400, "missing_purpose"), nothing
    assert get(daemon, f"{path}/reveal?field=address_of_her_mother", "duty", "x").status == 400
    assert get(daemon, f"{path}/reveal?field=document", "elsewhere", "x").status == 404
    assert get(daemon, f"{path}/reveal?field=document", "committee", "x").status == 403
    before = reads(daemon)
    for _ in range(3):  # Each of them is written down.
        said = get(daemon, f"{path}/reveal?field=document", "duty", "visa office asks")
        assert said.status == 200 and said.json()["value"] == person["number"], said
        assert "no-store" in said.headers["cache-control"] and person["name"] not in said.body.decode()
    looks = fresh(daemon, before)
    assert [(look["who"], look["what"], look["why"]) for look in looks] == [("duty", "document", "visa office asks")] * 3
    assert person["number"] not in json.dumps(looks)
    said = daemon.ctl("reveal", path.rpartition("/")[2], "dob", "--purpose", "visa office asks")
    assert (said.returncode, said.stdout) == (0, "1990-01-02\n"), said
    assert daemon.ctl("reveal", path.rpartition("/")[2], "dob").returncode == 2


def test_an_auditor_reads_stages_and_times_and_nobody_s_name() -> None:
    daemon = night()
    path = journey(daemon)
    before = reads(daemon)
    whole = get(daemon, path, "auditor").json()
    for member in ("name", "name_native", "nationality", "address", "building", "fever_at", "sex"):
        assert whole[member] is None, (member, whole)
    for member in ("refs", "phones", "languages", "companions", "countries_14d", "needs"):
        assert whole[member] == [], (member, whole)
    assert whole["state"] == "in_transfer" and whole["committee_code"] == HERS and whole["registered_at"], whole
    ledger = get(daemon, f"{path}/ledger", "auditor").json()["ledger"]
    assert ledger and not [step for step in ledger if "event" in step], ledger
    rejects = get(daemon, "/v1/admin/rejects?bodies=true", "auditor").json()["rejects"]
    assert rejects and all("body" not in reject for reject in rejects), rejects
    assert "body" in daemon.get("/v1/admin/rejects", bodies="true")["rejects"][0]
    for query in ("q=JIANG", f"ref={PEOPLE[HERS]['ref']}"):
        assert get(daemon, f"/v1/journeys?{query}", "auditor").status == 403, query
    assert [look["who"] for look in fresh(daemon, before) if look["role"] == "auditor"] == []


def test_a_vehicle_is_shown_as_far_as_her_own_people_ride_in_it() -> None:
    daemon = night()
    stops = [
        {"seq": seq, "kind": "compound", "address": {"text": "x", "committee_code": unit}, "eta": START}
        for seq, unit in ((1, HERS), (2, OTHER))
    ]
    riders = [{"ref": PEOPLE[unit]["ref"], "stop": seq} for seq, unit in ((1, HERS), (2, OTHER))]
    shared = told_event("shared", "transfer.departed", transfer="BUS-3", travelers=riders, stops=stops)
    assert daemon.post_events([{**shared, "time": later(START, seconds=30)}])["accepted"] == 1
    daemon.post_events([told_event("stop", "transfer.stop_reached", transfer="BUS-3", seq=2, n_off=1)])
    everything = daemon.get("/v1/transfers/BUS-3")
    assert len(everything["riders"]) == len(everything["stops"]) == everything["boarded"] == 2, everything
    hers = daemon.get("/v1/transfers/BUS-3", token="committee")
    assert [rider["stop"] for rider in hers["riders"]] == [1] and hers["boarded"] == 1, hers
    assert [stop["committee_code"] for stop in hers["stops"]] == [HERS], hers
    assert daemon.call("GET", "/v1/transfers/BUS-3", token="sister").status == 404
    flight = daemon.get("/v1/journeys")["journeys"][0]["flight"]
    assert daemon.get(f"/v1/flights/{flight}")["announced"] == 2
    assert daemon.get(f"/v1/flights/{flight}", token="committee")["announced"] == 1


def test_paging_and_searching_find_nobody_else() -> None:
    daemon = night()
    theirs, hers = (journey(daemon, unit).rpartition("/")[2] for unit in (OTHER, HERS))
    nobody = "jny_01J0000000000000000000000"
    answers = {}
    for after in (theirs, nobody):
        answer = get(daemon, f"/v1/journeys?after={after}", "committee")
        answers[after] = (answer.status, answer.body.decode().replace(after, "ID"))
    assert answers[theirs] == answers[nobody], answers
    for query in (
        f"q={PEOPLE[OTHER]['name'][:7]}",
        f"ref={PEOPLE[OTHER]['ref']}",
        "transfer=BUS-2",
        f"unit={OTHER}",
        "state=registered",
    ):
        assert get(daemon, f"/v1/journeys?{query}", "committee").json() == {"journeys": [], "next": None}, query
    for wide in ("31", "3101", HERS):
        found = get(daemon, f"/v1/journeys?unit={wide}", "committee").json()["journeys"]
        assert [item["id"] for item in found] == [hers], (wide, found)
    alerts = get(daemon, "/v1/alerts?unit=31", "committee").json()["alerts"]
    assert alerts and {alert["unit"] for alert in alerts} == {HERS}, alerts


def test_a_lesson_about_a_neighbour_answers_her_own_committee_only() -> None:
    """Whoever asks for one address after the other must not find out where somebody is watched."""
    daemon = test_address.night()
    test_address.register(daemon, "P1")
    daemon.post(f"/v1/journeys/{daemon.journey(test_address.SOURCE, 'P1')['id']}/assign", {"committee_code": test_address.FIRST})
    known = daemon.get("/v1/match", address=test_address.ADDRESS)
    asked = daemon.get("/v1/match", token="committee", address=test_address.ADDRESS)
    assert known["committee_code"] == test_address.FIRST and asked["committee_code"] is None, (known, asked)
    assert "taught" not in json.dumps(asked) and asked["verdict"] == "ambiguous", asked


def test_whoever_gives_her_away_sees_her_no_more() -> None:
    daemon = night()
    path = journey(daemon)
    given = daemon.post(f"{path}/assign", {"committee_code": OTHER}, token="duty")
    assert given == {"id": path.rpartition("/")[2], "gone": True}, given
    assert get(daemon, path, "duty").status == get(daemon, path, "committee").status == 404
    assert get(daemon, path, "elsewhere").status == 200
    assert daemon.call("POST", f"{path}/assign", {"committee_code": SISTER}, "duty").status == 404


def test_a_silence_about_somebody_is_for_her_own_unit() -> None:
    daemon = night()
    silence = {"by": "x", "reason": "Mrs Oldcastle is at her sister's", "until": later(START, hours=2)}
    daemon.post("/v1/silences", {**silence, "subject": journey(daemon, OTHER).rpartition("/")[2]})
    daemon.post("/v1/silences", {**silence, "kind": "task_overdue", "reason": "the whole city waits"})
    said = [item["reason"] for item in daemon.get("/v1/silences", token="committee")["silences"]]
    assert said == ["the whole city waits"], said
    assert len(daemon.get("/v1/silences")["silences"]) == 2
    assert [item["reason"] for item in daemon.get("/v1/silences", token="auditor")["silences"]] == [None, None]


def test_a_fever_is_no_auditors_business() -> None:
    daemon = night()
    path = journey(daemon)
    daemon.post(f"{path}/accept", {})
    daemon.post(f"{path}/checks", {"temp_c": 38.6})
    assert daemon.get(path)["fever_at"]
    assert get(daemon, path, "auditor").json()["fever_at"] is None


def test_a_body_is_shown_to_those_alone_who_see_everything() -> None:
    daemon = night()
    path = journey(daemon)
    shown = {who: get(daemon, f"{path}/ledger", who).json()["ledger"] for who in ("operator", "committee", "duty")}
    assert [step for step in shown["operator"] if "event" in step]
    for who in ("committee", "duty"):
        assert shown[who] and not [step for step in shown[who] if "event" in step], shown[who]


def test_a_shared_roster_names_her_own_units() -> None:
    daemon = night()
    for unit in daemon.settings["units"]:
        if unit["code"] in (HERS, OTHER):
            unit["roster"] = "xinzhuang"
    daemon.write_config()
    daemon.post("/v1/admin/reload", {})
    whole, hers = (
        next(roster for roster in daemon.get("/v1/rosters", token=who)["rosters"] if roster["name"] == "xinzhuang")
        for who in ("operator", "duty")
    )
    assert sorted(whole["units"]) == sorted([HERS, OTHER]) and hers["units"] == [HERS], (whole, hers)


def test_how_many_got_off_where_all_get_off_is_not_hers() -> None:
    daemon = night()
    stops = [{"seq": 1, "kind": "relay", "address": {"text": "x"}, "eta": START}]
    riders = [{"ref": PEOPLE[unit]["ref"], "stop": 1} for unit in (HERS, OTHER)]
    shared = told_event("relay", "transfer.departed", transfer="BUS-4", travelers=riders, stops=stops)
    assert daemon.post_events([{**shared, "time": later(START, seconds=30)}])["accepted"] == 1
    daemon.post_events([told_event("off", "transfer.stop_reached", transfer="BUS-4", seq=1, n_off=2)])
    everything, hers = (daemon.get("/v1/transfers/BUS-4", token=who)["stops"] for who in ("operator", "committee"))
    assert [stop["n_off"] for stop in everything] == [2], everything
    assert [(stop["seq"], stop["n_off"]) for stop in hers] == [(1, None)], hers


def test_a_silence_says_how_many_of_her_own_it_hides() -> None:
    daemon = night()
    kind = daemon.get("/v1/alerts", unit=HERS)["alerts"][0]["kind"]
    silence = {"by": "x", "reason": "y", "until": later(START, hours=2), "kind": kind, "force": True}
    daemon.post("/v1/silences", silence)
    hides = {}
    for who in ("operator", "committee"):
        alerts = [alert for alert in daemon.get("/v1/alerts", token=who)["alerts"] if alert["kind"] == kind]
        hides[who] = (daemon.get("/v1/silences", token=who)["silences"][0]["hides"], len(alerts))
    assert hides["committee"][0] == hides["committee"][1] < hides["operator"][0] == hides["operator"][1], hides


def test_an_auditor_is_told_the_verdict_and_not_the_address() -> None:
    daemon = test_address.night()
    test_address.register(daemon, "P1")
    path = f"/v1/journeys/{daemon.journey(test_address.SOURCE, 'P1')['id']}/why"
    whole, coded = (
        next(reason["words"] for reason in daemon.get(path, token=who)["why"] if reason["what"] == "unit")
        for who in ("operator", "auditor")
    )
    assert whole.startswith(coded.rstrip(".")) and len(whole) > len(coded) and coded.endswith(")."), (whole, coded)


def test_who_travels_with_her_is_a_number_to_a_committee() -> None:
    daemon = night()
    again = told(HERS)[0]
    with_others = {**again, "id": "matrix-with", "time": later(START, seconds=20)}
    with_others["data"] = {**again["data"], "companions": [PEOPLE[OTHER]["ref"], "MH-4713"]}
    assert daemon.post_events([with_others])["accepted"] == 1
    path = journey(daemon)
    for who, listed, count in (
        ("operator", [PEOPLE[OTHER]["ref"], "MH-4713"], 2),
        ("committee", [], 2),
        ("duty", [], 2),
        ("auditor", [], None),
    ):
        whole = get(daemon, path, who).json()
        assert (whole["companions"], whole["companions_count"]) == (listed, count), (who, whole["companions"])
