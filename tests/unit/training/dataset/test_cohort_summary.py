"""A bundle's aggregates tell nothing of a single patient."""

from dataclasses import replace

import numpy as np
import pytest

from features.cohort import cohort_from_rows
from features.synthetic.simulation import simulated_cohort
from serving.model.patient_groups import profile_key, profiles
from training.dataset.cohort_summary import cohort_summary, same_patients


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


def test_products_are_counted_by_name_where_ten_patients_share_one():
    """Twelve are reported as ten; nine of another name, and a name of one patient, are not there."""
    named = [("CART22", 12), ("CART19", 9)]
    rows = [{"product": "other", "product_name": name} for name, count in named for _ in range(count)]
    repeated = [
        {"patient_id": "again", "infusion_number": n, "product": "other", "product_name": "Rare"}
        for n in range(1, 11)
    ]
    assert summary([*rows, *repeated]).options["product_name"] == {"CART22": 10}
    assert "product_name" not in summary([{"product": "other"}] * 12).options


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


LIKE_THIS = {"age_years": 31.0, "marrow_blasts_pct": 60.0, "target_antigen": "cd19", "prior_lines": 3}


def test_infusions_alike_are_counted_by_hand():
    """Twelve alike are told as ten; four of CD22 are not told; three without blasts are like nobody."""
    found = summary(
        [LIKE_THIS] * 12
        + [{**LIKE_THIS, "target_antigen": "cd22"}] * 4
        + [{**LIKE_THIS, "marrow_blasts_pct": None}] * 3
        + [{**LIKE_THIS, "age_years": 40.0, "prior_lines": 0, "marrow_blasts_pct": 4.9}] * 5
    )
    assert found.alike == {"high/young_adult/cd19/many": 10, "low/older_adult/cd19/few": 5}


def test_many_infusions_of_few_patients_are_not_told():
    """Eight infusions of four patients would tell of four; ten of five are told."""

    def counted(n_patients):
        rows = [
            {"patient_id": f"p{place // 2}", "infusion_number": 1 + place % 2, **LIKE_THIS}
            for place in range(2 * n_patients)
        ]
        cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset({"patient_id"}))
        return cohort_summary(cohort).alike

    assert counted(4) == {}
    assert counted(5) == {"high/young_adult/cd19/many": 10}


@pytest.mark.parametrize("seed", range(12))
def test_no_count_of_patients_alike_is_below_five_or_exact(seed):
    """Whatever the cohort: whole fives, never more than there are, and of five patients or more."""
    rng = np.random.default_rng(seed)
    cohort = simulated_cohort(int(rng.integers(5, 250)), rng=rng)
    keys = [groups and profile_key(groups) for groups in profiles(cohort.patients)]
    for key, count in cohort_summary(cohort).alike.items():
        alike = [place for place, other in enumerate(keys) if other == key]
        assert count >= 5
        assert count % 5 == 0
        assert count <= len(alike) < count + 5
        assert len({cohort.patient_id[place] for place in alike}) >= 5


def test_the_same_patients_are_recognized_in_another_file_and_order():
    """Not by the digest; other patients, one patient less and a small cohort are not the same."""
    cohort = simulated_cohort(60, rng=np.random.default_rng(1))
    known, order = cohort_summary(cohort), np.random.default_rng(2).permutation(len(cohort))
    copy = replace(
        cohort,
        name="copy.csv",
        sha256="11" * 32,
        patients=cohort.patients.take(order),
        **{name: getattr(cohort, name)[order] for name in ("patient_id", "infusion_number", "center")},
    )
    assert same_patients(known, copy)
    assert not same_patients(known, simulated_cohort(60, rng=np.random.default_rng(3)))
    few = [{"patient_id": f"p{n}", "age_years": 30.0 + n} for n in range(12)]
    small = cohort_from_rows(few, name="c.csv", sha256="00", present=frozenset({"patient_id"}))
    assert not same_patients(cohort_summary(small), small)
