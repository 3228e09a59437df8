"""The unit in which a site's numbers are probably written: by the heading, else by their size."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.field import FieldSpec
from features.known_units import units_of

USUAL: Mapping[str, tuple[float, float]] = {
    "age_years": (12, 80),
    "marrow_blasts_pct": (1, 95),
    "ldh_u_l": (100, 3000),
    "creatinine_mg_dl": (0.2, 3),
    "crp_mg_l": (2, 200),
    "ferritin_ug_l": (50, 20000),
    "platelets_1e9_l": (5, 400),
    "anc_1e9_l": (0.1, 12),
    "hemoglobin_g_dl": (6.5, 12.5),
    "dose_1e6_per_kg": (0.05, 15),
    "dose_total_1e6": (3, 1500),
    "weight_kg": (40, 120),
    "fludarabine_mg_m2": (50, 200),
    "cyclophosphamide_mg_m2": (200, 5000),
    "crs_onset_day": (1, 14),
    "response_day": (20, 60),
    "relapse_day": (60, 3000),
    "death_day": (60, 3000),
    "allo_hsct_day": (30, 1500),
    "next_infusion_day": (20, 1500),
    "last_contact_day": (60, 3000),
}
"""Between which medians of a cohort of adults are usual, in the schema's unit; wider than in publications."""

TIMES = ("days", "years")
"""Units that weeks, months and years are too near to for the size of the numbers to decide."""

MOST_OUTSIDE = 0.1
"""Share of values that may lie outside the limits: mistakes, which the check will report."""

MIXED = 150
"""How many times the largest dose exceeds the smallest where some are per kg and some are totals."""


@dataclass(frozen=True)
class UnitGuess:
    """A unit, and how it was found.

    Attributes
    ----------
    unit : str
        As a mapping file names it; the schema's own where nothing speaks against it.
    reason : str
        In words, without any value.
    certain : bool
        False where the numbers fit no unit, or contradict the heading.
    """

    unit: str
    reason: str
    certain: bool


def unit_guess(spec: FieldSpec, numbers: Sequence[float], stated: str) -> UnitGuess:
    """Guess the unit of a column.

    Parameters
    ----------
    spec : FieldSpec
        A number field.
    numbers : sequence of float
        Of the column, without codes for missing values.
    stated : str
        Unit in the heading; empty where it states none.

    Returns
    -------
    guess : UnitGuess

    Examples
    --------
    >>> from features.schema import all_fields
    >>> unit_guess(all_fields()["hemoglobin_g_dl"], [88, 104, 97], "").unit
    'g/L'
    >>> unit_guess(all_fields()["ldh_u_l"], [200, 310, 250], "").reason
    'the heading states no unit, and the values fit U/L'
    """
    if len(units_of(spec)) < 2:
        return _without_choice(spec, numbers)
    if _is_mixed(spec, numbers):
        return UnitGuess(stated or spec.unit, "the values are far apart: two units?", False)
    fitting = [unit for unit, factor in units_of(spec).items() if _is_usual(spec, numbers, factor)]
    if stated:
        return _as_stated(spec, stated, fitting, _within(spec, numbers, units_of(spec)[stated]))
    if spec.unit in fitting:
        others = [unit for unit in fitting if units_of(spec)[unit] != units_of(spec)[spec.unit]]
        also = f"; they would fit {' or '.join(others[:2])} too" if others else ""
        reason = f"the heading states no unit, and the values fit {spec.unit}{also}"
        return UnitGuess(spec.unit, reason, not others)
    if fitting:
        also = f" (or {', '.join(fitting[1:3])})" if len(fitting) > 1 else ""
        reason = f"no unit in the heading; the values are no usual {spec.unit} and fit {fitting[0]}{also}"
        return UnitGuess(fitting[0], reason, len(_different(spec, fitting)) == 1 and spec.unit not in TIMES)
    return UnitGuess(spec.unit, f"the values are no usual {spec.unit}, nor any other unit", False)


def _is_mixed(spec: FieldSpec, numbers: Sequence[float]) -> bool:
    positive = [number for number in numbers if number > 0]
    of_cells = "cells" in spec.unit and "CAR+" in spec.unit
    return of_cells and bool(positive) and max(positive) > MIXED * min(positive)


def _without_choice(spec: FieldSpec, numbers: Sequence[float]) -> UnitGuess:
    fits = _within(spec, numbers, 1.0)
    relation = "the values are numbers within" if fits else "values lie outside"
    return UnitGuess(spec.unit, f"{relation} the limits of the field", fits)


def _as_stated(spec: FieldSpec, stated: str, fitting: list[str], within: bool) -> UnitGuess:
    # Shares of one are often below a heading of percent; other units differ by more than a usual range.
    is_own = stated == spec.unit != "%"
    if within and (stated in fitting or not fitting or is_own):
        return UnitGuess(stated, f"the heading says {stated}", True)
    others = f"; they would fit {fitting[0]}" if fitting else ""
    return UnitGuess(stated, f"the heading says {stated}, but the values are no usual ones{others}", False)


def _different(spec: FieldSpec, units: list[str]) -> set[float]:
    return {units_of(spec)[unit] for unit in units}


def _within(spec: FieldSpec, numbers: Sequence[float], factor: float) -> bool:
    outside = sum(not spec.allows(number * factor) for number in numbers)
    return outside <= MOST_OUTSIDE * len(numbers)


def _is_usual(spec: FieldSpec, numbers: Sequence[float], factor: float) -> bool:
    if not _within(spec, numbers, factor):
        return False
    if spec.name not in USUAL or not numbers:
        return True
    low, high = USUAL[spec.name]
    if spec.unit == "%" and factor == 1 and 0 < max(numbers) <= 1:
        return False
    return low <= statistics.median(numbers) * factor <= high
