"""Labels of a classifier as an outcome of a cohort, so that it is fitted as every other model is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils.validation import _check_sample_weight, column_or_1d

from features.columns import Columns, Values
from features.observation import Observation
from features.outcome import Outcome
from features.problems import counted
from training.api.classifier_inputs import Event
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.training_set import TrainingSet


def labeled_data(
    outcome: Outcome,
    days: int,
    patients: Columns,
    event: Event,
    *,
    sample_weight: ArrayLike | None,
    day: ArrayLike | None,
    groups: ArrayLike | None,
) -> tuple[OutcomeData, Values]:
    """Prepare one outcome at one horizon.

    Parameters
    ----------
    outcome : Outcome
    days : int
        The horizon.
    patients : Columns of `Patient`
    event : Event
    sample_weight, day, groups : array-like of shape (n_infusions,), optional
        As for `AnchoredClassifier.fit`.

    Returns
    -------
    data : OutcomeData
        Of the infusions with anything known.
    weight : ndarray of shape (n_known,)
        Their weights, not yet those of censoring.

    Raises
    ------
    ValueError
        If lengths differ, a day contradicts the label, or a group is missing.
    """
    count = len(patients)
    if len(event.happened) != count:
        raise ValueError(_inconsistent(count, len(event.happened)))
    weight = _check_sample_weight(sample_weight, np.zeros((count, 1)), ensure_non_negative=True)
    observation = _observation(event.happened, days, day)
    kept = np.flatnonzero(observation.known)
    patient = np.arange(count) if groups is None else _patients(groups, count)
    seen = observation.take(kept, counts={})
    data = OutcomeData(
        outcome=outcome,
        estimand="treatment_policy",
        patients=patients.take(kept),
        observation=seen,
        groups=np.unique(patient[kept], return_inverse=True)[1].astype(np.int64),
        position=kept,
        center=np.full(len(kept), ""),
        horizons_days=(days,),
        dropped_horizons={},
        n_events=int((seen.event == 1).sum()),
        n_headline_events=int((seen.event == 1).sum()),
        n_headline_free=int((event.happened[kept] == 0).sum()),
    )
    return data, weight[kept]


def weighted_draws(
    data: OutcomeData, weight: Values, n_draws: int, rng: np.random.Generator
) -> Iterator[TrainingSet]:
    """Weigh patients at random on top of their weights, as `weighted_sets` does for a training."""
    for _ in range(n_draws):
        drawn = rng.exponential(size=int(data.groups.max()) + 1)
        yield data.training_set(multiplicity=weight * (drawn / drawn.mean())[data.groups])


def _observation(happened: Values, days: int, day: ArrayLike | None) -> Observation:
    """Read labels and days as what was seen of an outcome."""
    unknown = np.isnan(happened)
    if day is None:
        seen_day, known = np.full(len(happened), float(days)), ~unknown
    else:
        seen_day = _column(day, len(happened)).astype(float)
        known = ~np.isnan(seen_day)
        _refuse_contradictions(happened, seen_day, days)
    competing = (happened == 0) & (seen_day < days)
    return Observation(
        event=np.select([happened == 1, competing], [1, 2], 0).astype(np.int64),
        day=np.where(known, seen_day, 0.0),
        known=known,
        further_therapy=np.zeros(len(happened), dtype=bool),
        counts={},
    )


def _refuse_contradictions(happened: Values, day: Values, days: int) -> None:
    """Refuse days that contradict their labels; the message counts rows and shows none."""
    contradictions = {
        "a label without a day": ~np.isnan(happened) & np.isnan(day),
        "a day below 0": day < 0,
        f"the event with a day after the horizon, {days}": (happened == 1) & (day > days),
        f"no label although followed to the horizon, {days}": np.isnan(happened) & (day >= days),
    }
    listed = [f"{int(rows.sum())} rows have {words}" for words, rows in contradictions.items() if rows.any()]
    if listed:
        raise ValueError("; ".join(listed))


def _column(values: ArrayLike, count: int) -> np.ndarray:
    column = column_or_1d(values)
    if len(column) != count:
        raise ValueError(_inconsistent(count, len(column)))
    return column


def _patients(groups: ArrayLike, count: int) -> np.ndarray:
    """Check the patient of each infusion; several without one would become the same patient."""
    patient = _column(groups, count)
    if absent := int(pd.isna(patient).sum()):
        message = f"groups is missing in {counted(absent, 'row')}: name the patient of every infusion"
        raise ValueError(message)
    return patient


def _inconsistent(*lengths: int) -> str:
    """Say so in the words of scikit-learn."""
    return f"Found input variables with inconsistent numbers of samples: {list(lengths)}"
