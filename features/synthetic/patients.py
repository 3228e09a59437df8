"""Made-up patients with relapsed or refractory B-ALL: complete, correlated predictors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.schema import Patient
from features.short_repr import ShortRepr
from features.synthetic.details import details
from features.synthetic.draws import expit, pick, significant, yes
from features.synthetic.products import preparation, product

CENTERS = ("synthetic centre A", "synthetic centre B", "synthetic centre C")
CENTER_SHARES = (0.45, 0.35, 0.20)


@dataclass(frozen=True)
class Laboratory:
    """How a blood value is drawn: log-normal around a median that moves with disease burden."""

    name: str
    median: float
    per_burden: float
    spread: float
    lowest: float
    highest: float
    decimals: int


LABORATORY = (
    Laboratory("ldh_u_l", 240, 0.35, 0.40, 90, 8000, 0),
    Laboratory("creatinine_mg_dl", 0.75, 0.03, 0.25, 0.3, 4, 2),
    Laboratory("crp_mg_l", 9, 0.55, 1.00, 0.3, 300, 1),
    Laboratory("ferritin_ug_l", 900, 0.55, 0.80, 20, 30000, 0),
    Laboratory("platelets_1e9_l", 75, -0.50, 0.60, 5, 450, 0),
    Laboratory("anc_1e9_l", 1.2, -0.35, 0.80, 0, 20, 2),
    Laboratory("hemoglobin_g_dl", 9.5, -0.06, 0.13, 5.5, 16, 1),
)


@dataclass(frozen=True, repr=False)
class Drawn(ShortRepr):
    """Complete predictors of one infusion each.

    Attributes
    ----------
    patients : Columns of `Patient`
        Nothing missing, rounded as a chart shows it.
    center : ndarray of shape (n_infusions,)
        Place in `CENTERS`.
    burden : ndarray of shape (n_infusions,)
        The hidden disease burden, roughly standard normal, that ties the predictors together.
    """

    patients: Columns
    center: NDArray[np.int64]
    burden: Values

    def take(self, index: NDArray[np.int64]) -> Drawn:
        """Pick infusions by position."""
        return Drawn(self.patients.take(index), self.center[index], self.burden[index])


def first_infusions(n_patients: int, *, rng: np.random.Generator) -> Drawn:
    """Draw patients before their first infusion.

    Parameters
    ----------
    n_patients : int
        How many.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    drawn : Drawn

    Examples
    --------
    >>> drawn = first_infusions(3, rng=np.random.default_rng(1))
    >>> len(drawn.patients), bool(np.isnan(drawn.patients["ldh_u_l"]).any())
    (3, False)
    """
    center = rng.choice(len(CENTERS), size=n_patients, p=CENTER_SHARES)
    person = _person(n_patients, rng)
    burden = rng.normal(size=n_patients) - 0.8 * person["diagnosis"]
    history = _history(burden, rng)
    return _treated({**person, **history}, center, burden, first=True, rng=rng)


def later_infusions(
    before: Drawn, days_since: Values, transplanted: NDArray[np.bool_], *, rng: np.random.Generator
) -> Drawn:
    """Draw the same patients before their next infusion.

    Parameters
    ----------
    before : Drawn
        Of the infusion before.
    days_since : ndarray of shape (n_infusions,)
        Days between the two.
    transplanted : ndarray of bool, shape (n_infusions,)
        Whether an allogeneic HSCT is between them.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    drawn : Drawn
        What does not change in a person is kept; age, lines and treatments given never go back.
    """
    known = before.patients.values
    size = len(before.patients)
    burden = 0.4 + 0.5 * before.burden + 0.85 * rng.normal(size=size)
    blinatumomab_given = (known["prior_blinatumomab"] == 0) & (rng.random(size) < 0.2)
    kept = {
        **known,
        "age_years": np.round(known["age_years"] + days_since / 365.25, 1),
        "prior_lines": np.minimum(known["prior_lines"] + 1 + yes(np.full(size, 0.3), rng), 15),
        "prior_blinatumomab": np.where(
            blinatumomab_given, _blinatumomab_response(burden, rng), known["prior_blinatumomab"]
        ),
        "prior_inotuzumab": np.maximum(known["prior_inotuzumab"], yes(np.full(size, 0.2), rng)),
        "prior_allo_hsct": np.maximum(known["prior_allo_hsct"], transplanted.astype(float)),
        "prior_car_t": np.ones(size),
    }
    return _treated(kept, before.center, burden, first=False, rng=rng)


def _person(size: int, rng: np.random.Generator) -> dict[str, Values]:
    """Draw what stays with a person: adults, and about one adolescent or young adult in five."""
    young = rng.random(size) < 0.2
    age = np.where(young, rng.uniform(13, 25, size), 18 + 52 * rng.beta(1.3, 2.2, size))
    return {
        "age_years": np.round(age, 1),
        "sex": yes(np.full(size, 0.57), rng),
        "diagnosis": yes(np.full(size, 0.06), rng),
        "kmt2a_rearranged": yes(np.full(size, 0.08), rng),
        "ph_positive": yes(expit(-1.6 + 0.03 * (age - 35)), rng),
        "tp53_altered": yes(expit(-2.0 + 0.02 * (age - 35)), rng),
        "weight_kg": np.round(np.clip(72 * np.exp(0.2 * rng.normal(size=size)), 38, 150), 1),
    }


def _history(burden: Values, rng: np.random.Generator) -> dict[str, Values]:
    size = len(burden)
    exposed = rng.random(size) < 0.48
    blinatumomab = np.where(exposed, _blinatumomab_response(burden, rng), 0.0)
    inotuzumab = yes(expit(-0.9 + 0.2 * burden), rng)
    allo_hsct = yes(np.full(size, 0.33), rng)
    car_t = yes(np.full(size, 0.05), rng)
    lines = 1 + exposed + inotuzumab + car_t + rng.poisson(1.0 + 0.4 * allo_hsct)
    return {
        "prior_lines": np.minimum(lines, 12).astype(float),
        "prior_blinatumomab": blinatumomab,
        "prior_inotuzumab": inotuzumab,
        "prior_allo_hsct": allo_hsct,
        "prior_car_t": car_t,
    }


def _blinatumomab_response(burden: Values, rng: np.random.Generator) -> Values:
    """Draw responder (1) or nonresponder (2); disease that did not respond is more when cells are given."""
    return 1.0 + yes(expit(-0.4 + 0.7 * burden), rng)


def _treated(
    known: dict[str, Values],
    center: NDArray[np.int64],
    burden: Values,
    *,
    first: bool,
    rng: np.random.Generator,
) -> Drawn:
    """Add what is known shortly before the infusion and on the day."""
    disease = _disease(known["diagnosis"], burden, rng)
    laboratory = {item.name: _laboratory(item, burden, rng) for item in LABORATORY}
    infused = product(known, center, first=first, rng=rng)
    conditioning = preparation(center, disease["marrow_blasts_pct"], rng)
    values = {**known, **disease, **laboratory, **infused, **conditioning}
    # From a generator of its own, so that what was drawn before these columns existed stays as it was.
    values |= details(values, center, rng=rng.spawn(1)[0])
    return Drawn(Columns(Patient, {name: values[name] for name in specs(Patient)}), center, burden)


def _disease(lymphoma: Values, burden: Values, rng: np.random.Generator) -> dict[str, Values]:
    size = len(burden)
    blasts = 100 * expit(-2.4 + 2.6 * burden)
    mrd = np.minimum(100.0, blasts * np.exp(-0.1 + 0.3 * rng.normal(size=size)))
    central = expit(-3.0 + 0.2 * burden)
    return {
        "marrow_blasts_pct": np.where(blasts < 5, np.round(blasts, 1), np.round(blasts)),
        "mrd_pct": np.where(mrd < 0.01, 0.0, significant(mrd, 2)),
        "extramedullary_disease": yes(expit(-2.0 + 0.35 * burden + 2.0 * lymphoma), rng),
        "cns_status": pick(np.column_stack([1 - 3 * central, 2 * central, central]), rng),
        "bridging_therapy": yes(expit(0.7 + 0.6 * burden), rng),
        "ecog": np.clip(np.round(0.6 + 0.35 * burden + 0.7 * rng.normal(size=size)), 0, 3),
    }


def _laboratory(item: Laboratory, burden: Values, rng: np.random.Generator) -> Values:
    drawn = item.median * np.exp(item.per_burden * burden + item.spread * rng.normal(size=len(burden)))
    return np.asarray(np.round(np.clip(drawn, item.lowest, item.highest), item.decimals), dtype=np.float64)
