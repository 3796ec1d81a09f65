"""test_page.py — the pages: what they show, and that nothing a traveller is called can act in them."""

from __future__ import annotations

import re

from harness import Answer, Daemon

START = "2020-03-08T20:00:00+08:00"
SOURCE, GATE = "/pvg/t2/minhang", "310112101007"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;"


def night(name: str = HOSTILE, transfer: str = "<b>B1</b>") -> Daemon:
    daemon = Daemon(drill=START, access={"loopback": "operator"})
    person = {"ref": "X1", "name": {"full": name}, "nationality": "KOR"}
    address = {"text": name, "committee_code": GATE}
    stop = {"seq": 1, "kind": "compound", "address": address, "eta": "2020-03-08T22:00:00+08:00"}
    events = [
        ("traveler.announced", {"traveler": person, "basis": "list"}),
        ("transfer.departed", {"transfer": transfer, "travelers": [{"ref": "X1", "stop": 1}], "stops": [stop]}),
    ]
    sent = [
        {
            "specversion": "1.0",
            "id": f"page-{number}",
            "source": SOURCE,
            "type": f"org.closedloopd.{kind}.v1",
            "time": START,
            "data": data,
        }
        for number, (kind, data) in enumerate(events)
    ]
    assert daemon.post_events(sent)["accepted"] == 2
    daemon.clock(START)
    return daemon


def check_harmless(answer: Answer, referrer: str = "no-referrer") -> str:
    text = answer.body.decode()
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html"), answer
    assert "<script>alert" not in text and "<img" not in text and "<b>B1" not in text, text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "an inline script"
    assert not re.search(r"<style\b|\sstyle\s*=|\son\w+\s*=\s*[\"']", text), "an inline style or handler"
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy, policy
    assert answer.headers["referrer-policy"] == referrer
    assert answer.headers["x-content-type-options"] == "nosniff", answer.headers
    return text


def test_the_console_shows_the_night_and_escapes_it() -> None:
    daemon = night()
    text = check_harmless(daemon.call("GET", "/", token=None), "same-origin")
    assert "在途" in text and "即将到达" in text and "莘松三村" in text, text
    for path in re.findall(r"(?:href|src)=\"(/static/[^\"]+)\"", text):
        assert daemon.call("GET", path, token=None).status == 200, path
    assert daemon.call("GET", "/static/../closedloopd.yaml", token=None).status in (400, 404)


def test_the_console_needs_a_right() -> None:
    daemon = Daemon(drill=START)
    answer = daemon.call("GET", "/", token=None)
    assert answer.status in (401, 403), answer


def test_the_page_behind_a_link_is_harmless_and_kept_by_nobody() -> None:
    daemon = night()
    token = daemon.receiver.messages(GATE, kind="arrival")[0].token
    answer = daemon.call("GET", f"/a/{token}", token=None)
    text = check_harmless(answer)
    assert "<form method=\"post\"" in text and "<button" in text, text
    assert "no-store" in answer.headers["cache-control"] and "noindex" in answer.headers["x-robots-tag"]
    for time in ("20:10", "20:20", "20:30", "20:40"):
        daemon.clock(f"2020-03-08T{time}:00+08:00")
    token = daemon.receiver.messages("fallback")[-1].token  # A robot's group: the name is the reader's.
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    taken = daemon.call("POST", f"/a/{token}", b"name=%3Cscript%3Ealert(1)%3C%2Fscript%3E", None, form)
    assert "&lt;script&gt;" in check_harmless(taken), taken


def test_a_message_to_a_robot_cannot_mention_everybody() -> None:
    daemon = night(transfer="<@all>[x](http://evil)")
    daemon.clock("2020-03-08T20:40:00+08:00")
    words = daemon.receiver.messages("fallback")[-1].words
    assert "<@all>" not in words and "](http://evil)" not in words, words


def test_no_name_leaves_in_messages_logs_or_metrics() -> None:
    daemon = night(name="ZHANG UNIQUENAME", transfer="B1")
    daemon.clock("2020-03-08T20:40:00+08:00")
    assert daemon.receiver.messages(), "nothing was sent"
    for message in daemon.receiver.messages():
        assert b"UNIQUENAME" not in message.body, message.words
    metrics = daemon.call("GET", "/metrics").body.decode()
    assert "closedloop_transactions_total" in metrics and "UNIQUENAME" not in metrics
    assert "UNIQUENAME" not in daemon.log_text()
