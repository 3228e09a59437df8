"""The page of a comparison: both versions, their figures, nothing of a patient."""

from __future__ import annotations

from dataclasses import replace

import pytest

from features.cohort import cohort_from_rows
from features.schema import all_fields
from serving.model.measured import Measured
from tests.bundles import make_bundle
from training.comparison.paired_comparison import Difference, Pair
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.dataset.unavailable import Unavailable
from training.pages.comparison_page import comparison_page, recorded_page


@pytest.fixture
def pair() -> Pair:
    """Make two versions trained on a cohort whose name has to be escaped."""
    first, second = (
        replace(made, digest=f"sha256:{number}", provenance={"version": number})
        for number, made in (("2", make_bundle()), ("3", make_bundle()))
    )
    second = replace(second, cohort=replace(second.cohort, name="<b>.csv"))
    return Contender(first, Recipe(FitConfig())), Contender(second, Recipe(FitConfig()))


def test_comparison_shows_gains_and_reasons(pair: Pair) -> None:
    """A chart with its table behind it; an outcome without figures has its reason."""
    losses = {"log_loss": Measured(0.5), "brier": Measured(0.2)}
    gain = Measured(0.02, 0.01, 0.03)
    compared = {
        "relapse": Difference(
            365, 12, 10, 6, (losses, losses), {"log_loss": gain, "brier": gain}, same=False
        ),
        "severe_crs": Unavailable("no grade was recorded"),
    }
    cohort = cohort_from_rows(
        [{"patient_id": "P-1"}], name="c.csv", sha256="00", present=frozenset(all_fields())
    )
    page = comparison_page(pair, cohort, compared)
    assert page.count("<figure>") == page.count("<svg") == 1
    assert page.count("<table>") == 3
    assert "0.020 (0.010 to 0.030)" in page
    assert "not comparable because no grade was recorded." in page
    assert "&lt;b&gt;.csv" in page
    assert "<b>" not in page
    assert "P-1" not in page


def test_recorded_figures_are_side_by_side(pair: Pair) -> None:
    """Without a paired gain nothing is drawn."""
    page = recorded_page(pair)
    assert "No paired difference was measured." in page
    assert "<svg" not in page
    assert page.count("As recorded") == len(pair[0].bundle.models)
