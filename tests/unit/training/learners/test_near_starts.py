"""Fits that start near others are the same fits, in fewer steps."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import pytest

from features.columns import Values
from tests.unit.training.learners.test_drawn_replicate import LEARNER, patients
from training.dataset.training_set import TrainingSet
from training.learners.anchored_linear import LinearFit, fit_linear, labeled_terms
from training.learners.model_averaging import MANY, _by_pairs
from training.statistics import laplace
from training.statistics.laplace import Fits

SETS: dict[str, Callable[[], TrainingSet]] = {
    "milder grades": lambda: patients(60),
    "a new center": lambda: patients(90, centers=True),
    "a home center": lambda: patients(90, centers=True, home=2),
}


def counted(fit: Callable[[], LinearFit]) -> tuple[LinearFit, int]:
    """Fit, and count the Newton steps."""
    with patch.object(laplace, "_climbed", wraps=laplace._climbed) as steps:
        return fit(), steps.call_count


@pytest.mark.parametrize("name", SETS)
def test_a_fit_to_most_patients_starts_near_that_to_all(name: str) -> None:
    """Every candidate, with its evidence and its part in the average."""
    training = SETS[name]()
    anchor = LEARNER._anchor(training)
    known = labeled_terms(anchor, training)
    near, most = fit_linear(anchor, known).fits, known.take(np.arange(len(training)) % 5 > 0)
    cold, of_cold = counted(lambda: fit_linear(anchor, most))
    warm, of_warm = counted(lambda: fit_linear(anchor, most, near=near))
    assert of_warm < of_cold
    np.testing.assert_allclose(warm.fits.parameters, cold.fits.parameters, atol=1e-5)
    np.testing.assert_allclose(warm.fits.log_evidence, cold.fits.log_evidence, atol=1e-7)
    np.testing.assert_allclose(warm.average.coefficients, cold.average.coefficients, atol=1e-6)
    np.testing.assert_allclose(warm.average.intercepts, cold.average.intercepts, atol=1e-6)


def some(fits: Fits, rows: slice, columns: slice) -> Fits:
    """Keep a part of the parameters."""
    return Fits(fits.parameters[rows, columns], fits.curvature[rows], fits.log_evidence[rows])


@pytest.mark.parametrize(
    ("rows", "columns"), [(slice(7), slice(None)), (slice(None), slice(5))], ids=["candidates", "terms"]
)
def test_fits_of_other_candidates_or_terms_are_no_start(rows: slice, columns: slice) -> None:
    """To the last bit as without them."""
    training = patients(40)
    anchor = LEARNER._anchor(training)
    known = labeled_terms(anchor, training)
    cold = fit_linear(anchor, known)
    found = fit_linear(anchor, known, near=some(cold.fits, rows, columns))
    np.testing.assert_array_equal(found.fits.parameters, cold.fits.parameters)


@pytest.mark.parametrize("n_matrices", [1, MANY])
def test_quadratic_forms_by_pairs_are_those_by_matrices(n_matrices: int) -> None:
    """Of symmetric matrices."""
    rng = np.random.default_rng(1)
    roots: Values = rng.normal(size=(n_matrices, 6, 6))
    terms, matrices = rng.normal(size=(9, 6)), roots + roots.transpose(0, 2, 1)
    expected = np.einsum("pi,mij,pj->mp", terms, matrices, terms)
    np.testing.assert_allclose(_by_pairs(matrices, terms), expected, atol=1e-12)
