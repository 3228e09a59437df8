"""Today's list in a browser: saved as a file that only its password opens, gone with the page."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.patient_page import answered, enter, fill_example

PASSWORD = "correct horse battery"


def opened(page: Page) -> Page:
    """Unfold the list."""
    page.click(".todays-list > summary")
    return page


def imported(page: Page, file: Path, password: str) -> None:
    page.fill("#list-password", password)
    page.set_input_files("#list-file", file)


def test_a_list_is_saved_and_opened_again(open_page, tmp_path: Path) -> None:
    """Nothing of a patient is legible in the file; the page keeps nothing; a patient is shown as entered."""
    page = opened(open_page("/", accept_downloads=True))
    fill_example(page)
    page.click("#list-add")
    enter(page, "age_years", 50)
    answered(page)
    page.click("#list-add")
    page.fill("#list-password", PASSWORD)
    with page.expect_download() as download:
        page.click("#list-export")
    file = tmp_path / "list.json"
    download.value.save_as(file)
    assert set(json.loads(file.read_text())) == {"format", "kdf", "iterations", "salt", "iv", "data"}
    page.reload(wait_until="networkidle")
    opened(page)
    expect(page.locator("#list-title")).to_have_text("Today's list (0)")
    imported(page, file, "another password")
    expect(page.locator(".list-said")).to_have_text("The password does not open this file.")
    imported(page, file, PASSWORD)
    expect(page.locator("#list-title")).to_have_text("Today's list (2)")
    page.locator(".todays-list tbody tr").nth(1).get_by_text("Open").click()
    answered(page)
    assert page.input_value("#age_years") == "50"
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
