"""Implausible data that are no errors: reported, never refused."""

from __future__ import annotations

import numpy as np

from features.checking.duplicates import duplicates
from features.checking.grade_remarks import grade_remarks
from features.checking.near_equal_ids import near_equal
from features.checking.remark import Remark, open_remark
from features.checking.unit_remarks import unit_remarks
from features.cohort import Cohort
from features.decisions import DECISIONS, Decision
from features.field import specs
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.problems import counted, row_ranges
from features.rules import FACTS_OF_A_TREATMENT
from features.schema import FollowUp, Patient

MOSTLY_MISSING = 0.5
"""Share of missing values above which a column is remarked on."""

FEWEST_ASSUMED, MOSTLY_ASSUMED = 3, 0.2
"""Infusions, and their share, whose outcome is assumed and that are remarked on."""


def remarks(cohort: Cohort) -> list[Remark]:
    """Say what looks odd in a cohort.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    remarks : list of Remark
        For the command line; a page shows them without values.

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> rows = [{"patient_id": str(n), "marrow_blasts_pct": 0.4, "last_contact_day": 100} for n in range(12)]
    >>> cohort = cohort_from_rows(rows, name="c.csv", sha256="00",
    ...                           present=frozenset({"patient_id", "marrow_blasts_pct", "last_contact_day"}))
    >>> print(remarks(cohort)[-1])
    marrow_blasts_pct is 1 or less in all 12 rows that have it: fractions instead of %?
    """
    return [
        *_absent(cohort),
        *_without_follow_up(cohort),
        *_mostly_missing(cohort),
        *_assumed(cohort),
        *unit_remarks(cohort),
        *grade_remarks(cohort),
        *_duplicates(cohort),
        *_near_equal(cohort),
    ]


def missing_share(cohort: Cohort) -> dict[str, float]:
    """Share of rows without a value, for every column of `Patient` and `FollowUp`.

    Parameters
    ----------
    cohort : Cohort
        Checked.

    Returns
    -------
    shares : dict of str to float
        In schema order, 0 to 1. A derived dose per kg counts as given.
    """
    columns = {**cohort.patients.values, **cohort.follow_up.values}
    return {name: float(np.mean(np.isnan(values))) for name, values in columns.items()}


def _absent(cohort: Cohort) -> list[Remark]:
    shares = missing_share(cohort)
    required = [name for name, spec in specs(Patient).items() if spec.in_every_request and shares[name] == 1]
    outcomes = [name for name in ("crs_grade", "icans_grade", "last_contact_day") if shares[name] == 1]
    remarks = []
    if required:
        words = f"no row has {', '.join(required)}: predictors that every request must bring"
        remarks.append(open_remark("absent_predictors", words))
    if outcomes:
        words = f"no row has {', '.join(outcomes)}: outcomes that need them cannot be trained"
        remarks.append(open_remark("absent_outcomes", words))
    return remarks


def _without_follow_up(cohort: Cohort) -> list[Remark]:
    known = cohort.follow_up.matrix(specs(FollowUp))
    without = int(np.sum(np.isnan(known).all(axis=1)))
    if not 0 < without < len(cohort):
        return []
    return [open_remark("no_follow_up", f"{without} of {len(cohort)} infusions have no follow-up at all")]


def _mostly_missing(cohort: Cohort) -> list[Remark]:
    """Name predictors that a few rows have; events are blank where none was seen and say nothing."""
    shares = {**missing_share(cohort), **_missing_after_treatment(cohort)}
    sparse = [f"{name} ({shares[name]:.0%})" for name in specs(Patient) if MOSTLY_MISSING < shares[name] < 1]
    words = f"missing in more than half of the rows: {', '.join(sparse)}"
    return [open_remark("mostly_missing", words)] if sparse else []


def _missing_after_treatment(cohort: Cohort) -> dict[str, float]:
    """Share of missing facts of a treatment, among rows in which it was given."""
    shares = {}
    for fact, treatment, _ in FACTS_OF_A_TREATMENT:
        given = cohort.patients[treatment] == 1
        if given.any():
            shares[fact] = float(np.mean(np.isnan(cohort.patients[fact][given])))
    return shares


def _assumed(cohort: Cohort) -> list[Remark]:
    """Say so where outcomes rest on an assumption in many infusions, once for those with the same."""
    assumed: dict[tuple[int, int], list[str]] = {}
    for outcome in OUTCOMES.values():
        seen = observe(outcome, cohort.follow_up)
        count = 0 if seen.assumed is None else int(seen.assumed.sum())
        if count >= FEWEST_ASSUMED and count > MOSTLY_ASSUMED * int(seen.known.sum()):
            assumed.setdefault((count, int(seen.known.sum())), []).append(outcome.name)
    fix = "fill in response_day28, or train with --no-assume-remission to leave them out"
    which = DECISIONS[Decision.ASSUMED_IN_REMISSION]
    return [
        open_remark(
            "assumed_outcome",
            f"{' and '.join(names)} {'rests' if len(names) == 1 else 'rest'} on an assumption in {count} of "
            f"{known} infusions ({which}): {fix}",
        )
        for (count, known), names in assumed.items()
    ]


def _duplicates(cohort: Cohort) -> list[Remark]:
    """Count rows that repeat another patient's; which patients is for the file's owner to find."""
    groups = np.unique(cohort.patient_id, return_inverse=True)[1].astype(np.int64)
    repeated = np.flatnonzero(duplicates(cohort.patients, cohort.follow_up, groups))
    if len(repeated) == 0:
        return []
    rows = row_ranges(int(cohort.rows[position]) for position in repeated)
    repeated_rows = f"{counted(len(repeated), 'row')} ({rows})"
    words = f"{repeated_rows} equal to a row of another patient_id in every value: the same patient twice?"
    return [open_remark("same_patient_twice", words)]


def _near_equal(cohort: Cohort) -> list[Remark]:
    """Give the rows of identifiers that differ in spelling only; the identifiers are not shown."""
    rows = cohort.rows[near_equal(cohort.patient_id)]
    if len(rows) == 0:
        return []
    where = f"{counted(len(rows), 'row')} ({row_ranges(int(row) for row in rows)})"
    words = f"{where} have a patient_id spelled nearly like another's (as P-1 and p-01): the same patient?"
    return [open_remark("near_equal_ids", words)]
