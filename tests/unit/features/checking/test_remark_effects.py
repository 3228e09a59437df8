"""What a remark would change."""

from __future__ import annotations

from features.checking.remark import Remark, open_remark
from features.checking.remark_effects import effect_words, effects
from features.cohort import cohort_from_rows

ROWS = [
    {"patient_id": f"p{n}", "crs_grade": n % 5, "icans_grade": 3 if n < 2 else 0, "last_contact_day": 400}
    for n in range(10)
]
COHORT = cohort_from_rows(ROWS, name="c.csv", sha256="00", present=frozenset(ROWS[0]))


def test_a_predictor_touches_every_outcome_that_is_known_in_the_rows() -> None:
    """Worked by hand: rows 2 to 4 have grades 0, 1, 2 of CRS and two severe ICANS."""
    touched = {
        each.outcome: each for each in effects(Remark("c", "t", fields=("ecog",), rows=(2, 3, 4)), COHORT)
    }
    assert (touched["severe_crs"].events, touched["severe_crs"].of_events) == (0, 4)
    assert (touched["severe_icans"].events, touched["severe_icans"].of_events) == (2, 2)
    assert (touched["relapse"].infusions, touched["relapse"].of_infusions) == (3, 10)


def test_follow_up_touches_the_outcomes_that_need_it() -> None:
    """A grade of ICANS says nothing about CRS."""
    listed = effects(Remark("c", "t", fields=("icans_grade",), rows=(2,)), COHORT)
    assert [each.outcome for each in listed] == ["severe_icans"]


def test_words_state_infusions_and_the_largest_shares_of_events() -> None:
    """At most three outcomes; none for a remark without rows."""
    words = effect_words(Remark("c", "t", fields=("ecog",), rows=(2, 3, 4)), COHORT)
    assert words.startswith("concerns 3 of 10 infusions; severe_icans: 2 of 2 events; ")
    assert words.count(";") == 3
    assert effect_words(open_remark("c", "t"), COHORT) == ""
