"""A minute of releases under load, twenty killed processes, memory after twenty releases; prints figures.

``pytest -m acceptance tests/e2e/test_release_campaign.py -s``
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.release_load import Load, answers_by_version, asking
from tests.e2e.released_site import Site, released_site, wait_for, write_bundles
from tests.e2e.test_worker_processes import workers_of

pytestmark = pytest.mark.acceptance

SECONDS = float(os.environ.get("RELEASE_SECONDS", "60"))
EVERY_SECONDS = 5.0
CLIENTS = 16
WORKERS = 2
CHANGE_SECONDS = 1.5
"""Time in which all workers take a release."""
KILLS = 20
LOOKS = (1, 2, 5, 10, 20)
"""Numbers of releases after which memory is measured."""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Write the two models."""
    return write_bundles(tmp_path_factory.mktemp("bundles"))


def show(line: str) -> None:
    sys.stdout.write(f"\n{line}")
    sys.stdout.flush()


@pytest.mark.parametrize("workers", [1, WORKERS])
def test_clients_lose_no_request_to_a_release_every_five_seconds(
    bundles: tuple[Path, Path], tmp_path: Path, workers: int
) -> None:
    """The times of answers beside a change are printed, and those of all others."""
    load = Load(answers_by_version(bundles))
    with released_site(tmp_path, bundles, workers=workers) as site:
        changes = _release_under_load(site, load)
    near, others = _by_distance(load, changes)
    show(
        f"{workers} workers, {CLIENTS} clients, {SECONDS:g} s, {len(changes)} releases: "
        f"{load.asked} requests, {len(load.failed)} failed, by version {dict(load.answered)}"
    )
    for words, times in ((f"within {CHANGE_SECONDS} s of a release", near), ("otherwise", others)):
        median, p99, slowest = np.quantile(times, (0.5, 0.99, 1))
        show(f"  {words}: p50 {median:.1f} ms, p99 {p99:.1f} ms, slowest {slowest:.0f} ms")
    assert load.failed == []
    assert len(load.answered) == 2


def _release_under_load(site: Site, load: Load) -> list[float]:
    changes: list[float] = []
    with asking(site.served.port, load, CLIENTS):
        for number in range(1, int(SECONDS / EVERY_SECONDS)):
            time.sleep(EVERY_SECONDS)
            site.point(site.names[number % 2])
            changes.append(time.perf_counter())
        time.sleep(EVERY_SECONDS)
    return changes


def _by_distance(load: Load, changes: list[float]) -> tuple[list[float], list[float]]:
    """Part the times of answers into those that ended shortly after a release, and the others."""
    near: list[float] = []
    others: list[float] = []
    for ended, took in load.milliseconds:
        beside = any(0 <= ended - change < CHANGE_SECONDS for change in changes)
        (near if beside else others).append(took)
    return near, others


def test_killed_processes_cost_only_what_they_were_answering(
    bundles: tuple[Path, Path], tmp_path: Path
) -> None:
    """Workers and the process that forks them, with a release at each kill; then all is as before."""
    load = Load(answers_by_version(bundles))
    with released_site(tmp_path, bundles, workers=WORKERS) as site:
        with asking(site.served.port, load, 4):
            for number in range(KILLS):
                _kill_one(site, number)
        site.wait_for(site.names[(KILLS - 1) % 2])
        after = Load(load.expected)
        with asking(site.served.port, after, 4):
            time.sleep(3)
    lost = sorted(set(load.failed))
    show(f"{KILLS} kills: {load.asked} requests, {len(load.failed)} lost their connection {lost}")
    show(f"  afterwards: {after.asked} requests, {len(after.failed)} failed")
    assert not [one for one in lost if one.startswith(("not the answer", "status"))]
    assert after.failed == []


def _kill_one(site: Site, number: int) -> None:
    """Release, and kill a worker, or each fifth time the process that has forked all."""
    workers = workers_of(site.served)
    forker = workers[0].parent()
    victim = workers[number % len(workers)] if number % 5 or forker is None else forker
    site.point(site.names[number % 2])
    victim.kill()
    wait_for(lambda: len(workers_of(site.served)) == WORKERS and not victim.is_running())
    time.sleep(0.5)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_memory_does_not_grow_with_releases(bundles: tuple[Path, Path], tmp_path: Path, workers: int) -> None:
    """Of all processes together."""
    with released_site(tmp_path, bundles, workers=workers) as site:
        found = {0: site.megabytes()}
        for number in range(1, max(LOOKS) + 1):
            name = site.names[number % 2]
            site.point(name)
            site.wait_for(name)
            if number in LOOKS:
                time.sleep(1)
                found[number] = site.megabytes()
    stated = ", ".join(f"{number}: {size:.0f}" for number, size in found.items())
    show(f"{workers} workers, MB by number of releases: {stated}")
    assert found[max(LOOKS)] < 1.05 * found[5] + 2
