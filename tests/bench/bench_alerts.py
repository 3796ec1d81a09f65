#!/usr/bin/env python3
"""bench_alerts.py — from an event to the committee's endpoint: how long, how many, at what cost in memory.

    bench_alerts.py [--alerts 10000] [--endpoints 64] [--rate 200] [--seconds 10] [--bursts 2] [--alone]

A fresh closedloopd takes departures of vehicles through its front door until 10,000 alerts are open, tells them all again
at once, and is then sent single departures at an even rate; every notice is signed, durable before it is sent, and
written down when it is answered. A fresh Alertmanager gets the same alerts by its own door and has the same far end
(sink.c), which notes when each message came. All in one run on one machine, so the ratios hold although the figures move
with the neighbours. The bars are printed beside the figures; a benchmark is never a failing test.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
import secrets
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Iterator

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from harness import BUILD, ROOT, Daemon, free_port, ladder, wait_until, yaml_of  # noqa: E402  (after the path)

CONNECTIONS = 16
BATCH = 500
PATIENCE = 300
ZONE = timezone(timedelta(hours=8))
# The same words to both, so that both carry as much.
ADDRESS = "上海市闵行区莘庄镇莘松三村"


# --- The far end


class Sink:
    """sink.c; stands where the harness wants a receiver."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.process = subprocess.Popen([str(BUILD / "tests/bench/sink")], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def ask(self, what: str) -> str:
        with socket.create_connection(("127.0.0.1", self.port)) as link:
            link.sendall(f"GET /{what} HTTP/1.1\r\n\r\n".encode())
            with link.makefile("rb") as answer:
                length = 0
                while (line := answer.readline().strip()):
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                return answer.read(length).decode()

    def count(self) -> int:
        return int(self.ask("count"))

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + PATIENCE
        while self.count() < count:
            assert time.monotonic() < end, f"{self.count()} of {count} came"
            time.sleep(0.05)

    def notes(self) -> list[tuple[float, str, str, str]]:
        """(monotonic seconds, path, id, subject) of all that came since the last time."""
        rows = (line.split(" ") for line in self.ask("notes").splitlines())
        return [(int(at) / 1e9, path, name, subject) for at, path, name, subject in rows]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


# --- Posting


def request(path: str, kind: str, body: bytes, token: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{f'Authorization: Bearer {token}' if token else 'X-Bench: 1'}\r\n\r\n".encode() + body


def post_evenly(port: int, requests: list[bytes], rate: float) -> list[float]:
    """Send the requests at an even rate, whatever the answers do; when each was sent (monotonic seconds)."""
    selector = selectors.DefaultSelector()
    idle, sent = [], []
    for _ in range(CONNECTIONS):
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(link, selectors.EVENT_READ)
        idle.append(link)
    begin = time.monotonic() + 0.05
    while len(sent) < len(requests) or len(idle) < CONNECTIONS:
        due = begin + len(sent) / rate
        wait = max(0.0, due - time.monotonic()) if idle and len(sent) < len(requests) else 1
        for key, _ in selector.select(wait):
            answer = key.fileobj.recv(65536)
            assert answer.startswith((b"HTTP/1.1 202", b"HTTP/1.1 200")), answer[:2000]
            idle.append(key.fileobj)
        if idle and len(sent) < len(requests) and time.monotonic() >= due:
            link = idle.pop()
            sent.append(time.monotonic())
            link.sendall(requests[len(sent) - 1])
    for link in idle:
        link.close()
    return sent


def batches(items: list[Any], most: int = BATCH) -> Iterator[list[Any]]:
    for at in range(0, len(items), most):
        yield items[at : at + most]


# --- What is measured


class Usage:
    """The processor time and the memory of a process."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.pid = process.pid
        self.cpu_before = self.cpu()

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_since(self) -> float:
        return self.cpu() - self.cpu_before

    def memory(self) -> tuple[float, float]:
        """MB resident, and of them those that are its own and not a mapped file's."""
        rows = dict(
            line.split(":") for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:]
        )
        return tuple(int(rows[name].split()[0]) / 1024 for name in ("Rss", "Anonymous"))


def percentile(values: list[float], permille: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * permille // 1000)]


def commit_costs() -> float:
    """The least that anything durable waits here: one write of 4 kB and its fdatasync, ms, the median of 200."""
    took = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(200):
            began = time.monotonic()
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.monotonic() - began)
    return percentile(took, 500) * 1000


class Side:
    """One of the two that are compared: makes alerts of subjects, and has a name and a process."""

    name = ""
    port = 0
    process: subprocess.Popen

    def post_all(self, subjects: list[str]) -> None:
        raise NotImplementedError

    def single(self, subject: str, number: int) -> bytes:
        raise NotImplementedError


def measure_raise(side: Side, sink: Sink, subjects: list[str]) -> dict[str, float]:
    """Everything at once: from the first post to the last of as many messages."""
    usage, began = Usage(side.process), time.monotonic()
    side.post_all(subjects)
    sink.wait_for(len(subjects))
    notes = sink.notes()
    assert {note[3] for note in notes} >= set(subjects), "some alert was never told"
    took = max(note[0] for note in notes) - began
    return {"rate": len(notes) / took, "cpu": usage.cpu_since() / len(notes) * 1e6}


def measure_latency(side: Side, sink: Sink, prefix: str, rate: float, seconds: float) -> dict[str, float]:
    sink.notes()
    subjects = [f"{prefix}{number}" for number in range(int(rate * seconds))]
    requests = [side.single(subject, number) for number, subject in enumerate(subjects)]
    usage = Usage(side.process)
    sent = post_evenly(side.port, requests, rate)
    sink.wait_for(len(subjects))
    came: dict[str, float] = {}
    for at, _, _, subject in sink.notes():
        came.setdefault(subject, at)
    late = [came[subject] - at for subject, at in zip(subjects, sent)]
    return {
        "p50": percentile(late, 500) * 1000,
        "p99": percentile(late, 990) * 1000,
        "cpu": usage.cpu_since() / len(subjects) * 1e6,
    }


# --- closedloopd


def committees(count: int) -> list[str]:
    """So many committees: a city's and its neighbours'."""
    with gzip.open(ROOT / "config/gazetteer.tsv.gz", "rt") as table:
        codes = [code for code in (line.split("\t", 1)[0] for line in table) if len(code) == 12]
    return sorted(codes, key=lambda code: (code < "31", code))[:count]


class Ours(Side):
    name = "closedloopd"

    def __init__(self, sink: Sink, count: int, endpoints: int) -> None:
        self.sink, self.endpoints = sink, endpoints
        self.codes = committees(count)
        self.now = datetime.now(ZONE).replace(microsecond=0)
        self.daemon = Daemon(drill=self.now.isoformat(), speed=1, receiver=sink, start=False)
        settings = self.daemon.settings
        settings["endpoints"] = [self.endpoint("fallback"), self.endpoint("hang")]
        settings["units"] = [{"code": self.codes[0], "endpoint": "hang"}]
        settings["include"] = self.unit_files() + self.endpoint_files()
        # Three rounds to the same committee before anybody else is called.
        steps = ladder("committee 10m", "committee 10m", "committee 10m", "committee 10m")
        settings["escalation"] = {"default": steps, "fallback": "fallback"}
        settings["limits"] = {"in_flight": 256, "batch": "4MiB"}
        self.daemon.write_config()
        self.daemon.start()
        assert self.daemon.process
        self.process, self.port = self.daemon.process, self.daemon.port

    def files(self, key: str, rows: list[dict[str, Any]]) -> list[str]:
        """A file has a bound, so that long lists stand in some."""
        names = []
        for batch in batches(rows, 2500):
            names.append(f"{key}-{len(names)}.yaml")
            (self.daemon.dir / names[-1]).write_text(yaml_of({key: batch}))
        return names

    def unit_files(self) -> list[str]:
        rows = [{"code": code, "endpoint": f"e{number % self.endpoints}"} for number, code in enumerate(self.codes[1:])]
        return self.files("units", rows)

    def endpoint_files(self) -> list[str]:
        return self.files("endpoints", [self.endpoint(f"e{number}") for number in range(self.endpoints)])

    def endpoint(self, name: str) -> dict[str, Any]:
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        return {
            "name": name,
            "channel": "generic",
            "url": f"{self.sink.url}/{name}",
            "secret_file": self.daemon.secret_file(f"{name}.secret", secret),
            "allow": ["127.0.0.0/8"],
            "rate_per_minute": 60000,
        }

    def departure(self, subject: str, code: str) -> dict[str, Any]:
        time = datetime.now(ZONE)
        stop = {
            "seq": 1,
            "kind": "compound",
            "address": {"text": ADDRESS, "committee_code": code},
            "eta": (self.now + timedelta(hours=3)).isoformat(),
        }
        return {
            "specversion": "1.0",
            "id": subject,
            "source": "/pvg/bench",
            "type": "org.closedloopd.transfer.departed.v1",
            "time": time.isoformat(timespec="seconds"),
            "data": {"transfer": subject, "travelers": [{"ref": subject, "stop": 1}], "stops": [stop]},
        }

    def committee(self, number: int) -> str:
        return self.codes[1 + number % (len(self.codes) - 1)]

    def post_all(self, subjects: list[str]) -> None:
        events = [self.departure(subject, self.committee(number)) for number, subject in enumerate(subjects)]
        for batch in batches(events):
            said = self.daemon.post_events(batch)
            assert said == {"accepted": len(batch), "duplicates": 0, "rejected": []}, said

    def single(self, subject: str, number: int) -> bytes:
        body = json.dumps(self.departure(subject, self.committee(number)), ensure_ascii=False).encode()
        return request("/v1/events", "application/cloudevents+json", body, self.daemon.tokens["pvg"])

    def tell_again(self, round: int, count: int) -> dict[str, float]:
        """The clock is moved to where all COUNT alerts that are open speak again."""
        usage, began = Usage(self.process), time.monotonic()
        self.sink.notes()
        self.daemon.clock((datetime.now(ZONE) + timedelta(minutes=11 * round)).isoformat())
        self.sink.wait_for(count)
        notes = self.sink.notes()
        wait_until(self.is_settled, "all is written down", PATIENCE)
        took = time.monotonic() - began
        assert len({note[2] for note in notes}) == count, f"{len(notes)} came"
        return {"rate": len(notes) / took, "cpu": usage.cpu_since() / len(notes) * 1e6}

    def is_settled(self) -> bool:
        return self.daemon.get("/v1/admin/status")["notices_ready"] == 0

    def hang(self) -> None:
        """One endpoint takes what it is sent and says nothing from now on."""
        events = [self.departure(f"hang{number}", self.codes[0]) for number in range(50)]
        self.daemon.post_events(events)

    def close(self) -> None:
        self.daemon.destroy()


# --- Alertmanager


class Theirs(Side):
    name = "alertmanager"

    def __init__(self, sink: Sink, program: str) -> None:
        self.dir = Path(tempfile.mkdtemp(prefix="bench-alertmanager-"))
        self.port = free_port()
        # Every alert is its own message at once, as ours are.
        route = {
            "receiver": "sink",
            "group_by": ["..."],
            "group_wait": "0s",
            "group_interval": "5m",
            "repeat_interval": "4h",
        }
        hooks = [{"url": f"{sink.url}/alertmanager", "send_resolved": False}]
        config = {"route": route, "receivers": [{"name": "sink", "webhook_configs": hooks}]}
        (self.dir / "alertmanager.yml").write_text(json.dumps(config))
        line = [program, f"--config.file={self.dir}/alertmanager.yml", f"--storage.path={self.dir}/data"]
        line += [f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=", "--log.level=error"]
        self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.is_up, "alertmanager listens", 30)

    def is_up(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def alert(self, subject: str) -> dict[str, Any]:
        now = datetime.now(ZONE)
        return {
            "labels": {
                "alertname": "ArrivalUnacked",
                "severity": "critical",
                "committee": "310112101007",
                "subject": subject,
            },
            "annotations": {"summary": f"{ADDRESS}：一辆车正在途中，1人", "description": "请确认已收到并按时到岗交接。"},
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=4)).isoformat(),
            "generatorURL": "http://127.0.0.1/",
        }

    def post_all(self, subjects: list[str]) -> None:
        for batch in batches(subjects):
            body = json.dumps([self.alert(subject) for subject in batch], ensure_ascii=False).encode()
            post_evenly(self.port, [request("/api/v2/alerts", "application/json", body)], 1000)

    def single(self, subject: str, number: int) -> bytes:
        body = json.dumps([self.alert(subject)], ensure_ascii=False).encode()
        return request("/api/v2/alerts", "application/json", body)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


# --- The table


class Table:
    def __init__(self, names: list[str]) -> None:
        print(f"{'':42}" + "".join(f"{name:>14}" for name in names) + f"{'ratio':>8}  bar")
        self.names = names

    def row(self, what: str, values: list[float | None], unit: str, bar: str = "", digits: int = 1) -> None:
        cells = [f"{value:,.{digits}f} {unit}" if value is not None else "–" for value in values]
        both = len(values) == 2 and None not in values and values[1]
        ratio = f"{values[0] / values[1]:.2f}" if both else ""
        print(f"{what:42}" + "".join(f"{cell:>14}" for cell in cells) + f"{ratio:>8}  {bar}", flush=True)


def run_side(side: Side, sink: Sink, options: argparse.Namespace) -> dict[str, Any]:
    subjects = [f"A{number}" for number in range(options.alerts)]
    found: dict[str, Any] = {"raise": measure_raise(side, sink, subjects)}
    found["memory"] = Usage(side.process).memory()
    if isinstance(side, Ours):
        rounds = [side.tell_again(number, options.alerts) for number in range(1, options.bursts + 1)]
        found["again"] = {name: sum(each[name] for each in rounds) / len(rounds) for name in rounds[0]}
    found["slow"] = measure_latency(side, sink, "L", options.rate, options.seconds)
    found["fast"] = measure_latency(side, sink, "M", 2.5 * options.rate, options.seconds)
    if isinstance(side, Ours):
        side.hang()
        found["beside"] = measure_latency(side, sink, "H", options.rate, options.seconds)
    found["memory_after"] = Usage(side.process).memory()
    return found


def measured(make: Callable[[Sink], Any], options: argparse.Namespace) -> dict[str, Any]:
    sink = Sink()
    try:
        side = make(sink)
        try:
            return run_side(side, sink, options)
        finally:
            side.close()
    finally:
        sink.close()


def show(results: list[dict[str, Any]], names: list[str], options: argparse.Namespace) -> None:
    def each(*path: Any) -> list[float | None]:
        values = []
        for result in results:
            value: Any = result
            for key in path:
                value = value[key] if value is not None and (not isinstance(value, dict) or key in value) else None
            values.append(value)
        return values

    table, rate = Table(names), options.rate
    table.row(f"event → sink p50, {rate:.0f}/s", each("slow", "p50"), "ms", "≤ 15 ms")
    table.row(f"event → sink p99, {rate:.0f}/s", each("slow", "p99"), "ms", "≤ 60 ms")
    table.row(f"event → sink p50, {2.5 * rate:.0f}/s", each("fast", "p50"), "ms")
    table.row(f"event → sink p99, {2.5 * rate:.0f}/s", each("fast", "p99"), "ms", "≤ 15 ms at 500/s")
    table.row(f"posted and told, {options.alerts:,} at once", each("raise", "rate"), "/s", digits=0)
    table.row("deliveries, all due at once", each("again", "rate"), "/s", "≥ 2,000/s", digits=0)
    table.row("processor time, posted and told", each("raise", "cpu"), "µs", digits=0)
    table.row("processor time, a delivery", each("again", "cpu"), "µs", digits=0)
    table.row(f"memory at {options.alerts:,} open alerts", each("memory", 0), "MB", "≤ 64 MB")
    table.row("    its own, without mapped files", each("memory", 1), "MB")
    table.row("memory at the end", each("memory_after", 0), "MB", "≤ 64 MB")
    table.row("    its own, without mapped files", each("memory_after", 1), "MB")
    table.row("raw: 4 kB durable on this disk", [commit_costs()], "ms", digits=2)
    ours = results[0]
    table.row("p99 beside an endpoint that hangs", [ours["beside"]["p99"]], "ms")
    table.row("    more than without it", [ours["beside"]["p99"] - ours["slow"]["p99"]], "ms", "< 100 ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--alerts", type=int, default=10000, help="open at the same time")
    parser.add_argument("--endpoints", type=int, default=64, help="among which the committees are spread")
    parser.add_argument("--rate", type=float, default=200, help="single events a second, then 2.5 times as many")
    parser.add_argument("--seconds", type=float, default=10, help="of each of them")
    parser.add_argument("--bursts", type=int, default=2, help="how often all alerts are told again at once")
    parser.add_argument("--alone", action="store_true", help="without the Alertmanager")
    options = parser.parse_args()

    results, names = [measured(lambda sink: Ours(sink, options.alerts, options.endpoints), options)], [Ours.name]
    program = None if options.alone else shutil.which("prometheus-alertmanager")
    if program:
        results.append(measured(lambda sink: Theirs(sink, program), options))
        names.append(Theirs.name)
    elif not options.alone:
        print("no prometheus-alertmanager here (make deps-interop): closedloopd alone")
    show(results, names, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
