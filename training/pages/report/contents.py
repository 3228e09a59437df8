"""Everything in a report, as data: the page shows it rounded, the JSON twin in full precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from features.small_counts import FEWEST_SHOWN
from serving.answers.card import ModelCard
from serving.model.bundle import Bundle
from serving.model.masked_bundle import masked_bundle
from serving.model.validation_summary import ModelUpdate
from training.pages.report.abstract import Passage, abstract
from training.pages.report.facts import Facts
from training.pages.report.predictor_rows import PredictorRow, predictor_rows
from training.pages.report.specification import Calculation, Specification, calculation, specification
from training.pages.report.tripod import ChecklistRow, checklist
from training.pages.report.tripod_methods import title
from training.pages.report.worked_example import WorkedExample, example_patient, worked_example
from training.validation.state_shares import StateShares, state_shares

FORMAT = 1
"""Raised when a field of the JSON twin is renamed or removed."""

MASKING = (
    f"Not shown: counts of 1 to {FEWEST_SHOWN - 1} infusions, counts that would give them away, and figures "
    "of horizons with so few events."
)
PRECISION = (
    "The JSON twin has every number in full precision; the page rounds figures to three decimals and "
    "coefficients to four. A risk computed from the JSON twin agrees with the service within 0.000001."
)


@dataclass(frozen=True)
class Cited:
    """A source and the terms whose priors rest on it, by outcome."""

    source: str
    terms: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Report:
    """Everything in a report.

    Attributes
    ----------
    format : int
    precision, title : str
        Precision of the numbers; suggested title.
    abstract : tuple of Passage
    checklist : tuple of ChecklistRow
        TRIPOD+AI.
    card : ModelCard
        As the service shows it: cohort, every figure, limitations, intended use, provenance.
    predictors : tuple of PredictorRow
    calculation : Calculation
        How a risk is computed.
    models : mapping of str to Specification
        By outcome.
    example_patient : mapping of str to object
        Synthetic.
    examples : mapping of str to WorkedExample
        By outcome, of that patient.
    updates : mapping of str to ModelUpdate
        By outcome that was updated.
    states : tuple of StateShares
        Shares of the cohort in states that exclude one another, observed and predicted.
    sources : tuple of Cited
    masked : tuple of str
        Outcomes whose number of events is not shown; it is null in the JSON twin.
    masking : str
        What else is left out because of small counts; empty where everything is shown.
    """

    format: int
    precision: str
    title: str
    abstract: tuple[Passage, ...]
    checklist: tuple[ChecklistRow, ...]
    card: ModelCard
    predictors: tuple[PredictorRow, ...]
    calculation: Calculation
    models: dict[str, Specification]
    example_patient: dict[str, Any]
    examples: dict[str, WorkedExample]
    updates: dict[str, ModelUpdate]
    states: tuple[StateShares, ...]
    sources: tuple[Cited, ...]
    masked: tuple[str, ...] = ()
    masking: str = ""


def report_of(bundle: Bundle, *, small_counts: bool = False) -> Report:
    """Gather a report.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.
    small_counts : bool
        Whether counts of fewer than five infusions, and the figures of their horizons, are shown.

    Returns
    -------
    report : Report
    """
    described = masked_bundle(bundle, small_counts=small_counts)
    facts, patient = Facts(described), example_patient(bundle)
    masked = sorted(name for name, each in described.summaries.items() if each.n_events is None)
    models = {name: specification(model) for name, model in bundle.models.items()}
    return Report(
        format=FORMAT,
        precision=PRECISION,
        title=title(facts),
        abstract=abstract(facts),
        checklist=checklist(facts),
        card=facts.card,
        predictors=predictor_rows(bundle),
        calculation=calculation(),
        models=models,
        example_patient=dict(patient),
        examples={name: worked_example(model, patient) for name, model in bundle.models.items()},
        updates=facts.updates,
        states=tuple(state_shares(described.summaries)),
        sources=_sources(models),
        masked=tuple(masked),
        masking="" if small_counts and not masked else MASKING,
    )


def as_json(report: Report) -> str:
    """Write the JSON twin.

    Parameters
    ----------
    report : Report

    Returns
    -------
    text : str
        Numbers have enough digits to be read back exactly. A masked count is null.
    """
    return TypeAdapter(Report).dump_json(report, indent=1).decode() + "\n"


def _sources(models: Mapping[str, Specification]) -> tuple[Cited, ...]:
    by_source: dict[str, dict[str, tuple[str, ...]]] = {}
    for outcome, model in models.items():
        for term in model.terms:
            for source in term.sources:
                cited = by_source.setdefault(source, {})
                cited[outcome] = (*cited.get(outcome, ()), term.name)
    return tuple(Cited(source, terms) for source, terms in sorted(by_source.items()))
