"""A form of an infusion that was opened and never filled in is no infusion."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from features.problems import counted, row_ranges

STATUS, TIME = "_complete", "_timestamp"
"""Ends of the columns in which REDCap keeps the status of a form and when a survey was sent."""

CHECKBOX = "___"
"""Between the name of a checkbox and a code; unticked boxes are exported as 0, answered or not."""

COMPLETE = ("2", "complete")
_ZERO = ("0", "0.0", "")

Cells = Mapping[str, str]


def is_answer(column: str, cell: str) -> bool:
    """Say whether a person filled in a cell: neither a form's status nor an unticked box is an answer.

    Examples
    --------
    >>> is_answer("ldh", "300"), is_answer("infusion_complete", "0"), is_answer("sites___2", "0")
    (True, False, False)
    """
    if not cell or column.endswith((STATUS, TIME)):
        return False
    return not (CHECKBOX in column and cell in _ZERO)


def blank_forms(
    forms: Sequence[Cells], *, form: str | None, questions: Collection[str], proof: Collection[str]
) -> list[str]:
    """Find the forms that hold no infusion.

    Parameters
    ----------
    forms : sequence of mapping of str to str
        Cells of each form by column.
    form : str or None
        Name of the repeating form; None where a row holds several.
    questions : collection of str
        Columns of answers: neither the record's name nor what REDCap adds.
    proof : collection of str
        Columns of those whose values show that an infusion was given or followed up, or that something was
        measured before it; a choice or an age may be a default or be calculated.

    Returns
    -------
    kinds : list of str
        ``blank``, ``unfinished`` for a form that is not Complete and holds only what REDCap fills in, or
        empty for an infusion.

    Examples
    --------
    >>> rows = [{"ldh": "300", "f_complete": "2"}, {"ldh": "", "f_complete": "0"}]
    >>> blank_forms(rows, form="f", questions=["ldh"], proof=["ldh"])
    ['', 'blank']
    """
    constant = _constant(forms, proof)
    kinds = []
    for cells in forms:
        if not any(is_answer(column, cells[column]) for column in questions):
            kinds.append("blank")
        elif _complete(cells, form) is not False or _proven(cells, questions, proof, constant):
            kinds.append("")
        else:
            kinds.append("unfinished")
    return kinds


def blank_notes(rows: Sequence[int], kinds: Sequence[str]) -> list[str]:
    """Count the forms that are no infusions, in words."""
    words = {
        "blank": "left out: not an infusion",
        "unfinished": "left out: not Complete, with only choices, zeros, an age or values that are the "
        "same in every form",
    }
    notes = []
    for kind, text in words.items():
        in_kind = [row for row, each in zip(rows, kinds, strict=True) if each == kind]
        if in_kind:
            forms = counted(len(in_kind), f"{kind} infusion form")
            notes.append(f"{forms} {text} (row {row_ranges(in_kind)})")
    return notes


def _complete(cells: Cells, form: str | None) -> bool | None:
    """Say whether a form is Complete; None where the export does not say."""
    of_form = [f"{form}{STATUS}"] if form else [column for column in cells if column.endswith(STATUS)]
    columns = [column for column in of_form if column in cells]
    if not columns:
        return None
    return any(cells[column].lower() in COMPLETE for column in columns)


def _proven(cells: Cells, questions: Collection[str], proof: Collection[str], constant: Cells) -> bool:
    ticked = any(CHECKBOX in column and is_answer(column, cells[column]) for column in questions)
    return ticked or any(
        cells[column] not in _ZERO and cells[column] != constant.get(column) for column in proof
    )


def _constant(forms: Sequence[Cells], columns: Collection[str]) -> dict[str, str]:
    """Find columns that hold one value in every form: a default is no evidence of a form."""
    constant = {}
    for column in columns:
        values = [cells[column] for cells in forms if cells[column]]
        if len(values) > 2 and len(values) == len(forms) and len(set(values)) == 1:
            constant[column] = values[0]
    return constant
