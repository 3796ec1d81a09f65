"""test_crash.py — killed at any moment: what was answered is kept, what is owed is sent, each under one id.

A burst of 5,000 events comes over several connections while the daemon is killed CLOSEDLOOP_KILLS times (12; 200 is the
full proof). The senders do what a feed must: repeat until there is a 2xx. The clock is the real one.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import random
import sqlite3
import threading
import time
from datetime import datetime, timedelta, timezone

from harness import COMMITTEES, NDJSON, PATIENCE, Client, Daemon, wait_until

KILLS = int(os.environ.get("CLOSEDLOOP_KILLS", "12"))
SEED = int(os.environ.get("CLOSEDLOOP_SEED", str(random.SystemRandom().randrange(1 << 32))))
SENDERS = 6
BUSES = 250
SOURCE = "/pvg/burst"


class Burst:
    """5,000 events: 250 buses with four travellers each, every event possibly before those that explain it."""

    def __init__(self) -> None:
        self.now = datetime.now(timezone(timedelta(hours=8))).replace(microsecond=0) - timedelta(hours=1)
        self.count = 0
        self.events = [event for bus in range(BUSES) for event in self.bus(bus)]
        self.refs = [f"R{bus}-{rider}" for bus in range(BUSES) for rider in range(4)]

    def at(self, minutes: float) -> str:
        return (self.now + timedelta(minutes=minutes)).isoformat()

    def event(self, kind: str, minutes: float, **data: object) -> dict:
        self.count += 1
        name = f"org.closedloopd.{kind}.v1"
        head = {"specversion": "1.0", "id": f"burst-{self.count}", "source": SOURCE, "type": name}
        return {**head, "time": self.at(minutes), "data": data}

    def bus(self, number: int) -> list[dict]:
        transfer, committee = f"T{number}", COMMITTEES[number % len(COMMITTEES)]
        address = {"text": f"测试路{number}号", "committee_code": committee}
        events = []
        for rider in range(4):
            ref = f"R{number}-{rider}"
            document = {"type": "P", "number": f"X{number:04d}{rider}", "issuer": "KOR"}
            person = {"ref": ref, "name": {"full": f"KIM {rider}"}, "document": document, "nationality": "KOR"}
            events += [
                self.event("traveler.announced", 0, traveler=person, basis="api"),
                self.event("traveler.triaged", 5, ref=ref, sticker="yellow", disposition="home"),
                self.event("traveler.registered", 10, ref=ref, destination=address, transport="bus"),
                self.event("traveler.corrected", 12, ref=ref, patch={"traveler": {"seat": "12A"}}, reason="seat"),
            ]
        stop = {"seq": 1, "kind": "compound", "address": address, "eta": self.at(150)}
        travelers = [{"ref": f"R{number}-{rider}", "stop": 1} for rider in range(4)]
        events.append(self.event("transfer.departed", 20, transfer=transfer, travelers=travelers, stops=[stop]))
        for minutes in (30, 40, 50):
            etas = [{"seq": 1, "eta": self.at(150 + minutes / 100)}]
            events.append(self.event("transfer.eta", minutes, transfer=transfer, etas=etas))
        return events


class Senders:
    """Send what is in the queue and repeat each request until it is answered 2xx."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.work: queue.Queue[list[dict] | None] = queue.Queue()
        self.lock = threading.Lock()
        self.answered: set[str] = set()
        self.unanswered_tries = 0
        self.failure = ""
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def _run(self) -> None:
        while (events := self.work.get()) is not None:
            end = time.monotonic() + 3 * PATIENCE
            client = Client(self.daemon.port, timeout=PATIENCE)
            while not self._try(client, events):
                if time.monotonic() > end:
                    self.failure = f"no answer for {events[0]['id']}"
                    return
                time.sleep(0.01)
            with self.lock:
                self.answered.update(event["id"] for event in events)

    def _try(self, client: Client, events: list[dict]) -> bool:
        text = "\n".join(json.dumps(event, ensure_ascii=False) for event in events).encode()
        kind = NDJSON if len(events) > 1 else "application/cloudevents+json"
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self.daemon.tokens['pvg']}"}
        try:
            answer = client.call("POST", "/v1/events", text, headers)
        except (OSError, http.client.HTTPException):
            self.unanswered_tries += 1
            return False
        if answer.status == 202 and answer.json()["rejected"]:
            self.failure = f"rejected: {answer}"
        if answer.status not in (202, 503):
            self.failure = f"{answer}"
        return answer.status == 202

    def has(self, count: int) -> bool:
        return len(self.answered) >= count or bool(self.failure)

    def finish(self) -> None:
        for _ in self.threads:
            self.work.put(None)
        for thread in self.threads:
            thread.join(4 * PATIENCE)
        assert not self.failure, self.failure


def portions(events: list[dict], dice: random.Random) -> list[list[dict]]:
    """Requests: one event alone, or up to forty as lines."""
    requests, at = [], 0
    while at < len(events):
        size = 1 if dice.random() < 0.6 else dice.randrange(2, 41)
        requests.append(events[at : at + size])
        at += size
    return requests


def burst_with_kills(daemon: Daemon, burst: Burst, dice: random.Random) -> Senders:
    events = list(burst.events)
    dice.shuffle(events)
    requests = portions(events, dice)
    senders = Senders(daemon)
    share = len(requests) // (KILLS + 1) + 1
    for kill in range(KILLS + 1):
        batch = requests[kill * share : (kill + 1) * share]
        before = len(senders.answered)
        for request in batch:
            senders.work.put(request)
        if kill == KILLS:
            break
        # A random moment: after some of this share's answers, and a little later still.
        wanted = before + dice.randrange(1 + sum(map(len, batch)) // 2)
        wait_until(lambda: senders.has(wanted), f"answers before kill {kill}", 3 * PATIENCE)
        time.sleep(dice.random() * 0.02)
        daemon.kill9()
        daemon.start()
    senders.finish()
    return senders


def check_ledger(daemon: Daemon, burst: Burst, senders: Senders) -> None:
    assert len(senders.answered) == len(burst.events) == 5000, len(senders.answered)
    for at in range(0, len(burst.events), 1000):
        said = daemon.post_events(burst.events[at : at + 1000])
        assert said == {"accepted": 0, "duplicates": 1000, "rejected": []}, f"answered and lost: {said}"
    for ref in burst.refs:
        journey = daemon.journey(SOURCE, ref)
        assert journey["state"] == "in_transfer" and journey["committee_code"] in COMMITTEES, journey


def check_notices(daemon: Daemon) -> None:
    wait_until(lambda: daemon.get("/v1/admin/status")["notices_ready"] == 0, "the outbox is empty", 3 * PATIENCE)
    messages = [message for message in daemon.receiver.messages() if message.id]
    bodies: dict[str, bytes] = {}
    for message in messages:
        assert message.verified, message
        assert bodies.setdefault(message.id, message.body) == message.body, f"{message.id} with two bodies"
    told = {(message.data["alert"], message.path) for message in messages if message.kind == "arrival"}
    open_arrivals = [alert for alert in all_alerts(daemon) if alert["kind"] == "arrival"]
    assert len(open_arrivals) == BUSES, len(open_arrivals)
    owed = {(alert["id"], f"/{alert['unit']}") for alert in open_arrivals}
    assert owed <= told, f"never told: {sorted(owed - told)[:5]}"
    # The first word of an alert was written once: another id for it would be a second message to a human.
    raised: dict[tuple[str, str], set[str]] = {}
    for message in messages:
        if message.kind == "arrival" and message.why == "raised":
            raised.setdefault((message.data["alert"], message.path), set()).add(message.id)
    twice = {key: ids for key, ids in raised.items() if len(ids) > 1}
    assert not twice, f"raised under two ids: {twice}"


def all_alerts(daemon: Daemon) -> list[dict]:
    return [
        alert
        for code in sorted(set(COMMITTEES))
        for alert in daemon.get("/v1/alerts", state="open", unit=code)["alerts"]
    ]


def test_nothing_answered_is_lost_over_random_kills() -> None:
    print(f"     {KILLS} kills, CLOSEDLOOP_SEED={SEED}")
    daemon, burst = Daemon(), Burst()
    senders = burst_with_kills(daemon, burst, random.Random(SEED))
    assert KILLS == 0 or senders.unanswered_tries > 0, "no request was ever cut: the kills hit nothing"
    check_ledger(daemon, burst, senders)
    check_notices(daemon)
    daemon.census()
    assert daemon.stop() == 0
    database = next(path for path in (daemon.dir / "state").glob("*.db") if "keys" not in path.name)
    with sqlite3.connect(database) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_an_unsent_notice_leaves_after_the_restart_under_its_old_id() -> None:
    daemon, burst = Daemon(), Burst()
    daemon.receiver.behaviour = {f"/{code}": "hang" for code in COMMITTEES}
    daemon.post_events(burst.bus(0))
    daemon.receiver.wait(lambda: daemon.receiver.messages(kind="arrival"), "the notice is under way", PATIENCE)
    daemon.kill9()
    daemon.receiver.behaviour.clear()
    daemon.start()
    daemon.receiver.wait(lambda: len(daemon.receiver.messages(kind="arrival")) > 1, "it goes out again", PATIENCE)
    first, again = daemon.receiver.messages(kind="arrival")[:2]
    assert (first.id, first.body) == (again.id, again.body), (first.words, again.words)
