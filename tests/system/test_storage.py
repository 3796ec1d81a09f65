"""test_storage.py — a full disk, a foreign file, a second daemon: nothing is lost or overwritten."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import PATIENCE, Answer, Daemon, wait_until

START = "2020-03-08T10:00:00+08:00"
SOURCE = "/pvg/storage"


def announced(number: int) -> dict:
    person = {"ref": f"S{number}", "name": {"full": "LI GUANG"}}
    return {
        "specversion": "1.0",
        "id": f"storage-{number}",
        "source": SOURCE,
        "type": "org.closedloopd.traveler.announced.v1",
        "time": START,
        "data": {"traveler": person, "basis": "list", "note": "x" * 20000},
    }


def post(daemon: Daemon, event: dict) -> Answer:
    return daemon.send(json.dumps(event).encode())


class Disk:
    """Room for the state directory that can run out and come back: a small tmpfs, else a limit on the file's size."""

    def __init__(self, **changes: Any) -> None:
        self.daemon = Daemon(drill=START, start=False, **changes)
        self.state = self.daemon.dir / "state"
        self.state.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "closedloop-test", str(self.state)]
        self.mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
        if not self.mounted:
            self.daemon.preexec = self.limit
        self.daemon.start()

    @staticmethod
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, resource.RLIM_INFINITY))

    def take_the_rest(self) -> None:
        """Fill the last bytes, where not even a small write fits."""
        if not self.mounted:
            return
        with (self.state / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def give_room(self) -> None:
        assert self.daemon.process
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,size=200m", str(self.state)], check=True)
        else:
            everything = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(self.daemon.process.pid, resource.RLIMIT_FSIZE, everything)

    def close(self) -> None:
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill9()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.state)], check=True)


def full_disk(disk: Disk) -> None:
    daemon = disk.daemon
    taken = []
    for number in range(2000):
        said = post(daemon, announced(number))
        if said.status != 202:
            break
        taken.append(number)
    assert said.status == 503 and int(said.headers["retry-after"]) > 0, said
    assert said.json()["detail"] == "The store could not take it; nothing was kept. Try again.", said
    assert 10 < len(taken) < 2000, len(taken)
    for number in range(3000, 3005):  # It stays up and answers; what a tidied log makes room for, it takes.
        assert daemon.call("GET", "/healthz", token=None).status == 200
        status = post(daemon, announced(number)).status
        assert status in (202, 503), status
        taken += [number] if status == 202 else []
    # Reading goes on, as far as nobody is named: whoever looks at a traveller is written down first, or sees nothing.
    assert daemon.call("GET", "/v1/alerts").status == 200
    assert daemon.get("/v1/admin/status")["open"] >= len(taken) - 1
    disk.give_room()
    began = time.monotonic()
    wait_until(lambda: post(daemon, announced(4000)).status == 202, "it takes events again", 10)
    print(f"     refused after {len(taken)} events, back {time.monotonic() - began:.1f} s after the space was")
    for number in taken:
        assert post(daemon, announced(number)).json()["duplicates"] == 1, f"event {number} was answered and lost"
    daemon.census()
    assert daemon.stop() == 0


def ready_again(disk: Disk) -> None:
    """Whoever sends only to those that are ready must not be locked out for ever."""
    number = 0
    while post(disk.daemon, announced(number)).status == 202:
        number += 1
    disk.take_the_rest()
    ready = disk.daemon.call("GET", "/readyz", token=None).status
    assert ready == 503 or not disk.mounted, ready
    disk.give_room()
    wait_until(lambda: disk.daemon.call("GET", "/readyz", token=None).status == 200, "ready, though nobody writes", 10)


def with_disk(act: Callable[[Disk], None]) -> None:
    disk = Disk()
    try:
        act(disk)
    finally:
        disk.close()


def test_a_full_disk_is_503_and_heals_without_a_restart() -> None:
    with_disk(full_disk)


def test_readiness_comes_back_with_the_space() -> None:
    with_disk(ready_again)


# --- Files that are not ours


def database_of(daemon: Daemon) -> Path:
    return daemon.dir / "state" / "drill.db"


def hashes(directory: Path) -> dict[str, str]:
    """What is in the database and its log; SQLite's index of the log and a log of no bytes hold nothing."""
    files = [path for path in sorted(directory.glob("*.db*")) if not path.name.endswith("-shm") and path.stat().st_size]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def refuses(daemon: Daemon) -> tuple[int, str]:
    """Start it, expect that it ends by itself; the status and what it said."""
    said = subprocess.run(daemon.command(), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    assert said.returncode != 0, said
    assert said.stderr.strip(), "refused without a reason"
    return said.returncode, said.stderr


def stopped_daemon() -> Daemon:
    daemon = Daemon(drill=START)
    daemon.post_events([announced(1)])
    assert daemon.stop() == 0
    return daemon


def test_a_newer_schema_is_refused_and_left_alone() -> None:
    daemon = stopped_daemon()
    path = database_of(daemon)
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA user_version = 999")
    store.close()
    before = hashes(path.parent)
    status, reason = refuses(daemon)
    assert status == 1 and "999" in reason and "newer" in reason, reason
    assert hashes(path.parent) == before, "the file has changed"


def test_a_damaged_database_is_refused_with_65_and_left_alone() -> None:
    daemon = stopped_daemon()
    path = database_of(daemon)
    whole = path.read_bytes()
    for what, content in {
        "no database": b"this is no database at all\n" * 400,
        "a torn header": b"\0" * 100 + whole[100:],
        "a page of noise": whole[:4096] + os.urandom(8192) + whole[12288:],
        "half a file": whole[: len(whole) // 2 // 4096 * 4096],
    }.items():
        path.write_bytes(content)
        status, reason = refuses(daemon)
        assert status == 65 and str(path) in reason, f"{what}: {status} {reason}"
        assert path.read_bytes() == content, f"{what}: the file has changed"
    path.write_bytes(whole)
    daemon.start()
    assert daemon.post_events([announced(1)])["duplicates"] == 1


def test_another_programs_database_is_refused_and_left_alone() -> None:
    daemon = stopped_daemon()
    path = database_of(daemon)
    for file in path.parent.glob("drill.db*"):
        file.unlink()
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE payroll (name TEXT)")
    store.close()
    before = hashes(path.parent)
    _, reason = refuses(daemon)
    assert "another program" in reason, reason
    assert hashes(path.parent) == before, "the file has changed"


def test_a_second_daemon_on_the_same_state_is_refused() -> None:
    first = Daemon(drill=START)
    second = Daemon(drill=START, start=False, state_dir=str(first.dir / "state"))
    _, reason = refuses(second)
    assert "another closedloopd" in reason and str(first.dir / "state") in reason, reason
    assert first.post_events([announced(1)])["accepted"] == 1  # The first was not disturbed.
    first.kill9()
    second.start()  # The lock dies with its holder.
    assert second.call("GET", "/readyz", token=None).status == 200


def test_a_state_directory_that_cannot_be_written_is_refused() -> None:
    daemon = Daemon(drill=START, start=False, state_dir="/proc/closedloop")
    _, reason = refuses(daemon)
    assert "/proc/closedloop" in reason, reason
