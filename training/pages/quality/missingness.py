"""Which values are missing, and which are missing together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from features.columns import Columns
from features.field import specs
from features.predictors import DOSE_INPUTS
from features.schema import Patient

MOST_PATTERNS = 12
"""Patterns that are shown; the rest are counted together."""


@dataclass(frozen=True)
class Pattern:
    """Fields that are missing together.

    Attributes
    ----------
    missing : tuple of str
        Names of the fields, in schema order; empty for complete rows.
    count : int
        Infusions that miss these and no other.
    """

    missing: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Patterns:
    """How missing values of the predictors go together.

    Attributes
    ----------
    fields : tuple of str
        Fields that some infusions have and others miss.
    never : tuple of str
        Fields that no infusion has.
    shown : tuple of Pattern
        The commonest first.
    others, in_others : int
        How many other patterns there are, and infusions with one of them.
    """

    fields: tuple[str, ...]
    never: tuple[str, ...]
    shown: tuple[Pattern, ...]
    others: int
    in_others: int


def missing_patterns(patients: Columns) -> Patterns:
    """Count what is missing together.

    Parameters
    ----------
    patients : Columns of `Patient`
        As `features.predictors.predictors` makes them: a derived dose counts as given.

    Returns
    -------
    patterns : Patterns

    Examples
    --------
    >>> from features.predictors import predictors
    >>> rows = [{"age_years": 30.0, "ecog": 1}, {"age_years": 31.0}, {"age_years": 32.0}]
    >>> patterns = missing_patterns(predictors(rows))
    >>> patterns.fields, [(pattern.missing, pattern.count) for pattern in patterns.shown]
    (('ecog',), [(('ecog',), 2), ((), 1)])
    """
    names = [name for name in specs(Patient) if name not in DOSE_INPUTS]
    missing = np.isnan(patients.matrix(names))
    share = {name: float(missing[:, at].mean()) for at, name in enumerate(names)}
    never = tuple(name for name in names if share[name] == 1)
    fields = tuple(name for name in names if 0 < share[name] < 1)
    varying = [names.index(name) for name in fields]
    counted = Counter(
        tuple(name for name, gone in zip(fields, row, strict=True) if gone) for row in missing[:, varying]
    ).most_common()
    rest = counted[MOST_PATTERNS:]
    shown = tuple(Pattern(gone, count) for gone, count in counted[:MOST_PATTERNS])
    return Patterns(fields, never, shown, len(rest), sum(count for _, count in rest))
