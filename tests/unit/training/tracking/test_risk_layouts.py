"""Both layouts hold the numbers of the scorer, to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.predictors import predictors
from features.synthetic.simulation import synthetic_patients
from serving.answers.scorer import Scorer
from serving.model.bundle import Bundle
from serving.model.risk_lines import PREDICTED, risk_lines
from tests.bundles import make_bundle
from tests.composed_bundle import make_composed_bundle
from training.tracking.patient_rows import InputError
from training.tracking.risk_layouts import RiskTables, wide_column

NUMBERS = ["risk", "low", "high"]


@pytest.fixture(scope="module", params=[make_bundle, make_composed_bundle], ids=["trees", "composed"])
def bundle(request: pytest.FixtureRequest) -> Bundle:
    made: Bundle = request.param()
    return made


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    table = pd.DataFrame(synthetic_patients(7, rng=np.random.default_rng(4)))
    return table.set_axis([f"p{number % 5}" for number in range(7)], axis="index")


def long_of_scorer(bundle: Bundle, patients: pd.DataFrame) -> pd.DataFrame:
    rows = patients.astype(object).where(patients.notna(), None).to_dict(orient="records")
    risks = Scorer(bundle).risks(predictors(rows))
    return pd.DataFrame(
        [
            {
                "row": row,
                "outcome": line.outcome,
                "horizon_days": line.days,
                **{name: getattr(risks[line.outcome], name)[row, line.horizon] for name in NUMBERS},
            }
            for row in range(len(rows))
            for line in risk_lines(bundle.models)
        ]
    )


def test_default_is_the_scorer_in_rows(bundle: Bundle, patients: pd.DataFrame) -> None:
    """A row a patient, outcome and horizon."""
    pd.testing.assert_frame_equal(
        RiskTables(bundle).table(patients), long_of_scorer(bundle, patients), check_exact=True
    )


def test_wide_has_the_numbers_of_long(bundle: Bundle, patients: pd.DataFrame) -> None:
    """A row a patient, in the order and with the index of the input; numbers alone."""
    tables = RiskTables(bundle)
    long, wide = (
        tables.table(patients, {"explain": True}),
        tables.table(patients, {"layout": "wide", "explain": True}),
    )
    assert wide.index.equals(patients.index)
    assert set(wide.dtypes) == {np.dtype(float)}
    assert wide.notna().all(axis=None)
    for line in risk_lines(bundle.models):
        own = long[(long["outcome"] == line.outcome) & (long["horizon_days"] == line.days)]
        for name in long.columns[3:]:
            if (column := wide_column(line, name)) in wide:
                assert wide[column].tolist() == own[name].tolist()
            else:
                assert not own[name].any()


def test_contributions_add_up(bundle: Bundle, patients: pd.DataFrame) -> None:
    """With the reference they give the log-odds among those who can have the outcome."""
    table = RiskTables(bundle).table(patients, {"explain": True, "interval": False})
    among = table["risk_among"]
    total = table["reference_log_odds"] + table.filter(like="contribution_").sum(axis=1)
    np.testing.assert_allclose(total, np.log(among / (1 - among)), atol=1e-6)
    assert "low" not in table


def test_risks_alone_are_the_same(bundle: Bundle, patients: pd.DataFrame) -> None:
    tables = RiskTables(bundle)
    alone = tables.table(patients, {"interval": False})
    pd.testing.assert_frame_equal(alone, tables.table(patients).drop(columns=["low", "high"]))


def test_one_outcome_at_one_horizon_is_one_column(bundle: Bundle, patients: pd.DataFrame) -> None:
    """What MLflow's evaluation and a Spark column of one number take."""
    chosen = {"outcome": "relapse", "horizon_days": 365, "interval": False, "layout": "wide"}
    table = RiskTables(bundle).table(patients, chosen)
    assert list(table) == ["relapse_day_365"]
    whole = long_of_scorer(bundle, patients)
    own = whole[(whole["outcome"] == "relapse") & (whole["horizon_days"] == 365)]
    np.testing.assert_allclose(table["relapse_day_365"], own["risk"], rtol=0, atol=1e-12)


def test_parts_agree_with_the_whole(
    bundle: Bundle, patients: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long table is predicted in parts, to the last bit."""
    many = pd.concat([patients] * 4, ignore_index=True)
    whole = RiskTables(bundle).table(many)
    assert len(many) <= PREDICTED
    monkeypatch.setattr("training.tracking.risk_layouts.PREDICTED", 8)
    pd.testing.assert_frame_equal(RiskTables(bundle).table(many), whole, check_exact=True)


def test_parameters_are_checked_before_patients(bundle: Bundle) -> None:
    with pytest.raises(InputError, match="parameter outcome must be one of"):
        RiskTables(bundle).table(pd.DataFrame(), {"outcome": "height"})


def test_a_field_that_a_model_does_not_use_is_0_in_rows_and_no_column(patients: pd.DataFrame) -> None:
    """JSON, in which MLflow's server answers, has no NaN."""
    bundle = make_bundle()
    bundle = replace(bundle, models={name: model for name, model in bundle.models.items() if name != "death"})
    long = RiskTables(bundle).table(patients, {"explain": True})
    assert long.notna().all(axis=None)
