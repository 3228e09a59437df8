"""Made-up products: what is infused and what precedes it, by the practice of each center."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.synthetic.draws import pick, rows_of, significant, yes

# One row per center; products: academic, tisagenlecleucel, brexucabtagene, obecabtagene, other.
CENTER_PRODUCTS = (
    (0.90, 0.10, 0.00, 0.00, 0.00),
    (0.30, 0.25, 0.20, 0.25, 0.00),
    (0.60, 0.15, 0.20, 0.00, 0.05),
)
CENTER_TOCILIZUMAB = (0.35, 0.02, 0.10)
CENTER_FLUDARABINE_MG_M2 = (120.0, 90.0, 75.0)
CENTER_CYCLOPHOSPHAMIDE_MG_M2 = (750.0, 1000.0, 900.0)
WITHOUT_FLUDARABINE = 0.05

# One row a product. Targets: cd19, cd22, cd19_cd22. Domains: 4_1bb, cd28, other.
PRODUCT_TARGETS = ((0.50, 0.10, 0.40), (1, 0, 0), (1, 0, 0), (1, 0, 0), (0.80, 0.10, 0.10))
PRODUCT_DOMAINS = ((0.75, 0.20, 0.05), (1, 0, 0), (0, 1, 0), (1, 0, 0), (0.50, 0.30, 0.20))
PRODUCT_DOSES_1E6_PER_KG = (1.0, 2.5, 1.0, 5.9, 1.5)
PRODUCT_DOSE_SPREADS = (0.75, 0.40, 0.05, 0.20, 0.50)
LATER_ACADEMIC_TARGETS = (0.15, 0.35, 0.50)
ACADEMIC, TISAGENLECLEUCEL, OBECABTAGENE = 0, 1, 3
TISAGENLECLEUCEL_UP_TO_YEARS = 25


def product(
    known: dict[str, Values], center: NDArray[np.int64], *, first: bool, rng: np.random.Generator
) -> dict[str, Values]:
    """Draw the cells of made-up infusions.

    Parameters
    ----------
    known : dict of ndarray
        ``age_years``, ``weight_kg`` and ``prior_allo_hsct``, complete.
    center : ndarray of int, shape (n_infusions,)
        0, 1 or 2.
    first : bool
        First infusions; later ones of academic cells turn to CD22.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    columns : dict of ndarray
        Product, target, costimulatory domain, cell source, dose per kg and in total.
    """
    made = pick(np.asarray(CENTER_PRODUCTS)[center], rng)
    too_old = (made == TISAGENLECLEUCEL) & (known["age_years"] > TISAGENLECLEUCEL_UP_TO_YEARS)
    made = np.where(too_old, float(OBECABTAGENE), made)
    academic = made == ACADEMIC
    targets = rows_of(PRODUCT_TARGETS, made)
    if not first:
        targets = np.where(academic[:, None], LATER_ACADEMIC_TARGETS, targets)
    spread = np.asarray(PRODUCT_DOSE_SPREADS)[made.astype(int)]
    dose = np.asarray(PRODUCT_DOSES_1E6_PER_KG)[made.astype(int)]
    dose = np.clip(dose * np.exp(spread * rng.normal(size=len(dose))), 0.1, 12)
    total = significant(dose * known["weight_kg"])
    return {
        "product": made,
        "target_antigen": pick(targets, rng),
        "costimulatory_domain": pick(rows_of(PRODUCT_DOMAINS, made), rng),
        "cell_source": yes(0.35 * academic * known["prior_allo_hsct"], rng),
        "dose_total_1e6": total,
        "dose_1e6_per_kg": significant(total / known["weight_kg"]),
    }


def preparation(center: NDArray[np.int64], blasts: Values, rng: np.random.Generator) -> dict[str, Values]:
    """Draw lymphodepletion by the center's practice, and tocilizumab, given more where burden is high.

    Parameters
    ----------
    center : ndarray of int, shape (n_infusions,)
        0, 1 or 2.
    blasts : ndarray of shape (n_infusions,)
        Marrow blasts, %.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    columns : dict of ndarray
    """
    fludarabine = np.asarray(CENTER_FLUDARABINE_MG_M2)[center]
    without = rng.random(len(center)) < WITHOUT_FLUDARABINE
    return {
        "fludarabine_mg_m2": np.where(without, 0.0, fludarabine),
        "cyclophosphamide_mg_m2": np.asarray(CENTER_CYCLOPHOSPHAMIDE_MG_M2)[center]
        * np.where(without, 2.0, 1.0),
        "tocilizumab_prophylaxis": yes(
            np.minimum(1.0, np.asarray(CENTER_TOCILIZUMAB)[center] * np.where(blasts >= 40, 1.5, 1.0)), rng
        ),
    }
