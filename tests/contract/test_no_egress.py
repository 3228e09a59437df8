"""The service calls nobody: no name is looked up and no connection is made, whatever is asked."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_bundle

PROJECT = Path(__file__).parents[2]

WATCHED = """
import json, socket, sys
called = []

def noted(event, arguments):
    outside = event in {"socket.connect", "socket.sendto"} and arguments[0].family != socket.AF_UNIX
    if outside or event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        called.append([event, str(arguments[1:])])

sys.addaudithook(noted)
from starlette.testclient import TestClient
from serving.service import RiskService
patient = json.loads(sys.argv[1])
options = {"patient": patient, "options": [{"target_antigen": "cd22"}]}
if sys.argv[2:]:
    socket.create_connection(("127.0.0.1", int(sys.argv[2]))).close()
with TestClient(RiskService.to_asgi()) as client:
    asked = [client.get(path) for path in ("/", "/model", "/docs", "/schema", "/form", "/metrics", "/readyz")]
    asked.append(client.post("/risk", json=patient))
    asked.append(client.post("/risk/batch", json={"patients": [patient, patient]}))
    asked.append(client.post("/risk/options", json=options))
print(json.dumps([[each.status_code for each in asked], called]))
"""


def calls(bundle: Path, *arguments: str) -> tuple[list[int], list[list[str]]]:
    """Ask everything of a service in a fresh Python; give statuses, and what was looked up or called."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCHED, json.dumps(PATIENT), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=PROJECT,
        env={**os.environ, BUNDLE_VARIABLE: str(bundle), "PYTHONPATH": str(PROJECT)},
    )
    assert done.returncode == 0, done.stderr
    statuses, called = json.loads(done.stdout.splitlines()[-1])
    return statuses, called


def test_the_service_calls_nobody(tmp_path: Path) -> None:
    """Pages, answers, documents and counters, from the import of the service on."""
    write_bundle(make_bundle(), tmp_path / "bundle")
    statuses, called = calls(tmp_path / "bundle")
    assert set(statuses) == {200}
    assert called == []


def test_a_call_would_be_found(tmp_path: Path) -> None:
    """So that the test above can fail."""
    write_bundle(make_bundle(), tmp_path / "bundle")
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, called = calls(tmp_path / "bundle", str(server.getsockname()[1]))
    assert [event for event, _ in called] == ["socket.getaddrinfo", "socket.connect"]
