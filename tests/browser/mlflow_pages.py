"""MLflow's own pages, as a data scientist opens and uses them in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from mlflow import MlflowClient
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from training.tracking.saved_view import VIEW

EXPERIMENT = MODEL = "cart-outcomes"
PATIENCE_MILLISECONDS = 60_000
WIDTH, HEIGHT = 1440, 900
UNFOLD = "[data-component-id='mlflow.experiment.metadata_editor.expand_button']"
"""Button beside the first line of an experiment's description."""
WITHOUT_ASSISTANT = """
document.addEventListener("DOMContentLoaded", () => {
  const rule = document.createElement("style");
  rule.textContent = "[data-assistant-ui] { display: none !important; }";
  document.head.append(rule);
});
localStorage.setItem("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true");
localStorage.setItem("mlflow.assistant.panelOpen_v1", "false");
"""


class Pages:
    """MLflow's pages of one experiment.

    Parameters
    ----------
    profile : BrowserContext
    address : str
        Of MLflow, such as ``http://127.0.0.1:5000``.
    """

    def __init__(self, profile: BrowserContext, address: str) -> None:
        self.profile, self.address = profile, address
        self.client = MlflowClient(tracking_uri=address)
        experiment = self.client.get_experiment_by_name(EXPERIMENT)
        assert experiment is not None, f"{address} has no experiment {EXPERIMENT}"
        self.experiment = str(experiment.experiment_id)

    def trainings(self) -> list[str]:
        """List the runs of trainings, the oldest first."""
        return self._runs("tags.kind = 'training'")

    def children(self, training: str, outcome: str) -> dict[str, str]:
        """Find the runs of an outcome's models and baselines by the names of these."""
        below = f"tags.`mlflow.parentRunId` = '{training}' and tags.outcome = '{outcome}'"
        return {self.client.get_run(run).data.params["model"]: run for run in self._runs(below)}

    def champion(self) -> str:
        """Name the version that is champion."""
        return str(self.client.get_model_version_by_alias(MODEL, "champion").version)

    def runs(self) -> Page:
        """Open the list of runs in the view of measures that the experiment offers."""
        page = self.open(f"/#/experiments/{self.experiment}/runs?viewStateShareKey={VIEW}")
        page.locator(".ag-row").first.wait_for()
        return page

    def run(self, run: str, tab: str = "") -> Page:
        """Open the page of a run: its overview, or a tab such as ``artifacts/measures.json``."""
        page = self.open(f"/#/experiments/{self.experiment}/runs/{run}{tab and f'/{tab}'}")
        page.get_by_role("tab", name="Overview").wait_for()
        return page

    def comparison(self, runs: Sequence[str]) -> Page:
        """Open the comparison of runs, its plot of parallel coordinates drawn."""
        chosen = quote(json.dumps(list(runs)), safe="")
        page = self.open(f"/#/compare-runs?runs={chosen}&experiments=%5B%22{self.experiment}%22%5D")
        plot(page).wait_for()
        return page

    def version(self, version: str) -> Page:
        """Open the page of a version of the registered model."""
        page = self.open(f"/#/models/{MODEL}/versions/{version}")
        page.get_by_text("Why it is champion").wait_for()
        return page

    def open(self, path: str) -> Page:
        """Open a page of MLflow's, with its pages for classical models beside it."""
        page = self.profile.new_page()
        joined = "&" if "?" in path else "?"
        page.goto(f"{self.address}{path}{joined}workflowType=machine_learning")
        return page

    def _runs(self, condition: str) -> list[str]:
        found = self.client.search_runs(
            [self.experiment], condition, order_by=["attributes.start_time ASC"], max_results=200
        )
        return [run.info.run_id for run in found]


@contextmanager
def opened(browser: Browser, address: str, width: int = WIDTH, height: int = HEIGHT) -> Iterator[Pages]:
    """Open MLflow in a browser profile of its own, on a desk's screen."""
    size = {"width": width, "height": height}
    with browser.new_context(
        viewport=size, color_scheme="light", locale="en-GB", reduced_motion="reduce"
    ) as profile:
        profile.add_init_script(WITHOUT_ASSISTANT)
        profile.set_default_timeout(PATIENCE_MILLISECONDS)
        yield Pages(profile, address)


def plot(page: Page) -> Locator:
    """Find the plot of parallel coordinates."""
    return page.locator(".js-plotly-plot .parcoords").first


def axes(page: Page) -> Locator:
    """Find the names of the plot's axes, from left to right."""
    return page.locator(".parcoords .axis-title")


def put_on_axes(page: Page, metrics: Sequence[str]) -> None:
    """Choose further measures for the plot."""
    choice = page.get_by_role("combobox").last
    for name in metrics:
        choice.click()
        choice.fill(name)
        page.get_by_title(name, exact=True).last.click()
        axes(page).get_by_text(name, exact=True).wait_for()
    page.keyboard.press("Escape")


def take_off_axes(page: Page, parameters: Sequence[str]) -> None:
    """Take parameters away from the plot."""
    for name in parameters:
        chosen = page.locator("[class*='selection-item']").filter(has_text=name)
        chosen.locator("[class*='item-remove']").first.click()


def unfold(page: Page) -> None:
    """Show the whole description of the experiment, above its list of runs."""
    page.locator(UNFOLD).click()


def expand(page: Page, run_name: str) -> None:
    """Show the runs below a run in the list."""
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=run_name, exact=True))
    row.get_by_role("button").first.click()
