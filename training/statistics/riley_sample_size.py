"""The fewest infusions and events on which a model of so many parameters can be developed (Riley)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from features.log_odds import logit
from features.problems import counted

SHRINKAGE = 0.9
"""Criterion 1: effects may be overstated by a tenth at most."""
OPTIMISM = 0.05
"""Criterion 2: largest difference between apparent and adjusted share of the greatest possible R2."""
RISK_MARGIN = 0.05
"""Criterion 3: the overall risk is to be known to this much either way, with 95 % confidence."""
CONFIDENCE = 1.96

ASSUMED_AUROC = 0.7
"""Where none was measured: what models of outcomes after CAR T cells usually report."""
LOWEST_AUROC = 0.55
"""Below it the R2 goes to 0 and the size without limit: a figure that says nothing but "no signal"."""
HIGHEST_AUROC = 0.95
"""Above it a measured AUROC is more likely chance in few events than the truth, and would excuse any size."""

GRID = np.linspace(-12.0, 12.0, 4001)
"""Standard deviations over which a normal density is integrated; the trapezoid rule is exact here."""


@dataclass(frozen=True)
class SampleSizeNeeded:
    """Riley's minimum sample size.

    Attributes
    ----------
    by_criterion : tuple of int
        Infusions needed to keep shrinkage, optimism and the error of the overall risk small.
    n : int
        The largest of them.
    events : float
        Expected among so many.
    risk, risk_low, risk_high : float
        Overall risk with its 95 % interval at this size, in [0, 1].
    """

    by_criterion: tuple[int, int, int]
    n: int
    events: float
    risk: float
    risk_low: float
    risk_high: float


@dataclass(frozen=True)
class Verdict:
    """Whether a cohort is large enough for a model.

    Attributes
    ----------
    n_needed, events_needed : int
        By Riley's criteria.
    n, events : int
        What the cohort has.
    parameters : int
        Candidate parameters of the model.
    sufficient : bool
        Whether it has both.
    words : str
        One line that says so.
    """

    n_needed: int
    events_needed: int
    n: int
    events: int
    parameters: int
    sufficient: bool
    words: str


def binary_sample_size(r2: float, *, parameters: int, prevalence: float) -> SampleSizeNeeded:
    """State the minimum sample size for a model of an event by a fixed day.

    Parameters
    ----------
    r2 : float
        Anticipated Cox-Snell R2, above 0 and below its greatest possible value.
    parameters : int
        Candidate parameters, at least 1.
    prevalence : float
        Overall risk, in (0, 1).

    Returns
    -------
    needed : SampleSizeNeeded

    Raises
    ------
    ValueError
        If an argument is outside its limits.

    References
    ----------
    Riley et al. 2019, doi:10.1002/sim.7992; Riley et al. 2020, doi:10.1136/bmj.m441

    Examples
    --------
    >>> needed = binary_sample_size(0.288, parameters=24, prevalence=0.174)
    >>> needed.by_criterion, needed.n, round(needed.events, 1)
    ((623, 662, 221), 662, 115.2)
    >>> binary_sample_size(0.9, parameters=24, prevalence=0.174)
    Traceback (most recent call last):
        ...
    ValueError: r2 must be above 0 and below 0.603, the greatest possible at this risk, got 0.9.
    """
    _refuse_share("prevalence", prevalence)
    greatest = 1 - math.exp(2 * _entropy(prevalence))
    first, second = _first_two(r2, greatest, parameters)
    third = math.ceil((CONFIDENCE / RISK_MARGIN) ** 2 * prevalence * (1 - prevalence))
    n = max(first, second, third)
    margin = CONFIDENCE * math.sqrt(prevalence * (1 - prevalence) / n)
    return SampleSizeNeeded(
        (first, second, third),
        n,
        events=n * prevalence,
        risk=prevalence,
        risk_low=prevalence - margin,
        risk_high=prevalence + margin,
    )


def cox_snell_r2(c_statistic: float, prevalence: float) -> float:
    """Turn a C-statistic into the Cox-Snell R2 of a model whose log-odds are normal in both groups.

    Patients without the event have a linear predictor N(0, 1), those with it N(mu, 1), mu = sqrt(2) times the
    normal quantile of the C-statistic. The expected log-likelihood is integrated, not simulated.

    Parameters
    ----------
    c_statistic : float
        AUROC, in (0.5, 1).
    prevalence : float
        Overall risk, in (0, 1).

    Returns
    -------
    r2 : float
        Above 0, below the greatest possible value.

    Raises
    ------
    ValueError
        If an argument is outside its limits.

    References
    ----------
    Riley et al. 2021, doi:10.1002/sim.8806

    Examples
    --------
    >>> round(cox_snell_r2(0.89, 0.174), 3)
    0.291
    >>> cox_snell_r2(0.5, 0.174)
    Traceback (most recent call last):
        ...
    ValueError: c_statistic must be above 0.5 and below 1, got 0.5.
    """
    if not 0.5 < c_statistic < 1:
        message = f"c_statistic must be above 0.5 and below 1, got {c_statistic}."
        raise ValueError(message)
    _refuse_share("prevalence", prevalence)
    apart = math.sqrt(2) * NormalDist().inv_cdf(c_statistic)
    density = np.exp(-(GRID**2) / 2) / math.sqrt(2 * math.pi)
    base = float(logit(np.array(prevalence)))

    def mean_log_likelihood(mean: float, sign: float) -> float:
        """Mean log-likelihood of the group whose linear predictor has this mean."""
        log_odds = base + apart * (GRID + mean) - apart**2 / 2
        return float(np.trapezoid(-np.logaddexp(0.0, -sign * log_odds) * density, GRID))

    with_predictor = prevalence * mean_log_likelihood(apart, 1.0)
    with_predictor += (1 - prevalence) * mean_log_likelihood(0.0, -1.0)
    return 1 - math.exp(-2 * (with_predictor - _entropy(prevalence)))


def sample_size_verdict(
    n: int, events: int, parameters: int, c_statistic: float | None, prevalence: float
) -> Verdict:
    """Say whether a cohort is large enough for a model, by what its AUROC would need.

    Parameters
    ----------
    n : int
        Infusions with anything known of the outcome.
    events : int
        Among them, by the headline horizon.
    parameters : int
        Candidate parameters, those drawn to nothing included; at least 1.
    c_statistic : float or None
        Out-of-fold AUROC; taken within 0.55 and 0.95, and as 0.7 where there is none.
    prevalence : float
        Overall risk by the headline horizon, in (0, 1).

    Returns
    -------
    verdict : Verdict

    Raises
    ------
    ValueError
        If ``parameters`` or ``prevalence`` is outside its limits.

    References
    ----------
    Riley et al. 2019, doi:10.1002/sim.7992; Riley et al. 2021, doi:10.1002/sim.8806

    Examples
    --------
    >>> verdict = sample_size_verdict(232, 104, 10, 0.70, 0.45)
    >>> verdict.n_needed, verdict.events_needed, verdict.sufficient
    (701, 316, False)
    >>> verdict.words.partition(" (")[0]
    '232 infusions, 104 events; 701 infusions and 316 events needed for 10 parameters at AUROC 0.70'
    """
    auroc, auroc_words = _anticipated(c_statistic)
    needed = binary_sample_size(cox_snell_r2(auroc, prevalence), parameters=parameters, prevalence=prevalence)
    # An event share that is exactly the prevalence must not fail by the last bit.
    events_needed = math.ceil(needed.events - 1e-9)
    sufficient = n >= needed.n and events >= events_needed
    words = (
        f"{counted(n, 'infusion')}, {counted(events, 'event')}; {counted(needed.n, 'infusion')} and "
        f"{counted(events_needed, 'event')} needed for {counted(parameters, 'parameter')} "
        f"at {auroc_words} (Riley 2019): "
        f"{'of' if sufficient else 'below'} recommended size"
    )
    return Verdict(needed.n, events_needed, n, events, parameters, sufficient, words)


def _first_two(r2: float, greatest: float, parameters: int) -> tuple[int, int]:
    """Criteria 1 and 2."""
    if parameters < 1:
        message = f"parameters must be at least 1, got {parameters}."
        raise ValueError(message)
    if not 0 < r2 < min(greatest, SHRINKAGE):
        highest = min(greatest, SHRINKAGE)
        message = f"r2 must be above 0 and below {highest:.3f}, the greatest possible at this risk, got {r2}."
        raise ValueError(message)
    adjusted = r2 / (r2 + OPTIMISM * greatest)
    return _shrunk_by(SHRINKAGE, r2, parameters), _shrunk_by(adjusted, r2, parameters)


def _shrunk_by(shrinkage: float, r2: float, parameters: int) -> int:
    """Infusions at which the expected shrinkage factor is as given."""
    return math.ceil(parameters / ((shrinkage - 1) * math.log(1 - r2 / shrinkage)))


def _anticipated(c_statistic: float | None) -> tuple[float, str]:
    """Take an AUROC to size by, and say where it is from."""
    if c_statistic is None or math.isnan(c_statistic):
        return ASSUMED_AUROC, f"an assumed AUROC of {ASSUMED_AUROC:.2f}"
    bounded = min(max(c_statistic, LOWEST_AUROC), HIGHEST_AUROC)
    if bounded != c_statistic:
        return bounded, f"AUROC {bounded:.2f} (taken for {c_statistic:.2f})"
    return bounded, f"AUROC {bounded:.2f}"


def _entropy(share: float) -> float:
    """Mean log-likelihood of the overall risk alone."""
    return share * math.log(share) + (1 - share) * math.log(1 - share)


def _refuse_share(name: str, value: float) -> None:
    if not 0 < value < 1:
        message = f"{name} must be above 0 and below 1, got {value}."
        raise ValueError(message)
