"""The text of one cell becomes a value, or is refused with the fix."""

from __future__ import annotations

import pytest

from features.checking.parse_cell import NOT_BOOLEAN, CellError, parse_cell
from features.problem_codes import Code
from features.schema import all_fields

BLANK = "leave the cell blank where the value is unknown"
CODE = "is it a code? Define it under codes in a mapping file"
FORMULA = "a spreadsheet would run it as a formula"


def refusal(name: str, cell: str) -> tuple[str, str | None]:
    """Rule and fix of a refused cell."""
    with pytest.raises(CellError) as refused:
        parse_cell(all_fields()[name], cell)
    advice = refused.value.advice
    return refused.value.rule, advice.text if advice else None


@pytest.mark.parametrize("name", ["patient_id", "prior_lines", "ldh_u_l", "sex", "ph_positive"])
def test_blank_is_unknown(name):
    """For every kind."""
    assert parse_cell(all_fields()[name], "") is None


@pytest.mark.parametrize(
    ("cell", "value"), [("3", 3.0), ("3.5", 3.5), (".5", 0.5), ("5.", 5.0), ("+5", 5.0), ("1.2e2", 120.0)]
)
def test_plain_numbers(cell, value):
    """Digits with a decimal point, with or without exponent."""
    assert parse_cell(all_fields()["crp_mg_l"], cell) == value


@pytest.mark.parametrize("cell", ["3", "3.0", "3e0", "03"])
def test_whole_numbers(cell):
    """A whole number may be written with a point."""
    value = parse_cell(all_fields()["prior_lines"], cell)
    assert value == 3
    assert isinstance(value, int)


@pytest.mark.parametrize(
    ("cell", "fix"),
    [
        ("3,5", 'decimal comma? write 3.5, or set decimal = "," in a mapping file'),
        ("-3,5", 'decimal comma? write -3.5, or set decimal = "," in a mapping file'),
        ("1,234", "thousands separator or decimal comma? write 1234 or 1.234"),
        ("1,234,567", "are these thousands separators? Write the digits alone"),
        ("1.234,5", "are these thousands separators? Write the digits alone"),
        ("1 234", "are these thousands separators? Write the digits alone"),
        (
            "<5",
            "is it beyond a detection limit? Write the limit, or leave the cell blank",
        ),
        ("5 mg/dL", "write the number alone, in mg/L"),
        ("5%", "write the number alone, in mg/L"),
        ("NA", BLANK),
        ("unknown", BLANK),
        ("not done", BLANK),
        ("-", BLANK),
        ("-99", BLANK),
        ("999", BLANK),
        ("nan", BLANK),
        ("#DIV/0!", "a spreadsheet error: correct the formula, or leave the cell blank"),
        ("2021-11-03", "is it a date? Days count from infusion; a mapping file can convert dates"),
        ("03.11.2021", "is it a date? Days count from infusion; a mapping file can convert dates"),
        ("=A1+1", FORMULA),
        ("@sum", FORMULA),
        ("-cmd|x", FORMULA),
        ("\u22123", "write the minus sign as -"),
        ("inf", "write a number, or leave the cell blank"),
        ("1e999", "correct the cell"),
        ("0x1f", "write the number alone, in mg/L"),
        ("1_000", "write the number alone, in mg/L"),
        ("\u0663", "write a number, or leave the cell blank"),
        ("high", "write a number, or leave the cell blank"),
        ("701", "correct the cell"),
    ],
)
def test_numbers_that_are_refused(cell, fix):
    """The rule is the schema's; the fix meets the usual mistakes."""
    assert refusal("crp_mg_l", cell) == ("must be 0 to 700 mg/L", fix)


def test_unit_mistake_is_named():
    """A value outside the limits names the unit that it was probably written in."""
    assert refusal("dose_1e6_per_kg", "625000") == (
        "must be 0.001 to 50 10^6 CAR+ cells/kg",
        "cells, not millions? divide by 1e6",
    )


@pytest.mark.parametrize(
    ("name", "cell", "hint"),
    [
        ("ferritin_ug_l", "0.9", "correct the cell; if it is in mg/L, multiply by 1000"),
        ("ferritin_ug_l", "950000", "correct the cell; if it is in ng/dL, divide by 100"),
        ("fludarabine_mg_m2", "-30", "correct the cell"),
        ("weight_kg", "70000", "correct the cell; if it is in g, divide by 1000"),
        ("age_years", "372", "correct the cell; if it is in months, divide by 12"),
        ("age_years", "999", "leave the cell blank"),
    ],
)
def test_another_unit_or_a_slip_is_asked_about(name, cell, hint):
    """As a request over HTTP is; a code for an unknown value is no slip."""
    with pytest.raises(CellError) as caught:
        parse_cell(all_fields()[name], cell)
    assert str(caught.value.advice).startswith(hint)


def test_half_a_line_of_therapy_is_refused():
    """Whole numbers are not rounded."""
    assert refusal("prior_lines", "2.5") == ("must be a whole number, 0 to 20 lines", "write a whole number")


@pytest.mark.parametrize("cell", ["true", "TRUE", "Yes", "1", "1.0"])
def test_yes(cell):
    """Upper or lower case."""
    assert parse_cell(all_fields()["ph_positive"], cell) is True


@pytest.mark.parametrize("cell", ["false", "No", "0", "0.0"])
def test_no(cell):
    """Upper or lower case."""
    assert parse_cell(all_fields()["ph_positive"], cell) is False


@pytest.mark.parametrize(
    ("cell", "fix"),
    [
        ("y", "add codes = { y = true, n = false } in a mapping file"),
        ("ja", "add codes = { ja = true, nein = false } in a mapping file"),
        ("positive", NOT_BOOLEAN.text),
        ("2", CODE),
        ("-99", BLANK),
        ("unknown", BLANK),
        ("=TRUE()", FORMULA),
    ],
)
def test_booleans_that_are_refused(cell, fix):
    """Nothing is guessed."""
    assert refusal("ph_positive", cell) == ("must be true or false", fix)


@pytest.mark.parametrize(
    ("name", "cell", "fix"),
    [
        ("costimulatory_domain", "4-1BB", "write 4_1bb"),
        ("costimulatory_domain", "CD28", "write cd28"),
        ("sex", "Female", "write female"),
        ("sex", "femal", "did you mean female?"),
        ("sex", "1", CODE),
        ("sex", "unknown", BLANK),
        ("sex", "none", BLANK),
        ("sex", "x", None),
        ("sex", "=1", FORMULA),
        ("target_antigen", "CD19/CD22", "write cd19_cd22"),
    ],
)
def test_choices_that_are_refused(name, cell, fix):
    """Another spelling is named in the fix, and still refused."""
    field = all_fields()[name]
    assert refusal(name, cell) == (field.rule, fix)


def test_none_is_an_option_of_blinatumomab():
    """The word is no missing code where the schema gives it a meaning."""
    assert parse_cell(all_fields()["prior_blinatumomab"], "none") == "none"


@pytest.mark.parametrize("cell", ["BMT-001", "101", "P 12", "Patient A", "site/7", "\u0418\u0412-3"])
def test_codes_of_patients(cell):
    """Any code that gives nobody away."""
    assert parse_cell(all_fields()["patient_id"], cell) == cell


@pytest.mark.parametrize(
    ("cell", "looks_like"),
    [
        ("1987-03-12", "a date"),
        ("12.03.1987", "a date"),
        ("JD 12/03/1987", "a date"),
        ("jane@example.org", "an e-mail address"),
        ("Jane Doe", "a name"),
        ("Doe, Jane", "a name"),
        ("\u0410\u043d\u043d\u0430 \u041f\u0435\u0442\u0440\u043e\u0432\u0430", "a name"),
    ],
)
def test_identifiers_that_give_a_person_away(cell, looks_like):
    """Names, dates and addresses are no pseudonyms."""
    assert refusal("patient_id", cell) == (
        "must be a pseudonym",
        f"it looks like {looks_like}; give every patient a code",
    )


@pytest.mark.parametrize(
    ("cell", "rule", "fix"),
    [
        ("=HYPERLINK(1)", "must not start with = + - or @", FORMULA),
        ("+1", "must not start with = + - or @", FORMULA),
        ("-x", "must not start with = + - or @", FORMULA),
        ("@x", "must not start with = + - or @", FORMULA),
        ("a\x07b", "must not have line breaks or control characters", None),
        ("a\nb", "must not have line breaks or control characters", None),
        ("a\u202eb", "must not have line breaks or control characters", None),
        ("x" * 65, "must be text of 1 to 64 characters", None),
    ],
)
def test_texts_that_are_refused(cell, rule, fix):
    """Formulas, control characters and long texts."""
    assert refusal("center", cell) == (rule, fix)


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        ("crp_mg_l", "3,5", Code.DECIMAL_COMMA),
        ("crp_mg_l", "1 234", Code.THOUSANDS_SEPARATOR),
        ("crp_mg_l", "<5", Code.BEYOND_DETECTION_LIMIT),
        ("crp_mg_l", "2021-03-04", Code.DATE_FOR_NUMBER),
        ("crp_mg_l", "5 mg/L", Code.UNIT_IN_CELL),
        ("crp_mg_l", "\u22125", Code.MINUS_SIGN),
        ("crp_mg_l", "#REF!", Code.SPREADSHEET_ERROR),
        ("crp_mg_l", "=A1", Code.FORMULA),
        ("crp_mg_l", "high", Code.NOT_A_NUMBER),
        ("crp_mg_l", "n.d.", Code.UNKNOWN_VALUE),
        ("crp_mg_l", "-99", Code.UNKNOWN_VALUE),
        ("crp_mg_l", "-4", Code.OUTSIDE_LIMITS),
        ("creatinine_mg_dl", "88", Code.PROBABLY_OTHER_UNIT),
        ("prior_lines", "2.5", Code.NOT_WHOLE),
        ("sex", "Female", Code.OPTION_SPELLING),
        ("sex", "x", Code.NOT_AN_OPTION),
        ("sex", "2", Code.UNEXPLAINED_CODE),
        ("ph_positive", "ja", Code.NOT_YES_NO),
        ("ph_positive", "positive", Code.NOT_YES_NO),
        ("ph_positive", "2", Code.UNEXPLAINED_CODE),
        ("center", "x" * 65, Code.TEXT_TOO_LONG),
        ("center", "a\u202eb", Code.CONTROL_CHARACTERS),
        ("patient_id", "Jane Doe", Code.NOT_PSEUDONYMOUS),
        ("patient_id", "unknown", Code.NO_IDENTIFIER),
    ],
)
def test_every_usual_mistake_has_a_code(name, cell, code):
    """A program never needs to read the rule or the advice."""
    with pytest.raises(CellError) as refused:
        parse_cell(all_fields()[name], cell)
    assert refused.value.code == code


@pytest.mark.parametrize("cell", ["G2", "III", "Grad 3"])
@pytest.mark.parametrize("name", ["crs_grade", "icans_grade", "icaht_grade", "ecog"])
def test_grades_in_other_words_are_codes(name, cell):
    """A mapping file defines them; nothing is guessed."""
    fix = "write a number, or define the value under codes in a mapping file"
    assert refusal(name, cell) == (all_fields()[name].rule, fix)
