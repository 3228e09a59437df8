"""Worker processes end with the command that started them, however it ends."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from features.project_files import PROJECT

pytestmark = pytest.mark.slow

ENDS = 15
"""Seconds in which all has ended, also on a busy machine."""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda stop: stop.name)
def test_no_worker_and_no_patient_is_left_behind(stop, tmp_path):
    """After Ctrl-C, SIGTERM and kill -9; the shared values of the workers are removed."""
    command = (sys.executable, "-m", "training", "train", str(PROJECT / "data" / "synthetic.csv"))
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(tmp_path)}
    with (tmp_path / "said").open("w") as said:
        training = subprocess.Popen(
            (*command, "--workers", "2"), cwd=tmp_path, env=environment, stdout=said, stderr=said
        )
    try:
        workers = started_workers(training)
        assert [*tmp_path.glob("cart-outcomes-*")]
        training.send_signal(stop)
        _, alive = psutil.wait_procs(workers, timeout=ENDS)
        assert not alive
        status = training.wait(ENDS)
        assert status == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[stop]
        assert gone([*tmp_path.glob("cart-outcomes-*")])
    finally:
        training.kill()
        training.wait()
    if stop is not signal.SIGKILL:
        assert "Traceback" not in (tmp_path / "said").read_text()


def started_workers(training):
    """Wait until both workers run, and let them begin."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert training.poll() is None
        workers = [each for each in psutil.Process(training.pid).children() if is_worker(each)]
        if len(workers) == 2:
            time.sleep(2)
            return workers
        time.sleep(0.1)
    pytest.fail("no worker was started")


def is_worker(process):
    try:
        return "popen_loky" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def gone(folders):
    """Whether folders are removed soon."""
    until = time.monotonic() + ENDS
    while any(folder.exists() for folder in folders) and time.monotonic() < until:
        time.sleep(0.1)
    return not any(folder.exists() for folder in folders)
