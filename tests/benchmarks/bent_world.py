"""A world with interactions and thresholds, chosen by hand and not from any study."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from features.columns import Columns, Values
from features.disease_burden import BURDEN_FIELD, high_burden_share
from features.terms import KNOWN_TERMS, TERMS
from tests.benchmarks.readings import BASE_RATES, PUBLISHED
from tests.benchmarks.world import Bend, World

LINEAR_SHARE = 0.7
"""How much of the published effects is left where interactions and thresholds are added."""


def interactions(outcome: str, rng: np.random.Generator) -> World:
    """Weaken the published effects, and add what no sum of terms can say."""
    weaker = {name: LINEAR_SHARE * effect for name, effect in PUBLISHED[outcome].items()}
    return World(outcome, weaker, BASE_RATES[outcome], BENDS[outcome])


def _high_burden(patients: Columns) -> Values:
    """Say how far burden is high: low becomes high gradually about 5 % blasts."""
    return high_burden_share(patients[BURDEN_FIELD])


def _low_burden(patients: Columns) -> Values:
    return 1 - _high_burden(patients)


def _above(name: str, cut: float) -> Callable[[Columns], Values]:
    return lambda patients: (patients[name] > cut).astype(float)


def _easix_above_4(patients: Columns) -> Values:
    return (TERMS["log2_easix"].compute(patients) > 2).astype(float)


def _both(
    first: Callable[[Columns], Values], second: Callable[[Columns], Values]
) -> Callable[[Columns], Values]:
    return lambda patients: first(patients) * second(patients)


_NONRESPONSE = KNOWN_TERMS["blinatumomab_nonresponse"].compute
_TOCILIZUMAB = KNOWN_TERMS["tocilizumab_prophylaxis"].compute

# Cuts leave 8 to 35 % of the patients on the side that differs, so that there is something to learn.
BENDS: Mapping[str, tuple[Bend, ...]] = {
    "relapse": (
        Bend("no response to blinatumomab, high burden", 0.8, _both(_high_burden, _NONRESPONSE)),
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
        Bend("tocilizumab prophylaxis, low burden", 0.6, _both(_low_burden, _TOCILIZUMAB)),
    ),
}
"""Interactions and thresholds."""
