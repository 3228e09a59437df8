"""Yes and no never stand for a grade, days or a measurement in a draft."""

from __future__ import annotations

import pytest

from features.drafting.guesses import guesses_of
from features.drafting.headings import SURE, name_matches
from features.files.raw_table import RawTable

ONE_TWO, ZERO_ONE = ["1", "2", "1", "2", "2", "1"], ["0", "1", "0", "0", "1", "0"]
GRADES, DATES = ["0", "1", "3", "2", "0", "4"], [f"2021-0{month}-11" for month in range(1, 7)]


def guessed(**columns: list[str]) -> dict[str, tuple[str, bool]]:
    """Guess the columns of a table: field to column, and whether the draft states it."""
    named = {"Patient ID": [f"p{place}" for place in range(6)], **columns}
    rows = tuple(zip(*named.values(), strict=True))
    found = guesses_of(RawTable("t.csv", "00", tuple(named), rows, tuple(range(2, 8)))).fields
    return {guess.field: (guess.column, guess.entry.certain) for guess in found}


HEADINGS = {
    "crs_grade": ["CRS", "CRS yes/no", "СВЦ", "СВЦ тяжелый", "SLC", "crs_occurred"],
    "icans_grade": ["ICANS", "NEUROTOX", "Neurotoxizität", "нейротоксичность", "Neurotoxicidad"],
    "death_day": ["DEAD", "died", "verstorben", "умер", "Fallecido", "Tod"],
    "relapse_day": ["Relapse", "Rezidiv", "рецидив", "Recaída"],
    "allo_hsct_day": ["HSCT", "SZT", "ТГСК", "Trasplante", "Transplant after CAR-T"],
    "last_contact_day": ["Last contact", "Follow-up"],
}


@pytest.mark.parametrize(
    ("field", "heading"), [(field, each) for field, headings in HEADINGS.items() for each in headings]
)
@pytest.mark.parametrize(
    "cells",
    [ONE_TWO, ZERO_ONE, ["1", "2", "9", "1", "2", "1"], ["1", "0", "", "99", "0", "1"], ["yes", "no"] * 3]
    + [["да", "нет"] * 3, ["ja", "nein"] * 3, ["sí", "no"] * 3, ["Y", "N"] * 3],
    ids=["1/2", "0/1", "1/2/9", "0/1/99", "yes/no", "да/нет", "ja/nein", "sí/no", "Y/N"],
)
def test_yes_and_no_are_never_stated_as_grades_or_days(field, heading, cells):
    """In any language and coding: at most a comment, with what to look for."""
    given = {"Date of infusion": DATES, heading: cells}
    stated = {name for name, (column, certain) in guessed(**given).items() if certain and column == heading}
    assert stated <= {"prior_allo_hsct"}


@pytest.mark.parametrize(
    "heading",
    [
        "CRSGRD",
        "CRS grade",
        "crs_max_grade",
        "CRSGRADE",
        "max CRS grd",
        "CRS Grad",
        "СВЦ степень",
        "Grado SLC",
    ]
    + ["CRSmaxGrade", "grade_crs", "worstcrsgrade"],
)
@pytest.mark.parametrize("other", ["CRS", "СВЦ", "CRS yn"])
def test_the_column_of_grades_is_taken(heading, other):
    """Before one that only its heading speaks for, wherever it stands."""
    assert guessed(**{other: ONE_TWO, heading: GRADES})["crs_grade"] == (heading, True)
    assert guessed(**{heading: GRADES, other: ZERO_ONE})["crs_grade"] == (heading, True)


@pytest.mark.parametrize("heading", ["ICANSGRD", "ICANS grade", "neurotox_grade", "NTXGRD", "Grad ICANS"])
def test_the_column_of_icans_grades_is_taken(heading):
    """The same for neurotoxicity."""
    assert guessed(NEUROTOX=ONE_TWO, **{heading: GRADES})["icans_grade"] == (heading, True)


@pytest.mark.parametrize(
    ("field", "flag", "date"),
    [
        ("death_day", "DEAD", "Date of death"),
        ("death_day", "died", "deathdate"),
        ("relapse_day", "Rezidiv", "Rezidiv Datum"),
        ("relapse_day", "relapse", "relapsedt"),
        ("allo_hsct_day", "hsct", "HSCT date"),
        ("last_contact_day", "Follow-up", "lastfu date"),
    ],
)
def test_the_column_of_the_date_is_taken(field, flag, date):
    """A status beside its date."""
    later = [cell.replace("2021", "2022") for cell in DATES]
    found = guessed(**{"Date of infusion": DATES, flag: ONE_TWO, date: later})
    assert found[field] == (date, True)


def test_grades_of_a_mild_cohort_are_grades():
    """Where the heading says so; 1 and 2 alone are left to a person."""
    assert guessed(**{"CRS grade": ZERO_ONE})["crs_grade"] == ("CRS grade", True)
    assert guessed(CRS=ZERO_ONE)["crs_grade"] == ("CRS", False)
    assert guessed(**{"CRS grade": ONE_TWO})["crs_grade"] == ("CRS grade", False)
    assert guessed(CRS=["0", "2"] * 3)["crs_grade"] == ("CRS", True)
    assert guessed(ICANS=["0"] * 6)["icans_grade"] == ("ICANS", True)


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Follow-up (months)", ["3", "6", "9", "6", "3", "9"]),
        ("Follow-up years", ["0.5", "1", "2", "1.5", "3", "2"]),
        ("Last contact day", ["3", "4", "5", "9", "8", "70"]),
    ],
)
def test_a_short_follow_up_is_one(heading, cells):
    """Months and years are small numbers."""
    assert guessed(**{heading: cells})["last_contact_day"] == (heading, True)


def test_small_numbers_without_a_unit_are_left_to_a_person():
    """They may be days, weeks, months or years."""
    assert guessed(**{"Last contact": ["3", "4", "5", "9", "8", "7"]})["last_contact_day"][1] is False


def test_dates_that_no_field_takes_are_not_ignored():
    """A person has to say so; they may be those of an outcome."""
    named = {
        "Patient ID": ["a", "b", "c"],
        "Age": ["30", "31", "32"],
        "xyz_date": DATES[:3],
        "DOB": DATES[3:],
    }
    rows = tuple(zip(*named.values(), strict=True))
    unused = guesses_of(RawTable("t.csv", "00", tuple(named), rows, (2, 3, 4))).unused
    assert {each.column: each.certain for each in unused} == {"xyz_date": False, "DOB": False}


@pytest.mark.parametrize("heading", ["Ferritin", "CRP", "Flu", "Cyclo", "MRD", "LDH"])
@pytest.mark.parametrize("cells", [ONE_TWO, ZERO_ONE])
def test_given_or_not_is_no_measurement(heading, cells):
    """Fludarabine given, MRD positive, ferritin raised."""
    assert not any(certain for column, certain in guessed(**{heading: cells}).values() if column == heading)


@pytest.mark.parametrize("heading", ["ECOG", "Prior lines"])
def test_small_counts_stay_what_they_are(heading):
    """Zero and one are ordinary there."""
    assert any(certain for column, certain in guessed(**{heading: ZERO_ONE}).values() if column == heading)


@pytest.mark.parametrize(
    ("heading", "field"),
    [("crsgrd", "crs_grade"), ("infdate", "(day of infusion)"), ("dtdeath", "death_day")],
)
def test_words_that_are_run_together(heading, field):
    """Registries have names of eight letters."""
    assert next(match.field for match in name_matches(heading) if match.likeness >= SURE) == field


@pytest.mark.parametrize("heading", ["dosage", "package", "average", "Stage", "garage", "nonage", "homepage"])
def test_words_that_only_look_so(heading):
    """They name nothing."""
    assert [match.field for match in name_matches(heading) if match.likeness >= SURE] == []
