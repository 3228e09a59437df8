"""The evidence without each source in turn, and which sources go together."""

from __future__ import annotations

from collections.abc import Iterable

from features.outcomes import with_composed_of
from training.evidence.evidence_set import BaseRate, Effect, Evidence

USED = ("estimate", "direction")
"""Uses of the rows that a prior is made of."""


def without_each_source(
    evidence: Evidence, outcome: str, sources: Iterable[str]
) -> dict[Evidence, tuple[str, ...]]:
    """Leave out each source of an outcome in turn.

    Parameters
    ----------
    evidence : Evidence
    outcome : str
        Entry of `OUTCOMES`; rows of outcomes that it is not composed of, and rows that are context, are left
        out of all.
    sources : iterable of str
        As the rows name them.

    Returns
    -------
    sources_by_evidence : dict of Evidence to tuple of str
        The rows that are left, and the sources without which these are left: several where the same rows name
        them. In the order of the sources.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> (left,) = without_each_source(read_evidence(), "relapse", ["PMID:30728140"]).values()
    >>> left
    ('PMID:30728140',)
    """
    outcomes = with_composed_of([outcome])
    used = Evidence(
        tuple(row for row in evidence.effects if _has_part(row, outcomes)),
        tuple(row for row in evidence.base_rates if _has_part(row, outcomes)),
    )
    together: dict[Evidence, tuple[str, ...]] = {}
    for source in sources:
        left = used.without([source])
        together[left] = (*together.get(left, ()), source)
    return together


def _has_part(row: Effect | BaseRate, outcomes: tuple[str, ...]) -> bool:
    return row.outcome in outcomes and row.use in USED
