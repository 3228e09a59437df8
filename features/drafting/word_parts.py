"""Stems and endings of headings that are written as one word, and words of labels that name nothing."""

from __future__ import annotations

from collections.abc import Mapping

PARTS: Mapping[str, tuple[str, ...]] = {
    "bmbl": ("marrow", "blasts"),
    "blst": ("blasts",),
    "brth": ("birth",),
    "brt": ("birth",),
    "cnt": (),
    "ct": ("car", "t"),
    "dtc": ("day",),
    "dth": ("death",),
    "fudt": ("contact", "day"),
    "fup": ("contact",),
    "gd": ("grade",),
    "infus": ("infusion",),
    "lst": ("last",),
    "meas": (),
    "num": ("number",),
    "ons": ("onset",),
    "pct": (),
    "perc": (),
    "pri": ("prior",),
    "prv": ("prior",),
    "rlps": ("relapse",),
    "res": (),
    "trt": (),
    "val": (),
    "wgt": ("weight",),
}
"""Parts of a word, as in BMBLPCT and DTHDTC, and the words that they mean; alone they mean nothing."""

ACRONYMS: Mapping[str, tuple[str, ...]] = {
    "dlc": ("day", "last", "contact"),
    "dlfu": ("day", "last", "contact"),
    "dod": ("day", "death"),
    "doi": ("day", "infusion"),
    "dor": ("day", "relapse"),
    "dtinf": ("day", "infusion"),
    "wtkg": ("weight",),
}
"""Words that are initials of several."""

PEAK = frozenset(
    ["max", "maximum", "maximal", "worst", "peak", "highest", "nadir", "min", "lowest", "макс", "мин"]
    + ["maximale", "massimo", "máximo", "maximo", "höchster"]
)
"""Words that choose one of several values: of a grade it is the one that counts, of a laboratory value it is
not the one before the infusion."""

SECTIONS = frozenset(
    ["group", "section", "part", "block", "form", "page", "module", "patient", "patients", "demographics"]
    + ["disease", "characteristics", "general", "information", "product", "car", "cell", "cells"]
    + ["gruppe", "abschnitt", "teil", "formular", "seite", "stammdaten", "allgemeines", "angaben", "merkmale"]
    + ["erkrankung", "produkt", "zellprodukt", "группа", "раздел", "часть", "блок", "форма"]
    + ["пациент", "пациента", "данные", "общие", "сведения", "заболевание", "продукт"]
)
"""Words above a group of columns that say nothing of when a value was measured."""

SECTIONS_AFTER = frozenset(
    ["follow", "up", "followup", "course", "nachsorge", "verlauf", "наблюдение", "течение"]
)
"""Words above a group of columns that are known after the infusion."""

OF_LABELS = frozenset(
    [
        "a",
        "an",
        "any",
        "are",
        "as",
        "astct",
        "available",
        "best",
        "can",
        "choose",
        "did",
        "do",
        "does",
        "enter",
    ]
    + ["first", "for", "full", "give", "given", "had", "has", "have", "his", "her", "how", "if", "is", "it"]
    + [
        "known",
        "many",
        "much",
        "please",
        "received",
        "record",
        "recorded",
        "reported",
        "s",
        "select",
        "specify",
    ]
    + ["that", "their", "there", "this", "was", "were", "what", "when", "which", "with", "you", "ist", "war"]
    + ["die", "der", "das", "des", "dem", "den", "wurde", "bitte", "welche", "welcher", "wann", "von", "vom"]
    + [
        "bei",
        "zum",
        "zur",
        "и",
        "или",
        "level",
        "wert",
        "spiegel",
        "уровень",
        "с",
        "по",
        "укажите",
        "ли",
        "был",
        "была",
        "было",
        "какая",
        "какой",
    ]
)
"""Words of a question that do not identify a field."""

LONG_NAMES: Mapping[str, str] = {
    "lactate dehydrogenase": "ldh",
    "laktatdehydrogenase": "ldh",
    "лактатдегидрогеназа": "ldh",
    "absolute neutrophil count": "anc",
    "neutrophil count": "anc",
    "platelet count": "platelets",
    "cytokine release syndrome": "crs",
    "zytokinfreisetzungssyndrom": "crs",
    "syndrome de relargage des cytokines": "crs",
    "syndrome de relargage cytokinique": "crs",
    "síndrome de liberación de citocinas": "crs",
    "sindrome da rilascio di citochine": "crs",
    "синдром выброса цитокинов": "crs",
    "immune effector cell associated neurotoxicity syndrome": "icans",
    "immune effector cell-associated neurotoxicity syndrome": "icans",
    "minimal residual disease": "mrd",
    "measurable residual disease": "mrd",
    "central nervous system": "cns",
    "performance status": "ecog",
    "body weight": "weight",
    "lines of therapy": "lines",
    "lines of treatment": "lines",
    "philadelphia chromosome": "ph",
    "c-reactive protein": "crp",
    "c reactive protein": "crp",
    "c-reaktives protein": "crp",
    "с-реактивный белок": "crp",
    "non-cns": "",
    "bone marrow": "marrow",
    "костный мозг": "marrow",
}
"""Names that are written in full in labels and long headings."""
