"""Fields that the model does not use are set apart, and nothing is claimed of them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.patient_page import (
    EXAMPLE,
    FIELDS,
    FORM,
    REQUIRED,
    answered,
    enter,
    fill_example,
    risk,
    unfold,
)


def names(page: Page, places: str) -> list[str]:
    """List the fields drawn in some places of the form."""
    return page.eval_on_selector_all(
        f"{places} [data-field]", "fields => fields.map((field) => field.dataset.field)"
    )


def test_unused_fields_are_set_apart_before_the_first_answer(page: Page, address: str) -> None:
    """In a group of their own, the last, except what every request needs or what is asked first.

    No field is lost, and each can still be entered.
    """
    unused = risk(address, EXAMPLE)["unused"]
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    expect(page.locator(".group").last).to_contain_text("Not used by this model", ignore_case=True)
    needed = names(page, '[data-group="needed"]')
    assert set(needed) == {*REQUIRED, *FORM["first"], *FORM["asked_if"]}
    assert sorted(names(page, 'details[data-group="unused"]')) == sorted(set(unused) - set(needed))
    used = names(page, '.group:not([data-group="unused"])')
    assert len(used) == len(set(used))
    assert {*used, *unused} == set(FIELDS) - {"dose_total_1e6", "weight_kg"}
    fill_example(page)
    enter(page, "product", "academic")
    answered(page)


def test_nothing_unused_is_said_to_narrow_an_interval_or_offered_as_a_change(
    page: Page, address: str
) -> None:
    """Each unused field stands on the line that says so, and on no other."""
    fill_example(page)
    unfold(page)
    answer = risk(address, EXAMPLE)
    labels = {
        name: page.locator(f'#form [data-field="{name}"]').locator("label, legend").first.inner_text()
        for name in answer["unused"]
    }
    line = page.locator('.unknowns [data-kind="unused"]')
    expect(line).to_contain_text("they change no risk and no interval")
    missing = [name for name in answer["unused"] if name in answer["missing"]]
    assert line.locator("button").all_inner_texts() == [
        labels[name] for name in answer["missing"] if name in missing
    ]
    elsewhere = page.locator(
        ".unknowns tbody button, .unknowns p:not([data-kind=unused]) button"
    ).all_inner_texts()
    assert not set(elsewhere) & set(labels.values())
    compared = [row.get_attribute("data-row") for row in page.locator("#options-table [data-row]").all()]
    assert compared == ["dose_1e6_per_kg", "marrow_blasts_pct"]
    expect(page.locator("#add-row")).to_have_count(0)


def test_russian_says_the_same(open_page) -> None:
    """No key shows, no English word of ours."""
    page = open_page("/", locale="ru-RU")
    fill_example(page)
    expect(page.locator(".group").last).to_contain_text("Модель не использует", ignore_case=True)
    expect(page.locator('.unknowns [data-kind="unused"]')).to_contain_text(
        "ни рисков, ни интервалов они не меняют"
    )
