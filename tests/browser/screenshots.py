"""Pictures of the pages for the documents: ``python -m tests.browser.screenshots --out docs/screenshots``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import chromium_path, launched
from tests.browser.looks import HEIGHTS, SCHEMES, WIDTHS
from tests.browser.pictures import small_picture
from tests.browser.serving_process import served

ANSWERED_WITHIN_MILLISECONDS = 30_000


def fill_example(page: Page) -> None:
    """Fill the form with the invented patient and wait for the answer."""
    page.click("#example")
    page.wait_for_selector('#answer[data-state="shown"]', timeout=ANSWERED_WITHIN_MILLISECONDS)


def as_it_comes(_page: Page) -> None:
    """Leave a page as it opens."""


PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "page": ("/", fill_example),
    "model": ("/model", as_it_comes),
    "about": ("/about", as_it_comes),
}
"""By name of the picture: the path, and what is done there before the picture is taken."""


def take_screenshots(browser: Browser, address: str, folder: Path) -> Iterator[Path]:
    """Take a picture of every page at every width in both color schemes.

    Parameters
    ----------
    browser : Browser
    address : str
        Of the running service.
    folder : Path
        Is made if it is not there. Pictures of the same names are replaced.

    Yields
    ------
    picture : Path
        Such as ``page-1440-dark.png``; the whole page, or the screen where the answer stands beside
        the form; one pixel for one CSS pixel.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for (name, (path, prepare)), width, scheme in product(PAGES.items(), WIDTHS, SCHEMES):
        with _opened(browser, address + path, width, scheme) as page:
            prepare(page)
            picture = folder / f"{name}-{width}-{scheme}.png"
            picture.write_bytes(small_picture(_whole(page)))
        yield picture


def main(arguments: list[str] | None = None) -> None:
    """Take the pictures of a running service, or of one started for them with a small bundle."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--address", help="of a running service, such as http://127.0.0.1:3000")
    chosen = parser.parse_args(arguments)
    with (
        _service(chosen.address) as address,
        sync_playwright() as playwright,
        launched(playwright, chromium_path()) as browser,
    ):
        for picture in take_screenshots(browser, address, chosen.out):
            sys.stdout.write(f"{picture} {picture.stat().st_size // 1024} KiB\n")


@contextmanager
def _service(address: str | None) -> Iterator[str]:
    if address is not None:
        yield address.rstrip("/")
        return
    with (
        tempfile.TemporaryDirectory(prefix="cart-outcomes-screenshots-") as folder,
        served(Path(folder)) as own,
    ):
        yield own


@contextmanager
def _opened(browser: Browser, url: str, width: int, scheme: str) -> Iterator[Page]:
    profile = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=scheme,
        locale="en-GB",
        reduced_motion="reduce",
    )
    with profile:
        page = profile.new_page()
        answer = page.goto(url, wait_until="networkidle")
        if answer is None or answer.status != 200:
            message = f"{url} answers {answer and answer.status}, not 200: no picture of it"
            raise SystemExit(message)
        yield page


def _whole(page: Page) -> bytes:
    """Take the whole page, or the screen where the answer stands still beside the form."""
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0)")
    beside = page.evaluate("getComputedStyle(document.querySelector('#answer') ?? document.body).position")
    return page.screenshot(full_page=beside != "sticky", animations="disabled", caret="hide")


if __name__ == "__main__":
    main()
