"""Stacked bars of states: heights are the shares, observed beside predicted."""

from __future__ import annotations

import pytest
from matplotlib.patches import Rectangle

from tests.bundles import make_bundle
from training.figures.state_bars import state_figure
from training.validation.state_shares import StateShares, state_shares

SHARES = StateShares(
    outcomes=("relapse", "death_without_relapse"),
    titles=("relapse", "death without relapse", "alive in remission"),
    observed={90: (0.2, 0.03, 0.77), 365: (0.5, 0.1, 0.4)},
    predicted={90: (0.25, 0.05, 0.7), 365: (0.45, 0.1, 0.45)},
)


def heights(shares: StateShares) -> list[float]:
    (axes,) = state_figure(shares, title="t").axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return [bar.get_height() for bar in bars if bar.get_height() > 0]


def test_every_share_is_a_piece_of_its_bar() -> None:
    """Four bars of three pieces; each bar is 1 high."""
    drawn = heights(SHARES)
    assert drawn == pytest.approx([*SHARES.observed[90], *SHARES.observed[365]] + [
        share for shares in SHARES.predicted.values() for share in shares
    ])  # fmt: skip
    assert sum(drawn) == pytest.approx(4)


def test_states_and_kinds_are_named() -> None:
    """In the legend; small pieces have no number."""
    (axes,) = state_figure(SHARES, title="t").axes
    legend = axes.get_legend()
    assert legend is not None
    named = [text.get_text() for text in legend.get_texts()]
    assert named == [*SHARES.titles, "observed (Aalen-Johansen)", "predicted (mean)"]
    assert "3%" not in {text.get_text() for text in axes.texts}
    assert "77%" in {text.get_text() for text in axes.texts}


def test_shares_that_were_not_kept_are_not_drawn() -> None:
    """Bundles of earlier versions have no mean risk."""
    assert sum(heights(StateShares(SHARES.outcomes, SHARES.titles, SHARES.observed, {}))) == pytest.approx(2)


def test_outcomes_that_exclude_nothing_have_no_states() -> None:
    """A bundle without death."""
    assert state_shares(make_bundle().summaries) == []
