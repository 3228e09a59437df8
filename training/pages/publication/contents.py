"""Everything for a manuscript: tables as CSV and Word, figures as SVG and PDF, captions, the model card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problems import Refused
from serving.model.bundle import Bundle
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData
from training.dataset.unavailable import NoData
from training.figures.journal_style import JournalWidth, figure_files, journal_style
from training.pages.applied_card.card_xml import applied_model_card
from training.pages.publication.baseline_table import baseline_table
from training.pages.publication.cohort_groups import (
    BY_CENTER,
    Group,
    groups_by_center,
    groups_by_outcome,
    large_enough,
)
from training.pages.publication.incidence_table import incidence_table, observed_outcomes
from training.pages.publication.manuscript_figures import manuscript_figures
from training.pages.publication.manuscript_table import ManuscriptTable, csv_text
from training.pages.publication.model_table import model_table
from training.pages.publication.performance_table import performance_table
from training.pages.publication.word_document import word_document
from training.pages.report.facts import Facts
from training.pages.report.tripod_methods import title

NOT_GROUPED = "none"
"""Table 1 of the cohort as a whole."""
WORD_FILE, CARD_FILE = "tables.docx", "model-card.xml"


@dataclass(frozen=True)
class Request:
    """What is wanted.

    Attributes
    ----------
    by : str
        What Table 1 compares: an entry of `OUTCOMES`, `BY_CENTER` or `NOT_GROUPED`.
    width : JournalWidth
        Of the figures.
    mask : bool
        Whether small counts are masked.
    config : FitConfig
        How outcomes are read off the cohort.
    """

    by: str
    width: JournalWidth = JournalWidth.SINGLE
    mask: bool = True
    config: FitConfig = field(default_factory=FitConfig)


def publication_files(bundle: Bundle, cohort: Cohort, request: Request) -> dict[str, bytes]:
    """Make every file of a publication.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.
    cohort : Cohort
    request : Request

    Returns
    -------
    files : dict of str to bytes
        Content by name; the same for the same bundle, cohort and request.

    Raises
    ------
    Refused
        If the cohort cannot be grouped as wanted.
    """
    facts = Facts(bundle)
    data = observed_outcomes(cohort, request.config)
    tables = [*_tables(facts, cohort, data, request)]
    with journal_style():
        figures = [*manuscript_figures(facts, data, width=request.width, mask=request.mask)]
        drawn = [figure_files(each.name, each.figure, title=each.title) for each in figures]
    captions = [each.caption(number) for number, each in enumerate(figures, start=1)]
    files = {f"{table.name}.csv": csv_text(table).encode() for table in tables}
    files[WORD_FILE] = word_document(tables, title=title(facts), captions=captions)
    files[CARD_FILE] = applied_model_card(bundle, mask=request.mask).encode()
    return files | {name: content for each in drawn for name, content in each.items()}


def _tables(
    facts: Facts, cohort: Cohort, data: Mapping[str, OutcomeData | NoData], request: Request
) -> Iterator[ManuscriptTable]:
    groups, by = table_groups(cohort, data, request)
    yield baseline_table(cohort, groups, by=by, mask=request.mask)
    yield incidence_table(cohort, data, mask=request.mask)
    models = [model_table(model) for model in facts.bundle.models.values()]
    performance = [performance_table(outcome, mask=request.mask) for outcome in facts.card.outcomes]
    yield from (table for table in (*models, *performance) if table.rows)


def table_groups(
    cohort: Cohort, data: Mapping[str, OutcomeData | NoData], request: Request
) -> tuple[list[Group], str]:
    """Part a cohort for Table 1.

    Parameters
    ----------
    cohort : Cohort
    data : mapping of str to OutcomeData or NoData
        By outcome.
    request : Request

    Returns
    -------
    groups : list of Group
        None where the cohort is described as a whole, or a group would have too few patients to be shown.
    by : str
        What the groups are of, in words.

    Raises
    ------
    Refused
        If the outcome is unknown or has no data, or centers are not named.
    """
    if request.by == NOT_GROUPED:
        return [], ""
    if request.by == BY_CENTER:
        groups, by = groups_by_center(cohort), "center"
    else:
        known = data.get(request.by)
        if known is None:
            choices = ", ".join([*OUTCOMES, BY_CENTER, NOT_GROUPED])
            message = f"--by must be one of {choices}, got {request.by}"
            raise Refused(message)
        if isinstance(known, NoData):
            message = f"Table 1 cannot be made by {request.by}: {known.reason}; choose another with --by"
            raise Refused(message)
        groups, by = groups_by_outcome(known, cohort.patient_id, mask=request.mask), known.outcome.title
    return (large_enough(groups, cohort.patient_id) if request.mask else groups), by
