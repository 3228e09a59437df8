"""When a model counts as internally validated."""

from serving.summary import Measured
from training.status import validation_status

GOOD = {"observed_expected": Measured(1.02, 0.8, 1.3), "calibration_slope": Measured(0.9, 0.5, 1.4)}
GAIN = Measured(0.05, 0.01, 0.09)


def status(metrics=GOOD, gain=GAIN, n_events=40, n_non_events=60):
    return validation_status(metrics, gain, n_events=n_events, n_non_events=n_non_events)


def test_all_criteria_met_is_internally_validated():
    """Enough events, better than prevalence, calibrated."""
    assert status() == ("internally validated", ())


def test_each_missing_criterion_is_named():
    """One reason for each."""
    assert status(n_events=19)[1] == ("19 events and 60 non-events, 20 of each are needed",)
    assert status(n_non_events=3)[1] == ("40 events and 3 non-events, 20 of each are needed",)
    assert status(gain=Measured(0.05, -0.01, 0.1))[1] == (
        "not shown to be better than the cohort's prevalence in log loss",
    )
    low = {**GOOD, "observed_expected": Measured(2.5, 0.9, 4.0)}
    assert status(low)[1] == ("observed and expected events do not agree (O:E)",)
    flat = {**GOOD, "calibration_slope": Measured(0.4, -0.1, 1.1)}
    assert status(flat)[1] == ("the interval of the calibration slope must include 1 and exclude 0",)


def test_a_measure_that_does_not_exist_does_not_pass():
    """None is no evidence."""
    absent = {**GOOD, "calibration_slope": Measured(None)}
    assert status(absent)[0] == "not validated locally"
    assert status(gain=Measured(None))[0] == "not validated locally"
