"""Pages about the model, where the service lacks facts: they say so, and nothing else is missing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage

NOT_SHOWN = "This part cannot be shown"


def without_provenance(route: Route) -> None:
    """Answer as a bundle whose provenance is empty."""
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"provenance": {}})


def without_limitations(route: Route) -> None:
    """Answer with a card that a part of the page cannot be drawn from."""
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"limitations": None})


def answered_as(answer: Callable[[Route], None]) -> Callable[[Route], None]:
    """Answer requests for JSON, not for the page of the same address."""

    def route_of(route: Route) -> None:
        if "json" in route.request.headers.get("accept", ""):
            answer(route)
        else:
            route.continue_()

    return route_of


def opened(open_page: OpenPage, path: str, answer: Callable[[Route], None]) -> Page:
    """Open a page of which the card is answered otherwise."""
    page = open_page(None)
    page.add_init_script("window.caught = []; window.reportError = (error) => { caught.push(error.name); };")
    page.route("**/model", answered_as(answer))
    page.goto(path)
    return page


def test_missing_provenance_is_unknown(open_page: OpenPage) -> None:
    """On both pages, with everything else in its place."""
    page = opened(open_page, "/about", without_provenance)
    expect(page.locator("#versions")).to_contain_text("Unknown")
    expect(page.locator("#about > section")).to_have_count(7)
    page = opened(open_page, "/model", without_provenance)
    expect(page.locator("#identity")).to_contain_text("Unknown")
    expect(page.locator("#verdicts tbody tr").first).to_be_visible()
    expect(page.get_by_text(NOT_SHOWN)).to_have_count(0)


def test_a_part_that_cannot_be_drawn_says_so_and_leaves_the_others(open_page: OpenPage) -> None:
    """The cause is an error of the page, for who looks after it."""
    page = opened(open_page, "/model", without_limitations)
    expect(page.locator("#limitations")).to_contain_text(NOT_SHOWN)
    assert page.evaluate("window.caught") == ["TypeError"]
    expect(page.locator("#identity")).not_to_contain_text(NOT_SHOWN)
    expect(page.locator("#verdicts tbody tr").first).to_be_visible()


def test_without_the_service_s_word_nothing_is_said_of_a_record(open_page: OpenPage) -> None:
    """Neither that patient data are kept, nor that they are not."""
    page = open_page("/about")
    expect(page.locator("#privacy")).to_contain_text("No patient data are stored.")
    page = open_page(None)
    page.route("**/form", lambda route: route.fulfill(json={}, status=204))
    page.goto("/about")
    expect(page.locator("#versions")).to_contain_text("Digest", ignore_case=True)
    expect(page.locator("#privacy")).to_contain_text("did not report whether this site keeps a record")
    expect(page.locator("#privacy")).not_to_contain_text("No patient data are stored.")
