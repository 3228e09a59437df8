"""The risk by a day between the horizons of a model, by the published time course.

A day moves the log-odds of every patient by the same amount, as a horizon does. Between two horizons it is as
far on the way from one to the other as in the published course; before the first it is as far below it. After
the last horizon nothing is said.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.columns import Values
from features.time_course import is_covered, odds_share
from serving.model.composed_risk import Composition
from serving.model.risk_model import RiskModel


def can_state(model: RiskModel, day: int) -> bool:
    """Whether a model, with all that it is composed of, can state the risk by a day."""
    within = is_covered(model.outcome, day) and day <= max(model.horizons_days)
    return within and all(can_state(part, day) for part in model.parts)


def with_day(model: RiskModel, day: int) -> RiskModel:
    """Add a day to the horizons of a model, after the others.

    Parameters
    ----------
    model : RiskModel
    day : int
        One that `can_state` allows.

    Returns
    -------
    model : RiskModel
        The same at its own horizons; sources that it can be stated without are left out.

    Examples
    --------
    >>> model = RiskModel("relapse", "ridge", (365, 90), reference=np.array([0.0, -0.7646]))
    >>> with_day(model, 180).reference.round(2), with_day(model, 30).reference.round(2)
    (array([ 0.  , -0.76, -0.37]), array([ 0.  , -0.76, -1.22]))
    """
    if day in model.horizons_days:
        return model
    parts, replicates = model.composition, model.replicates
    if replicates is not None:
        moved = _at_day(model, replicates.intercepts, day)
        replicates = replace(replicates, intercepts=np.column_stack([replicates.intercepts, moved]))
    return replace(
        model,
        horizons_days=(*model.horizons_days, day),
        reference=np.append(model.reference, _at_day(model, model.reference[None], day)),
        replicates=replicates,
        without_sources=(),
        composition=None if parts is None else _composition_with_day(parts, day),
    )


def _composition_with_day(parts: Composition, day: int) -> Composition:
    plus = None if parts.plus is None else with_day(parts.plus, day)
    return Composition(with_day(parts.given, day), parts.happened, plus)


def _at_day(model: RiskModel, intercepts: Values, day: int) -> Values:
    """Log-odds by a day of what has these at the horizons: shape (n,) of (n, n_horizons)."""
    days = sorted(model.horizons_days)
    course = {each: float(np.log(odds_share(model.outcome, each))) for each in (*days, day)}
    columns = {each: intercepts[:, model.horizons_days.index(each)] for each in days}
    if day < days[0]:
        return np.asarray(columns[days[0]] + course[day] - course[days[0]])
    earlier = max(each for each in days if each < day)
    later = min(each for each in days if each > day)
    way = (course[day] - course[earlier]) / (course[later] - course[earlier])
    return np.asarray(columns[earlier] + way * (columns[later] - columns[earlier]))
