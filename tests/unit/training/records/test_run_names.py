"""Every setting of a training is in its name where it is not the default one."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from training.console.stopwatch import Period
from training.dataset.fit_config import EvidenceChoice, FitConfig
from training.records.run_names import LONGEST_NAME, WORDS, child_name, run_name, settings_words

OTHER: dict[str, Any] = {
    "outcomes": ("relapse",),
    "models": ("ridge",),
    "estimand": "no_further_therapy",
    "allow_grading": "lee_2014",
    "assume_remission": False,
    "seed": 7,
    "validate": False,
    "folds": 3,
    "repeats": 1,
    "bootstrap_draws": 20,
    "replicates": 5,
    "home_center": 2,
    "evidence": EvidenceChoice(Path("own.csv"), ("10.1/a",), literature=False),
}


def test_every_setting_has_words() -> None:
    """A new one cannot be forgotten."""
    assert {field.name for field in fields(FitConfig)} == set(WORDS) == set(OTHER)


@pytest.mark.parametrize("name", OTHER)
def test_a_setting_that_differs_is_named(name: str) -> None:
    """Alone, and the defaults are not."""
    (words,) = settings_words(replace(FitConfig(), **{name: OTHER[name]}))
    assert words
    assert settings_words(FitConfig()) == []


def test_long_names_fit_and_stay_apart() -> None:
    """A server's database refuses more; what differs is at the start, and the moment at the end."""
    file, moments = "a" * 300, [Period(second * 1000, second * 1000 + 1) for second in (1, 2)]
    names = [run_name([f"seed {seed}", file], moment) for seed in (1, 2) for moment in moments]
    names += [child_name(outcome, "ridge", name) for outcome in ("relapse", "severe_crs") for name in names]
    assert len(set(names)) == len(names)
    assert max(len(name) for name in names) == LONGEST_NAME
