"""The anchored learner: published effects, corrected by local patients, and shallow trees where they help."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.terms import TERMS
from serving.risk_model import RiskModel
from training.anchored_linear import (
    Anchor,
    LinearFit,
    draw_linear,
    fit_linear,
    published_share,
    set_of,
)
from training.evidence import Evidence
from training.expected_terms import expected_terms
from training.folds import grouped_folds, strata_of
from training.outcome_data import TrainingSet
from training.prior import Prior
from training.published_prior import published_prior
from training.residual_trees import SETTINGS, choose_rounds, fit_trees, worth_looking

INNER_FOLDS = 5
ALL_TERMS = tuple(TERMS)


@dataclass(frozen=True)
class AnchoredChoice:
    """What a fit and its replicates share.

    Attributes
    ----------
    anchor : Anchor
        Prior and expected terms.
    rounds : int
        Of the residual trees; 0 for none.
    margin : ndarray of shape (n_infusions, n_horizons)
        Cross-fitted log-odds of the linear part; no rows without trees.
    training : TrainingSet
        The set it was chosen on.
    """

    anchor: Anchor
    rounds: int
    margin: Values
    training: TrainingSet

    @cached_property
    def linear(self) -> LinearFit:
        """The linear part of the whole set, fitted once for the model and its replicates."""
        return fit_linear(self.anchor, *set_of(self.anchor, self.training))


class Anchored:
    """Evidence-anchored boosting.

    Parameters
    ----------
    evidence : Evidence
        Published effects and base rates.
    """

    name = "anchored"
    interval_note = ""
    fewest_events = 0

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._priors: dict[tuple[str, tuple[int, ...]], Prior] = {}

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> AnchoredChoice:
        """Choose the number of rounds by grouped cross-validation; the priors are weighed, not chosen."""
        anchor = self._anchor(training)
        rounds, margin = 0, np.zeros((0, anchor.n_horizons))
        if worth_looking(training):
            fold = grouped_folds(
                strata_of(training.label, training.weight), training.groups, folds=INNER_FOLDS, rng=rng
            )
            margin = _cross_fitted(anchor, training, fold)
            rounds = choose_rounds(training, margin, fold)
        return AnchoredChoice(anchor, rounds, margin, training)

    def fit(self, training: TrainingSet, choice: AnchoredChoice) -> RiskModel:
        """Average the candidates; fit the chosen number of trees on what they leave over."""
        average = choice.linear.average
        return self._model(choice, training, average.intercepts, average.coefficients, SETTINGS["seed"])

    def refit(self, training: TrainingSet, choice: AnchoredChoice, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate: a candidate drawn by its weight, its mean from its prior, patients as weighted.

        Raises
        ------
        ValueError
            If the set is another than the choice was made on, so that the cross-fitted margin has no meaning.
        """
        if len(training) != len(choice.training):
            message = (
                f"a replicate has {len(training)} infusions, the choice was made on {len(choice.training)}"
            )
            raise ValueError(message)
        anchor = choice.anchor
        intercepts, coefficients = draw_linear(anchor, choice.linear, *set_of(anchor, training), rng)
        return self._model(choice, training, intercepts, coefficients, int(rng.integers(2**31 - 1)))

    def parameters(self, choice: AnchoredChoice) -> dict[str, float | int | str]:
        """State the trees and the weight of every kind of candidate."""
        weights = choice.linear.average.weights
        return {
            "rounds": choice.rounds,
            "weight_no_effect": float(weights[-1]),
            "strongest_candidate_weight": float(weights.max()),
        }

    def prior(self, outcome: str, horizons_days: tuple[int, ...]) -> Prior:
        """State the prior of an outcome; worked out once."""
        key = (outcome, horizons_days)
        if key not in self._priors:
            self._priors[key] = published_prior(outcome, horizons_days, self.evidence)
        return self._priors[key]

    def _anchor(self, training: TrainingSet) -> Anchor:
        prior = self.prior(training.outcome, training.horizons_days)
        return Anchor(prior, expected_terms(training.patients, ALL_TERMS, training.weight.sum(axis=1)))

    def _model(
        self,
        choice: AnchoredChoice,
        training: TrainingSet,
        intercepts: Values,
        coefficients: Values,
        seed: int,
    ) -> RiskModel:
        share = published_share(coefficients, choice.anchor.prior)
        weight = float(np.clip(share, 0.0, 1.0))
        trees = fit_trees(training, choice.margin, rounds=choice.rounds, seed=seed) if choice.rounds else None
        reference = never_falling(intercepts, training.horizons_days)
        return RiskModel(
            training.outcome,
            self.name,
            training.horizons_days,
            reference=reference + (trees.mean_margin if trees is not None else 0.0),
            linear=choice.anchor.linear(coefficients, weight=weight),
            trees=trees,
            evidence_weight=weight,
        )


def never_falling(intercepts: Values, horizons_days: tuple[int, ...]) -> Values:
    """Keep the curve from crossing itself: a later horizon's intercept is at least the earlier one's."""
    order = np.argsort(horizons_days)
    ordered = np.empty_like(intercepts)
    ordered[order] = np.maximum.accumulate(intercepts[order])
    return ordered


def _cross_fitted(anchor: Anchor, training: TrainingSet, fold: NDArray[np.int64]) -> Values:
    """Log-odds of every infusion from a linear part that did not see its fold."""
    terms, label, weight = set_of(anchor, training)
    margin = np.empty_like(label)
    for number in range(int(fold.max()) + 1):
        kept, held_out = fold != number, fold == number
        average = fit_linear(anchor, terms[kept], label[kept], weight[kept]).average
        margin[held_out] = average.intercepts + (terms[held_out] @ average.coefficients)[:, None]
    return margin
