"""test_http.py — the HTTP door: what is let in, what is refused, with which status and code."""

from __future__ import annotations

import json
import socket
import threading
import time
from datetime import timedelta

from harness import BATCH, DATA, EVENT, NDJSON, Daemon, scenario, wait_until, when

START = "2020-03-08T10:00:00+08:00"
SOURCE = "/pvg/t2/minhang"
SIGNED = {"a": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "b": "whsec_dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0="}


def announced(number: str, **data: object) -> dict:
    """A short event that is fine."""
    return {
        "specversion": "1.0",
        "id": f"http-{number}",
        "source": SOURCE,
        "type": "org.closedloopd.traveler.announced.v1",
        "time": START,
        "data": {"traveler": {"ref": number, "name": {"full": "LI GUANG"}}, "basis": "list", **data},
    }


def body(event: dict) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def nothing_stored(daemon: Daemon, ref: str) -> None:
    found = daemon.get("/v1/journeys", source=SOURCE, ref=ref)["journeys"]
    assert found == [], f"{ref} was refused and is there all the same"


def test_every_recorded_request_gets_its_status() -> None:
    daemon = Daemon(drill=START)
    for request in json.loads((DATA / "http_requests.json").read_text()):
        headers = dict(request["headers"])
        kind = headers.pop("Content-Type")
        answer = daemon.send(request["body"].encode(), kind, **headers)
        assert answer.status == request["expect"], f"{request['name']}: {answer}"


def test_percent_encoded_header_values_are_decoded() -> None:
    daemon = Daemon(drill=START)
    requests = json.loads((DATA / "http_requests.json").read_text())
    request = next(request for request in requests if "expect_attributes" in request)
    headers = dict(request["headers"])
    answer = daemon.send(request["body"].encode(), headers.pop("Content-Type"), **headers)
    assert answer.status == 202, answer
    journey = daemon.journey(SOURCE, "P0001")
    ledger = json.dumps(daemon.get(f"/v1/journeys/{journey['id']}/ledger"), ensure_ascii=False)
    for value in request["expect_attributes"].values():
        assert value in ledger.replace('\\"', '"'), ledger


def test_signed_calls_are_judged_by_the_inbound_vectors() -> None:
    vectors = json.loads((DATA / "inbound_vectors.json").read_text())
    shots = sorted(vectors["vectors"], key=lambda vector: vector.get("now", vectors["now"]))
    # Who fails so often is slowed down else.
    access = {"failures": 60000}
    daemon = Daemon(drill=utc(shots[0].get("now", vectors["now"])), start=False, access=access)
    for name, secret in SIGNED.items():
        file = daemon.secret_file(f"{name}.secret", secret)
        feed = {"name": f"signed-{name}", "sources": ["/signed/"], "secret_file": file, "heartbeat": "0s"}
        daemon.settings["feeds"].append(feed)
    daemon.write_config()
    daemon.start()
    for vector in shots:
        daemon.clock(utc(vector.get("now", vectors["now"])))
        headers = {
            "webhook-id": vector["id"],
            "webhook-timestamp": str(vector["timestamp"]),
            "webhook-signature": vector["signature"],
        }
        answer = daemon.send(vector["payload"].encode(), EVENT, token=None, **headers)
        assert (answer.status != 401) == vector["valid"], f"{vector['why']}: {answer}"


def utc(seconds: int) -> str:
    return when("1970-01-01T00:00:00Z").fromtimestamp(seconds, tz=when(START).tzinfo).isoformat()


def test_a_feed_with_a_secret_must_sign_even_with_its_token() -> None:
    daemon = Daemon(drill=START, start=False)
    feed = daemon.settings["feeds"][0]
    feed["secret_file"] = daemon.secret_file("pvg.secret", SIGNED["a"])
    daemon.write_config()
    daemon.start()
    assert daemon.send(body(announced("1"))).status == 401
    nothing_stored(daemon, "1")


# --- Who may


def test_callers_without_a_right_are_turned_away() -> None:
    daemon = Daemon(drill=START)
    assert daemon.send(body(announced("1")), token=None).status == 401
    assert daemon.send(body(announced("1")), token="no-such-token-0123456789").status == 401
    assert daemon.send(body(announced("1")), token="committee").status == 403
    nothing_stored(daemon, "1")
    for path in ("/v1/journeys", "/v1/alerts", "/v1/admin/census", "/v1/admin/rejects"):
        assert daemon.call("GET", path, token=None).status == 401, path
        assert daemon.call("GET", path, token="pvg").status == 403, path
    assert daemon.call("GET", "/v1/admin/census", token="committee").status == 403
    assert daemon.call("POST", "/v1/admin/reload", {}, token="auditor").status == 403
    assert daemon.call("GET", "/v1/journeys", token=None).headers.get("www-authenticate", "").startswith("Bearer")
    for path in ("/healthz", "/readyz"):
        assert daemon.call("GET", path, token=None).status == 200, path


def test_this_machine_may_read_and_not_pose_as_a_feed() -> None:
    daemon = Daemon(drill=START, access={"loopback": "operator"})
    assert daemon.call("GET", "/v1/journeys", token=None).status == 200
    assert daemon.send(body(announced("1")), token=None).status == 401
    assert daemon.send_binary(announced("1")).status == 202  # With the feed's token.
    assert daemon.send(body(announced("2")), token="operator").status == 202
    nothing_stored(daemon, "3")
    file = daemon.dir / "3.ndjson"
    file.write_bytes(body(announced("3")) + b"\n")
    assert daemon.ctl("replay", str(file)).returncode == 0
    assert daemon.journey(SOURCE, "3")["state"] == "announced"
    url = ("--url", f"http://127.0.0.1:{daemon.port}")
    assert daemon.ctl("replay", str(file), where=url).returncode == 1


def isolating() -> tuple[Daemon, str]:
    """A daemon with the two of s1, and the path of the first."""
    events, _ = scenario("s1")
    daemon = Daemon(drill=events[-1]["time"])
    daemon.post_events(events)
    return daemon, f"/v1/journeys/{daemon.journey(SOURCE, 'P0001')['id']}"


def test_people_tell_within_seven_days() -> None:
    daemon, path = isolating()
    now = when(daemon.get("/v1/admin/status")["now"])
    for days, status in ((8, 400), (6, 200)):
        answer = daemon.call("POST", f"{path}/checks", {"temp_c": 36.5, "time": (now - timedelta(days)).isoformat()})
        assert answer.status == status, answer
        assert status == 200 or (answer.code == "bad_time" and "7 days" in answer.json()["detail"]), answer


def test_a_check_by_people_is_read_or_refused() -> None:
    daemon, path = isolating()
    for wrong, code in (
        ({}, "missing_field"),
        ({"symptoms": [7]}, "bad_value"),
        ({"temp_c": 36.5, "symptoms": ["fevr"]}, "bad_value"),
        ({"symptoms": "fever"}, "bad_value"),
        ({"temp_c": "39.5"}, "bad_value"),
        ({"temp_c": 395, "symptoms": ["none"]}, "bad_value"),
    ):
        answer = daemon.call("POST", f"{path}/checks", wrong)
        assert (answer.status, answer.code) == (400, code), f"{wrong}: {answer}"
    assert daemon.get(path)["fever_at"] is None
    daemon.post(f"{path}/checks", {"symptoms": ["other", "Fever"]})
    assert daemon.get(path)["fever_at"], "a fever was taken for health"


def test_what_has_ended_is_not_redirected() -> None:
    daemon, path = isolating()
    order = {"disposition": "central", "reason": "x"}
    daemon.post(f"{path}/close", {"reason": "x"})
    answer = daemon.call("POST", f"{path}/redirect", order)
    assert (answer.status, answer.code) == (409, "conflict"), answer
    assert daemon.get(path)["disposition"] == "home"


def test_a_unit_names_those_above_it_and_who_serves_it() -> None:
    daemon = Daemon(drill=START)
    unit = daemon.get("/v1/units/310112101007")
    assert [above["code"] for above in unit["chain"]] == ["31", "3101", "310112", "310112101", "310112101007"], unit
    assert unit["chain"][0]["name"] == "上海市" and "莘松三村" in unit["chain"][-1]["name"], unit
    assert unit["contacts"] == ["u310112101007"], unit
    assert daemon.get("/v1/units/310112101001")["contacts"] == ["u310112101"]
    assert daemon.get("/v1/units/11")["contacts"] == []


def test_a_person_known_twice_is_listed_once() -> None:
    daemon = Daemon(drill=START, access={"loopback": "operator"})
    passport = {"type": "P", "number": "M12345", "issuer": "KOR"}
    for ref in ("1", "2"):
        traveler = {"ref": ref, "name": {"full": "LI GUANG"}}
        assert daemon.send(body(announced(ref, traveler=traveler))).status == 202
        patch = {"traveler": {"document": passport}}
        corrected = {**announced(f"c{ref}"), "type": "org.closedloopd.traveler.corrected.v1"}
        corrected["data"] = {"ref": ref, "patch": patch, "reason": "x"}
        assert daemon.send(body(corrected)).status == 202
    listed = daemon.get("/v1/journeys")["journeys"]
    assert [journey["merged_into"] for journey in listed] == [None], listed
    assert daemon.journey(SOURCE, "1")["id"] == daemon.journey(SOURCE, "2")["id"] == listed[0]["id"]
    assert daemon.call("GET", "/", token=None).body.decode().count("LI GUANG") == 1


def test_a_scope_hides_the_rest() -> None:
    events, _ = scenario("s1")
    daemon = Daemon(drill=events[-1]["time"])
    daemon.post_events(events)
    ids = {ref: daemon.journey(SOURCE, ref)["id"] for ref in ("P0001", "P0002")}
    mine = daemon.get("/v1/journeys", token="committee")["journeys"]
    assert [journey["id"] for journey in mine] == [ids["P0001"]], mine
    assert daemon.call("GET", f"/v1/journeys/{ids['P0001']}", token="committee").status == 200
    for method, path in (("GET", ""), ("GET", "/ledger"), ("GET", "/why"), ("POST", "/accept"), ("POST", "/checks")):
        sent = {} if method == "POST" else None
        answer = daemon.call(method, f"/v1/journeys/{ids['P0002']}{path}", sent, "committee")
        assert answer.status in (403, 404), f"{method} {path}: {answer}"
    assert len(daemon.get("/v1/journeys", token="duty")["journeys"]) == 2
    units = {alert["unit"] for alert in daemon.get("/v1/alerts", token="committee", state="open")["alerts"]}
    assert units <= {"310112101007"}, units
    assert daemon.journey(SOURCE, "P0002")["accepted_at"] is None


def test_a_source_outside_the_prefixes_is_rejected() -> None:
    daemon = Daemon(drill=START)
    event = announced("1")
    event["source"] = "/sha/t1"
    answer = daemon.send(body(event))
    assert answer.status in (400, 403) and answer.code == "source_not_allowed", answer
    nothing = daemon.get("/v1/journeys", source="/sha/t1", ref="1")["journeys"]
    assert nothing == [] and daemon.get("/v1/admin/rejects")["rejects"][0]["code"] == "source_not_allowed"


# --- What is an event


def test_one_bad_event_is_answered_with_its_code() -> None:
    daemon = Daemon(drill=START)
    event = announced("1")
    event["type"] = "org.closedloopd.traveler.teleported.v1"
    answer = daemon.send(body(event))
    assert (answer.status, answer.code) == (400, "unknown_type"), answer
    event = announced("2")
    del event["data"]["traveler"]["ref"]
    answer = daemon.send_binary(event)
    assert (answer.status, answer.code) == (400, "missing_field"), answer
    rejects = daemon.get("/v1/admin/rejects")["rejects"]
    assert sorted(reject["code"] for reject in rejects) == ["missing_field", "unknown_type"], rejects
    assert any("teleported" in reject["body"] for reject in rejects), rejects


def test_the_same_id_with_another_body_is_a_conflict_and_both_are_kept() -> None:
    daemon = Daemon(drill=START)
    first, second = announced("1"), announced("1", stage="on_board")
    assert daemon.send(body(first)).json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert daemon.send(body(first)).json() == {"accepted": 0, "duplicates": 1, "rejected": []}
    answer = daemon.send(body(second))
    assert (answer.status, answer.code) == (409, "id_reuse"), answer
    reject = daemon.get("/v1/admin/rejects")["rejects"][0]
    assert reject["code"] == "id_reuse" and "on_board" in reject["body"], reject
    kinds = [alert["kind"] for alert in daemon.get("/v1/alerts", state="open")["alerts"]]
    assert "id_reuse" in kinds, kinds
    assert daemon.send(body(first)).json()["duplicates"] == 1  # The first one stands.


def test_one_bad_event_does_not_sink_its_batch() -> None:
    daemon = Daemon(drill=START)
    bad = announced("2")
    bad["time"] = "yesterday"
    for kind, text in (
        (BATCH, b"[" + b",".join(map(body, (announced("1"), bad, announced("3")))) + b"]"),
        (NDJSON, b"\n".join((body(announced("4")), b"{", body(announced("6"))))),
    ):
        answer = daemon.send(text, kind)
        assert answer.status == 202, answer
        said = answer.json()
        assert (said["accepted"], said["duplicates"]) == (2, 0), said
        assert [reject["index"] for reject in said["rejected"]] == [1], said
    for ref in ("1", "3", "4", "6"):
        daemon.journey(SOURCE, ref)


def test_too_much_is_413() -> None:
    daemon = Daemon(drill=START)
    many = [announced(f"m{number}") for number in range(1001)]
    lines = b"\n".join(map(body, many))
    assert daemon.send(lines, NDJSON).status == 413
    assert daemon.send(b"[" + b",".join(map(body, many)) + b"]", BATCH).status == 413
    nothing_stored(daemon, "m0")
    assert daemon.post_events(many[:1000])["accepted"] == 1000
    large = announced("large", note="x" * 65536)
    assert daemon.send(body(large)).status == 413
    nothing_stored(daemon, "large")
    fits = announced("fits", note="x" * (65536 - len(body(announced("fits", note="")))))
    assert len(body(fits)) == 65536 and daemon.send(body(fits)).status == 202
    assert daemon.send(b" " * (1 << 20) + lines, NDJSON).status == 413


def test_unknown_paths_and_methods() -> None:
    daemon = Daemon(drill=START)
    assert daemon.call("GET", "/v1/teapots").status == 404
    assert daemon.call("GET", "/v1/journeys/jny_unknown").status == 404
    answer = daemon.call("DELETE", "/v1/journeys")
    assert answer.status == 405 and "GET" in answer.headers.get("allow", ""), answer
    assert daemon.call("GET", "/v1/events").status == 405
    assert daemon.send(body(announced("1")), "text/plain").status == 415
    assert Daemon().call("POST", "/v1/drill/clock", {"now": START}).status == 404  # No drill.


# --- JSON that means harm


def nested(depth: int) -> bytes:
    """An event of DEPTH levels; data is the second."""
    return body(announced("deep", note="@")).replace(b'"@"', b"[" * (depth - 2) + b"]" * (depth - 2))


def nodes(value: object) -> int:
    """Values and keys, all together."""
    if isinstance(value, dict):
        return 1 + sum(1 + nodes(member) for member in value.values())
    return 1 + sum(map(nodes, value)) if isinstance(value, list) else 1


def crowded(count: int) -> bytes:
    event = announced("many", note=[])
    event["data"]["note"] = [0] * (count - nodes(event))
    assert nodes(event) == count
    return body(event)


def test_hostile_json_is_refused_and_leaves_nothing() -> None:
    daemon = Daemon(drill=START)
    good = body(announced("bad"))
    hostile = {
        "depth 17": nested(17),
        "2,001 nodes": crowded(2001),
        "a key twice": good.replace(b'"basis"', b'"basis": "list", "basis"'),
        "an escaped key twice": good.replace(b'"basis"', b'"b\\u0061sis": "list", "basis"'),
        "trailing garbage": good + b"x",
        "a second value": good + good,
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "NUL in a string": good.replace(b"LI GUANG", b"LI\\u0000GUANG"),
        "a raw NUL": good.replace(b"LI GUANG", b"LI\x00GUANG"),
        "invalid UTF-8": good.replace(b"LI GUANG", b"LI \xff"),
        "overlong UTF-8": good.replace(b"LI GUANG", b"LI \xc0\xaf"),
        "a lone surrogate": good.replace(b"LI GUANG", b"LI \\ud800"),
        "1e400": good.replace(b'"basis"', b'"note": 1e400, "basis"'),
        "a long integer": good.replace(b'"basis"', b'"note": 9007199254740993, "basis"'),
        "a raw line feed": good.replace(b"LI GUANG", b"LI\nGUANG"),
    }
    for what, text in hostile.items():
        answer = daemon.send(text)
        assert answer.status == 400 and answer.code in ("bad_json", "charset"), f"{what}: {answer}"
        assert daemon.get("/v1/journeys")["journeys"] == [], f"{what} left a journey"
    for what, text in {"depth 16": nested(16), "2,000 nodes": crowded(2000)}.items():
        assert daemon.send(text).status == 202, what
    assert daemon.send(good).status == 202


# --- Bytes no HTTP library would send


def raw(daemon: Daemon, sent: bytes, bound: float = 5.0) -> tuple[int, bytes]:
    """Send bytes on a connection of their own and read until the daemon closes it. Status 0: no answer."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=bound) as link:
        got = b""
        try:
            link.sendall(sent)
            while chunk := link.recv(65536):
                got += chunk
        except ConnectionError:
            pass
    return (int(got.split(b" ", 2)[1]) if got.startswith(b"HTTP/1.") else 0), got


def request(daemon: Daemon, text: bytes, *more: bytes, eol: bytes = b"\r\n") -> bytes:
    head = [
        b"POST /v1/events HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Authorization: Bearer " + daemon.tokens["pvg"].encode(),
        b"Content-Type: " + EVENT.encode(),
        *more,
    ]
    return eol.join(head) + eol + eol + text


def test_ambiguous_requests_are_refused_and_the_connection_closed() -> None:
    daemon = Daemon(drill=START)
    text = body(announced("smuggled"))
    size = b"Content-Length: %d" % len(text)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text)
    shots = {
        "two Content-Length": request(daemon, text, size, b"Content-Length: 3"),
        "two equal Content-Length": request(daemon, text, size, size),
        "a list of lengths": request(daemon, text, b"Content-Length: %d, %d" % (len(text), len(text))),
        "a signed length": request(daemon, text, b"Content-Length: +%d" % len(text)),
        "a negative length": request(daemon, text, b"Content-Length: -1"),
        "a blank before the colon": request(daemon, chunks, b"Transfer-Encoding : chunked"),
        "length and chunks": request(daemon, chunks, size, b"Transfer-Encoding: chunked"),
        "a folded header": request(daemon, text, size, b"X-Note: a", b" b"),
        "NUL in a header": request(daemon, text, size, b"X-Note: a\x00b"),
        "bare LF": request(daemon, text, size, eol=b"\n"),
        "a bare CR": request(daemon, text, size, b"X-Note: a\rb"),
        "no Host": request(daemon, text, size).replace(b"Host: 127.0.0.1\r\n", b""),
        "two Hosts": request(daemon, text, size, b"Host: other"),
        "a bad chunk": request(daemon, b"zz\r\n" + text, b"Transfer-Encoding: chunked"),
    }
    for what, sent in shots.items():
        status, got = raw(daemon, sent + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status == 400, f"{what}: {got[:200]!r}"
        assert got.count(b"HTTP/1.") == 1, f"{what}: what follows was read as a request: {got!r}"
    nothing_stored(daemon, "smuggled")
    assert raw(daemon, request(daemon, text, b"Transfer-Encoding: gzip, chunked"))[0] in (400, 501)
    assert raw(daemon, request(daemon, chunks, b"Transfer-Encoding: chunked", b"Connection: close"))[0] == 202


def test_a_head_over_its_limit_is_431() -> None:
    daemon = Daemon(drill=START)
    fine = request(daemon, b"", b"Content-Length: 0", b"Connection: close", b"X-Note: " + b"x" * 15000)
    assert raw(daemon, fine)[0] == 400  # No event, but a head that fits.
    status, got = raw(daemon, request(daemon, b"", b"X-Note: " + b"x" * 16384))
    assert status == 431, got[:200]


def test_one_connection_answers_in_order() -> None:
    daemon = Daemon(drill=START)
    asked = b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in (b"/healthz", b"/nowhere", b"/readyz"))
    _, got = raw(daemon, asked + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    statuses = [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 404, 200, 200], got


def test_slow_clients_are_cut_and_disturb_nobody() -> None:
    daemon = Daemon(drill=START, limits={"request": "1s", "idle": "1s"})
    links = [socket.create_connection(("127.0.0.1", daemon.port), timeout=10) for _ in range(20)]
    began = time.monotonic()
    for link in links:
        link.sendall(b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Len")
    while links:  # The one real wait: the limit itself, measured while they drip.
        assert time.monotonic() - began < 8, f"{len(links)} slow connections live after 8 s"
        asked = time.monotonic()
        assert daemon.call("GET", "/healthz", token=None).status == 200
        assert time.monotonic() - asked < 0.5, "health stalled"
        links = [link for link in links if drips(link)]
        time.sleep(0.05)
    assert time.monotonic() - began > 0.8, "cut before the limit"


def drips(link: socket.socket) -> bool:
    """Send one byte more; False when the other side has closed, with or without a word."""
    try:
        link.sendall(b"x")
        link.setblocking(False)
        while link.recv(4096):
            pass
    except BlockingIOError:
        link.setblocking(True)
        return True
    except OSError:
        pass
    link.close()
    return False


def is_served(link: socket.socket) -> bool:
    try:
        link.settimeout(2)
        link.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        return link.recv(65536).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def open_until_refused(daemon: Daemon, count: int, source: str = "127.0.0.1") -> tuple[int, list[socket.socket]]:
    """Open COUNT connections and ask on each; how many are served."""
    where = ("127.0.0.1", daemon.port)
    links = [socket.create_connection(where, timeout=5, source_address=(source, 0)) for _ in range(count)]
    return sum(map(is_served, links)), links


def test_connections_are_capped_in_all_and_by_address() -> None:
    daemon = Daemon(drill=START, limits={"connections": 20, "per_address": 12})
    daemon.local = threading.local()  # The harness's own connection rests no more.
    served, first = open_until_refused(daemon, 13)
    assert served == 12, f"{served} of one address are served"
    more, second = open_until_refused(daemon, 10, "127.0.0.2")
    assert more == 8, f"{more} of another address are served beside them"
    for link in first + second:
        link.close()
    wait_until(lambda: daemon.call("GET", "/healthz", token=None).status == 200, "places are free again")
