"""test_units.py — which doors a committee covers: lists become rules, the configuration checks them, a reload swaps them."""

from __future__ import annotations

import subprocess

from harness import BUILD, DATA, PATIENCE, Daemon

ONE, THREE = "310105009018", "310105009020"  # 古北荣华第一, 第三
DOOR = "上海市长宁区古北路1000号"
LISTS = DATA / "places" / "coverage-rawtext-dev.tsv"
HEAD = "unit\tcode\traw_text\n"
TABLE = "rule_id\tcode\tkind\tname\ttype\tfrom\tto\n"


def offline(daemon: Daemon, *words: str, status: int = 0) -> subprocess.CompletedProcess:
    line = [str(BUILD / "closedloopctl"), "units", "import", *words, "--gazetteer", str(BUILD / "gazetteer.img")]
    said = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, cwd=daemon.dir)
    assert said.returncode == status, f"units import {words}: {said}"
    return said


def written(daemon: Daemon, name: str, text: str) -> str:
    (daemon.dir / name).write_text(text)
    return name


def verdict(daemon: Daemon, address: str) -> tuple[str, str | None]:
    said = daemon.get("/v1/match", address=address)
    return said["verdict"], said["committee_code"]


def reload(daemon: Daemon, status: int = 0) -> subprocess.CompletedProcess:
    daemon.write_config()
    said = daemon.ctl("reload")
    assert said.returncode == status, said
    return said


def check(daemon: Daemon) -> subprocess.CompletedProcess:
    line = [str(BUILD / "closedloopd"), "--config", str(daemon.config), "--check"]
    return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE)


def test_lists_become_a_table() -> None:
    daemon = Daemon(start=False)
    clean = written(daemon, "one.tsv", f"{HEAD}荣华一期\t{ONE}\t①伦敦广场（古北路1000号）；②荣华东道79、80弄\n")
    rows = [line.split("\t") for line in offline(daemon, clean).stdout.splitlines()]
    kinds = [(row[1], row[4], row[5], row[7], row[9]) for row in rows[1:]]
    assert kinds == [
        ("荣华一期", "range", "古北路", "号", "1000"),
        ("荣华一期", "estate", "伦敦广场", "", ""),
        ("荣华一期", "range", "荣华东道", "弄", "79"),
        ("荣华一期", "range", "荣华东道", "弄", "80"),
    ], rows
    again = written(daemon, "rules.tsv", offline(daemon, clean).stdout)
    assert "古北路" in offline(daemon, again, "--format", "tsv").stdout


def test_what_is_claimed_twice_or_by_nobody_is_said() -> None:
    daemon = Daemon(start=False)
    said = offline(daemon, str(LISTS), status=1)
    assert "conflict: 古北路 439–452号" in said.stderr, said.stderr
    assert "gap: 仙霞路 501–575弄 (odd)" in said.stderr, said.stderr
    assert len(said.stdout.splitlines()) > 170


def test_what_is_not_understood_is_said_and_refused() -> None:
    daemon = Daemon(start=False)
    name = written(daemon, "two.tsv", f"{HEAD}荣华一期\t{ONE}\t古北路（部分）；云雾山路\n荣华三期\t{THREE}\t荣华东道8弄\n")
    said = offline(daemon, name, "--out", "out.tsv", status=1)
    assert "two.tsv:2" in said.stderr and "古北路（部分）" in said.stderr, said.stderr
    assert "云雾山路" in (daemon.dir / "out.tsv").read_text() and "荣华东道" in (daemon.dir / "out.tsv").read_text()
    unknown = written(daemon, "three.tsv", f"{HEAD}x\t310105009999\t云雾山路\n")
    assert "310105009999" in offline(daemon, unknown, status=1).stderr
    offline(daemon, name, "--format", "xml", status=2)
    offline(daemon, "no-such-file", status=1)


def test_imported_yaml_is_a_configuration() -> None:
    daemon = Daemon(start=False)
    (daemon.dir / "coverage.yaml").write_text(offline(daemon, str(LISTS), "--yaml", status=1).stdout)
    daemon.settings["include"] = ["coverage.yaml"]
    daemon.write_config()
    said = check(daemon)
    assert said.returncode == 0, said
    assert "古北路 439–452号" in said.stderr and "warning" in said.stderr, said.stderr


def test_a_reload_swaps_the_rules() -> None:
    daemon = Daemon()
    assert verdict(daemon, DOOR)[0] == "ambiguous"
    daemon.settings["units"].append({"code": ONE, "coverage": [{"road": "古北路", "houses": "1000"}]})
    reload(daemon)
    assert verdict(daemon, DOOR) == ("exact", ONE)
    daemon.settings["units"].pop()
    daemon.settings["coverage"] = [written(daemon, "rules.tsv", f"{TABLE}r1\t{THREE}\trange\t古北路\t号\t900\t1100\n")]
    reload(daemon)
    assert verdict(daemon, DOOR) == ("exact", THREE)
    del daemon.settings["coverage"]
    reload(daemon)
    assert verdict(daemon, DOOR)[0] == "ambiguous"


def test_a_bad_table_is_refused_and_the_old_rules_stay() -> None:
    daemon = Daemon(start=False)
    daemon.settings["coverage"] = ["rules.tsv"]
    written(daemon, "rules.tsv", f"{TABLE}r1\t{THREE}\trange\t古北路\t号\t900\t1100\n")
    daemon.write_config()
    daemon.start()
    assert verdict(daemon, DOOR) == ("exact", THREE)
    bad = {
        f"{TABLE}r1\t{ONE}\trange\t古北路\t号\t1100\t900\n": "rules.tsv:2:1",
        f"{TABLE}r1\t310105009999\trange\t古北路\t号\t900\t1100\n": "310105009999",
        f"{TABLE}r1\t{ONE}\trnage\t古北路\t号\t900\t1100\n": "rnage",
    }
    for table, words in bad.items():
        written(daemon, "rules.tsv", table)
        said = reload(daemon, status=1)
        assert words in said.stderr + said.stdout, said
        assert verdict(daemon, DOOR) == ("exact", THREE)


def test_a_running_configuration_says_what_it_covers() -> None:
    daemon = Daemon(start=False)
    daemon.settings["units"] += [
        {"code": ONE, "coverage": [{"road": "古北路", "houses": "1000-1010"}, {"estate": "伦敦广场"}]},
        {"code": THREE, "coverage": [{"road": "古北路", "houses": "1010-1100"}, {"road": "古北路", "houses": "1200-1300"}]},
    ]
    daemon.write_config()
    daemon.start()
    listed = daemon.ctl("units", "list", "310105")
    assert listed.returncode == 0 and ONE in listed.stdout and "310112" not in listed.stdout, listed
    shown = daemon.ctl("units", "show", ONE)
    assert shown.returncode == 0 and "伦敦广场" in shown.stdout and "closedloopd.yaml" in shown.stdout, shown
    checked = daemon.ctl("units", "check")
    assert checked.returncode == 1 and "1010号" in checked.stdout and "1101–1199号" in checked.stdout, checked
    assert daemon.call("GET", "/v1/admin/coverage", token="committee").status == 403
    scoped = daemon.get("/v1/units", token="committee")["units"]
    assert [unit["code"] for unit in scoped] == ["310112101007"], scoped
    assert daemon.ctl("units", "show", "310105009999").returncode == 1
    assert daemon.ctl("units").returncode == 2


def test_a_boundary_of_another_datum_is_converted_or_refused() -> None:
    daemon = Daemon(start=False)
    outline = (
        '{"type": "FeatureCollection", "crs": "%s", "features": [{"type": "Feature", "properties": {"code": "%s"}, "geometry": '
        '{"type": "Polygon", "coordinates": [[[121.39, 31.19], [121.40, 31.19], [121.40, 31.20], [121.39, 31.19]]]}}]}'
    )
    daemon.settings["boundaries"] = ["outlines.json"]
    daemon.write_config()
    written(daemon, "outlines.json", outline % ("gcj02", ONE))
    assert check(daemon).returncode == 0
    written(daemon, "outlines.json", outline % ("EPSG:2385", ONE))
    assert "only WGS-84" in check(daemon).stderr
    written(daemon, "outlines.json", outline % ("wgs84", "310105009999"))
    assert "310105009999" in check(daemon).stderr
