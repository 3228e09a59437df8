"""Random numbers of a training: every outcome and learner has its own, whatever else is trained."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from features.outcomes import OUTCOMES


def training_seeds(seed: int) -> tuple[np.random.Generator, dict[str, np.random.Generator]]:
    """Part the random numbers of a training.

    Parameters
    ----------
    seed : int

    Returns
    -------
    golden : numpy.random.Generator
        For the synthetic patients whose risks are in the bundle.
    outcomes : dict of str to numpy.random.Generator
        For each entry of `OUTCOMES`.

    Examples
    --------
    >>> list(training_seeds(1)[1]) == list(OUTCOMES)
    True
    """
    golden, *rngs = np.random.default_rng(seed).spawn(1 + len(OUTCOMES))
    return golden, dict(zip(OUTCOMES, rngs, strict=True))


def learner_seeds(rng: np.random.Generator, learners: Iterable[str]) -> dict[str, np.random.Generator]:
    """Part the random numbers of an outcome: folds, centers, every learner by name.

    Examples
    --------
    >>> sorted(learner_seeds(np.random.default_rng(1), ["ridge"]))
    ['centers', 'folds', 'ridge']
    """
    names = ("folds", "centers", *sorted(learners))
    return dict(zip(names, rng.spawn(len(names)), strict=True))
