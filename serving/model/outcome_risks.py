"""Risks of many patients: the one path by which training validates, serving answers and MLflow predicts."""

from __future__ import annotations

from dataclasses import dataclass

from features.columns import Columns, Values
from features.short_repr import ShortRepr
from serving.model.bundle import Bundle
from serving.model.risk_model import Explanation, RiskModel


@dataclass(frozen=True, repr=False)
class OutcomeRisks(ShortRepr):
    """Risks of one outcome for many patients.

    Attributes
    ----------
    horizons_days : tuple of int
    risk, low, high : ndarray of shape (n_patients, n_horizons)
        Cumulative incidence and its 90 % interval.
    explanation : Explanation
        Log-odds by field.
    """

    horizons_days: tuple[int, ...]
    risk: Values
    low: Values
    high: Values
    explanation: Explanation


def bundle_risks(bundle: Bundle, patients: Columns) -> dict[str, OutcomeRisks]:
    """Compute risks, intervals and contributions of every outcome of a bundle.

    Parameters
    ----------
    bundle : Bundle
    patients : Columns of `Patient`
        As `features.predictors.predictors` makes them.

    Returns
    -------
    risks : dict of str to OutcomeRisks
        By outcome.
    """
    return {name: outcome_risks(model, patients) for name, model in bundle.models.items()}


def outcome_risks(
    model: RiskModel, patients: Columns, replicate_log_odds: Values | None = None
) -> OutcomeRisks:
    """Compute risks, intervals and contributions of one outcome.

    Parameters
    ----------
    model : RiskModel
    patients : Columns of `Patient`
    replicate_log_odds : ndarray of shape (n_patients, n_replicates), optional
        As `RiskModel.replicate_log_odds` gives it, where it is known already.

    Returns
    -------
    risks : OutcomeRisks
    """
    explanation = model.explain(patients)
    low, high = model.interval(patients, risk=explanation.risk, replicate_log_odds=replicate_log_odds)
    return OutcomeRisks(
        horizons_days=model.horizons_days,
        risk=explanation.risk,
        low=low,
        high=high,
        explanation=explanation,
    )
