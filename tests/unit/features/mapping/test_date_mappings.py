"""What a mapping says of dates: several formats, numbers, unknown days, columns of year, month and day."""

from __future__ import annotations

import tomllib

import pytest

from features.files.raw_table import RawTable
from features.mapping.conversion import Mapped
from features.mapping.file import mapping_of
from features.mapping.mapped import map_table
from features.problems import DataError

RELAPSE = 'fields.relapse_day = { column = "r", days_since = "i" }'


def mapped(text: str, **columns: list[str]) -> Mapped:
    """Map columns of a site's table."""
    count = len(next(iter(columns.values())))
    columns = {"id": [f"P{place}" for place in range(count)], **columns}
    rows = tuple(zip(*columns.values(), strict=True))
    table = RawTable("t.csv", "00", tuple(columns), rows, tuple(range(2, count + 2)))
    content = tomllib.loads(text)
    content["fields"] = {"patient_id": "id", **content.get("fields", {})}
    return map_table(mapping_of(content, name="site.toml"), table)


def days(text: str, **columns: list[str]) -> list[str]:
    """Cells of the last column, which has no problem."""
    result = mapped(text, **columns)
    assert result.origin.problems == ()
    return result.table.column(result.table.columns[-1])


def refusals(text: str, **columns: list[str]) -> list[str]:
    """Say why cells are refused."""
    return [str(problem) for problem in mapped(text, **columns).origin.problems]


def mistakes(text: str, **columns: list[str]) -> list[str]:
    """Say why a mapping is refused."""
    with pytest.raises(DataError) as refused:
        mapped(text, **columns)
    return [str(problem) for problem in refused.value.problems]


def test_several_formats_in_one_column():
    """Each cell is read by the format that fits it."""
    text = f'table.dates = ["DD.MM.YYYY", "DD MON YYYY", "excel"]\n{RELAPSE}'
    cells = ["05.03.2021", "5 марта 2021", "44260", "2021-03-05"]
    assert days(text, r=cells, i=["2021-03-01"] * 4) == ["4"] * 4


def test_a_cell_that_two_formats_read_differently_is_refused():
    """The program decides nothing; where both agree or one fits, the cell is read."""
    text = f'table.dates = ["DD/MM/YYYY", "MM/DD/YYYY"]\n{RELAPSE}'
    got = mapped(text, r=["03/04/2021", "03/13/2021", "04/04/2021"], i=["2021-01-01"] * 3)
    assert got.table.column("relapse_day") == ["", "71", "93"]
    assert [str(problem) for problem in got.origin.problems] == [
        "relapse_day (from r) DD/MM/YYYY and MM/DD/YYYY read different dates, got 00/00/0000 (row 2): keep "
        "one of these formats; correct cells that are written another way"
    ]


def test_a_number_may_be_a_year_or_days():
    """Only where the mapping lets both be; Excel counts 1990 days to 1905."""
    text = f'table.dates = ["DD.MM.YYYY", "excel"]\n{RELAPSE}'
    assert refusals(text, r=["1990"], i=["2021-01-01"]) == [
        "relapse_day (from r) may be a year without a day, or a date as excel counts, got 0000 (row 2): keep "
        "one of these formats; correct cells that are written another way"
    ]
    assert days('table.dates = "sas"\n' + RELAPSE, r=["1990"], i=["1980"]) == ["10"]


def test_a_date_without_a_day_needs_a_rule():
    """And the message names the rules."""
    assert refusals(RELAPSE, r=["2021-03"], i=["2021-01-01"]) == [
        "relapse_day (from r) must be a date written YYYY-MM-DD, got 0000-00 (row 2): the day is unknown: "
        'set partial = "first", "middle" or "last" (of the month, or of the year), or "unknown" to leave the '
        "date out"
    ]


@pytest.mark.parametrize(
    ("rule", "result", "words"),
    [
        ("first", ["59", "0"], "read as the first day of the month or year"),
        ("middle", ["73", "181"], "read as the 15th of the month, or 1 July"),
        ("last", ["89", "364"], "read as the last day of the month or year"),
        ("unknown", ["", ""], "left out"),
    ],
)
def test_partial_dates_follow_the_rule_and_are_counted(rule, result, words):
    """From 1 January 2021, by hand: 59 days to 1 March, 181 to 1 July."""
    text = f'table.partial = "{rule}"\n{RELAPSE}'
    got = mapped(text, r=["2021-03", "2021"], i=["2021-01-01"] * 2)
    assert got.table.column("relapse_day") == result
    assert got.notes == (f"r: 2 dates without a day (1 without a month) {words}",)


def test_a_field_has_a_rule_of_its_own():
    """As for a year of birth beside exact dates."""
    text = 'fields.age_years = { column = "i", years_since = "b", partial = "middle" }'
    assert days(text, i=["2021-07-01"], b=["1990"]) == ["31"]


def test_two_digit_years_need_a_pivot():
    """In the table or in the field."""
    text = 'fields.age_years = { column = "i", years_since = "b", dates = "DD.MM.YY", two_digit_years = 30 }'
    assert days(text, i=["01.07.21"], b=["01.07.31"]) == ["90"]
    assert mistakes(text.replace(", two_digit_years = 30", ""), i=["x"], b=["y"]) == [
        "fields.age_years.two_digit_years is required for years of two digits: two_digit_years = 30 reads 30 "
        "as 2030 and 31 as 1931"
    ]
    assert mistakes("table.two_digit_years = 300\n" + RELAPSE, r=["x"], i=["y"]) == [
        "table.two_digit_years must be a whole number, 0 to 99, got 300"
    ]


SPLIT = f"""
table.missing = [99]
[split_dates]
r = {{ year = "y", month = "m", day = "d" }}
[fields]
{RELAPSE.removeprefix("fields.")}
"""


def test_a_date_in_three_columns():
    """Numbers as programs write them beside blank cells, and names of months."""
    columns = {"y": ["2021", "2021.0", ""], "m": ["3", "мар", ""], "d": ["5", "05", ""]}
    assert days(SPLIT, **columns, i=["2021-03-01"] * 3) == ["4", "4", ""]


def test_unknown_parts_of_a_date_in_three_columns():
    """Codes for unknown count as unknown, and a rule completes the date."""
    text = 'table.partial = "middle"\n' + SPLIT
    columns = {"y": ["2021", "2021", "99"], "m": ["3", "99", "99"], "d": ["99", "", "99"]}
    got = mapped(text, **columns, i=["2021-01-01"] * 3)
    assert got.table.column("relapse_day") == ["73", "181", ""]
    assert len(refusals(SPLIT, **columns, i=["2021-01-01"] * 3)) == 2


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [("21", "3", "5"), ("", "3", "5"), ("2021", "", "5"), ("2021", "13", "5"), ("2021", "2", "30")]
    + [("2021", "soon", "5"), ("2021", "3", "x")],
)
def test_parts_that_make_no_date_are_reported(year, month, day):
    """Never completed, never dropped; and the value is not shown."""
    (problem,) = refusals(SPLIT, y=[year], m=[month], d=[day], i=["2021-01-01"])
    assert problem.startswith("relapse_day (from r) must be a date written YYYY-MM-DD, got ")
    assert "2021" not in problem


def test_split_dates_count_infusions_and_belong_to_them():
    """They are used wherever a column with a date is."""
    text = """
    table.infusion_date = "given"
    split_dates.given = { year = "y", month = "m", day = "d" }
    fields.patient_id = "id"
    fields.infusion_number = { count_by = "given" }
    fields.next_infusion_day = { until_next = "given" }
    """
    got = mapped(text, id=["a", "a"], y=["2021", "2021"], m=["6", "3"], d=["1", "1"])
    assert got.table.column("infusion_number") == ["2", "1"]
    assert got.table.column("next_infusion_day") == ["", "92"]


def test_mistakes_in_split_dates():
    """Each with the key; a name must not be that of a column."""
    text = f'[split_dates]\nr = {{ day = "d" }}\ni = {{ year = "i", weeks = "w" }}\n[fields]\n{RELAPSE[7:]}'
    assert mistakes(text, r=["x"], i=["x"]) == [
        "split_dates.r.year is required: the column with the year",
        "split_dates.r.month is required beside day",
        "split_dates.i.weeks is not a key of a mapping file: the keys here are year, month, day, missing",
    ]
    clash = f'[split_dates]\ni = {{ year = "y" }}\n[fields]\n{RELAPSE[7:]}'
    assert mistakes(clash, r=["x"], i=["x"], y=["2021"]) == [
        "split_dates.i is also a column of the table: choose another name: fields could mean the column or "
        "the date"
    ]
