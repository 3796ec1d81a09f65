"""test_address.py — an address nobody can place: the page with the committees it may be, one tap that settles it, and what
that teaches until it is undone."""

from __future__ import annotations

import re
from urllib.parse import quote

from client import Answer
from harness import Daemon, later

START = "2020-03-08T20:00:00+08:00"
SOURCE = "/pvg/t2/pudong"
DISTRICT, FIRST, SECOND = "310115", "310115103275", "310115133204"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Five villages of the district have this name; who lives there, her telephone and her room are nobody's business.
ADDRESS = "上海市浦东新区果园村村委会12号402室 金珉志 13800000000"


def night() -> Daemon:
    daemon = Daemon(drill=START, committees=(FIRST, SECOND))
    daemon.clock(START)
    return daemon


def register(daemon: Daemon, ref: str, text: str = ADDRESS, minutes: float = 0, **more: object) -> None:
    event = {
        "specversion": "1.0",
        "id": f"address-{ref}-{minutes}",
        "source": SOURCE,
        "type": "org.closedloopd.traveler.registered.v1",
        "time": later(START, minutes=minutes),
        "data": {
            "ref": ref,
            "desk": "PVG-T2",
            "district_code": DISTRICT,
            "transport": "bus",
            "destination": {"text": text, **more},
        },
    }
    assert daemon.post_events([event], "structured")["accepted"] == 1
    daemon.clock(later(START, minutes=minutes))


def token(daemon: Daemon) -> str:
    return daemon.receiver.messages(DISTRICT, kind="address")[-1].token


def show(daemon: Daemon, of: str) -> str:
    answer = daemon.call("GET", f"/a/{of}", token=None)
    assert answer.status == 200, answer
    return answer.body.decode()


def press(daemon: Daemon, of: str, form: str) -> Answer:
    return daemon.call("POST", f"/a/{of}", form.encode(), None, FORM)


def choices(page: str) -> list[str]:
    return re.findall(r'name="code" value="(\d{12})"', page)


def match(daemon: Daemon, address: str = ADDRESS, **more: str) -> dict:
    return daemon.get("/v1/match", address=address, **more)


def aliases(daemon: Daemon, **query: str) -> list[dict]:
    return daemon.get("/v1/aliases", **query)["aliases"]


# --- The page


def test_the_page_says_why_and_offers_every_committee() -> None:
    daemon = night()
    register(daemon, "P1")
    message = daemon.receiver.messages(DISTRICT, kind="address")[-1]
    assert "几个居（村）委会都与所写相符" in message.words, message.words
    page = show(daemon, message.token)
    assert "几个居（村）委会都与所写相符" in page and "Several committees fit" in page, page
    found = choices(page)
    assert len(found) == 5 and FIRST in found and SECOND in found, found
    assert "果园村村委会" in page and "浦东新区" in page, page
    assert "12号" in page, page
    for secret in ("金珉志", "13800000000", "402室"):
        assert secret not in page and secret not in message.words, secret
    # A keyboard's "done" must not send anybody anywhere.
    assert re.search(r"<form[^>]*>\s*(<p.*?</p>\s*|<label.*?</label>\s*|<input[^>]*>\s*)*<button[^>]*disabled", page, re.S), page
    assert "<script" not in page


def test_reading_settles_nothing() -> None:
    daemon = night()
    register(daemon, "P1")
    before = daemon.journey(SOURCE, "P1")
    for _ in range(20):
        daemon.call("GET", f"/a/{token(daemon)}?code={FIRST}", token=None)
    assert daemon.journey(SOURCE, "P1") == before


def test_one_tap_takes_it_and_sends_her_there() -> None:
    daemon = night()
    register(daemon, "P1")
    link = token(daemon)
    page = press(daemon, link, f"code={FIRST}").body.decode()
    assert "已确定" in page and "果园村" in page and not choices(page), page
    journey = daemon.journey(SOURCE, "P1")
    assert journey["committee_code"] == FIRST, journey
    alert = daemon.get("/v1/alerts", state="all", kind="address")["alerts"][0]
    assert alert["state"] == "resolved" and alert["by"] == f"u{DISTRICT}", alert
    daemon.clock(later(START, minutes=2))
    assert daemon.receiver.messages(FIRST, kind="expected"), "the committee was not told"
    why = daemon.get(f"/v1/journeys/{journey['id']}/why")
    unit = [reason for reason in why["why"] if reason["what"] == "unit"]
    assert unit and unit[0]["rule"] == "assigned" and f"u{DISTRICT} assigned" in unit[0]["words"], why


def test_who_comes_second_reads_who_decided_and_what() -> None:
    daemon = night()
    register(daemon, "P1")
    link = token(daemon)
    press(daemon, link, f"code={FIRST}")
    page = press(daemon, link, f"code={SECOND}").body.decode()
    assert "已确定" in page and f"u{DISTRICT}" in page and not choices(page), page
    assert daemon.journey(SOURCE, "P1")["committee_code"] == FIRST


def test_taken_and_decided_later() -> None:
    daemon = night()
    register(daemon, "P1")
    link = token(daemon)
    page = press(daemon, link, "code=").body.decode()
    assert len(choices(page)) == 5 and daemon.journey(SOURCE, "P1")["committee_code"] is None, page
    assert daemon.get("/v1/alerts", kind="address")["alerts"][0]["state"] == "acked"
    assert len(choices(show(daemon, link))) == 5
    press(daemon, link, f"code={SECOND}")
    assert daemon.journey(SOURCE, "P1")["committee_code"] == SECOND


def test_another_committee_is_named_by_its_code() -> None:
    daemon = night()
    register(daemon, "P1")
    link = token(daemon)
    for wrong in ("123", "999999999999", "", DISTRICT):
        answer = press(daemon, link, f"code=other&other={wrong}")
        page = answer.body.decode()
        assert answer.status == 400 and "没有这个代码" in page and choices(page), (wrong, answer)
    assert daemon.journey(SOURCE, "P1")["committee_code"] is None
    press(daemon, link, "code=other&other=310112101007")
    assert daemon.journey(SOURCE, "P1")["committee_code"] == "310112101007"


def test_where_only_a_street_is_written_its_committees_are_listed() -> None:
    daemon = night()
    register(daemon, "P1", "上海市浦东新区潍坊新村街道 金珉志")
    link = token(daemon)
    page = show(daemon, link)
    listed = re.findall(r'<option value="(\d{12})">', page)
    assert 10 < len(listed) < 60 and all(code.startswith("310115004") for code in listed), page
    assert "潍坊新村街道" in page and "金珉志" not in page, page
    other = show(daemon, f"{link}?street={FIRST[:9]}")
    assert FIRST in re.findall(r'<option value="(\d{12})">', other), other
    assert press(daemon, link, "code=listed&listed=").status == 400
    assert daemon.journey(SOURCE, "P1")["committee_code"] is None
    assert "已确定" in press(daemon, link, f"code=listed&listed={listed[3]}").body.decode()
    assert daemon.journey(SOURCE, "P1")["committee_code"] == listed[3]


def test_where_only_a_district_is_known_a_street_is_chosen_first() -> None:
    daemon = night()
    register(daemon, "P1", "某某路不知道几号")
    page = show(daemon, token(daemon))
    streets = re.findall(r'<option value="(\d{9})">', page)
    assert len(streets) > 20 and all(code.startswith(DISTRICT) for code in streets), page
    assert not re.findall(r'<option value="\d{12}">', page), page
    for wrong in ("999999999", "31", "%00", FIRST):
        assert re.findall(r'<option value="(\d{9})">', show(daemon, f"{token(daemon)}?street={wrong}")), wrong


def test_a_committee_that_was_divided_is_said_to_be() -> None:
    daemon = Daemon(drill=START, committees=(FIRST, "310105009018"))
    daemon.clock(START)
    found = match(daemon, "上海市长宁区虹桥街道荣华居委")
    assert (found["verdict"], found["why"]) == ("ambiguous", "named_like"), found
    assert found["words"]["street"] == "虹桥街道" and found["words"]["committee"] == "荣华居委", found
    assert [row["name"][-8:] for row in found["candidates"]] == [f"北荣华第{number}居委会" for number in "一二三四"], found
    register(daemon, "P1", "上海市长宁区虹桥街道荣华居委金珉志402室")
    page = show(daemon, daemon.receiver.messages("310105", kind="address")[-1].token)
    assert "拆分或改名" in page and "荣华居委" in page and len(choices(page)) == 4, page
    assert "金珉志" not in page and "402室" not in page, page


def test_a_group_says_who_decides() -> None:
    daemon = night()
    register(daemon, "P1")
    for minutes in (10, 20, 30, 40):
        daemon.clock(later(START, minutes=minutes))
    link = [message for message in daemon.receiver.messages("fallback") if message.token][-1].token
    answer = press(daemon, link, f"code={FIRST}")
    assert answer.status == 400 and "请填写姓名" in answer.body.decode(), answer
    assert daemon.journey(SOURCE, "P1")["committee_code"] is None
    press(daemon, link, f"code={FIRST}&name=" + quote("陈晓"))
    assert daemon.journey(SOURCE, "P1")["committee_code"] == FIRST
    assert aliases(daemon)[0]["by"] == "陈晓"


# --- What it teaches


def test_the_same_address_again_needs_nobody_until_it_is_undone() -> None:
    daemon = night()
    register(daemon, "P1")
    assert match(daemon)["verdict"] == "ambiguous" and match(daemon)["why"] == "several"
    press(daemon, token(daemon), f"code={FIRST}")
    register(daemon, "P2", minutes=5)
    journey = daemon.journey(SOURCE, "P2")
    assert journey["committee_code"] == FIRST and journey["match"]["why"] == "alias", journey
    found = match(daemon)
    assert (found["verdict"], found["committee_code"], found["why"]) == ("exact", FIRST, "alias"), found
    assert "工作人员" in found["why_words"], found
    row = [row for row in aliases(daemon) if row["kind"] == "address"][0]
    assert row["committee_code"] == FIRST and row["by"] == f"u{DISTRICT}" and row["key"] is None, row
    listed = daemon.ctl("aliases")
    assert listed.returncode == 0 and row["id"] in listed.stdout and "果园村" in listed.stdout, listed
    for row in aliases(daemon):
        done = daemon.ctl("aliases", "undo", row["id"], "--by", "陈晓")
        assert done.returncode == 0 and row["id"] in done.stdout, done
    assert aliases(daemon) == [] and aliases(daemon, undone="true")[0]["undone_by"] == "陈晓"
    daemon.clock(later(START, minutes=6))
    assert match(daemon)["verdict"] == "ambiguous"
    assert daemon.journey(SOURCE, "P2")["committee_code"] is None
    assert daemon.journey(SOURCE, "P1")["committee_code"] == FIRST
    daemon.census()


def test_two_officers_who_disagree_make_it_a_question_again() -> None:
    daemon = night()
    for ref in ("P1", "P2", "P3"):
        register(daemon, ref)
    for ref, code in (("P1", FIRST), ("P2", SECOND)):
        journey = daemon.journey(SOURCE, ref)
        daemon.post(f"/v1/journeys/{journey['id']}/assign", {"committee_code": code, "by": ref})
    daemon.clock(later(START, minutes=1))
    found = match(daemon)
    assert (found["verdict"], found["why"]) == ("ambiguous", "aliases"), found
    assert {FIRST, SECOND} == {row["code"] for row in found["candidates"][:2]}, found
    assert daemon.journey(SOURCE, "P3")["committee_code"] is None
    assert daemon.get("/v1/alerts", kind="address")["alerts"], "nobody is asked"


def test_only_the_duty_of_a_place_sees_and_undoes_its_lessons() -> None:
    daemon = night()
    register(daemon, "P1")
    press(daemon, token(daemon), f"code={FIRST}")
    row = aliases(daemon)[0]
    assert daemon.get("/v1/aliases", token="duty")["aliases"] == [], "another district's"
    for who, status in (("duty", 404), ("committee", 403), ("auditor", 403)):
        answer = daemon.call("POST", f"/v1/aliases/{row['id']}/undo", {}, who)
        assert answer.status == status, (who, answer)
    assert daemon.call("GET", "/v1/aliases", token="duty", unit=DISTRICT).status == 403
    assert daemon.call("POST", "/v1/aliases/L-999999/undo", {}).status == 404
    assert aliases(daemon) == [row] or row in aliases(daemon)


# --- What GET /v1/match says


def test_match_says_which_words_settle_what() -> None:
    daemon = night()
    found = match(daemon, "闵行区莘庄镇莘松三村123号")
    assert found["verdict"] == "exact" and found["words"]["street"] == "莘庄镇" and found["words"]["province"] is None, found
    assert found["rule"] is None and found["warning"] is None
    assert found["candidates"][0]["chain"].startswith("上海市闵行区莘庄镇"), found


def test_coordinates_need_their_system() -> None:
    daemon = night()
    for query in ({"lon": "121.4", "lat": "31.2"}, {"lon": "121.4", "crs": "wgs84"}, {"lon": "999", "lat": "1", "crs": "wgs84"},
                  {"lon": "east", "lat": "north", "crs": "wgs84"}):
        answer = daemon.call("GET", "/v1/match", address="某某路", **query)
        assert answer.status == 400 and answer.code == "bad_value", (query, answer)
    assert match(daemon, "某某路", lon="121.4", lat="31.2", crs="gcj02")["verdict"] in ("ambiguous", "unmatched")


def test_verdicts_are_counted_without_a_person() -> None:
    daemon = night()
    register(daemon, "P1")
    text = daemon.call("GET", "/metrics", token=None).body.decode()
    assert 'closedloop_matches_total{verdict="ambiguous"} 1' in text, text
    assert "果园" not in text
