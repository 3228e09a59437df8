"""Risks of a cohort as lines of numbers: one for each infusion, outcome and horizon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from features.columns import Values
from serving.model.risk_lines import PREDICTED, Line, line_numbers, number_names, risk_lines

if TYPE_CHECKING:
    from features.cohort import Cohort
    from serving.answers.scorer import Scorer
    from serving.model.bundle import Bundle

FIRST = ("patient_id", "infusion_number", "outcome", "horizon_days")
"""Columns that say whose risk, of what and by when a line is."""


class Detail(StrEnum):
    """What is written of each infusion, outcome and horizon."""

    RISK = "risk"
    INTERVAL = "interval"
    CONTRIBUTIONS = "contributions"


@dataclass(frozen=True)
class Layout:
    """Lines of an infusion, and columns of numbers.

    Attributes
    ----------
    lines : tuple of Line
        In the order of the file.
    numbers : tuple of str
        Columns after those of `FIRST`.
    """

    lines: tuple[Line, ...]
    numbers: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the file."""
        return (*FIRST, *self.numbers)


def layout_of(bundle: Bundle, detail: Detail) -> Layout:
    """Lay out the file of a bundle.

    Parameters
    ----------
    bundle : Bundle
    detail : Detail

    Returns
    -------
    layout : Layout
        Outcomes in the order of the bundle, horizons in the order of time.
    """
    names = number_names(
        bundle.models, interval=detail is not Detail.RISK, contributions=detail is Detail.CONTRIBUTIONS
    )
    return Layout(risk_lines(bundle.models), names)


def predicted(
    scorer: Scorer, cohort: Cohort, layout: Layout, detail: Detail
) -> Iterator[tuple[Cohort, Values]]:
    """Predict a few infusions at a time.

    Parameters
    ----------
    scorer : Scorer
    cohort : Cohort
    layout : Layout
        Of the bundle and the detail.
    detail : Detail

    Yields
    ------
    infusions : Cohort
    numbers : ndarray of shape (n_infusions, n_lines, n_numbers)
        NaN where an outcome's model does not use a field.
    """
    for start in range(0, len(cohort), PREDICTED):
        infusions = cohort.take(np.arange(start, min(start + PREDICTED, len(cohort))))
        numbers = line_numbers(
            scorer.bundle.models, infusions.patients, layout.lines, layout.numbers, evaluate=scorer.risks
        )
        yield infusions, numbers
