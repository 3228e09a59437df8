"""Fields that read an unticked box as an answer to a skipped question are reported, with a condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from features.advice import plain
from features.files.raw_table import RawTable
from features.mapping.blank_forms import CHECKBOX, Cells
from features.mapping.checkboxes import FILLED_IN, Checkbox, checkbox, is_unknown_box, only_if
from features.mapping.definition import FieldMapping, SiteMapping
from features.mapping.redcap_layout import SiteRow
from features.mapping.site_fields import way_taken
from features.problem_codes import Code
from features.problems import Problem
from features.schema import all_fields

TICKED = ("1", "1.0", "checked")


class Boxes:
    """The checkboxes of a site's table.

    Parameters
    ----------
    mapping : SiteMapping
        Of the site.
    table : RawTable
        Of the site: a box is judged by its row of the file.
    """

    def __init__(self, mapping: SiteMapping, table: RawTable) -> None:
        self._mapping = mapping
        self._table = table
        self._cells_of: dict[int, Cells] = {}
        self._known: dict[tuple[str, ...], list[Checkbox]] = {}

    def unanswered(self, how: FieldMapping, rows: Sequence[SiteRow], cells: Sequence[str]) -> list[int]:
        """Find the infusions whose value rests on unticked boxes of a question that was not answered.

        Parameters
        ----------
        how : FieldMapping
            What the mapping says of a field.
        rows : sequence of SiteRow
            Infusions in the site's columns.
        cells : sequence of str
            Of the field, row by row.

        Returns
        -------
        positions : list of int
            Without those where a box is ticked, and those where the field's entry itself looks at the
            status of the form and at the box for unknown.
        """
        if not any(CHECKBOX in column for column in how.used):
            return []
        return [
            position
            for position, (row, cell) in enumerate(zip(rows, cells, strict=True))
            if cell and self._is_unanswered(how, row)
        ]

    def problem(self, how: FieldMapping, column: str, rows: Iterable[int]) -> Problem:
        """Ask for the condition under which an unticked box is an answer.

        Parameters
        ----------
        how : FieldMapping
            What the mapping says of a field.
        column : str
            Of the site, for the message.
        rows : iterable of int
            Of the file.

        Returns
        -------
        problem : Problem
            With the key to write.
        """
        boxes = self._of(how)
        where = f"fields.{how.field}"
        if any(box.status for box in boxes):
            rule = 'takes an unticked box for "no" where the form was not filled in, or unknown is ticked'
            conditions = {name: accepted for box in boxes for name, accepted in box.conditions.items()}
            fix = f"add only_if = {only_if(conditions)} to {where}; it is unknown in the other rows"
        else:
            rule = 'takes an unticked box for "no" where no box of the question or unknown is ticked'
            fix = (
                "export the status of the form too, or name the column that says where the question was "
                f"answered in only_if of {where}"
            )
        numbers = tuple(rows)
        one = numbers[0] if len(numbers) == 1 else None
        return Problem(
            Code.UNTICKED_BOX, rule, column, row=one, rows=numbers if one is None else (), advice=plain(fix)
        )

    def _is_unanswered(self, how: FieldMapping, row: SiteRow) -> bool:
        spec, numbers, missing = all_fields()[how.field], self._mapping.numbers, self._mapping.missing
        way = way_taken(how, spec, row, numbers=numbers, missing=missing)
        boxes = [(box, self._file_row(row, box.column)) for box in self._of(way)]
        if any(_ticked(cells, box.column) for box, cells in boxes):
            return False
        return any(_is_open(box, cells, way.used) for box, cells in boxes)

    def _of(self, how: FieldMapping) -> list[Checkbox]:
        columns, used = self._table.columns, how.used
        if used not in self._known:
            boxes = (checkbox(column, columns) for column in used if column in columns)
            self._known[used] = [box for box in boxes if box and not is_unknown_box(box.column, columns)]
        return self._known[used]

    def _file_row(self, row: SiteRow, column: str) -> Cells:
        """Give the row of the file that holds a cell, with the status of its form."""
        if not self._cells_of:
            numbered = zip(self._table.row_numbers, self._table.rows, strict=True)
            self._cells_of = {
                number: dict(zip(self._table.columns, cells, strict=True)) for number, cells in numbered
            }
        return self._cells_of[row.row_of(column)]


def _ticked(cells: Cells, column: str) -> bool:
    return cells[column].lower() in TICKED


_LABELS = ("unverified", "complete")


def _is_open(box: Checkbox, cells: Cells, named: Sequence[str]) -> bool:
    """Say whether nothing in a row shows that the question was answered."""
    if any(_ticked(cells, other) and other not in named for other in box.unknown):
        return True
    if any(_ticked(cells, other) for other in box.boxes if other not in box.unknown):
        return False
    if box.status is None:
        return set(named) <= {*box.boxes}
    return box.status not in named and cells[box.status].lower() not in (*FILLED_IN, *_LABELS)
