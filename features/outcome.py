"""What an outcome is, and how it is read off the follow-up under an estimand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from features.columns import Columns
from features.decisions import Decision
from features.observation import Observation, Observer, no_response

Estimand = Literal["treatment_policy", "no_further_therapy"]

ESTIMANDS: dict[Estimand, str] = {
    "treatment_policy": "what happens under current practice: "
    "allogeneic HSCT and later infusions happen as usual, and follow-up goes on after them",
    "no_further_therapy": "what would happen without further therapy: "
    "censored at allogeneic HSCT or the next infusion in remission",
}


ALL_INFUSED = "all infused patients"


@dataclass(frozen=True)
class Grading:
    """The only scale on which an outcome may be graded unless the user allows another by name."""

    grade: str
    system: str
    accepted: str


@dataclass(frozen=True)
class Given:
    """In whom an outcome can come: its model is fitted in them, and its risk is composed with theirs.

    With ``c`` the probability that the other outcome happened (or did not) by a day and ``q`` the risk among
    those, the risk among all infused is ``c q``, plus the risk of ``plus``.

    Attributes
    ----------
    outcome : str
        The other outcome, an earlier entry of `OUTCOMES`.
    happened : bool
        Whether those with it by the same day are meant, or those without.
    plus : str
        Outcome that always is this one too and is not among them; empty where there is none.
    words : str
        Those meant, for people, after "among".
    neither : str
        What a patient with neither of the two outcomes is, where they exclude one another; empty otherwise.
    """

    outcome: str
    happened: bool
    words: str
    plus: str = ""
    neither: str = ""

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Outcomes whose risks it is composed of, each once."""
        return (self.outcome, self.plus) if self.plus not in ("", self.outcome) else (self.outcome,)


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
    given : Given, optional
        Where only some of the infused can have it, or where it has to agree with another outcome.
    main : bool
        Whether it is one of the outcomes that an answer is read for first: all learners compete for it, and
        the others follow it.
    scores : tuple of str
        Published bedside scores made for it, entries of `features.bedside_scores.BEDSIDE_SCORES`; EASIX is
        compared with every outcome.
    without_remission : bool
        Whether everybody without a remission has it, so that rates among complete responders leave them out;
        otherwise no patient without a remission has it.
    """

    name: str
    title: str
    definition: str
    horizons_days: tuple[int, ...]
    competing: str
    needs: tuple[str, ...]
    observe: Observer
    grading: Grading | None = None
    therapies: tuple[str, ...] = ()
    given: Given | None = None
    main: bool = False
    scores: tuple[str, ...] = ()
    without_remission: bool = False

    @property
    def among(self) -> str:
        """Those who can have it, in whom its model is fitted, for people, after "among"."""
        return self.given.words if self.given is not None else ALL_INFUSED

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Outcomes that its risk is composed of; none where everybody can have it."""
        return self.given.rests_on if self.given is not None else ()

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
    >>> from features.outcomes import OUTCOMES
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
    # Therapy of who never came into remission, or has lost it, does not undo that.
    in_remission = ~no_response(follow_up) & ~(follow_up["relapse_day"] <= therapy_day)
    ended = seen.known & (therapy_day < seen.day) & in_remission
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
