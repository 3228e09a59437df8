"""Values that are possible but probably in another unit: they get an answer with a question."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from features.field import FieldSpec, specs
from features.other_units import conversion
from features.schema import Patient
from serving.answers.schema import Caution
from serving.answers.value_problems import UnitHint, unit_hint


def unit_questions(values: Mapping[str, Any]) -> list[Caution]:
    """Ask about every number that is unusual as it is and usual in another unit.

    Parameters
    ----------
    values : mapping
        Checked values by column of `Patient`, None where not known.

    Returns
    -------
    warnings : list of Caution
        Details name the unit and the factor to the schema's unit, never the value.

    Examples
    --------
    >>> (question,) = unit_questions({"fludarabine_mg_m2": 30.0, "creatinine_mg_dl": 0.9})
    >>> question.field, question.details["factor"]
    ('fludarabine_mg_m2', 3.0)
    """
    questions = []
    for name, field in _with_usual_values().items():
        value = values.get(name)
        if value is None:
            continue
        hint = unit_hint(field, value)
        if hint is not None:
            questions.append(_question(field, hint))
    return questions


@cache
def _with_usual_values() -> dict[str, FieldSpec]:
    return {name: field for name, field in specs(Patient).items() if field.usual is not None}


def _question(field: FieldSpec, hint: UnitHint) -> Caution:
    remedy = f"If the unit is {hint.unit}, {conversion(hint.factor)}."
    return Caution(
        code="perhaps_another_unit",
        field=field.name,
        message=f"{field.title}: possible but unusual in {field.unit}. {remedy}",
        details={"expected": field.unit, "unit": hint.unit, "factor": hint.factor},
    )
