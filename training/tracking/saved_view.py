"""The saved views of MLflow's list of runs, one a question, each with columns, filter and order."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from features.measures import GAIN, IN_RUN_LIST
from features.outcomes import OUTCOMES
from training.records.metric_names import APPARENT, OPTIMISM, gain_name, high_end, low_end, outcome_metric

FACTS = ("estimand", "seed")
"""Parameters of every run of a training."""
VIEW = "measures"
NO_TIME = 0
RUN_NAME, CREATED, DURATION = "attributes.`Run Name`", "runDateAndNestInfo", "duration"
"""Columns that MLflow's page always shows, by its own names."""
NAME_PIXELS, CREATED_PIXELS, DURATION_PIXELS, FEWEST_PIXELS = 280, 125, 80, 130
PIXELS_PER_CHARACTER, PIXELS_AROUND = 7, 30
CHAMPION = gain_name("champion")
OF_ONE_OUTCOME = (
    GAIN,
    "log_loss",
    "auroc",
    "calibration_slope",
    "observed_expected",
    f"{APPARENT}/auroc",
    f"{OPTIMISM}/auroc",
)
"""Metrics of the runs of one outcome, those that decide first."""
TAG = "mlflow.sharedViewState."


@dataclass(frozen=True)
class View:
    """A saved view.

    Attributes
    ----------
    name : str
        In the page's list of views, and in the address.
    metrics, parameters : sequence of str
        Columns, from left to right.
    condition : str
        Filter of the runs, in MLflow's language; empty for all.
    order_by : str
        Metric by which runs are sorted; empty for the newest first.
    ascending : bool
    """

    name: str
    metrics: Sequence[str]
    parameters: Sequence[str] = ()
    condition: str = ""
    order_by: str = ""
    ascending: bool = False


def views() -> list[View]:
    """List the views, the one that is opened first at the start.

    Examples
    --------
    >>> [view.name for view in views()]
    ['measures', 'chosen models', 'against the champion', 'severe_crs', 'severe_icans', 'relapse']
    """
    # The main outcomes first: what is to the right is seen last.
    by_rank = [[name for name, each in OUTCOMES.items() if each.main is main] for main in (True, False)]
    measures = [outcome_metric(name, metric) for names in by_rank for metric in IN_RUN_LIST for name in names]
    chosen = "tags.chosen = 'yes'"
    gains = (CHAMPION, low_end(CHAMPION), high_end(CHAMPION))
    return [
        View(VIEW, measures, FACTS),
        View("chosen models", OF_ONE_OUTCOME, ("outcome", "model", *FACTS), chosen, GAIN),
        View(
            "against the champion",
            (*gains, GAIN, "log_loss", "auroc"),
            ("outcome", "model", *FACTS),
            chosen,
            CHAMPION,
        ),
        *(
            View(
                name,
                OF_ONE_OUTCOME,
                ("model", *FACTS),
                f"params.outcome = '{name}'",
                "log_loss",
                ascending=True,
            )
            for name in by_rank[0]
        ),
    ]


def saved_views() -> dict[str, str]:
    """Make the tags of an experiment that hold the views.

    MLflow's page writes and reads them: columns, filter and order as JSON, compressed by zlib, in base64. A
    release that reads another form shows its list as if there were none.

    Returns
    -------
    tags : dict of str to str

    Examples
    --------
    >>> list(saved_views())[0]
    'mlflow.sharedViewState.measures'
    """
    return {f"{TAG}{view.name}": _packed(view) for view in views()}


def view_address(experiment_id: str, name: str) -> str:
    """Name the page that lists an experiment's runs in a view.

    Examples
    --------
    >>> view_address("1", "chosen models")
    '#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=chosen%20models'
    """
    shown = f"workflowType=machine_learning&viewStateShareKey={quote(name)}"
    return f"#/experiments/{experiment_id}/runs?{shown}"


def view_addresses(experiment_id: str) -> dict[str, str]:
    """Name the pages of all views, by the names of these."""
    return {view.name: view_address(experiment_id, view.name) for view in views()}


def _packed(view: View) -> str:
    widths = {f"params.`{name}`": _pixels(name) for name in view.parameters if name not in FACTS}
    widths |= {f"metrics.`{name}`": _pixels(name) for name in view.metrics}
    widths |= {f"params.`{name}`": _pixels(name) for name in view.parameters if name in FACTS}
    shown = {
        "selectedColumns": list(widths),
        "columnOrder": [RUN_NAME, CREATED, *widths, DURATION],
        "columnWidths": {
            RUN_NAME: NAME_PIXELS,
            CREATED: CREATED_PIXELS,
            **widths,
            DURATION: DURATION_PIXELS,
        },
        **_filter_and_order(view),
    }
    packed = zlib.compress(json.dumps(shown).encode())
    state = f"deflate;{base64.b64encode(packed).decode()}"
    return json.dumps({"name": view.name, "createdAt": NO_TIME, "updatedAt": NO_TIME, "state": state})


def _filter_and_order(view: View) -> Mapping[str, object]:
    """State filter and order, where the view has its own."""
    state: dict[str, object] = {"searchFilter": view.condition} if view.condition else {}
    if view.order_by:
        state |= {"orderByKey": f"metrics.`{view.order_by}`", "orderByAsc": view.ascending}
    return state


def _pixels(heading: str) -> int:
    return max(FEWEST_PIXELS, PIXELS_AROUND + PIXELS_PER_CHARACTER * len(heading))


SAVED_VIEWS = saved_views()
