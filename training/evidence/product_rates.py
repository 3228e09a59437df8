"""Rates of products as published rates give them, in a center that no study saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.products import PRODUCTS
from training.evidence.prior import Prior

NINETY = 1.6449
"""A 90 % interval reaches this many standard deviations to each side."""


@dataclass(frozen=True)
class PublishedRate:
    """The rate of a product.

    Attributes
    ----------
    rate : float
        Mean risk at the headline horizon of patients like the reference profile.
    low, high : float
        Interval of it in a new center.
    """

    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class ProductRates:
    """The rates of all products.

    Attributes
    ----------
    own : PublishedRate
        Of an academic, other or unknown product: the base rate.
    known : mapping of str to PublishedRate
        Of each of `PRODUCTS`, given as usual.
    """

    own: PublishedRate
    known: Mapping[str, PublishedRate]


def product_rates(prior: Prior, *, reach: float = NINETY) -> ProductRates:
    """State the rate of every product before any local patient is seen.

    Parameters
    ----------
    prior : Prior
    reach : float
        Standard deviations to each side of the intervals; 90 % intervals by default.

    Returns
    -------
    rates : ProductRates
        Without any published rate, the same for all products, with intervals that exclude next to nothing.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> from training.evidence.prior_from_studies import published_prior
    >>> rates = product_rates(published_prior("severe_icans", (30,), read_evidence()))
    >>> rates.known["brexucabtagene"].rate > 2 * rates.known["obecabtagene"].rate
    True
    """
    levels = prior.levels
    return ProductRates(
        own=_rate(prior, *levels.own, reach=reach),
        known={product: _rate(prior, *levels.known(product), reach=reach) for product in PRODUCTS},
    )


def _rate(prior: Prior, level: float, variance: float, *, reach: float) -> PublishedRate:
    low, high = (prior.mean_risk(level + side * reach * variance**0.5) for side in (-1, 1))
    return PublishedRate(prior.mean_risk(level, variance), low, high)
