"""What the page shows when the service is late, refuses, fails or is gone: never another patient's answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import (
    BETWEEN_WAITS_MILLISECONDS,
    DEBOUNCED_MILLISECONDS,
    WAITS,
    answered,
    fill_example,
    percent,
    risk,
)
from tests.browser.serving_process import served
from tests.browser.watched import Watched
from tests.e2e.workplace import free_port

TEN_EDITS = """() => {
    const input = document.getElementById("marrow_blasts_pct");
    for (let blasts = 1; blasts <= 10; blasts += 1) {
        input.value = blasts;
        input.dispatchEvent(new Event("input"));
    }
}"""
WATCH_RISKS = """() => {
    window.risksShown = [];
    const look = () => window.risksShown.push(document.querySelector(".risk").textContent);
    new MutationObserver(look).observe(document.getElementById("shown"), { childList: true });
}"""
"""Writes down the first risk of every answer that the page shows from now on."""


@pytest.fixture
def page(page: Page) -> Page:
    fill_example(page)
    return page


def fails(status: int) -> Callable[[Route], None]:
    """Answer instead of the service; 0 is no answer at all."""
    return lambda route: route.fulfill(status=status, body="<html>") if status else route.abort()


def first_risk(address: str, **changed: object) -> str:
    return str(percent(risk(address, {**EXAMPLE, **changed})["outcomes"][0]["risk"]))


def wait_for_question(page: Page, held: list[Route], number: int) -> None:
    """Wait until the page has asked so often."""
    for _ in range(WAITS):
        if len(held) >= number:
            return
        page.wait_for_timeout(BETWEEN_WAITS_MILLISECONDS)
    raise AssertionError(len(held))


@pytest.mark.allowed_console("Failed to load resource")
@pytest.mark.parametrize("status", [0, 503])
def test_a_service_that_fails_is_told_and_asked_again(page: Page, address: str, status: int) -> None:
    """As an alert; what was entered stays; the answer to other values is gone; it comes back by itself."""
    page.route("**/risk", fails(status))
    page.fill("#marrow_blasts_pct", "1")
    expect(page.locator("#answer")).to_have_attribute("data-state", "gone")
    expect(page.get_by_role("alert")).to_contain_text("does not respond")
    expect(page.locator("#shown")).to_be_hidden()
    expect(page.locator("#brief")).to_be_hidden()
    assert page.input_value("#marrow_blasts_pct") == "1"
    assert page.input_value("#age_years") == "31"
    page.unroute("**/risk")
    answered(page)
    expect(page.locator("#trouble")).to_be_empty()
    expect(page.locator(".risk").first).to_have_text(first_risk(address, marrow_blasts_pct=1))


@pytest.mark.allowed_console("Failed to load resource")
def test_a_language_that_does_not_arrive_is_not_chosen(page: Page) -> None:
    """The page stays as it is, and says which language that is."""
    page.route("**/assets/ru.json", fails(0))
    with page.expect_event("requestfailed"):
        page.select_option("#language", "ru")
    expect(page.locator("#language")).to_have_value("en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("localStorage.length") == 0
    answered(page)


@pytest.mark.allowed_console("Failed to load resource")
def test_a_refusal_without_a_field_is_told_in_words(page: Page) -> None:
    """The service's own words, as text; it is not asked again before something changes."""
    body = '{"error": "refused <b>because</b>"}'
    refuse = partial(Route.fulfill, status=413, content_type="application/json", body=body)
    page.route("**/risk", lambda route: refuse(route))
    page.fill("#marrow_blasts_pct", "1")
    expect(page.locator("#answer")).to_have_attribute("data-state", "refused")
    expect(page.get_by_role("alert")).to_contain_text("refused <b>because</b>")
    expect(page.locator("#shown")).to_be_hidden()


def test_a_service_that_keeps_silent_is_given_up(page: Page) -> None:
    """After some seconds; until then the answer is marked as not being that of the values entered."""
    page.route("**/risk", lambda _route: None)
    page.fill("#marrow_blasts_pct", "1")
    expect(page.locator("#shown")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#answer")).to_have_attribute("data-state", "gone")
    expect(page.locator("#shown")).to_be_hidden()


def test_ten_quick_edits_ask_once(page: Page, watched: Watched) -> None:
    """With the last value: one question a pause, not one a key."""
    before = len(watched.requests)
    page.evaluate(TEN_EDITS)
    answered(page)
    page.wait_for_timeout(DEBOUNCED_MILLISECONDS)
    assert [request.post_data_json["marrow_blasts_pct"] for request in watched.requests[before:]] == [10]


def test_the_last_edit_wins_when_answers_arrive_in_the_wrong_order(open_page, address: str) -> None:
    """Ten questions, answered from last to first by a browser that cannot take one back."""
    page: Page = open_page(None)
    page.add_init_script("AbortController.prototype.abort = () => {};")
    page.goto("/", wait_until="networkidle")
    fill_example(page)
    held: list[Route] = []
    page.route("**/risk", lambda route: held.append(route))
    for blasts in range(1, 11):
        page.fill("#marrow_blasts_pct", str(blasts))
        wait_for_question(page, held, blasts)
    page.evaluate(WATCH_RISKS)
    assert [route.request.post_data_json["marrow_blasts_pct"] for route in held] == list(range(1, 11))
    for route in reversed(held):
        with page.expect_event("requestfinished"):
            route.continue_()
    answered(page)
    page.wait_for_timeout(DEBOUNCED_MILLISECONDS)
    assert page.evaluate("window.risksShown") == [first_risk(address, marrow_blasts_pct=10)]


@pytest.mark.acceptance
def test_a_service_that_was_ended_and_started_again(browser: Browser, tmp_path: Path) -> None:
    """The page tells that it is gone, keeps what is typed meanwhile, and goes on when it is back."""
    port = free_port()
    with ExitStack() as first:
        address = first.enter_context(served(tmp_path / "first", port=port))
        profile = browser.new_context(base_url=address, locale="en-GB")
        with profile:
            page = profile.new_page()
            page.goto("/", wait_until="networkidle")
            fill_example(page)
            first.close()
            page.fill("#marrow_blasts_pct", "1")
            expect(page.locator("#answer")).to_have_attribute("data-state", "gone")
            expect(page.locator("#shown")).to_be_hidden()
            page.fill("#age_years", "44")
            with served(tmp_path / "second", port=port):
                answered(page)
                expected = first_risk(address, marrow_blasts_pct=1, age_years=44)
                expect(page.locator(".risk").first).to_have_text(expected)
                assert page.input_value("#age_years") == "44"
