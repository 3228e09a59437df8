"""What published evidence says of one outcome before any local patient is seen: a normal prior per term."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.expected_terms import reference_profile
from features.terms import LEVEL_TERMS
from training.evidence.product_levels import ConstructEffect, Levels

if TYPE_CHECKING:
    from training.evidence.base_rates import CohortRate

Basis = Literal["estimate", "direction", "rates", "none"]
"""Pooled estimates; a direction only; published rates of products; no study at all."""


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
        Published cumulative incidence among those who can have the outcome, by horizon.
    base_sources : tuple of str
        Where it comes from; empty where nothing is published, and `base_rate` is then no more than a place to
        start from.
    terms : tuple of TermPrior
        Every term of the model: in the order of `TERMS`, then those that only local patients speak of.
    rates : tuple of CohortRate
        Published rates, one a cohort: how risky products are.
    constructs : tuple of ConstructEffect
        What studies say of CD28 and of split doses within themselves.
    """

    outcome: str
    horizons_days: tuple[int, ...]
    base_rate: Values
    base_sources: tuple[str, ...]
    terms: tuple[TermPrior, ...]
    rates: tuple[CohortRate, ...] = ()
    constructs: tuple[ConstructEffect, ...] = ()

    @cached_property
    def of_product(self) -> NDArray[np.bool_]:
        """Which terms are those of the product, whose prior comes from rates: shape (n_terms,)."""
        return np.array([term.term in LEVEL_TERMS for term in self.terms], dtype=np.bool_)

    @property
    def effects(self) -> Values:
        """Prior means of the effects, 0 for terms of the product: shape (n_terms,)."""
        return np.where(self.of_product, 0.0, self.mean)

    def levels_given(self, effects: Values, covariance: Values) -> Levels:
        """Fit the levels of products where all effects are given; see `base_rates.levels_given`.

        What only local patients speak of has no part: no published cohort states its case mix.
        """
        # Pooling takes seconds to import.
        from training.evidence.base_rates import levels_given

        studied = slice(self.rates[0].terms.shape[1]) if self.rates else slice(None)
        return levels_given(self.rates, self.constructs, effects[studied], covariance[studied, studied])

    @cached_property
    def levels(self) -> Levels:
        """Levels of products at the published effects, and what is uncertain of both."""
        spread = np.where(self.of_product, 0.0, self.spread)
        return self.levels_given(self.effects, np.diag(spread**2))

    def mean_risk(self, level: float, variance: float = 0.0) -> float:
        """State the mean risk at the headline horizon of patients like the reference profile.

        Parameters
        ----------
        level, variance : float
            Of the log-odds of the reference patient: normal, as `Levels` gives it.

        Returns
        -------
        risk : float
            In (0, 1): averaged over the level, and over how patients and effects differ.
        """
        from training.evidence.base_rates import LOGISTIC_TO_PROBIT, risk_of

        names = tuple(term.term for term in self.terms)
        spread = np.where(self.of_product, 0.0, self.spread)
        between = float((self.effects**2 + spread**2) @ reference_profile(names).spread ** 2)
        return risk_of(level / np.sqrt(1 + LOGISTIC_TO_PROBIT * (variance + between)))

    @property
    def mean(self) -> Values:
        """Prior means: shape (n_terms,)."""
        return np.array([term.mean for term in self.terms])

    @property
    def spread(self) -> Values:
        """Prior standard deviations: shape (n_terms,)."""
        return np.array([term.spread for term in self.terms])

    def scaled(self, factor: float) -> Prior:
        """Make every prior spread of an effect wider or narrower; means stay, and so do rates.

        Examples
        --------
        >>> term = TermPrior("cns3", 0.2, 0.4, "direction")
        >>> Prior("relapse", (365,), np.array([0.4]), (), (term,)).scaled(0.5).spread
        array([0.2])
        """
        return replace(self, terms=tuple(replace(term, spread=term.spread * factor) for term in self.terms))

    @property
    def sources(self) -> tuple[str, ...]:
        """DOI, PMID, NCT or citation of every row that had a part, effects before rates."""
        of_effects = [source for term in self.terms for source in term.sources]
        of_rates = [source for rate in self.rates for source in rate.row.sources]
        return tuple(dict.fromkeys([*of_effects, *of_rates]))

    @property
    def published(self) -> bool:
        """Whether any study of this outcome states an effect, also one on the level of products."""
        return any(term.basis in ("estimate", "direction") or term.studies for term in self.terms)
