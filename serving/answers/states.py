"""States that exclude one another and add up to 1: relapse, death without it, alive in remission.

Any outcome that only those without another one can have makes three states with it. After a day on which a
patient is in the third state, the risk of each by a later day is

    (F(h) - F(s)) / (1 - F(s) - D(s))

with F and D the risks of the first two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.outcome import Given
from features.outcomes import OUTCOMES
from features.short_repr import ShortRepr
from serving.answers.described import Described
from serving.model.between_horizons import can_state, with_day
from serving.model.outcome_risks import OutcomeRisks, all_outcome_risks
from serving.model.risk_model import RiskModel, stretched_percentiles


class StateRisk(Described):
    """Probability of one state by a day."""

    risk: float
    low: float
    """Lower end of the 90 % interval."""
    high: float


class StatesPoint(Described):
    """Probability of every state by one day; they add up to 1."""

    horizon_days: int
    """Days from infusion."""
    outcomes: dict[str, StateRisk]
    """By outcome."""
    neither: StateRisk
    """None of the outcomes until then."""


class States(Described):
    """Outcomes of which each patient has at most one, and what is left."""

    outcomes: list[str]
    """Names of the outcomes."""
    neither: str
    """What a patient without any of them is: "alive in remission"."""
    event_free_on_day: int | None
    """Day on which the patient is known to have none of them; null for the risks from the infusion on."""
    curve: list[StatesPoint]
    """By horizon; after ``event_free_on_day`` where there is one."""


@dataclass(frozen=True, repr=False)
class _Risks(ShortRepr):
    """Risks of the outcomes of a family and of their replicates, horizon by horizon.

    Attributes
    ----------
    names : tuple of str
        The two outcomes.
    days : tuple of int
        In order of time.
    risk : ndarray of shape (2, n_patients, n_days)
    replicates : ndarray of shape (2, n_patients, n_replicates, n_days)
    """

    names: tuple[str, ...]
    days: tuple[int, ...]
    risk: Values
    replicates: Values


def families(outcomes: Iterable[str]) -> list[tuple[str, str]]:
    """Pair outcomes with those that only patients without them can have.

    Parameters
    ----------
    outcomes : iterable of str
        Entries of `OUTCOMES` that have a model.

    Returns
    -------
    families : list of (str, str)

    Examples
    --------
    >>> families(["severe_crs", "relapse", "death_without_relapse", "death"])
    [('relapse', 'death_without_relapse')]
    """
    known = tuple(outcomes)
    return [
        (given.outcome, name)
        for name in known
        if (given := OUTCOMES[name].given) is not None and given.neither and given.outcome in known
    ]


def patient_states(risks: Mapping[str, OutcomeRisks], position: int) -> list[States]:
    """State the risks of every family of outcomes, from the infusion on.

    Parameters
    ----------
    risks : mapping of str to OutcomeRisks
        By outcome.
    position : int
        Of the patient.

    Returns
    -------
    states : list of States
    """
    return [
        _stated(_of_family(family, risks), position, event_free_on_day=None) for family in families(risks)
    ]


def event_free_states(
    models: Mapping[str, RiskModel],
    patients: Columns,
    replicate_log_odds: Mapping[str, Values],
    *,
    day: int,
) -> list[States] | None:
    """State the risks of one patient who has none of the outcomes on a day.

    Parameters
    ----------
    models : mapping of str to RiskModel
    patients : Columns of `Patient`
        One.
    replicate_log_odds : mapping of str to ndarray of shape (1, n_replicates)
    day : int
        From infusion.

    Returns
    -------
    states : list of States or None
        None where no family of outcomes is known by that day.
    """
    known = [
        family
        for family in families(models)
        if all(can_state(models[name], day) and day < max(models[name].horizons_days) for name in family)
    ]
    if not known:
        return None
    listed = []
    for family in known:
        own = {name: models[name] for name in family}
        with_the_day = {name: with_day(model, day) for name, model in own.items()}
        whole, by_day = (
            _of_family(family, all_outcome_risks(each, patients, replicate_log_odds))
            for each in (own, with_the_day)
        )
        later = _after(whole, _between(whole, by_day, day), day)
        listed.append(_stated(later, 0, event_free_on_day=day))
    return listed


def _of_family(family: tuple[str, ...], risks: Mapping[str, OutcomeRisks]) -> _Risks:
    """Put the risks of a family side by side, at the horizons that all of them have."""
    shared = sorted(set.intersection(*(set(risks[name].horizons_days) for name in family)))
    at = {name: [risks[name].horizons_days.index(days) for days in shared] for name in family}
    return _Risks(
        names=family,
        days=tuple(shared),
        risk=np.stack([risks[name].risk[:, at[name]] for name in family]),
        replicates=np.stack([risks[name].replicates[:, :, at[name]] for name in family]),
    )


def _between(whole: _Risks, by_day: _Risks, day: int) -> _Risks:
    """Risks by one day, never above those by later horizons or below those by earlier ones."""
    at = by_day.days.index(day)
    before = [position for position, days in enumerate(whole.days) if days <= day]
    after = [position for position, days in enumerate(whole.days) if days >= day]

    def bounded(values: Values, horizons: Values) -> Values:
        low = horizons[..., before[-1:]] if before else np.zeros_like(values)
        return np.clip(values, low, horizons[..., after[:1]])

    return _Risks(
        whole.names,
        (day,),
        bounded(by_day.risk[..., [at]], whole.risk),
        bounded(by_day.replicates[..., [at]], whole.replicates),
    )


def _after(whole: _Risks, by_day: _Risks, day: int) -> _Risks:
    """Risks by later horizons of those who have none of the outcomes on the day."""
    later = [position for position, days in enumerate(whole.days) if days > day]

    def among(values: Values, until: Values) -> Values:
        left: Values = 1.0 - until.sum(axis=0)
        return np.asarray((values[..., later] - until) / left)

    return _Risks(
        whole.names,
        tuple(whole.days[position] for position in later),
        among(whole.risk, by_day.risk),
        among(whole.replicates, by_day.replicates),
    )


def _stated(risks: _Risks, position: int, *, event_free_on_day: int | None) -> States:
    """State the risks of one patient."""
    risk, replicates = risks.risk[:, [position]], risks.replicates[:, [position]]
    with_neither = [*zip(risk, replicates, strict=True), (1 - risk.sum(axis=0), 1 - replicates.sum(axis=0))]
    columns = [(each, *stretched_percentiles(drawn, each)) for each, drawn in with_neither]
    curve = []
    for at, days in enumerate(risks.days):
        of_state = [
            StateRisk(risk=float(each[0, at]), low=float(low[0, at]), high=float(high[0, at]))
            for each, low, high in columns
        ]
        by_outcome = dict(zip(risks.names, of_state[:-1], strict=True))
        curve.append(StatesPoint(horizon_days=days, outcomes=by_outcome, neither=of_state[-1]))
    given: Given | None = OUTCOMES[risks.names[-1]].given
    assert given is not None
    return States(
        outcomes=list(risks.names), neither=given.neither, event_free_on_day=event_free_on_day, curve=curve
    )
