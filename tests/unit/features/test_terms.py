"""Terms of the linear model."""

from collections import Counter

import numpy as np
import pytest

from features.expected_terms import reference_profile
from features.field import specs
from features.predictors import predictors
from features.schema import Patient
from features.synthetic.simulation import synthetic_patients
from features.terms import KNOWN_TERMS, TERMS, term_matrix


@pytest.mark.parametrize(
    ("row", "term", "expected"),
    [
        ({"marrow_blasts_pct": 5.0}, "high_burden", 1.0),
        ({"marrow_blasts_pct": 4.9}, "high_burden", 0.0),
        ({"marrow_blasts_pct": 63.0}, "log_marrow_blasts", 6.0),
        ({"prior_blinatumomab": "nonresponder"}, "blinatumomab_nonresponse", 1.0),
        ({"prior_blinatumomab": "none"}, "blinatumomab_nonresponse", 0.0),
        ({"prior_blinatumomab": "response_unknown"}, "blinatumomab_nonresponse", 1 / 3),
        ({"prior_blinatumomab": "response_unknown"}, "blinatumomab_response", 2 / 3),
        ({"target_antigen": "cd19_cd22"}, "dual_target", 1.0),
        ({"costimulatory_domain": "other"}, "cd28", 0.0),
        ({"dose_1e6_per_kg": 0.5}, "log2_dose_per_kg", -1.0),
        ({"dose_total_1e6": 140.0, "weight_kg": 70.0}, "log2_dose_per_kg", 1.0),
        ({"fludarabine_mg_m2": 0.0}, "fludarabine", 0.0),
        ({"fludarabine_mg_m2": 120.0}, "fludarabine", 1.0),
        ({"ldh_u_l": 400.0, "creatinine_mg_dl": 1.0, "platelets_1e9_l": 100.0}, "log2_easix", 2.0),
        ({"crp_mg_l": 3.0}, "log2_crp", 2.0),
        ({"age_years": 37.0}, "age", 3.7),
    ],
)
def test_term_has_the_value_worked_by_hand(row, term, expected):
    """One patient, one term."""
    assert term_matrix(predictors([row]), (term,))[0, 0] == pytest.approx(expected)


def test_every_term_is_missing_where_an_input_is_missing():
    """NaN in the matrix, never a guess."""
    needing = tuple(name for name, term in KNOWN_TERMS.items() if term.inputs)
    assert np.isnan(term_matrix(predictors([{}]), needing)).all()
    part = {"ldh_u_l": 400.0, "creatinine_mg_dl": 1.0}
    assert np.isnan(term_matrix(predictors([part]), ("log2_easix",))).all()


def test_inputs_are_columns_of_patient_and_all_that_a_term_needs():
    """A patient who has only the inputs has the term."""
    rng = np.random.default_rng(1)
    full = next(row for row in synthetic_patients(200, rng=rng) if len(row) == len(specs(Patient)))
    for name, term in KNOWN_TERMS.items():
        assert set(term.reads) <= set(specs(Patient))
        row = {field: full[field] for field in term.inputs or term.optional}
        assert np.isfinite(term_matrix(predictors([row]), (name,))).all()


def test_one_patient_and_many_are_the_same():
    """Bit for bit."""
    rows = synthetic_patients(50, rng=np.random.default_rng(2))
    together = term_matrix(predictors(rows), tuple(TERMS))
    alone = np.vstack([term_matrix(predictors([row]), tuple(TERMS)) for row in rows])
    np.testing.assert_array_equal(together, alone)


def test_the_reference_profile_has_a_row_for_every_term():
    """With a positive spread."""
    assert (reference_profile(tuple(TERMS)).spread > 0).all()


def test_yes_no_terms_are_zero_or_one_and_say_so():
    """But for a response that is not recorded, which is a share."""
    rows = synthetic_patients(300, rng=np.random.default_rng(3))
    recorded = predictors(
        [
            row
            for row in rows
            if row.get("prior_blinatumomab") != "response_unknown"
            and (not row.get("prior_inotuzumab") or row.get("inotuzumab_response") not in (None, "unknown"))
        ]
    )
    for name, term in TERMS.items():
        values = term.compute(recorded)
        assert term.binary == set(values[~np.isnan(values)]).issubset({0.0, 1.0}), name


def test_a_field_has_at_most_two_yes_no_terms():
    """Missing ones are drawn from either end of one uniform draw, which has no third."""
    fields = Counter(term.field for term in TERMS.values() if term.binary and term.inputs)
    assert max(fields.values()) == 2


def test_an_unknown_term_is_named():
    """Not guessed."""
    with pytest.raises(ValueError, match=r"^reference_profile\.csv has no row for shoe_size$"):
        reference_profile(("shoe_size",))
