"""Intervals of all models, and by how much each missing field widens them: one sort a patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.short_repr import ShortRepr
from serving.model.interval_ends import interval_ends, interval_ends_of_log_odds
from serving.model.risk_model import RiskModel
from serving.model.stacked_composition import StackedComposition
from serving.model.stacked_terms import StackedPatients, StackedTerms

BLOCK = 32
"""Patients whose replicates are computed together, so that they stay in the cache."""


@dataclass(frozen=True, repr=False)
class Intervals(ShortRepr):
    """Intervals of patients.

    Attributes
    ----------
    low, high : ndarray of shape (n_rows, n_patients)
        A row is a model and a horizon, as `StackedComposition` orders them.
    replicates : ndarray of shape (n_rows, n_patients, n_replicates)
        Of 0 patients unless they are kept.
    narrower : ndarray of shape (n_models, n_patients, n_fields)
        By how much each missing field widens the headline interval; NaN where it is known, or not used.
        Of 0 fields unless requested.
    """

    low: Values
    high: Values
    replicates: Values
    narrower: Values


class StackedIntervals:
    """Intervals by the replicates of all models.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome, each with replicates.
    rows : StackedComposition
        Of the same models.
    terms : StackedTerms
        Of the same models.
    """

    def __init__(
        self, models: Mapping[str, RiskModel], rows: StackedComposition, terms: StackedTerms
    ) -> None:
        self._rows, self._terms = rows, terms
        self._intercepts = np.concatenate(
            [model.replicates.intercepts.T for model in models.values() if model.replicates is not None]
        )
        self._headline_rows = np.array(list(rows.headlines.values()))
        self._headline_intercepts = self._intercepts[self._headline_rows]
        composed = np.array([model.composition is not None for model in models.values()])
        self._composed, self._alone = np.flatnonzero(composed), np.flatnonzero(~composed)

    def of(
        self, log_odds: Values, risks: Values, read: StackedPatients, *, narrower: bool, replicates: bool
    ) -> Intervals:
        """State the intervals of patients.

        Parameters
        ----------
        log_odds : ndarray of shape (n_models, n_patients, n_replicates)
            What moves the replicates, missing fields as expected; what these add is added in place.
        risks : ndarray of shape (n_rows, n_patients)
        read : StackedPatients
        narrower : bool
            Whether to state by how much each missing field widens the interval.
        replicates : bool
            Whether to keep the risk by each replicate.

        Returns
        -------
        intervals : Intervals
        """
        n_models, n, n_replicates = log_odds.shape
        for patient in range(n):
            log_odds[:, patient] += self._terms.missing_log_odds(read, patient)
        low, high = np.empty((2, len(self._intercepts), n))
        kept = np.empty((len(self._intercepts), n if replicates else 0, n_replicates))
        at_once = narrower and not replicates and not self._composed.size
        if not at_once:
            self._by_block(log_odds, risks, low, high, kept)
        with_known = np.full((n_models, n, len(self._terms.fields) if narrower else 0), np.nan)
        for patient in range(n if narrower else 0):
            fields, drawn, surplus = self._terms.surplus(read, patient, room=len(low))
            own, risk = log_odds[:, patient], risks[:, patient]
            if at_once:
                low[:, patient], high[:, patient], widths = self._all_ends(own, drawn, surplus, risk)
            else:
                widths = self._widths_with_known(own, surplus, risk[self._headline_rows])
            with_known[:, patient, fields] = widths
        widths = high[self._headline_rows] - low[self._headline_rows]
        return Intervals(low, high, kept, np.maximum(widths[..., None] - with_known, 0.0))

    def _all_ends(
        self, log_odds: Values, drawn: Values, surplus: Values, risk: Values
    ) -> tuple[Values, Values, Values]:
        """State the ends of a patient's intervals, and widths with each missing field known, by one sort."""
        n_rows, (n_missing, n_models, _) = len(self._intercepts), surplus.shape
        np.add(log_odds.take(self._rows.model_of, axis=0), self._intercepts, out=drawn[:n_rows])
        np.subtract(log_odds + self._headline_intercepts, surplus, out=surplus)
        estimate = np.empty(len(drawn))
        estimate[:n_rows] = risk
        estimate[n_rows:].reshape(n_missing, n_models)[:] = risk[self._headline_rows]
        low, high = interval_ends_of_log_odds(drawn, estimate)
        widths = (high[n_rows:] - low[n_rows:]).reshape(n_missing, n_models).T
        return low[:n_rows], high[:n_rows], widths

    def _widths_with_known(self, log_odds: Values, surplus: Values, risk: Values) -> Values:
        """Widths of the headline intervals with each missing field known: shape (n_models, n_missing)."""
        moved = np.subtract(log_odds[:, None], surplus.transpose(1, 0, 2))
        low, high = np.empty((2, len(moved), len(surplus)))
        for part, ends in ((self._composed, self._ends_of_composed), (self._alone, self._ends_of_alone)):
            if part.size:
                low[part], high[part] = ends(moved, np.repeat(risk[part, None], len(surplus), axis=1))
        return high - low

    def _ends_of_composed(self, log_odds: Values, risks: Values) -> tuple[Values, Values]:
        return interval_ends(self._drawn(log_odds)[self._headline_rows[self._composed]], risks)

    def _ends_of_alone(self, log_odds: Values, risks: Values) -> tuple[Values, Values]:
        of_alone = log_odds[self._alone] + self._headline_intercepts[self._alone, None]
        return interval_ends_of_log_odds(of_alone, risks)

    def _by_block(self, log_odds: Values, risks: Values, low: Values, high: Values, kept: Values) -> None:
        """Fill in the ends of every row, and the replicates where they are kept."""
        for start in range(0, log_odds.shape[1], BLOCK):
            block = slice(start, start + BLOCK)
            if kept.shape[1] or self._composed.size:
                drawn = self._drawn(log_odds[:, block])
                low[:, block], high[:, block] = interval_ends(drawn, risks[:, block])
                kept[:, block] = drawn if kept.shape[1] else drawn[:, :0]
            else:
                moved = log_odds[self._rows.model_of, block] + self._intercepts[:, None]
                low[:, block], high[:, block] = interval_ends_of_log_odds(moved, risks[:, block])

    def _drawn(self, log_odds: Values) -> Values:
        """Risk by replicate: shape (n_rows, n, n_replicates)."""
        return self._rows.compose(_expit(log_odds[self._rows.model_of] + self._intercepts[:, None]))


def _expit(log_odds: Values) -> Values:
    """Turn log-odds into probabilities, in place: within 1e-16 of `features.log_odds.expit`."""
    np.negative(log_odds, out=log_odds)
    with np.errstate(over="ignore"):  # of log-odds below -709: the probability is 0
        np.exp(log_odds, out=log_odds)
    log_odds += 1.0
    return np.reciprocal(log_odds, out=log_odds)
