"""The service behind nginx with TLS and single sign-on: who is let in, at which address, what is written."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from serving.model.write_bundle import write_bundle
from tests.absent import absent
from tests.bundles import PATIENT, make_bundle
from tests.callers import PROXY_USER, new_key_in, site, token
from tests.debian import NotInstalledError
from tests.e2e.nginx import HOST, Proxy, nginx, nginx_program
from tests.e2e.served import PROJECT, Served, free_port, serve_command, started
from tests.kept_answers import KeptAnswers, kept_answers
from tests.recorded_site import read_rows
from training.commands.keys import revoke

pytestmark = pytest.mark.slow

SESSION = "session=right"
STRANGER = "127.0.0.2"
"""An address that is not the proxy's."""

SIGN_ON = """auth_request /sign-on;
        auth_request_set $sign_on_user $upstream_http_x_user;
        location /sign-on { internal; proxy_pass http://127.0.0.1:PORT; proxy_pass_request_body off; }"""
"""The lines of nginx.conf that a hospital takes out of the comment."""

PREFIX = "/cart"
RIGHT = json.dumps(PATIENT).encode()


class SignOn(BaseHTTPRequestHandler):
    """A hospital's sign-on service: names the person of a session; of none, no one."""

    def do_GET(self) -> None:
        """Answer nginx's question about a request."""
        self.send_response(204)
        if self.headers.get("Cookie") == SESSION:
            self.send_header("X-User", PROXY_USER)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Write nothing."""


@dataclass
class Hospital:
    """What runs: the service, nginx, and a key."""

    served: Served
    proxy: Proxy
    folder: Path
    key: str

    def written(self) -> str:
        """All that the service and nginx have logged."""
        return self.served.written + self.proxy.written


@pytest.fixture(scope="module")
def sign_on() -> Iterator[int]:
    """Run the sign-on service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), SignOn)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def hospital(sign_on: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """Start the service and nginx, under a path of the hospital's address."""
    try:
        program = nginx_program()
    except NotInstalledError as missing:
        absent(f"no nginx: {missing}")
    folder, port = tmp_path_factory.mktemp("hospital"), free_port()
    write_bundle(make_bundle(), folder / "bundle")
    key = new_key_in(folder / "keys.json", "predict", "read", "outcome")
    record = kept_answers(folder)
    settings = site(folder)
    settings.write_text(settings.read_text().replace("10.0.0.5", "127.0.0.1"))
    call = (
        "from training.commands.access import Access; "
        f"serve({port}, bundle=Path({str(folder / 'bundle')!r}), allowed_hosts=[{HOST!r}], "
        f"access=Access(keys=Path({str(folder / 'keys.json')!r}), identity=Path({str(settings)!r})), "
        f"record=Path({str(record.file)!r}))"
    )
    changes = {
        'set $sign_on_user "";': SIGN_ON.replace("PORT", str(sign_on)),
        'set $published_prefix "";': f'set $published_prefix "{PREFIX}";',
        "location = /metrics": f"location = {PREFIX}/metrics",
        "location = /risk/batch": f"location = {PREFIX}/risk/batch",
    }
    with started(serve_command(call), port, folder) as served:
        served.wait_until_ready()
        with nginx(program, port, changes) as proxy:
            yield Hospital(served, proxy, folder, key)


def direct(hospital: Hospital, peer: str, **headers: str) -> int:
    """Ask the service itself, past nginx, from an address: the status."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", hospital.served.port, timeout=30, source_address=(peer, 0)
    )
    with closing(connection):
        connection.request("GET", "/model", headers=headers)
        return connection.getresponse().status


def test_a_person_who_is_signed_on_gets_page_and_answer(hospital: Hospital) -> None:
    """Under the path that the hospital publishes; links of the page are relative to it."""
    status, _, page = hospital.proxy.ask("GET", f"{PREFIX}/", Cookie=SESSION, Accept="text/html")
    assert status == 200
    for file in re.findall(rb'(?:href|src)="(assets/[^"]+)"', page):
        assert hospital.proxy.ask("GET", f"{PREFIX}/{file.decode()}", Cookie=SESSION)[0] == 200
    status, _, answer = hospital.proxy.ask("POST", f"{PREFIX}/risk", RIGHT, Cookie=SESSION)
    assert (status, "outcomes" in json.loads(answer)) == (200, True)
    _, _, docs = hospital.proxy.ask("GET", f"{PREFIX}/docs", Cookie=SESSION)
    assert f"curl https://{HOST}{PREFIX}/risk -H".encode() in docs


def test_a_person_who_is_not_sees_what_to_do(hospital: Hospital) -> None:
    """On the page; a program gets JSON."""
    status, headers, page = hospital.proxy.ask("GET", f"{PREFIX}/", Accept="text/html")
    assert (status, headers["www-authenticate"]) == (401, 'Bearer realm="cart-outcomes"')
    assert b"Sign-on needed" in page
    assert hospital.proxy.ask("POST", f"{PREFIX}/risk", RIGHT, Cookie="session=wrong")[0] == 401


def test_programs_pass_by_key_or_token(hospital: Hospital) -> None:
    """Through the same nginx, which names no person for them."""
    for secret in (hospital.key, token()):
        headers = {"Authorization": f"Bearer {secret}"}
        assert hospital.proxy.ask("POST", f"{PREFIX}/risk", RIGHT, **headers)[0] == 200


def test_an_answer_and_its_outcome_are_recorded(hospital: Hospital) -> None:
    """The answer by the digest of the person's name, the outcome by the key of the program."""
    answered = json.loads(hospital.proxy.ask("POST", f"{PREFIX}/risk", RIGHT, Cookie=SESSION)[2])
    report = {"prediction_id": answered["prediction_id"], "outcome": "severe_crs", "happened": True, "day": 4}
    body = json.dumps(report).encode()
    assert hospital.proxy.ask("POST", f"{PREFIX}/outcome", body, Cookie=SESSION)[0] == 403
    headers = {"Authorization": f"Bearer {hospital.key}"}
    status = hospital.proxy.ask("POST", f"{PREFIX}/outcome", body, **headers)[0]
    assert status in (200, 201, 204)
    kept = KeptAnswers(hospital.folder / "record.toml")
    (answer,) = [row for row in read_rows(kept) if row["prediction_id"] == answered["prediction_id"]]
    (outcome,) = read_rows(kept, "outcome")
    assert answer["caller"].startswith("proxy:")
    assert (outcome["caller"], outcome["outcome"]) == (f"key:{hospital.key[6:14]}", "severe_crs")
    assert kept.verified().broken is None


def test_no_client_names_itself(hospital: Hospital) -> None:
    """Neither through nginx, which replaces the header, nor past it from another address."""
    forged = {"X-Remote-User": PROXY_USER, "X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    assert hospital.proxy.ask("POST", f"{PREFIX}/risk", RIGHT, **forged)[0] == 401
    assert direct(hospital, STRANGER, **forged) == 401
    assert direct(hospital, "127.0.0.1", **{"X-Remote-User": PROXY_USER}) == 200  # the proxy's own address
    metrics = hospital.served.ask("GET", "/metrics", Authorization=f"Bearer {hospital.key}")[1]
    assert 'cart_outcomes_callers_refused_total{reason="ignored_sign_on_header"} 1.0' in metrics


def test_a_prefix_that_a_client_states_is_replaced(hospital: Hospital) -> None:
    """By the hospital's."""
    forged = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "http", "Cookie": SESSION}
    assert hospital.proxy.ask("GET", "/evil/model", **forged)[0] == 404
    assert b"/evil" not in hospital.proxy.ask("GET", f"{PREFIX}/docs", **forged)[2]


def test_keys_change_while_the_service_runs(hospital: Hospital) -> None:
    """A new one is accepted and a revoked one refused, within seconds."""
    file = hospital.folder / "keys.json"
    fresh = new_key_in(file, "predict")
    headers = {"Authorization": f"Bearer {fresh}"}
    assert _status_within(hospital, 200, **headers) == 200
    revoke(fresh[6:14], keys=file)
    assert _status_within(hospital, 401, **headers) == 401


def test_no_secret_is_logged(hospital: Hospital) -> None:
    """By nginx or the service; callers are named by id and digest."""
    hospital.proxy.ask("POST", f"{PREFIX}/risk?key={hospital.key}", RIGHT, Cookie=SESSION)
    assert hospital.proxy.ask("GET", f"{PREFIX}/metrics", Cookie=SESSION)[0] == 404
    log = _written_with(hospital, "refused=secret_in_address")
    assert f"caller=key:{hospital.key[6:14]}" in log
    assert "caller=proxy:" in log
    for secret in (hospital.key[15:], PROXY_USER, "Ivanova", "eyJ"):
        assert secret not in log


def test_lines_of_the_configuration_are_those_that_are_tested() -> None:
    """The comment of nginx.conf, without the address of the sign-on service."""
    text = (PROJECT / "docs" / "deployment" / "nginx.conf").read_text()
    for line in SIGN_ON.splitlines():
        start = line.strip().partition("http://")[0]
        assert f"#   {start}" in text
    compose = yaml.safe_load((PROJECT / "docs" / "deployment" / "compose.yaml").read_text())
    assert "cart-outcomes" in compose["services"]


def _written_with(hospital: Hospital, text: str) -> str:
    """Read the logs once a text is in them: lines of another process come late."""
    deadline = time.monotonic() + 15
    while text not in hospital.written():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return hospital.written()


def _status_within(hospital: Hospital, wanted: int, **headers: str) -> int:
    """Ask until the status is the wanted one, for some seconds at most."""
    deadline = time.monotonic() + 15
    while True:
        status = hospital.proxy.ask("POST", f"{PREFIX}/risk", RIGHT, **headers)[0]
        if status == wanted or time.monotonic() > deadline:
            return status
        time.sleep(0.2)
