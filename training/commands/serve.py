"""Serve the released model, or the record of all runs, on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import serving
from features.problems import Refused
from serving.bundle import read_bundle
from serving.store import BUNDLE_VARIABLE, released_bundle
from training.processes import Server, ip_address, refuse_taken_port, run_until_stopped
from training.tracking_store import without_credentials

DEFAULT_STORE = "sqlite:///mlflow.db"
HOST = "127.0.0.1"


def serve(port: int = 3000, host: str = HOST, bundle: Path | None = None) -> None:
    """Serve a bundle over HTTP until stopped.

    Parameters
    ----------
    port : int
        To listen on.
    host : str
        Address to listen on; this machine alone by default.
    bundle : Path, optional
        Folder of a bundle; the release by default.

    Raises
    ------
    Refused
        If the port is taken or the bundle is not whole, before anything starts; if the service ends by
        itself.
    """
    run_until_stopped([service(port, host, bundle)], announce=_say)


def ui(port: int = 5000) -> None:
    """Show runs and models in MLflow's own pages until stopped; on this machine alone.

    Raises
    ------
    Refused
        If the port is taken or the store cannot be shown.
    """
    run_until_stopped([tracking_pages(port)], announce=_say)


def serve_and_ui(port: int = 3000, ui_port: int = 5000, bundle: Path | None = None) -> None:
    """Serve a bundle and show the runs beside it; when one of the two ends, both do."""
    run_until_stopped([service(port, HOST, bundle), tracking_pages(ui_port)], announce=_say)


def service(port: int, host: str, bundle: Path | None) -> Server:
    """State how the service is started, after verifying what it will serve.

    Raises
    ------
    Refused
        If the port is taken or the bundle is not whole.
    """
    address = ip_address(host)
    refuse_taken_port(port, address)
    folder = (released_bundle() if bundle is None else bundle).resolve()
    _say(f"serving {read_bundle(folder).named}")
    project = Path(serving.__file__).parents[1]
    return Server(
        name="service",
        arguments=(
            *(sys.executable, "-m", "bentoml", "serve", "serving.service:RiskService"),
            *("--host", address, "--port", str(port), "--working-dir", str(project)),
        ),
        host=address,
        port=port,
        ready_path="/readyz",
        environment={BUNDLE_VARIABLE: str(folder), "BENTOML_DO_NOT_TRACK": "True"},
    )


def tracking_pages(port: int) -> Server:
    """State how MLflow's pages are started, in a process of their own: one worker, no jobs, no telemetry."""
    refuse_taken_port(port, HOST)
    store = os.environ.get("MLFLOW_TRACKING_URI", DEFAULT_STORE)
    if store.startswith(("http:", "https:")):
        address = without_credentials(store)
        message = f"MLFLOW_TRACKING_URI names a server that shows its runs itself: open {address}"
        raise Refused(message)
    return Server(
        name="MLflow",
        arguments=(
            *(sys.executable, "-m", "mlflow", "server", "--backend-store-uri", store, "--workers", "1"),
            *("--host", HOST, "--port", str(port), "--uvicorn-opts", "--log-level warning"),
        ),
        host=HOST,
        port=port,
        ready_path="/health",
        # Without it MLflow opens its pages for language models.
        start_page="/#/experiments?workflowType=machine_learning",
        environment={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
