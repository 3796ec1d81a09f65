"""test_keys.py — the key ring and its master key: made, moved, replaced while the night goes on, refused when wrong."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import subprocess
from pathlib import Path

from harness import PATIENCE, Daemon, wait_until

START = "2020-03-08T10:00:00+08:00"
NAMES = ("drill-keys.db", "drill-master.key", "drill.db")


def state(daemon: Daemon) -> Path:
    return daemon.dir / "state"


def refused(daemon: Daemon) -> tuple[int, str]:
    done = subprocess.run(daemon.command(), capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, **daemon.environment})
    return done.returncode, done.stderr


def sums(daemon: Daemon) -> dict[str, str]:
    return {name: hashlib.sha256((state(daemon) / name).read_bytes()).hexdigest() for name in NAMES if (state(daemon) / name).exists()}


def keys_of(daemon: Daemon) -> dict:
    return daemon.get("/v1/admin/status")["keys"]


def wrapped(daemon: Daemon) -> None:
    wait_until(lambda: keys_of(daemon)["left"] == 0, "all keys to be wrapped anew")


def master(daemon: Daemon, *names: str) -> list[str]:
    """Master keys in files, the first the one that wraps; each once."""
    for name in names:
        if not (daemon.dir / name).exists():
            daemon.secret_file(name, base64.b64encode(secrets.token_bytes(32)).decode())
    daemon.settings["master_key_file"] = list(names)
    daemon.write_config()
    return list(names)


def test_a_first_start_makes_a_master_key_and_says_where_it_lies() -> None:
    daemon = Daemon(drill=START)
    key = state(daemon) / "drill-master.key"
    assert key.stat().st_mode & 0o777 == 0o600 and key.stat().st_size == 32
    assert (state(daemon) / "drill-keys.db").stat().st_mode & 0o077 == 0
    assert "master.made" in daemon.log_text()
    assert keys_of(daemon) == {"master": "state_dir", "left": 0}
    assert "beside what it locks" in daemon.ctl("status").stdout
    daemon.restart()
    assert daemon.log_text().count("master.made") == 1


def test_our_own_master_key_is_replaced_while_we_run() -> None:
    daemon = Daemon(drill=START)
    before = (state(daemon) / "drill-master.key").read_bytes()
    said = daemon.ctl("rotate-key", "master")
    assert said.returncode == 0 and "master key" in said.stdout and "links" not in said.stdout, said
    wrapped(daemon)
    wait_until(lambda: not (state(daemon) / "drill-master.old").exists(), "the old one to be put away")
    assert (state(daemon) / "drill-master.key").read_bytes() != before
    both = daemon.ctl("rotate-key")
    assert both.returncode == 0 and "links have a new key" in both.stdout and "new master key" in both.stdout, both
    wrapped(daemon)
    daemon.restart()
    assert keys_of(daemon)["left"] == 0
    assert daemon.call("POST", "/v1/admin/rotate-key", {"what": "doors"}).status == 400
    assert daemon.call("POST", "/v1/admin/rotate-key", {"what": "master"}, "duty").status == 403
    assert daemon.ctl("rotate-key", "doors").returncode == 2


def test_a_configured_master_key_takes_over_and_is_replaced() -> None:
    daemon = Daemon(drill=START)
    master(daemon, "one.key")
    daemon.restart()
    wrapped(daemon)
    wait_until(lambda: not (state(daemon) / "drill-master.key").exists(), "our own to be put away")
    assert keys_of(daemon)["master"] == "configured"
    assert "beside what it locks" not in daemon.ctl("status").stdout
    master(daemon, "two.key", "one.key")
    assert daemon.ctl("rotate-key", "master").returncode == 0
    wrapped(daemon)
    master(daemon, "two.key")
    daemon.restart()
    assert keys_of(daemon) == {"master": "configured", "left": 0}
    # One that opens nothing: refused, and what was goes on.
    master(daemon, "three.key")
    said = daemon.ctl("rotate-key", "master")
    assert said.returncode == 1 and "master key" in said.stderr, said
    assert daemon.call("GET", "/healthz", token=None).status == 200


def test_the_wrong_master_key_is_refused_with_65_and_nothing_is_touched() -> None:
    daemon = Daemon(drill=START, start=False)
    master(daemon, "one.key")
    daemon.start()
    daemon.stop()
    before = sums(daemon)
    master(daemon, "other.key")
    status, why = refused(daemon)
    assert status == 65 and "master key" in why, (status, why)
    del daemon.settings["master_key_file"]
    daemon.write_config()
    status, why = refused(daemon)
    assert status == 65 and "drill-master.key" in why, (status, why)
    assert sums(daemon) == before
    master(daemon, "one.key")
    daemon.start()
    for secret in ("one.key", "other.key"):
        assert (daemon.dir / secret).read_text().strip() not in daemon.log_text()


def test_a_master_key_that_is_none_is_no_configuration() -> None:
    daemon = Daemon(drill=START, start=False)
    daemon.settings["master_key_file"] = daemon.secret_file("short.key", "c2hvcnQ=")
    daemon.write_config()
    done = subprocess.run(daemon.command("--check"), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and "a master key is 32 bytes" in done.stderr and "c2hv" not in done.stderr, done


def test_no_core_is_ever_dumped() -> None:
    daemon = Daemon(drill=START)
    assert daemon.process
    limits = Path(f"/proc/{daemon.process.pid}/limits").read_text()
    line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"], line
