"""Comparing a version with the champion: what is measured in training, and what the gate makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from features.columns import Values
from features.outcomes import OUTCOMES
from features.synthetic.simulation import simulated_cohort
from serving.model.bundle import Bundle
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.validation_summary import ModelUpdate
from tests.bundles import make_bundle
from training.comparison.champion_gain import (
    CHAMPION_DIGEST,
    CHAMPION_GAIN,
    champion_reasons,
    champion_remarks,
    gain_facts,
    gain_over_champion,
)
from training.dataset.cohort_summary import cohort_summary
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.learners.prevalence import Prevalence
from training.validation.cross_validation import Validation, cross_validate, log_loss_gain
from training.validation.shared_folds import Folds, shared_folds

CONFIG = FitConfig(folds=3, repeats=2, bootstrap_draws=60)


def prepared(outcome: str = "relapse") -> OutcomeData:
    cohort = simulated_cohort(120, rng=np.random.default_rng(21))
    data = outcome_data(cohort, OUTCOMES[outcome], CONFIG)
    assert isinstance(data, OutcomeData)
    return data


def constant(outcome: str, horizons_days: tuple[int, ...], risk: float) -> RiskModel:
    """Answer one risk for all."""
    reference = np.full(len(horizons_days), np.log(risk / (1 - risk)))
    return RiskModel(outcome, "constant", horizons_days, reference=reference)


def bundle_of(model: RiskModel, *, sha256: str = "cd" * 32) -> Bundle:
    """Make a champion of another cohort with one model."""
    bundle = make_bundle()
    return replace(bundle, cohort=replace(bundle.cohort, sha256=sha256), models={model.outcome: model})


def with_metrics(
    bundle: Bundle, metrics: Mapping[str, Measured], *, sha256: str, digest: str = "", over: str = ""
) -> Bundle:
    """Give relapse by day 365 other measures, and the bundle another cohort."""
    summary = replace(bundle.summaries["relapse"], metrics={365: dict(metrics)})
    return replace(
        bundle,
        cohort=replace(bundle.cohort, sha256=sha256),
        models={"relapse": bundle.models["relapse"]},
        summaries={"relapse": summary},
        digest=digest,
        provenance={**bundle.provenance, **({CHAMPION_DIGEST: over} if over else {})},
    )


def version(gain: Measured, *, over: str = "sha256:champion") -> Bundle:
    """Make a version of a cohort of its own, with its gain over the champion."""
    bare = with_metrics(make_bundle(version="8"), {}, sha256="12" * 32, over=over)
    stated = json.dumps([gain.value, gain.low, gain.high])
    return replace(bare, provenance={**bare.provenance, f"{CHAMPION_GAIN}.relapse": stated})


def champion() -> Bundle:
    return with_metrics(
        make_bundle(), {"log_loss": Measured(0.6)}, sha256="34" * 32, digest="sha256:champion"
    )


def test_gain_over_a_constant_champion_is_worked_by_hand() -> None:
    """The champion's loss is -log p of what happened; the version's is measured out of fold."""
    data = prepared()
    folds = shared_folds(data, CONFIG, np.random.default_rng(1))
    found = cross_validate(Prevalence(), data, folds, np.random.default_rng(1))
    other = bundle_of(constant("relapse", (90, 365), 0.2))
    gain = gain_over_champion(found, data, other, cohort_sha256="12" * 32)
    label, weight = folds.label[:, 0], folds.weight[:, 0]
    loss = -(weight * (label * np.log(0.2) + (1 - label) * np.log(0.8))).sum() / weight.sum()
    assert gain.value == pytest.approx(loss - found.headline_log_loss)
    assert gain.low is not None
    assert gain.low > 0  # relapse is far more frequent than the champion says


def test_gain_over_its_own_out_of_fold_risks_is_zero() -> None:
    """Paired: a champion that says the same has no width."""
    data = prepared()
    folds = shared_folds(data, CONFIG, np.random.default_rng(1))
    same = np.full((2, len(data), len(data.horizons_days)), 0.3)
    found = Validation(data.horizons_days, same, folds, {}, np.zeros((2, 3)))
    other = bundle_of(constant("relapse", (365,), 0.3))
    gain = gain_over_champion(found, data, other, cohort_sha256="12" * 32)
    np.testing.assert_allclose([gain.value, gain.low, gain.high], 0.0, atol=1e-12)


def test_gain_is_that_over_the_champion_as_a_baseline() -> None:
    """The horizon is found by its days, wherever the champion has it."""
    data, rng = prepared(), np.random.default_rng(5)
    folds = shared_folds(data, CONFIG, rng)
    risk = rng.uniform(0.1, 0.9, (2, len(data), len(data.horizons_days)))
    found = Validation(data.horizons_days, risk, folds, {}, np.zeros((2, 3)))
    real = make_bundle().models["relapse"]
    turned = replace(
        real,
        horizons_days=real.horizons_days[::-1],
        reference=real.reference[::-1],
        replicates=None,
    )
    expected = log_loss_gain(found, _as_validation(real.risk(data.patients)[:, 0], found, folds))
    for model in (real, turned):
        assert gain_over_champion(found, data, bundle_of(model), cohort_sha256="12" * 32) == expected


def test_a_champion_of_the_same_patients_in_another_file_is_not_compared() -> None:
    """It would be ahead by what it remembers; one of other patients is compared."""
    cohort, data = simulated_cohort(120, rng=np.random.default_rng(21)), prepared()
    folds = shared_folds(data, CONFIG, np.random.default_rng(1))
    validated = {"relapse": (cross_validate(Prevalence(), data, folds, np.random.default_rng(1)), data)}
    other = bundle_of(constant("relapse", (90, 365), 0.2))
    copy = replace(other, cohort=replace(cohort_summary(cohort), sha256="cd" * 32))
    assert gain_facts(validated, copy, cohort=cohort) == {CHAMPION_DIGEST: copy.digest}
    assert f"{CHAMPION_GAIN}.relapse" in gain_facts(validated, other, cohort=cohort)


def _as_validation(risk: Values, like: Validation, folds: Folds) -> Validation:
    repeated = np.repeat(risk[None, :, None], len(like.risk), axis=0)
    return Validation((365,), repeated, folds, {}, like.fold_log_loss)


@pytest.mark.parametrize("why", ["same cohort", "other estimand", "no such outcome", "no such horizon"])
def test_gain_that_would_not_be_fair_is_not_measured(why: str) -> None:
    """None, rather than a number that means something else."""
    data = prepared()
    folds = shared_folds(data, CONFIG, np.random.default_rng(1))
    found = cross_validate(Prevalence(), data, folds, np.random.default_rng(1))
    others = {
        "same cohort": bundle_of(constant("relapse", (365,), 0.2), sha256="12" * 32),
        "other estimand": replace(bundle_of(constant("relapse", (365,), 0.2)), estimand="no_further_therapy"),
        "no such outcome": bundle_of(constant("severe_crs", (30,), 0.2)),
        "no such horizon": bundle_of(constant("relapse", (180,), 0.2)),
    }
    assert gain_over_champion(found, data, others[why], cohort_sha256="12" * 32) == Measured(None)


def test_version_that_is_worse_on_its_own_cohort_is_refused() -> None:
    """The interval of the paired gain lies below 0."""
    assert champion_reasons(version(Measured(-0.05, -0.08, -0.02)), champion()) == [
        "relapse by day 365: on this version's cohort the champion, version 7, has a log loss lower by "
        "0.050 (90 % interval 0.020 to 0.080); it has an advantage if it was trained "
        "on some of these patients"
    ]


@pytest.mark.parametrize("gain", [Measured(-0.05, -0.11, 0.01), Measured(0.02, -0.01, 0.05)])
def test_version_not_shown_to_be_worse_is_not_refused(gain: Measured) -> None:
    """Being no better is no reason: with few patients nothing is shown either way."""
    assert champion_reasons(version(gain), champion()) == []
    assert champion_remarks(version(gain), champion()) == []


def test_worse_on_the_same_cohort_is_refused_by_the_recorded_losses() -> None:
    """The champion's risks there are not out of fold; its recorded loss is."""
    before = champion()
    worse = with_metrics(make_bundle(version="8"), {"log_loss": Measured(0.7, 0.65, 0.76)}, sha256="34" * 32)
    assert champion_reasons(worse, before) == [
        "relapse by day 365: out-of-fold log loss 0.700 (90 % interval 0.650 to 0.760), against 0.600 "
        "for the champion, version 7, on the same cohort"
    ]
    alike = with_metrics(make_bundle(version="8"), {"log_loss": Measured(0.63, 0.58, 0.68)}, sha256="34" * 32)
    assert champion_reasons(alike, before) == []
    assert champion_remarks(alike, before) == [
        "relapse: out-of-fold log loss 0.630, against 0.600 for the champion on the same cohort; "
        "test the difference: cart-outcomes compare 7 8 --cohort FILE"
    ]
    better = with_metrics(make_bundle(version="8"), {"log_loss": Measured(0.6, 0.5, 0.7)}, sha256="34" * 32)
    assert champion_remarks(better, before) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"estimand": "no_further_therapy"}, "it has another estimand (no_further_therapy)"),
        (
            {"cohort": replace(champion().cohort, synthetic=False)},
            "one of the two was trained on a synthetic cohort",
        ),
        ({"digest": "sha256:later"}, "it was not the champion when this version was trained"),
    ],
)
def test_champion_that_cannot_be_compared_with_is_said(change: dict[str, object], why: str) -> None:
    """No reason, even where the recorded gain lies below 0: it is over something else."""
    other = replace(champion(), **change)  # type: ignore[arg-type]
    worse = version(Measured(-0.05, -0.08, -0.02))
    assert champion_reasons(worse, other) == []
    assert champion_remarks(worse, other) == [f"not compared with the champion, version 7: {why}"]


@pytest.mark.parametrize("gain", [None, Measured(None), Measured(-0.1)])
def test_measure_that_is_missing_is_said(gain: Measured | None) -> None:
    """Without validation there is nothing to compare."""
    bare = with_metrics(make_bundle(version="8"), {}, sha256="12" * 32, over="sha256:champion")
    bare = version(gain) if gain is not None else bare
    assert champion_reasons(bare, champion()) == []
    assert champion_remarks(bare, champion()) == [
        "relapse: not compared with the champion, version 7: a required metric is missing"
    ]


def test_outcome_that_only_one_of_them_has_is_no_reason() -> None:
    """Losing one is said by the release itself."""
    crs = make_bundle(version="8")
    other = replace(
        crs,
        models={"severe_crs": crs.models["severe_crs"]},
        provenance={**crs.provenance, CHAMPION_DIGEST: "sha256:champion"},
    )
    assert champion_reasons(other, champion()) == []
    assert champion_remarks(other, champion()) == []


def test_outcome_updated_elsewhere_is_not_compared_by_recorded_losses() -> None:
    """Its figures are of the cohort that it was updated on, not of the one that the bundle names."""
    before = champion()
    update = ModelUpdate("intercept", 0.5, 1.0, {}, (), "sha256:champion", "b.csv", "56" * 32)
    worse = with_metrics(
        make_bundle(version="8"),
        {"log_loss": Measured(0.7, 0.65, 0.76)},
        sha256="34" * 32,
        over="sha256:champion",
    )
    summaries = {"relapse": replace(worse.summaries["relapse"], update=update)}
    assert champion_reasons(worse, before) != []
    updated = replace(worse, summaries=summaries)
    assert champion_reasons(updated, before) == []
    assert champion_remarks(updated, before) == [
        "relapse: not compared with the champion, version 7: a required metric is missing"
    ]
    both = replace(before, summaries={"relapse": replace(before.summaries["relapse"], update=update)})
    assert champion_reasons(updated, both)[0].startswith("relapse by day 365: out-of-fold log loss 0.700")


def test_champion_updated_on_a_cohort_is_not_compared_on_it() -> None:
    """Its risks there would look too good."""
    data = prepared()
    folds = shared_folds(data, CONFIG, np.random.default_rng(1))
    found = cross_validate(Prevalence(), data, folds, np.random.default_rng(1))
    other = bundle_of(constant("relapse", (365,), 0.2))
    update = ModelUpdate("intercept", 0.5, 1.0, {}, (), "sha256:x", "b.csv", "12" * 32)
    summary = replace(make_bundle().summaries["relapse"], update=update)
    updated = replace(other, summaries={"relapse": summary})
    assert gain_over_champion(found, data, updated, cohort_sha256="12" * 32) == Measured(None)
