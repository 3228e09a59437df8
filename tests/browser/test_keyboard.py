"""The page without a mouse, and without a screen."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.patient_page import (
    UNFOLD_FORM,
    answered,
    fill_example,
    percent,
    sent_after,
    unfold,
    wait_until,
)

CLIPBOARD = ["clipboard-read", "clipboard-write"]
MOST_TABS = 150
SCROLLS = "getComputedStyle(document.documentElement).scrollBehavior"
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5')].map((heading) => heading.tagName)"
KEYS = {
    "age_years": ["31"],
    "marrow_blasts_pct": ["6", "2"],
    "prior_lines": ["3"],
    "prior_blinatumomab": ["ArrowDown", "ArrowDown", "ArrowDown"],
    "prior_inotuzumab-true": ["Space", "ArrowRight"],
    "dose_1e6_per_kg": ["1"],
    "target_antigen": ["ArrowDown"],
}
"""What is pressed in the required fields, in the order of the form."""

MEANT = {
    "age_years": 31,
    "marrow_blasts_pct": 62,
    "prior_lines": 3,
    "prior_blinatumomab": "nonresponder",
    "prior_inotuzumab": False,
    "target_antigen": "cd19",
    "dose_1e6_per_kg": 1,
}


MOST_STOPS_BEFORE_ANSWER = 30
FOCUSED = "document.activeElement.id || document.activeElement.querySelector(':scope > h3')?.id || ''"


def focused(page: Page) -> str:
    """Give the id of what has the keyboard; of a panel's summary, that of its title."""
    place: str = page.evaluate(FOCUSED)
    return place


def tab_to(page: Page, place: str, *, key: str = "Tab") -> None:
    """Press Tab until the keyboard is there; it must be seen where it is."""
    for _ in range(MOST_TABS):
        if focused(page) == place:
            return
        page.keyboard.press(key)
    pytest.fail(f"{place} is not reached by {MOST_TABS} times {key}; the keyboard is at {focused(page)}")


def test_a_patient_is_entered_and_copied_by_keyboard_alone(open_page) -> None:
    """From the load on: Tab, figures, arrows, F8 with the note folded; then its button by Tab and Enter."""
    page = open_page("/", permissions=CLIPBOARD)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    *first, (last, last_keys) = KEYS.items()
    for place, keys in first:
        tab_to(page, place)
        for key in keys:
            page.keyboard.press(key) if len(key) > 2 else page.keyboard.type(key)
    tab_to(page, last)
    assert sent_after(page, lambda: page.keyboard.press(*last_keys)) == MEANT
    answered(page)
    page.keyboard.press("F8")
    expect(page.locator(".said")).to_have_text("Copied.")
    expect(page.locator(".said")).to_be_visible()
    expect(page.locator("#note")).to_be_hidden()
    note = page.evaluate("navigator.clipboard.readText()")
    assert note == page.input_value("#note")
    page.evaluate("navigator.clipboard.writeText('')")
    tab_to(page, "takeaway-title")
    page.keyboard.press("Enter")
    tab_to(page, "copy")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_text("Copied.")
    wait_until(page, "(note) => navigator.clipboard.readText().then((text) => text === note)", arg=note)


def test_the_example_the_units_and_the_preferences_are_reached_by_keyboard(open_page) -> None:
    """Everything that a mouse can do on the form."""
    page = open_page("/")
    tab_to(page, "theme")
    page.keyboard.press("ArrowDown")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    tab_to(page, "example")
    page.keyboard.press("Enter")
    answered(page)
    tab_to(page, "creatinine_mg_dl")
    page.keyboard.type("88")
    answered(page)
    tab_to(page, "creatinine_mg_dl-unit")
    sent = sent_after(page, lambda: page.keyboard.press("ArrowDown"))
    assert sent["creatinine_mg_dl"] == pytest.approx(88 / 88.42)
    answered(page)
    tab_to(page, "creatinine_mg_dl", key="Shift+Tab")
    page.keyboard.press("Control+A")
    assert "creatinine_mg_dl" not in sent_after(page, lambda: page.keyboard.press("Delete"))
    tab_to(page, "dose_1e6_per_kg-by-itself", key="Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "dose_1e6_per_kg-by-inputs"
    page.keyboard.press("Tab")
    assert focused(page) == "dose_total_1e6"


def test_the_answer_is_few_stops_away(page: Page) -> None:
    """With the values that are needed: the form is short, each of its folded parts is one stop."""
    fill_example(page)
    page.evaluate("document.activeElement.blur()")
    page.focus("#age_years")
    stops = 1
    while not page.evaluate("document.activeElement.closest('#answer') !== null"):
        assert stops < MOST_STOPS_BEFORE_ANSWER, focused(page)
        page.keyboard.press("Tab")
        stops += 1


@pytest.mark.parametrize(("name", "stop"), [("ferritin_ug_l", ""), ("refractory_to_last_line", "-true")])
def test_what_a_field_means_is_said_while_the_keyboard_is_in_it(page: Page, name: str, stop: str) -> None:
    """Below it, and to those who hear it always."""
    fill_example(page)
    page.evaluate(UNFOLD_FORM)
    field = page.locator(f'#form [data-field="{name}"]')
    meaning = field.locator(f"#{name}-means")
    expect(meaning).to_be_hidden()
    expect(meaning).to_have_text(re.compile(r"\S"))
    described = field.locator("[aria-describedby]").or_(
        page.locator(f'[data-field="{name}"][aria-describedby]')
    )
    assert meaning.get_attribute("id") in (described.first.get_attribute("aria-describedby") or "").split()
    page.focus(f"#{name}{stop}")
    expect(meaning).to_be_visible()
    page.focus("#age_years")
    expect(meaning).to_be_hidden()


def test_an_edit_leaves_the_keyboard_where_it_is(open_page) -> None:
    """The answer is drawn anew beside it."""
    page = open_page("/")
    fill_example(page)
    page.focus("#age_years")
    page.keyboard.press("End")
    page.keyboard.type(".5")
    answered(page)
    page.keyboard.type("1")
    assert focused(page) == "age_years"
    assert page.input_value("#age_years") == "31.51"


def test_where_the_keyboard_is_can_be_seen(open_page) -> None:
    """Each stop of Tab through the page with an answer has an outline, its own or its frame's."""
    page = open_page("/")
    fill_example(page)
    page.evaluate("document.activeElement.blur()")
    unseen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        unseen.add(
            page.evaluate("""() => {
            const outlined = (place) => place && getComputedStyle(place).outlineStyle !== "none"
                && parseFloat(getComputedStyle(place).outlineWidth) >= 2;
            const at = document.activeElement;
            const seen = [at, at.closest(".amount"), at.nextElementSibling].some(outlined);
            return seen || at === document.body ? "" : at.id || at.className || at.tagName;
        }""")
        )
    assert unseen == {""}


def test_the_answer_is_spoken(open_page, address: str) -> None:
    """Every risk with its interval in a live region, a moment after it is shown; silence without."""
    page = open_page("/")
    spoken = page.locator("#spoken")
    expect(spoken).to_have_attribute("aria-live", "polite")
    expect(spoken).to_be_empty()
    with page.expect_response("**/risk") as answer:
        page.click("#example")
    for outcome in answer.value.json()["outcomes"]:
        low, high = (percent(outcome["interval"][end]) for end in ("low", "high"))
        expect(spoken).to_contain_text(f"{percent(outcome['risk'])} of 100, {low} to {high}.")
    page.fill("#age_years", "")
    expect(spoken).to_be_empty()


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_every_control_has_a_name(open_page, locale: str) -> None:
    """As a screen reader computes it: no two fields of the form share one, and none has a key for a name."""
    page = open_page("/", locale=locale)
    fill_example(page)
    unfold(page)
    for role in ("textbox", "combobox", "radio", "button", "link"):
        assert page.get_by_role(role).count() == page.get_by_role(role, name=re.compile(r"\S")).count() > 0
    names = page.locator("#form label[for]").all_inner_texts()
    assert len(names) == len(set(names))
    assert not any("_" in name or "." in name for name in names)


def test_headings_form_an_outline(open_page) -> None:
    """One first heading, and no level is skipped on the way down."""
    page = open_page("/")
    fill_example(page)
    levels = [int(tag[1]) for tag in page.evaluate(HEADINGS)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_motion_is_only_for_those_who_do_not_mind(open_page) -> None:
    """Who asked their system for less of it sees none."""
    page = open_page("/", reduced_motion="no-preference")
    assert page.evaluate(SCROLLS) == "smooth"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(SCROLLS) == "auto"
    fill_example(page)
    assert page.evaluate("document.getAnimations().length") == 0
