"""What looks odd in a cohort without being wrong."""

from __future__ import annotations

import pytest

from features.checking.remarks import missing_share
from features.checking.remarks import remarks as remarks_of
from features.cohort import Cohort, cohort_from_rows
from features.decisions import DECISIONS, Decision

ALL = {
    "age_years": 31.0,
    "prior_lines": 3,
    "prior_blinatumomab": "none",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 62.0,
    "target_antigen": "cd19",
    "dose_1e6_per_kg": 1.0,
    "crs_grade": 1,
    "icans_grade": 0,
    "response_day28": "cr",
    "last_contact_day": 400,
}


def cohort_of(count: int = 12, **changed: object) -> Cohort:
    """Make a cohort of rows that are alike but for the age."""
    rows = [{"patient_id": str(n), **ALL, "age_years": 31.0 + n, **changed} for n in range(count)]
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


def remarks(cohort: Cohort) -> list[str]:
    """Give the words of the remarks."""
    return [str(remark) for remark in remarks_of(cohort)]


def test_nothing_odd_nothing_said():
    """A usual cohort gets no remark."""
    assert remarks(cohort_of()) == []


@pytest.mark.parametrize(
    ("changed", "remark"),
    [
        (
            {"marrow_blasts_pct": 0.4},
            "marrow_blasts_pct is 1 or less in all 12 rows that have it: fractions instead of %?",
        ),
        (
            {"crp_mg_l": 0.7},
            "crp_mg_l has a median of 0.7 in all 12 rows that have it: in mg/dL instead of mg/L?",
        ),
        (
            {"dose_1e6_per_kg": None},
            "no row has dose_1e6_per_kg: predictors that every request must bring",
        ),
        ({"icans_grade": None}, "no row has icans_grade: outcomes that need them cannot be trained"),
    ],
)
def test_remarks(changed, remark):
    """Each remark by its whole text."""
    assert remarks(cohort_of(**changed)) == [remark]


def test_a_patient_entered_twice_is_odd():
    """Rows are told, identifiers are not."""
    assert remarks(cohort_of(3, age_years=31.0)) == [
        "2 rows (3-4) equal to a row of another patient_id in every value: the same patient twice?"
    ]


def test_identifiers_that_are_spelled_nearly_alike_are_odd():
    """Rows are shown, identifiers are not."""
    rows = [{"patient_id": name, **ALL, "age_years": 31.0 + n} for n, name in enumerate(("P-7", "x", "p 07"))]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    (remark,) = remarks(cohort)
    assert remark == (
        "2 rows (2, 4) have a patient_id spelled nearly like another's (as P-1 and p-01): the same patient?"
    )


def test_few_rows_do_not_speak_of_units():
    """Two low values may be two well patients."""
    assert remarks(cohort_of(2, crp_mg_l=0.7)) == []


def test_sparse_columns_are_named():
    """Above half missing."""
    rows = [
        {"patient_id": str(n), **ALL, "age_years": 31.0 + n, "ecog": 1 if n < 4 else None} for n in range(12)
    ]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    assert remarks(cohort) == ["missing in more than half of the rows: ecog (67%)"]


def test_infusions_without_follow_up_are_counted():
    """Nothing known after the infusion."""
    follow_up = ("crs_grade", "icans_grade", "response_day28", "last_contact_day")
    rows = [{"patient_id": str(place), **ALL, "age_years": 31.0 + place} for place in range(12)]
    rows[0].update(dict.fromkeys(follow_up))
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    assert remarks(cohort) == ["1 of 12 infusions have no follow-up at all"]


def test_missing_share_counts_rows():
    """A column that is absent is missing everywhere."""
    shares = missing_share(cohort_of())
    assert (shares["age_years"], shares["ecog"]) == (0.0, 1.0)


def test_three_fractions_are_odd_and_two_are_not():
    """A percentage of 1 or less is rare; three in a row and none above are another unit."""
    odd = "marrow_blasts_pct is 1 or less in all 3 rows that have it: fractions instead of %?"
    assert odd in remarks(cohort_of(3, marrow_blasts_pct=0.62))
    assert remarks(cohort_of(2, marrow_blasts_pct=0.62)) == []


def test_hemoglobin_in_millimoles_is_odd():
    """A median of 6.2 is usual in mmol/L, and too low for a median in g/dL."""
    assert remarks(cohort_of(hemoglobin_g_dl=6.2)) == [
        "hemoglobin_g_dl has a median of 6.2 in all 12 rows that have it: in mmol/L instead of g/dL?"
    ]
    assert remarks(cohort_of(hemoglobin_g_dl=9.0)) == []


def with_unknown_responses(count: int, unknown: int) -> Cohort:
    """Make a cohort followed up for more than a year; the first rows have no response."""
    rows = [{"patient_id": str(n), **ALL, "age_years": 31.0 + n} for n in range(count)]
    for row in rows[:unknown]:
        row["response_day28"] = None
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))


def test_an_outcome_that_is_assumed_in_many_infusions_is_named():
    """With the decision behind it, and what changes it."""
    (remark,) = remarks(with_unknown_responses(12, unknown=3))
    assert remark == (
        "relapse and death_without_relapse rest on an assumption in 3 of 12 infusions "
        f"({DECISIONS[Decision.ASSUMED_IN_REMISSION]}): "
        "fill in response_day28, or train with --no-assume-remission to leave them out"
    )


@pytest.mark.parametrize(("count", "unknown"), [(4, 2), (20, 4)])
def test_an_outcome_that_is_assumed_in_few_infusions_is_not_named(count, unknown):
    """Two infusions, or a fifth of them."""
    assert remarks(with_unknown_responses(count, unknown)) == []


def test_facts_of_a_treatment_are_missed_only_where_it_was_given():
    """Six of twelve without HSCT and without months to relapse: nothing to remark; with HSCT there is."""
    fact = "months_from_hsct_to_relapse"
    rows = [
        {
            "patient_id": str(n),
            **ALL,
            "age_years": 31.0 + n,
            "prior_allo_hsct": n < 5,
            fact: 9.0 if n < 4 else None,
        }
        for n in range(12)
    ]
    few = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    assert remarks(few) == []
    fewer = [row | {fact: row[fact] if row["patient_id"] == "0" else None} for row in rows]
    sparse = cohort_from_rows(fewer, name="c.csv", sha256="00", present=frozenset(rows[0]))
    assert remarks(sparse) == [f"missing in more than half of the rows: {fact} (80%)"]
