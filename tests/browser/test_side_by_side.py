"""Outcomes as strips below each other that share one line, beside the form where there is room for both."""

from __future__ import annotations

import itertools
from typing import TypedDict

import pytest
from playwright.sync_api import Page

from tests.browser.patient_page import FULL, WARNED, answered, enter_all, wait_until, with_severe_icans

WIDE = (1024, 1088, 1280, 1366, 1399, 1440, 1680, 1780, 1920)
"""Common screens, and the edges of ranges at which the page changes its columns."""
NARROW = (360, 768, 1023)
NOTEBOOK = (1366, 768)

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
EVERY_PATIENT = pytest.mark.parametrize("patient", [FULL, WARNED], ids=["full", "warned"])

BOXES = """(parts) => [...document.querySelectorAll(parts)].map((part) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    return { left, right, top, bottom };
})"""

SEEN_FIRST = (
    ".headline",
    ".headline .range",
    ".chip",
    ".in-short",
    ".outside-use",
    ".product-unknown",
    '[data-group="needed"]',
)
OVERLAPPING = """() => [...document.querySelectorAll('.outcome')].flatMap((strip) => {
    const parts = [...strip.children].filter((part) => part.checkVisibility());
    const apart = (one, other) => one.right <= other.left + 0.5 || other.right <= one.left + 0.5
        || one.bottom <= other.top + 0.5 || other.bottom <= one.top + 0.5;
    return parts.flatMap((part, place) => parts.slice(place + 1)
        .filter((other) => !apart(part.getBoundingClientRect(), other.getBoundingClientRect()))
        .map((other) => `${strip.dataset.outcome}: ${part.tagName} over ${other.className}`));
})"""
"""Parts of a strip that lie over one another."""


class Box(TypedDict):
    """Edges of an element on the screen, CSS pixels."""

    left: float
    right: float
    top: float
    bottom: float


def boxes(page: Page, parts: str) -> list[Box]:
    found: list[Box] = page.evaluate(BOXES, parts)
    return found


def shown(page: Page, patient: dict[str, object]) -> Page:
    """Enter a patient and wait for an answer with as many outcomes as there can be."""
    page.route("**/risk", with_severe_icans)
    enter_all(page, patient)
    answered(page)
    page.evaluate("window.scrollTo(0, 0)")
    return page


@EVERY_LANGUAGE
@EVERY_PATIENT
def test_outcomes_share_one_line_on_every_wide_screen(open_page, patient, locale: str) -> None:
    """Strips one below the other beside the form: one line from 0 to 100, numbers in a column, no overlap."""
    page = shown(open_page("/", locale=locale), patient)
    for width in WIDE:
        page.set_viewport_size({"width": width, "height": 900})
        strips, (answer,), (form,) = boxes(page, ".outcome"), boxes(page, "#answer"), boxes(page, "#form")
        assert len(strips) == 3
        assert form["right"] <= answer["left"], width
        assert all(one["bottom"] <= other["top"] for one, other in itertools.pairwise(strips)), width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        lines, (axis,) = boxes(page, ".outcome .plot"), boxes(page, ".axis .numbers")
        assert len(lines) == 3
        for edge in ("left", "right"):
            places = [line[edge] for line in lines] + [axis[edge]]
            assert max(places) - min(places) <= 1, (width, edge)
        assert len({round(box["left"]) for box in boxes(page, ".headline")}) == 1, width
        assert page.evaluate(OVERLAPPING) == [], width


@EVERY_LANGUAGE
def test_outcomes_are_as_wide_as_the_page_on_a_narrow_screen(open_page, locale: str) -> None:
    """One below the other, each part of one too; the lines are still of one length."""
    page = shown(open_page("/", locale=locale), WARNED)
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 900})
        strips, lines = boxes(page, ".outcome"), boxes(page, ".outcome .plot")
        assert len({round(strip["left"]) for strip in strips}) == 1
        assert all(one["bottom"] <= other["top"] for one, other in itertools.pairwise(strips)), width
        assert len({(round(line["left"]), round(line["right"])) for line in lines}) == 1
        assert page.evaluate(OVERLAPPING) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@EVERY_LANGUAGE
@EVERY_PATIENT
def test_on_a_notebook_everything_needed_is_seen_without_scrolling(open_page, patient, locale: str) -> None:
    """All warnings before the risks, each risk with interval, claim and reasons, and every needed field."""
    width, height = NOTEBOOK
    page = shown(open_page("/", width=width, height=height, locale=locale), patient)
    found = {part: boxes(page, part) for part in SEEN_FIRST}
    bands = 1 if patient is WARNED else 0
    assert {part: len(each) for part, each in found.items()} == {
        **dict.fromkeys(SEEN_FIRST, 3),
        '[data-group="needed"]': 1,
        ".outside-use": bands,
        ".product-unknown": bands,
    }
    below = [part for part, each in found.items() if any(box["bottom"] > height for box in each)]
    assert below == []
    if patient is WARNED:
        assert all(box["bottom"] <= height for box in boxes(page, ".product-rates h4"))


def test_the_warnings_below_the_risks_are_one_step_away(open_page) -> None:
    """A link above the risks counts those about the patient and leads to them."""
    page = shown(open_page("/"), WARNED)
    page.click(".further a")
    wait_until(page, "document.getElementById('cautions-title').getBoundingClientRect().top < 900")
    assert page.locator(".cautions [data-grave]").count() == int(page.inner_text(".further").split()[0])
