"""Infusions entered twice under different identifiers."""

import numpy as np

from features.checking.duplicates import FEWEST_KNOWN, duplicates
from features.checking.remarks import remarks
from features.cohort import cohort_from_rows
from features.columns import Columns
from features.schema import FollowUp, Patient, all_fields
from features.synthetic.simulation import simulate
from training.dataset.fit_config import FitConfig
from training.fitting.train import train

ROW = {"age_years": 30.0, "sex": "male", "ecog": 1, "marrow_blasts_pct": 40.0, "prior_lines": 3}


def marked(rows, follow_up=None, groups=None):
    groups = np.arange(len(rows)) if groups is None else np.array(groups)
    seen = follow_up or [{}] * len(rows)
    return duplicates(Columns.from_rows(Patient, rows), Columns.from_rows(FollowUp, seen), groups).tolist()


def test_the_second_of_two_alike_is_marked_and_so_is_the_third():
    """The first stands."""
    assert marked([ROW, ROW, ROW]) == [False, True, True]


def test_infusions_of_one_patient_may_be_alike():
    """A reinfusion at the same age and burden is no duplicate."""
    assert marked([ROW, ROW], groups=[0, 0]) == [False, False]


def test_another_value_or_another_course_is_another_patient():
    """Also where one of the two is not known."""
    assert marked([ROW, {**ROW, "age_years": 31.0}]) == [False, False]
    assert marked([ROW, {**ROW, "ldh_u_l": 300.0}]) == [False, False]
    assert marked([ROW, ROW], [{"crs_grade": 1}, {"crs_grade": 2}]) == [False, False]


def test_little_known_is_no_sign():
    """Below five known predictors."""
    few = dict(list(ROW.items())[: FEWEST_KNOWN - 1])
    assert marked([few, few]) == [False, False]


def test_simulated_patients_are_no_duplicates():
    """400 of them, some columns missing."""
    cohort = cohort_of(simulate(400, rng=np.random.default_rng(1)).rows)
    assert not any("the same patient twice" in str(remark) for remark in remarks(cohort))


def cohort_of(rows):
    return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(all_fields()))


def test_repeated_patients_are_remarked_on_and_nothing_counts_as_validated():
    """Sixty patients entered three times: out of fold they are not."""
    rows = simulate(60, rng=np.random.default_rng(2)).rows
    again = [{**row, "patient_id": f"{row['patient_id']}-{time}"} for time in range(3) for row in rows]
    cohort = cohort_of(again)
    (told,) = [remark for remark in remarks(cohort) if remark.code == "same_patient_twice"]
    assert told.text.startswith(f"{2 * len(rows)} rows (")
    config = FitConfig(
        outcomes=("severe_crs",), models=("anchored",), folds=3, repeats=1, bootstrap_draws=20, replicates=5
    )
    summary = train(cohort, config).bundle.summaries["severe_crs"]
    assert summary.status == "not validated locally"
    assert "performance is overestimated" in summary.status_reasons[-1]
