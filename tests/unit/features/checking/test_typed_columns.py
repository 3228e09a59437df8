"""Columns are understood at once; every value and every problem is that of the cell alone."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking.cell_problems import cell_problem, conflict_problem, contradiction_problem
from features.checking.cell_provenance import Origin
from features.checking.check_table import bare_rows, cohort_of, examine, in_row_order
from features.checking.heading_problems import heading_problems
from features.checking.masking import masked
from features.checking.parse_cell import CellError, parse_cell
from features.checking.rows_of_a_patient import row_conflicts
from features.checking.typed_columns import MOST_KEPT, TableReader
from features.cohort import cohort_from_rows
from features.files.raw_table import RawTable
from features.files.stored_numbers import StoredNumber, StoredPercent
from features.problem_codes import Code
from features.problems import Problem, grouped
from features.rules import follow_up_contradictions, patient_contradictions
from features.schema import all_fields
from features.synthetic.simulation import simulate

MESS = ("", "", "NA", "-9", "3,5", "<5", "1.5", "2", "=1+1", "true", "no", "Female", "cd22", "7 mg", "1e3")


def messy_table(seed: int, n_rows: int = 60) -> RawTable:
    """Draw a table of right and wrong cells, with repeated patients and infusions."""
    rng = np.random.default_rng(seed)
    names = [name for name in all_fields() if name == "patient_id" or rng.random() < 0.8]
    simulated = simulate(n_rows, rng=rng).rows[:n_rows]
    rows = [[_cell(name, row, rng, n_rows) for name in names] for row in simulated]
    rng.shuffle(rows)
    cells = tuple(map(tuple, rows))
    return RawTable("c.csv", "00", tuple(names), cells, tuple(range(2, len(rows) + 2)))


def _cell(name: str, row: dict[str, object], rng: np.random.Generator, n_rows: int) -> str:
    spec = all_fields()[name]
    if name == "patient_id":
        return f"P-{rng.integers(n_rows // 2):03}" if rng.random() < 0.98 else ""
    draw = rng.random()
    if draw < 0.02:
        return str(rng.choice(MESS))
    if draw < 0.06 and spec.kind in ("number", "integer"):
        number = f"{rng.uniform(0, spec.high):.3g}"
        return StoredPercent("0.62") if spec.unit == "%" and draw < 0.04 else StoredNumber(number)
    if draw < 0.1 and spec.options:
        return str(rng.choice(spec.options))
    value = row.get(name)
    return "" if value is None else str(value).lower()


def one_by_one(table: RawTable) -> tuple[list[dict[str, object]], list[Problem]]:
    """Check a table cell by cell and row by row, without any column at once."""
    origin, problems, failed = Origin(), [], set()
    rows: list[dict[str, object]] = [{} for _ in table.rows]
    for name in table.columns:
        spec = all_fields()[name]
        for position, cell in enumerate(table.column(name)):
            try:
                rows[position][name] = parse_cell(spec, cell)
                if name == "patient_id" and not cell:
                    raise CellError(Code.REQUIRED, "is required")
            except CellError as error:
                rows[position][name] = None
                failed.add((position, name))
                problems.append(cell_problem(table, position, spec, cell, error, origin))
    for position, row in enumerate(rows):
        dose = all_fields()["dose_1e6_per_kg"]
        for each in patient_contradictions(row, dose=dose, dose_needed=False) + follow_up_contradictions(row):
            if not any((position, name) in failed for name in each.columns):
                problems.append(contradiction_problem(table, position, row, each, origin))
    for conflict in row_conflicts(rows):
        cells = [(at, name) for at in conflict[:2] for name in (conflict.column, "infusion_number")]
        if not failed.intersection(cells):
            here, there = table.row_numbers[conflict.position], table.row_numbers[conflict.other]
            problems.append(conflict_problem(conflict, rows, origin, row=here, other=f"row {there}"))
    problems = [*heading_problems(table), *in_row_order([*problems, *bare_rows(table)])]
    return rows, grouped(masked(problems, set(table.column("patient_id"))))


@pytest.mark.parametrize("seed", range(12))
def test_every_value_and_problem_is_that_of_the_cell_alone(seed: int) -> None:
    """Values with their types, and the whole report in its order."""
    table = messy_table(seed)
    rows, problems = one_by_one(table)
    examined = examine(table)
    assert examined.rows == rows
    assert [list(map(type, row.values())) for row in examined.rows] == [
        list(map(type, row.values())) for row in rows
    ]
    assert list(map(str, examined.problems)) == list(map(str, problems))
    assert len(problems) > 10
    assert [examined.typed[position] for position in range(len(rows))] == rows


@pytest.mark.parametrize("seed", range(4))
def test_a_cohort_of_columns_is_that_of_rows(seed: int) -> None:
    """Every array of it, to the last bit."""
    table = messy_table(seed)
    named = tuple((f"P-{number}", *row[1:]) for number, row in enumerate(table.rows))
    table = RawTable(table.name, table.sha256, table.columns, named, table.row_numbers)
    examined = examine(table)
    cohort = cohort_of(examined, table)
    expected = cohort_from_rows(
        examined.rows, name="c.csv", sha256="00", present=cohort.present, row_numbers=table.row_numbers
    )
    for name in ("patient_id", "infusion_number", "center", "product_name", "rows"):
        np.testing.assert_array_equal(getattr(cohort, name), getattr(expected, name))
        assert getattr(cohort, name).dtype == getattr(expected, name).dtype
    for of_model in ("patients", "follow_up"):
        columns, others = getattr(cohort, of_model), getattr(expected, of_model)
        assert list(columns.values) == list(others.values)
        for name in columns.values:
            np.testing.assert_array_equal(columns[name], others[name])


def test_a_reader_forgets_cells_and_not_what_they_mean() -> None:
    """More different cells than it keeps, a wrong one among the first."""
    reader = TableReader()
    texts = ["900", *(f"{number / 100:.2f}" for number in range(MOST_KEPT + 10))]
    for _ in range(2):
        table = RawTable("c.csv", "00", ("ldh_u_l",), tuple((each,) for each in texts[:3]), (2, 3, 4))
        typed, errors = reader.read(table)
        assert typed.number("ldh_u_l")[0] == 900
        assert [position for position, *_ in errors] == [1, 2]
        cells = tuple((each,) for each in texts)
        reader.read(RawTable("c.csv", "00", ("ldh_u_l",), cells, tuple(range(2, len(texts) + 2))))


def test_a_table_without_rows_has_no_columns_to_read() -> None:
    """Nothing is read, and nothing fails."""
    typed, errors = TableReader().read(RawTable("c.csv", "00", ("sex",), (), ()))
    assert (typed.n_rows, typed.rows(), errors) == (0, [], [])


def test_a_table_without_columns_of_the_schema_has_rows_without_values() -> None:
    """As many as it has."""
    typed, errors = TableReader().read(RawTable("c.csv", "00", ("color",), (("red",), ("blue",)), (2, 3)))
    assert (typed.rows(), errors) == ([{}, {}], [])
