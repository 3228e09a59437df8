"""The numbers in a real browser: of a card on which everything is measured, and of one patient's risk."""

from __future__ import annotations

import json
import math
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from features.measures import GAIN
from serving.model.bundle import Bundle
from serving.model.group_results import CenterResult, SubgroupResult
from serving.model.measured import Measured
from serving.model.status_at_horizon import HorizonCounts
from serving.model.validation_summary import OutcomeSummary, SampleSize
from tests.browser import serving_process
from tests.browser.accessibility import axe
from tests.browser.looks import EVERY_LOOK_IN_TURN
from tests.browser.patient_page import answered, card, enter_all, risk, unfold
from tests.bundles import full_summary, make_bundle
from tests.page_told import ENGLISH, Shown, page_disagreements
from tests.stated import Card, half_up
from training.pages.report.worked_example import example_patient, worked_example
from training.statistics.metrics import METRICS

TABLES = """
() => Object.fromEntries([...document.querySelectorAll('[id^="outcome-"]')].map((part) => {
  const leaves = (node) =>
    node.nodeType === Node.TEXT_NODE ? [node.textContent] : [...node.childNodes].flatMap(leaves);
  const rows = (table) => [...table.rows].map((row) => [...row.cells].map(leaves));
  const captioned = (table) => [table.caption?.textContent ?? '', rows(table)];
  const tables = [...part.querySelectorAll('table')].map(captioned);
  return [part.id.replace('outcome-', ''), { tables }];
}))
"""
NAMES = """
async (names) => {
  const { figureName } = await import('/assets/model_figures.js');
  const texts = await (await import('/assets/texts.js')).loadTexts('en');
  return Object.fromEntries(names.map((name) => [name, figureName(name, texts)]));
}
"""


def measured_bundle() -> Bundle:
    """Make a bundle of which every measure is measured at every horizon, halves among them."""
    rng, made = np.random.default_rng(11), make_bundle()
    size = SampleSize(140267, 82.4, 12345, 40, 6, "too small for 6 parameters")
    whole = replace(full_summary(), sample_size=size)
    relapse = made.summaries["relapse"]
    summaries = {"severe_crs": everything(whole, (30,), rng)}
    summaries["relapse"] = everything(relapse, made.models["relapse"].horizons_days, rng)
    return replace(made, summaries=summaries)


def everything(
    summary: OutcomeSummary, horizons_days: tuple[int, ...], rng: np.random.Generator
) -> OutcomeSummary:
    names = [*METRICS, GAIN]
    groups = {"older_adult": ("40 or older", 90), "young_adult": ("18 to 39", 25)}
    return replace(
        summary,
        metrics={days: {name: drawn(rng) for name in names} for days in horizons_days},
        paired={name: drawn(rng) for name in ("prevalence", "easix", "published", "ridge")},
        by_center={number: CenterResult(40, 9, {"auroc": drawn(rng)}) for number in (1, 2, 3)},
        by_subgroup={
            "age_years": {
                code: SubgroupResult(n, 5, {name: drawn(rng) for name in names}, title)
                for code, (title, n) in groups.items()
            }
        },
        horizon_counts={
            days: HorizonCounts(12345, 7, 100 - days // 10, days // 10) for days in horizons_days
        },
    )


def drawn(rng: np.random.Generator) -> Measured:
    """Draw a figure; every fourth is a half of the last digit shown, every eighth has no interval."""
    kind = rng.integers(8)
    if kind == 0:
        return Measured(float(rng.normal()))
    low, value, high = np.sort(rng.normal(0, 0.7, 3) if kind > 2 else rng.integers(-9, 9, 3) / 16).tolist()
    return Measured(value, low, high)


@pytest.fixture(scope="module")
def bundle_served() -> Bundle:
    return measured_bundle()


@pytest.fixture(scope="module")
def address(chromium: str, bundle_served: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve that bundle to this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving_process, "make_bundle", lambda: bundle_served)
        with serving_process.served(tmp_path_factory.mktemp("measured")) as address:
            yield address


def asked_card(address: str) -> Card:
    request = urllib.request.Request(f"{address}/model", headers={"accept": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        found: Card = json.load(response)
    return found


def test_every_figure_of_the_card_is_on_its_page(open_page: Any, address: str) -> None:
    """Rounded as everywhere, and nothing that the card has not."""
    page, found = open_page("/model"), asked_card(address)
    told = {"outcomes": tables_of(page), "names": page.evaluate(NAMES, [*METRICS, GAIN])}
    assert page_disagreements(found, told) == []
    crs = next(outcome for outcome in found["outcomes"] if outcome["name"] == "severe_crs")
    crs["metrics"]["30"]["brier"]["high"] = 0.9876
    assert page_disagreements(found, told) == [f"severe_crs: headline / {told['names']['brier']}"]


def tables_of(page: Page) -> dict[str, dict[str, Shown]]:
    found: dict[str, dict[str, Shown]] = page.evaluate(TABLES)
    return found


def test_counts_of_infusions_are_whole(open_page: Any) -> None:
    """However many there are, and however many Riley's criteria ask for."""
    page = open_page("/model")
    unfold(page)
    assert "140267 infusions with 83 events" in page.inner_text("#outcome-severe_crs")
    rows = dict(tables_of(page)["relapse"]["tables"])[ENGLISH["model"]["outcome"]["horizons"]]
    assert ["".join(cell) for cell in rows[1]][:5] == ["3 months", "12345", "7", "91", "9"]


def test_a_risk_is_that_of_the_worked_example(open_page: Any, address: str, bundle_served: Bundle) -> None:
    """Of the report's own patient: in the answer, step by step, and on the page."""
    page, patient = open_page("/"), example_patient(bundle_served)
    enter_all(page, patient)
    answered(page)
    for outcome in risk(address, patient)["outcomes"]:
        steps = {
            step.horizon_days: step
            for step in worked_example(bundle_served.models[outcome["name"]], patient).risks
        }
        for point in outcome["curve"]:
            step = steps[point["horizon_days"]]
            assert math.isclose(point["risk"], step.risk, abs_tol=1e-9)
            assert (point["low"], point["high"]) == pytest.approx((step.low, step.high), abs=1e-9)
        shown = card(page, outcome["name"])
        assert shown.locator(".risk").inner_text() == half_up(
            steps[outcome["horizon_days"]].risk, 0, times=100
        )


@EVERY_LOOK_IN_TURN
def test_the_full_card_fits(open_page: Any, width: int, scheme: str, locale: str) -> None:
    """All of it unfolded, at every width: nothing to be scrolled sideways but tables, nothing for axe."""
    page = open_page("/model", width=width, scheme=scheme, locale=locale)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []
    groups = page.locator("#outcome-relapse .groups tbody tr")
    assert groups.count() == 2
    assert ("40 и старше" if locale == "ru-RU" else "40 or older") in groups.first.inner_text()
