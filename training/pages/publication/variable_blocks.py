"""The variables of a cohort in Table 1: categories that are counted, numbers that are summarized."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from features.cohort import Cohort
from features.columns import Values
from features.field import FieldSpec, specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient
from features.short_repr import ShortRepr
from serving.http.assets import assets

MOST_GRADES = 5
"""A whole number with no more possible values is counted by value, such as ECOG 0 to 4."""


@dataclass(frozen=True, repr=False)
class VariableBlock(ShortRepr):
    """One variable of a cohort.

    Attributes
    ----------
    title : str
        With its unit.
    categories : mapping of str to ndarray of bool, shape (n_infusions,)
        Infusions by category; they exclude one another and, with ``missing``, are complete. Of a number the
        only one is all known values.
    missing : ndarray of bool, shape (n_infusions,)
    values : ndarray of shape (n_infusions,), optional
        Of a number that is summarized; None where categories are counted.
    yes_only : bool
        Whether only the last category is shown: it is yes, the other no.
    """

    title: str
    categories: Mapping[str, NDArray[np.bool_]]
    missing: NDArray[np.bool_]
    values: Values | None = None
    yes_only: bool = False


def variable_blocks(cohort: Cohort) -> Iterator[VariableBlock]:
    """List the predictors of a cohort in the order of the schema.

    Parameters
    ----------
    cohort : Cohort

    Yields
    ------
    block : VariableBlock
        Of each column that the file had, and of the dose per kg that follows from total dose and weight.
        Categories that no infusion has are left out.
    """
    for name, field in specs(Patient).items():
        if name not in DOSE_INPUTS and (name in cohort.present or _any_known(cohort, name)):
            yield _block(field, cohort.patients[name])


def not_recorded(cohort: Cohort) -> list[str]:
    """Give the titles of predictors that the file of a cohort has no column for."""
    return [
        field.title
        for name, field in specs(Patient).items()
        if name not in DOSE_INPUTS and name not in cohort.present and not _any_known(cohort, name)
    ]


def option_title(field: str, option: str) -> str:
    """Name an option of a choice for people, as the page of the service does.

    Examples
    --------
    >>> option_title("costimulatory_domain", "4_1bb"), option_title("sex", "another_option")
    ('4-1BB', 'another option')
    """
    return str(_option_titles().get(field, {}).get(option, option.replace("_", " ")))


def _block(field: FieldSpec, column: Values) -> VariableBlock:
    missing = np.isnan(column)
    named = not field.unit or field.unit in field.title.lower()
    title = field.title if named else f"{field.title}, {field.unit}"
    if (coded := _coded(field)) is None:
        return VariableBlock(title, {"known": ~missing}, missing, values=column)
    categories = {name: column == code for name, code in coded.items()}
    if field.kind == "boolean":
        return VariableBlock(title, categories, missing, yes_only=True)
    return VariableBlock(title, {name: each for name, each in categories.items() if each.any()}, missing)


def _coded(field: FieldSpec) -> Mapping[str, float] | None:
    """Give the code of each category by its title; None for a number that is summarized."""
    if field.kind == "choice":
        return {option_title(field.name, each): code for code, each in enumerate(field.options)}
    if field.kind == "boolean":
        return {"no": 0, "yes": 1}
    low, high = field.low or 0, field.high or 0
    if field.kind == "integer" and high - low < MOST_GRADES:
        return {f"{value}": value for value in range(int(low), int(high) + 1)}
    return None


def _any_known(cohort: Cohort, name: str) -> bool:
    return bool((~np.isnan(cohort.patients[name])).any())


@cache
def _option_titles() -> Mapping[str, Mapping[str, str]]:
    texts: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(assets()["/assets/en.json"].content)
    return texts["options"]
