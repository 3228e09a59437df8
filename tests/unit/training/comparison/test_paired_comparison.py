"""Two versions on the same patients: paired, out of fold where they were trained, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from features.cohort import Cohort
from features.synthetic.simulation import simulated_cohort
from serving.model.bundle import Bundle
from serving.model.measured import Measured
from serving.model.validation_summary import ModelUpdate
from training.comparison.paired_comparison import Difference, compare_versions
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.dataset.unavailable import Unavailable
from training.fitting.train import train
from training.pages.comparison_text import patients_words

LIGHT = FitConfig(
    outcomes=("relapse",), models=("ridge",), folds=3, repeats=2, bootstrap_draws=60, replicates=2
)
PUBLISHED = replace(LIGHT, models=("anchored",))


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulated_cohort(110, rng=np.random.default_rng(41))


@pytest.fixture(scope="module")
def ridge(cohort: Cohort) -> Contender:
    return version("1", train(cohort, LIGHT).bundle, LIGHT)


@pytest.fixture(scope="module")
def evidence_only() -> Contender:
    return version("2", train(None, PUBLISHED).bundle, PUBLISHED)


def version(number: str, bundle: Bundle, config: FitConfig) -> Contender:
    stated = replace(bundle, digest=f"sha256:{number}", provenance={"version": number})
    return Contender(stated, Recipe(config))


def difference(pair: tuple[Contender, Contender], cohort: Cohort) -> Difference:
    found = compare_versions(pair, cohort)["relapse"]
    assert isinstance(found, Difference), found
    return found


def reason(pair: tuple[Contender, Contender], cohort: Cohort) -> str:
    found = compare_versions(pair, cohort)["relapse"]
    assert isinstance(found, Unavailable)
    return found.reason


def test_cross_validation_made_again_is_the_recorded_one(
    ridge: Contender, evidence_only: Contender, cohort: Cohort
) -> None:
    """The figure that is shown is the one that was validated, to the last digit, interval and all."""
    found = difference((ridge, evidence_only), cohort)
    recorded = ridge.bundle.summaries["relapse"].metrics[365]
    assert found.losses[0] == {name: recorded[name] for name in ("log_loss", "brier")}


def test_gain_is_the_difference_of_the_losses_and_turns_with_the_pair(
    ridge: Contender, evidence_only: Contender, cohort: Cohort
) -> None:
    """Paired: the gain of one over the other is the loss of the other over it."""
    there, back = (difference(pair, cohort) for pair in ((ridge, evidence_only), (evidence_only, ridge)))
    for loss, gain in there.gains.items():
        first, second = (found[loss].value for found in there.losses)
        assert first is not None
        assert second is not None
        assert gain.value == pytest.approx(first - second)
        other = back.gains[loss]
        np.testing.assert_allclose([gain.value, gain.low, gain.high], [-other.value, -other.high, -other.low])


def test_released_risks_answer_for_other_patients(ridge: Contender, evidence_only: Contender) -> None:
    """Nothing is refitted where neither saw a patient: the loss is that of the released risks."""
    other = simulated_cohort(90, rng=np.random.default_rng(42))
    found = difference((ridge, evidence_only), other)
    assert found.n_patients == other.n_patients
    assert not found.same
    turned = replace(evidence_only.bundle, models=ridge.bundle.models)
    same = difference((ridge, replace(evidence_only, bundle=turned)), other)
    assert same.same
    assert same.gains["log_loss"] == Measured(0.0, 0.0, 0.0)
    assert same.losses[0] == found.losses[0]


def test_model_that_is_better_is_found_better(ridge: Contender, cohort: Cohort) -> None:
    """A model without any effect, and of the wrong level, loses clearly."""
    other = simulated_cohort(200, rng=np.random.default_rng(43))
    model = ridge.bundle.models["relapse"]
    off = replace(model, reference=model.reference + 3.0, replicates=None)
    bad = replace(ridge, bundle=replace(ridge.bundle, models={"relapse": off}))
    gain = difference((bad, ridge), other).gains["log_loss"]
    assert gain.low is not None
    assert gain.low > 0.1


def test_what_was_recorded_otherwise_is_not_compared(
    ridge: Contender, evidence_only: Contender, cohort: Cohort
) -> None:
    """Code or evidence that changed would put another's figure to the version."""
    summary = ridge.bundle.summaries["relapse"]
    made = summary.metrics[365]["log_loss"].value
    metrics = {365: {**summary.metrics[365], "log_loss": Measured(0.1)}}
    summaries = {"relapse": replace(summary, metrics=metrics)}
    changed = replace(ridge, bundle=replace(ridge.bundle, summaries=summaries))
    assert reason((evidence_only, changed), cohort) == (
        f"repeating the cross-validation of version 1 gives a log loss of {made:.3f}, "
        "but 0.100 was recorded: the code or the evidence has changed since"
    )


OTHER_FOLDS = replace(LIGHT, seed=LIGHT.seed + 1, folds=4, repeats=1)


@pytest.fixture(scope="module")
def elsewhere_dealt(cohort: Cohort) -> Contender:
    """Train the same learner on the same patients, its folds dealt by another seed."""
    return version("3", train(cohort, OTHER_FOLDS).bundle, OTHER_FOLDS)


def recorded_as(made: Contender, loss: Measured) -> Contender:
    """Record another log loss of a version."""
    summary = made.bundle.summaries["relapse"]
    metrics = {365: {**summary.metrics[365], "log_loss": loss}}
    summaries = {"relapse": replace(summary, metrics=metrics)}
    return replace(made, bundle=replace(made.bundle, summaries=summaries))


class Steps:
    """Counts the steps promised and told."""

    def __init__(self) -> None:
        self.promised, self.told = 0, 0

    @contextmanager
    def __call__(self, title: str, steps: int) -> Iterator[Callable[[], None]]:
        self.promised += steps
        yield self._step

    def _step(self) -> None:
        self.told += 1


def test_recorded_loss_is_checked_in_a_version_s_own_folds(
    ridge: Contender, elsewhere_dealt: Contender, cohort: Cohort
) -> None:
    """Where the comparison has other folds its own are made again first, and are steps as well."""
    steps = Steps()
    found = compare_versions((ridge, elsewhere_dealt), cohort, progress=steps)["relapse"]
    assert isinstance(found, Difference)
    own, shared = OTHER_FOLDS.folds * OTHER_FOLDS.repeats, LIGHT.folds * LIGHT.repeats
    assert steps.promised == steps.told == 2 * shared + own
    made = elsewhere_dealt.bundle.summaries["relapse"].metrics[365]["log_loss"].value
    assert made is not None
    off = recorded_as(elsewhere_dealt, Measured(made + 0.01))
    assert reason((ridge, off), cohort) == (
        f"repeating the cross-validation of version 3 gives a log loss of {made:.3f}, but {made + 0.01:.3f} "
        "was recorded: the code or the evidence has changed since"
    )


def test_version_without_a_recorded_loss_is_compared_and_said_to_be_unchecked(
    ridge: Contender, elsewhere_dealt: Contender, cohort: Cohort
) -> None:
    """Nothing was validated when it was trained, so there is nothing to hold its risks against."""
    steps, bare = Steps(), recorded_as(elsewhere_dealt, Measured(None))
    found = compare_versions((ridge, bare), cohort, progress=steps)["relapse"]
    assert isinstance(found, Difference)
    assert found.unchecked == ("version 3",)
    assert steps.promised == steps.told == 2 * LIGHT.folds * LIGHT.repeats
    assert patients_words(found).endswith(
        "; version 3 recorded no log loss, so the repeated cross-validation cannot be verified"
    )
    assert "cannot be verified" not in patients_words(replace(found, unchecked=()))


def test_what_cannot_be_made_honestly_is_refused(
    ridge: Contender, evidence_only: Contender, cohort: Cohort
) -> None:
    """Own evidence is not kept, an update has seen the patients, another question has another answer."""
    own = replace(ridge, recipe=replace(ridge.recipe, own_evidence="own.csv"))
    assert reason((own, evidence_only), cohort) == (
        "version 1 was trained with own.csv, which is not stored: its cross-validation cannot be repeated"
    )
    searched = replace(ridge, recipe=replace(ridge.recipe, searched=True))
    assert reason((searched, evidence_only), cohort) == (
        "version 1 was tuned on these patients, and the search is not repeated; "
        "choose a cohort that it was not trained on"
    )
    update = ModelUpdate("intercept", 0.5, 1.0, {}, (), "sha256:0", "b.csv", "ef" * 32)
    summaries = {"relapse": replace(ridge.bundle.summaries["relapse"], update=update)}
    updated = replace(ridge, bundle=replace(ridge.bundle, summaries=summaries))
    assert reason((updated, evidence_only), cohort) == (
        "version 1 is an update that was fitted to these patients; "
        "choose a cohort that it was neither trained nor updated on"
    )
    asked = replace(evidence_only, bundle=replace(evidence_only.bundle, estimand="no_further_therapy"))
    assert reason((ridge, asked), cohort) == (
        "they have different estimands: treatment_policy and no_further_therapy"
    )
    none = replace(evidence_only, bundle=replace(evidence_only.bundle, models={}))
    assert reason((ridge, none), cohort) == "version 2 does not predict it"
    lee = {"relapse": replace(ridge.bundle.summaries["relapse"], grading="lee_2014 allowed")}
    graded = replace(ridge, bundle=replace(ridge.bundle, summaries=lee))
    assert reason((ridge, graded), cohort) == "they were trained on different grading scales"


def test_patients_that_cannot_tell_are_said(ridge: Contender, evidence_only: Contender) -> None:
    """An interval of three events would tell nothing."""
    few = simulated_cohort(6, rng=np.random.default_rng(44))
    assert reason((ridge, evidence_only), few).endswith("5 of each are needed")
    bare = replace(few, present=frozenset())
    assert reason((ridge, evidence_only), bare).startswith("the cohort has no column ")


def test_version_without_the_day_is_said(ridge: Contender, evidence_only: Contender) -> None:
    """A risk by another day is another prediction."""
    other = simulated_cohort(90, rng=np.random.default_rng(42))
    model = ridge.bundle.models["relapse"]
    late = replace(model, horizons_days=tuple(days + 1 for days in model.horizons_days))
    moved = replace(ridge, bundle=replace(ridge.bundle, models={"relapse": late}))
    assert reason((moved, evidence_only), other) == "version 1 cannot predict the risk by day 365"
