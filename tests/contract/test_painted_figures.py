"""Figures of a recorded model are pictures: elsewhere in these tests they are made and not painted."""

from __future__ import annotations

import io

import pytest

from tests.recorded import Recording
from training.records.training_runs import child_records

PNG = b"\x89PNG\r\n\x1a\n"
SMALLEST = 5_000
"""Bytes; an empty picture of this size has less."""


@pytest.mark.parametrize("file", ["calibration.png", "roc.png", "decision.png", "contributions.png"])
def test_a_figure_of_a_chosen_model_can_be_painted(recorded_once: Recording, file: str) -> None:
    """Without a warning, and with something on it."""
    training = recorded_once.training
    name = f"relapse / {training.outcomes['relapse'].chosen}"
    run = next(each for each in child_records(training) if each.name.startswith(name))
    figure, written = run.figures[file](), io.BytesIO()
    assert figure is not None
    figure.savefig(written)
    assert written.getvalue().startswith(PNG)
    assert len(written.getvalue()) > SMALLEST
