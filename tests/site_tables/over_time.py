"""Laboratory values over time, of which one is the value before lymphodepletion."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DAYS = 7
"""How old a value may be on the day when lymphodepletion begins."""

OLDEST = 40
OTHER = 1.75
"""Factor of values that are not the one: no unit differs so from another."""


@dataclass(frozen=True)
class Measurement:
    """A row of a laboratory table.

    Parameters
    ----------
    patient : str
        Whose.
    date : date
        Of the specimen.
    field : str
        What was measured.
    value : float or None
        In the unit of the schema; None for a row without a result.
    """

    patient: str
    date: datetime.date
    field: str
    value: float | None


def measurements(
    field: str,
    cells: Sequence[str],
    patients: Sequence[str],
    starts: Sequence[datetime.date],
    rng: np.random.Generator,
) -> list[Measurement]:
    """Surround every value by older and later ones, and by rows without a result.

    Parameters
    ----------
    field : str
        What was measured.
    cells : sequence of str
        The last value of the window of each patient; blank where it holds none.
    patients : sequence of str
        Whose they are.
    starts : sequence of date
        Last day of each window, which is `DAYS` long.
    rng : Generator
        Of the days.

    Returns
    -------
    rows : list of Measurement
        One a day at most.
    """
    rows = []
    for cell, patient, start in zip(cells, patients, starts, strict=True):
        value, other = (float(cell), float(cell) * OTHER) if cell else (None, 1.0)
        age = int(rng.integers(DAYS + 1))
        near = {-1 - int(day): other for day in rng.integers(20, size=2)}
        near |= {int(day): other for day in rng.integers(DAYS + 1, OLDEST, size=2)}
        if value is not None:
            near |= {int(day): other for day in rng.integers(age + 1, DAYS + 2, size=1)}
            near |= {int(day): None for day in rng.integers(age + 1, size=1)}
            near |= {age: value}
        dates = {start - datetime.timedelta(days=day): number for day, number in near.items()}
        rows += [Measurement(patient, date, field, number) for date, number in dates.items()]
    return rows
