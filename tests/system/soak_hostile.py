#!/usr/bin/env python3
"""soak_hostile.py — normal load with and without a hostile network beside it: what do honest callers feel of it?

    soak_hostile.py [--minutes 60] [--phase 60]

The real program on the real clock. Feeds post about a hundred events a second, desks read and accept, half of it over
https. Quiet and hostile phases take turns, so that the machine's own noise meets both alike. Hostile are slow clients over
http and TLS, connection floods, handshakes that are garbage or stop halfway, malformed and oversized requests, JSON bombs,
wrong tokens, floods of requests sent ahead, and clients that never read their answers.

Prints the latency of normal calls, memory and descriptors phase by phase. Ends with 1 when the 99th percentile of the
hostile phases is more than twice that of the quiet ones, a normal call failed, memory grows on, or descriptors leak.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import socket
import ssl
import sys
import threading
import time
from datetime import datetime, timezone
from typing import Any, Callable

sys.dont_write_bytecode = True

from harness import COMMITTEES  # noqa: E402  (after the flag)
from test_tls import Site, descriptors, hello, status_of  # noqa: E402  (after the flag)

EVENTS_A_SECOND = 100
READS_A_SECOND = 40
ACCEPTS_A_SECOND = 5
TRAVELLERS = 2000  # Of each of the four feeds' connections.
SETTLE = 2.0  # Seconds after a change of phase that count for neither.
RATIO_MOST = 2.0
GROWTH_MOST_KB = 30_000  # From the first third of the run to its end.


# --- Normal callers: one process, a few threads that each keep a connection


class Caller:
    """Calls at a steady pace over one connection, and remembers how long each took."""

    def __init__(self, pace: float, connect: Callable[[], http.client.HTTPConnection], stop: Any) -> None:
        self.pace, self.connect, self.stop = pace, connect, stop
        self.link = connect()
        self.taken: list[tuple[float, str, float]] = []
        self.failed: list[str] = []

    def call(self, kind: str, method: str, path: str, body: Any = None, token: str = "", **headers: str) -> Any:
        headers["Authorization"] = f"Bearer {token}"
        text = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        began = time.perf_counter()
        try:
            self.link.request(method, path, text, headers)
            response = self.link.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(f"{kind}: {error!r}")
            self.link.close()
            return None
        self.taken.append((time.monotonic(), kind, time.perf_counter() - began))
        if response.status >= 300:
            self.failed.append(f"{kind}: {response.status} {said[:200]!r}")
            return None
        return json.loads(said)

    def run(self, step: Callable[["Caller", int], None]) -> None:
        due, number = time.monotonic(), 0
        while not self.stop.is_set():
            due += self.pace
            time.sleep(max(0.0, due - time.monotonic()))
            if due < time.monotonic() - 5:
                due = time.monotonic()  # Whoever was held up does not make up for it in a burst.
            step(self, number)
            number += 1


def announce(token: str, name: str) -> Callable[[Caller, int], None]:
    """One in five announces somebody, of a few thousand who come again and again; the others are signs of life. So what
    a call costs is the same at the end of the hour as at its beginning."""

    def step(caller: Caller, number: int) -> None:
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{name}-{number}",
            "source": "/pvg/soak",
            "type": "org.closedloopd.feed.heartbeat.v1",
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "data": {},
        }
        if number % 5 == 0:
            ref = number // 5 % TRAVELLERS
            event["type"] = "org.closedloopd.traveler.announced.v1"
            event["data"] = {
                "traveler": {"ref": f"{name}-{ref}", "name": {"full": "LI GUANG"}, "languages": ["ko"]},
                "basis": "api",
                "destination": {"committee_code": COMMITTEES[ref % len(COMMITTEES)]},
            }
        caller.call("event", "POST", "/v1/events", event, token, **{"Content-Type": "application/cloudevents+json"})

    return step


def read(token: str) -> Callable[[Caller, int], None]:
    paths = ("/v1/journeys?limit=20", "/v1/alerts?state=open&limit=20", "/healthz", "/v1/admin/status")

    def step(caller: Caller, number: int) -> None:
        caller.call("read", "GET", paths[number % len(paths)], None, token)

    return step


def accept(token: str, name: str) -> Callable[[Caller, int], None]:
    def step(caller: Caller, number: int) -> None:
        found = caller.call("find", "GET", f"/v1/journeys?source=/pvg/soak&ref={name}-{number % TRAVELLERS}", None, token)
        for journey in (found or {"journeys": []})["journeys"]:
            kind = {"Content-Type": "application/json"}
            caller.call("accept", "POST", f"/v1/journeys/{journey['id']}/accept", {}, token, **kind)

    return step


def normal(port: int, tls_port: int, ca: str, tokens: dict[str, str], stop: Any, out: Any) -> None:
    context = ssl.create_default_context(cafile=ca)
    plain = lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=30)  # noqa: E731
    tls = lambda: http.client.HTTPSConnection("127.0.0.1", tls_port, timeout=30, context=context)  # noqa: E731
    work = []
    for number in range(4):
        connect = tls if number % 2 else plain
        work.append((Caller(4 / EVENTS_A_SECOND, connect, stop), announce(tokens["pvg"], f"s{number}")))
        work.append((Caller(4 / READS_A_SECOND, connect, stop), read(tokens["operator"])))
    work.append((Caller(1 / ACCEPTS_A_SECOND, tls, stop), accept(tokens["operator"], "s0")))
    threads = [threading.Thread(target=caller.run, args=(step,)) for caller, step in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put(([one for caller, _ in work for one in caller.taken], [one for caller, _ in work for one in caller.failed]))


# --- The hostile network: a process of its own, as polite to the machine as it is rude to the daemon


class Enemy:
    def __init__(self, port: int, tls_port: int, ca: str, token: str, on: Any, stop: Any) -> None:
        self.port, self.tls_port, self.token, self.on, self.stop = port, tls_port, token, on, stop
        self.context = ssl.create_default_context(cafile=ca)
        self.first = hello()
        self.luck = random.Random(6)

    def dial(self, port: int, bound: float = 2.0) -> socket.socket:
        source = f"127.0.2.{self.luck.randrange(1, 50)}"
        return socket.create_connection(("127.0.0.1", port), timeout=bound, source_address=(source, 0))

    def tls(self) -> socket.socket:
        return self.context.wrap_socket(self.dial(self.tls_port), server_hostname="localhost")

    def throw(self, port: int, said: bytes, listen: bool = True) -> None:
        """Say it, hear a little at most, and go."""
        try:
            with self.dial(port) as link:
                link.sendall(said)
                if listen:
                    link.settimeout(0.2)
                    link.recv(4096)
        except OSError:
            pass

    def post(self, body: bytes, token: str = "", kind: str = "application/cloudevents+json") -> bytes:
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token or self.token}\r\n"
        return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    def slow(self) -> None:
        """Two hundred clients that say a byte a second; who is cut comes again."""
        links: list[socket.socket] = []
        while self.on.is_set() and not self.stop.is_set():
            while len(links) < 200 and self.on.is_set():
                try:
                    link = self.tls() if len(links) % 8 == 0 else self.dial((self.port, self.tls_port)[len(links) % 2])
                    link.setblocking(False)
                    links.append(link)
                except OSError:
                    break
            for link in list(links):
                try:
                    link.send(b"G")
                except BlockingIOError:
                    pass
                except OSError:
                    link.close()
                    links.remove(link)
            self.stop.wait(1)
        for link in links:
            link.close()

    def deaf(self) -> None:
        """Twenty clients that ask for the largest answer and never read."""
        page = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 50
        while self.on.is_set() and not self.stop.is_set():
            links = []
            for number in range(20):
                try:
                    link = self.tls() if number % 2 else self.dial(self.port)
                    link.setblocking(False)
                    links.append(link)
                    link.send(page)
                except OSError:
                    pass
            self.stop.wait(5)
            for link in links:
                link.close()

    def junk(self) -> None:
        at = self.luck.randrange(len(self.first))
        self.throw(self.tls_port, (self.luck.randbytes(200), self.first[:at], b"GET / HTTP/1.1\r\n\r\n")[at % 3])

    def half(self) -> None:
        self.throw(self.tls_port, self.first, listen=False)

    def whole(self) -> None:
        try:
            self.tls().close()
        except OSError:
            pass

    def malformed(self) -> None:
        self.throw(self.port, self.luck.choice((
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 3000 + b"\r\n",
            b"GET /%2e%2e/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
            self.luck.randbytes(500),
        )))  # fmt: skip

    def bomb(self) -> None:
        self.throw(self.port, self.post(self.luck.choice((
            b"[" * 60_000,
            b'{"a":' * 10_000,
            b"{" + b",".join(b'"%d":0' % n for n in range(5000)) + b"}",
            b'{"a":' + b"9" * 60_000 + b"}",
            b'{"a":"\xff\xfe"}',
        ))))  # fmt: skip

    def guess(self) -> None:
        self.throw(self.port, self.post(b"{}", token=f"guess-{self.luck.random()}"))

    def ahead(self) -> None:
        self.throw(self.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 500)

    def connect(self) -> None:
        self.throw(self.luck.choice((self.port, self.tls_port)), b"", listen=False)

    def steady(self, deed: Callable[[], None], a_second: float) -> Callable[[], None]:
        def run() -> None:
            while self.on.is_set() and not self.stop.is_set():
                began = time.monotonic()
                deed()
                self.stop.wait(max(0.0, 1 / a_second - (time.monotonic() - began)))

        return run

    def attack(self) -> None:
        deeds = [self.slow, self.deaf]
        for deed, a_second in (
            (self.connect, 100),
            (self.junk, 50),
            (self.half, 50),
            (self.whole, 10),
            (self.malformed, 50),
            (self.bomb, 10),
            (self.guess, 30),
            (self.ahead, 1),
        ):
            deeds.append(self.steady(deed, a_second))
        threads = [threading.Thread(target=deed) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def hostile(enemy: tuple, on: Any, stop: Any) -> None:
    os.nice(10)
    while not stop.is_set():
        if on.wait(0.2):
            Enemy(*enemy, on, stop).attack()


# --- The run


def percentile(values: list[float], part: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] * 1000 if values else 0.0


def line(name: str, values: list[float], rest: str = "") -> None:
    print(f"{name:18} {len(values):8} calls   p50 {percentile(values, 0.5):7.2f} ms   p99 {percentile(values, 0.99):7.2f} ms"
          f"   max {percentile(values, 1):8.2f} ms   {rest}", flush=True)  # fmt: skip


def between(taken: list, spans: list[tuple[float, float]], kind: str = "") -> list[float]:
    return [took for at, what, took in taken if (not kind or what == kind)
            and any(begin + SETTLE <= at < end for begin, end in spans)]  # fmt: skip


def run(minutes: float, phase: float) -> int:
    site = Site(start=False, limits={"request": "10s", "idle": "30s"})
    daemon = site.daemon
    daemon.drill = None
    daemon.start()
    base = descriptors(daemon)
    fork = multiprocessing.get_context("fork")
    stop, on, out = fork.Event(), fork.Event(), fork.Queue()
    ca = str(site.authority.own.certificate)
    good = fork.Process(target=normal, args=(daemon.port, site.port, ca, daemon.tokens, stop, out))
    bad = fork.Process(target=hostile, args=((daemon.port, site.port, ca, daemon.tokens["pvg"]), on, stop))
    good.start()
    bad.start()
    time.sleep(5)  # Everything is warm.
    phases: list[tuple[str, float, float, int, int]] = []
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end or len(phases) % 2:
        name = "hostile" if len(phases) % 2 else "quiet"
        on.set() if name == "hostile" else on.clear()
        began = time.monotonic()
        while time.monotonic() < began + phase and daemon.process.poll() is None:
            time.sleep(0.2)
        phases.append((name, began, time.monotonic(), status_of(daemon, "VmRSS"), descriptors(daemon)))
        print(f"{name:8} {len(phases):4}   RSS {phases[-1][3]:8} kB   descriptors {phases[-1][4]:5}", flush=True)
    on.clear()
    stop.set()
    taken, failed = out.get()
    good.join()
    bad.join()
    return judge(daemon, phases, taken, failed, base)


def judge(daemon: Any, phases: list, taken: list, failed: list[str], base: int) -> int:
    spans = {name: [(begin, end) for what, begin, end, _, _ in phases if what == name] for name in ("quiet", "hostile")}
    print()
    for index, (name, begin, end, _, _) in enumerate(phases, 1):
        line(f"{index} {name}", between(taken, [(begin, end)]))
    for kind in ("event", "read", "find", "accept"):
        for name in spans:
            line(f"{kind}, {name}", between(taken, spans[name], kind))
    quiet, loud = between(taken, spans["quiet"]), between(taken, spans["hostile"])
    line("all, quiet", quiet)
    line("all, hostile", loud)
    ratio = percentile(loud, 0.99) / max(percentile(quiet, 0.99), 0.001)
    rss = [sample[3] for sample in phases]
    growth = rss[-1] - max(rss[: max(2, len(rss) // 3)])
    print(f"ratio of p99 {ratio:.2f}   growth of RSS {growth} kB   peak {status_of(daemon, 'VmHWM')} kB   failed {len(failed)}")
    time.sleep(12)  # The deadline of a request: what the enemy left half done is cut by now.
    left = descriptors(daemon)
    print(f"descriptors {base} before, {left} after")
    faults = [
        (ratio > RATIO_MOST, f"honest callers wait {ratio:.2f} times as long"),
        (growth > GROWTH_MOST_KB, f"memory grew by {growth} kB"),
        (left > base + 4, f"{left - base} descriptors are left"),
        (bool(failed), f"{len(failed)} normal calls failed, first: {failed[:3]}"),
        (daemon.autopsy() != "", daemon.autopsy()),
    ]
    for wrong, what in faults:
        if wrong:
            print(f"FAIL: {what}")
    daemon.destroy()
    return any(wrong for wrong, _ in faults)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--phase", type=float, default=60)
    words = parser.parse_args()
    sys.exit(run(words.minutes, min(words.phase, max(10.0, words.minutes * 60 / 6))))
