"""One published estimate on the scale of the model: converted, shrunk if unadjusted, refused if absurd."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from features.evidence_sources import SEPARATOR
from features.expected_terms import reference_profile
from features.problems import Refused
from features.terms import TERMS
from training.evidence.contrasts import CONTRASTS, Contrast, contrast_of
from training.evidence.evidence_set import Effect
from training.evidence.prior import StudyEffect
from training.statistics import effect_conversion as odds_ratios

UNADJUSTED_SHARE = 0.7
"""Share of an unadjusted log odds ratio, and of its error, that is taken over: part of a crude effect belongs
to what goes with it, above all disease burden, which has a term of its own."""

LARGEST_CONTRAST = np.log(100)
"""Log odds ratio that an effect may come to on the scale of the model, between patients without and with, or
two standard deviations apart: beyond it risks would be 0 or 1 whatever else is known of a patient."""


def study_effect(row: Effect, base_rate: float) -> StudyEffect:
    """Bring one estimate to the scale of the model.

    Parameters
    ----------
    row : Effect
        Of use ``estimate``.
    base_rate : float
        Of the outcome, for a ratio of hazards or risks whose unexposed risk is not stated.

    Returns
    -------
    study : StudyEffect
        Per unit of the term; unadjusted effects shrunk; centered at no effect where sources conflict on the
        sign (``direction`` 0), with the error kept.

    Raises
    ------
    Refused
        If the ratio is impossible at the risk it was seen at, or larger than `LARGEST_CONTRAST`.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> row = next(row for row in read_evidence().effects if row.id == "E003")
    >>> round(study_effect(row, 0.46).log_odds, 2)
    1.37
    """
    contrast = contrast_of(row.term, row.per)
    log_odds, error = _log_odds(row, contrast, base_rate)
    _refuse_too_large(row, log_odds / contrast.units)
    share = (1.0 if row.multivariable else UNADJUSTED_SHARE) / contrast.units
    mean = 0.0 if row.direction == 0 else log_odds
    return StudyEffect(row.sources, row.cohort_group, share * mean, share * error)


def is_contrast(term: str) -> bool:
    """Whether one unit of a term is the difference between two kinds of patients."""
    return TERMS[term].binary or CONTRASTS[term][0].groups


def units_apart(term: str) -> float:
    """Units of a term between patients without and with, or two standard deviations apart.

    Examples
    --------
    >>> units_apart("cns3"), units_apart("age")
    (1.0, 3.0)
    """
    return 1.0 if is_contrast(term) else 2 * float(reference_profile((term,)).spread[0])


def _refuse_too_large(row: Effect, per_unit: float) -> None:
    """Refuse an effect so large that nothing else would matter."""
    if abs(per_unit) * units_apart(row.term) <= LARGEST_CONTRAST:
        return
    alone = is_contrast(row.term)
    between = "patients without and with" if alone else "patients two standard deviations apart"
    message = (
        f"{SEPARATOR.join(row.sources)}, {row.term}: {row.measure} {row.estimate:g} converts to an odds "
        f"ratio above {np.exp(LARGEST_CONTRAST):.0f}, or below its inverse, between {between}; "
        "check estimate, per and unexposed_risk, or set use to context"
    )
    raise Refused(message)


def _log_odds(row: Effect, contrast: Contrast, base_rate: float) -> tuple[float, float]:
    """Log odds ratio of a row and its standard error, over the whole contrast."""
    if row.estimate is None or row.ci_low is None or row.ci_high is None:
        message = f"{row.id} is not an estimate: it has no value or no interval"
        raise ValueError(message)
    log_ratio, error = np.log(row.estimate), odds_ratios.log_standard_error(row.ci_low, row.ci_high)
    if row.measure == "OR":
        return float(log_ratio), error
    share = _exposed_share(row.term, contrast)
    convert, slope, solve = _CONVERSIONS[row.measure]
    try:
        risk = row.unexposed_risk or _solved(solve, row.estimate, share, base_rate)
        return convert(row.estimate, risk), slope(row.estimate, risk) * error
    except ValueError as impossible:
        message = f"{SEPARATOR.join(row.sources)}, {row.term}: {impossible}"
        raise Refused(message) from None


def _solved(solve: Callable[..., float], ratio: float, share: float, base_rate: float) -> float:
    """Risk of the unexposed, or why there is none: those exposed to a tiny ratio would need it above 1."""
    if (1 - share) + share * min(ratio, 1.0) > base_rate:
        risk = solve(ratio, share, base_rate)
        if 0 < risk < 1:
            return risk
    message = (
        f"no unexposed risk is consistent with a ratio of {ratio:g} and an overall risk of {base_rate:.0%}; "
        "fill in unexposed_risk"
    )
    raise ValueError(message)


_CONVERSIONS: dict[str, tuple[Callable[..., float], Callable[..., float], Callable[..., float]]] = {
    "HR": (
        odds_ratios.hazard_ratio_to_log_odds,
        odds_ratios.hazard_ratio_slope,
        odds_ratios.solve_unexposed_risk,
    ),
    "RR": (
        odds_ratios.risk_ratio_to_log_odds,
        odds_ratios.risk_ratio_slope,
        odds_ratios.solve_unexposed_risk_of_risk_ratio,
    ),
}


def _exposed_share(term: str, contrast: Contrast) -> float:
    """Share of the exposed; 0 for a step of a number, which starts from the average patient."""
    return float(reference_profile((term,)).centre[0]) if contrast.groups else 0.0
