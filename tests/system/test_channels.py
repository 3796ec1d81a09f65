"""test_channels.py — every channel in every form against the vendor's rules, and every answer a vendor gives in its class."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import time
from typing import Any

from endpoints import Receiver, Reply
from harness import ROOT, Daemon, later, wait_until, when
from vendor_rules import fingerprint, mac
from vendors import FORMS, Robot, Vendors, fixture_rows, new_secret, reply_of

START = "2020-03-24T03:05:00+08:00"  # The moment at which a row with now_ms holds.
STREET = "310112101"
SOURCE = "/pvg/t2/minhang"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VECTORS = json.loads((ROOT / "tests/data/channel_vectors.json").read_text())
MENTIONS = {"wecom": "zhangsan", "dingtalk": "13800001111", "feishu": "ou_duty", "slack": "U012345678"}
EVERY = [(channel, form) for channel, forms in FORMS.items() for form in forms]
DRAWN_OUT = 65.0  # Seconds for which an answer's consequences are watched.


def committees(count: int) -> tuple[str, ...]:
    """So many real committees of one district."""
    with gzip.open(ROOT / "config/gazetteer.tsv.gz", "rt") as lines:
        codes = (line.partition("\t")[0] for line in lines)
        found = [code for code in codes if len(code) == 12 and code.startswith(STREET[:6])]
    assert len(found) >= count
    return tuple(found[:count])


class Street:
    """A daemon whose committees each have a robot of their own."""

    def __init__(self, robots: list[tuple[str, str]], drill: str | None = START, **settings: Any) -> None:
        self.begin = self.since = self.until = when(START).timestamp()
        self.reports = 0
        self.receiver = Receiver()
        self.vendors = Vendors(self.receiver, (lambda: (self.since, self.until)) if drill else None)
        self.codes = committees(len(robots))
        self.daemon = Daemon(drill=drill, receiver=self.receiver, committees=self.codes, start=False, **settings)
        self.daemon.owns_receiver = True
        self.robots: dict[str, Robot] = {}
        for code, (channel, form) in zip(self.codes, robots):
            mention = (MENTIONS[channel],) if channel in MENTIONS and "card" not in form else ()
            if form == "card" and channel == "feishu":
                mention = (MENTIONS[channel],)
            robot = self.robots[code] = self.vendors.robot(channel, form, mention=mention)
            endpoint = self.daemon.endpoint(f"u{code}")
            endpoint.clear()
            endpoint.update(self.vendors.settings(robot, f"u{code}", self.daemon.secret_file))
        # The default answer stays with the endpoints of the harness: the fallback, the street, the district.
        for path in ("/fallback", f"/{STREET[:6]}", *{f"/{code[:9]}" for code in self.codes}):
            self.receiver.behaviour[path] = Reply()
        self.daemon.write_config()

    def start(self) -> "Street":
        self.daemon.start()
        return self

    def clock(self, seconds: float) -> None:
        self.since, self.until = self.until, when(later(START, seconds=seconds)).timestamp()
        self.daemon.clock(later(START, seconds=seconds))

    def report(self, kind: str, **data: Any) -> None:
        self.reports += 1
        head = {"specversion": "1.0", "id": f"channels-{self.reports}", "source": SOURCE, "time": START}
        event = {**head, "type": f"org.closedloopd.{kind}.v1", "data": data}
        assert self.daemon.post_events([event])["accepted"] == 1

    def tell(self, *codes: str, name: str = "B") -> None:
        """A bus is on its way to each of CODES, with a name that would like to be more than a name."""
        now = START if self.daemon.drill else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        events = []
        for code in codes or self.codes:
            stop = {"seq": 1, "kind": "compound", "address": {"text": "x", "committee_code": code}}
            travelers = [{"ref": f"{name}{code}", "stop": 1, "name": {"full": "<@all>[点我](http://evil.example)"}}]
            data = {"transfer": name + code, "travelers": travelers, "stops": [{**stop, "eta": later(now, hours=3)}]}
            head = {"specversion": "1.0", "id": f"channels-{name}-{code}", "source": SOURCE, "time": now}
            events.append({**head, "type": "org.closedloopd.transfer.departed.v1", "data": data})
        assert self.daemon.post_events(events)["accepted"] == len(events)

    def states(self) -> dict[str, dict[str, Any]]:
        return {item["name"]: item for item in self.daemon.get("/v1/admin/endpoints")["endpoints"]}

    def dead(self) -> dict[str, str]:
        """Endpoint and error of every dead letter."""
        letters = self.daemon.get("/v1/admin/dead-letters", limit="500")["dead_letters"]
        return {letter["endpoint"]: letter["error"] for letter in letters}

    def sick_told(self) -> set[str]:
        words = " ".join(message.words for message in self.receiver.messages("fallback"))
        return set(re.findall(r"u\d{12}", words))

    def privacies(self) -> list[str]:
        """Every secret there is: of the robots, and of the harness's own endpoints."""
        texts = [text for robot in self.vendors.robots for text in robot.private]
        texts += [secret.removeprefix("whsec_") for secret in self.receiver.secrets.values()]
        texts += [path.read_text().strip() for path in self.daemon.dir.glob("*.token")]
        return texts + [(self.daemon.dir / "fallback.url").read_text().strip().partition("key=")[2]]


# --- The server itself


def test_the_vendors_sign_as_their_documents_say() -> None:
    for row in VECTORS["feishu_signs"]:
        assert mac(f"{row['timestamp_s']}\n{row['secret']}".encode(), b"") == row["sign"]
    for row in VECTORS["dingtalk_signs"]:
        text = f"{row['timestamp_ms']}\n{row['secret']}".encode()
        raw = mac(row["secret"].encode(), text)
        assert raw.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D") == row["sign"]
    for row in VECTORS["fingerprints"]:
        assert fingerprint(row["labels"]) == row["fingerprint"]
    for row in VECTORS["group_keys"]:
        assert hashlib.sha256(row["key"].encode()).hexdigest() == row["sha256"]


# --- What is sent


def test_every_form_is_taken_read_and_acknowledged() -> None:
    street = Street(EVERY).start()
    daemon = street.daemon
    street.tell()
    street.clock(0)
    for code, robot in street.robots.items():
        where = f"{robot.channel} {robot.form}"
        assert len(robot.visits) == 1, f"{where}: {len(robot.visits)} came"
        visit = robot.visits[0]
        assert visit.said and not visit.fault, f"{where}: {visit.fault}: {visit.message.body.decode()}"
        assert not robot.faults, f"{where}: {robot.faults}"
        said = visit.said
        assert "即将到达" in said.words and "演练" in said.words, f"{where}: {said.words}"
        assert "evil" not in visit.message.body.decode(), f"{where}: {visit.message.body.decode()}"
        assert tuple(said.mentions) == robot.mention, f"{where} calls {said.mentions}"
        assert said.url.startswith(f"http://127.0.0.1:{daemon.port}/a/"), f"{where}: {said.url}"
        assert street.states()[f"u{code}"]["delivered"] == 1

        token = said.url.partition("/a/")[2]
        page = daemon.call("GET", f"/a/{token}", token=None)
        assert page.status == 200 and "即将到达" in page.body.decode(), f"{where}: {page}"
        taken = daemon.call("POST", f"/a/{token}", "name=王芳".encode(), None, FORM)
        assert taken.status == 200, f"{where}: {taken}"
    alerts = daemon.get("/v1/alerts", state="all", kind="arrival", limit="500")["alerts"]
    assert [alert["state"] for alert in alerts] == ["acked"] * len(EVERY), alerts


def test_an_incident_is_opened_taken_and_closed() -> None:
    """Where incidents are kept, all of an alert's life is told, in order and under one key."""
    street = Street([("pagerduty", ""), ("alertmanager", "webhook")]).start()
    for code in street.codes:
        to = {"name": "x", "role": "committee", "org_code": code}
        street.report("traveler.handed_over", ref=f"F{code}", to=to)
        street.report("health.checked", ref=f"F{code}", method="phone", temp_c=38.5)
    street.clock(0)
    for alert in street.daemon.get("/v1/alerts", kind="fever")["alerts"]:
        street.daemon.post(f"/v1/alerts/{alert['id']}/ack", {"by": "Wang"})
        street.clock(street.until - street.begin + 1)
        street.daemon.post(f"/v1/alerts/{alert['id']}/resolve", {"by": "Wang", "outcome": "negative"})
    street.clock(60)
    pagerduty, alertmanager = street.robots.values()
    statuses = {
        "pagerduty": ["trigger", "acknowledge", "resolve"],
        "alertmanager": ["firing", "firing", "resolved"],
    }
    for robot in (pagerduty, alertmanager):
        assert not robot.faults and not [visit.fault for visit in robot.visits if visit.fault], robot
        said = [(visit.said.status, visit.said.key[-6:], visit.at - street.begin) for visit in robot.taken]
        assert [status for status, _, _ in said] == statuses[robot.channel], said
        assert len({key for _, key, _ in said}) == 1, said
    assert not pagerduty.open


def test_a_wrong_secret_is_found_by_the_vendor_and_told() -> None:
    """What shows that the server judges at all."""
    signing = [("generic", ""), ("dingtalk", "text"), ("feishu", "card"), ("pagerduty", "")]
    unknown = [("wecom", "text"), ("slack", "text")]
    street = Street(signing + unknown).start()
    for robot in street.robots.values():
        if robot.secret:
            robot.secret = new_secret(robot.channel)
        else:
            robot.key += "x"
    street.tell()
    street.clock(0)
    street.clock(10)
    hints = {robot.channel: street.states()[f"u{code}"] for code, robot in street.robots.items()}
    wanted = {
        "generic": "slow: HTTP 401",
        "dingtalk": "sign/clock: errcode 310000",
        "feishu": "sign/clock: code 19021",
        "pagerduty": "token: HTTP 400",
        "wecom": "token: errcode 93000",
        "slack": "token: HTTP 404 no_service",
    }
    for channel, hint in wanted.items():
        assert hints[channel]["state"] == "sick" and hint in hints[channel]["hint"], hints[channel]
    street.clock(20)
    assert street.sick_told() == {f"u{code}" for code in street.codes}


def test_a_clock_that_is_wrong_is_found_by_the_vendor() -> None:
    street = Street([("generic", ""), ("dingtalk", "markdown"), ("feishu", "text")]).start()
    street.since = street.until = street.since + 2 * 3600
    street.vendors.now = lambda: (street.since + 7200, street.until + 7200)
    street.tell()
    street.clock(0)
    for robot in street.robots.values():
        assert [visit.fault for visit in robot.visits] == ["time"], robot


# --- What is answered


class Row:
    """One answer and what must become of a notice that meets it."""

    def __init__(self, code: str, row: dict[str, Any], robot: Robot) -> None:
        self.name, self.row, self.robot = f"u{code}", row, robot
        self.outcome = row["outcome"]
        self.slow = row["hint"].startswith("slow: ")
        pause = row.get("pause_ms", row.get("pause_most_ms", 0)) / 1000
        # When the second try may come, at the earliest and at the latest, in seconds; a try waits 5 s ± 20 %.
        self.earliest, self.latest = {
            "retry": (0.8 * (pause or 5), 1.2 * (pause or 5)),
            "pause": (pause if "pause_ms" in row else 0.0, max(1.0, pause) + 30),
        }.get(self.outcome, (DRAWN_OUT + 1, float("inf")))

    def __str__(self) -> str:
        return f"{self.name} {self.row}"

    def at_once(self, state: dict[str, Any], dead: dict[str, str]) -> None:
        hint, counts = state["hint"] or "", (state["delivered"], state["failed"])
        if self.outcome == "ok":
            assert counts == (1, 0) and state["state"] == "ok", f"{self}: {state}"
            return
        assert state["delivered"] == 0, f"{self}: counts as delivered"
        if self.outcome == "dead":
            assert dead.get(self.name, "").startswith(self.row["hint"]), f"{self}: {dead.get(self.name)}"
            assert state["state"] == ("sick" if self.row.get("sick") else "ok"), f"{self}: {state}"
            return
        assert self.name not in dead, f"{self}: a dead letter"
        assert hint.startswith(self.row["hint"]), f"{self}: {hint}"
        gone = self.row["status"] == 410  # Not even asked now and then, until somebody loads a configuration.
        wanted = {"retry": "ok", "pause": "paused", "sick": "disabled" if gone else "sick"}[self.outcome]
        assert state["state"] == wanted, f"{self}: {state}"
        if self.outcome == "pause":
            span = when(state["until"]).timestamp() - when(START).timestamp()
            exact, most = self.row.get("pause_ms", 0) / 1000, self.row.get("pause_most_ms", 0) / 1000
            assert span == exact if exact else 0 < span <= most, f"{self}: paused for {span} s"

    def tries_at(self, seconds: float) -> None:
        tries = len(self.robot.visits)
        if seconds < self.earliest:
            assert tries == 1, f"{self}: {tries} tries after {seconds} s"
        elif seconds >= self.latest:
            assert tries >= 2, f"{self}: {tries} tries after {seconds} s"


def judge_rows(channel: str) -> None:
    rows = fixture_rows(channel)
    street = Street([(channel, "")] * len(rows), limits={"in_flight": 100}).start()
    judged = [Row(code, row, street.robots[code]) for code, row in zip(street.codes, rows)]
    for row in judged:
        row.robot.always = reply_of(row.row)
    street.tell()
    street.clock(0)
    states, dead = street.states(), street.dead()
    for row in judged:
        row.at_once(states[row.name], dead)
    edges = {time for row in judged for time in (row.earliest - 0.001, row.latest) if 0 < time <= DRAWN_OUT}
    for seconds in sorted(edges | {10.0, DRAWN_OUT}):
        street.clock(seconds)
        for row in judged:
            row.tries_at(seconds)
    states = street.states()
    sick = {row.name for row in judged if row.outcome == "sick" or row.slow or row.row.get("sick")}
    assert {name for name, state in states.items() if state["state"] in ("sick", "disabled")} == sick
    assert street.sick_told() == sick, "each is told to somebody else"
    for row in judged:  # None of the answers that are no success has become one by being repeated.
        assert (states[row.name]["delivered"] > 0) == (row.outcome == "ok"), f"{row}: {states[row.name]}"
        messages = {visit.message.id for visit in row.robot.visits}
        assert len(messages) == 1, f"{row}: the id has changed between two tries"

    # All is well again: what was kept is delivered, and signed anew for the vendor takes it; a dead letter is not.
    for row in judged:
        row.robot.always = None
    assert street.daemon.ctl("reload").returncode == 0
    for minutes in range(2, 72, 3):
        street.clock(60.0 * minutes)
    for row in judged:
        first = {visit.message.id for visit in row.robot.visits[:1]} if channel == "generic" else set()
        faults = [visit.fault for visit in row.robot.visits if visit.fault]
        assert not faults, f"{row}: {faults}"
        if row.outcome not in ("ok", "dead"):
            assert row.robot.taken, f"{row}: it was not kept"
            assert not first or first == {row.robot.taken[0].message.id}, f"{row}: another one came first"


def test_answers_of_a_signed_receiver() -> None:
    judge_rows("generic")


def test_answers_of_wecom() -> None:
    judge_rows("wecom")


def test_answers_of_dingtalk() -> None:
    judge_rows("dingtalk")


def test_answers_of_feishu() -> None:
    judge_rows("feishu")


def test_answers_of_slack() -> None:
    judge_rows("slack")


def test_answers_of_pagerduty() -> None:
    judge_rows("pagerduty")


def test_answers_of_alertmanager() -> None:
    judge_rows("alertmanager")


# --- How often, and in silence


def test_no_vendor_is_asked_more_often_than_it_takes() -> None:
    street = Street([("wecom", "text"), ("dingtalk", "text")], drill=None).start()
    for number in range(25):
        street.tell(name=f"B{number}-")
    for robot in street.robots.values():
        wait_until(lambda: len(robot.taken) >= 18, f"{robot.channel}: 18 of 25 have come")
    assert not [visit.fault for robot in street.robots.values() for visit in robot.visits if visit.fault]
    for robot in street.robots.values():
        assert len(robot.visits) <= 20, f"{robot.channel} was asked {len(robot.visits)} times within a minute"


def test_robots_of_a_pool_sign_each_with_its_own_secret() -> None:
    street = Street([("dingtalk", "text")] * 3)
    one, other, group = street.codes
    endpoint = street.daemon.endpoint(f"u{group}")
    endpoint.clear()
    endpoint.update(name=f"u{group}", channel="dingtalk", form="markdown", pool=[f"u{one}", f"u{other}"])
    street.daemon.write_config()
    street.start()
    for number in range(20):
        street.tell(group, name=f"B{number}-")
    street.clock(0)
    street.clock(30)
    robots = [street.robots[one], street.robots[other]]
    for robot in robots:
        assert robot.taken and not [visit.fault for visit in robot.visits if visit.fault], robot
        assert robot.taken[0].message.json["msgtype"] == "markdown", "the form is the pool's"
    assert not street.robots[group].visits


def test_no_secret_is_ever_logged() -> None:
    street = Street(EVERY)
    street.daemon.words = ("--log-level", "debug")
    street.start()
    for number, answer in enumerate((None, Reply(404, b"no_service"), Reply(302, b"", {"Location": "/x"}), "drop")):
        for robot in street.robots.values():
            robot.always = answer
        street.tell(name=f"B{number}-")
        street.clock(number * 30)
    # A vendor may repeat what it was sent.
    for robot in street.robots.values():
        robot.always = Reply(200, json.dumps({"errcode": 7, "code": 7, "errmsg": robot.url, "msg": robot.url}).encode())
    street.clock(1500)
    assert street.daemon.ctl("reload").returncode == 0
    shown = street.daemon.ctl("endpoints").stdout + street.daemon.ctl("dead-letters", "list").stdout
    shown += street.daemon.call("GET", "/metrics").body.decode()
    line = street.daemon.command("--print-config")
    shown += subprocess.run(line, capture_output=True, text=True).stdout
    assert street.daemon.stop() == 0
    log = street.daemon.log_text()
    assert "courier." in log
    for text in street.privacies():
        assert text not in log, f"{text[:6]}… stands in the log: {[line for line in log.splitlines() if text in line][:3]}"
        assert text not in shown, f"{text[:6]}… is shown: {[line for line in shown.splitlines() if text in line][:3]}"
