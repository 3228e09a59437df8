"""Made-up details of earlier treatments, of a patient's nervous system and of the schedule of the dose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.field import specs
from features.products import PRODUCTS
from features.schema import Patient
from features.synthetic.draws import pick, yes

INOTUZUMAB_RESPONSES = (0.65, 0.25, 0.10)
"""Responder, nonresponder, unknown."""
REFRACTORY, NEUROLOGIC = 0.4, 0.12
MONTHS_TO_RELAPSE, MONTHS_SPREAD = 9.0, 0.8
CENTER_SPLITS = (0.3, 0.0, 0.1)
"""Share of doses in parts where the product does not say so, by center."""


def details(
    known: Mapping[str, Values], center: NDArray[np.int64], *, rng: np.random.Generator
) -> dict[str, Values]:
    """Draw what charts hold beside the main facts of a patient.

    Parameters
    ----------
    known : mapping of str to ndarray of shape (n_infusions,)
        Complete predictors; what stays with a person is kept where an earlier infusion has it.
    center : ndarray of int, shape (n_infusions,)
        0, 1 or 2.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    columns : dict of ndarray
        NaN where a column does not apply: a response without inotuzumab, months without HSCT.
    """
    size = len(center)
    response = pick(np.tile(INOTUZUMAB_RESPONSES, (size, 1)), rng)
    months = np.round(MONTHS_TO_RELAPSE * np.exp(MONTHS_SPREAD * rng.normal(size=size)), 1)
    before = known.get("months_from_hsct_to_relapse", np.full(size, np.nan))
    months = np.where(np.isnan(before), months, before)
    neurologic = yes(np.full(size, NEUROLOGIC), rng)
    drawn = {
        "inotuzumab_response": np.where(known["prior_inotuzumab"] == 1, response, np.nan),
        "refractory_to_last_line": yes(np.full(size, REFRACTORY), rng),
        "months_from_hsct_to_relapse": np.where(known["prior_allo_hsct"] == 1, months, np.nan),
        "split_dose": _split(known["product"], center, rng),
    }
    return {**drawn, "neurologic_comorbidity": known.get("neurologic_comorbidity", neurologic)}


def _split(product: Values, center: NDArray[np.int64], rng: np.random.Generator) -> Values:
    """Draw the schedule of the dose: the product's own, or the center's habit."""
    habit = yes(np.asarray(CENTER_SPLITS)[center], rng)
    for code, option in enumerate(specs(Patient)["product"].options):
        if option in PRODUCTS:
            habit = np.where(product == code, float(PRODUCTS[option].split_dose), habit)
    return habit
