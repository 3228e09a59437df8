"""What the sources of a prior studied: patients, disease and product, as the evidence files word them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from features.evidence_sources import sources_of
from features.project_files import EVIDENCE

RATES_FILE, EFFECTS_FILE = EVIDENCE / "base_rates.csv", EVIDENCE / "effects.csv"
USED = ("estimate", "direction")
"""Uses of the rows that a prior is made of."""


def studied(outcome: str, source: str) -> str:
    """Say whom a source studied.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    source : str
        DOI, PMID, NCT or citation.

    Returns
    -------
    patients : str
        Cohorts, disease, age and product of its rows; empty where the files that come with the software do
        not name it, as for a site's own evidence.

    Examples
    --------
    >>> studied("severe_crs", "10.1056/NEJMoa2406526")
    'FELIX, adults, split dosing, obecabtagene'
    >>> studied("severe_crs", "our own patients")
    ''
    """
    return _by_source().get((outcome, source), "")


@cache
def _by_source() -> Mapping[tuple[str, str], str]:
    listed: dict[tuple[str, str], list[str]] = {}
    for row in (*_rows(RATES_FILE), *_rows(EFFECTS_FILE)):
        if row["use"] not in USED:
            continue
        parts = [row.get("cohort", ""), row["population"], row.get("product", "")]
        # A cohort may be named by its population or its product.
        named = [word for part in parts if part for word in part.split(", ")]
        patients = ", ".join(dict.fromkeys(named))
        for source in sources_of(row["source"]):
            listed.setdefault((row["outcome"], source), []).append(patients)
    return {key: "; ".join(dict.fromkeys(filter(None, whom))) for key, whom in listed.items()}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
