"""Contrasts and the way from hazard and risk ratios to log odds."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from features.problems import Refused
from features.terms import TERMS
from training.evidence.contrasts import CONTRASTS, contrast_of
from training.statistics.effect_conversion import (
    hazard_ratio_slope,
    hazard_ratio_to_log_odds,
    log_standard_error,
    risk_ratio_slope,
    risk_ratio_to_log_odds,
    solve_unexposed_risk,
    solve_unexposed_risk_of_risk_ratio,
)


def test_every_term_has_a_contrast_of_one_unit():
    """The first is what a blank cell means."""
    assert list(CONTRASTS) == list(TERMS)
    assert all(contrast_of(term, "").units == 1.0 for term in TERMS)


@pytest.mark.parametrize(
    ("term", "per", "units"),
    [
        ("disease_burden", "yes vs no", 1.0),
        ("log2_easix", "per doubling", 1.0),
        ("prior_lines", "per line", 1.0),
        ("age", "18 or older vs younger", 2.0),
        ("dual_target", "CD19/CD22 vs CD19", 1.0),
        ("blinatumomab_nonresponse", "nonresponder vs never", 1.0),
    ],
)
def test_a_contrast_spans_units_of_its_term(term, per, units):
    """Adults around 30 against children around 10 are two decades; all else is one unit."""
    assert contrast_of(term, per).units == units


def test_an_unknown_contrast_is_refused_with_those_that_are_known():
    """A contrast of another term is none of this one."""
    with pytest.raises(Refused) as refused:
        contrast_of("dual_target", "yes vs no")
    assert str(refused.value) == (
        "yes vs no is not a contrast of dual_target: write CD19/CD22 vs CD19 or CD19 and CD22 vs CD19"
    )


@pytest.mark.parametrize(("unexposed_risk", "odds_ratio"), [(0.45, 12.5), (0.274, 7.04)])
def test_a_hazard_ratio_becomes_the_odds_ratio_at_its_risk(unexposed_risk, odds_ratio):
    """The overall risk in place of that of the unexposed exaggerates badly."""
    found = exp(hazard_ratio_to_log_odds(4.05, unexposed_risk))
    assert found == pytest.approx(odds_ratio, rel=0.01)


def test_no_effect_stays_no_effect_and_rare_events_keep_their_ratio():
    """At any risk for 1; odds are hazards where the event is rare."""
    assert hazard_ratio_to_log_odds(1.0, 0.6) == 0.0
    assert risk_ratio_to_log_odds(1.0, 0.6) == 0.0
    assert exp(hazard_ratio_to_log_odds(3.0, 1e-7)) == pytest.approx(3.0, rel=1e-6)
    assert exp(risk_ratio_to_log_odds(3.0, 1e-7)) == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize("ratio", [0.2, 1.0, 2.7])
@pytest.mark.parametrize("risk", [0.05, 0.3])
@pytest.mark.parametrize(
    ("convert", "slope"),
    [(hazard_ratio_to_log_odds, hazard_ratio_slope), (risk_ratio_to_log_odds, risk_ratio_slope)],
)
def test_slopes_are_derivatives(convert, slope, ratio, risk):
    """The delta method's factor agrees with a difference quotient."""
    step = 1e-5
    quotient = (convert(ratio * exp(step), risk) - convert(ratio * exp(-step), risk)) / (2 * step)
    assert slope(ratio, risk) == pytest.approx(quotient, rel=1e-6)


def test_extreme_ratios_stay_finite():
    """A hazard ratio of a million is absurd, and no overflow."""
    assert np.isfinite(hazard_ratio_to_log_odds(1e6, 0.9))


@pytest.mark.parametrize("ratio", [0.3, 1.0, 4.05])
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_the_solved_risk_gives_the_base_rate_back(ratio, share):
    """Exposed and unexposed, by their shares."""
    risk = solve_unexposed_risk(ratio, share, 0.46)
    assert share * (1 - (1 - risk) ** ratio) + (1 - share) * risk == pytest.approx(0.46)
    risk = solve_unexposed_risk_of_risk_ratio(ratio, share, 0.1)
    assert share * ratio * risk + (1 - share) * risk == pytest.approx(0.1)


def test_the_error_of_a_ratio_is_that_of_its_95_percent_interval():
    """Exp(+-1.96 errors) is the interval."""
    assert log_standard_error(exp(-0.98), exp(0.98)) == pytest.approx(0.5, rel=1e-4)
    assert log_standard_error(2.0, 8.0) == pytest.approx(log(4) / 3.92, rel=1e-4)
