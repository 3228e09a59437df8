"""Which rows of effects speak of a term, by the rule that uses them: each cohort counts once."""

from __future__ import annotations

from dataclasses import dataclass

from training.evidence.effect_rows import Effect
from training.evidence.evidence_set import Evidence


@dataclass(frozen=True)
class TermRows:
    """The rows of one outcome and term, by the rule that uses them.

    Attributes
    ----------
    pooled : tuple of Effect
        The best estimate of each cohort.
    overlapping : tuple of Effect
        Other rows of these cohorts: the same patients count once.
    signs : tuple of Effect
        Directions seen in other cohorts.
    """

    pooled: tuple[Effect, ...]
    overlapping: tuple[Effect, ...]
    signs: tuple[Effect, ...]


def rows_of(outcome: str, term: str, evidence: Evidence) -> TermRows:
    """Sort the rows of an outcome and term by the rule that uses them; context is never used.

    Parameters
    ----------
    outcome, term : str
        Entries of `OUTCOMES` and `TERMS`.
    evidence : Evidence
        All rows.

    Returns
    -------
    rows : TermRows
        Each by id.
    """
    rows = sorted(
        (row for row in evidence.effects if (row.outcome, row.term) == (outcome, term)),
        key=lambda row: row.id,
    )
    best: dict[str, Effect] = {}
    for row in sorted((row for row in rows if row.use == "estimate"), key=_preference):
        best.setdefault(row.cohort_group, row)
    used = [row for row in rows if row.use in ("estimate", "direction")]
    pooled = tuple(row for row in used if best.get(row.cohort_group) is row)
    others = tuple(row for row in used if row not in pooled)
    return TermRows(
        pooled=pooled,
        overlapping=tuple(row for row in others if row.cohort_group in best),
        signs=tuple(row for row in others if row.cohort_group not in best),
    )


def _preference(row: Effect) -> tuple[bool, bool, bool, int, str]:
    """Within a cohort the direct endpoint comes first, then direct patients, adjustment and number."""
    return (
        not row.endpoint_direct,
        not row.population_direct,
        not row.multivariable,
        -(row.n or 0),
        row.id,
    )
