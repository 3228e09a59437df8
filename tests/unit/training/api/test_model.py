"""A model of the library: what it states, how it is read and written, and how it is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.measures import MEASURES
from features.outcomes import OUTCOMES
from features.problems import DataError, Refused
from training.api import Model, fit, read_cohort
from training.api.model import SYNTHETIC

from .conftest import QUICK


def test_every_outcome_has_its_status(model: Model) -> None:
    """Those that one is composed of too."""
    assert model.outcomes == ("severe_crs", "relapse", "death_without_relapse")
    status = model.status
    assert status.index.tolist() == list(model.outcomes)
    assert status.loc["relapse", "horizons_days"] == OUTCOMES["relapse"].horizons_days
    assert (status["n_events"] > 0).all()


def test_metrics_are_those_of_the_bundle(model: Model) -> None:
    """A row an outcome, horizon and measure."""
    table = model.metrics.set_index(["outcome", "horizon_days", "measure"])["value"]
    for name, summary in model.bundle.summaries.items():
        for days, measures in summary.metrics.items():
            for measure, figure in measures.items():
                value = table[name, days, measure]
                assert figure.value is None or value == figure.value
    assert set(table.index.unique("measure")) <= set(MEASURES)


def test_calibration_is_a_curve(model: Model) -> None:
    """Risks increase; the band is around what was observed; an unknown outcome is named."""
    curve = model.calibration("severe_crs")
    assert curve["risk"].is_monotonic_increasing
    inside = curve.dropna()
    assert ((inside["low"] <= inside["observed"]) & (inside["observed"] <= inside["high"])).all()
    with pytest.raises(Refused, match="outcome iec_hs is not one of severe_crs, relapse"):
        model.calibration("iec_hs")


def test_without_validation_there_are_no_metrics() -> None:
    """Published evidence alone."""
    published = fit(None, outcomes=["severe_crs"])
    assert published.metrics.empty
    assert published.calibration("severe_crs").empty
    assert "published evidence only" in repr(published)
    assert "published evidence only" in published._repr_html_()


def test_representations_show_the_model(model: Model) -> None:
    """Outcomes, cohort and its nature, status and the first measures, within 2,000 characters."""
    shown = repr(model)
    assert "infusions of own" in shown
    assert SYNTHETIC in shown
    assert all(name in shown and name in model._repr_html_() for name in model.outcomes)
    assert "not validated locally" in model._repr_html_()
    everything = dict.fromkeys(OUTCOMES, model.bundle.models["severe_crs"])
    summaries = dict.fromkeys(OUTCOMES, model.bundle.summaries["severe_crs"])
    cohort = replace(model.bundle.cohort, name="<b>" * 100)
    large = Model(replace(model.bundle, models=everything, summaries=summaries, cohort=cohort))
    assert max(len(repr(large)), len(large._repr_html_())) < 2000
    assert "<b>" not in large._repr_html_()


def test_the_same_seed_gives_the_same_model(frame: pd.DataFrame, model: Model) -> None:
    """Whether the cohort is read before or while fitting."""
    again = fit(frame, outcomes=["severe_crs"], models=["anchored"], config=QUICK, progress=False)
    expected, found = (each.bundle.models["severe_crs"] for each in (model, again))
    np.testing.assert_array_equal(found.reference, expected.reference)
    assert again.recipe is not None
    assert again.recipe.config.replicates == QUICK.replicates


def test_names_that_do_not_exist_are_refused(frame: pd.DataFrame) -> None:
    """In the words of the argument."""
    arguments = {
        "outcomes": ["fever"],
        "models": ["forest"],
        "estimand": "intent",
        "allow_grading": "own",
        "home_center": "Ulm",
    }
    for name, value in arguments.items():
        with pytest.raises(Refused, match=f"^{name} "):
            fit(read_cohort(frame), **{name: value}, progress=False)  # type: ignore[arg-type]
    with pytest.raises(DataError):
        fit(Path("no-such-cohort.csv"))
