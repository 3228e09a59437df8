"""The contributions of a cohort as `shap.Explanation` and as a table: the numbers that are served."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any, Self

import numpy as np
import pandas as pd
import shap

from features.columns import Columns
from features.field import specs
from features.problems import Refused
from features.schema import Patient
from serving.answers.context import row_inputs
from serving.model.explanation import Explanation
from training.figures.contribution_table import CONTRIBUTION, REFERENCE, VALUE, laid_out
from training.figures.shown_fields import shown_title
from training.figures.stated_contributions import stated_contributions


class FieldContributions(shap.Explanation):
    """Contributions of fields to the log-odds of a risk; its representation shows no patient.

    It is a `shap.Explanation` in every other respect: it can be sliced, and plots of `shap` such as
    ``beeswarm`` take it. ``values`` has the contributions, ``base_values`` the log-odds of the reference
    patient, ``data`` the values as numbers, ``display_data`` the values in words and ``feature_names`` the
    fields in words.
    """

    def __repr__(self) -> str:
        shape = " x ".join(str(length) for length in self.shape)
        return f"{type(self).__name__}({shape} contributions, {self.output_names})"

    def _repr_html_(self) -> str:
        """Show a notebook the same."""
        return f"<code>{escape(repr(self))}</code>"

    def __copy__(self) -> Self:
        copied: Any = super().__copy__()
        copied.__class__ = type(self)
        return copied


def shap_explanation(
    explanation: Explanation, patients: Columns, *, outcome: str, horizons_days: Sequence[int], days: int
) -> FieldContributions:
    """State the contributions of a cohort at a horizon as `shap.Explanation`.

    Parameters
    ----------
    explanation, patients, outcome, horizons_days, days
        As for `training.figures.stated_contributions.stated_contributions`.

    Returns
    -------
    contributions : FieldContributions
        Shape (n_infusions, n_fields), in log-odds, as that function states them.
    """
    stated = stated_contributions(
        explanation, patients, outcome=outcome, horizons_days=horizons_days, days=days
    )
    return FieldContributions(**vars(stated))


def contributions_table(contributions: shap.Explanation) -> pd.DataFrame:
    """Lay contributions out as a table, for CSV or Parquet.

    Parameters
    ----------
    contributions : shap.Explanation
        From `shap_explanation`, of several infusions or one.

    Returns
    -------
    table : DataFrame
        As `training.figures.contribution_table.laid_out` lays it out.
    """
    names = [_field_names()[title] for title in contributions.feature_names]
    values, base = np.atleast_2d(contributions.values), np.atleast_1d(contributions.base_values)
    return laid_out(names, values, base, np.atleast_2d(contributions.data))


def from_table(table: pd.DataFrame) -> FieldContributions:
    """Read contributions back from a table of `contributions_table`.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    contributions : FieldContributions
        With the values of patients as numbers alone.

    Raises
    ------
    Refused
        If a column is missing.
    """
    names = [column.removeprefix(CONTRIBUTION) for column in table.columns if column.startswith(CONTRIBUTION)]
    needed = [REFERENCE, *(f"{VALUE}{name}" for name in names)]
    if absent := [column for column in needed if column not in table.columns]:
        message = f"not a table of contributions: it has no column {absent[0]}"
        raise Refused(message)
    return FieldContributions(
        values=table[[f"{CONTRIBUTION}{name}" for name in names]].to_numpy(),
        base_values=table[REFERENCE].to_numpy(),
        data=table[[f"{VALUE}{name}" for name in names]].to_numpy(),
        feature_names=[shown_title(name) for name in names],
        output_names="log-odds",
    )


@cache
def _field_names() -> dict[str, str]:
    """Name the field of every title."""
    return {shown_title(name): name for name in (*row_inputs(), *specs(Patient))}
