"""Concept sets as data: the project's rows and a site's own, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from features.advice import plain
from features.files.raw_table import RawTable
from features.files.read_table import read_table
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import DataError, Problem
from training.omop.project_data import CONCEPTS, NOT_CONFIRMED

COLUMNS = (
    *("concept_set", "vocabulary_id", "concept_code", "concept_name"),
    *("descendants", "value", "concept_id", "source"),
)


@dataclass(frozen=True)
class ConceptRow:
    """One concept of a set.

    Parameters
    ----------
    vocabulary, code : str
        By which it is found in the vocabulary of the database; the code is empty where only the id is known.
    concept_id : int, optional
        Used where the database has no vocabulary, or the code is not known.
    descendants : bool
        Whether all concepts below it belong to the set too.
    value : str
        What a record of it says, such as a grade or a product; ``?`` if it does not say which.
    """

    vocabulary: str
    code: str
    concept_id: int | None
    descendants: bool
    value: str

    def __str__(self) -> str:
        return f"{self.vocabulary} {self.code}" if self.code else f"concept {self.concept_id}"


ConceptSets = Mapping[str, tuple[ConceptRow, ...]]


def concept_sets(own: Path | None = None) -> dict[str, tuple[ConceptRow, ...]]:
    """Read the concept sets of the project, and those of a site.

    Parameters
    ----------
    own : Path, optional
        CSV file of the site, with the columns of data/omop/concepts.csv. Its sets take the place of those
        with the same name.

    Returns
    -------
    sets : dict of str to tuple of ConceptRow

    Raises
    ------
    DataError
        With every row that cannot be used.

    Examples
    --------
    >>> [str(row) for row in concept_sets()["ferritin"]]
    ['LOINC 2276-4']
    """
    sets = _sets(read_table(CONCEPTS))
    return {**sets, **_sets(read_table(own))} if own else sets


def named_sets(sets: ConceptSets, names: Iterable[str], where: str, problems: list[Problem]) -> None:
    """Report the names that are no concept set."""
    for name in names:
        if name not in sets:
            near = nearest(name, sets)
            fix = f"did you mean {near}?" if near else "add its rows to the file named by concepts"
            rule = "is not a concept set"
            problems.append(
                Problem(Code.UNKNOWN_CONCEPT_SET, rule, where, value_text=name, advice=plain(fix))
            )


def _sets(table: RawTable) -> dict[str, tuple[ConceptRow, ...]]:
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        rule = f"the columns of a file of concept sets are {', '.join(COLUMNS)}"
        raise DataError(
            [Problem(Code.MISSING_COLUMN, f"{rule}; missing: {', '.join(missing)}")], source=table.name
        )
    sets: dict[str, tuple[ConceptRow, ...]] = {}
    problems: list[Problem] = []
    for number, cells in zip(table.row_numbers, table.rows, strict=True):
        row = dict(zip(table.columns, cells, strict=True))
        problems += _faults(row, number)
        if not problems:
            sets[row["concept_set"]] = (*sets.get(row["concept_set"], ()), _concept(row))
    if problems:
        raise DataError(problems, source=table.name)
    return sets


def _faults(row: Mapping[str, str], number: int) -> list[Problem]:
    problems = []
    if not row["concept_set"]:
        problems.append(Problem(Code.REQUIRED, "is required", "concept_set", row=number))
    if row["descendants"] not in ("yes", "no"):
        rule = "must be yes or no"
        problems.append(
            Problem(Code.NOT_YES_NO, rule, "descendants", row=number, value_text=row["descendants"])
        )
    if row["concept_id"] not in ("", NOT_CONFIRMED) and not row["concept_id"].isdigit():
        rule = f"must be a whole number, or {NOT_CONFIRMED}"
        problems.append(Problem(Code.NOT_WHOLE, rule, "concept_id", row=number, value_text=row["concept_id"]))
    if not _code(row) and not row["concept_id"].isdigit():
        rule = "or vocabulary_id and concept_code are required"
        problems.append(Problem(Code.REQUIRED, rule, "concept_id", row=number))
    return problems


def _code(row: Mapping[str, str]) -> str:
    known = row["vocabulary_id"] and row["concept_code"] != NOT_CONFIRMED
    return row["concept_code"] if known else ""


def _concept(row: Mapping[str, str]) -> ConceptRow:
    return ConceptRow(
        vocabulary=row["vocabulary_id"],
        code=_code(row),
        concept_id=int(row["concept_id"]) if row["concept_id"].isdigit() else None,
        descendants=row["descendants"] == "yes",
        value=row["value"],
    )
