"""Where the values of a column usually lie, so that another unit and a slip of the pen can be questioned.

The limits of the schema say what is impossible; these facts say what is rare. They are reasoned constants,
not estimates: medians and spreads as published series of relapsed or refractory B-ALL show them before
lymphodepletion, children and adults together, made wide where series differ. Nothing is refused for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.field import OtherUnit


@dataclass(frozen=True)
class Usual:
    """Where the values of one column usually lie; on the scale of the natural logarithm.

    Parameters
    ----------
    median : float
        Of all infusions, in the schema's unit.
    spread : float
        Standard deviation of the logarithm within a center.
    between : float
        Standard deviation of the centers' medians, as logarithms.
    low, high : float
        Single values beyond are questioned; both included. Where 0 is a value of its own, it is not.
    readings : tuple of OtherUnit
        What else a value may be by mistake, beside another unit, with the factor to the schema's meaning.
    basis : str
        What the numbers rest on.
    """

    median: float
    spread: float
    between: float
    low: float = 0.0
    high: float = float("inf")
    readings: tuple[OtherUnit, ...] = ()
    basis: str = ""


DAILY_FLUDARABINE = OtherUnit("the dose of one day, not the total", 4.0)
DAILY_CYCLOPHOSPHAMIDE = OtherUnit("the dose of one day, not the total", 3.0)
PER_KG = OtherUnit("per kg, not the total", 70.0)
NOT_PER_KG = OtherUnit("the total, not per kg", 1 / 70)

LONGEST_FOLLOW_UP_DAYS = 15 * 365
"""No follow-up is longer: CD19 CAR T cells were first given for B-ALL in about 2010 to 2012. A year typed as
2062 instead of 2022 adds 40 years."""

USUAL: Mapping[str, Usual] = {
    "prior_lines": Usual(3, 0.5, 0.3, high=12, basis="2 to 7 in adult series; above 12 a year or an age"),
    "ldh_u_l": Usual(
        260, 0.6, 0.3, low=40, high=10000, basis="upper limit of normal near 250; tumor lysis to 10000"
    ),
    "creatinine_mg_dl": Usual(
        0.75, 0.35, 0.15, low=0.15, high=5, basis="trials ask for less than 2; infants have 0.2"
    ),
    "crp_mg_l": Usual(9, 1.2, 0.45, high=400, basis="medians of 5 to 20; sepsis reaches 400"),
    "ferritin_ug_l": Usual(
        950, 1.1, 0.45, low=8, high=60000, basis="medians of 500 to 2000 after transfusions"
    ),
    "platelets_1e9_l": Usual(70, 0.85, 0.35, low=2, high=900, basis="medians of 40 to 150"),
    "anc_1e9_l": Usual(1.2, 1.1, 0.45, high=25, basis="0 to 10, with growth factor to 25"),
    "hemoglobin_g_dl": Usual(9.4, 0.17, 0.07, low=5, high=17, basis="transfused below 7 to 8"),
    "dose_1e6_per_kg": Usual(
        1.3, 0.8, 0.9, low=0.03, high=20, readings=(NOT_PER_KG,), basis="0.1 to 6 in published products"
    ),
    "dose_total_1e6": Usual(
        110, 0.9, 0.9, low=0.5, high=2000, readings=(PER_KG,), basis="0.1 to 6 per kg for 5 to 100 kg"
    ),
    "weight_kg": Usual(72, 0.25, 0.15, low=4, high=180, basis="adults; children weigh less, no one 2 kg"),
    "fludarabine_mg_m2": Usual(
        100, 0.2, 0.2, low=50, high=180, readings=(DAILY_FLUDARABINE,), basis="25 to 30 a day, 3 to 5 days"
    ),
    "cyclophosphamide_mg_m2": Usual(
        900, 0.35, 0.35, low=200, high=4500, readings=(DAILY_CYCLOPHOSPHAMIDE,), basis="500 to 3000 in all"
    ),
    "months_from_hsct_to_relapse": Usual(
        9, 0.9, 0.4, high=240, basis="half of the relapses after HSCT come within a year"
    ),
    "relapse_day": Usual(150, 0.9, 0.4, high=LONGEST_FOLLOW_UP_DAYS, basis="half come within 6 months"),
    "death_day": Usual(220, 1.1, 0.6, high=LONGEST_FOLLOW_UP_DAYS, basis="most die after a relapse"),
    "allo_hsct_day": Usual(85, 0.6, 0.35, high=LONGEST_FOLLOW_UP_DAYS, basis="2 to 4 months after infusion"),
    "next_infusion_day": Usual(160, 0.9, 0.6, high=LONGEST_FOLLOW_UP_DAYS, basis="after a relapse"),
    "last_contact_day": Usual(400, 1.0, 0.8, high=LONGEST_FOLLOW_UP_DAYS, basis="months to years"),
}
"""By column. Not here: percentages, whose fractions are known by having none above 1, and columns in which
no other unit fits the limits (age, response day)."""
