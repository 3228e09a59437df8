"""Contributions as `shap.Explanation` and as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shap
from matplotlib.figure import Figure

from features.predictors import predictors
from features.problems import Refused
from serving.model.explanation import Explanation
from tests.bundles import make_bundle, patients
from training.figures.contribution_waterfall import MOST_SHOWN, OTHERS, waterfall_figure
from training.figures.contributions_by_group import contributions_by_group, group_figure
from training.figures.placed_once import place_once
from training.figures.shap_data import FieldContributions, contributions_table, from_table, shap_explanation
from training.figures.shown_fields import shown_title


def stated(rows: list[dict]) -> FieldContributions:
    """Explain patients by a model with trees."""
    model, columns = make_bundle().models["relapse"], predictors(rows)
    horizons = model.horizons_days
    return shap_explanation(
        model.explain(columns), columns, outcome="relapse", horizons_days=horizons, days=180
    )


def test_the_base_value_is_the_reference_of_the_horizon() -> None:
    """The contributions are the same at every horizon."""
    model = make_bundle().models["relapse"]
    contributions = stated(patients(12, np.random.default_rng(1)))
    expected = model.reference[model.horizons_days.index(180)]
    np.testing.assert_array_equal(contributions.base_values, np.full(12, expected))


def test_plots_of_shap_take_it() -> None:
    """Without a color for values that no infusion has."""
    contributions = stated(patients(12, np.random.default_rng(1)))
    axes = Figure().subplots()
    shap.plots.beeswarm(contributions, ax=axes, plot_size=None, show=False)
    assert axes.get_yticklabels()


def test_the_table_is_read_back() -> None:
    """A row an infusion; log-odds are the sum; no identifier is in it."""
    contributions = stated(patients(12, np.random.default_rng(1)))
    table = contributions_table(contributions)
    of_fields = table[[name for name in table.columns if name.startswith("contribution_")]]
    np.testing.assert_allclose(table["log_odds"], table["reference_log_odds"] + of_fields.sum(axis=1))
    assert not {"patient_id", "center"} & set(table.columns)
    np.testing.assert_array_equal(from_table(table).values, contributions.values)


def test_one_infusion_has_a_table_of_one_row() -> None:
    """As sliced from those of a cohort."""
    contributions = stated(patients(3, np.random.default_rng(1)))
    pd.testing.assert_frame_equal(
        contributions_table(contributions[0]), contributions_table(contributions)[:1]
    )


@pytest.mark.parametrize("absent", ["reference_log_odds", "value_age_years"])
def test_another_table_is_refused(absent: str) -> None:
    """It names the first column that is missing."""
    table = contributions_table(stated(patients(3, np.random.default_rng(1))))
    with pytest.raises(Refused, match=f"not a table of contributions: it has no column {absent}"):
        from_table(table.drop(columns=absent))


def test_an_explanation_without_fields_has_a_table() -> None:
    """A model that is the same for all explains nothing."""
    model = make_bundle().models["severe_crs"]
    columns = predictors(patients(3, np.random.default_rng(1)))
    bare = type(model)(
        outcome="severe_crs", method="prevalence", horizons_days=(30,), reference=np.array([-1.0])
    )
    contributions = shap_explanation(
        bare.explain(columns), columns, outcome="severe_crs", horizons_days=(30,), days=30
    )
    assert contributions.shape == (3, 0)
    assert contributions_table(contributions)["log_odds"].tolist() == [-1.0] * 3


def test_the_waterfall_leads_from_the_reference_to_the_risk() -> None:
    """The bars join end to start; the top one ends at the log-odds."""
    contributions = stated(patients(1, np.random.default_rng(4)))[0]
    figure = waterfall_figure(contributions, title="One")
    assert figure is not None
    bars = figure.axes[0].patches
    starts = np.array([bar.get_x() for bar in bars])
    ends = starts + np.array([bar.get_width() for bar in bars])
    base = float(contributions.base_values)
    assert np.isclose(starts[-1], base)
    np.testing.assert_allclose(ends[1:], starts[:-1])
    assert np.isclose(ends[0], base + np.sum(contributions.values))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(labels) <= MOST_SHOWN + 1


def test_many_fields_are_summed_up_in_the_waterfall() -> None:
    """Beyond twelve; nothing is drawn where nothing contributes."""
    names = [f"field {number}" for number in range(15)]
    given = {
        "feature_names": names,
        "display_data": np.array([["1"] * 15], dtype=object),
        "data": np.ones((1, 15)),
    }
    contributions = shap.Explanation(np.arange(15.0)[None], base_values=np.zeros(1), **given)[0]
    figure = waterfall_figure(contributions, title="One")
    assert figure is not None
    assert figure.axes[0].get_yticklabels()[-1].get_text() == OTHERS
    nothing = shap.Explanation(np.zeros((1, 15)), base_values=np.zeros(1), **given)[0]
    assert waterfall_figure(nothing, title="One") is None


def test_small_groups_are_left_out() -> None:
    """And what would be left of a field: groups of twenty infusions or more are shown, two at least."""
    rows = patients(60, np.random.default_rng(2))
    for number, row in enumerate(rows):
        row |= {"prior_lines": 1 if number < 19 else 5, "marrow_blasts_pct": 1.0 if number < 30 else 50.0}
    columns, model = predictors(rows), make_bundle().models["relapse"]
    table = contributions_by_group(model.explain(columns), columns)
    assert "prior_lines" not in table.index.unique("field")
    assert table.loc["marrow_blasts_pct"].index.tolist() == ["below 5 %", "5 % or more"]
    assert group_figure(model.explain(columns), columns, title="Groups") is not None
    few = columns.take(np.arange(19))
    assert contributions_by_group(model.explain(few), few).empty
    assert group_figure(model.explain(few), few, title="Groups") is None


def test_two_groups_leave_room_beside_the_longest_titles() -> None:
    same = {"prior_lines": 3, "age_years": 30.0, "target_antigen": "cd19"}
    columns = predictors([{**same, "marrow_blasts_pct": 1.0 if at < 30 else 50.0} for at in range(60)])
    linear = make_bundle().models["relapse"].linear
    assert linear is not None
    longest = sorted(linear.fields, key=lambda name: -len(shown_title(name)))
    fields = tuple(longest[:12])
    contributions = np.ones((60, len(fields)))
    explained = Explanation(np.zeros(1), fields, contributions, contributions, np.zeros((60, 0)))
    figure = group_figure(explained, columns, title="Groups")
    assert figure is not None
    place_once(figure)
    inches = figure.axes[0].get_position().width * figure.get_size_inches()[0]
    assert inches > 2 * 0.75  # of two columns of cells
