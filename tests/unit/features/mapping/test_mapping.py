"""What a mapping file may say, and how its mistakes are told."""

from __future__ import annotations

import tomllib

import pytest

from features.mapping.definition import SiteMapping
from features.mapping.file import mapping_of
from features.problems import DataError

PARTS = "table, redcap, fields, split_dates, tables"
"""Of a mapping file."""


def mapping(text: str) -> SiteMapping:
    """Read the text of a mapping file; its patients stand in column id unless it says otherwise."""
    content = tomllib.loads(text)
    content["fields"] = {"patient_id": "id", **content.get("fields", {})}
    return mapping_of(content, name="site.toml")


def told(text: str) -> list[str]:
    """Say why a mapping is refused."""
    with pytest.raises(DataError) as refused:
        mapping(text)
    return [str(problem) for problem in refused.value.problems]


def test_short_and_long_form_say_the_same():
    """A column's name alone is the column."""
    assert mapping('fields.age_years = "a"') == mapping('fields.age_years = { column = "a" }')


def test_fields_come_in_schema_order():
    """Whatever the order of the file."""
    fields = mapping('fields.sex = "s"\nfields.age_years = "a"').fields
    assert [how.field for how in fields] == ["patient_id", "age_years", "sex"]


def test_numbers_and_words_are_codes():
    """Codes and missing codes are compared as text."""
    says = mapping(
        'table.missing = [-99, "NA"]\nfields.sex = { column = "s", codes = { 1 = "male", f = "female" } }'
    )
    assert says.missing == ("-99", "NA")
    assert says.fields[1].codes == {"1": "male", "f": "female"}


def test_true_and_false_are_values():
    """They are written as in TOML."""
    says = mapping('fields.ph_positive = { column = "p", codes = { 1 = true, 2 = false, 3 = "" } }')
    assert says.fields[1].codes == {"1": "true", "2": "false", "3": ""}


def test_unit_is_a_factor():
    """umol/L divided by 88.42."""
    how = mapping('fields.creatinine_mg_dl = { column = "c", unit = "umol/L" }').fields[1]
    assert how.factor == pytest.approx(1 / 88.42, rel=1e-15)


def test_used_columns_are_all_that_a_field_asks_for():
    """Column, divisor and condition."""
    text = 'fields.dose_1e6_per_kg = { column = "c", divide_by = "w", only_if = { given = 1 } }'
    assert mapping(text).fields[1].used == ("c", "given", "w")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "colums = 1",
            [f"colums is not a key of a mapping file: the keys here are {PARTS}"],
        ),
        ("missing = [-99]", ["missing is not a key of a mapping file: it belongs under [table]"]),
        ("table.mising = [-99]", ["table.mising is not a key of a mapping file: did you mean missing?"]),
        ("table.missing = {}", ["table.missing must be a list of texts or numbers"]),
        ('table.decimal = ";"', ["table.decimal must be one of ., ,, got ;"]),
        ('table.decimal = ","\ntable.thousands = ","', ["table.thousands must differ from decimal, got ,"]),
        ('table.delimiter = "||"', ["table.delimiter must be one character, got ||"]),
        (
            'table.encoding = "latin-99"',
            ['table.encoding is not a text encoding, got latin-99: as "utf-8", "cp1252", "utf-16"'],
        ),
        (
            'table.encoding = "base64"',
            ['table.encoding is not a text encoding, got base64: as "utf-8", "cp1252", "utf-16"'],
        ),
        ("table.heading_row = 0", ["table.heading_row must be a whole number, 1 to 1000, got 0"]),
        (
            'table.ignore_others = "yes"',
            ["table.ignore_others must be true or false, without quotes, got yes"],
        ),
        (
            'table.dates = "DD.MM.YY"',
            [
                "table.two_digit_years is required for years of two digits: two_digit_years = 30 reads 30 as "
                "2030 and 31 as 1931"
            ],
        ),
        ("table.keep = [{}]", ["table.keep must name at least one column in every condition"]),
        ('table.keep = "x"', ["table.keep must be a list of tables"]),
        (
            "table.drop = [{ a.b = 1 }]",
            [
                "table.drop.a must be a value or a list of values: "
                'quote a name or code that has a point, as "1.5"'
            ],
        ),
        ("table = 5", ["table must be a table, got 5"]),
        ('fields.sexe = "s"', ["fields.sexe is not a column of the schema: did you mean sex?"]),
        ('fields.qqqq = "s"', ["fields.qqqq is not a column of the schema: see the data dictionary"]),
        ("fields.sex = 5", ["fields.sex must be a column's name or a table, got 5"]),
        (
            "fields.sex = {}",
            ["fields.sex.column is required, or one of columns, value, when, count_by, until_next"],
        ),
        (
            'fields.sex = { column = "s", value = "male" }',
            ["fields.sex.value and column exclude each other"],
        ),
        ("fields.sex = { columns = [] }", ["fields.sex.columns must not be empty"]),
        ("fields.sex = { when = [] }", ["fields.sex.when must not be empty"]),
        (
            'fields.sex = { column = "s", codes = { 1 = "man" } }',
            ["fields.sex.codes.1 must be one of female, male, got man"],
        ),
        (
            'fields.sex = { column = "s", codes = { 1.5 = "male" } }',
            [
                "fields.sex.codes.1 must be a text, a number, true or false: "
                'quote a name or code that has a point, as "1.5"'
            ],
        ),
        (
            'fields.sex = { value = "Male" }',
            ["fields.sex.value must be one of female, male, got Male: write male"],
        ),
        (
            'fields.sex = { when = [{ then = "male" }] }',
            ["fields.sex.when.if is required in every rule of when"],
        ),
        (
            "fields.sex = { when = [{ if = { s = 1 } }] }",
            ["fields.sex.when.then is required in every rule of when"],
        ),
        (
            'fields.sex = { column = "s", otherwise = "male" }',
            ["fields.sex.otherwise needs when"],
        ),
        (
            'fields.sex = { column = "s", factor = 2 }',
            ["fields.sex.factor is for numbers read from a column, and not beside unit"],
        ),
        (
            'fields.sex = { columns = ["s", "t"], take = "max" }',
            ["fields.sex.take needs columns, of numbers unless it is first"],
        ),
        (
            'fields.crp_mg_l = { column = "c", unit = "mg/dll" }',
            [
                "fields.crp_mg_l.unit is not a known unit of this field, got mg/dll: "
                "did you mean mg/dL? known units are mg/L, ug/mL, mg/dL; otherwise give a factor"
            ],
        ),
        (
            'fields.ecog = { column = "e", unit = "points" }',
            ["fields.ecog.unit is not a known unit of this field, got points: it has no unit"],
        ),
        ('fields.crp_mg_l = { column = "c", factor = 0 }', ["fields.crp_mg_l.factor must not be 0"]),
        (
            'fields.crp_mg_l = { column = "c", factor = "10" }',
            ["fields.crp_mg_l.factor must be a number, got 10"],
        ),
        (
            'fields.crp_mg_l = { column = "c", beyond_limit = "half" }',
            ["fields.crp_mg_l.beyond_limit must be one of limit, blank, got half"],
        ),
        (
            'fields.age_years = { column = "d", days_since = "b" }',
            ["fields.age_years.days_since needs column, and a field in days"],
        ),
        (
            'fields.relapse_day = { column = "d", days_since = "b", round = true }',
            ["fields.relapse_day.round is for numbers that are read from a column"],
        ),
        (
            'fields.ecog = { column = "e", pattern = "(" }',
            [
                "fields.ecog.pattern is not a regular expression "
                "(missing ), unterminated subpattern at position 0), got ("
            ],
        ),
        (
            'fields.ecog = { column = "e", pattern = "[0-9]" }',
            ["fields.ecog.pattern must have one group in parentheses, got [0-9]"],
        ),
        ("fields.ecog = []", ["fields.ecog must be one way to make the field, not a list of them"]),
        (
            'fields.patient_id = ["a", "b"]',
            ["fields.patient_id must be one way to make the field, not a list of them"],
        ),
        ('fields.ecog = ["a", 5]', ["fields.ecog must be a column's name or a table, got 5"]),
        (
            'fields.crs_grade = [{ column = "a", belongs_to = "first_infusion" }, '
            '{ column = "b", belongs_to = "last_infusion" }]',
            ["fields.crs_grade.belongs_to must be the same in every entry of a field"],
        ),
        (
            "fields.center = { value = [1] }",
            [
                "fields.center.value must be a text, a number, true or false",
                "fields.center.value must not be empty",
            ],
        ),
        (
            'fields.ecog = { until_next = "d" }',
            ["fields.ecog.until_next is for next_infusion_day only"],
        ),
        (
            'fields.ecog = { count_by = "d" }',
            ["fields.ecog.count_by is for infusion_number only"],
        ),
        (
            'fields.patient_id = { value = "a" }',
            ["fields.patient_id.value is not for patient_id: name its column"],
        ),
        (
            'redcap = { infusion_instrument = "a", infusion_events = ["b"] }',
            ["redcap.infusion_events and infusion_instrument exclude each other"],
        ),
        (
            'redcap.qqqq = "a"',
            [
                "redcap.qqqq is not a key of a mapping file: the keys here are infusion_instrument, "
                "infusion_events, ignore_instruments, ignore_events, from_record, from_infusion, from_event"
            ],
        ),
    ],
)
def test_mistakes(text, problems):
    """Each mistake by its whole message."""
    assert told(text) == problems


def test_all_mistakes_are_told_at_once():
    """One mistake does not hide another."""
    text = 'x = 1\ntable.y = 1\nfields.sexe = "s"\nfields.sex = { column = "s", codes = { 1 = "m" } }'
    assert len(told(text)) == 4


def test_patient_id_is_required():
    """Without it no row is anybody's."""
    with pytest.raises(DataError) as refused:
        mapping_of({"fields": {"sex": "s"}}, name="site.toml")
    assert str(refused.value) == (
        "site.toml: 1 problem\n  fields.patient_id is required: name the site's column"
    )


def test_fields_are_required():
    """An empty mapping maps nothing."""
    with pytest.raises(DataError) as refused:
        mapping_of({}, name="site.toml")
    assert str(refused.value) == (
        "site.toml: 1 problem\n  fields must name at least patient_id and its column"
    )


def test_a_field_below_a_table_of_a_field():
    """TOML puts it into that table; the way out is named."""
    text = """
    [fields]
    patient_id = "id"
    [fields.costimulatory_domain]
    column = "c"
    ldh_u_l = "l"
    """
    assert told(text) == [
        "fields.costimulatory_domain.ldh_u_l is not a key of a mapping file: "
        "ldh_u_l is a field: move the line above [fields.costimulatory_domain]"
    ]


@pytest.mark.parametrize("comparison", ["> 1,5", "<= 1 000", ">1.5.2"])
def test_comparisons_that_could_never_hold(comparison):
    """A decimal comma in the mapping itself."""
    text = f'fields.patient_id = "id"\ntable.keep = [{{ n = "{comparison}" }}]'
    assert told(text) == [
        f"table.keep.n must compare with a number written with a decimal point, as > 1.5, got {comparison}"
    ]


def test_a_pattern_that_could_run_without_end():
    """It is refused with the mapping, before any table is read."""
    text = 'fields.patient_id = "id"\nfields.ldh_u_l = { column = "l", pattern = "(a+)+" }'
    assert told(text) == ["fields.ldh_u_l.pattern must not repeat a group: )+, got (a+)+"]
