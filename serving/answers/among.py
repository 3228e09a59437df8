"""The risk among the patients in whom an outcome can come, which its reasons explain."""

from __future__ import annotations

from features.outcome import Outcome
from serving.answers.described import Described
from serving.model.explanation import Explanation


class Among(Described):
    """Risk among the patients in whom an outcome can come."""

    words: str
    """These patients."""
    outcome: str
    """The outcome that decides who is one of them by the headline horizon."""
    happened: bool
    """Whether those with it are meant, or those without."""
    plus: str | None
    """Outcome whose risk is added, because it always is this one too."""
    risk: float
    """Among these patients, by the headline horizon. The risk of all is it times the risk (or 1 minus the
    risk) of ``outcome``, plus that of ``plus``."""


def among(outcome: Outcome, explanation: Explanation, position: int) -> Among | None:
    """State the risk among those who can have an outcome.

    Parameters
    ----------
    outcome : Outcome
        An entry of `OUTCOMES`.
    explanation : Explanation
        Of the model of the outcome.
    position : int
        Of the patient.

    Returns
    -------
    among : Among or None
        None where every patient can have it.
    """
    given = outcome.given
    if given is None:
        return None
    return Among(
        words=given.words,
        outcome=given.outcome,
        happened=given.happened,
        plus=given.plus or None,
        risk=float(explanation.risk[position, 0]),
    )
