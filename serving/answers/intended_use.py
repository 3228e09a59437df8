"""The intended use of the software, and the warnings for a patient outside of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.field import specs
from features.schema import Patient
from serving.answers.schema import Caution, Detail
from serving.model.patient_groups import YOUNGEST_YEARS

INTENDED_USE = (
    "Research use only; not a medical device. Predicts the risk of severe CRS, of severe ICANS and of no "
    "response, relapse or progression after CD19 or CD19/CD22 CAR T cells in adults with relapsed or "
    "refractory B-ALL, for discussion among specialists. Not to be used as the only basis for decisions on "
    "treatment, dose or place of care, and not for other diseases or products."
)

INTENDED_OPTIONS = {
    "diagnosis": {"b_all": "B-ALL"},
    "target_antigen": {"cd19": "CD19", "cd19_cd22": "CD19/CD22"},
}
"""Options within the intended use, with their names; other options get an answer with a warning."""

JOINED = ", "
"""Between the options that ``details.options`` names; ``details.intended`` lists them."""


def outside_intended_use(values: Mapping[str, Any]) -> list[Caution]:
    """Warn of every value outside the intended use.

    Parameters
    ----------
    values : mapping
        Values by column of `Patient`, None where not known; a value that is not known is not outside.

    Returns
    -------
    warnings : list of Caution
        One a field. Messages are whole sentences without the patient's value, alike on the page, in the chart
        note and in print.

    Examples
    --------
    >>> for warning in outside_intended_use({"age_years": 9, "target_antigen": "cd22"}):
    ...     print(warning.message)
    Outside the intended use: Age at infusion (intended for 18 years or older).
    Outside the intended use: CAR construct: target antigen (intended for CD19 or CD19/CD22).
    """
    cautions = []
    age = values.get("age_years")
    if age is not None and age < YOUNGEST_YEARS:
        cautions.append(
            _caution("age_years", f"{YOUNGEST_YEARS} years or older", {"youngest": YOUNGEST_YEARS})
        )
    for name, options in INTENDED_OPTIONS.items():
        value = values.get(name)
        if value is not None and value not in options:
            stated: dict[str, Detail] = {"options": JOINED.join(options), "intended": list(options)}
            cautions.append(_caution(name, " or ".join(options.values()), stated))
    return cautions


def _caution(field: str, intended: str, details: dict[str, Detail]) -> Caution:
    message = f"Outside the intended use: {specs(Patient)[field].title} (intended for {intended})."
    return Caution(code="outside_intended_use", field=field, message=message, details=details)
