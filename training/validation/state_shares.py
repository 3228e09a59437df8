"""Shares of a cohort in states that exclude one another: as observed, and as predicted on average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.outcomes import OUTCOMES
from serving.answers.states import families
from serving.model.validation_summary import OutcomeSummary

Shares = tuple[float, ...]
"""Of each state; they add up to 1."""


@dataclass(frozen=True)
class StateShares:
    """Shares of a cohort in every state, by horizon.

    Attributes
    ----------
    outcomes : tuple of str
        Entries of `OUTCOMES` that exclude one another.
    titles : tuple of str
        Of the states: the outcomes, and what is left.
    observed : mapping of int to Shares
        By day, earliest first (Aalen-Johansen).
    predicted : mapping of int to Shares
        Mean predicted risk of the same infusions; empty where it was not kept.
    """

    outcomes: tuple[str, ...]
    titles: tuple[str, ...]
    observed: Mapping[int, Shares]
    predicted: Mapping[int, Shares]


def state_shares(summaries: Mapping[str, OutcomeSummary]) -> list[StateShares]:
    """Gather the states of a cohort.

    Parameters
    ----------
    summaries : mapping of str to OutcomeSummary
        By outcome.

    Returns
    -------
    shares : list of StateShares
        One for each family of outcomes that were observed in the cohort.
    """
    observed = {name: summary for name, summary in summaries.items() if summary.n_infusions}
    return [_of_family(family, observed) for family in families(observed)]


def _of_family(family: tuple[str, str], summaries: Mapping[str, OutcomeSummary]) -> StateShares:
    given = OUTCOMES[family[-1]].given
    assert given is not None
    return StateShares(
        outcomes=family,
        titles=(*(OUTCOMES[name].title for name in family), given.neither),
        observed=_by_day([summaries[name].cumulative_incidence for name in family]),
        predicted=_by_day([summaries[name].mean_risk for name in family]),
    )


def _by_day(risks: list[Mapping[int, float]]) -> dict[int, Shares]:
    """Put shares side by side at the horizons that all have, with what is left."""
    days = sorted(set.intersection(*map(set, risks)))
    by_day = {at: tuple(risk[at] for risk in risks) for at in days}
    return {at: (*shares, 1 - sum(shares)) for at, shares in by_day.items()}
