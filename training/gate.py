"""What must hold before a version is released, and what must be said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from features.predictors import predictors
from serving.bundle import Bundle, read_bundle
from serving.model_format import BundleError
from serving.risk_model import RiskModel, logit
from serving.summary import Measured
from training.champion import champion_reasons, champion_remarks

CONTRIBUTION_TOLERANCE = 1e-6
"""How far reference and contributions may be from the log-odds of the risk that is shown."""


def gate_reasons(folder: Path, champion: Bundle | None = None) -> list[str]:
    """List every reason against releasing a bundle.

    Parameters
    ----------
    folder : Path
        As `write_bundle` leaves it.
    champion : Bundle, optional
        What is released now, to compare with.

    Returns
    -------
    reasons : list of str
        Empty where it may be released.

    Examples
    --------
    >>> gate_reasons(Path("no-such-folder"))
    ['no-such-folder holds no bundle.json; promote a version first']
    """
    try:
        bundle = read_bundle(folder)
    except BundleError as error:
        return [str(error)]
    return bundle_reasons(bundle, champion)


def bundle_reasons(bundle: Bundle, champion: Bundle | None = None) -> list[str]:
    """List the reasons against a bundle that has been read, and so has the code's schema and its digests."""
    if not bundle.models:
        return ["the bundle has no outcome"]
    return [
        *_contribution_reasons(bundle),
        *_slope_reasons(bundle),
        *(champion_reasons(bundle, champion) if champion is not None else []),
    ]


def bundle_remarks(bundle: Bundle, champion: Bundle | None = None) -> list[str]:
    """List what whoever releases a bundle should know, though it is no reason against it.

    A calibration slope below 0 of a model that says the same of everybody, and why a version could not be
    compared with the champion.
    """
    remarks = [words for name, words in _below_zero(bundle) if bundle.models[name].same_for_all]
    return remarks + (champion_remarks(bundle, champion) if champion is not None else [])


def _contribution_reasons(bundle: Bundle) -> Iterator[str]:
    """Contributions must add up to the risk that is shown, on the golden patients."""
    for name, model in bundle.models.items():
        worst = _worst_sum(model, bundle)
        if not worst <= CONTRIBUTION_TOLERANCE:
            yield (
                f"{name}: contributions miss the risk by {worst:.1e} log-odds, "
                f"{CONTRIBUTION_TOLERANCE:g} is allowed"
            )


def _worst_sum(model: RiskModel, bundle: Bundle) -> float:
    patients = predictors(bundle.golden)
    explanation = model.explain(patients)
    stated = explanation.reference + explanation.contributions.sum(axis=1)[:, None]
    return float(np.abs(stated - logit(model.risk(patients))).max(initial=0.0))


def _slope_reasons(bundle: Bundle) -> Iterator[str]:
    """Patients must not be shown to be ranked the wrong way round, at any horizon.

    A model that says the same of everybody ranks nobody: its slope tells of chance between folds. Any other
    model that has nothing to go by has such a slope by chance in one cohort of four (97 of 390 models of 60
    or 120 simulated patients whose outcomes had been shuffled); nothing is lost with it.
    """
    for name, words in _below_zero(bundle):
        if not bundle.models[name].same_for_all:
            yield words


def _below_zero(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Name each outcome and calibration slope whose interval lies below 0."""
    for name, summary in bundle.summaries.items():
        for days, metrics in summary.metrics.items():
            slope = metrics.get("calibration_slope", Measured(None))
            if slope.low is not None and slope.high is not None and slope.high < 0:
                yield (
                    name,
                    f"{name} by day {days}: the calibration slope is below 0 "
                    f"(90 % interval {slope.low:.2f} to {slope.high:.2f})",
                )
