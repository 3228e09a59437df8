"""The report as a page that stands alone: read in a browser, printed, sent with a manuscript."""

from __future__ import annotations

from pathlib import Path

from training.pages.html import frame
from training.pages.report.contents import Report
from training.pages.report.sections_data import data_section, outcomes_section, predictors_section
from training.pages.report.sections_front import (
    checklist_section,
    closing_sections,
    head_section,
    summary_section,
)
from training.pages.report.sections_model import example_section, model_section
from training.pages.report.sections_performance import performance_section

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
    sections = [
        head_section(report),
        summary_section(report),
        data_section(report),
        outcomes_section(report),
        predictors_section(report),
        model_section(report),
        example_section(report),
        performance_section(report),
        *closing_sections(report),
        checklist_section(report),
    ]
    return frame(report.title, sections, more_style=STYLE.read_text(encoding="utf-8"))
