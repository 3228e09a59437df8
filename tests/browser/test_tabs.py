"""Two tabs of one browser, and a tab that is left: a patient is in its own page alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import (
    STORED,
    answered,
    card,
    enter_all,
    fill_example,
    percent,
    risk,
    wait_until,
)

CHANGED = {"age_years": 63, "marrow_blasts_pct": 4}
OTHER = {**EXAMPLE, **CHANGED}
RESTORED = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
LIST_TITLE = "#list-title"


def go_back(page: Page) -> None:
    page.goto("/model", wait_until="networkidle")
    page.go_back(wait_until="networkidle")


def go_back_and_forward(page: Page) -> None:
    page.goto("/about", wait_until="networkidle")
    page.goto("/", wait_until="networkidle")
    fill_example(page)
    page.go_back(wait_until="networkidle")
    page.go_forward(wait_until="networkidle")


def reload(page: Page) -> None:
    page.reload(wait_until="networkidle")


def be_restored(page: Page) -> None:
    """Show the page as it was left, as browsers may that keep pages."""
    with page.expect_navigation(wait_until="networkidle"):
        page.evaluate(RESTORED)


def listed(page: Page) -> None:
    """Add the patient that is shown to today's list."""
    page.evaluate("document.querySelector('.todays-list').open = true")
    page.click("#list-add")


def assert_shows(page: Page, address: str, patient: dict[str, object], *, patients_listed: int) -> None:
    """Check that a tab has the answer of a patient, and its own list."""
    answered(page)
    for outcome in risk(address, patient)["outcomes"]:
        shown = card(page, outcome["name"]).locator(".risk")
        expect(shown).to_have_text(str(percent(outcome["risk"])))
    assert page.input_value("#age_years") == str(patient["age_years"])
    expect(page.locator(LIST_TITLE)).to_have_text(f"Today's list ({patients_listed})")


def assert_empty(page: Page) -> None:
    """Check that nothing of a patient is on the page: no value, no answer, no list."""
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    expect(page.locator("#shown")).to_be_hidden()
    expect(page.locator(LIST_TITLE)).to_have_text("Today's list (0)")
    typed = page.locator("#groups input[type=text]").evaluate_all(
        "(fields) => fields.map(({ value }) => value)"
    )
    assert set(typed) == {""}
    assert page.locator("#groups input[type=radio][id$=-true]:checked").count() == 0


def assert_nothing_stored(page: Page, address: str) -> None:
    """Check that the browser keeps nothing: not in a store, a cookie, the address, the history."""
    assert page.evaluate(STORED) == {
        **{"local": [], "session": [], "cookies": "", "databases": 0, "caches": 0, "workers": 0},
        **{"state": None, "name": "", "address": f"{address}/"},
    }


def test_two_tabs_do_not_mix(page: Page, address: str) -> None:
    """Each has its own patient, answer and list, whatever is done in the other."""
    fill_example(page)
    listed(page)
    other = page.context.new_page()
    other.goto("/", wait_until="networkidle")
    assert_empty(other)
    fill_example(other)
    enter_all(other, CHANGED)
    answered(other)
    listed(other)
    listed(other)
    assert_shows(other, address, OTHER, patients_listed=2)
    assert_shows(page, address, EXAMPLE, patients_listed=1)
    other.click("#clear")
    assert_shows(page, address, EXAMPLE, patients_listed=1)
    for tab in (page, other):
        assert_nothing_stored(tab, address)


def test_a_duplicated_tab_is_empty(page: Page, address: str) -> None:
    """It begins with what the first one stored for the session: nothing."""
    fill_example(page)
    listed(page)
    with page.expect_popup() as popup:
        page.evaluate("() => { window.open(location.href); }")
    wait_until(popup.value, "document.querySelector('#age_years') !== null")
    assert_empty(popup.value)
    assert_shows(page, address, EXAMPLE, patients_listed=1)


@pytest.mark.parametrize("leave", [go_back, go_back_and_forward, reload, be_restored])
def test_a_page_that_was_left_is_empty(page: Page, address: str, leave: Callable[[Page], None]) -> None:
    """After back, back and forward, reload, and where the browser kept the page as it was left."""
    fill_example(page)
    listed(page)
    leave(page)
    wait_until(page, "document.querySelector('#age_years') !== null")
    assert_empty(page)
    assert_nothing_stored(page, address)
