"""Pictures for the tasks of a tumor board.

Run with ``python -m tests.readers.tumor_board_screens --address http://127.0.0.1:3000 --out FOLDER``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import chromium_path, launched
from tests.browser.patient_page import FIELDS, answered, enter

WIDTH, HEIGHT = 1366, 768
"""A notebook's screen, which a picture fills, pixels."""

PAPER_WIDTH = 726
"""A4 between its margins, CSS pixels. Paper is magnified to the width of the screen."""

PATIENCE_MILLISECONDS = 15_000

Step = Callable[[Page], object]

FOLD_FORM = "document.querySelectorAll('#groups details').forEach((part) => { part.open = false; })"
LEAVE_FIELD = "document.activeElement.blur()"
SCROLL = """([part, edge]) => {
    const shown = document.querySelector(part);
    shown.scrollIntoView({ block: edge });
    const answer = shown.closest("#answer");
    if (edge === "start" && answer && getComputedStyle(answer).position === "sticky") scrollTo(0, 0);
}"""
"""The answer has a scroll bar of its own: for a part at its beginning, the page need not move."""

OBE_CEL: Mapping[str, Any] = {
    "age_years": 34,
    "prior_lines": 3,
    "prior_blinatumomab": "nonresponder",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 62,
    "target_antigen": "cd19",
    "product": "obecabtagene",
    "dose_total_1e6": 410,
    "weight_kg": 75,
    "split_dose": True,
}
"""Invented: refractory to blinatumomab, high burden, a split dose of 410 million cells."""

MRD_ONLY: Mapping[str, Any] = {
    "age_years": 58,
    "sex": "female",
    "prior_lines": 2,
    "prior_blinatumomab": "responder",
    "prior_inotuzumab": True,
    "marrow_blasts_pct": 3,
    "mrd_pct": 0.4,
    "target_antigen": "cd19_cd22",
    "product": "academic",
    "dose_1e6_per_kg": 2,
    "ldh_u_l": 240,
    "creatinine_mg_dl": 0.9,
    "platelets_1e9_l": 38,
    "crp_mg_l": 46,
    "ferritin_ug_l": 2900,
    "anc_1e9_l": 0.6,
    "hemoglobin_g_dl": 8.4,
}
"""Invented: low burden, two targets, laboratory values known."""

AFTER_TRANSPLANT: Mapping[str, Any] = {
    "age_years": 27,
    "prior_lines": 4,
    "prior_blinatumomab": "none",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 35,
    "target_antigen": "cd19",
    "product": "brexucabtagene",
    "dose_1e6_per_kg": 1,
    "prior_allo_hsct": True,
    "months_from_hsct_to_relapse": 5,
}
"""Invented: early relapse after transplant, no laboratory values."""

CHILD: Mapping[str, Any] = {
    "age_years": 14,
    "diagnosis": "b_lbl",
    "prior_lines": 2,
    "prior_blinatumomab": "none",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 12,
    "target_antigen": "cd19",
    "product": "tisagenlecleucel",
    "dose_1e6_per_kg": 12,
}
"""Invented: outside the intended use in two ways, with a dose outside the training cohort."""


@dataclass(frozen=True)
class Screen:
    """One patient, or none, and one state of a page.

    Attributes
    ----------
    name : str
        Of the picture, after its number.
    patient : mapping
        What is entered, by field. Empty on pages without a form.
    steps : tuple of Step
        What is done after the answer has come.
    part : str
        Selector of the part that is scrolled into sight. If empty, the page is at its beginning.
    edge : {"start", "end"}
        Edge of the screen at which this part is.
    path : str
        Of the page.
    width : int
        CSS pixels across the picture.
    """

    name: str
    patient: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    part: str = ""
    edge: Literal["start", "end"] = "start"
    path: str = "/"
    width: int = WIDTH


def clicked(part: str) -> Step:
    """Make a step that clicks the first such part of the page."""
    return lambda page: page.locator(part).first.click()


def checked(part: str) -> Step:
    """Make a step that chooses an option whose own circle is hidden."""
    return lambda page: page.check(part, force=True)


def typed(part: str, text: str) -> Step:
    """Make a step that types into a field."""
    return lambda page: page.fill(part, text)


def selected(part: str, option: str) -> Step:
    """Make a step that selects from a list."""
    return lambda page: page.select_option(part, option)


def waited(part: str) -> Step:
    """Make a step that waits until a part is shown."""
    return lambda page: page.locator(part).first.wait_for()


def on_paper(page: Page) -> None:
    """Show the page as it is printed."""
    page.emulate_media(media="print")


SCREENS = (
    Screen("answer", OBE_CEL),
    Screen(
        "options",
        OBE_CEL,
        (
            clicked("#add-option"),
            typed("#option-1-dose_1e6_per_kg", "0.3"),
            selected("#option-2-product", "brexucabtagene"),
            waited("#options-table .results tr"),
        ),
        part=".options-panel",
    ),
    Screen(
        "reasons",
        OBE_CEL,
        (clicked("[data-outcome=relapse] .more-about > summary"),),
        part="[data-outcome=relapse] .without-source",
        edge="end",
    ),
    Screen(
        "after_day_90",
        OBE_CEL,
        (clicked(".over-time > summary"), checked("#event-free-day-90"), waited('[data-from="90"]')),
        part='[data-from="90"]',
        edge="end",
    ),
    Screen(
        "labs",
        MRD_ONLY,
        (clicked("#groups [data-group=others] > summary"), typed("#ferritin_ug_l-age", "12")),
        part="#ferritin_ug_l-age",
        edge="end",
    ),
    Screen("further_outcomes", MRD_ONLY, (clicked(".further-outcomes > summary"),), part=".further-outcomes"),
    Screen("third_patient", {**AFTER_TRANSPLANT, "ecog": 1.5}),
    Screen("third_patient_more", AFTER_TRANSPLANT, (clicked(".unknowns > summary"),), part=".unknowns"),
    Screen("child", CHILD),
    Screen("warnings", CHILD, (clicked(".further a"),), part=".cautions"),
    Screen("chart_note", AFTER_TRANSPLANT, (clicked(".takeaway > summary"),), part=".takeaway"),
    Screen("paper", OBE_CEL, (on_paper,), part=".entered", edge="end", width=PAPER_WIDTH),
    Screen("model", steps=(clicked("#verdicts details > summary"),), path="/model"),
)


def take_screens(browser: Browser, address: str, folder: Path) -> Iterator[Path]:
    """Take a picture of every screen, of 1366 x 768 pixels.

    Parameters
    ----------
    browser : Browser
    address : str
        Of the running service.
    folder : Path
        Is made if it is missing. Pictures of the same names are replaced.

    Yields
    ------
    picture : Path
        Such as ``01_answer.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, screen in enumerate(SCREENS, start=1):
        picture = folder / f"{number:02}_{screen.name}.png"
        scale = WIDTH / screen.width
        with browser.new_context(
            viewport={"width": screen.width, "height": round(HEIGHT / scale)},
            device_scale_factor=scale,
            color_scheme="light",
            locale="en-US",
            reduced_motion="reduce",
        ) as profile:
            profile.set_default_timeout(PATIENCE_MILLISECONDS)
            page = profile.new_page()
            page.goto(address + screen.path, wait_until="networkidle")
            show(page, screen)
            page.screenshot(path=picture, animations="disabled", caret="hide")
        yield picture


def show(page: Page, screen: Screen) -> None:
    """Bring an open page into the state of a screen."""
    if screen.patient:
        enter_patient(page, screen.patient)
    for step in screen.steps:
        step(page)
    page.evaluate(LEAVE_FIELD)
    page.mouse.move(0, 0)
    if screen.patient:
        answered(page)
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    if screen.part:
        page.evaluate(SCROLL, [screen.part, screen.edge])


def enter_patient(page: Page, patient: Mapping[str, Any]) -> None:
    """Enter a patient and fold the form again.

    Required values come last: the form then offers missing values for the whole patient, in one order.
    """
    if "dose_total_1e6" in patient:
        page.check("#dose_1e6_per_kg-by-inputs", force=True)
    for name, value in sorted(patient.items(), key=lambda item: bool(FIELDS[item[0]]["required"])):
        enter(page, name, value)
    page.evaluate(LEAVE_FIELD)
    page.evaluate(FOLD_FORM)
    answered(page)


def main(arguments: list[str] | None = None) -> None:
    """Take the pictures of a running service."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.readers.tumor_board_screens", description=main.__doc__
    )
    parser.add_argument("--address", required=True, help="of the service, such as http://127.0.0.1:3000")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    options = parser.parse_args(arguments)
    with sync_playwright() as playwright, launched(playwright, chromium_path()) as browser:
        for picture in take_screens(browser, options.address.rstrip("/"), options.out):
            sys.stdout.write(f"{picture}\n")


if __name__ == "__main__":
    main()
