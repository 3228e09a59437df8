"""What must hold before a version is released, and what must be said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from features.predictors import predictors
from serving.bundle import Bundle, read_bundle
from serving.model_format import BundleError
from serving.risk_model import RiskModel, logit

CONTRIBUTION_TOLERANCE = 1e-6
"""How far reference and contributions may be from the log-odds of the risk that is shown."""


def gate_reasons(folder: Path) -> list[str]:
    """List every reason against releasing a bundle.

    Parameters
    ----------
    folder : Path
        As `write_bundle` leaves it.

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
    return bundle_reasons(bundle)


def bundle_reasons(bundle: Bundle) -> list[str]:
    """List the reasons against a bundle that has been read, and so has the code's schema and its digests."""
    if not bundle.models:
        return ["the bundle has no outcome"]
    return list(_contribution_reasons(bundle))


def bundle_remarks(bundle: Bundle) -> list[str]:
    """List what whoever releases a bundle should know, though it is no reason against it.

    A model that has nothing to go by is given a calibration slope below 0 by chance alone, since what is held
    out is the opposite of what is left: so it is told, with the status that every answer carries.
    """
    return list(_slope_remarks(bundle))


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


def _slope_remarks(bundle: Bundle) -> Iterator[str]:
    """Name a calibration slope below 0: out of fold, patients were ranked the wrong way round."""
    for name, summary in bundle.summaries.items():
        for days, metrics in summary.metrics.items():
            slope = metrics.get("calibration_slope")
            if slope is not None and slope.high is not None and slope.high < 0:
                yield (
                    f"{name} by day {days}: the calibration slope is below 0 "
                    f"(90 % interval {slope.low:.2f} to {slope.high:.2f})"
                )
