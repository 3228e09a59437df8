"""The columns of MLflow's list of runs that are asked for first, as a view that its page offers."""

from __future__ import annotations

import base64
import json
import zlib

MEASURES = (
    "auroc",
    "brier_scaled",
    "log_loss",
    "calibration_slope",
    "calibration_in_the_large",
    "ici",
    "net_benefit_at_10",
)
FACTS = ("estimand", "evidence_weight")
VIEW = "measures"
NO_TIME = 0


def saved_view() -> dict[str, str]:
    """Make the tag of an experiment that holds the view.

    MLflow's page writes and reads it: the columns as JSON, compressed by zlib, in base64. A release that
    reads another form shows its list as if there were none.

    Returns
    -------
    tag : dict of str to str

    Examples
    --------
    >>> list(saved_view())
    ['mlflow.sharedViewState.measures']
    """
    columns = ["attributes.`Dataset`", *(f"metrics.`{name}`" for name in MEASURES)]
    columns += [f"params.`{name}`" for name in FACTS]
    packed = zlib.compress(json.dumps({"selectedColumns": columns}).encode())
    state = f"deflate;{base64.b64encode(packed).decode()}"
    told = {"name": VIEW, "createdAt": NO_TIME, "updatedAt": NO_TIME, "state": state}
    return {f"mlflow.sharedViewState.{VIEW}": json.dumps(told)}


SAVED_VIEW = saved_view()
