"""Mistakes in the parts of a mapping file that are about further tables."""

from __future__ import annotations

import tomllib

import pytest

from features.checking.moments import Moment
from features.mapping.file import mapping_of
from features.mapping.linked_definition import OverTime
from features.mapping.linked_entries import content_of_tables
from features.mapping.redcap_layout import ValueOverTime
from features.mapping.timed_choice import Candidates, Chosen, Measurement
from features.problems import DataError

BASE = {
    "table": 'infusion_date = "given"\n',
    "labs": 'file = "labs.csv"\npatient = "id"\ndate = "day"\n',
    "field": 'ldh_u_l = { table = "labs", column = "ldh", last_before = "ld", days = 7 }\n',
}
LONG = BASE["labs"] + 'name = "test"\nvalue = "result"\nunit = "unit"\n'


def told(**parts: str) -> list[str]:
    """Give the problems of a mapping file, without the advice."""
    text = {**BASE, **parts}
    content = (
        f'[table]\n{text["table"]}[tables.labs]\n{text["labs"]}[fields]\npatient_id = "id"\n{text["field"]}'
    )
    try:
        mapping_of(tomllib.loads(content), name="site.toml")
    except DataError as error:
        return [str(problem).partition(": ")[0] for problem in error.problems]
    return []


def field(keys: str, name: str = "ldh_u_l", table: str = "labs") -> str:
    """Write an entry."""
    return f'{name} = {{ table = "{table}", {keys} }}\n'


def test_the_example_has_no_mistake():
    """So that each test below changes one thing."""
    assert told() == []
    assert told(labs=LONG, field=field('name = "LDH", last_before = "ld", days = 7')) == []


@pytest.mark.parametrize(
    ("labs", "problems"),
    [
        ('file = "labs.csv"\ndate = "day"\n', ["tables.labs.patient is required"]),
        ('file = "labs.csv"\npatient = "id"\n', ["tables.labs.date is required"]),
        (
            'patient = "id"\ndate = "day"\n',
            ["tables.labs.file is required, or one of sheet, instrument, event"],
        ),
        (
            f'{BASE["labs"]}instrument = "labs"\n',
            ["tables.labs.file excludes instrument and event"],
        ),
        (
            BASE["labs"].replace("labs.csv", "../labs.csv"),
            [
                "tables.labs.file must be the name of a file beside the mapping file, or in a folder there, "
                "got ../labs.csv"
            ],
        ),
        (
            f'{BASE["labs"]}name = "test"\n',
            ["tables.labs.value is required", "fields.ldh_u_l.name is required"]
            + ["fields.ldh_u_l.column is the one that labs names as value"],
        ),
        (
            f'{BASE["labs"]}value = "result"\n',
            ["tables.labs.name is required"],
        ),
        (f'{BASE["labs"]}unit = "unit"\n', ["tables.labs.unit needs name and value"]),
        (
            'instrument = "labs"\npatient = "id"\ndate = "day"\nignore_others = true\n',
            ["tables.labs.ignore_others is not a key of a mapping file"],
        ),
        (f'{BASE["labs"]}decimals = ","\n', ["tables.labs.decimals is not a key of a mapping file"]),
        (f'{BASE["labs"]}time_zone = "CET"\n', ["tables.labs.time_zone is not a time zone, got CET"]),
    ],
)
def test_mistakes_in_a_table(labs, problems):
    """Each by its message."""
    assert told(labs=labs) == problems


def test_a_table_that_is_no_table():
    """Its fields then have none either."""
    with pytest.raises(DataError, match="tables must be a table"):
        mapping_of({"tables": 5, "fields": {"patient_id": "id"}}, name="site.toml")
    with pytest.raises(DataError, match=r"tables\.labs must be a table"):
        mapping_of({"tables": {"labs": 5}, "fields": {"patient_id": "id"}}, name="site.toml")
    assert content_of_tables({"tables": 5}) == content_of_tables({"tables": {"labs": 5}}) == []


@pytest.mark.parametrize(
    ("entry", "problems"),
    [
        (
            field('column = "ldh", last_before = "ld", days = 7', table="lab"),
            ["fields.ldh_u_l.table is not a table, got lab"],
        ),
        (
            field('column = "ldh", days = 7'),
            [
                "fields.ldh_u_l.last_before is required, or one of first_after, last_after, nearest, "
                "highest_within, lowest_within, worst_within"
            ],
        ),
        (
            field('column = "ldh", days = 7, last_before = "ld", nearest = "ld"'),
            ["fields.ldh_u_l.nearest and last_before exclude each other"],
        ),
        (
            field(
                'column = "g", unit_column = "u", worst_within = "given", days = [0, 30]', name="crs_grade"
            ),
            [],
        ),
        (field('column = "ldh", last_before = "ld"'), ["fields.ldh_u_l.days is required"]),
        (
            field('column = "ldh", last_before = "ld", days = "7"'),
            [
                "fields.ldh_u_l.days must be a whole number of days, or a list of the first and the last "
                "day, got 7"
            ],
        ),
        (
            field('column = "ldh", last_before = "ld", days = 40000'),
            ["fields.ldh_u_l.days must be at most 36525 days (100 years), got 40000"],
        ),
        (
            field('column = "ldh", highest_within = "ld", days = 7'),
            ["fields.ldh_u_l.days must be a list of the first and the last day, counted from the date"],
        ),
        (
            field('column = "ldh", last_before = "ld", days = [0, -7]'),
            ["fields.ldh_u_l.days must begin before it ends"],
        ),
        (
            field('column = "ldh", last_before = "ld", days = [-7, 1]'),
            ["fields.ldh_u_l.days must be days before the date that last_before names"],
        ),
        (
            field('column = "ldh", first_after = "ld", days = [-1, 7]'),
            ["fields.ldh_u_l.days must be days after the date that first_after names"],
        ),
        (
            field('column = "ldh", worst_within = "ld", days = [-7, 0]'),
            ["fields.ldh_u_l.worst_within is for grades"],
        ),
        (
            field('column = "c", highest_within = "ld", days = [-7, 0]', name="cns_status"),
            ["fields.cns_status.highest_within is for numbers and grades"],
        ),
        (
            field('column = "c", last_before = "ld", days = 7, tie = "mean", unit = "x"', name="cns_status"),
            [
                "fields.cns_status.unit is not a known unit of this field, got x",
                "fields.cns_status.tie must be first or last where the values are no numbers",
                "fields.cns_status.unit is for numbers",
            ],
        ),
        (
            field('column = "ldh", lowest_within = "ld", days = [-7, 0], tie = "mean"'),
            ["fields.ldh_u_l.tie is not needed with lowest_within"],
        ),
        (
            field('column = "g", first_after = "given", same_day = true', name="crs_grade"),
            ["fields.crs_grade.same_day is for predictors"],
        ),
        (field('last_before = "ld", days = 7'), ["fields.ldh_u_l.column is required"]),
        (
            field('column = "ldh", name = "LDH", last_before = "ld", days = 7'),
            ["fields.ldh_u_l.name needs the column of names in the table"],
        ),
        (
            field('column = "ldh", last_before = "ld", days = 7, units = { x = "U/L" }'),
            [
                "fields.ldh_u_l.units needs the column of units in the table, or unit_column; for one "
                "unit in every row, use unit"
            ],
        ),
        (
            field('column = "ldh", last_before = "ld", days = 7, factor = 2, unit = "ukat/L"'),
            ["fields.ldh_u_l.factor and a unit exclude each other"],
        ),
        (
            field('column = "ldh", last_before = "ld", days = 7, divide_by = "x"'),
            ["fields.ldh_u_l.divide_by is not for values over time"],
        ),
        (
            field('column = "sx", last_before = "ld", days = 7', name="center"),
            ["fields.center.table is not for this field"],
        ),
        (
            field('first_after = "given"', name="next_infusion_day"),
            ["fields.next_infusion_day.table is not for this field"],
        ),
        (
            field('column = "g", first_after = "ld"', name="crs_grade"),
            ["fields.crs_grade.first_after must count from given, the date of the infusion, got ld"],
        ),
        (
            field('column = "g", nearest = "given", days = 7', name="crs_grade"),
            ["fields.crs_grade.days must not begin before the infusion"],
        ),
        (
            field('column = "r", first_after = "given", codes = { 1 = 5 }', name="relapse_day"),
            ["fields.relapse_day.codes is not for values over time that are days"],
        ),
    ],
)
def test_mistakes_in_an_entry(entry, problems):
    """Each by its message."""
    assert told(field=entry) == problems


@pytest.mark.parametrize("rule", ['nearest = "given", days = 3', 'first_after = "given", days = 3'])
def test_a_predictor_from_after_the_infusion_is_refused(rule):
    """It would be known only after what it predicts."""
    told_of = told(field=field(f'column = "ldh", {rule}'))
    assert told_of == [
        f"fields.ldh_u_l.{rule.split()[0]} reaches past the infusion, and the field is a predictor"
    ]


def test_values_over_time_need_the_date_of_infusion():
    """Without it nothing says what is before and after."""
    assert told(table="") == ["fields.ldh_u_l.last_before needs infusion_date under [table]"]


@pytest.mark.parametrize(
    ("keys", "problems"),
    [
        ('units = { "U/l" = "U/L", nkat = 0.06 }', []),
        ('units = { a = "U/LL" }', ["fields.ldh_u_l.units.a is not a known unit, got U/LL"]),
        ("units = { a = [] }", ["fields.ldh_u_l.units.a is not a known unit"]),
        ("units = { a = -1 }", ["fields.ldh_u_l.units.a is not a known unit, got -1"]),
        ('unit = "ukat/L"', ["fields.ldh_u_l.unit contradicts the units in the rows of labs"]),
        ('column = "x"', ["fields.ldh_u_l.column is the one that labs names as value"]),
    ],
)
def test_units_of_rows(keys, problems):
    """A unit is one of the field's, or a factor."""
    entry = field(f'name = "LDH", last_before = "ld", days = 7, {keys}')
    assert told(labs=LONG, field=entry) == problems


def test_an_outcome_is_from_one_kind_of_table():
    """Only values over time have windows; a predictor may be from both."""
    both = '{{ name }} = [{ table = "labs", column = "x", last_after = "given" }, "y"]\n'
    problem = ["fields.relapse_day must be from further tables in all entries or in none"]
    assert told(field=both.replace("{{ name }}", "relapse_day")) == problem
    assert told(field=f'ldh_u_l = [{BASE["field"].split("=", 1)[1].strip()}, "y"]\n') == []


@pytest.mark.parametrize(
    "file", ["/data/labs.csv", "..\\\\labs.csv", "C:\\\\labs.csv", "labs/../../x.csv", ""]
)
def test_a_file_is_beside_the_mapping_file(file):
    """So that a mapping that came by mail reads nothing else."""
    assert told(labs=BASE["labs"].replace("labs.csv", file))[0].startswith(
        "tables.labs.file must be the name"
    )
    assert told(labs=BASE["labs"].replace("labs.csv", "deliveries/labs.csv")) == []


def test_no_value_is_in_the_text_of_an_object():
    """Neither a cell nor a date: a traceback may be sent by mail."""
    measurement = Measurement(Moment(738_000, 5), 7, "410")
    held = [measurement, Chosen("410", measurement), ValueOverTime("410", 7, "410")]
    held += [Candidates(OverTime("ldh_u_l.0", "labs", "x", "ld", "last"), Moment(738_000), [measurement])]
    assert [each for each in held if "410" in repr(each) or "738" in repr(each)] == []
