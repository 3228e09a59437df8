"""nginx by the configuration of docs/deployment: on loopback, without root, ended by its process id."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.debian import found_or_installed
from tests.e2e.served import PROJECT, free_port

DEPLOYMENT = PROJECT / "docs" / "deployment"
PACKAGES = ("nginx-light",)
"""Debian's; it makes the user `www-data` too."""

HOST = "risk.hospital.example"
CLIENT = "127.0.0.3"
"""Another address than the proxy has towards the service."""

NO_CHANGES: Mapping[str, str] = {}

READY_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Proxy:
    """A running nginx."""

    port: int
    folder: Path

    @property
    def written(self) -> str:
        """All that it has logged."""
        return (self.folder / "log.txt").read_text(errors="replace")

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send a request through TLS from `CLIENT`, trusting this proxy's certificate alone."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "server.crt"))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, context=trusted, source_address=(CLIENT, 0)
        )
        with closing(connection):
            sent = {"Host": HOST, "Content-Type": "application/json"} | headers
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()


def nginx_program() -> str:
    """Find nginx, which Debian keeps off the PATH of users; install it if need be.

    Raises
    ------
    tests.debian.NotInstalledError
        If it is not there and cannot be installed.
    """
    return found_or_installed(_nginx, PACKAGES, missing="no nginx on the PATH or in /usr/sbin")


@contextmanager
def nginx(program: str, service_port: int, changes: Mapping[str, str] = NO_CHANGES) -> Iterator[Proxy]:
    """Run nginx in front of a service.

    Parameters
    ----------
    program : str
        As `nginx_program` gives it.
    service_port : int
        Where the service listens, or nothing does.
    changes : mapping of str to str
        What a hospital writes in place of lines of the configuration.

    Yields
    ------
    proxy : Proxy
    """
    with tempfile.TemporaryDirectory(prefix="nginx-", ignore_cleanup_errors=True) as name:
        proxy = Proxy(free_port(), Path(name))
        _prepare(proxy, service_port, changes)
        _check(program, proxy)
        with _running(program, proxy):
            yield proxy


def _nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _prepare(proxy: Proxy, service_port: int, changes: Mapping[str, str]) -> None:
    """Write the configuration for this machine, and a certificate; give them to the user."""
    here = {
        "listen 8443": f"listen 127.0.0.1:{proxy.port}",
        "server cart-outcomes:3000": f"server 127.0.0.1:{service_port}",
        "/tmp/": f"{proxy.folder}/tmp/",
        "/run/secrets/": f"{proxy.folder}/",
        **changes,
    }
    text = (DEPLOYMENT / "nginx.conf").read_text()
    for written, replaced in here.items():
        assert written in text
        text = text.replace(written, replaced)
    (proxy.folder / "nginx.conf").write_text(text)
    (proxy.folder / "tmp").mkdir()
    _write_certificate(proxy.folder)
    user = _user()
    if user is not None:
        entry = pwd.getpwnam(user)
        for path in (proxy.folder, *proxy.folder.iterdir()):
            os.chown(path, entry.pw_uid, entry.pw_gid)


def _write_certificate(folder: Path) -> None:
    """Sign one for an hour by its own key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    addresses = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.key").write_bytes(private)
    (folder / "server.key").chmod(0o600)


def _command(program: str, proxy: Proxy) -> list[str]:
    """As compose.yaml starts it, with this configuration."""
    compose = yaml.safe_load((DEPLOYMENT / "compose.yaml").read_text())
    options = compose["services"]["proxy"]["command"][1:]
    return [program, *options, "-p", str(proxy.folder), "-c", str(proxy.folder / "nginx.conf")]


def _check(program: str, proxy: Proxy) -> None:
    """Have nginx check the configuration, without a word of warning."""
    with _log(proxy) as output:
        command = [*_command(program, proxy), "-t"]
        status = subprocess.run(command, user=_user(), stdout=output, stderr=output, timeout=60).returncode
    assert status == 0, proxy.written
    assert "[warn]" not in proxy.written, proxy.written


@contextmanager
def _running(program: str, proxy: Proxy) -> Iterator[None]:
    with _log(proxy) as output:
        process = subprocess.Popen(
            _command(program, proxy),
            user=_user(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            _wait(process, proxy)
            yield
        finally:
            _end(process)


@contextmanager
def _log(proxy: Proxy) -> Iterator[IO[bytes]]:
    """Open the log for nginx, which opens its standard output once more by name, as the same user."""
    with (proxy.folder / "log.txt").open("ab") as output:
        user = _user()
        if user is not None:
            os.fchown(output.fileno(), pwd.getpwnam(user).pw_uid, -1)
        yield output


def _wait(process: subprocess.Popen[bytes], proxy: Proxy) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        with suppress(OSError):
            proxy.ask("GET", "/metrics")
            return
        assert process.poll() is None, proxy.written
        assert time.monotonic() < deadline, proxy.written
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask as compose.yaml does; the first process ends its own children."""
    process.send_signal(signal.SIGQUIT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    if process.poll() is None:
        process.terminate()
        process.wait(20)


def _user() -> str | None:
    """Without root, as in its container."""
    return "www-data" if os.geteuid() == 0 else None
