"""endpoints.py — the other end of the notices: one HTTP server on 127.0.0.1 that is every committee's endpoint.

It keeps each message it got, checks the Standard Webhooks signature on paths whose secret it knows, and answers as a
test tells it to, path by path: with any status and body, not at all (hang), or by closing the connection (drop).
Without being told it answers 200 with WeCom's {"errcode":0}. The rehearsal uses it too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Union


@dataclass
class Reply:
    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: dict[str, str] = field(default_factory=dict)


HANG = "hang"  # No answer until the receiver is released or closed.
DROP = "drop"  # The connection closes without an answer.

# What a path does: always the same, or a function of the message.
Act = Union[Reply, str]
Behaviour = Union[Act, Callable[["Message"], Act]]


def wecom(code: int, message: str) -> Reply:
    return Reply(body=json.dumps({"errcode": code, "errmsg": message}).encode())


@dataclass
class Message:
    method: str
    path: str  # Without the query.
    query: str
    headers: dict[str, str]  # Names in lower case.
    body: bytes
    verified: bool | None  # None: a path without a secret.
    came_at: float  # time.monotonic()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The webhook-id; the same over all tries of one notice."""
        return self.headers.get("webhook-id", "")

    @property
    def data(self) -> dict:
        return self.json["data"]

    @property
    def time(self) -> str:
        return self.json["time"]

    @property
    def kind(self) -> str:
        return self.data["kind"] if self.id else ""

    @property
    def why(self) -> str:
        return self.data.get("why", "") if self.id else ""

    @property
    def words(self) -> str:
        """What a human reads, whatever the channel."""
        said = self.json
        if self.id:
            return f"{said['data']['title']}\n{said['data']['text']}"
        return said[said["msgtype"]]["content"]

    @property
    def token(self) -> str:
        """The token of the acknowledgement link, "" without one."""
        link = self.data["url"] if self.id else self.words
        return link.partition("/a/")[2].partition(")")[0]


def signature_of(secret: str, name: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{name}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or "." in name or not stamp.isdigit():
        return False
    right = signature_of(secret, name, stamp, body)
    return any(hmac.compare_digest(right, given) for given in headers.get("webhook-signature", "").split(" "))


class Receiver:
    """TLS: a server's certificate and key; without them it speaks plain http."""

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.secrets: dict[str, str] = {}  # Path → whsec_…
        self.behaviour: dict[str, Behaviour] = {}
        self.otherwise: Behaviour = Reply()  # Where no path has a behaviour of its own.
        self.got: list[Message] = []
        self.looked_at = 0
        self.changed = threading.Condition()
        self.released = threading.Event()  # Set: whoever hangs goes on.
        self.server = _Server(("127.0.0.1", port), _Handler)
        self.server.receiver = self
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        if tls:  # The handshake is each connection's own thread's, so that nobody waits for another's.
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def take(self, message: Message) -> Act:
        with self.changed:
            self.got.append(message)
            self.changed.notify_all()
        act = self.behaviour.get(message.path, self.otherwise)
        return act(message) if callable(act) else act

    def messages(self, *codes: str, kind: str = "", why: str = "") -> list[Message]:
        """What came, oldest first: to the endpoints CODES (all), of alert KIND, told because of WHY."""
        with self.changed:
            got = list(self.got)
        paths = {f"/{code}" for code in codes}
        return [
            message
            for message in got
            if (not paths or message.path in paths)
            and (not kind or message.kind == kind)
            and (not why or message.why == why)
        ]

    def fresh(self) -> list[Message]:
        """What came since this was asked last."""
        with self.changed:
            came = self.got[self.looked_at :]
            self.looked_at = len(self.got)
        return came

    def forget(self) -> None:
        with self.changed:
            self.got.clear()
            self.looked_at = 0

    def wait(self, true: Callable[[], Any], what: str, bound: float) -> Any:
        """Wait until TRUE, asked again after every message."""
        end = time.monotonic() + bound
        while True:
            found = true()
            if found:
                return found
            with self.changed:
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"not within {bound:.0f} s: {what}")
                self.changed.wait(min(left, 0.05))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that dies while we answer is what the crash test does all the time."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        secret = receiver.secrets.get(path)
        verified = is_signed(secret, headers, body) if secret else None
        act = receiver.take(Message(self.command, path, query, headers, body, verified, time.monotonic()))
        if act == HANG:
            receiver.released.wait(60)
            act = DROP
        if isinstance(act, str):
            self.close_connection = True
            return
        self.send_response(act.status)
        for name, value in act.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(act.body)))
        self.end_headers()
        self.wfile.write(act.body)

    do_GET = do_PUT = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what came is in Receiver.got."""
