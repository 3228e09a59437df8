"""Risks of many patients: the one path by which training validates, serving answers and MLflow predicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit
from features.short_repr import ShortRepr
from serving.model.bundle import Bundle
from serving.model.explanation import Explanation
from serving.model.risk_model import RiskModel, stretched_percentiles


@dataclass(frozen=True, repr=False)
class OutcomeRisks(ShortRepr):
    """Risks of one outcome for many patients.

    Attributes
    ----------
    horizons_days : tuple of int
    risk, low, high : ndarray of shape (n_patients, n_horizons)
        Cumulative incidence and its 90 % interval.
    explanation : Explanation
        Log-odds by field, among those who can have the outcome.
    replicates : ndarray of shape (n_patients, n_replicates, n_horizons)
        The risk by each replicate.
    without_sources : tuple of tuple of str
        Names of the sources that the risk is also stated without.
    risk_without : ndarray of shape (n_patients, n_sources, n_horizons)
        The risk without each of them.
    """

    horizons_days: tuple[int, ...]
    risk: Values
    low: Values
    high: Values
    explanation: Explanation
    replicates: Values
    without_sources: tuple[tuple[str, ...], ...]
    risk_without: Values


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
    models = bundle.models
    return all_outcome_risks(
        models, patients, {name: model.replicate_log_odds(patients) for name, model in models.items()}
    )


def all_outcome_risks(
    models: Mapping[str, RiskModel], patients: Columns, replicate_log_odds: Mapping[str, Values]
) -> dict[str, OutcomeRisks]:
    """Compute the risks of several outcomes, each once, whatever is composed of it.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome; those that a model is composed of are among them.
    patients : Columns of `Patient`
    replicate_log_odds : mapping of str to ndarray of shape (n_patients, n_replicates)
        As `RiskModel.replicate_log_odds` gives them.

    Returns
    -------
    risks : dict of str to OutcomeRisks
        In the order of the models.
    """
    done: dict[str, OutcomeRisks] = {}

    def of(name: str) -> OutcomeRisks:
        if name not in done:
            model = models[name]
            parts = {part.outcome: of(part.outcome) for part in model.parts}
            done[name] = _outcome_risks(model, patients, replicate_log_odds[name], parts)
        return done[name]

    return {name: of(name) for name in models}


def _outcome_risks(
    model: RiskModel, patients: Columns, replicate_log_odds: Values, parts: Mapping[str, OutcomeRisks]
) -> OutcomeRisks:
    assert model.replicates is not None
    explanation = model.explain(patients)
    risk = model.composed(explanation.risk, lambda part: parts[part.outcome].risk)
    replicates = model.composed(
        expit(model.replicates.intercepts[None] + replicate_log_odds[:, :, None]),
        lambda part: parts[part.outcome].replicates,
    )
    low, high = stretched_percentiles(replicates, risk)
    without_sources, risk_without = _without(model, explanation, parts)
    return OutcomeRisks(
        horizons_days=model.horizons_days,
        risk=risk,
        low=low,
        high=high,
        explanation=explanation,
        replicates=replicates,
        without_sources=without_sources,
        risk_without=risk_without,
    )


def _without(
    model: RiskModel, explanation: Explanation, parts: Mapping[str, OutcomeRisks]
) -> tuple[tuple[tuple[str, ...], ...], Values]:
    """State the risk without each source of the model, and of all that it is composed of."""
    own = tuple(each.sources for each in model.without_sources)
    listed = dict.fromkeys((*own, *(source for part in parts.values() for source in part.without_sources)))
    sources = tuple(listed)
    if not sources:
        return (), np.zeros((*explanation.risk.shape[:1], 0, explanation.risk.shape[1]))
    conditional = _at_sources(sources, own, explanation.risk, explanation.risk_without)
    risk = model.composed(
        conditional,
        lambda part: _at_sources(
            sources,
            parts[part.outcome].without_sources,
            parts[part.outcome].risk,
            parts[part.outcome].risk_without,
        ),
    )
    return sources, risk


def _at_sources(
    sources: tuple[tuple[str, ...], ...],
    known: tuple[tuple[str, ...], ...],
    risk: Values,
    risk_without: Values,
) -> Values:
    """Risk without each source: as it is where a source has no part in it."""
    columns = [risk_without[:, known.index(each)] if each in known else risk for each in sources]
    return np.stack(columns, axis=1)
