"""The published cumulative incidence of an outcome, composed where the outcome is."""

from __future__ import annotations

import numpy as np

from features.columns import Values
from features.outcomes import OUTCOMES
from serving.model.composed_risk import composed_risk
from training.evidence.evidence_set import Evidence
from training.evidence.prior_from_studies import published_prior


def published_incidence(outcome: str, evidence: Evidence) -> dict[int, float]:
    """State the base rate among all infused, at every horizon of an outcome.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES`.
    evidence : Evidence

    Returns
    -------
    incidence : dict of int to float
        By horizon in days, headline first.

    Examples
    --------
    >>> from training.evidence.evidence_set import read_evidence
    >>> evidence = read_evidence()
    >>> without_relapse = published_incidence("death_without_relapse", evidence)
    >>> published_incidence("death", evidence)[365] > without_relapse[365]
    True
    """
    horizons = OUTCOMES[outcome].horizons_days
    return dict(zip(horizons, _incidence(outcome, horizons, evidence).tolist(), strict=True))


def _incidence(outcome: str, horizons_days: tuple[int, ...], evidence: Evidence) -> Values:
    among = published_prior(outcome, horizons_days, evidence).base_rate
    given = OUTCOMES[outcome].given
    if given is None:
        return among
    of_other = _incidence(given.outcome, horizons_days, evidence)
    plus = _incidence(given.plus, horizons_days, evidence) if given.plus else np.zeros_like(among)
    return composed_risk(among, of_other, plus, happened=given.happened, horizons_days=horizons_days)
