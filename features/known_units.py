"""Units that a mapping file may name beside the schema's own, and their factors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from features.field import FieldSpec
from features.nearest_name import nearest

EQUIVALENTS: Mapping[str, Mapping[str, float]] = {
    "%": {"fraction": 100.0},
    "days": {"weeks": 7.0, "months": 30.4375, "years": 365.25},
    "years": {"months": 1 / 12, "days": 1 / 365.25},
    "U/L": {"IU/L": 1.0, "ukat/L": 60.0},
    "ug/L": {"ng/mL": 1.0, "mg/L": 1000.0, "ug/dL": 10.0, "ng/dL": 0.01, "ng/L": 1e-3},
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


AMOUNTS_PER = "/kg"
"""What a column with a weight takes away from a unit, or adds to it."""


def units_of(field: FieldSpec, *, divided: bool = False, multiplied: bool = False) -> dict[str, float]:
    """Units in which a column may be written, with the factor to the schema's unit.

    Parameters
    ----------
    field : FieldSpec
        What the schema says of the column.
    divided, multiplied : bool
        Whether the column is divided or multiplied by the weight: then it may hold a total for a field per
        kg, or an amount per kg for a total.

    Returns
    -------
    units : dict of str to float
        The schema's own unit first; empty for a column without unit.

    Examples
    --------
    >>> crp = FieldSpec("crp_mg_l", "number", "C-reactive protein", "mg/L", 0, 700)
    >>> units_of(crp)
    {'mg/L': 1.0, 'ug/mL': 1.0, 'mg/dL': 10.0}
    >>> dose = FieldSpec("dose", "number", "Dose", "10^6 CAR+ cells/kg", 0.001, 50)
    >>> units_of(dose, divided=True)["10^8 cells"]
    100.0
    """
    if not field.unit:
        return {}
    stated = {other.name.partition(",")[0]: other.factor for other in field.other_units}
    units = {field.unit: 1.0, **EQUIVALENTS.get(field.unit, {}), **stated}
    if divided and field.unit.endswith(AMOUNTS_PER):
        total = field.unit.removesuffix(AMOUNTS_PER)
        return {**units, total: 1.0, **EQUIVALENTS.get(total, {})}
    if multiplied and field.unit + AMOUNTS_PER in EQUIVALENTS:
        return {**units, field.unit + AMOUNTS_PER: 1.0, **EQUIVALENTS[field.unit + AMOUNTS_PER]}
    return units


def unit_named(name: str, units: Iterable[str]) -> str | None:
    """Find the unit that a text means, however it is written.

    Parameters
    ----------
    name : str
        As a site writes it.
    units : iterable of str
        That a field may have.

    Returns
    -------
    unit : str or None
        None where it is none of them.

    Examples
    --------
    >>> total = ["10^6 CAR+ cells", "cells", "10^8 cells"]
    >>> [unit_named(name, total) for name in ("×10⁸", "1e8 cells", "10*8", "x10^6", "Cells", "10^8/kg")]
    ['10^8 cells', '10^8 cells', '10^8 cells', '10^6 CAR+ cells', 'cells', None]
    >>> unit_named("µmol/l", ["mg/dL", "umol/L"])
    'umol/L'
    >>> [unit_named(name, ["10^9/L", "10^3/uL"]) for name in ("G/l", "/nl", "Tsd./µl", "тыс./мкл")]
    ['10^9/L', '10^9/L', '10^3/uL', '10^3/uL']
    """
    known = {_plain(unit): unit for unit in reversed(list(units))}
    plain = _plain(name)
    return known.get(plain) or known.get(_SAME.get(plain, ""))


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    """Bring a unit to one spelling: powers of ten, signs, letters, and cells left out."""
    text = _SUPERSCRIPT.sub(lambda match: f"^{unicodedata.normalize('NFKC', match[0])}", name.strip())
    text = text.lower().translate(_LETTERS)
    text = re.sub("[а-я]+", lambda match: _CYRILLIC.get(match[0], match[0]), text)
    text = re.sub(r"\bper\b", "/", text)
    text = re.sub(r"\b(?:tsd|tausend|thousands?)\b\.?", "10^3", text)
    text = re.sub(r"car\+|car-?t|\bt\b|\bviable\b|\bcells?\b|zellen|клеток", "", text)
    text = re.sub(r"\b(?:million|millions|mio)\b\.?|млн\.?", "10^6", text)
    text = re.sub(r"[\s.]+", "", text)
    text = re.sub(r"^[x*\u00b7\u00d7](?=1)", "", text)
    text = re.sub(r"^(?:1e|10\*\*|10\*)\+?(?=[0-9])", "10^", text)
    return f"10^0{text}" if not text or text[0] == "/" else text


_SUPERSCRIPT = re.compile(r"[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")
_CYRILLIC: Mapping[str, str] = {
    **{"мкг": "ug", "нг": "ng", "мг": "mg", "г": "g", "кг": "kg", "мкмоль": "umol", "ммоль": "mmol"},
    **{"ед": "u", "ме": "iu", "мккат": "ukat", "мкл": "ul", "дл": "dl", "мл": "ml", "л": "l", "м": "m"},
    "тыс": "10^3",
}
"""Units in Cyrillic letters."""

_SAME: Mapping[str, str] = {
    **{"g/l": "10^9/l", "gpt/l": "10^9/l", "10^0/nl": "10^9/l"},
    **{"k/ul": "10^3/ul", "10^3/mm3": "10^3/ul", "10^3/mm^3": "10^3/ul"},
    **{"10^0/mm3": "10^0/ul", "10^0/mm^3": "10^0/ul"},
}
"""Spellings that mean a count per volume, where the field has no other unit of this spelling."""

_LETTERS = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u0445": "x"})


def nearest_unit(field: FieldSpec, name: str) -> str | None:
    """Find the unit that was probably meant."""
    return nearest(name, units_of(field))
