"""The page with an answer, everything unfolded, on every screen, in every color and language."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import EVERY_IMPACT, axe
from tests.browser.looks import HEIGHTS, SCHEMES, WIDTHS
from tests.browser.patient_page import WARNED, answered, enter, enter_all, unfold, wait_until
from tests.browser.serving_process import served
from tests.composed_bundle import make_composed_bundle

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
WIDE = (320, 360, 480, 683, 768, 1024, 1366, 1440, 1920)
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((place) => {
    const box = place.getBoundingClientRect();
    const within = place.closest(".wide, .unseen, svg");
    return box.width && !within && (box.right > document.documentElement.clientWidth + 1 || box.left < -1)
        && place.checkVisibility() && getComputedStyle(place).position !== "absolute";
}).map((place) => place.outerHTML.slice(0, 80))"""
"""What reaches over the side of the page."""

CROWDED = """() => [...document.querySelectorAll(".plot")].filter((plot) => plot.checkVisibility())
    .flatMap((plot) => {
        const outcome = plot.closest("[data-outcome]");
        const box = (part) => {
            const inside = document.createRange();
            inside.selectNodeContents(part);
            return (part.matches(".range") ? inside : part).getBoundingClientRect();
        };
        const { left, right } = outcome.getBoundingClientRect();
        const texts = [...document.querySelectorAll(
            "[data-outcome] :is(h3, h4, .risk, .range, .chip, .in-short, .product-rates, .state-list)")]
            .filter((text) => text.checkVisibility());
        const { outcome: name } = outcome.dataset;
        const named = (part) => `${name}: ${part.textContent.slice(0, 40) || part.className}`;
        const over = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
            && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;
        const parts = [...plot.querySelectorAll(".mark > span, .dot, .whole")];
        const cut = parts.filter((part) => box(part).left < left || box(part).right > right).map(named);
        const covered = parts.flatMap((part, place) => [...parts.slice(place + 1), ...texts]
            .filter((other) => over(box(part), box(other)))
            .map((other) => `${named(part)} over ${named(other)}`));
        return [...cut, ...covered];
    })"""
"""Labels and markers on the lines of the outcomes that lie over one another, a text or the side."""

SMALL = """(least) => {
    const targets = "a[href], button, summary, select, textarea, input:not([type=radio]), .option";
    const inSentence = (place) => place.matches("a") && getComputedStyle(place).display === "inline"
        && place.closest("p, li, td, dd").textContent.trim() !== place.textContent.trim();
    return [...document.querySelectorAll(targets)]
        .filter((place) => place.checkVisibility({ visibilityProperty: true }) && !inSentence(place))
        .filter((place) => {
            const { width, height } = place.getBoundingClientRect();
            return width < least - 0.5 || height < least - 0.5;
        }).map((place) => place.outerHTML.slice(0, 80));
}"""
"""Controls that are hard to hit. Links in a sentence are exempt; a radio button is hit by its label."""


@pytest.fixture(scope="module")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a bundle of every outcome to this module."""
    with served(tmp_path_factory.mktemp("looks"), bundle=make_composed_bundle()) as address:
        yield address


def everything(page: Page) -> Page:
    """Enter nearly all, for something of each part; list the patient, compare options, unfold."""
    enter_all(page, WARNED)
    answered(page)
    page.evaluate("document.querySelector('.todays-list').open = true")
    page.click("#list-add")
    enter(page, "ferritin_ug_l", "1,200")
    page.wait_for_selector(".left-out")
    answered(page)
    page.click("#add-option")
    enter(page, "dose_1e6_per_kg", 2.4, prefix="option-1-")
    page.wait_for_selector("#options-table .results tr")
    unfold(page)
    return page


@pytest.mark.parametrize(("locale", "first"), [("en-GB", 0), ("ru-RU", 1)])
def test_axe_finds_nothing_in_an_answer(open_page, locale: str, first: int) -> None:
    """Contrast, names, order, structure; a screen is light in one language and dark in the other."""
    page = everything(open_page("/", locale=locale))
    for place, width in enumerate(WIDTHS):
        scheme = SCHEMES[(first + place) % 2]
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        assert axe(page, impacts=EVERY_IMPACT) == [], (scheme, width)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.allowed_console("status of 422")
def test_axe_finds_nothing_in_trouble(open_page, scheme: str) -> None:
    """Values out of limits, and a refusal."""
    page = open_page("/", scheme=scheme)
    page.fill("#age_years", "300")
    assert axe(page, impacts=EVERY_IMPACT) == []
    page.click("#example")
    page.check("#dose_1e6_per_kg-by-inputs", force=True)
    page.fill("#dose_total_1e6", "5000")
    page.fill("#weight_kg", "2")
    page.wait_for_selector('#answer[data-state="refused"]')
    assert axe(page, impacts=EVERY_IMPACT) == []


@EVERY_LANGUAGE
@pytest.mark.parametrize(("touch", "least"), [(False, 24), (True, 44)], ids=["mouse", "touch"])
def test_everything_fits_and_can_be_hit(open_page, locale: str, touch: bool, least: int) -> None:
    """From a telephone to a wide screen, nothing is scrolled sideways and every label of a line can be read.

    Controls have 24 by 24 CSS pixels for a mouse, as WCAG 2.5.8 asks, and 44 by 44 for a finger (2.5.5).
    """
    page = open_page("/", width=WIDE[0], locale=locale, has_touch=touch)
    assert page.evaluate("matchMedia('(pointer: coarse)').matches") is touch
    assert page.evaluate(SMALL, least) == []
    everything(page)
    for scheme, width in product(SCHEMES, WIDE):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == [], (scheme, width)
        assert page.evaluate(CROWDED) == [], (scheme, width)
        assert page.evaluate(SMALL, least) == [], (scheme, width)


def test_nothing_is_cut_off_at_200_percent(open_page) -> None:
    """Of a notebook's screen, as WCAG 1.4.4 asks; axe finds nothing there either."""
    page = everything(open_page("/", width=1366 // 2, height=768 // 2, device_scale_factor=2))
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366 // 2
    assert page.evaluate(CROWDED) == []
    assert axe(page, impacts=EVERY_IMPACT) == []


def test_on_a_telephone_the_risks_stay_in_sight(open_page) -> None:
    """In short at the foot of the screen, while the form is filled in above; they lead to the answer."""
    page = open_page("/", width=360)
    page.click("#example")
    answered(page)
    risks = page.locator("#brief strong").all_inner_texts()
    assert risks == page.locator(".risk").all_inner_texts()
    box = page.locator("#brief").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 741
    page.click("#brief a")
    wait_until(page, "document.getElementById('answer').getBoundingClientRect().top < 200")
