"""Internal-external validation: every center predicted by a model that saw none of its patients.

It shows whether the model carries over to an unknown center, which no random fold can show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.outcomes import OUTCOMES
from features.short_repr import ShortRepr
from serving.model.measured import Measured
from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.dataset.fit_config import FEWEST_EVENTS
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.subgroup_weights import why_unweighted
from training.dataset.training_set import TrainingSet
from training.dataset.unavailable import Unavailable
from training.learners.learner import Learner
from training.statistics.censoring_weights import horizon_dropped
from training.validation.center_label import center_title
from training.validation.composed_folds import composed_out_of_fold
from training.validation.cross_validation import all_measures
from training.validation.shared_folds import Folds, patient_bootstrap

FEWEST_CENTERS = 3
"""With two, each is predicted by one other, and nothing is learned about how centers differ."""
FEWEST_OF_EACH = 3
"""Patients with the event, and patients free of it, that a center must have: with fewer too many bootstrap
draws have none."""
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
    if len(center) != len(data):
        message = f"there are {len(data)} infusions and {len(center)} centers"
        raise ValueError(message)
    named = _named(center)
    large, note = large_centers(named, data.scoring_set())
    n_named = len(np.unique(named[named != ""]))
    if len(large) < FEWEST_CENTERS:
        too_few = (f"{note}; {FEWEST_CENTERS} are needed",) if n_named >= FEWEST_CENTERS else ()
        return InternalExternal((), too_few, np.full(len(data), np.nan))
    performances, notes = [], [note] if len(large) < n_named else []
    risks = np.full(len(data), np.nan)
    for number, name in enumerate(large, start=1):
        held_out = np.flatnonzero(named == name)
        training = _training_for(data, held_out, named, name)
        if isinstance(training, Unavailable):
            notes.append(f"{center_title(number)} was not predicted by the others: {training.reason}")
            continue
        model = learner.fit(training, learner.choose(training, rng))
        headline = data.horizons_days[:1]
        conditional = model.risk_by(data.patients.take(held_out), headline)
        of_parts = {part: risk[held_out, None] for part, risk in parts.items()}
        risk = composed_out_of_fold(data.outcome, conditional, headline, of_parts)[:, 0]
        if np.isnan(risk).any():
            notes.append(f"{center_title(number)} was not predicted by the others: {_without_parts(parts)}")
            continue
        risks[held_out] = risk
        own = data.scoring_set(held_out)
        performances.append(_performance(number, risk, own, rng, n_draws=n_draws))
    return InternalExternal(tuple(performances), tuple(notes), risks)


def _without_parts(parts: Mapping[str, Values]) -> str:
    """Say that no model of the other centers states what the risk is composed of."""
    return f"{' or '.join(OUTCOMES[name].title for name in parts)} was not"


def large_centers(named: NDArray[np.str_], whole: TrainingSet) -> tuple[list[str], str]:
    """Name the centers that are large enough, the largest first, and state how many they are.

    Parameters
    ----------
    named : ndarray of shape (n_infusions,)
        Center of each infusion; empty where not recorded.
    whole : TrainingSet
        The same infusions.

    Returns
    -------
    centers : list of str
        Labeled ``center 1`` and so on, in this order.
    note : str
    """
    centers, sizes = np.unique(named[named != ""], return_counts=True)
    known, event = whole.weight[:, 0] > 0, whole.label[:, 0] == 1
    large = []
    for position in np.argsort(-sizes, kind="stable"):
        here = named == centers[position]
        enough = (
            _patients(whole, here) >= FEWEST_PATIENTS,
            _patients(whole, here & known & event) >= FEWEST_OF_EACH,
            _patients(whole, here & known & ~event) >= FEWEST_OF_EACH,
        )
        if all(enough):
            large.append(str(centers[position]))
    note = (
        f"{len(large)} of {len(centers)} centers have at least {FEWEST_PATIENTS} patients, "
        f"{FEWEST_OF_EACH} with the event and {FEWEST_OF_EACH} without"
    )
    return large, note


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
    events, free = _patients(training, known & label), _patients(training, known & ~label)
    if min(events, free) < FEWEST_EVENTS:
        return Unavailable(
            f"they have {events} patients with the event by day {headline} and {free} without, "
            f"at least {FEWEST_EVENTS} of each are needed"
        )
    return training


def _performance(
    number: int, risk: Values, held_out: TrainingSet, rng: np.random.Generator, *, n_draws: int
) -> CenterPerformance:
    """Measure one center as one fold of one repeat."""
    _, groups = np.unique(held_out.groups, return_inverse=True)
    folds = Folds(
        number=np.zeros((1, len(risk)), dtype=np.int64),
        label=held_out.label[:, :1],
        weight=held_out.weight[:, :1],
        draws=patient_bootstrap(groups.astype(np.int64), n_draws, rng),
    )
    measures = all_measures(risk[None], folds, 0)
    event = (held_out.weight[:, 0] > 0) & (held_out.label[:, 0] == 1)
    return CenterPerformance(
        number, len(risk), int(event.sum()), {metric: measures[metric] for metric in CENTER_METRICS}
    )


def _patients(infusions: TrainingSet, which: NDArray[np.bool_]) -> int:
    return len(np.unique(infusions.groups[which]))
