"""What the models of a bundle say of patients, and how it is computed one model at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values
from features.short_repr import ShortRepr
from serving.model.missing_costs import narrowing, used_rows
from serving.model.outcome_risks import OutcomeRisks, all_outcome_risks
from serving.model.risk_model import RiskModel


@dataclass(frozen=True, repr=False)
class Evaluated(ShortRepr):
    """What the models say of patients.

    Attributes
    ----------
    risks : dict of str to OutcomeRisks
        By outcome.
    narrower : dict of str to ndarray of shape (n_patients, n_fields)
        By outcome, as `serving.model.missing_costs.narrowing` states it; NaN for rows that are not used.
        Empty unless requested.
    near : dict of str to ndarray of shape (n_near,)
        Headline risk of the patients nearby, by outcome.
    replicate_log_odds : dict of str to ndarray of shape (n_patients, n_replicates)
        What moves the replicates from their intercepts, by outcome.
    """

    risks: dict[str, OutcomeRisks]
    narrower: dict[str, Values]
    near: dict[str, Values]
    replicate_log_odds: dict[str, Values]


def evaluated_one_by_one(
    models: Mapping[str, RiskModel], patients: Columns, *, near: int = 0, narrower: bool = False
) -> Evaluated:
    """Compute risks, intervals and contributions of every outcome, one model after the other.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome, with all that they are composed of.
    patients : Columns of `Patient`
        The last ``near`` of them are patients nearby, of whom only the headline risk is computed.
    near : int
    narrower : bool
        Whether to state by how much each missing value widens the interval.

    Returns
    -------
    evaluated : Evaluated
    """
    n = len(patients) - near
    first = patients.take(np.arange(n)) if near else patients
    log_odds = {name: model.replicate_log_odds(first) for name, model in models.items()}
    risks = all_outcome_risks(models, first, log_odds)
    widened = {}
    for name, model in models.items() if narrower else ():
        widths = narrowing(model, first, risk=risks[name].risk, replicate_log_odds=log_odds)
        widened[name] = np.where(used_rows(model), widths, np.nan)
    others = patients.take(np.arange(n, len(patients)))
    nearby = {name: model.risk(others)[:, 0] if near else np.zeros(0) for name, model in models.items()}
    return Evaluated(risks, widened, nearby, log_odds)
