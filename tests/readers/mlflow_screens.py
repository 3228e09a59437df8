"""A store with trainings of every kind, and pictures of MLflow's first pages for readers.

Run with ``python -m tests.readers.mlflow_screens --out FOLDER``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import chromium_path, launched
from tests.browser.mlflow_pages import Pages, opened, unfold
from tests.browser.mlflow_screenshots import run_command
from tests.browser.tracking_process import printed_address, tracking_pages
from tests.e2e.workplace import PROJECT

COMMANDS = (
    ("simulate", "--patients", "200", "--seed", "8", "--out", "elsewhere.csv"),
    ("train", "synthetic.csv"),
    ("train", "synthetic.csv", "--no-evidence"),
    ("promote", "1"),
    ("train", "--evidence-only"),
    ("train", "elsewhere.csv"),
    ("tune", "synthetic.csv", "--outcome", "relapse", "--trials", "2"),
    ("train", "synthetic.csv", "--outcome", "relapse", "--model", "anchored"),
    ("validate", "1", "elsewhere.csv", "--update"),
    ("train", "synthetic.csv", "--estimand", "no_further_therapy"),
)
"""What is recorded: eight versions of four kinds, two cohorts and an external validation."""

WIDTH, HEIGHT = 1366, 768
"""A notebook's screen, which a picture fills, pixels."""

MOST_PICTURES = 8
LOOKED_AT_EVERY_MILLISECONDS, LOOKS = 250, 12
"""A busy machine scrolls late: a page that has not moved after so many looks is at its end."""


def take_pictures(pages: Pages, first: str, folder: Path) -> Iterator[Path]:
    """Take the first page, and what one click on the arrow beside its first line unfolds.

    Parameters
    ----------
    pages : Pages
    first : str
        Address that `cart-outcomes ui` prints.
    folder : Path
        Is made if it is not there.

    Yields
    ------
    picture : Path
        ``0_first_page.png``, then ``1_one_click.png`` and on, scrolled half a screen each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = pages.profile.new_page()
    page.goto(first)
    page.locator(".ag-row").first.wait_for()
    yield _picture(page, folder / "0_first_page.png")
    unfold(page)
    page.get_by_text("at a glance").wait_for()
    yield from _pictures_down(page, folder)


def _pictures_down(page: Page, folder: Path) -> Iterator[Path]:
    """Scroll over the description with the wheel, a screen at a time, until nothing moves."""
    page.mouse.move(WIDTH / 2, HEIGHT / 2)
    for number in range(1, MOST_PICTURES + 1):
        path = _picture(page, folder / f"{number}_one_click.png")
        yield path
        page.mouse.wheel(0, HEIGHT // 2)
        if not _moved(page, path.read_bytes()):
            return


def _moved(page: Page, before: bytes) -> bool:
    """Whether the screen becomes another one, and then comes to rest."""
    for _ in range(LOOKS):
        page.wait_for_timeout(LOOKED_AT_EVERY_MILLISECONDS)
        if _screen(page) != before:
            page.wait_for_timeout(LOOKED_AT_EVERY_MILLISECONDS)
            return True
    return False


def _picture(page: Page, path: Path) -> Path:
    path.write_bytes(_screen(page))
    return path


def _screen(page: Page) -> bytes:
    return page.screenshot(animations="disabled", caret="hide")


def main(arguments: list[str] | None = None) -> None:
    """Fill a store, open MLflow at the printed address and take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.readers.mlflow_screens", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--store", type=Path, help="folder of a store that was filled before; else a new one")
    chosen = parser.parse_args(arguments)
    with (
        _filled(chosen.store) as (folder, address),
        sync_playwright() as playwright,
        launched(playwright, chromium_path()) as browser,
        opened(browser, address, WIDTH, HEIGHT) as pages,
    ):
        for picture in take_pictures(pages, printed_address(folder), chosen.out):
            sys.stdout.write(f"{picture}\n")


@contextmanager
def _filled(store: Path | None) -> Iterator[tuple[Path, str]]:
    if store is not None and (store / "mlflow.db").exists():
        with tracking_pages(store) as address:
            yield store, address
        return
    with tempfile.TemporaryDirectory(prefix="cart-outcomes-mlflow-") as made:
        folder = store or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        with tracking_pages(folder) as address:
            (folder / "synthetic.csv").symlink_to(PROJECT / "data" / "synthetic.csv")
            for command in COMMANDS:
                run_command(folder, address, command)
            yield folder, address


if __name__ == "__main__":
    main()
