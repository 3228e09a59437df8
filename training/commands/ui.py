"""Start the MLflow UI on this machine."""

from __future__ import annotations

import os
import sys

from features.problems import Refused
from training.commands.options import Port
from training.console.child_processes import Server, refuse_taken_port, run_until_stopped
from training.console.screen import announce
from training.tracking.store import (
    TRACKING_VARIABLE,
    TrackingError,
    impatient,
    tracking_uri,
    without_credentials,
)

HOST = "127.0.0.1"
PAGES_ALONE = {
    # MLflow's runner of jobs is seven processes, all idle here.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Settings of another server in the same shell would move the pages; empty is not set.
    "MLFLOW_STATIC_PREFIX": "",
    "MLFLOW_GUNICORN_OPTS": "",
}
"""Settings of the process that shows MLflow's pages."""


def command(port: Port = 5000) -> None:
    """Start the MLflow UI for the tracking database."""
    ui(port=port)


def ui(port: int = 5000) -> None:
    """Show runs and models in MLflow's own pages until stopped; on this machine alone.

    Raises
    ------
    Refused
        If the port is taken or the store cannot be shown.
    """
    run_until_stopped([tracking_pages(port)], announce=announce)


def tracking_pages(port: int) -> Server:
    """State how MLflow's pages are started: one worker, without job runner and telemetry.

    Addresses of databases go by environment: a command line is visible to every user of the machine.

    Raises
    ------
    Refused
        If the port is taken, the store cannot be opened, or a server shows its runs itself.
    """
    refuse_taken_port(port, HOST)
    shown = pages_of_server()
    if shown:
        message = f"{TRACKING_VARIABLE} names a server with its own UI: open {shown}"
        raise Refused(message)
    # MLflow takes seconds to import.
    from training.tracking.runs import first_page

    page, store = first_page(), tracking_uri()
    return Server(
        name="MLflow",
        arguments=(
            *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
            *("--host", HOST, "--port", str(port), "--uvicorn-opts", "--log-level warning"),
        ),
        host=HOST,
        port=port,
        ready_path="/health",
        start_page=page,
        environment={
            **PAGES_ALONE,
            "MLFLOW_BACKEND_STORE_URI": store,
            "MLFLOW_REGISTRY_STORE_URI": os.environ.get("MLFLOW_REGISTRY_URI") or store,
        },
    )


def pages_of_server() -> str:
    """Find the list of runs of a server that `TRACKING_VARIABLE` names; empty where it names a database."""
    store = os.environ.get(TRACKING_VARIABLE, "")
    if not store.startswith(("http:", "https:")):
        return ""
    from training.tracking.experiments import EVERY_EXPERIMENT
    from training.tracking.runs import first_page

    try:
        with impatient():
            page = first_page()
    except TrackingError:
        page = EVERY_EXPERIMENT
    return f"{without_credentials(store).rstrip('/')}{page}"
