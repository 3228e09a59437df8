"""Published rates of the outcomes by listed product, read from the evidence files of this software."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

from features.evidence_sources import sources_of
from features.field import specs
from features.project_files import EVIDENCE
from features.schema import Patient
from serving.answers.schema import ProductRate

RATES_FILE = EVIDENCE / "base_rates.csv"

NOT_LISTED = ("academic", "other")
"""Options of ``product`` that name no product of which a rate could be published; every other option does."""

UPPER_BOUND = "upper_bound"
USES = ("estimate", "context", UPPER_BOUND)
"""What rows are for, in the order in which they are shown: those that the prior is made of first."""

ALL_INFUSED = "all infused"


def is_listed(product: str) -> bool:
    """Whether an option of ``product`` names a product of which rates can be published.

    Examples
    --------
    >>> [is_listed(product) for product in ("obecabtagene", "academic", "other")]
    [True, False, False]
    """
    return product not in NOT_LISTED


def listed_products() -> tuple[str, ...]:
    """List the listed products among the schema's options.

    Examples
    --------
    >>> listed_products()
    ('tisagenlecleucel', 'brexucabtagene', 'obecabtagene', 'ari_0001')
    """
    return tuple(option for option in specs(Patient)["product"].options if is_listed(option))


def published_rates(product: str, outcome: str, file: Path = RATES_FILE) -> list[ProductRate]:
    """List the published rates of an outcome after a product.

    Parameters
    ----------
    product : str
        Option of ``product``.
    outcome : str
        Entry of `OUTCOMES`.
    file : Path
        The evidence file.

    Returns
    -------
    rates : list of ProductRate
        Rows that the prior is made of first, upper bounds last; then all infused before responders, adults
        before others, and more patients before fewer. Empty where none is published.

    Examples
    --------
    >>> [(rate.cohort, rate.rate, rate.n) for rate in published_rates("obecabtagene", "severe_crs")]
    [('FELIX', 0.024, 127), ('ALLCAR19', 0.0, 20)]
    """
    rows = [row for row in _rows(file) if (row["product"], row["outcome"]) == (product, outcome)]
    rows.sort(key=_order)
    return [_rate(row) for row in rows]


def _order(row: dict[str, str]) -> tuple[Any, ...]:
    other_patients = row["population_direct"] == "no"
    return USES.index(row["use"]), row["among"] != ALL_INFUSED, other_patients, -int(row["n"] or 0)


@cache
def _rows(file: Path) -> tuple[dict[str, str], ...]:
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(row for row in csv.DictReader(lines) if row["product"] and row["rate"])


def _rate(row: dict[str, str]) -> ProductRate:
    events = _count(row["events"])
    return ProductRate(
        id=row["id"],
        outcome=row["outcome"],
        # The prior is made of half an event where there was none; a reader gets what was observed.
        rate=0.0 if events == 0 else float(row["rate"]),
        upper_bound=row["use"] == UPPER_BOUND,
        events=events,
        n=_count(row["n"]),
        low=_share(row["ci_low"]),
        high=_share(row["ci_high"]),
        horizon_days=_count(row["horizon_days"]),
        definition=row["definition"],
        among=row["among"],
        population=row["population"],
        cohort=row["cohort"],
        source=row["source"],
        sources=list(sources_of(row["source"])),
    )


def _count(cell: str) -> int | None:
    return int(cell) if cell else None


def _share(cell: str) -> float | None:
    return float(cell) if cell else None
