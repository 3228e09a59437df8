"""Two deliveries of one cohort, worked by hand."""

from __future__ import annotations

from typing import Any

from features.cohort import Cohort, cohort_from_rows
from training.comparison.deliveries import Deliveries, changed_cells, compare_deliveries

EARLIER = [
    {"patient_id": "P-1", "ecog": 1, "icans_grade": 0, "last_contact_day": 100},
    {"patient_id": "P-2", "ecog": None, "icans_grade": 3, "last_contact_day": 200},
    {"patient_id": "P-3", "ecog": 2, "icans_grade": 4, "last_contact_day": 300},
]
LATER = [
    {"patient_id": "P-2", "ecog": 0, "icans_grade": 1, "last_contact_day": 400},
    {"patient_id": "P-1", "ecog": 3, "icans_grade": 3, "last_contact_day": None},
    {"patient_id": "p-03", "ecog": 2, "icans_grade": 4, "last_contact_day": 300},
    {"patient_id": "P-1", "infusion_number": 2, "ecog": 1, "icans_grade": 5, "sex": "male"},
]


def cohort_of(rows: list[dict[str, Any]], name: str) -> Cohort:
    present = frozenset(column for row in rows for column in row)
    return cohort_from_rows(rows, name=name, sha256="00", present=present)


def compared(earlier: Any = EARLIER, later: Any = LATER) -> Deliveries:
    return compare_deliveries(cohort_of(earlier, "a.csv"), cohort_of(later, "b.csv"))


def test_infusions_are_matched_by_patient_and_number() -> None:
    """Whatever their order; another spelling of an identifier is counted."""
    found = compared()
    assert (len(found.pairs), len(found.added), len(found.removed)) == (2, 2, 1)
    assert found.respelled == 1
    assert found.changed_infusions == 2
    assert found.columns_added == ("infusion_number", "sex")
    assert found.columns_removed == ()


def test_cells_of_both_are_counted_by_what_became_of_them() -> None:
    """The five counts of a column add up to the infusions of both."""
    by_name = {each.field: each for each in compared().fields}
    ecog, contact = by_name["ecog"], by_name["last_contact_day"]
    assert (ecog.changed, ecog.became_known, ecog.higher, ecog.lower) == (1, 1, 1, 0)
    assert (contact.changed, contact.became_blank, contact.higher) == (1, 1, 1)
    for each in by_name.values():
        assert each.same + each.changed + each.became_blank + each.became_known + each.blank == 2
    assert not by_name["crp_mg_l"].differs


def test_events_are_gained_and_lost() -> None:
    """Severe ICANS: P-2 loses it, P-1 gains it; a third is removed and two are added."""
    (icans,) = [each for each in compared().events if each.outcome == "severe_icans"]
    assert (icans.earlier, icans.later) == (2, 3)
    assert (icans.both, icans.gained, icans.lost, icans.of_added, icans.of_removed) == (0, 1, 1, 2, 1)


def test_equal_deliveries_have_no_difference() -> None:
    """Also where the rows have another order."""
    found = compared(EARLIER, EARLIER[::-1])
    assert not any(each.differs for each in found.fields)
    assert list(changed_cells(found)) == []


def test_changed_cells_are_listed_with_their_rows_in_both_files() -> None:
    """Values as they were given."""
    cells = set(changed_cells(compared()))
    assert ("P-1", 1, "ecog", 2, 3, 1, 3) in cells
    assert ("P-2", 1, "ecog", 3, 2, None, 0) in cells
    assert ("P-1", 1, "last_contact_day", 2, 3, 100, None) in cells
    assert len(cells) == 6


def test_deliveries_without_a_common_infusion_are_compared() -> None:
    """All is added and all removed."""
    found = compared(EARLIER, [{"patient_id": "Q-1", "ecog": 1}])
    assert (len(found.pairs), len(found.added), len(found.removed)) == (0, 1, 3)
    assert sum(each.changed for each in found.fields) == 0
