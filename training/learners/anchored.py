"""The anchored learner: published effects, corrected by local patients, and shallow trees where they help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.columns import Values
from features.expected_terms import Expected
from features.outcomes import OUTCOMES
from features.problems import Refused
from features.short_repr import ShortRepr
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from serving.model.without_sources import WithoutSource
from training.dataset.training_set import TrainingSet
from training.evidence.evidence_set import Evidence
from training.evidence.left_out_sources import without_each_source
from training.evidence.prior import Prior
from training.learners.anchored_linear import (
    Anchor,
    LinearFit,
    fit_linear,
    horizon_positions,
    labeled_terms,
)
from training.learners.cross_fitting import cross_fitted
from training.learners.drawn_replicate import LinearReplicate, draw_linear, skip_replicate
from training.learners.hyperparameters import ANCHORED, AnchoredSettings
from training.learners.imputation import expected_terms, pooled_fits
from training.learners.kept_priors import ALL_TERMS, kept_candidates, kept_prior, whole_prior
from training.learners.published_agreement import evidence_note, published_share
from training.learners.residual_trees import (
    COARSER,
    SETTINGS,
    TreeChoice,
    choose_trees,
    dealings,
    fit_trees,
    shared,
    shared_intercepts,
    worth_looking,
)
from training.statistics.folds import LARGEST_SEED, skip_dealing
from training.statistics.penalized_logistic import never_falling

MOST = 0.5
"""Weight of the candidate without any effect from which on it is the likeliest of all together."""


@dataclass(frozen=True, repr=False)
class AnchoredChoice(ShortRepr):
    """What a fit and its replicates share.

    Attributes
    ----------
    anchor : Anchor
        Prior and expected terms.
    trees : TreeChoice
        How many residual trees, upon how much of the linear part.
    margin : ndarray of shape (n_infusions, n_horizons)
        Cross-fitted log-odds of the linear part; no rows without trees.
    training : TrainingSet
        The set it was chosen on.
    settings : AnchoredSettings
    fitted : LinearFit, optional
        The linear part of the whole set, where the choice took it; a choice for another set has none.
    """

    anchor: Anchor
    trees: TreeChoice
    margin: Values
    training: TrainingSet
    settings: AnchoredSettings = ANCHORED
    fitted: LinearFit | None = None

    @cached_property
    def linear(self) -> LinearFit:
        """The linear part of the whole set, fitted once for the model and its replicates."""
        if self.fitted is not None:
            return self.fitted
        return fit_linear(self.anchor, labeled_terms(self.anchor, self.training))


class Anchored:
    """Evidence-anchored boosting.

    Parameters
    ----------
    evidence : Evidence
        Published effects and base rates.
    settings : AnchoredSettings
    """

    name = "anchored"
    interval_note: Reason | None = None
    fewest_events = 0

    def __init__(self, evidence: Evidence, settings: AnchoredSettings = ANCHORED) -> None:
        self.evidence, self._settings = evidence, settings

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> AnchoredChoice:
        """Choose the trees by grouped cross-validation; the priors are weighed, not chosen."""
        anchor = self._anchor(training)
        trees, margin, fitted = TreeChoice(), np.zeros((0, len(training.horizons_days))), None
        if worth_looking(training):
            fitted = fit_linear(anchor, labeled_terms(anchor, training))
            fits = [cross_fitted(anchor, training, fitted.fits, rng) for _ in range(dealings(training))]
            doubted = fitted.weight_no_effect > MOST
            trees = choose_trees(training, fits, doubted=doubted, settings=self._settings)
            margin = shared(np.mean([fit.margin for fit in fits], axis=0), training, trees.share)
        return AnchoredChoice(anchor, trees, margin, training, self._settings, fitted)

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw what the dealings of folds draw, if trees are looked for."""
        for _ in range(dealings(training) if worth_looking(training) else 0):
            skip_dealing(rng)

    def fit(self, training: TrainingSet, choice: AnchoredChoice) -> RiskModel:
        """Average the candidates; fit the chosen number of trees on what they leave over."""
        average = choice.linear.average
        return _model(self.name, choice, training, average.intercepts, average.coefficients)

    def refit(self, training: TrainingSet, choice: AnchoredChoice, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate: a candidate drawn by its weight, its mean from its prior, patients as weighted.

        What is drawn in addition is added to its effects in full, whatever share of the linear part is kept.

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
        known = labeled_terms(anchor, training, like=choice.training)
        drawn = draw_linear(anchor, choice.linear, known, rng)
        seed = int(rng.integers(LARGEST_SEED))
        model = _model(
            self.name, choice, training, drawn.intercepts, drawn.coefficients, seed=seed, replicate=True
        )
        return _with_added(model, drawn)

    def skip_refit(self, choice: AnchoredChoice, rng: np.random.Generator) -> None:
        """Draw a candidate, its mean, added effects and a seed."""
        skip_replicate(choice.anchor, choice.linear, choice.training.centers, rng)
        rng.integers(LARGEST_SEED)

    def evidence_note(self, model: RiskModel, choice: AnchoredChoice) -> Reason | None:
        """Say where the data point against the published effects, or that there are none."""
        if model.linear is None:
            return None
        prior, seen = choice.anchor.prior, choice.training.label[choice.training.weight > 0]
        # Where all patients have the event, or none, no patients are compared and the sign is chance.
        compared = 0 < seen.sum() < seen.size
        share = published_share(model.linear.coefficients, prior) if compared else 0.0
        return evidence_note(prior, share)

    def without_sources(
        self, model: RiskModel, training: TrainingSet, choice: AnchoredChoice
    ) -> tuple[WithoutSource, ...]:
        """Fit the linear part again without each source of its prior; trees and their margin stay."""
        leaves = model.trees.mean_margin if model.trees is not None else 0.0
        listed = []
        left = without_each_source(self.evidence, training.outcome, choice.anchor.prior.sources)
        for evidence, sources in left.items():
            anchor = self._anchor_without(evidence, training, choice.anchor.expected)
            if anchor is not None:
                known = labeled_terms(anchor, training)
                average = fit_linear(anchor, known, near=choice.linear.fits).average
                reference, coefficients = _linear_share(
                    choice, training, average.intercepts, average.coefficients
                )
                listed.append(WithoutSource(sources, reference + leaves, coefficients))
        return tuple(listed)

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: AnchoredChoice, rng: np.random.Generator
    ) -> RiskModel | None:
        """Fit the linear part again to drawn inputs; prior, trees and their margin stay."""
        if model.linear is None:
            return None
        known = labeled_terms(choice.anchor, training)

        def fit(terms: Values) -> tuple[Values, Values]:
            # From the prior, as the model itself: where nothing is drawn, nothing differs.
            average = fit_linear(choice.anchor, replace(known, terms=terms)).average
            return average.intercepts, average.coefficients

        pooled = pooled_fits(model.linear, training.patients, rng, fit)
        reference, coefficients = _linear_share(choice, training, *pooled)
        leaves = model.trees.mean_margin if model.trees is not None else 0.0
        linear = replace(model.linear, coefficients=coefficients)
        return replace(model, reference=reference + leaves, linear=linear)

    def parameters(self, choice: AnchoredChoice) -> dict[str, float | int | str]:
        """State the trees and the weight of every kind of candidate."""
        linear = choice.linear
        return {
            "rounds": choice.trees.rounds,
            "linear_share": choice.trees.share,
            "weight_no_effect": linear.weight_no_effect,
            "weight_milder_grades": linear.weight_milder,
            "strongest_candidate_weight": float(linear.average.weights.max()),
        }

    def prior(self, outcome: str, horizons_days: tuple[int, ...]) -> Prior:
        """State what is published of an outcome; worked out once."""
        return kept_prior(outcome, horizons_days, self.evidence, self._settings.prior_scale)

    def _anchor_without(self, evidence: Evidence, training: TrainingSet, expected: Expected) -> Anchor | None:
        """Start from less evidence; None where training refuses to, or has neither it nor a patient."""
        try:
            anchor = Anchored(evidence, self._settings)._anchored_at(training, expected)
        except Refused:
            return None
        published = anchor.prior.base_sources or anchor.prior.published
        return anchor if published or len(training) else None

    def _anchor(self, training: TrainingSet) -> Anchor:
        expected = expected_terms(training.patients, ALL_TERMS, training.weight.sum(axis=1))
        return self._anchored_at(training, expected)

    def _anchored_at(self, training: TrainingSet, expected: Expected) -> Anchor:
        # Every horizon of the outcome: published evidence answers where the cohort cannot.
        horizons_days = OUTCOMES[training.outcome].horizons_days
        known = (training.outcome, horizons_days, self.evidence, self._settings.prior_scale)
        laid_out = kept_candidates(*known, by_center=training.centers is not None)
        return Anchor(prior=whole_prior(*known), expected=expected, candidates=laid_out)


def _model(
    name: str,
    choice: AnchoredChoice,
    training: TrainingSet,
    intercepts: Values,
    coefficients: Values,
    *,
    seed: int = SETTINGS["seed"],
    replicate: bool = False,
) -> RiskModel:
    """Put the linear part and its trees together, both as far as the choice goes."""
    anchor, rounds, trees = choice.anchor, choice.trees.rounds, None
    if rounds:
        trees = fit_trees(
            training,
            choice.margin,
            rounds=rounds,
            seed=seed,
            coarser=COARSER if replicate else 1,
            explained=not replicate,
            settings=choice.settings,
        )
    reference, coefficients = _linear_share(choice, training, intercepts, coefficients)
    weight = float(np.clip(published_share(coefficients, anchor.prior), 0.0, 1.0))
    return RiskModel(
        training.outcome,
        name,
        anchor.prior.horizons_days,
        reference=reference + (trees.mean_margin if trees is not None else 0.0),
        linear=anchor.linear(coefficients, weight=weight),
        trees=trees,
        evidence_weight=weight,
    )


def _with_added(model: RiskModel, drawn: LinearReplicate) -> RiskModel:
    """Add to a replicate what is drawn in addition."""
    if model.linear is None:
        return model
    coefficients = model.linear.coefficients + drawn.added_effects
    linear = replace(model.linear, coefficients=coefficients)
    return replace(model, reference=model.reference + drawn.added_level, linear=linear)


def _linear_share(
    choice: AnchoredChoice, training: TrainingSet, intercepts: Values, coefficients: Values
) -> tuple[Values, Values]:
    """Keep of the linear part what the trees were chosen upon; its curves never fall."""
    anchor, share = choice.anchor, choice.trees.share
    if choice.trees.rounds:
        positions = horizon_positions(anchor, training)
        moved = shared_intercepts(intercepts[positions], training, share) - intercepts[positions]
        intercepts = intercepts + moved.mean()
        intercepts[positions] += moved - moved.mean()
        coefficients = share * coefficients
    return never_falling(intercepts, anchor.prior.horizons_days), coefficients
