"""A file is examined as `check` reports it: problems, remarks and a list of cells to correct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from features.checking.calendar_remarks import calendar_remarks
from features.checking.check_table import cohort_of, examine
from features.checking.future_dates import future_dates
from features.checking.remark import Remark, open_remark
from features.checking.remarks import remarks
from features.cohort import Cohort
from features.columns import Columns
from features.corrections.field_columns import table_columns
from features.corrections.fix_list import Fix, fix_list
from features.mapping.conversion import Mapped
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.problems import DataError
from features.read_cohort import Source, mapped_source, read_source
from features.schema import FollowUp
from features.short_repr import ShortRepr
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.unavailable import NoData
from training.pages.quality.page import Examination

BY_DATE, BY_ROW = "date of infusion", "order of the rows"
"""How the order of the infusions is known."""


@dataclass(frozen=True, repr=False)
class Examined(ShortRepr):
    """A file and its problems and remarks.

    Attributes
    ----------
    page : Examination
        As the data-quality page shows it.
    fixes : tuple of Fix
        Cells to correct or to confirm.
    source : str
        What the problems are of: the file, or a mapping file with it.
    """

    page: Examination
    fixes: tuple[Fix, ...] = ()
    source: str = ""

    @property
    def cohort(self) -> Cohort | None:
        """The cohort, where the file has no problem."""
        return self.page.cohort


def examine_file(file: Path, mapping: Path | None = None, *, in_order: bool = False) -> Examined:
    """Check every cell of a file; a cohort is made of it only if nothing is wrong.

    Parameters
    ----------
    file : Path
        Cohort, or a site's own table.
    mapping : Path, optional
        TOML file for a site's own table.
    in_order : bool
        Whether the rows are in the order of the infusions.

    Returns
    -------
    examined : Examined
        With the problems of the file, whatever they are; none is raised.
    """
    try:
        source = read_source(file, mapping=mapping)
    except DataError as error:
        return _unread(file.name, error)
    try:
        return _checked(source, mapped_source(source), in_order=in_order)
    except DataError as error:
        return _unread(file.name, error)


def _unread(name: str, error: DataError) -> Examined:
    """Report problems that leave no cells to check; they are corrected in the file, not in its cells."""
    fixes = tuple(Fix(str(each.code), str(each), each.row) for each in error.problems)
    return Examined(Examination(name, problems=error.problems), fixes, error.source)


def _checked(source: Source, opened: Mapped, *, in_order: bool) -> Examined:
    table, examined = opened.table, examine(opened.table, opened.origin)
    cohort = None if examined.problems else cohort_of(examined, table)
    listed = tuple(all_remarks(cohort, opened, in_order=in_order)) if cohort else ()
    known_columns = table_columns(source.table, opened.origin, source.mapping)
    return Examined(
        Examination(
            name=table.name,
            sha256=table.sha256,
            patients=predictors(examined.rows),
            follow_up=Columns.from_rows(FollowUp, examined.rows),
            cohort=cohort,
            problems=examined.problems,
            remarks=listed,
            notes=opened.notes,
        ),
        tuple(fix_list(source.table, known_columns, examined.single, listed)),
        table.name,
    )


def all_remarks(cohort: Cohort, opened: Mapped | None = None, *, in_order: bool = False) -> list[Remark]:
    """List remarks on implausible data: of the cohort, over the calendar, then of each outcome.

    Parameters
    ----------
    cohort : Cohort
        Checked.
    opened : Mapped, optional
        What it was made of, for the dates of the infusions.
    in_order : bool
        Whether the rows are in the order of the infusions; dates are preferred.

    Returns
    -------
    remarks : list of Remark
    """
    # statsmodels takes seconds to import.
    from training.validation.plausibility import data_doubts

    listed = [*remarks(cohort), *_calendar(cohort, opened, in_order=in_order)]
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


def _calendar(cohort: Cohort, opened: Mapped | None, *, in_order: bool) -> list[Remark]:
    if opened is not None and opened.infusion_days:
        day, today = np.array(opened.infusion_days), datetime.now(UTC).date().toordinal()
        return [*future_dates(cohort, day, today=today), *calendar_remarks(cohort, day, source=BY_DATE)]
    return calendar_remarks(cohort, cohort.rows.astype(float), source=BY_ROW) if in_order else []
