"""way.py — what lies between the daemon and an endpoint: an authority with its certificates, and a proxy."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path


def openssl(*words: str) -> None:
    made = subprocess.run(["openssl", *words], capture_output=True, text=True)
    assert made.returncode == 0, made


class Authority:
    """A certificate authority in DIRECTORY, as a city may have its own."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / f"{name}.pem"
        self.key = directory / f"{name}.key"
        new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        openssl(*new, "-keyout", str(self.key), "-out", str(self.path), "-subj", f"/CN={name}")

    def certify(self, name: str, holder: str = "IP:127.0.0.1", days: int = 30) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for HOLDER; with less than no DAYS it is out of date."""
        stem = self.path.with_name(f"{name}.{self.path.stem}")
        key, request, made = (stem.with_suffix(end) for end in (".key", ".csr", ".pem"))
        new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}"]
        openssl(*new, "-keyout", str(key), "-out", str(request), "-addext", f"subjectAltName={holder}")
        sign = ["x509", "-req", "-in", str(request), "-CA", str(self.path), "-CAkey", str(self.key), "-CAcreateserial"]
        openssl(*sign, "-days", str(days), "-copy_extensions", "copy", "-out", str(made))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made, key)
        return context


class Proxy:
    """An HTTP proxy: carries CONNECT through, answers everything else with 204, and notes what it was asked for. Whatever
    the name, it leads to a server on this machine."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(65536)
            if not more:
                return
            head += more
        line = head.split(b"\r\n")[0].decode()
        self.asked.append(line)
        verb, target, _ = line.split(" ")
        if verb != "CONNECT":
            client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", int(target.rpartition(":")[2])))
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        back = threading.Thread(target=_pour, args=(server, client), daemon=True)
        back.start()
        _pour(client, server)
        back.join()
        client.close()
        server.close()


def _pour(source: socket.socket, to: socket.socket) -> None:
    """Until SOURCE says no more."""
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # One of the two went.
