"""Which rows may contradict themselves: computed by column, so that the rules are applied to few rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.checking.typed_columns import TypedColumns
from features.field import specs
from features.product_names import PRODUCT_NAME
from features.products import CONSTRUCT, PRODUCTS
from features.rules import (
    ASSESSED_RESPONSES,
    DEFAULT_RESPONSE_DAY,
    DOSE_TOLERANCE,
    FACTS_OF_A_TREATMENT,
    FATAL_GRADE,
    FOLLOW_UP_DAYS,
    LAST_CONTACT,
    NEED_LAST_CONTACT,
)
from features.schema import Patient, all_fields

Mask = NDArray[np.bool_]


def may_contradict(typed: TypedColumns) -> NDArray[np.int64]:
    """Find the rows to which `features.rules` may object.

    Parameters
    ----------
    typed : TypedColumns
        Of a table.

    Returns
    -------
    positions : ndarray of int
        Every row with a contradiction, and perhaps a few without; in order.

    Examples
    --------
    >>> numbers = {"crs_grade": np.array([2.0, np.nan]), "crs_grading_system": np.array([np.nan, np.nan])}
    >>> may_contradict(TypedColumns(2, numbers, {}, tuple(numbers)))
    array([0])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        mask = _dose(typed) | _treatment(typed) | _product(typed)
        mask |= _grading(typed) | _last_contact(typed) | _response(typed)
    return np.flatnonzero(mask).astype(np.int64)


def _given(typed: TypedColumns, name: str) -> Mask:
    return ~np.isnan(typed.number(name))


def _is(typed: TypedColumns, name: str, *options: str) -> Mask:
    column, known = typed.number(name), all_fields()[name].options
    mask: Mask = np.isin(column, [known.index(option) for option in options])
    return mask


def _dose(typed: TypedColumns) -> Mask:
    stated = typed.number("dose_1e6_per_kg")
    derived = typed.number("dose_total_1e6") / typed.number("weight_kg")
    spec = specs(Patient)["dose_1e6_per_kg"]
    low = -np.inf if spec.low is None else spec.low
    high = np.inf if spec.high is None else spec.high
    outside = np.isnan(stated) & ~np.isnan(derived) & ~((low <= derived) & (derived <= high))
    differ: Mask = np.abs(derived - stated) > DOSE_TOLERANCE * stated
    return outside | differ


def _treatment(typed: TypedColumns) -> Mask:
    mask: Mask = (typed.number("infusion_number") > 1) & (typed.number("prior_car_t") == 0)
    for fact, treatment, _ in FACTS_OF_A_TREATMENT:
        mask |= _given(typed, fact) & (typed.number(treatment) != 1)
    mask |= (typed.number("split_dose") == 1) & ~_given(typed, "dose_total_1e6")
    return mask


def _product(typed: TypedColumns) -> Mask:
    mask = np.array([name is not None for name in typed.text(PRODUCT_NAME)], dtype=bool)
    for option, product in PRODUCTS.items():
        of_product = _is(typed, "product", option)
        for column in CONSTRUCT:
            other = _given(typed, column) & ~_is(typed, column, getattr(product, column))
            mask |= of_product & other
    return mask


def _grading(typed: TypedColumns) -> Mask:
    grade = typed.number("crs_grade")
    mask: Mask = ~np.isnan(grade) & ~_given(typed, "crs_grading_system")
    mask |= (grade == 0) & _given(typed, "crs_onset_day")
    fatal = (grade == FATAL_GRADE) | (typed.number("icans_grade") == FATAL_GRADE)
    mask |= fatal & _given(typed, LAST_CONTACT) & ~_given(typed, "death_day")
    return mask


def _last_contact(typed: TypedColumns) -> Mask:
    last = typed.number(LAST_CONTACT)
    mask: Mask = typed.number("death_day") < last
    for name in FOLLOW_UP_DAYS:
        mask |= typed.number(name) > last
    for name in NEED_LAST_CONTACT:
        mask |= np.isnan(last) & _given(typed, name)
    return mask


def _response(typed: TypedColumns) -> Mask:
    stated = typed.number("response_day")
    day = np.where(np.isnan(stated), DEFAULT_RESPONSE_DAY, stated)
    assessed = _is(typed, "response_day28", *ASSESSED_RESPONSES)
    late = (day > typed.number(LAST_CONTACT)) | (typed.number("relapse_day") < day)
    return (~_given(typed, "response_day28") & ~np.isnan(stated)) | (assessed & late)
