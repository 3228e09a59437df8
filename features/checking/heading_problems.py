"""What is wrong with the headings of a table in the schema's columns."""

from __future__ import annotations

from features.advice import Advice, plain, table_setting
from features.checking.identifiers import personal_column
from features.files.raw_table import RawTable
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import Problem
from features.schema import all_fields

MOST_MISTYPED = 5
"""Unknown columns in a file without ``patient_id`` above which it counts as a site's own table."""


def heading_problems(table: RawTable) -> list[Problem]:
    """Find columns that are not of the schema, and say what the file probably is.

    Parameters
    ----------
    table : RawTable
        In the schema's columns, as it should be.

    Returns
    -------
    problems : list of Problem
        One for each unknown column; one alone where nearly all are unknown.

    Examples
    --------
    >>> print(*heading_problems(RawTable("c.csv", "00", ("patient_id", "age"), (("a", "31"),), (2,))))
    age is not a column of the schema: did you mean age_years? Else remove it, or map it with a mapping file
    """
    known = all_fields()
    if not any(column in known for column in table.columns):
        return [
            Problem(
                Code.NO_KNOWN_COLUMN,
                "the heading names no column of the schema",
                advice=_heading_fix(table),
            )
        ]
    unknown = [column for column in table.columns if column not in known]
    problems = [_unknown_column(column) for column in unknown]
    if "patient_id" in table.columns:
        return problems
    if len(unknown) > MOST_MISTYPED:
        words = f"columns are not in the schema: {', '.join(unknown)}"
        problems = [
            Problem(
                Code.UNKNOWN_COLUMNS,
                words,
                advice=plain("a site's own table needs a mapping file (--mapping)"),
            )
        ]
    return [*problems, Problem(Code.MISSING_COLUMN, "is required: the file has no such column", "patient_id")]


def _heading_fix(table: RawTable) -> Advice:
    if sum(cells[0] in all_fields() for cells in table.rows) > 1:
        return plain("is the table transposed? Every infusion needs a row of its own")
    if len(table.columns) == 1 and "|" in table.columns[0]:
        return table_setting("is | the delimiter? Then {setting}", "delimiter", '"|"')
    return plain("is the heading missing? A site's own table needs a mapping file (--mapping)")


def _unknown_column(column: str) -> Problem:
    if personal_column(column):
        return Problem(
            Code.PERSONAL_COLUMN,
            "is not a column of the schema and may identify a person",
            column,
            advice=plain("remove it; a cohort has days from infusion, no dates and no names"),
        )
    near = nearest(column, all_fields())
    hint = f"did you mean {near}? Else " if near else ""
    return Problem(
        Code.UNKNOWN_COLUMN,
        "is not a column of the schema",
        column,
        advice=plain(f"{hint}remove it, or map it with a mapping file"),
    )
