"""A site's table becomes a table in the schema's columns."""

from __future__ import annotations

import tomllib

import pytest

from features.checking.check_table import check_rows
from features.files.raw_table import RawTable
from features.files.stored_numbers import StoredNumber
from features.mapping.conversion import Mapped
from features.mapping.file import mapping_of
from features.mapping.mapped import map_table
from features.problems import DataError


def mapped(text: str, name: str = "t.csv", **columns: list[str]) -> Mapped:
    """Map columns of a site's table; patients stand in column id."""
    count = len(next(iter(columns.values())))
    columns = {"id": [f"secret-{place}" for place in range(count)], **columns}
    table = RawTable(
        name, "00", tuple(columns), tuple(zip(*columns.values(), strict=True)), tuple(range(2, count + 2))
    )
    content = tomllib.loads(text)
    content["fields"] = {"patient_id": "id", **content.get("fields", {})}
    return map_table(mapping_of(content, name="site.toml"), table)


def cells(text: str, name: str = "t.csv", **columns: list[str]) -> list[str]:
    """Cells of the one field that a mapping names beside the patient."""
    got = mapped(text, name, **columns)
    assert got.origin.problems == ()
    return got.table.column(got.table.columns[-1])


def map_and_check(text: str, name: str, **columns: list[str]) -> None:
    """Map a table and check what comes of it."""
    result = mapped(text, name, **columns)
    check_rows(result.table, result.origin)


def told(text: str, name: str = "t.csv", **columns: list[str]) -> list[str]:
    """Say why mapping and check refuse a table; no patient is named."""
    with pytest.raises(DataError) as refused:
        map_and_check(text, name, **columns)
    assert "secret" not in str(refused.value)
    return [str(problem) for problem in refused.value.problems]


SEX = 'fields.sex = { column = "s", codes = { 1 = "male", 2 = "female" } }'
CRP = 'fields.crp_mg_l = { column = "c", unit = "mg/dL" }'


@pytest.mark.parametrize(
    ("text", "column", "result"),
    [
        (SEX, ["1", "2", "1.0", "02", ""], ["male", "female", "male", "female", ""]),
        (
            'fields.sex = { column = "s", codes = { M = "male", m = "female" } }',
            ["M", "m"],
            ["male", "female"],
        ),
        ('fields.sex = { column = "s", codes = { Man = "male" } }', ["man", "MAN"], ["male", "male"]),
        (
            'fields.prior_car_t = { column = "s", codes = { 1 = false, "*" = true } }',
            ["1", "2", ""],
            ["false", "true", ""],
        ),
        (
            'fields.prior_car_t = { column = "s", codes = { "" = false, "*" = true } }',
            ["", "x"],
            ["false", "true"],
        ),
        ('table.missing = [-99]\nfields.ecog = "s"', ["-99", "-99.0", "1"], ["", "", "1"]),
        ('fields.ecog = { column = "s", missing = ["ND"] }', ["nd", "1"], ["", "1"]),
        (
            'table.missing = [-99]\nfields.sex = { column = "s", codes = { -99 = "male" } }',
            ["-99"],
            ["male"],
        ),
        ('fields.relapse_day = { column = "s", codes = { never = "" } }', ["never", "90"], ["", "90"]),
        ('fields.crp_mg_l = { column = "s", factor = 10, codes = { low = 1 } }', ["low", "0.7"], ["1", "7"]),
        ('fields.crp_mg_l = { column = "s", unit = "mg/dL" }', ["0.07", "1.1"], ["0.7", "11"]),
        (
            'fields.creatinine_mg_dl = { column = "s", unit = "umol/L" }',
            ["88.42", "61"],
            ["1", "0.689889165347"],
        ),
        (
            'fields.dose_total_1e6 = { column = "s", unit = "cells" }',
            ["45300000", "4.53e7"],
            ["45.3", "45.3"],
        ),
        ('fields.marrow_blasts_pct = { column = "s", unit = "fraction" }', ["0.29"], ["29"]),
        ('fields.crp_mg_l = { column = "s", offset = 1, factor = 2 }', ["3"], ["8"]),
        ('fields.relapse_day = { column = "s", unit = "months", round = true }', ["3", "0.5"], ["91", "15"]),
        ('fields.relapse_day = { column = "s", round = true }', ["2.5", "3.5"], ["3", "4"]),
        ('fields.crp_mg_l = { column = "s", beyond_limit = "limit" }', ["<5", "> 300"], ["5", "300"]),
        ('fields.crp_mg_l = { column = "s", beyond_limit = "blank" }', ["<5", "7"], ["", "7"]),
        ('table.decimal = ","\nfields.crp_mg_l = "s"', ["3,5", "4"], ["3.5", "4"]),
        (
            'table = { decimal = ",", thousands = "." }\nfields.ldh_u_l = "s"',
            ["1.234,5", "234,5", "1.234"],
            ["1234.5", "234.5", "1234"],
        ),
        ('table.thousands = " "\nfields.ldh_u_l = "s"', ["1 234.5", "1\u00a0234"], ["1234.5", "1234"]),
        ('fields.center = { value = "site-a" }', ["x"], ["site-a"]),
        (
            'fields.crs_grading_system = { value = "astct_2019", only_if = { s = "*" } }',
            ["2", ""],
            ["astct_2019", ""],
        ),
        (
            'fields.prior_allo_hsct = { when = [{ if = { s = "> 0" }, then = true }], otherwise = false }',
            ["2", "0"],
            ["true", "false"],
        ),
    ],
)
def test_one_column(text, column, result):
    """What becomes of the cells of column s."""
    ignored = text if '"s"' in text or "s =" in text else f"table.ignore_others = true\n{text}"
    assert cells(ignored, s=column) == result


BLINATUMOMAB = """
table.missing = [-99]
[fields.prior_blinatumomab]
when = [
    { if = { given = 0 }, then = "none" },
    { if = { given = 1, resp = [1, 2] }, then = "responder" },
    { if = { given = 1, resp = 3 }, then = "nonresponder" },
    { if = { given = 1, resp = "" }, then = "response_unknown" },
]
"""


def test_one_field_of_two_columns():
    """The first rule that holds; a missing code is as blank."""
    assert cells(BLINATUMOMAB, given=["0", "1", "1", "1", "1", ""], resp=["", "2", "3", "", "-99", ""]) == [
        "none",
        "responder",
        "nonresponder",
        "response_unknown",
        "response_unknown",
        "",
    ]


def test_row_that_no_rule_covers():
    """It is told with the site's values."""
    assert told(BLINATUMOMAB, given=["1"], resp=["7"]) == [
        "prior_blinatumomab (from given, resp) matches no rule of when, got given 1, resp 7 (row 2): "
        "add a rule, or otherwise"
    ]


def test_several_columns():
    """First, least, greatest and sum of the known."""
    columns = {"a": ["", "30", "30"], "b": ["20", "40", ""]}
    text = 'fields.fludarabine_mg_m2 = {{ columns = ["a", "b"], take = "{}" }}'
    assert cells(text.format("first"), **columns) == ["20", "30", "30"]
    assert cells(text.format("min"), **columns) == ["20", "30", "30"]
    assert cells(text.format("max"), **columns) == ["20", "40", "30"]
    assert cells(text.format("sum"), **columns) == ["", "70", ""]


def test_division_by_another_column():
    """Cells by weight; unknown where the weight is."""
    text = 'fields.dose_1e6_per_kg = { column = "c", unit = "cells", divide_by = "w" }'
    assert cells(text, c=["70000000", "70000000"], w=["35", ""]) == ["2", ""]
    assert told(text, c=["70000000"], w=["0"]) == [
        "dose_1e6_per_kg (from w) must be a number other than 0, got c 70000000, w 0 (row 2): "
        'correct the cell, or, only if it means "unknown", add it to missing'
    ]


def test_multiplication_by_another_column():
    """Daily dose times days."""
    text = 'fields.fludarabine_mg_m2 = { column = "d", multiply_by = "n" }'
    assert cells(text, d=["30"], n=["4"]) == ["120"]


def test_days_and_years_from_dates():
    """Dates go in, days and ages come out."""
    days = 'table.dates = "DD.MM.YYYY"\nfields.relapse_day = { column = "r", days_since = "i" }'
    assert cells(days, r=["3.12.2021", "", "2021-12-03"], i=["03.11.2021"] * 3) == ["30", "", "30"]
    years = 'fields.age_years = { column = "i", years_since = "b" }'
    assert cells(years, i=["2021-11-03", "2021-11-03"], b=["1990-05-17", ""]) == ["31.5", ""]


def test_months_between_dates():
    """Of 30.4375 days, to one decimal; for fields in months only."""
    months = 'fields.months_from_hsct_to_relapse = { column = "r", months_since = "h" }'
    dates = {"r": ["2021-11-03", "2021-11-03", ""], "h": ["2021-01-15", "", "2021-01-15"]}
    assert cells(months, **dates) == ["9.6", "", ""]
    (problem,) = told('fields.age_years = { column = "r", months_since = "h" }', **dates)
    assert problem == "fields.age_years.months_since needs column, and a field in months"


def test_missing_codes_of_a_divisor():
    """What means unknown for the weight means unknown for a dose that is divided by it."""
    dose = 'fields.dose_1e6_per_kg = { column = "c", divide_by = "w" }\n'
    weight = 'fields.weight_kg = { column = "w", missing = [999], codes = { "n.d." = "" } }'
    got = mapped(dose + weight, c=["90", "90", "90"], w=["60", "999", "n.d."])
    assert got.table.column("dose_1e6_per_kg") == ["1.5", "", ""]


def test_date_that_cannot_be_read():
    """Both cells are shown, and how a date is expected."""
    text = 'fields.relapse_day = { column = "r", days_since = "i" }'
    assert told(text, r=["03/11/2021"], i=["2021-10-03"]) == [
        "relapse_day (from r) must be a date written YYYY-MM-DD, got 00/00/0000 (row 2): set "
        'dates in the mapping file, or, only if the cell means "unknown", add it to missing'
    ]


def test_day_before_the_infusion_is_refused():
    """A date that lies before day 0 is no follow-up."""
    text = 'fields.relapse_day = { column = "r", days_since = "i" }'
    assert told(text, r=["2021-10-01"], i=["2021-10-03"])[0] == (
        "relapse_day (from r, i) must be a whole number, 1 to 20000 days, got 0000-00-00, "
        "converted to -2 (row 2): the date is before the infusion: are the columns swapped?"
    )


def test_infusions_are_counted_by_date():
    """Each patient's rows in order, wherever they stand."""
    text = 'fields.infusion_number = { count_by = "d" }'
    columns = {"id": ["a", "b", "a"], "d": ["2022-01-01", "2020-01-01", "2021-01-01"]}
    assert cells(text, **columns) == ["2", "1", "1"]


def test_days_until_the_next_infusion():
    """Of the same patient; the last has none."""
    text = 'fields.next_infusion_day = { until_next = "d" }'
    columns = {"id": ["a", "b", "a"], "d": ["2021-01-31", "2020-01-01", "2021-01-01"]}
    assert cells(text, **columns) == ["", "", "30"]


def test_blank_cells_are_filled_down_where_the_mapping_says_so():
    """A patient's facts stand in the first row only."""
    text = 'table.fill_down = ["id", "s"]\nfields.ecog = "s"'
    assert cells(text, id=["a", "", "b"], s=["1", "", ""]) == ["1", "1", ""]
    groups = text.replace('["id", "s"]', '["id"]\ntable.fill_down_groups = ["s"]')
    assert cells(groups, id=["a", "", "b"], s=["1", "", ""]) == ["1", "1", "1"]
    assert cells('fields.ecog = "s"', id=["a", "b"], s=["1", ""]) == ["1", ""]


def test_difference_of_two_columns():
    """Days from diagnosis become days from infusion."""
    text = 'fields.relapse_day = { column = "r", subtract = "i" }'
    assert cells(text, r=["500", ""], i=["410", "410"]) == ["90", ""]
    assert told(text, r=["500"], i=["x"]) == [
        "relapse_day (from i) must be a number, got r 500, i x (row 2): correct the cell, "
        'or, only if it means "unknown", add it to missing'
    ]


def test_part_of_a_cell():
    """A pattern with one group says which; what does not match is a problem."""
    text = 'fields.marrow_blasts_pct = { column = "s", pattern = "([0-9.]+) ?%?" }'
    assert cells(text, s=["62%", "0.5 %", "3", ""]) == ["62", "0.5", "3", ""]
    assert told(text, s=["about 5"]) == [
        "marrow_blasts_pct (from s) must match its pattern, got about 5 (row 2): "
        'correct the cell, or the pattern "([0-9.]+) ?%?"; only if the cell means '
        '"unknown", add it to missing'
    ]


def test_several_ways_to_make_a_field():
    """The first that gives a value: here a unit in a column of its own."""
    text = """
    [[fields.crp_mg_l]]
    column = "c"
    unit = "mg/dL"
    only_if = { u = "mg/dl" }
    [[fields.crp_mg_l]]
    column = "c"
    only_if = { u = ["mg/l", ""] }
    """
    assert cells(text, c=["7", "7", "7", ""], u=["mg/dL", "mg/L", "", "mg/L"]) == ["70", "7", "7", ""]
    assert told(text, c=["x"], u=["mg/dL"]) == [
        "crp_mg_l (from c, u) must be 0 to 700 mg/L, got c x, u mg/dL (row 2): correct the cell, "
        'or, only if it means "unknown", add it to missing'
    ]


def test_word_in_a_list_of_words():
    """A column of several answers."""
    text = """
    [fields.prior_inotuzumab]
    when = [{ if = { tx = "~ ino" }, then = true }, { if = { tx = "*" }, then = false }]
    """
    assert cells(text, tx=["Blina; Ino", "HSCT", ""]) == ["true", "false", ""]


def test_infusions_that_cannot_be_counted():
    """No date, or the same date twice."""
    text = 'fields.infusion_number = { count_by = "d" }'
    assert told(text, id=["secret-1"] * 3, d=["2022-01-01", "2022-01-01", "x"])[:3] == [
        "infusion_number (from d) must be unique among a patient's rows, got 0000-00-00 (2 rows: "
        "2-3): is a row repeated? Drop one, or correct the cell",
        "infusion_number (from d) must be a number or a date written YYYY-MM-DD, got x (row 4): set "
        'dates in the mapping file, or, only if the cell means "unknown", add it to missing',
    ]


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        (
            SEX,
            "3",
            "sex (from s) has no code for this value in the mapping file, got 3 (row 2): "
            "add it to fields.sex.codes, or to missing",
        ),
        (
            SEX,
            "Male",
            "sex (from s) has no code for this value in the mapping file, got Male (row 2): "
            "is it a label instead of a code? Export raw data",
        ),
        (
            'fields.sex = "s"',
            "Male",
            "sex (from s) must be one of female, male, got Male (row 2): write male",
        ),
        (
            'fields.crp_mg_l = "s"',
            "3,5",
            "crp_mg_l (from s) must be 0 to 700 mg/L, got 3,5 (row 2): "
            'decimal comma? set decimal = "," under [table]',
        ),
        (
            'table.decimal = ","\nfields.crp_mg_l = "s"',
            "3.5",
            "crp_mg_l (from s) must be 0 to 700 mg/L, got 3.5 (row 2): decimal point, where the "
            "mapping says decimal comma: write it with a comma",
        ),
        (
            'fields.crp_mg_l = "s"',
            "<5",
            "crp_mg_l (from s) must be 0 to 700 mg/L, got <5 (row 2): "
            'define its value: beyond_limit = "limit" or "blank"',
        ),
        (
            'fields.crp_mg_l = { column = "s", unit = "mg/dL" }',
            "80",
            "crp_mg_l (from s) must be 0 to 700 mg/L, got 80, converted to 800 (row 2): correct the "
            "cell, or unit, factor and offset in the mapping file",
        ),
        (
            'fields.relapse_day = { column = "s", unit = "months" }',
            "3",
            "relapse_day (from s) must be a whole number, 1 to 20000 days, got 3, converted to "
            "91.3125 (row 2): set round = true, or correct the cell",
        ),
        (
            'fields.crp_mg_l = { column = "s", factor = 1e200 }',
            "1e200",
            "crp_mg_l (from s) must be 0 to 700 mg/L, got 1e200 (row 2): correct the cell",
        ),
        (
            'fields.crp_mg_l = "s"',
            "high",
            "crp_mg_l (from s) must be 0 to 700 mg/L, got high (row 2): correct the cell, or, only "
            'if it means "unknown", add it to missing',
        ),
    ],
)
def test_cells_that_are_refused(text, column, problem):
    """Each refusal names the site's column, row and value, and the field."""
    assert told(text, s=[column])[:1] == [problem]


def test_patients_identifier_is_hidden_under_any_field():
    """Even where another field is read from its column."""
    assert told('fields.ecog = "id"\ntable.ignore = ["s"]', s=["1"]) == [
        "ecog (from id) must be a whole number, 0 to 4 (row 2): define the value under codes, as in "
        'codes = { III = 3 }; if it means "unknown", add it to missing'
    ]


def test_numbers_of_a_workbook_come_with_a_point():
    """Decimal comma is for its texts."""
    assert cells(
        'table.decimal = ","\nfields.crp_mg_l = "s"', name="t.xlsx", s=[StoredNumber("3.5"), "4,5"]
    ) == [
        "3.5",
        "4.5",
    ]


def test_rows_are_kept_and_dropped():
    """A row stays where any condition of keep holds and none of drop."""
    text = """
    table.keep = [{ dx = [1, 2] }, { dx = 3, ok = "yes" }]
    table.drop = [{ ok = "no" }]
    table.missing = ["NA"]
    """
    got = mapped(text, dx=["1", "2", "3", "3", "NA"], ok=["", "no", "", "YES", ""])
    assert got.table.row_numbers == (2, 5)
    assert got.notes == ("3 rows left out by keep and drop",)


def test_no_row_left():
    """A filter that drops everything is a mistake."""
    assert told('table.keep = [{ dx = "x" }]', dx=["1"]) == [
        "no row is left: no infusion fits the mapping: correct keep and drop, or the file"
    ]


def test_columns_must_be_used_or_ignored():
    """Nothing is dropped silently; what is left out is noted."""
    assert told("", s=["1"], t_complete=["2"]) == [
        "columns are neither used nor ignored: s, t_complete: "
        "use them, or name them under ignore, or set ignore_others = true (under [table])"
    ]
    got = mapped('table.ignore = ["s", "*_complete"]', s=["1"], t_complete=["2"])
    assert got.notes == ("2 columns left out: s, t_complete",)


def test_pattern_of_ignore_is_no_regular_expression():
    """Only the asterisk means something."""
    assert "s(1)" not in told('table.ignore = ["s(*)"]', **{"s(1)": ["1"], "sx": ["1"]})[0]


def test_columns_that_the_table_does_not_have():
    """Each with the one that was probably meant."""
    assert told('fields.sex = "gendr"\ntable.drop = [{ x = 1 }]', gender=["1"]) == [
        "fields.sex names a column that the table does not have, got gendr: did you mean gender?",
        "table.drop names a column that the table does not have, got x: is it spelled as in the heading?",
        "columns are neither used nor ignored: gender: "
        "use them, or name them under ignore, or set ignore_others = true (under [table])",
    ]


def test_wrong_table():
    """Headings that may be values are not repeated."""
    assert told('fields.patient_id = "record"', s=["1"]) == [
        "none of the columns that the mapping names is in the heading: is it the right file? Are "
        "heading_row and delimiter right?"
    ]


def test_one_wrong_cell_of_a_record_is_told_once():
    """Mapping problems and those of the check come together, by row."""
    problems = told(f"{SEX}\n{CRP}", s=["1", "3"], c=["80", "1"])
    assert [problem.split(" ")[0] for problem in problems] == ["crp_mg_l", "sex"]


RELAPSE = """
[table]
decimal = ","
[fields.relapse_day]
column = "m"
unit = "weeks"
only_if = { m = "> 0" }
"""


def test_comparisons_understand_the_numbers_of_the_site():
    """A relapse after 2,0 weeks is not lost."""
    assert cells(RELAPSE, m=["2,0", "0", ""]) == ["14", "", ""]


def test_a_comparison_with_a_text_is_a_problem():
    """It is neither true nor false."""
    text = 'fields.prior_allo_hsct = { when = [{ if = { tx = ">= 1" }, then = true }], otherwise = false }'
    assert told(text, tx=["1", "2 x"]) == [
        "prior_allo_hsct (from tx) must be a number, because the mapping file compares it with one, "
        "got 2 x (row 3): add it to missing, or write a rule for this value before"
    ]


def test_a_comparison_of_keep_with_a_text_is_a_problem():
    """A row is neither kept nor dropped by guess."""
    assert told('table.keep = [{ n = "> 0" }]', n=["1", "two"]) == [
        "table.keep (from n) must be a number, because the mapping file compares it with one, "
        "got two (row 3): add it to missing, or write a rule for this value before"
    ]


def test_codes_apply_to_what_the_pattern_found():
    """The pattern first, then its group's code; the whole cell may still be a code."""
    text = """
    [fields.sex]
    column = "s"
    pattern = "([MF]) .*"
    codes = { M = "male", F = "female", none = "" }
    """
    assert cells(text, s=["M 31", "F 12", "none"]) == ["male", "female", ""]
    assert told(text, s=["31 M"]) == [
        "sex (from s) must match its pattern, got 31 M (row 2): "
        'correct the cell, or the pattern "([MF]) .*"; only if the cell means "unknown", add it to missing'
    ]


@pytest.mark.parametrize("cell", ["17.05.90", "17/05/90"])
def test_two_digit_years_are_told(cell):
    """And only the shape of a birth date."""
    text = 'table.dates = "DD.MM.YYYY"\nfields.age_years = { column = "i", years_since = "b" }'
    assert told(text, i=["03.11.2021"], b=[cell]) == [
        f"age_years (from b) must be a date written DD.MM.YYYY, got 00{cell[2]}00{cell[2]}00 (row 2): "
        "years need four digits: export again as DD.MM.YYYY, or set dates with YY, and two_digit_years"
    ]


def test_swapped_dates_are_told():
    """Without either date."""
    text = 'fields.age_years = { column = "b", years_since = "i" }'
    assert told(text, i=["2021-11-03"], b=["1990-05-17"]) == [
        "age_years (from b, i) must be 0 to 100 years, got 0000-00-00, converted to -31.5 (row 2): "
        "the date is before the birth: are the columns swapped?"
    ]


def test_a_unit_is_named_as_the_key():
    """What to write, not what to calculate."""
    assert told('fields.creatinine_mg_dl = "c"', c=["88"]) == [
        'creatinine_mg_dl (from c) must be 0.05 to 20 mg/dL, got 88 (row 2): umol/L? set unit = "umol/L"'
    ]


def test_an_identifier_in_another_column_is_masked():
    """Wherever it was copied to."""
    assert told('fields.ecog = "e"', e=["see secret-0"]) == [
        "ecog (from e) must be a whole number, 0 to 4, got see (an identifier) (row 2): "
        'define the value under codes, as in codes = { III = 3 }; if it means "unknown", add it to missing'
    ]


def test_a_transposed_table_is_told():
    """Patients across, columns down."""
    with pytest.raises(DataError) as refused:
        map_table(
            mapping_of({"fields": {"patient_id": "id", "sex": "s"}}, name="m.toml"),
            RawTable("t.csv", "00", ("what", "P-1"), (("id", "x"), ("s", "male")), (2, 3)),
        )
    assert [str(problem) for problem in refused.value.problems] == [
        "none of the columns that the mapping names is in the heading: "
        "is the table transposed? Every infusion needs a row of its own"
    ]


def test_a_wrong_encoding_is_told():
    """The heading may be data, and is not shown."""
    assert told("", **{"gr\u00f6\u00dfe": ["1"]}) == [
        "columns are neither used nor ignored: gr\u00f6\u00dfe: use them, or name them under ignore, "
        "or set ignore_others = true (under [table])"
    ]
    with pytest.raises(DataError, match="which has letters beyond a-z: is the encoding right"):
        map_table(
            mapping_of({"fields": {"patient_id": "id"}}, name="m.toml"),
            RawTable("t.csv", "00", ("gr\u00c3\u00b6\u00c3\u0178e",), (("1",),), (2,)),
        )


def test_a_row_with_an_identifier_and_nothing_else_is_refused():
    """Constants of the mapping do not make a patient of a total."""
    text = "\n".join(f'fields.{name} = "{name}"' for name in ("ecog", "crp_mg_l", "ldh_u_l"))
    assert told(f'{text}\nfields.center = {{ value = "x" }}', ecog=["1", ""], crp_mg_l=["1", ""],
                ldh_u_l=["200", ""]) == [
        "the row has an identifier and no values (row 3): "
        "is it a total or footer? Delete it, or drop it in the mapping file"
    ]  # fmt: skip


def test_a_date_where_a_number_should_be_is_shown_by_its_shape():
    """Also in a field that is not made of dates."""
    assert told('fields.relapse_day = "d"', d=["2021-11-03"]) == [
        "relapse_day (from d) must be a whole number, 1 to 20000 days, got 0000-00-00 (row 2): "
        "a date? use days_since with the column of the infusion date"
    ]


@pytest.mark.parametrize(
    ("condition", "units", "notes"),
    [
        ('{ u = "mg/dL" }', ["mg/l", "mg/L"], ("crp_mg_l: only_if (u = 'mg/dL') holds in no row",)),
        ('{ u = ["mg/dL", ""] }', ["mg/l"], ("crp_mg_l: only_if (u = 'mg/dL' or blank) holds in no row",)),
        ('{ u = "mg/dL" }', ["mg/l", "mg/dL"], ()),
        ('{ u = "> 1" }', ["mg/l"], ()),
    ],
)
def test_a_condition_that_holds_in_no_row_is_named(
    condition: str, units: list[str], notes: tuple[str, ...]
) -> None:
    """A misspelled unit would leave every cell blank; a cell that cannot be compared is a problem itself."""
    text = f'fields.crp_mg_l = [{{ column = "c", only_if = {condition} }}, {{ column = "c" }}]'
    got = mapped(text, c=["7"] * len(units), u=units)
    assert tuple(note.removesuffix(", so that entry gives no value") for note in got.notes) == notes
