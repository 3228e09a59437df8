"""Names of runs: what differs from other runs first, since lists truncate them; the time of the fit last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from training.console.stopwatch import Period
from training.dataset.fit_config import FitConfig
from training.records.evidence_used import evidence_choice
from training.validation.center_label import center_title

WORDS: Mapping[str, Callable[[Any], str]] = {
    "seed": lambda seed: f"seed {seed}",
    "models": " + ".join,
    "outcomes": " + ".join,
    "evidence": lambda choice: f"evidence {evidence_choice(choice)}",
    "estimand": str,
    "allow_grading": lambda scale: f"grading {scale or 'ASTCT'}",
    "assume_remission": lambda assumed: f"unassessed {'in remission' if assumed else 'left out'}",
    "home_center": lambda number: f"home {center_title(number)}" if number else "new center",
    "validate": lambda validated: "validated" if validated else "not validated",
    "folds": lambda count: f"{count} folds",
    "repeats": lambda count: f"repeats {count}",
    "bootstrap_draws": lambda count: f"{count} draws",
    "replicates": lambda count: f"{count} replicates",
}
"""Words for each setting of `FitConfig`, those that people change most first."""
BEFORE_PARENT = " - "
"""In a child run's name, before that of its parent."""
DIGEST_DIGITS = 8
LONGEST_NAME, LONGEST_END = 250, 80
"""Characters: MLflow's column for names, and what is kept of the end where a name is longer."""


def settings_words(config: FitConfig, default: FitConfig | None = None) -> list[str]:
    """Name the settings that differ from the default.

    Examples
    --------
    >>> settings_words(FitConfig(seed=7, models=("anchored", "ridge"), repeats=1))
    ['seed 7', 'anchored + ridge', 'repeats 1']
    >>> settings_words(FitConfig())
    []
    """
    usual = default if default is not None else FitConfig()
    return [
        words(getattr(config, name))
        for name, words in WORDS.items()
        if getattr(config, name) != getattr(usual, name)
    ]


def cohort_words(name: str, sha256: str, n_infusions: int, *, synthetic: bool) -> list[str]:
    """Name a cohort; its digest distinguishes files of the same name.

    Examples
    --------
    >>> cohort_words("march.csv", "af5fe447ffd3bf8c", 90, synthetic=True)
    ['march.csv (af5fe447)', '90 infusions', 'SYNTHETIC']
    """
    size = f"{n_infusions} infusion{'s' if n_infusions != 1 else ''}"
    return [f"{name} ({sha256[:DIGEST_DIGITS]})", size, *(["SYNTHETIC"] if synthetic else [])]


def run_name(parts: list[str], period: Period | None) -> str:
    """Join the parts of a parent run's name and end it with its moment, where that is known.

    Examples
    --------
    >>> run_name(["seed 7", "march.csv (af5fe447)"], Period(1_767_261_600_000, 1_767_261_660_000))
    'seed 7, march.csv (af5fe447), 2026-01-01 10:00:00 UTC'
    """
    return shortened(", ".join([*parts, *([period.moment] if period is not None else [])]))


def child_name(outcome: str, model: str, parent: str) -> str:
    """Name a child run; the parent's name distinguishes it from children of other parents.

    Examples
    --------
    >>> child_name("relapse", "ridge", "seed 7, march.csv (af5fe447)")
    'relapse / ridge - seed 7, march.csv (af5fe447)'
    """
    return shortened(f"{outcome} / {model}{BEFORE_PARENT}{parent}")


def child_title(name: str) -> str:
    """Give outcome and model of a child run's name, without that of its parent.

    Examples
    --------
    >>> child_title("relapse / ridge - seed 7, march.csv (af5fe447)")
    'relapse / ridge'
    """
    return name.partition(BEFORE_PARENT)[0]


def shortened(name: str) -> str:
    """Cut a name in its middle where MLflow's databases do not take all of it: start and moment stay.

    Examples
    --------
    >>> len(shortened("a" * 400)), shortened("march.csv")
    (250, 'march.csv')
    """
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - LONGEST_END - 1]}\N{HORIZONTAL ELLIPSIS}{name[-LONGEST_END:]}"
