"""The service as its users start it, with a small bundle, for a browser to open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving.model.bundle import Bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.e2e.workplace import PROJECT, Running, free_port


@contextmanager
def served(
    folder: Path, *, port: int | None = None, bundle: Bundle | None = None, record: Path | None = None
) -> Iterator[str]:
    """Serve a bundle on a port of loopback; end the service, by its process, afterwards.

    Parameters
    ----------
    folder : Path
        Empty, or not there yet; the bundle, the service's own files and its output go there.
    port : int, optional
        A free one by default.
    bundle : Bundle, optional
        What to serve; the small bundle by default.
    record : Path, optional
        Settings of a record of answers.

    Yields
    ------
    address : str
        Such as ``http://127.0.0.1:41234``, once /readyz answers 200.
    """
    port = port or free_port()
    write_bundle(make_bundle() if bundle is None else bundle, folder / "bundle")
    recorded = () if record is None else ("--record", str(record))
    command = ("serve", "--port", str(port), "--bundle", str(folder / "bundle"), *recorded)
    settings = {**os.environ, "PYTHONPATH": str(PROJECT), "BENTOML_HOME": str(folder / "bentoml")}
    settings.pop("PROMETHEUS_MULTIPROC_DIR", None)
    log = folder / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", "training", *command),
            cwd=folder,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running, address = Running(process, log), f"http://127.0.0.1:{port}"
    try:
        running.wait_for(f"service: {address}")
        yield address
    finally:
        running.stop(signal.SIGTERM)
