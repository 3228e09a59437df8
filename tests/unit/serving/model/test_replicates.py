"""Not knowing an input widens the interval: each replicate draws it given disease burden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.columns import Values
from features.disease_burden import HIGH_BURDEN_SHARE, high_burden_share
from features.predictors import predictors
from features.terms import TERMS, term_matrix
from serving.model.linear_part import LinearPart
from serving.model.replicates import Replicates, ReplicateTerms, drawn_terms
from serving.model.risk_model import RiskModel
from tests.bundles import linear_part, patients

MANY = 20_000
MARROW = ("high_burden", "log_marrow_blasts")


def part(*names: str, **coefficients: float) -> LinearPart:
    """Make a linear part of the terms named; effects of 0.5 unless told."""
    return linear_part({name: coefficients.get(name, 0.5) for name in names or tuple(TERMS)})


def uniform(linear: LinearPart, n_replicates: int, *, seed: int = 1) -> Values:
    """Draw for every field."""
    return np.random.default_rng(seed).random((n_replicates, len(linear.fields)))


def model_of(linear: LinearPart, n_replicates: int) -> RiskModel:
    """Make a model whose replicates differ by coefficients and draws."""
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 0.1, (n_replicates, len(linear.terms)))
    replicates = Replicates(
        intercepts=np.full((n_replicates, 1), -1.0),
        coefficients=linear.coefficients * (1 + noise),
        missing=uniform(linear, n_replicates),
    )
    return RiskModel("severe_crs", "anchored", (30,), np.array([-1.0]), linear, None, replicates)


def test_draws_worked_by_hand() -> None:
    """Two replicates of three fields, at high burden and where it is not known.

    Non-response is expected in 0.2 of high, 0.1 of low burden, response in 0.5 and 0.4, age 40 and 50 years
    with a spread of 10; draws at the quartiles are 0.6745 spreads from the middle. Marrow blasts drawn by 0.3
    are those of high burden, at the middle of its 0.6; by 0.9 of low, at the third quartile of its 0.4.
    """
    linear = replace(
        part(*MARROW, "blinatumomab_nonresponse", "blinatumomab_response", "age"),
        low_burden=np.array([0.0, 1.0, 0.1, 0.4, 5.0]),
        high_burden=np.array([1.0, 5.0, 0.2, 0.5, 4.0]),
        spread=np.array([0.5, 1.0, 0.3, 0.5, 1.0]),
    )
    missing = np.array([[0.3, 0.15, 0.75], [0.9, 0.55, 0.25]])
    at_high = drawn_terms(linear, missing, high=1.0)
    np.testing.assert_allclose(at_high[:, 2:], [[1, 0, 4.6745], [0, 1, 3.3255]], atol=1e-4)
    unknown = drawn_terms(linear, missing, high=np.nan)
    np.testing.assert_allclose(unknown, [[1, 5, 1, 0, 4.6745], [0, 1.6745, 0, 0, 4.3255]], atol=1e-4)


@pytest.mark.parametrize("high", [0.0, 1.0, np.nan])
def test_what_is_drawn_is_on_average_what_is_expected(high: float) -> None:
    """Given burden, and mixed where burden is not known: the interval lies about the point."""
    linear = part()
    drawn = drawn_terms(linear, uniform(linear, MANY), high=high)
    share = HIGH_BURDEN_SHARE if np.isnan(high) else high
    expected = (1 - share) * linear.low_burden + share * linear.high_burden
    error = drawn.std(axis=0) / np.sqrt(MANY)
    assert (np.abs(drawn.mean(axis=0) - expected) <= 4 * error + 1e-12).all()


@pytest.mark.parametrize("high", [0.0, 1.0])
def test_numbers_spread_and_yes_no_terms_are_yes_or_no(high: float) -> None:
    """A number by its standard deviation given burden; never three quarters of a yes."""
    linear = part()
    drawn = drawn_terms(linear, uniform(linear, MANY), high=high)
    binary = np.array([TERMS[name].binary for name in linear.terms])
    assert set(np.unique(drawn[:, binary])) == {0.0, 1.0}
    np.testing.assert_allclose(drawn[:, ~binary].std(axis=0), linear.spread[~binary], rtol=0.02)


@pytest.mark.parametrize(
    "options", [("blinatumomab_nonresponse", "blinatumomab_response"), ("dual_target", "cd22_alone")]
)
def test_two_options_of_one_field_are_never_drawn_together(options: tuple[str, str]) -> None:
    """Even where between them they are certain: then it is always one of the two."""
    linear = part(*options)
    certain = replace(linear, low_burden=np.array([0.3, 0.7]), high_burden=np.array([0.3, 0.7]))
    for either, fewest in ((linear, 0), (certain, 1)):
        together = drawn_terms(either, uniform(either, MANY), high=0.0).sum(axis=1)
        assert (together.min(), together.max()) == (fewest, 1)


def test_unknown_burden_is_high_in_six_of_ten_and_the_rest_follows_it() -> None:
    """Marrow blasts and all else that is missing are drawn given the burden of the replicate."""
    linear = part(*MARROW, "log2_easix")
    high, blasts, easix = drawn_terms(linear, uniform(linear, MANY), high=np.nan).T
    assert high.mean() == pytest.approx(HIGH_BURDEN_SHARE, abs=0.015)
    for burden, expected in ((0.0, linear.low_burden), (1.0, linear.high_burden)):
        assert blasts[high == burden].mean() == pytest.approx(expected[1], abs=0.06)
        assert blasts[high == burden].std() == pytest.approx(linear.spread[1], rel=0.05)
        assert easix[high == burden].mean() == pytest.approx(expected[2], abs=0.09)


def test_without_a_term_of_burden_both_are_weighed() -> None:
    """There is no draw by which to choose one."""
    linear = part("log2_easix", "bridging")
    drawn = drawn_terms(linear, uniform(linear, MANY), high=np.nan)
    np.testing.assert_allclose(drawn.mean(axis=0), [2.88, 0.74], atol=0.05)


def test_draws_at_the_ends_stay_finite() -> None:
    """The normal quantile of 0 and 1 is not."""
    linear = part()
    ends = np.array([np.zeros(len(linear.fields)), np.ones(len(linear.fields))])
    for high in (0.0, 1.0, np.nan):
        assert np.isfinite(drawn_terms(linear, ends, high=high)).all()


def test_replicates_are_what_a_loop_over_terms_gives() -> None:
    """Known terms as they are, missing ones as drawn for low and high burden, one by one."""
    linear, rows = part(), [*patients(12, np.random.default_rng(2)), {"age_years": 30.0}, {}]
    model = model_of(linear, 7)
    assert model.replicates is not None
    cohort, replicates = predictors(rows), model.replicates
    found = ReplicateTerms(linear, replicates).log_odds(cohort)
    matrix = term_matrix(cohort, linear.terms)
    for place, row in enumerate(rows):
        high = high_burden_share(np.array([row.get("marrow_blasts_pct", np.nan)]))[0]
        low_drawn, high_drawn, unknown = (
            drawn_terms(linear, replicates.missing, high=burden) for burden in (0.0, 1.0, np.nan)
        )
        drawn = unknown if np.isnan(high) else (1 - high) * low_drawn + high * high_drawn
        value = np.where(np.isnan(matrix[place]), drawn, matrix[place])
        by_hand = (replicates.coefficients * (value - linear.centre)).sum(axis=1)
        np.testing.assert_allclose(found[place], by_hand, atol=1e-9)


def test_a_patient_alone_and_among_others_has_the_same_interval() -> None:
    """Within 1e-9, whatever is missing and of whom burden is not known."""
    rows: list[dict[str, Any]] = patients(60, np.random.default_rng(3), missing=0.5)
    for row in rows[::4]:
        del row["marrow_blasts_pct"]
    model = model_of(part(), 50)
    together = np.array(model.interval(predictors(rows)))
    alone = np.column_stack([np.array(model.interval(predictors([row]))) for row in rows])
    np.testing.assert_allclose(alone, together, atol=1e-9)


@pytest.mark.parametrize(
    ("term", "field"),
    [("log2_ferritin", "ferritin_ug_l"), ("male", "sex"), ("high_burden", "marrow_blasts_pct")],
)
def test_not_knowing_widens_the_interval(term: str, field: str) -> None:
    """On average over 200 patients, where the field has an effect; to the last bit not where it has none."""
    rows = patients(200, np.random.default_rng(5), missing=0)
    blank = [{name: value for name, value in row.items() if name != field} for row in rows]

    def widths(effect: float) -> tuple[Values, Values]:
        model = model_of(part(term, "age", **{term: effect}), 400)
        low, high = model.interval(predictors(rows))
        low_blank, high_blank = model.interval(predictors(blank))
        return high - low, high_blank - low_blank

    known, unknown = widths(0.5)
    assert unknown.mean() > 1.5 * known.mean()
    np.testing.assert_array_equal(*widths(0.0))
