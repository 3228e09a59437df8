"""Clients that ask a running service while releases follow each other, and what they were answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serving.answers.question import Question
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from tests.bundles import PATIENT

PATIENTS = [PATIENT | {"age_years": 20 + number} for number in range(8)]
TIMEOUT_SECONDS = 60
PAUSE_SECONDS = 0.05
"""Pause of a client whose connection was lost."""


@dataclass
class Load:
    """What all clients saw.

    Attributes
    ----------
    expected : mapping
        By version: the answer to each patient, by its place; without the identifier.
    """

    expected: Mapping[str, Sequence[Any]]
    answered: Counter[str] = field(default_factory=Counter)
    """Answers by version."""
    milliseconds: list[tuple[float, float]] = field(default_factory=list)
    """End of each answer on a clock that never goes back, in seconds, and its time."""
    failed: list[str] = field(default_factory=list)
    """Refusals, lost connections, and answers that are of no version."""
    acknowledged: set[str] = field(default_factory=set)
    """Prediction ids of the answers."""

    def add(self, place: int, content: bytes) -> None:
        """Compare an answer with that of its version, without a service."""
        answer = json.loads(content)
        self.acknowledged.add(answer.pop("prediction_id"))
        version = answer["bundle"]["version"]
        self.answered[version] += 1
        if answer != self.expected[version][place]:
            self.failed.append(f"not the answer of {version}")

    @property
    def asked(self) -> int:
        """Number of requests."""
        return len(self.milliseconds)


def answers_by_version(folders: Sequence[Path]) -> dict[str, list[Any]]:
    """Answer for all patients by bundles, without a service."""
    found = {}
    for folder in folders:
        scorer = Scorer(read_bundle(folder))
        rows = [Question.model_validate(patient).model_dump() for patient in PATIENTS]
        answers = [json.loads(scorer.answered([row])[0].json()) for row in rows]
        for answer in answers:
            answer.pop("prediction_id")
        found[scorer.bundle.version_name] = answers
    return found


@contextmanager
def asking(port: int, load: Load, clients: int) -> Iterator[None]:
    """Have clients ask without a pause, each on a connection that it keeps as long as the service does."""
    ended = threading.Event()
    threads = [threading.Thread(target=_ask, args=(port, load, ended, number)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _ask(port: int, load: Load, ended: threading.Event, number: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    bodies = [json.dumps(patient).encode() for patient in PATIENTS]
    place = number % len(PATIENTS)
    while not ended.is_set():
        begun = time.perf_counter()
        try:
            connection.request("POST", "/risk", bodies[place], {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
            if response.status == 200:
                load.add(place, content)
            else:
                load.failed.append(f"status {response.status}")
        except (OSError, http.client.HTTPException) as error:
            load.failed.append(type(error).__name__)
            connection.close()
            ended.wait(PAUSE_SECONDS)
        now = time.perf_counter()
        load.milliseconds.append((now, 1000 * (now - begun)))
        place = (place + 1) % len(PATIENTS)
    connection.close()
