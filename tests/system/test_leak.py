"""test_leak.py — travellers whose every word is a canary go the whole way, in every vendor's chat; afterwards no canary is
found in anything the program says, except to somebody who reads a person."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from client import Answer
from endpoints import Reply
from harness import NDJSON, Daemon, Receiver, ladder, later, when
from test_channels import committees
from vendors import FORMS, Robot, Vendors

START = "2020-03-08T08:00:00+08:00"
SOURCE = "/pvg/leak"
DISTRICT = "310112"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EVERY = [(channel, form) for channel, forms in FORMS.items() for form in forms]
CODES = committees(len(EVERY))  # One for each vendor's form.

# What must stay at home. Nothing else that is sent or configured holds any of these.
NAME, NATIVE, OFFICER, CREW = "ZIEGENBART QUIRINUS", "欧阳翡翠莹", "慕容鳄梨", "澹台榴莲"
ESTATE, ROOM, NOTE = "孔雀石花园", "9071", "自由文字山魈"
PERSONAL = (
    "ZIEGENBART", "QUIRINUS", "欧阳翡翠", "翡翠莹",  # her name
    "QX77319", "31010119960231", "KWZ7QJ", "47K",  # documents, booking, seat
    "1397741208", "quirinus@",  # telephone, mail
    "孔雀石", ROOM, "鳄鱼弄", "8854", "31.1234567", "121.7654321",  # where she lives
    "1961-11-17", "19611117",  # her birthday
    "澹台榴莲", "1388899001", "沪Z98765", "DRV4",  # who drives her
    NOTE, "山魈", "39.4",  # what officers write, what they measure
)


def event(number: str, kind: str, time: str, **data: Any) -> dict:
    head = {"specversion": "1.0", "id": f"leak-{number}", "source": SOURCE, "time": time}
    return {**head, "type": f"org.closedloopd.{kind}.v1", "data": data}


def minute(count: float) -> str:
    return later(START, minutes=count)


def home(code: str | None) -> dict:
    text = f"上海市闵行区鳄鱼弄8854号{ESTATE}77号楼{ROOM}室 {NATIVE} 13977412086"
    made: dict[str, Any] = {"text": text, "compound": ESTATE, "building": "77号楼", "unit": "2", "room": ROOM,
                            "lat": 31.1234567, "lon": 121.7654321, "crs": "wgs84", "co_residents": 2}
    return {**made, "committee_code": code} if code else made


def traveler(ref: str, number: int) -> dict:
    return {
        "ref": ref,
        "name": {"full": NAME, "surname": "ZIEGENBART", "given": "QUIRINUS", "native": NATIVE},
        "document": {"type": "P", "number": f"QX77319{number:02}", "issuer": "DEU", "expiry": "2029-01-01"},
        "cn_id": f"31010119960231{number:03}X", "sex": "F", "dob": "1961-11-17", "nationality": "DEU", "residence": "DEU",
        "phones": [{"raw": f"139 7741 208{number % 10}", "e164": f"+861397741208{number % 10}", "kind": "mobile_cn"}],
        "email": "quirinus@example.org", "languages": ["de", "ko"], "seat": "47K", "pnr": "KWZ7QJ",
        "needs": ["wheelchair", NOTE],
    }


# Slower than a real one: weeks pass, and each reminder is written out thirteen times.
SLOW = ladder("committee 12h", "street 24h", "district 24h")
ESCALATION = {kind: SLOW for kind in ("default", "fever", "missed_check", "transfer_overdue", "address")}
FLIGHT = {"carrier": "LH", "number": "728", "origin": "FRA", "arrival": "PVG", "sched_arr": minute(30)}
PARTY = {"name": CREW, "role": "driver", "phone": {"raw": "13888990011", "e164": "+8613888990011"}}


class Canaries:
    """A district whose committees each have another vendor's chat, and what was said to whom."""

    def __init__(self, **changes: Any) -> None:
        self.receiver = Receiver()
        self.now = START
        self.vendors = Vendors(self.receiver, lambda: (when(START).timestamp(), when(self.now).timestamp()))
        self.daemon = Daemon(drill=START, receiver=self.receiver, committees=CODES, start=False, escalation=ESCALATION)
        self.daemon.owns_receiver = True
        self.daemon.words = ("--log-level", "debug")
        self.robots: dict[str, Robot] = {}
        for code, (channel, form) in zip(CODES, EVERY):
            robot = self.robots[code] = self.vendors.robot(channel, form)
            endpoint = self.daemon.endpoint(f"u{code}")
            endpoint.clear()
            endpoint.update(self.vendors.settings(robot, f"u{code}", self.daemon.secret_file))
        for endpoint in self.daemon.settings["endpoints"]:
            endpoint.update(rate_per_minute=6000, **changes)
        for path in ("/fallback", f"/{DISTRICT}", *{f"/{code[:9]}" for code in CODES}):
            self.receiver.behaviour[path] = Reply()
        self.daemon.write_config()
        self.daemon.start()
        self.answers: list[Answer] = []  # All but reads of a person.

    def clock(self, count: float) -> None:
        self.now = minute(count)
        self.daemon.clock(self.now)

    def say(self, *events: dict) -> None:
        body = "\n".join(json.dumps(item, ensure_ascii=False) for item in events).encode()
        answer = self.daemon.send(body, NDJSON)
        self.answers.append(answer)
        assert answer.status == 202 and answer.json()["accepted"] == len(events), answer

    def journey(self, ref: str) -> str:
        return self.daemon.journey(SOURCE, ref)["id"]

    def act(self, ref: str, verb: str, status: int = 200, **body: Any) -> None:
        """Its answer reads a person: only a refusal is kept."""
        answer = self.daemon.call("POST", f"/v1/journeys/{self.journey(ref)}/{verb}", {"by": OFFICER, **body})
        assert answer.status == status, (verb, answer)
        if status >= 400:
            self.answers.append(answer)

    def alerts(self, kind: str) -> list[dict]:
        return self.daemon.get("/v1/alerts", state="open", kind=kind, limit="500")["alerts"]

    def told(self, kind: str) -> int:
        return len(self.receiver.messages(kind=kind))


def ride(night: Canaries) -> None:
    """From the first list to the gate, in thirteen buses; nobody gets off, so who is missing is told one by one."""
    refs = {code: f"L{code}" for code in CODES}
    for number, (code, ref) in enumerate(refs.items()):
        night.say(event(f"announced-{ref}", "traveler.announced", START, traveler=traveler(ref, number), basis="manifest",
                        flight=FLIGHT, destination=home(code), countries_14d=["DEU"], companions=[]))
    night.clock(5)
    night.say(event("landed", "flight.updated", minute(5), flight=FLIGHT, status="landed", act_arr=minute(4)))
    for ref in refs.values():
        night.say(
            event(f"triaged-{ref}", "traveler.triaged", minute(5), ref=ref, sticker="yellow", disposition="home", temp_c=36.5,
                  station="T2"),
            event(f"registered-{ref}", "traveler.registered", minute(5), ref=ref, desk="PVG-T2", district_code=DISTRICT,
                  destination=home(refs_code(ref)), transport="bus", driver=PARTY, plate="沪Z98765", driver_id_last4="8854",
                  commitment_signed=True))
    night.clock(10)
    for code, ref in refs.items():
        night.act(ref, "tasks/inspect_home", outcome="failed", note=NOTE)
        stop = {"seq": 1, "kind": "compound", "address": home(code), "eta": minute(70)}
        night.say(event(f"bus-{ref}", "transfer.departed", minute(10), transfer=f"BUS-{code[-2:]}", plate="沪Z98765", mode="bus",
                        crew=[PARTY], travelers=[{"ref": ref, "stop": 1}], stops=[stop]))
    night.clock(20)
    for code, ref in refs.items():
        night.say(
            event(f"eta-{ref}", "transfer.eta", minute(20), transfer=f"BUS-{code[-2:]}", etas=[{"seq": 1, "eta": minute(40)}],
                  position={"lat": 31.1234567, "lon": 121.7654321, "crs": "wgs84"}))
    night.clock(41)
    for code, ref in refs.items():
        night.say(event(f"stop-{ref}", "transfer.stop_reached", minute(41), transfer=f"BUS-{code[-2:]}", seq=1, n_off=0))
    night.clock(50)
    for code, ref in refs.items():
        night.say(event(f"handed-{ref}", "traveler.handed_over", minute(50), ref=ref, transfer=f"BUS-{code[-2:]}", to={
            "name": OFFICER, "role": "committee", "org_code": code}, temp_c=36.4, **{"from": PARTY}))
    night.clock(55)
    for ref in refs.values():
        night.act(ref, "refuse", reason=NOTE)
    night.clock(60)
    for ref in refs.values():
        night.act(ref, "accept", note=NOTE)


def refs_code(ref: str) -> str:
    return ref[1:]


def stay(night: Canaries, days: tuple[int, ...]) -> None:
    """At home: asked and not asked, feverish, away, longer than was said, and gone at the end."""
    refs = [f"L{code}" for code in CODES]
    for ref in refs:
        night.act(ref, "checks", temp_c=39.4, symptoms=["fever", "dry_cough"], method="phone", note=NOTE)
        night.act(ref, "leave", reason=NOTE, approved=False)
    night.clock(70)
    for alert in night.alerts("fever"):
        for verb, more in (("ack", {}), ("resolve", {"outcome": "made_up_shanxiao"})):
            body = {"by": OFFICER, "note": NOTE, **more}
            night.answers.append(night.daemon.call("POST", f"/v1/alerts/{alert['id']}/{verb}", body))
            assert night.answers[-1].status == 200, night.answers[-1]
    for ref in refs:
        night.act(ref, "return")
        night.act(ref, "expose", reason=NOTE)
        night.act(ref, "extend", days=1, reason=NOTE)
    silence = {"kind": "missed_check", "unit": CODES[0], "reason": NOTE, "by": OFFICER, "until": minute(600)}
    made = night.daemon.post("/v1/silences", silence, status=201)
    night.daemon.post(f"/v1/silences/{made['id']}/end", {"by": OFFICER, "reason": NOTE}, status=200)
    night.clock(14 * 60)  # 22:00: reminded, and reminded again.
    night.clock(40 * 60)  # Midnight of the next day: missed, and nobody came.
    night.act(refs[0], "redirect", disposition="central", reason=NOTE, destination={"text": home(None)["text"]})
    night.say(event("conflict", "traveler.handed_over", minute(40 * 60), ref=refs[1], to={"name": OFFICER, "role": "committee"}),
              event("withdrawn", "traveler.withdrawn", minute(40 * 60), ref=refs[1], reason="no_show", traveler={"ref": refs[1]}))
    night.act(refs[2], "close", reason=NOTE)
    night.act(refs[3], "release", status=409, reason=NOTE)
    for day in days:
        night.clock(day * 24 * 60)
    night.daemon.census()


def ask_where(night: Canaries) -> None:
    """An address nobody can place, and an officer who places it by hand."""
    night.say(event("asked", "traveler.announced", START, traveler=traveler("ASKED", 50), basis="manifest", flight=FLIGHT,
                    destination={**home(None), "text": f"上海市闵行区荣华路8854弄{ROOM}室 {NATIVE} {NAME}"}),
              event("asked-registered", "traveler.registered", START, ref="ASKED", desk="PVG-T2", district_code=DISTRICT,
                    destination=home(None), transport="private_car", plate="沪Z98765"))
    night.clock(1)
    night.clock(2)
    assert night.told("address"), "nobody was asked where she lives"
    page = night.daemon.call("GET", f"/a/{night.receiver.messages(kind='address')[-1].token}", token=None)
    assert page.status == 200, page
    for word in ("欧阳", "ZIEGENBART", "1397741208", ROOM, "QX77319"):
        assert word not in page.body.decode(), word
    night.act("ASKED", "assign", committee_code=CODES[0], note=NOTE)


def mistakes(night: Canaries) -> None:
    """Whatever is refused is refused without saying it again."""
    send, call = night.daemon.send, night.daemon.call
    good = event("wrong", "traveler.announced", START, traveler=traveler("WRONG", 60), basis="manifest", flight=FLIGHT,
                 destination=home(None))
    for path in paths_of(good["data"]):
        for value in (NAME + NATIVE, NOTE * 200, 394.394, [NAME], {NAME: NATIVE, "full": NAME}, "\u0001" + NAME):
            spoiled = json.loads(json.dumps(good))
            at = spoiled["data"]
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = value
            spoiled["id"] = f"wrong-{len(night.answers)}"
            night.answers.append(send(json.dumps(spoiled, ensure_ascii=False).encode()))
    for change in ({"time": NAME}, {"type": NAME}, {"specversion": NAME}, {"datacontenttype": NAME}, {"data": NAME},
                   {"data": None}, {"data_base64": NAME}, {"source": "/other/feed"}, {"time": "2031-01-01T00:00:00Z"}):
        night.answers.append(send(json.dumps({**good, "id": f"odd-{len(night.answers)}", **change}, ensure_ascii=False).encode()))
    text = json.dumps(good, ensure_ascii=False)
    for body in (text[:-9], text.replace(NAME, NAME + "\n"), text + NAME, "{" + text, f'{{"{NAME}":1,"{NAME}":2}}', NAME,
                 f"[{text},{NAME}]"):
        for kind in ("application/cloudevents+json", "application/cloudevents-batch+json", NDJSON, f"text/{quote(NATIVE)}"):
            night.answers.append(send(body.encode(), kind))
    # One id for two messages.
    night.say(event("reused", "traveler.announced", START, traveler=traveler("REUSED", 61), basis="manifest"))
    night.answers.append(send(json.dumps(event("reused", "traveler.announced", START, traveler=traveler("OTHER", 62),
                                               basis="manifest"), ensure_ascii=False).encode()))
    assert night.answers[-1].status == 409, night.answers[-1]
    codes = {answer.code for answer in night.answers if answer.status in (400, 409, 413, 415)}
    assert {"bad_value", "bad_json", "missing_field", "too_long", "id_reuse", "bad_time", "unknown_type"} <= codes, codes
    journey = night.journey("L" + CODES[0])
    for verb in ("accept", "handover", "checks", "tasks/inspect_home", "release", "assign", "redirect", "extend", "refuse",
                 "expose", "leave", "return", "close"):
        for body in ({NAME: NAME}, {"by": 394, "reason": 394, "note": NAME, "until": NAME, "days": NAME, "temp_c": NAME,
                                    "symptoms": [NAME], "disposition": NAME, "committee_code": NAME, "outcome": NAME,
                                    "to": {"role": NAME, "org_code": NAME}, "slot": NAME, "day": NAME, "time": NAME}):
            answer = call("POST", f"/v1/journeys/{journey}/{verb}", body)
            if answer.status >= 400:
                night.answers.append(answer)
    for path, body in (("/v1/silences", {"unit": NAME, "reason": NOTE, "until": NAME}),
                       ("/v1/silences", {"kind": NAME, "unit": "31", "reason": NOTE, "by": NAME, "until": minute(9)}),
                       ("/v1/silences", {NAME: NAME}), (f"/v1/journeys/{quote(NAME)}/accept", {}),
                       (f"/v1/alerts/{quote(NAME)}/ack", {"by": NAME}), (f"/{quote(NATIVE)}", {})):
        night.answers.append(call("POST", path, body))
        assert night.answers[-1].status >= 400, (path, body)
    for path in (f"/v1/journeys/{quote(NATIVE)}", f"/v1/journeys?state={quote(NAME)}", f"/a/{quote(NAME)}",
                 f"/v1/alerts?kind={quote(NAME)}", f"/v1/match?lon={quote(NAME)}&address=x", f"/v1/units/{quote(NATIVE)}"):
        night.answers.append(call("GET", path))


def paths_of(value: Any, before: tuple = ()) -> list[tuple]:
    """The way to everything in VALUE."""
    if isinstance(value, dict):
        inner = [(key, item) for key, item in value.items()]
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return []
    return [path for key, item in inner for path in [(*before, key), *paths_of(item, (*before, key))]]


def undelivered(night: Canaries) -> None:
    """One chat is gone for good; the others are tried."""
    night.robots[CODES[0]].always = Reply(404, json.dumps({"message": "gone"}).encode())
    for code in CODES:
        night.daemon.post("/v1/admin/send-test", {"endpoint": f"u{code}"}, status=202)
    night.say(event("late-bus", "transfer.departed", night.now, transfer="BUS-99", crew=[PARTY], plate="沪Z98765",
                    travelers=[{"ref": "L" + CODES[4], "stop": 1}],
                    stops=[{"seq": 1, "kind": "compound", "address": home(CODES[0]), "eta": later(night.now, hours=1)}]))
    night.daemon.clock(later(night.now, hours=2))


def said(night: Canaries) -> dict[str, str]:
    """All that leaves the program and is no read of a person."""
    daemon = night.daemon
    found = {"log": daemon.log_text()}
    for number, message in enumerate(night.receiver.got):
        found[f"message {number} to {message.path}"] = "\n".join(
            (message.path, message.query.partition("sign=")[0], *(f"{name}: {value}" for name, value in message.headers.items()
                                                                 if name != "webhook-signature"), message.body.decode()))
    for number, answer in enumerate(night.answers):
        found[f"answer {number}"] = f"{answer.headers}\n{answer.body.decode()}"
    for path in ("/metrics", "/healthz", "/readyz", "/v1/openapi.json", "/console/style.css", "/v1/admin/status",
                 "/v1/admin/census", "/v1/admin/rejects", "/v1/admin/feeds", "/v1/admin/endpoints", "/v1/admin/dead-letters",
                 "/v1/admin/coverage", "/v1/units", "/v1/rosters", "/v1/alerts?state=all&limit=500", "/v1/aliases"):
        answer = daemon.call("GET", path)
        assert answer.status == 200, (path, answer)
        found[path] = answer.body.decode()
    for words in ("status", "census", "rejects", "feeds", "endpoints", "dead-letters", "alerts", "units check"):
        done = daemon.ctl(*words.split())
        found[f"ctl {words}"] = done.stdout + done.stderr
    assert daemon.process
    found["ps"] = Path(f"/proc/{daemon.process.pid}/cmdline").read_text() + Path(f"/proc/{daemon.process.pid}/comm").read_text()
    return found


def spellings(word: str) -> set[str]:
    return {word.lower(), json.dumps(word)[1:-1].lower(), quote(word).lower()}


def hits(found: dict[str, str], words: tuple[str, ...]) -> list[str]:
    wrong = []
    for where, text in found.items():
        # Numbers that are ours: journeys, notices, keys, hashes; and times.
        plain = re.sub(r"[0-9a-z_]{20,}|\d{4}-\d\d-\d\dT[\d:.]+", "", text.lower()) if where.startswith("log") else text.lower()
        for word in words:
            for spelled in spellings(word):
                at = plain.find(spelled)
                # Three digits in a row stand in many a number, three letters in many a link.
                if at >= 0 and not (len(word) < 5 and re.fullmatch(r"[\w.]+", word, re.ASCII) and not re.search(
                        rf"(?<![\w.]){re.escape(spelled)}(?![\w])", plain)):
                    wrong.append(f"{word} in {where}: …{plain[max(0, at - 60) : at + 60]!r}…")
                    break
    return wrong


def whole_life(days: tuple[int, ...], **changes: Any) -> Canaries:
    night = Canaries(**changes)
    ask_where(night)
    ride(night)
    stay(night, days)
    mistakes(night)
    undelivered(night)
    return night


KINDS = {"expected", "arrival", "home_unfit", "head_count", "handover_refused", "fever", "not_returned", "end_moved", "remind",
         "remind_last", "missed_check", "not_delivered"}


def test_no_canary_is_heard_outside() -> None:
    night = whole_life((3, 9, 15, 17))
    found = said(night)
    # A lesson is about an estate: officers who may undo it must see which.
    found["/v1/aliases"] = found["/v1/aliases"].replace(ESTATE, "")
    wrong = hits(found, PERSONAL)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])
    # What officers call themselves is for those who share the work, not for logs and machines.
    quiet = {where: text for where, text in found.items() if not where.startswith(("message", "/v1/alerts", "/v1/aliases",
                                                                                  "ctl alerts", "answer"))}
    wrong = hits(quiet, (OFFICER, "慕容"))
    assert not wrong, wrong[:20]
    sent = "".join(text for where, text in found.items() if where.startswith("message"))
    # It was not quiet because nothing was said.
    silent = {kind for kind in KINDS if not night.told(kind)}
    assert not silent, silent
    assert all(robot.taken for robot in night.robots.values()), "a chat heard nothing"
    assert any("编号重复使用" in message.words for message in night.receiver.messages("fallback")), "id_reuse"
    assert "Z.Q. 77号楼" in sent or json.dumps("Z.Q. 77号楼")[1:-1] in sent, "initials tell people apart"
    assert OFFICER in sent, "a chat is told who has it"
    # And whoever may read her does.
    read = json.dumps(night.daemon.get(f"/v1/journeys/{night.journey('L' + CODES[0])}"), ensure_ascii=False)
    assert NAME in read, read


def test_counts_say_nothing_of_anybody() -> None:
    night = whole_life((3,), redact="counts", resolved=True)
    found = {where: text for where, text in said(night).items() if where.startswith("message")}
    wrong = hits(found, (*PERSONAL, OFFICER, "慕容", "Z.Q", "77号楼", "LH728", "LH 728", "BUS-", "jny_", "德国", "德语", "DEU", "made_up"))
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])
    assert "涉及1人" in "".join(found.values()), "counts are said"
    assert all(robot.taken for robot in night.robots.values()), "a chat heard nothing"
