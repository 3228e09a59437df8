"""`mlflow.models.evaluate` takes a registered version, and computes the measures of this project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest

from features.field import specs
from features.schema import Patient
from features.synthetic.simulation import simulated_cohort
from tests.recorded import in_folder_of
from tests.releases import linear, register
from training.statistics.metrics import auroc, brier
from training.tracking.store import quiet

ADDRESS = "models:/cart-outcomes/1"
ONE = {"outcome": "severe_crs", "horizon_days": 30, "interval": False, "layout": "wide"}
COLUMN = "severe_crs_day_30"
SETTINGS = {"log_explainer": False, "log_model_explainability": False}


@pytest.fixture(scope="module")
def registry(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]
) -> Iterator[Path]:
    """Register a version in an MLflow of its own, where evaluations leave runs."""
    folder = new_database(tmp_path_factory.mktemp("evaluated"))
    with in_folder_of(folder), pytest.MonkeyPatch.context() as patch, quiet():
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        register(linear(), folder / "bundle")
        yield folder


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    """Lay out a simulated cohort as a DataFrame with the event as a column."""
    cohort = simulated_cohort(90, rng=np.random.default_rng(8))
    inputs = pd.DataFrame([cohort.patients.row(position) for position in range(len(cohort))])
    table = inputs[list(specs(Patient))].astype(object)
    grade = cohort.follow_up["crs_grade"]
    table["severe"] = np.where(np.isnan(grade), np.nan, grade >= 3).astype(float)
    return table[table["severe"].notna()].reset_index(drop=True)


def risks(data: pd.DataFrame) -> np.ndarray:
    with quiet():
        model = mlflow.pyfunc.load_model(ADDRESS, model_config=ONE)
    return np.asarray(model.predict(data.drop(columns="severe"))[COLUMN])


def area(predictions: Any, targets: Any, metrics: Any) -> float:
    """Compute the measure as MLflow calls it; it tries one row before."""
    if len(set(targets)) < 2:
        return np.nan
    (found,) = auroc(np.asarray(predictions), np.asarray(targets), np.ones((1, len(targets))))
    return float(found)


def test_an_address_is_evaluated_as_a_regressor(registry: Path, data: pd.DataFrame) -> None:
    """Its mean squared error is the Brier score; other measures are added as functions."""
    metric = mlflow.models.make_metric(eval_fn=area, greater_is_better=True, name="auroc")
    found = mlflow.models.evaluate(
        ADDRESS,
        data,
        targets="severe",
        model_type="regressor",
        model_config=ONE,
        extra_metrics=[metric],
        evaluator_config=SETTINGS,
    )
    label, risk, weight = data["severe"].to_numpy(), risks(data), np.ones((1, len(data)))
    assert found.metrics["mean_squared_error"] == pytest.approx(brier(risk, label, weight)[0])
    assert found.metrics["auroc"] == pytest.approx(auroc(risk, label, weight)[0])
    assert found.metrics["mean_on_target"] == pytest.approx(label.mean())
    # A table of rows would put patients into MLflow.
    assert list(found.artifacts) == []


def test_a_column_of_several_is_named(registry: Path, data: pd.DataFrame) -> None:
    """With weights, such as those for censoring."""
    weight = np.linspace(0.5, 1.5, len(data))
    found = mlflow.models.evaluate(
        ADDRESS,
        data,
        targets="severe",
        predictions=COLUMN,
        model_type="regressor",
        model_config={"layout": "wide"},
        evaluator_config={**SETTINGS, "sample_weights": weight},
    )
    expected = brier(risks(data), data["severe"].to_numpy(), weight[None])[0]
    assert found.metrics["mean_squared_error"] == pytest.approx(expected)


def test_a_threshold_makes_a_classifier(registry: Path, data: pd.DataFrame) -> None:
    """MLflow's classifiers answer with a class, so a function compares the risk with a threshold."""
    with quiet():
        model = mlflow.pyfunc.load_model(ADDRESS, model_config=ONE)
    threshold = float(np.median(risks(data)))

    def above(patients: pd.DataFrame) -> np.ndarray:
        return np.asarray(model.predict(patients)[COLUMN] >= threshold, dtype=float)

    found = mlflow.models.evaluate(
        above, data, targets="severe", model_type="classifier", evaluator_config=SETTINGS
    )
    predicted, event = risks(data) >= threshold, data["severe"] == 1
    assert found.metrics["true_positives"] == (predicted & event).sum()
    assert found.metrics["recall_score"] == pytest.approx((predicted & event).sum() / event.sum())
