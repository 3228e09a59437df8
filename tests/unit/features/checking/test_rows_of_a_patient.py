"""Rules that join the rows of one patient."""

from __future__ import annotations

from features.checking.rows_of_a_patient import row_conflicts


def conflicts(*rows: dict[str, object]) -> list[tuple[int, int, str]]:
    """Position, other and column of each conflict; all rows are of one patient unless they say otherwise."""
    found = row_conflicts([{"patient_id": "a", **row} for row in rows])
    return [(conflict.position, conflict.other, conflict.column) for conflict in found]


def test_infusions_in_any_order():
    """Two infusions that agree are no conflict."""
    assert conflicts({"infusion_number": 2, "age_years": 31}, {"infusion_number": 1, "age_years": 30}) == []


def test_other_patients_are_other_patients():
    """Rows of different patients never contradict."""
    assert conflicts({"sex": "male"}, {"patient_id": "b", "sex": "female"}) == []


def test_third_repeat_names_the_first():
    """Every repeat points to the first of its number."""
    assert conflicts({}, {}, {}) == [(1, 0, "infusion_number"), (2, 0, "infusion_number")]


def test_unknown_facts_do_not_contradict():
    """Only two known values can."""
    assert conflicts({"infusion_number": 1, "sex": None}, {"infusion_number": 2, "sex": "male"}) == []


def test_kmt2a_is_constant():
    """A rearrangement does not go away."""
    assert conflicts(
        {"infusion_number": 1, "kmt2a_rearranged": True}, {"infusion_number": 2, "kmt2a_rearranged": False}
    ) == [(1, 0, "kmt2a_rearranged")]


def test_equal_age_is_no_conflict():
    """Two infusions within a year."""
    assert conflicts({"infusion_number": 1, "age_years": 30}, {"infusion_number": 2, "age_years": 30}) == []


def test_row_without_patient_is_left_alone():
    """Its own problem is told elsewhere."""
    assert conflicts({"patient_id": None}, {"patient_id": None}) == []
