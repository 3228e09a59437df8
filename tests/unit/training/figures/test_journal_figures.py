"""Figures for journals: widths, fonts, what is drawn, what is masked, nothing over anything else."""

from __future__ import annotations

import io
import re
import unicodedata
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pypdf
import pytest
from matplotlib.colors import to_rgb

from features.outcomes import OUTCOMES
from tests.bundles import full_summary
from tests.publication_cohort import plain_cohort
from training.dataset.fit_config import FitConfig
from training.figures.journal_forest import ForestRow, journal_forest
from training.figures.journal_incidence import incidence_curves, journal_incidence, numbers_at_risk
from training.figures.journal_style import COLORS, JournalWidth, figure_files, journal_style
from training.figures.journal_validation import journal_calibration, journal_decision
from training.pages.publication.incidence_table import observed_outcomes
from training.statistics.incidence_interval import incidence_steps

POINTS_IN_MM = 72 / 25.4


def relapse(n_patients: int = 40, n_events: int = 12):
    """Read relapse off a cohort in which it comes once a day from day 40."""
    return observed_outcomes(plain_cohort(n_patients, n_events), FitConfig())["relapse"]


def forest_rows() -> list[ForestRow]:
    """Make rows with a long title, an interval beyond the axis, and one without an interval."""
    nan = float("nan")
    return [
        ForestRow(
            "A term with a title so long that it has to be set in two lines and cut", (2, 1, 4), (1, 0.5, 2)
        ),
        ForestRow("Beyond", (9, 2, 300), (0.3, 0.001, 3)),
        ForestRow("Without", (1.5, nan, nan), (1, 0.8, 1.2)),
    ]


def drawn(name: str, width: JournalWidth):
    """Draw a figure of each kind."""
    summary = full_summary()
    return {
        "incidence": lambda: journal_incidence(relapse(), width=width),
        "calibration": lambda: journal_calibration(summary.calibration, width=width),
        "decision": lambda: journal_decision(summary.decision_curve, width=width),
        "forest": lambda: journal_forest(forest_rows(), width=width),
    }[name]()


KINDS = ("incidence", "calibration", "decision", "forest")
TEXTS = {
    "incidence": ("Number at risk", "Cumulative incidence", "Death before any of these"),
    "calibration": ("Perfect calibration", "Predicted risk"),
    "decision": ("Treat none", "Net benefit"),
    "forest": ("Prior from publications", "Beyond"),
}


def pdf_text(content: bytes) -> str:
    """Read the text of a PDF as a search in it does, ligatures as their letters."""
    text = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    return unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize("width", JournalWidth)
@pytest.mark.parametrize("kind", KINDS)
def test_files_have_the_width_and_their_text(kind: str, width: JournalWidth) -> None:
    """To a tenth of a millimeter; text is text, in TrueType; no time."""
    with journal_style():
        files = figure_files("f", drawn(kind, width), title="T")
    pdf, svg = files["f.pdf"], ET.fromstring(files["f.svg"])
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    assert box is not None
    assert float(box[1]) / POINTS_IN_MM == pytest.approx(width.mm, abs=0.1)
    assert float(svg.attrib["width"].removesuffix("pt")) / POINTS_IN_MM == pytest.approx(width.mm, abs=0.1)
    assert b"/FontFile2" in pdf
    assert b"/ToUnicode" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf
    words = "\n".join(svg.itertext())
    for text in TEXTS[kind]:
        assert text in pdf_text(pdf)
        assert text in words


@pytest.mark.parametrize("width", JournalWidth)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_cut_or_over_another(kind: str, width: JournalWidth) -> None:
    """All words are within the figure, tick labels and numbers at risk apart, none below 7 points."""
    with journal_style():
        figure = drawn(kind, width)
        figure.canvas.draw()
        room, boxes = figure.bbox, []
        for axes in figure.axes:
            x_labels, y_labels = axes.get_xticklabels(), axes.get_yticklabels()
            for labels in (x_labels, y_labels, axes.texts):
                shown = [each for each in labels if each.get_visible() and each.get_text()]
                boxes.append([each.get_window_extent() for each in shown])
                assert all(each.get_fontsize() >= 7 for each in shown)
    for group in boxes:
        for box in group:
            assert box.x0 >= room.x0 - 1
            assert box.x1 <= room.x1 + 1
        for first, second in pairwise(group):
            assert not first.padded(-0.5).overlaps(second.padded(-0.5))


def test_colors_differ_in_lightness_too() -> None:
    """The two that are used together, also for readers who see no color."""
    first, second = (np.dot(to_rgb(color), (0.2126, 0.7152, 0.0722)) for color in COLORS[:2])
    assert abs(first - second) > 0.05


def test_curves_are_the_estimate() -> None:
    """Without the mask every step of it, with the competing event."""
    data = relapse()
    curves = incidence_curves(data, mask=False)
    seen = data.observation
    for kind, curve in enumerate(curves, start=1):
        steps = incidence_steps(seen.day, seen.event, kind=kind)
        np.testing.assert_allclose(curve.incidence, steps.at(curve.days)[0])
    assert [curve.title for curve in curves] == [OUTCOMES["relapse"].title, OUTCOMES["relapse"].competing]


@pytest.mark.parametrize("n_events", [5, 7, 9, 12, 23])
def test_masked_steps_are_of_five_events_or_more(n_events: int) -> None:
    """The last one ends at the estimate of all; no day of a single event is in the file."""
    data = relapse(60, n_events)
    curve = incidence_curves(data)[0]
    added = np.diff(curve.incidence) * 60
    assert (added[added > 1e-9] >= 5 - 1e-9).all()
    assert curve.incidence[-1] == pytest.approx(n_events / 60)


def test_curves_of_few_events_are_left_out() -> None:
    """Drawn at 0, they would be wrong."""
    titles = [curve.title for curve in incidence_curves(relapse(60, 3))]
    assert titles == [OUTCOMES["relapse"].competing]


def test_numbers_at_risk_are_rounded_down() -> None:
    """No difference of two is below five; without the mask they are exact."""
    data = relapse(43, 12)
    deaths = sum(number % 3 == 0 for number in range(12, 43))
    assert numbers_at_risk(data, [0, 365, 900], mask=False) == ["43", f"{31 - deaths}", "0"]
    assert numbers_at_risk(data, [0, 365, 900]) == ["40", f"{(31 - deaths) // 5 * 5}", "0"]


def test_few_at_risk_end_the_curve() -> None:
    """With four left, `<5` stands for them and nothing is drawn."""
    data = relapse(16, 12)
    assert numbers_at_risk(data, [100])[0] == "<5"
    assert max(incidence_curves(data)[0].days) < 100
