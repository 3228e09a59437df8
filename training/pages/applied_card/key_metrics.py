"""Results of an Applied Model Card: usefulness, fairness and safety, from the measures of a bundle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from features.measures import MEASURES, in_order, measure_title
from serving.answers.card import OutcomeCard
from serving.model.measured import Measured
from training.pages.publication.performance_table import few_events
from training.pages.report.facts import Facts
from training.pages.report.words import group_title

NOT_STATED = "not stated"
SAFETY = frozenset(["calibration_slope", "calibration_in_the_large", "observed_expected", "ici"])
"""Measures of calibration: a risk that is too low is what harms. The others show how useful a model is."""
LEVEL_PCT = 90
"""Of every interval, in percent."""
NONE_MEASURED = "No performance was measured."


@dataclass(frozen=True)
class Result:
    """One result.

    Attributes
    ----------
    label : str
        Outcome, horizon, measure and, of a subgroup, its name.
    value_json : str
        Of the kind ``estimate_ci`` with a 90 % interval, of the kind ``single`` without, as the examples of
        the schema write them.
    """

    label: str
    value_json: str


@dataclass(frozen=True)
class KeyMetric:
    """One of the three sections of the card."""

    goal: str
    results: tuple[Result, ...]
    interpretation: str
    test_type: str
    testing_data: str
    validation: str


def key_metrics(facts: Facts, *, mask: bool = True) -> Mapping[str, KeyMetric]:
    """State the three sections by the names of their elements.

    Parameters
    ----------
    facts : Facts
    mask : bool
        Whether the figures of outcomes with few events are left out.

    Returns
    -------
    sections : mapping of str to KeyMetric
        Never without a result: where nothing was measured, the only one says so.
    """
    outcomes = [each for each in facts.measured if not (mask and few_events(each, each.headline_days))]
    useful = [*_overall(outcomes, [name for name in MEASURES if name not in SAFETY])]
    return {
        "UsefulnessUsabilityEfficacy": _section(
            facts, "Discriminate between patients, and add net benefit over treating all or none.", useful
        ),
        "FairnessEquity": _section(
            facts,
            "Performance by age, sex, construct and center, where a subgroup is large enough.",
            [*_by_group(outcomes)],
        ),
        "SafetyReliability": _section(
            facts, "Calibrated risks: as many events as predicted.", [*_overall(outcomes, sorted(SAFETY))]
        ),
    }


def _section(facts: Facts, goal: str, results: list[Result]) -> KeyMetric:
    nothing = Result(NOT_STATED, json.dumps({"kind": "single", "value": NOT_STATED}))
    status = "; ".join(f"{outcome.title}: {outcome.status}" for outcome in facts.card.outcomes)
    measured = bool(results)
    cohort = "The training cohort, out of fold." if not facts.updates else "The cohort of the update."
    return KeyMetric(
        goal=goal,
        results=tuple(results) or (nothing,),
        interpretation=f"Status of the models. {status}.",
        test_type="Internal validation" if measured else NOT_STATED,
        testing_data=f"{cohort} {facts.size}." if measured else NOT_STATED,
        validation="Repeated grouped cross-validation; 90 % intervals over a bootstrap of patients."
        if measured
        else NONE_MEASURED,
    )


def _overall(outcomes: list[OutcomeCard], names: list[str]) -> Iterator[Result]:
    for outcome in outcomes:
        metrics = outcome.metrics.get(outcome.headline_days, {})
        for name in in_order([each for each in names if each in metrics]):
            yield from _result(f"{_headline(outcome)}: {measure_title(name)}", metrics[name])


def _by_group(outcomes: list[OutcomeCard]) -> Iterator[Result]:
    for outcome in outcomes:
        for field, groups in outcome.by_subgroup.items():
            for code, group in groups.items():
                for name in in_order(group.metrics):
                    label = f"{_headline(outcome)}, {group_title(field, group.title or code)}"
                    yield from _result(f"{label}: {measure_title(name)}", group.metrics[name])


def _headline(outcome: OutcomeCard) -> str:
    return f"{outcome.title}, day {outcome.headline_days}"


def _result(label: str, metric: Measured) -> Iterator[Result]:
    """Write a figure that was computed."""
    if metric.value is None:
        return
    value: dict[str, object] = {"kind": "single", "value": metric.value}
    if metric.low is not None and metric.high is not None:
        ends = {"lower": metric.low, "upper": metric.high, "level": LEVEL_PCT}
        value = {"kind": "estimate_ci", "estimate": metric.value, **ends}
    yield Result(label, json.dumps(value))
