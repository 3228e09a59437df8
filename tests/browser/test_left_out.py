"""An optional value that cannot be used does not remove the answer, which is without it and says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.conftest import OpenPage
from tests.browser.patient_page import (
    FULL,
    NO_NUMBER,
    answered,
    assert_explained,
    enter,
    fill_example,
    invalid,
    problem,
    sent_after,
)

WRONG_OPTIONAL = (
    ("ferritin_ug_l", "1,200", "Ferritin", NO_NUMBER),
    ("ecog", "1.5", "ECOG", "Must be a whole number, 0 to 4."),
    ("hemoglobin_g_dl", "900", "Hemoglobin", "Must be 2 to 25 g/dL."),
)
"""Optional field, what is typed, its name in the list of values left out, and what the page says of it."""


@pytest.mark.parametrize(("name", "typed", "label", "words"), WRONG_OPTIONAL)
def test_an_optional_value_that_cannot_be_right_is_left_out_by_name(
    page: Page, name: str, typed: str, label: str, words: str
) -> None:
    """The answer is that of the patient without the value, and says so until the value is put right."""
    fill_example(page)
    risks = page.locator(".risk").all_inner_texts()
    enter(page, name, "")
    page.locator(f"#{name}").press_sequentially(typed[:-1])
    answered(page)
    sent = sent_after(page, lambda: page.locator(f"#{name}").press_sequentially(typed[-1]))
    assert sent == EXAMPLE
    assert_explained(page, name, words)
    expect(page.locator(".left-out")).to_contain_text(label)
    answered(page)
    assert page.locator(".risk").all_inner_texts() == risks
    assert f"{typed}" not in page.input_value("#note")
    enter(page, name, FULL[name])
    answered(page)
    expect(page.locator(".left-out")).to_have_count(0)
    assert (problem(page, name), invalid(page, name)) == ("", False)


@pytest.mark.allowed_console("status of 422")
def test_an_optional_value_that_the_service_refuses_is_left_out_by_name(page: Page) -> None:
    """In the service's words beside its field; the rest of the patient is answered."""
    fill_example(page)
    with page.expect_response(
        lambda answer: answer.url.endswith("/risk") and answer.status == 422
    ) as refusal:
        enter(page, "inotuzumab_response", "responder")
    (refused,) = refusal.value.json()["problems"]
    expect(page.locator(".left-out")).to_contain_text("inotuzumab")
    answered(page)
    assert problem(page, refused["field"]) != ""
    enter(page, "prior_inotuzumab", True)
    expect(page.locator(".left-out")).to_have_count(0)
    answered(page)
    assert problem(page, refused["field"]) == ""


@pytest.mark.allowed_console("status of 422")
@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-GB", "Split dose needs “CAR+ cells, total”: the sum of all parts."),
        ("ru-RU", "Для «Дробное введение» нужно поле «CAR+ клетки, всего»: сумма всех частей."),
    ],
)
def test_a_value_that_needs_another_is_left_out_in_the_language_of_the_page(
    open_page: OpenPage, locale: str, words: str
) -> None:
    """A dose in parts without their total: the answer is that of the patient without it."""
    page = open_page("/", locale=locale)
    fill_example(page)
    risks = page.locator(".risk").all_inner_texts()
    enter(page, "split_dose", True)
    expect(page.locator(".left-out")).to_contain_text(words.split("»")[0].split("«")[-1].split(" needs")[0])
    answered(page)
    assert problem(page, "split_dose") == words
    assert page.locator(".risk").all_inner_texts() == risks
    expect(page.locator("#trouble")).to_be_empty()


@pytest.mark.allowed_console("status of 422")
def test_a_refusal_names_fields_by_their_titles(open_page: OpenPage) -> None:
    """In Russian too: a needed value that contradicts the product is not passed over."""
    page = open_page("/", locale="ru-RU")
    fill_example(page)
    enter(page, "product", "brexucabtagene")
    enter(page, "target_antigen", "cd22")
    expect(page.locator("#target_antigen-problem")).to_contain_text("не соответствует препарату")
    for place in ("#target_antigen-problem", "#trouble"):
        assert "target_antigen" not in page.inner_text(place)
