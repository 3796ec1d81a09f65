"""test_policy.py — policies of a running daemon: tried without touching anybody, changed by a reload, by a restart, and at
the midnight they say."""

from __future__ import annotations

import threading

from harness import Daemon, scenario

CLOCK = "2020-03-09T10:00:00+08:00"
SOURCE = "/pvg/t2/minhang"
COMMITTEE = "310112101007"
NATIONAL = "policy: national-2020-03\nin_force_from: '2020-01-01'\n"
SHORTER = NATIONAL + "isolation: {days: 10}\n"


def s1(policy: str = NATIONAL, **changes: object) -> Daemon:
    daemon = Daemon(drill=CLOCK, start=False, policy=["policy.yaml"], **changes)
    (daemon.dir / "policy.yaml").write_text(policy)
    daemon.start()
    events, _ = scenario("s1")
    daemon.post_events(events)
    return daemon


def home(daemon: Daemon) -> str:
    """P0001 is accepted; her journey's id."""
    journey = daemon.journey(SOURCE, "P0001")["id"]
    daemon.post(f"/v1/journeys/{journey}/accept", {"by": "Wang"})
    return journey


def diff(daemon: Daemon, text: str, status: int = 0) -> tuple[str, str]:
    file = daemon.dir / "new.yaml"
    file.write_text(text)
    said = daemon.ctl("policy", "diff", str(file))
    assert said.returncode == status, said
    return said.stdout, said.stderr.replace(str(daemon.dir) + "/", "")


def everything(daemon: Daemon) -> list:
    journeys = daemon.get("/v1/journeys")["journeys"]
    return [journeys, [daemon.history(j["id"]) for j in journeys], daemon.get("/v1/alerts")]


def test_a_diff_says_what_would_change_and_touches_nothing() -> None:
    daemon = s1()
    journey = home(daemon)
    before = everything(daemon)
    said, _ = diff(daemon, SHORTER)
    first, *table = said.splitlines()
    assert first.startswith("2 of 2 open journeys change, 2 released earlier, 2 isolated shorter"), first
    assert any(line.startswith(journey) and "2020-03-19T00:00:00+08:00" in line for line in table), said
    assert everything(daemon) == before
    said, _ = diff(daemon, SHORTER + "overrides: [{districts: ['310112'], isolation: {days: 14}}]\n")
    assert said.startswith("nothing changes for 2 open journeys, 2 go by another policy"), said
    said, _ = diff(daemon, NATIONAL)
    assert said == "nothing changes for 2 open journeys\n", said
    daemon.census()


def test_a_diff_names_the_alerts_that_come_and_go() -> None:
    daemon = s1()
    answer = daemon.call(
        "POST",
        "/v1/admin/policy-diff",
        (NATIONAL + "transfer: {accept_within: 16h}\n").encode(),
        headers={"Content-Type": "application/yaml"},
    )
    said = answer.json()
    assert (said["journeys"], said["alerts_fewer"], said["alerts_more"]) == (2, 1, 0), said
    assert "1 alert fewer" in said["summary"], said
    assert [example["alerts"] for example in said["examples"] if example["alerts"]] == ["-not_accepted"], said
    assert {e["policy"]["after"] for e in said["examples"]} == {"national-2020-03"}, said


def test_a_policy_for_open_journeys_is_tried_as_if_its_day_had_come() -> None:
    daemon = s1()
    home(daemon)
    later = "policy: april\nin_force_from: '2020-04-01'\nisolation: {days: 10}\n"
    assert diff(daemon, later)[0] == "nothing changes for 2 open journeys\n"
    said, _ = diff(daemon, later + "applies_to: open_journeys\n")
    assert said.startswith("2 of 2 open journeys change, 2 released earlier"), said


def test_what_is_wrong_with_a_policy_is_said_with_its_place() -> None:
    daemon = s1()
    _, problems = diff(daemon, NATIONAL + "isolation: {dais: 3}\noverrides: [{countries: kor}]\n", 1)
    assert problems.splitlines() == [
        'new.yaml:3:13: unknown key "dais" in policy national-2020-03: isolation (did you mean "days"?)',
        'new.yaml:4:25: policy national-2020-03: override 1: countries: "kor" is not a country: '
        "write its three capital letters, as in KOR",
    ], problems
    _, problems = diff(daemon, NATIONAL + "overrides: [{districts: ['310199']}]\n", 1)
    assert problems.startswith("new.yaml:3:26: policy national-2020-03: override 1: districts: there is no unit 310199")
    _, problems = diff(daemon, "", 1)
    assert "the file is empty" in problems, problems
    answer = daemon.call("POST", "/v1/admin/policy-diff", b"#" * 70000, headers={"Content-Type": "application/yaml"})
    assert answer.status == 413, answer
    answer = daemon.call("POST", "/v1/admin/policy-diff", NATIONAL.encode(), token="auditor")
    assert answer.status == 403, answer
    browser = {"Origin": "https://elsewhere.example", "Content-Type": "text/plain"}
    answer = daemon.call("POST", "/v1/admin/policy-diff", NATIONAL.encode(), headers=browser)
    assert answer.status == 415, answer
    assert daemon.ctl("policy", "diff").returncode == 2
    assert daemon.ctl("policy", "diff", str(daemon.dir / "nowhere.yaml")).returncode == 1


def test_the_night_goes_on_while_a_policy_is_tried() -> None:
    daemon = s1()
    answers = []
    body, kind = SHORTER.encode(), {"Content-Type": "application/yaml"}

    def ask() -> None:
        answers.append(daemon.call("POST", "/v1/admin/policy-diff", body, headers=kind))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    assert daemon.get("/v1/admin/status")["open"] == 2
    for asker in askers:
        asker.join()
    assert {answer.status for answer in answers} <= {200, 409}, answers
    assert any(answer.status == 200 for answer in answers), answers
    assert all(answer.code == "conflict" for answer in answers if answer.status == 409), answers


def test_status_and_why_name_the_policies() -> None:
    daemon = s1(NATIONAL + "overrides: [{districts: ['310112'], release: {at: '08:00'}}]\n")
    journey = home(daemon)
    status = daemon.get("/v1/admin/status")["policies"]
    assert [(p["name"], p["in_force_from"], p["applies_to"]) for p in status] == [
        ("national-2020-03", "2020-01-01", "arrivals"),
        ("national-2020-03/1", "2020-01-01", "arrivals"),
    ], status
    assert status[1]["hash"] in daemon.ctl("status").stdout
    why = daemon.get(f"/v1/journeys/{journey}/why")
    assert why["policy"] == "national-2020-03/1", why
    assert {reason["policy"] for reason in why["why"]} == {status[1]["hash"]}, why
    assert {reason["policy_name"] for reason in why["why"]} == {"national-2020-03/1"}, why
    ledger = daemon.history(journey)
    assert ledger[-1]["note"].endswith(f"policy {status[1]['hash']}"), ledger[-1]


def length(daemon: Daemon, journey: str) -> int:
    return daemon.get(f"/v1/journeys/{journey}")["isolation"]["length"]


def test_a_reload_and_a_restart_plan_everybody_again() -> None:
    daemon = s1()
    journey = home(daemon)
    old = daemon.get("/v1/admin/status")["policies"][0]["hash"]
    (daemon.dir / "policy.yaml").write_text(SHORTER)
    daemon.post("/v1/admin/reload")
    daemon.clock(CLOCK)
    new = daemon.get("/v1/admin/status")["policies"][0]["hash"]
    assert length(daemon, journey) == 10
    ledger = daemon.history(journey)
    assert ledger[-1]["what"] == "journey.due" and f"policy {old} -> {new}" in ledger[-1]["note"], ledger[-1]
    # The same again changes nothing.
    daemon.post("/v1/admin/reload")
    daemon.clock("2020-03-09T10:00:01+08:00")
    assert daemon.history(journey) == ledger
    (daemon.dir / "policy.yaml").write_text(NATIONAL + "isolation: {days: 21}\n")
    daemon.drill = "2020-03-09T10:05:00+08:00"
    daemon.restart()
    daemon.clock("2020-03-09T10:05:01+08:00")
    assert length(daemon, journey) == 21
    daemon.census()


def test_a_policy_for_open_journeys_takes_over_at_midnight() -> None:
    daemon = s1()
    (daemon.dir / "next.yaml").write_text(
        "policy: next\nin_force_from: '2020-03-10'\napplies_to: open_journeys\nisolation: {days: 10}\n"
    )
    daemon.settings["policy"] = ["policy.yaml", "next.yaml"]
    daemon.write_config()
    journey = home(daemon)
    daemon.post("/v1/admin/reload")
    daemon.clock("2020-03-09T23:59:59+08:00")
    assert length(daemon, journey) == 14
    why = daemon.get(f"/v1/journeys/{journey}/why")["why"]
    assert any(r["rule"] == "policy_change" and r["at"] == "2020-03-10T00:00:00+08:00" for r in why), why
    daemon.clock("2020-03-10T00:00:00+08:00")
    assert length(daemon, journey) == 10
    assert daemon.get(f"/v1/journeys/{journey}/why")["policy"] == "next"
    daemon.census()
