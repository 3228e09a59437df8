"""What not knowing an input costs: how much narrower the interval would be expected to be were it known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.log_odds import expit
from features.short_repr import ShortRepr
from serving.model.risk_model import RiskModel, all_models, stretched_percentiles

NO_ROW = -1
"""Position of a row where all is drawn."""


@dataclass(frozen=True, repr=False)
class _Pairs(ShortRepr):
    """Infusions, each with a missing row of the linear part that is taken as known.

    Attributes
    ----------
    patients : Columns of `Patient`
    infusion, row : ndarray of shape (n_pairs,)
        Positions among the patients, and among ``fields`` or `NO_ROW`.
    fields : tuple of str
    """

    patients: Columns
    infusion: NDArray[np.int64]
    row: NDArray[np.int64]
    fields: tuple[str, ...]


def narrowing(
    model: RiskModel,
    patients: Columns,
    *,
    risk: Values | None = None,
    replicate_log_odds: Mapping[str, Values] | None = None,
) -> Values:
    """State how much narrower the headline interval would be with one more row of the linear part known.

    Every replicate draws what is missing. Here the draws of one row are replaced by what the risk itself
    takes the row to be, its expected value given burden; all else that is missing stays drawn. So the risk
    stays, and the interval loses what that row alone adds to it, also in all that the risk is composed of.
    The trees stay as they are.

    Parameters
    ----------
    model : RiskModel
    patients : Columns of `Patient`
    risk : ndarray of shape (n_infusions, n_horizons), optional
        Their risk where it is known already; computed otherwise.
    replicate_log_odds : mapping of str to ndarray of shape (n_infusions, n_replicates), optional
        By outcome, as the models' method of this name returns it, where it is known already.

    Returns
    -------
    narrower : ndarray of shape (n_infusions, n_fields)
        By row of `LinearPart.fields`: 0 or more, NaN where the row is known. No columns without a linear
        part or replicates.
    """
    if model.replicate_terms is None:
        return np.zeros((len(patients), 0))
    headline = (model.risk(patients) if risk is None else risk)[:, 0]
    known = {} if replicate_log_odds is None else replicate_log_odds
    log_odds = {
        each.outcome: known[each.outcome] if each.outcome in known else each.replicate_log_odds(patients)
        for each in all_models(model)
    }
    missing = model.replicate_terms.missing_rows(patients)
    infusion, row = np.nonzero(missing)
    pairs = _Pairs(patients, infusion, row, model.replicate_terms.fields)
    narrower = np.full(missing.shape, np.nan)
    everybody = np.arange(len(patients))
    as_drawn = replace(pairs, infusion=everybody, row=np.full_like(everybody, NO_ROW))
    widths, with_known = (
        _widths(_replicate_risks(model, log_odds, each)[:, :, 0], headline[each.infusion])
        for each in (as_drawn, pairs)
    )
    narrower[infusion, row] = np.maximum(widths[infusion] - with_known, 0.0)
    return narrower


def used_rows(model: RiskModel) -> NDArray[np.bool_]:
    """Mark the rows of the linear part with an effect in the model, in its replicates, or in its parts.

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
    used = {field for each in all_models(model) for field in _used_fields(each)}
    return np.array([field in used for field in model.linear.fields], dtype=np.bool_)


def _used_fields(model: RiskModel) -> set[str]:
    if model.linear is None or model.replicates is None:
        return set()
    active = (model.linear.coefficients != 0) | model.replicates.coefficients.any(axis=0)
    return {parent for parent, used in zip(model.linear.parents, active, strict=True) if used}


def _replicate_risks(model: RiskModel, log_odds: Mapping[str, Values], pairs: _Pairs) -> Values:
    """Risks of the replicates with one row known: shape (n_pairs, n_replicates, n_horizons)."""
    assert model.replicates is not None
    moved = log_odds[model.outcome][pairs.infusion] - _surplus(model, pairs)
    own = expit(model.replicates.intercepts[None] + moved[:, :, None])
    return model.composed(own, lambda part: _replicate_risks(part, log_odds, pairs))


def _surplus(model: RiskModel, pairs: _Pairs) -> Values:
    """State what the row of each pair adds to the log-odds of the replicates beyond its expected value."""
    assert model.replicates is not None
    surplus = np.zeros((len(pairs.infusion), len(model.replicates)))
    terms = model.replicate_terms
    if terms is None:
        return surplus
    positions = [terms.fields.index(field) if field in terms.fields else NO_ROW for field in pairs.fields]
    row = np.array([*positions, NO_ROW])[pairs.row]
    read = np.flatnonzero(row != NO_ROW)
    surplus[read] = terms.surplus(pairs.patients, pairs.infusion[read], row[read])
    return surplus


def _widths(risks: Values, risk: Values) -> Values:
    """Width of the headline interval: shape (n,)."""
    low, high = stretched_percentiles(risks, risk)
    return high - low
