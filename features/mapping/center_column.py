"""A column of centers that differs in every row is another column: of dates, of numbers, of records."""

from __future__ import annotations

from features.advice import plain
from features.checking.cell_provenance import Origin
from features.files.raw_table import RawTable
from features.problem_codes import Code
from features.problems import Problem

CENTER = "center"

FEWEST_ROWS = 20
"""Fewer infusions can be of as many centers."""


def center_problems(table: RawTable, origin: Origin) -> list[Problem]:
    """Refuse centers that are all different.

    Parameters
    ----------
    table : RawTable
        In the schema's columns.
    origin : Origin
        Where they come from.

    Returns
    -------
    problems : list of Problem
        At most one.

    Examples
    --------
    >>> rows = tuple((str(number),) for number in range(30))
    >>> table = RawTable("t.csv", "00", ("center",), rows, tuple(range(2, 32)))
    >>> print(*center_problems(table, Origin({"center": "record"})))
    center (from record) differs in each of 30 rows, so it does not name centers: name the column of the \
treating center, or leave the field out
    """
    names = [name for name in table.column(CENTER) if name] if CENTER in table.columns else []
    if len(names) < FEWEST_ROWS or len(set(names)) < len(names):
        return []
    rule = f"differs in each of {len(names)} rows, so it does not name centers"
    fix = plain("name the column of the treating center, or leave the field out")
    return [Problem(Code.CENTER_PER_ROW, rule, origin.column(CENTER), advice=fix)]
