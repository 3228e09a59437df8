"""Risks and contributions of the library are those that are served, as tables and `shap.Explanation`."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import shap

from features.log_odds import expit
from features.problems import Refused
from training.api import (
    Model,
    contributions_by_group,
    contributions_from,
    contributions_table,
    explain,
    fit,
    outcomes,
    read_cohort,
    risks,
    typical_patient,
    validate,
)


def test_contributions_add_up_to_the_log_odds(model: Model, frame: pd.DataFrame) -> None:
    """Of the risk among those who can have the outcome, at every horizon of every outcome."""
    table = risks(model, frame, detail="contributions")
    for name in model.outcomes:
        for days in model.bundle.models[name].horizons_days:
            stated = explain(model, frame, name, horizon_days=days)
            log_odds = stated.base_values + np.sum(stated.values, axis=1)
            lines = table[(table["outcome"] == name) & (table["horizon_days"] == days)]
            np.testing.assert_allclose(expit(log_odds), lines["risk_among"], rtol=0, atol=1e-12)


def test_values_are_in_numbers_and_in_words(model: Model) -> None:
    """A missing value is NaN, and not known; features are named by title and unit."""
    patients = [{"sex": "male", "age_years": 31.5}, {"marrow_blasts_pct": 62.0, "prior_allo_hsct": True}]
    stated = explain(model, patients, "severe_crs")
    words = {
        name: column.tolist()
        for name, column in zip(stated.feature_names, stated.display_data.T, strict=True)
    }
    assert words["Sex (female, male)"] == ["male", "not known"]
    assert words["Marrow blasts before lymphodepletion, %"] == ["not known", "62"]
    assert words["Prior allogeneic HSCT"] == ["not known", "yes"]
    at = list(stated.feature_names).index("Marrow blasts before lymphodepletion, %")
    np.testing.assert_array_equal(stated.data[:, at], [np.nan, 62.0])


def test_an_explanation_is_sliced_and_computed_with_as_any_other(model: Model, frame: pd.DataFrame) -> None:
    """It stays one that shows no patient, also pickled."""
    stated = explain(model, frame, "relapse")
    parts = [stated[0], stated[:5], stated[:, 1], stated.abs.mean(0), pickle.loads(pickle.dumps(stated))]
    assert all(isinstance(each, shap.Explanation) for each in parts)
    assert {type(each) for each in parts} == {type(stated)}
    assert repr(stated[:5]).startswith("FieldContributions(5 x ")
    assert "no response, relapse or progression by day 365" in repr(stated)


def test_contributions_return_from_their_table(model: Model, frame: pd.DataFrame) -> None:
    """The same values, without words."""
    stated = explain(model, frame, "relapse")
    read = contributions_from(contributions_table(stated))
    np.testing.assert_allclose(read.values, stated.values, rtol=1e-12)
    np.testing.assert_allclose(read.base_values, stated.base_values)
    np.testing.assert_allclose(read.data, stated.data)
    assert list(read.feature_names) == list(stated.feature_names)


def test_detail_decides_the_columns(model: Model, frame: pd.DataFrame) -> None:
    """The same risks with less beside them."""
    risk = risks(model, frame, detail="risk")
    interval = risks(model, frame)
    assert list(risk.columns)[-1] == "risk"
    assert list(interval.columns)[-3:] == ["risk", "low", "high"]
    np.testing.assert_allclose(risk["risk"], interval["risk"], atol=1e-12)
    with pytest.raises(Refused, match="detail all is not one of risk, interval, contributions"):
        risks(model, frame, detail="all")


def test_groups_are_averaged(model: Model, frame: pd.DataFrame) -> None:
    """By hand for patients with a high burden."""
    table = contributions_by_group(model, frame, "severe_crs")
    stated = explain(model, frame, "severe_crs")
    high = frame["marrow_blasts_pct"].astype(float).to_numpy() >= 5
    expected = np.mean(stated[high.nonzero()[0].tolist()].values, axis=0)
    np.testing.assert_allclose(table.loc[("marrow_blasts_pct", "5 % or more")], expected)


def test_a_typical_patient_can_be_explained(model: Model, frame: pd.DataFrame) -> None:
    """As any other, and needs ten infusions."""
    typical = typical_patient(frame)
    assert explain(model, typical, "severe_crs").shape[0] == 1
    with pytest.raises(Refused, match="at least 10 infusions"):
        typical_patient(read_cohort(frame.head(9)))


def test_what_the_model_does_not_predict_is_refused(model: Model, frame: pd.DataFrame) -> None:
    """With what it does predict."""
    with pytest.raises(Refused, match="outcome iec_hs is not one of severe_crs, relapse"):
        explain(model, frame, "iec_hs")
    with pytest.raises(Refused, match="horizon_days must be one of 90, 180, 365, 730 for relapse, got 30"):
        explain(model, frame, "relapse", horizon_days=30)
    assert set(model.outcomes) <= set(outcomes().index)


def test_one_outcome_need_not_be_in_a_list(model: Model, frame: pd.DataFrame) -> None:
    """A text is one name, not a list of letters."""
    assert fit(None, outcomes="severe_crs", progress=False).outcomes == ("severe_crs",)
    one, listed = (
        validate(model, frame, outcomes=each, allow_training_cohort=True) for each in ("relapse", ["relapse"])
    )
    pd.testing.assert_frame_equal(one, listed)


def test_a_negative_number_of_workers_is_refused() -> None:
    """By the name of the argument."""
    with pytest.raises(Refused, match="workers must be 0 or more, got -1"):
        fit(None, outcomes="severe_crs", workers=-1, progress=False)
