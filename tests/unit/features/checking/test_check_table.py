"""A table in the schema's columns becomes a cohort, or every problem is told."""

from __future__ import annotations

import numpy as np
import pytest

from features.checking import check_table as checking
from features.checking.cell_provenance import Origin
from features.checking.check_table import check_rows, check_table
from features.files.raw_table import RawTable
from features.problems import DataError


def table(**columns: list[str]) -> RawTable:
    """Make a table of columns; patients a, b, c, ... unless named."""
    count = len(next(iter(columns.values())))
    columns = {"patient_id": [f"secret-{place}" for place in range(count)], **columns}
    rows = tuple(zip(*columns.values(), strict=True))
    return RawTable("c.csv", "00", tuple(columns), rows, tuple(range(2, count + 2)))


def told(origin: Origin | None = None, **columns: list[str]) -> list[str]:
    """Say why a table is refused; no patient is named."""
    with pytest.raises(DataError) as refused:
        check_table(table(**columns), origin)
    assert "secret" not in str(refused.value)
    return [str(problem) for problem in refused.value.problems]


def test_values_arrive_typed():
    """A good table becomes a cohort."""
    cohort = check_table(
        table(
            age_years=["31", ""],
            ph_positive=["yes", "0"],
            relapse_day=["", "90"],
            last_contact_day=["400.0", "100"],
        )
    )
    np.testing.assert_array_equal(cohort.patients["age_years"], [31, np.nan])
    np.testing.assert_array_equal(cohort.patients["ph_positive"], [1, 0])
    np.testing.assert_array_equal(cohort.follow_up["last_contact_day"], [400, 100])
    assert cohort.present == {"patient_id", "age_years", "ph_positive", "relapse_day", "last_contact_day"}


def test_any_predictor_may_be_absent():
    """A file of identifiers and one column is a cohort."""
    assert len(check_table(table(ecog=["1"]))) == 1


def test_rows_are_not_filled_in():
    """What is written out again is what was there."""
    rows = check_rows(table(infusion_number=["", "2"], prior_car_t=["", ""]))
    assert rows[1] == {"patient_id": "secret-1", "infusion_number": 2, "prior_car_t": None}


def test_every_problem_is_told_in_row_order():
    """Columns first, then cells and contradictions by row."""
    assert told(
        age_years=["310", "31"],
        crs_grade=["2", "six"],
        relapse_day=["400", ""],
        last_contact_day=["365", "-5"],
        ldh=["1", "2"],
    ) == [
        "ldh is not a column of the schema: did you mean ldh_u_l? Else remove it, "
        "or map it with a mapping file",
        "age_years must be 0 to 100 years, got 310 (row 2): correct the cell; "
        "if it is in months, divide by 12",
        "crs_grading_system is required with crs_grade, got crs_grade 2 (row 2): fill it in, or "
        "blank the others",
        "relapse_day must not be after last_contact_day, got relapse_day 400, last_contact_day 365 (row "
        "2): correct the one that is wrong",
        "crs_grade must be a whole number, 0 to 5, got six (row 3): write a number, or define the value "
        "under codes in a mapping file",
        "last_contact_day must be a whole number, 0 to 20000 days, got -5 (row 3): correct the cell",
    ]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (
            {"surname": ["x"]},
            "surname is not a column of the schema and may identify a person: "
            "remove it; a cohort has days from infusion, no dates and no names",
        ),
        (
            {"infusion_date": ["x"]},
            "infusion_date is not a column of the schema and may identify a person: "
            "remove it; a cohort has days from infusion, no dates and no names",
        ),
        (
            {"qqqq": ["x"]},
            "qqqq is not a column of the schema: remove it, or map it with a mapping file",
        ),
        ({"patient_id": [""], "ecog": ["1"]}, "patient_id is required (row 2)"),
        (
            {"patient_id": ["1987-03-12"]},
            "patient_id must be a pseudonym (row 2): it looks like a date; give every patient a code",
        ),
        (
            {"patient_id": ["=secret"]},
            "patient_id must not start with = + - or @ (row 2): a spreadsheet would run it as a formula",
        ),
        (
            {"dose_1e6_per_kg": ["625000"]},
            "dose_1e6_per_kg must be 0.001 to 50 10^6 CAR+ cells/kg, got 625000 (row 2): "
            "cells, not millions? divide by 1e6",
        ),
        (
            {"infusion_number": ["2"], "prior_car_t": ["false"]},
            "prior_car_t must be true when infusion_number is above 1, got prior_car_t false, "
            "infusion_number 2 (row 2): correct the one that is wrong",
        ),
        (
            {"dose_1e6_per_kg": ["2"], "dose_total_1e6": ["70"], "weight_kg": ["70"]},
            "dose_1e6_per_kg and dose_total_1e6 / weight_kg differ by more than 10 %, got "
            "dose_1e6_per_kg 2, dose_total_1e6 70, weight_kg 70 (row 2): correct the dose, the total "
            "or the weight",
        ),
        (
            {"death_day": ["80"], "last_contact_day": ["90"]},
            "death_day must equal last_contact_day: nothing is known after death, got death_day 80, "
            "last_contact_day 90 (row 2): correct the one that is wrong",
        ),
        (
            {"patient_id": ["secret-1", "secret-1"], "ecog": ["1", "1"]},
            "infusion_number must be unique among a patient's rows, got blank, and blank in row 2 (row 3): "
            "number the infusions 1, 2, ...; is a row repeated?",
        ),
        (
            {"patient_id": ["secret-1", "secret-1"], "infusion_number": ["1", ""]},
            "infusion_number must be unique among a patient's rows, got blank, and 1 in row 2 (row 3): "
            "number the infusions 1, 2, ...; is a row repeated?",
        ),
        (
            {
                "patient_id": ["secret-1", "secret-1"],
                "infusion_number": ["1", "2"],
                "sex": ["male", "female"],
            },
            "sex must be the same in all rows of a patient, got female, and male in row 2 (row 3): "
            "correct the one that is wrong",
        ),
        (
            {"patient_id": ["secret-1"] * 2, "infusion_number": ["2", "1"], "age_years": ["30", "30.5"]},
            "age_years must not fall from one infusion to the next, got 30, and 30.5 in row 3 (row 2): "
            "correct the one that is wrong",
        ),
    ],
)
def test_single_problems(columns, problem):
    """Each rule by its whole message."""
    assert told(**columns) == [problem]


def test_a_failed_cell_is_told_once():
    """Rules that rest on it say nothing more."""
    assert told(relapse_day=["90"], last_contact_day=["soon"]) == [
        "last_contact_day must be a whole number, 0 to 20000 days, got soon (row 2): write a "
        "number, or leave the cell blank"
    ]
    assert len(told(patient_id=["secret-1"] * 2, infusion_number=["1", "x"])) == 1


def test_a_mistake_down_a_column_is_told_once():
    """200 rows in the wrong unit are one line."""
    assert told(hemoglobin_g_dl=[str(70 + row % 3) for row in range(200)]) == [
        "hemoglobin_g_dl must be 2 to 25 g/dL, got 70, 71, 72 (200 rows: 2-201): g/L? divide by 10"
    ]


def test_file_without_the_schemas_columns():
    """Its headings may be patients' values, and are not repeated."""
    secret = RawTable("c.csv", "00", ("secret-1", "31"), (("secret-2", "32"),), (2,))
    with pytest.raises(DataError) as refused:
        check_table(secret)
    assert str(refused.value) == (
        "c.csv: 1 problem\n  the heading names no column of the schema: "
        "is the heading missing? A site's own table needs a mapping file (--mapping)"
    )


def test_site_table_without_mapping():
    """Many unknown columns and no patient are a site's own table."""
    columns = ("sex", "record", "dx", "c1", "c2", "c3", "c4")
    with pytest.raises(DataError) as refused:
        check_table(RawTable("c.csv", "00", columns, (("male",) * 7,), (2,)))
    assert [str(problem) for problem in refused.value.problems] == [
        "columns are not in the schema: record, dx, c1, c2, c3, c4: "
        "a site's own table needs a mapping file (--mapping)",
        "patient_id is required: the file has no such column",
    ]


def test_problems_speak_of_the_sites_table():
    """Column, row and value are the site's own."""
    origin = Origin(
        columns={"creatinine_mg_dl": "crea"},
        cells={(0, "creatinine_mg_dl"): "4000"},
        rows={(0, "creatinine_mg_dl"): 17},
    )
    assert told(origin, creatinine_mg_dl=["45.2"]) == [
        "creatinine_mg_dl (from crea) must be 0.05 to 20 mg/dL, got 4000, converted to 45.2 (row 17): "
        "correct the cell, or unit, factor and offset in the mapping file"
    ]


def test_a_transposed_table_is_told():
    """Patients across, columns down; no patient is named."""
    secret = RawTable("c.csv", "00", ("what", "secret-1"), (("sex", "male"), ("ecog", "1")), (2, 3))
    with pytest.raises(DataError) as refused:
        check_table(secret)
    assert str(refused.value.problems[0]) == (
        "the heading names no column of the schema: "
        "is the table transposed? Every infusion needs a row of its own"
    )


def test_a_table_with_bars_is_told():
    """The one delimiter that is often met and not recognised."""
    bars = RawTable("c.csv", "00", ("patient_id|sex",), (("secret-1|male",),), (2,))
    with pytest.raises(DataError, match=r"is . the delimiter. Then set delimiter"):
        check_table(bars)


def test_a_date_is_shown_by_its_shape():
    """It may be somebody's birthday."""
    assert told(age_years=["17.05.1990"]) == [
        "age_years must be 0 to 100 years, got 00.00.0000 (row 2): "
        "is it a date? Days count from infusion; a mapping file can convert dates"
    ]


def test_an_identifier_in_another_column_is_masked():
    """Wherever it was copied to."""
    assert told(patient_id=["BMT-77"], ecog=["BMT-77"]) == [
        "ecog must be a whole number, 0 to 4, got (an identifier) (row 2): "
        "write a number, or define the value under codes in a mapping file"
    ]


def test_a_table_longer_than_any_cohort_is_refused_before_it_is_looked_at(monkeypatch):
    """A million rows of laboratory values are no infusions; looking at each takes minutes."""
    monkeypatch.setattr(checking, "MOST_INFUSIONS", 2)
    rows = (("a", "31"), ("b", "32"), ("c", "no number"))
    table = RawTable("c.csv", "00", ("patient_id", "age_years"), rows, (2, 3, 4))
    with pytest.raises(DataError, match="a row must be an infusion, and a cohort at most 2 rows, got 3 rows"):
        check_table(table)
