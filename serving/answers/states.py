"""States that exclude one another and add up to 1: relapse, death without it, alive in remission.

Any outcome that only those without another one can have makes three states with it. After a day on which a
patient is in the third state, the risk of each by a later day is

    (F(h) - F(s)) / (1 - F(s) - D(s))

with F and D the risks of the first two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
class FamilyRisks(ShortRepr):
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

    def by_day(self, day: int) -> FamilyRisks:
        """Keep one horizon."""
        at = [self.days.index(day)]
        return FamilyRisks(self.names, (day,), self.risk[..., at], self.replicates[..., at])

    @property
    def with_neither(self) -> list[tuple[Values, Values]]:
        """Risk and replicates of each outcome and of neither: shape (n_patients, ...) each."""
        neither = (1 - self.risk.sum(axis=0), 1 - self.replicates.sum(axis=0))
        return [*zip(self.risk, self.replicates, strict=True), neither]


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


def all_states(risks: Mapping[str, OutcomeRisks]) -> list[list[States]]:
    """State the risks of every family of outcomes, from the infusion on.

    Parameters
    ----------
    risks : mapping of str to OutcomeRisks
        By outcome; at least one.

    Returns
    -------
    states : list of list of States
        By patient, one entry a family.
    """
    by_family = [stated_risks(family_risks(family, risks)) for family in families(risks)]
    n = len(next(iter(risks.values())).risk)
    return [[each[position] for each in by_family] for position in range(n)]


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
            family_risks(family, all_outcome_risks(each, patients, replicate_log_odds))
            for each in (own, with_the_day)
        )
        later = _after(whole, _between(whole, by_day, day), day)
        listed += stated_risks(later, event_free_on_day=day)
    return listed


def family_risks(family: tuple[str, ...], risks: Mapping[str, OutcomeRisks]) -> FamilyRisks:
    """Put the risks of a family side by side, at the horizons that all of them have.

    Parameters
    ----------
    family : tuple of str
        An entry of `families`.
    risks : mapping of str to OutcomeRisks
        By outcome.

    Returns
    -------
    risks : FamilyRisks
    """
    shared = sorted(set.intersection(*(set(risks[name].horizons_days) for name in family)))
    at = {name: [risks[name].horizons_days.index(days) for days in shared] for name in family}
    return FamilyRisks(
        names=family,
        days=tuple(shared),
        risk=np.stack([risks[name].risk[:, at[name]] for name in family]),
        replicates=np.stack([risks[name].replicates[:, :, at[name]] for name in family]),
    )


def stated_risks(risks: FamilyRisks, *, event_free_on_day: int | None = None) -> list[States]:
    """State the risks of a family for every patient.

    Parameters
    ----------
    risks : FamilyRisks
    event_free_on_day : int, optional
        Day from which on they are; None for the risks from the infusion on.

    Returns
    -------
    states : list of States
        In the order of the patients.
    """
    columns = [(each, *stretched_percentiles(drawn, each)) for each, drawn in risks.with_neither]
    given: Given | None = OUTCOMES[risks.names[-1]].given
    assert given is not None
    return [
        States(
            outcomes=list(risks.names),
            neither=given.neither,
            event_free_on_day=event_free_on_day,
            curve=_curve(risks, columns, position),
        )
        for position in range(risks.risk.shape[1])
    ]


def _between(whole: FamilyRisks, by_day: FamilyRisks, day: int) -> FamilyRisks:
    """Risks by one day, never above those by later horizons or below those by earlier ones."""
    at = by_day.days.index(day)
    before = [position for position, days in enumerate(whole.days) if days <= day]
    after = [position for position, days in enumerate(whole.days) if days >= day]

    def bounded(values: Values, horizons: Values) -> Values:
        low = horizons[..., before[-1:]] if before else np.zeros_like(values)
        return np.clip(values, low, horizons[..., after[:1]])

    return FamilyRisks(
        whole.names,
        (day,),
        bounded(by_day.risk[..., [at]], whole.risk),
        bounded(by_day.replicates[..., [at]], whole.replicates),
    )


def _after(whole: FamilyRisks, by_day: FamilyRisks, day: int) -> FamilyRisks:
    """Risks by later horizons of those who have none of the outcomes on the day."""
    later = [position for position, days in enumerate(whole.days) if days > day]

    def among(values: Values, until: Values) -> Values:
        left: Values = 1.0 - until.sum(axis=0)
        return np.asarray((values[..., later] - until) / left)

    return FamilyRisks(
        whole.names,
        tuple(whole.days[position] for position in later),
        among(whole.risk, by_day.risk),
        among(whole.replicates, by_day.replicates),
    )


def _curve(
    risks: FamilyRisks, columns: Sequence[tuple[Values, Values, Values]], position: int
) -> list[StatesPoint]:
    """List the points of one patient."""
    curve = []
    for at, days in enumerate(risks.days):
        values = [[float(each[position, at]) for each in column] for column in columns]
        of_state = [StateRisk(risk=risk, low=low, high=high) for risk, low, high in values]
        by_outcome = dict(zip(risks.names, of_state[:-1], strict=True))
        curve.append(StatesPoint(horizon_days=days, outcomes=by_outcome, neither=of_state[-1]))
    return curve
