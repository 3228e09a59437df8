"""What one training run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from features.outcomes import OUTCOMES, Estimand

FEWEST_EVENTS = 5
"""With fewer events, or fewer infusions without, an ordinary model has nothing to learn from."""


@dataclass(frozen=True)
class FitConfig:
    """One training run.

    Attributes
    ----------
    outcomes : tuple of str
        Entries of `OUTCOMES`.
    models : tuple of str
        Learners to fit; with several the best out-of-fold log loss is released.
    estimand : Estimand
        The question the risks answer.
    allow_grading : str
        Another CRS scale allowed by name; empty for none.
    seed : int
        Everything random follows from it.
    validate : bool
        Whether to cross-validate.
    folds, repeats : int
        Of the cross-validation.
    bootstrap_draws : int
        Patient-bootstrap draws behind each metric's interval.
    replicates : int
        Patient-bootstrap refits behind each risk's interval.
    """

    outcomes: tuple[str, ...] = tuple(OUTCOMES)
    models: tuple[str, ...] = ("ridge", "xgboost")
    estimand: Estimand = "treatment_policy"
    allow_grading: str = ""
    seed: int = 20260101
    validate: bool = True
    folds: int = 5
    repeats: int = 4
    bootstrap_draws: int = 200
    replicates: int = 50
