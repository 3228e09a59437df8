"""All models of a bundle evaluated in one pass: the same numbers as one by one, in less time.

`RiskModel`, `all_outcome_risks` and `narrowing` define what is computed, one model at a time. Here the arrays
of all models lie side by side, so that each step is one call of numpy for all of them. Replicates, the risk
itself, the risk without each source and the risk with one more field known are columns and rows of the same
arrays, because they are composed in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit
from features.short_repr import ShortRepr
from serving.model.evaluated import Evaluated
from serving.model.explanation import Explanation
from serving.model.interval_ends import interval_ends, interval_ends_of_log_odds
from serving.model.missing_costs import used_rows
from serving.model.outcome_risks import OutcomeRisks
from serving.model.risk_model import RiskModel
from serving.model.stacked_composition import StackedComposition
from serving.model.stacked_terms import StackedPatients, StackedTerms
from serving.model.stacked_trees import Matrices, StackedTrees

BLOCK = 32
"""Patients, or patients with one more field known, whose replicates are computed together."""


@dataclass(frozen=True, repr=False)
class _Ends(ShortRepr):
    """Ends of intervals, shape (n_rows, n_patients), and the replicates, where they are kept."""

    low: Values
    high: Values
    replicates: Values


class ModelStack:
    """Models of all outcomes, ready for patients.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome; `serving.model.stacked_terms.stackable` ones, with all that they are composed of.
    """

    def __init__(self, models: Mapping[str, RiskModel]) -> None:
        self._models = dict(models)
        every = list(self._models.values())
        self._terms = StackedTerms(every)
        self._rows = StackedComposition(self._models)
        self._headline_rows = np.array(list(self._rows.headlines.values()))
        composed = np.array([model.composition is not None for model in every])
        self._composed, self._alone = np.flatnonzero(composed), np.flatnonzero(~composed)
        self._reference = np.concatenate([model.reference for model in every])
        self._intercepts = np.concatenate(
            [model.replicates.intercepts.T for model in every if model.replicates is not None]
        )
        self._used = {name: used_rows(model) for name, model in self._models.items()}
        self._any_used = np.any([used for used in self._used.values() if used.size], axis=0)
        self._sources = tuple(
            dict.fromkeys(each.sources for model in every for each in model.without_sources)
        )
        self._sources_of = {
            name: {each: 1 + self._sources.index(each) for each in _sources_of(model)}
            for name, model in self._models.items()
        }
        self._trees = StackedTrees(every)
        self._source_reference, self._source_coefficients = self._source_moves()

    def evaluate(
        self, patients: Columns, *, near: int = 0, narrower: bool = False, replicates: bool = True
    ) -> Evaluated:
        """Compute risks, intervals and contributions of every outcome.

        Parameters
        ----------
        patients : Columns of `Patient`
            The last ``near`` of them are patients nearby, of whom only the headline risk is computed.
        near : int
        narrower : bool
            Whether to state by how much each missing value widens the interval.
        replicates : bool
            Whether to keep the risk by each replicate; without, there are 0 of them.

        Returns
        -------
        evaluated : Evaluated
        """
        n = len(patients) - near
        read, seen = self._terms.read(patients), self._trees.read(patients)
        explanations, points = self._explained(read, seen, n)
        first = read.first(n)
        log_odds = self._terms.replicate_log_odds(first)
        self._trees.add_margins(log_odds, seen, n)
        ends = self._ends(log_odds, points, keep=replicates)
        widened = self._narrower(log_odds, first, points, ends) if narrower else {}
        return Evaluated(
            risks={name: self._risks_of(name, ends, points, explanations[name], n) for name in self._models},
            narrower=widened,
            near={name: points[at, n:, 0] for name, at in self._rows.headlines.items()},
            replicate_log_odds=dict(zip(self._models, log_odds, strict=True)),
        )

    def _explained(
        self, read: StackedPatients, seen: Matrices, n: int
    ) -> tuple[dict[str, Explanation], Values]:
        """Explain the risks; state them, and without each source: shape (n_rows, n_all, 1 + n_sources)."""
        terms = self._terms
        centered = terms.centered(read)
        by_field = terms.by_field(centered * terms.coefficients[:, None])
        published = centered[:, :n] * terms.published[:, None]
        of_published = terms.by_field(published)
        totals = by_field.sum(axis=2)
        # Written so that one row and a batch agree to the last bit; of patients nearby it is not stated.
        moves = np.zeros((*totals.shape, len(self._sources)))
        moves[:, :n] = np.einsum("mnj,msj->mns", centered[:, :n], self._source_coefficients, optimize=False)
        explanations = {}
        for at, (name, model) in enumerate(self._models.items()):
            contributions, of_literature, fields = by_field[at], of_published[at], terms.fields
            if at in self._trees.rows:
                fields, own = self._trees.rows[at], self._trees
                contributions = own.contributions(at, contributions, seen)
                of_literature = own.published(at, of_literature)
                totals[at] = contributions.sum(axis=1)
            explanations[name] = Explanation(
                reference=model.reference,
                fields=fields,
                contributions=contributions[:n],
                published=of_literature,
                published_terms=published[at] if model.linear is not None else np.zeros((n, 0)),
            )
        model_of = self._rows.model_of
        log_odds = totals[model_of] + self._reference[:, None]
        without = self._source_reference[:, None] + moves[model_of]
        points = expit(np.concatenate([log_odds[..., None], log_odds[..., None] + without], axis=2))
        return explanations, self._rows.compose(points)

    def _ends(self, log_odds: Values, points: Values, *, keep: bool) -> _Ends:
        """Intervals of every row, a block of patients at a time, so that a block stays in the cache."""
        n = log_odds.shape[1]
        low, high = np.empty((2, len(self._intercepts), n))
        kept = np.empty((len(self._intercepts), n if keep else 0, log_odds.shape[2]))
        risks = points[:, :n, 0]
        for start in range(0, n, BLOCK):
            block = slice(start, start + BLOCK)
            if keep or self._composed.size:
                drawn = self._drawn(log_odds[:, block])
                low[:, block], high[:, block] = interval_ends(drawn, risks[:, block])
                kept[:, block] = drawn if keep else drawn[:, :0]
            else:
                moved = log_odds[self._rows.model_of, block] + self._intercepts[:, None]
                low[:, block], high[:, block] = interval_ends_of_log_odds(moved, risks[:, block])
        return _Ends(low, high, kept)

    def _drawn(self, log_odds: Values) -> Values:
        """Risk by replicate: shape (n_rows, n, n_replicates)."""
        return self._rows.compose(_expit(log_odds[self._rows.model_of] + self._intercepts[:, None]))

    def _risks_of(
        self, name: str, ends: _Ends, points: Values, explanation: Explanation, n: int
    ) -> OutcomeRisks:
        rows, sources = self._rows.rows[name], self._sources_of[name]
        return OutcomeRisks(
            horizons_days=self._models[name].horizons_days,
            risk=points[rows, :n, 0].T,
            low=ends.low[rows].T,
            high=ends.high[rows].T,
            explanation=explanation,
            replicates=ends.replicates[rows].transpose(1, 2, 0),
            without_sources=tuple(sources),
            risk_without=points[rows, :n, list(sources.values())].transpose(1, 2, 0),
        )

    def _narrower(
        self, log_odds: Values, read: StackedPatients, points: Values, ends: _Ends
    ) -> dict[str, Values]:
        """State by how much each missing field widens the headline interval, by outcome."""
        at = self._headline_rows
        narrower = np.full((len(at), len(read.matrix), len(self._terms.fields)), np.nan)
        missing = (read.missing @ self._terms.belongs) & self._any_used
        widths, risks = ends.high[at] - ends.low[at], points[at, :, 0]
        for infusion in range(len(missing)):
            fields = np.flatnonzero(missing[infusion])
            surplus = self._terms.surplus(read, infusion).take(fields, axis=1)
            moved = np.subtract(log_odds[:, infusion, None], surplus, out=surplus)
            estimate = np.repeat(risks[:, infusion, None], len(fields), axis=1)
            low, high = self._headline_ends(moved, estimate)
            narrower[:, infusion, fields] = np.maximum(widths[:, infusion, None] - (high - low), 0.0)
        return {
            name: np.where(used, of_outcome, np.nan) if len(used) else np.zeros((len(of_outcome), 0))
            for (name, used), of_outcome in zip(self._used.items(), narrower, strict=True)
        }

    def _headline_ends(self, log_odds: Values, risks: Values) -> tuple[Values, Values]:
        """Headline intervals of all models: shape (n_models, n) each. The log-odds are used up."""
        if not self._composed.size:
            log_odds += self._intercepts[self._headline_rows, None]
            return interval_ends_of_log_odds(log_odds, risks)
        low, high = np.empty((2, *risks.shape))
        drawn = self._drawn(log_odds)[self._headline_rows[self._composed]]
        low[self._composed], high[self._composed] = interval_ends(drawn, risks[self._composed])
        of_alone = log_odds[self._alone] + self._intercepts[self._headline_rows[self._alone], None]
        low[self._alone], high[self._alone] = interval_ends_of_log_odds(of_alone, risks[self._alone])
        return low, high

    def _source_moves(self) -> tuple[Values, Values]:
        """By how much reference and coefficients of each model differ without each source.

        Shapes (n_rows, n_sources) and (n_models, n_sources, n_terms); 0 where a source has no part in it.
        """
        reference = np.zeros((len(self._reference), len(self._sources)))
        coefficients = np.zeros((len(self._models), len(self._sources), len(self._terms.terms)))
        for at, (name, model) in enumerate(self._models.items()):
            for each in model.without_sources:
                column = self._sources.index(each.sources)
                reference[self._rows.rows[name], column] = each.reference - model.reference
                coefficients[at, column] = each.coefficients - self._terms.coefficients[at]
        return reference, coefficients


def _expit(log_odds: Values) -> Values:
    """Turn log-odds into probabilities, in place: within 1e-16 of `features.log_odds.expit`."""
    np.negative(log_odds, out=log_odds)
    with np.errstate(over="ignore"):  # of log-odds below -709: the probability is 0
        np.exp(log_odds, out=log_odds)
    log_odds += 1.0
    return np.reciprocal(log_odds, out=log_odds)


def _sources_of(model: RiskModel) -> tuple[tuple[str, ...], ...]:
    """List the sources of a model and of all that it is composed of, as `OutcomeRisks` does."""
    own = [each.sources for each in model.without_sources]
    return tuple(dict.fromkeys((*own, *(source for part in model.parts for source in _sources_of(part)))))
