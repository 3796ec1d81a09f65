"""test_access.py — how a caller is known, against the real program: the life of a token, browsers and what they must
prove, who guesses; and that a token stands nowhere but where its owner keeps it."""

from __future__ import annotations

import json
import re
import urllib.parse
from pathlib import Path

from client import Answer
from harness import Daemon, later, wait_until

START = "2020-03-08T17:00:00+08:00"
FORM = "application/x-www-form-urlencoded"
TOKEN = re.compile(r"^clt_[A-Za-z0-9_-]{43}$")


def desk(**access: object) -> Daemon:
    daemon = Daemon(drill=START, access=access)
    daemon.clock(START)
    return daemon


def add(daemon: Daemon, name: str, *words: str) -> str:
    said = daemon.ctl("token", "add", name, *words)
    assert said.returncode == 0, said
    token = said.stdout.strip()
    assert TOKEN.match(token), said.stdout
    assert token not in said.stderr
    return token


def refused(daemon: Daemon, *words: str) -> str:
    said = daemon.ctl("token", "add", *words)
    assert said.returncode == 1 and not said.stdout, said
    return said.stderr


def status(daemon: Daemon, token: str, path: str = "/v1/journeys") -> int:
    return daemon.call("GET", path, token=token).status


class Browser:
    """Keeps cookies, follows nothing, says where it comes from as browsers do."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.cookies: dict[str, str] = {}

    def call(self, method: str, path: str, form: dict | None = None, **headers: str) -> Answer:
        sent = {"Accept": "text/html,*/*;q=0.8"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method != "GET":
            sent["Origin"] = f"http://127.0.0.1:{self.daemon.port}"
        body = None
        if form is not None:
            body, sent["Content-Type"] = urllib.parse.urlencode(form).encode(), FORM
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.daemon.call(method, path, body, None, {name: value for name, value in sent.items() if value})
        if "set-cookie" in answer.headers:
            name, value = answer.headers["set-cookie"].split(";")[0].split("=", 1)
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    def login(self, token: str) -> Answer:
        answer = self.call("POST", "/login", {"token": token})
        assert answer.status == 303 and answer.headers["location"] == "/", answer
        return answer

    def session(self) -> dict:
        answer = self.call("GET", "/v1/session")
        assert answer.status == 200, answer
        return answer.json()

    def is_in(self) -> bool:
        answer = self.call("GET", "/")
        assert answer.status in (200, 303), answer
        assert answer.status == 200 or answer.headers["location"] == "/login", answer
        return answer.status == 200


# --- Tokens


def test_a_token_lives_from_its_making_to_its_end() -> None:
    daemon = desk()
    token = add(daemon, "night", "--role", "duty", "--scope", "310112", "--expires", "2d")
    assert status(daemon, token) == 200
    assert status(daemon, token, "/v1/admin/status") == 403
    row = next(row for row in daemon.get("/v1/admin/tokens")["tokens"] if row["name"] == "night")
    assert (row["role"], row["scope"], row["made_by"], row["state"]) == ("duty", "310112", "local", "expires_soon"), row
    assert "hash" not in str(row) and token not in str(row)
    assert "night" in daemon.get("/v1/admin/status")["tokens_expiring"]
    assert "night" in daemon.ctl("token", "list").stdout
    daemon.restart()
    assert status(daemon, token) == 200
    daemon.clock(later(START, hours=47))
    assert status(daemon, token) == 200
    daemon.clock(later(START, days=2))
    answer = daemon.call("GET", "/v1/journeys", token=token)
    assert (answer.status, answer.code) == (401, "unauthorized"), answer
    # Its end is told to nobody who holds it: the answer is that for any token.
    assert answer.body == daemon.call("GET", "/v1/journeys", token="clt_" + 43 * "A").body
    # The name is free again, and a new token is another.
    assert add(daemon, "night", "--role", "duty", "--scope", "310112") != token
    assert status(daemon, token) == 401


def test_a_revoked_token_ends_at_once_and_for_ever() -> None:
    daemon = desk()
    token = add(daemon, "desk-1", "--role", "operator")
    assert status(daemon, token, "/v1/admin/status") == 200
    said = daemon.ctl("token", "revoke", "desk-1")
    assert said.returncode == 0, said
    assert status(daemon, token) == 401
    assert daemon.ctl("token", "revoke", "desk-1").returncode == 1
    daemon.restart()
    assert status(daemon, token) == 401
    again = add(daemon, "desk-1", "--role", "auditor")
    assert daemon.call("DELETE", "/v1/admin/tokens/desk-1", token="auditor").status == 403
    assert daemon.call("DELETE", "/v1/admin/tokens/desk-1").status == 200
    assert status(daemon, again) == 401


def test_the_rules_of_a_token() -> None:
    daemon = desk()
    assert "needs a scope" in refused(daemon, "a", "--role", "committee")
    assert "unit's code" in refused(daemon, "a", "--role", "duty", "--scope", "31011")
    assert "unit's code" in refused(daemon, "a", "--role", "duty", "--scope", "990112")
    assert "role" in refused(daemon, "a", "--role", "boss")
    assert "name" in refused(daemon, "a b", "--role", "duty")
    assert "400 days" in refused(daemon, "a", "--role", "duty", "--expires", "401d")
    assert "400 days" in refused(daemon, "a", "--role", "duty", "--expires", "0s")
    assert "duration" in refused(daemon, "a", "--role", "duty", "--expires", "soon")
    assert "feed" in refused(daemon, "a", "--role", "feed", "--scope", "no-such-feed")
    for name in ("operator", "pvg", "local"):
        assert "name already" in refused(daemon, name, "--role", "duty"), name
    add(daemon, "a", "--role", "duty")
    assert "name already" in refused(daemon, "a", "--role", "duty")
    rows = {row["name"]: row for row in daemon.get("/v1/admin/tokens")["tokens"]}
    assert rows["a"]["expires_at"].startswith("2020-06-06"), rows["a"]  # 90 days
    assert rows["operator"]["from"] == "file" and rows["operator"]["state"] == "in_force"
    for token in ("duty", "committee", "auditor"):
        assert daemon.call("POST", "/v1/admin/tokens", {"name": "b", "role": "duty"}, token).status == 403
    assert daemon.call("GET", "/v1/admin/tokens", token="duty").status == 403
    assert daemon.call("GET", "/v1/admin/tokens", token="auditor").status == 200
    assert daemon.call("DELETE", "/v1/admin/tokens/operator").status == 409


def test_nobody_gives_more_than_she_has() -> None:
    daemon = desk()
    bound = add(daemon, "district", "--role", "operator", "--scope", "310112")
    whole = add(daemon, "city", "--role", "operator")
    wish = {"name": "more", "role": "operator"}
    assert daemon.call("POST", "/v1/admin/tokens", wish, bound).status == 403
    assert daemon.call("DELETE", "/v1/admin/tokens/city", token=bound).status == 403
    assert daemon.call("POST", "/v1/admin/tokens", wish, whole).status == 201


def test_a_feeds_token_posts_facts_and_opens_nothing_else() -> None:
    daemon = desk()
    token = add(daemon, "pvg-2", "--role", "feed", "--scope", "pvg")
    heartbeat = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/pvg/desk", "ce-type": "org.closedloopd.feed.heartbeat.v1"}
    answer = daemon.call("POST", "/v1/events", b"{}", token, {**heartbeat, "ce-time": START, "Content-Type": "application/json"})
    assert answer.status == 202, answer
    for path in ("/v1/journeys", "/v1/admin/status", "/v1/session", "/"):
        assert status(daemon, token, path) == 403, path
    assert Browser(daemon).call("POST", "/login", {"token": token}).status == 401


def test_a_file_need_not_hold_a_secret_and_may_say_an_end() -> None:
    daemon = Daemon(drill=START, start=False)
    from hashlib import blake2b

    digest = blake2b(b"a-token-that-is-only-hashed", digest_size=32).hexdigest()
    text = (daemon.dir / "tokens.yaml").read_text()
    text += f'  - {{"name": "hashed", "role": "duty", "token_hash": "{digest}", "expires": "2020-03-10"}}\n'
    (daemon.dir / "tokens.yaml").write_text(text)
    daemon.start()
    daemon.clock("2020-03-09T23:59:59+08:00")
    assert status(daemon, "a-token-that-is-only-hashed") == 200
    daemon.clock("2020-03-10T00:00:00+08:00")
    assert status(daemon, "a-token-that-is-only-hashed") == 401


def test_the_first_token_ends_that_this_machine_is_operator() -> None:
    daemon = Daemon(drill=START, start=False)
    (daemon.dir / "tokens.yaml").write_text("tokens: []\n")
    del daemon.settings["access"]["loopback"]
    daemon.write_config()
    daemon.start()
    assert daemon.call("GET", "/v1/admin/status", token=None).status == 200
    made = daemon.post("/v1/admin/tokens", {"name": "first", "role": "operator"}, token=None, status=201)
    assert daemon.call("GET", "/v1/admin/status", token=None).status == 401
    assert status(daemon, made["token"], "/v1/admin/status") == 200
    # Revoking it opens nothing again.
    assert daemon.ctl("token", "revoke", "first").returncode == 0
    assert daemon.call("GET", "/v1/admin/status", token=None).status == 401
    daemon.restart()
    assert daemon.call("GET", "/v1/admin/status", token=None).status == 401


def test_making_and_ending_a_token_is_written_down() -> None:
    daemon = desk()
    add(daemon, "desk-1", "--role", "duty", "--scope", "310112")
    daemon.ctl("token", "revoke", "desk-1")
    import sqlite3

    daemon.stop()
    store = sqlite3.connect(next((daemon.dir / "state").glob("*.db")))
    lines = store.execute("SELECT what, note FROM ledger WHERE what LIKE 'token.%' ORDER BY n").fetchall()
    assert [what for what, _ in lines] == ["token.added", "token.revoked"], lines
    assert lines[0][1].startswith("desk-1 role=duty scope=310112 until=2020-06-06"), lines


# --- Browsers


def lines_of(daemon: Daemon, *kinds: str) -> list[tuple[str, dict]]:
    lines = reversed(daemon.get("/v1/admin/ledger-lines")["lines"])
    return [(line["what"], json.loads(line["note"])) for line in lines if line["what"] in kinds]


def test_who_comes_goes_turns_a_key_and_reloads_is_written_down() -> None:
    daemon = desk()
    browser = Browser(daemon)
    browser.login(add(daemon, "desk-1", "--role", "operator"))
    assert browser.call("POST", "/logout", {"csrf": browser.session()["csrf"]}).status == 303
    assert not browser.is_in()
    assert daemon.call("POST", "/v1/admin/reload", {}).status == 200
    assert daemon.call("POST", "/v1/admin/rotate-key", {"what": "links"}).status == 200
    said = lines_of(daemon, "session.begun", "session.ended", "conf.reloaded", "key.rotated")
    assert said == [
        ("session.begun", {"who": "desk-1"}),
        ("session.ended", {"who": "desk-1"}),
        ("conf.reloaded", {"who": "operator"}),
        ("key.rotated", {"who": "operator", "what": "links"}),
    ], said


def test_wrong_tokens_are_counted_in_one_line_an_hour() -> None:
    daemon = desk()
    for number in range(3):
        assert daemon.call("GET", "/v1/journeys", token=f"clt_wrong{number}").status == 401
    assert Browser(daemon).call("POST", "/login", {"token": "clt_wrong"}).status == 401
    assert lines_of(daemon, "access.refused") == [("access.refused", {"count": 1})]
    daemon.clock(later(START, minutes=59))
    assert len(lines_of(daemon, "access.refused")) == 1
    daemon.clock(later(START, minutes=61))
    said = lines_of(daemon, "access.refused")
    assert [note["count"] for _, note in said] == [1, 3], said
    assert "access.refused" in daemon.ctl("incident-report", "--since", START).stdout


def test_a_reader_without_a_session_is_asked_in_and_a_program_is_told() -> None:
    daemon = desk()
    reader = Browser(daemon)
    answer = reader.call("GET", "/")
    assert (answer.status, answer.headers["location"]) == (303, "/login"), answer
    assert daemon.call("GET", "/", token=None).status == 401
    assert reader.call("GET", "/v1/journeys").status == 401
    page = reader.call("GET", "/login")
    text = page.body.decode()
    assert page.status == 200 and "访问令牌" in text and "Access token" in text and "<script" not in text, text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store" and page.headers["x-content-type-options"] == "nosniff"


def test_the_cookie_is_for_this_site_alone_and_no_script() -> None:
    daemon = desk()
    cookie = Browser(daemon).login(daemon.tokens["duty"]).headers["set-cookie"]
    name, *attributes = [part.strip() for part in cookie.split(";")]
    assert re.match(r"^closedloop=[A-Za-z0-9_-]{43}$", name), cookie
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict"}, cookie
    daemon.settings["public_url"] = "https://duty.example"
    daemon.write_config()
    assert daemon.ctl("reload").returncode == 0
    reader = Browser(daemon)
    answer = reader.call("POST", "/login", {"token": daemon.tokens["duty"]}, Origin="https://duty.example")
    name, *attributes = [part.strip() for part in answer.headers["set-cookie"].split(";")]
    assert name.startswith("__Host-closedloop=") and "Secure" in attributes, answer
    assert reader.session()["name"] == "duty"


def test_a_session_is_the_tokens_caller() -> None:
    daemon = desk()
    reader = Browser(daemon)
    reader.login(daemon.tokens["duty"])
    session = reader.session()
    assert (session["name"], session["role"], session["scope"]) == ("duty", "duty", "310112"), session
    assert session["ends_at"] == "2020-03-08T17:30:00+08:00", session
    page = reader.call("GET", "/").body.decode()
    assert f'<meta name="csrf" content="{session["csrf"]}">' in page and "退出登录" in page, page
    assert reader.call("GET", "/v1/admin/status").status == 403
    assert reader.call("POST", "/logout", {"csrf": "wrong"}).status == 403
    former = dict(reader.cookies)
    answer = reader.call("POST", "/logout", {"csrf": session["csrf"]})
    assert answer.status == 303 and "Max-Age=0" in answer.headers["set-cookie"], answer
    assert not reader.cookies
    reader.cookies = former
    assert not reader.is_in()


def test_a_given_name_is_not_taken_over() -> None:
    daemon = desk()
    reader = Browser(daemon)
    planted = "A" * 43
    reader.cookies["closedloop"] = planted
    assert not reader.is_in()
    reader.login(daemon.tokens["duty"])
    assert reader.cookies["closedloop"] != planted
    # Whoever signs in again has another name, and the former one is over.
    first = Browser(daemon)
    first.cookies = dict(reader.cookies)
    reader.login(daemon.tokens["duty"])
    assert reader.is_in() and not first.is_in()
    first.cookies = {"closedloop": planted}
    assert not first.is_in()


def test_idle_sessions_end_and_a_page_that_renews_itself_is_idle() -> None:
    daemon = desk()
    reader, watcher = Browser(daemon), Browser(daemon)
    reader.login(daemon.tokens["duty"])
    watcher.login(daemon.tokens["duty"])
    for minutes in (10, 20, 29):
        daemon.clock(later(START, minutes=minutes))
        assert reader.is_in()
        assert watcher.call("GET", "/?again").status == 200
    daemon.clock(later(START, minutes=31))
    assert reader.is_in()
    assert watcher.call("GET", "/?again").status == 303
    daemon.clock(later(START, minutes=62))
    assert not reader.is_in()


def test_a_day_ends_a_session_that_is_used() -> None:
    daemon = desk()
    reader = Browser(daemon)
    reader.login(daemon.tokens["operator"])
    for quarter in range(1, 48):
        daemon.clock(later(START, minutes=15 * quarter))
        assert reader.is_in(), quarter
    daemon.clock(later(START, hours=12))
    assert not reader.is_in()


def test_the_name_changes_and_the_former_is_good_for_a_moment() -> None:
    daemon = desk()
    reader, thief = Browser(daemon), Browser(daemon)
    reader.login(daemon.tokens["duty"])
    csrf = reader.session()["csrf"]
    thief.cookies = dict(reader.cookies)
    daemon.clock(later(START, minutes=15))
    assert reader.is_in() and reader.cookies != thief.cookies
    assert reader.session()["csrf"] == csrf
    assert thief.is_in() and thief.cookies != reader.cookies  # What was on its way still arrives, and learns nothing.
    daemon.clock(later(START, minutes=15, seconds=31))
    assert not thief.is_in()
    assert reader.is_in()


def test_a_browsers_write_must_come_from_our_page() -> None:
    daemon = desk()
    reader = Browser(daemon)
    reader.login(daemon.tokens["operator"])
    csrf = reader.session()["csrf"]
    own = f"http://127.0.0.1:{daemon.port}"
    wish = {"name": "b", "role": "duty"}

    def write(**headers: str) -> Answer:
        return daemon.call(
            "POST",
            "/v1/admin/tokens",
            wish,
            None,
            {"Cookie": f"closedloop={reader.cookies['closedloop']}", **{k.replace("_", "-"): v for k, v in headers.items()}},
        )

    for headers in (
        {},
        {"Origin": own},
        {"X_CSRF_Token": csrf},
        {"Origin": "https://evil.example", "X_CSRF_Token": csrf},
        {"Origin": "null", "X_CSRF_Token": csrf},
        {"Sec_Fetch_Site": "cross-site", "X_CSRF_Token": csrf},
        {"Sec_Fetch_Site": "same-site", "Origin": own, "X_CSRF_Token": csrf},
        {"Sec_Fetch_Site": "none", "X_CSRF_Token": csrf},
        {"Origin": own, "X_CSRF_Token": csrf[:-1] + ("A" if csrf[-1] != "A" else "B")},
        {"Origin": own, "X_CSRF_Token": ""},
    ):
        answer = write(**headers)
        assert (answer.status, answer.code) == (403, "csrf"), (headers, answer)
    assert not [row for row in daemon.get("/v1/admin/tokens")["tokens"] if row["name"] == "b"]
    assert write(Origin=own, X_CSRF_Token=csrf).status == 201
    wish["name"] = "c"
    assert write(Sec_Fetch_Site="same-origin", X_CSRF_Token=csrf).status == 201
    # A program that bears its token needs none of it, and a page elsewhere cannot sign its reader in.
    daemon.post("/v1/admin/tokens", {"name": "d", "role": "duty"}, status=201)
    answer = Browser(daemon).call("POST", "/login", {"token": daemon.tokens["duty"]}, Origin="https://evil.example")
    assert answer.status == 403 and "set-cookie" not in answer.headers, answer


def test_a_session_ends_with_its_token() -> None:
    daemon = desk()
    for how in ("revoked", "expired", "left out"):
        reader = Browser(daemon)
        if how == "left out":
            reader.login(daemon.tokens["duty"])
        else:
            reader.login(add(daemon, f"desk-{how}", "--role", "duty", "--expires", "20m"))
        assert reader.is_in()
        if how == "revoked":
            assert daemon.ctl("token", "revoke", "desk-revoked").returncode == 0
        elif how == "expired":
            daemon.clock(later(START, minutes=20))
        else:
            (daemon.dir / "tokens.yaml").write_text("tokens: []\n")
            assert daemon.ctl("reload").returncode == 0
        assert not reader.is_in() and not reader.cookies, how


def test_the_table_of_browsers_is_bounded() -> None:
    daemon = desk(sessions=2)
    readers = [Browser(daemon) for _ in range(3)]
    for number, reader in enumerate(readers):
        daemon.clock(later(START, minutes=number))
        reader.login(daemon.tokens["duty"])
    assert [reader.is_in() for reader in readers] == [False, True, True]


def test_whoever_signs_in_again_and_again_ends_only_her_own() -> None:
    daemon = desk(sessions=20)
    other = Browser(daemon)
    other.login(daemon.tokens["committee"])
    readers = []
    for number in range(25):
        daemon.clock(later(START, seconds=number + 1))
        readers.append(Browser(daemon))
        readers[-1].login(daemon.tokens["duty"])
    assert other.is_in()
    assert [reader.is_in() for reader in readers] == [False] * 17 + [True] * 8


# --- Whoever guesses


def test_who_guesses_is_slowed_down_and_nobody_else() -> None:
    daemon = desk()
    for number in range(5):
        assert status(daemon, f"guess-{number}-0123456789") == 401
    answer = daemon.call("GET", "/v1/journeys", token="guess-5-0123456789")
    assert (answer.status, answer.code) == (429, "too_many_failures"), answer
    assert 1 <= int(answer.headers["retry-after"]) <= 12, answer
    # Behind the same address sits the night's officer: she is let in, by token and by page.
    assert status(daemon, "duty") == 200
    reader = Browser(daemon)
    reader.login(daemon.tokens["duty"])
    assert reader.is_in()
    # Who shows nothing has not guessed.
    assert daemon.call("GET", "/v1/journeys", token=None).status == 401
    answer = Browser(daemon).call("POST", "/login", {"token": "guess-6-0123456789"})
    assert answer.status == 429 and "retry-after" in answer.headers and "Too many" in answer.body.decode(), answer
    assert "guess-" not in daemon.log_text()
    assert "api.throttled" in daemon.log_text()


def test_the_page_counts_like_the_calls_do() -> None:
    daemon = desk(failures=2)
    answers = [Browser(daemon).call("POST", "/login", {"token": f"guess-{n}-0123456789"}) for n in range(3)]
    assert [answer.status for answer in answers] == [401, 401, 429], answers
    assert all("guess" not in answer.body.decode() for answer in answers)
    assert status(daemon, "guess-3-0123456789") == 429


# --- Where a token stands


def test_a_token_stands_nowhere_but_with_its_owner() -> None:
    daemon = desk()
    token = add(daemon, "desk-1", "--role", "operator")
    reader = Browser(daemon)
    reader.login(token)
    csrf = reader.session()["csrf"]
    cookie = reader.cookies["closedloop"]
    status(daemon, token)
    status(daemon, token + "x")
    Browser(daemon).call("POST", "/login", {"token": token + "y"})
    daemon.ctl("token", "revoke", "desk-1")
    status(daemon, token)
    metrics = daemon.call("GET", "/metrics", token=None).body.decode()
    assert daemon.process
    command = Path(f"/proc/{daemon.process.pid}/cmdline").read_bytes() + Path(
        f"/proc/{daemon.process.pid}/environ"
    ).read_bytes()
    wait_until(lambda: "desk-1" in daemon.log_text(), "the log tells of the token's end")
    places = {"log": daemon.log_text().encode(), "metrics": metrics.encode(), "ps": command}
    for path in (daemon.dir / "state").rglob("*"):
        if path.is_file():
            places[path.name] = path.read_bytes()
    for secret in (token, token[4:], cookie, csrf):
        found = [place for place, data in places.items() if secret.encode() in data]
        assert not found, found
    assert any(b"desk-1" in data for data in places.values())


def test_every_answer_says_what_a_browser_may_do_with_it() -> None:
    daemon = desk()
    for path in ("/healthz", "/v1/journeys", "/login", "/", "/static/style.css", "/no/such/page", "/a/no-such-link"):
        answer = daemon.call("GET", path)
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "base-uri 'none'" in headers["content-security-policy"], path
        assert headers["referrer-policy"] == ("same-origin" if path in ("/login", "/") else "no-referrer"), path
    assert daemon.call("GET", "/a/no-such-link", token=None).headers["cache-control"] == "no-store"
