"""Units that a mapping file may name beside the schema's own, and their factors."""

from __future__ import annotations

from collections.abc import Mapping

from features.field import FieldSpec
from features.suggestions import nearest

EQUIVALENTS: Mapping[str, Mapping[str, float]] = {
    "%": {"fraction": 100.0},
    "days": {"weeks": 7.0, "months": 30.4375, "years": 365.25},
    "years": {"months": 1 / 12, "days": 1 / 365.25},
    "U/L": {"IU/L": 1.0, "ukat/L": 60.0},
    "ug/L": {"ng/mL": 1.0, "mg/L": 1000.0, "ug/dL": 10.0},
    "mg/L": {"ug/mL": 1.0, "mg/dL": 10.0},
    "mg/dL": {"mg/L": 0.1},
    "10^9/L": {"10^3/uL": 1.0, "10^9/L": 1.0, "10^4/uL": 10.0, "cells per uL": 1e-3, "cells per L": 1e-9},
    "g/dL": {"g/L": 0.1, "mmol/L": 1.6114},
    "mg/m2": {"g/m2": 1000.0},
    "kg": {"g": 1e-3, "lb": 0.45359237},
    "10^6 CAR+ cells": {"cells": 1e-6, "10^7 cells": 10.0, "10^8 cells": 100.0, "10^9 cells": 1000.0},
    "10^6 CAR+ cells/kg": {"cells/kg": 1e-6, "10^5 cells/kg": 0.1, "10^7 cells/kg": 10.0},
}
"""Schema unit to (other unit to factor): multiply by the factor. Hemoglobin's mmol/L counts iron atoms.
A month is a twelfth of 365.25 days."""


def units_of(field: FieldSpec) -> dict[str, float]:
    """Units in which a column may be written, with the factor to the schema's unit.

    Parameters
    ----------
    field : FieldSpec
        What the schema says of the column.

    Returns
    -------
    units : dict of str to float
        The schema's own unit first; empty for a column without unit.

    Examples
    --------
    >>> crp = FieldSpec("crp_mg_l", "number", "C-reactive protein", "mg/L", 0, 700)
    >>> units_of(crp)
    {'mg/L': 1.0, 'ug/mL': 1.0, 'mg/dL': 10.0}
    """
    if not field.unit:
        return {}
    stated = {other.name.partition(",")[0]: other.factor for other in field.other_units}
    return {field.unit: 1.0, **EQUIVALENTS.get(field.unit, {}), **stated}


def nearest_unit(field: FieldSpec, name: str) -> str | None:
    """Find the unit that was probably meant."""
    return nearest(name, units_of(field))
