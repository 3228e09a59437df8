"""Concept sets are data that can be trusted: every code has a source, and sites add their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import DataError, Problem
from training.omop.concept_sets import COLUMNS, concept_sets, named_sets
from training.omop.project_data import CONCEPTS, rows_of

HEADING = ",".join(COLUMNS)
ROWS = rows_of(CONCEPTS.read_text(encoding="utf-8"))


def check_digit(code: str) -> int:
    """Compute the check digit of a LOINC code (mod 10)."""
    digits = [int(digit) for digit in reversed(code)]
    doubled = [2 * digit if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    return -sum(digit // 10 + digit % 10 for digit in doubled) % 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['concept_set']} {row['concept_code']}")
def test_every_code_has_a_source(row):
    """And is a code: a LOINC code has the check digit that its other digits give."""
    assert row["source"]
    assert row["concept_code"] not in ("", "?")
    if row["vocabulary_id"] == "LOINC":
        number, _, digit = row["concept_code"].partition("-")
        assert check_digit(number) == int(digit)


def test_blasts_in_blood_are_in_no_set():
    """They are not marrow blasts."""
    assert all(row["concept_code"] != "26446-5" for row in ROWS)


def test_no_code_is_in_a_set_twice():
    """A set has each concept once."""
    keys = [(row["concept_set"], row["vocabulary_id"], row["concept_code"]) for row in ROWS]
    assert len(set(keys)) == len(keys)


def test_sets_of_a_site_take_the_place_of_those_of_the_project(tmp_path):
    """The others stay."""
    own = tmp_path / "own.csv"
    own.write_text(f"{HEADING}\nldh,LOINC,2532-0,,no,,?,ours\nblasts,,?,,no,,2000000009,ours\n")
    sets = concept_sets(own)
    assert [str(row) for row in sets["ldh"]] == ["LOINC 2532-0"]
    assert [str(row) for row in sets["blasts"]] == ["concept 2000000009"]
    assert sets["ferritin"] == concept_sets()["ferritin"]


def test_every_fault_of_a_file_is_reported(tmp_path):
    """With its row."""
    own = tmp_path / "own.csv"
    own.write_text(f"{HEADING}\n,LOINC,2532-0,,no,,?,\nblasts,,?,,maybe,,x1,\nmrd,LOINC,?,,no,,?,\n")
    with pytest.raises(DataError) as refused:
        concept_sets(own)
    assert [str(problem) for problem in refused.value.problems] == [
        "concept_set is required (row 2)",
        "descendants must be yes or no, got maybe (row 3)",
        "concept_id must be a whole number, or ?, got x1 (row 3)",
        "concept_id or vocabulary_id and concept_code are required (row 3)",
        "concept_id or vocabulary_id and concept_code are required (row 4)",
    ]


def test_a_file_without_the_columns_is_refused(tmp_path):
    """The message names those that are missing."""
    own = tmp_path / "own.csv"
    own.write_text("concept_id\n1\n")
    with pytest.raises(DataError, match="missing: concept_set, vocabulary_id"):
        concept_sets(own)


def test_a_name_that_is_no_set():
    """The message names the nearest."""
    problems: list[Problem] = []
    named_sets(concept_sets(), ["feritin", "ldh", "xyz"], "concepts", problems)
    assert [str(problem) for problem in problems] == [
        "concepts is not a concept set, got feritin: did you mean ferritin?",
        "concepts is not a concept set, got xyz: add its rows to the file named by concepts",
    ]
    assert Path(CONCEPTS).name == "concepts.csv"
