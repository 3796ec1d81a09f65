"""test_dist.py — what is handed on: hardened programs, and a list of what they are made of."""

from __future__ import annotations

import json
import subprocess

from client import SANITIZED
from harness import BUILD, ROOT

PROGRAMS = [str(BUILD / "closedloopd"), str(BUILD / "closedloopctl")]


def sbom(epoch: int) -> str:
    return subprocess.run(["python3", str(ROOT / "tests/dist/sbom.py"), "0.1.0", str(epoch), *PROGRAMS],
                          check=True, capture_output=True, text=True).stdout


def test_the_programs_are_hardened() -> None:
    if SANITIZED:
        print("not looked at: the sanitizers bring their own checks instead of fortify")
        return
    done = subprocess.run(["sh", str(ROOT / "tests/dist/hardening.sh"), *PROGRAMS], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 2, done.stdout


def test_a_program_that_is_not_hardened_is_found() -> None:
    """The check can fail: a program made without any of it."""
    made = BUILD / "soft"
    subprocess.run(["gcc", "-x", "c", "-no-pie", "-fno-stack-protector", "-Wl,-z,norelro,-z,execstack", "-o", str(made), "-"],
                   input="int main(void) { return 0; }", text=True, check=True)
    done = subprocess.run(["sh", str(ROOT / "tests/dist/hardening.sh"), str(made)], capture_output=True, text=True)
    made.unlink()
    assert done.returncode == 1
    for fault in ("no position-independent", "no RELRO", "the stack can be run", "no stack canary"):
        assert fault in done.stdout, done.stdout


def test_the_list_of_parts_is_whole_and_the_same_each_time() -> None:
    text = sbom(1583618400)
    assert text == sbom(1583618400)
    document = json.loads(text)
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["creationInfo"]["created"] == "2020-03-07T22:00:00Z"
    names = {package["name"] for package in document["packages"]}
    assert {"closedloopd", "libsodium23", "libsqlite3-0", "libevent-2.1-7", "libcurl4", "gcc"} <= names, names
    known = {"SPDXRef-DOCUMENT"} | {item["SPDXID"] for item in document["packages"] + document["files"]}
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= known, relation
    assert all(package["versionInfo"] for package in document["packages"])
