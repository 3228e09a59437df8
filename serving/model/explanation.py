"""Why a risk is what it is: the log-odds of the reference patient, and what each field adds to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.log_odds import expit
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class Explanation(ShortRepr):
    """Why the risks are what they are.

    Attributes
    ----------
    reference : ndarray of shape (n_horizons,)
        Log-odds of the reference patient.
    fields : tuple of str
        Explanation rows: columns of `Patient`, or composites.
    contributions, published : ndarray of shape (n_infusions, n_fields)
        Log-odds; ``published`` is the part that comes from the literature.
    published_terms : ndarray of shape (n_infusions, n_terms)
        The same part by term of the linear part.
    without_moves : ndarray of shape (n_infusions, n_sources, n_horizons), optional
        By how much the log-odds move without each of `RiskModel.without_sources`; None where it has none.
    """

    reference: Values
    fields: tuple[str, ...]
    contributions: Values
    published: Values
    published_terms: Values
    without_moves: Values | None = None

    def first(self, n: int) -> Explanation:
        """Keep the first patients."""
        return Explanation(
            self.reference,
            self.fields,
            self.contributions[:n],
            self.published[:n],
            self.published_terms[:n],
            None if self.without_moves is None else self.without_moves[:n],
        )

    @property
    def log_odds(self) -> Values:
        """The contributions added to the reference: shape (n_infusions, n_horizons)."""
        total: Values = self.contributions.sum(axis=1)
        return self.reference + total[:, None]

    @property
    def risk(self) -> Values:
        """Risk among those who can have the outcome: shape (n_infusions, n_horizons), in (0, 1)."""
        return expit(self.log_odds)

    @property
    def risk_without(self) -> Values:
        """The same without each source: shape (n_infusions, n_sources, n_horizons), in (0, 1)."""
        if self.without_moves is None:
            return np.zeros((len(self.contributions), 0, len(self.reference)))
        return expit(self.log_odds[:, None, :] + self.without_moves)
