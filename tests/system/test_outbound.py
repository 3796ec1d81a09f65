"""test_outbound.py — the way out is guarded: certificates, proxies, redirects, addresses, time; a mended way is used."""

from __future__ import annotations

import re
import ssl
import time

from endpoints import DROP, HANG, Receiver, Reply
from harness import Daemon, free_port, later
from way import Authority, Proxy

START = "2020-03-08T20:00:00+08:00"
SOURCE = "/pvg/t2/minhang"
GATE, OTHER, THIRD, FOURTH, FIFTH, SIXTH = (
    "310112101005",
    "310112101007",
    "310110021002",
    "310118107002",
    "310118107003",
    "310118107004",
)


def second(count: float) -> str:
    return later(START, seconds=count)


def event(number: str, kind: str, **data: object) -> dict:
    return {
        "specversion": "1.0",
        "id": f"outbound-{number}",
        "source": SOURCE,
        "type": f"org.closedloopd.{kind}.v1",
        "time": START,
        "data": data,
    }


def tell(daemon: Daemon, *committees: str, name: str = "B") -> None:
    """A bus is on its way to each of COMMITTEES: an urgent notice to its endpoint."""
    for code in committees:
        stop = {"seq": 1, "kind": "compound", "address": {"text": "x", "committee_code": code}, "eta": second(7200)}
        data = {"transfer": name + code, "travelers": [{"ref": name + code, "stop": 1}], "stops": [stop]}
        left = event(f"{name}-{code}", "transfer.departed", **data)
        assert daemon.post_events([left], "structured")["accepted"] == 1


def sick_told(daemon: Daemon) -> list[str]:
    """The endpoints that the fallback has been told are sick."""
    words = " ".join(message.words for message in daemon.receiver.messages("fallback"))
    return sorted(set(re.findall(r"u\d{6,12}", words)))


def test_a_certificate_must_convince() -> None:
    daemon = Daemon(drill=START, start=False)
    city, stranger = Authority(daemon.dir, "city"), Authority(daemon.dir, "stranger")
    old = city.certify("old")
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    servers = {
        GATE: Receiver(tls=city.certify("good")),
        OTHER: Receiver(tls=stranger.certify("good")),
        THIRD: Receiver(tls=city.certify("elsewhere", holder="DNS:elsewhere.example")),
        FOURTH: Receiver(tls=city.certify("expired", days=-1)),
        FIFTH: Receiver(tls=old),
        SIXTH: Receiver(),
    }
    for code, server in servers.items():
        url = server.url.replace("http:", "https:") + f"/{code}"
        daemon.endpoint(f"u{code}").update(url=url, ca_file="city.pem")
    daemon.write_config()
    daemon.start()
    tell(daemon, *servers)
    daemon.clock(START)
    assert daemon.how_is(f"u{GATE}")["delivered"] == 1
    assert len(servers[GATE].got) == 1 and servers[GATE].got[0].path == f"/{GATE}"
    daemon.clock(second(10))
    untrusted = [f"u{code}" for code in (OTHER, THIRD, FOURTH)]
    for name in untrusted:
        state = daemon.how_is(name)
        assert state["state"] == "sick" and state["hint"] == "slow: tls certificate", state
    for code in (FIFTH, SIXTH):
        state = daemon.how_is(f"u{code}")
        assert state["state"] == "ok" and state["failed"] == 2 and state["hint"] == "tls", state
    daemon.clock(second(20))
    assert sick_told(daemon) == sorted(untrusted), daemon.receiver.got
    assert not any(server.got for code, server in servers.items() if code != GATE)

    # What was kept goes out when the way is mended.
    daemon.endpoint(f"u{OTHER}")["ca_file"] = "stranger.pem"
    daemon.write_config()
    assert daemon.ctl("reload").returncode == 0
    daemon.clock(second(11 * 60))
    assert daemon.how_is(f"u{OTHER}")["delivered"] >= 1
    assert any(message.kind == "arrival" for message in servers[OTHER].got)
    for server in servers.values():
        server.close()


def test_the_system_does_not_trust_a_citys_authority() -> None:
    daemon = Daemon(drill=START, start=False)
    server = Receiver(tls=Authority(daemon.dir, "city").certify("good"))
    daemon.endpoint(f"u{GATE}")["url"] = server.url + "/x"
    daemon.write_config()
    daemon.start()
    tell(daemon, GATE)
    daemon.clock(START)
    assert daemon.how_is(f"u{GATE}")["hint"] == "slow: tls certificate"
    assert not server.got
    server.close()


def test_a_proxy_is_used_where_it_is_named_and_nowhere_else() -> None:
    proxy, wrong = Proxy(), Proxy()
    daemon = Daemon(drill=START, start=False)
    server = Receiver(tls=Authority(daemon.dir, "city").certify("robot", holder="DNS:robot.invalid"))
    port = server.url.rpartition(":")[2]
    daemon.endpoint(f"u{GATE}").update(url=f"https://robot.invalid:{port}/x", ca_file="city.pem", proxy=proxy.url)
    daemon.endpoint(f"u{OTHER}").update(url="http://robot.invalid/y", proxy=proxy.url)
    daemon.endpoint(f"u{THIRD}").update(url="https://robot.invalid/z", proxy=proxy.url, allow=["10.0.0.0/8"])
    daemon.settings["insecure"] = True
    names = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    daemon.environment = {name: wrong.url for name in names}
    daemon.write_config()
    daemon.start()
    tell(daemon, GATE, OTHER, THIRD, FOURTH)
    daemon.clock(START)
    assert daemon.how_is(f"u{GATE}")["delivered"] == 1 and len(server.got) == 1
    assert daemon.how_is(f"u{OTHER}")["delivered"] == 1
    assert daemon.how_is(f"u{FOURTH}")["delivered"] == 1 and len(daemon.receiver.messages(FOURTH)) == 1
    state = daemon.how_is(f"u{THIRD}")
    assert state["delivered"] == 0 and state["hint"] == "address not allowed", state
    assert sorted(proxy.asked) == [
        f"CONNECT robot.invalid:{port} HTTP/1.1",
        "POST http://robot.invalid/y HTTP/1.1",
    ], proxy.asked
    assert wrong.asked == []
    for closing in (proxy, wrong, server):
        closing.close()


def test_a_redirect_is_never_followed() -> None:
    daemon = Daemon(drill=START)
    places = {
        GATE: "http://169.254.169.254/latest/meta-data/",
        OTHER: f"{daemon.receiver.url}/elsewhere",
        THIRD: "/elsewhere",
        FOURTH: "//127.0.0.1/elsewhere",
        FIFTH: "file:///etc/passwd",
    }
    for (code, place), status in zip(places.items(), (302, 301, 307, 308, 303)):
        daemon.receiver.behaviour[f"/{code}"] = Reply(status, b"", {"Location": place})
    tell(daemon, *places)
    daemon.clock(START)
    daemon.clock(second(10))
    for code in places:
        state = daemon.how_is(f"u{code}")
        assert state["state"] == "sick" and "redirect not followed" in state["hint"], state
        assert len(daemon.receiver.messages(code)) == 2, "two tries, then it is sick"
    assert not daemon.receiver.messages("elsewhere")
    daemon.clock(second(20))
    assert sick_told(daemon) == sorted(f"u{code}" for code in places)


def test_a_private_address_is_reached_only_where_it_is_allowed() -> None:
    daemon = Daemon(drill=START, start=False)
    port = daemon.receiver.url.rpartition(":")[2]
    for code, host in ((GATE, "127.0.0.1"), (OTHER, "localhost"), (THIRD, "[::ffff:127.0.0.1]"), (FOURTH, "0x7f.1")):
        daemon.endpoint(f"u{code}").update(url=f"http://{host}:{port}/{code}", allow=[])
    daemon.settings["insecure"] = True
    daemon.write_config()
    daemon.start()
    tell(daemon, GATE, OTHER, THIRD, FOURTH, FIFTH)
    daemon.clock(START)
    for code in (GATE, OTHER, THIRD, FOURTH):
        assert daemon.how_is(f"u{code}")["hint"] == "address not allowed", daemon.how_is(f"u{code}")
    assert {message.path for message in daemon.receiver.got} == {f"/{FIFTH}"}


def test_no_answer_is_no_delivery_and_comes_again() -> None:
    daemon = Daemon(drill=START, start=False, limits={"urgent_timeout": "300ms"})
    daemon.endpoint(f"u{THIRD}")["url"] = f"http://127.0.0.1:{free_port()}/{THIRD}"
    daemon.write_config()
    daemon.start()
    daemon.receiver.behaviour.update({f"/{GATE}": DROP, f"/{OTHER}": HANG})
    tell(daemon, GATE, OTHER, THIRD)
    daemon.clock(START)
    for code, word in ((GATE, "reset"), (OTHER, "timeout"), (THIRD, "connect refused")):
        state = daemon.how_is(f"u{code}")
        assert (state["state"], state["delivered"], state["failed"], state["hint"]) == ("ok", 0, 1, word), state
    daemon.receiver.behaviour.update({f"/{GATE}": Reply(), f"/{OTHER}": Reply()})
    daemon.endpoint(f"u{THIRD}")["url"] = f"{daemon.receiver.url}/{THIRD}"
    daemon.write_config()
    assert daemon.ctl("reload").returncode == 0
    daemon.clock(second(10))
    for code in (GATE, OTHER, THIRD):
        assert daemon.how_is(f"u{code}")["delivered"] == 1, daemon.how_is(f"u{code}")
        messages = daemon.receiver.messages(code)
        assert len({message.id for message in messages}) == 1, "the id has changed between two tries"


def test_how_long_one_waits_depends_on_how_urgent_it_is() -> None:
    daemon = Daemon(drill=START, limits={"urgent_timeout": "200ms", "normal_timeout": "1500ms"})
    daemon.receiver.behaviour[f"/{GATE}"] = HANG
    tell(daemon, GATE)
    began = time.monotonic()
    daemon.clock(START)
    urgent = time.monotonic() - began
    assert daemon.how_is(f"u{GATE}")["hint"] == "timeout"
    daemon.receiver.behaviour[f"/{GATE}"] = Reply()
    daemon.clock(second(10))
    where = {"text": "上海市闵行区莘庄镇莘松三村123号402室", "committee_code": OTHER}
    data = {"ref": "N1", "district_code": OTHER[:6], "destination": where, "transport": "bus"}
    daemon.receiver.behaviour[f"/{OTHER}"] = HANG
    assert daemon.post_events([event("normal", "traveler.registered", **data)], "structured")["accepted"] == 1
    began = time.monotonic()
    daemon.clock(second(90))
    normal = time.monotonic() - began
    assert daemon.receiver.messages(OTHER)[0].data["urgent"] is False
    assert daemon.how_is(f"u{OTHER}")["hint"] == "timeout"
    assert 0.2 <= urgent and 1.5 <= normal, (urgent, normal)
