"""A bundle's aggregates tell nothing of a single patient."""

from features.cohort import cohort_from_rows
from training.cohort_summary import cohort_summary


def summary(rows):
    rows = [{"patient_id": f"p{place}", **row} for place, row in enumerate(rows)]
    return cohort_summary(
        cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset({"patient_id"}))
    )


def test_a_range_needs_ten_patients():
    """Nine give none."""
    assert "age_years" not in summary([{"age_years": float(age)} for age in range(20, 29)]).ranges
    assert summary([{"age_years": float(age)} for age in range(20, 30)]).ranges["age_years"] == (20.0, 29.0)


def test_a_range_counts_patients_not_infusions():
    """Twelve infusions of six patients are six."""
    rows = [
        {"patient_id": f"p{n // 2}", "infusion_number": 1 + n % 2, "age_years": 30.0 + n} for n in range(12)
    ]
    cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset({"patient_id"}))
    assert "age_years" not in cohort_summary(cohort).ranges


def test_counts_of_options_are_rounded_down_to_tens():
    """Nineteen men are told as ten, three women as none."""
    found = summary([{"sex": "male"}] * 19 + [{"sex": "female"}] * 3)
    assert found.options["sex"] == {"female": 0, "male": 10}


def test_missing_shares_are_those_of_the_cohort():
    """To two decimals."""
    found = summary([{"ecog": 1}] * 3 + [{}])
    assert found.missing["ecog"] == 0.25
    assert found.missing["sex"] == 1.0


def test_sizes_are_counted():
    """Centres without a name do not count."""
    found = summary([{"center": "A"}, {"center": "B"}, {}])
    assert (found.n_infusions, found.n_patients, found.n_centers) == (3, 3, 2)
    assert not found.synthetic
