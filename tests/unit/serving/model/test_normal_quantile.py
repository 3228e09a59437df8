"""Quantiles of the normal distribution."""

from statistics import NormalDist

import numpy as np

from serving.model.normal_quantile import normal_quantile


def test_quantiles_are_those_of_the_standard_library():
    """Within 1e-15 of their size, in the center, in the tails, and where the two meet."""
    rng = np.random.default_rng(1)
    tails = np.concatenate([10.0 ** -np.arange(1, 10), 1 - 10.0 ** -np.arange(1, 10)])
    probability = np.concatenate([rng.random(20_000), tails, [0.5, 0.075, 0.925, np.exp(-25.0)]])
    expected = np.array([NormalDist().inv_cdf(each) for each in probability.tolist()])
    np.testing.assert_allclose(normal_quantile(probability), expected, rtol=1e-15, atol=1e-15)


def test_the_shape_is_kept():
    """Also of no probability at all."""
    assert normal_quantile(np.full((2, 3), 0.5)).shape == (2, 3)
    assert normal_quantile(np.zeros((0, 4))).shape == (0, 4)
