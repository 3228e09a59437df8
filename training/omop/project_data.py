"""Rows of the project's own OMOP files: concept sets, units and operators, each with its source."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from features.project_files import DATA

OMOP = DATA / "omop"
CONCEPTS = OMOP / "concepts.csv"
RECIPE = OMOP / "recipe.toml"

NOT_CONFIRMED = "?"
"""In place of an id or a value that no source confirms."""


def rows_of(content: str) -> list[dict[str, str]]:
    """Read the rows of a CSV text, by heading."""
    return list(csv.DictReader(io.StringIO(content)))


def _rows(path: Path) -> list[dict[str, str]]:
    return rows_of(path.read_text(encoding="utf-8"))


@cache
def operators() -> Mapping[int, str]:
    """Give the sign of each operator concept.

    Examples
    --------
    >>> operators()[4171756], operators()[4172703]
    ('<', '=')
    """
    return {int(row["operator_concept_id"]): row["sign"] for row in _rows(OMOP / "operators.csv")}


@cache
def unit_texts() -> Mapping[int, str]:
    """Give the spelling of each unit concept whose id a source confirms.

    Examples
    --------
    >>> unit_texts()[8840]
    'mg/dL'
    """
    rows = _rows(OMOP / "units.csv")
    return {int(row["unit_concept_id"]): row["written"] for row in rows if row["unit_concept_id"].isdigit()}


@cache
def unit_spellings() -> Mapping[str, str]:
    """Give the unit of a mapping file for each spelling, as UCUM's.

    Examples
    --------
    >>> unit_spellings()["10*3/uL"]
    '10^3/uL'
    """
    return {row["written"]: row["unit"] for row in _rows(OMOP / "units.csv")}
