"""Apply an update to a released model: the result is an ordinary model with exact contributions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from features.columns import Columns, Values
from serving.model.linear_part import LinearPart
from serving.model.replicates import Replicates
from serving.model.risk_model import RiskModel
from serving.model.trees import TreePart
from training.dataset.training_set import TrainingSet
from training.external.closed_testing import Choice
from training.external.scaled_trees import scaled_trees
from training.external.update_methods import NONE, Prediction, Update, fitted_update, linear_parts


def updated_model(model: RiskModel, update: Update) -> RiskModel:
    """Apply an update to a model; its replicates, with another uncertainty, are left out.

    Parameters
    ----------
    model : RiskModel
    update : Update

    Returns
    -------
    model : RiskModel
        Its log-odds are those of the update; contributions still sum to them. The weight of the literature
        is computed again by the rule of training, so published and local parts keep their meaning. It has no
        risks without a source: the update was fitted to the model with all of them.
    """
    if update.kind == NONE:
        return replace(model, replicates=None)
    linear, trees = model.linear, model.trees
    if linear is not None:
        linear = with_published(replace(linear, coefficients=linear.coefficients * _factors(linear, update)))
    return replace(
        model,
        reference=model.reference + update.shift,
        linear=linear,
        trees=_scaled(trees, update.slope) if trees is not None else None,
        replicates=None,
        without_sources=(),
        evidence_weight=published_weight(linear) if linear is not None else 0.0,
    )


def with_published(linear: LinearPart) -> LinearPart:
    """Compute the published part of the coefficients again."""
    return replace(linear, published=published_weight(linear) * linear.prior_mean)


def published_weight(linear: LinearPart) -> float:
    """How far coefficients follow their prior means, in [0, 1]; the rule of `learners.anchored_linear`."""
    pull = linear.prior_mean / linear.prior_spread**2
    whole = float(pull @ linear.prior_mean)
    return float(np.clip(linear.coefficients @ pull / whole, 0.0, 1.0)) if whole > 0 else 0.0


def updated_replicates(
    model: RiskModel,
    choice: Choice,
    sets: Iterable[TrainingSet],
    *,
    advance: Callable[[], None] = lambda: None,
) -> Replicates:
    """Update every replicate of a model on patients weighted at random.

    Each gets the kind of update that was chosen, fitted to its own predictions: a replicate whose risks were
    too high is shifted down by as much more. The remaining uncertainty is what these patients cannot
    resolve, and the random weights add their own sampling uncertainty.

    Parameters
    ----------
    model : RiskModel
        As released, with replicates.
    choice : Choice
    sets : iterable of TrainingSet
        One a replicate: from `training.learners.bootstrap_replicates.weighted_sets`, of the patients of the
        choice.
    advance : callable
        Called after each.

    Returns
    -------
    replicates : Replicates
    """
    before = model.replicates
    assert before is not None
    if choice.update.kind == NONE:
        return before
    intercepts, coefficients = before.intercepts.copy(), before.coefficients.copy()
    slopes = np.ones(len(before))
    own: Values | None = None
    for number, training in zip(range(len(before)), sets, strict=True):
        if own is None:
            own = replicate_parts(model, training.patients)
            parts = linear_parts(model, training.patients)
        update = _refitted(model, choice.update, number, own[:, number], parts, training)
        intercepts[number] += update.shift
        if model.linear is not None:
            coefficients[number] = _moved(model.linear, before.coefficients[number], update)
        slopes[number] = update.slope
        advance()
    forest = before.forest.scaled(slopes) if before.forest is not None else None
    return replace(before, intercepts=intercepts, coefficients=coefficients, forest=forest)


def replicate_parts(model: RiskModel, patients: Columns) -> Values:
    """Add up what moves each replicate, missing inputs as expected: shape (n_infusions, n_replicates).

    In a fit a missing input takes its expected value, and only an answer draws it.
    """
    assert model.replicates is not None
    moved = np.zeros((len(patients), len(model.replicates)))
    if model.linear is not None:
        moved = moved + model.linear.centered(patients) @ model.replicates.coefficients.T
    if model.replicates.forest is not None:
        moved = moved + model.replicates.forest.margins(patients)
    return moved


def _refitted(
    model: RiskModel,
    update: Update,
    number: int,
    moved: Values,
    parts: tuple[tuple[str, ...], Values],
    training: TrainingSet,
) -> Update:
    """Fit an update of the chosen kind to one replicate; the fields revised are those of the choice."""
    assert model.replicates is not None
    horizons = [model.horizons_days.index(days) for days in training.horizons_days]
    fields, of_field = parts
    revised = [fields.index(name) for name in update.added_factors]
    own = Prediction(
        log_odds=model.replicates.intercepts[number, horizons] + moved[:, None],
        design=np.column_stack([np.ones(len(moved)), moved, of_field[:, revised]]),
        fields=tuple(update.added_factors),
    )
    fitted = fitted_update(own, training, update.kind, columns=list(range(update.n_parameters)))
    return fitted if fitted is not None else _as_the_model(model, update)


def _as_the_model(model: RiskModel, update: Update) -> Update:
    """Move a replicate without a finite fit, which the choice had, as the model was moved.

    The slope of the model stretches what its trees give beyond their mean; in a replicate it stretches the
    whole sum of leaves, so that the mean has to be taken off the shift.
    """
    mean = model.trees.mean_margin if model.trees is not None else 0.0
    return replace(update, shift=update.shift - (update.slope - 1.0) * mean)


def _moved(linear: LinearPart, coefficients: Values, update: Update) -> Values:
    """Coefficients of a replicate: its own times the slope, and what was added along those of the model."""
    added = np.array([update.added_factors.get(parent, 0.0) for parent in linear.parents])
    return update.slope * coefficients + added * linear.coefficients


def _factors(linear: LinearPart, update: Update) -> Values:
    return np.array([update.slope + update.added_factors.get(parent, 0.0) for parent in linear.parents])


def _scaled(trees: TreePart, slope: float) -> TreePart:
    return replace(
        trees, ubj=scaled_trees(trees.ubj, slope), mean_contributions=slope * trees.mean_contributions
    )
