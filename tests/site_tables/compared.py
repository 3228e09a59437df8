"""Cells that an import got wrong, and whether anything reported them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from features.checking.check_table import check_rows
from features.files.read_table import FileFormat, read_table
from features.mapping.conversion import Mapped
from features.mapping.file import mapping_of
from features.mapping.mapped import map_table
from features.problems import DataError, Problem

CLOSE = 1e-3
"""Relative difference of two numbers that are the same: no unit differs so little from another."""

WORDS = {"yes": "true", "no": "false", "1": "true", "0": "false"}
"""Words for yes and no that the schema reads."""

AGES = 0.051
"""Years by which an age from two dates may differ from one that was recorded with a decimal."""


def wrong_cells(
    path: Path, mapping: str, truth: Mapping[str, Sequence[str]], how: FileFormat | None = None
) -> tuple[list[str], list[str]]:
    """Import a table, and compare every cell with the truth.

    Returns
    -------
    silent, reported : list of str
        Fields with values of wrong cells that nothing reports; messages of problems.
    """
    try:
        site = mapping_of(tomllib.loads(mapping), name="site.toml")
        mapped = map_table(site, read_table(path, how or site.file_format))
    except DataError as error:
        return [], [str(problem) for problem in error.problems]
    reports = _reports(mapped)
    named = {(problem.column, row) for problem in reports for row in (problem.row, *problem.rows)}
    silent = [
        f"{field} row {place}: {cell!r} for {truth[field][place]!r}"
        for field in mapped.table.columns
        if field in truth
        for place, cell in enumerate(mapped.table.column(field))
        if not _same(field, cell, truth[field][place])
        and not any(
            (column or "").startswith(field) and row == mapped.table.row_numbers[place]
            for column, row in named
        )
    ]
    return silent, [str(problem) for problem in reports]


def _reports(mapped: Mapped) -> list[Problem]:
    try:
        check_rows(mapped.table, mapped.origin)
    except DataError as error:
        return list(error.problems)
    return []


def _same(field: str, cell: str, true: str) -> bool:
    if cell == true or (WORDS.get(cell, cell) == true):
        return True
    try:
        number, expected = float(cell), float(true)
    except ValueError:
        return False
    near = AGES if field == "age_years" else CLOSE * abs(expected)
    return abs(number - expected) <= near
