"""Risks by published bedside scores alone, for comparison with the risk of the model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.bedside_scores import BEDSIDE_SCORES
from serving.answers.described import Described
from serving.model.score_model import ScoreModel


class EasixComparator(Described):
    """Risk by the bedside index EASIX alone, for comparison."""

    index: float | None
    """LDH (U/L) x creatinine (mg/dL) / platelets (10^9/L); null where one of them is missing."""
    risk: float | None
    """Cumulative incidence by the headline horizon, by logistic regression on log2 EASIX fitted on the
    training cohort; null where the index is null."""


class ScoreComparator(Described):
    """Risk by another published bedside score alone, for comparison."""

    name: str
    title: str
    points: float | None
    """null where one of the inputs is missing."""
    risk: float | None
    """Cumulative incidence by the headline horizon, by logistic regression on the points fitted on the
    training cohort; null where the points are null."""
    inputs: list[str]
    """Columns that the points are computed from."""
    source: str
    """DOI of the score."""


def score_comparators(models: Mapping[str, ScoreModel], points: Mapping[str, float]) -> list[ScoreComparator]:
    """State the risk by each score alone.

    Parameters
    ----------
    models : mapping of str to ScoreModel
        Of one outcome, by score.
    points : mapping of str to float
        Of the patient, NaN where missing.

    Returns
    -------
    comparators : list of ScoreComparator

    Examples
    --------
    >>> (found,) = score_comparators({"car_hematotox": ScoreModel(-1.0, 0.5)}, {"car_hematotox": 2.0})
    >>> found.title, found.points, found.risk
    ('CAR-HEMATOTOX', 2.0, 0.5)
    """
    stated = []
    for name, model in models.items():
        score, value = BEDSIDE_SCORES[name], points[name]
        known = not np.isnan(value)
        stated.append(
            ScoreComparator(
                name=name,
                title=score.title,
                points=value if known else None,
                risk=float(model.risk(np.array([value]))[0]) if known else None,
                inputs=list(score.inputs),
                source=score.source,
            )
        )
    return stated
