#!/usr/bin/env python3
"""play.py — plays a week of March 2020 through the real HTTP door, the drill's clock going from event to event.

    play.py PORT TOKEN_FILE
    play.py --wait PORT PID     wait until the daemon is ready, or fail because process PID has ended

The 04:30 bus to Changhai Road (s5), the evening of 8 March in Xinzhuang (s1), the bus of 13 March that was redirected
before the first gate (s3); between them what the committees do: the checklist, the acceptance, two questions a day, one
of which is forgotten. What the officers read is printed by receiver.py.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from harness import Answer, Client, scenario, wait_until, when  # noqa: E402  (after the path)

HEARTBEAT = timedelta(minutes=14)  # The feed counts as silent after 15.
EARLY = timedelta(minutes=2)  # A task is done so long before it is due.
ASKED = ("07:30", "18:30")
FORGOTTEN = ("310112101005", "2020-03-10", "18:30")  # The evening question nobody asked in time …
MADE_UP = "2020-03-10T23:20:00+08:00"  # … and when it was asked after all.
ACCEPTED_AFTER = timedelta(minutes=6)
STORY = {
    "traveler.announced": "旅客名单",
    "flight.updated": "航班落地",
    "traveler.triaged": "海关分流",
    "traveler.registered": "各区登记",
    "transfer.departed": "大巴发车",
    "transfer.eta": "到达时间更新",
    "transfer.stop_reached": "车到门口",
    "traveler.handed_over": "移交社区",
    "traveler.redirected": "改为集中隔离",
    "traveler.corrected": "信息更正",
    "health.checked": "健康询问",
}


class Play:
    def __init__(self, port: int, token: str) -> None:
        self.client = Client(port)
        self.token = token
        self.now = when(self.get("/v1/admin/status")["now"])
        self.heard = self.now
        self.beats = self.events = 0

    # --- HTTP; whoever sits at this machine is an operator in the sample configuration

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        answer = self.client.call(method, path, data, headers)
        assert 200 <= answer.status < 300, f"{method} {path} {body}: {answer}"
        return answer

    def get(self, path: str) -> Any:
        return self.call("GET", path).json()

    def send(self, event: dict) -> None:
        kind = "application/cloudevents+json"
        self.call("POST", "/v1/events", event, **{"Content-Type": kind, "Authorization": f"Bearer {self.token}"})
        self.heard = self.now

    def journeys(self) -> list[dict]:
        return self.get("/v1/journeys?state=open&limit=500")["journeys"]

    # --- Time

    def clock(self, at: datetime) -> None:
        """Move the clock; a feed that lives says so on the way."""
        while at - self.heard > HEARTBEAT:
            self.turn(max(self.now, self.heard + HEARTBEAT))
            self.beats += 1
            head = {"specversion": "1.0", "id": f"beat-{self.beats}", "source": "/pvg/t2/minhang"}
            kind = "org.closedloopd.feed.heartbeat.v1"
            self.send({**head, "type": kind, "time": self.now.isoformat(), "data": {"sent": self.beats}})
        self.turn(at)

    def turn(self, at: datetime) -> None:
        if at >= self.now:
            self.call("POST", "/v1/drill/clock", {"now": at.isoformat()})
            self.now = at

    def advance(self, to: datetime) -> None:
        """Go to TO; on the way the committees do what is theirs to do."""
        while (act := self.next_act(to)) is not None:
            at, path, body = act
            self.clock(max(at, self.now))
            journey = self.call("POST", path, body).json()
            if path.endswith("/accept"):
                self.tell(f"社区确认接收 {journey['refs'][0]['ref']}")
            elif self.now == when(MADE_UP):
                self.tell(f"补登晚间健康询问 {journey['refs'][0]['ref']}")
        self.clock(to)

    def next_act(self, to: datetime) -> tuple[datetime, str, dict] | None:
        """What a committee does next until TO: (when, path, body)."""
        acts = []
        for journey in self.journeys():
            path = f"/v1/journeys/{journey['id']}"
            acts += [
                (when(task["due"]) - EARLY, f"{path}/tasks/{task['name']}", {"outcome": "done", "by": "居委会"})
                for task in journey["tasks"]
                if task["state"] == "open" and task["name"] not in ("accept", "release")
            ]
            if journey["state"] == "isolating" and not journey["accepted_at"]:
                acts.append((when(journey["handed_over_at"]) + ACCEPTED_AFTER, f"{path}/accept", {"by": "居委会"}))
            if journey["accepted_at"]:
                acts += [(at, f"{path}/checks", body) for at, body in self.questions(journey)]
        acts = [act for act in acts if act[0] <= to]
        return min(acts, key=lambda act: act[0]) if acts else None

    def questions(self, journey: dict) -> list[tuple[datetime, dict]]:
        """The slots of today and tomorrow that nobody has entered."""
        entered = {(check["day"], check["slot"]) for check in journey["checks"] if check["entered"]}
        day0 = datetime.fromisoformat(journey["isolation"]["start"] + "T00:00:00+08:00")
        found = []
        for day in (journey["isolation"]["day"], journey["isolation"]["day"] + 1):
            date = (day0 + timedelta(days=day)).date().isoformat()
            for clock, slot in zip(ASKED, ("morning", "evening")):
                body = {"temp_c": 36.5, "symptoms": ["none"], "method": "phone", "by": "居委会", "day": day, "slot": slot}
                at = when(f"{date}T{clock}:00+08:00")
                if (journey["committee_code"], date, clock) == FORGOTTEN:
                    at = when(MADE_UP)
                if 1 <= day <= 14 and (day, slot) not in entered:
                    found.append((at, body))
        return found

    # --- The story

    def tell(self, what: str) -> None:
        print(f"{self.now:%m-%d %H:%M}  ● {what}", flush=True)

    def scene(self, title: str, name: str) -> None:
        events = scenario(name)[0]
        self.advance(when(events[0]["time"]))  # What happens until then belongs to the scene before.
        print(f"\n── {title} ──", flush=True)
        for event in events:
            self.advance(when(event["time"]))
            kind = event["type"].removeprefix("org.closedloopd.").removesuffix(".v1")
            data = event["data"]
            about = data.get("ref") or data.get("transfer") or event.get("subject", "").removeprefix("traveler/")
            self.tell(f"{STORY[kind]} {about or data['flight']['carrier'] + data['flight']['number']}")
            self.send(event)
            self.events += 1
            self.turn(self.now)

    def summary(self) -> None:
        census = self.get("/v1/admin/census")
        states = Counter(journey["state"] for journey in self.get("/v1/journeys?limit=500")["journeys"])
        open_alerts = [alert for alert in self.get("/v1/alerts?state=open")["alerts"] if not alert["informative"]]
        print("\n── 小结 ──")
        print(f"  {self.now:%Y-%m-%d %H:%M} · {self.events} events, {self.beats} heartbeats")
        print("  旅客：" + "，".join(f"{state} {count}" for state, count in sorted(states.items())))
        print(f"  未处理提醒：{len(open_alerts)} · 闭环断档：{len(census['violations'])}", flush=True)
        assert census["violations"] == [], census["violations"]


def wait_ready(port: int, pid: int) -> int:
    def ready() -> bool:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        assert state != "Z", "closedloopd has ended"
        try:
            return Client(port, timeout=2).call("GET", "/readyz", None, {}).status == 200
        except OSError:
            return False

    wait_until(ready, f"http://127.0.0.1:{port}/readyz answers 200")
    return 0


def main() -> int:
    if sys.argv[1] == "--wait":
        return wait_ready(int(sys.argv[2]), int(sys.argv[3]))
    play = Play(int(sys.argv[1]), Path(sys.argv[2]).read_text().strip())
    play.scene("3月7日凌晨，长海路街道：四十分钟后到门口", "s5")
    play.scene("3月8日，莘庄镇：两户人家", "s1")
    play.scene("3月13日，华新镇：车到第一个门口，改去集中隔离点", "s3")
    play.advance(play.now + timedelta(minutes=30))
    play.summary()
    return 0


if __name__ == "__main__":
    sys.exit(main())
