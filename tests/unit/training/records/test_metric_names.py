"""Names of a run's measures."""

from __future__ import annotations

from serving.model.group_results import CenterResult
from serving.model.measured import Measured
from serving.model.validation_summary import OutcomeSummary
from training.records.metric_names import model_metrics


def test_metrics_of_a_center_have_its_number() -> None:
    """Whether or not center 1 could be predicted."""
    by_center = {number: CenterResult(40, 9, {"auroc": Measured(0.7)}) for number in (2, 11)}
    summary = OutcomeSummary(90, 20, 0, {30: 0.2}, {}, {}, "", "", by_center=by_center)
    assert sorted(model_metrics(summary)) == [
        *("center_11.auroc", "center_11.n_events", "center_11.n_infusions"),
        *("center_2.auroc", "center_2.n_events", "center_2.n_infusions"),
    ]
