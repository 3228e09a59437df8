"""Curves of out-of-fold risks that a bundle keeps: calibration and net benefit, coarse enough to be shown."""

from __future__ import annotations

from dataclasses import dataclass

Numbers = tuple[float, ...]
"""To three decimals."""
Curve = tuple[float | None, ...]
"""To three decimals; None where one could not be computed."""


@dataclass(frozen=True)
class Calibration:
    """Observed against predicted risk at the headline horizon, out of fold.

    Attributes
    ----------
    risk : tuple of float
        Predicted, rising, from the 2.5th to the 97.5th percentile of all predictions.
    observed, low, high : tuple of float or None
        The smooth curve at these risks, and its 90 % band over the patient bootstrap.
    group_risk, group_observed : tuple of float
        Means of groups of at least ten infusions alike in predicted risk.
    group_n : tuple of int
        Infusions in each group.
    histogram : tuple of int
        Infusions by predicted risk, in bins of 5 % from 0 to 1, rounded down to fives.
    """

    risk: Numbers
    observed: Curve
    low: Curve
    high: Curve
    group_risk: Numbers
    group_observed: Numbers
    group_n: tuple[int, ...]
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit of acting on the headline risk, out of fold.

    Attributes
    ----------
    threshold : tuple of float
        Risks from which one would act, 0.01 to 0.5.
    model : tuple of float or None
        True positives less false positives weighed by the odds of the threshold, per infusion.
    treat_all : tuple of float or None
        The same for acting on everybody; acting on nobody is 0 at every threshold.
    """

    threshold: Numbers
    model: Curve
    treat_all: Curve
