"""The service behind nginx with TLS, by the configuration of docs/deployment."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from serving.http.body_reading import LARGEST_BODY
from serving.model.write_bundle import write_bundle
from tests.absent import absent
from tests.bundles import PATIENT, make_bundle
from tests.debian import NotInstalledError
from tests.e2e.nginx import HOST, Proxy, nginx, nginx_program
from tests.e2e.served import Served, free_port, serve_command, started

pytestmark = pytest.mark.slow

CANARY = "987654"


@pytest.fixture(scope="module")
def program() -> str:
    """Find nginx; a person without one may go on, continuous integration may not."""
    try:
        return nginx_program()
    except NotInstalledError as missing:
        absent(f"no nginx: {missing}")


@pytest.fixture(scope="module")
def served(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the service under the name of a hospital."""
    folder = tmp_path_factory.mktemp("behind")
    bundle, port = folder / "bundle", free_port()
    write_bundle(make_bundle(), bundle)
    call = f"serve({port}, bundle=Path({str(bundle)!r}), allowed_hosts=[{HOST!r}])"
    with started(serve_command(call), port, folder) as it:
        it.wait_until_ready()
        yield it


@pytest.fixture(scope="module")
def proxy(program: str, served: Served) -> Iterator[Proxy]:
    """Start nginx in front of it."""
    with nginx(program, served.port) as it:
        yield it


def test_the_page_comes_with_its_files(proxy: Proxy) -> None:
    """By the name of the hospital, and the browser is to use TLS from then on."""
    status, headers, page = proxy.ask("GET", "/", Accept="text/html")
    assert (status, headers["strict-transport-security"]) == (200, "max-age=31536000")
    assert headers["content-type"].startswith("text/html")
    assert b"cart-outcomes" in page
    assert "server" not in headers or headers["server"] == "nginx"


def test_a_patient_gets_the_answer_that_the_service_gives(proxy: Proxy, served: Served) -> None:
    """Number by number; only the identifier is another."""
    status, _, through = proxy.ask("POST", "/risk", json.dumps(PATIENT).encode())
    _, direct = served.ask("POST", "/risk", PATIENT)
    answers = [json.loads(text) for text in (through, direct)]
    assert status == 200
    assert answers[0]["outcomes"] == answers[1]["outcomes"]


def test_a_batch_comes_line_by_line(proxy: Proxy) -> None:
    """As the service sends it."""
    body = json.dumps({"patients": [PATIENT] * 3}).encode()
    status, _, lines = proxy.ask("POST", "/risk/batch", body, Accept="application/x-ndjson")
    assert (status, len(lines.splitlines())) == (200, 3)


def test_outcomes_and_uses_reach_the_service(proxy: Proxy, served: Served) -> None:
    """The path of reports, and the header by which the page states what an answer is used for."""
    report = {
        "prediction_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "outcome": "relapse",
        "happened": False,
    }
    status, _, refusal = proxy.ask("POST", "/outcome", json.dumps(report).encode())
    assert (status, refusal.decode()) == served.ask("POST", "/outcome", report)
    status, _, refusal = proxy.ask(
        "POST", "/risk", json.dumps(PATIENT).encode(), **{"X-Cart-Outcomes-Use": "guessing"}
    )
    assert status == 400
    assert "x-cart-outcomes-use" in json.loads(refusal)["error"]


def test_a_body_that_is_too_large_is_refused(proxy: Proxy, served: Served) -> None:
    """In the words of the service, one byte above its limit."""
    status, headers, refusal = proxy.ask("POST", "/risk", b" " * (LARGEST_BODY + 1))
    assert (status, headers["content-type"]) == (413, "application/json")
    assert json.loads(refusal) == {"error": "the body is larger than 1 MiB"}
    assert served.ask("POST", "/risk", b" " * (LARGEST_BODY + 1)) == (413, refusal.decode())


def test_the_largest_body_reaches_the_service(proxy: Proxy) -> None:
    """White space around a patient is read."""
    patient = json.dumps(PATIENT).encode()
    assert proxy.ask("POST", "/risk", patient + b" " * (LARGEST_BODY - len(patient)))[0] == 200


def test_another_name_is_refused_by_the_service(proxy: Proxy) -> None:
    """Nginx passes the name on."""
    assert proxy.ask("GET", "/", Host="attacker.example")[0] == 421


def test_counters_are_hidden(proxy: Proxy) -> None:
    """From the outside; health is not."""
    assert [proxy.ask("GET", path)[0] for path in ("/metrics", "/livez", "/readyz")] == [404, 200, 200]


def test_without_tls_nothing_is_answered(proxy: Proxy) -> None:
    """A request in the clear is refused."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
        client.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert b" 400 " in client.recv(4096).splitlines()[0]


def test_no_value_is_logged(proxy: Proxy, served: Served) -> None:
    """Neither of a body nor of an address, by nginx or the service."""
    wrong = PATIENT | {"ferritin_ug_l": f"{CANARY} ug"}
    assert proxy.ask("POST", "/risk", json.dumps(wrong).encode())[0] == 422
    assert proxy.ask("POST", f"/risk?age_years={CANARY}", json.dumps(PATIENT).encode())[0] == 400
    assert proxy.ask("POST", f"/risk?age_years={CANARY}", b" " * (LARGEST_BODY + 1))[0] == 413
    assert " POST /risk 413 " in proxy.written
    assert CANARY not in proxy.written + served.written


def test_a_flood_from_one_address_is_refused(program: str, served: Served) -> None:
    """With the form of the service's own refusal; other tests use another nginx."""
    with nginx(program, served.port) as proxy:
        for _ in range(600):
            status, headers, text = proxy.ask("GET", "/livez")
            if status == 429:
                break
    assert (status, headers["retry-after"]) == (429, "5")
    assert json.loads(text) == {"error": "too many requests at once; try again in a few seconds"}


def test_a_service_that_is_away_is_reported(program: str) -> None:
    """As JSON, which the page shows."""
    with nginx(program, free_port()) as proxy:
        status, _, text = proxy.ask("GET", "/readyz")
    assert status == 502
    assert json.loads(text) == {"error": "the service does not answer; try again in a few seconds"}


def test_nginx_writes_nothing_but_its_log(proxy: Proxy) -> None:
    """After all of these requests its folders for bodies and answers are empty."""
    left = [file for file in (proxy.folder / "tmp").rglob("*") if file.is_file()]
    assert [file.name for file in left] == ["nginx.pid"]
