"""A longer flood, and the time of the largest batch by the largest model; prints its figures.

``pytest -m acceptance tests/e2e/test_flood_campaign.py -s``
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xgboost

from features.outcomes import OUTCOMES
from serving.http.body_problems import MOST_PATIENTS
from serving.http.budgets import ANSWER_WITHIN_SECONDS
from serving.http.connections import HEAD_WITHIN_SECONDS
from serving.model.bundle import Bundle
from serving.model.write_bundle import write_bundle
from tests import bundles
from tests.e2e.served import Served, descendants, free_port, serve_command, started
from training.learners.boosted_trees import ROUNDS

pytestmark = pytest.mark.acceptance

N_REPLICATES = 200
SECONDS = int(os.environ.get("FLOOD_SECONDS", "60"))
CLIENTS = 1500
PATIENT = json.dumps(bundles.PATIENT).encode()


def head(path: str, length: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


FLOODS = {
    "half of a body": head("/risk", 500) + b'{"age_years":',
    "half of a batch of 1 MiB": head("/risk/batch", 2**20) + b" " * 2**19,
    "half of a head": b"POST /risk HTTP/1.1\r\nHost: localhost\r\nX-",
    "nothing": b"",
    "an answer that is not read": b"GET /schema HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50,
    "chunks without end": (
        b"POST /risk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n"
    ),
}


@pytest.fixture(scope="module")
def largest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the largest bundle that training makes: as many replicates and rounds as there can be."""
    folder = tmp_path_factory.mktemp("largest") / "bundle"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundles, "N_REPLICATES", N_REPLICATES)
        patch.setattr(bundles, "_booster", _largest_booster)
        write_bundle(_with_trees_everywhere(), folder)
    return folder


def _with_trees_everywhere() -> Bundle:
    rng = np.random.default_rng(1)
    models = {name: bundles.risk_model(name, rng, trees=True) for name in OUTCOMES}
    summary = bundles.make_bundle().summaries["relapse"]
    return dataclasses.replace(
        bundles.make_bundle(), models=models, summaries=dict.fromkeys(models, summary), left_out={}
    )


_GROWN: list[xgboost.Booster] = []
DIFFERENT = 5
"""Forests that are grown; the replicates share them, since only their number and size matter here."""


def _largest_booster(matrix: object, label: object, weight: object) -> xgboost.Booster:
    if len(_GROWN) < DIFFERENT:
        train = xgboost.DMatrix(matrix, label=label, weight=weight, nthread=1)
        settings = {"objective": "binary:logistic", "max_depth": 3, "base_score": 0.5, "nthread": 1}
        _GROWN.append(xgboost.train(settings, train, num_boost_round=max(ROUNDS)))
    else:
        _GROWN.append(_GROWN.pop(0))
    return _GROWN[-1]


@pytest.fixture(scope="module")
def served(largest: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start the service by our command."""
    port = free_port()
    call = f"serve({port}, bundle=Path({str(largest)!r}))"
    with started(serve_command(call), port, tmp_path_factory.mktemp("campaign")) as it:
        it.wait_until_ready(within=300)
        yield it


def timed(served: Served, method: str, path: str, body: object = None) -> float:
    """Expect 200 and give the seconds it took."""
    begun = time.perf_counter()
    status, text = served.ask(method, path, body)
    assert status == 200, text[:300]
    return time.perf_counter() - begun


def show(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def memory(served: Served) -> int:
    """Megabytes of the service with all its processes."""
    return sum(one.memory_info().rss for one in descendants(served.process.pid)) // 2**20


def test_the_largest_batch_takes_half_of_its_time(served: Served) -> None:
    """By the largest model, while single patients and readiness are asked."""
    rows = bundles.patients(MOST_PATIENTS, np.random.default_rng(2), missing=0.7)
    seconds: list[float] = []
    batch = threading.Thread(
        target=lambda: seconds.append(timed(served, "POST", "/risk/batch", {"patients": rows}))
    )
    batch.start()
    beside: dict[str, list[float]] = {"/risk": [], "/readyz": []}
    while batch.is_alive():
        beside["/risk"].append(timed(served, "POST", "/risk", bundles.PATIENT))
        beside["/readyz"].append(timed(served, "GET", "/readyz"))
    each = 1000 * seconds[0] / MOST_PATIENTS
    half = ANSWER_WITHIN_SECONDS / 2
    show(f"\nbatch of {MOST_PATIENTS}: {seconds[0]:.2f} s of {half:g} s, {each:.1f} ms a patient")
    for path, times in beside.items():
        show(f"  beside it {path}: {len(times)} answers, the slowest in {1000 * max(times):.0f} ms")


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_a_minute_keeps_no_one_waiting(served: Served, kind: str) -> None:
    """Clients come again as soon as they are cut off; memory stays within bounds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    stop, opened = threading.Event(), [0]
    flood = threading.Thread(target=_flood, args=(served, FLOODS[kind], stop, opened))
    before = memory(served)
    flood.start()
    times: dict[str, list[float]] = {"/risk": [], "/": [], "/readyz": []}
    largest_memory, ends = before, time.monotonic() + SECONDS
    try:
        while time.monotonic() < ends:
            times["/risk"].append(timed(served, "POST", "/risk", bundles.PATIENT))
            times["/"].append(timed(served, "GET", "/"))
            times["/readyz"].append(timed(served, "GET", "/readyz"))
            largest_memory = max(largest_memory, memory(served))
            time.sleep(0.2)
    finally:
        stop.set()
        flood.join()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    show(f"\n{kind}: {opened[0]} connections in {SECONDS} s, memory {before} to {largest_memory} MB")
    for path, found in times.items():
        middle, slowest = 1000 * np.median(found), 1000 * max(found)
        show(f"  {path}: {len(found)} answers, median {middle:.0f} ms, slowest {slowest:.0f} ms")
    assert largest_memory < before + 400


def _flood(served: Served, raw: bytes, stop: threading.Event, opened: list[int]) -> None:
    clients: list[socket.socket] = []
    while not stop.is_set():
        try:
            client = socket.create_connection(("127.0.0.1", served.port), timeout=HEAD_WITHIN_SECONDS)
            clients.append(client)
            client.setblocking(False)
            client.send(raw)
            opened[0] += 1
        except OSError:
            pass
        while len(clients) > CLIENTS:
            clients.pop(0).close()
    for client in clients:
        client.close()
