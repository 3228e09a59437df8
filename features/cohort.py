"""A checked cohort: identifiers, predictors and follow-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Values
from features.field import specs
from features.predictors import predictors, with_derived_dose
from features.product_names import PRODUCT_NAME
from features.schema import FollowUp, Patient
from features.short_repr import ShortRepr

SYNTHETIC_PREFIX = "synthetic-"
"""A patient identifier that starts so was generated; one of them makes the whole cohort synthetic."""


@dataclass(frozen=True, repr=False)
class Cohort(ShortRepr):
    """Infusions that passed every check.

    Parameters
    ----------
    name : str
        File name without its folder.
    sha256 : str
        Digest of the file, 64 hexadecimal digits.
    patient_id : ndarray of shape (n_infusions,)
        Pseudonymous identifiers.
    infusion_number : ndarray of shape (n_infusions,)
        1 for a patient's first infusion.
    center : ndarray of shape (n_infusions,)
        Treating center, empty where unknown.
    product_name : ndarray of shape (n_infusions,)
        Name of a product that is not listed, empty where there is none.
    patients, follow_up : Columns
        Predictors and outcomes, row by row.
    present : frozenset of str
        Columns that the file had.
    rows : ndarray of shape (n_infusions,)
        Row of each infusion in the file, as a spreadsheet counts.
    """

    name: str
    sha256: str
    patient_id: NDArray[np.str_]
    infusion_number: NDArray[np.int64]
    center: NDArray[np.str_]
    product_name: NDArray[np.str_]
    patients: Columns
    follow_up: Columns
    present: frozenset[str]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.patient_id)

    def take(self, index: NDArray[Any]) -> Self:
        """Pick infusions by position or by mask."""
        return replace(
            self,
            patient_id=self.patient_id[index],
            infusion_number=self.infusion_number[index],
            center=self.center[index],
            product_name=self.product_name[index],
            patients=self.patients.take(index),
            follow_up=self.follow_up.take(index),
            rows=self.rows[index],
        )

    @property
    def synthetic(self) -> bool:
        """Whether any of the patients was generated."""
        return any(str(patient).startswith(SYNTHETIC_PREFIX) for patient in self.patient_id)

    @property
    def n_patients(self) -> int:
        """Number of different patients."""
        return len(np.unique(self.patient_id))


def cohort_from_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    name: str,
    sha256: str,
    present: frozenset[str],
    row_numbers: Sequence[int] | None = None,
) -> Cohort:
    """Build a cohort from rows whose values have been checked.

    Parameters
    ----------
    rows : sequence of mapping
        Typed values by column, None or absent where missing; ``patient_id`` in each.
    name, sha256 : str
        Of the file.
    present : frozenset of str
        Columns that the file had.
    row_numbers : sequence of int, optional
        Rows of the file; 2, 3, ... by default.

    Returns
    -------
    cohort : Cohort
        A blank infusion number is 1; an infusion after the first has ``prior_car_t`` true by definition.

    Examples
    --------
    >>> cohort = cohort_from_rows([{"patient_id": "synthetic-1", "age_years": 30.0}],
    ...                           name="c.csv", sha256="00", present=frozenset({"patient_id"}))
    >>> len(cohort), cohort.synthetic, cohort.infusion_number
    (1, True, array([1]))
    """
    numbers = [row.get("infusion_number") or 1 for row in rows]
    rows = [
        {**row, "prior_car_t": True} if number > 1 else row for row, number in zip(rows, numbers, strict=True)
    ]
    return Cohort(
        name=name,
        sha256=sha256,
        patient_id=np.array([row["patient_id"] for row in rows], dtype=str),
        infusion_number=np.array(numbers, dtype=np.int64),
        center=np.array([row.get("center") or "" for row in rows], dtype=str),
        product_name=np.array([row.get(PRODUCT_NAME) or "" for row in rows], dtype=str),
        patients=predictors(rows),
        follow_up=Columns.from_rows(FollowUp, rows),
        present=present,
        rows=np.array(
            list(row_numbers) if row_numbers is not None else range(2, len(rows) + 2), dtype=np.int64
        ),
    )


def cohort_from_columns(
    numbers: Mapping[str, Values],
    texts: Mapping[str, Sequence[str | None]],
    *,
    name: str,
    sha256: str,
    present: frozenset[str],
    row_numbers: Sequence[int],
) -> Cohort:
    """Build a cohort from columns whose values have been checked, as `cohort_from_rows` does from rows.

    Parameters
    ----------
    numbers : mapping of str to ndarray of shape (n_infusions,)
        Encoded as in `Columns`, NaN where missing.
    texts : mapping of str to sequence of str or None
        Columns of texts, ``patient_id`` among them.
    name, sha256 : str
        Of the file.
    present : frozenset of str
        Columns that the file had.
    row_numbers : sequence of int
        Rows of the file.

    Returns
    -------
    cohort : Cohort

    Examples
    --------
    >>> numbers = {"infusion_number": np.array([1.0, 2.0])}
    >>> cohort = cohort_from_columns(numbers, {"patient_id": ["a", "a"]}, name="c.csv", sha256="00",
    ...                              present=frozenset({"patient_id"}), row_numbers=(2, 3))
    >>> cohort.patients["prior_car_t"]
    array([nan,  1.])
    """
    count = len(texts["patient_id"])
    missing = np.full(count, np.nan)
    infusion_number = numbers.get("infusion_number", missing)
    infusion_number = np.where(np.isnan(infusion_number), 1, infusion_number).astype(np.int64)
    later = np.where(infusion_number > 1, 1.0, numbers.get("prior_car_t", missing))
    encoded = {**numbers, "prior_car_t": later}
    patients = Columns(Patient, {column: encoded.get(column, missing) for column in specs(Patient)})

    def text(column: str) -> NDArray[np.str_]:
        return np.array([each or "" for each in texts.get(column, [None] * count)], dtype=str)

    return Cohort(
        name=name,
        sha256=sha256,
        patient_id=text("patient_id"),
        infusion_number=infusion_number,
        center=text("center"),
        product_name=text(PRODUCT_NAME),
        patients=with_derived_dose(patients),
        follow_up=Columns(FollowUp, {column: encoded.get(column, missing) for column in specs(FollowUp)}),
        present=present,
        rows=np.array(row_numbers, dtype=np.int64),
    )
