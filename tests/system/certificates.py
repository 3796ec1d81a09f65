"""certificates.py — authorities and certificates made for one test, by the openssl command.

Keys are on P-256, so that making one costs nothing. Certificates are valid in real time: a drill's clock does not concern
TLS.
"""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

PATIENCE = 60


def openssl(*words: str, data: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *words], input=data, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


class Pair(NamedTuple):
    """A certificate and its key, as files."""

    certificate: Path
    key: Path

    @property
    def sha256(self) -> str:
        """The fingerprint, as a feed's settings write it."""
        return "sha256:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.certificate.read_text())).hexdigest()


class Authority:
    """An authority of our own in the directory AT."""

    def __init__(self, at: Path, name: str = "authority") -> None:
        self.at = at
        self.own = self.alone(name)

    def _key(self, name: str) -> Pair:
        pair = Pair(self.at / f"{name}.pem", self.at / f"{name}.key")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(pair.key))
        pair.key.chmod(0o600)
        return pair

    def alone(self, name: str) -> Pair:
        """A certificate that nobody vouches for but itself."""
        pair = self._key(name)
        words = ("req", "-x509", "-new", "-key", str(pair.key), "-subj", f"/CN={name}", "-days", "30")
        pair.certificate.write_bytes(openssl(*words))
        return pair

    def issue(self, name: str, subject: str | None = None, days: int = 30) -> Pair:
        """A certificate for NAME; with 0 DAYS it has ended."""
        pair = self._key(name)
        names = ("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        request = openssl("req", "-new", "-key", str(pair.key), "-subj", subject or f"/CN={name}", *names)
        by = ("-CA", str(self.own.certificate), "-CAkey", str(self.own.key), "-CAcreateserial")
        words = ("x509", "-req", *by, "-copy_extensions", "copyall", "-days", str(days))
        pair.certificate.write_bytes(openssl(*words, data=request))
        return pair
