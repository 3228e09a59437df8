"""The values of each field, and what is said of patients elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from features.columns import Columns
from features.field import FieldSpec, specs
from training.pages.html import chart, paragraph, table
from training.pages.quality.distributions import Distribution, distribution
from training.pages.quality.published_beside import assumed_fields
from training.pages.svg import bars, columns


def field_section(title: str, values: Columns) -> str:
    """Show how the values of every field lie.

    Parameters
    ----------
    title : str
        Heading.
    values : Columns
        Of `Patient` or `FollowUp`.

    Returns
    -------
    html : str
        A chart and its table for each field that any infusion has.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> field_section("Predictors", predictors([{"ecog": 1}])).count("<figure>")
    1
    """
    parts = [f"<h2>{escape(title)}: how the values lie</h2>"]
    for name, spec in specs(values.model).items():
        found = distribution(spec, values[name])
        if found.known:
            parts.append(_field(spec, found))
    return "\n".join(parts)


def known_table(fields: Sequence[tuple[FieldSpec, Distribution]], *, caption: str) -> str:
    """List how many infusions have each field."""
    return table(
        ["Field", "Column", "Known", "Missing", "Share missing"],
        [
            [spec.title, spec.name, found.known, found.rows - found.known, _share(found)]
            for spec, found in fields
        ],
        caption=caption,
    )


def _share(found: Distribution) -> str:
    return f"{(found.rows - found.known) / found.rows:.0%}" if found.rows else ""


def _field(spec: FieldSpec, found: Distribution) -> str:
    unit = f", {spec.unit}" if spec.unit else ""
    title = f"{spec.title}{unit}: {found.known} of {found.rows} infusions"
    behind = table(["Class", "Infusions"], zip(found.labels, found.counts, strict=True), caption=title)
    if found.median is None:
        said = [f"{count} ({count / found.known:.0%})" for count in found.counts]
        drawn = bars(found.labels, found.counts, said, title=title, most=max(found.counts))
    else:
        drawn = columns(found.labels, found.counts, title=title)
    heading = f"<h3>{escape(spec.title)} <code>{escape(spec.name)}</code></h3>"
    return f'<section class="field">{heading}{_summary(spec, found)}{chart(drawn, behind)}</section>'


def _summary(spec: FieldSpec, found: Distribution) -> str:
    known = f"Known in {found.known} of {found.rows}."
    if found.median is not None:
        unit = f" {spec.unit}" if spec.unit else ""
        middle = f"{_shortly(found.lower)} to {_shortly(found.upper)}"
        known += f" Median {_shortly(found.median)}{unit}, middle half {middle}."
        known += " Each column is labelled with its lower end." if " to " in found.labels[0] else ""
    assumed = assumed_fields().get(spec.name)
    elsewhere = (
        f"The profile that the model compares patients with ({assumed.basis}) rests on: {assumed.words}."
        if assumed
        else ""
    )
    return paragraph(known) + (paragraph(elsewhere, kind="soft") if elsewhere else "")


def _shortly(value: float | None) -> str:
    """Write four digits, and never as a power of ten."""
    return "" if value is None else f"{float(f'{value:.4g}'):.10g}"
