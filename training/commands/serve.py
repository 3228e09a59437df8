"""Serve the released model, or the MLflow UI, on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from features.problems import Refused
from features.project_files import PROJECT
from serving.http.allowed_hosts import ALLOWED_HOSTS_VARIABLE, HostError
from serving.http.allowed_hosts import allowed_hosts as parse_hosts
from serving.http.budgets import DRAINED_WITHIN_SECONDS
from serving.model.released_bundle import BUNDLE_VARIABLE, cautions_of, released_bundle, verified_bundle
from training.console.child_processes import Server, ip_address, refuse_taken_port, run_until_stopped
from training.tracking.experiments import EVERY_EXPERIMENT
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


def serve(
    port: int = 3000, host: str = HOST, bundle: Path | None = None, allowed_hosts: Sequence[str] = ()
) -> None:
    """Serve a bundle over HTTP until stopped; requests in progress are finished first.

    The release is compared with MLflow's champion first: a difference is a warning, and the release is
    served.

    Parameters
    ----------
    port : int
        To listen on.
    host : str
        Address to listen on; this machine alone by default.
    bundle : Path, optional
        Folder of a bundle; the release by default.
    allowed_hosts : sequence of str
        Further names that requests may be sent to, beside `host`, localhost and the address listened on.

    Raises
    ------
    Refused
        Before anything starts, if the port is taken, the bundle is damaged or a host name is invalid; later,
        if the service stops unexpectedly.
    """
    run_until_stopped([service(port, host, bundle, allowed_hosts)], announce=_say)


def ui(port: int = 5000) -> None:
    """Show runs and models in MLflow's own pages until stopped; on this machine alone.

    Raises
    ------
    Refused
        If the port is taken or the store cannot be shown.
    """
    run_until_stopped([tracking_pages(port)], announce=_say)


def serve_and_ui(port: int = 3000, ui_port: int = 5000, bundle: Path | None = None) -> None:
    """Serve a bundle and show the runs beside it; when one of the two ends, both do.

    Runs on a server are shown by that server: only its address is announced.
    """
    elsewhere = pages_of_server()
    pages = [] if elsewhere else [tracking_pages(ui_port)]
    if elsewhere:
        _say(f"MLflow: {elsewhere}")
    run_until_stopped([service(port, HOST, bundle), *pages], announce=_say)


def service(port: int, host: str, bundle: Path | None, allowed_hosts: Sequence[str] = ()) -> Server:
    """State how the service is started, after verifying what it will serve.

    Raises
    ------
    Refused
        If the port is taken, the bundle is damaged or an allowed host name is invalid.
    """
    address = ip_address(host)
    hosts = _hosts(host, allowed_hosts)
    refuse_taken_port(port, address)
    folder = (released_bundle() if bundle is None else bundle).resolve()
    served = verified_bundle(folder)
    _say(f"serving {served.named}")
    for caution in cautions_of(folder, served):
        sys.stderr.write(f"warning: {caution}\n")
    if bundle is None:
        # MLflow takes seconds to import, and a bundle folder does without it.
        from training.tracking.release_agreement import warn_before_serving

        warn_before_serving()
    return Server(
        name="service",
        arguments=(
            *(sys.executable, "-m", "bentoml", "serve", "serving.service:RiskService"),
            *("--host", address, "--port", str(port), "--working-dir", str(PROJECT)),
            *("--timeout-graceful-shutdown", str(DRAINED_WITHIN_SECONDS)),
        ),
        host=address,
        port=port,
        ready_path="/readyz",
        environment={
            BUNDLE_VARIABLE: str(folder),
            ALLOWED_HOSTS_VARIABLE: hosts,
            "BENTOML_DO_NOT_TRACK": "True",
        },
        ends_within_seconds=DRAINED_WITHIN_SECONDS + 5,
    )


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
    from training.tracking.runs import first_page

    try:
        with impatient():
            page = first_page()
    except TrackingError:
        page = EVERY_EXPERIMENT
    return f"{without_credentials(store).rstrip('/')}{page}"


def _hosts(host: str, allowed: Sequence[str]) -> str:
    """Join the names that requests may be sent to: of the options and of the environment."""
    names = [host, *allowed, *os.environ.get(ALLOWED_HOSTS_VARIABLE, "").split(",")]
    stated = [name.strip() for name in names if name.strip()]
    try:
        parse_hosts(stated)
    except HostError as error:
        message = f"--allowed-host: {error}"
        raise Refused(message) from None
    return ",".join(stated)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
