#!/usr/bin/env python3
"""bench_ingest.py — how fast single arrivals are taken in, each durable before it is answered.

    bench_ingest.py [--connections 64] [--seconds 10] [--processes 2]

Starts a fresh daemon on the real clock, posts one announcement per request over many connections at once, and prints
events and transactions a second, how many events shared a transaction (group commit), and the latency. The senders are
Python: on two cores they take about half of the machine, so the numbers are a floor.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import selectors
import socket
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from harness import Daemon  # noqa: E402  (after the path)


def request_maker(token: str, prefix: str):
    """The bytes of the Nth request; everything but the number is made once."""
    event = {
        "specversion": "1.0",
        "id": "@",
        "source": "/pvg/bench",
        "type": "org.closedloopd.traveler.announced.v1",
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "data": {
            "traveler": {"ref": "@", "name": {"full": "LI GUANG"}, "nationality": "KOR", "languages": ["ko"]},
            "basis": "api",
            "destination": {"text": "上海市闵行区莘庄镇莘松三村", "committee_code": "310112101007"},
        },
    }
    before, middle, after = json.dumps(event, ensure_ascii=False).split("@")
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/cloudevents+json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: "
    )

    def make(number: int) -> bytes:
        body = f"{before}{prefix}{number}{middle}{prefix}{number}{after}".encode()
        return f"{head}{len(body)}\r\n\r\n".encode() + body

    return make


def send(port: int, token: str, prefix: str, connections: int, seconds: float, results) -> None:
    """One process: CONNECTIONS at a time, the next request on each as soon as the answer is there."""
    make = request_maker(token, prefix)
    selector = selectors.DefaultSelector()
    number, latencies, failures = 0, [], 0
    for _ in range(connections):
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(link, selectors.EVENT_READ, [time.perf_counter()])
        link.sendall(make(number))
        number += 1
    end = time.perf_counter() + seconds
    open_links = connections
    while open_links:
        for key, _ in selector.select():
            answer = key.fileobj.recv(65536)
            now = time.perf_counter()
            latencies.append(now - key.data[0])
            failures += not answer.startswith(b"HTTP/1.1 202")
            if now >= end or not answer:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                open_links -= 1
                continue
            key.data[0] = now
            key.fileobj.sendall(make(number))
            number += 1
    results.put((latencies, failures))


def transactions(daemon: Daemon) -> int:
    metrics = daemon.call("GET", "/metrics").body.decode()
    found = re.search(r"^closedloop_transactions_total (\d+)", metrics, re.MULTILINE)
    assert found, "no closedloop_transactions_total in /metrics"
    return int(found[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()

    daemon = Daemon(limits={"per_address": options.connections + 10})
    try:
        results: multiprocessing.Queue = multiprocessing.Queue()
        before, began = transactions(daemon), time.perf_counter()
        share = max(1, options.connections // options.processes)
        senders = [
            multiprocessing.Process(
                target=send, args=(daemon.port, daemon.tokens["pvg"], f"b{number}-", share, options.seconds, results)
            )
            for number in range(options.processes)
        ]
        for sender in senders:
            sender.start()
        parts = [results.get(timeout=options.seconds + 60) for _ in senders]
        took = time.perf_counter() - began
        count = transactions(daemon) - before
        latencies = sorted(latency for part, _ in parts for latency in part)
        failures = sum(failed for _, failed in parts)
        events = len(latencies) - failures
        for sender in senders:
            sender.join()
        print(f"connections       {share * options.processes}")
        print(f"events/s          {events / took:,.0f}")
        print(f"transactions/s    {count / took:,.0f}")
        # Every commit is one fsync of the log: the ratio is what group commit gains.
        print(f"events/s ÷ fsyncs/s {events / max(1, count):.1f}")
        print(f"latency p50       {latencies[len(latencies) // 2] * 1000:.1f} ms")
        print(f"latency p99       {latencies[len(latencies) * 99 // 100] * 1000:.1f} ms")
        print(f"failures          {failures}")
        return 1 if failures else 0
    finally:
        daemon.destroy()


if __name__ == "__main__":
    sys.exit(main())
