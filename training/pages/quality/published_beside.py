"""What published cohorts show beside a center's own, with the source of every number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from features.evidence_sources import sources_of
from features.expected_terms import PROFILE_FILE
from features.files.read_table import read_table
from features.project_files import EVIDENCE
from features.terms import TERMS


@dataclass(frozen=True)
class PublishedOutcome:
    """One published rate.

    Attributes
    ----------
    cohort, definition, among : str
        Cohort, definition of the event, and population.
    sources : tuple of str
        Publications.
    rate : float
    n, horizon_days : int or None
        Patients, and the day by which.
    """

    cohort: str
    definition: str
    among: str
    sources: tuple[str, ...]
    rate: float
    n: int | None
    horizon_days: int | None


@dataclass(frozen=True)
class AssumedField:
    """What the reference profile says of a field.

    Attributes
    ----------
    words, basis : str
        What the profile rests on, and whether that is a definition or an assumption.
    """

    words: str
    basis: str


def published_outcomes(outcome: str) -> list[PublishedOutcome]:
    """List the published rates of an outcome.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.

    Returns
    -------
    rates : list of PublishedOutcome
        As the evidence file has them, also those that no prior is made of.

    Examples
    --------
    >>> first = published_outcomes("severe_crs")[0]
    >>> first.cohort, first.rate, first.n
    ('PRWCC tisagenlecleucel', 0.213, 183)
    """
    return [
        PublishedOutcome(
            cohort=row["cohort"],
            definition=row["definition"],
            among=row["among"],
            sources=sources_of(row["source"]),
            rate=float(row["rate"]),
            n=int(row["n"]) if row["n"] else None,
            horizon_days=int(row["horizon_days"]) if row["horizon_days"] else None,
        )
        for row in _rows()
        if row["outcome"] == outcome and row["rate"]
    ]


@lru_cache(maxsize=1)
def assumed_fields() -> dict[str, AssumedField]:
    """Say what the reference profile assumes of each field that a term is made of alone.

    Returns
    -------
    fields : dict of str to AssumedField
        By column of `Patient`.

    Examples
    --------
    >>> assumed_fields()["age_years"].words
    'decades; median near 40 years in adult series'
    """
    table = read_table(PROFILE_FILE)
    rows = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
    alone = {name: term.inputs[0] for name, term in TERMS.items() if len(term.inputs) == 1}
    return {
        alone[row["term"]]: AssumedField(row["source"], row["basis"])
        for row in rows
        if row["term"] in alone and row["basis"] != "definition"
    }


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    table = read_table(EVIDENCE / "base_rates.csv")
    return tuple(dict(zip(table.columns, cells, strict=True)) for cells in table.rows)
