"""Out-of-fold risks of an outcome that is composed of others, validated in the same folds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.columns import Values
from features.outcome import Outcome
from serving.model.composed_risk import composed_risk


def composed_out_of_fold(
    outcome: Outcome, conditional: Values, horizons_days: tuple[int, ...], parts: Mapping[str, Values]
) -> Values:
    """Compose the risks of infusions that no model of theirs has seen.

    Parameters
    ----------
    outcome : Outcome
    conditional : ndarray of shape (..., n_infusions, n_horizons)
        Risk among those who can have the outcome; the risk itself where everybody can.
    horizons_days : tuple of int
        In the order of the outcome, headline first.
    parts : mapping of str to ndarray of shape (..., n_infusions, n_horizons)
        Risks of the outcomes it is composed of, at the same horizons and of the same infusions.

    Returns
    -------
    risk : ndarray of shape (..., n_infusions, n_horizons)

    Raises
    ------
    ValueError
        If the other outcomes were observed in other infusions.
    """
    given = outcome.given
    if given is None:
        return conditional
    for name in given.rests_on:
        if parts[name].shape != conditional.shape:
            message = f"{name} and {outcome.name} were not observed in the same infusions"
            raise ValueError(message)
    plus = parts[given.plus] if given.plus else None
    return np.asarray(
        composed_risk(
            conditional, parts[given.outcome], plus, happened=given.happened, horizons_days=horizons_days
        )
    )
