"""Whatever a file holds, the answer is a cohort or a `DataError`."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from features.checking.check_table import check_table
from features.checking.parse_cell import CellError, parse_cell
from features.files.delimited import delimited_grid
from features.files.raw_table import RawTable, table_of
from features.mapping.definition import SiteDates
from features.mapping.field_entries import field_mappings
from features.mapping.site_values import NumberFormat
from features.mapping.toml_entries import Entries
from features.problems import DataError
from features.schema import all_fields

ODD = [
    "",
    "=1",
    "@x",
    "-",
    "-99",
    "NA",
    "1,5",
    "1.234,5",
    "<5",
    "nan",
    "1e999",
    "\u0663",
    "\u202e",
    "9" * 400,
]
CELLS = st.one_of(st.sampled_from(ODD), st.text(max_size=20), st.floats().map(repr), st.integers().map(str))


@given(st.sampled_from(sorted(all_fields())), CELLS)
def test_any_cell_is_a_value_or_refused(name, cell):
    """Nothing but `CellError` leaves the parser."""
    with contextlib.suppress(CellError):
        parse_cell(all_fields()[name], cell.strip())


@given(st.lists(st.sampled_from(sorted(all_fields())), min_size=1, max_size=6, unique=True), st.data())
@settings(deadline=None)
def test_any_table_is_a_cohort_or_refused(columns, data):
    """Cells of any kind, in any columns."""
    rows = data.draw(st.lists(st.tuples(*[CELLS for _ in columns]), min_size=1, max_size=5))
    table = RawTable("c.csv", "00", tuple(columns), tuple(rows), tuple(range(2, len(rows) + 2)))
    with contextlib.suppress(DataError):
        check_table(table)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_grid_or_refused(content):
    """Not even the csv module's own errors leave."""
    with contextlib.suppress(DataError):
        table_of(delimited_grid(content, name="c.csv"), name="c.csv", sha256="00")


TOML = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.floats(), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["column", "columns", "when", "if", "then", "codes", "unit", "factor", "1", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*sorted(all_fields())[:12], "x"]), TOML, max_size=4))
@settings(deadline=None)
def test_any_mapping_is_read_or_refused(fields):
    """Every mistake is a problem, none an exception."""
    field_mappings(fields, SiteDates(), [])
    Entries("table", fields, []).finish()


@given(CELLS, st.sampled_from([".", ","]), st.sampled_from(["", ".", ",", " ", "'"]))
def test_any_number_is_read_or_none(cell, decimal, thousands):
    """Nothing leaves but a number or None."""
    value = NumberFormat(decimal, thousands).read(cell)
    assert value is None or isinstance(value, float)


def test_five_thousand_rows_are_checked():
    """A large registry is read whole."""
    columns = tuple(all_fields())
    cells = {"patient_id": "p", "age_years": "31", "sex": "male", "ldh_u_l": "250", "prior_lines": "3"}
    rows = tuple(
        tuple(f"p{place}" if name == "patient_id" else cells.get(name, "") for name in columns)
        for place in range(5000)
    )
    assert len(check_table(RawTable("c.csv", "00", columns, rows, tuple(range(2, 5002))))) == 5000
