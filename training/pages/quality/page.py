"""The data-quality page of a cohort: aggregates of its patients, for the center alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from features.checking.remark import Remark
from features.cohort import Cohort
from features.columns import Columns
from features.field import specs
from features.problems import Problem, counted
from features.schema import Patient
from features.short_repr import ShortRepr
from features.small_counts import FEWEST_SHOWN, MASKED, NOTE, Shown, count_cell, shown_counts
from training.pages.html import Chart, Table, code, render
from training.pages.quality.distributions import distribution
from training.pages.quality.field_section import FieldView, field_views, known_count, known_table
from training.pages.quality.flow_section import KEY, outcome_views
from training.pages.quality.missingness import Patterns, missing_patterns
from training.pages.svg import bars, grid


@dataclass(frozen=True, repr=False)
class Examination(ShortRepr):
    """What the page is about.

    Attributes
    ----------
    name, sha256 : str
        Of the file.
    patients, follow_up : Columns, optional
        What could be read; absent where the file could not be.
    cohort : Cohort, optional
        Where the file has no problem.
    problems : tuple of Problem
        Of the file.
    remarks : tuple of Remark
        What looks odd.
    notes : tuple of str
        What was left out on the way.
    """

    name: str
    sha256: str = ""
    patients: Columns | None = None
    follow_up: Columns | None = None
    cohort: Cohort | None = None
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Remark, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """How many infusions have each field: predictors as a chart, follow-up as a table."""

    predictors: Chart
    follow_up: Table


@dataclass(frozen=True)
class Together:
    """Which predictors are missing together.

    Attributes
    ----------
    never : tuple of str
        Titles of predictors that no infusion has.
    chart : Chart or None
        None where all infusions have the same predictors.
    others : str
        Patterns that are not drawn; empty where there are none.
    """

    never: tuple[str, ...]
    chart: Chart | None
    others: str


@dataclass(frozen=True)
class ValuesView:
    """What the page shows of the values of a cohort; fields by heading."""

    missing: Missing
    together: Together
    distributions: dict[str, list[FieldView]]


def quality_page(examined: Examination, *, small_counts: bool = False) -> str:
    """Write the page.

    Parameters
    ----------
    examined : Examination
        Of a cohort.
    small_counts : bool
        Whether counts of fewer than five are shown, and remarks about fewer than five rows.

    Returns
    -------
    html : str
        A self-contained page: no script, nothing loaded from elsewhere, no identifier.

    Examples
    --------
    >>> from features.problem_codes import Code
    >>> empty = Problem(Code.EMPTY_FILE, "the file is empty")
    >>> page = quality_page(Examination("c.csv", problems=(empty,)))
    >>> '<li data-code="empty_file">the file is empty</li>' in page, "<script" in page
    (True, False)
    """
    remarks = list(_remarks(examined.remarks, small_counts=small_counts))
    return render(
        "quality.html",
        name=examined.name,
        size=_size(examined),
        sha256=examined.sha256,
        problem_count=counted(len(examined.problems), "problem"),
        # The values may be a patient's own.
        problems=[problem.without_values() for problem in examined.problems],
        remarks=[*remarks, *examined.notes],
        small_counts=small_counts,
        masked=NOTE,
        values=_values(examined.patients, examined.follow_up, small_counts=small_counts),
        observed=examined.cohort is not None,
        outcome_key=KEY,
        outcomes=outcome_views(examined.cohort, small_counts=small_counts),
    )


def _remarks(remarks: Sequence[Remark], *, small_counts: bool) -> Iterator[str]:
    """Give the words of remarks; those about few rows are counted only."""
    few = 0
    for remark in remarks:
        words = remark.without_values()
        if not small_counts and 0 < len(remark.rows) < FEWEST_SHOWN:
            few += 1
        elif words:
            yield words
    if few:
        yield (
            f"{counted(few, 'remark')} about fewer than {FEWEST_SHOWN} rows: cart-outcomes check prints "
            f"{'it' if few == 1 else 'them'} on the command line"
        )


def _size(examined: Examination) -> str:
    cohort = examined.cohort
    if cohort is not None:
        kind = "Synthetic" if cohort.synthetic else "Not synthetic"
        size = f"{counted(len(cohort), 'infusion')} of {counted(cohort.n_patients, 'patient')}"
        return f"{size}. {kind}."
    return f"{counted(len(examined.patients), 'infusion')}." if examined.patients is not None else ""


def _values(patients: Columns | None, follow_up: Columns | None, *, small_counts: bool) -> ValuesView | None:
    """Describe the values; None where none could be read."""
    if patients is None or follow_up is None or not len(patients):
        return None
    return ValuesView(
        missing=_missing(patients, follow_up, small_counts=small_counts),
        together=_together(missing_patterns(patients), rows=len(patients), small_counts=small_counts),
        distributions={
            "Predictors": field_views(patients, small_counts=small_counts),
            "Follow-up": field_views(follow_up, small_counts=small_counts),
        },
    )


def _missing(patients: Columns, follow_up: Columns, *, small_counts: bool) -> Missing:
    predictors, later = (
        [
            (spec, known_count(distribution(spec, columns[name]), small_counts=small_counts))
            for name, spec in specs(columns.model).items()
        ]
        for columns in (patients, follow_up)
    )
    total = len(patients)
    missing = [None if known is None else total - known for _, known in predictors]
    drawn = bars(
        [spec.title for spec, _ in predictors],
        [count or 0 for count in missing],
        [_share(count, total) for count in missing],
        title=f"Missing values of each predictor, of {counted(total, 'infusion')}",
        most=total,
    )
    return Missing(
        Chart(drawn, known_table(predictors, rows=total, caption="Predictors")),
        known_table(later, rows=total, caption="Follow-up"),
    )


def _together(patterns: Patterns, *, rows: int, small_counts: bool) -> Together:
    titles = {name: spec.title for name, spec in specs(Patient).items()}
    counts = [*(pattern.count for pattern in patterns.shown), patterns.in_others]
    *shown, in_others = shown_counts(counts, small_counts=small_counts)
    words = MASKED if in_others is None else counted(in_others, "infusion")
    others = f"{counted(patterns.others, 'other pattern')} in {words}."
    return Together(
        never=tuple(titles[name] for name in patterns.never),
        chart=_pattern_chart(patterns, shown, rows=rows) if patterns.fields else None,
        others=others if patterns.fields and patterns.others else "",
    )


def _pattern_chart(patterns: Patterns, shown: Sequence[Shown], *, rows: int) -> Chart:
    matrix = [[name in pattern.missing for name in patterns.fields] for pattern in patterns.shown]
    title = "Most common patterns of missing predictors, one per row"
    behind = Table(
        ["Infusions", "Share", "Missing"],
        [
            [count_cell(count), _share(count, rows), _listed(pattern.missing)]
            for count, pattern in zip(shown, patterns.shown, strict=True)
        ],
        caption="Patterns",
    )
    notes = [str(count_cell(count)) for count in shown]
    counts = [count or 0 for count in shown]
    return Chart(grid(matrix, patterns.fields, counts, notes=notes, title=title), behind, kind="grid")


def _share(count: Shown, of: int) -> str:
    if count is None:
        return MASKED
    return f"{count} ({count / of:.0%})" if of else "0"


def _listed(names: Sequence[str]) -> Markup | str:
    return Markup(", ").join(code(name) for name in names) or "none (complete)"
