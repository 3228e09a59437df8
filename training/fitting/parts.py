"""Fitted outcomes that another is composed of: their models and their out-of-fold risks in the same folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.columns import Values
from features.outcome import Given, Outcome
from features.short_repr import ShortRepr
from serving.model.composed_risk import Composition
from serving.model.risk_model import RiskModel
from training.validation.cross_validation import Validation
from training.validation.shared_folds import Folds


@dataclass(frozen=True, repr=False)
class Part(ShortRepr):
    """One outcome that another is composed of.

    Attributes
    ----------
    model : RiskModel
        The one that is released.
    chosen : str
        Its learner.
    validations : mapping of str to Validation
        By learner; empty where it was not validated.
    center_risk : ndarray of shape (n_infusions,), optional
        Headline risk by models of other centers, as `InternalExternal.risk`; None where it was not validated.
    """

    model: RiskModel
    chosen: str
    validations: Mapping[str, Validation]
    center_risk: Values | None


@dataclass(frozen=True, repr=False)
class Parts(ShortRepr):
    """All outcomes that another is composed of; none for an outcome that everybody can have.

    Attributes
    ----------
    given : Given or None
        Of the outcome.
    by_outcome : mapping of str to Part
    """

    given: Given | None
    by_outcome: Mapping[str, Part]

    @property
    def composition(self) -> Composition | None:
        """What the released risk is composed of."""
        if self.given is None:
            return None
        plus = self.by_outcome[self.given.plus].model if self.given.plus else None
        return Composition(self.by_outcome[self.given.outcome].model, self.given.happened, plus)

    @property
    def center_risks(self) -> dict[str, Values]:
        """Risks by models of other centers."""
        return {
            name: part.center_risk for name, part in self.by_outcome.items() if part.center_risk is not None
        }

    def validations(self, learner: str, *, released: bool) -> dict[str, Validation]:
        """Choose the out-of-fold risks that go with those of a learner.

        Parameters
        ----------
        learner : str
        released : bool
            Whether a model of the learner may be released: it is composed of released models. A baseline is
            composed of the same baseline, as far as it could be fitted.

        Returns
        -------
        validations : dict of str to Validation
            By outcome.
        """
        return {
            name: part.validations[part.chosen if released or learner not in part.validations else learner]
            for name, part in self.by_outcome.items()
        }


NO_PARTS = Parts(None, {})
"""Of an outcome that everybody can have."""


@dataclass(frozen=True, repr=False)
class ExpectedParts(ShortRepr):
    """What an outcome will be composed of, while it is being fitted.

    Attributes
    ----------
    outcome : Outcome
    planned : mapping of str to (Folds or None)
        Folds of each outcome that will have a model; None where it is not validated.
    fitted : mapping of str to Part
        Outcomes that have a model by now.
    """

    outcome: Outcome
    planned: Mapping[str, Folds | None]
    fitted: Mapping[str, Part]

    @property
    def absent(self) -> tuple[str, ...]:
        """Those that will have no model."""
        return tuple(name for name in self.outcome.rests_on if name not in self.planned)

    @property
    def validated(self) -> bool:
        """Whether the risks of all of them will be known out of fold."""
        return all(self.planned[name] is not None for name in self.outcome.rests_on)

    @property
    def folds(self) -> Folds | None:
        """The folds that they are validated in; None where there are no parts."""
        return next((self.planned[name] for name in self.outcome.rests_on), None)

    @property
    def ready(self) -> Parts | None:
        """The parts; None until all of them are fitted."""
        if any(name not in self.fitted for name in self.outcome.rests_on):
            return None
        return Parts(self.outcome.given, {name: self.fitted[name] for name in self.outcome.rests_on})
