"""The outcomes: what counts as an event, what competes, at which horizons; one entry each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.decisions import ASSUMED_REMISSION_DAY, GRADED_BY_DAY, SEVERE_GRADE, Decision
from features.rules import ASSESSED_RESPONSES, DEFAULT_RESPONSE_DAY
from features.short_repr import ShortRepr

Estimand = Literal["treatment_policy", "no_further_therapy"]

ESTIMANDS: dict[Estimand, str] = {
    "treatment_policy": "what happens under current practice: "
    "allogeneic HSCT and later infusions are ignored",
    "no_further_therapy": "what would happen without further therapy: "
    "censored at allogeneic HSCT or the next infusion in remission",
}


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
    """

    event: NDArray[np.int64]
    day: Values
    known: NDArray[np.bool_]
    further_therapy: NDArray[np.bool_]
    counts: Mapping[str, int]
    assumed: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.event)


@dataclass(frozen=True)
class Grading:
    """The only scale on which an outcome may be graded unless the user allows another by name."""

    grade: str
    system: str
    accepted: str


@dataclass(frozen=True)
class Outcome:
    """One outcome.

    Attributes
    ----------
    name, title, definition : str
        For code, for people, in full.
    horizons_days : tuple of int
        Headline first.
    competing : str
        The competing event in words; empty where there is none.
    needs : tuple of str
        Columns of `FollowUp` without which it cannot be trained.
    observe : callable
        Follow-up columns to `Observation`.
    grading : Grading, optional
        Where the scale matters.
    therapies : tuple of str
        Columns of further therapy that end the observation under `no_further_therapy`; empty where the
        estimands do not differ.
    """

    name: str
    title: str
    definition: str
    horizons_days: tuple[int, ...]
    competing: str
    needs: tuple[str, ...]
    observe: Callable[[Columns], Observation]
    grading: Grading | None = None
    therapies: tuple[str, ...] = ()

    def needed(self, estimand: Estimand) -> tuple[str, ...]:
        """Columns of `FollowUp` without which it cannot be trained under an estimand."""
        return self.needs if estimand == "treatment_policy" else (*self.needs, *self.therapies)


def observe(
    outcome: Outcome,
    follow_up: Columns,
    *,
    estimand: Estimand = "treatment_policy",
    keep_assumed: bool = True,
) -> Observation:
    """Read an outcome off the follow-up under an estimand.

    Parameters
    ----------
    outcome : Outcome
        An entry of `OUTCOMES`.
    follow_up : Columns of `FollowUp`
        Checked follow-up.
    estimand : Estimand
        Which question the risk answers.
    keep_assumed : bool
        Whether infusions count whose observation rests on an assumption; otherwise they are left out.

    Returns
    -------
    observation : Observation

    Examples
    --------
    >>> from features.schema import FollowUp
    >>> rows = [{"response_day28": "cr", "allo_hsct_day": 90, "relapse_day": 200, "last_contact_day": 300}]
    >>> follow_up = Columns.from_rows(FollowUp, rows)
    >>> seen = observe(OUTCOMES["relapse"], follow_up)
    >>> seen.event, seen.day
    (array([1]), array([200.]))
    >>> seen = observe(OUTCOMES["relapse"], follow_up, estimand="no_further_therapy")
    >>> seen.event, seen.day
    (array([0]), array([90.]))
    """
    seen = outcome.observe(follow_up)
    if not keep_assumed:
        seen = _without_assumed(seen)
    if estimand == "treatment_policy" or not outcome.therapies:
        return seen
    therapy_day = np.fmin.reduce([follow_up[name] for name in outcome.therapies])
    # Therapy given to who never came into remission does not undo that.
    ended = seen.known & (therapy_day < seen.day) & ~_no_response(follow_up)
    return Observation(
        event=np.where(ended, 0, seen.event),
        day=np.where(ended, therapy_day, seen.day),
        known=seen.known,
        further_therapy=ended,
        counts={**seen.counts, Decision.FURTHER_THERAPY: int(ended.sum())},
    )


def _without_assumed(seen: Observation) -> Observation:
    """Leave out infusions whose observation rests on an assumption, and count them."""
    if seen.assumed is None:
        return seen
    known = seen.known & ~seen.assumed
    counts = {code: count for code, count in seen.counts.items() if code != Decision.ASSUMED_IN_REMISSION}
    return replace(
        seen,
        event=np.where(known, seen.event, 0),
        day=np.where(known, seen.day, 0.0),
        known=known,
        counts={**counts, Decision.LEFT_OUT_AS_ASSUMED: int((seen.known & seen.assumed).sum())},
        assumed=None,
    )


def _severe(grade: str, onset: str | None) -> Callable[[Columns], Observation]:
    """Observe a grade of 3 or higher by day 30; a known grade counts whatever the last contact."""

    def observe_grade(follow_up: Columns) -> Observation:
        worst = follow_up[grade]
        known = ~np.isnan(worst)
        severe = known & (worst >= SEVERE_GRADE)
        onset_day = follow_up[onset] if onset else np.full(len(follow_up), np.nan)
        day = np.where(severe & ~np.isnan(onset_day), onset_day, float(GRADED_BY_DAY))
        late = severe & (onset_day > GRADED_BY_DAY)
        died_early = known & ~severe & (follow_up["death_day"] < GRADED_BY_DAY)
        return Observation(
            event=severe.astype(np.int64),
            day=np.where(known, day, 0.0),
            known=known,
            further_therapy=np.zeros(len(follow_up), dtype=bool),
            counts={
                Decision.LATE_ONSET: int(late.sum()),
                Decision.NO_GRADE: int((~known).sum()),
                Decision.EARLY_DEATH: int(died_early.sum()),
                Decision.UNKNOWN_ONSET: int((severe & np.isnan(onset_day)).sum()) if onset else 0,
            },
        )

    return observe_grade


def _no_response_relapse_or_progression(follow_up: Columns) -> Observation:
    """Observe the first of no response, relapse or progression, with death before any of them competing."""
    last, death, relapse = (follow_up[name] for name in ("last_contact_day", "death_day", "relapse_day"))
    known = ~np.isnan(last)
    stated_day = follow_up["response_day"]
    response_day = np.where(np.isnan(stated_day), float(DEFAULT_RESPONSE_DAY), stated_day)
    no_response = _no_response(follow_up)
    assessed = follow_up.is_option("response_day28", *ASSESSED_RESPONSES) == 1
    event_day = np.fmin(np.where(no_response, response_day, np.nan), relapse)
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


def _no_response(follow_up: Columns) -> NDArray[np.bool_]:
    answered: NDArray[np.bool_] = follow_up.is_option("response_day28", "no_response") == 1
    return answered


_ENTRIES = (
    Outcome(
        name="severe_crs",
        title="severe CRS (grade 3 or higher)",
        definition="cytokine release syndrome of grade 3 or higher by ASTCT 2019 "
        "(doi:10.1016/j.bbmt.2018.12.758), onset by day 30 after infusion",
        horizons_days=(GRADED_BY_DAY,),
        competing="",
        needs=("crs_grade", "crs_grading_system"),
        observe=_severe("crs_grade", "crs_onset_day"),
        grading=Grading(grade="crs_grade", system="crs_grading_system", accepted="astct_2019"),
    ),
    Outcome(
        name="severe_icans",
        title="severe ICANS (grade 3 or higher)",
        definition="immune effector cell-associated neurotoxicity syndrome of grade 3 or higher by "
        "ASTCT 2019 (doi:10.1016/j.bbmt.2018.12.758) by day 30 after infusion",
        horizons_days=(GRADED_BY_DAY,),
        competing="",
        needs=("icans_grade",),
        observe=_severe("icans_grade", None),
    ),
    Outcome(
        name="relapse",
        title="no response, relapse or progression",
        definition="no response at the day-28 assessment (an event on that day), relapse or progression; "
        "cumulative incidence with death without any of them competing",
        horizons_days=(365, 90, 180, 730),
        competing="death before any of these",
        needs=("response_day28", "relapse_day", "death_day", "last_contact_day"),
        observe=_no_response_relapse_or_progression,
        therapies=("allo_hsct_day", "next_infusion_day"),
    ),
)

OUTCOMES: Mapping[str, Outcome] = {outcome.name: outcome for outcome in _ENTRIES}
"""Every outcome by name; everything else iterates over these entries."""
