"""A release while a patient is entered: the page follows the version that answers and keeps the entries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.patient_page import answered, fill_example

NEXT = {"version": "9-abc123", "digest": f"sha256:{'9' * 64}"}


@pytest.fixture
def page(page: Page) -> Page:
    fill_example(page)
    return page


def as_of_next(**changed: object) -> Callable[[Route], None]:
    """Answer as the service does, with another model."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "bundle": NEXT, **changed})

    return answer


def test_the_page_follows_a_release(page: Page) -> None:
    """It says which version answers; values and keyboard stay; the notice is that of the new model."""
    expect(page.locator("header .notice")).to_be_visible()
    page.route("**/form", as_of_next(notice="", synthetic=False))
    for path in ("**/risk", "**/risk/options"):
        page.route(path, as_of_next())
    page.fill("#marrow_blasts_pct", "1")
    expect(page.locator("#renewed")).to_have_text(
        f"The model was replaced. Version {NEXT['version']} answers now; your entries are kept."
    )
    answered(page)
    expect(page.locator("#marrow_blasts_pct")).to_be_focused()
    assert page.input_value("#marrow_blasts_pct") == "1"
    assert page.input_value("#age_years") == "31"
    expect(page.locator("header .notice")).to_have_count(0)
    page.click("#clear")
    expect(page.locator("#renewed")).to_be_empty()
