"""Published bedside scores that outcomes are compared with, computed from a patient's columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from features.columns import Columns, Values
from features.scores import car_hematotox


@dataclass(frozen=True)
class BedsideScore:
    """One published score.

    Attributes
    ----------
    name, title : str
        For code, for people.
    inputs : tuple of str
        Columns of `Patient`; the score is missing where one of them is.
    compute : callable
        Encoded patients to points, shape (n_infusions,), NaN where missing.
    source : str
        DOI.
    """

    name: str
    title: str
    inputs: tuple[str, ...]
    compute: Callable[[Columns], Values]
    source: str


def _car_hematotox(patients: Columns) -> Values:
    return car_hematotox(
        patients["platelets_1e9_l"],
        patients["anc_1e9_l"],
        hemoglobin_g_dl=patients["hemoglobin_g_dl"],
        crp_mg_l=patients["crp_mg_l"],
        ferritin=patients["ferritin_ug_l"],
    )


_ENTRIES = (
    BedsideScore(
        name="car_hematotox",
        title="CAR-HEMATOTOX",
        inputs=("platelets_1e9_l", "anc_1e9_l", "hemoglobin_g_dl", "crp_mg_l", "ferritin_ug_l"),
        compute=_car_hematotox,
        source="10.1182/blood.2020010543",
    ),
)

BEDSIDE_SCORES: Mapping[str, BedsideScore] = {score.name: score for score in _ENTRIES}
"""Scores by the name under which outcomes name them. EASIX, with which every outcome is compared, is a term
of the models too and has a model of its own."""
