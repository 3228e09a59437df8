"""Several workers: they answer alike, count together, are replaced, and end together."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_bundle
from tests.e2e.served import Served, descendants, free_port, gone, serve_command, started
from training.console.child_processes import refuse_taken_port

pytestmark = pytest.mark.slow

WORKERS = 2
REQUESTS, WAVES = 60, 50
ANSWERED = re.compile(r'bentoml_service_request_total\{endpoint="/risk",http_response_code="200"')
LINE = re.compile(
    r"\S+ \[INFO\] \[entry_service:RiskService:1\] POST /risk 200 \d+\.\d ms prediction_id=[0-9a-f-]{36}"
)


@pytest.fixture(scope="module")
def bundle_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a bundle, to be read only."""
    folder = tmp_path_factory.mktemp("released") / "bundle"
    write_bundle(make_bundle(), folder)
    return folder


@pytest.fixture
def served(bundle_on_disk: Path, tmp_path: Path) -> Iterator[Served]:
    """Start the service with several workers by our command."""
    port = free_port()
    call = f"serve({port}, bundle=Path({str(bundle_on_disk)!r}), workers={WORKERS})"
    with started(serve_command(call), port, tmp_path) as it:
        it.wait_until_ready()
        yield it


def test_all_workers_answer_alike_and_count_together(served: Served) -> None:
    """Also after one was killed and replaced; each request has one whole line in the log."""
    first = all_workers_of(served)
    asked = ask_until_all_have_answered(served)
    wait_for(lambda: counted(served) == asked)

    first[0].kill()
    wait_for(lambda: len(workers_of(served)) == WORKERS and first[0] not in workers_of(served))
    said = f"worker {first[0].pid} ended with status -9; another one is started"
    wait_for(lambda: said in served.written)
    asked += ask_until_all_have_answered(served)
    wait_for(lambda: counted(served) == asked)

    wait_for(lambda: len(set(LINE.findall(served.written))) == asked)
    assert all(LINE.fullmatch(line) for line in served.written.splitlines() if "/risk" in line)


def test_workers_end_with_the_process_that_forked_them(served: Served) -> None:
    """Killed, it leaves none behind, and BentoML starts it again; on SIGTERM all end with status 0."""
    first = all_workers_of(served)
    first[0].parent().kill()  # type: ignore[union-attr]
    assert gone(first)
    wait_for(lambda: len(workers_of(served)) == WORKERS)
    assert len(risks_of(served, 1)) == 1

    family = descendants(served.process.pid)
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(40) == 0, served.written
    assert gone(family)


def test_all_end_with_the_command_that_started_them(served: Served) -> None:
    """Killed, it ends nothing itself; then its port is free to start it again."""
    all_workers_of(served)
    family = descendants(served.process.pid)
    served.process.kill()
    served.process.wait()
    assert gone(family), served.written
    assert "the process that started the service has ended; the service ends too" in served.written
    refuse_taken_port(served.port, "127.0.0.1")


def workers_of(served: Served) -> list[psutil.Process]:
    """List the processes that answer: children of a process that runs the same program."""
    here = [one for one in descendants(served.process.pid) if _answers(one)]
    return [one for one in here if one.ppid() in {other.pid for other in here}]


def all_workers_of(served: Served) -> list[psutil.Process]:
    """List them once all run: the first can answer before the last is forked."""
    wait_for(lambda: len(workers_of(served)) == WORKERS)
    return workers_of(served)


def _answers(process: psutil.Process) -> bool:
    try:
        return "_bentoml_impl.worker.service" in process.cmdline()
    except psutil.Error:
        return False


def risks_of(served: Served, requests: int) -> set[str]:
    """Ask for one patient many times on as many connections; give the different answers."""

    def answer(_: int) -> str:
        status, text = served.ask("POST", "/risk", PATIENT)
        assert status == 200, text
        return json.dumps(json.loads(text)["outcomes"])

    with ThreadPoolExecutor(16) as pool:
        return set(pool.map(answer, range(requests)))


def ask_until_all_have_answered(served: Served) -> int:
    """Ask for one patient until each worker has answered; give the number of requests."""
    for wave in range(1, WAVES + 1):
        assert len(risks_of(served, REQUESTS)) == 1
        lines = (line for line in metrics_of(served) if "_last_request_timestamp" in line)
        answered = {int(pid) for line in lines for pid in re.findall(r'pid="(\d+)"', line)}
        if {worker.pid for worker in workers_of(served)} <= answered:
            return wave * REQUESTS
    raise AssertionError(served.written)


def counted(served: Served) -> float:
    """Read how many patients were answered."""
    (line,) = (line for line in metrics_of(served) if ANSWERED.match(line))
    return float(line.rpartition(" ")[2])


def metrics_of(served: Served) -> list[str]:
    """Read the counters, a line each."""
    return str(served.ask("GET", "/metrics")[1]).splitlines()


def wait_for(reached: Callable[[], bool], *, within: float = 60) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + within
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)
