"""The model card: verdicts on the first screen, and sections that open by link, fragment and print."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import EVERY_IMPACT, axe
from tests.browser.looks import EVERY_LOOK_IN_TURN
from tests.browser.patient_page import unfold, wait_until

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
LAPTOP = {"width": 1366, "height": 768}
OPEN = "() => [...document.querySelectorAll('#card > details[open]')].map((section) => section.id)"
FOCUSED = "() => document.activeElement.matches('summary') && document.activeElement.parentElement.id"
SMALL = """() => [...document.querySelectorAll('a, button, summary, select')].filter((target) => {
    const { width, height } = target.getBoundingClientRect();
    return target.checkVisibility() && !target.matches('.skip') && Math.min(width, height) < 24;
}).map((target) => target.textContent)"""
"""Targets that are hard to hit."""


def bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return box["y"] + box["height"]


@EVERY_LANGUAGE
def test_the_first_screen_of_a_laptop_has_every_main_verdict_and_the_contents(open_page, locale: str) -> None:
    """Without scrolling, neither the page nor a part of it."""
    page = open_page("/model", **LAPTOP, locale=locale)
    rows = page.locator("#verdicts > .wide tbody tr")
    assert rows.count() == 2
    assert bottom(page, "#verdicts > .wide") <= LAPTOP["height"]
    assert bottom(page, "#contents") <= LAPTOP["height"]
    assert page.evaluate(
        "() => { const part = document.getElementById('contents');"
        " return part.scrollHeight <= part.clientHeight; }"
    )
    wide = "() => { const { scrollWidth, clientWidth } = document.querySelector('#verdicts .wide');"
    assert page.evaluate(f"{wide} return scrollWidth <= clientWidth; }}")


def test_the_contents_stay_in_sight(open_page) -> None:
    """At the end of the last section too, with every section open."""
    page = open_page("/model", **LAPTOP)
    page.get_by_role("button", name="Open all").click()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight / 2)")
    box = page.locator("#contents").bounding_box()
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= LAPTOP["height"]
    page.get_by_role("button", name="Fold all").click()
    assert page.evaluate(OPEN) == []


def test_every_section_is_in_the_contents(open_page) -> None:
    """In the same order; the verdicts come first."""
    page = open_page("/model")
    links = page.locator("#contents a").evaluate_all("(links) => links.map((link) => link.hash.slice(1))")
    sections = page.locator("#card > details").evaluate_all("(parts) => parts.map((part) => part.id)")
    assert links == ["verdicts", *sections]
    assert page.evaluate(OPEN) == []


def test_enter_on_a_link_opens_its_section_and_moves_the_focus(open_page) -> None:
    """Also when it is pressed again, after the section was folded."""
    page = open_page("/model")
    for _ in range(2):
        page.locator("#contents a[href='#outcome-relapse']").press("Enter")
        wait_until(page, f"({FOCUSED})() === 'outcome-relapse'")
        assert page.evaluate(OPEN) == ["outcome-relapse"]
        assert page.url.endswith("/model#outcome-relapse")
        page.keyboard.press("Enter")
        assert page.evaluate(OPEN) == []


def test_an_outcome_leads_from_its_verdict_to_its_section(open_page) -> None:
    """And back in the history leads to the section before."""
    page = open_page("/model")
    page.locator("#verdicts a[href='#outcome-severe_crs']").click()
    wait_until(page, f"({FOCUSED})() === 'outcome-severe_crs'")
    page.locator("#contents a[href='#data']").click()
    wait_until(page, f"({FOCUSED})() === 'data'")
    page.go_back()
    wait_until(page, f"({FOCUSED})() === 'outcome-severe_crs'")


def test_a_fragment_of_the_address_opens_its_section(open_page) -> None:
    """From a link elsewhere; one that names nothing opens nothing."""
    page = open_page("/model#sources")
    wait_until(page, f"({FOCUSED})() === 'sources'")
    assert page.evaluate(OPEN) == ["sources"]
    assert open_page("/model#nothing").evaluate(OPEN) == []


def test_the_skip_link_leads_to_the_verdicts(open_page) -> None:
    """It is the first stop of the keyboard."""
    page = open_page("/model")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_until(page, "document.activeElement.id === 'verdicts'")


def test_sections_stay_open_in_another_language(open_page) -> None:
    """So that a reader finds the place again."""
    page = open_page("/model#data")
    wait_until(page, f"({FOCUSED})() === 'data'")
    page.select_option("#language", "ru")
    expect(page.locator("#data-title")).to_have_text("Обучающая когорта")
    assert page.evaluate(OPEN) == ["data"]


def test_nothing_is_left_out_while_it_is_folded(open_page) -> None:
    """Every text is in the document, in details, which the browser's own search looks through and opens."""
    page = open_page("/model")
    folded = page.text_content("#card")
    assert "Calibration slope" not in page.inner_text("#card")
    for words in ("Calibration slope", "Event definition", "10.1182/bloodadvances.2021006418"):
        assert words in folded


def test_print_opens_everything(open_page) -> None:
    """While it lasts; afterwards the page is as before."""
    page = open_page("/model#use")
    wait_until(page, f"({FOCUSED})() === 'use'")
    page.evaluate(
        "addEventListener('beforeprint', () => {"
        " window.folded = document.querySelectorAll('details:not([open])').length; })"
    )
    page.pdf()
    assert page.evaluate("window.folded") == 0
    assert page.evaluate(OPEN) == ["use"]


@EVERY_LOOK_IN_TURN
def test_the_card_fits_and_axe_finds_nothing(open_page, width: int, scheme: str, locale: str) -> None:
    """Folded and open, of any level; every target is at least 24 px."""
    page = open_page("/model", width=width, scheme=scheme, locale=locale)
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe(page, impacts=EVERY_IMPACT) == []
        assert page.evaluate(SMALL) == []
        unfold(page)
