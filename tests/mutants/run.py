#!/usr/bin/env python3
"""Break the program in each listed way and see whether the tests notice.

    python3 tests/mutants/run.py [NAME ...]      (make mutants [M=NAME]; a name, a part of one, or a file's)

Each block of tests/mutants/*.mutant is one fault:

    mutant  the_fault_in_one_word
    why     what a person would suffer
    file    lib/loop/plan.c
    -<the lines as they stand, tabs and all, once in the file>
    +<what stands there instead; may be left out>
    tests   unit:plan unit:turns scenarios sim system:test_night

The tests are tried in that order and the first that fails has noticed. A fault that none of them notices is a failure of
this run, and so is one whose lines are not found any more. The tree is copied, built once, and broken and mended in the
copy; two copies work side by side.
"""
import glob
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.path.join(ROOT, os.environ.get("B", "build"), "mutants")
COPIES = int(os.environ.get("MUTANT_JOBS", "2"))
TEST_SECONDS = 240


class Mutant:
    def __init__(self, where):
        self.where = where
        self.name = self.why = self.file = ""
        self.old, self.new, self.tests = [], [], []


def read(path):
    """The mutants of one file; a line that fits nothing ends the run with its place."""
    mutants, mutant = [], None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        word, _, rest = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if word == "mutant":
            mutant = Mutant(f"{os.path.relpath(path, ROOT)}:{number}")
            mutant.name = rest.strip()
            mutants.append(mutant)
        elif mutant is None:
            sys.exit(f"{path}:{number}: a block begins with: mutant NAME")
        elif line[0] == "-":
            mutant.old.append(line[1:])
        elif line[0] == "+":
            mutant.new.append(line[1:])
        elif word in ("why", "file"):
            setattr(mutant, word, rest.strip())
        elif word == "tests":
            mutant.tests = rest.split()
        else:
            sys.exit(f"{path}:{number}: neither a key (mutant, why, file, tests) nor a line with - or +")
    for mutant in mutants:
        if not (mutant.name and mutant.file and mutant.old and mutant.tests and mutant.why):
            sys.exit(f"{mutant.where}: a block needs why, file, lines with - and tests")
    return mutants


class Copy:
    """One copy of the tree with its own build."""

    def __init__(self, number):
        self.dir = os.path.join(WORK, f"tree{number}")
        files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                               check=True, capture_output=True).stdout.split(b"\0")
        for name in filter(None, (name.decode() for name in files)):
            source, target = os.path.join(ROOT, name), os.path.join(self.dir, name)
            if not os.path.exists(source):
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.exists(target) or open(source, "rb").read() != open(target, "rb").read():
                shutil.copy2(source, target)
                os.utime(target)

    def run(self, command, seconds=900, **environment):
        # A build directory and a pattern meant for the outer run are not this copy's.
        kept = {key: value for key, value in os.environ.items() if key not in ("B", "T", "MAKEFLAGS", "MAKELEVEL")}
        # A group of its own: what hangs is ended with all that it started.
        child = subprocess.Popen(command, cwd=self.dir, env=dict(kept, **environment), stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            out, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, _ = child.communicate()
        return subprocess.CompletedProcess(command, child.returncode, out, None)

    def make(self, *targets):
        return self.run(["make", "-s", "-j1", "JOBS=1", "OPT=-O1", *targets])

    def target(self, test):
        kind, _, name = test.partition(":")
        if kind == "unit":
            return f"build/tests/unit/test_{name}"
        if kind in ("scenarios", "sim"):
            return f"build/tests/sim/{'scenarios' if kind == 'scenarios' else 'simulate'}"
        return "all"

    def notices(self, test):
        """How TEST fails in this copy, or None when it does not; the build failing to compile is no notice but a bad mutant."""
        kind, _, name = test.partition(":")
        built = self.make(self.target(test), "build/gazetteer.img")
        if built.returncode != 0:
            raise RuntimeError("does not compile:\n" + built.stdout.decode(errors="replace")[-2000:])
        if kind == "unit":
            done = self.run([self.target(test)], TEST_SECONDS, CLOSEDLOOP_BUILD="build",
                            CLOSEDLOOP_GAZETTEER="build/gazetteer.img")
        elif kind == "scenarios":
            done = self.run(["sh", "tests/run-tests.sh", "scenarios"], TEST_SECONDS, T=name)
        elif kind == "sim":
            done = self.run(["make", "-s", "JOBS=1", "OPT=-O1", "sim", f"SEEDS={name or '1-60'}"], TEST_SECONDS)
        else:
            done = self.run(["python3", "tests/system/run.py", name], TEST_SECONDS, CLOSEDLOOP_BUILD="build")
        if done.returncode == -signal.SIGKILL:
            return f"{test}, which did not end in {TEST_SECONDS} s"
        return test if done.returncode != 0 else None

    def judge(self, mutant):
        path = os.path.join(self.dir, mutant.file)
        whole = open(path, encoding="utf-8").read()
        old, new = "\n".join(mutant.old) + "\n", "".join(line + "\n" for line in mutant.new)
        if whole.count(old) != 1:
            return f"LOST     {mutant.name}: {mutant.where}: its lines stand {whole.count(old)} times in {mutant.file}"
        try:
            with open(path, "w", encoding="utf-8") as out:
                out.write(whole.replace(old, new))
            for test in mutant.tests:
                how = self.notices(test)
                if how:
                    return f"noticed  {mutant.name} by {how}"
            return f"SURVIVED {mutant.name}: {mutant.where}: {mutant.why}"
        except RuntimeError as bad:
            return f"BAD      {mutant.name}: {mutant.where}: {bad}"
        finally:
            with open(path, "w", encoding="utf-8") as out:
                out.write(whole)


def main(names):
    mutants = [mutant for path in sorted(glob.glob(os.path.join(ROOT, "tests/mutants/*.mutant"))) for mutant in read(path)]
    twice = {mutant.name for mutant in mutants if [m.name for m in mutants].count(mutant.name) > 1}
    if twice:
        sys.exit(f"given twice: {', '.join(sorted(twice))}")
    wanted = [mutant for mutant in mutants
              if not names or any(name in mutant.name or f"/{name}.mutant:" in mutant.where for name in names)]
    if not wanted:
        sys.exit("no mutant of that name")
    waiting, results, lock = queue.Queue(), [], threading.Lock()
    for mutant in wanted:
        waiting.put(mutant)
    began = time.monotonic()

    def work(number):
        copy = Copy(number)
        built = copy.make("all", *sorted({copy.target(test) for mutant in wanted for test in mutant.tests}))
        if built.returncode != 0:
            with lock:
                results.append("BAD      the unbroken tree does not build:\n" + built.stdout.decode(errors="replace")[-3000:])
                print(results[-1], flush=True)
            return
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            result = copy.judge(mutant)
            with lock:
                results.append(result)
                print(result, flush=True)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(min(COPIES, len(wanted)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    noticed = sum(result.startswith("noticed") for result in results)
    print(f"mutants: {noticed} of {len(wanted)} noticed in {time.monotonic() - began:.0f} s")
    return 0 if noticed == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
