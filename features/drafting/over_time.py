"""Whether a further table has values over time: what is measured, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from features.drafting.headings import SURE, NameMatch, name_matches
from features.drafting.values import values_of
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.schema import all_fields

MOST_NAMES = 500
"""Different texts above which a column holds no names of measurements."""

MEASURED = 0.5
"""Share of the columns of a table with a date from which on it is one of measurements."""


def has_values_over_time(table: RawTable, of_first: Collection[str]) -> bool:
    """Say whether the rows of a table are of measurements and not of patients or infusions.

    Parameters
    ----------
    table : RawTable
    of_first : collection of str
        Columns of the first table: a date of the same name is that of the infusion.

    Returns
    -------
    over_time : bool
        If a column names what was measured, or if there is a date and most other columns are measurements.

    Examples
    --------
    >>> rows = (("a", "2022-03-01", "310"), ("b", "2022-03-09", "270"))
    >>> has_values_over_time(RawTable("t", "", ("id", "taken", "LDH"), rows, (2, 3)), ["id"])
    True
    >>> has_values_over_time(RawTable("t", "", ("id", "born", "sex"), rows, (2, 3)), ["id"])
    False
    """
    if any(fields_named(table.column(name)) for name in table.columns):
        return True
    rows = [str(number) for number in table.row_numbers]
    values = {name: values_of(table.column(name), rows) for name in table.columns}
    dated = [name for name in table.columns if values[name].dates or values[name].programs]
    own = [name for name in dated if name not in of_first]
    others = [name for name in table.columns if name not in dated]
    measured = [name for name in others if values[name].is_numeric and number_of(name_matches(name))]
    # One of the others is the patient.
    return bool(own and measured) and len(measured) >= MEASURED * (len(others) - 1)


def fields_named(cells: Sequence[str]) -> dict[str, list[str]]:
    """Find the numbers of the schema that the texts of a column name.

    Parameters
    ----------
    cells : sequence of str

    Returns
    -------
    texts : dict of str to list of str
        By field.

    Examples
    --------
    >>> fields_named(["LDH", "Na", "LDH"])
    {'ldh_u_l': ['LDH']}
    """
    different = set(cells) - {""}
    fields: dict[str, list[str]] = {}
    if len(different) <= MOST_NAMES:
        for text in sorted(different):
            field = number_of(name_matches(text))
            if field:
                fields.setdefault(field, []).append(text)
    return fields


def likely(matches: Sequence[NameMatch]) -> list[str]:
    """Name the fields that a heading means with certainty."""
    return [match.field for match in matches if match.likeness >= SURE]


def number_of(matches: Sequence[NameMatch]) -> str | None:
    """Give the measured field, or the grade, that a heading or a name means with certainty."""
    fields = likely(matches)
    spec = all_fields().get(fields[0]) if fields else None
    if spec is None or spec.kind not in ("number", "integer"):
        return None
    measured = spec.known_when == "before_lymphodepletion" or is_grade(spec)
    return spec.name if measured else None


def is_grade(spec: FieldSpec) -> bool:
    """Say whether a field is the worst grade of an adverse event."""
    return spec.known_when == "follow_up" and spec.kind == "integer" and not spec.unit
