"""Headings and options written as labels become the names and codes of the project's dictionary."""

from __future__ import annotations

from collections.abc import Sequence

from features.mapping.blank_forms import STATUS
from features.mapping.redcap_layout import EVENT, GROUP, INSTANCE, INSTRUMENT, SURVEY
from features.redcap.forms import FORMS, option_label, project_fields

Row = Sequence[str]

LABELS = {
    "Event Name": EVENT,
    "Repeat Instrument": INSTRUMENT,
    "Repeat Instance": INSTANCE,
    "Data Access Group": GROUP,
    "Survey Identifier": SURVEY,
}
"""What REDCap calls its own columns where headings are labels."""

COMPLETE = "Complete?"
"""The heading of every form's status."""


def with_names(grid: Sequence[Row]) -> Sequence[Row]:
    """Read a grid whose headings are the labels of the dictionary; any other is handed back as it is.

    Parameters
    ----------
    grid : sequence of sequence of str
        Every row of a file, the headings first.

    Returns
    -------
    grid : sequence of sequence of str
        With variable names as headings and the codes of options in the cells. Nothing is changed unless
        every single heading is a label of the dictionary: an export with edited labels is refused,
        with the advice to export raw data.

    Examples
    --------
    >>> with_names([["Pseudonymous patient identifier", "Sex", "Complete?"], ["1", "female", "Complete"]])
    [['record_id', 'sex', 'patient_complete'], ['1', 'female', 'Complete']]
    >>> with_names([["Pseudonymous patient identifier", "Gender"], ["1", "female"]])[0]
    ['Pseudonymous patient identifier', 'Gender']
    """
    names = _names([cell.strip() for cell in grid[0]]) if grid else None
    if names is None:
        return grid
    codes = [_codes(name) for name in names]
    rows = [
        [
            codes[index].get(cell.strip(), cell) if index < len(codes) else cell
            for index, cell in enumerate(row)
        ]
        for row in grid[1:]
    ]
    return [names, *rows]


def _names(heading: list[str]) -> list[str] | None:
    """Translate a heading, None unless it begins with the record and every cell is a label."""
    fields = {field.spec.title: field.variable for field in project_fields()}
    first = project_fields()[0].spec.title
    known = {**LABELS, **fields, COMPLETE: ""}
    if not heading or heading[0] != first or any(label not in known for label in heading):
        return None
    names, form = [], FORMS[0]
    of_form = {field.variable: field.form for field in project_fields()}
    for label in heading:
        form = of_form.get(known[label], form)
        names.append(known[label] or f"{form}{STATUS}")
    return names


def _codes(name: str) -> dict[str, str]:
    if name == INSTRUMENT:
        return {form.capitalize(): form for form in FORMS}
    options = next((field.spec.options for field in project_fields() if field.variable == name), ())
    return {option_label(option): option for option in options}
