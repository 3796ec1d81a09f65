"""test_matrix.py — who may what: every caller at every route and method of the running program, at objects of her own,
of somebody else's, and at none; and what is answered tells nobody of another's traveller.

ROUTES has one row for each route of /v1/openapi.json: the test fails when one is missing, or is there no more. What is
another's and what is nothing are answered alike, byte for byte but for the name that was asked for.
"""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any, NamedTuple

from client import Answer
from harness import Daemon, later, yaml_of
from test_alerts import FORM

START = "2020-03-08T20:00:00+08:00"
HERS, SISTER, OTHER = "310112101007", "310112101005", "310110021002"
SOURCE = "/pvg/t2/minhang"

# Who calls: name → (role, scope). What has a scope sees what lies in it.
CALLERS = {
    "none": ("", None),
    "bad": ("", None),
    "pvg": ("feed", ""),
    "committee": ("committee", HERS),
    "sister": ("committee", SISTER),
    "street": ("committee", HERS[:9]),
    "duty": ("duty", HERS[:6]),
    "elsewhere": ("duty", OTHER[:6]),
    "auditor": ("auditor", ""),
    "district-auditor": ("auditor", HERS[:6]),
    "operator": ("operator", ""),
    "district-operator": ("operator", HERS[:6]),
    "socket": ("operator", ""),
}
READ, WRITE = "committee duty auditor operator", "committee duty operator"
DUTY, AUDIT, ADMIN, FEED, OPEN = "duty operator", "auditor operator", "operator", "feed operator", ""


class Row(NamedTuple):
    method: str
    path: str
    roles: str
    let_in: int  # What a caller gets who may: of writes the refusal of a body that is none, so that nothing changes.
    kind: str = ""  # The sort of object its path names, or "".
    body: Any = None  # One that would do, for those who may not.
    query: str = ""
    whole: bool = False  # About all units: who has a scope may not.


ROUTES = [
    Row("POST", "/v1/events", FEED, 400, body="event", whole=True),
    Row("GET", "/v1/journeys", READ, 200),
    Row("GET", "/v1/journeys/{id}", READ, 200, "journey"),
    Row("GET", "/v1/journeys/{id}/ledger", READ, 200, "journey"),
    Row("GET", "/v1/journeys/{id}/why", READ, 200, "journey"),
    Row("GET", "/v1/journeys/{id}/reveal", DUTY, 200, "journey", query="?field=document"),
    Row("POST", "/v1/journeys/{id}/accept", WRITE, 400, "journey", {}),
    Row("POST", "/v1/journeys/{id}/handover", WRITE, 400, "journey", {"to": {"role": "committee"}}),
    Row("POST", "/v1/journeys/{id}/checks", WRITE, 400, "journey", {"temp_c": 36.6}),
    Row("POST", "/v1/journeys/{id}/tasks/inspect_home", WRITE, 400, "journey", {}),
    Row("POST", "/v1/journeys/{id}/assign", DUTY, 400, "journey", {"committee_code": SISTER}),
    Row("POST", "/v1/journeys/{id}/redirect", DUTY, 400, "journey", {"disposition": "hospital", "reason": "fever"}),
    Row("POST", "/v1/journeys/{id}/extend", DUTY, 400, "journey", {"days": 7, "reason": "late"}),
    Row("POST", "/v1/journeys/{id}/refuse", WRITE, 400, "journey", {"reason": "not ours"}),
    Row("POST", "/v1/journeys/{id}/expose", DUTY, 400, "journey", {"reason": "a guest"}),
    Row("POST", "/v1/journeys/{id}/leave", WRITE, 400, "journey", {"reason": "doctor", "approved": False}),
    Row("POST", "/v1/journeys/{id}/return", WRITE, 400, "journey", {}),
    Row("POST", "/v1/journeys/{id}/release", WRITE, 400, "journey", {}),
    Row("POST", "/v1/journeys/{id}/close", DUTY, 400, "journey", {"reason": "mistake"}),
    Row("POST", "/v1/journeys/{id}/erase", ADMIN, 400, "journey", {"reason": "she asks"}),
    Row("GET", "/v1/journeys/{id}/export", ADMIN, 200, "journey"),
    Row("GET", "/v1/alerts", READ, 200),
    Row("POST", "/v1/alerts/{id}/ack", WRITE, 400, "alert", {}),
    Row("POST", "/v1/alerts/{id}/resolve", WRITE, 400, "alert", {"outcome": "resolved"}),
    Row("GET", "/v1/silences", READ, 200),
    Row("POST", "/v1/silences", DUTY, 400, body="silence"),
    Row("DELETE", "/v1/silences/{id}", DUTY, 400, "silence", {}),
    Row("POST", "/v1/silences/{id}/end", DUTY, 400, "silence", {}),
    Row("GET", "/v1/aliases", DUTY, 200),
    Row("POST", "/v1/aliases/{id}/undo", DUTY, 400, "alias", {}),
    Row("GET", "/v1/transfers/{id}", READ, 200, "transfer"),
    Row("GET", "/v1/flights/{key}", READ, 200, "flight"),
    Row("GET", "/v1/units", READ, 200),
    Row("GET", "/v1/units/{code}", READ, 200, "unit"),
    Row("GET", "/v1/rosters", DUTY, 200),
    Row("GET", "/v1/rosters/{name}.ics", DUTY, 200, "roster"),
    Row("GET", "/v1/match", READ, 200, query="?address=%E8%8E%98%E6%9D%BE%E4%B8%89%E6%9D%91"),
    Row("GET", "/v1/admin/ledger", AUDIT, 200, whole=True),
    Row("POST", "/v1/admin/ledger-head", AUDIT, 200, body={}, whole=True),
    Row("POST", "/v1/admin/verify-ledger", AUDIT, 400, body={}, whole=True),
    Row("GET", "/v1/session", READ, 200),
    Row("GET", "/v1/admin/tokens", AUDIT, 200, whole=True),
    Row("POST", "/v1/admin/tokens", ADMIN, 400, body={"name": "more", "role": "operator"}, whole=True),
    Row("GET", "/v1/admin/status", AUDIT, 200, whole=True),
    Row("GET", "/v1/admin/census", AUDIT, 200, whole=True),
    Row("GET", "/v1/admin/coverage", AUDIT, 200, whole=True),
    Row("GET", "/v1/admin/rejects", AUDIT, 200, whole=True),
    Row("GET", "/v1/admin/ledger-lines", AUDIT, 200, whole=True),
    Row("GET", "/v1/admin/endpoints", AUDIT, 200, whole=True),
    Row("GET", "/v1/admin/feeds", AUDIT, 200, whole=True),
    Row("GET", "/v1/admin/dead-letters", AUDIT, 200, whole=True),
    Row("POST", "/v1/admin/redrive", ADMIN, 400, body={"all": True}, whole=True),
    Row("POST", "/v1/admin/send-test", ADMIN, 400, body={"endpoint": "fallback"}, whole=True),
    Row("GET", "/v1/admin/notices/{id}", AUDIT, 200, "notice", whole=True),
    Row("GET", "/v1/admin/route-test", AUDIT, 200, query=f"?unit={HERS}&kind=arrival", whole=True),
    Row("POST", "/v1/admin/rotate-key", ADMIN, 400, body={}, whole=True),
    Row("POST", "/v1/admin/reload", ADMIN, 200, body={}, whole=True),
    Row("POST", "/v1/admin/policy-diff", ADMIN, 400, body={"policy": "name: x"}, whole=True),
    Row("POST", "/v1/drill/clock", ADMIN, 400, body={"now": later(START, minutes=90)}, whole=True),
    Row("POST", "/v1/admin/tokens/{name}/revoke", ADMIN, 400, "token", {}, whole=True),
    Row("DELETE", "/v1/admin/tokens/{name}", ADMIN, 400, "token", {}, whole=True),
    Row("GET", "/a/{token}", OPEN, 200, "link"),
    Row("POST", "/a/{token}", OPEN, 200, "link"),
    Row("GET", "/login", OPEN, 200),
    Row("POST", "/login", OPEN, 415, body={}),
    Row("POST", "/logout", OPEN, 303),
    Row("GET", "/", READ, 200),
    Row("GET", "/healthz", OPEN, 200),
    Row("GET", "/readyz", OPEN, 200),
    Row("GET", "/metrics", OPEN, 200),
    Row("GET", "/v1/openapi.json", OPEN, 200),
]

# Two travellers, of two committees, on one flight; the second says nothing that the first's committee may read.
PEOPLE = {
    HERS: {"ref": "MH-4711", "name": "JIANG XIAOYU", "number": "KX7654321", "phone": "+8613911112222", "room": "604室"},
    OTHER: {"ref": "MH-4712", "name": "QUENTIN OLDCASTLE", "number": "ZQ1234567", "phone": "+8613933334444", "room": "815室"},
}


def event(number: str, kind: str, **data: object) -> dict:
    return {
        "specversion": "1.0",
        "id": f"matrix-{number}",
        "source": SOURCE,
        "type": f"org.closedloopd.{kind}.v1",
        "time": START,
        "data": data,
    }


def told(unit: str) -> list[dict]:
    """What the feed tells about the traveller of UNIT."""
    person = PEOPLE[unit]
    traveler = {
        "ref": person["ref"],
        "name": {"full": person["name"]},
        "document": {"type": "P", "number": person["number"], "issuer": "GBR"},
        "dob": "1990-01-02",
        "phones": [{"e164": person["phone"]}],
    }
    flight = {"carrier": "XX", "number": "363", "arrival": "PVG", "sched_arr": "2020-03-08T19:00:00+08:00"}
    place = {"text": f"上海市{person['room']}", "committee_code": unit}
    ref = person["ref"]
    return [
        event(f"a-{unit[:6]}", "traveler.announced", traveler=traveler, basis="list", flight=flight),
        event(
            f"r-{unit[:6]}",
            "traveler.registered",
            ref=ref,
            desk="PVG-T2",
            district_code=unit[:6],
            transport="bus",
            destination=place,
            phones=[{"e164": person["phone"]}],
        ),
    ]


def roster(name: str, unit: str) -> dict:
    turn = {"every": "1 day", "begins": "2020-03-01 08:00", "members": ["one"]}
    return {
        "name": name,
        "members": [{"name": "one", "endpoint": f"u{unit}"}],
        "layers": [{"name": "all", "rotation": turn}],
    }


def night() -> Daemon:
    daemon = Daemon(drill=START, committees=(HERS, SISTER, OTHER), start=False)
    people = []
    for name, (role, scope) in CALLERS.items():
        if role in ("", "feed") or name == "socket":
            continue
        entry = {"name": name, "role": role, "token_file": daemon.token(name)}
        people.append({**entry, "scope": scope} if scope else entry)
    (daemon.dir / "tokens.yaml").write_text(yaml_of({"tokens": people}))
    daemon.tokens["bad"] = "no-such-token-0123456789abcdefghijklmno"
    daemon.settings["access"]["failures"] = 60000  # Else the many bad calls are answered 429.
    daemon.settings["rosters"] = [roster("xinzhuang", HERS), roster("wujiaochang", OTHER)]
    for unit in daemon.settings["units"]:
        unit.update({HERS: {"roster": "xinzhuang"}, OTHER: {"roster": "wujiaochang"}}.get(unit["code"], {}))
    daemon.write_config()
    daemon.start()
    daemon.clock(START)
    daemon.post_events(told(HERS) + told(OTHER))
    landed = {"carrier": "XX", "number": "363", "arrival": "PVG", "sched_arr": "2020-03-08T19:00:00+08:00"}
    daemon.post_events([event("flight", "flight.updated", flight=landed, status="landed", act_arr=START)])
    for unit, name in ((HERS, "BUS-1"), (OTHER, "BUS-2")):
        stop = {"seq": 1, "kind": "compound", "address": {"text": "x", "committee_code": unit}, "eta": START}
        rider = {"ref": PEOPLE[unit]["ref"], "stop": 1}
        daemon.post_events([event(name, "transfer.departed", transfer=name, travelers=[rider], stops=[stop])])
    daemon.clock(later(START, minutes=1))
    # A refused event with everything in it that must not be shown.
    daemon.send(json.dumps({**event("x", "traveler.announced"), "data": {"traveler": told(HERS)[0]["data"]}}).encode())
    return daemon


def objects(daemon: Daemon) -> dict[str, dict[str, str]]:
    """Of each kind the one of HERS, the one of OTHER, and one that never was."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in ("journey", "alert", "silence", "alias", "transfer")}
    until = later(START, hours=2)
    for unit, name in ((HERS, "BUS-1"), (OTHER, "BUS-2")):
        journey = daemon.journey(SOURCE, PEOPLE[unit]["ref"])
        assert journey["committee_code"] == unit, journey
        found["journey"][unit] = journey["id"]
        daemon.post(f"/v1/journeys/{journey['id']}/assign", {"committee_code": unit})
        found["alert"][unit] = daemon.get("/v1/alerts", unit=unit)["alerts"][0]["id"]
        silence = {"unit": unit, "subject": journey["id"], "by": "x", "reason": f"kept by {unit}", "until": until}
        found["silence"][unit] = daemon.post("/v1/silences", silence)["id"]
        found["transfer"][unit] = name
        lessons = daemon.get("/v1/aliases", unit=unit)["aliases"]
        found["alias"][unit] = lessons[0]["id"] if lessons else "L-999998"
    flight = daemon.get("/v1/journeys", source=SOURCE)["journeys"][0]["flight"]
    token = daemon.receiver.messages(HERS, kind="arrival")[-1]
    return {
        "journey": {**found["journey"], "": "jny_01J0000000000000000000000"},
        "alert": {**found["alert"], "": "A-999999"},
        "silence": {**found["silence"], "": "S-999999"},
        "alias": {**found["alias"], "": "L-999999"},
        "transfer": {**found["transfer"], "": "BUS-9"},
        "flight": {HERS: flight, "": "XX999-PVG-2020-03-08"},
        "unit": {HERS: HERS, OTHER: OTHER, "": "999999999999"},
        "roster": {HERS: "xinzhuang", OTHER: "wujiaochang", "": "nobody"},
        "notice": {HERS: token.id, "": "ntc_01J0000000000000000000000"},
        "token": {"": "nobody"},
        "link": {HERS: token.token, "": "0" * 40},
    }


class OverSocket(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


def call(daemon: Daemon, caller: str, method: str, path: str, body: bytes | None) -> Answer:
    headers = {"X-Purpose": "the matrix"}
    if body is not None:
        headers["Content-Type"] = "application/cloudevents+json" if path == "/v1/events" else "application/json"
    if path.startswith("/a/") and method == "POST":
        headers.update(FORM)
    if caller != "socket":
        return daemon.call(method, path, body, None if caller == "none" else caller, headers)
    connection = OverSocket(str(daemon.socket))
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    connection.close()
    return answer


def within(caller: str, unit: str) -> bool:
    return unit.startswith(CALLERS[caller][1] or "")


def sees(caller: str, kind: str, owner: str) -> bool:
    if owner == "":
        return False
    if kind == "flight":  # Both are on it.
        return caller != "sister"
    return within(caller, owner)


def expected(row: Row, caller: str, owner: str | None) -> tuple[int, ...]:
    """What CALLER gets of ROW for an object of OWNER; None: the route names none."""
    role, scope = CALLERS[caller]
    if row.kind == "link":
        return (200,) if owner else (403,)
    if row.roles == OPEN:
        return (row.let_in,)
    if role == "":
        return (401, 429)
    if role not in row.roles.split() or (row.whole and scope):
        return (403,)
    # What only operators and auditors may ask is about all units.
    if scope and not {"committee", "duty"} & set(row.roles.split()) and role in ("operator", "auditor"):
        return (403,)
    if owner is not None and not row.whole and not sees(caller, row.kind, owner):
        return (404,)
    if owner == "":
        return (404,)
    return (row.let_in,)


def body_of(row: Row, allowed: bool, owner: str | None) -> bytes | None:
    if row.body is None:
        return None if row.method == "GET" else b""
    if allowed:
        return b"[]"
    if row.body == "event":
        return json.dumps(told(HERS)[0]).encode()
    if row.body == "silence":
        silence = {"unit": HERS, "by": "x", "reason": "y", "until": later(START, hours=1)}
        return json.dumps(silence).encode()
    return json.dumps(row.body).encode()


def secrets_of(unit: str, things: dict[str, dict[str, str]]) -> list[str]:
    """What nobody else may read of the traveller of UNIT."""
    person = PEOPLE[unit]
    kinds = ("journey", "alert", "silence", "transfer", "roster")
    return [*person.values(), person["phone"][1:], unit, *(things[kind][unit] for kind in kinds)]


def person_in(body: str, unit: str) -> list[str]:
    return [value for name, value in PEOPLE[unit].items() if value in body]


def test_every_route_has_a_row() -> None:
    daemon = Daemon(drill=START)
    paths = daemon.get("/v1/openapi.json", token=None)["paths"]
    known = {(row.method.lower(), row.path.replace("/inspect_home", "/{name}").replace("/nobody", "/{name}")) for row in ROUTES}
    there = {(method, path) for path, ways in paths.items() for method in ways if method != "parameters"}
    assert known == there, f"no row: {sorted(there - known)}; no route: {sorted(known - there)}"


def test_the_matrix_of_callers_routes_and_objects() -> None:
    daemon = night()
    things = objects(daemon)
    cells = 0
    before = {unit: daemon.journey(SOURCE, PEOPLE[unit]["ref"]) for unit in PEOPLE}
    for row in ROUTES:
        owners: list[str | None] = [*things[row.kind]] if row.kind else [None]
        for caller in CALLERS:
            bodies: dict[str | None, str] = {}
            for owner in owners:
                name = things[row.kind][owner] if owner is not None else ""
                path = row.path
                for hole in ("{id}", "{key}", "{code}", "{name}", "{token}"):
                    path = path.replace(hole, name)
                want = expected(row, caller, owner)
                answer = call(daemon, caller, row.method, path + row.query, body_of(row, row.let_in in want, owner))
                where = f"{caller}: {row.method} {path}: {answer}"
                assert answer.status in want, f"{where}; wanted {want}"
                text = answer.body.decode()
                bodies[owner] = text.replace(name, "NAME") if name else text
                cells += 1
                if answer.status >= 400 and row.kind != "link":
                    told_of = [value for unit in PEOPLE for value in secrets_of(unit, things) if value in text]
                    assert not [value for value in told_of if value != name], f"{where} tells {told_of}"
                if CALLERS[caller][0] == "auditor" or row.roles == OPEN:
                    assert not person_in(text, HERS) + person_in(text, OTHER), where
                elif CALLERS[caller][1] and within(caller, HERS) and row.path != "/v1/match":
                    leaks = [value for value in secrets_of(OTHER, things) if value in text]
                    assert not [value for value in leaks if value != name], f"{where} tells {leaks}"
                if row.method == "GET" and row.path != "/v1/openapi.json":
                    assert "no-store" in answer.headers.get("cache-control", ""), where
            # Another's is as if it were not.
            if "" in bodies and OTHER in bodies and not sees(caller, row.kind, OTHER) and not row.whole:
                assert bodies[OTHER] == bodies[""], f"{caller} {row}: {bodies}"
    after = {unit: daemon.journey(SOURCE, PEOPLE[unit]["ref"]) for unit in PEOPLE}
    assert after == before, "a refused call changed somebody"
    print(f"matrix: {cells} cells of {len(ROUTES)} routes and {len(CALLERS)} callers")


def test_no_route_takes_a_method_it_does_not_name() -> None:
    daemon = night()
    things = objects(daemon)
    cells = 0
    for path in sorted({row.path for row in ROUTES}):
        named = {row.method for row in ROUTES if row.path == path}
        kind = next(row.kind for row in ROUTES if row.path == path)
        real = path
        for hole in ("{id}", "{key}", "{code}", "{name}", "{token}"):
            real = real.replace(hole, things[kind].get(HERS, "nobody") if kind else "")
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"} - named:
            for caller in ("none", "committee", "operator"):
                answer = call(daemon, caller, method, real, None)
                assert answer.status in (405, 501), f"{caller}: {method} {real}: {answer}"
                cells += 1
        if "GET" in named and kind != "link":
            for caller in ("none", "committee", "auditor", "operator"):
                row = next(row for row in ROUTES if row.path == path and row.method == "GET")
                answer = call(daemon, caller, "HEAD", real + row.query, None)
                want = expected(row, caller, HERS if kind else None)
                assert answer.status in want and not answer.body, f"{caller}: HEAD {real}: {answer}"
                cells += 1
    print(f"methods: {cells} cells")
