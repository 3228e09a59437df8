"""What axe-core finds wrong with a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

IMPACTS = ("serious", "critical")
EVERY_IMPACT = ("minor", "moderate", "serious", "critical")


def axe(page: Page, *, impacts: tuple[str, ...] = IMPACTS) -> list[str]:
    """Check a page as it is shown now.

    Parameters
    ----------
    page : Page
        Settled: what is still fading in has the contrast of that moment.
    impacts : tuple of str
        Which violations count: ``minor``, ``moderate``, ``serious``, ``critical``.

    Returns
    -------
    violations : list of str
        One for each element: rule, impact, where, and what is wrong. ``assert axe(page) == []``.
    """
    found = Axe().run(page).response["violations"]
    return [
        _line(violation, node)
        for violation in found
        if violation["impact"] in impacts
        for node in violation["nodes"]
    ]


def _line(violation: dict[str, Any], node: dict[str, Any]) -> str:
    why = " ".join(node.get("failureSummary", "").split())
    return f"{violation['id']} ({violation['impact']}) at {node['target'][0]}: {why}"
