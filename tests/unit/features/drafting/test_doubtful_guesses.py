"""Guesses of columns that are easily read wrongly are comments."""

from __future__ import annotations

import pytest

from features.drafting.draft import draft_mapping
from features.drafting.headings import SURE, name_matches
from features.files.raw_table import RawTable


def drafted(**columns: list[str]) -> list[str]:
    """Draft a mapping of a table: its lines."""
    size = len(next(iter(columns.values())))
    named = {"Patient ID": [f"p{number}" for number in range(size)], **columns}
    rows = tuple(zip(*named.values(), strict=True))
    table = RawTable("t.csv", "00", tuple(named), rows, tuple(range(2, size + 2)))
    return draft_mapping(table).text.splitlines()


def line_of(field: str, lines: list[str]) -> str:
    """Give the line of a field, whether it is a comment or not."""
    return next(line for line in lines if line.removeprefix("# ").startswith(f"{field} = "))


def test_a_center_that_only_its_first_row_names():
    """Rows below may be of the same center: a blank one would be read as unknown."""
    named = ["north", "", "", "south", "", ""]
    line = line_of("center", drafted(Center=named, ECOG=["0", "1"] * 3))
    assert line.startswith("# ")
    assert "fill_down" in line
    repeated = ["north", "", "north", "south", "", "south"]
    assert not line_of("center", drafted(Center=repeated, ECOG=["0", "1"] * 3)).startswith("#")


def test_shares_below_a_heading_of_percent():
    """Values of at most 1 are fractions or very low percentages: a person has to say."""
    line = line_of("marrow_blasts_pct", drafted(BMBLPCT=["0.8", "0.05", "0.24", "0.62"]))
    assert line.startswith("# ")
    assert "would fit fraction" in line


@pytest.mark.parametrize("cells", [["1.9", "2.5", "0.8", "3.7"], ["24.5", "40.1", "61.2", "18.3"]])
def test_the_unit_of_times_is_not_guessed_by_their_size(cells):
    """Weeks, months and years are too near to each other."""
    assert line_of("relapse_day", drafted(Relapse=cells)).startswith("# ")


@pytest.mark.parametrize("heading", ["Section 2 / LDH (U/l)", "Patient / LDH (U/l)", "Labor / LDH / U/l"])
def test_the_name_of_a_section_hides_no_field(heading):
    """It says nothing of when a value was measured."""
    best = name_matches(heading)[0]
    assert (best.field, best.unit, best.likeness >= SURE) == ("ldh_u_l", "U/L", True)


@pytest.mark.parametrize("heading", ["At relapse / LDH", "Day 28 / LDH", "Follow-up / LDH", "Course / CRP"])
def test_a_section_of_another_time_is_no_measurement_before_the_infusion(heading):
    """Its values are for a person to judge."""
    assert all(match.likeness < SURE for match in name_matches(heading))


def test_a_section_of_the_follow_up_has_outcomes():
    """Days of relapse and death are known after the infusion."""
    assert name_matches("Follow-up / Relapse")[0].likeness == 1.0


def test_serial_dates_of_birth_are_not_ignored():
    """Years are counted from them, even if two columns may be the date of the infusion."""
    days = ["44260", "44300", "44400"]
    dated = {"Date of infusion": days, "Infusion date": days, "Date of birth": ["33000"] * 3}
    lines = drafted(**dated, ECOG=["0", "1", "2"])
    assert not [line for line in lines if "may identify a person" in line]
