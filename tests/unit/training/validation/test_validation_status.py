"""When a model counts as internally validated."""

import numpy as np

from features.log_odds import expit
from serving.model.measured import Measured
from training.statistics.metrics import METRICS
from training.statistics.riley_sample_size import sample_size_verdict
from training.validation.bootstrap_intervals import measured, metric_draws
from training.validation.cross_validation import Validation, log_loss_gain
from training.validation.shared_folds import Folds, patient_bootstrap
from training.validation.validation_status import validation_status

GOOD = {"observed_expected": Measured(1.02, 0.8, 1.3), "calibration_slope": Measured(0.9, 0.5, 1.4)}
GAIN = Measured(0.05, 0.01, 0.09)
LOW = Measured(0.4, 0.35, 0.45)


SMALL = sample_size_verdict(232, 104, 10, 0.7, 0.45)
LARGE = sample_size_verdict(2000, 800, 10, 0.7, 0.4)


def status(metrics=GOOD, gain=GAIN, n_events=40, n_non_events=60, sample_size=None):
    """Status, and its reasons in words."""
    found, reasons = validation_status(
        metrics, gain, n_events=n_events, n_non_events=n_non_events, sample_size=sample_size
    )
    return found, tuple(reason.text for reason in reasons)


def test_all_criteria_met_is_internally_validated():
    """Enough events, better than prevalence, calibrated."""
    assert status() == ("internally validated", ())


def test_each_missing_criterion_is_named():
    """One reason for each."""
    assert status(n_events=19)[1] == (
        "19 distinct events and 60 event-free patients, at least 20 of each are needed",
    )
    assert status(n_non_events=3)[1] == (
        "40 distinct events and 3 event-free patients, at least 20 of each are needed",
    )
    assert status(n_events=1)[1] == (
        "1 distinct event and 60 event-free patients, at least 20 of each are needed",
    )
    assert status(n_non_events=1)[1] == (
        "40 distinct events and 1 event-free patient, at least 20 of each are needed",
    )
    assert status(gain=Measured(0.05, -0.01, 0.1))[1] == (
        "no evidence of a lower log loss than the cohort's prevalence",
    )
    low = {**GOOD, "observed_expected": Measured(2.5, 0.9, 4.0)}
    assert status(low)[1] == ("observed and expected events disagree (O:E)",)
    flat = {**GOOD, "calibration_slope": Measured(0.4, -0.1, 1.1)}
    assert status(flat)[1] == (
        "no evidence of a correct calibration slope: its interval excludes 1 or includes 0",
    )


def test_a_measure_that_does_not_exist_does_not_pass():
    """None is no evidence."""
    absent = {**GOOD, "calibration_slope": Measured(None)}
    assert status(absent)[0] == "not validated locally"
    assert status(gain=Measured(None))[0] == "not validated locally"


def test_validated_model_of_a_small_cohort_says_so():
    """The status keeps its words; that the cohort is below the recommended size is its reason."""
    assert status(sample_size=SMALL) == (
        "internally validated",
        (
            "232 infusions, 104 events; 701 infusions and 316 events needed for 10 parameters at AUROC 0.70 "
            "(Riley 2019): below recommended size",
        ),
    )
    assert status(sample_size=LARGE) == ("internally validated", ())


def test_size_is_no_reason_of_a_model_that_is_not_validated():
    """What is missing is said, not what would be missing next."""
    assert status(n_events=19, sample_size=SMALL) == (
        "not validated locally",
        ("19 distinct events and 60 event-free patients, at least 20 of each are needed",),
    )


def test_all_that_is_missing_is_said_at_once():
    """In the order of the rule."""
    poor = {"observed_expected": Measured(2.5, 2.0, 3.0), "calibration_slope": Measured(0.1, -0.2, 0.4)}
    assert status(poor, Measured(-0.1, -0.2, -0.05), n_events=3)[1] == (
        "3 distinct events and 60 event-free patients, at least 20 of each are needed",
        "no evidence of a lower log loss than the cohort's prevalence",
        "observed and expected events disagree (O:E)",
        "no evidence of a correct calibration slope: its interval excludes 1 or includes 0",
    )


def test_observed_over_expected_needs_interval_and_value():
    """The interval includes 1, and the value is within a factor of two."""
    for ratio in (Measured(0.49, 0.3, 1.1), Measured(1.3, 1.05, 1.6), Measured(1.1, None, None)):
        assert status({**GOOD, "observed_expected": ratio})[0] == "not validated locally"
    for ratio in (Measured(0.5, 0.3, 1.1), Measured(2.0, 1.0, 3.0)):
        assert status({**GOOD, "observed_expected": ratio})[0] == "internally validated"


def test_gain_of_exactly_zero_is_not_above_zero():
    """An interval that begins at 0 shows nothing."""
    assert status(gain=Measured(0.02, 0.0, 0.04))[0] == "not validated locally"


def test_every_reason_has_a_code_and_the_figures_of_its_words():
    """A page in another language states the same numbers."""
    poor = {"observed_expected": Measured(2.5, 2.0, 3.0), "calibration_slope": Measured(None), "auroc": LOW}
    _, reasons = validation_status(poor, Measured(-0.1, -0.2, -0.05), n_events=3, n_non_events=60)
    assert [(reason.code, reason.figures) for reason in reasons] == [
        ("few_events", {"events": 3, "non_events": 60, "needed": 20}),
        ("not_better_than_prevalence", {}),
        ("observed_expected", {"value": 2.5, "low": 2.0, "high": 3.0}),
        ("calibration_slope", {}),
        ("backwards", {}),
    ]
    _, (size,) = validation_status(GOOD, GAIN, n_events=40, n_non_events=60, sample_size=SMALL)
    needed = {"n": 232, "events": 104, "n_needed": 701, "events_needed": 316, "parameters": 10}
    assert (size.code, size.figures) == ("below_recommended_size", needed)


def test_risks_that_follow_nothing_are_validated_rarely():
    """Null models of 100 patients: at most one in twenty passes, and one that knows the truth mostly does."""
    rng = np.random.default_rng(9)
    null = [validated(np.zeros(100), rng.normal(0, 0.5, 100), rng) for _ in range(30)]
    assert sum(null) <= 1
    truth = rng.normal(0, 1.5, (10, 100))
    assert sum(validated(log_odds, log_odds, rng) for log_odds in truth) >= 7


def validated(true_log_odds, log_odds, rng):
    """Judge risks of patients whose outcomes are drawn from the true log-odds."""
    label = (rng.random(100) < expit(true_log_odds)).astype(float)
    draws = patient_bootstrap(np.arange(100), 100, rng)
    folds = Folds(np.zeros((1, 100), dtype=np.int64), label[:, None], np.ones((100, 1)), draws)
    model, prevalence = (
        Validation((30,), risk[None, :, None], folds, {}, np.zeros((1, 1)))
        for risk in (expit(log_odds), np.full(100, label.mean()))
    )
    found, _ = validation_status(
        {name: measured(metric_draws(METRICS[name], model.risk[:, :, 0], folds, 0)) for name in GOOD},
        log_loss_gain(model, prevalence),
        n_events=int(label.sum()),
        n_non_events=int((1 - label).sum()),
    )
    return found == "internally validated"
