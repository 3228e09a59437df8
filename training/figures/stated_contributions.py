"""The contributions of patients with their values in words: what a figure of them shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.checking.typed_columns import decoded
from features.columns import Columns
from features.field import specs
from features.outcomes import OUTCOMES
from features.schema import Patient
from features.short_repr import ShortRepr
from serving.model.explanation import Explanation
from training.figures.shown_fields import shown_title, shown_values

NOT_KNOWN = "not known"


@dataclass(frozen=True, repr=False)
class StatedContributions(ShortRepr):
    """Contributions of fields to the log-odds of a risk, by the names that `shap.Explanation` has for them.

    Without `shap`, which takes longer to import than a figure to be drawn.

    Attributes
    ----------
    values : ndarray of shape (n_patients, n_fields)
        In log-odds.
    base_values : ndarray of shape (n_patients,)
        Log-odds of the reference patient.
    data : ndarray of shape (n_patients, n_fields)
        Values as numbers, NaN where not known.
    display_data : ndarray of shape (n_patients, n_fields)
        Values in words.
    feature_names : list of str
        Fields in words.
    output_names : str
        What the contributions add up to.
    """

    values: np.ndarray
    base_values: np.ndarray
    data: np.ndarray
    display_data: np.ndarray
    feature_names: list[str]
    output_names: str

    def __getitem__(self, position: int) -> StatedContributions:
        """Take those of one patient."""
        parts: dict[str, Any] = {
            name: getattr(self, name)[position] for name in ("values", "base_values", "data", "display_data")
        }
        return StatedContributions(**parts, feature_names=self.feature_names, output_names=self.output_names)


def stated_contributions(
    explanation: Explanation, patients: Columns, *, outcome: str, horizons_days: Sequence[int], days: int
) -> StatedContributions:
    """State the contributions of patients at a horizon.

    Parameters
    ----------
    explanation : Explanation
        As `RiskModel.explain` states it.
    patients : Columns of `Patient`
        The same patients.
    outcome : str
        Entry of `OUTCOMES`.
    horizons_days : sequence of int
        Of the model.
    days : int
        One of them.

    Returns
    -------
    contributions : StatedContributions
        A row and its base value add up to the log-odds of the risk among those who can have the outcome. A
        missing value is NaN in ``data`` and "not known" in ``display_data``; it contributes what is expected
        given disease burden.
    """
    names, among = explanation.fields, OUTCOMES[outcome].among
    empty = np.empty((len(patients), 0))
    return StatedContributions(
        values=explanation.contributions.copy(),
        base_values=np.full(len(patients), explanation.reference[list(horizons_days).index(days)]),
        data=np.column_stack([empty, *(shown_values(name, patients) for name in names)]),
        display_data=np.column_stack([empty.astype(object), *(_words(name, patients) for name in names)]),
        feature_names=[shown_title(name) for name in names],
        output_names=f"log-odds of {OUTCOMES[outcome].title} by day {days}, among {among}",
    )


def _words(name: str, patients: Columns) -> np.ndarray:
    """Write the values of a field for people."""
    field = specs(Patient).get(name)
    words = []
    for value in shown_values(name, patients).tolist():
        known = decoded(field, value) if field is not None else value
        if known is None or np.isnan(value):
            words.append(NOT_KNOWN)
        elif isinstance(known, bool):
            words.append("yes" if known else "no")
        else:
            words.append(known if isinstance(known, str) else f"{known:.4g}")
    return np.array(words, dtype=object)
