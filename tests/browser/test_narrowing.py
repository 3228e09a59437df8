"""The form follows the answer: it offers the missing values that narrow it most, and holds still."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import (
    FORM,
    FULL,
    REQUIRED,
    answered,
    enter,
    fill_example,
    places,
    risk,
)

ONE_POINT = 0.005
MOST_OFFERED = 6
SETTLED_MILLISECONDS = 50
COSTLY = (
    "crp_mg_l",
    "ferritin_ug_l",
    "hemoglobin_g_dl",
    "mrd_pct",
    "anc_1e9_l",
    "ecog",
    "months_from_hsct_to_relapse",
    "fludarabine_mg_m2",
)
"""More fields than are offered at once, the costliest first."""

OFFERED = """() => [...document.querySelectorAll('[data-group=narrowing] [data-field]')]
    .map((field) => field.dataset.field)"""
FOCUSED = "document.activeElement.closest('[data-field]')?.dataset.field"
MARK = '(name) => { document.querySelector(`#form [data-field="${name}"]`).marked = true; }'
PLACE = """(name) => {
    const field = document.querySelector(`#form [data-field="${name}"]`);
    return { top: field.getBoundingClientRect().top, marked: field.marked === true };
}"""


def offered(page: Page) -> list[str]:
    found: list[str] = page.evaluate(OFFERED)
    return found


def ranked(address: str, patient: dict[str, object]) -> list[str]:
    """List the missing fields that narrow an interval by a point or more, the costliest first."""
    answer, widest, inputs = risk(address, patient), {}, {}
    for outcome in answer["outcomes"]:
        for cost in outcome["missing_costs"]:
            widest[cost["field"]] = max(cost["width"], widest.get(cost["field"], 0))
            inputs[cost["field"]] = cost["inputs"] or [cost["field"]]
    rows = sorted((row for row in widest if widest[row] >= ONE_POINT), key=lambda row: -widest[row])
    return [name for row in rows for name in inputs[row] if name in answer["missing"]]


def with_many_costs(route: Route) -> None:
    """Answer as if many missing fields narrowed the intervals, whatever else is missing."""
    response = route.fetch()
    answer = response.json()
    for outcome in answer["outcomes"]:
        outcome["missing_costs"] = [
            {"field": name, "title": name, "inputs": [], "width": 0.2 - 0.02 * place}
            for place, name in enumerate(COSTLY)
            if name in answer["missing"]
        ]
    route.fulfill(response=response, json=answer)


def test_every_field_is_in_one_group(page: Page) -> None:
    """Needed ones and the product first; nothing is offered before there is an answer to narrow."""
    found = places(page)
    needed = {name for name, group in found.items() if group == "needed"}
    assert needed == {*REQUIRED, *FORM["first"], *FORM["asked_if"]}
    assert offered(page) == []
    assert page.locator('[data-group="narrowing"] .note').is_visible()
    for group in ("others", "unused"):
        expect(page.locator(f'details[data-group="{group}"]')).not_to_have_attribute("open", "")
    in_topics = page.locator('details[data-group="others"] .topic [data-field]').count()
    assert in_topics == sum(group == "others" for group in found.values()) > 0


def test_the_costliest_missing_values_are_offered(page: Page, address: str) -> None:
    """As the service ranks them for this patient; known at last, the answer offers them no more."""
    fill_example(page)
    expected = ranked(address, dict(EXAMPLE))
    assert offered(page) == expected[:MOST_OFFERED]
    assert "ldh_u_l" in offered(page)
    page.click("#clear")
    assert offered(page) == []


@pytest.mark.parametrize("many", [False, True], ids=["of the service", "of many"])
def test_a_value_that_is_entered_stays_and_the_next_best_follows(
    page: Page, address: str, many: bool
) -> None:
    """With the keyboard in it: neither it nor the fields above it move; later all are in order again."""
    if many:
        page.route("**/risk", with_many_costs)
    fill_example(page)
    before = offered(page)
    order = list(COSTLY) if many else ranked(address, dict(EXAMPLE))
    assert before == order[:MOST_OFFERED]
    first = before[0]
    page.focus(f"#{first}")
    page.wait_for_timeout(SETTLED_MILLISECONDS)
    page.evaluate(MARK, first)
    place = page.evaluate(PLACE, first)
    page.keyboard.type(str(FULL[first]))
    answered(page)
    rest = order[1:] if many else ranked(address, {**EXAMPLE, first: FULL[first]})
    following = [name for name in rest if name not in before][: MOST_OFFERED + 1 - len(before)]
    assert bool(following) == many
    assert offered(page) == [*before, *following]
    assert page.evaluate(FOCUSED) == first
    assert page.evaluate(PLACE, first) == place
    page.keyboard.press("Tab")
    page.focus("#age_years")
    page.wait_for_timeout(SETTLED_MILLISECONDS)
    assert offered(page) == [first, *rest[:MOST_OFFERED]]
    assert page.input_value(f"#{first}") == str(FULL[first])


def test_a_folded_field_that_is_entered_stays(page: Page) -> None:
    """Also where its value changes what is offered."""
    fill_example(page)
    others = [name for name, group in places(page).items() if group == "others"]
    for name in others:
        page.evaluate("document.querySelector('details[data-group=others]').open = true")
        if not page.locator(f"input#{name}").is_visible():
            continue
        page.focus(f"#{name}")
        page.keyboard.type(str(FULL[name]))
        answered(page)
        assert page.evaluate(FOCUSED) == name
        assert places(page)[name] == "others"


@pytest.mark.parametrize("outside", ["#example", '[data-group="others"] > summary'])
def test_a_press_lands_where_it_was_aimed(page: Page, outside: str) -> None:
    """What the page moves when the keyboard leaves a field waits for the release of the pointer."""
    fill_example(page)
    first, *_ = offered(page)
    enter(page, first, FULL[first])
    answered(page)
    page.evaluate("document.querySelectorAll('#groups details').forEach((part) => { part.open = false; })")
    target = page.locator(outside)
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(200)
    assert target.bounding_box() == box
    page.mouse.up()
    if outside == "#example":
        answered(page)
        assert page.input_value(f"#{first}") == ""
    else:
        expect(page.locator('details[data-group="others"]')).to_have_attribute("open", "")
