"""What is said of two versions, and what their runs alone can tell."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from serving.model.bundle import Bundle
from serving.model.measured import Measured
from serving.model.validation_summary import ModelUpdate
from tests.bundles import make_bundle
from training.comparison.champion_gain import CHAMPION_DIGEST, CHAMPION_GAIN
from training.comparison.paired_comparison import Difference
from training.comparison.recorded_difference import recorded_difference
from training.comparison.training_recipe import Recipe, recipe_of
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.dataset.unavailable import Unavailable
from training.external.update_learner import ORIGINAL
from training.pages.comparison_text import difference_words, recorded_words

WHAT = "no response, relapse or progression by day 365"


def bundle(number: str, **provenance: str) -> Bundle:
    return replace(make_bundle(), digest=f"sha256:{number}", provenance={"version": number, **provenance})


def words(gain: Measured, *, same: bool = False) -> str:
    pair = tuple(Contender(bundle(number), Recipe(FitConfig())) for number in ("2", "3"))
    losses = {"log_loss": Measured(0.5), "brier": Measured(0.2)}
    found = Difference(365, 12, 10, 6, (losses, losses), {"log_loss": gain, "brier": gain}, same=same)
    return difference_words((pair[0], pair[1]), "relapse", found)


@pytest.mark.parametrize(
    ("gain", "expected"),
    [
        (
            Measured(0.02, 0.01, 0.03),
            f"version 3 has a significantly lower log loss than version 2 for {WHAT}: "
            "log loss lower by 0.020 in version 3 "
            "(90 % interval 0.010 to 0.030), Brier score lower by 0.020 in version 3 "
            "(90 % interval 0.010 to 0.030)",
        ),
        (
            Measured(-0.02, -0.03, -0.01),
            f"version 2 has a significantly lower log loss than version 3 for {WHAT}: "
            "log loss lower by 0.020 in version 2 "
            "(90 % interval 0.010 to 0.030), Brier score lower by 0.020 in version 2 "
            "(90 % interval 0.010 to 0.030)",
        ),
        (
            Measured(0.02, -0.01, 0.05),
            f"no evidence of a difference in log loss between version 2 and version 3 for {WHAT}: "
            "log loss lower by 0.020 in version 3 (90 % interval -0.010 to 0.050), "
            "Brier score lower by 0.020 in version 3 (90 % interval -0.010 to 0.050)",
        ),
    ],
)
def test_the_interval_decides_which_is_better(gain: Measured, expected: str) -> None:
    """An interval that holds 0 tells nothing apart, however large the difference."""
    assert words(gain) == expected


def test_equal_risks_and_reasons_are_said() -> None:
    """Where nothing differs no figure is needed."""
    assert (
        words(Measured(0.0, 0.0, 0.0), same=True)
        == f"version 2 and version 3 predict the same risks of {WHAT}"
    )
    pair = Contender(bundle("2"), Recipe(FitConfig())), Contender(bundle("3"), Recipe(FitConfig()))
    assert difference_words(pair, "relapse", Unavailable("version 3 does not predict it")) == (
        "no response, relapse or progression: not comparable because version 3 does not predict it"
    )


def test_gain_over_the_champion_is_read_back_from_either_side() -> None:
    """It was worked out in training, over one champion and no other."""
    fact = {CHAMPION_DIGEST: "sha256:2", f"{CHAMPION_GAIN}.relapse": json.dumps([0.02, 0.01, 0.03])}
    earlier, later = bundle("2"), bundle("3", **fact)
    assert recorded_difference(earlier, later, "relapse") == Measured(0.02, 0.01, 0.03)
    assert recorded_difference(later, earlier, "relapse") == Measured(-0.02, -0.03, -0.01)
    assert recorded_difference(bundle("1"), later, "relapse") == Measured(None)
    assert recorded_words(earlier, later, "relapse") == (
        f"version 3 has a significantly lower log loss than version 2 for {WHAT}: "
        "log loss lower by 0.020 in version 3 "
        "(90 % interval 0.010 to 0.030), paired, recorded when the later version was made"
    )


def test_gain_over_the_parent_is_that_of_the_update() -> None:
    """Out of fold on the cohort that it was updated on."""
    update = ModelUpdate("intercept", 0.5, 1.0, {}, (), "sha256:2", "b.csv", "56" * 32)
    child = bundle("3")
    summary = replace(child.summaries["relapse"], update=update, paired={ORIGINAL: Measured(0.1, 0.0, 0.2)})
    updated = replace(child, summaries={**child.summaries, "relapse": summary})
    assert recorded_difference(bundle("2"), updated, "relapse") == Measured(0.1, 0.0, 0.2)
    assert recorded_difference(bundle("1"), updated, "relapse") == Measured(None)


def test_without_a_recorded_difference_the_patients_are_named() -> None:
    """Figures of different patients are no comparison; of none, there is nothing to compare."""
    measures = {365: {"log_loss": Measured(0.5, 0.4, 0.6)}}
    first = bundle("2")
    summaries = {"relapse": replace(first.summaries["relapse"], metrics=measures)}
    first, second = (replace(bundle(number), summaries=summaries) for number in ("2", "3"))
    assert recorded_words(first, second, "relapse") == (
        f"{WHAT}: the recorded metrics are from the same patients, but not paired"
    )
    elsewhere = replace(second, cohort=replace(second.cohort, name="b.csv", sha256="99" * 32))
    assert recorded_words(first, elsewhere, "relapse") == (
        f"{WHAT}: the recorded metrics are from different patients ({first.cohort.name}, b.csv) "
        "and cannot be compared; compare both versions on one cohort"
    )
    bare = {"relapse": replace(summaries["relapse"], metrics={})}
    assert recorded_words(first, replace(second, summaries=bare), "relapse") == (
        f"{WHAT}: no metrics were recorded for version 3"
    )


def test_recipe_of_a_run_without_settings_is_the_default() -> None:
    """An update states no evidence; a site's own file is known by name alone."""
    assert recipe_of({}, {}) == Recipe(FitConfig())
    found = recipe_of(
        {"allow_grading": "lee_2014"}, {"evidence_file": "own.csv", "evidence_literature": "no"}
    )
    assert (found.own_evidence, found.config.allow_grading) == ("own.csv", "lee_2014")
    assert not found.config.evidence.literature
    assert not found.searched
    assert recipe_of({"models": "anchored, tuned_anchored"}, {}).searched
