"""The service as a process: what it writes, how it stops, and that it comes out of an image."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.http.body_problems import MOST_PATIENTS
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_bundle
from tests.e2e.served import PROJECT, Served, descendants, free_port, gone, serve_command, started
from tests.e2e.workplace import readme_blocks

pytestmark = pytest.mark.slow

PACKED = ("features", "serving", "data", "bentofile.yaml", ".bentoignore", "LICENSE")
CANARIES = ("CANARY", "Ivan", "987654")
NUMBER = "987654.25"
BATCH_BEGUN = re.compile(
    r'^bentoml_service_request_(?:in_progress|total)\{endpoint="/risk/batch",.*\} 1', re.MULTILINE
)


@pytest.fixture(scope="module")
def bundle_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a bundle, to be read only."""
    folder = tmp_path_factory.mktemp("released") / "bundle"
    write_bundle(make_bundle(), folder)
    return folder


@pytest.fixture(scope="module")
def served(bundle_on_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the service by our command."""
    port, folder = free_port(), tmp_path_factory.mktemp("serve")
    with started(serve_command(f"serve({port}, bundle=Path({str(bundle_on_disk)!r}))"), port, folder) as it:
        it.wait_until_ready()
        yield it


def test_a_real_server_answers(served: Served) -> None:
    """And its log names the answer and no more."""
    prediction_id = answered(served)
    line = next(line for line in served.written.splitlines() if prediction_id in line)
    assert " POST /risk 200 " in line


def test_a_real_server_writes_no_value(served: Served) -> None:
    """After bad requests of every kind, standard output, standard error and metrics are clean."""
    bad: list[tuple[str, str, object]] = [
        ("POST", "/risk", {"age_years": float(NUMBER), "CANARY Ivan": NUMBER}),
        ("POST", "/risk", {**PATIENT, "sex": "CANARY", "crp_mg_l": float(NUMBER)}),
        ("POST", "/risk", f'{{"CANARY": {NUMBER}'.encode()),
        ("POST", "/risk", b"\x80\x04CANARY."),
        ("POST", "/risk/batch", {"patients": ["CANARY", {"patient_id": "CANARY"}]}),
        ("POST", f"/risk?name=CANARY&age={NUMBER}", PATIENT),
        ("POST", "/risk", b"CANARY" * 200_000),
        ("GET", f"/CANARY/{NUMBER}", None),
        ("GET", "/model?CANARY=Ivan", None),
        ("CANARY", "/risk", None),
        ("PUT", "/CANARY", b"CANARY"),
    ]
    answers = [served.ask(method, path, body, **{"X-Patient": "CANARY"}) for method, path, body in bad]
    assert [status for status, _ in answers] == [422, 422, 400, 400, 422, 400, 413, 404, 200, 405, 404]
    metrics = served.ask("GET", "/metrics")[1]
    assert 'endpoint="/risk"' in metrics
    answered(served)
    assert_silent("".join(text for _, text in answers) + metrics + served.written)


CLIENTS = """
import asyncio, bentoml, json, sys
address, patient = sys.argv[1], json.loads(sys.argv[2])
with bentoml.SyncHTTPClient(address, server_ready_timeout=30) as client:
    answers = [client.risk(patient), *client.risk_batch({"patients": [patient, patient]})["answers"]]
    try:
        client.risk(patient | {"age_years": 600})
    except bentoml.exceptions.BentoMLException as error:
        refused = str(error)
async def without_waiting():
    async with bentoml.AsyncHTTPClient(address) as client:
        return await client.risk(patient)
answers.append(asyncio.run(without_waiting()))
print(json.dumps([refused, *(answer["outcomes"][0]["risk"] for answer in answers)]))
"""


def test_bentomls_clients_get_answers(served: Served) -> None:
    """A patient, a batch and a refusal, waiting for the answer or not."""
    address = f"http://127.0.0.1:{served.port}"
    script = [sys.executable, "-c", CLIENTS, address, json.dumps(PATIENT)]
    done = subprocess.run(script, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    refused, alone, *others = json.loads(done.stdout.splitlines()[-1])
    assert "age_years must be 0 to 100 years" in refused
    assert others == pytest.approx([alone] * 3, abs=1e-9)


def test_the_readme_shows_how_bentomls_client_sends_a_batch(served: Served) -> None:
    """Its lines run as they are; both patients get an answer."""
    (shown,) = readme_blocks("client", "python")
    script = shown.replace(":3000", f":{served.port}") + "\nprint(len(answers), answer['missing'] != [])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines()[-1:] == ["2 True"], done.stderr


@pytest.mark.parametrize(
    "raw",
    [
        b"CANARY\r\n\r\n",
        b"GET /CANARY HTTP/9.9\r\n\r\n",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nContent-Length: CANARY\r\n\r\n",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nCANARY\r\n",
        b"POST /risk HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 99\r\n\r\nCANARY",
        b"GET /CANARY HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        b"GET /" + b"CANARY" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["noise", "version", "length", "chunk", "cut", "websocket", "long"],
)
def test_broken_http_is_not_written_down(served: Served, raw: bytes) -> None:
    """What the server itself cannot read; afterwards it answers as before."""
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=5)
    with connection, contextlib.suppress(OSError):
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(1)
        while connection.recv(65536):
            pass
    answered(served)
    assert_silent(served.written)


def test_sigterm_ends_every_process(bundle_on_disk: Path, tmp_path: Path) -> None:
    """With exit status 0, also while a client holds its connection open; answers under way come first."""
    port = free_port()
    with started(serve_command(f"serve({port}, bundle=Path({str(bundle_on_disk)!r}))"), port, tmp_path) as it:
        it.wait_until_ready()
        family = descendants(it.process.pid)
        assert len(family) >= 2
        with socket.create_connection(("127.0.0.1", port)), batch_under_way(it) as batch:
            it.process.send_signal(signal.SIGTERM)
            answer = http.client.HTTPResponse(batch)
            answer.begin()
            assert (answer.status, len(json.load(answer)["answers"])) == (200, MOST_PATIENTS)
            assert it.process.wait(40) == 0, it.written
        assert gone(family)


@pytest.mark.acceptance
def test_when_one_server_dies_the_other_is_ended(bundle_on_disk: Path, tmp_path: Path) -> None:
    """Also what the dead one left behind; exit status 1, and the message says which it was."""
    port, ui_port = free_port(), free_port()
    call = f"serve_and_ui({port}, {ui_port}, Path({str(bundle_on_disk)!r}))"
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    with started(serve_command(call), port, tmp_path, MLFLOW_TRACKING_URI=store) as it:
        wait_for(it, f"MLflow: http://127.0.0.1:{ui_port}")
        assert f"service: http://127.0.0.1:{port}" in it.written
        family = descendants(it.process.pid)
        time.sleep(1)
        next(one for one in family if "bentoml" in one.cmdline() and "serve" in one.cmdline()).kill()
        assert it.process.wait(40) == 1
        assert "service stopped unexpectedly with status -9; see its messages above" in it.written
        assert "The other server was stopped too" in it.written
        assert gone(family)


def test_what_cannot_start_is_refused_before_it_does(bundle_on_disk: Path, tmp_path: Path) -> None:
    """A taken port, and no bundle: one line, exit status 1."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        call = f"serve({port}, bundle=Path({str(bundle_on_disk)!r}))"
        with started(serve_command(call), port, tmp_path) as it:
            assert it.process.wait(60) == 1
        assert it.written == (
            f"port {port} on 127.0.0.1 is in use; stop the program that uses it, "
            f"or choose another: --port {port + 1}\n"
        )
    with started(serve_command(f"serve({free_port()})"), 1, tmp_path) as it:
        assert it.process.wait(60) == 1
    assert it.written == (
        "no model is released yet; release one with `cart-outcomes promote`, "
        "or name a bundle folder with --bundle DIR\n"
    )


@pytest.mark.acceptance
def test_an_image_holds_its_model_and_no_cohort(tmp_path: Path) -> None:
    """Built from a copy of the project with real cohorts lying about, released over, and served."""
    project = tmp_path / "project"
    project.mkdir()
    for name in PACKED:
        source = PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, project / name)
    use = project / "serving" / "answers" / "intended_use.py"
    use.write_text(f"{use.read_text()}INTENDED_USE += ' (packed)'\n")
    for place in ("data/cohorts/real.csv", "data/real.csv", "cohort.csv", "data/evidence/site/real.csv"):
        (project / place).parent.mkdir(parents=True, exist_ok=True)
        (project / place).write_text("patient_id,age_years\nCANARY,31\n")
    release(tmp_path, version="built")
    environment = {**os.environ, "BENTOML_HOME": str(tmp_path / "bentoml"), "BENTOML_DO_NOT_TRACK": "True"}
    subprocess.run(
        [sys.executable, "-m", "bentoml", "build"],
        cwd=project,
        env=environment,
        check=True,
        capture_output=True,
    )
    files = [file for file in (tmp_path / "bentoml" / "bentos").rglob("*") if file.is_file()]
    assert any(file.name == "reference_profile.csv" for file in files)
    assert not [file for file in files if b"CANARY" in file.read_bytes()]
    assert not [file for file in files if {"training", "tests", "cohorts"} & set(file.parts[-3:])]
    release(tmp_path, version="later")
    port = free_port()
    command = [sys.executable, "-m", "bentoml", "serve", "risk_service:latest", "--port", str(port)]
    unset = {"PYTHONPATH": "", BUNDLE_VARIABLE: "", "BENTOML_DO_NOT_TRACK": "True"}
    with started([*command, "--host", "127.0.0.1"], port, tmp_path, **unset) as it:
        it.wait_until_ready()
        status, text = it.ask("POST", "/risk", PATIENT)
    answer = json.loads(text)
    assert (status, answer["bundle"]["version"].split("-")[0]) == (200, "built")
    assert answer["intended_use"].endswith(" (packed)")


def release(folder: Path, *, version: str) -> None:
    """Release a bundle in a store of its own, in a process of its own."""
    write_bundle(make_bundle(version=version), folder / f"bundle-{version}")
    script = f"""
from pathlib import Path
from training.release.bento_store import store_bundle
store_bundle(Path({str(folder / f"bundle-{version}")!r}), {version!r})
"""
    environment = {**os.environ, "BENTOML_HOME": str(folder / "bentoml"), "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)


def wait_for(served: Served, words: str, *, within: float = 90) -> None:
    """Wait until a command has written something."""
    deadline = time.monotonic() + within
    while words not in served.written:
        assert time.monotonic() < deadline, served.written
        assert served.process.poll() is None, served.written
        time.sleep(0.2)


def batch_under_way(served: Served) -> socket.socket:
    """Send the largest batch, and wait until the service works on it, or has done so."""
    body = json.dumps({"patients": [PATIENT] * MOST_PATIENTS}).encode()
    head = "POST /risk/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    client = socket.create_connection(("127.0.0.1", served.port), timeout=40)
    client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    deadline = time.monotonic() + 30
    while not BATCH_BEGUN.search(served.ask("GET", "/metrics")[1]):
        assert time.monotonic() < deadline
    return client


def answered(served: Served) -> str:
    """Get an answer and wait until the log names it, and so holds all that came before."""
    status, text = served.ask("POST", "/risk", PATIENT)
    answer = json.loads(text)
    assert (status, answer["bundle"]["version"].split("-")[0]) == (200, "7")
    wait_for(served, answer["prediction_id"])
    return str(answer["prediction_id"])


def assert_silent(text: str) -> None:
    """No canary is in a text."""
    assert not [word for word in CANARIES if word.lower() in text.lower()], text[-3000:]
