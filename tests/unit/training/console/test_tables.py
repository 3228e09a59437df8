"""Tables of figures: lines of known width, and cells that wrap where the terminal is narrower."""

import io

import pytest
from rich.console import Console

from features.measures import IN_TERMINAL
from serving.model.measured import Measured
from training.console import tables
from training.console.tables import show_figures

MODELS = {
    "anchored *": {name: Measured(0.5, -0.25, 1.5) for name in IN_TERMINAL},
    "prevalence": {"log_loss": Measured(0.5123), "auroc": Measured(None)},
}
IN_80_COLUMNS = """
relapse [1]
                            gain over                 calibration   observed :
              log loss      prevalence      AUROC        slope       expected
────────────────────────────────────────────────────────────────────────────────
anchored *     0.500          0.500          0.50         0.50         0.50
           -.250 to 1.500 -.250 to 1.500 -.25 to 1.50 -.25 to 1.50 -.25 to 1.50
prevalence     0.512            -             -            -            -
"""


def printed(width: int, *, encoding: str = "utf-8") -> list[str]:
    """Print the table on a screen, and list its lines without the spaces at their ends."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    show_figures("relapse [1]", MODELS, Console(file=file, width=width))
    file.seek(0)
    return [line.rstrip() for line in file.read().split("\n")]


@pytest.mark.parametrize("width", [90, 200])
def test_lines_are_those_of_the_table_that_wraps(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Where the screen is wide enough, both ways to print give the same text."""
    plain = printed(width)
    monkeypatch.setattr(tables, "GAPS", ())
    assert printed(width) == plain


def test_columns_move_together_before_cells_wrap() -> None:
    """Intervals stay on one line as long as one space is left between columns."""
    assert "\n".join(printed(80)) == IN_80_COLUMNS


def test_a_narrow_screen_wraps_cells() -> None:
    """No line is longer than the screen."""
    assert max(map(len, printed(50))) <= 50


def test_a_screen_without_line_drawing_gets_plain_characters() -> None:
    """The rule below the headings can be printed in ASCII."""
    assert all(line.isascii() for line in printed(100, encoding="ascii"))
