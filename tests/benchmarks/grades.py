"""Grades of CRS that agree with the event of grade 3 or higher: 0 to 4, by a cumulative logit or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from features.columns import Values
from features.log_odds import expit

CUTS: Mapping[int, float] = {1: 3.4, 2: 1.7, 3: 0.0, 4: -1.6}
"""Log-odds of each grade or a higher one, beyond those of grade 3: where 14 % have grade 3, 83 % have CRS
at all, 47 % grade 2 and 3 % grade 4."""
MILD_SHARES = (0.25, 0.45, 0.30)
"""Grades 0 to 2 among those below 3, and ..."""
LIFE_THREATENING = 0.2
"""... grade 4 among those from 3, where grades do not depend on predictors."""
SHARED_EFFECT = 0.5
"""How much of the effects on grade 3 acts on lower grades where they are partly proportional."""

Grader = Callable[[Values, Values, np.random.Generator], Values]
"""Draws grades: true log-odds of grade 3 or higher, the latent draw behind that event, source of draws."""


def proportional(log_odds: Values, latent: Values, rng: np.random.Generator) -> Values:
    """Let every predictor act alike on all grades: one latent draw, four cuts."""
    reached = np.sum([latent < log_odds + cut for cut in CUTS.values()], axis=0)
    return np.asarray(reached, dtype=np.float64)


def partly_proportional(log_odds: Values, latent: Values, rng: np.random.Generator) -> Values:
    """Let predictors act half as much on whether lower grades are 0, 1 or 2."""
    severe = proportional(log_odds, latent, rng)
    weaker = log_odds.mean() + SHARED_EFFECT * (log_odds - log_odds.mean())
    at_least = np.stack([expit(weaker + CUTS[grade]) for grade in (1, 2, 3)])
    below = (at_least[:2] - at_least[2]) / (1 - at_least[2])
    mild = (rng.random(len(log_odds)) < below).sum(axis=0)
    return np.where(latent < log_odds, severe, mild).astype(float)


def unrelated(log_odds: Values, latent: Values, rng: np.random.Generator) -> Values:
    """Let lower grades, and grade 4, depend on nothing."""
    drawn = rng.random(len(log_odds))
    mild = np.searchsorted(np.cumsum(MILD_SHARES)[:-1], drawn, side="right")
    severe = 3 + (drawn < LIFE_THREATENING)
    return np.where(latent < log_odds, severe, mild).astype(float)
