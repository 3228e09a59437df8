"""A number that cannot be right, or is likelier in another unit, prompts a question with buttons."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe
from tests.browser.patient_page import UNFOLD_FORM, answered, fill_example, problem, sent_after


@pytest.fixture
def page(page: Page) -> Page:
    return filled(page)


def filled(page: Page) -> Page:
    """Fill in the example and unfold the form."""
    fill_example(page)
    page.evaluate(UNFOLD_FORM)
    return page


def write(page: Page, name: str, text: str) -> None:
    """Type a text and wait for the answer, which is without the value as long as it cannot be used."""
    page.fill(f"#{name}", text)
    answered(page)


def ask(page: Page, name: str) -> str:
    """Read the question beside a field."""
    return page.inner_text(f"#{name}-ask")


def press(page: Page, name: str, words: str) -> None:
    """Press a button of the question beside a field."""
    page.locator(f"#{name}-ask").get_by_role("button", name=words).click()


def test_a_number_in_another_unit_is_accepted_by_one_button(page: Page) -> None:
    """80 of creatinine cannot be mg/dL; the unit is set, the number stays as it was typed."""
    write(page, "creatinine_mg_dl", "80")
    assert problem(page, "creatinine_mg_dl") == "Must be 0.05 to 20 mg/dL."
    assert "Is it µmol/L? Then the value is 0.905 mg/dL." in ask(page, "creatinine_mg_dl")
    sent = sent_after(page, lambda: press(page, "creatinine_mg_dl", "Yes"))
    assert sent["creatinine_mg_dl"] == pytest.approx(80 / 88.42)
    assert page.input_value("#creatinine_mg_dl") == "80"
    assert page.input_value("#creatinine_mg_dl-unit") == "umol/L"
    assert page.evaluate("document.activeElement.id") == "creatinine_mg_dl"
    assert (problem(page, "creatinine_mg_dl"), ask(page, "creatinine_mg_dl")) == ("", "")


def test_a_possible_number_is_answered_and_asked_about(page: Page) -> None:
    """A day's dose of fludarabine; the warning is the service's, the question the page's."""
    sent = sent_after(page, lambda: page.fill("#fludarabine_mg_m2", "30"))
    answered(page)
    assert sent["fludarabine_mg_m2"] == 30
    expect(page.locator('.cautions [data-code="perhaps_another_unit"]')).to_have_count(1)
    again = sent_after(page, lambda: press(page, "fludarabine_mg_m2", "for 4 days"))
    assert again["fludarabine_mg_m2"] == 120
    answered(page)
    assert page.input_value("#fludarabine_mg_m2") == "120"
    expect(page.locator('.cautions [data-code="perhaps_another_unit"]')).to_have_count(0)


def test_a_possible_number_may_be_kept(page: Page) -> None:
    """Until another is typed."""
    write(page, "marrow_blasts_pct", "0.62")
    assert "Then the value is 62 %." in ask(page, "marrow_blasts_pct")
    press(page, "marrow_blasts_pct", "No, keep 0.62 %")
    assert ask(page, "marrow_blasts_pct") == ""
    write(page, "marrow_blasts_pct", "0.63")
    sent = sent_after(page, lambda: press(page, "marrow_blasts_pct", "Yes"))
    assert sent["marrow_blasts_pct"] == 63


def test_a_limit_of_the_laboratory_is_used_with_a_mark(page: Page) -> None:
    """Never silently: until a button is pressed it is no value, and the answer says so."""
    assert "ferritin_ug_l" not in sent_after(page, lambda: page.fill("#ferritin_ug_l", ">2000"))
    answered(page)
    expect(page.locator(".left-out")).to_contain_text("Ferritin")
    assert problem(page, "ferritin_ug_l") == "This is a detection limit, not a value."
    sent = sent_after(page, lambda: press(page, "ferritin_ug_l", "Use 2000"))
    assert sent["ferritin_ug_l"] == 2000
    assert page.inner_text("#ferritin_ug_l-note") == "Entered as > 2000; the limit itself is used."
    answered(page)
    expect(page.locator(".left-out")).to_have_count(0)
    write(page, "ferritin_ug_l", "<5")
    assert "ferritin_ug_l" not in sent_after(page, lambda: press(page, "ferritin_ug_l", "Unknown"))


def test_a_number_with_its_unit_is_read(page: Page) -> None:
    """The field's own; another one is asked about."""
    assert sent_after(page, lambda: page.fill("#marrow_blasts_pct", "47 %"))["marrow_blasts_pct"] == 47
    answered(page)
    write(page, "crp_mg_l", "2,5 mg/dL")
    assert "Then the value is 25 mg/L." in ask(page, "crp_mg_l")
    assert sent_after(page, lambda: press(page, "crp_mg_l", "Yes"))["crp_mg_l"] == 25


def test_a_number_in_two_ways_is_offered_in_both(page: Page) -> None:
    """A thousands separator or a decimal comma."""
    write(page, "ferritin_ug_l", "1,250")
    assert sent_after(page, lambda: press(page, "ferritin_ug_l", "1250"))["ferritin_ug_l"] == 1250


def test_another_patient_has_no_question_of_the_last(page: Page) -> None:
    """What was kept, and the mark of a limit, are forgotten."""
    page.fill("#hemoglobin_g_dl", "5.2")
    press(page, "hemoglobin_g_dl", "No, keep")
    page.click("#clear")
    assert ask(page, "hemoglobin_g_dl") == ""
    page.fill("#hemoglobin_g_dl", "5.2")
    assert "mmol/L" in ask(page, "hemoglobin_g_dl")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_questions_can_be_read_by_everybody(open_page, locale: str, scheme: str) -> None:
    """No rule of accessibility is broken, no key of a text shows, nothing overflows."""
    page = open_page("/", width=1366, height=768, locale=locale, scheme=scheme)
    filled(page)
    for name, text in (("creatinine_mg_dl", "80"), ("fludarabine_mg_m2", "30"), ("ferritin_ug_l", ">2000")):
        page.fill(f"#{name}", text)
    words = " ".join(ask(page, name) for name in ("creatinine_mg_dl", "fludarabine_mg_m2", "ferritin_ug_l"))
    assert not re.search(r"asks\.|[{}]|undefined|NaN", words)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
