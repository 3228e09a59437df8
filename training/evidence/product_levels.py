"""How risky a product is, from published rates: typical products, known ones, and one that is yet to come.

A published rate of a cohort is, on the scale of log-odds and after its case mix is taken off,

    level = typical + cd28 x domain + split x schedule + product + cohort + sampling error

with products and cohorts drawn from normal distributions. The spreads of both are averaged over a grid, not
chosen. An academic or unknown product is a new draw of the product, a center is a new draw of the cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.products import CD28, PRODUCTS

TYPICAL_SPREAD = 2.0
"""Standard deviation of the typical level before any rate is seen: any risk from 2 to 98 %."""

CONSTRUCT_SPREAD = 1.0
"""The same of what CD28, or a split dose, adds: an odds ratio of 2.7 or more either way in one of three."""

PRODUCT_SPREADS = np.linspace(0.1, 1.2, 12)
COHORT_SPREADS = np.linspace(0.1, 1.0, 10)
"""Grid of the standard deviations between products of one construct, and between cohorts of one product."""

PRODUCT_SCALE, COHORT_SCALE = 0.5, 0.2
"""Scales of their half-normal priors: products of one construct seldom differ by more than an odds ratio of
2.7, cohorts of one product and scale by 1.5 (tisagenlecleucel 13 to 21 % severe CRS)."""


@dataclass(frozen=True)
class Level:
    """One published rate as a level.

    Attributes
    ----------
    log_odds, error : float
        Of the reference patient, case mix taken off; standard error, widened where other patients or another
        scale were studied.
    product : str
        Known product, or a name of its own for the cells of one academic series.
    cd28, split_dose : float
        0 or 1; the share in between where a cohort is mixed or the construct is not stated.
    """

    log_odds: float
    error: float
    product: str
    cd28: float
    split_dose: float


@dataclass(frozen=True)
class ConstructEffect:
    """What a study that compared constructs or schedules says.

    Attributes
    ----------
    cd28, split_dose : float
        What was compared: 1 for the one, 0 for the other.
    log_odds, error : float
        Of the comparison.
    """

    cd28: float
    split_dose: float
    log_odds: float
    error: float


@dataclass(frozen=True)
class Levels:
    """Normal distribution of the levels.

    Attributes
    ----------
    mean : ndarray of shape (2 + n_products + 2,)
        Typical level of a 4-1BB product given at once; what CD28 and a split dose add; what each of
        `PRODUCTS` adds; what a new product adds.
    covariance : ndarray
        Of the same.
    cohort_variance : float
        Variance between cohorts of one product: a new center is one more of them.
    product_spread : float
        Expected standard deviation between products of one construct.
    """

    mean: Values
    covariance: Values
    cohort_variance: float
    product_spread: float

    @property
    def own(self) -> tuple[float, float]:
        """Level of a new product in a new center: mean, and variance with those of both."""
        return self._sum(new=1.0)

    def known(self, product: str) -> tuple[float, float]:
        """Level of a known product, given as usual, in a new center: mean and variance.

        Parameters
        ----------
        product : str
            Entry of `PRODUCTS`.

        Examples
        --------
        >>> fitted = fit_levels([Level(-1.4, 0.1, "tisagenlecleucel", 0.0, 0.0)], typical=-1.8)
        >>> fitted.known("tisagenlecleucel")[1] < fitted.own[1]
        True
        """
        entry = PRODUCTS[product]
        schedule = float(entry.split_dose)
        return self._sum(cd28=CD28[product], split_dose=schedule, product=product)

    def _sum(
        self, *, cd28: float = 0.0, split_dose: float = 0.0, product: str = "", new: float = 0.0
    ) -> tuple[float, float]:
        """Mean and variance of what a level adds up to, with the variance between cohorts."""
        parts = np.array([1.0, cd28, split_dose, *(float(name == product) for name in PRODUCTS), new])
        variance = float(parts @ self.covariance @ parts) + self.cohort_variance
        return float(parts @ self.mean), variance


def fit_levels(
    levels: Sequence[Level], constructs: Sequence[ConstructEffect] = (), *, typical: float
) -> Levels:
    """Fit the hierarchy to published levels.

    Parameters
    ----------
    levels : sequence of Level
        May be empty: the priors are returned.
    constructs : sequence of ConstructEffect
        Comparisons within studies.
    typical : float
        Log-odds about which the typical level lies before any rate is seen.

    Returns
    -------
    fitted : Levels
        Mean and covariance over the grid of spreads.

    References
    ----------
    Gelman 2006, doi:10.1214/06-BA117A (half-normal and half-t priors of a standard deviation between groups).

    Examples
    --------
    >>> seen = [Level(-3.7, 0.5, "obecabtagene", 0.0, 1.0), Level(-1.4, 0.1, "tisagenlecleucel", 0.0, 0.0)]
    >>> fitted = fit_levels(seen, typical=-1.8)
    >>> bool(fitted.mean[2] < 0), len(fitted.mean)
    (True, 8)
    """
    design = _design(levels, constructs)
    observed = np.array([each.log_odds for each in levels] + [each.log_odds for each in constructs])
    errors = np.array([each.error for each in levels] + [each.error for each in constructs])
    # A comparison within a study is free of what differs between cohorts.
    between = np.append(np.ones(len(levels)), np.zeros(len(constructs)))
    grid = np.array([(product, cohort) for product in PRODUCT_SPREADS for cohort in COHORT_SPREADS])
    fixed = np.array([TYPICAL_SPREAD, CONSTRUCT_SPREAD, CONSTRUCT_SPREAD])
    spreads = np.repeat(grid[:, :1], design.shape[1], axis=1)
    spreads[:, :3] = fixed
    start = np.append([typical], np.zeros(design.shape[1] - 1))
    evidence, means, covariances = _posteriors(
        design, observed, start, spreads**2, errors**2 + grid[:, 1:] ** 2 * between
    )
    logs = evidence - ((grid / (PRODUCT_SCALE, COHORT_SCALE)) ** 2).sum(axis=1) / 2
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    mean = weight @ means
    apart = means - mean
    covariance = np.einsum("g,gij->ij", weight, covariances) + np.einsum("g,gi,gj->ij", weight, apart, apart)
    kept = [*range(3 + len(PRODUCTS)), design.shape[1] - 1]
    return Levels(
        mean=mean[kept],
        covariance=covariance[np.ix_(kept, kept)],
        cohort_variance=float(weight @ grid[:, 1] ** 2),
        product_spread=float(weight @ grid[:, 0]),
    )


def _design(levels: Sequence[Level], constructs: Sequence[ConstructEffect]) -> Values:
    """One row a level: typical, CD28, split dose, then a column a product, a new one last."""
    products = [*PRODUCTS, *sorted({level.product for level in levels} - set(PRODUCTS)), ""]
    rows = [
        [1.0, level.cd28, level.split_dose, *(float(level.product == name) for name in products)]
        for level in levels
    ]
    rows += [[0.0, each.cd28, each.split_dose, *(0.0 for _ in products)] for each in constructs]
    return np.array(rows, dtype=float).reshape(len(rows), 3 + len(products))


def _posteriors(
    design: Values, observed: Values, start: Values, prior: Values, noise: Values
) -> tuple[Values, Values, Values]:
    """Log evidence, mean and covariance of linear models with independent normal priors, one a grid point."""
    spread = prior[:, :, None] * design.T
    predicted = design @ spread
    rows = np.arange(len(design))
    predicted[:, rows, rows] += noise
    off = observed - design @ start
    gain = np.linalg.solve(predicted, spread.transpose(0, 2, 1)).transpose(0, 2, 1)
    pull = np.linalg.solve(predicted, np.broadcast_to(off[:, None], (*noise.shape, 1)))[:, :, 0]
    evidence = -(np.linalg.slogdet(predicted)[1] + pull @ off) / 2
    covariance = -gain @ spread.transpose(0, 2, 1)
    columns = np.arange(design.shape[1])
    covariance[:, columns, columns] += prior
    return np.asarray(evidence), start + gain @ off, covariance
