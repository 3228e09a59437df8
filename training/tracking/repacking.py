"""Add the scoring code to a registered version that does not contain it; its bundle stays unchanged."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.models import Model

from serving.model.read_bundle import read_bundle
from training.tracking.logged_model import model_settings
from training.tracking.model_registry import registered_version
from training.tracking.portable_model import LOGGED_MODEL, MODEL_STATEMENT, portable
from training.tracking.runs import MODEL_NAME, answering, connected
from training.tracking.scoring_package import CODE_FOLDER, scoring_code

IDENTITY = ("model_id", "model_uuid", "run_id", "artifact_path", "utc_time_created", "metadata")
"""Entries that stay: identity of the model, when it was made, and the logged digests."""

SCORING_CODE = "scoring_code"
"""Tag of a version: the name of the package that it carries."""


def repack(version: str) -> tuple[str, bool]:
    """Give a version its own scoring code, so that it loads where this project is not installed.

    Parameters
    ----------
    version : str
        Number, alias, or name as in answers.

    Returns
    -------
    version : str
        Number in the registry.
    changed : bool
        False where it already contained its code; then nothing was written.

    Raises
    ------
    TrackingError
        If there is no such version, or MLflow cannot be reached.
    BundleError
        If its bundle is refused: it is damaged, or uses what the schema no longer has.
    """
    with answering(), connected() as client, tempfile.TemporaryDirectory() as scratch:
        entry = registered_version(client, version)
        number, model_id = str(entry.version), str(entry.source).removeprefix(LOGGED_MODEL)
        before = Path(
            mlflow.artifacts.download_artifacts(
                artifact_uri=f"{LOGGED_MODEL}{MODEL_NAME}/{number}", dst_path=scratch
            )
        )
        statement = Model.load(str(before / MODEL_STATEMENT))
        if statement.flavors["python_function"].get(CODE_FOLDER):
            return number, False
        after = Path(scratch) / "repacked"
        name = _save(statement, before / "artifacts" / "bundle", after)
        _replace(client, model_id, after)
        client.set_model_version_tag(MODEL_NAME, number, SCORING_CODE, name)
        return number, True


def _save(statement: Model, bundle: Path, folder: Path) -> str:
    """Save the model again with its code, under the same identity; give the name of the code."""
    read_bundle(bundle)
    stated = statement.to_dict()
    identity = {key: stated[key] for key in IDENTITY if key in stated}
    with scoring_code() as code:
        settings: dict[str, Any] = model_settings(bundle, code)
        mlflow.pyfunc.save_model(folder, **settings)
    saved = Model.load(str(folder / MODEL_STATEMENT))
    again = Model.from_dict({**saved.to_dict(), **identity})
    portable(again).save(str(folder / MODEL_STATEMENT))
    return code.name


def _replace(client: MlflowClient, model_id: str, folder: Path) -> None:
    """Upload the files in place of the model's; the file that says how to load it comes last."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            client.log_model_artifacts(model_id, str(entry), entry.name)
        elif entry.name != MODEL_STATEMENT:
            client.log_model_artifact(model_id, str(entry))
    client.log_model_artifact(model_id, str(folder / MODEL_STATEMENT))
