"""The page with an answer, everything unfolded, on every screen, in every color and language."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import axe
from tests.browser.looks import HEIGHTS, SCHEMES, WIDTHS
from tests.browser.patient_page import WARNED, answered, enter, enter_all, unfold, wait_until

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
WIDE = (360, 768, 1024, 1440, 1920)
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((place) => {
    const box = place.getBoundingClientRect();
    const within = place.closest(".wide, .unseen, svg");
    return box.width && !within && (box.right > document.documentElement.clientWidth + 1 || box.left < -1)
        && place.checkVisibility() && getComputedStyle(place).position !== "absolute";
}).map((place) => place.outerHTML.slice(0, 80))"""
"""What reaches over the side of the page."""

SMALL = """() => [...document.querySelectorAll(
        "button, summary, select, input, textarea, .option, .further a, nav a")]
    .filter((place) => place.checkVisibility()).filter((place) => {
        const { width, height } = place.getBoundingClientRect();
        return width < 23.5 || height < 23.5;
    }).map((place) => place.outerHTML.slice(0, 80))"""
"""Controls that are hard to hit."""


def everything(page: Page) -> None:
    """Enter nearly all, so that there is something of each part; unfold it, compare an option."""
    enter_all(page, {name: value for name, value in WARNED.items() if name != "ldh_u_l"})
    answered(page)
    unfold(page)
    enter(page, "dose_1e6_per_kg", 2.4, prefix="option-1-")
    page.wait_for_selector("#options-table .results tr")


@EVERY_LANGUAGE
def test_axe_finds_nothing_serious_in_an_answer(open_page, locale: str) -> None:
    """Contrast, names, order, structure; light and dark, on every screen."""
    page = open_page("/", locale=locale)
    everything(page)
    for scheme, width in product(SCHEMES, WIDTHS):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        assert axe(page) == [], (scheme, width)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.allowed_console("status of 422")
def test_axe_finds_nothing_serious_in_trouble(open_page, scheme: str) -> None:
    """Values out of limits, and a refusal."""
    page = open_page("/", scheme=scheme)
    page.fill("#age_years", "300")
    assert axe(page) == []
    page.click("#example")
    page.check("#dose_1e6_per_kg-by-inputs", force=True)
    page.fill("#dose_total_1e6", "5000")
    page.fill("#weight_kg", "2")
    page.wait_for_selector('#answer[data-state="refused"]')
    assert axe(page) == []


@EVERY_LANGUAGE
def test_nothing_of_an_answer_is_cut_off_at_the_side(open_page, locale: str) -> None:
    """From a telephone to a wide screen a page is scrolled down, never sideways."""
    page = open_page("/", width=WIDE[0], locale=locale)
    everything(page)
    for width in WIDE:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == [], width


@EVERY_LANGUAGE
def test_every_control_is_large_enough_for_a_finger(open_page, locale: str) -> None:
    """24 by 24 CSS pixels, as WCAG 2.5.8 asks; only links within a sentence may be lower."""
    page = open_page("/", locale=locale)
    everything(page)
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("zoom", [2, 4])
def test_nothing_is_cut_off_when_enlarged(open_page, zoom: int) -> None:
    """200 % and 400 % of a screen 1280 wide, as WCAG 1.4.4 and 1.4.10 ask."""
    page = open_page("/", width=1280 // zoom, height=1024 // zoom)
    everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280 // zoom


def test_on_a_telephone_the_risks_stay_in_sight(open_page) -> None:
    """In short at the foot of the screen, while the form is filled in above; they lead to the answer."""
    page = open_page("/", width=360)
    page.click("#example")
    answered(page)
    risks = page.locator("#brief strong").all_inner_texts()
    assert risks == page.locator(".risk").all_inner_texts()
    box = page.locator("#brief").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 741
    page.click("#brief a")
    wait_until(page, "document.getElementById('answer').getBoundingClientRect().top < 200")
