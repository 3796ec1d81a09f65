"""client.py — HTTP to one daemon, as a feed or an officer speaks it: answers with their headers, connections kept alive."""

from __future__ import annotations

import http.client
import json
import os
from typing import Any, NamedTuple

SANITIZED = bool(os.environ.get("CLOSEDLOOP_SANITIZED"))
PATIENCE = 20.0 * (5 if SANITIZED else 1)  # Seconds after which an answer or a process counts as missing.


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of a problem document."""
        assert self.headers.get("content-type", "").startswith("application/problem+json"), self
        return self.json()["code"]


class Client:
    """HTTP to one daemon over a connection that is kept alive. For one thread."""

    def __init__(self, port: int, timeout: float = PATIENCE) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        fresh = self.connection.sock is None
        try:
            return self._try(method, path, body, headers)
        except (ConnectionError, http.client.BadStatusLine):
            self.connection.close()
            if fresh:
                raise
        return self._try(method, path, body, headers)  # It had closed a connection that rested.

    def _try(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            data = response.read()
        except Exception:
            self.connection.close()
            raise
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data)
