"""The linear part of the anchored model, stated of patients whom it did not see: what trees start from."""

from __future__ import annotations

import numpy as np

from training.dataset.training_set import TrainingSet
from training.learners.anchored_linear import (
    Anchor,
    horizon_positions,
    labeled_terms,
    log_odds_in_own_center,
)
from training.learners.residual_trees import CrossFit
from training.statistics.folds import grouped_folds, strata_of
from training.statistics.laplace import Fits

INNER_FOLDS = 5


def cross_fitted(anchor: Anchor, training: TrainingSet, near: Fits, rng: np.random.Generator) -> CrossFit:
    """Deal folds and state the log-odds of every infusion by a linear part that did not see its fold.

    Parameters
    ----------
    anchor : Anchor
    training : TrainingSet
    near : Fits
        To all of its infusions; only saves time.
    rng : numpy.random.Generator
        Deals the folds.

    Returns
    -------
    fit : CrossFit
    """
    fold = grouped_folds(
        strata_of(training.label, training.weight), training.groups, folds=INNER_FOLDS, rng=rng
    )
    known = labeled_terms(anchor, training)
    margin = np.empty_like(known.label)
    for number in range(int(fold.max()) + 1):
        kept, held_out = fold != number, fold == number
        margin[held_out] = log_odds_in_own_center(anchor, known.take(kept), known.take(held_out), near=near)
    return CrossFit(fold, margin[:, horizon_positions(anchor, training)])
