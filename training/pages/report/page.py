"""The report as a self-contained page: read in a browser, printed, sent with a manuscript."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from training.pages.html import render, source_link
from training.pages.report.contents import Report
from training.pages.report.sections_data import data_view, outcomes_table, predictors_table
from training.pages.report.sections_front import (
    SECTIONS,
    cited_table,
    grouped_checklist,
    limitations,
    made_at,
    provenance_table,
)
from training.pages.report.sections_model import calculation_rules, example_views, model_views, patient_words
from training.pages.report.sections_performance import performance_view
from training.pages.report.sections_states import states_views
from training.pages.report.tripod_items import SOURCE

STYLE = Path(__file__).with_name("report.css")


def report_page(report: Report) -> str:
    """Write the page of a report.

    Parameters
    ----------
    report : Report

    Returns
    -------
    html : str
        No script, nothing loaded from elsewhere; links lead to publications.
    """
    return render(
        "report.html",
        more_style=STYLE,
        report=report,
        card=report.card,
        sections=SECTIONS,
        made_at=made_at(report),
        states=Counter(row.state for row in report.checklist),
        data=data_view(report),
        outcomes=outcomes_table(report),
        predictors=predictors_table(report),
        rules=calculation_rules(report),
        models=model_views(report),
        example_patient=patient_words(report),
        examples=example_views(report),
        performance=performance_view(report),
        state_shares=states_views(report),
        reasons=limitations(report),
        cited=cited_table(report),
        provenance=provenance_table(report),
        statement=source_link(SOURCE),
        checklist=grouped_checklist(report),
    )
