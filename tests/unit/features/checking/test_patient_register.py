"""Rows of a patient are compared across parts of a file, whatever its length."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking import patient_register
from features.checking.patient_register import COMPARED, PatientRegister
from features.checking.rows_of_a_patient import row_conflicts
from features.checking.typed_columns import TableReader, TypedColumns
from features.files.raw_table import RawTable
from features.schema import all_fields

COLUMNS = ("patient_id", *COMPARED)


def drawn(rng: np.random.Generator, n_rows: int, n_patients: int) -> TypedColumns:
    """Draw rows of few patients, so that they often contradict each other."""
    rows = tuple(
        (
            f"P-{rng.integers(n_patients):03}" if rng.random() < 0.95 else "",
            str(rng.choice(["", "1", "2", "3"])),
            str(rng.choice(["", "30", "31", "35.5"])),
            str(rng.choice(["", "male", "female"])),
            str(rng.choice(["", "true", "false"])),
        )
        for _ in range(n_rows)
    )
    return TableReader().read(RawTable("c.csv", "00", COLUMNS, rows, tuple(range(2, n_rows + 2))))[0]


@pytest.mark.parametrize("together", [1, 7, 50_000])
@pytest.mark.parametrize("seed", range(3))
def test_conflicts_are_those_of_all_rows_at_once(seed: int, together: int, monkeypatch) -> None:
    """In parts of any size, and however many patients are compared at a time."""
    monkeypatch.setattr(patient_register, "_TOGETHER", together)
    rng = np.random.default_rng(seed)
    register, rows = PatientRegister(), []
    for n_rows in (40, 1, 80, 17):
        typed = drawn(rng, n_rows, 60)
        register.add(typed)
        rows += typed.rows()
    expected = row_conflicts(rows)
    assert register.conflicts() == expected
    assert len(expected) > 20
    assert len(register) == len(rows)
    for position in (0, 40, 137):
        assert register[position] == {name: rows[position][name] for name in COMPARED}


def test_a_conflict_with_a_refused_cell_is_left_out() -> None:
    """What was refused is not compared."""
    rows = (("a", "1", "30", "", ""), ("a", "2", "29", "", ""))
    register = PatientRegister()
    register.add(TableReader().read(RawTable("c.csv", "00", COLUMNS, rows, (2, 3)))[0])
    assert [conflict.column for conflict in register.conflicts()] == ["age_years"]
    assert register.conflicts({(0, "age_years")}) == []


def test_a_file_of_rows_without_patients_has_no_conflicts() -> None:
    """Nor has an empty one."""
    register = PatientRegister()
    assert register.conflicts() == []
    typed, _ = TableReader().read(RawTable("c.csv", "00", ("sex",), (("male",),), (2,)))
    register.add(typed)
    assert register.conflicts() == []
    assert register[0]["sex"] == "male"
    assert set(COMPARED) < set(all_fields())
