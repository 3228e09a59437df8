"""All models of a bundle evaluated in one pass: the same numbers as one by one, in less time.

`RiskModel`, `all_outcome_risks` and `narrowing` define what is computed, one model at a time. Here the arrays
of all models lie side by side, so that each step is one call of numpy for all of them. Replicates, the risk
itself, the risk without each source and the risk with one more field known are columns and rows of the same
arrays, because they are composed in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit
from serving.model.evaluated import Evaluated
from serving.model.explanation import Explanation
from serving.model.missing_costs import used_rows
from serving.model.outcome_risks import OutcomeRisks
from serving.model.risk_model import RiskModel
from serving.model.stacked_composition import StackedComposition
from serving.model.stacked_intervals import Intervals, StackedIntervals
from serving.model.stacked_terms import StackedTerms
from serving.model.stacked_trees import Matrices, StackedTrees


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
        self._used = {name: used_rows(model) for name, model in self._models.items()}
        self._rows = StackedComposition(self._models)
        self._reference = np.concatenate([model.reference for model in every])
        self._sources = tuple(
            dict.fromkeys(each.sources for model in every for each in model.without_sources)
        )
        self._sources_of = {name: _sources_of(model) for name, model in self._models.items()}
        self._columns_of = {
            name: np.array([self._sources.index(each) for each in sources], dtype=np.intp)
            for name, sources in self._sources_of.items()
        }
        any_used = np.any([used for used in self._used.values() if used.size], axis=0)
        source_reference, moves = self._source_moves()
        self._source_reference = source_reference[:, None]
        self._terms, self._trees = StackedTerms(every, any_used, moves), StackedTrees(every)
        self._intervals = StackedIntervals(self._models, self._rows, self._terms)

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
        centered = self._terms.centered(read)
        explanations, totals = self._explained(centered, seen, n)
        log_odds, moves = self._terms.products(centered[:, :n])
        risks, without = self._risks(totals, moves)
        self._trees.add_margins(log_odds, seen, n)
        intervals = self._intervals.of(log_odds, risks[:, :n], read, narrower=narrower, replicates=replicates)
        return Evaluated(
            risks={
                name: self._risks_of(name, risks[:, :n], without, intervals, explanations[name])
                for name in self._models
            },
            narrower=self._narrower_by_outcome(intervals.narrower) if narrower else {},
            near={name: risks[at, n:] for name, at in self._rows.headlines.items()},
            replicate_log_odds=dict(zip(self._models, log_odds, strict=True)),
        )

    def _explained(self, centered: Values, seen: Matrices, n: int) -> tuple[dict[str, Explanation], Values]:
        """Explain the risks of the first patients; sum up the contributions of all: (n_models, n_all)."""
        (_, published), (by_field, of_published) = self._terms.contributions(centered)
        totals = np.add.reduce(by_field, axis=2)
        explanations = {}
        for at, (name, model) in enumerate(self._models.items()):
            contributions, of_literature, fields = by_field[at], of_published[at, :n], self._terms.fields
            if at in self._trees.rows:
                fields, own = self._trees.rows[at], self._trees
                contributions = own.contributions(at, contributions, seen)
                of_literature = own.published(at, of_literature)
                totals[at] = np.add.reduce(contributions, axis=1)
            explanations[name] = Explanation(
                reference=model.reference,
                fields=fields,
                contributions=contributions[:n],
                published=of_literature,
                published_terms=published[at, :n] if model.linear is not None else np.zeros((n, 0)),
            )
        return explanations, totals

    def _risks(self, totals: Values, moves: Values) -> tuple[Values, Values]:
        """State the risks of all patients, and those of the first ones without each source.

        Shapes (n_rows, n_all) and (n_rows, n, n_sources).
        """
        model_of, n = self._rows.model_of, moves.shape[1]
        log_odds = totals[model_of] + self._reference[:, None]
        without = moves[model_of]
        without += self._source_reference
        without += log_odds[:, :n, None]
        # Patients, then patients and sources: all are composed in the same way.
        points = expit(np.concatenate([log_odds, without.reshape(len(model_of), -1)], axis=1))
        risks = self._rows.compose(points)
        return risks[:, : totals.shape[1]], risks[:, totals.shape[1] :].reshape(without.shape)

    def _risks_of(
        self, name: str, risks: Values, without: Values, intervals: Intervals, explanation: Explanation
    ) -> OutcomeRisks:
        rows = self._rows.rows[name]
        return OutcomeRisks(
            horizons_days=self._models[name].horizons_days,
            risk=risks[rows].T,
            low=intervals.low[rows].T,
            high=intervals.high[rows].T,
            explanation=explanation,
            replicates=intervals.replicates[rows].transpose(1, 2, 0),
            without_sources=self._sources_of[name],
            risk_without=without[rows].take(self._columns_of[name], axis=2).transpose(1, 2, 0),
        )

    def _narrower_by_outcome(self, narrower: Values) -> dict[str, Values]:
        """Keep the fields that each outcome uses."""
        return {
            name: np.where(used, of_outcome, np.nan) if len(used) else np.zeros((len(of_outcome), 0))
            for (name, used), of_outcome in zip(self._used.items(), narrower, strict=True)
        }

    def _source_moves(self) -> tuple[Values, Values]:
        """By how much reference and coefficients of each model differ without each source.

        Shapes (n_rows, n_sources) and (n_models, n_sources, n_terms); 0 where a source has no part in it.
        """
        reference = np.zeros((len(self._reference), len(self._sources)))
        n_terms = max(len(model.linear.terms) for model in self._models.values() if model.linear is not None)
        coefficients = np.zeros((len(self._models), len(self._sources), n_terms))
        for at, (name, model) in enumerate(self._models.items()):
            for each in model.without_sources:
                assert model.linear is not None
                column = self._sources.index(each.sources)
                reference[self._rows.rows[name], column] = each.reference - model.reference
                coefficients[at, column] = each.coefficients - model.linear.coefficients
        return reference, coefficients


def _sources_of(model: RiskModel) -> tuple[tuple[str, ...], ...]:
    """List the sources of a model and of all that it is composed of, as `OutcomeRisks` does."""
    own = [each.sources for each in model.without_sources]
    return tuple(dict.fromkeys((*own, *(source for part in model.parts for source in _sources_of(part)))))
