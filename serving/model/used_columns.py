"""The columns and options that the models of a bundle use: a schema may grow without making it unreadable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from features.field import specs
from features.schema import Patient
from serving.model.first_schema import FIRST_SCHEMA
from serving.model.risk_model import RiskModel

StatedColumns = Mapping[str, Mapping[str, Any]]
"""By column of `Patient`: its kind, its unit, and the options that a model tells apart."""


def used_columns(models: Iterable[RiskModel]) -> dict[str, dict[str, Any]]:
    """List what the models of a bundle need of the schema.

    Parameters
    ----------
    models : iterable of RiskModel

    Returns
    -------
    columns : dict of str to dict
        By column, in schema order: ``kind``, ``unit`` and ``options``. A column that moves neither a risk nor
        an interval is not listed.
    """
    options: dict[str, set[str]] = {}
    for model in models:
        for each in model.readings:
            every = specs(Patient)[each.field].options
            options.setdefault(each.field, set()).update(
                every if each.reading.by_value else each.reading.options
            )
    return {
        name: {
            "kind": spec.kind,
            "unit": spec.unit,
            "options": [option for option in spec.options if option in options[name]],
        }
        for name, spec in specs(Patient).items()
        if name in options
    }


def changed_column(columns: StatedColumns) -> str:
    """Name what of the columns of a bundle has changed in the schema.

    Parameters
    ----------
    columns : mapping
        As `used_columns` lists them.

    Returns
    -------
    changed : str
        In words; empty where everything that is used is as it was.

    Examples
    --------
    >>> changed_column({"crp_mg_l": {"kind": "number", "unit": "mg/dL", "options": []}})
    'crp_mg_l was in mg/dL and is in mg/L'
    >>> changed_column({"sex": {"kind": "choice", "unit": "", "options": ["male"]}})
    ''
    """
    for name, stated in columns.items():
        spec = specs(Patient).get(name)
        if spec is None:
            return f"{name} is no longer a column"
        if spec.kind != stated["kind"]:
            return f"{name} was a {stated['kind']} and is a {spec.kind}"
        if spec.unit != stated["unit"]:
            return f"{name} was in {stated['unit']} and is in {spec.unit}"
        gone = [option for option in stated["options"] if option not in spec.options]
        if gone:
            return f"{name} no longer has the option {gone[0]}"
    return ""


def first_columns(names: Iterable[str]) -> StatedColumns:
    """State columns as the schema of the first version had them.

    Parameters
    ----------
    names : iterable of str
        Columns that a bundle of the first version uses.
    """
    return {
        name: {"kind": kind, "unit": unit, "options": list(options)}
        for name in names
        for kind, unit, options in [FIRST_SCHEMA[name]]
    }
