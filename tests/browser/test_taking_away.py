"""What leaves the page: the note for the chart, the answer as JSON, a sheet of paper."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import (
    FULL,
    WARNED,
    answered,
    enter_all,
    fill_example,
    percent,
    risk,
    with_severe_icans,
)

CLIPBOARD = ["clipboard-read", "clipboard-write"]
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
REFUSED_CLIPBOARD = "navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));"


SIZES = "parts => parts.map((part) => getComputedStyle(part).fontSize)"


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def press(page: Page, button: str) -> None:
    """Press a button of the note, which is folded at first."""
    expect(page.locator(button)).to_be_hidden()
    page.click(".takeaway > summary")
    page.click(button)


@pytest.mark.parametrize("act", ["key", "button"])
def test_the_note_is_copied(open_page, address: str, act: str) -> None:
    """By key from anywhere on the page, or by button; every risk, every interval, and what it is not for."""
    page = open_page("/", permissions=CLIPBOARD)
    fill_example(page)
    page.focus("#platelets_1e9_l")
    page.keyboard.press("F8") if act == "key" else press(page, "#copy")
    expect(page.locator(".said")).to_have_text("Copied.")
    expect(page.locator(".said")).to_be_visible()
    note = clipboard(page)
    assert note == page.input_value("#note")
    answer = risk(address, EXAMPLE)
    for outcome in answer["outcomes"]:
        low, high = (percent(outcome["interval"][end]) for end in ("low", "high"))
        assert f"{percent(outcome['risk'])} of 100 ({low} to {high}, " in note
    assert note.startswith("SYNTHETIC MODEL, NOT FOR PATIENTS.")
    assert note.endswith("Research use only.")
    assert answer["bundle"]["digest"][7:15] in note
    inputs, risks = note.splitlines()
    assert f"Age {EXAMPLE['age_years']} years, " in inputs
    assert risks.startswith("SYNTHETIC MODEL, NOT FOR PATIENTS.")


def test_the_note_names_inputs_and_scope(open_page, address: str) -> None:
    """Of a patient outside the intended use; above the risks, the page has the service's own sentences."""
    page = open_page("/")
    enter_all(page, WARNED)
    answered(page)
    note = page.input_value("#note")
    warnings = risk(address, WARNED)["warnings"]
    outside = [item["message"] for item in warnings if item["code"] == "outside_intended_use"]
    assert len(outside) == 2
    assert "OUTSIDE THE INTENDED USE: Age 9 years, Diagnosis B-LBL." in note
    assert page.locator(".outside-use li").all_inner_texts() == [
        f"{message} Entered: {value}." for message, value in zip(outside, ("9 years", "B-LBL"), strict=True)
    ]
    for words in ("Marrow blasts 62.5 %", "Age 9 years", "CAR+ cells per kg 30 ×10⁶/kg"):
        assert words in note
    assert "Unknown:" not in note


@pytest.mark.parametrize(
    ("script", "age"), [(NO_CLIPBOARD, "41"), (REFUSED_CLIPBOARD, "42")], ids=["absent", "refused"]
)
def test_the_note_is_copied_where_the_clipboard_is_denied(open_page, script: str, age: str) -> None:
    """Browsers keep it to encrypted pages; the keyboard stays where it was, and the note folded.

    Each case has a patient of its own: the clipboard is that of all tests.
    """
    page = open_page(None, permissions=CLIPBOARD)
    page.add_init_script(script)
    page.goto("/", wait_until="networkidle")
    fill_example(page)
    page.fill("#age_years", age)
    answered(page)
    page.focus("#platelets_1e9_l")
    page.keyboard.press("F8")
    expect(page.locator(".said")).to_have_text("Copied.")
    expect(page.locator("#note")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "platelets_1e9_l"
    note = page.input_value("#note")
    page.keyboard.press("Control+V")
    assert page.input_value("#platelets_1e9_l") == note.replace("\n", " ")
    assert f"Age {age} years" in note


def test_that_nothing_could_be_copied_is_said(open_page) -> None:
    """Never "copied" when it was not."""
    page = open_page(None)
    page.add_init_script(f"{REFUSED_CLIPBOARD} document.execCommand = () => false;")
    page.goto("/", wait_until="networkidle")
    fill_example(page)
    press(page, "#copy")
    expect(page.locator(".said")).to_have_text("Select the note and copy it.")


def test_without_an_answer_nothing_is_copied(open_page) -> None:
    """Not the note of the patient before either."""
    page = open_page("/", permissions=CLIPBOARD)
    fill_example(page)
    press(page, "#copy")
    expect(page.locator(".said")).to_have_text("Copied.")
    page.evaluate("navigator.clipboard.writeText('of somebody else')")
    page.fill("#age_years", "")
    page.keyboard.press("F8")
    assert clipboard(page) == "of somebody else"


def test_the_note_of_values_before_the_last_edit_is_not_copied(open_page) -> None:
    """While the answer to the new ones is on its way."""
    page = open_page("/", permissions=CLIPBOARD)
    fill_example(page)
    page.evaluate("navigator.clipboard.writeText('of somebody else')")
    page.route("**/risk", lambda _route: None)
    page.fill("#marrow_blasts_pct", "1")
    page.keyboard.press("F8")
    assert clipboard(page) == "of somebody else"


def test_the_downloaded_answer_is_the_answer(open_page, tmp_path: Path) -> None:
    """Whole, as the service gave it, under a name that says nothing of the patient."""
    page = open_page("/", accept_downloads=True)
    with page.expect_response("**/risk") as answer:
        page.click("#example")
    answered(page)
    with page.expect_download() as download:
        press(page, "#download")
    assert download.value.suggested_filename == "answer.json"
    download.value.save_as(tmp_path / "answer.json")
    assert json.loads((tmp_path / "answer.json").read_text()) == answer.value.json()


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
@pytest.mark.parametrize("patient", [EXAMPLE, FULL, WARNED], ids=["least", "full", "warned"])
def test_a_patient_is_one_sheet_of_paper(open_page, patient, locale: str) -> None:
    """A4, all outcomes and all that was entered, in the light colors whatever the screen's are."""
    page = open_page("/", locale=locale, scheme="dark")
    page.route("**/risk", with_severe_icans)
    enter_all(page, patient)
    answered(page)
    expect(page.locator("[data-outcome]")).to_have_count(3)
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    (box,) = set(re.findall(rb"/MediaBox \[([\d. ]+)\]", sheet))
    assert [round(float(edge)) for edge in box.split()] in ([0, 0, 595, 842], [0, 0, 596, 842])


def test_paper_has_what_counts_and_nothing_to_click(open_page) -> None:
    """Risks on their line, reasons, what was entered, what the screen has folded; no form, no buttons."""
    page = open_page("/")
    enter_all(page, FULL)
    answered(page)
    page.emulate_media(media="print")
    strips = (".risk", ".range", ".plot", ".axis", ".chip", ".in-short")
    for seen in (*strips, ".entered", ".notice", "#use", ".sheet-warning", ".sheet-behind"):
        expect(page.locator(seen).first).to_be_visible()
    texts = page.locator(".in-short, .entered p, .sheet-warning, .sheet-behind, .range, #use")
    sizes = texts.evaluate_all(SIZES)
    assert len(set(sizes)) == 1
    for unseen in ("#form", "#copy", "#nav", "#preferences", ".options-panel", "#brief"):
        expect(page.locator(unseen)).to_be_hidden()
    entered = page.inner_text(".entered")
    for words in ("31.5", "Female", "62.5 %", "412 U/L", "4-1BB"):
        assert words in entered


def test_paper_has_the_warnings_above_the_risks_and_every_published_rate(open_page) -> None:
    """Also the rates that are folded on the screen; dark colors of the screen stay there."""
    page = open_page("/", scheme="dark")
    enter_all(page, WARNED)
    answered(page)
    page.emulate_media(media="print")
    for seen in (".outside-use", ".product-unknown", ".entered"):
        expect(page.locator(seen)).to_be_visible()
    assert {each.evaluate("part => getComputedStyle(part).backgroundColor") for each in bands(page)} == {
        "rgb(255, 255, 255)"
    }
    for rate in page.locator("[data-rate]").all():
        assert rate.evaluate("part => part.checkVisibility({ contentVisibilityAuto: true })")
    expect(page.locator(".further")).to_be_hidden()


def bands(page: Page) -> list[Locator]:
    return page.locator(".outside-use, .product-unknown").all()
