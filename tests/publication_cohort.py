"""Small cohorts for tests of a publication: worked out by hand, or hostile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features.cohort import Cohort, cohort_from_rows

FOLLOWED = {
    "crs_grade": 1,
    "crs_grading_system": "astct_2019",
    "icans_grade": 0,
    "response_day28": "cr",
    "relapse_day": None,
    "death_day": None,
    "last_contact_day": 800,
}
"""Of a patient without any event."""


def cohort_of(rows: Sequence[Mapping[str, Any]], *, name: str = "cohort.csv") -> Cohort:
    """Make a cohort; what a row does not state is as in `FOLLOWED`, its patient is its own."""
    whole = [{"patient_id": f"P{number}", **FOLLOWED, **row} for number, row in enumerate(rows)]
    columns = frozenset(column for row in whole for column in row)
    return cohort_from_rows(whole, name=name, sha256="cd" * 32, present=columns)


def plain_cohort(n_patients: int = 40, n_events: int = 12, **values: Any) -> Cohort:
    """Make a cohort of patients alike but for severe CRS, relapse and death.

    The first ``n_events`` have severe CRS and a relapse, one a day from day 40; a third of the others dies.
    """
    rows = [
        {
            "age_years": 20.0 + number,
            "sex": "female" if number % 2 else "male",
            "prior_lines": 2 + number % 3,
            "prior_inotuzumab": number % 4 == 0,
            "crs_grade": 3 if number < n_events else 1,
            "crs_onset_day": 4,
            **({"relapse_day": 40 + number} if number < n_events else {}),
            **({"death_day": 300, "last_contact_day": 300} if number >= n_events and not number % 3 else {}),
            **values,
        }
        for number in range(n_patients)
    ]
    return cohort_of(rows)
