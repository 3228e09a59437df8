"""How the values of each field are distributed, beside what the reference profile assumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.columns import Columns
from features.field import FieldSpec, specs
from features.small_counts import FEWEST_SHOWN, MASKED, Shown, count_cell, shown_counts, shown_of
from training.dataset.cohort_summary import FEWEST_PATIENTS
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


def field_views(values: Columns, *, small_counts: bool = False) -> list[FieldView]:
    """Describe the values of every field that any infusion has.

    Parameters
    ----------
    values : Columns
        Of `Patient` or `FollowUp`.
    small_counts : bool
        Whether counts of fewer than five are shown.

    Returns
    -------
    fields : list of FieldView
        In the order of the schema.

    Examples
    --------
    >>> from features.predictors import predictors
    >>> [field.summary for field in field_views(predictors([{"ecog": 1}]), small_counts=True)]
    ['Known in 1 of 1. Median 1, quartiles 1 to 1.']
    >>> [field.summary for field in field_views(predictors([{"ecog": 1}]))]
    ['Known in masked of 1.']
    """
    described = ((spec, distribution(spec, values[name])) for name, spec in specs(values.model).items())
    return [_field(spec, shown, small_counts=small_counts) for spec, shown in described if shown.known]


def known_count(shown: Distribution, *, small_counts: bool) -> Shown:
    """Count the infusions with a value; None where this count, or that of the others, is masked.

    Examples
    --------
    >>> known_count(Distribution(38, 40, (), ()), small_counts=False) is None
    True
    """
    if shown.known == shown.rows < FEWEST_SHOWN and not small_counts:
        return None
    return shown_of(shown.known, shown.rows, small_counts=small_counts)


def known_table(fields: Sequence[tuple[FieldSpec, Shown]], *, rows: int, caption: str) -> Table:
    """List how many infusions have each field."""
    return Table(
        ["Field", "Column", "Known", "Missing", "Share missing"],
        [
            [
                spec.title,
                spec.name,
                count_cell(known),
                MASKED if known is None else rows - known,
                MASKED if known is None else _share(known, rows),
            ]
            for spec, known in fields
        ],
        caption=caption,
    )


def _share(known: int, rows: int) -> str:
    return f"{(rows - known) / rows:.0%}" if rows else ""


def _field(spec: FieldSpec, shown: Distribution, *, small_counts: bool) -> FieldView:
    known = known_count(shown, small_counts=small_counts)
    counts = _class_counts(shown, known, small_counts=small_counts)
    unit = f", {spec.unit}" if spec.unit else ""
    title = f"{spec.title}{unit}: {count_cell(known)} of {shown.rows} infusions"
    rows = [[label, count_cell(count)] for label, count in zip(shown.labels, counts, strict=True)]
    behind = Table(["Class", "Infusions"], rows, caption=title)
    drawn_counts = [count or 0 for count in counts]
    if shown.median is None:
        shares = [MASKED if count is None else _count_and_share(count, known) for count in counts]
        drawn = bars(shown.labels, drawn_counts, shares, title=title, most=max([1, *drawn_counts]))
    else:
        notes = [str(count_cell(count)) for count in counts]
        drawn = columns(shown.labels, drawn_counts, title=title, notes=notes)
    summary = _summary(spec, shown, known, small_counts=small_counts)
    return FieldView(spec.title, spec.name, summary, _assumed(spec), Chart(drawn, behind))


def _class_counts(shown: Distribution, known: Shown, *, small_counts: bool) -> list[Shown]:
    """Mask classes given their public sum: known values, or all infusions where those are masked."""
    if known is not None:
        return shown_counts(shown.counts, small_counts=small_counts)
    return shown_counts([*shown.counts, shown.rows - shown.known], small_counts=small_counts)[:-1]


def _count_and_share(count: int, known: Shown) -> str:
    return f"{count} ({count / known:.0%})" if known else str(count)


def _summary(spec: FieldSpec, shown: Distribution, known: Shown, *, small_counts: bool) -> str:
    words = f"Known in {count_cell(known)} of {shown.rows}."
    if shown.median is None or (shown.known < FEWEST_PATIENTS and not small_counts):
        return words
    unit = f" {spec.unit}" if spec.unit else ""
    quartiles = f"quartiles {_shortly(shown.lower)} to {_shortly(shown.upper)}"
    labeled = " Each bar is labeled with the lower end of its class." if " to " in shown.labels[0] else ""
    return f"{words} Median {_shortly(shown.median)}{unit}, {quartiles}.{labeled}"


def _assumed(spec: FieldSpec) -> str:
    assumed = assumed_fields().get(spec.name)
    return f"Reference profile of the model ({assumed.basis}): {assumed.words}." if assumed else ""


def _shortly(value: float | None) -> str:
    """Write four digits, and never as a power of ten."""
    return "" if value is None else f"{float(f'{value:.4g}'):.10g}"
