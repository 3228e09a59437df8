"""Warnings beside the risks of a cohort: infusions outside the intended use, listed products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from features.columns import Columns
from features.problems import counted
from serving.answers.intended_use import INTENDED_OPTIONS, outside_intended_use
from serving.answers.product_warning import product_caution
from serving.model.bundle import Bundle

_FIELDS = ("age_years", *INTENDED_OPTIONS)
"""Fields that decide whether an infusion is within the intended use."""


class NoteCounts:
    """Counts what needs a warning, part by part.

    Parameters
    ----------
    counts : mapping of str, optional
        As `counts` gave them after earlier parts.

    Examples
    --------
    >>> from features.schema import Patient
    >>> counted = NoteCounts()
    >>> counted.add(Columns.from_rows(Patient, [{"age_years": 9.0}, {"age_years": 40.0}]))
    >>> counted.counts
    {'outside': 1, 'by_field': {'age_years': 1}, 'products': {}}
    """

    def __init__(self, counts: Mapping[str, Any] | None = None) -> None:
        known = counts or {"outside": 0, "by_field": {}, "products": {}}
        self._n_outside = int(known["outside"])
        self._by_field: Counter[str] = Counter(known["by_field"])
        self._products: Counter[str] = Counter(known["products"])

    @property
    def counts(self) -> dict[str, Any]:
        """The counts so far, as plain data; no value of a single infusion."""
        return {
            "outside": self._n_outside,
            "by_field": dict(self._by_field),
            "products": dict(self._products),
        }

    def add(self, patients: Columns) -> None:
        """Count the infusions of a part; infusions that share all values that matter are looked at once."""
        keys = np.nan_to_num(patients.matrix(_FIELDS), nan=-1.0)
        alike, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        numbers = np.bincount(inverse.ravel(), minlength=len(alike))
        for which in np.argsort(first):
            names = [warning.field for warning in outside_intended_use(patients.row(int(first[which])))]
            self._n_outside += int(numbers[which]) * bool(names)
            for name in names:
                self._by_field[name] += int(numbers[which])
        codes, first, numbers = np.unique(patients["product"], return_index=True, return_counts=True)
        for which in np.argsort(first):
            if not np.isnan(codes[which]):
                self._products[str(patients.row(int(first[which]))["product"])] += int(numbers[which])

    def merge(self, counts: Mapping[str, Any]) -> None:
        """Add the counts of a later part."""
        self._n_outside += int(counts["outside"])
        self._by_field.update(counts["by_field"])
        self._products.update(counts["products"])

    def notes(self, bundle: Bundle) -> list[str]:
        """Give one line per kind of warning, as `score_notes`."""
        return [*self._outside(), *self._unknown_products(bundle)]

    def _outside(self) -> list[str]:
        if not self._n_outside:
            return []
        fields, outside = _counted(self._by_field), counted(self._n_outside, "infusion")
        return [f"{outside} outside the intended use ({fields}): see the model card"]

    def _unknown_products(self, bundle: Bundle) -> list[str]:
        unknown = Counter(
            {name: n for name, n in self._products.items() if product_caution(bundle, {"product": name})}
        )
        if not unknown:
            return []
        return [
            f"{counted(unknown.total(), 'infusion')} with a listed product that the model does not use "
            f"({_counted(unknown)}): it can rank products in the wrong order; published rates are in "
            "data/evidence/base_rates.csv"
        ]


def score_notes(bundle: Bundle, patients: Columns) -> list[str]:
    """Count the infusions whose risks need a warning, as in an HTTP answer.

    Parameters
    ----------
    bundle : Bundle
        The model that answers.
    patients : Columns of `Patient`
        The infusions that are scored.

    Returns
    -------
    notes : list of str
        One line per kind of warning, with counts and no value of a single infusion; empty without warnings.
    """
    counts = NoteCounts()
    counts.add(patients)
    return counts.notes(bundle)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
