"""The classifier of scikit-learn: what it learns from, what it refuses, and what works with it."""

from __future__ import annotations

import html
import io
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from features.field import specs
from features.log_odds import expit
from features.outcomes import OUTCOMES
from features.schema import Patient
from training.api import AnchoredClassifier, labels, read_cohort
from training.api.classifier_inputs import checked_event
from training.api.classifier_labels import labeled_data
from training.api.frames import frame_patients
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.evidence.evidence_set import read_evidence
from training.learners.anchored import Anchored


@pytest.fixture(scope="module")
def patients(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of `Patient` with the types that a CSV file gives them."""
    read = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    return read[[name for name in specs(Patient) if name in read.columns]]


@pytest.fixture(scope="module")
def known(frame: pd.DataFrame) -> pd.DataFrame:
    return labels(frame, "severe_crs")


@pytest.fixture(scope="module")
def y(known: pd.DataFrame) -> pd.Series:
    return known["label"].fillna(0).astype(int)


def test_it_is_the_anchored_model(frame: pd.DataFrame, patients: pd.DataFrame, known: pd.DataFrame) -> None:
    """Fitted to the labels of a training, without milder grades and centers, it has the same numbers."""
    data = outcome_data(read_cohort(frame), OUTCOMES["severe_crs"], FitConfig())
    assert isinstance(data, OutcomeData)
    training, learner = replace(data.training_set(), milder=None, centers=None), Anchored(read_evidence())
    classifier = AnchoredClassifier("severe_crs", random_state=1)
    classifier.fit(patients, known["label"], groups=known["patient"])
    seed = np.random.RandomState(1).randint(2**31 - 1)
    expected = learner.fit(training, learner.choose(training, np.random.default_rng(seed)))
    np.testing.assert_allclose(classifier.model_.risk(data.patients), expected.risk(data.patients), rtol=1e-9)
    assert classifier.evidence_weight_ == pytest.approx(expected.evidence_weight)


def test_days_weigh_for_the_censored(patients: pd.DataFrame, frame: pd.DataFrame) -> None:
    """By the weights of a training; without them the risk is overstated."""
    table = labels(frame, "relapse", horizon_days=365)
    data, weight = labeled_data(
        OUTCOMES["relapse"],
        365,
        frame_patients(patients),
        checked_event(table["label"], None, estimator=None),
        sample_weight=None,
        day=table["day"],
        groups=table["patient"],
    )
    training = data.training_set(multiplicity=weight)
    np.testing.assert_allclose(training.weight[:, 0], table["weight"].to_numpy()[data.position])
    settings = {"outcome": "relapse", "horizon_days": 365, "literature": False}
    by_days, without = AnchoredClassifier(**settings), AnchoredClassifier(**settings)
    by_days.fit(patients, table["label"], day=table["day"], groups=table["patient"])
    without.fit(patients, table["label"], groups=table["patient"])
    risks = [each.predict_proba(patients)[:, 1].mean() for each in (by_days, without)]
    assert risks[0] < risks[1]
    assert by_days.n_unlabeled_ == int(table["label"].isna().sum()) > 0


def test_days_that_contradict_labels_are_refused(patients: pd.DataFrame) -> None:
    """Every contradiction at once, counted."""
    four = patients.head(4)
    with pytest.raises(ValueError, match="1 rows have a day below 0; 1 rows have the event with a day after"):
        AnchoredClassifier().fit(four, [1, 0, 0, 1], day=[40, 30, -1, 5])
    with pytest.raises(ValueError, match="1 rows have no label although followed to the horizon, 30"):
        AnchoredClassifier().fit(four, [1, 0, np.nan, 1], day=[4, 30, 30, 5])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        AnchoredClassifier().fit(four, [1, 0, 0, 1], day=[4])


@pytest.mark.parametrize(
    ("given", "classes", "event"),
    [
        ([0, 1, 0, 0], [0, 1], 1),
        ([0.0, 0.0, np.nan, 0.0], [0, 1], 1),
        ([True, False, False, False], [False, True], True),
        (["no", "yes", None, "no"], ["no", "yes"], "yes"),
    ],
)
def test_labels_may_be_of_any_kind(patients: pd.DataFrame, given: list, classes: list, event: object) -> None:
    """0 and 1 are known even if only one of them is there."""
    classifier = AnchoredClassifier().fit(patients.head(4), np.array(given, dtype=object))
    assert classifier.classes_.tolist() == classes
    assert classifier.event_label_ == event
    assert set(classifier.predict(patients.head(4)).tolist()) <= set(classes)


def test_the_event_can_be_named(patients: pd.DataFrame, y: pd.Series) -> None:
    """Its risk is then in the column of its label."""
    words = np.where(y == 1, "event", "none")
    classifier = AnchoredClassifier(event_label="event").fit(patients, words)
    expected = AnchoredClassifier().fit(patients, y).predict_proba(patients)[:, 1]
    np.testing.assert_allclose(classifier.predict_proba(patients)[:, 0], expected)
    with pytest.raises(ValueError, match="event_label must be one of the labels of y, event, none, got crs"):
        AnchoredClassifier(event_label="crs").fit(patients, words)


def test_unknown_columns_are_refused_or_ignored(patients: pd.DataFrame, y: pd.Series) -> None:
    """Follow-up and identifiers are unknown too, since they are no predictors."""
    with_others = patients.assign(crs_grade=4, shoe_size=42)
    with pytest.raises(ValueError, match="no columns crs_grade, shoe_size: rename or drop them"):
        AnchoredClassifier().fit(with_others, y)
    ignoring = AnchoredClassifier(unknown_columns="ignore").fit(with_others, y)
    assert ignoring.unused_features_ == ["crs_grade", "shoe_size"]
    expected = AnchoredClassifier().fit(patients, y).predict_proba(patients)
    np.testing.assert_array_equal(ignoring.predict_proba(with_others), expected)


def test_an_array_needs_names(patients: pd.DataFrame, y: pd.Series) -> None:
    """With them it is the same as a DataFrame."""
    names = ["age_years", "marrow_blasts_pct", "sex"]
    part = patients[names]
    with pytest.raises(ValueError, match="X has no column names"):
        AnchoredClassifier().fit(part.to_numpy(), y)
    with pytest.raises(ValueError, match="feature_names has 2 names, X has 3 columns"):
        AnchoredClassifier(feature_names=names[:2]).fit(part.to_numpy(), y)
    named = AnchoredClassifier(feature_names=names).fit(part.to_numpy(dtype=object), y)
    expected = AnchoredClassifier().fit(part, y).predict_proba(part)
    np.testing.assert_array_equal(named.predict_proba(part.to_numpy(dtype=object)), expected)


def test_an_array_has_the_names_of_the_fit(patients: pd.DataFrame, y: pd.Series) -> None:
    """Scikit-learn warns of it; nullable labels are labels."""
    part = patients[["age_years", "marrow_blasts_pct"]]
    classifier = AnchoredClassifier().fit(part, y.astype("Int64").where(y.index > 3))
    assert classifier.n_unlabeled_ == 4
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        found = classifier.predict_proba(part.to_numpy())
    np.testing.assert_array_equal(found, classifier.predict_proba(part))


def test_columns_of_another_order_or_number_are_refused(patients: pd.DataFrame, y: pd.Series) -> None:
    """As scikit-learn does."""
    classifier = AnchoredClassifier().fit(patients, y)
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict_proba(patients[patients.columns[::-1]])
    twice = pd.concat([patients, patients[["sex"]]], axis=1)
    with pytest.raises(ValueError, match="Expected unique column names"):
        AnchoredClassifier().fit(twice, y)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"outcome": "fever"}, "outcome fever is not one of severe_crs"),
        ({"outcome": "death"}, "the risk of death is composed with that of another outcome: choose one of"),
        ({"horizon_days": 31}, "horizon_days must be one of 30 for severe_crs, got 31"),
        ({"unknown_columns": "drop"}, "unknown_columns drop is not one of refuse, ignore"),
        ({"replicates": -1}, "replicates must be 0 or more, got -1"),
    ],
)
def test_settings_that_do_not_exist_are_refused(
    patients: pd.DataFrame, y: pd.Series, settings: dict, message: str
) -> None:
    """When it is fitted, as scikit-learn asks."""
    with pytest.raises(ValueError, match=message):
        AnchoredClassifier(**settings).fit(patients, y)


@pytest.mark.parametrize(
    ("labels_given", "message"),
    [
        (["a", "b", "c", "a"], "Only binary classification is supported"),
        (["a", "a", "a", "a"], "y has only one class"),
        ([np.nan] * 4, "y has no known label"),
        ([1, 0], "inconsistent numbers of samples"),
    ],
)
def test_labels_that_are_no_two_are_refused(patients: pd.DataFrame, labels_given: list, message: str) -> None:
    """With what is wrong."""
    with pytest.raises(ValueError, match=message):
        AnchoredClassifier().fit(patients.head(4), np.array(labels_given, dtype=object))


@pytest.mark.parametrize("absent", [np.nan, None])
def test_infusions_without_a_patient_are_refused(patients: pd.DataFrame, absent: object) -> None:
    """They would be taken as infusions of one patient."""
    groups = np.array(["a", absent, "b", absent], dtype=object)
    with pytest.raises(ValueError, match="groups is missing in 2 rows: name the patient of every infusion"):
        AnchoredClassifier().fit(patients.head(4), [1, 0, 0, 0], groups=groups)


def test_a_source_need_not_be_in_a_list(patients: pd.DataFrame) -> None:
    """A text is one name, not a list of letters."""
    label, source = [1, 0, 0, 0], "PMID:30728140"
    one, listed = (
        AnchoredClassifier(exclude_sources=each).fit(patients.head(4), label) for each in (source, [source])
    )
    np.testing.assert_array_equal(one.predict_proba(patients), listed.predict_proba(patients))


@pytest.mark.parametrize(("given", "shown"), [([1, 0], "event 1 by"), (["yes", "no"], "event 'yes' by")])
def test_a_notebook_shows_the_label_of_the_event(patients: pd.DataFrame, given: list, shown: str) -> None:
    """As the user wrote it."""
    fitted = AnchoredClassifier().fit(patients.head(2), given)
    assert shown in html.unescape(fitted._repr_html_())


def test_the_interval_is_around_the_risk(patients: pd.DataFrame, y: pd.Series) -> None:
    """It needs replicates, and says so."""
    classifier = AnchoredClassifier(replicates=5).fit(patients, y)
    low, high = classifier.predict_interval(patients).T
    risk = classifier.predict_proba(patients)[:, 1]
    assert ((low <= risk) & (risk <= high)).all()
    with pytest.raises(ValueError, match="for example replicates=200"):
        AnchoredClassifier().fit(patients, y).predict_interval(patients)


def test_contributions_add_up_to_the_risk(patients: pd.DataFrame, y: pd.Series) -> None:
    """As everywhere."""
    classifier = AnchoredClassifier().fit(patients, y)
    stated = classifier.explain(patients)
    log_odds = stated.base_values + np.sum(stated.values, axis=1)
    np.testing.assert_allclose(expit(log_odds), classifier.predict_proba(patients)[:, 1], atol=1e-12)


def test_tools_of_scikit_learn_take_it(patients: pd.DataFrame, y: pd.Series, known: pd.DataFrame) -> None:
    """Cross-validation by patient, calibration, pipelines that name columns, importance, dependence."""
    classifier = AnchoredClassifier()
    scores = cross_validate(
        classifier,
        patients,
        y,
        cv=GroupKFold(3),
        groups=known["patient"],
        scoring=["neg_log_loss", "roc_auc"],
        params={"sample_weight": known["weight"].to_numpy()},
        error_score="raise",
    )
    assert np.isfinite(scores["test_neg_log_loss"]).all()
    calibrated = CalibratedClassifierCV(classifier, cv=2).fit(patients, y)
    assert calibrated.predict_proba(patients).shape == (len(patients), 2)
    chosen = ColumnTransformer(
        [("kept", FunctionTransformer(), list(patients.columns))], verbose_feature_names_out=False
    )
    pipeline = make_pipeline(chosen.set_output(transform="pandas"), clone(classifier)).fit(patients, y)
    np.testing.assert_array_equal(
        pipeline.predict_proba(patients), classifier.fit(patients, y).predict_proba(patients)
    )
    importance = permutation_importance(
        classifier, patients, y, scoring="neg_log_loss", n_repeats=2, random_state=1
    )
    assert importance.importances_mean.any()
    shown = PartialDependenceDisplay.from_estimator(
        classifier, patients, ["marrow_blasts_pct"], grid_resolution=5, response_method="predict_proba"
    )
    (curve,) = shown.pd_results
    assert np.ptp(curve["average"]) > 0
    pyplot.close(shown.figure_)


def test_a_fitted_classifier_holds_no_patient(patients: pd.DataFrame, y: pd.Series) -> None:
    """Neither its file nor its representations; copies have the same parameters."""
    marked = patients.assign(ferritin_ug_l=7741.25)
    classifier = AnchoredClassifier(replicates=2).fit(marked, y)
    stored = pickle.dumps(classifier)
    assert np.float64(7741.25).tobytes() not in stored
    np.testing.assert_array_equal(
        pickle.loads(stored).predict_proba(marked), classifier.predict_proba(marked)
    )
    shown = classifier._repr_mimebundle_()
    assert "weight of published effects" in shown["text/html"]
    assert all(len(text) < 2000 and "7741" not in text for text in shown.values())
    assert clone(classifier).get_params() == classifier.get_params()
