"""What is known of a product takes the place of what a patient's row does not state: terms of products."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.columns import Columns, Values
from features.field import specs
from features.products import CD28, PRODUCTS, SPLIT_DOSE, USUAL_DOSE, USUAL_DOSE_1E6_PER_KG
from features.schema import Patient


def is_product(patients: Columns, product: str) -> Values:
    """1 for the product, 0 for another and where none is stated.

    Parameters
    ----------
    patients : Columns of `Patient`
    product : str
        An option of ``product``.

    Returns
    -------
    term : ndarray of shape (n_infusions,)
    """
    return np.asarray(patients["product"] == specs(Patient)["product"].options.index(product), dtype=float)


def own_product(patients: Columns) -> Values:
    """0 for a known product, 1 for all others and where none is stated: shape (n_infusions,)."""
    return _by_product(patients, np.ones(len(patients)), _KNOWN)


def cd28_construct(patients: Columns) -> Values:
    """1 for CD28, 0 for another domain: of a known product its own, else as given.

    Shape (n_infusions,); NaN where neither is known.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> rows = [{"product": "brexucabtagene"}, {"costimulatory_domain": "4_1bb"}, {}]
    >>> cd28_construct(predictors(rows))
    array([ 1.,  0., nan])
    """
    return _by_product(patients, patients.is_option("costimulatory_domain", "cd28"), _CD28)


def split_dose(patients: Columns) -> Values:
    """Take what is given; where nothing is, a known product is taken to be given as its label says.

    Shape (n_infusions,); NaN where neither is known.
    """
    given = patients["split_dose"]
    return np.where(np.isnan(given), _by_product(patients, given, _SPLIT_DOSE), given)


def relative_dose(patients: Columns) -> Values:
    """Doublings of the dose per kg, relative to the usual dose of the product: shape (n_infusions,)."""
    usual = _by_product(patients, np.full(len(patients), USUAL_DOSE_1E6_PER_KG), _USUAL_DOSE)
    return np.log2(patients["dose_1e6_per_kg"] / usual)


def _by_code(facts: Mapping[str, float]) -> Values:
    """List the fact of each product by its code, and last that of a missing one; NaN where none is known."""
    return np.array([*(facts.get(option, np.nan) for option in specs(Patient)["product"].options), np.nan])


_KNOWN = _by_code(dict.fromkeys(PRODUCTS, 0.0))
_CD28, _SPLIT_DOSE, _USUAL_DOSE = (_by_code(facts) for facts in (CD28, SPLIT_DOSE, USUAL_DOSE))


def _by_product(patients: Columns, otherwise: Values, by_code: Values) -> Values:
    """Take the fact of a known product, and what is given for all others."""
    product = patients["product"]
    fact = by_code[np.where(np.isnan(product), len(by_code) - 1, product).astype(np.int64)]
    return np.where(np.isnan(fact), otherwise, fact)
