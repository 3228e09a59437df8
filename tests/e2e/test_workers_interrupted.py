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
STATUSES = {signal.SIGINT: {130, -2}, signal.SIGTERM: {143}, signal.SIGKILL: {-9}}
"""Python itself ends by SIGINT if the signal came while it executed text, as some imports do; shells count
both as 130."""


@pytest.mark.parametrize("fitting", [False, True], ids=["importing", "fitting"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda stop: stop.name)
def test_no_worker_and_no_patient_is_left_behind(stop, fitting, tmp_path):
    """After Ctrl-C, SIGTERM and kill -9, early and late; the shared values of the workers are removed."""
    command = (sys.executable, "-m", "training", "train", str(PROJECT / "data" / "synthetic.csv"))
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(tmp_path)}
    with (tmp_path / "said").open("w") as said:
        training = subprocess.Popen(
            (*command, "--workers", "2"), cwd=tmp_path, env=environment, stdout=said, stderr=said
        )
    try:
        workers = awaited(training, lambda: running_workers(training))
        if fitting:
            awaited(training, lambda: values_in(tmp_path))
        training.send_signal(stop)
        _, alive = psutil.wait_procs(workers, timeout=ENDS)
        assert not alive
        status = training.wait(ENDS)
        assert status in STATUSES[stop]
        assert gone(values_in(tmp_path))
    finally:
        training.kill()
        training.wait()
    if stop is not signal.SIGKILL:
        assert "Traceback" not in (tmp_path / "said").read_text()


def awaited(training, found):
    """Wait until something is found while a training runs."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert training.poll() is None
        if there := found():
            return there
        time.sleep(0.1)
    pytest.fail("no worker was started, or it got no values")


def running_workers(training):
    """List the workers, once there are two."""
    workers = [each for each in psutil.Process(training.pid).children() if is_worker(each)]
    return workers if len(workers) == 2 else []


def values_in(folder):
    """List the folders of shared values."""
    return [*folder.glob("cart-outcomes-*")]


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
