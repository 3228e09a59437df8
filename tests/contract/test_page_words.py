"""The words of the clinician's pages and of what the service writes: plain, and the field's own."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving.model.measured import Measured
from serving.model.validation_summary import Reason
from training.evidence.prior import Prior
from training.learners.boosted_trees import Boosted
from training.learners.published_agreement import evidence_note
from training.statistics.riley_sample_size import sample_size_verdict
from training.validation.validation_status import validation_status

SERVING = Path(__file__).parents[2] / "serving"
PAGES = SERVING / "pages"
SERVICE = sorted(file for folder in ("answers", "http") for file in (SERVING / folder).glob("*.py"))

FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "en": (
        "told",
        "tells of",
        "stands",
        "anew",
        "so many",
        "whoever",
        "but for",
        "as it was",
        "calls for",
        "called for",
        "is asked",
        "asks for",
        "parted",
        "nought",
        "nobody",
        "everybody",
        "said",
        "what counts",
        "patients alike",
        "like this one",
        "to take away",
        "free of it",
        "how sure",
        "how well it did",
        "made from",
        "meant for",
        "rests on",
        "coin toss",
        "centre",
        "centres",
        "leukaemia",
        "tumour",
        "haematologist",
    ),
    "ru": (
        "с собой",
        "таблицей",
        "что считается",
        "проверена внутренне",
        "не проверена",
        "не проверялась",
        "подгоняется",
        "подгонкой",
        "подбрасывание монеты",
        "средние 95 %",
        "чтобы попробовать",
        "не для самостоятельного",
        "чего она не может",
        "насколько верно",
        "как спрашивает программа",
        "как спрашивают программы",
        "обратите внимание",
        "что если …",
        "ещё никто",
        "полпациента",
        "локальные пациенты",
        "локальных пациентов",
    ),
}
"""Phrases by language, matched as whole words whatever their case; a space matches any space."""

DOI = re.compile(r"\b10\.\d{4,}/\S+")
SOFTWARE_VERSION = re.compile(r"\b(?:OpenAPI|HTTP/) ?\d\.\d")
DECIMAL_POINT = re.compile(r"\d\.\d")

Texts = Iterator[tuple[str, str]]
"""Where each text is, and the text."""


class _Text(HTMLParser):
    """Text of a page, and what it reads aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep a piece of text."""
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep labels."""
        self.found += [value for name, value in attrs if name in {"aria-label", "title", "alt"} and value]


def forbidden(text: str, language: str) -> list[str]:
    """Forbidden phrases in a text, as whole words."""
    plain = " ".join(text.lower().split())
    return [
        phrase for phrase in FORBIDDEN[language] if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain)
    ]


def in_language(language: str) -> Texts:
    """Texts of the pages in a language, by dotted key."""
    yield from _leaves(json.loads((PAGES / f"texts/{language}.json").read_text(encoding="utf-8")))


def in_markup() -> Texts:
    """Texts of the pages as they are sent, before a script fills them."""
    for file in sorted(PAGES.glob("*.html")):
        reader = _Text()
        reader.feed(file.read_text(encoding="utf-8"))
        yield from ((file.name, text) for text in reader.found if text.strip())


def by_service() -> Texts:
    """Texts in the code that writes answers, warnings, the model card and refusals; no docstring."""
    for file in SERVICE:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documentation = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in documentation
            ):
                yield f"{file.name}:{node.lineno}", node.value


def english() -> Texts:
    """Every English text."""
    yield from in_language("en")
    yield from in_markup()
    yield from by_service()


def test_english_texts_are_plain() -> None:
    """No phrase of a private dialect, no British spelling."""
    texts = list(english())
    assert len(texts) > 600
    assert {where: found for where, text in texts if (found := forbidden(text, "en"))} == {}


def test_russian_texts_are_plain() -> None:
    """No phrase that was translated word by word."""
    texts = list(in_language("ru"))
    assert len(texts) > 600
    assert {where: found for where, text in texts if (found := forbidden(text, "ru"))} == {}


def test_russian_numbers_have_a_decimal_comma() -> None:
    """In DOIs and versions of software a point is no decimal point."""
    assert [where for where, text in in_language("ru") if decimal_points(text)] == []


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Nobody is told how sure it is.", "en", ["told", "nobody", "how sure"]),
        ("Measured in this Centre", "en", ["centre"]),
        ("so\u00a0many patients", "en", ["so many"]),
        ("The unstands are untold, concentrated and standstill.", "en", []),
        ("Возраст, средние 95\u00a0% когорты", "ru", ["средние 95 %"]),
        ("Взять С собой", "ru", ["с собой"]),
        ("между собой", "ru", []),
    ],
)
def test_a_forbidden_phrase_is_found(text: str, language: str, found: list[str]) -> None:
    """In any case and with any space, but only as whole words."""
    assert forbidden(text, language) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0.5 — случайное угадывание", ["0.5"]),
        ("0,5", []),
        ("doi:10.1016/j.bbmt.2018.12.758", []),
        ("OpenAPI 3.1", []),
    ],
)
def test_a_decimal_point_is_found(text: str, found: list[str]) -> None:
    """Except in a DOI or in a version of software."""
    assert decimal_points(text) == found


def decimal_points(text: str) -> list[str]:
    """Decimal points in a text."""
    return DECIMAL_POINT.findall(SOFTWARE_VERSION.sub("", DOI.sub("", text)))


def _leaves(part: Mapping[str, Any], path: str = "") -> Texts:
    for name, value in part.items():
        if isinstance(value, str):
            yield f"{path}{name}", value
        else:
            yield from _leaves(value, f"{path}{name}.")


def reasons() -> list[Reason]:
    """Reasons that training gives, one of each kind that has figures or stands in the list of notes."""
    poor = {
        "observed_expected": Measured(2.5, 2.0, 3.0),
        "calibration_slope": Measured(0.4, -0.1, 1.1),
        "auroc": Measured(0.4, 0.35, 0.45),
    }
    _, found = validation_status(poor, Measured(-0.1, -0.2, -0.05), n_events=3, n_non_events=60)
    _, absent = validation_status({}, Measured(None), n_events=40, n_non_events=60)
    good = {"observed_expected": Measured(1.0, 0.8, 1.3), "calibration_slope": Measured(1.0, 0.5, 1.4)}
    small = sample_size_verdict(232, 104, 10, 0.7, 0.45)
    _, size = validation_status(
        good, Measured(0.05, 0.01, 0.09), n_events=40, n_non_events=60, sample_size=small
    )
    prior = Prior("relapse", (365,), np.array([0.4]), ("a registry",), ())
    notes = [evidence_note(prior, 0.0), evidence_note(replace(prior, base_sources=()), 0.0)]
    return [*found, *absent, *size, *(note for note in notes if note), Boosted.interval_note]


def test_russian_states_every_reason_with_the_figures_that_it_has() -> None:
    """No place of a Russian reason stays empty, and no number of the service is left out."""
    known = dict(in_language("ru"))
    for reason in reasons():
        words = known[f"server.reasons.{reason.code}"]
        assert set(re.findall(r"\{(\w+)\}", words)) == set(reason.figures), reason.code
    (trees,) = [reason for reason in reasons() if reason.code == "resampling_only"]
    numbers = set(re.findall(r"\d+", trees.text))
    assert numbers == set(re.findall(r"\d+", known["server.reasons.resampling_only"]))
