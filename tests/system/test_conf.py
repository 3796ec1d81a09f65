"""test_conf.py — the configuration is judged whole before it is used; a reload replaces it or leaves it as it is."""

from __future__ import annotations

import re
import signal
import subprocess
import time

from harness import BUILD, PATIENCE, ROOT, Daemon, wait_until

START = "2020-03-08T10:00:00+08:00"
PLACE = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?P<text>.+)$", re.MULTILINE)


def closedloopd(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(BUILD / "closedloopd"), *words], capture_output=True, text=True, timeout=PATIENCE)


def check(daemon: Daemon) -> subprocess.CompletedProcess:
    return closedloopd("--config", str(daemon.config), "--check")


def break_config(daemon: Daemon) -> dict[int, str]:
    """Spoil a line of each kind; what it must be blamed for, by line."""
    lines = daemon.config.read_text().splitlines()
    wanted = {}
    for index, line in enumerate(lines):
        if line.startswith("time_zone:"):
            lines[index] = 'time_zone: "Asia/Shanghia"'
            wanted[index + 1] = "Asia/Shanghia"
        elif '"name": "pvg"' in line:
            lines[index] = line.replace("heartbeat", "hartbeat")
            wanted[index + 1] = 'did you mean "heartbeat"?'
        elif '"310118107002"' in line and '"code"' in line:
            lines[index] = line.replace('"u310118107002"', '"nowhere"')
            wanted[index + 1] = "nowhere"
    assert len(wanted) == 3
    daemon.config.write_text("\n".join(lines) + "\n")
    return wanted


def test_a_good_configuration_passes() -> None:
    daemon = Daemon(start=False)
    said = check(daemon)
    assert said.returncode == 0, said
    assert not [line for line in said.stderr.splitlines() if "error" in line.lower()], said.stderr
    assert not (daemon.dir / "state").exists(), "--check has made the state directory"


def test_every_problem_is_shown_with_its_place() -> None:
    daemon = Daemon(start=False)
    wanted = break_config(daemon)
    said = check(daemon)
    assert said.returncode == 1, said
    found = {int(match["line"]): match["text"] for match in PLACE.finditer(said.stderr + said.stdout)}
    for line, text in wanted.items():
        assert text in found.get(line, ""), f"line {line}: {found}"
    assert all(match["file"].endswith("closedloopd.yaml") for match in PLACE.finditer(said.stderr + said.stdout))


def test_a_unit_that_does_not_exist_is_a_problem() -> None:
    daemon = Daemon(start=False)
    daemon.settings["units"].append({"code": "310112101999", "endpoint": "u310112"})
    daemon.write_config()
    said = check(daemon)
    assert said.returncode == 1 and "310112101999" in said.stderr + said.stdout, said


def test_it_does_not_start_with_a_bad_configuration() -> None:
    daemon = Daemon(start=False)
    break_config(daemon)
    said = closedloopd("--config", str(daemon.config))
    assert said.returncode == 1 and PLACE.search(said.stderr), said
    assert closedloopd("--config", "/nonexistent/closedloopd.yaml", "--check").returncode == 1


def test_secrets_are_masked() -> None:
    daemon = Daemon(start=False)
    said = closedloopd("--config", str(daemon.config), "--print-config")
    assert said.returncode == 0, said
    hidden = list(daemon.tokens.values()) + [
        path.read_text().strip().removeprefix("whsec_") for path in daemon.dir.glob("*.secret")
    ]
    hidden.append((daemon.dir / "fallback.url").read_text().strip().partition("key=")[2])
    shown = [secret for secret in hidden if secret in said.stdout + said.stderr]
    assert not shown, f"{len(shown)} secrets are printed"
    for name in ("pvg", "u310112101007", "fallback", "operator"):
        assert name in said.stdout, name
    again = daemon.dir / "printed.yaml"
    again.write_text(said.stdout)
    assert "isolation" in said.stdout or "national-2020-03" in said.stdout, said.stdout[:500]


def test_usage() -> None:
    assert closedloopd("--version").returncode == 0
    assert closedloopd("--help").returncode == 0
    assert closedloopd().returncode == 2
    assert closedloopd("--no-such-option").returncode == 2
    daemon = Daemon(start=False)
    assert closedloopd("--config", str(daemon.config), "--drill", "yesterday").returncode == 2
    assert closedloopd("--config", str(daemon.config), "--drill", START, "--speed", "fast").returncode == 2


def test_the_sample_passes_but_for_the_secrets_that_the_rehearsal_makes() -> None:
    said = closedloopd("--config", str(ROOT / "config/closedloopd.yaml"), "--check")
    problems = [match["text"] for match in PLACE.finditer(said.stderr + said.stdout)]
    other = [text for text in problems if not re.search(r"\.(secret|token|url|yaml)\b|gazetteer", text)]
    assert not other, other


# --- Reload


def heartbeat(daemon: Daemon, token: str) -> int:
    event = b'{"specversion":"1.0","id":"%d","source":"/new/x","type":"org.closedloopd.feed.heartbeat.v1",'
    event += b'"time":"2020-03-08T02:00:00Z","data":{}}'
    return daemon.send(event % time.monotonic_ns(), token=token).status


def new_feed(daemon: Daemon) -> None:
    feed = {"name": "new", "sources": ["/new/"], "token_file": daemon.token("new"), "heartbeat": "0s"}
    daemon.settings["feeds"].append(feed)
    daemon.write_config()


def hangup(daemon: Daemon, wanted: str) -> None:
    assert daemon.process
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: wanted in daemon.log_text(), f"the log says {wanted}")


def test_hangup_brings_a_new_configuration_into_force() -> None:
    daemon = Daemon(drill=START)
    new_feed(daemon)
    assert heartbeat(daemon, "new") == 401
    hangup(daemon, "reload.done")
    assert heartbeat(daemon, "new") == 202


def test_hangup_with_a_bad_file_keeps_the_old_one_and_says_why() -> None:
    daemon = Daemon(drill=START)
    new_feed(daemon)
    hangup(daemon, "reload.done")
    wanted = break_config(daemon)
    hangup(daemon, "reload.refused")
    for line, text in wanted.items():
        assert re.search(rf"closedloopd\.yaml:{line}:\d+", daemon.log_text()), f"line {line} is not in the log"
        assert text.replace('"', "") in daemon.log_text().replace('\\"', "").replace('"', ""), text
    assert heartbeat(daemon, "new") == 202
    answer = daemon.call("POST", "/v1/admin/reload", {})
    assert answer.status == 400 and PLACE.search(answer.json()["detail"]), answer
    daemon.write_config()
    assert daemon.call("POST", "/v1/admin/reload", {}).status == 200


def test_a_key_that_needs_a_restart_says_so() -> None:
    daemon = Daemon(drill=START)
    daemon.settings["time_zone"] = "Europe/London"
    daemon.write_config()
    hangup(daemon, "reload.refused")
    assert "time_zone" in daemon.log_text() and "restart" in daemon.log_text()


# --- The end


def test_sigterm_ends_it_with_0_within_5_seconds() -> None:
    daemon = Daemon(drill=START)
    assert heartbeat(daemon, "pvg") in (400, 403)  # A connection that rests.
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 5
    assert daemon.restart() and daemon.stop() == 0


def test_sigterm_does_not_wait_for_an_endpoint_that_hangs() -> None:
    daemon = Daemon(drill=START)
    daemon.receiver.behaviour["/fallback"] = "hang"
    daemon.post("/v1/admin/send-test", {"endpoint": "fallback"})
    daemon.receiver.wait(lambda: daemon.receiver.messages("fallback"), "the notice is under way", PATIENCE)
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 5
    daemon.receiver.behaviour.clear()
    daemon.start()  # And it is not forgotten.
    daemon.receiver.wait(lambda: len(daemon.receiver.messages("fallback")) == 2, "it goes out again", PATIENCE)


def test_sigusr1_reports_to_the_log() -> None:
    daemon = Daemon(drill=START)
    assert daemon.process
    daemon.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: re.search(r"^(<\d>)?status\b", daemon.log_text(), re.MULTILINE), "the log has a status line")
