"""What not knowing an input costs: how much narrower the interval would be expected to be were it known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.log_odds import expit
from serving.model.risk_model import RiskModel, stretched_percentiles


def narrowing(
    model: RiskModel,
    patients: Columns,
    *,
    risk: Values | None = None,
    replicate_log_odds: Values | None = None,
) -> Values:
    """State how much narrower the headline interval would be with one more row of the linear part known.

    Every replicate draws what is missing. Here the draws of one row are replaced by what the risk itself
    takes the row to be, its expected value given burden; all else that is missing stays drawn. So the risk
    stays, and the interval loses what that row alone adds to it. The trees stay as they are.

    Parameters
    ----------
    model : RiskModel
    patients : Columns of `Patient`
    risk : ndarray of shape (n_infusions, n_horizons), optional
        Their risk where it is known already; computed otherwise.
    replicate_log_odds : ndarray of shape (n_infusions, n_replicates), optional
        As the model's method of this name returns it, where it is known already; computed otherwise.

    Returns
    -------
    narrower : ndarray of shape (n_infusions, n_fields)
        By row of `LinearPart.fields`: 0 or more, NaN where the row is known. No columns without a linear
        part or replicates.
    """
    terms = model.replicate_terms
    if terms is None:
        return np.zeros((len(patients), 0))
    headline = (model.risk(patients) if risk is None else risk)[:, 0]
    log_odds = replicate_log_odds
    if log_odds is None:
        log_odds = model.replicate_log_odds(patients)
    missing = terms.missing_rows(patients)
    infusion, row = np.nonzero(missing)
    known = log_odds[infusion] - terms.surplus(patients, infusion, row)
    narrower = np.full(missing.shape, np.nan)
    widths = _widths(model, log_odds, headline)[infusion], _widths(model, known, headline[infusion])
    narrower[infusion, row] = np.maximum(widths[0] - widths[1], 0.0)
    return narrower


def used_rows(model: RiskModel) -> NDArray[np.bool_]:
    """Mark the rows of the linear part with an effect in the model or in any of its replicates.

    Parameters
    ----------
    model : RiskModel

    Returns
    -------
    used : ndarray of shape (n_fields,)
        By row of `LinearPart.fields`; a row that is not used costs nothing, known or not. Empty without a
        linear part or replicates.
    """
    if model.linear is None or model.replicates is None:
        return np.zeros(0, dtype=np.bool_)
    active = (model.linear.coefficients != 0) | model.replicates.coefficients.any(axis=0)
    parents = np.array(model.linear.parents)
    return np.array([active[parents == field].any() for field in model.linear.fields], dtype=np.bool_)


def _widths(model: RiskModel, log_odds: Values, risk: Values) -> Values:
    """Width of the headline interval from the log-odds of the replicates: shape (n,)."""
    assert model.replicates is not None
    risks = expit(model.replicates.intercepts[:, 0] + log_odds)
    low, high = stretched_percentiles(risks, risk)
    return high - low
