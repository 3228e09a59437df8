"""The risk without one published source: what a model moves by if its prior lacks the source's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class WithoutSource(ShortRepr):
    """The linear part fitted again, to the same patients, with a prior that lacks one source.

    Attributes
    ----------
    sources : tuple of str
        DOI, PMID, NCT or citation; several where they name the same rows, which go together.
    reference : ndarray of shape (n_horizons,)
        Log-odds of the reference patient at each horizon, in the order of the model.
    coefficients : ndarray of shape (n_terms,)
        Log-odds per unit of the term, in the order of the model's linear part.
    """

    sources: tuple[str, ...]
    reference: Values
    coefficients: Values


class SourceMoves:
    """By how much each source moves the log-odds, ready for patients.

    Terms are centered and filled in as for the model itself, and the trees are the model's, so that only the
    differences of reference and coefficients are left.

    Parameters
    ----------
    reference : ndarray of shape (n_horizons,)
        Of the model with all sources.
    coefficients : ndarray of shape (n_terms,)
        Of the model with all sources.
    without : sequence of WithoutSource
        At least one.

    Examples
    --------
    >>> without = WithoutSource(("PMID:1",), reference=np.array([-1.0]), coefficients=np.array([0.5]))
    >>> moves = SourceMoves(np.array([-1.5]), np.array([0.25]), [without])
    >>> moves.log_odds(np.array([[2.0], [0.0]])).tolist()
    [[[1.0]], [[0.5]]]
    """

    def __init__(self, reference: Values, coefficients: Values, without: Sequence[WithoutSource]) -> None:
        self._reference = np.stack([each.reference for each in without]) - reference
        self._coefficients = np.stack([each.coefficients for each in without]) - coefficients

    def log_odds(self, centered: Values) -> Values:
        """State by how much the log-odds of patients move without each source.

        Parameters
        ----------
        centered : ndarray of shape (n_infusions, n_terms)
            As `LinearPart.centered` gives it.

        Returns
        -------
        moves : ndarray of shape (n_infusions, n_sources, n_horizons)
            To be added to the log-odds with all sources.
        """
        # Written so that one row and a batch agree to the last bit.
        of_terms = np.einsum("nj,sj->ns", centered, self._coefficients, optimize=False)
        moves: Values = self._reference[None] + of_terms[:, :, None]
        return moves
