"""Check, train, promote and serve, on the bundled synthetic cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.problems import Refused
from features.project_files import DATA
from training.commands.check import check
from training.commands.options import DEFAULT_SEED, Port
from training.commands.promote import promote
from training.commands.serve import HOST, service
from training.commands.train import train
from training.commands.ui import pages_of_server, tracking_pages
from training.console.child_processes import refuse_taken_port, run_until_stopped
from training.console.screen import announce

SYNTHETIC_COHORT = DATA / "synthetic.csv"


def command(
    port: Port = 3000,
    ui_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the MLflow UI")] = 5000,
) -> None:
    """Run check, train, promote and serve on the bundled synthetic cohort."""
    demo(port=port, ui_port=ui_port)


def demo(*, port: int = 3000, ui_port: int = 5000, cohort: Path = SYNTHETIC_COHORT) -> None:
    """Run every step and keep the service and the MLflow UI running until stopped.

    Parameters
    ----------
    port, ui_port : int
        Of the service and of the MLflow UI, on this machine alone.
    cohort : Path
        The bundled synthetic cohort by default.

    Raises
    ------
    Refused
        If a port is taken, or both are the same, before any work is done.
    """
    if port == ui_port:
        message = f"--port and --ui-port are both {port}: choose two different ports"
        raise Refused(message)
    refuse_taken_port(port, HOST)
    refuse_taken_port(ui_port, HOST, option="--ui-port")
    console = Console()
    console.rule("check")
    check(cohort)
    console.rule("train")
    train(
        cohort,
        outcomes=(),
        models=(),
        estimand="treatment_policy",
        allow_grading="",
        seed=DEFAULT_SEED,
        validate=True,
        bundle_out=None,
    )
    console.rule("promote")
    promote(None, None)
    console.rule("serve")
    console.print("starting the service and the MLflow UI; Ctrl-C stops both")
    serve_and_ui(port, ui_port)


def serve_and_ui(port: int = 3000, ui_port: int = 5000, bundle: Path | None = None) -> None:
    """Serve a bundle and show the runs beside it; when one of the two ends, both do.

    Runs on a server are shown by that server: only its address is announced.
    """
    elsewhere = pages_of_server()
    pages = [] if elsewhere else [tracking_pages(ui_port)]
    if elsewhere:
        announce(f"MLflow: {elsewhere}")
    run_until_stopped([service(port, HOST, bundle), *pages], announce=announce)
