"""Checkboxes of a REDCap export: an unticked box is an answer only where the question was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.checking.parse_cell import is_unknown_word
from features.mapping.blank_forms import CHECKBOX, STATUS

UNKNOWN_CODES = frozenset(
    ["unk", "uk", "nk", "dk", "ni", "na", "nd", "inv", "nask", "asku", "nav", "navu", "msk", "np"]
    + ["77", "88", "99", "777", "888", "999", "7777", "8888", "9999"]
)
"""Codes of boxes that mean that nothing is known; a negative code is exported as ``___`` and ``_99``."""

FILLED_IN = ("1", "2")
"""Status of a form that was filled in: Unverified, Complete. A form that was never opened has 0."""


@dataclass(frozen=True)
class Checkbox:
    """One box of a question, and where the export says whether the question was answered.

    Parameters
    ----------
    column : str
        Of the box.
    boxes : tuple of str
        Columns of all boxes of the question.
    unknown : tuple of str
        Those of them that mean unknown.
    status : str, optional
        Column with the status of the form; None where the export has none.
    """

    column: str
    boxes: tuple[str, ...]
    unknown: tuple[str, ...]
    status: str | None

    @property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Columns that say that the question was answered, with the values that are accepted of each."""
        status = {self.status: FILLED_IN} if self.status else {}
        return {**status, **dict.fromkeys(self.unknown, ("0",))}


def checkbox(column: str, columns: Sequence[str]) -> Checkbox | None:
    """Find the boxes that belong to one, and the status of its form.

    Parameters
    ----------
    column : str
        Of a site's table.
    columns : sequence of str
        All columns, in the order of the export: each form ends with its status.

    Returns
    -------
    checkbox : Checkbox or None
        None for a column that is no checkbox.

    Examples
    --------
    >>> checkbox("emd___2", ["id", "emd___1", "emd___2", "emd____99", "emd_complete"]).conditions
    {'emd_complete': ('1', '2'), 'emd____99': ('0',)}
    """
    name, mark, _ = column.partition(CHECKBOX)
    if not (name and mark):
        return None
    boxes = tuple(other for other in columns if other.startswith(name + CHECKBOX))
    codes = [other.removeprefix(name + CHECKBOX) for other in boxes]
    unknown = tuple(
        box for box, code in zip(boxes, codes, strict=True) if box != column and _is_unknown(code, codes)
    )
    after = columns[columns.index(column) :] if column in columns else []
    status = next((other for other in after if other.endswith(STATUS)), None)
    return Checkbox(column, boxes, unknown, status)


def is_unknown_box(column: str, columns: Sequence[str]) -> bool:
    """Say whether a column is a box that means unknown."""
    name, mark, code = column.partition(CHECKBOX)
    codes = [other.removeprefix(name + CHECKBOX) for other in columns if other.startswith(name + CHECKBOX)]
    return bool(mark) and _is_unknown(code, codes)


def only_if(conditions: Mapping[str, Sequence[str]]) -> str:
    """Write a condition as a mapping file has it.

    Examples
    --------
    >>> only_if({"emd_complete": ("1", "2"), "emd____99": ("0",)})
    '{ emd_complete = [1, 2], emd____99 = 0 }'
    """
    tests = (
        f"{name} = {accepted[0] if len(accepted) == 1 else '[' + ', '.join(accepted) + ']'}"
        for name, accepted in conditions.items()
    )
    return "{ " + ", ".join(tests) + " }"


def _is_unknown(code: str, codes: Sequence[str]) -> bool:
    plain = code.lower()
    if plain in UNKNOWN_CODES or is_unknown_word(plain) or re.fullmatch(r"_[0-9]+", plain):
        return True
    # 9 after 1, 2, 3 is a code for unknown; after 8 it is one more answer.
    return plain == "9" and "8" not in codes and len(codes) > 1
