"""How far a fit follows the published effects, and what the reader must know of that."""

from __future__ import annotations

from features.columns import Values
from serving.model.validation_summary import Reason
from training.evidence.prior import Prior


def published_share(coefficients: Values, prior: Prior) -> float:
    """How far coefficients follow the published ones: their slope on them, each by its prior precision.

    Parameters
    ----------
    coefficients : ndarray of shape (n_terms,)
    prior : Prior

    Returns
    -------
    share : float
        1 for the published coefficients themselves, 0 for none, below 0 where they point the other way; 0
        without any published effect.

    Examples
    --------
    >>> import numpy as np
    >>> from training.evidence.prior import TermPrior
    >>> prior = Prior("relapse", (365,), np.array([0.4]), (), (TermPrior("age", 0.5, 0.2, "direction"),))
    >>> published_share(np.array([0.25]), prior), published_share(np.array([-0.5]), prior)
    (0.5, -1.0)
    """
    pull = prior.effects / prior.spread**2
    whole = float(pull @ prior.effects)
    return float(coefficients @ pull) / whole if whole > 0 else 0.0


def evidence_note(prior: Prior, share: float) -> Reason | None:
    """Say what the reader must know of evidence and data.

    Parameters
    ----------
    prior : Prior
    share : float
        `published_share` of the fitted coefficients.

    Returns
    -------
    note : Reason or None
        None where there is nothing to say.

    Examples
    --------
    >>> import numpy as np
    >>> note = evidence_note(Prior("severe_icans", (30,), np.array([0.07]), ("a trial",), ()), 0.0)
    >>> note.code
    'no_published_effect'
    >>> print(note.text)
    no published effect on this outcome: published base rates, and shrinkage toward no effect
    """
    if not prior.published:
        rates = "published base rates" if prior.base_sources else "no published base rate"
        words = f"no published effect on this outcome: {rates}, and shrinkage toward no effect"
        return Reason("no_published_effect" if prior.base_sources else "no_published_evidence", words)
    if not prior.base_sources:
        words = (
            "no published base rate for this outcome: the level of the risks comes from local patients alone"
        )
        return Reason("no_published_rate", words)
    if share < 0:
        words = "the local data contradict the published effects taken together"
        return Reason("against_published_evidence", words)
    return None
