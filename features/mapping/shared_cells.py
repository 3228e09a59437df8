"""Cells that several infusions of a patient share although the value may differ between them: counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from features.mapping.definition import FieldMapping
from features.mapping.redcap_layout import SiteRow
from features.problems import counted
from features.schema import all_fields

CHANGES = ("before_lymphodepletion", "day_0")
"""When the value is known of fields that belong to one infusion."""


def shared_cell_notes(fields: Iterable[FieldMapping], rows: Sequence[SiteRow], *, record: str) -> list[str]:
    """Count the infusions that have a predictor from one cell of the file.

    Parameters
    ----------
    fields : iterable of FieldMapping
        Of the mapping.
    rows : sequence of SiteRow
        Infusions in the site's columns.
    record : str
        Column of the patient's identifier.

    Returns
    -------
    notes : list of str
        At most one, with every field of that kind; a fact of the patient, such as sex, is not counted.

    Examples
    --------
    >>> rows = [SiteRow(number, {"id": "1", "ldh": "300"}, {"ldh": 2}) for number in (3, 4)]
    >>> print(*shared_cell_notes([FieldMapping("ldh_u_l", columns=("ldh",))], rows, record="id"))
    predictors that several infusions of a patient take from one cell: ldh_u_l (2 infusions of 1 patient)
    """
    shared = []
    for how in fields:
        if all_fields()[how.field].known_when in CHANGES and not how.over_time:
            groups = _groups(how, rows, record)
            infusions = sum(map(len, groups.values()))
            if infusions:
                patients = counted(len({patient for patient, *_ in groups}), "patient")
                shared.append(f"{how.field} ({counted(infusions, 'infusion')} of {patients})")
    words = "predictors that several infusions of a patient take from one cell"
    return [f"{words}: {', '.join(shared)}"] if shared else []


def _groups(
    how: FieldMapping, rows: Sequence[SiteRow], record: str
) -> dict[tuple[str, tuple[object, ...]], list[int]]:
    """Group the infusions by the rows of the file that give the field."""
    columns = [column for column in how.used if column != record]
    groups: dict[tuple[str, tuple[object, ...]], list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        if any(row.cells[column] for column in columns):
            source = tuple(row.source_of(column) for column in columns)
            groups[row.cells[record], source].append(position)
    return {key: positions for key, positions in groups.items() if len(positions) > 1}
