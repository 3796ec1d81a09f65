"""vendors.py — one server that is every channel's other end: WeCom, DingTalk, Feishu, Slack, PagerDuty, Alertmanager
and a receiver of Standard Webhooks, at the paths they have.

A robot is made by `Vendors.robot(channel, form)` and gives the settings of the endpoint that speaks to it. What comes is
judged as the vendor would (vendor_rules.py): signature, time, shape, sizes, requests a minute; a fault is answered with
the vendor's own error. Before that a test may script answers: the rows of tests/data/reply_fixtures.json, for example.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from endpoints import Act, Message, Receiver, Reply
from vendor_rules import RULES, Refused, Said

FIXTURES = Path(__file__).resolve().parents[1] / "data" / "reply_fixtures.json"

# Where a vendor is reached; %s is what tells one robot from another, in the path or in the query.
PLACES = {
    "generic": "/hooks/%s",
    "wecom": "/cgi-bin/webhook/send?key=%s",
    "dingtalk": "/robot/send?access_token=%s",
    "feishu": "/open-apis/bot/v2/hook/%s",
    "slack": "/services/T0CITY/B0DUTY/%s",
    "pagerduty": "/v2/enqueue",
    "alertmanager": "/alertmanager/%s",
}
# What a test may choose; the first is the usual one.
FORMS = {
    "generic": ("",),
    "wecom": ("markdown", "text", "template_card"),
    "dingtalk": ("markdown", "text", "action_card"),
    "feishu": ("text", "card"),
    "slack": ("blocks", "text"),
    "pagerduty": ("",),
    "alertmanager": ("webhook", "push"),
}
# Requests in so many seconds, and what happens to the one too many (vendor_rules.py says it).
RATES = {"wecom": (20, 60), "dingtalk": (20, 60), "feishu": (100, 60), "slack": (5, 5), "pagerduty": (120, 60)}
BLOCKED = {"dingtalk": 600}  # Seconds for which a robot that was asked too often says nothing else.


@dataclass
class Visit:
    message: Message
    at: float  # Seconds, by the clock of Vendors.now.
    fault: str  # Why the vendor refused it; "" when it took it.
    said: Said | None  # What a human, or a machine, reads in it; None when it was refused or scripted.


@dataclass
class Robot:
    """One account, group or integration at a vendor."""

    channel: str
    form: str
    url: str
    key: str  # What in the URL tells it from others.
    secret: str  # What signs, or the routing key; "" where nothing does.
    script: list[Act] = field(default_factory=list)  # Answered one after the other before its own judgement …
    always: Act | None = None  # … and this for ever.
    mention: tuple[str, ...] = ()
    visits: list[Visit] = field(default_factory=list)
    blocked_until: float = 0
    open: set[str] = field(default_factory=set)  # PagerDuty: incidents that are open.
    faults: list[str] = field(default_factory=list)  # Taken by the vendor, and of no use to anybody.

    @property
    def taken(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.said]

    @property
    def private(self) -> tuple[str, ...]:
        """What must never stand in a log: whoever knows it can speak in our name."""
        keyed = self.channel in ("wecom", "dingtalk", "feishu", "slack")
        return tuple(text for text in (self.key if keyed else "", self.secret.removeprefix("whsec_")) if text)


def new_secret(channel: str) -> str:
    return {
        "generic": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "dingtalk": "SEC" + secrets.token_hex(32),
        "feishu": secrets.token_urlsafe(16),
        "pagerduty": secrets.token_hex(16),
    }.get(channel, "")


class Vendors:
    """NOW: the time of the daemon under test, as the seconds between which it is; the real one without."""

    def __init__(self, receiver: Receiver, now: Callable[[], tuple[float, float]] | None = None) -> None:
        self.receiver = receiver
        self.now = now or (lambda: (time.time(), time.time()))
        self.rated = now is None  # A drill moves in leaps, so how often one is asked says nothing there.
        self.robots: list[Robot] = []
        receiver.otherwise = self.take

    def robot(self, channel: str, form: str = "", **more: Any) -> Robot:
        key, secret = secrets.token_hex(16), new_secret(channel)
        place = "/api/v2/alerts" if form == "push" else PLACES[channel]
        url = self.receiver.url + (place % key if "%s" in place else place)
        made = Robot(channel, form or FORMS[channel][0], url, key, secret, **more)
        self.robots.append(made)
        return made

    def settings(self, robot: Robot, name: str, secret_file: Callable[[str, str], str]) -> dict[str, Any]:
        """The endpoint NAME that speaks to ROBOT; SECRET_FILE writes what must not stand in the configuration."""
        made = {"name": name, "channel": robot.channel, "allow": ["127.0.0.0/8"]}
        made["url_file"] = secret_file(f"{name}.url", robot.url)
        if robot.secret:
            made["secret_file"] = secret_file(f"{name}.secret", robot.secret)
        if robot.form:
            made["form"] = robot.form
        if robot.mention:
            made["mention"] = list(robot.mention)
        return made

    # --- What comes

    def find(self, message: Message) -> tuple[str, Robot | None]:
        """The vendor at the message's path, and which of its robots is meant."""
        whole = f"{message.path}?{message.query}" if message.query else message.path
        if message.path == "/api/v2/alerts":
            return "alertmanager", next((robot for robot in self.robots if robot.form == "push"), None)
        for channel, place in PLACES.items():
            before, _, _ = place.partition("%s")
            if not whole.startswith(before):
                continue
            key = whole[len(before) :].partition("&")[0]
            if channel == "pagerduty":
                key = str(_member(message, "routing_key"))
                return channel, next((robot for robot in self.robots if robot.secret == key), None)
            mine = (robot for robot in self.robots if robot.channel == channel and robot.key == key)
            return channel, next(mine, None)
        return "", None

    def take(self, message: Message) -> Act:
        channel, robot = self.find(message)
        if not channel:
            return Reply(404, b"no such place")
        rules = RULES[channel]
        if not robot:
            return rules.unknown
        at = self.now()
        if robot.script or robot.always:
            robot.visits.append(Visit(message, at[1], "", None))
            act = robot.script.pop(0) if robot.script else robot.always
            assert act is not None
            return act
        try:
            self._count(robot, at[1])
            said = rules.judge(robot, message, at)
        except Refused as refusal:
            robot.visits.append(Visit(message, at[1], refusal.why, None))
            return refusal.reply
        robot.visits.append(Visit(message, at[1], "", said))
        return rules.taken(said)

    def _count(self, robot: Robot, at: float) -> None:
        if not self.rated or robot.channel not in RATES:
            return
        most, within = RATES[robot.channel]
        recent = [visit for visit in robot.visits if visit.at > at - within]
        if len(recent) >= most or at < robot.blocked_until:
            robot.blocked_until = at + BLOCKED.get(robot.channel, 0)
            raise Refused("asked too often", RULES[robot.channel].too_often)


def _member(message: Message, name: str) -> Any:
    try:
        return message.json.get(name, "")
    except (ValueError, AttributeError):
        return ""


def fixture_rows(channel: str) -> list[dict[str, Any]]:
    """The answers of tests/data/reply_fixtures.json that CHANNEL can get over HTTP."""
    rows = json.loads(FIXTURES.read_text())["rows"]
    return [row for row in rows if row["channel"] in (channel, "any") and "status" in row]


def reply_of(row: dict[str, Any]) -> Reply:
    return Reply(row["status"], row["body"].encode(), row.get("headers", {}))
