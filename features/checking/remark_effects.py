"""What a remark would change: infusions and events of each outcome that training takes from its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from features.checking.remark import Remark
from features.cohort import Cohort
from features.field import specs
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.problems import counted
from features.schema import FollowUp

MOST_OUTCOMES = 3
"""Outcomes that are named on the command line."""


@dataclass(frozen=True)
class Effect:
    """What an outcome takes from the rows of a remark.

    Attributes
    ----------
    outcome : str
    infusions, of_infusions : int
        With a known outcome: in the rows of the remark, and in the file.
    events, of_events : int
        Events among them.
    """

    outcome: str
    infusions: int
    of_infusions: int
    events: int
    of_events: int


def effects(remark: Remark, cohort: Cohort) -> tuple[Effect, ...]:
    """Count what training takes from the rows of a remark.

    Parameters
    ----------
    remark : Remark
        About the cohort.
    cohort : Cohort
        Checked.

    Returns
    -------
    effects : tuple of Effect
        Of a remark about follow-up, only outcomes that its columns are read for. Outcomes that are known in
        none of the rows are left out.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": str(n), "icans_grade": n} for n in range(5)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> effects(Remark("unusual_value", "...", fields=("icans_grade",), rows=(5, 6)), cohort)
    (Effect(outcome='severe_icans', infusions=2, of_infusions=5, events=2, of_events=2),)
    """
    inside = np.isin(cohort.rows, remark.rows)
    listed = []
    for name, outcome in OUTCOMES.items():
        if not _concerns(remark.fields, outcome.needs):
            continue
        seen = observe(outcome, cohort.follow_up)
        events = seen.known & (seen.event == 1)
        if (seen.known & inside).any():
            listed.append(
                Effect(
                    name,
                    infusions=int((seen.known & inside).sum()),
                    of_infusions=int(seen.known.sum()),
                    events=int((events & inside).sum()),
                    of_events=int(events.sum()),
                )
            )
    return tuple(listed)


def effect_words(remark: Remark, cohort: Cohort) -> str:
    """Say what a remark is about, in numbers; empty for a remark without rows.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": str(n), "icans_grade": n} for n in range(5)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> effect_words(Remark("unusual_value", "...", fields=("icans_grade",), rows=(5, 6)), cohort)
    'concerns 2 of 5 infusions; severe_icans: 2 of 2 events'
    """
    if not remark.rows:
        return ""
    inside = int(np.isin(cohort.rows, remark.rows).sum())
    most = sorted(effects(remark, cohort), key=lambda each: -each.events / max(each.of_events, 1))
    named = [f"{each.outcome}: {each.events} of {counted(each.of_events, 'event')}" for each in most]
    return "; ".join([f"concerns {inside} of {counted(len(cohort), 'infusion')}", *named[:MOST_OUTCOMES]])


def _concerns(fields: Iterable[str], needs: Iterable[str]) -> bool:
    """Whether an outcome uses any of the columns: predictors are used by all."""
    named = list(fields)
    return any(name not in specs(FollowUp) for name in named) or bool(set(named) & set(needs))
