"""Terms of numbers that no study speaks of: each predictor that no other term reads has one, by one rule."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from features.field import FieldSpec, specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from features.term import Term, number
from features.usual_values import USUAL

FARTHEST_BELOW = 2.0
"""Standard deviations of the logarithm below the usual median at which lower values count the same: some
numbers may be 0, and a value as low as that says no more than that it is low."""


def terms_of_unread(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Make a term of each number that none of the terms reads.

    Parameters
    ----------
    terms : iterable of Term
        All others.

    Returns
    -------
    terms : tuple of Term
        Logarithms to base 2, in the order of the schema. Total dose and weight have none: no model sees them
        beside the dose per kg, which they may stand for.

    Examples
    --------
    >>> from features.terms import TERMS
    >>> [term.name for term in terms_of_unread(TERMS.values())]
    ['log2_anc_1e9_l', 'log2_hemoglobin_g_dl', 'log2_cyclophosphamide_mg_m2']
    """
    read = {field for term in terms for field in term.reads} | {*DOSE_INPUTS}
    unread = (spec for name, spec in specs(Patient).items() if name not in read)
    return tuple(_term(spec) for spec in unread if spec.kind in ("number", "integer"))


def local_formula(field: str) -> str:
    """Write the term of a number as `features.term_formulas` writes terms.

    Examples
    --------
    >>> local_formula("hemoglobin_g_dl")
    'log2(max(hemoglobin_g_dl, 6.5))'
    """
    return f"log2(max({field}, {lowest(field):g}))"


def lowest(field: str) -> float:
    """State the value that lower ones count as: two digits, so that the formula shows all of it.

    Examples
    --------
    >>> lowest("anc_1e9_l")
    0.11
    """
    usual = USUAL[field]
    return float(f"{usual.median * np.exp(-FARTHEST_BELOW * np.hypot(usual.spread, usual.between)):.2g}")


def _term(spec: FieldSpec) -> Term:
    least, title = lowest(spec.name), f"doubling of {spec.title[0].lower()}{spec.title[1:]}"
    return number(f"log2_{spec.name}", spec.name, title, lambda values: np.log2(np.maximum(values, least)))
