"""Reading the metrics of a run by name, whichever release recorded it: one table of names, both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping

from features.measures import GAIN
from features.outcomes import OUTCOMES
from serving.model.measured import Measured
from training.records.metric_names import (
    GAIN_OVER,
    GAINS,
    HELD_OUT,
    INTERVAL,
    day_metric,
    gain_name,
    high_end,
    low_end,
)

ENDS = {"_low": low_end, "_high": high_end}
PLAIN = {
    "fold_log_loss": HELD_OUT,
    "imputation_share_incomplete": "imputation/share_incomplete",
    "imputation_median_difference": "imputation/median_difference",
    "imputation_difference_percentile_95": "imputation/difference_percentile_95",
    "update_shift": "update/shift",
    "update_slope": "update/slope",
}
"""Names of the first release that changed one by one, with what they are called now."""
FORMER = {new: old for old, new in PLAIN.items()}
AT_DAYS = re.compile(r"(.+)_at_(\d+)_days")
IN_DAY = re.compile(r"day_(\d+)/(.+)")
CENTER = re.compile(r"center_\d+")


def current_name(name: str) -> str:
    """Name a metric as it is called now; a current name is its own.

    Parameters
    ----------
    name : str
        As any release recorded it.

    Examples
    --------
    >>> [current_name(old) for old in ("auroc_at_90_days", "center_1.auroc", "relapse.auroc_high")]
    ['day_90/auroc', 'center_1/auroc', 'interval/relapse/auroc_high']
    >>> current_name("log_loss_gain_over_easix"), current_name("day_90/auroc"), current_name("auroc")
    ('gain/easix', 'day_90/auroc', 'auroc')
    """
    if "/" in name:
        return name
    for ending, end in ENDS.items():
        if name.endswith(ending):
            return end(current_name(name.removesuffix(ending)))
    group, dot, rest = name.partition(".")
    if dot and (group in OUTCOMES or CENTER.fullmatch(group)):
        return f"{group}/{current_name(rest)}"
    dated = AT_DAYS.fullmatch(name)
    if dated is not None:
        return day_metric(dated[1], int(dated[2]))
    if name.startswith(GAIN_OVER) and name != GAIN:
        return gain_name(name)
    return PLAIN.get(name, name)


def first_name(name: str) -> str:
    """Name a metric as the first release did; one that it did not have keeps its name.

    Examples
    --------
    >>> [first_name(new) for new in ("day_90/auroc", "gain/easix", "interval/relapse/auroc_low")]
    ['auroc_at_90_days', 'log_loss_gain_over_easix', 'relapse.auroc_low']
    >>> first_name("auroc"), first_name("apparent/auroc")
    ('auroc', 'apparent/auroc')
    """
    group, slash, rest = name.partition("/")
    if not slash or name in FORMER:
        return FORMER.get(name, name)
    if group == INTERVAL:
        end = next(end for end in ENDS if rest.endswith(end))
        return f"{first_name(rest.removesuffix(end))}{end}"
    dated = IN_DAY.fullmatch(name)
    if dated is not None:
        return f"{dated[2]}_at_{dated[1]}_days"
    if group == GAINS:
        return f"{GAIN_OVER}{rest}"
    return f"{group}.{first_name(rest)}" if group in OUTCOMES or CENTER.fullmatch(group) else name


def recorded_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Bring the metrics of a run to their current names."""
    return {current_name(name): value for name, value in metrics.items()}


def recorded_measures(metrics: Mapping[str, float], outcome: str = "") -> dict[str, Measured]:
    """Read figures with their intervals back from the metrics of a run.

    Parameters
    ----------
    metrics : mapping of str to float
        As any release recorded them.
    outcome : str
        Of a run of several outcomes, the one that is read; empty for a run of one outcome.

    Returns
    -------
    figures : dict of str to Measured
        By current name, without that of the outcome.

    Examples
    --------
    >>> recorded_measures({"auroc": 0.7, "auroc_low": 0.6, "auroc_high": 0.8, "relapse.auroc": 0.7})["auroc"]
    Measured(value=0.7, low=0.6, high=0.8)
    >>> recorded_measures({"relapse/auroc": 0.7, "severe_crs/auroc": 0.6}, "relapse")
    {'auroc': Measured(value=0.7, low=None, high=None)}
    """
    known, start = recorded_metrics(metrics), f"{outcome}/" if outcome else ""
    return {
        name.removeprefix(start): Measured(value, known.get(low_end(name)), known.get(high_end(name)))
        for name, value in known.items()
        if not name.startswith(f"{INTERVAL}/")
        and (name.startswith(start) if start else not _of_outcome(name))
    }


def _of_outcome(name: str) -> bool:
    return name.partition("/")[0] in OUTCOMES
