"""Golden vectors: synthetic patients whose stored risks must be computed again, to nine decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.predictors import predictors
from serving.model.bundle_error import BundleError
from serving.model.risk_model import RiskModel

GOLDEN_TOLERANCE = 1e-9


def golden_risks(
    models: Mapping[str, RiskModel], golden: Sequence[Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """Compute risk, low and high of the golden patients: by outcome, patient, then horizon."""
    patients = predictors(golden)
    risks = {}
    for name, model in models.items():
        low, high = model.interval(patients)
        risks[name] = np.stack([model.risk(patients), low, high], axis=-1).tolist()
    return risks


def verify_golden(
    models: Mapping[str, RiskModel], golden: Sequence[Mapping[str, Any]], stored: Mapping[str, Any]
) -> None:
    """Compute the golden vectors again.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome.
    golden : sequence of mapping
        Synthetic patients.
    stored : mapping of str to list
        Their risks when the bundle was made, as `golden_risks` gives them.

    Raises
    ------
    BundleError
        If there are no golden patients, an outcome has no stored risks, or a risk differs.
    """
    if not golden:
        message = (
            "the bundle has no golden vectors, so what it computes cannot be verified: "
            "the bundle is damaged, restore it or train again"
        )
        raise BundleError(message)
    for name, computed in golden_risks(models, golden).items():
        _verify(name, np.array(computed), np.array(stored.get(name, ()), dtype=float))


def _verify(name: str, computed: np.ndarray[Any, Any], stored: np.ndarray[Any, Any]) -> None:
    if stored.shape != computed.shape:
        message = f"golden vectors of {name} are incomplete: the bundle is damaged, restore it or train again"
        raise BundleError(message)
    worst = float(np.max(np.abs(computed - stored), initial=0.0))
    if not worst <= GOLDEN_TOLERANCE:
        message = (
            f"golden vectors of {name} differ by {worst:.1e}, {GOLDEN_TOLERANCE:g} is allowed: "
            "the code or a library computes other risks than when the bundle was made; retrain"
        )
        raise BundleError(message)
