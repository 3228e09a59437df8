"""The model card shows the curves that a bundle keeps, and the cohort's ranges and options."""

from __future__ import annotations

import dataclasses
import json

from serving.answers.card import model_card
from serving.model.bundle import Bundle
from tests.bundles import full_summary, make_published_bundle


def test_the_card_shows_calibration_and_decision_curve(bundle: Bundle) -> None:
    """As they are kept; null where a point could not be computed."""
    measured = dataclasses.replace(bundle, summaries={**bundle.summaries, "severe_crs": full_summary()})
    crs, relapse = model_card(measured).model_dump(mode="json")["outcomes"]
    assert crs["calibration"] == {
        "risk": [0.1, 0.2, 0.4],
        "observed": [0.12, 0.22, 0.38],
        "low": [0.05, 0.1, None],
        "high": [0.2, 0.35, None],
        "group_risk": [0.15, 0.35],
        "group_observed": [0.2, 0.3],
        "group_n": [75, 75],
        "histogram": [0, 0, 35, 60, 30, 15, *[0] * 14],
    }
    assert crs["decision_curve"] == {
        "threshold": [0.01, 0.02],
        "model": [0.26, 0.255],
        "treat_all": [0.259, None],
    }
    assert (relapse["calibration"], relapse["decision_curve"]) == (None, None)
    json.dumps(crs, allow_nan=False)


def test_the_card_shows_ranges_and_options(bundle: Bundle) -> None:
    """By column; nothing of a cohort that never was."""
    cohort = model_card(bundle).model_dump(mode="json")["cohort"]
    assert cohort["ranges"] == {"age_years": [19.0, 65.0], "dose_1e6_per_kg": [0.1, 2.5]}
    assert cohort["options"]["target_antigen"] == {"cd19": 120, "cd19_cd22": 20, "cd22": 0}
    nobody = model_card(make_published_bundle()).cohort
    assert (nobody.ranges, nobody.options) == ({}, {})
