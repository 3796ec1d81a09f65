"""test_webhooks.py — npm's standardwebhooks and cloudevents read what a running daemon sends; they refuse what it did not."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
from typing import Any

from endpoints import Message
from harness import BUILD, ROOT, Daemon, wait_until
from outside import told_by_bus

LIBRARIES = BUILD / "interop"
VECTORS = json.loads((ROOT / "tests/data/channel_vectors.json").read_text())["standard_webhooks"]
COMMITTEE = "310112101007"


def ask(*jobs: dict[str, Any]) -> list[dict[str, Any]]:
    """What the libraries say to each of JOBS: {"value": …} or {"error": …}."""
    line = ["node", str(ROOT / "tests/interop/check.mjs")]
    said = subprocess.run(line, cwd=LIBRARIES, input=json.dumps(jobs), capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said
    results = json.loads(said.stdout)
    assert len(results) == len(jobs), said
    return results


def request_of(message: Message) -> dict[str, Any]:
    return {"headers": message.headers, "body": message.body.decode()}


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def sent(*signing: str) -> Message:
    """One notice of a real daemon that signs with SIGNING, now."""
    daemon = Daemon(start=False)
    files = [daemon.secret_file(f"{number}.secret", secret) for number, secret in enumerate(signing)]
    daemon.endpoint(f"u{COMMITTEE}")["secret_file"] = files
    daemon.write_config()
    daemon.start()
    told_by_bus(daemon, COMMITTEE)
    return wait_until(lambda: daemon.receiver.messages(COMMITTEE), "the notice comes")[0]


def test_the_library_signs_the_vectors_as_we_do() -> None:
    rows = [
        (row, secret, signature)
        for row in VECTORS
        for secret, signature in zip(row["secrets"], row["signatures"])
        if secret.startswith("whsec_")
    ]
    signs = [
        {"do": "sign", "secret": secret, "id": row["id"], "timestamp": row["timestamp_s"], "body": row["body"]}
        for row, secret, _ in rows
    ]
    assert [result.get("value") for result in ask(*signs)] == [signature for _, _, signature in rows]


def test_the_libraries_verify_the_vectors() -> None:
    jobs = []
    for row in VECTORS:
        headers = {
            "webhook-id": row["id"],
            "webhook-timestamp": str(row["timestamp_s"]),
            "webhook-signature": " ".join(row["signatures"]),
        }
        about = {"headers": headers, "body": row["body"], "now": row["timestamp_s"]}
        jobs += [{"do": "verify", "secret": one, **about} for one in row["secrets"] if one.startswith("whsec_")]
        jobs += [{"do": "verify_v1a", "key": key, **about} for key in row.get("public", [])]
    assert len(jobs) >= 4
    failed = [(job, result) for job, result in zip(jobs, ask(*jobs)) if "error" in result]
    assert not failed, failed


def test_either_secret_alone_verifies_during_a_rotation() -> None:
    new, old, other = new_secret(), new_secret(), new_secret()
    request = request_of(sent(new, old))
    by_new, by_old, by_other, whole = ask(
        {"do": "verify", "secret": new, **request},
        {"do": "verify", "secret": old, **request},
        {"do": "verify", "secret": other, **request},
        {"do": "verify", "secret": new, "headers": request["headers"], "body": request["body"]},
    )
    assert by_new.get("value", {}).get("specversion") == "1.0", by_new
    assert by_old == by_new == whole
    assert "WebhookVerificationError" in by_other.get("error", ""), by_other


def test_a_changed_request_is_refused() -> None:
    secret = new_secret()
    request = request_of(sent(secret))
    headers, body = request["headers"], request["body"]
    stamp = int(headers["webhook-timestamp"])
    changed = [
        {"headers": headers, "body": body.replace("即将到达", "已经到达")},
        {"headers": headers, "body": body + " "},
        {"headers": {**headers, "webhook-id": headers["webhook-id"][:-1] + "x"}, "body": body},
        {"headers": {**headers, "webhook-timestamp": str(stamp + 1)}, "body": body},
        {"headers": headers, "body": body, "now": stamp + 301},
        {"headers": headers, "body": body, "now": stamp - 301},
        {"headers": {name: text for name, text in headers.items() if name != "webhook-signature"}, "body": body},
    ]
    assert all(one["body"] != body or one != request for one in changed)
    edges = [{"headers": headers, "body": body, "now": stamp + 300}, {"headers": headers, "body": body, "now": stamp - 300}]
    results = ask(*({"do": "verify", "secret": secret, **one} for one in changed + edges))
    assert all("error" in result for result in results[: len(changed)]), results
    assert all("value" in result for result in results[len(changed) :]), results


def test_a_notice_signed_by_ed25519_verifies() -> None:
    row = next(row for row in VECTORS if row.get("public"))
    private, public = row["secrets"][0], row["public"][0]
    old = new_secret()
    request = request_of(sent(private, old))
    verified, by_old, changed, foreign = ask(
        {"do": "verify_v1a", "key": public, **request},
        {"do": "verify", "secret": old, **request},
        {"do": "verify_v1a", "key": public, "headers": request["headers"], "body": request["body"] + " "},
        {"do": "verify_v1a", "key": "whpk_" + base64.b64encode(os.urandom(32)).decode(), **request},
    )
    assert verified == {"value": True} and "value" in by_old, (verified, by_old)
    assert "error" in changed and "error" in foreign


def test_a_notice_is_a_valid_cloudevent() -> None:
    message = sent(new_secret())
    result = ask({"do": "event", **request_of(message)})[0]
    event = result.get("value")
    assert event, result
    assert event["specversion"] == "1.0" and event["id"] == message.id
    assert event["type"] == "org.closedloopd.alert.raised.v1" and event["source"].startswith("http://127.0.0.1:")
    assert event["data"]["kind"] == "arrival" and event["data"] == message.data
    without = {name: text for name, text in message.json.items() if name != "source"}
    broken = {"headers": message.headers, "body": json.dumps(without)}
    assert "error" in ask({"do": "event", **broken})[0], "the library judges nothing"
