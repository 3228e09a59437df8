"""`cart-outcomes compare V1 V2`: what is printed, the page, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from features.problems import DataError, Refused
from features.synthetic.simulation import simulated_cohort
from serving.model.read_bundle import read_bundle
from tests.command_line import said
from tests.recorded import CANARY, LIGHT, Recording
from training.commands import compare_versions as command
from training.commands.compare_versions import compare_versions
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.fitting.train import train
from training.tracking.registered_recipe import registered_recipe


@pytest.fixture
def pair(recorded: Recording, monkeypatch: pytest.MonkeyPatch) -> dict[str, Contender]:
    """Name the recorded training 1, and one of published evidence alone 2."""
    published = replace(LIGHT, models=("anchored",))
    bundle = replace(train(None, published).bundle, digest="sha256:2", provenance={"version": "2"})
    own = replace(read_bundle(recorded.bundle), provenance={"version": "1"})
    found = {
        "1": Contender(own, Recipe(LIGHT)),
        "2": Contender(bundle, Recipe(published)),
    }
    monkeypatch.setattr(command, "_contender", found.__getitem__)
    return found


def test_recipe_is_read_back_from_the_run(recorded: Recording) -> None:
    """Settings and evidence of the training, without which its folds cannot be dealt again."""
    found = registered_recipe(recorded.recorded.run_id)
    assert found == Recipe(replace(FitConfig(), folds=3, repeats=1, bootstrap_draws=20))


def test_versions_are_compared_on_the_patients_they_are_from(
    recorded: Recording, pair: dict[str, Contender], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of fold, with the recorded loss, and a page that names no patient."""
    cohort = recorded.training.cohort
    monkeypatch.setattr(command, "read_cohort", lambda *_, **__: cohort)
    compare_versions("1", "2", cohort=Path("cohort.csv"), html=Path("page.html"), console=console)
    words = said(console)
    loss = pair["1"].bundle.summaries["relapse"].metrics[365]["log_loss"]
    assert f"version 1, anchored: log loss {loss.value:.3f} ({loss.low:.3f} to {loss.high:.3f})" in words
    assert (
        f"version 1 out-of-fold: it was trained on {cohort.name}, so its cross-validation was repeated"
        in words
    )
    assert "version 2 as released: it is based on published evidence only" in words
    assert "SYNTHETIC" in words
    page = Path("page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<svg" in page
    assert "Version 1 and version 2" in page
    assert CANARY not in page + words


def test_without_a_cohort_the_recorded_figures_stand_side_by_side(
    pair: dict[str, Contender], console: Console
) -> None:
    """And what the difference takes is said."""
    compare_versions("1", "2", html=Path("recorded.html"), console=console)
    assert (
        said(console)
        .rstrip()
        .endswith(
            "individual risks are never stored, so a paired difference needs a cohort: "
            "cart-outcomes compare 1 2 --cohort FILE\nrecorded.html: comparison page"
        )
    )
    page = Path("recorded.html").read_text(encoding="utf-8")
    assert "no metrics were recorded for version 2" in page
    assert "No paired difference was measured." in page


def test_versions_must_be_two(pair: dict[str, Contender], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refusal says what to do."""
    with pytest.raises(Refused, match=r"^1 and 1 are the same version$"):
        compare_versions("1", "1")
    again = replace(pair["1"].bundle, provenance={"version": "3"})
    monkeypatch.setitem(pair, "3", replace(pair["1"], bundle=again))
    with pytest.raises(Refused, match=r"^version 1 and version 3 hold the same models$"):
        compare_versions("1", "3")
    with pytest.raises(Refused, match=r"^name two versions: cart-outcomes compare VERSION VERSION$"):
        compare_versions("", "", html=Path("page.html"))


def test_page_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    """Nothing is read, and nothing half-written is left."""
    with pytest.raises(DataError, match=r"the file to write must be \.html, got \.txt"):
        compare_versions("1", "2", html=tmp_path / "page.txt")
    with pytest.raises(DataError, match="the folder of the file to write does not exist"):
        compare_versions("1", "2", html=tmp_path / "none" / "page.html")
    assert not list(tmp_path.iterdir())


def test_cohort_of_neither_is_answered_by_both_as_released(
    pair: dict[str, Contender], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is refitted, and what cannot be checked is said."""
    other = simulated_cohort(60, rng=np.random.default_rng(8))
    monkeypatch.setattr(command, "read_cohort", lambda *_, **__: other)
    compare_versions("2", "1", cohort=Path("other.csv"), console=console)
    assert "version 1 as released, without refitting" in said(console)
    assert "has an advantage if the two cohorts share patients" in said(console)
