"""Names of metrics, as this release and the first one recorded them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.records.recorded_names import (
    current_name,
    first_name,
    recorded_measures,
    recorded_metrics,
)

RUNS = json.loads((Path(__file__).parents[3] / "first_version" / "runs.json").read_text())
"""A training, its model of relapse and its baseline, as the first release recorded them."""
FIRST_NAMES = sorted({name for run in RUNS for name in run["metrics"]})


@pytest.mark.parametrize("name", FIRST_NAMES)
def test_every_name_of_the_first_release_is_read_and_written_back(name: str) -> None:
    """One table of names, both ways; a current name stays as it is."""
    new = current_name(name)
    assert first_name(new) == name
    assert current_name(new) == new


def test_no_two_names_become_one() -> None:
    """Otherwise a figure would be lost."""
    assert len({current_name(name) for name in FIRST_NAMES}) == len(FIRST_NAMES)
    assert len(FIRST_NAMES) > 200


def test_figures_of_a_model_are_read_with_their_intervals() -> None:
    """Headline, another horizon, a center and a gain."""
    (model,) = (run for run in RUNS if run["params"].get("model") == "anchored")
    metrics, figures = model["metrics"], recorded_measures(model["metrics"])
    for old, new in (
        ("auroc", "auroc"),
        ("auroc_at_90_days", "day_90/auroc"),
        ("center_1.auroc", "center_1/auroc"),
        ("log_loss_gain_over_easix", "gain/easix"),
        ("net_benefit_at_10_at_90_days", "day_90/net_benefit_at_10"),
    ):
        figure = figures[new]
        assert (figure.value, figure.low, figure.high) == tuple(
            metrics.get(f"{old}{end}") for end in ("", "_low", "_high")
        )


def test_figures_of_an_outcome_are_read_from_the_run_of_its_training() -> None:
    """As the league table of old runs needs them."""
    parent: dict[str, Any] = next(run for run in RUNS if not run["parent"])
    auroc = recorded_measures(parent["metrics"], "relapse")["auroc"]
    names = ("relapse.auroc", "relapse.auroc_low", "relapse.auroc_high")
    assert (auroc.value, auroc.low, auroc.high) == tuple(parent["metrics"][name] for name in names)
    assert "severe_crs/auroc" not in recorded_measures(parent["metrics"], "relapse")


def test_metrics_keep_their_values() -> None:
    """Only names change."""
    for run in RUNS:
        assert sorted(recorded_metrics(run["metrics"]).values()) == sorted(run["metrics"].values())
