"""test_links.py — what a human touches: the links in messages and the pages behind them, the keys that sign them, and
what an operator asks about messages: tests, dead letters, whom an alert would reach."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import subprocess
from datetime import timedelta

from client import Answer
from endpoints import Reply
from harness import Daemon, later, when
from test_alerts import FORM, GATE, OTHER, START, STREET, alerts, bus, depart, event, minute

PREVIEWS = (
    "Mozilla/5.0 (compatible; WeChat/8.0) MicroMessenger",
    "DingTalkBot/1.0 LinkPreview",
    "Mozilla/5.0 (compatible; Feishu-LinkPreview/1.0)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
)


def token_of(daemon: Daemon, code: str = GATE, kind: str = "arrival") -> str:
    return daemon.receiver.messages(code, kind=kind)[-1].token


def robot_token(daemon: Daemon) -> str:
    """That of the newest message the group got."""
    return [message for message in daemon.receiver.messages("fallback") if message.token][-1].token


def get(daemon: Daemon, token: str, **headers: str) -> Answer:
    return daemon.call("GET", f"/a/{token}", token=None, headers=headers)


def press(daemon: Daemon, token: str, form: str = "") -> Answer:
    return daemon.call("POST", f"/a/{token}", form.encode(), None, FORM)


def climbed(**changes: object) -> Daemon:
    """An arrival that nobody took for half an hour: the group has heard of it."""
    daemon = Daemon(drill=START, **changes)
    depart(daemon)
    for minutes in (0, 10, 20, 30):
        daemon.clock(minute(minutes))
    return daemon


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(payload: str, key: bytes) -> str:
    """A token as the design has it, made by another hand."""
    said = b64(payload.encode())
    return said + "." + b64(hmac.new(key, b"ack." + said.encode(), hashlib.sha256).digest()[:16])


def payload_of(token: str) -> str:
    said = token.partition(".")[0]
    return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode()


def state_of(daemon: Daemon) -> dict:
    return alerts(daemon, "arrival")[0]


# --- Links


def test_a_link_is_the_design_s_and_holds_no_person() -> None:
    daemon = climbed()
    key = (daemon.dir / "state" / "drill.key").read_bytes()
    for token in (token_of(daemon), robot_token(daemon)):
        version, alert, action, who, expires = payload_of(token).split("|")
        assert (version, action) == ("1", "ack") and alert == state_of(daemon)["id"] and who.startswith("e:"), token
        assert token == signed(payload_of(token), key), token
        assert int(expires) <= when(minute(30)).timestamp() + 12 * 3600, expires


def test_previews_never_acknowledge() -> None:
    daemon = climbed()
    before = state_of(daemon)
    for token in (token_of(daemon), robot_token(daemon)):
        for number in range(100):
            method = ("GET", "HEAD")[number % 2]
            agent = {"User-Agent": PREVIEWS[number % len(PREVIEWS)], "Sec-Purpose": "prefetch"}
            answer = daemon.call(method, f"/a/{token}", token=None, headers=agent)
            assert answer.status == 200 and not answer.body == (method == "HEAD"), answer
    assert state_of(daemon) == before, "a preview has changed it"
    headers = get(daemon, robot_token(daemon)).headers
    assert "no-store" in headers["cache-control"] and headers["referrer-policy"] == "no-referrer", headers
    assert "noindex" in headers["x-robots-tag"] and "script" not in headers["content-security-policy"], headers


def test_a_link_changed_by_one_character_is_none() -> None:
    daemon = climbed()
    before, token = state_of(daemon), robot_token(daemon)
    for at, char in enumerate(token):
        forged = token[:at] + ("A" if char != "A" else "B") + token[at + 1 :]
        answer = press(daemon, forged, "name=Mallory")
        assert answer.status == 403 and before["id"] not in answer.body.decode(), (at, answer)
    version, alert, action, who, expires = payload_of(token).split("|")
    mac = token.partition(".")[2]
    for payload in (
        f"{version}|{alert}|{action}|{who}|{int(expires) + 1}",
        f"{version}|{alert}|list|{who}|{expires}",
        f"{version}|{alert}|resolve|{who}|{expires}",
        f"{version}|A-000002|{action}|{who}|{expires}",
        f"{version}|{alert}|{action}|u:mallory|{expires}",
    ):
        answer = press(daemon, f"{b64(payload.encode())}.{mac}", "name=Mallory")
        assert answer.status == 403, (payload, answer)
    assert state_of(daemon) == before, "a forged link has changed it"


def test_only_what_a_link_may_say_is_obeyed() -> None:
    daemon = climbed()
    before = state_of(daemon)
    key = (daemon.dir / "state" / "drill.key").read_bytes()
    now = int(when(minute(30)).timestamp())
    for payload, status in (
        (f"1|{before['id']}|ack|e:fallback|{now + 12 * 3600 + 1}", 403),  # Longer than any of ours.
        (f"1|{before['id']}|resolve|e:fallback|{now + 60}", 403),
        (f"1|{before['id']}|list|e:fallback|{now + 60}", 403),
        (f"1|{before['id']}|ack|e:fallback|{now - 1}", 410),
        (f"1|A-000999|ack|e:fallback|{now + 60}", 404),
        (f"1|ntc_1|ack|e:fallback|{now + 60}", 403),
    ):
        answer = press(daemon, signed(payload, key), "name=Mallory")
        assert answer.status == status and answer.headers["content-type"].startswith("text/html"), (payload, answer)
    assert state_of(daemon) == before
    answer = press(daemon, signed(f"1|{before['id']}|ack|e:fallback|{now + 12 * 3600}", key), "name=Wang")
    assert answer.status == 200 and state_of(daemon)["by"] == "Wang", answer


# --- The page


def test_the_page_says_what_the_message_said() -> None:
    daemon = climbed()
    message = daemon.receiver.messages(GATE, kind="arrival")[0]
    text = get(daemon, message.token).body.decode()
    said = message.words.split("\n", 1)[1].removeprefix("【演练】")
    assert said in text, (said, text)
    assert re.search(r"\{[a-z_]+\}", text) is None, "a placeholder that nobody has filled"
    english = text.index('<p class="words second" lang="en">')
    assert text.index(said) < english and "23:00" in text[english:], "English below"
    assert 'name="viewport"' in text and "<script" not in text


def test_every_kind_fills_its_page() -> None:
    daemon = Daemon(drill=START)
    where = {"text": "闵行区某处某号"}
    handed = event("h", "traveler.handed_over", ref="F1", to={"name": "x", "role": "committee", "org_code": GATE})
    fever = event("c", "health.checked", ref="F1", method="phone", temp_c=38.5)
    lost = event("w", "traveler.withdrawn", ref="F1", reason="no_show")
    nowhere = event("r", "traveler.registered", ref="U1", district_code="310112", destination=where, transport="bus")
    daemon.post_events([handed, fever, lost, nowhere, bus("B1", GATE)])
    daemon.clock(START)
    seen = set()
    for message in daemon.receiver.messages():
        if message.token:
            text = get(daemon, message.token).body.decode()
            assert re.search(r"\{[a-z_]+\}", text) is None and message.data["title"].removeprefix("【演练】") in text, text
            seen.add(message.kind)
    assert {"fever", "conflict", "address", "arrival"} <= seen, seen


def test_who_comes_too_late_reads_how_it_ended() -> None:
    daemon = climbed()
    token, alert = token_of(daemon), state_of(daemon)["id"]
    assert "王芳" in press(daemon, robot_token(daemon), "name=王芳").body.decode()
    text = get(daemon, token).body.decode()
    assert "王芳" in text and "20:30" in text and "<button" not in text, text
    daemon.clock(minute(31))
    daemon.post(f"/v1/alerts/{alert}/resolve", {"by": "周明"}, token="duty")
    answer = press(daemon, token)
    text = answer.body.decode()
    assert answer.status == 200 and "已了结" in text and "20:31了结：已处理完毕" in text and "dealt with" in text, text
    assert "周明于20:31" in text and "<button" not in text, text


def test_pressing_twice_is_pressing_once() -> None:
    daemon = climbed()
    token = robot_token(daemon)
    first = press(daemon, token, "name=王芳")
    assert first.status == 200 and "现由您负责" in first.body.decode(), first
    after = state_of(daemon)
    for form in ("name=王芳", "name=Li"):
        again = press(daemon, token, form)
        assert again.status == 200 and "已有人接手" in again.body.decode(), again
    assert state_of(daemon) == after


def test_a_pin_guards_the_group_s_link() -> None:
    daemon = Daemon(drill=START, start=False)
    daemon.settings["endpoints"][0]["ack_pin_file"] = daemon.secret_file("fallback.pin", "2468")
    daemon.write_config()
    daemon.start()
    depart(daemon)
    for minutes in (0, 10, 20, 30):
        daemon.clock(minute(minutes))
    token = robot_token(daemon)
    page = get(daemon, token).body.decode()
    assert 'name="pin"' in page and "2468" not in page, page
    empty = press(daemon, token, "name=Wang&pin=")
    assert empty.status == 403 and "确认码不正确" in empty.body.decode() and 'value="Wang"' in empty.body.decode(), empty
    for wrong in ("1111", "24680", "246", "abcd"):
        answer = press(daemon, token, f"name=Wang&pin={wrong}")
        assert answer.status == 403, answer
    locked = press(daemon, token, "name=Wang&pin=0000")
    assert locked.status == 429 and int(locked.headers["retry-after"]) <= 900, locked
    assert press(daemon, token, "name=Wang&pin=2468").status == 429, "the right one helps nobody now"
    assert state_of(daemon)["state"] == "open"
    daemon.clock(minute(46))
    assert press(daemon, token, "name=Wang&pin=2468").status == 200
    assert state_of(daemon)["by"] == "Wang"
    assert "2468" not in daemon.log_text()


def test_a_link_is_not_opened_for_ever() -> None:
    daemon = climbed(limits={"link_token": 2})
    token, other = robot_token(daemon), token_of(daemon)
    assert [get(daemon, token).status for _ in range(3)] == [200, 200, 429]
    refused = press(daemon, token, "name=Wang")
    assert refused.status == 429 and 1 <= int(refused.headers["retry-after"]) <= 60, refused
    assert "稍候片刻" in refused.body.decode() and state_of(daemon)["state"] == "open", refused
    assert get(daemon, other).status == 200, "another link"


def test_an_address_asks_for_links_only_so_often() -> None:
    daemon = climbed(limits={"link_address": 3})
    made_up = [get(daemon, f"made.up{number}").status for number in range(4)]
    assert made_up == [403, 403, 403, 429], made_up
    assert get(daemon, token_of(daemon)).status == 429
    assert daemon.call("GET", "/healthz", token=None).status == 200


# --- Keys


def test_an_old_link_outlives_its_key_and_a_restart() -> None:
    daemon = climbed()
    old = token_of(daemon)
    said = daemon.ctl("rotate-key")
    assert said.returncode == 0 and "08:30" in said.stdout, said
    assert get(daemon, old).status == 200
    daemon.drill = minute(30)
    daemon.restart()
    assert get(daemon, old).status == 200, "after a restart"
    daemon.clock(minute(40))
    new = robot_token(daemon)
    assert new == signed(payload_of(new), (daemon.dir / "state" / "drill.key").read_bytes()), new
    again = daemon.ctl("rotate-key")
    assert again.returncode == 1 and "--forget" in again.stderr, again
    assert press(daemon, old).status == 200 and state_of(daemon)["state"] == "acked"
    daemon.clock(minute(30 + 12 * 60))
    assert get(daemon, old).status == 410
    assert daemon.ctl("rotate-key").returncode == 0


def test_a_key_that_others_know_is_forgotten_at_once() -> None:
    daemon = climbed()
    old = token_of(daemon)
    assert daemon.ctl("rotate-key", "--forget").returncode == 0
    assert press(daemon, old).status == 403 and state_of(daemon)["state"] == "open"
    daemon.clock(minute(40))
    assert press(daemon, robot_token(daemon), "name=Wang").status == 200
    assert daemon.call("POST", "/v1/admin/rotate-key", {}, "duty").status == 403


# --- The link of a digest


def digest(people: int = 3) -> tuple[Daemon, str, list[dict]]:
    """Some buses, whose notices to the group were told in one digest; the digest's token."""
    daemon = Daemon(drill=START)
    daemon.post_events([bus(f"B{number}", GATE, riders=(f"R{number}",)) for number in range(people)])
    daemon.clock(START)
    opened = alerts(daemon, "arrival")
    assert len(opened) == people, opened
    daemon.stop()
    with sqlite3.connect(daemon.dir / "state" / "drill.db") as store:
        row = store.execute("SELECT id FROM notices WHERE endpoint = ? AND kind = 'arrival' LIMIT 1", (f"u{GATE}",))
        name = row.fetchone()[0].replace("ntc_0", "ntc_Z")
        store.execute(
            "UPDATE notices SET endpoint = 'fallback', state = 5, digest = ? WHERE endpoint = ? AND kind = 'arrival'",
            (name, f"u{GATE}"),
        )
    store.close()
    daemon.start()
    expires = int((when(START) + timedelta(hours=6)).timestamp())
    key = (daemon.dir / "state" / "drill.key").read_bytes()
    return daemon, signed(f"1|{name}|list|e:fallback|{expires}", key), opened


def test_a_digest_lists_what_it_tells_of() -> None:
    daemon, token, opened = digest()
    answer = get(daemon, token)
    text = answer.body.decode()
    assert answer.status == 200 and all(alert["id"] in text for alert in opened), text
    assert "莘松三村" in text and "23:00" in text and "其中3件待接手" in text and "全部由我处理" in text, text
    assert [alert["state"] for alert in alerts(daemon, "arrival")] == ["open"] * 3, "reading has changed it"
    own = re.findall(r'href="/a/([^"]+)"', text)
    assert len(own) == 3
    assert press(daemon, own[1], "name=Li").status == 200
    text = get(daemon, token).body.decode()
    taken = payload_of(own[1]).split("|")[1]
    assert text.rindex("待接手") < text.index(taken) < text.index("Li"), "what is taken stands behind"
    assert text.count('class="waiting"') == 2, text


def test_a_busy_group_s_digest_leads_to_its_list() -> None:
    daemon = Daemon(drill=START, start=False, escalation={"arrival": [{"to": "fallback", "wait": "10m"}]})
    daemon.settings["endpoints"][0]["rate_per_minute"] = 6
    daemon.write_config()
    daemon.start()
    daemon.post_events([bus(f"B{number}", GATE, riders=(f"R{number}",)) for number in range(30)])
    for minutes in range(4):
        daemon.clock(minute(minutes))
    links = {}
    for message in daemon.receiver.messages("fallback"):
        payload = payload_of(message.token)
        links.setdefault(payload.split("|")[2], []).append(message)
    assert links["list"], links
    told = {payload_of(message.token).split("|")[1] for message in links["ack"]}
    for message in links["list"]:
        text = get(daemon, message.token).body.decode()
        listed = set(re.findall(r"A-\d{6}", text))
        assert listed and listed == set(re.findall(r"A-\d{6}", message.words)), (listed, message.words)
        told |= listed
        assert press(daemon, message.token, "name=Wang").status == 200
    opened = alerts(daemon, "arrival")
    assert told == {alert["id"] for alert in opened} and len(opened) == 30, told
    waiting = {alert["id"] for alert in opened if alert["state"] == "open"}
    assert waiting == {payload_of(message.token).split("|")[1] for message in links["ack"]}, waiting


def test_one_press_takes_all_that_wait() -> None:
    daemon, token, opened = digest()
    before = press(daemon, token, "name=")
    assert before.status == 400 and "请填写姓名" in before.body.decode(), before
    own = re.findall(r'href="/a/([^"]+)"', get(daemon, token).body.decode())
    press(daemon, own[0], "name=Li")
    taken = press(daemon, token, "name=王芳")
    assert taken.status == 200 and "2件现由您负责" in taken.body.decode() and "<form" not in taken.body.decode(), taken
    by = sorted(alert["by"] for alert in alerts(daemon, "arrival"))
    assert by == ["Li", "王芳", "王芳"], by
    after = alerts(daemon, "arrival")
    again = press(daemon, token, "name=Zhou")
    assert again.status == 200 and "没有待接手" in again.body.decode() and alerts(daemon, "arrival") == after, again
    daemon.kill9()
    daemon.start()
    assert alerts(daemon, "arrival") == after, "a press is on disk when it is answered"


def test_a_long_digest_says_how_many_more() -> None:
    daemon, token, _ = digest(210)
    text = get(daemon, token).body.decode()
    assert text.count("<li") - text.count("<link") == 200 and "…另有10件" in text and "共210件" in text, text[-400:]
    assert "200件现由您负责" in press(daemon, token, "name=Wang").body.decode()
    text = press(daemon, token, "name=Wang").body.decode()
    assert "10件现由您负责" in text, text[:2000]
    states = sqlite3.connect(f"file:{daemon.dir}/state/drill.db?mode=ro", uri=True)
    rows = states.execute("SELECT state, count(*) FROM alerts WHERE kind = 'arrival' GROUP BY state").fetchall()
    states.close()
    assert rows == [(1, 210)], rows


# --- What operators ask


def test_a_test_says_what_came_of_it() -> None:
    daemon = Daemon(drill=START)
    fine = daemon.ctl("send-test", f"u{GATE}")
    assert fine.returncode == 0 and "delivered" in fine.stdout, fine
    assert len(daemon.receiver.messages(GATE)) == 1
    daemon.receiver.behaviour[f"/{GATE}"] = Reply(status=413)
    dead = daemon.ctl("send-test", f"u{GATE}")
    assert dead.returncode == 1 and "413" in dead.stderr and "again" not in dead.stderr, dead
    daemon.receiver.behaviour[f"/{STREET}"] = Reply(status=502)
    later_on = daemon.ctl("send-test", f"u{STREET}")
    assert later_on.returncode == 1 and "502" in later_on.stderr and "tried again" in later_on.stderr, later_on
    unknown = daemon.ctl("send-test", f"u{GATE[:-1]}8")
    assert unknown.returncode == 1 and "did you mean" in unknown.stderr, unknown
    asked = json.loads(daemon.ctl("--json", "send-test", "fallback").stdout)
    assert asked["state"] == "delivered" and asked["endpoint"] == "fallback", asked
    quick = daemon.ctl("send-test", "fallback", "--no-wait")
    assert quick.returncode == 0 and "ntc_" in quick.stdout, quick
    assert daemon.call("GET", "/v1/admin/notices/ntc_none").status == 404


def test_dead_letters_are_listed_and_redriven_by_endpoint_and_range() -> None:
    daemon = Daemon(drill=START)
    for code in (GATE, OTHER):
        daemon.receiver.behaviour[f"/{code}"] = Reply(status=413)
    ids = []
    for code in (GATE, GATE, GATE, OTHER):
        ids.append(daemon.post("/v1/admin/send-test", {"endpoint": f"u{code}"})["id"])
        daemon.clock(minute(len(ids)))
    assert ids == sorted(ids), "ids sort by time"
    listed = daemon.ctl("dead-letters", "list", "--endpoint", f"u{GATE}").stdout
    assert all(name in listed for name in ids[:3]) and ids[3] not in listed and "413" in listed, listed
    rows = json.loads(daemon.ctl("--json", "dead-letters", "list").stdout)["dead_letters"]
    assert sorted(row["id"] for row in rows) == sorted(ids) and all(row["ended_at"] for row in rows), rows
    unknown = daemon.ctl("dead-letters", "list", "--endpoint", "fallbakc")
    assert unknown.returncode == 1 and 'did you mean "fallback"' in unknown.stderr, unknown
    daemon.receiver.forget()
    daemon.receiver.behaviour.clear()
    assert "2 redriven" in daemon.ctl("dead-letters", "redrive", f"{ids[1]}..{ids[2]}").stdout
    daemon.clock(minute(5))
    assert sorted(message.id for message in daemon.receiver.messages()) == ids[1:3], "the same ids"
    assert "1 redriven" in daemon.ctl("dead-letters", "redrive", "--endpoint", f"u{OTHER}").stdout
    assert "1 redriven" in daemon.ctl("dead-letters", "redrive", "all").stdout
    assert daemon.ctl("dead-letters", "redrive", "ntc_nobody").returncode == 1
    for words in (("redrive",), ("redrive", "a..",), ("redrive", "all", "--endpoint", "fallback")):
        assert daemon.ctl("dead-letters", *words).returncode == 2, words


def test_whom_an_alert_would_reach() -> None:
    daemon = Daemon(drill=START)
    asked = (f"unit={GATE}", "kind=arrival", f"at={START}")
    online = daemon.ctl("route-test", *asked)
    assert online.returncode == 0, online
    offline = subprocess.run(daemon.command("--route-test", *asked), capture_output=True, text=True)
    assert offline.returncode == 0 and offline.stdout == online.stdout, offline
    lines = online.stdout.splitlines()
    assert any("20:00:00" in line and "committee" in line and f"u{GATE}" in line for line in lines), online.stdout
    assert any("20:10:00" in line and "street" in line and f"u{STREET}" in line for line in lines), online.stdout
    assert any("20:30:00" in line and "fallback (wecom)" in line for line in lines), online.stdout
    tree = json.loads(subprocess.run(daemon.command("--route-test", *asked, "--json"), capture_output=True).stdout)
    told = [(call["after_seconds"], [who["endpoint"] for who in call["called"]]) for call in tree["calls"]]
    assert told[:3] == [(0, [f"u{GATE}"]), (600, [f"u{STREET}"]), (1200, [f"u{GATE[:6]}"])], told
    depart(daemon)
    for seconds, endpoints in told:
        daemon.clock(later(START, seconds=seconds))
        last = [message.path[1:].removeprefix("u") for message in daemon.receiver.messages(kind="arrival")]
        assert all(name.removeprefix("u") in last or name == "fallback" for name in endpoints), (seconds, last)
        if seconds >= 1200:
            break
    for words, status, hint in (
        ((f"unit={GATE}", "knid=arrival"), 2, 'did you mean "kind"'),
        ((f"unit={GATE}", "kind=arival"), 1, 'did you mean "arrival"'),
        (("unit=310112101077", "kind=arrival"), 1, "did you mean"),
        (("kind=arrival",), 1, "unit is missing"),
    ):
        for said in (
            daemon.ctl("route-test", *words),
            subprocess.run(daemon.command("--route-test", *words), capture_output=True, text=True),
        ):
            assert said.returncode == status and hint in said.stderr, (words, said)
    assert daemon.call("GET", "/v1/admin/route-test", token="committee").status == 403
