"""Quantiles of the standard normal distribution, of many probabilities at once."""

from __future__ import annotations

import numpy as np

from features.columns import Values

CENTRAL = 0.425
"""Distance from one half up to which the first pair of polynomials holds."""
FAR = 5.0
"""Root of minus log probability up to which the second pair holds."""

# Of Wichura's algorithm AS 241 (PPND16), the highest power first.
_ABOVE_CENTRAL = (
    2.5090809287301226727e3,
    3.3430575583588128105e4,
    6.7265770927008700853e4,
    4.5921953931549871457e4,
    1.3731693765509461125e4,
    1.9715909503065514427e3,
    1.3314166789178437745e2,
    3.3871328727963666080e0,
)
_BELOW_CENTRAL = (
    5.2264952788528545610e3,
    2.8729085735721942674e4,
    3.9307895800092710610e4,
    2.1213794301586595867e4,
    5.3941960214247511077e3,
    6.8718700749205790830e2,
    4.2313330701600911252e1,
    1.0,
)
_ABOVE_NEAR = (
    7.74545014278341407640e-4,
    2.27238449892691845833e-2,
    2.41780725177450611770e-1,
    1.27045825245236838258e0,
    3.64784832476320460504e0,
    5.76949722146069140550e0,
    4.63033784615654529590e0,
    1.42343711074968357734e0,
)
_BELOW_NEAR = (
    1.05075007164441684324e-9,
    5.47593808499534494600e-4,
    1.51986665636164571966e-2,
    1.48103976427480074590e-1,
    6.89767334985100004550e-1,
    1.67638483018380384940e0,
    2.05319162663775882187e0,
    1.0,
)
_ABOVE_FAR = (
    2.01033439929228813265e-7,
    2.71155556874348757815e-5,
    1.24266094738807843860e-3,
    2.65321895265761230930e-2,
    2.96560571828504891230e-1,
    1.78482653991729133580e0,
    5.46378491116411436990e0,
    6.65790464350110377720e0,
)
_BELOW_FAR = (
    2.04426310338993978564e-15,
    1.42151175831644588870e-7,
    1.84631831751005468180e-5,
    7.86869131145613259100e-4,
    1.48753612908506148525e-2,
    1.36929880922735805310e-1,
    5.99832206555887937690e-1,
    1.0,
)


def normal_quantile(probability: Values) -> Values:
    """State the values below which a standard normal draw lies with given probabilities.

    Parameters
    ----------
    probability : ndarray of any shape
        In (0, 1).

    Returns
    -------
    quantile : ndarray of the same shape
        As `statistics.NormalDist.inv_cdf` gives them one by one, within 1e-15 of their size.

    References
    ----------
    Wichura 1988, Algorithm AS 241, doi:10.2307/2347330

    Examples
    --------
    >>> normal_quantile(np.array([0.05, 0.5, 0.95])).round(3)
    array([-1.645,  0.   ,  1.645])
    """
    from_half = probability - 0.5
    squared = 0.180625 - from_half * from_half
    central = _ratio(_ABOVE_CENTRAL, _BELOW_CENTRAL, squared) * from_half
    outside = np.abs(from_half) > CENTRAL
    if outside.any():
        central[outside] = _tail(probability[outside], from_half[outside])
    return central


def _tail(probability: Values, from_half: Values) -> Values:
    root = np.sqrt(-np.log(np.where(from_half <= 0.0, probability, 1.0 - probability)))
    near = _ratio(_ABOVE_NEAR, _BELOW_NEAR, root - 1.6)
    far = _ratio(_ABOVE_FAR, _BELOW_FAR, root - FAR)
    return np.copysign(np.where(root <= FAR, near, far), from_half)


def _ratio(above: tuple[float, ...], below: tuple[float, ...], at: Values) -> Values:
    return np.asarray(_polynomial(above, at) / _polynomial(below, at))


def _polynomial(coefficients: tuple[float, ...], at: Values) -> Values:
    """Evaluate by Horner's rule."""
    first, *others = coefficients
    value = np.full(at.shape, first)
    for coefficient in others:
        value = value * at + coefficient
    return value
