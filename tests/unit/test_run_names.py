"""Every setting of a training is in its name where it is not the default one."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from training.config import EvidenceChoice, FitConfig
from training.run_names import WORDS, settings_words

OTHER: dict[str, Any] = {
    "outcomes": ("relapse",),
    "models": ("ridge",),
    "estimand": "no_further_therapy",
    "allow_grading": "lee_2014",
    "seed": 7,
    "validate": False,
    "folds": 3,
    "repeats": 1,
    "bootstrap_draws": 20,
    "replicates": 5,
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
