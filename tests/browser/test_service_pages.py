"""What holds for any page of the service, whatever it says."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import axe
from tests.browser.looks import EVERY_LOOK, EVERY_WIDTH, IN_TURN
from tests.browser.watched import Watched


def test_the_first_page_loads(blank_page: Page, watched: Watched) -> None:
    """With status 200, a title and a heading; that it complains of nothing, its fixture sees to."""
    answer = blank_page.goto("/", wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200
    assert blank_page.title().strip()
    assert blank_page.locator("h1").count() == 1
    assert watched.requests[0].url == f"{watched.address}/"


@EVERY_LOOK
def test_axe_finds_nothing_serious(open_page, width: int, scheme: str) -> None:
    """On a telephone, a tablet and a desk, light and dark."""
    page = open_page("/", width=width, scheme=scheme)
    assert page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
    assert axe(page) == []


@pytest.mark.parametrize(("width", "scheme"), IN_TURN)
def test_axe_finds_nothing_serious_in_the_interface(open_page, width: int, scheme: str) -> None:
    """On a telephone, a tablet and a desk; it is no wider than the screen, and needs no script."""
    page = open_page("/docs", width=width, scheme=scheme)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    plain = open_page("/docs", width=width, scheme=scheme, java_script_enabled=False)
    assert plain.get_by_role("heading", name="POST /risk", exact=True).is_visible()


def test_the_interface_is_reached_by_keyboard(open_page) -> None:
    """The first key leads past the links, and a link of the contents to its place."""
    page = open_page("/docs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the interface"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "interface"
    page.get_by_role("link", name="POST /risk", exact=True).press("Enter")
    assert page.url.endswith("/docs#post-risk")


@EVERY_WIDTH
def test_nothing_is_cut_off_at_the_side(open_page, width: int) -> None:
    """A page is scrolled down, never sideways."""
    page = open_page("/", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU", "de-DE"])
def test_the_language_is_stated(open_page, locale: str) -> None:
    """So that it is read out, hyphenated and translated as what it is."""
    page = open_page("/", locale=locale)
    assert page.evaluate("navigator.language") == locale
    assert page.evaluate("document.documentElement.lang") in {"en", "ru"}


@pytest.mark.allowed_console("status of 404")
def test_an_unknown_path_is_no_page(blank_page: Page) -> None:
    """And is answered, not left open."""
    answer = blank_page.goto("/nothing")
    assert answer is not None
    assert answer.status == 404
