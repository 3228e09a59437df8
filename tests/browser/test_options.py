"""Options side by side: the service's own numbers, paired, and what stays while the patient changes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.accessibility import axe
from tests.browser.looks import SCHEMES
from tests.browser.patient_page import answered, enter, fill_example, percent
from tests.browser.serving_process import served
from tests.composed_bundle import make_composed_bundle

RESULTS = "#options-table .results"


@pytest.fixture(scope="module")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a bundle of every outcome to this module."""
    with served(tmp_path_factory.mktemp("options"), bundle=make_composed_bundle()) as address:
        yield address


def compared(address: str, patient: Mapping[str, Any], *options: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the service for options without the page."""
    body = json.dumps({"patient": dict(patient), "options": list(options)}).encode()
    request = urllib.request.Request(f"{address}/risk/options", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def signed(share: float) -> str:
    whole = percent(abs(share)) if share >= 0 else -percent(abs(share))
    return "0" if whole == 0 else f"{whole:+d}".replace("-", "−")


def asked(page: Page, act: Any) -> dict[str, Any]:
    """Do something, and give the options that the page then asks about."""
    with page.expect_response("**/risk/options") as response:
        act()
    body: dict[str, Any] = response.value.request.post_data_json
    return body


def cells(page: Page, name: str) -> list[str]:
    return page.locator(f'{RESULTS} [data-result="{name}"] td').all_inner_texts()


def test_each_option_has_its_risk_and_the_paired_difference(page: Page, address: str) -> None:
    """Of every main outcome, and of the states that belong to them."""
    fill_example(page)
    expect(page.locator(f"{RESULTS} tr")).to_have_count(0)
    body = asked(page, lambda: enter(page, "dose_1e6_per_kg", 0.3, prefix="option-1-"))
    assert body == {"patient": EXAMPLE, "options": [{"dose_1e6_per_kg": 0.3}]}
    page.wait_for_selector(f"{RESULTS} tr")
    answer = compared(address, EXAMPLE, {"dose_1e6_per_kg": 0.3})
    (option,) = answer["options"]
    for before, after in zip(answer["base"]["outcomes"], option["outcomes"], strict=True):
        if not before["main"]:
            continue
        entered, other = cells(page, before["name"])
        assert entered == str(percent(before["risk"]))
        low, high = (signed(after["difference"][end]) for end in ("low", "high"))
        change = percent(after["risk"]) - percent(before["risk"])
        assert other.split()[0] == str(percent(after["risk"]))
        assert other.split()[1] == (f"{change:+d}".replace("-", "−") if change else "0")
        assert (f"({low} to {high})" if low != high else f"({low})") in other
    assert page.locator(f"{RESULTS} [data-result]").count() == 5
    words = page.locator(".trade-off svg").get_attribute("aria-label") or ""
    assert words.startswith("A: Severe CRS")
    assert "; B: Severe CRS" in words
    assert page.locator(".cross").count() == 2


def with_followed_dose(route: Route) -> None:
    """Answer as a model that uses the product, with which the dose changes."""
    answer = route.fetch()
    body = answer.json()
    followed = {"field": "dose_1e6_per_kg", "value": 1.68, "unit": "10^6 CAR+ cells/kg", "followed": True}
    body["options"][0]["changed"].append({**followed, "moves": []})
    route.fulfill(response=answer, json=body)


def test_a_column_shows_the_value_that_follows_from_the_choice(page: Page) -> None:
    """Not "As entered" where the answer is for another dose; that again without the option."""
    page.route("**/risk/options", with_followed_dose)
    fill_example(page)
    dose = page.locator("#option-1-dose_1e6_per_kg")
    expect(dose).to_have_attribute("placeholder", "As entered")
    enter(page, "marrow_blasts_pct", 2, prefix="option-1-")
    page.wait_for_selector(f"{RESULTS} tr")
    expect(dose).to_have_attribute("placeholder", "1.68")
    expect(page.locator(".option-remarks")).to_contain_text(
        "B: follows from the choice: CAR+ cells per kg 1.68"
    )
    enter(page, "marrow_blasts_pct", "", prefix="option-1-")
    expect(dose).to_have_attribute("placeholder", "As entered")


@pytest.mark.parametrize(("part", "color"), [(".key.published", "rgb(59, 98, 168)")])
def test_the_squares_of_a_legend_are_printed_in_color(page: Page, part: str, color: str) -> None:
    """A browser leaves out the backgrounds of what does not ask for them."""
    fill_example(page)
    page.emulate_media(media="print")
    style = (
        "(square) => { const { printColorAdjust, backgroundColor } = getComputedStyle(square, '::before');"
    )
    found = page.locator(part).first.evaluate(f"{style} return [printColorAdjust, backgroundColor]; }}")
    assert found == ["exact", color]
    keys = page.locator(".state-key").all()
    assert {key.evaluate("(square) => getComputedStyle(square).printColorAdjust") for key in keys} == {
        "exact"
    }


def test_options_follow_the_patient_and_are_gone_with_another(page: Page) -> None:
    """An edit of the patient asks again with the same options; another patient has none."""
    fill_example(page)
    enter(page, "dose_1e6_per_kg", 0.3, prefix="option-1-")
    page.wait_for_selector(f"{RESULTS} tr")
    body = asked(page, lambda: enter(page, "age_years", 60))
    assert body == {"patient": {**EXAMPLE, "age_years": 60}, "options": [{"dose_1e6_per_kg": 0.3}]}
    assert page.input_value("#option-1-dose_1e6_per_kg") == "0.3"
    page.click("#example")
    answered(page)
    assert page.input_value("#option-1-dose_1e6_per_kg") == ""
    expect(page.locator(f"{RESULTS} tr")).to_have_count(0)


def test_options_and_rows_are_added_and_removed_by_keyboard(page: Page) -> None:
    """The keyboard moves to what was added; three options are the most."""
    fill_example(page)
    page.focus("#add-option")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id").startswith("option-2-")
    body = asked(page, lambda: enter(page, "marrow_blasts_pct", 2, prefix="option-2-"))
    assert body["options"] == [{"marrow_blasts_pct": 2}]
    page.wait_for_selector(f"{RESULTS} tr")
    assert cells(page, "severe_crs")[1] == ""
    page.click("#add-option")
    expect(page.locator("#add-option")).to_have_count(0)
    page.locator(".remove").first.click()
    assert page.input_value("#option-1-marrow_blasts_pct") == "2"
    expect(page.locator("#add-option")).to_be_visible()


@pytest.mark.allowed_console("status of 422")
def test_a_refused_option_leaves_the_answer(page: Page) -> None:
    """What is wrong is beside its field, and the patient's own risks stay."""
    fill_example(page)
    enter(page, "dose_1e6_per_kg", 0.3, prefix="option-1-")
    page.wait_for_selector(f"{RESULTS} tr")
    enter(page, "dose_1e6_per_kg", 900, prefix="option-1-")
    expect(page.locator("#option-1-dose_1e6_per_kg-problem")).to_contain_text("0.001 to 50")
    expect(page.locator(f"{RESULTS} tr")).to_have_count(0)
    expect(page.locator(".risk").first).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_axe_finds_nothing_in_options(open_page: Any, locale: str) -> None:
    """Three options with every row, in both color schemes, on a telephone and on a desk."""
    page = open_page("/", locale=locale)
    fill_example(page)
    page.click("#add-option")
    page.click("#add-option")
    enter(page, "dose_1e6_per_kg", 0.3, prefix="option-1-")
    page.wait_for_selector(f"{RESULTS} tr")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in (360, 1366):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert axe(page) == [], (scheme, width)


def test_options_are_on_paper_without_their_controls(page: Page) -> None:
    """The table with its numbers; neither buttons nor the picture."""
    fill_example(page)
    enter(page, "dose_1e6_per_kg", 0.3, prefix="option-1-")
    page.wait_for_selector(f"{RESULTS} tr")
    page.emulate_media(media="print")
    expect(page.locator(f"{RESULTS} tr").first).to_be_visible()
    for unseen in ("#add-option", ".trade-off", ".todays-list"):
        expect(page.locator(unseen)).to_be_hidden()
