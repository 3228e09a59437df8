"""Context of a risk: similar patients, the cohort, EASIX, missing values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType

import numpy as np

from features.field import specs
from features.schema import Patient
from features.terms import KNOWN_TERMS, explanation_rows
from serving.answers.comparators import EasixComparator
from serving.answers.schema import Alike, AnswerCohort, PredictedRange, ProfileGroup
from serving.model.cohort_summary import CohortSummary
from serving.model.easix_model import EasixModel
from serving.model.patient_groups import ALIKE_ROUNDED_TO, DIMENSIONS, FEWEST_ALIKE, Group, n_alike
from serving.model.validation_curves import Calibration

COMPOSITE_TITLES = {
    term.field: term.title for term in KNOWN_TERMS.values() if term.field not in specs(Patient)
}

PRODUCT_COLUMNS = ("target_antigen", "costimulatory_domain")
"""Columns that describe the construct of a cohort."""


def row_title(name: str) -> str:
    """Title of a row of the explanation: of its column, or of the composite.

    Examples
    --------
    >>> row_title("ferritin_ug_l"), row_title("easix")
    ('Serum ferritin', 'doubling of EASIX (LDH x creatinine / platelets)')
    """
    return COMPOSITE_TITLES[name] if name in COMPOSITE_TITLES else specs(Patient)[name].title


@cache
def row_inputs() -> Mapping[str, tuple[str, ...]]:
    """Name the columns behind each row of the explanation, found once.

    Examples
    --------
    >>> row_inputs()["easix"]
    ('ldh_u_l', 'creatinine_mg_dl', 'platelets_1e9_l')
    """
    return MappingProxyType(explanation_rows(tuple(KNOWN_TERMS)))


def alike(cohort: CohortSummary, groups: tuple[Group, ...] | None) -> Alike | None:
    """Count the training infusions of similar patients.

    Parameters
    ----------
    cohort : CohortSummary
    groups : tuple of Group or None
        Of the patient, as `serving.model.patient_groups.profiles` names them.

    Returns
    -------
    alike : Alike or None
        None without a cohort, or where the patient's groups are not known.
    """
    if groups is None or not cohort.trained:
        return None
    count = n_alike(cohort.alike, groups)
    return Alike(
        n=count,
        fewer_than=None if count else FEWEST_ALIKE,
        rounded_to=ALIKE_ROUNDED_TO,
        of=cohort.n_infusions,
        by=[
            ProfileGroup(field=part.field, title=part.title, group=group.words, code=group.code)
            for part, group in zip(DIMENSIONS, groups, strict=True)
        ],
    )


def answer_cohort(cohort: CohortSummary) -> AnswerCohort:
    """Sum up the training cohort for the reader of an answer."""
    low, high = cohort.ranges.get("age_years", (None, None))
    return AnswerCohort(
        trained=cohort.trained,
        synthetic=cohort.synthetic,
        n_infusions=cohort.n_infusions,
        n_patients=cohort.n_patients,
        age_low=low,
        age_high=high,
        options={name: dict(cohort.options[name]) for name in PRODUCT_COLUMNS if name in cohort.options},
    )


def trained_at(provenance: Mapping[str, str]) -> str:
    """Read the date of the training from a bundle's provenance; empty where it has none.

    Examples
    --------
    >>> trained_at({"created_at": "2025-01-31T23:05:00+00:00"}), trained_at({})
    ('2025-01-31', '')
    """
    try:
        return datetime.fromisoformat(provenance.get("created_at", "")).date().isoformat()
    except ValueError:
        return ""


def easix_comparator(model: EasixModel | None, index: float) -> EasixComparator | None:
    """State the risk by EASIX alone.

    Parameters
    ----------
    model : EasixModel or None
    index : float
        EASIX of the patient, NaN where missing.

    Returns
    -------
    comparator : EasixComparator or None
        None without a model.

    Examples
    --------
    >>> easix_comparator(EasixModel(-1.0, 0.5), 4.0)
    EasixComparator(index=4.0, risk=0.5)
    >>> easix_comparator(EasixModel(-1.0, 0.5), float("nan"))
    EasixComparator(index=None, risk=None)
    """
    if model is None:
        return None
    if np.isnan(index):
        return EasixComparator(index=None, risk=None)
    return EasixComparator(index=index, risk=float(model.risk(np.array([index]))[0]))


def predicted_range(calibration: Calibration | None) -> PredictedRange | None:
    """State within what the out-of-fold risks of nearly all of the training cohort are.

    Parameters
    ----------
    calibration : Calibration or None
        None without validation.

    Examples
    --------
    >>> from serving.model.validation_curves import Calibration
    >>> curve = (0.5, 0.5)
    >>> predicted_range(Calibration((0.08, 0.11), curve, curve, curve, (), (), (), ()))
    PredictedRange(low=0.08, high=0.11)
    >>> predicted_range(None) is None
    True
    """
    if calibration is None or not calibration.risk:
        return None
    return PredictedRange(low=calibration.risk[0], high=calibration.risk[-1])
