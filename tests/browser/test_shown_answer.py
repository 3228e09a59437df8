"""The answer on the page is the service's, to the shown digit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from serving.answers.product_rates import listed_products
from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import (
    FULL,
    answered,
    card,
    enter,
    enter_all,
    fill_example,
    percent,
    risk,
    unfold,
)

PATIENTS: Mapping[str, Mapping[str, Any]] = {
    "least": EXAMPLE,
    "full": FULL,
    "other": {**EXAMPLE, "age_years": 64, "marrow_blasts_pct": 1, "prior_blinatumomab": "none"},
}

ON_A_FIELD = "document.activeElement.closest('#form [data-field]') !== null"


@pytest.fixture(params=PATIENTS, name="patient")
def _patient(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    return PATIENTS[request.param]


def test_the_numbers_are_those_of_the_service(page: Page, address: str, patient: Mapping[str, Any]) -> None:
    """Of every outcome: the risk and its interval; unfolded, a hundred circles and both sides."""
    enter_all(page, patient)
    answered(page)
    assert all(number.is_visible() for number in page.locator(".risk, .range").all())
    assert page.locator(".icons:visible").count() == 0
    unfold(page)
    outcomes = risk(address, patient)["outcomes"]
    assert page.locator("[data-outcome]").count() == len(outcomes)
    for outcome in outcomes:
        shown, whole = card(page, outcome["name"]), percent(outcome["risk"])
        low, high = (percent(outcome["interval"][end]) for end in ("low", "high"))
        expect(shown.locator(".risk")).to_have_text(str(whole))
        expect(shown.locator(".range")).to_contain_text(f"{low} to {high}")
        assert shown.locator(".icons circle").count() == 100
        assert shown.locator(".icons circle.with").count() == whole
        numbers = re.findall(r"\d+", shown.locator(".hundred figcaption").inner_text())
        assert {"100", str(whole), str(100 - whole)} <= set(numbers)


def test_the_average_and_easix_stand_beside(page: Page, address: str) -> None:
    """In words as well as on the scale; without its inputs, what EASIX needs."""
    fill_example(page)
    first = risk(address, EXAMPLE)["outcomes"][0]
    unfold(page)
    compared = card(page, first["name"]).locator(".compared")
    line = card(page, first["name"]).get_by_role("img").first
    expect(line).to_have_attribute(
        "aria-label", re.compile(f"average: {percent(first['cohort_average'])} of 100")
    )
    expect(compared).to_contain_text(f"{percent(first['cohort_average'])} of 100")
    expect(compared).to_contain_text("EASIX needs LDH, creatinine and platelets.")
    inputs = {name: FULL[name] for name in ("ldh_u_l", "creatinine_mg_dl", "platelets_1e9_l")}
    enter_all(page, inputs)
    answered(page)
    easix = risk(address, {**EXAMPLE, **inputs})["outcomes"][0]["easix"]["risk"]
    expect(compared).to_contain_text(f"EASIX alone: {percent(easix)} of 100")
    expect(line).to_have_attribute("aria-label", re.compile(f"EASIX alone: {percent(easix)} of 100"))


def test_the_course_is_told_at_every_horizon(page: Page, address: str) -> None:
    """As a table of the same numbers as the curve."""
    fill_example(page)
    unfold(page)
    outcome = next(one for one in risk(address, EXAMPLE)["outcomes"] if len(one["curve"]) > 1)
    rows = page.locator(".over-time tbody tr")
    told = [[int(cell) for cell in row.locator("td").all_inner_texts()] for row in rows.all()]
    assert told == [[percent(point[part]) for part in ("risk", "low", "high")] for point in outcome["curve"]]


def test_sources_lead_to_doi_org_without_saying_from_where(page: Page) -> None:
    """In a tab of their own, which learns nothing of this one."""
    fill_example(page)
    unfold(page)
    links = page.locator(".sources a")
    assert links.count() > 0
    for link in links.all():
        assert (link.get_attribute("href") or "").startswith("https://doi.org/10.")
        assert {"noreferrer", "noopener"} <= set((link.get_attribute("rel") or "").split())
        assert link.get_attribute("target") == "_blank"


@pytest.mark.parametrize("lines", [5, None], ids=["at first", "unfolded"])
def test_the_risk_without_each_publication_is_that_of_the_service(
    page: Page, address: str, lines: int | None
) -> None:
    """The farthest first, five before it is unfolded; only whole percents that differ from the risk's."""
    fill_example(page)
    for summary in page.locator(".more-about > summary").all():
        summary.click()
    if lines is None:
        unfold(page)
    for outcome in risk(address, EXAMPLE)["outcomes"]:
        expected = [
            f"Without {', '.join(each['sources'])}: {percent(each['risk'])} of 100"
            for each in outcome["without_source"]
            if percent(each["risk"]) != percent(outcome["risk"])
        ]
        assert len(expected) > 5
        shown = card(page, outcome["name"]).locator(".without-source li:visible")
        assert shown.all_inner_texts() == expected[:lines]
    links = page.locator(".without-source a:visible")
    assert links.count() > 0
    for link in links.all():
        assert {"noreferrer", "noopener"} <= set((link.get_attribute("rel") or "").split())


def test_what_is_unknown_leads_to_its_field(page: Page, address: str) -> None:
    """The costliest first; known at last, it is gone from the list."""
    fill_example(page)
    unknowns = page.locator(".unknowns")
    unknowns.locator("summary").first.click()
    costs = risk(address, EXAMPLE)["outcomes"][0]["missing_costs"]
    first = unknowns.locator("tbody button").first
    expect(first).to_contain_text("EASIX")
    assert costs[0]["field"] == "easix"
    first.click()
    assert page.evaluate("document.activeElement.id") == costs[0]["inputs"][0]
    ferritin = unknowns.get_by_role("button", name="Ferritin")
    ferritin.first.click()
    assert page.evaluate("document.activeElement.id") == "ferritin_ug_l"
    enter(page, "ferritin_ug_l", FULL["ferritin_ug_l"])
    answered(page)
    expect(ferritin).to_have_count(0)


def test_every_unknown_leads_to_its_field(page: Page) -> None:
    """No button leads nowhere."""
    fill_example(page)
    page.click(".unknowns > summary")
    for button in page.locator(".unknowns button").all():
        page.evaluate("document.activeElement.blur()")
        page.evaluate(
            "document.querySelectorAll('#groups details').forEach((part) => { part.open = false; })"
        )
        button.click()
        assert page.evaluate(ON_A_FIELD), button.inner_text()
        assert page.evaluate("document.activeElement.checkVisibility()"), button.inner_text()


def test_of_a_patient_fully_known_nothing_is_listed_as_unknown(page: Page) -> None:
    """The panel is gone."""
    enter_all(page, FULL)
    answered(page)
    expect(page.locator(".unknowns")).to_have_count(0)


def test_a_child_is_outside_of_the_intended_use(page: Page, address: str) -> None:
    """Said above the risks, which are subdued; an adult's are not."""
    fill_example(page)
    expect(page.locator('[data-code="outside_intended_use"]')).to_have_count(0)
    color = page.locator(".risk").first.evaluate("part => getComputedStyle(part).color")
    enter(page, "age_years", 12)
    answered(page)
    (sentence,) = page.locator(".outside-use li").all_inner_texts()
    (warning,) = [
        item
        for item in risk(address, {**EXAMPLE, "age_years": 12})["warnings"]
        if item["code"] == "outside_intended_use"
    ]
    assert sentence == f"{warning['message']} Entered: 12 years."
    first = page.locator(".risk").first
    assert first.evaluate("part => getComputedStyle(part).color") != color
    band, number = page.locator(".outside-use ul").bounding_box(), first.bounding_box()
    assert band
    assert number
    assert band["y"] + band["height"] < number["y"]
    enter(page, "age_years", 40)
    answered(page)
    expect(page.locator(".outside-use")).to_have_count(0)
    assert first.evaluate("part => getComputedStyle(part).color") == color


@pytest.mark.parametrize("product", listed_products())
def test_a_listed_product_is_shown_with_its_published_rates(page: Page, address: str, product: str) -> None:
    """Beside the risk of each outcome: all rates that the answer has, the source as a link or a citation."""
    fill_example(page)
    expect(page.locator(".product-unknown, .product-rates")).to_have_count(0)
    enter(page, "product", product)
    answered(page)
    unfold(page)
    expect(page.locator(".product-unknown")).to_contain_text(page.inner_text("#product option:checked"))
    answer = risk(address, {**EXAMPLE, "product": product})
    (warning,) = [item for item in answer["warnings"] if item["code"] == "product_not_in_model"]
    for outcome in answer["outcomes"]:
        rates = [rate for rate in warning["details"]["rates"] if rate["outcome"] == outcome["name"]]
        shown = card(page, outcome["name"]).locator("[data-rate]")
        assert [line.get_attribute("data-rate") for line in shown.all()] == [rate["id"] for rate in rates]
        for line, rate in zip(shown.all_inner_texts(), rates, strict=True):
            share = "0" if rate["events"] == 0 else f"{100 * rate['rate']:.3g} %"
            assert f"{share} of {rate['n']}" in line
            for part in (*(rate[name] for name in ("cohort", "population", "definition")), *rate["sources"]):
                assert part in line
    enter(page, "product", "academic")
    answered(page)
    expect(page.locator(".product-unknown, .product-rates")).to_have_count(0)


def test_every_warning_of_the_service_is_shown(page: Page, address: str) -> None:
    """Except the one that stands at the top of the page all the time; none twice."""
    patient = {**EXAMPLE, "age_years": 9, "product": "obecabtagene"}
    enter_all(page, patient)
    answered(page)
    warnings = [warning["code"] for warning in risk(address, patient)["warnings"]]
    shown = [line.get_attribute("data-code") for line in page.locator("#shown [data-code]").all()]
    assert sorted([*shown, "synthetic_training_cohort"]) == sorted(warnings)
    expect(page.get_by_role("note")).to_contain_text("SYNTHETIC")
