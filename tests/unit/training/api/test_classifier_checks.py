"""The classifier passes the checks of scikit-learn, but for those named here."""

from __future__ import annotations

import warnings

import pytest
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import estimator_checks_generator

from training.api import AnchoredClassifier

WEIGHTS = (
    "Weights are inverse probabilities of censoring, not counts: weighted patients are worth their effective "
    "sample size (Kish), which repeated patients are not."
)
EXPECTED_TO_FAIL = {
    "check_sample_weight_equivalence_on_dense_data": WEIGHTS,
}
"""By name of the check, with the reason."""

# The checks make columns that the schema does not have.
CHECKED = AnchoredClassifier(unknown_columns="ignore")
CHECKS = [
    check
    for _, check in estimator_checks_generator(CHECKED, legacy=True, expected_failed_checks=None, mark=None)
]


def name_of(check: object) -> str:
    return str(getattr(check, "func", check).__name__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_check_of_scikit_learn(check: object) -> None:
    """Pass; a check that is expected to fail must fail, or it is no longer named."""
    if name_of(check) in EXPECTED_TO_FAIL:
        with pytest.raises(AssertionError):
            check(CHECKED)  # type: ignore[operator]
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        check(CHECKED)  # type: ignore[operator]


def test_only_existing_checks_are_expected_to_fail() -> None:
    assert set(EXPECTED_TO_FAIL) <= {name_of(check) for check in CHECKS}
