"""Numbers that are codes, as 1 for yes and 2 for no: they are never grades, days or measurements."""

from __future__ import annotations

from collections.abc import Collection

from features.checking.parse_cell import MISSING_CODES
from features.field import FieldSpec

FEW_SMALL_NUMBERS = ("infusion_number", "prior_lines", "ecog", "dose_1e6_per_kg", "dose_total_1e6")
"""Fields whose values in a table may all be 0 and 1, or 1 and 2."""

HIGHEST_GRADE = 5
LONG_FOLLOW_UP = 1000
"""Days that a field must allow for small numbers alone to be no days."""

SMALL, MOST_CODES = 9, 3
YES_NO = "numbers as for yes and no"
_CODES_FOR_UNKNOWN = frozenset(float(code) for code in MISSING_CODES) | {8.0, 9.0, 77.0, 88.0}


def yes_no_reason(
    spec: FieldSpec, numbers: Collection[float], *, graded: bool, stated: str = ""
) -> str | None:
    """Say why the numbers of a column are probably codes for yes and no, and not values of a field.

    Parameters
    ----------
    spec : FieldSpec
        A number field.
    numbers : collection of float
        Of the column.
    graded : bool
        Whether the heading says that the column holds grades.
    stated : str
        Unit in the heading; empty where it states none.

    Returns
    -------
    reason : str or None
        None where they may be values of the field.

    Examples
    --------
    >>> from features.schema import all_fields
    >>> fields = all_fields()
    >>> print(yes_no_reason(fields["crs_grade"], [1, 2, 1, 2], graded=False))
    numbers as for yes and no, and no grades? Name the column with the grades
    >>> yes_no_reason(fields["crs_grade"], [0, 1, 2, 3], graded=False) is None
    True
    """
    if spec.name in FEW_SMALL_NUMBERS:
        return None
    values = set(numbers)
    known = values - _CODES_FOR_UNKNOWN or values
    if spec.high == HIGHEST_GRADE:
        doubtful = [{1.0, 2.0}] if graded else [{1.0}, {0.0, 1.0}, {1.0, 2.0}]
        return f"{YES_NO}, and no grades? Name the column with the grades" if known in doubtful else None
    if spec.unit == "days" and (spec.high or 0) > LONG_FOLLOW_UP and _are_codes(known, stated):
        return f"{YES_NO}, and no days? Name the column with the date or the days"
    return f"{YES_NO}, and no {spec.unit or 'counts'}?" if known in ({0.0, 1.0}, {1.0, 2.0}) else None


def _are_codes(values: Collection[float], stated: str) -> bool:
    """Say whether numbers are too few and too small for days; months and years may be small."""
    if stated:
        return set(values) <= {0.0, 1.0, 2.0}
    whole = all(value.is_integer() for value in values)
    return whole and len(values) <= MOST_CODES and max(values) <= SMALL
