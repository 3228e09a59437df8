"""What is served beside each other: the project with one bundle or several, and services to compare with."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import mlflow

from serving.http.web_pages import EXAMPLE
from serving.model.read_bundle import read_bundle
from tests.benchmarks.services import Command
from tests.benchmarks.shap_service import FOLDER_VARIABLE, write_models
from tests.benchmarks.wrk import Question
from training.tracking.logged_model import model_settings
from training.tracking.scoring_package import scoring_code
from training.tracking.store import quiet

EMPTY, CONSTANT, SHAP = "empty endpoint", "constant 27 kB", "shap.TreeExplainer"
OURS, MLFLOW = "cart-outcomes", "mlflow models serve"
SHAP_TREES = 60
BENTO = ("-m", "bentoml", "serve", "--host", "127.0.0.1", "--port", "{port}")
RISK = Question("/risk", EXAMPLE)


@dataclass(frozen=True)
class Served:
    """One thing that is asked.

    Attributes
    ----------
    service : str
        Name of the service, whose start and memory are measured once.
    question : Question
    """

    service: str
    question: Question


def services(bundles: Sequence[Path], folder: Path) -> tuple[dict[str, Command], dict[str, Served]]:
    """Prepare all services.

    Parameters
    ----------
    bundles : sequence of Path
        Bundle folders. With several, each is named after its folder.
    folder : Path
        For models of the services to compare with.

    Returns
    -------
    commands : dict of str to Command
        By service.
    asked : dict of str to Served
        The empty endpoint first.
    """
    outcomes = list(dict.fromkeys(name for each in bundles for name in read_bundle(each).models))
    write_models(folder / "shap", outcomes, trees=SHAP_TREES)
    commands = {
        EMPTY: Command((*BENTO, "tests.benchmarks.empty_service:Empty")),
        SHAP: Command(
            (*BENTO, "tests.benchmarks.shap_service:Shap"),
            environment={FOLDER_VARIABLE: str(folder / "shap")},
        ),
    }
    asked = {
        EMPTY: Served(EMPTY, RISK),
        CONSTANT: Served(EMPTY, Question("/constant", EXAMPLE)),
        SHAP: Served(SHAP, RISK),
    }
    for each in bundles:
        suffix = f", {each.resolve().name.replace('_', ' ')}" if len(bundles) > 1 else ""
        ours, theirs = OURS + suffix, MLFLOW + suffix
        commands[ours] = Command(
            ("-m", "training", "serve", "--port", "{port}", "--bundle", str(each.resolve()))
        )
        asked[ours] = Served(ours, RISK)
        commands[theirs] = _by_mlflow(each, folder / f"mlflow-{len(commands)}")
        asked[theirs] = Served(theirs, Question("/invocations", {"dataframe_records": [EXAMPLE]}))
    return commands, asked


def _by_mlflow(bundle: Path, folder: Path) -> Command:
    """Log a bundle as the project does, in a store of its own, and serve it with MLflow's own command."""
    folder.mkdir()
    store: Mapping[str, str] = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    before = {name: os.environ.get(name) for name in store}
    os.environ.update(store)
    try:
        with quiet(), scoring_code() as code:
            experiment = mlflow.create_experiment("serving", artifact_location=str(folder / "artifacts"))
            with mlflow.start_run(experiment_id=experiment):
                uri = mlflow.pyfunc.log_model(name="model", **model_settings(bundle, code)).model_uri
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    options = ("--env-manager", "local", "--host", "127.0.0.1", "--port", "{port}")
    return Command(("-m", "mlflow", "models", "serve", "-m", uri, *options), ready="/ping", environment=store)
