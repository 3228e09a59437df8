"""Patients who are all given one of a few known products, as usual."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.products import PRODUCTS
from features.schema import Patient

DOSE_SPREAD = 0.2
"""Standard deviation of the logarithm of the dose about the product's usual one."""


def given_products(patients: Columns, products: tuple[str, ...], rng: np.random.Generator) -> Columns:
    """Give every patient one of the products, each as likely: its construct, its schedule and its dose.

    Parameters
    ----------
    patients : Columns of `Patient`
    products : tuple of str
        Entries of `PRODUCTS`.
    rng : numpy.random.Generator

    Returns
    -------
    patients : Columns of `Patient`
        The same in all that does not belong to the product.
    """
    which = rng.integers(len(products), size=len(patients))
    usual = _each(which, [PRODUCTS[name].usual_dose_1e6_per_kg for name in products])
    dose = usual * np.exp(DOSE_SPREAD * rng.normal(size=len(patients)))
    codes = {
        "product": [_code("product", name) for name in products],
        "target_antigen": [_code("target_antigen", PRODUCTS[name].target_antigen) for name in products],
        "costimulatory_domain": [
            _code("costimulatory_domain", PRODUCTS[name].costimulatory_domain) for name in products
        ],
        "cell_source": [_code("cell_source", "autologous")] * len(products),
        "split_dose": [float(PRODUCTS[name].split_dose) for name in products],
    }
    own = {name: _each(which, values) for name, values in codes.items()}
    own |= {"dose_1e6_per_kg": dose, "dose_total_1e6": dose * patients["weight_kg"]}
    return Columns(Patient, {**patients.values, **own})


def _code(field: str, option: str) -> float:
    return float(specs(Patient)[field].options.index(option))


def _each(which: NDArray[np.int64], values: list[float]) -> Values:
    return np.asarray(values, dtype=np.float64)[which]
