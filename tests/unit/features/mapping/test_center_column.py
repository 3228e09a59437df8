"""A column of centers names centers."""

from __future__ import annotations

import pytest

from features.checking.cell_provenance import Origin
from features.checking.parse_cell import CellError, parse_cell
from features.files.raw_table import RawTable
from features.mapping.center_column import FEWEST_ROWS, center_problems
from features.problem_codes import Code
from features.schema import all_fields


def centers(*names: str) -> RawTable:
    """Make a table of centers."""
    rows = tuple((name,) for name in names)
    return RawTable("t.csv", "00", ("center",), rows, tuple(range(2, len(rows) + 2)))


@pytest.mark.parametrize("cell", ["2021-03-06", "06.03.2021", "3/6/21", "2021-03-06 11:00"])
def test_a_date_is_no_center(cell):
    """The cohort holds no dates; the message shows how it is written."""
    with pytest.raises(CellError) as refusal:
        parse_cell(all_fields()["center"], cell)
    assert refusal.value.code is Code.DATE_FOR_NAME
    assert not set(refusal.value.value_text or "") & set("123456789")


def test_centers_that_are_all_different_are_refused():
    """Blank ones do not count; few infusions can be of as many centers."""
    names = [f"c-{number}" for number in range(FEWEST_ROWS)]
    (problem,) = center_problems(centers(*names, ""), Origin({"center": "record"}))
    assert problem.code is Code.CENTER_PER_ROW
    assert problem.column == "center (from record)"
    assert center_problems(centers(*names[1:], ""), Origin()) == []
    assert center_problems(centers(*names, "c-0"), Origin()) == []
    assert center_problems(RawTable("t.csv", "00", ("sex",), (), ()), Origin()) == []
