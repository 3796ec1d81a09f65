"""test_rehearse.py — what `make run` plays, played once: the week goes through the real door and the officers are told."""

from __future__ import annotations

import os
import subprocess
import tempfile

from harness import BUILD, PATIENCE, ROOT, free_port


def test_the_rehearsal_plays_and_ends_clean() -> None:
    with tempfile.TemporaryDirectory(prefix="closedloop-") as directory:
        place = {"B": str(BUILD), "RUN": directory, "PORT": str(free_port())}
        line = ["sh", str(ROOT / "tests/rehearse/run.sh"), "--once"]
        said = subprocess.run(line, env={**os.environ, **place}, capture_output=True, text=True, timeout=5 * PATIENCE)
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr
    assert said.stderr == "", said.stderr
    words = said.stdout
    for told in ("→ shiguang", "→ changhailu-duty", "→ xinsong-3", "→ huateng", "→ xijiao-bandao", "→ fengxi"):
        assert told in words, f"{told} is missing"
    assert words.count("不再前来") >= 3, "three committees are told to stand down"
    assert "长海路街道值班 周 已接手" in words, "the street takes what the committee slept through"
    assert "莘庄镇夜班 赵 已接手" in words, "the shift that comes takes over"
    assert "签名不符" not in words and "✗" not in words, words
    assert "闭环断档：0" in words and f"http://127.0.0.1:{place['PORT']}/" in words, words[-500:]
