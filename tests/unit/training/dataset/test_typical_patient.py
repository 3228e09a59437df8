"""The typical patient is no patient: medians and most frequent options of enough infusions."""

from __future__ import annotations

import numpy as np

from features.predictors import predictors
from tests.bundles import patients
from training.dataset.typical_patient import typical_patient


def test_rare_and_unknown_values_have_no_part() -> None:
    """Fewer than half of the infusions, or fewer than ten with the most frequent option."""
    rows = [{"age_years": 30.0 + number, "sex": "male" if number % 2 else "female"} for number in range(18)]
    rows[0]["ldh_u_l"] = 7741.0
    typical = typical_patient(predictors(rows))
    assert typical is not None
    row = typical.row(0)
    assert (row["age_years"], row["sex"], row["ldh_u_l"]) == (38.0, None, None)


def test_medians_have_two_digits() -> None:
    """So that none is the exact value of a patient; whole numbers stay whole."""
    rows = [
        {"age_years": 30.0, "ferritin_ug_l": 1234.5, "prior_lines": 2 + number % 2} for number in range(12)
    ]
    typical = typical_patient(predictors(rows))
    assert typical is not None
    assert typical.row(0)["ferritin_ug_l"] == 1200.0
    assert typical.row(0)["prior_lines"] == 2


def test_contradictory_fields_are_missing() -> None:
    """Each may be the most frequent, and the two impossible together."""
    rows = [{"age_years": 30.0, "prior_inotuzumab": False} for _ in range(12)]
    rows += [{"prior_inotuzumab": True, "inotuzumab_response": "responder"} for _ in range(11)]
    rows += [{"inotuzumab_response": "responder"} for _ in range(2)]
    typical = typical_patient(predictors(rows))
    assert typical is not None
    assert typical.row(0)["inotuzumab_response"] is None


def test_it_can_be_predicted_for() -> None:
    """A whole profile of drawn patients."""
    typical = typical_patient(predictors(patients(60, np.random.default_rng(1))))
    assert typical is not None
    assert len(typical) == 1
    assert typical.row(0)["dose_1e6_per_kg"] is not None
