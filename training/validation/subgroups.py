"""Performance of a model in groups of patients, by its out-of-fold risks.

Nothing is refitted: the risks are those of cross-validation, pooled over folds, and the bootstrap draws are
those of the whole cohort, so that a group's figures and the cohort's are of the same patients. Censoring is
estimated in the group, since groups may be followed for different times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from features.columns import Values
from features.field import specs
from features.schema import Patient
from serving.model.group_results import SubgroupResult
from serving.model.measured import Measured
from serving.model.patient_groups import DIMENSIONS, Group
from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.subgroup_weights import group_weights, why_unweighted
from training.statistics.metrics import METRICS, WITHIN_FOLDS
from training.validation.bootstrap_intervals import measured, metric_draws
from training.validation.center_label import center_title
from training.validation.cross_validation import Validation
from training.validation.large_centers import large_centers
from training.validation.shared_folds import Folds

FEWEST_INFUSIONS = 20
"""Of fewer an interval says nothing (of 20 with a risk of 1 in 4 the events alone vary by 40 %), and the
figures would point at the patients in the group."""
FEWEST_OF_EACH = 5
"""Infusions with the event, and known to be free of it, that a group must have: with fewer, bootstrap draws
have none, and each patient's own outcome could be read off."""
FEWEST_TO_ORDER = 10
"""Infusions with the event, and as many known to be free of it, for the AUROC of a group."""
ROUNDED_TO = 5
"""Counts are rounded down to it: what a small group left out amounts to cannot be had by subtraction."""
SUBGROUP_METRICS = ("observed_expected", "calibration_in_the_large", "auroc")
"""Whether the level of the risks is right in a group, and whether they order its patients."""

Grouping = tuple[tuple[Group, ...], Values]
"""Groups, and the position of each infusion's group among them, NaN where it is in none."""

BySubgroup = dict[str, dict[str, SubgroupResult]]
"""Results by field, then by code of the group."""


def by_subgroup(data: OutcomeData, validation: Validation) -> BySubgroup:
    """Measure the out-of-fold risks of the headline horizon in every group that is large enough.

    Parameters
    ----------
    data : OutcomeData
    validation : Validation
        Of the model, on ``data``.

    Returns
    -------
    by_field : dict of str to dict of str to SubgroupResult
        By entry of `SUBGROUP_FIELDS`, then by code of the group. A group with too few events is left out,
        or no follow-up to the headline horizon. A field with fewer than two groups is left out, since there
        is nothing to compare with. The AUROC is None below `FEWEST_TO_ORDER`.
    """
    by_field = {}
    for field, grouping in SUBGROUP_FIELDS.items():
        groups, position = grouping(data)
        large = {
            group.code: _result(group, np.flatnonzero(position == at), data, validation)
            for at, group in enumerate(groups)
            if _large_enough(np.flatnonzero(position == at), data, validation.folds)
        }
        if len(large) > 1:
            by_field[field] = large
    return by_field


def _profile_groups(field: str) -> Callable[[OutcomeData], Grouping]:
    """Group by a field as `serving.model.patient_groups` cuts it."""
    dimension = next(each for each in DIMENSIONS if each.field == field)
    return lambda data: (dimension.groups, dimension.group_positions(data.patients))


def _options(field: str) -> Callable[[OutcomeData], Grouping]:
    """Group by the options of a field."""
    groups = tuple(Group(option, option) for option in specs(Patient)[field].options)
    return lambda data: (groups, data.patients[field])


def _centers(data: OutcomeData) -> Grouping:
    """Group by center; they have the numbers that internal-external validation gives them."""
    named = np.array(["" if name is None else str(name) for name in data.center])
    large, _ = large_centers(named, data.scoring_set())
    position = np.full(len(data), np.nan)
    for at, name in enumerate(large):
        position[named == name] = at
    numbers = range(1, len(large) + 1)
    return tuple(Group(str(number), center_title(number)) for number in numbers), position


SUBGROUP_FIELDS: Mapping[str, Callable[[OutcomeData], Grouping]] = {
    "age_years": _profile_groups("age_years"),
    "sex": _options("sex"),
    "target_antigen": _profile_groups("target_antigen"),
    "costimulatory_domain": _options("costimulatory_domain"),
    "center": _centers,
}
"""By what patients are grouped: demography, construct, center."""


def _large_enough(at: NDArray[np.int64], data: OutcomeData, folds: Folds) -> bool:
    patients = len(np.unique(data.groups[at]))
    enough = _fewer(folds.label[at, 0], folds.weight[at, 0]) >= FEWEST_OF_EACH
    return (
        enough
        and len(at) >= FEWEST_INFUSIONS
        and patients >= FEWEST_PATIENTS
        and not why_unweighted(data, at)
    )


def _fewer(label: Values, weight: Values) -> int:
    """Count infusions with the event, or known to be free of it, whichever are fewer."""
    known, event = weight > 0, label == 1
    return int(min((known & event).sum(), (known & ~event).sum()))


def _result(group: Group, at: NDArray[np.int64], data: OutcomeData, validation: Validation) -> SubgroupResult:
    """Measure infusions as folds of their own."""
    folds = validation.folds
    part = Folds(folds.number[:, at], folds.label[at, :1], group_weights(data, at), folds.draws[:, at])
    event = (part.weight[:, 0] > 0) & (part.label[:, 0] == 1)
    risk = validation.risk[:, at, 0]
    return SubgroupResult(
        title=group.words,
        n_infusions=_rounded(len(at)),
        n_events=_rounded(int(event.sum())),
        metrics={name: _measure(name, risk, part) for name in SUBGROUP_METRICS},
    )


def _measure(name: str, risk: Values, folds: Folds) -> Measured:
    if name == "auroc" and _fewer(folds.label[:, 0], folds.weight[:, 0]) < FEWEST_TO_ORDER:
        return Measured(None)
    return measured(metric_draws(METRICS[name], risk, folds, 0, within=name in WITHIN_FOLDS))


def _rounded(count: int) -> int:
    return count // ROUNDED_TO * ROUNDED_TO
