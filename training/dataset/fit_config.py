"""Configuration of one training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from features.outcome import Estimand
from features.outcomes import OUTCOMES

FEWEST_EVENTS = 5
"""With fewer events, or fewer infusions without, an ordinary model has nothing to learn from."""


MODELS = ("anchored", "ridge", "xgboost")
"""Models that can be released, the default first."""

TUNED = "tuned_"
"""Opens the names of models whose settings were searched for."""


@dataclass(frozen=True)
class EvidenceChoice:
    """Which published evidence a training starts from.

    Attributes
    ----------
    file : Path or None
        A site's own rows.
    excluded : tuple of str
        Sources left out, so that a center's own publication does not count twice.
    literature : bool
        Whether the project's own rows are used at all.
    """

    file: Path | None = None
    excluded: tuple[str, ...] = ()
    literature: bool = True


ALL_EVIDENCE = EvidenceChoice()
"""Everything published, nothing of a site's own."""


@dataclass(frozen=True)
class FitConfig:
    """One training run.

    Attributes
    ----------
    outcomes : tuple of str
        Entries of `OUTCOMES`.
    models : tuple of str
        Learners to fit; with several the best out-of-fold log loss is released. By default all compete for
        the main outcomes, and the first alone is fitted to the others.
    estimand : Estimand
        The question the risks answer.
    allow_grading : str
        Another CRS scale to include; empty for none.
    assume_remission : bool
        Whether an infusion counts as in remission whose response was not assessed and that was followed
        beyond day 60 without relapse; otherwise it is left out.
    seed : int
        Everything random follows from it.
    validate : bool
        Whether to cross-validate.
    folds, repeats : int
        Of the cross-validation.
    bootstrap_draws : int
        Patient-bootstrap draws behind each metric's interval.
    replicates : int
        Refits behind each risk's interval.
    evidence : EvidenceChoice
        What the anchored model starts from.
    home_center : int
        Center whose patients are answered for, by its number in the cohort (1 has most infusions); 0 for
        patients of a new center.
    """

    outcomes: tuple[str, ...] = tuple(OUTCOMES)
    models: tuple[str, ...] = MODELS
    estimand: Estimand = "treatment_policy"
    allow_grading: str = ""
    assume_remission: bool = True
    seed: int = 20260101
    validate: bool = True
    folds: int = 5
    repeats: int = 4
    bootstrap_draws: int = 200
    replicates: int = 200
    evidence: EvidenceChoice = ALL_EVIDENCE
    home_center: int = 0
