"""The saved view of MLflow's list of runs: metrics side by side, outcome by outcome."""

from __future__ import annotations

import base64
import json
import zlib

from features.measures import IN_RUN_LIST
from features.outcomes import OUTCOMES
from training.records.metric_names import outcome_metric

FACTS = ("estimand", "seed")
"""Parameters of every run of a training."""
VIEW = "measures"
NO_TIME = 0
RUN_NAME, CREATED, DURATION = "attributes.`Run Name`", "runDateAndNestInfo", "duration"
"""Columns that MLflow's page always shows, by its own names."""
NAME_PIXELS, CREATED_PIXELS, DURATION_PIXELS, FEWEST_PIXELS = 280, 125, 80, 130
PIXELS_PER_CHARACTER, PIXELS_AROUND = 7, 30


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
    # The main outcomes first: what is to the right is seen last.
    by_rank = [[name for name, each in OUTCOMES.items() if each.main is main] for main in (True, False)]
    measures = [outcome_metric(name, metric) for names in by_rank for metric in IN_RUN_LIST for name in names]
    widths = {f"metrics.`{name}`": _pixels(name) for name in measures}
    widths |= {f"params.`{name}`": _pixels(name) for name in FACTS}
    shown = {
        "selectedColumns": list(widths),
        "columnOrder": [RUN_NAME, CREATED, *widths, DURATION],
        "columnWidths": {
            RUN_NAME: NAME_PIXELS,
            CREATED: CREATED_PIXELS,
            **widths,
            DURATION: DURATION_PIXELS,
        },
    }
    packed = zlib.compress(json.dumps(shown).encode())
    state = f"deflate;{base64.b64encode(packed).decode()}"
    view = {"name": VIEW, "createdAt": NO_TIME, "updatedAt": NO_TIME, "state": state}
    return {f"mlflow.sharedViewState.{VIEW}": json.dumps(view)}


def _pixels(heading: str) -> int:
    return max(FEWEST_PIXELS, PIXELS_AROUND + PIXELS_PER_CHARACTER * len(heading))


SAVED_VIEW = saved_view()
