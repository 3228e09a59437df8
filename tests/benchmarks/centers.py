"""Several centers with risks of their own, and a risk that drifts over the years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.synthetic.patients import CENTERS
from features.terms import term_matrix
from tests.benchmarks.readings import PUBLISHED
from tests.benchmarks.world import is_binary, reference_population, term_spreads

CENTER_SPREAD = 0.5
"""Standard deviation of the log-odds between centers: 10 to 25 % about a rate of 16 %."""
EFFECT_SPREAD = 0.25
"""The same of an effect: a yes or no, or a standard deviation."""
SHARE_WITH_OWN_EFFECT = 0.5
"""Share of the published terms of which a center has an effect of its own."""
DRIFT_SPREAD = 0.5
"""Standard deviation of the change of the log-odds from the first to the last patient of a cohort."""
NEW_CENTER = len(CENTERS)
"""Number of a center that is not in the cohort."""

HOME_CENTER = 0
"""Number of the center of later patients where a setting has a home center; 45 % of the cohort."""


@dataclass(frozen=True)
class Centers:
    """What differs between centers and over time.

    Attributes
    ----------
    shift : ndarray of shape (n_centers,)
        Log-odds of each center, beyond the world's; the last is a new center.
    effects : ndarray of shape (n_centers, n_terms)
        Log odds ratios of each center, beyond the world's.
    terms : tuple of str
    drift : float
        Change of the log-odds over the time of the cohort.
    """

    shift: Values
    effects: Values
    terms: tuple[str, ...]
    drift: float

    def log_odds(self, patients: Columns, center: NDArray[np.int64], time: Values) -> Values:
        """State what is added to the world's log-odds.

        Parameters
        ----------
        patients : Columns of `Patient`
            Complete.
        center : ndarray of shape (n_infusions,)
            Number of the center.
        time : ndarray of shape (n_infusions,)
            0 for the first patient of the cohort, 1 for the last.

        Returns
        -------
        log_odds : ndarray of shape (n_infusions,)
        """
        usual = term_matrix(reference_population(), self.terms).mean(axis=0)
        own = ((term_matrix(patients, self.terms) - usual) * self.effects[center]).sum(axis=1)
        return np.asarray(self.shift[center] + own + self.drift * (time - 0.5), dtype=np.float64)


def drawn_centers(outcome: str, rng: np.random.Generator) -> Centers:
    """Draw the centers of a cohort, and a new one."""
    terms = tuple(name for name in PUBLISHED[outcome] if term_spreads()[name] > 0)
    unit = np.array([1.0 if is_binary(name) else term_spreads()[name] for name in terms])
    size = (NEW_CENTER + 1, len(terms))
    departs = rng.random(size) < SHARE_WITH_OWN_EFFECT
    return Centers(
        shift=CENTER_SPREAD * rng.normal(size=NEW_CENTER + 1),
        effects=np.where(departs, EFFECT_SPREAD * rng.normal(size=size) / unit, 0.0),
        terms=terms,
        drift=DRIFT_SPREAD * float(rng.normal()),
    )
