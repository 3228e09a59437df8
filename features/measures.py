"""The measures of a model: how each is called, written and grouped, wherever people or programs read it.

The terminal, the runs in MLflow, the report, the page and its scripts (`measures.js`, made by
``cart-outcomes schema --write``) take names, decimals and order from here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GAIN = "log_loss_gain_over_prevalence"
"""Paired gain in log loss over the prevalence; above 0 the model is better."""

NET_BENEFIT_THRESHOLDS_PCT = (10, 20, 30, 50)


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes
    ----------
    name : str
        In metrics, cards and tables of programs.
    title : str
        For people, within a sentence or as a heading.
    short_title : str
        Where little room is left.
    decimals : int
        Of the figure and of its interval.
    of_a_hundred : bool
        Whether the page writes it in points of 100, with one decimal.
    signed : bool
        Whether the page writes a plus before a positive figure.
    """

    name: str
    title: str
    short_title: str
    decimals: int = 3
    of_a_hundred: bool = False
    signed: bool = False


_ENTRIES = (
    Measure("auroc", "AUROC", "AUROC", decimals=2),
    Measure("calibration_slope", "calibration slope", "calibration slope", decimals=2),
    Measure(
        "calibration_in_the_large",
        "calibration in the large",
        "calibration in the large",
        decimals=2,
        signed=True,
    ),
    Measure("observed_expected", "observed : expected events (O:E)", "observed : expected", decimals=2),
    Measure("ici", "integrated calibration index (ICI)", "ICI", of_a_hundred=True),
    Measure("brier_scaled", "scaled Brier score", "scaled Brier score", of_a_hundred=True),
    Measure("brier", "Brier score", "Brier score"),
    Measure("log_loss", "log loss", "log loss"),
    Measure(GAIN, "gain in log loss over the prevalence", "gain over prevalence", signed=True),
    *(
        Measure(
            f"net_benefit_at_{threshold}",
            f"net benefit at a threshold of {threshold} %",
            f"net benefit at {threshold} %",
            of_a_hundred=True,
            signed=True,
        )
        for threshold in NET_BENEFIT_THRESHOLDS_PCT
    ),
)

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _ENTRIES}
"""Every measure by name, in the order in which they are read."""

IN_TERMINAL = ("log_loss", GAIN, "auroc", "calibration_slope", "observed_expected")
"""Columns of the tables in the terminal and of a comparison; the first two decide."""

IN_RUN_LIST = ("auroc", "log_loss", "calibration_slope", "brier_scaled", "ici", "net_benefit_at_10")
"""Columns of MLflow's list of runs, side by side for all outcomes."""

IN_LEAGUE = ("log_loss", GAIN, "auroc")
"""Columns of a league table; it is sorted by the first."""

LOSSES = ("log_loss", "brier")
"""Losses that are compared patient by patient."""

PAGE_SCRIPT_TITLE = "// How figures are written, in their order; made by `cart-outcomes schema --write`."

DECIMALS = 3
"""Of a measure that is not in `MEASURES`."""


def decimals(name: str) -> int:
    """Give the decimals of a measure.

    Examples
    --------
    >>> decimals("auroc"), decimals("another_measure")
    (2, 3)
    """
    return MEASURES[name].decimals if name in MEASURES else DECIMALS


def measure_title(name: str) -> str:
    """Name a measure for people; one that is not known here keeps its name.

    Examples
    --------
    >>> measure_title("auroc"), measure_title("another_measure")
    ('AUROC', 'another measure')
    """
    return MEASURES[name].title if name in MEASURES else name.replace("_", " ")


def short_title(name: str) -> str:
    """Name a measure where little room is left; one that is not known here keeps its name."""
    return MEASURES[name].short_title if name in MEASURES else name.replace("_", " ")


def in_order(names: Iterable[str]) -> list[str]:
    """Sort measures as they are read, unknown ones last.

    Examples
    --------
    >>> in_order(["brier", "another", "auroc"])
    ['auroc', 'brier', 'another']
    """
    known = list(MEASURES)
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def page_script() -> str:
    """Write the catalogue as the page's scripts read it."""
    kinds = {
        measure.name: {
            "decimals": 1 if measure.of_a_hundred else measure.decimals,
            "hundred": measure.of_a_hundred,
            "signed": measure.signed,
        }
        for measure in MEASURES.values()
    }
    lines = (f"  {name}: {json.dumps(kind)}," for name, kind in kinds.items())
    return "\n".join([PAGE_SCRIPT_TITLE, "export const MEASURES = {", *lines, "};", ""])
