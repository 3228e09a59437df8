"""One numeric term of the linear model, and the usual ways to compute one from a patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Values


@dataclass(frozen=True)
class Term:
    """One numeric column of the linear model.

    Attributes
    ----------
    name : str
        Name of the term.
    field : str
        Row of the explanation it belongs to: a column of `Patient`, or a composite of its own.
    title : str
        What one unit of the term is, in words.
    inputs : tuple of str
        Columns of `Patient` it is computed from; all must be known, or the term is missing.
    compute : callable
        Encoded patients to an array of shape (n_infusions,), NaN where missing.
    binary : bool
        Whether it is yes (1) or no (0), so that its expected value is a probability.
    optional : tuple of str
        Columns that are used where they are known.
    """

    name: str
    field: str
    title: str
    inputs: tuple[str, ...]
    compute: Callable[[Columns], Values]
    binary: bool = False
    optional: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column of `Patient` that it reads."""
        return (*self.inputs, *self.optional)


def number(name: str, field: str, title: str, change: Callable[[Values], Values]) -> Term:
    """Make a term that changes a number."""
    return Term(name, field, title, (field,), lambda patients: change(patients[field]))


def yes(name: str, field: str, title: str) -> Term:
    """Make a term of a yes-or-no column."""
    return Term(name, field, title, (field,), lambda patients: patients[field], binary=True)


def option(name: str, field: str, named: str, title: str) -> Term:
    """Make a term that compares one option with all others."""
    return Term(name, field, title, (field,), lambda patients: patients.is_option(field, named), binary=True)


def response(name: str, field: str, title: str, named: str, unknown: str, share_when_unknown: float) -> Term:
    """Make a term of one response: 1 for it, its assumed share where the response is not recorded."""

    def compute(patients: Columns) -> Values:
        not_recorded = patients.is_option(field, unknown) == 1
        return np.where(not_recorded, share_when_unknown, patients.is_option(field, named))

    return Term(name, field, title, (field,), compute, binary=True)
