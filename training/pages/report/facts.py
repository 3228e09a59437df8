"""What a report is about, and the facts that its sentences need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from features.problems import counted
from serving.answers.card import ModelCard, OutcomeCard, model_card
from serving.model.bundle import Bundle
from serving.model.validation_summary import ModelUpdate


@dataclass(frozen=True)
class Facts:
    """A bundle and its card.

    Attributes
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.
    """

    bundle: Bundle

    @cached_property
    def card(self) -> ModelCard:
        """The card, from which every figure is taken."""
        return model_card(self.bundle)

    @property
    def trained(self) -> bool:
        """Whether the models were trained on a cohort."""
        return self.card.cohort.trained

    @property
    def measured(self) -> tuple[OutcomeCard, ...]:
        """Outcomes with out-of-fold performance."""
        return tuple(outcome for outcome in self.card.outcomes if outcome.metrics)

    @property
    def updates(self) -> dict[str, ModelUpdate]:
        """Updates on other patients than those of the training, by outcome."""
        summaries = self.bundle.summaries
        return {name: each.update for name, each in summaries.items() if each.update is not None}

    @property
    def methods(self) -> tuple[str, ...]:
        """Learners behind the models."""
        return tuple(dict.fromkeys(outcome.method for outcome in self.card.outcomes))

    @property
    def has_trees(self) -> bool:
        """Whether trees are part of any model."""
        return any(model.trees is not None for model in self.bundle.models.values())

    @property
    def has_terms(self) -> bool:
        """Whether any model has a linear part."""
        return any(model.linear is not None for model in self.bundle.models.values())

    @property
    def composed(self) -> tuple[str, ...]:
        """Outcomes whose risk is composed of that of others."""
        models = self.bundle.models
        return tuple(name for name, model in models.items() if model.composition is not None)

    @property
    def size(self) -> str:
        """The cohort in words."""
        cohort = self.card.cohort
        words = f"{counted(cohort.n_infusions, 'infusion')} of {counted(cohort.n_patients, 'patient')}"
        return f"{words} in {counted(cohort.n_centers, 'center')}" if cohort.n_centers else words

    @property
    def kind(self) -> str:
        """What kind of study it is."""
        if not self.trained:
            return "Derivation from published evidence, not evaluated in patients"
        kind = "Updating" if self.updates else "Development"
        return f"{kind} and internal validation" if self.measured else f"{kind} without validation"


def event_words(outcome: OutcomeCard) -> str:
    """Write the number of distinct events of an outcome by its last horizon, or that it is masked."""
    events = outcome.n_events
    return "a masked number of events" if events is None else counted(events, "distinct event")


def by_outcome(words: Mapping[str, str]) -> str:
    """Join sentences about several outcomes, by title.

    Examples
    --------
    >>> by_outcome({"severe CRS": "rare.", "relapse": "common"})
    'severe CRS: rare; relapse: common.'
    """
    return "; ".join(f"{title}: {each.rstrip('.')}" for title, each in words.items()) + "."
