"""That a page's faults would be noticed: what every other test of this folder relies on."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.accessibility import axe
from tests.browser.watched import Watched

WRONG = """() => {
    console.error("said");
    console.log("passing remark");
    setTimeout(() => { throw new Error("thrown"); });
    new Image().src = "http://elsewhere.invalid/picture.png";
}"""
"""A script that does all of it."""


def test_faults_are_noticed(browser: Browser, address: str) -> None:
    """Console errors, errors that nothing catches, other hosts; each by name."""
    watched = Watched(address)
    with browser.new_context(base_url=address) as profile:
        watched.follow(profile)
        page = profile.new_page()
        page.goto("/")
        with page.expect_event("pageerror"), page.expect_event("requestfailed"):
            page.evaluate(WRONG)
    faults = watched.faults()
    assert "error: said ()" in faults
    assert any(fault.startswith("uncaught: Error: thrown") for fault in faults)
    assert "asked another host: http://elsewhere.invalid/picture.png" in faults
    assert not any("passing remark" in fault for fault in faults)


def test_what_is_allowed_is_let_pass() -> None:
    """By a pattern, in the console alone."""
    watched = Watched("http://127.0.0.1:1", ["error: status of 422 ()", "error: other ()"], ["uncaught: 422"])
    assert watched.faults(["status of 4"]) == ["error: other ()", "uncaught: 422"]


def test_no_other_host_is_reached(browser: Browser) -> None:
    """The browser looks up no name, its own maker's neither."""
    with browser.new_context() as profile:
        answer = profile.new_page().goto("data:text/html,<title>t</title>")
        assert answer is None
        failure = profile.pages[0].evaluate(
            "fetch('http://example.com/', {mode: 'no-cors'}).then(() => 'reached', (error) => error.message)"
        )
    assert failure == "Failed to fetch"


def test_axe_finds_what_is_wrong(blank_page: Page) -> None:
    """An image without words, on a page made for it."""
    image = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    blank_page.set_content(f"<html lang='en'><title>t</title><main><h1>h</h1>{image}</main></html>")
    (violation,) = axe(blank_page)
    assert violation.startswith("image-alt (critical) at img: ")


def test_axe_finds_faint_text(blank_page: Page) -> None:
    """Contrast, which needs a real browser to be measured."""
    faint = "<p style='color: #ccc'>Hard to read</p>"
    blank_page.set_content(f"<html lang='en'><title>t</title><main><h1>h</h1>{faint}</main></html>")
    (violation,) = axe(blank_page)
    assert violation.startswith("color-contrast (serious) at p: ")
