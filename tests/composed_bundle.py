"""The small bundle with every outcome: also those that are composed of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.outcomes import OUTCOMES
from serving.model.bundle import Bundle
from serving.model.composed_risk import Composition, linked
from serving.model.risk_model import RiskModel
from tests.bundles import make_bundle, risk_model, with_sources


def make_composed_bundle() -> Bundle:
    """Make a bundle of every outcome, so that relapse, death without relapse and remission add up to 1."""
    small, rng = make_bundle(), np.random.default_rng(20250112)
    models: dict[str, RiskModel] = {}
    for name, outcome in OUTCOMES.items():
        model = small.models.get(name) or with_sources(risk_model(name, rng))
        if outcome.given is not None:
            plus = models[outcome.given.plus] if outcome.given.plus else None
            parts = Composition(models[outcome.given.outcome], outcome.given.happened, plus)
            model = replace(model, composition=parts)
        models[name] = model
    like = {days: small.summaries[name] for name, days in (("severe_crs", 1), ("relapse", 4))}
    summaries = {name: like[len(OUTCOMES[name].horizons_days)] for name in models}
    return replace(small, models=linked(models), summaries=summaries, left_out={})
