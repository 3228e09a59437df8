"""Check a cohort: list every problem, or summarize it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from features.checking.check_table import cohort_of, examine
from features.checking.remark import Remark, open_remark
from features.checking.remarks import missing_share, remarks
from features.cohort import Cohort
from features.columns import Columns
from features.decisions import decision_words
from features.field import specs
from features.files.output_files import Output, Outputs
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.problems import DataError, counted
from features.read_cohort import open_table
from features.schema import FollowUp, Patient
from training.commands.options import CohortFile, MappingFile, Overwrite, given_path
from training.console.screen import print_line
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.unavailable import NoData
from training.pages.quality.page import Examination, quality_page

SIZE = 10_000_000
"""Bytes that a data-quality page may have."""


def command(
    cohort: CohortFile,
    mapping: MappingFile = "",
    html: Annotated[
        str, typer.Option(help="Data-quality page to write (HTML), for use inside the center only")
    ] = "",
    overwrite: Overwrite = False,
) -> None:
    """Check a cohort file: list every problem, or summarize the cohort."""
    check(cohort, given_path(mapping), html=given_path(html), overwrite=overwrite)


def check(
    cohort: Path,
    mapping: Path | None = None,
    *,
    html: Path | None = None,
    overwrite: bool = False,
    console: Console | None = None,
) -> None:
    """Check a cohort and print a summary.

    Parameters
    ----------
    cohort : Path
        CSV, Excel, Parquet, SPSS, Stata or SAS file.
    mapping : Path, optional
        TOML file for a site's own table.
    html : Path, optional
        Data-quality page to write, also where the file has problems.
    overwrite : bool
        Whether an earlier page may be replaced.
    console : Console, optional
        Where the summary goes; standard output by default.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    screen = console or Console()
    files = [Output(html, ".html", patients=True, n_bytes=SIZE)] if html is not None else []
    outputs = Outputs(*files, inputs=[cohort, *([mapping] if mapping else [])], overwrite=overwrite)
    try:
        checked, examination = _examined(cohort, mapping)
    except DataError as error:
        _write_page(outputs, Examination(cohort.name, problems=error.problems), screen)
        raise
    _write_page(outputs, examination, screen)
    if checked is None:
        raise DataError(examination.problems, source=examination.name)
    show_summary(checked, screen)
    for note in examination.notes:
        print_line(screen, note)


def _examined(cohort: Path, mapping: Path | None) -> tuple[Cohort | None, Examination]:
    """Check every cell; build the cohort only if nothing is wrong."""
    opened = open_table(cohort, mapping=mapping)
    table, examined = opened.table, examine(opened.table, opened.origin)
    checked = None if examined.problems else cohort_of(examined, table)
    return checked, Examination(
        name=table.name,
        sha256=table.sha256,
        patients=predictors(examined.rows),
        follow_up=Columns.from_rows(FollowUp, examined.rows),
        cohort=checked,
        problems=examined.problems,
        remarks=tuple(all_remarks(checked)) if checked else (),
        notes=opened.notes,
    )


def _write_page(outputs: Outputs, examination: Examination, screen: Console) -> None:
    for file in outputs.files:
        try:
            outputs.write({file.path: quality_page(examination)})
        except DataError as error:
            raise DataError([*examination.problems, *error.problems], source=error.source) from None
        print_line(
            screen,
            f"{file.path.name}: data-quality page of {examination.name}; do not share it outside the center",
        )


def show_summary(cohort: Cohort, console: Console) -> None:
    """Print a summary of a checked cohort, and remarks on implausible data."""
    console.print(f"{cohort.name}: {_size(cohort)}", highlight=False, markup=False)
    console.print(_outcomes(cohort))
    for line in _decisions(cohort):
        print_line(console, line)
    console.print(_grades(cohort))
    console.print(_missing(cohort))
    for remark in all_remarks(cohort):
        print_line(console, f"remark: {remark}")


def all_remarks(cohort: Cohort) -> list[Remark]:
    """List remarks on implausible data: of the cohort, then of each outcome."""
    # statsmodels takes seconds to import.
    from training.validation.plausibility import data_doubts

    listed = [*remarks(cohort)]
    known = {remark.code for remark in listed}
    for outcome in OUTCOMES.values():
        data = outcome_data(cohort, outcome, FitConfig())
        if isinstance(data, NoData) and data.problem is not None:
            rows = data.problem
            listed.append(Remark("outcome_left_out", str(rows), general=str(rows.without_values())))
        if isinstance(data, OutcomeData):
            doubts = data_doubts(data)
            listed += [open_remark(doubt.code, doubt.text) for doubt in doubts if doubt.code not in known]
    return listed


def _size(cohort: Cohort) -> str:
    centers = len(set(cohort.center) - {""})
    kind = "synthetic" if cohort.synthetic else "not synthetic"
    infusions, patients = counted(len(cohort), "infusion"), counted(cohort.n_patients, "patient")
    return f"{infusions} of {patients}, {counted(centers, 'center')} named, {kind}"


def _outcomes(cohort: Cohort) -> Table:
    """Show which outcomes training would use, and with which horizons."""
    table = Table("outcome", "infusions", "events", "horizons (days), or reason left out", title="Outcomes")
    for name, outcome in OUTCOMES.items():
        data = outcome_data(cohort, outcome, FitConfig())
        if isinstance(data, OutcomeData):
            days = ", ".join(str(day) for day in sorted(data.horizons_days))
            table.add_row(name, str(len(data)), str(data.n_events), days)
        else:
            answered = "published evidence only: " if data.recorded else ""
            table.add_row(name, "", "", f"{answered}{data.reason}")
    return table


def _decisions(cohort: Cohort) -> list[str]:
    """List the assumptions made about infusions, in the words of `train`."""
    return [
        f"{name}: {counted(count, 'infusion')}: {decision_words(code)}"
        for name, outcome in OUTCOMES.items()
        for code, count in observe(outcome, cohort.follow_up).counts.items()
        if count and any(column in cohort.present for column in outcome.needs)
    ]


def _grades(cohort: Cohort) -> Table:
    """Summarize follow-up: grades, categories and days."""
    table = Table("follow-up", "infusions", "summary", title="Follow-up")
    for name, spec in specs(FollowUp).items():
        values = cohort.follow_up[name]
        known = values[~np.isnan(values)]
        if spec.high == 5 and len(known):
            table.add_row(name, str(len(known)), f"{int(np.sum(known >= 3))} of grade 3 or higher")
        elif spec.options and len(known):
            counts = [f"{int(np.sum(known == code))} {option}" for code, option in enumerate(spec.options)]
            table.add_row(name, str(len(known)), ", ".join(count for count in counts if count[:2] != "0 "))
        elif len(known):
            table.add_row(name, str(len(known)), f"median {np.median(known):g} {spec.unit}")
    return table


def _missing(cohort: Cohort) -> Table:
    table = Table("field", "missing", "in the file", title="Predictors")
    shares = missing_share(cohort)
    for name in specs(Patient):
        table.add_row(name, f"{shares[name]:.0%}", "yes" if name in cohort.present else "no")
    return table
