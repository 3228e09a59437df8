"""The truth of the synthetic cohorts: coefficients chosen by hand, and the risks they give in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.columns import Columns, Values
from features.outcomes import OUTCOMES
from features.synthetic.draws import expit
from features.terms import KNOWN_TERMS

OutcomeName = Literal["relapse", "severe_crs", "severe_icans"]


@dataclass(frozen=True)
class TrueEffect:
    """What one unit of a term adds to the log odds of each outcome.

    Attributes
    ----------
    term : str
        Name in `features.terms.KNOWN_TERMS`.
    center : float
        Value of the term at which it adds nothing.
    relapse, severe_crs, severe_icans : float
        Log odds ratios; `relapse` equal at every horizon.
    """

    term: str
    center: float
    relapse: float
    severe_crs: float
    severe_icans: float


# These are the generator's truth. They were chosen by hand, to be plausible in sign and size and strong
# enough to be found; they are not estimates, and nothing is fitted to reproduce them.
TRUE_EFFECTS = (
    #          term                        center  relapse  severe_crs  severe_icans
    TrueEffect("high_burden",               0.60,    0.80,     0.80,       0.40),
    TrueEffect("extramedullary_disease",    0.15,    0.50,     0.00,       0.10),
    TrueEffect("cns3",                      0.05,    0.20,     0.00,       0.60),
    TrueEffect("blinatumomab_nonresponse",  0.20,    1.10,     0.00,       0.00),
    TrueEffect("blinatumomab_response",     0.28,    0.15,     0.00,       0.00),
    TrueEffect("inotuzumab",                0.30,    0.20,     0.00,       0.00),
    TrueEffect("split_dose",                0.30,    0.00,    -1.20,       0.00),
    TrueEffect("prior_allo_hsct",           0.33,    0.20,    -0.20,       0.00),
    TrueEffect("prior_car_t",               0.10,    0.60,    -0.30,      -0.20),
    TrueEffect("prior_lines",               3.00,    0.08,     0.00,       0.00),
    TrueEffect("age",                       3.50,   -0.05,     0.05,       0.15),
    TrueEffect("dual_target",               0.25,   -0.30,    -0.40,      -0.40),
    TrueEffect("cd22_alone",                0.05,    0.30,    -0.50,      -0.60),
    TrueEffect("cd28",                      0.30,    0.15,     0.55,       1.00),
    TrueEffect("allogeneic",                0.08,    0.00,    -0.20,      -0.20),
    TrueEffect("log2_dose_per_kg",          0.40,   -0.20,     0.25,       0.15),
    TrueEffect("fludarabine",               0.95,   -0.80,     0.30,       0.20),
    TrueEffect("tocilizumab_prophylaxis",   0.20,    0.00,    -0.90,       0.10),
    TrueEffect("log2_easix",                1.30,    0.15,     0.35,       0.20),
    TrueEffect("log2_ferritin",             9.80,    0.10,     0.15,       0.15),
    TrueEffect("log2_crp",                  3.40,    0.00,     0.10,       0.05),
    TrueEffect("tp53_altered",              0.13,    0.90,     0.00,       0.00),
    TrueEffect("kmt2a_rearranged",          0.08,    0.20,     0.10,       0.00),
    TrueEffect("ph_positive",               0.18,   -0.10,     0.00,       0.00),
)  # fmt: skip
INTERCEPTS: Mapping[OutcomeName, float] = {"severe_crs": -2.0, "severe_icans": -2.6, "relapse": -0.35}
"""Log odds where every term is at its center; of relapse by day 365."""

FIRST_LATE_RELAPSE_DAY = 45.0
"""Responders relapse after this day, so after every response assessment."""
NO_RESPONSE_ODDS = 0.20
"""Odds of no response, as a share of the odds of the event by day 365."""
RELAPSE_TIME_CONSTANT_DAYS = 250.0
HEADLINE_DAY = 365.0

TOGETHER = 0.3
"""Share of patients in whom both severe toxicities come of one cause."""
EARLY_DEATH = (0.15, 0.6)
"""Share of deaths without relapse in the first weeks: without and with severe toxicity."""
ASSESSED_ON = 28.0
"""Mean day of the response assessment, after which other deaths without relapse come."""
LATE_DEATH_MEAN_DAYS = 350.0
MILD_CRS = (0.25, 0.45, 0.3)
"""Shares of grades 0 to 2 where CRS is not severe."""

_LATE_ODDS = (1 - NO_RESPONSE_ODDS) / (
    1 - np.exp(-(HEADLINE_DAY - FIRST_LATE_RELAPSE_DAY) / RELAPSE_TIME_CONSTANT_DAYS)
)


def true_log_odds(outcome: OutcomeName, patients: Columns) -> Values:
    """Log odds of an outcome: severe toxicity at all, relapse by day 365.

    Parameters
    ----------
    outcome : {"relapse", "severe_crs", "severe_icans"}
        Name in `OUTCOMES`.
    patients : Columns of `Patient`
        Complete predictors.

    Returns
    -------
    log_odds : ndarray of shape (n_infusions,)
        ``intercept + sum of effect * (term - center)``.

    Raises
    ------
    ValueError
        If a predictor that has an effect is missing.
    """
    log_odds = np.full(len(patients), INTERCEPTS[outcome])
    for effect in TRUE_EFFECTS:
        term = KNOWN_TERMS[effect.term].compute(patients)
        if np.isnan(term).any():
            msg = f"the true risk needs complete predictors, {effect.term} is missing in some."
            raise ValueError(msg)
        log_odds = log_odds + getattr(effect, outcome) * (term - effect.center)
    return log_odds


def relapse_odds_share(day: float) -> float:
    """Odds of relapse by a day as a share of the odds by day 365: ``R(day)``, the same for all.

    ``R(t) = r0 + c (1 - exp(-(t - 45) / 250))`` from day 45 on, with c such that ``R(365) = 1``,
    with an atom r0 = 0.2 at the response assessment (no response) and nothing more until day 45.
    R ends at about 1.31, so some never relapse whatever their odds.

    Examples
    --------
    >>> [round(relapse_odds_share(day), 3) for day in (28, 90, 180, 365, 730)]
    [0.2, 0.383, 0.662, 1.0, 1.237]
    """
    late = max(0.0, day - FIRST_LATE_RELAPSE_DAY)
    return float(NO_RESPONSE_ODDS + _LATE_ODDS * (1 - np.exp(-late / RELAPSE_TIME_CONSTANT_DAYS)))


def relapse_point(odds_share: Values) -> Values:
    """Point in time, days from infusion, at which `relapse_odds_share` reaches a share above ``r0``.

    Examples
    --------
    >>> relapse_point(np.array([1.0])).round(6)
    array([365.])
    """
    late = -np.log1p(-(odds_share - NO_RESPONSE_ODDS) / _LATE_ODDS) * RELAPSE_TIME_CONSTANT_DAYS
    return np.asarray(FIRST_LATE_RELAPSE_DAY + late)


def true_relapse_risk(patients: Columns, *, day: float) -> Values:
    """Cumulative incidence of no response, relapse or progression, death competing.

    ``F1(t | x) = o(x) R(t) / (1 + o(x) R(t))``, where ``log o(x)`` is `true_log_odds`,
    so that ``logit F1(t) = log o(x) + log R(t)``: effects are the same at every horizon. Death without it has
    ``F2(t) = (1 - F1(infinity)) d(x) V(t)``: only those who would never relapse die without relapse, so F1
    is the cumulative incidence itself and needs no integral.

    Parameters
    ----------
    patients : Columns of `Patient`
        Complete predictors.
    day : float
        Horizon, days from infusion; from day 45 on (before it the day of the assessment matters). Infinity
        gives those who would ever relapse.

    Returns
    -------
    risk : ndarray of shape (n_infusions,)
        In (0, 1).
    """
    return expit(true_log_odds("relapse", patients) + np.log(relapse_odds_share(day)))


def true_risks(patients: Columns) -> dict[tuple[str, int], Values]:
    """Compute the true risk of outcomes at every horizon under ``treatment_policy``.

    Of death from any cause there is none in closed form: after a relapse it depends on further infusions.

    Parameters
    ----------
    patients : Columns of `Patient`
        Complete predictors.

    Returns
    -------
    risks : dict of (outcome, horizon_days) to ndarray of shape (n_infusions,)
        Severe toxicity first, then relapse with the headline horizon first, then those that follow from them.
    """
    risks: dict[tuple[str, int], Values] = {}
    for outcome in INTERCEPTS:
        for day in OUTCOMES[outcome].horizons_days:
            risks[outcome, day] = _true_risk(outcome, patients, day)
    return risks | true_further_risks(patients)


def _true_risk(outcome: OutcomeName, patients: Columns, day: float) -> Values:
    if outcome == "relapse":
        return true_relapse_risk(patients, day=day)
    return expit(true_log_odds(outcome, patients))


def true_further_risks(patients: Columns) -> dict[tuple[str, int], Values]:
    """Compute the true risks that follow from those of relapse and severe toxicity.

    Parameters
    ----------
    patients : Columns of `Patient`
        Complete predictors.

    Returns
    -------
    risks : dict of (outcome, horizon_days) to ndarray of shape (n_infusions,)
    """
    severe_crs = expit(true_log_odds("severe_crs", patients))

    def by_crs(log_odds: Callable[[Values], Values]) -> Values:
        without, after = (expit(log_odds(np.full(len(patients), each))) for each in (0.0, 1.0))
        return np.asarray(severe_crs * after + (1 - severe_crs) * without)

    toxicity = {
        "crs_grade_2_or_higher": severe_crs + (1 - severe_crs) * MILD_CRS[2],
        "severe_icaht": by_crs(lambda crs: severe_icaht_log_odds(patients, crs)),
        "iec_hs": by_crs(iec_hs_log_odds),
    }
    risks = {(name, OUTCOMES[name].horizons_days[0]): risk for name, risk in toxicity.items()}
    for day in OUTCOMES["death_without_relapse"].horizons_days:
        risks["death_without_relapse", day] = true_death_without_relapse(patients, day=day)
    return risks


def true_death_without_relapse(patients: Columns, *, day: float) -> Values:
    """Cumulative incidence of death before any no response or relapse, from day 90 on.

    Parameters
    ----------
    patients : Columns of `Patient`
        Complete predictors.
    day : float
        Horizon, days from infusion.

    Returns
    -------
    risk : ndarray of shape (n_infusions,)
        In (0, 1); with the risk of relapse below 1.
    """
    crs, icans = (expit(true_log_odds(name, patients)) for name in ("severe_crs", "severe_icans"))
    together = np.maximum(crs, icans)
    toxic = TOGETHER * together + (1 - TOGETHER) * (1 - (1 - crs) * (1 - icans))
    early = toxic * EARLY_DEATH[1] + (1 - toxic) * EARLY_DEATH[0]
    late = 1 - np.exp(-(day - ASSESSED_ON - 1) / LATE_DEATH_MEAN_DAYS)
    ever = (1 - true_relapse_risk(patients, day=np.inf)) * true_nonrelapse_mortality(patients)
    return np.asarray(ever * (early + (1 - early) * late))


def severe_icaht_log_odds(patients: Columns, severe_crs: Values) -> Values:
    """Log odds of severe early ICAHT: more where platelets were low, and after severe CRS."""
    low = np.log(75 / np.maximum(patients["platelets_1e9_l"], 1.0))
    return np.asarray(-0.9 + 0.5 * low + 0.8 * severe_crs)


def iec_hs_log_odds(severe_crs: Values) -> Values:
    """Log odds of IEC-HS: mostly after severe CRS."""
    return -3.2 + 2.2 * severe_crs


def true_nonrelapse_mortality(patients: Columns) -> Values:
    """Probability of dying among those who would never relapse: more with age, prior HSCT and EASIX."""
    return expit(
        -1.7
        + 0.25 * (KNOWN_TERMS["age"].compute(patients) - 3.5)
        + 0.4 * patients["prior_allo_hsct"]
        + 0.2 * (KNOWN_TERMS["log2_easix"].compute(patients) - 1.3)
    )
