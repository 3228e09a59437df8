"""What may be set of the learners, with the values that they have unless a search chooses others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AnchoredSettings:
    """What may be set of the anchored model.

    Attributes
    ----------
    max_depth : int
        Of its trees. Pairs of predictors may act together; more than that a few hundred patients cannot show.
    learning_rate, reg_lambda : float
        Of its trees.
    prior_scale : float
        Factor of every prior spread: below 1 the published effects are held on to, above 1 the data count
        for more.
    """

    max_depth: int = 2
    learning_rate: float = 0.1
    reg_lambda: float = 10.0
    prior_scale: float = 1.0


@dataclass(frozen=True)
class BoostedSettings:
    """What may be set of plain boosted trees; `AnchoredSettings` says what each means.

    Attributes
    ----------
    max_depth : int
    learning_rate, reg_lambda, min_child_weight : float
    """

    max_depth: int = 2
    learning_rate: float = 0.05
    reg_lambda: float = 1.0
    min_child_weight: float = 2.0


ANCHORED = AnchoredSettings()
BOOSTED = BoostedSettings()
