"""What published evidence says of one outcome before any local patient is seen: a normal prior per term."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from features.columns import Values

Basis = Literal["estimate", "direction", "none"]
"""Pooled estimates; a direction only; no study at all."""


@dataclass(frozen=True)
class StudyEffect:
    """One study's effect, on the scale of the model.

    Attributes
    ----------
    sources : tuple of str
        DOI, PMID, NCT or citation.
    cohort : str
        Patients it was measured in.
    log_odds : float
        Per unit of the term, after conversion and shrinkage.
    standard_error : float
        Of `log_odds`.
    """

    sources: tuple[str, ...]
    cohort: str
    log_odds: float
    standard_error: float


@dataclass(frozen=True)
class TermPrior:
    """The prior of one coefficient in a new center.

    Attributes
    ----------
    term : str
        Name in `features.terms.TERMS`.
    mean, spread : float
        Of the normal prior, log-odds per unit of the term.
    basis : Basis
        What it rests on.
    sources : tuple of str
        DOI, PMID, NCT or citation of every row that had a part; empty for ``none``.
    studies : tuple of StudyEffect
        Estimates that were pooled.
    """

    term: str
    mean: float
    spread: float
    basis: Basis
    sources: tuple[str, ...] = ()
    studies: tuple[StudyEffect, ...] = ()


@dataclass(frozen=True)
class Prior:
    """The prior of one outcome's model.

    Attributes
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    horizons_days : tuple of int
        Headline first.
    base_rate : ndarray of shape (n_horizons,)
        Published cumulative incidence among all infused, by horizon.
    base_sources : tuple of str
        Where it comes from; empty where nothing is published, and `base_rate` is then no more than a place to
        start from.
    terms : tuple of TermPrior
        Every term of the model, in the order of `TERMS`.
    """

    outcome: str
    horizons_days: tuple[int, ...]
    base_rate: Values
    base_sources: tuple[str, ...]
    terms: tuple[TermPrior, ...]

    @property
    def mean(self) -> Values:
        """Prior means: shape (n_terms,)."""
        return np.array([term.mean for term in self.terms])

    @property
    def spread(self) -> Values:
        """Prior standard deviations: shape (n_terms,)."""
        return np.array([term.spread for term in self.terms])

    def scaled(self, factor: float) -> Prior:
        """Make every prior spread wider or narrower; means stay.

        Examples
        --------
        >>> term = TermPrior("cns3", 0.2, 0.4, "direction")
        >>> Prior("relapse", (365,), np.array([0.4]), (), (term,)).scaled(0.5).spread
        array([0.2])
        """
        return replace(self, terms=tuple(replace(term, spread=term.spread * factor) for term in self.terms))

    @property
    def published(self) -> bool:
        """Whether any study of this outcome states an effect."""
        return any(term.basis != "none" for term in self.terms)
