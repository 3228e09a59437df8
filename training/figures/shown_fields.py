"""Fields as figures and tables of contributions show them: their values as numbers, and their titles."""

from __future__ import annotations

from features.columns import Columns, Values
from features.field import specs
from features.schema import Patient
from features.terms import TERMS, term_matrix
from serving.answers.context import row_title

DOUBLING = "doubling of "
"""Opens the title of a composite whose value is a logarithm to base 2."""


def shown_values(name: str, patients: Columns) -> Values:
    """Values that colour a field: the column itself, or the one term of a composite."""
    if name in specs(Patient):
        return patients[name]
    term = next(term.name for term in TERMS.values() if term.field == name)
    values: Values = term_matrix(patients, (term,))[:, 0]
    return values


def shown_title(name: str) -> str:
    """Title of a field with its unit, and its options where they are few."""
    field = specs(Patient).get(name)
    if field is None:
        return row_title(name).replace(DOUBLING, "log2 of ")
    unit = f", {field.unit}" if field.unit else ""
    options = f" ({', '.join(field.options)})" if 2 <= len(field.options) <= 3 else ""
    return f"{field.title}{unit}{options}"
