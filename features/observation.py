"""What follow-up says of each outcome, infusion by infusion: event, competing event, or nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.decisions import ASSUMED_REMISSION_DAY, GRADED_BY_DAY, Decision
from features.rules import ASSESSED_RESPONSES, DEFAULT_RESPONSE_DAY
from features.short_repr import ShortRepr

Observer = Callable[[Columns], "Observation"]
"""Reads an outcome off the columns of `FollowUp`."""


@dataclass(frozen=True, repr=False)
class Observation(ShortRepr):
    """What was seen of one outcome, infusion by infusion.

    Attributes
    ----------
    event : ndarray of shape (n_infusions,)
        0 nothing seen (censored), 1 the event, 2 the competing event.
    day : ndarray of shape (n_infusions,)
        Day of event or censoring; 0 where not known.
    known : ndarray of bool, shape (n_infusions,)
        False where nothing at all is known: such an infusion has weight 0 and no part in anything.
    further_therapy : ndarray of bool, shape (n_infusions,)
        True where the observation was ended by further therapy (`no_further_therapy` only).
    counts : mapping of str to int
        Infusions by the code of the decision made about them (`features.decisions.Decision`).
    assumed : ndarray of bool, shape (n_infusions,), optional
        True where the observation rests on an assumption instead of an assessment; None where none does.
    milder : ndarray of shape (n_infusions,), optional
        Without the event: 1 for the grade just below it, 0 for a lower one; NaN with the event, and where the
        grade is not known. None where nothing is graded.
    """

    event: NDArray[np.int64]
    day: Values
    known: NDArray[np.bool_]
    further_therapy: NDArray[np.bool_]
    counts: Mapping[str, int]
    assumed: NDArray[np.bool_] | None = None
    milder: Values | None = None

    def __len__(self) -> int:
        return len(self.event)

    def take(self, index: NDArray[Any], *, counts: Mapping[str, int]) -> Observation:
        """Pick infusions, with counts of their own; `assumed` is not kept."""
        return Observation(
            event=self.event[index],
            day=self.day[index],
            known=self.known[index],
            further_therapy=self.further_therapy[index],
            counts=counts,
            milder=self.milder[index] if self.milder is not None else None,
        )


def at_least(least: int, grade: str, onset: str | None = None) -> Observer:
    """Observe a grade or a higher one by day 30; a known grade counts whatever the last contact.

    Parameters
    ----------
    least : int
        Grade from which on it is the event.
    grade, onset : str
        Columns of the worst grade and of the day of onset; without the second, all count as by day 30.

    Returns
    -------
    observe : callable
        Follow-up columns to `Observation`.
    """
    # Another process can be sent a partial function, but not one that was defined in another.
    return partial(_observed_grade, least=least, grade=grade, onset=onset)


def _observed_grade(follow_up: Columns, *, least: int, grade: str, onset: str | None) -> Observation:
    worst = follow_up[grade]
    onset_day = follow_up[onset] if onset else np.full(len(follow_up), np.nan)
    reached = worst >= least
    late = reached & (onset_day > GRADED_BY_DAY)
    unknown_onset = reached & np.isnan(onset_day) if onset else np.zeros(len(follow_up), dtype=bool)
    seen = _seen_by(
        GRADED_BY_DAY,
        follow_up,
        known=~np.isnan(worst),
        happened=reached,
        onset_day=onset_day,
        counts={
            Decision.LATE_ONSET: int(late.sum()),
            Decision.NO_GRADE: int(np.isnan(worst).sum()),
            Decision.UNKNOWN_ONSET: int(unknown_onset.sum()),
        },
    )
    return replace(seen, milder=milder_than(least, worst))


def milder_than(least: int, worst: Values) -> Values:
    """Say who came close to the event without it.

    Parameters
    ----------
    least : int
        Grade from which on it is the event.
    worst : ndarray of shape (n_infusions,)
        Worst grade; NaN where not known.

    Returns
    -------
    milder : ndarray of shape (n_infusions,)
        1 for one grade less, 0 for lower ones, NaN with the event or without a grade.

    Examples
    --------
    >>> milder_than(3, np.array([0.0, 2.0, 3.0, np.nan]))
    array([ 0.,  1., nan, nan])
    """
    return np.where(worst < least, (worst == least - 1).astype(np.float64), np.nan)


def stated(column: str, *, by_day: int) -> Observer:
    """Observe a complication that the follow-up states as yes or no.

    Parameters
    ----------
    column : str
        A yes/no column of `FollowUp`.
    by_day : int
        Day by which it counts as seen.

    Returns
    -------
    observe : callable
        Follow-up columns to `Observation`.
    """
    return partial(_observed_statement, column=column, by_day=by_day)


def _observed_statement(follow_up: Columns, *, column: str, by_day: int) -> Observation:
    answer = follow_up[column]
    return _seen_by(
        by_day,
        follow_up,
        known=~np.isnan(answer),
        happened=answer == 1,
        onset_day=np.full(len(follow_up), np.nan),
        counts={Decision.NOT_STATED: int(np.isnan(answer).sum())},
    )


def _seen_by(
    by_day: int,
    follow_up: Columns,
    *,
    known: NDArray[np.bool_],
    happened: NDArray[np.bool_],
    onset_day: Values,
    counts: Mapping[str, int],
) -> Observation:
    """Observe a complication of the first weeks: a death before the day without it is no event."""
    day = np.where(happened & ~np.isnan(onset_day), onset_day, float(by_day))
    died_early = known & ~happened & (follow_up["death_day"] < by_day)
    return Observation(
        event=happened.astype(np.int64),
        day=np.where(known, day, 0.0),
        known=known,
        further_therapy=np.zeros(len(follow_up), dtype=bool),
        counts={
            **counts,
            Decision.EARLY_DEATH: int(died_early.sum()),
        },
    )


def no_response_relapse_or_progression(follow_up: Columns) -> Observation:
    """Observe the first of no response, relapse or progression, with death before any of them competing."""
    last, death, relapse = (follow_up[name] for name in ("last_contact_day", "death_day", "relapse_day"))
    known = ~np.isnan(last)
    stated_day = follow_up["response_day"]
    response_day = np.where(np.isnan(stated_day), float(DEFAULT_RESPONSE_DAY), stated_day)
    unanswered = no_response(follow_up)
    assessed = follow_up.is_option("response_day28", *ASSESSED_RESPONSES) == 1
    event_day = np.fmin(np.where(unanswered, response_day, np.nan), relapse)
    failed = known & ~np.isnan(event_day)

    unassessed = known & ~assessed & ~failed
    in_remission = unassessed & (last > ASSUMED_REMISSION_DAY)
    cut = unassessed & ~in_remission & ~(death <= DEFAULT_RESPONSE_DAY)
    end = np.where(cut, np.fmin(last, DEFAULT_RESPONSE_DAY), last)
    died = known & ~failed & ~cut & ~np.isnan(death)

    return Observation(
        event=np.select([failed, died], [1, 2], 0).astype(np.int64),
        day=np.where(known, np.where(failed, event_day, end), 0.0),
        known=known,
        further_therapy=np.zeros(len(follow_up), dtype=bool),
        counts={
            Decision.NO_LAST_CONTACT: int((~known).sum()),
            Decision.ASSUMED_IN_REMISSION: int(in_remission.sum()),
            Decision.NOT_ASSESSED: int(cut.sum()),
            Decision.NOT_ASSESSED_DIED: int((cut & ~np.isnan(death)).sum()),
        },
        assumed=in_remission,
    )


def no_response(follow_up: Columns) -> NDArray[np.bool_]:
    """Mark infusions assessed without a response."""
    answered: NDArray[np.bool_] = follow_up.is_option("response_day28", "no_response") == 1
    return answered


def death_without_relapse(follow_up: Columns) -> Observation:
    """Observe death before no response, relapse or progression, any of them competing."""
    seen = no_response_relapse_or_progression(follow_up)
    return replace(seen, event=np.select([seen.event == 2, seen.event == 1], [1, 2], 0).astype(np.int64))


def death(follow_up: Columns) -> Observation:
    """Observe death from any cause."""
    last, died_on = follow_up["last_contact_day"], follow_up["death_day"]
    known = ~np.isnan(last)
    died = known & ~np.isnan(died_on)
    return Observation(
        event=died.astype(np.int64),
        day=np.where(died, died_on, np.where(known, last, 0.0)),
        known=known,
        further_therapy=np.zeros(len(follow_up), dtype=bool),
        counts={Decision.NO_LAST_CONTACT: int((~known).sum())},
    )
