"""How the values of each field are distributed, beside what the reference profile assumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.columns import Columns
from features.field import FieldSpec, specs
from training.pages.html import Chart, Table
from training.pages.quality.distributions import Distribution, distribution
from training.pages.quality.published_beside import assumed_fields
from training.pages.svg import bars, columns


@dataclass(frozen=True)
class FieldView:
    """One field on the page.

    Attributes
    ----------
    title, name : str
    summary : str
        How many values are known; of numbers, median and quartiles.
    assumed : str
        What the reference profile assumes; empty where nothing.
    chart : Chart
    """

    title: str
    name: str
    summary: str
    assumed: str
    chart: Chart


def field_views(values: Columns) -> list[FieldView]:
    """Describe the values of every field that any infusion has.

    Parameters
    ----------
    values : Columns
        Of `Patient` or `FollowUp`.

    Returns
    -------
    fields : list of FieldView
        In the order of the schema.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> [field.summary for field in field_views(predictors([{"ecog": 1}]))]
    ['Known in 1 of 1. Median 1, quartiles 1 to 1.']
    """
    described = ((spec, distribution(spec, values[name])) for name, spec in specs(values.model).items())
    return [_field(spec, shown) for spec, shown in described if shown.known]


def known_table(fields: Sequence[tuple[FieldSpec, Distribution]], *, caption: str) -> Table:
    """List how many infusions have each field."""
    return Table(
        ["Field", "Column", "Known", "Missing", "Share missing"],
        [
            [spec.title, spec.name, shown.known, shown.rows - shown.known, _share(shown)]
            for spec, shown in fields
        ],
        caption=caption,
    )


def _share(shown: Distribution) -> str:
    return f"{(shown.rows - shown.known) / shown.rows:.0%}" if shown.rows else ""


def _field(spec: FieldSpec, shown: Distribution) -> FieldView:
    unit = f", {spec.unit}" if spec.unit else ""
    title = f"{spec.title}{unit}: {shown.known} of {shown.rows} infusions"
    behind = Table(["Class", "Infusions"], list(zip(shown.labels, shown.counts, strict=True)), caption=title)
    if shown.median is None:
        shares = [f"{count} ({count / shown.known:.0%})" for count in shown.counts]
        drawn = bars(shown.labels, shown.counts, shares, title=title, most=max(shown.counts))
    else:
        drawn = columns(shown.labels, shown.counts, title=title)
    return FieldView(spec.title, spec.name, _summary(spec, shown), _assumed(spec), Chart(drawn, behind))


def _summary(spec: FieldSpec, shown: Distribution) -> str:
    known = f"Known in {shown.known} of {shown.rows}."
    if shown.median is None:
        return known
    unit = f" {spec.unit}" if spec.unit else ""
    quartiles = f"quartiles {_shortly(shown.lower)} to {_shortly(shown.upper)}"
    labeled = " Each bar is labeled with the lower end of its class." if " to " in shown.labels[0] else ""
    return f"{known} Median {_shortly(shown.median)}{unit}, {quartiles}.{labeled}"


def _assumed(spec: FieldSpec) -> str:
    assumed = assumed_fields().get(spec.name)
    return f"Reference profile of the model ({assumed.basis}): {assumed.words}." if assumed else ""


def _shortly(value: float | None) -> str:
    """Write four digits, and never as a power of ten."""
    return "" if value is None else f"{float(f'{value:.4g}'):.10g}"
