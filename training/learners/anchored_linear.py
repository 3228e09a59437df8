"""The linear part of the anchored model: published priors, corrected by a center's own patients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import Columns, Values
from features.disease_burden import high_burden_probability
from features.expected_terms import Expected, fill_missing
from features.products import CD28, PRODUCTS
from features.terms import LEVEL_TERMS, LOCAL_TERMS, OWN_PRODUCT, product_term, term_matrix
from serving.model.linear_part import LinearPart
from serving.model.replicates import drawn_terms
from training.dataset.training_set import TrainingSet
from training.evidence.prior import Prior
from training.learners.candidate_priors import Candidates
from training.learners.center_levels import (
    in_answered_center,
    of_answered_center,
    with_center_levels,
)
from training.learners.imputation import PROFILE_PATIENTS
from training.learners.labeled_terms import LabeledTerms, information, information_of_all
from training.learners.milder_grades import fits_by_grades, grade_factors, tells_grades
from training.learners.model_averaging import Average, averaged, posterior_weights
from training.statistics.laplace import Fits, NormalPriors, fit_priors

N_REFERENCE = 48
"""Patients of the reference profile, evenly drawn, each once after every kind of `PRODUCT_KINDS`; together
they count as `PROFILE_PATIENTS` infusions."""
REFERENCE_SEED = 20260101
PRODUCT_KINDS: tuple[dict[str, float], ...] = (
    {OWN_PRODUCT: 1.0},
    {OWN_PRODUCT: 1.0, "cd28_construct": 1.0},
    {OWN_PRODUCT: 1.0, "split_dose": 1.0},
    *(
        {product_term(name): 1.0, "cd28_construct": CD28[name], "split_dose": float(split)}
        for name, product in PRODUCTS.items()
        for split in sorted({False, product.split_dose})
    ),
)
"""Terms of academic products of either construct and schedule, and of known ones, at once and as usual."""

LOCAL_FIELDS = frozenset(term.field for term in LOCAL_TERMS.values())
"""Fields that only local patients speak of."""

DRAWN_EVIDENCE = 0.5
"""Power of the marginal likelihood by which replicates draw a candidate. The likelihood of labels that stand
for one another is too sure which candidate holds: by 1, intervals miss more where it errs."""


@dataclass(frozen=True)
class Anchor:
    """The prior of an outcome and what the training set says of missing terms.

    Attributes
    ----------
    prior : Prior
    expected : Expected
        For filling and centring the terms.
    candidates : Candidates
        Candidate priors.
    """

    prior: Prior
    expected: Expected
    candidates: Candidates

    @property
    def names(self) -> tuple[str, ...]:
        """Terms, in the order of the prior."""
        return tuple(term.term for term in self.prior.terms)

    @property
    def n_horizons(self) -> int:
        """Horizons of the model."""
        return len(self.prior.horizons_days)

    @property
    def grade_factors(self) -> tuple[float, ...]:
        """What the effects may be multiplied by for the grade below the event, at its published rate."""
        return grade_factors(float(self.prior.base_rate[0]))

    def terms(self, patients: Columns) -> Values:
        """Centered terms, missing ones as expected given burden: shape (n_infusions, n_terms)."""
        known = term_matrix(patients, self.names)
        filled = fill_missing(
            known,
            high_burden_probability(patients, gradual=True),
            low_burden=self.expected.low_burden,
            high_burden=self.expected.high_burden,
        )
        return filled - self.expected.centre

    @cached_property
    def reference_terms(self) -> Values:
        """Centered terms of made-up patients of the reference profile after every kind of product."""
        linear = self._stated(np.zeros(len(self.names)), np.zeros(len(self.names)))
        drawn = drawn_terms(linear, _reference_draws(linear.fields), high=np.nan)
        kinds = []
        for kind in PRODUCT_KINDS:
            patients = drawn.copy()
            for name in LEVEL_TERMS:
                patients[:, self.names.index(name)] = kind.get(name, 0.0)
            kinds.append(patients)
        return np.vstack(kinds) - self.expected.centre

    @cached_property
    def published_levels(self) -> Values:
        """Coefficients of the product's terms before any patient is seen: shape (n_terms,).

        0 for other terms, and for all where no rate is published.
        """
        if not self.prior.rates:
            return np.zeros(len(self.names))
        nobody = np.zeros((0, self.n_horizons))
        before = fit_linear(self, LabeledTerms(np.zeros((0, len(self.names))), nobody, nobody)).average
        return np.where(self.prior.of_product, before.coefficients, 0.0)

    def linear(self, coefficients: Values, *, weight: float) -> LinearPart:
        """Put coefficients into the form that is served, split at an evidence weight.

        What published rates say of the product is published in full, whatever the weight of the effects.
        """
        return self._stated(coefficients, weight * self.prior.effects + self.published_levels)

    def _stated(self, coefficients: Values, published: Values) -> LinearPart:
        return LinearPart(
            terms=self.names,
            centre=self.expected.centre,
            low_burden=self.expected.low_burden,
            high_burden=self.expected.high_burden,
            spread=self.expected.spread,
            coefficients=coefficients,
            published=published,
            prior_mean=self.prior.mean,
            prior_spread=self.prior.spread,
            sources=tuple(term.sources for term in self.prior.terms),
        )


def _reference_draws(fields: tuple[str, ...]) -> Values:
    """Draw patients of the reference profile: shape (N_REFERENCE, n_fields).

    Fields that only local patients speak of are drawn last, so that all others have the draws that they have
    without them.
    """
    rng, n_local = np.random.default_rng(REFERENCE_SEED), sum(name in LOCAL_FIELDS for name in fields)
    shapes = ((N_REFERENCE, len(fields) - n_local), (N_REFERENCE, n_local))
    return np.hstack([rng.random(shape) for shape in shapes])


@dataclass(frozen=True)
class LinearFit:
    """Fits under all candidates and their average.

    Attributes
    ----------
    fits : Fits
        Of every candidate by the event alone and, where grades are known, by the milder grade too, once for
        each of the anchor's grade factors.
    average : Average
        In the center that is answered for.
    drawn : ndarray of shape (n_fits,)
        Probability by which a replicate draws each.
    weight_no_effect, weight_milder : float
        Posterior probability that nothing has an effect, and that effects on the event act on the milder
        grade too.
    """

    fits: Fits
    average: Average
    drawn: Values
    weight_no_effect: float
    weight_milder: float


def fit_linear(anchor: Anchor, known: LabeledTerms, *, near: Fits | None = None) -> LinearFit:
    """Fit every candidate and average them by marginal likelihood.

    Before any patient is seen levels are as published: that some center departs from them says nothing of
    which way.

    Parameters
    ----------
    anchor : Anchor
    known : LabeledTerms
        From `labeled_terms`.
    near : Fits, optional
        Of most of the same patients, or under nearly the same priors; only saves time.

    Returns
    -------
    fit : LinearFit
    """
    laid_out = anchor.candidates
    mass, no_effect = laid_out.mass if known.seen else laid_out.as_published, laid_out.no_effect
    wide_mass = laid_out.wide_mass if known.seen else mass
    priors = with_center_levels(laid_out.priors, laid_out.between, known.centers)
    starts = _starts(near if known.seen else None, priors, 1 + len(anchor.grade_factors))
    fits = fit_priors(known.columns, known.label, known.weight, priors, start=next(starts, None))
    if tells_grades(known):
        for factor in anchor.grade_factors:
            start = next(starts, fits.parameters[-len(priors) :])
            fits = fits.beside(fits_by_grades(known, priors, laid_out.mass, factor=factor, start=start))
        times = 1 + len(anchor.grade_factors)
        mass, wide_mass = np.tile(mass, times) / times, np.tile(wide_mass, times) / times
        no_effect = np.tile(no_effect, times)
    weights = posterior_weights(fits.log_evidence, mass)
    answered = in_answered_center(known.terms, known.centers)
    average = of_answered_center(_averaged(anchor, known, answered, fits, weights), known.centers)
    drawn = posterior_weights(DRAWN_EVIDENCE * fits.log_evidence, wide_mass)
    by_grades = weights[len(laid_out.mass) :].sum()
    return LinearFit(fits, average, drawn, float(weights[no_effect].sum()), float(by_grades))


def _starts(near: Fits | None, priors: NormalPriors, kinds: int) -> Iterator[Values]:
    """Give the parameters where the fits of each kind may start; none if those are of other candidates."""
    n, like = len(priors), near is not None and near.parameters.shape[1] == priors.mean.shape[1]
    if near is not None and like and len(near.parameters) in (n, n * kinds):
        for first in range(0, len(near.parameters), n):
            yield near.parameters[first : first + n]


def log_odds_in_own_center(
    anchor: Anchor, known: LabeledTerms, held_out: LabeledTerms, *, near: Fits | None = None
) -> Values:
    """Fit to some infusions, and state the log-odds of others, each at the level of its own center.

    Parameters
    ----------
    anchor : Anchor
    known, held_out : LabeledTerms
        With the same centers.
    near : Fits, optional
        As for `fit_linear`.

    Returns
    -------
    log_odds : ndarray of shape (n_held_out, n_horizons)
    """
    fit = fit_linear(anchor, known, near=near)
    average = fit.average
    if known.centers is not None:
        average = _averaged(anchor, known, known.columns, fit.fits, average.weights)
    return np.asarray(average.intercepts + (held_out.columns @ average.coefficients)[:, None])


def _averaged(anchor: Anchor, known: LabeledTerms, columns: Values, fits: Fits, weights: Values) -> Average:
    """Average fits over patients in given centers, and those of the reference profile."""
    patients = np.vstack([columns, in_answered_center(anchor.reference_terms, known.centers)])
    n_reference = len(anchor.reference_terms)
    counted = np.concatenate(
        [(known.weight.sum(axis=1) > 0), np.full(n_reference, PROFILE_PATIENTS / n_reference)]
    )
    free = np.zeros(patients.shape[1], dtype=np.bool_)
    free[: len(anchor.names)] = anchor.prior.of_product
    return averaged(fits, weights, patients, counted, n_horizons=anchor.n_horizons, free=free)


def labeled_terms(anchor: Anchor, training: TrainingSet, *, like: TrainingSet | None = None) -> LabeledTerms:
    """Terms, labels and weights at every horizon of the prior.

    A horizon that the cohort cannot tell has weight 0: its risk rests on the published course and on the
    other horizons. Those share an infusion's weight among them, and count as `information` and
    `information_of_all` say.

    Parameters
    ----------
    anchor : Anchor
    training : TrainingSet
    like : TrainingSet, optional
        The set whose weights say how much is known: the training set by default. The random weights of a
        replicate represent no other patient, so a replicate counts as the set it was drawn from.

    Returns
    -------
    known : LabeledTerms
    """
    n_known, positions = len(training.horizons_days), horizon_positions(anchor, training)
    label, weight = np.zeros((2, len(training), anchor.n_horizons))
    label[:, positions] = training.label
    share = information((training if like is None else like).weight)
    share *= information_of_all(anchor.prior.base_rate[positions])
    weight[:, positions] = training.weight * share * (anchor.n_horizons / n_known)
    return LabeledTerms(anchor.terms(training.patients), label, weight, training.milder, training.centers)


def horizon_positions(anchor: Anchor, training: TrainingSet) -> list[int]:
    """Position of each horizon of the training set among those of the prior."""
    return [anchor.prior.horizons_days.index(days) for days in training.horizons_days]
