#!/usr/bin/env python3
"""run.py — runs the system tests: every test_* function of tests/system/test_*.py against the built program.

    run.py [-j N] [--build DIR] [--in DIR] [PATTERN …]

A PATTERN is a part of "module.function". Modules run beside each other, N at a time (2); within a module the tests run
one after the other. A failure prints its traceback and the logs of the daemons it started. The last line is
"system: N passed, M failed". --in runs those of another directory (tests/interop), whose name the last line then has;
they may use what stands here. T=when in the environment runs test_when*.py only, as for the unit tests.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOG_LINES = 60
# The longest first, so that the last processes end together.
LONGEST = ("test_crash", "test_scenarios", "test_http", "test_night")


def place() -> Path:
    """The directory whose tests are run."""
    return Path(os.environ.get("CLOSEDLOOP_TESTS", HERE))


def matches(name: str, patterns: list[str]) -> bool:
    return not patterns or any(pattern in name for pattern in patterns)


def modules(patterns: list[str]) -> list[str]:
    """The modules that hold a test to be run."""
    names = []
    for path in sorted(place().glob(f"test_{os.environ.get('T', '')}*.py")):
        tests = re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
        if any(matches(f"{path.stem}.{test}", patterns) for test in tests):
            names.append(path.stem)
    return sorted(names, key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))


def show_logs(harness) -> None:
    for daemon in harness.running:
        lines = daemon.log_text().splitlines()[-LOG_LINES:]
        print(f"--- log of {daemon.config}", *lines, sep="\n")


def run_module(name: str, patterns: list[str]) -> int:
    """Run one module in this process; its tests in the order of the file."""
    import harness

    sys.path.insert(0, str(place()))
    module = importlib.import_module(name)
    passed = failed = 0
    for test, function in list(vars(module).items()):
        if not test.startswith("test_") or not callable(function) or not matches(f"{name}.{test}", patterns):
            continue
        began = time.monotonic()
        try:
            function()
            troubles = [trouble for daemon in harness.running if (trouble := daemon.autopsy())]
            assert not troubles, troubles
        except Exception:
            failed += 1
            print(f"FAIL {name}.{test} ({time.monotonic() - began:.1f} s)")
            traceback.print_exc(file=sys.stdout)
            show_logs(harness)
        else:
            passed += 1
            print(f"ok   {name}.{test} ({time.monotonic() - began:.1f} s)")
        while harness.running:
            harness.running.pop().destroy()
        sys.stdout.flush()
    print(f"counts {passed} {failed}")
    return 1 if failed else 0


def run_process(name: str, patterns: list[str]) -> tuple[int, int]:
    """Run one module in a process of its own and print what it said; how many passed and failed."""
    line = [sys.executable, "-B", str(HERE / "run.py"), "--module", name, *patterns]
    process = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    *lines, last = (process.stderr + process.stdout).splitlines() or [""]
    counts = last.split()
    if len(counts) != 3 or counts[0] != "counts":
        lines += [last, f"FAIL {name}: ended with {process.returncode} before its tests did"]
        counts = ["counts", "0", "1"]
    if lines:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    return int(counts[1]), int(counts[2])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--build", help="where the programs are (CLOSEDLOOP_BUILD, B, build)")
    parser.add_argument("--in", dest="place", type=Path, help="the directory of the tests (tests/system)")
    parser.add_argument("--module", help=argparse.SUPPRESS)
    parser.add_argument("patterns", nargs="*")
    options = parser.parse_args()
    if options.build:
        os.environ["CLOSEDLOOP_BUILD"] = str(Path(options.build).resolve())
    if options.place:
        os.environ["CLOSEDLOOP_TESTS"] = str(options.place.resolve())
    if options.module:
        return run_module(options.module, options.patterns)
    began = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        counts = list(pool.map(lambda name: run_process(name, options.patterns), modules(options.patterns)))
    passed, failed = sum(count[0] for count in counts), sum(count[1] for count in counts)
    print(f"{place().name} tests took {time.monotonic() - began:.0f} s")
    print(f"{place().name}: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
