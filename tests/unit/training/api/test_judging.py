"""Validation and comparison as tables: the numbers of the functions that the commands call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.problems import Refused
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from training.api import Model, compare, fit, read_cohort, validate
from training.dataset.fit_config import EvidenceChoice, FitConfig
from training.external.external_validation import validate_externally

from .conftest import QUICK


@pytest.fixture(scope="module")
def elsewhere() -> pd.DataFrame:
    return simulation_table(simulate(80, rng=np.random.default_rng(8)))


@pytest.fixture(scope="module")
def other(frame: pd.DataFrame) -> Model:
    """Give a model of the same cohort that has no published evidence."""
    chosen = {"outcomes": ["severe_crs"], "models": ["anchored"], "literature": False}
    return fit(read_cohort(frame), **chosen, config=QUICK, progress=False)  # type: ignore[arg-type]


def test_measures_are_those_of_the_command(model: Model, elsewhere: pd.DataFrame) -> None:
    """Value, interval, internal value and update of every outcome and horizon."""
    table = validate(model, elsewhere, outcomes=["severe_crs", "relapse", "iec_hs"])
    config = FitConfig(outcomes=("severe_crs", "relapse", "iec_hs"))
    expected = validate_externally(model.bundle, read_cohort(elsewhere), config)
    rows = table.set_index(["outcome", "horizon_days", "measure"])
    for name, outcome in expected.outcomes.items():
        assert set(table.loc[table["outcome"] == name, "update"]) == {outcome.choice.update.kind}
        for days, measures in outcome.validation.metrics.items():
            for measure, figure in measures.items():
                row = rows.loc[(name, days, measure)]
                assert figure.value is None or row["value"] == figure.value
                assert figure.low is None or row["low"] == figure.low
    (left_out,) = table.loc[table["outcome"] == "iec_hs", "note"]
    assert left_out == "the model does not predict it: it was not trained"


def test_the_training_cohort_is_not_external(model: Model, frame: pd.DataFrame) -> None:
    """Unless it is allowed."""
    with pytest.raises(Refused, match="this would not be external validation"):
        validate(model, frame)
    table = validate(model, frame, outcomes=["severe_crs"], allow_training_cohort=True)
    assert not table["value"].isna().all()


def test_the_training_patients_in_another_order_are_not_external(
    model: Model, other: Model, frame: pd.DataFrame
) -> None:
    """A table that was sorted or saved again has another digest, and the same patients."""
    shuffled = frame.sample(frac=1, random_state=1)
    with pytest.raises(Refused, match=r"has the patients that the bundle was trained on, in another file or"):
        validate(model, shuffled)
    notes = compare(model, other, shuffled, progress=False).set_index("outcome")["note"]
    assert "was trained on these patients in another file or order" in notes["severe_crs"]


def test_on_its_training_cohort_a_model_is_compared_out_of_fold(
    model: Model, other: Model, frame: pd.DataFrame
) -> None:
    """The repeated cross-validation has the log loss that training recorded."""
    table = compare(model, other, frame, progress=False).set_index(["outcome", "loss"])
    row = table.loc[("severe_crs", "log_loss")]
    recorded = model.bundle.summaries["severe_crs"].metrics[30]["log_loss"].value
    assert row["first"] == pytest.approx(recorded, abs=1e-9)
    assert row["gain"] == pytest.approx(row["first"] - row["second"], abs=1e-9)
    assert row["gain_low"] <= row["gain"] <= row["gain_high"]
    assert "does not predict it" in " ".join(table["note"])


def test_on_other_patients_the_models_predict(model: Model, other: Model, elsewhere: pd.DataFrame) -> None:
    """Also one that was read from a folder, whose settings are not known."""
    without = Model(other.bundle)
    table = compare(model, without, elsewhere, progress=False)
    assert table["n_events"].max() > 0
    assert table.loc[table["outcome"] == "severe_crs", "note"].eq("").all()


def test_what_cannot_be_compared_is_refused(model: Model, other: Model, frame: pd.DataFrame) -> None:
    """The same models, and a cross-validation of unknown settings."""
    with pytest.raises(Refused, match="both hold the same models"):
        compare(model, model, frame)
    with pytest.raises(Refused, match="load the model by its version"):
        compare(model, Model(other.bundle), frame)


def test_own_evidence_is_not_repeated(model: Model, other: Model, frame: pd.DataFrame) -> None:
    """The recipe names the file of a site's own rows."""
    assert other.recipe is not None
    assert other.recipe.config.evidence == EvidenceChoice(literature=False)
    recipe = replace(other.recipe, own_evidence="rows.csv")
    table = compare(model, Model(other.bundle, recipe), frame, progress=False)
    assert (
        table.set_index("outcome")
        .loc["severe_crs", "note"]
        .startswith("version unregistered was trained with")
    )
