"""The reasons on the page are the contributions of the service: points in rows, all else a fold away."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from serving.http.web_pages import EXAMPLE
from tests.browser.patient_page import FULL, answered, card, enter_all, percent, risk, unfold

NEGLIGIBLE = 0.005
IN_SHORT = 3
FEW_KNOWN: Mapping[str, Any] = {**EXAMPLE, "age_years": 64, "ferritin_ug_l": 900, "platelets_1e9_l": 20}
PATIENTS = {"least": EXAMPLE, "some": FEW_KNOWN, "full": FULL}
EVERY_PATIENT = pytest.mark.parametrize("patient", PATIENTS.values(), ids=PATIENTS)

Row = Mapping[str, Any]


def explained(outcome: Row) -> float:
    """Give the risk that the contributions add up to."""
    among = outcome["among"]
    found: float = among["risk"] if among else outcome["risk"]
    return found


def without(outcome: Row, log_odds: float) -> float:
    """Give that risk if so much were not contributed."""
    odds = math.log(explained(outcome) / (1 - explained(outcome))) - log_odds
    return 1 / (1 + math.exp(-odds))


def points(outcome: Row, log_odds: float) -> int:
    """Give the difference of the whole percents that are shown."""
    return percent(explained(outcome)) - percent(without(outcome, log_odds))


def is_unknown(row: Row, answer: Row) -> bool:
    """Say whether the value behind a contribution is missing."""
    return any(name in answer["missing"] for name in row["inputs"]) if row["inputs"] else row["value"] is None


def moving(outcome: Row) -> list[Row]:
    """List the contributions that are not negligible, in the order of the service."""
    return [row for row in outcome["contributions"] if abs(row["log_odds"]) >= NEGLIGIBLE]


def known_rows(outcome: Row, answer: Row) -> dict[str, float]:
    """Sum the log-odds of known fields; those that belong together are one."""
    sums: dict[str, float] = {}
    for row in moving(outcome):
        if not is_unknown(row, answer):
            name = row.get("group") or row["field"]
            sums[name] = sums.get(name, 0) + row["log_odds"]
    # A group of one is named after its field.
    for row in moving(outcome):
        if row.get("group") in sums and sums[row["group"]] == row["log_odds"]:
            sums[row["field"]] = sums.pop(row.get("group"))
    return sums


def number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


@pytest.fixture
def shown(page: Page, address: str, patient: Row) -> tuple[Page, Row]:
    """Enter a patient, unfold the answer, and give it as the service has it."""
    enter_all(page, patient)
    answered(page)
    unfold(page)
    return page, risk(address, patient)


@EVERY_PATIENT
def test_known_rows_are_the_contributions_in_points(shown: tuple[Page, Row]) -> None:
    """Every one of a point or more and no other, the largest first, in words for those who see no bars."""
    page, answer = shown
    for outcome in answer["outcomes"]:
        sums = known_rows(outcome, answer)
        expected = {name: points(outcome, total) for name, total in sums.items() if points(outcome, total)}
        rows = card(page, outcome["name"]).locator(".reason").all()
        found = {
            row.get_attribute("data-field") or "": int(number(row.locator(".reason-change").inner_text()))
            for row in rows
        }
        assert found == expected
        sizes = [abs(each) for each in found.values()]
        assert sizes == sorted(sizes, reverse=True)
        for row, name in zip(rows, found, strict=True):
            words = row.locator(".unseen").first.text_content() or ""
            assert ("raises" in words) == (sums[name] > 0)
            assert (
                f"from {percent(without(outcome, sums[name]))} to {percent(explained(outcome))} of 100"
                in words
            )


@EVERY_PATIENT
def test_assumed_are_exactly_the_unknown_fields(shown: tuple[Page, Row]) -> None:
    """Each with its points, and all of them together."""
    page, answer = shown
    for outcome in answer["outcomes"]:
        unknown = [row for row in moving(outcome) if is_unknown(row, answer)]
        assumed = card(page, outcome["name"]).locator(".assumed")
        items = assumed.locator("[data-field]").all()
        assert [item.get_attribute("data-field") for item in items] == [row["field"] for row in unknown]
        for item, row in zip(items, unknown, strict=True):
            assert number(item.locator(".number").inner_text()) == points(outcome, row["log_odds"])
        if unknown:
            together = points(outcome, sum(row["log_odds"] for row in unknown))
            assert number(assumed.locator("summary .number").inner_text()) == together
        else:
            expect(assumed).to_have_count(0)


@EVERY_PATIENT
def test_the_log_odds_are_the_contributions_to_two_digits(shown: tuple[Page, Row]) -> None:
    """Known and unknown, the published and the local part apart."""
    page, answer = shown
    for outcome in answer["outcomes"]:
        rows = card(page, outcome["name"]).locator(".log-odds tbody tr").all()
        expected = moving(outcome)
        assert [row.get_attribute("data-field") for row in rows] == [row["field"] for row in expected]
        for line, row in zip(rows, expected, strict=True):
            cells = line.locator("td").all_inner_texts()
            assert all(len(cell.split(".")[1]) == 2 for cell in cells)
            parts = [row["log_odds"], row["published"], row["local"]]
            assert [number(cell) for cell in cells] == pytest.approx(parts, abs=0.00501)


@EVERY_PATIENT
def test_the_strongest_reasons_are_in_the_strip(shown: tuple[Page, Row]) -> None:
    """The first rows in the same points and order, then what is assumed."""
    page, _ = shown
    for article in page.locator(".outcome").all():
        assert article.locator(".in-short").is_visible()
        short = article.locator(".in-short .change").all_inner_texts()
        rows = [int(number(text)) for text in article.locator(".reason-change").all_inner_texts()[:IN_SHORT]]
        total = article.locator(".assumed summary .number")
        assumed = int(number(total.inner_text())) if total.count() else 0
        if article.get_attribute("data-weak") == "true":
            assert short == []
        else:
            signed = [int(number(text.lstrip("▲▼ "))) for text in short]
            assert signed == [*rows, *([assumed] if assumed else [])]
