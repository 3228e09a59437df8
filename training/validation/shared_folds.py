"""The folds that every model of an outcome is validated in, and the bootstrap draws behind its intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.short_repr import ShortRepr
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.statistics.folds import grouped_folds, strata_of


@dataclass(frozen=True, repr=False)
class Folds(ShortRepr):
    """The folds shared by every model of an outcome.

    Attributes
    ----------
    number : ndarray of shape (n_repeats, n_infusions)
        Fold in which each infusion is held out.
    label, weight : ndarray of shape (n_infusions, n_horizons)
        For scoring, with censoring estimated from the whole cohort.
    draws : ndarray of shape (n_draws, n_infusions)
        Patient-bootstrap multiplicities.
    """

    number: NDArray[np.int64]
    label: Values
    weight: Values
    draws: Values


def shared_folds(
    data: OutcomeData, config: FitConfig, rng: np.random.Generator, *, like: Folds | None = None
) -> Folds:
    """Deal the folds and draw the bootstraps that every model of an outcome shares.

    Parameters
    ----------
    data : OutcomeData
    config : FitConfig
    rng : numpy.random.Generator
    like : Folds, optional
        Of the outcome that this one is composed of: the infusions are held out together.
    """
    whole = data.scoring_set()
    if like is not None:
        return replace(like, label=whole.label, weight=whole.weight)
    strata = strata_of(whole.label, whole.weight)
    number = np.stack(
        [grouped_folds(strata, data.groups, folds=config.folds, rng=rng) for _ in range(config.repeats)]
    )
    draws = patient_bootstrap(data.groups, config.bootstrap_draws, rng)
    return Folds(number=number, label=whole.label, weight=whole.weight, draws=draws)


def patient_bootstrap(groups: NDArray[np.int64], n_draws: int, rng: np.random.Generator) -> Values:
    """Draw patients with replacement; an infusion counts as often as its patient was drawn.

    Returns
    -------
    multiplicity : ndarray of shape (n_draws, n_infusions)

    Examples
    --------
    >>> drawn = patient_bootstrap(np.array([0, 0, 1]), 3, np.random.default_rng(1))
    >>> bool((drawn[:, 0] == drawn[:, 1]).all()), (drawn[:, 0] + drawn[:, 2]).tolist()
    (True, [2.0, 2.0, 2.0])
    """
    patients = int(groups.max()) + 1
    counts = rng.multinomial(patients, np.full(patients, 1 / patients), size=n_draws)
    return counts[:, groups].astype(float)
