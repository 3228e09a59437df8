"""Figures of a recorded model are pictures: elsewhere in these tests they are made and not painted."""

from __future__ import annotations

import io
from collections.abc import Mapping
from xml.etree import ElementTree

import pytest

from tests.recorded import Recording
from training.figures.small_svg import SVG
from training.records.drawn_figures import drawn_figure
from training.records.run_figures import Draw
from training.records.training_runs import child_records

PNG = b"\x89PNG\r\n\x1a\n"
SMALLEST = 5_000
"""Bytes; an empty picture of this size has less."""


def figures_of(recording: Recording, model: str = "") -> Mapping[str, Draw]:
    """Give the figures of a model of relapse, the chosen one by default."""
    training = recording.training
    name = f"relapse / {model or training.outcomes['relapse'].chosen}"
    return next(each for each in child_records(training) if each.name.startswith(name)).figures


@pytest.mark.parametrize("file", ["calibration.svg", "roc.svg", "decision.svg", "contributions.svg"])
def test_a_figure_of_a_chosen_model_can_be_painted(recorded_once: Recording, file: str) -> None:
    """Without a warning, and with something on it."""
    figure, written = figures_of(recorded_once)[file](), io.BytesIO()
    assert figure is not None
    figure.savefig(written)
    assert written.getvalue().startswith(PNG)
    assert len(written.getvalue()) > SMALLEST


@pytest.mark.parametrize(
    "file", ["calibration.svg", "contributions.svg", "dependence.svg", "instability.svg"]
)
def test_the_picture_of_a_figure_is_small_and_has_its_texts(recorded_once: Recording, file: str) -> None:
    """Many points are one image; titles and labels are still text."""
    draw = figures_of(recorded_once, "anchored")[file]
    svg, figure, written = drawn_figure(draw), draw(), io.BytesIO()
    assert svg is not None
    assert figure is not None
    figure.savefig(written)
    assert len(svg) < len(written.getvalue())
    texts = [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{{{SVG}}}text")]
    assert any("anchored" in text for text in texts)
