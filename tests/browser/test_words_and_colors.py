"""Language and theme, and that nothing else is remembered."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.patient_page import (
    FIELDS,
    FULL,
    INPUTS,
    STORED,
    answered,
    enter,
    enter_all,
    fill_example,
    unfold,
)

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
LATIN_WORD = re.compile(r"\b[A-Za-z]{4,}\b")
NAMES = {
    "EASIX",
    "ECOG",
    "ICANS",
    "ASTCT",
    "JSON",
    "cart",
    "outcomes",
    "English",
    "bbmt",
    "bloodadvances",
    "FELIX",
}
"""That are the same in every language: scores, scales, the software, studies, addresses of sources."""

TEXTS_SHOWN = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const place = walker.currentNode.parentElement;
        const silent = place.closest("[lang=en], script, style, noscript");
        if (!silent && place.checkVisibility()) found.push(walker.currentNode.data);
    }
    for (const named of document.querySelectorAll("[aria-label]"))
        if (!named.closest("[lang=en]")) found.push(named.getAttribute("aria-label"));
    found.push(document.querySelector("#note").value, document.title);
    return found.filter((text) => text.trim());
}"""
"""What is read on the page or read out, less what is marked as English."""

NO_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("forbidden", "SecurityError"); },
});"""


def label(page: Page, name: str) -> str:
    return page.locator(f'#form [data-field="{name}"]').locator("label, legend").first.inner_text()


def background(page: Page) -> str:
    color: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return color


def test_another_language_keeps_what_was_entered(page: Page) -> None:
    """Numbers, choices, units and the answer; only the words are others."""
    enter_all(page, FULL)
    page.select_option("#creatinine_mg_dl-unit", "umol/L")
    page.fill("#creatinine_mg_dl", "88")
    answered(page)
    fields = [name for name in FIELDS if name not in INPUTS]
    english = {name: label(page, name) for name in fields}
    risks = page.locator(".risk").all_inner_texts()
    page.select_option("#language", "ru")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    answered(page)
    assert page.input_value("#creatinine_mg_dl") == "88"
    assert page.input_value("#creatinine_mg_dl-unit") == "umol/L"
    assert page.input_value("#sex") == "female"
    assert page.is_checked("#ph_positive-true")
    assert page.input_value("#product") == "academic"
    assert page.locator(".risk").all_inner_texts() == risks
    for name, words in english.items():
        russian = label(page, name)
        assert not CYRILLIC.search(russian) or russian != words, name
    assert sum(bool(CYRILLIC.search(label(page, name))) for name in fields) > 0.8 * len(fields)


def test_the_language_is_remembered_and_keeps_the_keyboard(page: Page) -> None:
    """For the next visit; who chose it by keyboard is still there."""
    page.focus("#language")
    page.select_option("#language", "ru")
    expect(page.locator("h2#form-title")).to_have_text("Пациент")
    assert page.evaluate("document.activeElement.id") == "language"
    page.reload(wait_until="networkidle")
    expect(page.locator("html")).to_have_attribute("lang", "ru")


@pytest.mark.parametrize(
    "changed",
    [{}, {"age_years": 12, "product": "obecabtagene"}],
    ids=["adult", "child"],
)
def test_the_russian_page_speaks_russian(open_page, changed) -> None:
    """No English word that is not marked as such, so that it is read out as what it is."""
    page = open_page("/", locale="ru-RU")
    left_out = ("ferritin_ug_l", "product_name")
    enter_all(page, {name: value for name, value in FULL.items() if name not in left_out} | changed)
    answered(page)
    unfold(page)
    enter(page, "dose_1e6_per_kg", 2.4, prefix="option-1-")
    page.wait_for_selector("#options-table .results tr")
    shown = page.evaluate(TEXTS_SHOWN)
    foreign = [text for text in shown if set(LATIN_WORD.findall(text)) - NAMES]
    assert foreign == []


def test_the_theme_can_be_chosen(open_page) -> None:
    """Light, dark, or as the system has it; remembered."""
    page = open_page("/", scheme="dark")
    dark = background(page)
    page.select_option("#theme", "light")
    light = background(page)
    assert light != dark
    page.select_option("#theme", "dark")
    assert background(page) == dark
    page.select_option("#theme", "light")
    page.reload(wait_until="networkidle")
    assert background(page) == light
    page.select_option("#theme", "auto")
    assert background(page) == dark
    page.emulate_media(color_scheme="light")
    assert background(page) == light


def test_nothing_of_the_patient_outlives_the_page(page: Page, address: str) -> None:
    """Not in the address, the history, any store or cookie; only how the page looks is remembered."""
    page.select_option("#language", "ru")
    page.select_option("#language", "en")
    page.select_option("#theme", "light")
    before = page.evaluate("history.length")
    enter_all(page, FULL)
    answered(page)
    unfold(page)
    page.locator(".unknowns button, #copy").first.click()
    stored = page.evaluate(STORED)
    assert set(stored.pop("local")) <= {"language", "theme"}
    assert stored == {
        **{"session": [], "cookies": "", "databases": 0, "caches": 0, "workers": 0},
        **{"state": None, "name": "", "address": f"{address}/"},
    }
    assert page.evaluate("history.length") == before
    page.reload(wait_until="networkidle")
    assert page.input_value("#age_years") == ""
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")


def test_storage_may_be_forbidden(open_page) -> None:
    """Then the page works as ever, and forgets how it looked."""
    page = open_page(None)
    page.add_init_script(NO_STORAGE)
    page.goto("/", wait_until="networkidle")
    page.select_option("#language", "ru")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    fill_example(page)
