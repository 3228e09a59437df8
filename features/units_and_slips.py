"""How each number of a patient may be written other than in the schema's unit, and what is usual.

Usual values are there to ask a person, never to refuse: they are far wider than those of any series of adults
before lymphodepletion, and end where another unit becomes the likelier reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from features.other_units import OtherUnit, Writing

WRITINGS: Mapping[str, Writing] = {
    "age_years": Writing((1, 90), slips=(OtherUnit("months", 1 / 12), OtherUnit("days", 1 / 365.25))),
    # A relapse after 200 months is rare; 400 days are not.
    "months_from_hsct_to_relapse": Writing(
        (0.5, 200), units=(OtherUnit("days", 1 / 30.4375), OtherUnit("years", 12.0))
    ),
    # Below 1 % a share of 1 is as likely: 0.62 for 62 %.
    "marrow_blasts_pct": Writing((1, 100), slips=(OtherUnit("fraction", 100.0),)),
    # Flow finds 0.001 % at best: 0.0001 is a share of 1, which is 0.01 %.
    "mrd_pct": Writing((0.001, 100), slips=(OtherUnit("fraction", 100.0),)),
    "ldh_u_l": Writing((80, 12000), units=(OtherUnit("ukat/L", 60.0),)),
    "creatinine_mg_dl": Writing(
        (0.2, 4),
        units=(OtherUnit("umol/L", 1 / 88.42), OtherUnit("mmol/L", 1000 / 88.42)),
        slips=(OtherUnit("mg/L", 0.1),),
    ),
    # Above 1 mg/L in nearly all who had two lines of therapy; 0.4 mg/dL is.
    "crp_mg_l": Writing((1, 500), units=(OtherUnit("mg/dL", 10.0),), slips=(OtherUnit("ug/L", 1e-3),)),
    "ferritin_ug_l": Writing(
        (10, 50000), slips=(OtherUnit("mg/L", 1000.0), OtherUnit("ng/dL", 0.01), OtherUnit("ng/L", 1e-3))
    ),
    "platelets_1e9_l": Writing(
        (5, 700),
        units=(OtherUnit("cells per uL", 1e-3),),
        slips=(OtherUnit("10^5 per uL (lakh)", 100.0), OtherUnit("10^12/L", 1000.0)),
    ),
    "anc_1e9_l": Writing((0.01, 20), units=(OtherUnit("cells per uL", 1e-3),)),
    # Transfusion keeps it above 7 g/dL; mmol/L counts iron atoms.
    "hemoglobin_g_dl": Writing((7.1, 18), units=(OtherUnit("g/L", 0.1), OtherUnit("mmol/L", 1.6114))),
    "dose_1e6_per_kg": Writing(
        (0.05, 15),
        units=(OtherUnit("cells, not millions", 1e-6),),
        slips=(
            OtherUnit("10^7 cells/kg", 10.0),
            OtherUnit("10^8 cells/kg", 100.0),
        ),
    ),
    "dose_total_1e6": Writing(
        (4, 1500),
        units=(OtherUnit("cells, not millions", 1e-6),),
        slips=(
            OtherUnit("10^8 cells", 100.0),
            OtherUnit("10^7 cells", 10.0),
            OtherUnit("10^9 cells", 1000.0),
        ),
    ),
    "weight_kg": Writing((25, 140), slips=(OtherUnit("lb", 0.45359237), OtherUnit("g", 1e-3))),
    # 25 to 40 mg/m2 a day for 3 to 5 days: what is below 60 is the dose of a day.
    "fludarabine_mg_m2": Writing(
        (60, 200),
        slips=(OtherUnit("mg/m2 a day, for 3 days", 3.0), OtherUnit("mg/m2 a day, for 4 days", 4.0)),
    ),
    # 250 to 500 mg/m2 a day for 2 or 3 days, or 750 to 1500 mg/m2 once.
    "cyclophosphamide_mg_m2": Writing(
        (600, 4000),
        slips=(
            OtherUnit("mg/m2 a day, for 2 days", 2.0),
            OtherUnit("mg/m2 a day, for 3 days", 3.0),
            OtherUnit("g/m2", 1000.0),
        ),
    ),
}
"""By column; a number that is not here is written in one way. Units come before slips, the likelier first."""
