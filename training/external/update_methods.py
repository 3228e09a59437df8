"""Updates of a released model for other patients, each an extension of the one before.

    logit F'(h_k | x) = logit F(h_k | x) + shift + (slope - 1) s(x) + sum of added_j s_j(x)

s is what moves the model from its reference, s_j the part of it that the linear part gives to one field.
With nothing added it is the model as released (``none``); a shift alone is ``intercept``, shift and slope are
``recalibration``, a factor of its own for the strongest fields too is ``revision``. A shift moves all
horizons alike, so that no curve falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from features.columns import Columns, Values
from features.log_odds import expit
from features.short_repr import ShortRepr
from serving.model.risk_model import RiskModel
from training.dataset.fit_config import FEWEST_EVENTS
from training.dataset.stacked_labels import SEPARATE, least_information, stacked
from training.dataset.training_set import TrainingSet
from training.statistics.logistic_fits import logistic_fits
from training.statistics.metrics import SAME_LOG_ODDS

UPDATES = ("none", "intercept", "recalibration", "revision")
"""Every update by name, the smallest first."""
NONE, INTERCEPT, RECALIBRATION, REVISION = UPDATES
EVENTS_PER_PARAMETER = 10
"""Patients with the event, and as many without, for each parameter of an update beyond the shift (Peduzzi et
al. 1996, doi:10.1016/S0895-4356(96)00236-3)."""
MOST_REVISED = 4
"""Fields with a factor of their own at most: a further one costs the test power to see a shift."""
LEAST_INFORMATION = 0.5
"""Fisher information that a fit must have in every direction: that of two patients at even odds."""
SEPARATION = "separate events from non-events perfectly, or do not vary, in this cohort"


@dataclass(frozen=True, repr=False)
class Prediction(ShortRepr):
    """Predictions of a model for patients, split as updates need them.

    Attributes
    ----------
    log_odds : ndarray of shape (n_infusions, n_horizons)
        At the horizons asked for.
    design : ndarray of shape (n_infusions, 2 + n_fields)
        Ones, what moves the model from its reference, and the linear part of every field in it.
    fields : tuple of str
        Names of the columns from the third on.
    """

    log_odds: Values
    design: Values
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Update:
    """One update, fitted.

    Attributes
    ----------
    kind : str
        Entry of `UPDATES`.
    shift : float
        Added to the log-odds at every horizon.
    slope : float
        Factor of everything that moves the model from its reference.
    added_factors : mapping of str to float
        Added to the factor of single fields of the linear part.
    """

    kind: str = NONE
    shift: float = 0.0
    slope: float = 1.0
    added_factors: Mapping[str, float] = field(default_factory=dict)

    @property
    def n_parameters(self) -> int:
        """Parameters that were fitted."""
        return min(UPDATES.index(self.kind), 2) + len(self.added_factors)

    @property
    def parameters(self) -> Values:
        """Coefficients of the columns of `Prediction.design` that it uses: shape (n_parameters,)."""
        stated = np.array([self.shift, self.slope - 1.0, *self.added_factors.values()])
        return stated[: self.n_parameters]


def prediction(model: RiskModel, patients: Columns, horizons_days: tuple[int, ...]) -> Prediction:
    """Split the predictions of a model for patients.

    Parameters
    ----------
    model : RiskModel
    patients : Columns of `Patient`
    horizons_days : tuple of int
        Of the model.

    Returns
    -------
    prediction : Prediction
        Fields by the spread of their part in these patients, the widest first. Outcomes do not affect this
        order, so the tests on the fields hold.
    """
    explanation = model.explain(patients)
    horizons = [model.horizons_days.index(days) for days in horizons_days]
    moved = explanation.contributions.sum(axis=1)
    fields, parts = linear_parts(model, patients)
    order = np.argsort(-parts.std(axis=0), kind="stable")
    return Prediction(
        log_odds=explanation.log_odds[:, horizons],
        design=np.column_stack([np.ones(len(moved)), moved, parts[:, order]]),
        fields=tuple(fields[position] for position in order),
    )


def linear_parts(model: RiskModel, patients: Columns) -> tuple[tuple[str, ...], Values]:
    """State what each field of the linear part contributes: shape (n_infusions, n_fields), log-odds."""
    if model.linear is None:
        return (), np.zeros((len(patients), 0))
    linear = model.linear
    belongs = np.array([[parent == name for name in linear.fields] for parent in linear.parents], dtype=float)
    return linear.fields, (linear.centered(patients) * linear.coefficients) @ belongs


@dataclass(frozen=True)
class Possible:
    """Updates that can be fitted to some patients.

    Attributes
    ----------
    updates : tuple of Update
        The smallest first; ``none`` always.
    ended : str
        Why a further one could not be fitted, in words; empty if none failed.
    """

    updates: tuple[Update, ...]
    ended: str = ""


def possible_updates(predicted: Prediction, training: TrainingSet) -> Possible:
    """Fit every update that the patients allow, the smallest first.

    Parameters
    ----------
    predicted : Prediction
        Of the infusions of ``training``, at its horizons.
    training : TrainingSet

    Returns
    -------
    possible : Possible
        ``none`` always; an intercept from `FEWEST_EVENTS` patients with the event and as many without at the
        headline horizon, and `EVENTS_PER_PARAMETER` for each parameter where there are more. One that cannot
        be fitted, since its columns separate the labels perfectly, ends the list.
    """
    updates = [Update()]
    fewest = min(event_patients(training))
    if fewest < FEWEST_EVENTS:
        return Possible(tuple(updates))
    allowed = fewest // EVENTS_PER_PARAMETER
    # A column that varies only among patients without any follow-up cannot be fitted.
    followed = predicted.design[(training.weight > 0).any(axis=1)]
    columns = _separate_columns(followed, most=min(allowed - 2, MOST_REVISED))
    for kind, used in ((INTERCEPT, [0]), (RECALIBRATION, [0, 1]), (REVISION, columns)):
        possible = kind == INTERCEPT or (allowed >= len(used) and _moves(followed))
        if not possible or len(used) < UPDATES.index(kind):
            break
        fitted = fitted_update(predicted, training, kind, columns=used)
        if fitted is None:
            return Possible(tuple(updates), f"{kind} could not be fitted: its terms {SEPARATION}")
        updates.append(fitted)
    return Possible(tuple(updates))


def fitted_update(
    predicted: Prediction, training: TrainingSet, kind: str, *, columns: list[int]
) -> Update | None:
    """Fit one update by weighted maximum likelihood over all horizons; None where there is no finite fit.

    Each horizon's labels count by their weight over the number of horizons, as when a model is trained.

    Parameters
    ----------
    predicted : Prediction
    training : TrainingSet
    kind : str
        Entry of `UPDATES`.
    columns : list of int
        Of ``predicted.design``, those that are fitted.

    Returns
    -------
    update : Update or None
        None, too, where the information in some direction is below `LEAST_INFORMATION`.
    """
    rows = stacked(predicted.design[:, columns], training)
    offset = predicted.log_odds.T.ravel()
    coefficients = logistic_fits(rows.design, rows.label, rows.weight[None], offset=offset)[0]
    if np.isnan(coefficients).any():
        return None
    risk = expit(offset + rows.design @ coefficients)
    if patients_who_tell(training) * least_information(rows, risk) < LEAST_INFORMATION:
        return None
    shift, steeper, *added = [*coefficients.tolist(), 0.0][: max(2, len(columns))]
    named = {predicted.fields[at - 2]: value for at, value in zip(columns[2:], added, strict=True)}
    return Update(kind, shift, 1.0 + steeper, named)


def patients_who_tell(training: TrainingSet) -> int:
    """Count patients with follow-up to any horizon."""
    return len(np.unique(training.groups[(training.weight > 0).any(axis=1)]))


def event_patients(training: TrainingSet) -> tuple[int, int]:
    """Count patients with the event by the headline horizon, and patients known event-free."""
    known, event = training.weight[:, 0] > 0, training.label[:, 0] == 1
    return tuple(len(np.unique(training.groups[known & each])) for each in (event, ~event))  # type: ignore[return-value]


def _moves(design: Values) -> bool:
    """Whether predictions differ between these patients, so that there is a slope."""
    return bool(np.ptp(design[:, 1]) >= SAME_LOG_ODDS)


def _separate_columns(design: Values, *, most: int) -> list[int]:
    """Columns of the revision: shift, slope, and the strongest fields that are no sum of those before."""
    chosen = [0, 1]
    for position in range(2, design.shape[1]):
        if len(chosen) - 2 >= most:
            break
        column, before = design[:, position], design[:, chosen]
        left = column - before @ np.linalg.lstsq(before, column, rcond=None)[0]
        if np.ptp(column) >= SAME_LOG_ODDS and left.std() > SEPARATE * column.std():
            chosen.append(position)
    return chosen
