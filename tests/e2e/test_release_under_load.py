"""Releases while clients ask: none loses a request, nor does the end of the service."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.release_load import Load, answers_by_version, asking
from tests.e2e.released_site import Site, released_site, wait_for, write_bundles
from tests.e2e.test_worker_processes import workers_of

pytestmark = pytest.mark.slow

WORKERS, DRAIN_SECONDS = 2, 3
ANSWERED_MEANWHILE = 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve with several workers."""
    bundles = write_bundles(tmp_path_factory.mktemp("bundles"))
    folder = tmp_path_factory.mktemp("site")
    with released_site(folder, bundles, workers=WORKERS, drain_seconds=DRAIN_SECONDS) as site:
        yield site


def test_no_request_is_lost_to_releases(site: Site) -> None:
    """Good ones and a bad one; each answer is that of its version."""
    one, two = site.names
    load = Load(answers_by_version(site.bundles))
    with asking(site.served.port, load, 4):
        for name in (two, one, two):
            site.point(name)
            site.wait_for(name)
        site.point("v9-missing")
        wait_for(lambda: site.ready()["status"] == "degraded")
        site.point(two)
        site.wait_for(two)
    assert load.failed == []
    assert len(load.answered) == 2


def test_a_worker_that_is_killed_is_replaced_by_one_of_the_newest_release(site: Site) -> None:
    """Not by one of the release with which the service began."""
    site.point(site.names[1])
    site.wait_for(site.names[1])
    killed = workers_of(site.served)[0]
    killed.kill()
    wait_for(lambda: len(workers_of(site.served)) == WORKERS and killed not in workers_of(site.served))
    site.wait_for(site.names[1])
    metrics = str(site.served.ask("GET", "/metrics")[1]).splitlines()
    (info,) = (line for line in metrics if line.startswith("cart_outcomes_model_info{"))
    assert site.ready()["serving"]["version"] in info


def test_the_service_drains_before_it_ends(site: Site) -> None:
    """Unready at once, it answers until the end of the drain, then ends with status 0."""
    load = Load(answers_by_version(site.bundles))
    with asking(site.served.port, load, 2):
        site.served.process.send_signal(signal.SIGTERM)
        wait_for(lambda: site.ready() == 503)
        before = load.asked
        wait_for(lambda: load.asked >= before + ANSWERED_MEANWHILE)
        assert load.failed == []
    assert site.served.process.wait(60) == 0, site.served.written
