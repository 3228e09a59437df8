"""Implausible data that are no errors: reported, never refused."""

from __future__ import annotations

import numpy as np

from features.checking.center_remarks import center_remarks
from features.checking.center_spread import spread_remarks
from features.checking.definition_remarks import definition_remarks
from features.checking.duplicates import duplicates
from features.checking.fatal_grade_remarks import fatal_grade_remarks
from features.checking.follow_up_remarks import follow_up_remarks
from features.checking.grade_remarks import grade_remarks
from features.checking.left_truncation import left_truncation
from features.checking.near_equal_ids import near_equal
from features.checking.patient_remarks import patient_remarks
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
        *_distinct([*unit_remarks(cohort), *spread_remarks(cohort)]),
        *definition_remarks(cohort),
        *grade_remarks(cohort),
        *fatal_grade_remarks(cohort),
        *center_remarks(cohort),
        *left_truncation(cohort),
        *patient_remarks(cohort),
        *follow_up_remarks(cohort),
        *_duplicates(cohort),
        *_near_equal(cohort),
    ]


def _distinct(listed: list[Remark]) -> list[Remark]:
    """Ask once about the values of a column in a row."""
    kept: list[Remark] = []
    for remark in listed:
        same = (each for each in kept if each.fields == remark.fields and not each.by_row)
        if remark.by_row or not any(set(each.rows) & set(remark.rows) for each in same):
            kept.append(remark)
    return kept


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
        remarks.append(open_remark("absent_predictors", words, fields=required, rows=cohort.rows))
    if outcomes:
        words = f"no row has {', '.join(outcomes)}: outcomes that need them cannot be trained"
        remarks.append(open_remark("absent_outcomes", words, fields=outcomes, rows=cohort.rows))
    return remarks


def _without_follow_up(cohort: Cohort) -> list[Remark]:
    known = cohort.follow_up.matrix(specs(FollowUp))
    without = np.isnan(known).all(axis=1)
    if not 0 < int(without.sum()) < len(cohort):
        return []
    words = f"{without.sum()} of {len(cohort)} infusions have no follow-up at all"
    return [open_remark("no_follow_up", words, fields=specs(FollowUp), rows=cohort.rows[without])]


def _mostly_missing(cohort: Cohort) -> list[Remark]:
    """Name predictors that a few rows have; events are blank where none was seen and say nothing."""
    shares = {**missing_share(cohort), **_missing_after_treatment(cohort)}
    sparse = [name for name in specs(Patient) if MOSTLY_MISSING < shares[name] < 1]
    if not sparse:
        return []
    shown = ", ".join(f"{name} ({shares[name]:.0%})" for name in sparse)
    words = f"missing in more than half of the rows: {shown}"
    without = np.isnan(cohort.patients.matrix(sparse)).any(axis=1)
    return [open_remark("mostly_missing", words, fields=sparse, rows=cohort.rows[without])]


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
            fields=["response_day28"],
            rows=cohort.rows[observe(OUTCOMES[names[0]], cohort.follow_up).assumed],
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
    rows_of = cohort.rows[repeated]
    return [open_remark("same_patient_twice", words, fields=["patient_id"], rows=rows_of, by_row=True)]


def _near_equal(cohort: Cohort) -> list[Remark]:
    """Give the rows of identifiers that differ in spelling only; the identifiers are not shown."""
    rows = cohort.rows[near_equal(cohort.patient_id)]
    if len(rows) == 0:
        return []
    where = f"{counted(len(rows), 'row')} ({row_ranges(int(row) for row in rows)})"
    words = f"{where} have a patient_id spelled nearly like another's (as P-1 and p-01): the same patient?"
    return [open_remark("near_equal_ids", words, fields=["patient_id"], rows=rows, by_row=True)]
