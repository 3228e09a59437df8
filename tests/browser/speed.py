"""How fast the page is: ``python -m tests.browser.speed [--address URL]``.

States, over so many edits, the time from the question to the drawn answer; when the page first paints; and
how many bytes it is made of. Nothing is judged: times are of this machine.
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
from tests.browser.patient_page import answered, fill_example
from tests.browser.serving_process import served

EDITS = 100
ASKED_TO_ANSWERED = """() => {
    const asked = performance.getEntriesByName("asked").at(-1);
    const answered = performance.getEntriesByName("answered").at(-1);
    return performance.measure("answer", { start: asked.startTime, end: answered.startTime }).duration;
}"""
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
        times.append(float(page.evaluate(ASKED_TO_ANSWERED)))
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
    sys.stdout.write(
        f"answer after the question, {len(times)} edits: median {statistics.median(times):.0f} ms, "
        f"95 % within {statistics.quantiles(times, n=20)[-1]:.0f} ms\n"
        f"first contentful paint: {paint:.0f} ms\n"
        f"transferred: {transferred / 1024:.0f} KiB\n"
    )


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
