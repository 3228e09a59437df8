"""Where the variance of what is stated of a product comes from.

The log-odds of a cohort's mean risk are, in every replicate, what the level of its product adds up to, and
what its case mix adds under the effects drawn. Each part is given its covariance with the sum, so the parts
add up to the variance whether or not they go together: where a typical rate is drawn high, CD28 adds less.
"""

from __future__ import annotations

import numpy as np

from features.columns import Values
from features.log_odds import expit, logit
from features.products import PRODUCTS
from features.terms import OWN_PRODUCT, TERMS, product_term
from serving.model.replicates import Replicates
from training.evidence.base_rates import CohortRate

NAMES = list(TERMS)


def variance_parts(
    drawn: Replicates, terms: Values, cohort: CohortRate, *, center_variance: float
) -> dict[str, float]:
    """Split the variance of the log-odds of a cohort's mean risk at the headline horizon.

    Parameters
    ----------
    drawn : Replicates
        At least two; no trees.
    terms : ndarray of shape (n_patients, n_terms)
        Centered, with those of the product. Those of which no study speaks are left out: they are 0.
    cohort : CohortRate
    center_variance : float
        Between cohorts of one product: a center is a new draw of it.

    Returns
    -------
    parts : dict of str to float
        Log-odds squared: ``base rate``, ``centers``, ``CD28``, ``split dose``, ``product`` (its own effect,
        or that of a new product) and ``case mix`` (effects of all other terms).
    """
    risks = expit(drawn.intercepts[:, :1] + drawn.coefficients[:, : terms.shape[1]] @ terms.T)
    mean = risks.mean(axis=1)
    new = _coefficient(drawn, OWN_PRODUCT)
    known = cohort.product in PRODUCTS
    levels = {
        "base rate": drawn.intercepts[:, 0] - new,
        "CD28": cohort.cd28 * _coefficient(drawn, "cd28_construct"),
        "split dose": cohort.split_dose * _coefficient(drawn, "split_dose"),
        "product": _coefficient(drawn, product_term(cohort.product)) if known else new,
    }
    total = logit(mean)
    levels["case mix"] = total - sum(levels.values())
    parts = {name: float(np.cov(part, total)[0, 1]) for name, part in levels.items()}
    # Centers are drawn apart from all else, so they have the part by which they move the mean risk.
    moves = float(((risks * (1 - risks)).mean(axis=1) / (mean * (1 - mean))).mean())
    centers = moves * center_variance
    return {"base rate": parts.pop("base rate") - centers, "centers": centers, **parts}


def _coefficient(drawn: Replicates, term: str) -> Values:
    return np.asarray(drawn.coefficients[:, NAMES.index(term)], dtype=np.float64)
