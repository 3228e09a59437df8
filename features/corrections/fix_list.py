"""The problems of a table, one a line, as a data manager corrects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from features.checking.masking import MASK, masked
from features.checking.remark import Remark
from features.corrections.cell_keys import CellKeys
from features.corrections.field_columns import FieldColumns, TableColumns
from features.files.raw_table import RawTable
from features.problem_codes import Code
from features.problems import Problem
from features.short_repr import ShortRepr


@dataclass(frozen=True, repr=False)
class Fix(ShortRepr):
    """One line of the list: a cell with a problem, or with a question.

    Parameters
    ----------
    code : str
        Kind of problem or remark.
    words : str
        What is wrong, and how to fix it.
    row : int, optional
        Row of the site's file.
    column : str
        The site's column; empty where the problem is not about a cell.
    value : str
        The site's value; an identifier is masked.
    expected : str
        What is allowed.
    question : bool
        Whether the value may be right: a remark, which can be confirmed. A problem cannot.
    row_key, cell_key : str
        Of the cell, see `CellKeys`; empty where there is none.
    """

    code: str
    words: str
    row: int | None = None
    column: str = ""
    value: str = ""
    expected: str = ""
    question: bool = False
    row_key: str = ""
    cell_key: str = ""


def fix_list(
    table: RawTable, known_columns: TableColumns, problems: Iterable[Problem], remarks: Iterable[Remark]
) -> list[Fix]:
    """List every cell that has a problem, and every cell that a remark by row asks about.

    Parameters
    ----------
    table : RawTable
        In the site's columns.
    known_columns : TableColumns
        Where the columns of the schema are in it.
    problems : iterable of Problem
        Not grouped, identifiers masked.
    remarks : iterable of Remark
        Those about whole columns are left out: no single cell corrects them.

    Returns
    -------
    fixes : list of Fix
        Problems first, both by row and column. A field that is made of several columns has a line for each of
        them. No line shows the identifier of a patient.

    Examples
    --------
    >>> from features.checking.cell_provenance import Origin
    >>> from features.corrections.field_columns import table_columns
    >>> table = RawTable("c.csv", "00", ("patient_id", "ecog"), (("BMT-1", "7"),), (2,))
    >>> problem = Problem(Code.OUTSIDE_LIMITS, "must be 0 to 4", "ecog", row=2, value_text="7")
    >>> (fix,) = fix_list(table, table_columns(table, Origin()), [problem], [])
    >>> fix.row, fix.column, fix.value, fix.expected
    (2, 'ecog', '7', 'a whole number, 0 to 4')
    """
    lines = _Lines(table, known_columns)
    of_problems = [fix for problem in problems for fix in lines.of_problem(problem)]
    of_remarks = [fix for remark in remarks if remark.by_row for fix in lines.of_remark(remark)]
    order = {column: at for at, column in enumerate(table.columns)}

    def cell(fix: Fix) -> tuple[int, int]:
        return fix.row or 0, order.get(fix.column, 0)

    return [*sorted(of_problems, key=cell), *sorted(of_remarks, key=cell)]


class _Lines:
    """Makes the lines of one table."""

    def __init__(self, table: RawTable, known_columns: TableColumns) -> None:
        self._known_columns = known_columns
        self._keys = CellKeys(table, known_columns.identifiers, secret=table.sha256)
        present = [column for column in sorted(known_columns.identifiers) if column in table.columns]
        self._patients = frozenset(cell for column in present for cell in table.column(column) if cell)

    def of_problem(self, problem: Problem) -> Iterator[Fix]:
        rows: Sequence[int | None] = problem.rows or (problem.row,)
        advice = f": {problem.advice}" if problem.advice else ""
        words = f"{problem.rule}{advice}"
        for row in rows:
            yield from self._cells(str(problem.code), words, row, self._known_columns.of(problem.column))

    def of_remark(self, remark: Remark) -> Iterator[Fix]:
        for row in remark.rows:
            for name in remark.fields:
                made_of = self._known_columns.of(name)
                words = remark.without_values()
                yield from self._cells(remark.code, words, row, made_of, question=True)

    def _cells(
        self, code: str, words: str, row: int | None, made_of: FieldColumns | None, *, question: bool = False
    ) -> Iterator[Fix]:
        columns = made_of.columns if made_of and row is not None else ()
        if made_of is None or row is None or not columns:
            yield Fix(code, words, row, question=question)
            return
        for column in columns:
            value = self._keys.value(row, column)
            if value is None or (column in self._known_columns.identifiers and len(columns) > 1):
                continue
            yield Fix(
                code,
                words,
                row,
                column,
                self._shown(column, value),
                made_of.expected,
                question,
                self._keys.row(row),
                self._keys.cell(row, column),
            )

    def _shown(self, column: str, value: str) -> str:
        """Give the value of a cell without identifiers of patients."""
        if column in self._known_columns.identifiers:
            return MASK if value else ""
        shown = Problem(Code.OUTSIDE_LIMITS, "", value_text=value)
        return masked([shown], self._patients)[0].value_text or ""
