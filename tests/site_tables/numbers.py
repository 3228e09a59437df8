"""Numbers as sites write them: marks, units and their spellings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MARKS: tuple[tuple[str, str], ...] = (
    *((".", ""), (".", ""), (".", ","), (".", " "), (".", "'")),
    *((",", ""), (",", ""), (",", "."), (",", " "), (",", "'")),
)
"""Decimal mark, and separator of thousands."""

SPELLED: Mapping[str, tuple[str, ...]] = {
    "U/L": ("U/l", "Ед/л"),
    "ukat/L": ("µkat/l", "мккат/л"),
    "mg/L": ("mg/l", "мг/л"),
    "mg/dL": ("mg/dl", "мг/дл"),
    "ug/mL": ("µg/ml", "мкг/мл"),
    "ug/L": ("µg/l", "mcg/L", "мкг/л"),
    "ng/mL": ("ng/ml", "нг/мл"),
    "umol/L": ("µmol/l", "мкмоль/л"),
    "10^9/L": ("x10^9/l", "×10⁹/л", "G/l"),
    "10^3/uL": ("10^3/µl", "Tsd/µl", "тыс/мкл"),
    "g/dL": ("g/dl", "г/дл"),
    "g/L": ("g/l", "г/л"),
    "mmol/L": ("mmol/l", "ммоль/л"),
    "kg": ("KG", "кг"),
}
"""How sites spell units, beside the spelling of a mapping file."""

WITH_A_UNIT_BESIDE: Mapping[str, tuple[str, str]] = {
    "ldh_u_l": ("U/L", "ukat/L"),
    "crp_mg_l": ("mg/L", "mg/dL"),
    "creatinine_mg_dl": ("mg/dL", "umol/L"),
    "ferritin_ug_l": ("ug/L", "ng/mL"),
    "hemoglobin_g_dl": ("g/dL", "g/L"),
}
"""Fields whose unit may be in a column beside, and the units there."""

UNIT_WORDS: Mapping[str, str] = {"german": "{} Einheit", "russian": "{} ед. изм.", "codes": "{}U"}
"""Heading of the column with the unit, by language; others say unit."""


@dataclass(frozen=True)
class NumberForm:
    """How a site writes numbers.

    Parameters
    ----------
    decimal, thousands : str
        Marks; blank for no separator of thousands.
    """

    decimal: str
    thousands: str

    def write(self, value: float) -> str:
        """Write a number with at most twelve digits."""
        text = f"{value:.12g}"
        text = text if "e" not in text else f"{value:.15f}".rstrip("0").rstrip(".")
        whole, point, fraction = text.partition(".")
        whole = f"{int(whole):,}".replace(",", self.thousands)
        return f"{whole}{self.decimal if point else ''}{fraction}"
