"""What not knowing an input costs: how much narrower the interval would be expected to be were it known."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Values
from serving.risk_model import RiskModel, expit, stretched_percentiles


def narrowing(model: RiskModel, patients: Columns, *, risk: Values | None = None) -> Values:
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
    log_odds, missing = model.replicate_log_odds(patients), terms.missing_rows(patients)
    who, row = np.nonzero(missing)
    known = log_odds[who] - terms.surplus(patients, who, row)
    narrower = np.full(missing.shape, np.nan)
    widths = _widths(model, log_odds, headline)[who], _widths(model, known, headline[who])
    narrower[who, row] = np.maximum(widths[0] - widths[1], 0.0)
    return narrower


def _widths(model: RiskModel, log_odds: Values, risk: Values) -> Values:
    """Width of the headline interval from the log-odds of the replicates: shape (n,)."""
    assert model.replicates is not None
    risks = expit(model.replicates.intercepts[:, 0] + log_odds)
    low, high = stretched_percentiles(risks, risk)
    return high - low
