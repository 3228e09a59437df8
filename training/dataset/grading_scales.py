"""Infusions graded on another scale than the outcome: left out, unless it is allowed by name."""

from __future__ import annotations

import numpy as np

from features.advice import plain
from features.cohort import Cohort
from features.decisions import Decision
from features.outcome import Outcome
from features.problem_codes import Code
from features.problems import Problem, counted
from features.small_counts import count_words, is_small
from training.dataset.unavailable import NoData


def refused_scales(cohort: Cohort, outcome: Outcome, allowed: str) -> NoData | None:
    """Leave out an outcome with rows on a scale that may not be pooled; None where it has none."""
    if outcome.grading is None:
        return None
    grading = outcome.grading
    accepted = cohort.follow_up.is_option(grading.system, *{grading.accepted, allowed or grading.accepted})
    graded = ~np.isnan(cohort.follow_up[grading.grade])
    other = np.flatnonzero(graded & (accepted != 1))
    if len(other) == 0:
        return None
    systems = {str(cohort.follow_up.row(int(position))[grading.system]) for position in other}
    problem = Problem(
        Code.OTHER_GRADING_SCALE,
        f"must be {grading.accepted} for {outcome.name}",
        grading.system,
        rows=tuple(int(cohort.rows[position]) for position in other),
        examples=tuple(sorted(systems)),
        advice=plain(
            f"a grade cannot be converted between scales; leave {grading.grade} of these rows blank, or "
            "include the scale with --allow-grading SYSTEM"
        ),
    )
    rows = counted(len(other), "row") if not is_small(len(other)) else f"{count_words(len(other))} rows"
    return NoData(
        f"{rows}: {grading.system} {problem.rule}; {problem.advice}", recorded=False, problem=problem
    )


def allowed_counts(cohort: Cohort, outcome: Outcome, allowed: str) -> dict[str, int]:
    """Count infusions graded on another scale that was allowed."""
    if outcome.grading is None or not allowed or allowed == outcome.grading.accepted:
        return {}
    graded = ~np.isnan(cohort.follow_up[outcome.grading.grade])
    other = cohort.follow_up.is_option(outcome.grading.system, allowed) == 1
    return {Decision.OTHER_SCALE: int((graded & other).sum())}
