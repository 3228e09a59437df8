"""Forms that state their infusion: their grades are of that one, whatever the date of the form."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.site_case import SiteCase, site_case
from training.commands.map_table import map_table

INFUSIONS = """
    patient,Date of infusion,born,age_group
    N-1,2022-01-10,1990-02-03,a
    N-1,2022-03-01,1990-02-03,a
    N-2,2022-05-05,1981-04-05,b
    N-3,2022-06-06,1979-06-07,b
"""
FORMS = (
    "patient,GIVENYR,GIVENMO,GIVENDY,SEENYR,SEENMO,SEENDY,crs,relapsed,state\n"
    "N-1,2022,1,10,2022,4,20,3,02.2022,alive\n"
    "N-1,2022,3,1,2022,6,9,1,,alive\n"
    "N-2,2022,5,5,2022,8,99,2,00.08.2022,alive\n"
    "N-3,2022,6,7,2022,9,14,2,,dead\n"
)
MAPPING = """
[table]
infusion_date = "Date of infusion"
ignore = ["age_group"]
[tables.d100]
file = "forms.csv"
patient = "patient"
date = "seen"
infusion = "given"
dates = "DD.MM.YYYY"
partial = "middle"
[tables.d100.split_dates]
given = { year = "GIVENYR", month = "GIVENMO", day = "GIVENDY" }
seen = { year = "SEENYR", month = "SEENMO", day = "SEENDY", missing = [99] }
[fields]
patient_id = "patient"
infusion_number = { count_by = "Date of infusion" }
age_years = { column = "Date of infusion", years_since = "born" }
crs_grade = { table = "d100", column = "crs", first_after = "Date of infusion" }
crs_grading_system = { value = "astct_2019" }
relapse_day = { table = "d100", column = "relapsed", first_after = "Date of infusion" }
death_day = { table = "d100", first_after = "Date of infusion", only_if = { state = "dead" } }
last_contact_day = { table = "d100", last_after = "Date of infusion" }
"""


def case_of(folder: Path, *pairs: tuple[str, str], forms: str = FORMS) -> SiteCase:
    """Write the infusions, the forms and a mapping in which some texts are changed."""
    mapping = MAPPING
    for old, new in pairs:
        assert old in mapping
        mapping = mapping.replace(old, new)
    (folder / "forms.csv").write_text(forms, encoding="utf-8")
    return site_case(folder, INFUSIONS, mapping)


def test_a_form_that_was_filled_in_after_the_next_infusion(tmp_path):
    """Grade 3 is of the infusion that the form states; the relapse is of the one before its date."""
    case = case_of(tmp_path)
    assert case.columns("crs_grade", "relapse_day", "death_day", "last_contact_day") == [
        ("3", "36", "", "150"),
        ("1", "", "", "100"),
        ("2", "102", "", "102"),
        ("", "", "100", "100"),
    ]


def test_what_is_said_of_forms(tmp_path):
    """A form of another day is no form of the infusion; dates without a day are counted."""
    told = case_of(tmp_path).imported()[1]
    assert "d100: 4 rows, 1 about no infusion of the first table: only days count, by their dates" in told
    assert "d100: 1 date of rows without a day read as the 15th of the month, or 1 July" in told
    assert "relapse_day: 2 dates without a day read as the 15th of the month, or 1 July" in told


def test_a_field_has_its_own_rule_for_unknown_days(tmp_path):
    """The dates of other fields keep that of the table."""
    case = case_of(tmp_path, ('"relapsed", first', '"relapsed", partial = "unknown", first'))
    assert case.columns("relapse_day", "last_contact_day")[2] == ("", "102")
    assert "relapse_day: 2 dates without a day left out" in case.imported()[1]


def test_a_rule_for_unknown_days_that_is_none(tmp_path):
    """It is one problem."""
    case = case_of(tmp_path, ('"relapsed", first', '"relapsed", partial = "second", first'))
    assert [problem for problem in case.refused() if "partial" in problem] == case.refused()
    assert len(case.refused()) == 1


def test_a_date_of_columns_needs_a_name_of_its_own(tmp_path):
    """As in the first table."""
    case = case_of(tmp_path, ("seen = {", "state = {"), ('"seen"', '"state"'))
    assert case.refused()[0].startswith("tables.d100.split_dates.state is also a column of the table")


def test_a_part_that_is_not_there(tmp_path):
    """The message names the key."""
    case = case_of(tmp_path, ('day = "SEENDY"', 'day = "SEENDAY"'))
    assert case.refused()[0].startswith("tables.d100.split_dates names a column that d100 does not have")


@pytest.mark.parametrize("days", ["0", "[0, 0]"])
def test_a_window_on_the_day_of_infusion_for_what_begins_later(tmp_path, days):
    """No row could ever be in it, if the rows do not state their infusion."""
    key = "nearest" if "[" in days else "first_after"
    rule = f'{key} = "Date of infusion", days = {days}'
    way = f'{{ table = "d100", column = "state", codes = {{ "*" = "cr" }}, {rule} }}'
    entry = ("death_day =", f"response_day28 = {way}\ndeath_day =")
    case = case_of(tmp_path, ('infusion = "given"\n', ""), entry)
    assert case.refused()[0].startswith("fields.response_day28.days must reach beyond the day of infusion")


def test_a_draft_of_forms_with_a_date_of_the_first_table(tmp_path):
    """A heading that both tables have is that of the infusion, although no word says so."""
    dated = [("2022-01-10", "2022-04-20"), ("2022-03-01", "2022-06-09"), ("2022-05-05", "2022-08-09")]
    patients = ("N-1", "N-1", "N-2")
    rows = [f"{who},{treated},{seen},2" for who, (treated, seen) in zip(patients, dated, strict=True)]
    case = case_of(tmp_path, forms="\n".join(["patient,Date of treatment,Date of follow-up,crs", *rows, ""]))
    case.table.write_text(case.table.read_text().replace("Date of infusion", "Date of treatment"))
    out = tmp_path / "draft.toml"
    map_table(case.table, out, further=[str(tmp_path / "forms.csv")], console=Console(file=io.StringIO()))
    lines = [line.partition("  # check")[0] for line in out.read_text(encoding="utf-8").splitlines()]
    start = lines.index("# [tables.forms]")
    assert lines[start + 3 : start + 5] == [
        '# date = "Date of follow-up"',
        '# infusion = "Date of treatment"',
    ]


def test_a_draft_of_forms(tmp_path):
    """The date of the infusion is not that of the form."""
    case = case_of(tmp_path, forms=FORMS.replace("GIVEN", "INF"))
    out = tmp_path / "draft.toml"
    map_table(case.table, out, further=[str(tmp_path / "forms.csv")], console=Console(file=io.StringIO()))
    lines = [line.partition("  # check")[0] for line in out.read_text(encoding="utf-8").splitlines()]
    start = lines.index("# [tables.forms]")
    assert lines[start + 1 : start + 9] == [
        '# file = "forms.csv"',
        '# patient = "patient"',
        '# date = "SEEN date"',
        '# infusion = "INF date"',
        "# ignore_others = true",
        "# [tables.forms.split_dates]",
        '# "INF date" = { year = "INFYR", month = "INFMO", day = "INFDY" }',
        '# "SEEN date" = { year = "SEENYR", month = "SEENMO", day = "SEENDY", missing = [99] }',
    ]
