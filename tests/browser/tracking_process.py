"""MLflow's pages as a data scientist starts them, over a database of their own, for a browser to open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.workplace import PROJECT, Running, free_port


@contextmanager
def tracking_pages(folder: Path) -> Iterator[str]:
    """Run ``cart-outcomes ui`` on a free port of loopback; end it, by its process, afterwards.

    Parameters
    ----------
    folder : Path
        Has the database of runs, or will.

    Yields
    ------
    address : str
        Such as ``http://127.0.0.1:41234``, once it answers; runs may be recorded there too.
    """
    port = free_port()
    log = folder / "ui.txt"
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{folder.absolute() / 'mlflow.db'}"}
    with log.open("w") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", "training", "ui", "--port", str(port)),
            cwd=folder,
            env=own_environment(folder, store),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running, address = Running(process, log), f"http://127.0.0.1:{port}"
    try:
        running.wait_for(f"MLflow: {address}")
        yield address
    finally:
        running.stop(signal.SIGTERM)


def printed_address(folder: Path) -> str:
    """Find the address that ``cart-outcomes ui`` has printed for people to open."""
    lines = (folder / "ui.txt").read_text().splitlines()
    return next(line.removeprefix("MLflow: ") for line in lines if line.startswith("MLflow: "))


def own_environment(folder: Path, added: Mapping[str, str]) -> dict[str, str]:
    """Keep a command away from stores that are not this folder's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    kept |= {"PYTHONPATH": str(PROJECT), "BENTOML_HOME": str(folder / "bentoml"), "COLUMNS": "200"}
    (folder / "bentoml").mkdir(exist_ok=True)
    return {**kept, "BENTOML_DO_NOT_TRACK": "True", **added}
