"""The gate of a release: every reason against it, at once."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from features.columns import Columns, Values
from serving.bundle import Bundle
from serving.risk_model import RiskModel
from serving.summary import Measured
from tests.bundles import make_bundle
from training.gate import bundle_reasons, bundle_remarks, gate_reasons


class Overstated(RiskModel):
    """A model that answers a little more than it explains."""

    def risk(self, patients: Columns) -> Values:
        """Risks 1e-5 too high."""
        return super().risk(patients) + 1e-5


def with_slope(bundle: Bundle, slope: Measured) -> Bundle:
    """Give the bundle another calibration slope of relapse by day 180."""
    summary = bundle.summaries["relapse"]
    changed = replace(summary, metrics={**summary.metrics, 180: {"calibration_slope": slope}})
    return replace(bundle, summaries={**bundle.summaries, "relapse": changed})


def test_sound_bundle_passes(bundle_folder: Path) -> None:
    """A bundle as it is written has no reason against it."""
    assert gate_reasons(bundle_folder) == []


def test_altered_bundle_is_the_reason(bundle_folder: Path) -> None:
    """What reading refuses the gate refuses, in the same words."""
    file = next(bundle_folder.glob("*.replicates.npz"))
    file.write_bytes(file.read_bytes() + b" ")
    assert gate_reasons(bundle_folder) == [
        f"{file.name} is not the file the bundle was made with; release it again"
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
    assert reasons[0].startswith("relapse: contributions miss the risk by ")
    assert reasons[0].endswith(" log-odds, 1e-06 is allowed")


@pytest.mark.parametrize(
    "slope",
    [Measured(-0.3, -0.9, 0.1), Measured(0.8, 0.2, 1.4), Measured(None)],
    ids=["includes 0", "above 0", "not measured"],
)
def test_slope_not_shown_to_be_below_zero_is_not_remarked(slope: Measured) -> None:
    """Only an interval that lies wholly below 0 shows patients ranked the wrong way round."""
    assert bundle_remarks(with_slope(make_bundle(), slope)) == []


def test_slope_below_zero_at_any_horizon_is_remarked_and_no_reason() -> None:
    """Also at a horizon that is not the headline."""
    assert bundle_remarks(with_slope(make_bundle(), Measured(-0.5, -0.9, -0.1))) == [
        "relapse by day 180: the calibration slope is below 0 (90 % interval -0.90 to -0.10)"
    ]
    assert bundle_reasons(with_slope(make_bundle(), Measured(-0.5, -0.9, -0.1))) == []
