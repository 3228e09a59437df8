"""The checklist of TRIPOD+AI, filled in as far as a bundle can."""

from __future__ import annotations

from dataclasses import dataclass

from training.pages.report.answers import State
from training.pages.report.facts import Facts
from training.pages.report.tripod_items import ITEMS
from training.pages.report.tripod_methods import METHODS
from training.pages.report.tripod_results import RESULTS


@dataclass(frozen=True)
class ChecklistRow:
    """One item and its answer.

    Attributes
    ----------
    number, section, title, asked_of, asks : str
        The item.
    state : {"filled in", "author to complete", "author to add", "does not apply"}
    said, author : str
        From the bundle; what is left to the author.
    see : str
        Section of the report; empty where there is none.
    """

    number: str
    section: str
    title: str
    asked_of: str
    asks: str
    state: State
    said: str
    author: str
    see: str


def checklist(facts: Facts) -> tuple[ChecklistRow, ...]:
    """Answer every item.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    rows : tuple of ChecklistRow
        All 52, in order.
    """
    writers, rows = {**METHODS, **RESULTS}, []
    for item in ITEMS:
        answer = writers[item.number](facts)
        rows.append(
            ChecklistRow(
                number=item.number,
                section=item.section,
                title=item.title,
                asked_of=item.asked_of,
                asks=item.asks,
                state=answer.state,
                said=answer.from_bundle,
                author=answer.author,
                see=answer.see,
            )
        )
    return tuple(rows)
