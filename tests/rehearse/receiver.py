#!/usr/bin/env python3
"""receiver.py — the officers of the rehearsal: prints what each is sent and lets some of them answer.

    receiver.py PORT SECRETS_DIR

Every endpoint of config/ is a path here. A message is printed as its reader sees it. Who is awake takes the alert by
its link, as she would on her telephone, before the drill's clock goes on; who sleeps does not, and the next is called.
"""

from __future__ import annotations

import signal
import sys
import threading
import urllib.parse
import urllib.request
from datetime import timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from endpoints import Message, Receiver, Reply, wecom  # noqa: E402  (after the path)
from harness import when  # noqa: E402

SHANGHAI = timezone(timedelta(hours=8))
# The officers who are awake, and what they sign with. 市光 and 西郊半岛 sleep: their streets are called after ten minutes.
OFFICERS = {
    "xinsong-1": "莘松一村 陈",
    "xinsong-3": "莘松三村 王",
    "fengxi": "凤溪 沈",
    "huateng": "华腾社区 陆",
    "xinzhuang-duty": "莘庄镇值班 李",
    "xinzhuang-day": "莘庄镇日班 李",
    "xinzhuang-night": "莘庄镇夜班 赵",
    "changhailu-duty": "长海路街道值班 周",
    "huaxin-duty": "华新镇值班 徐",
    "minhang-duty": "闵行区值班 孙",
    "yangpu-duty": "杨浦区值班 吴",
    "qingpu-duty": "青浦区值班 何",
}


class Officers:
    def __init__(self) -> None:
        self.printing = threading.Lock()
        self.clock = ""
        self.messages = self.taken = 0

    def say(self, *lines: str) -> None:
        with self.printing:
            print(*lines, sep="\n", flush=True)

    def receive(self, message: Message) -> Reply:
        name = message.path[1:]
        self.messages += 1
        if not message.id:  # A robot: its text holds title and link.
            self.say(f"  {self.clock}  → {name}", *(f"        {line}" for line in message.words.splitlines()))
            return wecom(0, "ok")
        self.clock = when(message.time).astimezone(SHANGHAI).strftime("%m-%d %H:%M")
        doubt = "" if message.verified else "  (签名不符)"
        link = message.data["url"]
        lines = message.words.splitlines() + ([f"点此处理：{link}"] if link else [])
        self.say(f"  {self.clock}  → {name}{doubt}", *(f"        {line}" for line in lines))
        if link and message.verified and name in OFFICERS:
            self.take(link, OFFICERS[name])
        return Reply()

    def take(self, link: str, officer: str) -> None:
        """Open the page behind the link, then press its button."""
        form = urllib.parse.urlencode({"name": officer}).encode()
        try:
            for data in (None, form):
                with urllib.request.urlopen(link, data, timeout=5) as page:
                    page.read()
        except OSError as error:
            self.say(f"        ✗ {officer}：{error}")
            return
        self.taken += 1
        self.say(f"        ✓ {officer} 已接手")


def main() -> int:
    port, secrets = int(sys.argv[1]), Path(sys.argv[2])
    officers = Officers()
    receiver = Receiver(port)
    for path in secrets.glob("*.secret"):
        receiver.secrets[f"/{path.stem}"] = path.read_text().strip()
    for name in [*receiver.secrets, "/fallback"]:
        receiver.behaviour[name] = officers.receive
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    receiver.close()
    officers.say(f"receiver: {officers.messages} messages came, {officers.taken} alerts were taken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
