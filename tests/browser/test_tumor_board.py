"""What a tumor board takes from the page: a sheet of paper, two lines for the chart, readable strips."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import answered, fill_example
from tests.browser.serving_process import served
from tests.composed_bundle import make_composed_bundle
from tests.readers.tumor_board_screens import AFTER_TRANSPLANT, CHILD, MRD_ONLY, OBE_CEL, enter_patient

NOTEBOOK = {"width": 1366, "height": 768}
PATIENTS = {"obe_cel": OBE_CEL, "mrd_only": MRD_ONLY, "after_transplant": AFTER_TRANSPLANT, "child": CHILD}

COVERED = """() => {
    const boxes = (part, found) => [...part.querySelectorAll(found)]
        .map((each) => each.getBoundingClientRect());
    const apart = (one, other) => one.right <= other.left || other.right <= one.left
        || one.bottom <= other.top || other.bottom <= one.top;
    return [...document.querySelectorAll("[data-outcome] .drawing")]
        .filter((drawing) => drawing.checkVisibility())
        .flatMap((drawing) => {
            const [line] = boxes(drawing, ".plot");
            const [named] = boxes(drawing, ".named");
            const under = boxes(drawing, ".mark, .dot, .interval, .part");
            const inside = named.left >= line.left - 1 && named.right <= line.right + 1;
            return inside && under.every((each) => apart(named, each)) ? [] : [drawing.textContent];
        });
}"""
"""Drawings of which the names cover a mark, or are wider than the line."""

SIZE = "part => [part.scrollHeight, part.clientHeight]"
TOP = "part => part.getBoundingClientRect().top"


@pytest.fixture(scope="module")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a bundle of every outcome to this module."""
    with served(tmp_path_factory.mktemp("tumor_board"), bundle=make_composed_bundle()) as address:
        yield address


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
@pytest.mark.parametrize("patient", PATIENTS.values(), ids=PATIENTS)
def test_every_patient_is_one_sheet(open_page, patient: Mapping[str, Any], locale: str) -> None:
    """With eight outcomes, two options and a day after the infusion; every outcome is on it."""
    page = open_page("/", locale=locale, **NOTEBOOK)
    enter_patient(page, patient)
    page.click("#add-option")
    page.fill("#option-1-dose_1e6_per_kg", "0.3")
    page.fill("#option-2-dose_1e6_per_kg", "3")
    page.locator("#options-table .results tr").first.wait_for()
    page.click(".over-time > summary")
    page.check("#event-free-day-90", force=True)
    page.wait_for_selector('[data-from="90"]')
    answered(page)
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    assert page.locator("[data-sheet]").count() == page.locator(".compact").count() == 5
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 726, "height": 1085})
    assert page.evaluate("document.documentElement.scrollWidth") <= 726


def with_comparators(*shares: float) -> Any:
    """Answer with other comparators of every outcome: the average, EASIX, a score."""

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        for outcome in body["outcomes"]:
            average, easix, score = shares
            outcome["cohort_average"] = average
            outcome["easix"] = {"index": 2.0, "risk": easix}
            outcome["scores"] = [
                {
                    "name": "car_hematotox",
                    "title": "CAR-HEMATOTOX",
                    "points": 3,
                    "risk": score,
                    "inputs": [],
                    "source": "10.1182/blood.2020010543",
                }
            ]
        route.fulfill(response=response, json=body)

    return answer


@pytest.mark.parametrize("width", [360, 768, 1366])
def test_names_of_marks_cover_nothing(open_page, width: int) -> None:
    """At any values: near one another, at an end, apart."""
    page = open_page("/", width=width, height=768)
    fill_example(page)
    page.click(".further-outcomes > summary")
    for age, shares in enumerate(
        [(0.35, 0.39, 0.41), (0, 0.001, 0.002), (1, 0.998, 0.997), (0.02, 0.5, 0.98), (0.56, 0.56, 0.56)], 30
    ):
        page.route("**/risk", with_comparators(*shares), times=1)
        page.fill("#age_years", str(age))
        answered(page)
        assert page.locator(".named:visible").count() == 7
        assert page.evaluate(COVERED) == []


def test_the_note_is_seen_wholly(open_page) -> None:
    """Without scrolling in it; a part that is opened comes into sight."""
    page = open_page("/", **NOTEBOOK)
    enter_patient(page, AFTER_TRANSPLANT)
    page.click(".takeaway > summary")
    note = page.locator("#note")
    needed, shown = note.evaluate(SIZE)
    assert needed <= shown
    page.wait_for_timeout(100)
    assert 0 <= note.evaluate(TOP) < note.evaluate("part => part.getBoundingClientRect().bottom") <= 768
    assert len(page.input_value("#note")) < 800


def test_scope_stays_in_sight(open_page) -> None:
    """That the model is synthetic and the risks are not for this patient, wherever one scrolls."""
    page = open_page("/", **NOTEBOOK)
    enter_patient(page, CHILD)
    notice, heading = page.locator(".notice").first, page.locator(".outside-use h3")
    for scroll in (0, 10_000):
        page.evaluate("down => { document.getElementById('answer').scrollTop = down; }", scroll)
        assert 0 <= heading.evaluate(TOP) < 120
    page.evaluate("scrollTo(0, 10000)")
    assert notice.evaluate(TOP) == 0
    assert notice.get_attribute("data-outside") == "Outside the intended use"
    assert page.locator(".chip[data-status=outside]").count() == page.locator(".chip").count() > 0


def test_an_old_value_marks_the_outcomes_that_use_it(page: Page) -> None:
    """Beside the risk, in the note; never in the request."""
    fill_example(page)
    page.fill("#age_years", str(EXAMPLE["age_years"]))
    enter_patient(page, {"ferritin_ug_l": 2900})
    page.evaluate("document.querySelectorAll('#groups details').forEach((part) => { part.open = true; })")
    assert page.locator(".stale-use").count() == 0
    page.fill("#ferritin_ug_l-age", "12")
    answered(page)
    page.locator(".stale-use").first.wait_for()
    assert page.locator(".stale-use").first.inner_text() == "▲ uses ferritin 12 days old"
    assert "2900 µg/L (12 days old, stale)" in page.input_value("#note")
