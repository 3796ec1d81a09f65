"""test_hostile.py — bytes that no honest client sends, over http and https alike: each is refused with its status, the
connection ends, nothing is kept, and the daemon stays small and awake."""

from __future__ import annotations

import json
import re
import socket
import ssl

from client import PATIENCE, SANITIZED
from test_http import announced, body, nothing_stored
from test_tls import Site, descriptors, dial, healthy, status_of, wait_until

HOST = b"Host: 127.0.0.1\r\n"


def doors(site: Site):
    """Both ways in: a name, and what opens a connection."""
    return (("http", lambda: dial(site.daemon.port)), ("https", site.link))


def read_all(link: socket.socket) -> bytes:
    got = b""
    try:
        while chunk := link.recv(65536):
            got += chunk
    except ConnectionError:
        pass
    except ssl.SSLError:
        pass
    return got


def shoot(site: Site, said: bytes, want: tuple[int, ...], what: str) -> None:
    """SAID is answered once, with one of WANT, and the connection ends; what follows it is not looked at."""
    for door, link_to in doors(site):
        with link_to() as link:
            link.settimeout(PATIENCE)
            try:
                link.sendall(said + b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
            except OSError:
                pass
            got = read_all(link)
        statuses = [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]
        assert len(statuses) == 1 and statuses[0] in want, f"{door}: {what}: {statuses} {got[:300]!r}"


def post(site: Site, text: bytes, *lines: bytes) -> bytes:
    head = [b"POST /v1/events HTTP/1.1", HOST[:-2], b"Authorization: Bearer " + site.daemon.tokens["pvg"].encode()]
    head += [b"Content-Type: application/cloudevents+json", *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + text


def test_smuggling_ends_in_a_refusal_on_both_doors() -> None:
    site = Site(limits={"per_address": 400})
    text = body(announced("smuggled"))
    size = b"Content-Length: %d" % len(text)
    chunked = b"Transfer-Encoding: chunked"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text)
    for what, said, want in (
        ("length, then chunks", post(site, chunks, size, chunked), 400),
        ("chunks, then length", post(site, chunks, chunked, size), 400),
        ("chunks and no length", post(site, chunks, chunked, b"Content-Length: 0"), 400),
        ("two codings", post(site, chunks, chunked, b"Transfer-Encoding: identity"), 400),
        ("gzip last", post(site, chunks, b"Transfer-Encoding: chunked, gzip"), 501),
        ("chunked by another name", post(site, chunks, b"Transfer-Encoding: xchunked"), 501),
        ("chunked in quotes", post(site, chunks, b'Transfer-Encoding: "chunked"'), 501),
        ("chunked after a tab", post(site, chunks, b"Transfer-Encoding:\x0bchunked"), 400),
        ("chunked in a fold", post(site, chunks, b"Transfer-Encoding:\r\n chunked"), 501),
        ("a blank in the name", post(site, chunks, b"Transfer Encoding: chunked"), 400),
        ("a length in hex", post(site, text, b"Content-Length: 0x10"), 400),
        ("a length of 40 digits", post(site, text, b"Content-Length: " + b"9" * 40), 413),
        ("a length with leading blanks inside", post(site, text, b"Content-Length: 1 0"), 400),
        ("an empty length", post(site, text, b"Content-Length:"), 400),
        ("a chunk of 2^64", post(site, b"10000000000000000\r\n", chunked), 400),
        ("a chunk of 2^64 - 1", post(site, b"ffffffffffffffff\r\n", chunked), 413),
        ("a chunk below zero", post(site, b"-5\r\nhello\r\n0\r\n\r\n", chunked), 400),
        ("a chunk that is longer", post(site, b"5\r\nhelloo\r\n0\r\n\r\n", chunked), 400),
        ("a chunk ended by a line feed", post(site, b"5\nhello\n0\n\n", chunked), 400),
        ("a length in the trailer", post(site, b"0\r\nContent-Length : 5\r\n\r\n", chunked), 400),
        ("NUL in a name", post(site, text, size, b"X\x00: y"), 400),
        ("a line feed alone", post(site, text, size, b"X: y\nContent-Length: 0"), 400),
        ("a carriage return alone", post(site, text, size, b"X: y\rContent-Length: 0"), 400),
        ("no colon", post(site, text, size, b"Content-Length 0"), 400),
        ("a host with a path", b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("two hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("a version of tomorrow", b"GET / HTTP/3.0\r\n" + HOST + b"\r\n", 505),
        ("the first words of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ):
        shoot(site, said, (want,), what)
    nothing_stored(site.daemon, "smuggled")


def test_bombs_are_refused_before_they_are_held() -> None:
    site = Site(limits={"per_address": 400})
    chunked = b"Transfer-Encoding: chunked"
    memory = status_of(site.daemon, "VmRSS")
    for what, said, want in (
        ("a line without end", b"GET /" + b"a" * 4_000_000, (414,)),
        ("a header without end", b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 4_000_000, (431,)),
        ("ten thousand headers", b"GET / HTTP/1.1\r\n" + HOST + b"a: b\r\n" * 10_000 + b"\r\n", (431,)),
        ("one name ten thousand times", b"GET / HTTP/1.1\r\n" + b"Host: x\r\n" * 10_000 + b"\r\n", (400, 431)),
        ("extensions without end", post(site, b"1;" + b"a" * 4_000_000, chunked), (431,)),
        ("a small extension in each chunk", post(site, b"1;aaaaaaaaaaaaaaaaaaa\r\n{\r\n" * 60_000, chunked), (413, 431)),
        ("one byte in each chunk", post(site, b"1\r\n \r\n" * 400_000, chunked), (413,)),
        ("a trailer without end", post(site, b"0\r\nX: " + b"a" * 4_000_000, chunked), (431,)),
        ("a body without end", post(site, b"ffffff\r\n" + b" " * 4_000_000, chunked), (413,)),
    ):
        shoot(site, said, want, what)
    healthy(site.daemon)
    grown = status_of(site.daemon, "VmRSS") - memory
    assert grown < 20_000 or SANITIZED, f"grown by {grown} kB"


def test_path_tricks_reach_nothing() -> None:
    site = Site(limits={"per_address": 400})
    for path in (
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc%2fpasswd",
        "/static/%252e%252e/etc/passwd",
        "/v1/%2e%2e/v1/journeys",
        "/static/..\\..\\etc\\passwd",
        "/static/%5c..%5cetc",
        "/static/%c0%ae%c0%ae/etc/passwd",
        "/static/%e0%80%ae/etc/passwd",
        "/static/%f0%80%80%ae/etc/passwd",
        "/static/%ff",
        "/static/%00",
        "/static/a%00.js",
        "//etc/passwd",
        "/static//etc/passwd",
        "/static/./a",
        "/v1//journeys",
        "/v1/journeys/",
        "/V1/JOURNEYS",
        "/v1/journeys;x=1",
        "/v1/journeys%3fx",
        "/v1/journeys%20",
        "/v1/journeys/" + "a" * 3000,
        "/v1/journeys/%27%20OR%201=1--",
        "/a/" + "A" * 4000,
        "/static/%u002e",
    ):
        said = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {site.daemon.tokens['operator']}\r\n"
        for door, link_to in doors(site):
            with link_to() as link:
                link.sendall(said.encode() + b"Connection: close\r\n\r\n")
                got = read_all(link)
            status = int(got.split(b" ", 2)[1])
            assert status in (400, 403, 404, 410), f"{door}: {path}: {got[:200]!r}"
            assert b"root:" not in got


def test_numbers_without_measure_are_refused() -> None:
    daemon = Site().daemon
    good = body(announced("number", note=0))
    assert b'"note": 0' in good
    for what, number in {
        "20 digits": b"12345678901234567890",
        "60,000 digits": b"1" * 60_000,
        "minus 20 digits": b"-12345678901234567890",
        "1e400": b"1e400",
        "-1e400": b"-1e400",
        "1e99999999999": b"1e99999999999",
        "a leading zero": b"00",
        "a plus": b"+1",
        "hex": b"0x10",
        "a bare point": b".5",
        "a point at the end": b"5.",
        "an empty exponent": b"1e",
        "NaN": b"NaN",
        "Infinity": b"-Infinity",
        "two minus": b"--1",
    }.items():
        answer = daemon.send(good.replace(b'"note": 0', b'"note": ' + number))
        assert (answer.status, answer.code) == (400, "bad_json"), f"{what}: {answer}"
    nothing_stored(daemon, "number")
    for query in ({"limit": "9" * 400}, {"limit": "-1"}, {"limit": "1e9"}, {"after": "9" * 400}, {"before": "x" * 400}):
        for path in ("/v1/journeys", "/v1/alerts", "/v1/admin/rejects", "/v1/admin/dead-letters"):
            assert daemon.call("GET", path, **query).status in (200, 400, 404), (path, query)


def test_json_that_is_too_deep_or_too_wide_is_refused() -> None:
    daemon = Site().daemon
    for what, text in {
        "sixty thousand brackets": b"[" * 60_000,
        "braces all the way": b'{"a":' * 10_000,
        "a key of 60,000 letters twice": b'{"%s":1,"%s":2}' % (b"k" * 30_000, b"k" * 30_000),
        "five thousand keys": b"{" + b",".join(b'"%d":0' % n for n in range(5000)) + b"}",
        "strings without end": b'["' + b"\\u0041" * 9000,
        "a NUL as an escape in a key": b'{"a\\u0000":1}',
        "a key twice in two spellings": b'{"type":1,"\\u0074ype":2}',
        "UTF-16": "{}".encode("utf-16"),
        "an overlong quote": b'{"a":"\xc0\xa2"}',
        "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
        "beyond Unicode": b'{"a":"\xf4\x90\x80\x80"}',
        "half a character": b'{"a":"\xe5\xbc"}',
        "a comment": b"{}//",
        "a trailing comma": b'{"a":1,}',
        "single quotes": b"{'a':1}",
        "nothing": b"",
        "white space": b" \r\n\t",
    }.items():
        answer = daemon.send(text)
        assert answer.status == 400 and answer.code in ("bad_json", "charset", "missing_field"), f"{what}: {answer}"
    lines = b"\n".join([b"{"] * 900)
    answer = daemon.send(lines, "application/x-ndjson")
    assert answer.status in (202, 400), answer
    assert daemon.get("/v1/journeys")["journeys"] == []
    healthy(daemon)


def test_requests_ahead_cost_no_memory_while_answers_are_not_read() -> None:
    site = Site(limits={"per_address": 400, "request": "2s"})
    page = b"GET /v1/openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
    memory = status_of(site.daemon, "VmRSS")
    links = []
    for _, link_to in doors(site):
        for _ in range(20):
            link = link_to()
            link.setblocking(False)
            links.append(link)
    for _ in range(40):  # Ask as much as it takes, and read nothing.
        for link in links:
            try:
                link.send(page * 200)
            except OSError:
                pass
        healthy(site.daemon)
    grown = status_of(site.daemon, "VmRSS") - memory
    assert grown < 60_000 or SANITIZED, f"forty clients that do not read cost {grown} kB"
    before = descriptors(site.daemon)
    wait_until(lambda: descriptors(site.daemon) <= before - len(links), "who does not read is cut at the deadline")
    for link in links:
        link.close()
    healthy(site.daemon)


def test_a_flood_of_small_requests_is_answered_in_order() -> None:
    site = Site()
    count = 2000
    asked = (b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n") * count
    for door, link_to in doors(site):
        with link_to() as link:
            link.settimeout(PATIENCE)
            link.sendall(asked + b"GET /nix HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            got = read_all(link)
        assert got.count(b"HTTP/1.1 200 OK") == count and got.count(b"HTTP/1.1 404") == 1, f"{door}: {len(got)} bytes"


def knock(site: Site, count: int, port: int) -> list[socket.socket]:
    """COUNT connections from seven addresses that say next to nothing."""
    knocks = []
    for number in range(count):
        try:
            knocks.append(dial(port, (b"", b"GET / HT", b"\x16\x03")[number % 3], f"127.0.1.{number % 7 + 1}"))
        except OSError:
            pass
    return knocks


def test_a_thousand_knocks_keep_nobody_out_at_another_door() -> None:
    count = 200 if SANITIZED else 1000
    site = Site(limits={"connections": 120 if SANITIZED else 400, "per_address": 150})
    base = descriptors(site.daemon)
    knocks = knock(site, count, site.port)
    healthy(site.daemon)
    assert site.is_served(), "over https nobody gets in"
    knocks += knock(site, count, site.daemon.port)  # All places are taken now; the operator's own door is open.
    assert site.daemon.ctl("status").returncode == 0
    assert descriptors(site.daemon) - base < 400 + 64 + 32
    for link in knocks:
        link.close()
    wait_until(lambda: descriptors(site.daemon) <= base + 2, "all descriptors are given back")
    healthy(site.daemon)


def test_nobody_writes_our_log() -> None:
    site = Site()
    for said in (
        b"GET /x%0a%3c3%3ereload.done%20by=evil HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /v1/journeys?x=%0d%0a<3>ready HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
        b"GET /v1/journeys HTTP/1.1\r\n" + HOST + b"Authorization: Bearer a\x1b[2Jb\r\n\r\n",
        "GET /v1/journeys/\u202e HTTP/1.1\r\n".encode() + HOST + b"\r\n",
        b"GET /v1/journeys/%E2%80%AE%1b HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    ):
        with dial(site.daemon.port) as link:
            link.sendall(said)
            link.shutdown(socket.SHUT_WR)
            read_all(link)
    event = announced("evil\n<3>ready", note="x")
    event["id"] = "a\n<3>ready drill=0"
    site.daemon.send(json.dumps(event).encode())
    text = site.daemon.log.read_bytes()
    for line in text.splitlines():
        assert re.match(rb"<[3-7]>[a-z_.]+( |$)", line), line
        assert not re.search(rb"[\x00-\x1f\x7f]|\xe2\x80\xae", line), line
    assert text.count(b">ready ") == 1 and b"evil" not in text, text
    nothing_stored(site.daemon, "evil\n<3>ready")
