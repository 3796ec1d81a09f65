"""test_tls.py — https: what is spoken, who is known by a certificate, and what a hostile network gets from it."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

from certificates import Authority, Pair
from client import SANITIZED, Answer
from harness import BUILD, EVENT, PATIENCE, Daemon, free_port, wait_until

START = "2020-03-08T10:00:00+08:00"
ASK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Site:
    """A daemon that speaks https besides, and the authority it and its clients believe."""

    def __init__(self, clients: str = "none", ca: bool = True, start: bool = True, **changes: Any) -> None:
        self.daemon = Daemon(drill=START, start=False, **changes)
        self.authority = Authority(self.daemon.dir)
        self.server = self.authority.issue("server")
        self.port = free_port()
        self.daemon.settings["listen"].append(f"https://127.0.0.1:{self.port}")
        tls = {"certificate_file": "server.pem", "key_file": "server.key", "client_certificates": clients}
        if clients != "none" and ca:
            tls["client_ca_file"] = "authority.pem"
        self.daemon.settings["tls"] = tls
        self.daemon.write_config()
        if start:
            self.daemon.start()

    def context(self, pair: Pair | None = None, **settings: Any) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority.own.certificate))
        if pair:
            context.load_cert_chain(pair.certificate, pair.key)
        for name, value in settings.items():
            setattr(context, name, value)
        return context

    def link(self, pair: Pair | None = None, context: ssl.SSLContext | None = None, source: str = "127.0.0.1"):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE, source_address=(source, 0))
        try:
            return (context or self.context(pair)).wrap_socket(plain, server_hostname="localhost")
        except BaseException:
            plain.close()
            raise

    def call(self, method: str, path: str, body: bytes | None = None, token: str | None = None, pair: Pair | None = None,
             **headers: str) -> Answer:  # fmt: skip
        """One request over a connection of its own."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE, context=self.context(pair))
        if token:
            headers["Authorization"] = f"Bearer {self.daemon.tokens.get(token, token)}"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        connection.close()
        return answer

    def feed(self, name: str, certificates: list[str], token: bool = False) -> None:
        feed: dict[str, Any] = {"name": name, "sources": [f"/{name}/"], "heartbeat": "0s"}
        feed["client_certificate"] = certificates
        if token:
            feed["token_file"] = self.daemon.token(name)
        self.daemon.settings["feeds"].append(feed)
        self.daemon.write_config()

    def beat(self, name: str, pair: Pair | None = None, token: str | None = None) -> int:
        """One heartbeat as feed NAME over https; the status, 0 when there was no connection."""
        event = {"specversion": "1.0", "id": str(time.monotonic_ns()), "source": f"/{name}/x", "time": START, "data": {}}
        event["type"] = "org.closedloopd.feed.heartbeat.v1"
        try:
            headers = {"Content-Type": EVENT}
            return self.call("POST", "/v1/events", json.dumps(event).encode(), token, pair, **headers).status
        except OSError:
            return 0

    def is_served(self, context: ssl.SSLContext | None = None, source: str = "127.0.0.1") -> bool:
        try:
            with self.link(context=context, source=source) as link:
                link.sendall(ASK)
                return link.recv(65536).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def hangup(self, wanted: str) -> None:
        process = self.daemon.process
        assert process
        before = self.daemon.log_text().count(wanted)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.daemon.log_text().count(wanted) > before, f"the log says {wanted}")


def status_of(daemon: Daemon, key: str) -> int:
    """KEY of /proc/PID/status, such as VmRSS in kB."""
    assert daemon.process
    lines = Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{key}:")).split()[1])


def descriptors(daemon: Daemon) -> int:
    assert daemon.process
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def healthy(daemon: Daemon, bound: float = 1.0) -> None:
    asked = time.monotonic()
    assert daemon.call("GET", "/healthz", token=None).status == 200
    assert SANITIZED or time.monotonic() - asked < bound, f"health took {time.monotonic() - asked:.2f} s"


# --- What is spoken


def test_https_is_served_and_says_so() -> None:
    site = Site()
    answer = site.call("GET", "/healthz")
    assert answer.status == 200 and answer.headers["strict-transport-security"].startswith("max-age=3"), answer
    assert site.call("GET", "/v1/journeys").status == 401
    assert site.call("GET", "/v1/journeys", token="operator").status == 200
    assert "strict-transport-security" not in site.daemon.call("GET", "/healthz", token=None).headers
    context = site.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with site.link(context=context) as link:
        assert (link.selected_alpn_protocol(), link.version()) == ("http/1.1", "TLSv1.3")
        link.sendall(ASK * 3 + ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        got = b"".join(iter(lambda: link.recv(65536), b""))
    assert got.count(b"HTTP/1.1 200") == 4, got
    listed = site.daemon.get("/v1/admin/status")["tls"]
    assert not listed["certificate_ends_soon"], listed


def test_large_bodies_pass_both_ways() -> None:
    site = Site(limits={"batch": "4MiB"})
    text = b"[" + b" " * 3_000_000 + b"]"
    kind = {"Content-Type": "application/cloudevents-batch+json"}
    assert site.call("POST", "/v1/events", text, "pvg", **kind).status in (202, 400)
    page = site.daemon.call("GET", "/v1/openapi.json", token=None).body
    assert len(page) > 100_000 and site.call("GET", "/v1/openapi.json").body == page


def test_what_is_old_or_weak_is_refused() -> None:
    site = Site()
    for ciphers, version in (
        ("ALL:@SECLEVEL=0", ssl.TLSVersion.TLSv1),
        ("ALL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_1),
        ("AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
        ("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
        ("aNULL:eNULL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
        ("DHE:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
    ):
        context = site.context(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=version)
        context.set_ciphers(ciphers)
        assert not site.is_served(context), f"{version.name} {ciphers}"
    for name in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"):
        context = site.context(maximum_version=ssl.TLSVersion.TLSv1_2)
        context.set_ciphers(f"ECDHE-ECDSA-{name}")
        assert site.is_served(context), name
    context = site.context()
    context.set_alpn_protocols(["h2"])
    assert not site.is_served(context), "h2 alone was agreed on"


def s_client(site: Site, *words: str, said: bytes = b"") -> str:
    line = ["openssl", "s_client", "-connect", f"127.0.0.1:{site.port}", "-servername", "localhost", *words]
    done = subprocess.run(line, input=said, capture_output=True, timeout=PATIENCE)
    return (done.stdout + done.stderr).decode(errors="replace")


def test_nothing_is_renegotiated_resumed_or_compressed() -> None:
    site = Site()
    said = s_client(site, "-tls1_2", said=b"R\n")
    assert "no renegotiation" in said, said
    for version in ("-tls1_2", "-tls1_3"):
        said = s_client(site, version, "-reconnect")
        assert "New, TLS" in said and "Reused" not in said and "TLS session ticket" not in said, said
        assert "Compression: NONE" in said, said
    context = site.context()
    with site.link(context=context) as link:
        link.sendall(ASK)
        assert link.recv(65536).startswith(b"HTTP/1.1 200")  # By now a ticket would have come, too.
        assert not link.session or not link.session.has_ticket
    healthy(site.daemon)


# --- Certificates of ours


def test_check_names_what_does_not_fit() -> None:
    site = Site(start=False)
    daemon = site.daemon

    def check() -> str:
        line = [str(BUILD / "closedloopd"), "--config", str(daemon.config), "--check"]
        return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE).stderr

    lines = daemon.config.read_text().splitlines()
    certificate_at = next(i for i, line in enumerate(lines, 1) if line.startswith("  certificate_file:"))
    key_at = next(i for i, line in enumerate(lines, 1) if line.startswith("  key_file:"))
    assert f"yaml:{key_at}:" not in check() and f"yaml:{certificate_at}:" not in check()
    site.authority.issue("other")
    daemon.settings["tls"]["key_file"] = "other.key"
    daemon.write_config()
    assert f"yaml:{key_at}:13: tls: the key does not belong to the certificate" in check(), check()
    daemon.settings["tls"]["key_file"] = "server.key"
    site.server.key.chmod(0o644)
    daemon.write_config()
    assert f"yaml:{key_at}:13: warning: tls: key_file: server.key has mode 0644" in check(), check()
    site.server.key.chmod(0o600)
    site.server.certificate.write_text("-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n")
    assert f"yaml:{certificate_at}:21: tls: certificate_file:" in check(), check()
    site.authority.issue("server", days=0)
    assert f"yaml:{certificate_at}:21: warning: tls: certificate_file: the certificate has ended" in check(), check()


def test_a_certificate_that_ends_is_announced() -> None:
    site = Site(start=False)
    site.authority.issue("server", days=10)
    site.daemon.start()
    wait_until(lambda: "tls.expires certificate=ours days=9" in site.daemon.log_text(), "the log warns")
    status = site.daemon.get("/v1/admin/status")["tls"]
    assert status["certificate_ends_soon"], status
    said = site.daemon.ctl("status").stdout
    assert "certificate ends 2" in said and "soon" in said, said
    text = site.daemon.call("GET", "/metrics").body.decode()
    line = next(line for line in text.splitlines() if line.startswith("closedloop_tls_certificate_expiry"))
    assert 9 * 86400 < float(line.split()[1]) - time.time() <= 10 * 86400, line


def serial(site: Site) -> str:
    with site.link() as link:
        return str(link.getpeercert()["serialNumber"])  # type: ignore[index]


def test_a_reload_takes_a_new_certificate_and_cuts_nobody() -> None:
    site = Site()
    before = serial(site)
    with site.link() as old:
        old.sendall(ASK)
        assert old.recv(65536).startswith(b"HTTP/1.1 200")
        site.authority.issue("server")
        site.hangup("reload.done")
        after = serial(site)
        assert after != before
        old.sendall(ASK)
        assert old.recv(65536).startswith(b"HTTP/1.1 200"), "an open connection was cut"
        site.authority.issue("other")
        site.server.key.write_bytes((site.daemon.dir / "other.key").read_bytes())
        site.hangup("reload.refused")
        assert "the key does not belong to the certificate" in site.daemon.log_text()
        assert serial(site) == after, "a bad pair was taken"
        old.sendall(ASK)
        assert old.recv(65536).startswith(b"HTTP/1.1 200")


# --- Certificates of clients


def test_a_feed_is_known_by_its_certificate() -> None:
    site = Site(clients="optional", start=False)
    pairs = {name: site.authority.issue(name) for name in ("pin", "next", "both", "stranger")}
    pairs["named"] = site.authority.issue("named", "/O=Airport/CN=gate")
    stranger = Authority(site.daemon.dir, "elsewhere").issue("foreign", "/O=Airport/CN=gate")
    old = site.authority.issue("old", days=0)
    site.feed("pin", [pairs["pin"].sha256, pairs["next"].sha256])
    site.feed("both", [pairs["both"].sha256], token=True)
    site.feed("named", ["subject:CN=gate,O=Airport"])
    site.feed("ended", [old.sha256])
    site.daemon.start()
    assert site.beat("pin", pairs["pin"]) == 202
    assert site.beat("pin", pairs["next"]) == 202
    assert site.beat("named", pairs["named"]) == 202
    assert site.beat("both", pairs["both"], "both") == 202
    for name, pair, token in (
        ("pin", None, None),
        ("pin", pairs["stranger"], None),
        ("named", pairs["stranger"], None),
        ("both", pairs["both"], None),  # Its certificate alone opens nothing,
        ("both", None, "both"),  # nor its token alone,
        ("both", pairs["pin"], "both"),  # nor its token with another's certificate.
        ("pin", pairs["pin"], "no-such-token-0123456789"),
    ):
        assert site.beat(name, pair, token) == 401, (name, pair, token)
    assert site.beat("named", stranger) == 0, "a certificate of another authority was let in"
    assert site.beat("ended", old) == 0, "a certificate that has ended was let in"
    # A certificate spares nobody else anything, and reaches nothing but events.
    assert site.beat("pvg", pairs["pin"], "pvg") == 202
    assert site.beat("pvg", pairs["pin"]) == 400, "one feed spoke for another"
    assert site.call("GET", "/v1/journeys", pair=pairs["pin"]).status == 403
    assert site.call("GET", "/v1/journeys", pair=pairs["stranger"]).status == 401
    assert site.call("GET", "/v1/journeys", token="operator", pair=pairs["pin"]).status == 200
    assert site.daemon.send(b"{}", token="both").status == 401, "over plain http its token alone was enough"


def test_required_certificates_are_required() -> None:
    site = Site(clients="required", start=False)
    pair = site.authority.issue("gate")
    site.feed("gate", [pair.sha256])
    site.daemon.start()
    assert site.beat("gate", pair) == 202
    assert site.beat("gate") == 0
    assert site.beat("pvg", token="pvg") == 0
    alone = site.authority.alone("alone")
    assert site.beat("gate", alone) == 0


def test_without_an_authority_only_fingerprints_tell() -> None:
    site = Site(clients="optional", ca=False, start=False)
    pair, other = site.authority.alone("gate"), site.authority.alone("other")
    site.feed("gate", [pair.sha256])
    site.daemon.start()
    assert site.beat("gate", pair) == 202
    assert site.beat("gate", other) == 401
    assert site.beat("gate") == 401


def test_who_is_no_longer_believed_must_come_again() -> None:
    site = Site(clients="optional", start=False)
    pair = site.authority.issue("gate", "/CN=gate")
    site.feed("gate", ["subject:CN=gate"])
    site.daemon.start()
    with site.link(pair) as link, site.link() as nameless:
        link.sendall(ASK)
        assert b"Connection: close" not in link.recv(65536)
        nameless.sendall(ASK)
        assert nameless.recv(65536)
        Authority(site.daemon.dir, "elsewhere")
        site.daemon.settings["tls"]["client_ca_file"] = "elsewhere.pem"
        site.daemon.write_config()
        site.hangup("reload.done")
        link.sendall(ASK)
        assert b"Connection: close" in link.recv(65536), "it stays known by what nobody believes any more"
        nameless.sendall(ASK)
        assert b"Connection: close" not in nameless.recv(65536)
    assert site.beat("gate", pair) == 0


# --- A hostile network


def hello() -> bytes:
    """The first message of a real client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    talk = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        talk.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def dial(port: int, said: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(source, 0))
    if said:
        link.sendall(said)
    return link


def ends(link: socket.socket, bound: float = PATIENCE) -> bool:
    """The other side hangs up."""
    link.settimeout(bound)
    try:
        while link.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def shots() -> dict[str, bytes]:
    real, luck = hello(), random.Random(6)
    bad_name = real.replace(b"localhost", b"\x00../\xff\xc0\xafa")
    return {
        "plain http": ASK,
        "random bytes": luck.randbytes(4000),
        "an endless record": b"\x16\x03\x01\xff\xff" + bytes(70000),
        "SSLv2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(40),
        "a record of an alert": b"\x15\x03\x03\x00\x02\x02\x28",
        "data before the handshake": b"\x17\x03\x03\x00\x10" + bytes(16),
        "a hello that lies about its length": real[:6] + b"\xff\xff\xff" + real[9:],
        "a hello twice": real + real,
        "a hello, then junk": real + luck.randbytes(3000),
        "a name that is none": bad_name,
        "a hello of another day": real[:43] + luck.randbytes(len(real) - 43),
    }


def test_garbage_instead_of_a_handshake_costs_a_line() -> None:
    site = Site()
    assert site.is_served()
    healthy(site.daemon)
    before = descriptors(site.daemon)
    for _ in range(5):
        for what, said in shots().items():
            with dial(site.port) as link:
                try:
                    link.sendall(said)
                    link.shutdown(socket.SHUT_WR)
                except OSError:
                    continue
                assert ends(link), f"{what}: the connection stays"
    for _ in range(100):
        dial(site.port, hello()[:100]).close()
    healthy(site.daemon)
    assert site.is_served()
    wait_until(lambda: descriptors(site.daemon) <= before, "all descriptors are given back")
    lines = site.daemon.log_text().count("tls.failed")
    assert 1 <= lines <= 3, f"{lines} lines of it"
    text = site.daemon.call("GET", "/metrics").body.decode()
    assert 'closedloop_tls_handshakes_total{result="done"}' in text, text


def test_half_handshakes_lock_nobody_out() -> None:
    site = Site(limits={"connections": 400, "per_address": 400})
    first = hello()
    stalled = [dial(site.port, (b"", first[:50], first)[i % 3]) for i in range(300)]
    healthy(site.daemon)
    assert site.is_served(), "handshakes that stall keep an honest one out"
    open_now = sum(1 for link in stalled if not ends(link, 0.001))
    assert open_now <= 100, f"{open_now} stalled handshakes are kept"
    for link in stalled:
        link.close()
    wait_until(site.is_served, "served again")
    assert status_of(site.daemon, "VmRSS") < 400_000 or SANITIZED


def test_silence_is_cut_and_a_slow_drip_too() -> None:
    site = Site(limits={"request": "1s", "idle": "1s"})
    silent = dial(site.port)
    halfway = dial(site.port, hello()[:60])
    mute = site.link()
    slow = site.link()
    began = time.monotonic()
    slow.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\n")
    alive = True
    while alive and time.monotonic() - began < 10:  # The one real wait: the limit itself.
        try:
            slow.sendall(b"x")
            slow.settimeout(0.05)
            alive = bool(slow.recv(65536)) and False
        except TimeoutError:
            pass
        except OSError:
            alive = False
    assert not alive and time.monotonic() - began > 0.8
    for link in (silent, halfway, mute):
        assert ends(link), "it was not cut"
        link.close()
    slow.close()
    healthy(site.daemon)


def test_tls_leaves_room_for_those_who_come_without() -> None:
    site = Site(limits={"connections": 40, "per_address": 40})
    held: list[socket.socket] = []
    served = 0
    for _ in range(40):
        try:
            link = site.link()
            link.sendall(ASK)
            served += link.recv(65536).startswith(b"HTTP/1.1 200")
            held.append(link)
        except OSError:
            pass
    assert 30 <= served <= 35, f"{served} TLS connections are served of 40 places"
    healthy(site.daemon)
    for link in held:
        link.close()
    wait_until(site.is_served, "places are free again")


def test_a_thousand_connections_come_and_go() -> None:
    count = 200 if SANITIZED else 1000
    site = Site(limits={"connections": 1200, "per_address": 1200})
    assert site.is_served()
    base, memory = descriptors(site.daemon), 0
    context = site.context()
    for turn in range(2):
        links = []
        for _ in range(count):
            link = site.link(context=context)
            link.sendall(ASK)
            links.append(link)
        assert all(link.recv(65536).startswith(b"HTTP/1.1 200") for link in links)
        healthy(site.daemon)
        assert descriptors(site.daemon) >= base + count
        for link in links:
            link.close()
        wait_until(lambda: descriptors(site.daemon) <= base + 1, "all descriptors are given back")
        grown = status_of(site.daemon, "VmRSS") - memory
        assert turn == 0 or grown < 20_000 or SANITIZED, f"a second thousand cost {grown} kB more"
        memory = status_of(site.daemon, "VmRSS")


def test_an_early_end_hurts_nobody() -> None:
    site = Site()
    page = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    before = descriptors(site.daemon)
    for number in range(60):
        link = site.link()
        link.sendall((page if number % 2 else ASK) * 4)
        if number % 3 == 0:  # A reset with data unread.
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        elif number % 3 == 1:  # The end of TLS, and then silence.
            link.settimeout(0.2)
            try:
                link.unwrap()
            except OSError:
                pass
        link.close()
    healthy(site.daemon)
    wait_until(lambda: descriptors(site.daemon) <= before + 2, "all descriptors are given back", 10)
    with site.link() as link:  # Our side shut, the answer still comes whole.
        link.sendall(page.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        socket.socket.shutdown(link, socket.SHUT_WR)
        got = b"".join(iter(lambda: link.recv(65536), b""))
    assert got.startswith(b"HTTP/1.1 200") and got.rstrip().endswith(b"}"), got[-200:]


def test_who_has_said_all_still_gets_all_answers() -> None:
    site = Site()
    page = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    plain.connect(("127.0.0.1", site.port))
    plain.settimeout(PATIENCE)
    with site.context().wrap_socket(plain, server_hostname="localhost") as link:
        link.sendall(page * 100)  # More than all buffers between us hold.
        assert link.recv(100)
        socket.socket.shutdown(link, socket.SHUT_WR)
        whole = len(site.daemon.call("GET", "/v1/openapi.json", token=None).body)
        got = sum(map(len, iter(lambda: link.recv(65536), b"")))
    assert got > 100 * whole, f"{got} bytes of {100 * whole}"


def test_a_cookie_over_https_stays_there() -> None:
    site = Site()
    form = f"token={site.daemon.tokens['duty']}".encode()
    answer = site.call("POST", "/login", form, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 303, answer
    cookie = [part.strip() for part in answer.headers["set-cookie"].split(";")]
    assert cookie[0].startswith("__Host-closedloop=") and "Secure" in cookie and "HttpOnly" in cookie, cookie
    assert site.call("GET", "/v1/session", **{"Cookie": cookie[0]}).json()["name"] == "duty"
    assert site.call("GET", "/v1/session", **{"Cookie": cookie[0].removeprefix("__Host-")}).status == 401
