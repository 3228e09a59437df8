"""How fast the page is: ``python -m tests.browser.speed [--address URL]``.

States, over so many edits, the time from the question to the drawn answer, without options and with three;
when the page first paints; and how many bytes it is made of. Nothing is judged: times are of this machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import chromium_path, launched
from tests.browser.patient_page import answered, fill_example, wait_until
from tests.browser.serving_process import served

EDITS = 100
BETWEEN = """(last) => {
    const found = performance.getEntriesByName(last).at(-1).startTime;
    const asked = performance.getEntriesByName("asked").filter(({ startTime }) => startTime < found);
    const [first] = last === "compared" ? asked.slice(-2) : asked.slice(-1);
    return found - first.startTime;
}"""
"""From the question about the patient to the answer; options are asked after it."""
DOSES = ("0.3", "0.6", "2")
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
TRANSFERRED = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((bytes, part) => bytes + part.transferSize, 0)"""


def answer_times(page: Page, *, edits: int = EDITS) -> list[float]:
    """Edit one value again and again.

    Parameters
    ----------
    page : Page
        Opened, with nothing entered yet.
    edits : int, optional

    Returns
    -------
    times : list of float
        Milliseconds from the question to the drawn answer; the wait for a pause in typing is not in it.
    """
    fill_example(page)
    times = []
    for edit in range(edits):
        page.fill("#marrow_blasts_pct", str(5 + edit % 90))
        answered(page)
        times.append(float(page.evaluate(BETWEEN, "answered")))
    return times


def option_times(page: Page, *, edits: int = EDITS) -> list[float]:
    """Edit one value again and again, with three options beside the patient.

    Parameters
    ----------
    page : Page
        With an answer.
    edits : int, optional

    Returns
    -------
    times : list of float
        Milliseconds from the question to the drawn options; the wait for a pause in typing is not in it.
    """
    for _ in DOSES[1:]:
        page.click("#add-option")
    for number, dose in enumerate(DOSES, start=1):
        page.fill(f"#option-{number}-dose_1e6_per_kg", dose)
    times = []
    for edit in range(edits):
        before = page.evaluate("performance.getEntriesByName('compared').length")
        page.fill("#marrow_blasts_pct", str(5 + edit % 90))
        wait_until(page, "(before) => performance.getEntriesByName('compared').length > before", arg=before)
        times.append(float(page.evaluate(BETWEEN, "compared")))
    return times


def main(arguments: list[str] | None = None) -> None:
    """Time a running service, or one started for it with a small bundle."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.speed", description=main.__doc__)
    parser.add_argument("--address", help="of a running service, such as http://127.0.0.1:3000")
    chosen = parser.parse_args(arguments)
    with (
        _service(chosen.address) as address,
        sync_playwright() as playwright,
        launched(playwright, chromium_path()) as browser,
        browser.new_context(viewport={"width": 1440, "height": 900}) as profile,
    ):
        page = profile.new_page()
        page.goto(address, wait_until="networkidle")
        paint, transferred = page.evaluate(FIRST_PAINT), page.evaluate(TRANSFERRED)
        times = answer_times(page)
        with_options = option_times(page)
    sys.stdout.write(
        f"answer after the question: {_stated(times)}\n"
        f"answer and three options: {_stated(with_options)}\n"
        f"first contentful paint: {paint:.0f} ms\n"
        f"transferred: {transferred / 1024:.0f} KiB\n"
    )


def _stated(times: list[float]) -> str:
    late = statistics.quantiles(times, n=20)[-1]
    return f"median {statistics.median(times):.0f} ms, 95 % within {late:.0f} ms, {len(times)} edits"


@contextmanager
def _service(address: str | None) -> Iterator[str]:
    if address is not None:
        yield address.rstrip("/")
        return
    with (
        tempfile.TemporaryDirectory(prefix="cart-outcomes-speed-") as folder,
        served(Path(folder)) as own,
    ):
        yield own


if __name__ == "__main__":
    main()
