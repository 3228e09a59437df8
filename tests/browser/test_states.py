"""Relapse, death without it and remission on the page: numbers that add up, and the day that is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.accessibility import axe
from tests.browser.looks import LANGUAGES, SCHEMES
from tests.browser.patient_page import answered, card, fill_example, percent, risk, sent_after, unfold
from tests.browser.serving_process import served
from tests.composed_bundle import make_composed_bundle

MAIN = ["severe_crs", "severe_icans", "relapse"]
NOTEBOOK = (1366, 768)


@pytest.fixture(scope="module")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a bundle of every outcome to this module."""
    with served(tmp_path_factory.mktemp("states"), bundle=make_composed_bundle()) as address:
        yield address


def counts(page: Page, section: str) -> dict[int, list[int]]:
    """Read the whole numbers of the states by horizon; "less than 1" is 0."""
    rows = page.locator(f"{section} [data-horizon]")
    return {
        int(row.get_attribute("data-horizon") or 0): [
            0 if text.startswith("less") else int(text) for text in row.locator("td strong").all_inner_texts()
        ]
        for row in rows.all()
    }


def assert_states(found: dict[int, list[int]], curve: list[dict[str, Any]]) -> None:
    """They add up to 100; each is within one of the service's number, and the first is that number."""
    assert list(found) == [point["horizon_days"] for point in curve]
    for point, whole in zip(curve, found.values(), strict=True):
        risks = [*(state["risk"] for state in point["outcomes"].values()), point["neither"]["risk"]]
        assert sum(whole) == 100
        assert whole[0] == percent(risks[0])
        assert all(abs(each - 100 * share) < 1 for each, share in zip(whole, risks, strict=True))


def test_three_states_add_up_to_a_hundred_at_every_horizon(page: Page, address: str) -> None:
    """In the strip of relapse by its headline horizon, unfolded by each."""
    fill_example(page)
    assert page.locator(".over-time tbody:visible").count() == 0
    expect(card(page, "relapse").locator(".of-states")).to_be_visible()
    expect(card(page, "relapse").locator(".icons")).to_have_count(0)
    items = card(page, "relapse").locator("[data-state] strong").all_inner_texts()
    unfold(page)
    (family,) = risk(address, EXAMPLE)["states"]
    found = counts(page, '[data-from="infusion"]')
    assert_states(found, family["curve"])
    assert [int(item) for item in items] == found[365]
    assert card(page, "relapse").locator(".risk").inner_text() == items[0]
    expect(card(page, "relapse").get_by_role("img").first).to_have_attribute(
        "aria-label", re.compile(rf"{items[0]} no response.*{items[1]} death.*{items[2]} alive in remission")
    )


def test_the_day_is_asked_and_the_states_after_it_are_shown(page: Page, address: str) -> None:
    """By key, with the keyboard kept; the risks from the infusion stay, and another patient has no day."""
    fill_example(page)
    page.click(".over-time > summary")
    assert page.locator("[data-from]").count() == 1
    before = page.locator(".risk").all_inner_texts()
    sent = sent_after(page, lambda: page.locator("#event-free-day-90").check(force=True))
    assert sent == {**EXAMPLE, "event_free_on_day": 90}
    page.wait_for_selector('[data-from="90"]')
    (family,) = risk(address, sent)["event_free"]
    assert_states(counts(page, '[data-from="90"]'), family["curve"])
    expect(page.locator('[data-from="90"] h4')).to_have_text("If alive and event-free on day 90")
    assert "if alive and event-free on day 90: " in page.input_value("#note")
    assert page.locator(".risk").all_inner_texts() == before
    answered(page)
    page.locator("#event-free-day-90").focus()
    assert sent_after(page, lambda: page.keyboard.press("ArrowRight"))["event_free_on_day"] == 180
    page.wait_for_selector('[data-from="180"]')
    assert page.evaluate("document.activeElement.id") == "event-free-day-180"
    assert sent_after(page, lambda: page.click("#example")) == EXAMPLE
    answered(page)
    assert page.locator("[data-from]").count() == 1
    assert "event-free on day" not in page.input_value("#note")


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_the_main_outcomes_are_in_one_column_and_the_others_follow(open_page: Any, locale: str) -> None:
    """On a notebook every main strip is in sight; each other outcome is there once, with its reasons."""
    width, height = NOTEBOOK
    page = open_page("/", width=width, height=height, locale=locale)
    fill_example(page)
    cards = page.locator(".outcome")
    assert [each.get_attribute("data-outcome") for each in cards.all()] == MAIN
    boxes = [each.bounding_box() for each in cards.locator(".headline").all()]
    assert len({round(box["x"]) for box in boxes if box}) == 1
    parts = cards.locator(".headline, .chip, .in-short, .state-list").all()
    assert len(parts) == 3 * len(MAIN) + 1
    for box in [*boxes, *(each.bounding_box() for each in parts)]:
        assert box
        assert box["y"] + box["height"] <= height
    others = page.locator(".compact")
    assert others.count() == page.locator("[data-outcome]").count() - len(MAIN)
    assert others.locator(".why").count() == others.count()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("locale", "schemes"), [("en-GB", SCHEMES), ("ru-RU", SCHEMES[::-1])], ids=LANGUAGES)
def test_axe_finds_nothing_serious_in_the_states(
    open_page: Any, locale: str, schemes: tuple[str, str]
) -> None:
    """All unfolded, after a day, on a telephone and on a desk; light in one language, dark in the other."""
    page = open_page("/", locale=locale)
    fill_example(page)
    page.click(".over-time > summary")
    page.locator("#event-free-day-30").check(force=True)
    page.wait_for_selector('[data-from="30"]')
    answered(page)
    unfold(page)
    for width, scheme in zip((360, 1366), schemes, strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe(page) == [], (scheme, width)


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_every_outcome_and_state_is_on_one_sheet_of_paper(open_page: Any, locale: str) -> None:
    """With the states after the day that was asked, but not the question."""
    page = open_page("/", locale=locale)
    fill_example(page)
    page.click(".over-time > summary")
    page.locator("#event-free-day-60").check(force=True)
    page.wait_for_selector('[data-from="60"]')
    page.click(".over-time > summary")
    answered(page)
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    page.emulate_media(media="print")
    for seen in ('[data-from="infusion"] table', '[data-from="60"] table', ".state-list", "[data-sheet]"):
        expect(page.locator(seen).first).to_be_visible()
    expect(page.locator(".event-free")).to_be_hidden()


def test_reasons_of_a_composed_risk_say_among_whom(page: Page, address: str) -> None:
    """With the risk among them, so that reasons and number agree."""
    fill_example(page)
    unfold(page)
    composed = [outcome for outcome in risk(address, EXAMPLE)["outcomes"] if outcome["among"]]
    assert len(composed) == 3
    for outcome in composed:
        words = card(page, outcome["name"]).locator(".among").inner_text()
        assert outcome["among"]["words"] in words
        assert f": {percent(outcome['among']['risk'])}. " in words
