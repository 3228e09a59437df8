"""One learner's model of one outcome, with what was measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.short_repr import ShortRepr
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import OutcomeSummary
from training.validation.cross_validation import Validation


@dataclass(frozen=True, repr=False)
class FittedModel(ShortRepr):
    """One learner's model of one outcome.

    Attributes
    ----------
    model : RiskModel
        Fitted on the whole cohort; with replicates where it is the chosen one.
    parameters : mapping of str to float, int or str
        What was chosen.
    validation : Validation or None
        Out of fold; None where it was switched off or there were too few events.
    gain : Measured
        Paired gain in out-of-fold log loss over the prevalence, headline horizon.
    summary : OutcomeSummary
        For the bundle.
    choice : object
        Of the learner on the whole cohort; None where nothing was chosen.
    """

    model: RiskModel
    parameters: Mapping[str, float | int | str]
    validation: Validation | None
    gain: Measured
    summary: OutcomeSummary
    choice: Any = None
