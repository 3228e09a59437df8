"""Ridge logistic regression on the terms: every coefficient is drawn toward no effect."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from features.columns import Values
from features.disease_burden import high_burden_probability
from features.expected_terms import Expected, fill_missing
from features.log_odds import expit
from features.terms import TERMS, term_matrix
from serving.model.linear_part import LinearPart
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from training.dataset.fit_config import FEWEST_EVENTS
from training.dataset.training_set import TrainingSet
from training.learners.imputation import expected_terms, pooled_fits
from training.statistics.folds import grouped_folds, skip_dealing, strata_of
from training.statistics.metrics import log_loss
from training.statistics.penalized_logistic import LogisticFit, penalized_logistic

SPREADS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0)
"""Candidate prior standard deviations of a coefficient, log-odds per standard deviation of the term: from
practically none to an odds ratio of 2.7, beyond which single clinical predictors do not reach."""
INNER_FOLDS = 5
ALL_TERMS = tuple(TERMS)


@dataclass(frozen=True)
class RidgeChoice:
    """Chosen spread, with the expected terms of the training set it was chosen on."""

    spread: float
    expected: Expected


class Ridge:
    """Ridge logistic regression, the penalty chosen by grouped cross-validation."""

    name = "ridge"
    interval_note: Reason | None = None
    fewest_events = FEWEST_EVENTS

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> RidgeChoice:
        """Choose the prior spread with the best held-out log loss."""
        fold = grouped_folds(
            strata_of(training.label, training.weight), training.groups, folds=INNER_FOLDS, rng=rng
        )
        losses = np.zeros(len(SPREADS))
        for number in range(fold.max() + 1):
            losses += _held_out_losses(training, held_out=fold == number)
        return RidgeChoice(SPREADS[int(np.argmin(losses))], _expected(training))

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw what one dealing of folds draws."""
        skip_dealing(rng)

    def fit(self, training: TrainingSet, choice: RidgeChoice) -> RiskModel:
        """Fit with the chosen spread."""
        return self._fitted(training, choice, mean=np.zeros(len(ALL_TERMS)))

    def refit(self, training: TrainingSet, choice: RidgeChoice, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate: the spread chosen anew, the prior mean drawn from the prior.

        Drawing toward zero again and again would show how little the estimate moves, not how far it may be
        off. Expected terms stay, since the served model fills missing terms by them.
        """
        spread = self.choose(training, rng).spread
        mean = rng.normal(size=len(ALL_TERMS)) * spread / choice.expected.spread
        return self._fitted(training, RidgeChoice(spread, choice.expected), mean=mean)

    def skip_refit(self, choice: RidgeChoice, rng: np.random.Generator) -> None:
        """Draw what one dealing of folds and a prior mean draw."""
        skip_dealing(rng)
        rng.normal(size=len(ALL_TERMS))

    def _fitted(self, training: TrainingSet, choice: RidgeChoice, *, mean: Values) -> RiskModel:
        expected = choice.expected
        fit = _fit(training, expected, choice.spread, mean=mean, terms=_terms(training, expected))
        linear = LinearPart(
            terms=ALL_TERMS,
            centre=expected.centre,
            low_burden=expected.low_burden,
            high_burden=expected.high_burden,
            spread=expected.spread,
            coefficients=fit.coefficients,
            published=np.zeros(len(ALL_TERMS)),
            prior_mean=mean,
            prior_spread=choice.spread / expected.spread,
            sources=((),) * len(ALL_TERMS),
        )
        return RiskModel(
            training.outcome, self.name, training.horizons_days, reference=fit.intercepts, linear=linear
        )

    def evidence_note(self, model: RiskModel, choice: RidgeChoice) -> None:
        """No published effect has a part in it."""

    def without_sources(self, model: RiskModel, training: TrainingSet, choice: RidgeChoice) -> tuple[()]:
        """State none: it rests on no publication."""
        return ()

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: RidgeChoice, rng: np.random.Generator
    ) -> RiskModel | None:
        """Fit again to drawn inputs; the spread stays."""
        if model.linear is None:
            return None

        def fit(terms: Values) -> tuple[Values, Values]:
            mean = np.zeros(len(ALL_TERMS))
            fitted = _fit(training, choice.expected, choice.spread, mean=mean, terms=terms)
            return fitted.intercepts, fitted.coefficients

        reference, coefficients = pooled_fits(model.linear, training.patients, rng, fit)
        return replace(model, reference=reference, linear=replace(model.linear, coefficients=coefficients))

    def parameters(self, choice: RidgeChoice) -> dict[str, float | int | str]:
        """State the prior spread."""
        return {"prior_spread": choice.spread}


def _held_out_losses(training: TrainingSet, *, held_out: np.ndarray) -> Values:
    """Sum the held-out loss of every candidate spread."""
    kept, tested = training.take(~held_out), training.take(held_out)
    expected = _expected(kept)
    known, terms = _terms(kept, expected), _terms(tested, expected)
    losses = []
    for spread in SPREADS:
        fit = _fit(kept, expected, spread, mean=np.zeros(len(ALL_TERMS)), terms=known)
        risk = expit(fit.intercepts + (terms @ fit.coefficients)[:, None])
        losses.append(log_loss(risk.ravel(), tested.label.ravel(), tested.weight.reshape(1, -1))[0])
    return np.nan_to_num(np.array(losses)) * tested.weight.sum()


def _fit(
    training: TrainingSet, expected: Expected, spread: float, *, mean: Values, terms: Values
) -> LogisticFit:
    return penalized_logistic(
        terms,
        training.label,
        training.weight,
        horizons_days=training.horizons_days,
        mean=mean,
        precision=np.diag((expected.spread / spread) ** 2),
    )


def _terms(training: TrainingSet, expected: Expected) -> Values:
    known = term_matrix(training.patients, ALL_TERMS)
    filled = fill_missing(
        known,
        high_burden_probability(training.patients, gradual=True),
        low_burden=expected.low_burden,
        high_burden=expected.high_burden,
    )
    return filled - expected.centre


def _expected(training: TrainingSet) -> Expected:
    return expected_terms(training.patients, ALL_TERMS, training.weight.sum(axis=1))
