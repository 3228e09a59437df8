"""The schema: identifiers, predictors and follow-up of one infusion."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from features.field import FieldSpec, WholeNumber, boolean, choice, integer, number, specs, text
from features.product_names import MOST_CHARACTERS
from features.rules import patient_contradictions

_SETTINGS = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class RowId(BaseModel):
    """Whose infusion a row of a cohort is, and the name of its product. Never a predictor."""

    model_config = _SETTINGS

    patient_id: str = text(
        "Pseudonymous patient identifier",
        required="yes",
        notes="groups the infusions of one patient; never a name, birth date or hospital number; "
        "never a predictor",
    )
    infusion_number: WholeNumber | None = integer(
        "Infusion number of this patient",
        1,
        10,
        notes="1 for the first CAR T infusion in the cohort; blank means 1; "
        "(patient_id, infusion_number) is unique",
    )
    center: str | None = text("Treating center", notes="used to split folds by center, never as a predictor")
    product_name: str | None = text(
        "Name of a product that is not listed",
        longest=MOST_CHARACTERS,
        known_when="day_0",
        notes="only where product is other or academic; letters, digits, spaces and hyphens; shown beside "
        "the product and counted in the training cohort, never a predictor",
    )


class Patient(BaseModel):
    """What is known of a patient before the infusion: the predictors, and the body of a request."""

    model_config = _SETTINGS

    age_years: float = number("Age at infusion", "years", 0, 100, required="yes", known_when="baseline")
    sex: Literal["female", "male"] | None = choice("Sex", known_when="baseline")
    diagnosis: Literal["b_all", "b_lbl"] | None = choice(
        "Diagnosis", known_when="baseline", notes="B-ALL or B-lymphoblastic lymphoma"
    )
    prior_lines: WholeNumber = integer(
        "Previous lines of therapy",
        0,
        20,
        "lines",
        required="yes",
        known_when="baseline",
        notes="induction, consolidation and maintenance of one plan are one line; a new plan after no "
        "response or relapse is another, as are blinatumomab, inotuzumab and CAR T cells given then; "
        "conditioning and HSCT in remission, bridging and lymphodepletion do not count",
    )
    prior_blinatumomab: Literal["none", "responder", "nonresponder", "response_unknown"] = choice(
        "Prior blinatumomab and response to it",
        required="yes",
        known_when="baseline",
        notes="published signal is non-response, not exposure; keep them apart. No response: no remission "
        "after at least one cycle, or, given in MRD-negative remission, relapse during treatment; given in "
        "remission with MRD: MRD after it. Of several courses, the last",
    )
    prior_inotuzumab: bool = boolean("Prior inotuzumab ozogamicin", required="yes", known_when="baseline")
    inotuzumab_response: Literal["responder", "nonresponder", "unknown"] | None = choice(
        "Response to prior inotuzumab",
        known_when="baseline",
        notes="responder: complete remission with or without full recovery of blood counts; given in "
        "remission with MRD: no MRD after it; blank unless prior_inotuzumab is true",
    )
    refractory_to_last_line: bool | None = boolean(
        "Refractory to the last line",
        known_when="baseline",
        notes="no remission after the last line of therapy before leukapheresis or bridging",
    )
    prior_allo_hsct: bool | None = boolean("Prior allogeneic HSCT", known_when="baseline")
    months_from_hsct_to_relapse: float | None = number(
        "Time from the last allogeneic HSCT to relapse",
        "months",
        0,
        400,
        known_when="baseline",
        notes="to the first relapse after it; blank unless prior_allo_hsct is true",
    )
    prior_car_t: bool | None = boolean(
        "Prior CAR T-cell therapy",
        known_when="baseline",
        notes="true when infusion_number > 1; a contradiction is an error",
    )
    ecog: WholeNumber | None = integer("ECOG performance status", 0, 4, known_when="baseline")
    neurologic_comorbidity: bool | None = boolean(
        "Neurologic comorbidity",
        known_when="baseline",
        notes="any disease of the nervous system before, such as seizures, stroke, neuropathy or "
        "neurotoxicity of methotrexate, blinatumomab or CAR T cells; active CNS leukemia is cns_status",
    )
    kmt2a_rearranged: bool | None = boolean("KMT2A rearrangement", known_when="baseline")
    ph_positive: bool | None = boolean("BCR::ABL1 (Ph) positive", known_when="baseline")
    tp53_altered: bool | None = boolean("TP53 mutation or deletion", known_when="baseline")
    marrow_blasts_pct: float = number(
        "Marrow blasts before lymphodepletion",
        "%",
        0,
        100,
        required="yes",
        known_when="before_lymphodepletion",
        notes="last assessment before lymphodepletion, after bridging where bridging was given; morphology "
        "or flow, the higher where both are known",
    )
    mrd_pct: float | None = number(
        "Marrow MRD by flow before lymphodepletion",
        "%",
        0,
        100,
        known_when="before_lymphodepletion",
        notes="of nucleated cells, from the sample of marrow_blasts_pct; 0 where none is found at a "
        "sensitivity of 0.01 % or better",
    )
    extramedullary_disease: bool | None = boolean(
        "Active extramedullary disease (non-CNS)", known_when="before_lymphodepletion"
    )
    cns_status: Literal["cns1", "cns2", "cns3"] | None = choice(
        "CNS status (COG)", known_when="before_lymphodepletion"
    )
    bridging_therapy: bool | None = boolean("Bridging therapy", known_when="before_lymphodepletion")
    ldh_u_l: float | None = number(
        "Lactate dehydrogenase",
        "U/L",
        10,
        30000,
        known_when="before_lymphodepletion",
    )
    creatinine_mg_dl: float | None = number(
        "Serum creatinine",
        "mg/dL",
        0.05,
        20,
        known_when="before_lymphodepletion",
        notes="umol/L divided by 88.42",
    )
    crp_mg_l: float | None = number(
        "C-reactive protein",
        "mg/L",
        0,
        700,
        known_when="before_lymphodepletion",
        notes="mg/dL times 10",
    )
    ferritin_ug_l: float | None = number(
        "Serum ferritin",
        "ug/L",
        1,
        200000,
        known_when="before_lymphodepletion",
        notes="ng/mL is the same number",
    )
    platelets_1e9_l: float | None = number(
        "Platelets",
        "10^9/L",
        1,
        2000,
        known_when="before_lymphodepletion",
    )
    anc_1e9_l: float | None = number(
        "Absolute neutrophil count",
        "10^9/L",
        0,
        100,
        known_when="before_lymphodepletion",
    )
    hemoglobin_g_dl: float | None = number(
        "Hemoglobin",
        "g/dL",
        2,
        25,
        known_when="before_lymphodepletion",
        notes="g/L divided by 10",
    )
    target_antigen: Literal["cd19", "cd22", "cd19_cd22"] = choice(
        "CAR construct: target antigen", required="yes", known_when="day_0"
    )
    costimulatory_domain: Literal["4_1bb", "cd28", "other"] | None = choice(
        "CAR construct: costimulatory domain", known_when="day_0"
    )
    product: (
        Literal["academic", "tisagenlecleucel", "brexucabtagene", "obecabtagene", "other", "ari_0001"] | None
    ) = choice(
        "Product",
        known_when="day_0",
        notes="ari_0001 is varnimcabtagene; academic is a center's own product, other any that is not "
        "listed; target and costimulatory domain must be those of a listed product",
    )
    cell_source: Literal["autologous", "allogeneic"] | None = choice(
        "Cell source", known_when="day_0", notes="allogeneic means donor-derived"
    )
    dose_1e6_per_kg: float | None = number(
        "CAR+ cell dose per kg",
        "10^6 CAR+ cells/kg",
        0.001,
        50,
        required="yes",
        instead=("dose_total_1e6", "weight_kg"),
        known_when="day_0",
        notes="may instead be derived from dose_total_1e6 and weight_kg; if all three are given they must "
        "agree within 10 %",
    )
    dose_total_1e6: float | None = number(
        "Total CAR+ cell dose",
        "10^6 CAR+ cells",
        0.01,
        5000,
        known_when="day_0",
        notes="all parts of a split dose together, as planned",
    )
    split_dose: bool | None = boolean(
        "Split dose",
        known_when="day_0",
        notes="planned in parts on several days, the first a small one; the doses are those of all parts "
        "together, and dose_total_1e6 must be given; blank means as the label of a listed product says",
    )
    weight_kg: float | None = number("Body weight", "kg", 2, 300, known_when="day_0")
    fludarabine_mg_m2: float | None = number(
        "Fludarabine in lymphodepletion (total)", "mg/m2", 0, 250, known_when="day_0"
    )
    cyclophosphamide_mg_m2: float | None = number(
        "Cyclophosphamide in lymphodepletion (total)", "mg/m2", 0, 6000, known_when="day_0"
    )
    tocilizumab_prophylaxis: bool | None = boolean(
        "Tocilizumab prophylaxis before infusion",
        known_when="day_0",
        notes="given before any CRS; rescue tocilizumab is follow-up and never a predictor",
    )

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        problems = patient_contradictions(
            self.__dict__, dose=specs(Patient)["dose_1e6_per_kg"], dose_needed=True
        )
        if problems:
            raise ValueError("; ".join(f"{problem.column} {problem.text}" for problem in problems))
        return self


class FollowUp(BaseModel):
    """What is known after the infusion: the outcomes. Never a predictor."""

    model_config = _SETTINGS

    crs_grade: WholeNumber | None = integer(
        "Worst CRS grade", 0, 5, required="for severe_crs", known_when="follow_up"
    )
    crs_grading_system: Literal["astct_2019", "lee_2014", "penn", "ctcae_5", "mskcc"] | None = choice(
        "CRS grading system",
        required="with crs_grade",
        known_when="follow_up",
        notes="scales cannot be converted from the grade alone; rows not graded by astct_2019 are refused "
        "for severe_crs unless the user allows it by name, and the run records it",
    )
    crs_onset_day: WholeNumber | None = integer("Day of CRS onset", 0, 60, "days", known_when="follow_up")
    icans_grade: WholeNumber | None = integer(
        "Worst ICANS grade (ASTCT 2019)", 0, 5, required="for severe_icans", known_when="follow_up"
    )
    icaht_grade: WholeNumber | None = integer(
        "Early ICAHT grade (EHA/EBMT 2023)",
        0,
        4,
        known_when="follow_up",
        notes="days 0 to 30, by days with neutrophils of at most 0.5 x 10^9/L: 1 below 7, 2 7 to 13, 3 14 or "
        "more, 4 never above; or of at most 0.1 x 10^9/L: 3 7 or more, 4 14 or more; 0 where they never "
        "fell to 0.5 (doi:10.1182/blood.2023020578)",
    )
    iec_hs: bool | None = boolean(
        "IEC-HS",
        known_when="follow_up",
        notes="immune effector cell-associated HLH-like syndrome by ASTCT 2023: hyperinflammation apart from "
        "CRS and ICANS or after CRS subsides; HLH-like features within CRS alone do not count "
        "(doi:10.1016/j.jtct.2023.03.006)",
    )
    response_day28: Literal["cr", "cri", "no_response", "not_assessed"] | None = choice(
        "Response at day 28", known_when="follow_up"
    )
    response_day: WholeNumber | None = integer(
        "Day of that response assessment", 7, 120, "days", known_when="follow_up", notes="blank means 28"
    )
    relapse_day: WholeNumber | None = integer(
        "Day of relapse or progression",
        1,
        20000,
        "days",
        known_when="follow_up",
        notes="blank when none was seen",
    )
    death_day: WholeNumber | None = integer(
        "Day of death from any cause", 0, 20000, "days", known_when="follow_up", notes="blank when alive"
    )
    allo_hsct_day: WholeNumber | None = integer(
        "Day of allogeneic HSCT after infusion",
        1,
        20000,
        "days",
        known_when="follow_up",
        notes="blank when none",
    )
    next_infusion_day: WholeNumber | None = integer(
        "Day of the next CAR T infusion after this one",
        1,
        20000,
        "days",
        known_when="follow_up",
        notes="blank when none",
    )
    last_contact_day: WholeNumber | None = integer(
        "Day last known about (follow-up end)",
        0,
        20000,
        "days",
        required="for training",
        known_when="follow_up",
        notes="no event may be after it; death_day equals it in patients who died",
    )


GROUPS: dict[str, type[BaseModel]] = {"id": RowId, "pre": Patient, "post": FollowUp}


@lru_cache(maxsize=1)
def all_fields() -> dict[str, FieldSpec]:
    """Every column of a cohort, in schema order.

    Examples
    --------
    >>> list(all_fields())[:3]
    ['patient_id', 'infusion_number', 'center']
    """
    return {name: field for model in GROUPS.values() for name, field in specs(model).items()}


@lru_cache(maxsize=1)
def schema_digest() -> str:
    """Digest of what values mean; a bundle made under another one is refused.

    Names, kinds, units, limits and options of every column count; titles and notes may be reworded.

    Returns
    -------
    digest : str
        ``sha256:`` and 64 hexadecimal digits.
    """
    stated = [
        [group, field.name, field.kind, field.unit, field.low, field.high, list(field.options)]
        for group, model in GROUPS.items()
        for field in specs(model).values()
    ]
    return "sha256:" + hashlib.sha256(json.dumps(stated).encode()).hexdigest()
