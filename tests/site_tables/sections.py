"""Sections that sites part their tables into, and the columns in each."""

from __future__ import annotations

from collections.abc import Mapping

from features.schema import all_fields

PATIENT, DISEASE, LABORATORY, PRODUCT, OUTCOME = range(5)

NAMES: Mapping[str, tuple[str, ...]] = {
    "english": ("Patient", "Disease", "Laboratory before lymphodepletion", "Cell product", "Outcome"),
    "german": ("Stammdaten", "Erkrankung", "Labor", "Zellprodukt", "Verlauf"),
    "russian": ("Данные пациента", "Заболевание", "Лабораторные показатели", "Продукт", "Исходы"),
    "registry": ("Section 1", "Section 2", "Section 3", "Section 4", "Section 5"),
    "": ("Group A", "Group B", "Group C", "Group D", "Group E"),
}
"""In the order of the table, by language; blank for names that any site may have."""

_LABORATORY = (
    *("ldh_u_l", "creatinine_mg_dl", "crp_mg_l", "ferritin_ug_l"),
    *("platelets_1e9_l", "anc_1e9_l", "hemoglobin_g_dl"),
)
_DISEASE, _PRODUCT = ("marrow_blasts_pct", "extramedullary_disease"), ("target_antigen", "dose_1e6_per_kg")


def section_of(field: str) -> int:
    """Give the section that a field belongs to, or a date that others are counted from."""
    known = {
        **dict.fromkeys(_LABORATORY, LABORATORY),
        **dict.fromkeys(_DISEASE, DISEASE),
        **dict.fromkeys(_PRODUCT, PRODUCT),
    }
    spec = all_fields().get(field)
    return OUTCOME if spec and spec.known_when == "follow_up" else known.get(field, PATIENT)
