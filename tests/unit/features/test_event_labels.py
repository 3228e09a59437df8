"""Labels at a horizon."""

import numpy as np

from features.event_labels import labels


def test_event_on_the_horizon_counts():
    """An event on the day of the horizon is an event by the horizon."""
    assert labels([30], [1], horizon_days=30).tolist() == [1.0]


def test_censored_on_the_horizon_is_known_free():
    """Followed up to the horizon itself is known free of the event there."""
    assert labels([30], [0], horizon_days=30).tolist() == [0.0]


def test_censored_before_the_horizon_is_unknown():
    """Lost a day earlier, nothing is known."""
    assert np.isnan(labels([29], [0], horizon_days=30)).all()


def test_competing_event_before_the_horizon_is_no_event():
    """Who died without relapse will not relapse."""
    assert labels([10], [2], horizon_days=30).tolist() == [0.0]


def test_cause_chooses_the_event_of_interest():
    """With the competing event as cause the roles change."""
    assert labels([10, 10], [1, 2], horizon_days=30, cause=2).tolist() == [0.0, 1.0]
