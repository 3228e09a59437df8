"""How much better a model is than each baseline, patient by patient in the same folds."""

from __future__ import annotations

from collections.abc import Mapping

from features.measures import LOSSES
from serving.model.measured import Measured
from training.statistics.metrics import Metric, brier, log_loss
from training.validation.cross_validation import Validation, paired_gain

LOSS_FUNCTIONS: Mapping[str, Metric] = dict(zip(LOSSES, (log_loss, brier), strict=True))
"""Proper scores, lower is better."""


def paired_gains(
    model: Validation, baselines: Mapping[str, Validation], *, position: int = 0
) -> dict[str, dict[str, Measured]]:
    """Measure the gain of a model over every baseline, in log loss and in Brier score.

    Parameters
    ----------
    model : Validation
    baselines : mapping of str to Validation
        By name, of the same `Folds`.
    position : int
        Horizon, by its position.

    Returns
    -------
    gains : dict of str to dict of str to Measured
        By baseline, then ``log_loss`` and ``brier``; above 0 the model is better, with the 90 % interval over
        patient-bootstrap draws.

    Raises
    ------
    ValueError
        If a baseline was not validated in the same folds.
    """
    return {
        name: {
            loss: paired_gain(model, baseline, metric, position=position)
            for loss, metric in LOSS_FUNCTIONS.items()
        }
        for name, baseline in baselines.items()
    }
