"""The baseline that knows one published score: logistic regression on log2 EASIX alone."""

from __future__ import annotations

import numpy as np

from features.columns import Values
from features.disease_burden import high_burden_probability
from features.expected_terms import Expected, fill_missing
from features.terms import term_matrix
from serving.model.easix_model import EasixModel
from serving.model.linear_part import LinearPart
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import Reason
from training.dataset.fit_config import FEWEST_EVENTS
from training.dataset.training_set import TrainingSet
from training.learners.imputation import expected_terms
from training.statistics.penalized_logistic import penalized_logistic

SCORE = ("log2_easix",)
COEFFICIENT_SPREAD = 2.5
"""Prior standard deviation, log-odds per standard deviation of log2 EASIX: an odds ratio of 12, far beyond
what is published (Gelman et al. 2008, doi:10.1214/08-AOAS191)."""


class Easix:
    """One coefficient, shared by the horizons; a missing score takes its expected value given burden.

    References
    ----------
    Pennisi et al. 2021, doi:10.1182/bloodadvances.2020003885
    """

    name = "easix"
    interval_note: Reason | None = None
    fewest_events = FEWEST_EVENTS

    def choose(self, training: TrainingSet, rng: np.random.Generator) -> Expected:
        """Nothing is to be chosen; what a missing score is expected to be belongs to the training set."""
        return expected_terms(training.patients, SCORE, training.weight.sum(axis=1))

    def skip_choice(self, training: TrainingSet, rng: np.random.Generator) -> None:
        """Draw nothing."""

    def fit(self, training: TrainingSet, choice: Expected) -> RiskModel:
        """Fit intercepts and the coefficient."""
        return self._fitted(training, choice, mean=np.zeros(1))

    def refit(self, training: TrainingSet, choice: Expected, rng: np.random.Generator) -> RiskModel:
        """Fit a replicate, the prior mean drawn from the prior."""
        return self._fitted(training, choice, mean=rng.normal(size=1) * COEFFICIENT_SPREAD / choice.spread)

    def skip_refit(self, choice: Expected, rng: np.random.Generator) -> None:
        """Draw a prior mean."""
        rng.normal(size=1)

    def evidence_note(self, model: RiskModel, choice: Expected) -> None:
        """No published effect has a part in it."""

    def without_sources(self, model: RiskModel, training: TrainingSet, choice: Expected) -> tuple[()]:
        """State none: it rests on no publication."""
        return ()

    def with_drawn_inputs(
        self, model: RiskModel, training: TrainingSet, choice: Expected, rng: np.random.Generator
    ) -> None:
        """Nothing is drawn: it is never released."""

    def parameters(self, choice: Expected) -> dict[str, float | int | str]:
        """State the prior spread."""
        return {"prior_spread": COEFFICIENT_SPREAD}

    def _fitted(self, training: TrainingSet, expected: Expected, *, mean: Values) -> RiskModel:
        known = term_matrix(training.patients, SCORE)
        filled = fill_missing(
            known,
            high_burden_probability(training.patients, gradual=True),
            low_burden=expected.low_burden,
            high_burden=expected.high_burden,
        )
        prior_spread = COEFFICIENT_SPREAD / expected.spread
        fit = penalized_logistic(
            filled - expected.centre,
            training.label,
            training.weight,
            horizons_days=training.horizons_days,
            mean=mean,
            precision=np.diag(prior_spread**-2),
        )
        linear = LinearPart(
            terms=SCORE,
            centre=expected.centre,
            low_burden=expected.low_burden,
            high_burden=expected.high_burden,
            spread=expected.spread,
            coefficients=fit.coefficients,
            published=np.zeros(1),
            prior_mean=mean,
            prior_spread=prior_spread,
            sources=((),),
        )
        return RiskModel(
            training.outcome, self.name, training.horizons_days, reference=fit.intercepts, linear=linear
        )


def easix_model(training: TrainingSet, *, horizon_days: int) -> EasixModel | None:
    """Fit what EASIX alone says of one horizon, for comparison with the released model.

    Parameters
    ----------
    training : TrainingSet
        The whole cohort.
    horizon_days : int
        Headline horizon of the released model.

    Returns
    -------
    model : EasixModel or None
        The baseline `Easix`, not centered. None where the training set does not have the horizon first, where
        fewer than `FEWEST_EVENTS` infusions with a known EASIX had the event by then, or did not have it, and
        where the fit does not settle.
    """
    if training.horizons_days[0] != horizon_days or _fewest_known(training) < FEWEST_EVENTS:
        return None
    learner = Easix()
    try:
        # Nothing is drawn: the choice of this learner is an estimate.
        fitted = learner.fit(training, learner.choose(training, np.random.default_rng(0)))
    except (FloatingPointError, np.linalg.LinAlgError):
        return None
    assert fitted.linear is not None
    coefficient = float(fitted.linear.coefficients[0])
    intercept = float(fitted.reference[0] - coefficient * fitted.linear.centre[0])
    return EasixModel(intercept, coefficient)


def _fewest_known(training: TrainingSet) -> int:
    """Count infusions of known EASIX with the event at the first horizon or without, whichever are fewer.

    Missing ones take their expected value given burden; of these alone the coefficient would be burden's.
    """
    known = ~np.isnan(term_matrix(training.patients, SCORE)[:, 0]) & (training.weight[:, 0] > 0)
    return int(min((known & (training.label[:, 0] == label)).sum() for label in (0, 1)))
