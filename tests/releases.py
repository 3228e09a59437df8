"""Two small versions in an MLflow of their own, a store of releases, and its state to go back to."""

from __future__ import annotations

import io
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from rich.console import Console

from serving.model.bundle import Bundle
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import model_folder, released_bundle, verified_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from training.release.bento_store import release_folder

if TYPE_CHECKING:
    from training.tracking.model_registry import Champion

DATABASE = "mlflow.db"


def linear() -> Bundle:
    """Make a bundle that is read quickly: without trees."""
    whole = make_bundle()
    models = {}
    for name, model in whole.models.items():
        assert model.replicates is not None
        models[name] = replace(model, trees=None, replicates=replace(model.replicates, forest=None))
    return replace(whole, models=models)


def fewer_outcomes() -> Bundle:
    """Make a bundle that answers relapse alone."""
    whole = linear()
    return replace(
        whole,
        models={"relapse": whole.models["relapse"]},
        summaries={"relapse": whole.summaries["relapse"]},
        left_out={**whole.left_out, "severe_crs": "the cohort has no column crs_grade"},
    )


def another() -> Bundle:
    """Make a bundle that answers the same outcomes and has another digest."""
    whole = linear()
    return replace(whole, cohort=replace(whole.cohort, sha256="cd" * 32, n_infusions=160))


def register(bundle: Bundle, folder: Path) -> str:
    """Record a bundle in the MLflow of this folder and register it; give its version."""
    write_bundle(replace(bundle, provenance={"created_at": "2025-01-01T00:00:00+00:00"}), folder)
    return register_folder(folder)


def register_folder(folder: Path) -> str:
    """Record a bundle folder in the MLflow of this folder and register it; give its version."""
    from training.records.run_record import RunRecord
    from training.tracking.recorder import record_bundle

    bundle = read_bundle(folder)
    record = RunRecord(
        name=f"training of {folder.name}",
        description="Cohort synthetic.csv.",
        parameters={"estimand": bundle.estimand, "seed": "3", "models": "anchored"},
        tags={
            "kind": "training",
            "cohort": bundle.cohort.name,
            "synthetic": "yes",
            "bundle_digest": bundle.digest,
            **{f"chosen.{name}": "anchored" for name in bundle.models},
            **{f"status.{name}": summary.status for name, summary in bundle.summaries.items()},
        },
        metrics={"relapse.auroc": 0.7},
    )
    return record_bundle(record, [], None, folder).version


@dataclass(frozen=True)
class State:
    """A copy of MLflow's database and of the store of releases."""

    folder: Path
    place: Path

    def keep(self) -> None:
        """Copy the state as it is now."""
        _copy_database(self.folder / DATABASE, self.place / DATABASE)
        self.keep_stores()

    def keep_stores(self) -> None:
        """Copy the store of releases alone."""
        for name, source in _stores().items():
            shutil.rmtree(self.place / name, ignore_errors=True)
            if source.exists():
                shutil.copytree(source, self.place / name)

    def restore(self) -> None:
        """Go back to the copy; MLflow's open connections see it."""
        _copy_database(self.place / DATABASE, self.folder / DATABASE)
        self.restore_stores()

    def restore_stores(self) -> None:
        """Go back to the copy of the store alone."""
        for name, source in _stores().items():
            shutil.rmtree(source, ignore_errors=True)
            if (self.place / name).exists():
                shutil.copytree(self.place / name, source)


def empty_store() -> None:
    """Leave the tests' own store as it is before the first release."""
    for source in _stores().values():
        shutil.rmtree(source, ignore_errors=True)


def promoted(version: str | None = None, force: str | None = None, **options: Any) -> str:
    """Promote, without the pages of a report; give what is printed. The options are those of `promote`."""
    from training.commands.promote import promote

    console = Console(file=io.StringIO(), width=400)
    with patch("training.commands.promotion_steps.report_files", return_value={"report/report.html": "<p>"}):
        promote(version, force, console=console, **options)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def served() -> Bundle | None:
    """Read what `serve` would serve, whole; None where nothing is released."""
    try:
        folder = released_bundle()
    except BundleError:
        return None
    return verified_bundle(folder)


def aliases() -> dict[str, str]:
    """Name the versions of the aliases in MLflow."""
    from training.tracking.runs import MODEL_NAME, connected

    with connected() as client:
        return {name: str(found) for name, found in client.get_registered_model(MODEL_NAME).aliases.items()}


def champion() -> Champion | None:
    """Read the champion from MLflow."""
    from training.tracking.model_registry import champion as found

    return found()


def _stores() -> dict[str, Path]:
    return {"models": model_folder(), "promotions": release_folder()}


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=20)) as other:
        one.backup(other)
