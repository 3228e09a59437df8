"""The predictors: definition from the schema, values in the cohort, and the models that use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.field import FieldSpec, specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from features.terms import KNOWN_TERMS
from serving.model.bundle import Bundle
from serving.model.risk_model import RiskModel
from training.pages.report.tree_listing import split_columns

KNOWN_WHEN: Mapping[str, str] = {
    "baseline": "at baseline",
    "before_lymphodepletion": "before lymphodepletion",
    "day_0": "on the day of infusion",
}
"""Words for when a value is known."""


@dataclass(frozen=True)
class PredictorRow:
    """One column of `Patient`.

    Attributes
    ----------
    name, title, unit, rule, known_when, notes : str
        As the schema has them; ``rule`` holds limits or options.
    required : bool
        Whether a request must have it.
    missing : float or None
        Share of infusions without it; None without a cohort.
    middle : tuple of float or None
        2.5th and 97.5th percentile in the cohort, where enough patients have a value.
    options : mapping of str to int
        Infusions with each option, rounded down to tens.
    terms : tuple of str
        Terms of the linear parts that it is an input of.
    splits : mapping of str to int
        By outcome, splits of trees on it.
    """

    name: str
    title: str
    unit: str
    rule: str
    known_when: str
    notes: str
    required: bool
    missing: float | None
    middle: tuple[float, float] | None
    options: dict[str, int]
    terms: tuple[str, ...]
    splits: dict[str, int]


def predictor_rows(bundle: Bundle) -> tuple[PredictorRow, ...]:
    """List the predictors in the order of the schema.

    Parameters
    ----------
    bundle : Bundle

    Returns
    -------
    rows : tuple of PredictorRow
    """
    terms = _terms(bundle.models)
    splits = {name: split_columns(model.trees) for name, model in bundle.models.items() if model.trees}
    return tuple(_row(spec, bundle, terms, splits) for spec in specs(Patient).values())


def _row(
    spec: FieldSpec, bundle: Bundle, terms: tuple[str, ...], splits: Mapping[str, Mapping[str, int]]
) -> PredictorRow:
    cohort = bundle.cohort
    return PredictorRow(
        name=spec.name,
        title=spec.title,
        unit=spec.unit,
        rule=spec.rule,
        known_when=KNOWN_WHEN.get(spec.known_when, spec.known_when),
        notes=spec.notes,
        required=spec.required == "yes",
        missing=cohort.missing.get(spec.name) if spec.name not in DOSE_INPUTS else None,
        middle=cohort.ranges.get(spec.name),
        options={**cohort.options.get(spec.name, {}), **cohort.options.get(f"{spec.name}_name", {})},
        terms=tuple(name for name in terms if spec.name in KNOWN_TERMS[name].reads),
        splits={outcome: counts[spec.name] for outcome, counts in splits.items() if spec.name in counts},
    )


def _terms(models: Mapping[str, RiskModel]) -> tuple[str, ...]:
    linear = [model.linear.terms for model in models.values() if model.linear is not None]
    return tuple(dict.fromkeys(name for names in linear for name in names))
