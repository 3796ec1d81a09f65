"""outside.py — what the interop tests share: real time, a real alert, and a real Alertmanager."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from harness import Daemon, free_port, running, wait_until

PROGRAM = "prometheus-alertmanager"


def instant(seconds: float) -> str:
    """So many seconds from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def post(daemon: Daemon, kind: str, **data: Any) -> None:
    event = {
        "specversion": "1.0",
        "id": f"interop-{secrets.token_hex(8)}",
        "source": "/pvg/t2/minhang",
        "type": f"org.closedloopd.{kind}.v1",
        "time": instant(0),
        "data": data,
    }
    assert daemon.post_events([event], "structured")["accepted"] == 1


def told_by_bus(daemon: Daemon, committee: str, name: str = "B1") -> None:
    """A bus is on its way to COMMITTEE: an urgent alert for it."""
    stop = {"seq": 1, "kind": "compound", "address": {"text": "x", "committee_code": committee}, "eta": instant(3 * 3600)}
    post(daemon, "transfer.departed", transfer=name, travelers=[{"ref": name, "stop": 1}], stops=[stop])


class Alertmanager:
    """Debian's own, alone on this machine, which sends to WEBHOOK what it gets. It lives in DIRECTORY, and as long as the
    daemons of the test: the runner ends it with them, and shows its log."""

    def __init__(self, directory: Path, webhook: str) -> None:
        program = shutil.which(PROGRAM)
        assert program, f"{PROGRAM} is not installed: make deps-interop"
        self.config = directory / "alertmanager.yml"
        self.url = f"http://127.0.0.1:{free_port()}"
        receiver = {"name": "mock", "webhook_configs": [{"url": webhook, "send_resolved": True}]}
        route = {"receiver": "mock", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"}
        config = {"route": {**route, "repeat_interval": "1h"}, "receivers": [receiver]}
        self.config.write_text(json.dumps(config))
        line = [
            program,
            f"--config.file={self.config}",
            f"--storage.path={directory / 'alertmanager'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
            "--cluster.listen-address=",
        ]
        self.log = directory / "alertmanager.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        running.append(self)
        wait_until(self._is_ready, "Alertmanager is ready")

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log_text()
        try:
            with urllib.request.urlopen(self.url + "/-/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def autopsy(self) -> str:
        return f"{PROGRAM} ended by itself" if self.process.poll() is not None else ""

    def destroy(self) -> None:
        self.process.kill()
        self.process.wait()

    def alerts(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(self.url + "/api/v2/alerts", timeout=10) as answer:
            return json.load(answer)

    def push(self, alerts: list[dict[str, Any]]) -> int:
        """The status it answers to ALERTS."""
        head = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + "/api/v2/alerts", json.dumps(alerts).encode(), head)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
