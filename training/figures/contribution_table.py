"""The contributions of a cohort as a table: the numbers that are served."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.columns import Columns, Values
from serving.model.explanation import Explanation
from training.figures.shown_fields import shown_values

REFERENCE, LOG_ODDS = "reference_log_odds", "log_odds"
CONTRIBUTION, VALUE = "contribution_", "value_"
"""Columns of the table, and what the names of the others begin with."""


def contribution_table(explanation: Explanation, patients: Columns) -> pd.DataFrame:
    """Lay the contributions of a cohort out as a table, with the reference at the headline horizon.

    Parameters
    ----------
    explanation : Explanation
        As `RiskModel.explain` states it.
    patients : Columns of `Patient`
        The same infusions.

    Returns
    -------
    table : DataFrame
        As `laid_out` lays it out.
    """
    names, length = explanation.fields, len(patients)
    known = np.column_stack([np.empty((length, 0)), *(shown_values(name, patients) for name in names)])
    return laid_out(names, explanation.contributions, np.full(length, explanation.reference[0]), known)


def laid_out(names: Sequence[str], contributions: Values, reference: Values, known: Values) -> pd.DataFrame:
    """Lay contributions out as a table, for CSV or Parquet.

    Parameters
    ----------
    names : sequence of str
        Fields.
    contributions : ndarray of shape (n_infusions, n_fields)
        In log-odds.
    reference : ndarray of shape (n_infusions,)
        Log-odds of the reference patient.
    known : ndarray of shape (n_infusions, n_fields)
        Values of the fields; NaN where not known.

    Returns
    -------
    table : DataFrame
        A row an infusion, in their order: ``reference_log_odds``, ``log_odds``, and for each field its
        ``contribution_<field>`` and ``value_<field>``; a value is a number, blank where not known.

    Examples
    --------
    >>> laid_out(["age"], np.array([[0.5]]), np.array([-1.0]), np.array([[61.0]])).iloc[0].to_dict()
    {'reference_log_odds': -1.0, 'log_odds': -0.5, 'contribution_age': 0.5, 'value_age': 61.0}
    """
    columns = {REFERENCE: reference, LOG_ODDS: reference + contributions.sum(axis=1)}
    for position, name in enumerate(names):
        columns[f"{CONTRIBUTION}{name}"] = contributions[:, position]
        columns[f"{VALUE}{name}"] = known[:, position]
    return pd.DataFrame(columns)
