"""The form: every field, its units and limits, what is not known, what is still needed."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import (
    DEBOUNCED_MILLISECONDS,
    FIELDS,
    FULL,
    INPUTS,
    NO_NUMBER,
    REQUIRED,
    answered,
    assert_explained,
    enter,
    enter_all,
    fill_example,
    forget,
    invalid,
    problem,
    sent_after,
)
from tests.browser.watched import Watched

OPTIONAL = [name for name in FULL if name not in REQUIRED]
OTHER_UNITS = (
    ("creatinine_mg_dl", "umol/L", "88", 88 / 88.42),
    ("creatinine_mg_dl", "mmol/L", "0.088", 88 / 88.42),
    ("crp_mg_l", "mg/dL", "1.2", 12),
    ("hemoglobin_g_dl", "g/L", "84", 8.4),
    ("hemoglobin_g_dl", "mmol/L", "5,2", 8.37928),
    ("ldh_u_l", "ukat/L", "5", 300),
    ("platelets_1e9_l", "cells per uL", "45 000", 45),
    ("anc_1e9_l", "cells per uL", "700", 0.7),
    ("months_from_hsct_to_relapse", "days", "365.25", 12),
    ("months_from_hsct_to_relapse", "years", "1.5", 18),
)
"""Field, unit, what is typed, and what it is in the schema's unit."""

NEED_MORE = {"inotuzumab_response", "split_dose"}
"""Choices that contradict what is not known of another field."""

WRONG = (
    ("age_years", "300", "Must be 0 to 100 years."),
    ("age_years", "thirty", NO_NUMBER),
    ("prior_lines", "2.5", "Must be a whole number, 0 to 20."),
    ("marrow_blasts_pct", "-1", "Must be 0 to 100 %."),
)
"""Needed field, what is typed, and what the page says of it."""

TYPED = "[...document.querySelectorAll('#form input[type=text]')].map((input) => input.value).join('')"
CHOSEN = """[...document.querySelectorAll('#form [data-field] :checked')]
    .filter((option) => !option.closest('.unit')).map((option) => option.value)"""


def asked(watched: Watched) -> list[object]:
    """List the patients that were asked about so far."""
    return [request.post_data_json for request in watched.requests if request.method == "POST"]


def test_the_full_patient_knows_every_field() -> None:
    """What the next test enters is everything that there is; a field added later must be added here."""
    assert set(FULL) == set(FIELDS) - INPUTS


def test_every_field_can_be_entered(page: Page) -> None:
    """And arrives as it was entered: a number as a number, a choice as its option, yes as true."""
    *first, (name, last) = FULL.items()
    enter_all(page, dict(first))
    answered(page)
    sent = sent_after(page, lambda: enter(page, name, last))
    assert sent == FULL
    assert {key: type(value) for key, value in sent.items() if isinstance(value, bool)} == {
        key: bool for key, value in FULL.items() if isinstance(value, bool)
    }


def test_every_choice_can_be_entered(page: Page) -> None:
    """Each option of each field that has any is sent by its own name.

    A field is emptied again where it may be, so that no two contradict each other.
    """
    fill_example(page)
    for name in sorted(FIELDS.keys() - NEED_MORE):
        options = options_of(name)
        current = EXAMPLE.get(name) if name in REQUIRED else None
        last = [current] if current is not None and options else []
        for option in [*(option for option in options if option != current), *last]:
            sent = sent_after(page, lambda name=name, option=option: enter(page, name, option))
            assert sent[name] == option
            answered(page)
        if name not in REQUIRED and options:
            forget(page, name)
            answered(page)


def test_choices_that_need_another_field_can_be_entered_with_it(page: Page) -> None:
    """A response to inotuzumab after inotuzumab, a split dose with the sum of its parts."""
    fill_example(page)
    enter(page, "prior_inotuzumab", True)
    answered(page)
    page.check("#dose_1e6_per_kg-by-inputs", force=True)
    page.fill("#dose_total_1e6", "84")
    sent_after(page, lambda: page.fill("#weight_kg", "70"))
    answered(page)
    for name in sorted(NEED_MORE):
        for option in options_of(name):
            sent = sent_after(page, lambda name=name, option=option: enter(page, name, option))
            assert sent[name] == option
            answered(page)


def options_of(name: str) -> list[object]:
    """Give what can be chosen of a field; nothing of a number."""
    return [True, False] if FIELDS[name]["kind"] == "boolean" else list(FIELDS[name]["options"])


def test_nothing_is_known_at_first(page: Page) -> None:
    """No field has a value that nobody gave, and nothing is asked; a blank number says that it is unknown."""
    assert page.evaluate(TYPED) == ""
    assert set(page.evaluate(CHOSEN)) == {""}
    for name in OPTIONAL:
        if FIELDS[name]["kind"] in ("number", "integer", "text"):
            expect(page.locator(f"#{name}")).to_have_attribute("placeholder", "Unknown")
        elif FIELDS[name]["kind"] == "boolean":
            expect(page.locator(f"#{name}-blank")).to_be_checked()
        else:
            expect(page.locator(f"#{name} option:checked")).to_have_text("Unknown")


def test_what_was_entered_can_be_unknown_again(page: Page) -> None:
    """A number, a choice of few, a choice of many, a yes or no."""
    fill_example(page)
    for name in ("crp_mg_l", "sex", "product", "tocilizumab_prophylaxis"):
        assert sent_after(page, partial(enter, page, name, FULL[name]))[name] == FULL[name]
        answered(page)
        assert name not in sent_after(page, partial(forget, page, name))
        answered(page)


def test_other_units_are_converted(page: Page) -> None:
    """The request has the schema's unit; the field shows what the number is in it."""
    fill_example(page)
    enter(page, "prior_allo_hsct", True)
    answered(page)
    for name, unit, typed, meant in OTHER_UNITS:
        forget(page, name)
        answered(page)
        page.select_option(f"#{name}-unit", unit)
        sent = sent_after(page, partial(enter, page, name, typed))
        assert sent[name] == pytest.approx(meant)
        answered(page)
        shown = re.search(r"= ([\d.]+)", page.inner_text(f"#{name}-note"))
        assert shown
        assert float(shown[1]) == pytest.approx(meant, rel=0.005)


def test_every_other_unit_is_tried() -> None:
    """A unit added later must be added here."""
    offered = {(name, unit["name"]) for name, spec in FIELDS.items() for unit in spec["units"][1:]}
    assert {(name, unit) for name, unit, *_ in OTHER_UNITS} == offered


def test_a_dose_may_be_given_as_total_and_weight(page: Page) -> None:
    """Then both are sent in its place, and both are needed."""
    fill_example(page)
    page.check("#dose_1e6_per_kg-by-inputs", force=True)
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    page.fill("#dose_total_1e6", "84")
    assert page.locator("#needed button").all_inner_texts() == ["Weight"]
    sent = sent_after(page, lambda: page.fill("#weight_kg", "70"))
    assert {name: sent.get(name) for name in ("dose_total_1e6", "weight_kg", "dose_1e6_per_kg")} == {
        "dose_total_1e6": 84,
        "weight_kg": 70,
        "dose_1e6_per_kg": None,
    }


def test_what_cannot_be_right_is_explained_as_it_is_typed(page: Page) -> None:
    """Beside its field, for the eye and for the ear; meanwhile there is no answer, the old one neither."""
    fill_example(page)
    for name, typed, words in WRONG:
        page.fill(f"#{name}", "")
        page.locator(f"#{name}").press_sequentially(typed)
        assert_explained(page, name, words)
        expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
        expect(page.locator("#shown")).to_be_hidden()
        page.fill(f"#{name}", str(FULL[name]))
        answered(page)
        assert problem(page, name) == ""
        assert not invalid(page, name)


def test_limits_are_those_of_the_chosen_unit(page: Page) -> None:
    """4 umol/L of creatinine is too little; 4 mg/dL is much."""
    enter(page, "creatinine_mg_dl", 4)
    assert not invalid(page, "creatinine_mg_dl")
    page.select_option("#creatinine_mg_dl-unit", "umol/L")
    assert problem(page, "creatinine_mg_dl") == "Must be 4.421 to 1768 µmol/L."


def test_a_comma_is_a_decimal_point(page: Page) -> None:
    """As most of the world writes it."""
    fill_example(page)
    assert sent_after(page, lambda: page.fill("#marrow_blasts_pct", "62,5"))["marrow_blasts_pct"] == 62.5


def test_what_is_needed_is_listed_until_it_is_there(page: Page) -> None:
    """In the order of the form; each entry leads to its field; nothing is asked before all is there."""
    needed = page.locator("#needed button")
    in_order = [name for name in FIELDS if name in REQUIRED]
    expect(needed).to_have_count(len(REQUIRED))
    for name in in_order:
        label = needed.first.inner_text()
        count = needed.count()
        needed.first.click()
        focused = page.evaluate("document.activeElement.closest('[data-field]').dataset.field")
        enter(page, focused, FULL[focused])
        assert label in page.locator(f'[data-field="{focused}"]').inner_text(), name
        expect(needed).to_have_count(count - 1)
    answered(page)


def test_nothing_is_asked_of_half_a_patient(page: Page, watched: Watched) -> None:
    """A question that the service must refuse is not sent."""
    enter_all(page, {name: FULL[name] for name in REQUIRED[:-1]})
    page.wait_for_timeout(DEBOUNCED_MILLISECONDS)
    assert asked(watched) == []


def test_clearing_forgets_everything(page: Page) -> None:
    """Of the next patient nothing is known, in every unit."""
    fill_example(page)
    enter(page, "creatinine_mg_dl", 88)
    page.select_option("#creatinine_mg_dl-unit", "umol/L")
    answered(page)
    page.click("#clear")
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    assert page.input_value("#creatinine_mg_dl") == ""
    assert page.input_value("#creatinine_mg_dl-unit") == "mg/dL"
    assert page.locator("#needed button").count() == len(REQUIRED)
    page.wait_for_timeout(1500)
    assert page.inner_text("#spoken") == ""


@pytest.mark.allowed_console("status of 422")
def test_what_only_the_service_knows_is_told_beside_the_field(page: Page) -> None:
    """A dose too high for the weight; the complaint goes when either of the two is put right."""
    fill_example(page)
    page.check("#dose_1e6_per_kg-by-inputs", force=True)
    page.fill("#dose_total_1e6", "5000")
    page.fill("#weight_kg", "2")
    expect(page.locator("#answer")).to_have_attribute("data-state", "refused")
    expect(page.locator("#shown")).to_be_hidden()
    assert problem(page, "dose_total_1e6") != ""
    assert invalid(page, "dose_total_1e6")
    expect(page.get_by_role("alert")).to_contain_text("rejected")
    page.fill("#weight_kg", "100")
    answered(page)
    assert problem(page, "dose_total_1e6") == ""
    assert not invalid(page, "dose_total_1e6")
    expect(page.locator("#trouble")).to_be_empty()


def test_the_age_of_a_laboratory_value_stays_in_the_page(page: Page) -> None:
    """Asked beside a value that was entered; in the note, flagged when stale, in no request."""
    fill_example(page)
    enter(page, "ferritin_ug_l", 1800)
    answered(page)
    sent = sent_after(page, lambda: page.fill("#ferritin_ug_l-age", "9"))
    assert sent == {**EXAMPLE, "ferritin_ug_l": 1800}
    answered(page)
    expect(page.locator(".age:visible .stale")).to_have_text("▲ older than 7 days")
    assert "Ferritin 1800 µg/L (9 days old, stale)" in page.input_value("#note")
    enter(page, "ferritin_ug_l", "")
    expect(page.locator("#ferritin_ug_l-age")).to_be_hidden()
