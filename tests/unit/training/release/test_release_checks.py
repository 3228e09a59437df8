"""The gate of a release: every reason against it, at once."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from features.columns import Columns, Values
from features.log_odds import expit
from serving.model.bundle import Bundle
from serving.model.masked_bundle import masked_bundle
from serving.model.measured import Measured
from serving.model.risk_model import RiskModel
from serving.model.status_at_horizon import HorizonCounts
from serving.model.validation_summary import Reason
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from training.release.release_checks import bundle_reasons, bundle_remarks, gate_reasons
from training.statistics.metrics import calibration_slope
from training.validation.bootstrap_intervals import measured, metric_draws
from training.validation.cross_validation import Validation, log_loss_gain
from training.validation.shared_folds import Folds, patient_bootstrap


class Overstated(RiskModel):
    """A model that answers a little more than it explains."""

    def risk(self, patients: Columns) -> Values:
        """Risks 1e-5 too high."""
        return super().risk(patients) + 1e-5


GAIN = "log_loss_gain_over_prevalence"
BELOW = Measured(-0.5, -0.9, -0.1)
HARM = Measured(-0.06, -0.1, -0.02)
WORDS = "relapse by day 180: the calibration slope is below 0 (90 % interval -0.90 to -0.10)"


def with_slope(bundle: Bundle, slope: Measured, *, gain: Measured | None = None, days: int = 180) -> Bundle:
    """Give the bundle another calibration slope of relapse by day 180, and a gain over the prevalence."""
    summary = bundle.summaries["relapse"]
    metrics = {**summary.metrics, 180: {"calibration_slope": slope}}
    if gain is not None:
        metrics[days] = {**metrics.get(days, {}), GAIN: gain}
    changed = replace(summary, metrics=metrics)
    return replace(bundle, summaries={**bundle.summaries, "relapse": changed})


def test_metrics_that_are_masked_are_remarked() -> None:
    """The gate has nothing to check there, and says so."""
    bundle = make_bundle()
    summary = replace(bundle.summaries["relapse"], metrics={365: {}})
    masked = replace(bundle, summaries={**bundle.summaries, "relapse": summary})
    assert bundle_reasons(masked) == []
    assert bundle_remarks(masked) == [
        "relapse by day 365: the calibration slope was not checked; metrics of few events are not stated"
    ]


def test_a_masked_slope_that_is_too_steep_stays_a_reason() -> None:
    """Its figures are left out of the bundle, the fact is not."""
    counts = {30: HorizonCounts(4, 0, 200, 0)}
    steep = Reason("steep_slope", "severe_crs by day 30: the calibration slope is above 1.5 (1.60 to 2.40)")
    bundle = make_bundle()
    summary = replace(bundle.summaries["severe_crs"], horizon_counts=counts, status_facts=(steep,))
    masked = masked_bundle(replace(bundle, summaries={**bundle.summaries, "severe_crs": summary}))
    assert bundle_reasons(masked) == ["severe_crs: the calibration slope is steeper than is plausible"]


def test_sound_bundle_passes(bundle_folder: Path) -> None:
    """A bundle as it is written has no reason against it."""
    assert gate_reasons(bundle_folder) == []


def test_altered_bundle_is_the_reason(bundle_folder: Path) -> None:
    """What reading refuses the gate refuses, in the same words."""
    file = next(bundle_folder.glob("*.replicates.npz"))
    file.write_bytes(file.read_bytes() + b" ")
    assert gate_reasons(bundle_folder) == [
        f"{file.name} is not the file the bundle was made with; restore it or train again"
    ]


def test_bundle_without_outcomes_is_refused() -> None:
    """There would be nothing to answer."""
    empty = replace(make_bundle(), models={}, summaries={})
    assert bundle_reasons(empty) == ["the bundle has no outcome"]


def test_contributions_that_miss_the_risk_are_refused() -> None:
    """The number that is shown must be the number that is explained."""
    bundle = make_bundle()
    sound = bundle.models["relapse"]
    model = Overstated(**{field.name: getattr(sound, field.name) for field in fields(sound)})
    reasons = bundle_reasons(replace(bundle, models={**bundle.models, "relapse": model}))
    assert len(reasons) == 1
    assert reasons[0].startswith("relapse: contributions do not sum to the risk: off by ")
    assert reasons[0].endswith(" log-odds (1e-06 is allowed)")


@pytest.mark.parametrize(
    "slope",
    [Measured(-0.3, -0.9, 0.1), Measured(0.8, 0.2, 1.4), Measured(None)],
    ids=["includes 0", "above 0", "not measured"],
)
def test_slope_not_shown_to_be_below_zero_is_not_remarked(slope: Measured) -> None:
    """Only an interval that lies wholly below 0 shows patients ranked the wrong way round."""
    assert bundle_remarks(with_slope(make_bundle(), slope)) == []


@pytest.mark.parametrize(
    "gain",
    [None, Measured(None), Measured(-0.02, -0.05, 0.01), Measured(-0.008, -0.012, -0.004)],
    ids=["not measured", "no interval", "not shown to be worse", "worse by next to nothing"],
)
def test_slope_below_zero_without_shown_harm_is_remarked_and_no_reason(gain: Measured | None) -> None:
    """A model that has nothing to go by has it by chance, at any horizon."""
    bundle = with_slope(make_bundle(), BELOW, gain=gain)
    assert bundle_remarks(bundle) == [WORDS]
    assert bundle_reasons(bundle) == []


@pytest.mark.parametrize("days", [180, 365], ids=["at the horizon", "at the headline"])
def test_slope_below_zero_with_shown_harm_is_refused(days: int) -> None:
    """The headline's gain stands in where the horizon has none: one ranking serves all horizons."""
    bundle = with_slope(make_bundle(), BELOW, gain=HARM, days=days)
    assert bundle_reasons(bundle) == [
        f"{WORDS}, and the log loss is 0.020 to 0.100 worse than that of the prevalence (0.01 is allowed)"
    ]
    assert bundle_remarks(bundle) == []


def test_gain_at_the_horizon_goes_before_that_of_the_headline() -> None:
    """Harm at day 365 says nothing of day 180 where that is measured."""
    bundle = with_slope(make_bundle(), BELOW, gain=HARM, days=365)
    summary = bundle.summaries["relapse"]
    metrics = {**summary.metrics, 180: {**summary.metrics[180], GAIN: Measured(0.0, -0.02, 0.02)}}
    known = replace(bundle, summaries={**bundle.summaries, "relapse": replace(summary, metrics=metrics)})
    assert bundle_reasons(known) == []


def test_harm_without_a_slope_below_zero_is_no_reason() -> None:
    """The status says that the model is not better than the prevalence; the ranking is not wrong."""
    bundle = with_slope(make_bundle(), Measured(0.3, -0.1, 0.7), gain=HARM)
    assert bundle_reasons(bundle) == []
    assert bundle_remarks(bundle) == []


def test_model_that_says_the_same_of_everybody_ranks_nobody() -> None:
    """Its folds differ by their prevalence alone."""
    bundle = with_slope(make_bundle(), BELOW, gain=HARM)
    relapse = bundle.models["relapse"]
    flat = replace(relapse, linear=None, trees=None, replicates=None)
    same = replace(bundle, models={**bundle.models, "relapse": flat})
    assert bundle_reasons(same) == []
    assert bundle_remarks(same) == [WORDS]


def test_null_model_passes_and_a_reversed_one_does_not() -> None:
    """Risks that follow nothing, over 30 draws, and risks that follow the opposite of what happened."""
    rng, bundle, refused = np.random.default_rng(6), make_bundle(), 0
    for _ in range(30):
        label = (rng.random(90) < 0.4).astype(float)
        refused += bool(bundle_reasons(validated(bundle, label, rng.normal(0, 0.3, 90), rng)))
    assert refused <= 2
    label = (rng.random(90) < 0.4).astype(float)
    reasons = bundle_reasons(validated(bundle, label, 0.6 - 1.2 * label + rng.normal(0, 0.8, 90), rng))
    assert len(reasons) == 1
    assert reasons[0].startswith("relapse by day 365: the calibration slope is below 0 (90 % interval -")


def validated(bundle: Bundle, label: Values, log_odds: Values, rng: np.random.Generator) -> Bundle:
    """Give relapse by day 365 the slope and the gain of out-of-fold log-odds about a risk of 40 %."""
    draws = patient_bootstrap(np.arange(90), 100, rng)
    folds = Folds(np.zeros((1, 90), dtype=np.int64), label[:, None], np.ones((90, 1)), draws)
    risks = (expit(np.log(2 / 3) + log_odds), np.full(90, 0.4))
    model, prevalence = (
        Validation((365,), risk[None, :, None], folds, {}, np.zeros((1, 1))) for risk in risks
    )
    slope = measured(metric_draws(calibration_slope, model.risk[:, :, 0], folds, 0))
    metrics = {365: {"calibration_slope": slope, GAIN: log_loss_gain(model, prevalence)}}
    summary = replace(bundle.summaries["relapse"], metrics=metrics)
    return replace(bundle, summaries={**bundle.summaries, "relapse": summary})


def test_champion_that_is_better_is_a_reason_and_all_reasons_are_told(tmp_path: Path) -> None:
    """Slope and champion alike, also from a folder."""
    bundle = with_slope(make_bundle(version="8"), BELOW, gain=HARM)
    summary = bundle.summaries["relapse"]
    metrics = {**summary.metrics, 365: {"log_loss": Measured(0.8, 0.75, 0.85)}}
    worse = replace(bundle, summaries={**bundle.summaries, "relapse": replace(summary, metrics=metrics)})
    before = with_slope(make_bundle(), Measured(None))
    recorded = {**before.summaries["relapse"].metrics, 365: {"log_loss": Measured(0.6, 0.5, 0.7)}}
    champion = replace(
        before,
        summaries={**before.summaries, "relapse": replace(before.summaries["relapse"], metrics=recorded)},
    )
    metrics[180] = {**metrics[180], GAIN: HARM}
    write_bundle(worse, tmp_path / "bundle")
    reasons = gate_reasons(tmp_path / "bundle", champion)
    assert reasons == [
        f"{WORDS}, and the log loss is 0.020 to 0.100 worse than that of the prevalence (0.01 is allowed)",
        "relapse by day 365: out-of-fold log loss 0.800 (90 % interval 0.750 to 0.850), against 0.600 "
        "for the champion, version 7, on the same cohort",
    ]
    assert bundle_remarks(worse, champion) == [
        "severe_crs: not compared with the champion, version 7: a required metric is missing"
    ]
