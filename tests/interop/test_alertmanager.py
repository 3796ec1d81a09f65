"""test_alertmanager.py — a real Alertmanager takes what we push, and what we send in its form is what it sends itself."""

from __future__ import annotations

import re
from typing import Any

from endpoints import Message
from harness import Daemon, wait_until, when
from outside import Alertmanager, post, told_by_bus
from vendor_rules import fingerprint, judge_alertmanager

GATE, STREET = "310112101007", "310112101"
# {}:{alertname="X", …} or, for a route of its own, {}/{to="x"}:{…}.
GROUP_KEY = re.compile(r'^\{\}(/\{[^}]*\})?:\{([a-zA-Z_]\w*="(?:[^"\\]|\\.)*"(, )?)+\}$')
# Newer Alertmanagers add these two; Debian's does not.
NEWER = {"notification_reason", "routeLabels"}


class Both:
    """A daemon whose committee is an Alertmanager and whose street takes Alertmanager's webhooks."""

    def __init__(self) -> None:
        self.daemon = Daemon(start=False)
        self.manager = Alertmanager(self.daemon.dir, f"{self.daemon.receiver.url}/theirs")
        receiver = self.daemon.receiver.url
        for code, form, url in ((GATE, "push", f"{self.manager.url}/api/v2/alerts"), (STREET, "webhook", f"{receiver}/ours")):
            endpoint = self.daemon.endpoint(f"u{code}")
            endpoint.clear()
            endpoint.update(name=f"u{code}", channel="alertmanager", form=form, url=url, allow=["127.0.0.0/8"])
        self.daemon.write_config()
        self.daemon.start()

    def came(self, path: str, status: str) -> Message | None:
        found = [message for message in self.daemon.receiver.messages(path) if message.json["status"] == status]
        return found[0] if found else None

    def fever(self) -> dict[str, Any]:
        """An alert that committee and street are told of at once; as Alertmanager has it."""
        post(self.daemon, "traveler.handed_over", ref="F1", to={"name": "x", "role": "committee", "org_code": GATE})
        post(self.daemon, "health.checked", ref="F1", method="phone", temp_c=38.5)
        return wait_until(lambda: self.find("Fever"), "Alertmanager has the alert")

    def find(self, name: str) -> dict[str, Any] | None:
        return next((alert for alert in self.manager.alerts() if alert["labels"]["alertname"] == name), None)


def shape(value: Any) -> Any:
    """Names and types of VALUE, whatever it says."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


def test_a_push_is_taken_and_shown_with_our_labels() -> None:
    both = Both()
    told_by_bus(both.daemon, GATE)
    alert = wait_until(lambda: both.find("Arrival"), "Alertmanager has the alert")
    number = both.daemon.get("/v1/alerts", kind="arrival")["alerts"][0]["id"]
    assert alert["labels"] == {"alertname": "Arrival", "alert": number, "severity": "critical", "unit": GATE}
    assert "即将到达" in alert["annotations"]["summary"], alert
    assert alert["status"]["state"] == "active" and "/a/" in alert["generatorURL"], alert
    assert alert["fingerprint"] == fingerprint(alert["labels"])
    state = both.daemon.how_is(f"u{GATE}")
    assert state["delivered"] == 1 and state["state"] == "ok", state


def test_our_webhook_is_what_alertmanager_sends_for_the_same_alert() -> None:
    both = Both()
    alert = both.fever()
    theirs = wait_until(lambda: both.came("theirs", "firing"), "Alertmanager's own webhook comes").json
    ours = wait_until(lambda: both.came("ours", "firing"), "our webhook comes").json
    assert not (set(ours) ^ set(theirs)) - NEWER, set(ours) ^ set(theirs)
    for name in set(ours) & set(theirs) - {"alerts", "commonAnnotations"}:
        assert shape(ours[name]) == shape(theirs[name]), f"{name}: {ours[name]} and {theirs[name]}"
    ours_alert, theirs_alert = ours["alerts"][0], theirs["alerts"][0]
    assert set(ours_alert) == set(theirs_alert)
    assert shape(ours_alert["labels"]) == shape(theirs_alert["labels"])
    for name in ("version", "status", "truncatedAlerts", "groupLabels", "commonLabels", "groupKey"):
        assert ours[name] == theirs[name], f"{name}: {ours[name]} and {theirs[name]}"
    assert ours_alert["labels"] == theirs_alert["labels"] == alert["labels"]
    assert ours_alert["fingerprint"] == theirs_alert["fingerprint"] == alert["fingerprint"]
    # As times: Go leaves the last noughts of a fraction out.
    assert when(ours_alert["startsAt"]) == when(theirs_alert["startsAt"]), (ours_alert, theirs_alert)
    assert GROUP_KEY.match(theirs["groupKey"]) and GROUP_KEY.match(ours["groupKey"])
    assert ours_alert["endsAt"] == "0001-01-01T00:00:00Z" == theirs_alert["endsAt"] or theirs_alert["endsAt"] > "2020"
    # And the judge of the other tests takes both for the real thing.
    judge_alertmanager(None, both.came("ours", "firing"), (0, 2e10))


def test_an_alert_that_is_over_ends_there_too() -> None:
    both = Both()
    alert = both.fever()
    number = alert["labels"]["alert"]
    both.daemon.post(f"/v1/alerts/{number}/resolve", {"by": "Zhou", "outcome": "negative"})
    wait_until(lambda: not both.find("Fever"), "Alertmanager has it no more")
    ended = wait_until(lambda: both.came("theirs", "resolved"), "Alertmanager tells its end").json
    ours = wait_until(lambda: both.came("ours", "resolved"), "we tell its end").json
    for payload in (ended, ours):
        over = payload["alerts"][0]
        assert over["status"] == "resolved" and over["fingerprint"] == alert["fingerprint"], payload
        assert when(over["endsAt"]) >= when(over["startsAt"]), payload
    assert ours["groupKey"] == ended["groupKey"]


def test_alertmanager_refuses_what_our_own_server_refuses() -> None:
    """What shows that it judges at all, and that the mock of the other tests is not kinder."""
    both = Both()
    assert both.manager.push([{"labels": {"alertname": "Good"}}]) == 200
    for bad in ({"labels": {"no-name": "x"}}, {"labels": {}}, {"annotations": {"summary": "x"}}):
        assert both.manager.push([bad]) in (400, 422), bad
