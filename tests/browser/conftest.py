"""A real browser in front of the running service.

A test takes `open_page` and says how it looks at which page::

    @EVERY_LOOK
    def test_the_form_fits(open_page, width, scheme):
        page = open_page("/", width=width, scheme=scheme, locale="ru-RU")
        assert axe(page) == []

or `page`, which is the page for one patient, or `blank_page`, which is not gone anywhere yet. Paths are those
of the service. All come in a browser profile of the test's own, and after the test it fails if a page wrote
an error or a warning to the console, left an error uncaught, or asked another host. A test in which that is
the point allows it by name::

    @pytest.mark.allowed_console("status of 422")

`watched` tells what was requested, for a test that asks about that. Everything in this folder is slow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.absent import absent
from tests.browser.chromium import NoChromiumError, chromium_path, launched
from tests.browser.looks import HEIGHTS
from tests.browser.serving_process import served
from tests.browser.watched import Watched

PATIENCE_MILLISECONDS = 15_000
"""For an element or an answer to come; a busy machine is no failure."""


class OpenPage(Protocol):
    """Opens pages; see `open_page`."""

    def __call__(
        self,
        path: str | None = "/",
        *,
        width: int = 1440,
        height: int | None = None,
        scheme: str = "light",
        locale: str = "en-GB",
        reduced_motion: str = "reduce",
        **context: Any,
    ) -> Page: ...


def pytest_configure(config: pytest.Config) -> None:
    """Announce the marker of this folder; be patient."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    config.addinivalue_line("markers", "allowed_console(*patterns): console messages that the test provokes")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this folder's tests, and no others, as slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Find the browser's program; a person without one may go on, continuous integration may not."""
    try:
        return chromium_path()
    except NoChromiumError as missing:
        absent(f"no chromium: {missing}")


@pytest.fixture(scope="session")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a small bundle, if there is a browser to look at it."""
    with served(tmp_path_factory.mktemp("browser")) as address:
        yield address


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Start the browser, and end it after this folder: beside its loop no other test could run one."""
    with sync_playwright() as playwright, launched(playwright, chromium) as browser:
        yield browser


@pytest.fixture
def watched(address: str, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """Write down what the test's pages do; afterwards, find no fault in it."""
    watched = Watched(address)
    yield watched
    allowed = [pattern for marker in request.node.iter_markers("allowed_console") for pattern in marker.args]
    faults = watched.faults(allowed)
    assert not faults, "\n".join(faults)


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[OpenPage]:
    """Open pages, each in a profile of its own, as a person with this screen and these wishes would.

    `scheme` is ``light`` or ``dark``, `reduced_motion` ``reduce`` or ``no-preference``; with ``path=None``
    the page stays blank; anything else goes to Playwright's `new_context`:
    ``java_script_enabled=False``, ``has_touch=True``, ``forced_colors="active"``.
    """
    opened: list[BrowserContext] = []

    def open_page(
        path: str | None = "/",
        *,
        width: int = 1440,
        height: int | None = None,
        scheme: str = "light",
        locale: str = "en-GB",
        reduced_motion: str = "reduce",
        **context: Any,
    ) -> Page:
        profile = browser.new_context(
            base_url=watched.address,
            viewport={"width": width, "height": height or HEIGHTS.get(width, 900)},
            color_scheme=scheme,
            locale=locale,
            reduced_motion=reduced_motion,
            **context,
        )
        opened.append(profile)
        profile.set_default_timeout(PATIENCE_MILLISECONDS)
        watched.follow(profile)
        page = profile.new_page()
        if path is not None:
            page.goto(path, wait_until="networkidle")
        return page

    yield open_page
    for profile in opened:
        profile.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Open the page for one patient on a desk's screen."""
    return open_page("/")


@pytest.fixture
def blank_page(open_page: OpenPage) -> Page:
    """Open a blank page on a desk's screen."""
    return open_page(None)
