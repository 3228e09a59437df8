"""Gaps in made-up charts: what a real series does not have of each infusion, at random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.decisions import ASSUMED_REMISSION_DAY
from features.field import specs
from features.rules import DEFAULT_RESPONSE_DAY
from features.schema import FollowUp, Patient

PERSON_GAPS = {"diagnosis": 0.02, "kmt2a_rearranged": 0.12, "ph_positive": 0.05, "tp53_altered": 0.30}
"""Share missing for all infusions of a patient."""

INFUSION_GAPS = {
    "prior_allo_hsct": 0.02,
    "prior_car_t": 0.05,
    "ecog": 0.12,
    "mrd_pct": 0.20,
    "extramedullary_disease": 0.08,
    "cns_status": 0.12,
    "bridging_therapy": 0.05,
    "costimulatory_domain": 0.03,
    "product": 0.02,
    "cell_source": 0.03,
    "fludarabine_mg_m2": 0.06,
    "cyclophosphamide_mg_m2": 0.06,
    "tocilizumab_prophylaxis": 0.06,
}
LABORATORY_GAPS = {
    "ldh_u_l": 0.05,
    "creatinine_mg_dl": 0.02,
    "crp_mg_l": 0.10,
    "ferritin_ug_l": 0.16,
    "platelets_1e9_l": 0.02,
    "anc_1e9_l": 0.05,
    "hemoglobin_g_dl": 0.03,
}
DETAIL_GAPS = {
    "inotuzumab_response": 0.10,
    "refractory_to_last_line": 0.10,
    "months_from_hsct_to_relapse": 0.15,
    "neurologic_comorbidity": 0.10,
    "split_dose": 0.05,
}
NO_LABORATORY = 0.06
"""Share of infusions without any blood value: they go missing together."""

DOSE_ONLY_TOTAL = 0.10
"""Share whose dose per kg has to be derived from total dose and weight; the others may lack either."""
DOSE_TOTAL_GAP, WEIGHT_GAP = 0.35, 0.20
RESPONSE_UNKNOWN = 0.10
"""Share of those exposed to blinatumomab whose response is not recorded."""

CRS_GAP, CRS_ONSET_GAP, ICANS_GAP, RESPONSE_GAP = 0.03, 0.12, 0.04, 0.05
ICAHT_GAP, IEC_HS_GAP = 0.08, 0.05


def patients_with_gaps(
    patients: Columns,
    person: NDArray[np.int64],
    *,
    infusion_number: NDArray[np.int64],
    rng: np.random.Generator,
) -> Columns:
    """Take values out of complete predictors, without looking at any value.

    Parameters
    ----------
    patients : Columns of `Patient`
        Complete.
    person : ndarray of int, shape (n_infusions,)
        0, 1, ...: whose infusion it is.
    infusion_number : ndarray of int, shape (n_infusions,)
        From the second on ``prior_car_t`` is never missing.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    patients : Columns of `Patient`
        NaN where a value is missing; each infusion still has all that a request must bring.
    """
    size = len(patients)
    gaps = {name: rng.random(size) < share for name, share in INFUSION_GAPS.items()}
    gaps |= {name: rng.random(person.max() + 1)[person] < share for name, share in PERSON_GAPS.items()}
    none_taken = rng.random(size) < NO_LABORATORY
    gaps |= {name: none_taken | (rng.random(size) < share) for name, share in LABORATORY_GAPS.items()}
    gaps["prior_car_t"] &= infusion_number == 1
    derived = rng.random(size) < DOSE_ONLY_TOTAL
    gaps["dose_1e6_per_kg"] = derived
    gaps["dose_total_1e6"] = ~derived & (rng.random(size) < DOSE_TOTAL_GAP)
    gaps["weight_kg"] = ~derived & (rng.random(size) < WEIGHT_GAP)
    # From a generator of its own, so that what was drawn before these columns existed stays as it was.
    own = rng.spawn(1)[0]
    gaps |= {name: own.random(size) < share for name, share in DETAIL_GAPS.items()}
    gaps["months_from_hsct_to_relapse"] |= gaps["prior_allo_hsct"]
    gaps["split_dose"] |= gaps["dose_total_1e6"]
    values = _without(patients.values, gaps)
    exposed = values["prior_blinatumomab"] > 0
    unknown = float(specs(Patient)["prior_blinatumomab"].options.index("response_unknown"))
    mislaid = exposed & (rng.random(size) < RESPONSE_UNKNOWN)
    return Columns(
        Patient, {**values, "prior_blinatumomab": np.where(mislaid, unknown, values["prior_blinatumomab"])}
    )


def follow_up_with_gaps(follow_up: Columns, no_response_day: Values, *, rng: np.random.Generator) -> Columns:
    """Take values out of complete follow-up, without bias in any outcome.

    A response is mislaid only where follow-up went on beyond day 60, and progression is then recorded on
    the day of the assessment that found no response.

    Parameters
    ----------
    follow_up : Columns of `FollowUp`
        Complete up to the last contact.
    no_response_day : ndarray of shape (n_infusions,)
        Day on which no response was found, NaN where it was not.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    follow_up : Columns of `FollowUp`
        NaN where a value is missing. An assessment on day 28 is sometimes left blank, which means 28.
    """
    size = len(follow_up)
    no_crs = rng.random(size) < CRS_GAP
    long = follow_up["last_contact_day"] > ASSUMED_REMISSION_DAY
    mislaid = long & (rng.random(size) < RESPONSE_GAP)
    on_28 = (follow_up["response_day"] == DEFAULT_RESPONSE_DAY) & (rng.random(size) < 0.5)
    gaps = {
        "crs_grade": no_crs,
        "crs_grading_system": no_crs,
        "crs_onset_day": no_crs | (rng.random(size) < CRS_ONSET_GAP),
        "icans_grade": rng.random(size) < ICANS_GAP,
        "response_day28": mislaid,
        "response_day": mislaid | on_28,
    }
    own = rng.spawn(1)[0]
    gaps |= {"icaht_grade": own.random(size) < ICAHT_GAP, "iec_hs": own.random(size) < IEC_HS_GAP}
    values = _without(follow_up.values, gaps)
    progressed = mislaid & ~np.isnan(no_response_day)
    relapse_day = np.where(progressed, no_response_day, values["relapse_day"])
    return Columns(FollowUp, {**values, "relapse_day": relapse_day})


def _without(values: Mapping[str, Values], gaps: Mapping[str, NDArray[np.bool_]]) -> dict[str, Values]:
    return {
        name: np.where(gaps[name], np.nan, column) if name in gaps else column
        for name, column in values.items()
    }
