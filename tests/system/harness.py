"""harness.py — a real closedloopd in a directory of its own, a receiver for what it sends, and HTTP between them.

Every system test begins here: Daemon writes a configuration with fresh tokens and secrets, starts the program and waits
until it says it is ready; Receiver (endpoints.py) stands for the committees' endpoints. Waiting is for processes and
answers, in steps of 10 ms with a bound; virtual time is moved by Daemon.clock and never slept for.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Callable

from client import PATIENCE, SANITIZED, Answer, Client
from endpoints import Receiver

ROOT = Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("CLOSEDLOOP_BUILD", os.environ.get("B", "build"))).resolve()
DATA = ROOT / "tests" / "data"

COMMITTEES = (
    "310112101005",  # 莘松一村
    "310112101007",  # 莘松三村
    "310110021002",  # 市光
    "310118107002",  # 凤溪
    "310118107003",  # 华腾社区
    "310118107004",  # 西郊半岛社区
    "310109019001",  # 奎照路
)


def ladder(*steps: str) -> list[dict]:
    """Steps "LEVEL WAIT" of an escalation; the last one goes on for ever."""
    made: list[dict] = [dict(zip(("to", "wait"), step.split())) for step in steps]
    made[-1]["repeat"] = "forever"
    return made


ESCALATION: dict[str, Any] = {
    "default": ladder("committee 10m", "street 10m", "district 10m"),
    "fever": ladder("committee 0s", "street 15m", "district 10m"),
    "missed_check": ladder("committee 60m", "street 60m", "district 60m"),
    "transfer_overdue": ladder("street 40m", "district 20m"),
    "address": ladder("district 10m"),
    "fallback": "fallback",
}
EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"

# All daemons of the running test, and what else has a config, a log_text, an autopsy and a destroy: the runner shows
# their logs when it fails, and ends them.
running: list[Any] = []


def when(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def later(text: str, **span: float) -> str:
    return (when(text) + timedelta(**span)).isoformat()


def scenario(name: str) -> tuple[list[dict], dict]:
    """The events and the expectation of tests/data/NAME*."""
    path = next(DATA.glob(f"{name}*.ndjson"))
    events = [json.loads(line) for line in path.read_text().splitlines()]
    return events, json.loads(path.with_suffix("").with_suffix(".expected.json").read_text())


def wait_until(true: Callable[[], Any], what: str, bound: float = PATIENCE) -> Any:
    end = time.monotonic() + bound
    while True:
        found = true()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {bound:.0f} s: {what}")
        time.sleep(0.01)


def free_port() -> int:
    """A port that is free now. Not one of the kernel's ephemeral range: a client that tries again and again to connect
    to such a port of a dead daemon can meet itself there."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.SystemRandom().randrange(10000, max(first, 10100))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def yaml_of(settings: dict[str, Any]) -> str:
    """The settings as YAML; JSON is a part of it, one item in each line lets errors name the place."""
    lines = []
    for key, value in settings.items():
        if isinstance(value, list):
            lines += [f"{key}:"] + [f"  - {json.dumps(item, ensure_ascii=False)}" for item in value]
        elif isinstance(value, dict):
            lines += [f"{key}:"] + [f"  {name}: {json.dumps(item)}" for name, item in value.items()]
        else:
            lines.append(f"{key}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"


class Daemon:
    """One closedloopd. CHANGES are keys of the configuration that replace the harness's own; a map is merged."""

    def __init__(
        self,
        drill: str | None = None,
        speed: float = 0,
        receiver: Receiver | None = None,
        committees: tuple[str, ...] = COMMITTEES,
        start: bool = True,
        **changes: Any,
    ) -> None:
        self.dir = Path(tempfile.mkdtemp(prefix="closedloop-"))
        self.config = self.dir / "closedloopd.yaml"
        self.socket = self.dir / "closedloopd.sock"
        self.log = self.dir / "log"
        self.drill, self.speed = drill, speed
        self.port = free_port()
        self.owns_receiver = receiver is None
        self.receiver = receiver or Receiver()
        self.process: subprocess.Popen | None = None
        self.tokens: dict[str, str] = {}
        self.local = threading.local()
        self.settings = self._settings(committees)
        self.preexec: Callable[[], None] | None = None
        self.words: tuple[str, ...] = ()  # More words of the command line.
        self.environment: dict[str, str] = {}  # Added to our own.
        running.append(self)
        for key, value in changes.items():
            if isinstance(value, dict):
                value = {**self.settings.get(key, {}), **value}
            self.settings[key] = value
        self.write_config()
        if start:
            self.start()

    # --- Configuration

    def secret_file(self, name: str, secret: str) -> str:
        (self.dir / name).write_text(secret + "\n")
        return name

    def token(self, name: str) -> str:
        self.tokens[name] = secrets.token_urlsafe(32)
        return self.secret_file(f"{name}.token", self.tokens[name])

    def _endpoint(self, code: str) -> dict:
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.receiver.secrets[f"/{code}"] = secret
        return {
            "name": f"u{code}",
            "channel": "generic",
            "url": f"{self.receiver.url}/{code}",
            "secret_file": self.secret_file(f"{code}.secret", secret),
            "allow": ["127.0.0.0/8"],
            "rate_per_minute": 6000,
        }

    def _settings(self, committees: tuple[str, ...]) -> dict[str, Any]:
        codes = sorted({code[:length] for code in committees for length in (6, 9, 12)})
        people = [
            {"name": "operator", "role": "operator", "token_file": self.token("operator")},
            {"name": "auditor", "role": "auditor", "token_file": self.token("auditor")},
            {"name": "duty", "role": "duty", "scope": "310112", "token_file": self.token("duty")},
            {"name": "committee", "role": "committee", "scope": "310112101007", "token_file": self.token("committee")},
        ]
        (self.dir / "tokens.yaml").write_text(yaml_of({"tokens": people}))
        robot = {
            "name": "fallback",
            "channel": "wecom",
            "url_file": self.secret_file("fallback.url", f"{self.receiver.url}/fallback?key={secrets.token_hex(8)}"),
            "allow": ["127.0.0.0/8"],
            "rate_per_minute": 6000,
        }
        return {
            "listen": [f"http://127.0.0.1:{self.port}", f"unix:{self.socket}"],
            "public_url": f"http://127.0.0.1:{self.port}",
            "state_dir": "./state",
            "time_zone": "Asia/Shanghai",
            "gazetteer": str(BUILD / "gazetteer.img"),
            "policy": [str(ROOT / "config/policy/national-2020-03.yaml")],
            "phrases": str(ROOT / "config/phrases"),
            "feeds": [{"name": "pvg", "sources": ["/pvg/"], "token_file": self.token("pvg"), "heartbeat": "0s"}],
            "endpoints": [robot] + [self._endpoint(code) for code in codes],
            "units": [{"code": code, "endpoint": f"u{code}"} for code in codes],
            "escalation": ESCALATION,
            "access": {"tokens_file": "tokens.yaml", "loopback": "none"},
            "limits": {},
        }

    def write_config(self) -> None:
        self.config.write_text(yaml_of({key: value for key, value in self.settings.items() if value != {}}))

    def endpoint(self, name: str) -> dict[str, Any]:
        """The settings of the endpoint NAME, to be changed before write_config."""
        return next(endpoint for endpoint in self.settings["endpoints"] if endpoint["name"] == name)

    # --- The process

    def command(self, *more: str) -> list[str]:
        under = os.environ.get("CLOSEDLOOP_UNDER", "").split()  # Such as valgrind with its options.
        line = under + [str(BUILD / "closedloopd"), "--config", str(self.config)]
        if self.drill:
            line += ["--drill", self.drill, "--speed", f"{self.speed:g}"]
        return line + list(more)

    def spawn(self) -> None:
        """Start it and do not wait."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(*self.words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=self.preexec,
                env={**os.environ, **self.environment},
            )

    def start(self) -> "Daemon":
        self.spawn()
        wait_until(self._is_ready, f"{self.config} answers /readyz with 200")
        return self

    def _is_ready(self) -> bool:
        assert self.process
        status = self.process.poll()
        assert status is None, f"closedloopd ended with {status} at start:\n{self.log_text()[-4000:]}"
        try:
            return Client(self.port, timeout=2).call("GET", "/readyz", None, {}).status == 200
        except OSError:
            return False

    def stop(self) -> int:
        """SIGTERM, as systemd would; the exit status."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill9(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def restart(self) -> "Daemon":
        if self.process and self.process.poll() is None:
            assert self.stop() == 0
        return self.start()

    def autopsy(self) -> str:
        """What ended it or was found in it that no test asks for; "" when all is well."""
        if SANITIZED and self.process and self.process.poll() is None:
            self.stop()  # The leak check comes at the end.
        status = self.process.poll() if self.process else None
        if status is not None and status < 0 and -status != signal.SIGKILL:
            return f"closedloopd was ended by signal {-status}"
        found = re.search(r"^.*(Sanitizer:|runtime error:|Assertion .* failed).*$", self.log_text(), re.MULTILINE)
        return found[0] if found else ""

    def destroy(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill9()
        if self.owns_receiver:
            self.receiver.close()
        if not os.environ.get("CLOSEDLOOP_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def ctl(self, *words: str, where: tuple[str, ...] | None = None) -> subprocess.CompletedProcess:
        line = [str(BUILD / "closedloopctl"), *(where or ("--config", str(self.config))), *words]
        return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)

    # --- HTTP

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = "operator",
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Answer:
        """One request; a BODY that is not bytes goes as JSON. TOKEN is a name of self.tokens, or None."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if query:
            path += "?" + urllib.parse.urlencode(query)
        client = getattr(self.local, "client", None)
        if client is None:
            client = self.local.client = Client(self.port)
        return client.call(method, path, body, sent)

    def get(self, path: str, token: str | None = "operator", **query: str) -> Any:
        answer = self.call("GET", path, token=token, **query)
        assert answer.status == 200, f"GET {path} {query}: {answer}"
        return answer.json()

    def post(self, path: str, body: Any = None, token: str | None = "operator", status: int = 0) -> Any:
        answer = self.call("POST", path, {} if body is None else body, token=token)
        right = answer.status == status if status else 200 <= answer.status < 300
        assert right, f"POST {path} {body}: {answer}"
        return answer.json() if answer.body else None

    def clock(self, now: str) -> dict:
        """Move the drill clock to NOW; all that falls due on the way has been sent when this returns."""
        return self.post("/v1/drill/clock", {"now": now}, status=200)

    def send(self, body: bytes, kind: str = EVENT, token: str | None = "pvg", **headers: str) -> Answer:
        return self.call("POST", "/v1/events", body, token, {"Content-Type": kind, **headers})

    def send_binary(self, event: dict) -> Answer:
        quoted = {
            f"ce-{name}": urllib.parse.quote(str(value), safe="/:+-. ")
            for name, value in event.items()
            if name not in ("data", "datacontenttype")
        }
        return self.send(json.dumps(event["data"], ensure_ascii=False).encode(), "application/json", **quoted)

    def post_events(self, events: list[dict], mode: str = "ndjson") -> dict:
        """Send EVENTS in one of the four ways; what became of them, added up."""
        texts = [json.dumps(event, ensure_ascii=False) for event in events]
        if mode == "ndjson":
            answers = [self.send("\n".join(texts).encode(), NDJSON)]
        elif mode == "batch":
            answers = [self.send(f"[{','.join(texts)}]".encode(), BATCH)]
        elif mode == "structured":
            answers = [self.send(text.encode()) for text in texts]
        else:
            answers = [self.send_binary(event) for event in events]
        total: dict[str, Any] = {"accepted": 0, "duplicates": 0, "rejected": []}
        for answer in answers:
            if answer.status in (400, 409) and mode in ("structured", "binary"):
                total["rejected"].append(answer.code)
                continue
            assert answer.status == 202, answer
            said = answer.json()
            total["accepted"] += said["accepted"]
            total["duplicates"] += said["duplicates"]
            total["rejected"] += [reject["code"] for reject in said["rejected"]]
        return total

    def how_is(self, name: str) -> dict[str, Any]:
        """What the daemon says about its endpoint NAME."""
        return next(item for item in self.get("/v1/admin/endpoints")["endpoints"] if item["name"] == name)

    def journey(self, source: str, ref: str) -> dict:
        found = self.get("/v1/journeys", source=source, ref=ref)["journeys"]
        assert len(found) == 1, f"{len(found)} journeys for {source} {ref}"
        return found[0]

    def census(self) -> dict:
        """The loop invariant; it must hold whenever anybody asks."""
        census = self.get("/v1/admin/census")
        assert census["violations"] == [], census["violations"]
        return census
