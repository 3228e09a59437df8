"""Outcomes beside each other where the form is beside the answer, one below the other elsewhere."""

from __future__ import annotations

import itertools
from typing import TypedDict

import pytest
from playwright.sync_api import Page

from tests.browser.patient_page import FULL, WARNED, answered, enter_all, with_severe_icans

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
def test_outcomes_are_side_by_side_on_every_wide_screen(open_page, patient, locale: str) -> None:
    """All three begin at one height, none overlaps, nothing is reached by scrolling sideways."""
    page = shown(open_page("/", locale=locale), patient)
    for width in WIDE:
        page.set_viewport_size({"width": width, "height": 900})
        cards, (answer,), (form,) = boxes(page, ".outcome"), boxes(page, "#answer"), boxes(page, "#form")
        assert len(cards) == 3
        assert len({round(card["top"]) for card in cards}) == 1, width
        assert all(one["right"] <= other["left"] for one, other in itertools.pairwise(cards)), width
        assert form["right"] <= answer["left"], width
        assert cards[-1]["right"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        numbers = {round(box["top"]) for box in boxes(page, ".headline")}
        assert len(numbers) == 1, width


@EVERY_LANGUAGE
def test_outcomes_are_one_below_the_other_on_a_narrow_screen(open_page, locale: str) -> None:
    """Each as wide as the page."""
    page = shown(open_page("/", locale=locale), WARNED)
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 900})
        cards = boxes(page, ".outcome")
        assert len({round(card["left"]) for card in cards}) == 1
        assert all(one["bottom"] <= other["top"] for one, other in itertools.pairwise(cards)), width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@EVERY_LANGUAGE
@EVERY_PATIENT
def test_on_a_notebook_every_risk_is_seen_without_scrolling(open_page, patient, locale: str) -> None:
    """With all warnings that must be read before the risks, and where the published rates begin."""
    width, height = NOTEBOOK
    page = shown(open_page("/", width=width, height=height, locale=locale), patient)
    seen = boxes(page, ".headline, .outside-use, .product-unknown, .product-rates h4")
    assert len(seen) == (8 if patient is WARNED else 3)
    assert all(box["bottom"] <= height for box in seen)


def test_the_warnings_below_the_risks_are_one_step_away(open_page) -> None:
    """A link above the risks counts those about the patient and leads to them."""
    page = shown(open_page("/"), WARNED)
    page.click(".further a")
    page.wait_for_function("document.getElementById('cautions-title').getBoundingClientRect().top < 900")
    assert page.locator(".cautions [data-grave]").count() == int(page.inner_text(".further").split()[0])
