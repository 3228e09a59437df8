"""Effective sample size of a prior: how many infusions would say as much as the literature does.

In a logistic model, an infusion of a patient with risk p has the Fisher information ``p (1 - p)`` on the
intercept, and on average ``s^2 p (1 - p)`` on the coefficient of a centered term with standard deviation s
among patients. A normal prior has the information ``1 / variance``. The effective sample size is the ratio of
the two, at the published mean risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.expected_terms import reference_profile
from features.products import PRODUCTS
from training.evidence.prior import Prior


@dataclass(frozen=True)
class EffectiveSampleSizes:
    """Effective sample sizes of the parts of a prior, in infusions.

    Attributes
    ----------
    base_rate : float
        Of the level of a new academic product in a new center, which is that of the base rate.
    products : mapping of str to float
        Of the level of each of `PRODUCTS`, given as usual, in a new center: infusions of that product.
    terms : mapping of str to float
        Of the coefficient of every term of the prior.
    """

    base_rate: float
    products: Mapping[str, float]
    terms: Mapping[str, float]


def effective_sample_sizes(prior: Prior) -> EffectiveSampleSizes:
    """Count the infusions that the parts of a prior are worth.

    Parameters
    ----------
    prior : Prior

    Returns
    -------
    sizes : EffectiveSampleSizes
        Each above 0. They do not add up: one infusion informs every part at once.

    References
    ----------
    Neuenschwander, Weber, Schmidli and O'Hagan 2020, doi:10.1111/biom.13252: the expected
    local-information-ratio effective sample size. Here the ratio is that at the published risk; its
    expectation over all risks that the prior allows is larger, since extreme risks carry less information.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> sizes = effective_sample_sizes(published_prior("severe_crs", (30,), read_evidence()))
    >>> sizes.base_rate < sizes.products["tisagenlecleucel"]
    True
    """
    levels, risk = prior.levels, prior.mean_risk(*prior.levels.own)
    known = {product: levels.known(product) for product in PRODUCTS}
    profile = reference_profile(tuple(term.term for term in prior.terms))
    return EffectiveSampleSizes(
        base_rate=infusions_worth(levels.own[1], risk),
        products={
            product: infusions_worth(variance, prior.mean_risk(level, variance))
            for product, (level, variance) in known.items()
        },
        terms={
            term.term: infusions_worth(term.spread**2, risk, term_spread=float(spread))
            for term, spread in zip(prior.terms, profile.spread, strict=True)
        },
    )


def infusions_worth(variance: float, risk: float, *, term_spread: float = 1.0) -> float:
    """Count the infusions whose expected information is the precision of a normal prior.

    Parameters
    ----------
    variance : float
        Of the prior: log-odds, per unit of the term for a coefficient.
    risk : float
        Mean risk of the patients, in (0, 1).
    term_spread : float
        Standard deviation of the term among patients; 1 for an intercept.

    Returns
    -------
    infusions : float
        ``1 / (variance term_spread^2 risk (1 - risk))``.

    Examples
    --------
    A rate seen in 40 infusions, 10 of them with the event, has log-odds of variance 1/10 + 1/30:

    >>> round(infusions_worth(1 / 10 + 1 / 30, 0.25), 6)
    40.0
    >>> infusions_worth(0.25, 0.5, term_spread=0.5)
    64.0
    """
    return 1 / (variance * term_spread**2 * risk * (1 - risk))
