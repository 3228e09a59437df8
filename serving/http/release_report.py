"""How a change of the release is reported: a line in the log, and gauges for `/metrics`."""

from __future__ import annotations

import logging
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from serving.http.served_model import ServedModel
from serving.http.worker_processes import METRICS_VARIABLE, forget_process
from serving.release.followed_release import Release

log = logging.getLogger("cart_outcomes.release")

MODEL_INFO = "cart_outcomes_model_info"
DEGRADED = "cart_outcomes_release_degraded"

_FORMER = re.compile(rf"^{MODEL_INFO}\{{.*\}} 0\.0\n?", flags=re.MULTILINE)


class ReleaseReport:
    """Reports the states of the release that a process serves.

    Parameters
    ----------
    state : Release
        What is served to begin with.
    """

    def __init__(self, state: Release[ServedModel]) -> None:
        log.setLevel(logging.INFO)
        forget_ended_processes()
        self._version, self._name = state.model.version, state.name
        self._count(state)

    def __call__(self, state: Release[ServedModel]) -> None:
        """Report a change, or an attempt that failed."""
        before, self._version = self._version, state.model.version
        if state.reason is not None:
            log.error("%s; version %s is still served (%s)", state.problem, self._version, state.reason)
        elif state.name != self._name:
            log.info("release %s: version %s replaces version %s", state.name, self._version, before)
        else:
            log.info("version %s, which is served, is the release again", self._version)
        if before != self._version:
            _gauges()[0].labels(version=before).set(0)
        self._name = state.name
        self._count(state)

    def _count(self, state: Release[ServedModel]) -> None:
        versions, degraded = _gauges()
        versions.labels(version=self._version).set(1)
        degraded.set(0 if state.reason is None else 1)


def without_former_versions(metrics: str) -> str:
    r"""Leave out the versions that no process serves any more.

    Parameters
    ----------
    metrics : str
        As Prometheus reads them. Between several processes, a label cannot be removed, only set to 0.

    Examples
    --------
    >>> lines = 'cart_outcomes_model_info{version="1"} 0.0', 'cart_outcomes_model_info{version="2"} 1.0'
    >>> without_former_versions("\n".join(lines))
    'cart_outcomes_model_info{version="2"} 1.0'
    """
    return _FORMER.sub("", metrics)


def forget_ended_processes() -> None:
    """Take what processes that have ended serve, or have in progress, out of `/metrics`."""
    folder = os.environ.get(METRICS_VARIABLE)
    files = Path(folder).glob("gauge_live*_*.db") if folder else ()
    for pid in {int(stated) for file in files if (stated := file.stem.rpartition("_")[2]).isdigit()}:
        if not psutil.pid_exists(pid):
            forget_process(pid)


@cache
def _gauges() -> tuple[Any, Any]:
    # BentoML sets the folder of the counters after this module is imported.
    from prometheus_client import Gauge

    words = "1 while the wanted release is bad and another one is served"
    return (
        Gauge(MODEL_INFO, "1 for each version that is served", ["version"], multiprocess_mode="livemax"),
        Gauge(DEGRADED, words, multiprocess_mode="livemax"),
    )
