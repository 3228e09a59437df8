"""Worlds with a known true risk: what is published taken as right, scattered, wrong, or not all there is.

The numbers are a reading of the published studies of their own, written down here by hand: nothing is taken
from the priors of any learner. Rules of the reading, the same for all:

* a hazard ratio h at the risk p of those without counts as the odds ratio of ``1 - (1 - p)^h`` against p;
* an estimate that nothing was adjusted for counts 0.7 times on the log scale;
* a direction without an estimate counts 0.2 a contrast, a doubling or a line, 0.1 a decade of age.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq

from features.columns import Columns, Values
from features.log_odds import expit, logit
from features.synthetic.patients import first_infusions
from features.terms import KNOWN_TERMS, TERMS, term_matrix

RELAPSE: Mapping[str, float] = {
    # HR 2.66 at .25 (10.1182/bloodadvances.2021006418): 1.24; HR 2.52 at .30 (10.1200/JCO.21.01405): 1.22;
    # OR 5.63, unadjusted (10.1182/blood.2020009515): 0.7 x 1.73 = 1.21.
    "high_burden": 1.20,
    # HR 1.9 at .45 (10.1200/JCO.21.01405); no difference in 10.1182/bloodadvances.2021005564.
    "extramedullary_disease": 0.95,
    # HR 4.05 at .274, unadjusted (10.1200/JCO.21.01405): 0.7 x 1.95.
    "blinatumomab_nonresponse": 1.37,
    # HR 1.26 at .274, unadjusted (10.1200/JCO.21.01405): 0.7 x 0.28.
    "blinatumomab_response": 0.19,
    # HR 1.2 at .50 (ROCCA, Blood Adv 2024;8(23):6139); same direction in 10.1182/bloodadvances.2025015881.
    "inotuzumab": 0.26,
    # OR 4.05, unadjusted (10.1182/blood.2020009515): 0.7 x 1.40; same direction in PMC10242498.
    "prior_allo_hsct": 0.98,
    # HR 4.26 at .40, adjusted (Blood Adv 2020;4(10):2325).
    "tp53_altered": 2.46,
    # Directions only: Stefanski 2023 (Blood Adv 7(4):541).
    "log2_dose_per_kg": -0.20,
    # LDH up, platelets down (PMID:30728140).
    "log2_easix": 0.20,
    # PMID:30728140; low exposure in 10.1182/bloodadvances.2021006418.
    "fludarabine": -0.20,
    # 10.1182/blood.2020009515
    "prior_lines": 0.20,
    # 18 or older against younger (10.1182/bloodadvances.2025015881).
    "age": 0.10,
    # Across studies (10.1200/JCO.22.01214).
    "dual_target": -0.20,
    # HR 0.7, 0.21 to 2.9 (Leahy 2022, Blood 139(14):2173) against a worse outcome in
    # 10.1182/bloodadvances.2025015881: no effect, but a study.
    "kmt2a_rearranged": 0.0,
}  # fmt: skip
"""Log odds ratios of no response, relapse or progression, per unit of the term."""

SEVERE_CRS: Mapping[str, float] = {
    # Directions only: Blood 2020;136(S1):9, 10.1007/s11596-025-00109-0, Hay 2017 (Blood 130(21):2295).
    "high_burden": 0.20,
    # Hay 2017 (Blood 130(21):2295), 10.1007/s12325-019-01056-8.
    "log2_dose_per_kg": 0.20,
    # Hay 2017 (Blood 130(21):2295).
    "fludarabine": 0.20,
    # OR 1.72 a doubling, unadjusted (10.3389/fimmu.2022.877477): 0.7 x 0.54.
    "log2_easix": 0.38,
    # OR 0.36, unadjusted (NCT02906371): 0.7 x -1.02.
    "tocilizumab_prophylaxis": -0.72,
    # Direction only (thesis, index 2404330614468377; the pooled rates of 10.3389/fimmu.2023.1178403 agree).
    "dual_target": -0.20,
}  # fmt: skip
"""Log odds ratios of severe CRS, per unit of the term."""

PUBLISHED: Mapping[str, Mapping[str, float]] = {"relapse": RELAPSE, "severe_crs": SEVERE_CRS}

BASE_RATES: Mapping[str, float] = {
    # 0.15 without remission and 0.364 of the others by day 365 (10.1200/JCO.20.03585 and
    # 10.1182/bloodadvances.2021006418).
    "relapse": 0.46,
    # The median of five series: 39/183, 88/459, 17/125 (10.1007/s11596-025-00109-0), .11 of ROCCA and .024 of
    # FELIX (10.1056/NEJMoa2406526).
    "severe_crs": 0.14,
}

SCATTER = 0.35
"""Standard deviation of a published effect about its mean: a binary contrast, or a standard deviation."""
SCATTER_UNPUBLISHED = 0.15
"""The same of a term without a study, per standard deviation of it."""
SCATTER_BASE_RATE = 0.3
"""The same of the base rate, log-odds."""
LINEAR_SHARE = 0.7
"""How much of the published effects is left where interactions and thresholds are added."""
N_REFERENCE = 20_000
REFERENCE_SEED = 20260101


@dataclass(frozen=True)
class Bend:
    """What is added to the log-odds of some patients, beyond any sum of terms."""

    title: str
    log_odds: float
    holds: Callable[[Columns], Values]


@dataclass(frozen=True)
class World:
    """One true risk.

    Attributes
    ----------
    outcome : str
        Entry of `BASE_RATES`.
    effects : mapping of str to float
        Log odds ratio per unit of a term; terms that are not named have none.
    base_rate : float
        Mean true risk of the population at the headline horizon.
    bends : tuple of Bend
        Interactions and thresholds.
    """

    outcome: str
    effects: Mapping[str, float]
    base_rate: float
    bends: tuple[Bend, ...] = ()

    def risk(self, patients: Columns) -> Values:
        """State the true risk at the headline horizon: shape (n_infusions,)."""
        return expit(self.log_odds(patients))

    def log_odds(self, patients: Columns) -> Values:
        """State the true log-odds at the headline horizon: shape (n_infusions,)."""
        return self._intercept() + self._predictor(patients)

    def _intercept(self) -> float:
        """Solve for the intercept with which the population has the base rate."""
        predictor = self._predictor(reference_population())
        excess = lambda intercept: float(expit(intercept + predictor).mean()) - self.base_rate  # noqa: E731
        return float(brentq(excess, -40.0, 40.0, xtol=1e-10))

    def _predictor(self, patients: Columns) -> Values:
        names = tuple(self.effects)
        linear = term_matrix(patients, names) @ np.array([self.effects[name] for name in names])
        return linear + sum(
            (bend.log_odds * bend.holds(patients) for bend in self.bends), np.zeros(len(patients))
        )


@cache
def reference_population() -> Columns:
    """Draw the patients to whom base rates and standard deviations refer, always the same."""
    return first_infusions(N_REFERENCE, rng=np.random.default_rng(REFERENCE_SEED)).patients


@cache
def term_spreads() -> Mapping[str, float]:
    """Compute the standard deviation of every term in the population, 0 for products that it does not get."""
    spreads = term_matrix(reference_population(), tuple(KNOWN_TERMS)).std(axis=0)
    return dict(zip(KNOWN_TERMS, spreads.tolist(), strict=True))


def right(outcome: str, rng: np.random.Generator) -> World:
    """Make what is published the truth."""
    return World(outcome, PUBLISHED[outcome], BASE_RATES[outcome])


def scattered(outcome: str, rng: np.random.Generator) -> World:
    """Let every centre differ: each effect drawn about what is published, and the base rate too."""
    names = [name for name in dict.fromkeys((*TERMS, *PUBLISHED[outcome])) if term_spreads()[name] > 0]
    effects = {name: _scattered(outcome, name, rng) for name in names}
    shifted = logit(np.array(BASE_RATES[outcome])) + SCATTER_BASE_RATE * rng.normal()
    return World(outcome, effects, float(expit(shifted)))


def half_wrong(outcome: str, rng: np.random.Generator) -> World:
    """Turn the sign of a random half of the published effects; of an odd number the middle one by chance."""
    effects = dict(PUBLISHED[outcome])
    named = [name for name, effect in effects.items() if effect]
    n_flipped = (len(named) + int(rng.integers(2))) // 2
    for name in rng.permutation(named)[:n_flipped]:
        effects[str(name)] *= -1
    return World(outcome, effects, BASE_RATES[outcome])


def all_wrong(outcome: str, rng: np.random.Generator) -> World:
    """Turn the sign of every published effect."""
    return World(outcome, {name: -effect for name, effect in PUBLISHED[outcome].items()}, BASE_RATES[outcome])


def no_effects(outcome: str, rng: np.random.Generator) -> World:
    """Give everybody the same risk."""
    return World(outcome, dict.fromkeys(PUBLISHED[outcome], 0.0), BASE_RATES[outcome])


def interactions(outcome: str, rng: np.random.Generator) -> World:
    """Weaken the published effects, and add what no sum of terms can say."""
    weaker = {name: LINEAR_SHARE * effect for name, effect in PUBLISHED[outcome].items()}
    return World(outcome, weaker, BASE_RATES[outcome], BENDS[outcome])


WORLDS: Mapping[str, Callable[[str, np.random.Generator], World]] = {
    make.__name__: make for make in (right, scattered, half_wrong, all_wrong, no_effects, interactions)
}
"""Every world by name: outcome and source of the draws to `World`."""


def _scattered(outcome: str, name: str, rng: np.random.Generator) -> float:
    """Draw one effect per unit of its term."""
    drawn, spread = float(rng.normal()), term_spreads()[name]
    if name not in PUBLISHED[outcome]:
        return SCATTER_UNPUBLISHED * drawn / spread
    return PUBLISHED[outcome][name] + SCATTER * drawn / (1.0 if _is_binary(name) else spread)


@cache
def _is_binary(name: str) -> bool:
    values = KNOWN_TERMS[name].compute(reference_population())
    return bool(np.isin(values, (0.0, 1.0)).all())


def _high_burden(patients: Columns) -> Values:
    return KNOWN_TERMS["high_burden"].compute(patients)


def _low_burden(patients: Columns) -> Values:
    return 1 - _high_burden(patients)


def _above(name: str, cut: float) -> Callable[[Columns], Values]:
    return lambda patients: (patients[name] > cut).astype(float)


def _term(name: str) -> Callable[[Columns], Values]:
    return KNOWN_TERMS[name].compute


def _easix_above_4(patients: Columns) -> Values:
    return (TERMS["log2_easix"].compute(patients) > 2).astype(float)


def _both(
    first: Callable[[Columns], Values], second: Callable[[Columns], Values]
) -> Callable[[Columns], Values]:
    return lambda patients: first(patients) * second(patients)


# Cuts leave 8 to 35 % of the patients on the side that differs, so that there is something to find.
BENDS: Mapping[str, tuple[Bend, ...]] = {
    "relapse": (
        Bend(
            "no response to blinatumomab, high burden",
            0.8,
            _both(_high_burden, _term("blinatumomab_nonresponse")),
        ),
        Bend("EASIX above 4", 0.7, _easix_above_4),
        Bend("ferritin above 3000, high burden", 0.6, _both(_high_burden, _above("ferritin_ug_l", 3000))),
        Bend("older than 50", 0.7, _above("age_years", 50)),
        Bend("more than 2 x 10^6/kg, low burden", -0.8, _both(_low_burden, _above("dose_1e6_per_kg", 2))),
    ),
    "severe_crs": (
        Bend("more than 2 x 10^6/kg, high burden", 1.0, _both(_high_burden, _above("dose_1e6_per_kg", 2))),
        Bend("EASIX above 4", 0.6, _easix_above_4),
        Bend("ferritin above 3000, high burden", 0.8, _both(_high_burden, _above("ferritin_ug_l", 3000))),
        Bend("older than 50", -0.5, _above("age_years", 50)),
        Bend(
            "tocilizumab prophylaxis, low burden", 0.6, _both(_low_burden, _term("tocilizumab_prophylaxis"))
        ),
    ),
}
"""Interactions and thresholds, chosen by hand and not from any study."""
