"""vendor_rules.py — what each vendor takes and what it refuses, with its own words (../shared/design/alerts.md §1).

Written from the vendors' documents and sharing no code with the daemon: signatures are computed here a second time.
`judge` returns what a reader finds in the message, or raises Refused with the vendor's answer. vendors.py serves it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple

from endpoints import Message, Reply, is_signed

HOUR, TOLERANCE = 3600, 300
RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
LABEL = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*$")


class Said(NamedTuple):
    """A message as it is read: its words, the link to press, and who is called by name."""

    words: str
    url: str
    mentions: tuple[str, ...] = ()
    status: str = "firing"
    key: str = ""  # What machines tell alerts apart by.


class Refused(Exception):
    def __init__(self, why: str, reply: Reply) -> None:
        super().__init__(why)
        self.why, self.reply = why, reply


def as_json(said: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(said, ensure_ascii=False).encode())


def mac(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def body_of(message: Message, refusal: Reply) -> dict[str, Any]:
    try:
        body = json.loads(message.body.decode("utf-8", "strict"))
    except ValueError:
        raise Refused("not JSON", refusal) from None
    if not isinstance(body, dict):
        raise Refused("not an object", refusal)
    return body


def links(text: str) -> str:
    """The link in a text: of markdown, of Slack, or bare."""
    found = re.search(r"\]\((https?://[^)\s]+)\)|<(https?://[^|>\s]+)|(https?://[^\s)>|]+)", text)
    return next((group for group in found.groups() if group), "") if found else ""


def in_time(stamp: str, digits: int, at: tuple[float, float], tolerance: float) -> bool:
    """A time in seconds (10 digits) or milliseconds (13), not further than TOLERANCE from the daemon's."""
    if not stamp.isdigit() or len(stamp) != digits:
        return False
    seconds = int(stamp) / (1000 if digits == 13 else 1)
    return at[0] - tolerance <= seconds <= at[1] + tolerance


# --- Standard Webhooks


def judge_generic(robot: Any, message: Message, at: tuple[float, float]) -> Said:
    if not in_time(message.headers.get("webhook-timestamp", ""), 10, at, TOLERANCE):
        raise Refused("time", as_json({"error": "timestamp too old or too new"}, 401))
    if not is_signed(robot.secret, message.headers, message.body):
        raise Refused("signature", as_json({"error": "no signature matches"}, 401))
    event = body_of(message, as_json({"error": "no JSON"}, 400))
    kind = message.headers.get("content-type", "").partition(";")[0]
    missing = [name for name in ("id", "source", "type") if not isinstance(event.get(name), str) or not event[name]]
    if kind != "application/cloudevents+json" or event.get("specversion") != "1.0" or missing:
        raise Refused("no CloudEvent", as_json({"error": f"no CloudEvent: {missing}"}, 415))
    if event["id"] != message.headers["webhook-id"] or not RFC3339.match(event.get("time", "")):
        raise Refused("no CloudEvent", as_json({"error": "id or time"}, 422))
    data = event["data"]
    return Said(f"{data['title']}\n{data['text']}", data["url"], key=event["id"])


# --- WeCom


def wecom(code: int, message: str) -> Reply:
    return as_json({"errcode": code, "errmsg": message})


WECOM_MOST = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}


def judge_wecom(robot: Any, message: Message, at: tuple[float, float]) -> Said:
    body = body_of(message, wecom(40035, "invalid json"))
    kind = body.get("msgtype")
    part = body.get(kind, {}) if isinstance(kind, str) else {}
    if kind == "template_card":
        return wecom_card(part)
    if kind not in WECOM_MOST:
        raise Refused("msgtype", wecom(40008, "invalid message type"))
    content = part.get("content", "")
    if not content:
        raise Refused("empty", wecom(44004, "empty content"))
    if len(content.encode()) > WECOM_MOST[kind]:
        most = WECOM_MOST[kind]
        why = f"{kind}.content exceed max length {most}. invalid Request Parameter"
        raise Refused("too long", wecom(40058, why))
    called = re.findall(r"<@([^>]+)>", content)
    if kind == "text":
        called += part.get("mentioned_list", []) + part.get("mentioned_mobile_list", [])
    elif "mentioned_list" in part or "mentioned_mobile_list" in part:
        robot.faults.append("a mentioned_list outside a text calls nobody")
    if colours := set(re.findall(r'color="([^"]*)"', content)) - {"info", "comment", "warning"}:
        robot.faults.append(f"colours that WeCom does not know: {colours}")
    return Said(content, links(content), tuple("all" if who == "@all" else who for who in called))


def wecom_card(card: dict[str, Any]) -> Said:
    action, title = card.get("card_action", {}), card.get("main_title", {})
    rows, jumps = card.get("horizontal_content_list", []), card.get("jump_list", [])
    wrong = [
        card.get("card_type") != "text_notice" and "card_type",
        action.get("type") not in (1, 2) and "card_action.type",
        action.get("type") == 1 and not action.get("url") and "card_action.url",
        not (title.get("title") or card.get("sub_title_text")) and "main_title",
        len(rows) > 6 and "horizontal_content_list",
        any(not row.get("keyname") for row in rows) and "keyname",
        len(jumps) > 3 and "jump_list",
        any(jump.get("type") == 1 and not jump.get("url") or not jump.get("title") for jump in jumps) and "jump",
    ]
    if why := [name for name in wrong if name]:
        raise Refused(f"card: {why}", wecom(40058, f"template_card.{why[0]} invalid Request Parameter"))
    words = [title.get("title", ""), title.get("desc", ""), card.get("sub_title_text", "")]
    words += [f"{row['keyname']} {row.get('value', '')}" for row in rows]
    url = next((jump["url"] for jump in jumps if jump.get("url")), action["url"])
    return Said("\n".join(word for word in words if word), url)


# --- DingTalk


def judge_dingtalk(robot: Any, message: Message, at: tuple[float, float]) -> Said:
    query = urllib.parse.parse_qs(message.query, strict_parsing=True)
    stamp = query.get("timestamp", [""])[0]
    if robot.secret and not in_time(stamp, 13, at, HOUR):
        raise Refused("time", wecom(310000, "invalid timestamp, more: [https://ding-doc.dingtalk.com]"))
    right = mac(robot.secret.encode(), f"{stamp}\n{robot.secret}".encode())
    if robot.secret and query.get("sign") != [right]:
        raise Refused("signature", wecom(310000, "sign not match, more: [https://ding-doc.dingtalk.com]"))
    if message.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused("content type", wecom(43004, "无效的HTTP HEADER Content-Type"))
    if len(message.body) > 20000:
        raise Refused("too long", wecom(460101, "message too long, exceed 20000 bytes"))
    body = body_of(message, wecom(40035, "缺少参数 json"))
    kind = body.get("msgtype")
    part = body.get(kind, {}) if isinstance(kind, str) else {}
    at_whom = body.get("at", {})
    if kind == "text":
        title, text, url = "", part.get("content", ""), links(part.get("content", ""))
    elif kind == "markdown":
        title, text, url = part.get("title", ""), part.get("text", ""), links(part.get("text", ""))
    elif kind == "actionCard":
        buttons = part.get("btns", []) or [{"title": part.get("singleTitle"), "actionURL": part.get("singleURL")}]
        title, text, url = part.get("title", ""), part.get("text", ""), buttons[0].get("actionURL") or ""
        if not all(button.get("title") and button.get("actionURL") for button in buttons):
            raise Refused("button", wecom(40035, "缺少参数 btns"))
    else:
        raise Refused("msgtype", wecom(400105, "不支持的消息类型"))
    if not text or kind != "text" and not title:
        raise Refused("empty", wecom(40035, "缺少参数 text"))
    called = at_whom.get("atMobiles", []) + at_whom.get("atUserIds", [])
    if lost := [who for who in called if f"@{who}" not in text]:
        robot.faults.append(f"not in the text, so nobody is called: {lost}")
    called += ["all"] if at_whom.get("isAtAll") else []
    return Said(f"{title}\n{text}", url, tuple(called))


# --- Feishu


def feishu(code: int, message: str, status: int = 200) -> Reply:
    return as_json({"code": code, "msg": message, "data": {}}, status)


def judge_feishu(robot: Any, message: Message, at: tuple[float, float]) -> Said:
    bad = feishu(9499, "Bad Request", 400)
    if len(message.body) > 20 * 1024:
        raise Refused("too long", feishu(19036, "request body too large"))
    body = body_of(message, bad)
    if robot.secret:
        stamp = body.get("timestamp")
        right = mac(f"{stamp}\n{robot.secret}".encode(), b"")
        timely = isinstance(stamp, str) and in_time(stamp, 10, at, HOUR)
        if not timely or body.get("sign") != right:
            why = "sign match fail or timestamp is not within one hour from current time"
            raise Refused("signature" if timely else "time", feishu(19021, why))
    kind = body.get("msg_type")
    if kind == "text" and body.get("content", {}).get("text"):
        text = body["content"]["text"]
        return Said(text, links(text), tuple(re.findall(r'<at user_id="([^"]+)">', text)))
    if kind != "interactive" or not body.get("card", {}).get("elements"):
        raise Refused("shape", bad)
    card = body["card"]
    words, url = [card.get("header", {}).get("title", {}).get("content", "")], ""
    for element in card["elements"]:
        if element["tag"] == "div":
            words.append(element["text"]["content"])
        elif element["tag"] == "action":
            for button in element["actions"]:
                url = url or button.get("url", "")
                words.append(button["text"]["content"])
        elif element["tag"] not in ("hr", "note", "markdown"):
            raise Refused("element", bad)
    text = "\n".join(words)
    return Said(text, url, tuple(re.findall(r"<at id=([^>]+)>", text)))


# --- Slack


def slack(status: int, word: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, word.encode(), headers or {})


def slack_words(blocks: list[dict[str, Any]]) -> tuple[list[str], str]:
    """The texts of BLOCKS and the address of the first button."""
    words, url = [], ""
    for block in blocks:
        text = block.get("text", {}).get("text", "")
        if block.get("type") not in ("section", "header", "actions", "context", "divider"):
            raise Refused("block", slack(400, "invalid_blocks"))
        if block["type"] == "section" and not 0 < len(text) <= 3000 or block["type"] == "header" and len(text) > 150:
            raise Refused("block", slack(400, "invalid_blocks"))
        for element in block.get("elements", []):
            url = url or element.get("url", "")
            shown = element.get("text", "")
            text += shown if isinstance(shown, str) else shown.get("text", "")
        words.append(text)
    return words, url


def judge_slack(robot: Any, message: Message, at: tuple[float, float]) -> Said:
    body = body_of(message, slack(400, "invalid_payload"))
    text, blocks = body.get("text", ""), body.get("blocks", [])
    if not text:
        raise Refused("no text", slack(400, "no_text"))
    if len(text) > 40000 or len(blocks) > 50:
        raise Refused("too long", slack(400, "invalid_payload"))
    words, url = slack_words(blocks)
    whole = "\n".join(words) or text  # The text is read where blocks are not.
    if words and links(text) != links(whole):
        robot.faults.append("the text lacks the link of the blocks")
    called = re.findall(r"<(?:@|!subteam\^|!)([^>|]+)", whole)
    for odd in re.findall(r"<(?![@!]|https?://)[^>]*>?", whole):
        robot.faults.append(f"not escaped: {odd}")
    return Said(whole, url or links(whole), tuple("all" if who in ("channel", "everyone") else who for who in called))


# --- PagerDuty


def judge_pagerduty(robot: Any, message: Message, at: tuple[float, float]) -> Said:
    def refuse(why: str) -> Refused:
        errors = {"status": "invalid event", "message": "Event object is invalid", "errors": [why]}
        return Refused(why, as_json(errors, 400))

    event = body_of(message, as_json({"status": "invalid event", "message": "no JSON", "errors": []}, 400))
    action, key, payload = event.get("event_action"), event.get("dedup_key", ""), event.get("payload", {})
    if len(message.body) > 512 * 1024:
        raise Refused("too long", Reply(413, b""))
    if action not in ("trigger", "acknowledge", "resolve"):
        raise refuse("'event_action' is invalid")
    if len(key) > 255 or not key and action != "trigger":
        raise refuse("'dedup_key' is missing or too long")
    if action != "trigger":
        if key not in robot.open:
            robot.faults.append(f"{action} of {key}, which is not open, changes nothing")
        if action == "resolve":
            robot.open.discard(key)
        return Said(payload.get("summary", ""), "", status=action, key=key)
    if not 0 < len(payload.get("summary", "")) <= 1024 or not payload.get("source"):
        raise refuse("'payload.summary' or 'payload.source' is missing or blank")
    if payload.get("severity") not in ("critical", "error", "warning", "info"):
        raise refuse("'payload.severity' is invalid")
    if "timestamp" in payload and not RFC3339.match(payload["timestamp"]):
        raise refuse("'payload.timestamp' is no time")
    found = event.get("links", [])
    if any(not link.get("href") for link in found):
        raise refuse("'links' lack their href")
    robot.open.add(key)
    words = [payload["summary"], json.dumps(payload.get("custom_details", {}), ensure_ascii=False)]
    return Said("\n".join(words), found[0]["href"] if found else "", status=action, key=key)


# --- Alertmanager


def fingerprint(labels: dict[str, str]) -> str:
    """FNV-1a over the sorted labels, as Prometheus does it."""
    state = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in name.encode() + b"\xff" + labels[name].encode() + b"\xff":
            state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def check_alert(alert: dict[str, Any]) -> None:
    labels, notes = alert.get("labels"), alert.get("annotations", {})
    wrong = [
        (not isinstance(labels, dict) or not labels.get("alertname")) and "labels",
        any(not LABEL.match(name) for name in (*(labels or {}), *notes)) and "label name",
        any(not isinstance(text, str) for text in (*(labels or {}).values(), *notes.values())) and "label value",
        any(not RFC3339.match(alert[name]) for name in ("startsAt", "endsAt") if name in alert) and "time",
    ]
    if why := [name for name in wrong if name]:
        raise Refused(f"alert: {why}", as_json(f"invalid alert: {why}", 400))


def judge_alertmanager(robot: Any, message: Message, at: tuple[float, float]) -> Said:
    bad = as_json("bad request", 400)
    if message.path == "/api/v2/alerts":
        try:
            alerts = message.json
        except ValueError:
            raise Refused("not JSON", bad) from None
        if not isinstance(alerts, list) or not alerts:
            raise Refused("not a list", bad)
        for alert in alerts:
            check_alert(alert)
        return alert_said(alerts, "resolved" if "endsAt" in alerts[0] else "firing", fingerprint(alerts[0]["labels"]))
    body = body_of(message, bad)
    kinds = {
        "receiver": str,
        "status": str,
        "alerts": list,
        "groupLabels": dict,
        "commonLabels": dict,
        "commonAnnotations": dict,
        "externalURL": str,
        "version": str,
        "groupKey": str,
        "truncatedAlerts": int,
    }
    if wrong := [name for name, kind in kinds.items() if not isinstance(body.get(name), kind)]:
        raise Refused(f"webhook: {wrong}", bad)
    for alert in body["alerts"]:
        check_alert(alert)
        if alert["fingerprint"] != fingerprint(alert["labels"]):
            raise Refused("fingerprint", bad)
        firing = alert["endsAt"] == "0001-01-01T00:00:00Z"
        if alert["status"] not in ("firing", "resolved") or firing != (alert["status"] == "firing"):
            raise Refused("status of an alert", bad)
    fires = any(alert["status"] == "firing" for alert in body["alerts"])
    if body["version"] != "4" or fires != (body["status"] == "firing") or not body["alerts"]:
        raise Refused("version or status", bad)
    return alert_said(body["alerts"], body["status"], body["groupKey"])


def alert_said(alerts: list[dict[str, Any]], status: str, key: str) -> Said:
    notes = alerts[0].get("annotations", {})
    words = "\n".join(text for name, text in notes.items() if not text.startswith("http"))
    url = next((text for text in notes.values() if "/a/" in text), alerts[0].get("generatorURL", ""))
    return Said(words, url, status=status, key=key)


# --- All of them


@dataclass
class Rules:
    judge: Callable[[Any, Message, tuple[float, float]], Said]
    unknown: Reply  # No such robot.
    too_often: Reply
    takes: Reply
    echo: Callable[[Said], Reply] | None = field(default=None)  # Instead of TAKES, when the answer names the message.

    def taken(self, said: Said) -> Reply:
        return self.echo(said) if self.echo else self.takes


def processed(said: Said) -> Reply:
    return as_json({"status": "success", "message": "Event processed", "dedup_key": said.key}, 202)


FEISHU_TAKES = {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
RULES = {
    "generic": Rules(judge_generic, Reply(404, b""), Reply(429, b"", {"Retry-After": "1"}), Reply(204, b"")),
    "wecom": Rules(
        judge_wecom,
        wecom(93000, "invalid webhook url, hint: [1], from ip: 127.0.0.1"),
        wecom(45009, "api freq out of limit, hint: [1], from ip: 127.0.0.1"),
        wecom(0, "ok"),
    ),
    "dingtalk": Rules(
        judge_dingtalk,
        wecom(300005, "token is not exist"),
        wecom(130101, "send too fast, exceed 20 times per minute"),
        wecom(0, "ok"),
    ),
    "feishu": Rules(
        judge_feishu,
        feishu(19001, "param invalid: incoming webhook access token invalid"),
        feishu(11232, "frequency limited"),
        as_json(FEISHU_TAKES),
    ),
    "slack": Rules(
        judge_slack, slack(404, "no_service"), slack(429, "rate_limited", {"Retry-After": "1"}), slack(200, "ok")
    ),
    "pagerduty": Rules(
        judge_pagerduty,
        as_json({"status": "invalid event", "message": "Event object is invalid", "errors": ["routing_key"]}, 400),
        as_json({"status": "throttle exceeded"}, 429),
        Reply(202, b""),
        echo=processed,
    ),
    "alertmanager": Rules(judge_alertmanager, Reply(404, b""), Reply(429, b""), Reply(200, b"")),
}
