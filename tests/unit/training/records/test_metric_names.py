"""Names of a run's measures."""

from __future__ import annotations

from dataclasses import replace

from serving.model.group_results import CenterResult
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary
from training.records.metric_names import model_metrics


def test_metrics_of_a_center_have_its_number() -> None:
    """Whether or not center 1 could be predicted."""
    by_center = {number: CenterResult(40, 9, {"auroc": Measured(0.7)}) for number in (2, 11)}
    summary = OutcomeSummary(90, 20, 0, {30: 0.2}, {}, {}, "", "", by_center=by_center)
    assert sorted(model_metrics(summary)) == [
        "center_11/auroc",
        "center_2/auroc",
    ]


def test_differences_by_multiple_imputation_are_measures() -> None:
    """Share of incomplete infusions, median and 95th percentile; nothing where it was not done."""
    summary = OutcomeSummary(90, 20, 0, {30: 0.2}, {}, {}, "", "")
    assert model_metrics(summary) == {}
    found = model_metrics(replace(summary, imputation_sensitivity=ImputationSensitivity(20, 0.5, 0.01, 0.03)))
    assert found == {
        "imputation/share_incomplete": 0.5,
        "imputation/median_difference": 0.01,
        "imputation/difference_percentile_95": 0.03,
    }
