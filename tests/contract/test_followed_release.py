"""A running service follows the release: each answer is wholly of one version; a bad release changes none."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import service
from serving.answers.question import Question
from serving.answers.scorer import Scorer
from serving.http.batch_lines import MEDIA_TYPE
from serving.http.batches import PATIENTS_AT_ONCE
from serving.http.drain import drain
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import BUNDLE_VARIABLE, model_folder, pointed_at, pointer_file
from serving.model.write_bundle import write_bundle
from serving.release.following import Following
from tests.bundles import PATIENT, make_bundle
from tests.releases import empty_store, linear
from training.release.bento_store import point_at, store_bundle

WITHIN_SECONDS = 30
PATIENTS = [PATIENT | {"age_years": 20 + number} for number in range(25)]
"""More than one step of a batch."""
OPTIONS: dict[str, Any] = {"patient": PATIENT, "options": [{"dose_1e6_per_kg": 0.3}]}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Release two models that answer differently; name their folders."""
    empty_store()
    made = {"1": linear(), "2": make_bundle()}
    found = []
    for version, bundle in made.items():
        folder = tmp_path_factory.mktemp("bundles") / version
        write_bundle(bundle, folder)
        found.append(store_bundle(folder, version).partition(":")[2])
    yield found
    empty_store()


@pytest.fixture
def following(names: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Run the service on the first release; it looks at the pointer twenty times a second."""
    monkeypatch.delenv(BUNDLE_VARIABLE, raising=False)
    monkeypatch.setattr(service, "Following", partial(Following, every_seconds=0.05))
    point_at(names[0])
    with TestClient(service.RiskService.to_asgi(), raise_server_exceptions=False) as client:
        yield client


def wait_for(reached: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def readiness(client: TestClient) -> Any:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    return answer.json()


def wait_for_release(client: TestClient, name: str) -> None:
    wait_for(lambda: readiness(client)["serving"]["release"] == name)


def metric(client: TestClient, name: str) -> list[str]:
    lines = client.get("/metrics").text.splitlines()
    return [line for line in lines if line.startswith(f"cart_outcomes_{name}")]


def without_ids(answers: list[Any]) -> list[Any]:
    return [{key: value for key, value in answer.items() if key != "prediction_id"} for answer in answers]


def offline(name: str) -> dict[str, list[Any]]:
    """Answer by a release without any service: alone, in the steps of a batch, and compared."""
    scorer, size = Scorer(read_bundle(model_folder() / name)), PATIENTS_AT_ONCE["all"]
    rows = [Question.model_validate(patient).model_dump() for patient in PATIENTS]

    def answers(step: list[Any]) -> list[Any]:
        return [json.loads(each.json()) for each in scorer.answered(step)]

    steps = [answers(rows[first : first + size]) for first in range(0, len(rows), size)]
    patient = Question.model_validate(PATIENT).model_dump()
    compared = json.loads(scorer.options(patient, OPTIONS["options"]).json())
    return {
        "alone": without_ids([answers([row])[0] for row in rows]),
        "batch": without_ids([answer for step in steps for answer in step]),
        "options": without_ids([compared]),
    }


def test_the_service_follows_the_pointer(
    following: TestClient, names: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """There and back: answers, card, form, pages and interface, readiness, log and counters."""
    versions = {}
    for name in (names[1], names[0]):
        point_at(name)
        wait_for_release(following, name)
        state = readiness(following)
        assert state == {
            "status": "ready",
            "serving": state["wanted"],
            "wanted": state["wanted"],
            "reason": None,
        }
        versions[name] = version = state["serving"]["version"]
        assert following.post("/risk", json=PATIENT).json()["bundle"]["version"] == version
        assert following.get("/model").json()["bundle"]["version"] == version
        assert following.get("/form").json()["bundle"]["version"] == version
        assert following.get("/docs.json").json()["info"]["version"] == version
        # Services of other tests in this process have gauges too.
        assert f'cart_outcomes_model_info{{version="{version}"}} 1.0' in metric(following, "model_info{")
        assert metric(following, "release_degraded ") == ["cart_outcomes_release_degraded 0.0"]
    one, two = versions[names[0]], versions[names[1]]
    assert [message for message in caplog.messages if message.startswith("release ")] == [
        f"release {names[1]}: version {two} replaces version {one}",
        f"release {names[0]}: version {one} replaces version {two}",
    ]


def test_every_answer_is_wholly_of_one_version(following: TestClient, names: list[str]) -> None:
    """Patients, batches, lines of batches and comparisons, while releases follow each other."""
    expected = [offline(name) for name in names]
    ended = threading.Event()
    seen: set[int] = set()

    def of_one_version(kind: str, answers: list[Any], first: int = 0) -> None:
        stated = without_ids(answers)
        matching = [
            number
            for number, each in enumerate(expected)
            if each[kind][first : first + len(stated)] == stated
        ]
        assert len(matching) == 1
        seen.update(matching)

    def ask(client_number: int) -> int:
        asked = 0
        while not ended.is_set():
            asked += 1
            place = (client_number + asked) % len(PATIENTS)
            of_one_version("alone", [following.post("/risk", json=PATIENTS[place]).json()], place)
            body = {"patients": PATIENTS}
            of_one_version("batch", following.post("/risk/batch", json=body).json()["answers"])
            lines = following.post("/risk/batch", json=body, headers={"accept": MEDIA_TYPE}).text
            of_one_version("batch", [json.loads(line) for line in lines.splitlines()])
            of_one_version("options", [following.post("/risk/options", json=OPTIONS).json()])
        return asked

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask, number) for number in range(2)]
        try:
            for name in [names[1], names[0]] * 3:
                point_at(name)
                wait_for_release(following, name)
        finally:
            ended.set()
        assert all(each.result() for each in asking)
    assert seen == {0, 1}


def damaged(good: Path, name: str) -> None:
    """Store a copy in which one byte of a file is another one."""
    copy = good.with_name(name)
    shutil.copytree(good, copy)
    file = copy / "provenance.json"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def of_another_schema(good: Path, name: str) -> None:
    """Store a copy that another schema was used for."""
    copy = good.with_name(name)
    shutil.copytree(good, copy)
    file = copy / "bundle.json"
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "schema": f"sha256:{'0' * 64}", "schema_digest": "sha256:0"}))


def missing(_good: Path, _name: str) -> None:
    """Store nothing."""


def without_record(good: Path, name: str) -> None:
    """Store a copy without what BentoML recorded of it."""
    shutil.copytree(good, good.with_name(name))
    (good.with_name(name) / "model.yaml").unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (damaged, "bundle_refused"),
        (of_another_schema, "bundle_refused"),
        (without_record, "bundle_refused"),
        (missing, "bundle_missing"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_bad_release_leaves_the_served_one(
    following: TestClient,
    names: list[str],
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path, str], None],
    reason: str,
) -> None:
    """Readiness says so without any path, a counter and the log too; the next good release ends it."""
    bad = f"v9-{spoil.__name__.replace('_', '-')}"
    serving = readiness(following)["serving"]
    spoil(model_folder() / names[1], bad)
    point_at(bad)
    wait_for(lambda: readiness(following)["status"] == "degraded")
    state = readiness(following)
    assert (state["serving"], state["wanted"]["release"], state["reason"]) == (serving, bad, reason)
    assert "/" not in json.dumps(state)
    assert following.post("/risk", json=PATIENT).json()["bundle"]["version"] == serving["version"]
    assert metric(following, "release_degraded ") == ["cart_outcomes_release_degraded 1.0"]
    (line,) = [record for record in caplog.records if record.name == "cart_outcomes.release"]
    assert line.levelname == "ERROR"
    assert line.getMessage().endswith(f"; version {serving['version']} is still served ({reason})")
    point_at(names[1])
    wait_for_release(following, names[1])
    assert readiness(following)["status"] == "ready"
    assert metric(following, "release_degraded ") == ["cart_outcomes_release_degraded 0.0"]


def test_a_torn_pointer_leaves_the_served_release(following: TestClient, names: list[str]) -> None:
    """Until it is whole again; the same release is not loaded a second time."""
    served = service.documents().state.release.now.model
    pointer_file().write_bytes(b"\xff\xfe\x00")
    wait_for(lambda: readiness(following)["reason"] == "pointer_unreadable")
    assert readiness(following)["wanted"] == {"version": "", "release": ""}
    point_at(names[0])
    wait_for(lambda: readiness(following)["status"] == "ready")
    assert service.documents().state.release.now.model is served


def test_a_bundle_that_is_named_is_not_replaced(client: TestClient, names: list[str]) -> None:
    """Its readiness names no release."""
    before = readiness(client)
    point_at(names[1] if pointed_at() == names[0] else names[0])
    service.documents().state.release.look()
    assert readiness(client) == before
    assert before["serving"]["release"] == before["wanted"]["release"] == ""


def test_a_service_that_ends_is_unready_and_answers(client: TestClient) -> None:
    """Each answer then closes its connection, so that the next request goes to another service."""
    try:
        drain.draining = True
        ready, answer = client.get("/readyz"), client.post("/risk", json=PATIENT)
    finally:
        drain.draining = False
    assert (ready.status_code, ready.json()) == (503, {"error": "the service is ending; ask another one"})
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    assert "connection" not in client.get("/readyz").headers
