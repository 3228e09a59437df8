"""Internal-external validation: every center predicted by a model that saw none of its patients.

It shows whether the model carries over to an unknown center, which no random fold can show.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.outcomes import OUTCOMES
from features.short_repr import ShortRepr
from features.small_counts import counts_words
from serving.model.measured import Measured
from training.console.stopwatch import Stopwatch
from training.dataset.fit_config import FEWEST_EVENTS
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.subgroup_weights import why_unweighted
from training.dataset.training_set import TrainingSet
from training.dataset.unavailable import Unavailable
from training.learners.learner import Learner
from training.statistics.censoring_weights import horizon_dropped
from training.tasks.task import Shared, Task
from training.tasks.work import Work, run
from training.validation.bootstrap_intervals import all_measures
from training.validation.center_label import center_title
from training.validation.composed_folds import composed_out_of_fold
from training.validation.large_centers import large_centers, n_patients
from training.validation.shared_folds import Folds, patient_bootstrap

FEWEST_CENTERS = 3
"""With two, each is predicted by one other, and nothing is learned about how centers differ."""
CENTER_METRICS = ("log_loss", "brier", "auroc", "observed_expected", "calibration_slope")


@dataclass(frozen=True)
class CenterPerformance:
    """How a model of the other centers did in one.

    Attributes
    ----------
    number : int
        1 is the largest; the name is not kept.
    n_infusions, n_events : int
        Of the center with anything known of the outcome; events by the headline horizon.
    metrics : mapping of str to Measured
        At the headline horizon, with 90 % patient-bootstrap intervals.
    """

    number: int
    n_infusions: int
    n_events: int
    metrics: Mapping[str, Measured]


@dataclass(frozen=True, repr=False)
class InternalExternal(ShortRepr):
    """Internal-external validation of one learner.

    Attributes
    ----------
    centers : tuple of CenterPerformance
        The largest first; empty where there are fewer than three large enough.
    notes : tuple of str
        Which centers were left out and why; empty if none was, or if fewer than three are named.
    risk : ndarray of shape (n_infusions,)
        Headline risk by a model of the other centers; NaN where the infusion was in no center held out.
    """

    centers: tuple[CenterPerformance, ...]
    notes: tuple[str, ...]
    risk: Values


def internal_external(
    learner: Learner,
    data: OutcomeData,
    center: NDArray[np.str_],
    rng: np.random.Generator,
    *,
    n_draws: int,
    parts: Mapping[str, Values] = MappingProxyType({}),
) -> InternalExternal:
    """Predict every center by a model of the others.

    A patient treated in two centers is in the training part of neither; an infusion whose center is not
    recorded is in none, since it may be of the center that is held out. As in cross-validation everything is
    chosen and fitted again. Censoring weights of the held-out infusions are those of their center: centers
    differ in how long they follow patients (`training.dataset.subgroup_weights`).

    Parameters
    ----------
    learner : Learner
    data : OutcomeData
    center : ndarray of shape (n_infusions,)
        Center of each infusion of ``data``, empty (or None) where not recorded.
    rng : numpy.random.Generator
        For the choices of the learner and the bootstrap.
    n_draws : int
        Patient-bootstrap draws behind each interval.
    parts : mapping of str to ndarray of shape (n_infusions,)
        `InternalExternal.risk` of the outcomes that this one is composed of.

    Returns
    -------
    validation : InternalExternal
        Centers of at least ten patients, three events and three infusions without.

    Raises
    ------
    ValueError
        If ``center`` is not one label an infusion.

    References
    ----------
    Steyerberg & Harrell 2016, doi:10.1016/j.jclinepi.2015.04.005
    """
    return run(predicted_by_others(Shared(learner), Shared(data), center, rng, n_draws=n_draws, parts=parts))


def predicted_by_others(
    learner: Shared,
    data: Shared,
    center: NDArray[np.str_],
    rng: np.random.Generator,
    *,
    n_draws: int,
    parts: Mapping[str, Values] = MappingProxyType({}),
    watch: Stopwatch | None = None,
) -> Work[InternalExternal]:
    """Predict every center by a model of the others, as `internal_external`, a task a center.

    Parameters
    ----------
    learner, data : Shared
        Of `Learner` and of `OutcomeData`.
    center, rng, n_draws, parts
        As `internal_external` takes them.
    watch : Stopwatch, optional
        Counts the work on the learner.

    Returns
    -------
    work : Work
        Its result is what `internal_external` returns.
    """
    known: OutcomeData = data.value
    if len(center) != len(known):
        message = f"there are {len(known)} infusions and {len(center)} centers"
        raise ValueError(message)
    named = _named(center)
    large, note = large_centers(named, known.scoring_set())
    n_named = len(np.unique(named[named != ""]))
    if len(large) < FEWEST_CENTERS:
        too_few = (f"{note}; {FEWEST_CENTERS} are needed",) if n_named >= FEWEST_CENTERS else ()
        return InternalExternal((), too_few, np.full(len(known), np.nan))
    notes, planned = [note] if len(large) < n_named else [], []
    for number, name in enumerate(large, start=1):
        held_out = np.flatnonzero(named == name)
        training = _training_for(known, held_out, named, name)
        why = training.reason if isinstance(training, Unavailable) else ""
        task = Task(
            f"{known.outcome.name}/{learner.value.name}/center {number}",
            _risk_in_center,
            (learner, data, named, name, deepcopy(rng)),
            steps=0,
        )
        if isinstance(training, TrainingSet):
            learner.value.skip_choice(training, rng)
            if any(np.isnan(risk[held_out]).any() for risk in parts.values()):
                why = _without_parts(parts)
        if why:
            notes.append(f"{center_title(number)} was not predicted by the others: {why}")
            continue
        own = known.scoring_set(held_out)
        draws = patient_bootstrap(_from_zero(own.groups), n_draws, rng)
        planned.append((number, held_out, own, draws, task))
    done = yield [task for *_, task in planned]
    (watch or Stopwatch()).add_all(learner.value.name, done)
    performances, risks, headline = [], np.full(len(known), np.nan), known.horizons_days[:1]
    for (number, held_out, own, draws, _), each in zip(planned, done, strict=True):
        of_parts = {part: risk[held_out, None] for part, risk in parts.items()}
        risk = composed_out_of_fold(known.outcome, each.value, headline, of_parts)[:, 0]
        risks[held_out] = risk
        performances.append(_performance(number, risk, own, draws))
    return InternalExternal(tuple(performances), tuple(notes), risks)


def _risk_in_center(
    learner: Learner, data: OutcomeData, named: NDArray[np.str_], name: str, rng: np.random.Generator
) -> Values:
    """Headline risk in a center by a model of the others: shape (n_held_out, 1)."""
    held_out = np.flatnonzero(named == name)
    training = _others(data, named, name)
    assert isinstance(training, TrainingSet)
    model = learner.fit(training, learner.choose(training, rng))
    return model.risk_by(data.patients.take(held_out), data.horizons_days[:1])


def _without_parts(parts: Mapping[str, Values]) -> str:
    """Say that no model of the other centers states what the risk is composed of."""
    return f"{' or '.join(OUTCOMES[name].title for name in parts)} was not"


def predicted_centers(data: OutcomeData) -> int:
    """Count the centers that `internal_external` predicts by the others, each a choice and a fit."""
    named = _named(data.center)
    large, _ = large_centers(named, data.scoring_set())
    if len(large) < FEWEST_CENTERS:
        return 0
    training = [_training_for(data, np.flatnonzero(named == name), named, name) for name in large]
    return sum(not isinstance(each, Unavailable) for each in training)


def _named(center: NDArray[np.str_]) -> NDArray[np.str_]:
    return np.array(["" if name is None else str(name) for name in center])


def _training_for(
    data: OutcomeData, held_out: NDArray[np.int64], named: NDArray[np.str_], name: str
) -> TrainingSet | Unavailable:
    reason = why_unweighted(data, held_out)
    return Unavailable(reason) if reason else _others(data, named, name)


def _others(data: OutcomeData, named: NDArray[np.str_], name: str) -> TrainingSet | Unavailable:
    """Take the training set of the other centers at the horizons that they have, or say why not."""
    shared = np.isin(data.groups, data.groups[named == name])
    others = np.flatnonzero(~shared & (named != ""))
    day, event = data.observation.day[others], data.observation.event[others]
    dropped = {h: horizon_dropped(day, event, horizon_days=h) for h in data.horizons_days}
    headline = data.horizons_days[0]
    if dropped[headline]:
        return Unavailable(f"without it, {dropped[headline]}")
    standing = tuple(h for h in data.horizons_days if not dropped[h])
    training = replace(data, horizons_days=standing).training_set(others)
    known, label = training.weight[:, 0] > 0, training.label[:, 0] == 1
    events, free = n_patients(training, known & label), n_patients(training, known & ~label)
    if min(events, free) < FEWEST_EVENTS:
        with_event, without = counts_words(events, free)
        return Unavailable(
            f"they have {with_event} patients with the event by day {headline} and {without} patients "
            f"without, at least {FEWEST_EVENTS} of each are needed"
        )
    return training


def _performance(number: int, risk: Values, held_out: TrainingSet, draws: Values) -> CenterPerformance:
    """Measure one center as one fold of one repeat."""
    folds = Folds(
        number=np.zeros((1, len(risk)), dtype=np.int64),
        label=held_out.label[:, :1],
        weight=held_out.weight[:, :1],
        draws=draws,
    )
    measures = all_measures(risk[None], folds, 0)
    event = (held_out.weight[:, 0] > 0) & (held_out.label[:, 0] == 1)
    return CenterPerformance(
        number, len(risk), int(event.sum()), {metric: measures[metric] for metric in CENTER_METRICS}
    )


def _from_zero(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)
