"""Warnings beside the risks of a cohort: infusions outside the intended use, listed products."""

from __future__ import annotations

from collections import Counter

from features.columns import Columns
from serving.answers.intended_use import outside_intended_use
from serving.answers.product_warning import product_caution
from serving.model.bundle import Bundle


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
    rows = [patients.row(position) for position in range(len(patients))]
    return [*_outside(rows), *_products(bundle, rows)]


def _outside(rows: list[dict[str, object]]) -> list[str]:
    fields = [[warning.field for warning in outside_intended_use(row)] for row in rows]
    n_outside = sum(bool(names) for names in fields)
    if not n_outside:
        return []
    by_field = Counter(name for names in fields for name in names)
    return [f"{_infusions(n_outside)} outside the intended use ({_counted(by_field)}): see the model card"]


def _products(bundle: Bundle, rows: list[dict[str, object]]) -> list[str]:
    given = Counter(str(row["product"]) for row in rows if row["product"] is not None)
    unknown = Counter({name: n for name, n in given.items() if product_caution(bundle, {"product": name})})
    if not unknown:
        return []
    return [
        f"{_infusions(unknown.total())} with a listed product that the model does not use "
        f"({_counted(unknown)}): it can rank products in the wrong order; published rates are in "
        "data/evidence/base_rates.csv"
    ]


def _infusions(count: int) -> str:
    return f"{count} infusion" if count == 1 else f"{count} infusions"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
