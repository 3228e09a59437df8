"""Nothing leaves the page before it is in the record; in the silent phase no risk is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from serving.http.record_use import USE_HEADER
from tests.browser.patient_page import answered, enter, fill_example
from tests.browser.serving_process import served
from tests.kept_answers import KeptAnswers, kept_answers
from tests.recorded_site import read_rows

CLIPBOARD = ["clipboard-read", "clipboard-write"]
PRINTED = "window.printed = 0; window.print = () => { window.printed += 1; };"
NOT_DONE = "Not done, because the record of this service cannot be written. Try again; report it if it lasts."


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptAnswers:
    """Make the settings of a record."""
    return kept_answers(tmp_path_factory.mktemp("record"))


@pytest.fixture(scope="module")
def address(chromium: str, kept: KeptAnswers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve with this record."""
    with served(tmp_path_factory.mktemp("recorded"), record=kept.file) as address:
        yield address


class Waiting:
    """Questions for the record wait until the test lets them go; others do not."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        self.hold = True
        page.route("**/risk", self._route)

    def _route(self, route: Route) -> None:
        if self.hold and route.request.headers.get(USE_HEADER) != "typing":
            self.held.append(route)
        else:
            route.continue_()

    def let_go(self, page: Page) -> None:
        """Send them on, after they have arrived."""
        while not self.held:
            page.wait_for_timeout(25)
        while self.held:
            self.held.pop().continue_()


def test_nothing_leaves_the_page_before_it_is_recorded(open_page, kept: KeptAnswers) -> None:
    """Neither to the clipboard nor to a printer or a file; the record has each use."""
    page = open_page(None, permissions=CLIPBOARD)
    page.add_init_script(PRINTED)
    page.goto("/")
    waiting = Waiting(page)
    fill_example(page)
    assert read_rows(kept) == []
    page.evaluate("navigator.clipboard.writeText('before')")
    page.keyboard.press("F8")
    expect(page.locator(".said")).to_have_text("Writing to the record …")
    assert page.evaluate("navigator.clipboard.readText()") == "before"
    waiting.let_go(page)
    expect(page.locator(".said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#note")
    page.click(".takeaway > summary")
    page.click("#print")
    expect(page.locator(".said")).to_have_text("Writing to the record …")
    assert page.evaluate("window.printed") == 0
    waiting.let_go(page)
    expect(page.locator(".said")).to_have_text("")
    assert page.evaluate("window.printed") == 1
    waiting.hold = False
    with page.expect_download() as download:
        page.click("#download")
    saved = json.loads(Path(download.value.path()).read_text())
    rows = read_rows(kept)
    assert [(row["origin"], row["use"]) for row in rows] == [
        ("page", "copied"),
        ("page", "printed"),
        ("page", "exported"),
    ]
    assert saved["prediction_id"] == rows[-1]["prediction_id"]


@pytest.mark.allowed_console("status of 503")
def test_what_cannot_be_recorded_does_not_leave(open_page) -> None:
    """The page says so, and does nothing."""
    page = open_page(None, permissions=CLIPBOARD)
    page.add_init_script(PRINTED)
    page.goto("/")
    fill_example(page)
    page.route(
        "**/risk",
        lambda route: route.fulfill(status=503, json={"error": "the record cannot be written"}),
    )
    page.evaluate("navigator.clipboard.writeText('before')")
    page.click(".takeaway > summary")
    for button in ("#copy", "#print", "#download"):
        page.click(button)
        expect(page.locator(".said")).to_have_text(NOT_DONE)
    assert page.evaluate("navigator.clipboard.readText()") == "before"
    assert page.evaluate("window.printed") == 0


def test_without_a_clipboard_the_selection_is_copied_after_the_record(open_page, kept: KeptAnswers) -> None:
    """As on a page that is not encrypted."""
    page = open_page(None, permissions=CLIPBOARD)
    page.add_init_script("Object.defineProperty(window, 'ClipboardItem', { value: undefined });")
    page.goto("/")
    fill_example(page)
    before = len(read_rows(kept))
    page.keyboard.press("F8")
    expect(page.locator(".said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#note")
    assert len(read_rows(kept)) == before + 1


def test_the_page_about_the_software_says_what_the_record_keeps(open_page) -> None:
    """Risks and outcomes are readable there; what was entered is not."""
    page = open_page("/about")
    expect(page.locator("#privacy")).to_contain_text(
        "Its risks and the outcomes that are reported to it are readable"
    )
    expect(page.locator("#privacy")).not_to_contain_text("No patient data are stored")


def test_in_the_silent_phase_no_risk_is_shown(
    open_page, browser, watched, tmp_path: Path, chromium: str
) -> None:
    """A patient is recorded by choice, and gets a number."""
    silent = kept_answers(tmp_path, more="shadow = true\n")
    with served(tmp_path / "served", record=silent.file) as address:
        page = browser.new_page()
        try:
            page.goto(address, wait_until="networkidle")
            fill_example(page)
            expect(page.locator(".silent h3")).to_have_text("Silent phase")
            assert page.locator(".outcome, .options-panel, .todays-list, #copy").count() == 0
            assert read_rows(silent) == []
            page.click("#record")
            expect(page.locator(".silent .said")).to_contain_text("Recorded.")
            (row,) = read_rows(silent)
            assert page.input_value(".record-id") == row["prediction_id"]
            assert (row["origin"], row["use"], row["shown"]) == ("page", "answer", False)
            enter(page, "age_years", 44)
            answered(page)
            expect(page.locator(".record-id")).to_be_hidden()
            page.select_option("#language", "ru")
            expect(page.locator(".silent h3")).to_have_text("Скрытая фаза")
        finally:
            page.close()
