"""The data-quality page of a cohort: aggregates of its patients, for the centre alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from features.checking.remark import Remark
from features.cohort import Cohort
from features.columns import Columns
from features.field import specs
from features.problems import Problem, counted
from features.schema import FollowUp, Patient
from features.short_repr import ShortRepr
from training.pages.html import Markup, chart, frame, items, paragraph, table
from training.pages.quality.distributions import distribution
from training.pages.quality.field_section import field_section, known_table
from training.pages.quality.flow_section import flow_section
from training.pages.quality.missingness import Patterns, missing_patterns
from training.pages.svg import bars, grid

NOTICE = (
    "This page holds aggregates of patients, with small numbers. It is for the centre that made it, and is "
    "not to be published or handed on. It names no patient."
)
ABOUT_VALUES = "Values are left out here; `cart-outcomes check` prints them on the command line."


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


def quality_page(found: Examination) -> str:
    """Write the page.

    Parameters
    ----------
    found : Examination
        Of a cohort.

    Returns
    -------
    html : str
        A page that stands alone: no script, nothing loaded from elsewhere, no identifier.

    Examples
    --------
    >>> page = quality_page(Examination("c.csv", problems=(Problem("the file is empty"),)))
    >>> "the file is empty" in page, "<script" in page
    (True, False)
    """
    sections = [_head(found), _problems(found)]
    if found.patients is not None and found.follow_up is not None and len(found.patients):
        sections += [
            _missing(found.patients, found.follow_up),
            _together(missing_patterns(found.patients), rows=len(found.patients)),
            field_section("Predictors", found.patients),
            field_section("Follow-up", found.follow_up),
        ]
    sections.append(flow_section(found.cohort))
    return frame(f"Data quality of {found.name}", sections)


def _head(found: Examination) -> str:
    parts = [
        f"<h1>Data quality of {escape(found.name)}</h1>",
        f'<p class="notice" role="note"><strong>Not to be published.</strong> {escape(NOTICE)}</p>',
    ]
    if found.cohort is not None:
        kind = "Synthetic" if found.cohort.synthetic else "Not synthetic"
        size = f"{counted(len(found.cohort), 'infusion')} of {counted(found.cohort.n_patients, 'patient')}"
        parts.append(paragraph(f"{size}. {kind}."))
    elif found.patients is not None:
        parts.append(paragraph(f"{counted(len(found.patients), 'infusion')}."))
    if found.sha256:
        parts.append(f'<p class="soft">File sha256 <code>{escape(found.sha256)}</code></p>')
    return "\n".join(parts)


def _problems(found: Examination) -> str:
    """List what is wrong without the values, which may be a patient's own."""
    parts = ["<h2>Problems</h2>"]
    if found.problems:
        parts.append(paragraph(f"{counted(len(found.problems), 'problem')}. {ABOUT_VALUES}"))
        parts.append(items(str(problem.without_values()) for problem in found.problems))
    else:
        parts.append(paragraph("None: every value lies within its limits, and no row contradicts itself."))
    remarks = [words for remark in found.remarks if (words := remark.without_values())]
    if remarks or found.notes:
        parts += ["<h3>Remarks</h3>", items([*remarks, *found.notes])]
    return "\n".join(parts)


def _missing(patients: Columns, follow_up: Columns) -> str:
    known = [
        (spec, distribution(spec, columns[name]))
        for columns in (patients, follow_up)
        for name, spec in specs(columns.model).items()
    ]
    predictors = [pair for pair in known if pair[0].name in specs(Patient)]
    most = len(patients)
    drawn = bars(
        [spec.title for spec, _ in predictors],
        [most - found.known for _, found in predictors],
        [_share(most - found.known, most) for _, found in predictors],
        title=f"Missing values of each predictor, of {most} infusions",
        most=most,
    )
    later = [pair for pair in known if pair[0].name in specs(FollowUp)]
    return "\n".join(
        [
            "<h2>What is missing</h2>",
            paragraph("Infusions without a value, predictor by predictor. Cells that were refused count."),
            chart(drawn, known_table(predictors, caption="Predictors")),
            "<h3>Follow-up</h3>",
            paragraph("A blank day of an event means that none was seen, not that it is unknown."),
            known_table(later, caption="Follow-up"),
        ]
    )


def _together(patterns: Patterns, *, rows: int) -> str:
    parts = ["<h2>What is missing together</h2>"]
    titles = {name: spec.title for name, spec in specs(Patient).items()}
    if patterns.never:
        parts.append(paragraph(f"No infusion has: {', '.join(titles[name] for name in patterns.never)}."))
    if not patterns.fields:
        return "\n".join([*parts, paragraph("All infusions have and miss the same predictors.")])
    matrix = [[name in pattern.missing for name in patterns.fields] for pattern in patterns.shown]
    counts = [pattern.count for pattern in patterns.shown]
    drawn = grid(
        matrix, patterns.fields, counts, title="The commonest patterns of missing predictors, a row each"
    )
    behind = table(
        ["Infusions", "Share", "Missing"],
        [
            [pattern.count, _share(pattern.count, rows), _listed(pattern.missing)]
            for pattern in patterns.shown
        ],
        caption="Patterns",
    )
    words = "Full squares are missing; the bar counts the infusions that miss just these."
    parts += [paragraph(words), chart(drawn, behind, kind="grid")]
    if patterns.others:
        rest = f"{counted(patterns.others, 'other pattern')} in {counted(patterns.in_others, 'infusion')}."
        parts.append(paragraph(rest))
    return "\n".join(parts)


def _share(count: int, of: int) -> str:
    return f"{count} ({count / of:.0%})" if of else "0"


def _listed(names: Sequence[str]) -> Markup:
    return Markup(", ".join(f"<code>{escape(name)}</code>" for name in names) or "nothing: complete")
