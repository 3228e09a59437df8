"""Pictures of MLflow's pages: ``python -m tests.browser.mlflow_screenshots --out docs/screenshots``."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import chromium_path, launched
from tests.browser.mlflow_pages import Pages, expand, opened, put_on_axes, take_off_axes, unfold
from tests.browser.pictures import small_picture
from tests.browser.tracking_process import own_environment, tracking_pages
from tests.e2e.workplace import PROJECT

COMMANDS = (
    ("simulate", "--patients", "200", "--seed", "8", "--out", "elsewhere.csv"),
    ("train", "synthetic.csv"),
    ("train", "synthetic.csv", "--no-evidence"),
    ("promote", "1"),
    ("train", "elsewhere.csv"),
    ("promote", "3"),
)
"""What is recorded: two trainings on one cohort, and one on another whose version succeeds the champion."""

SHOWN = ("auroc", "brier_scaled", "calibration_slope", "log_loss")
OUTCOME, MODEL = "relapse", "anchored"
PARTIAL = ("learning_rate", "linear_share")
"""Parameters that MLflow puts on an axis although only some runs have them."""


def runs(pages: Pages) -> Page:
    """Show the list of runs, the first training with its models and baselines."""
    page = pages.runs()
    first = pages.client.get_run(pages.trainings()[0]).info.run_name
    expand(page, str(first))
    page.get_by_role("link", name=f"{OUTCOME} / {MODEL} - ").first.wait_for()
    return page


def experiment(pages: Pages) -> Page:
    """Show the experiment's page, its description unfolded."""
    page = pages.runs()
    unfold(page)
    page.get_by_text("at a glance").wait_for()
    return page


def training(pages: Pages) -> Page:
    """Show the first training's overview, its description in full."""
    page = pages.run(pages.trainings()[0])
    page.get_by_text("Show more").first.click()
    page.get_by_text("Out-of-fold metrics at").wait_for()
    return page


def model(pages: Pages) -> Page:
    """Show a model's overview."""
    page = pages.run(_model(pages))
    page.get_by_text("Show more").first.click()
    page.get_by_text("calibration_slope", exact=True).wait_for()
    return page


def folds(pages: Pages) -> Page:
    """Show the log loss fold by fold."""
    page = pages.run(_model(pages), "model-metrics")
    page.get_by_placeholder("Search metric charts").fill("_log_loss")
    page.locator(".js-plotly-plot .scatterlayer").first.wait_for()
    return page


def comparison(pages: Pages) -> Page:
    """Show the models and baselines of an outcome beside each other."""
    page = pages.comparison(list(pages.children(pages.trainings()[0], OUTCOME).values()))
    take_off_axes(page, PARTIAL)
    put_on_axes(page, SHOWN[:3])
    return page


def registry(pages: Pages) -> Page:
    """Show the registered model with its versions."""
    page = pages.open("/#/models/cart-outcomes")
    page.get_by_text("@ champion").wait_for()
    return page


def champion(pages: Pages) -> Page:
    """Show why the champion is champion."""
    return pages.version(pages.champion())


def report(pages: Pages) -> Page:
    """Follow the link from the champion's page to its report."""
    page = champion(pages)
    with pages.profile.expect_page() as led:
        page.get_by_role("link", name="page", exact=True).click()
    led.value.frame_locator("iframe").get_by_role("heading", level=1).wait_for()
    return led.value


def overfitting(pages: Pages) -> Page:
    """Show apparent and validated performance of every model of the first training."""
    page = pages.run(pages.trainings()[0], "artifacts/figures/overfitting.svg")
    page.locator(IMAGE).first.wait_for()
    return page


def hide_folder(page: Page) -> None:
    """Hide the folder of this machine that MLflow states above an artifact."""
    for stated in page.get_by_text(re.compile(r"^Path: ")).all():
        stated.evaluate("element => { element.style.visibility = 'hidden'; }")


def artifact(path: str, mark: str) -> Callable[[Pages], Page]:
    """Show an artifact of a model when what the mark selects is there."""

    def shown(pages: Pages) -> Page:
        page = pages.run(_model(pages), f"artifacts/{path}")
        page.locator(mark).first.wait_for()
        # It could be clicked only when the tree of files stands still.
        page.get_by_text("measures.json", exact=True).first.click(trial=True)
        return page

    return shown


IMAGE = "img[src^='blob:'], img[alt*='.svg']"
PICTURES: dict[str, Callable[[Pages], Page]] = {
    "experiment": experiment,
    "runs": runs,
    "training": training,
    "model": model,
    "folds": folds,
    "overfitting": overfitting,
    "calibration": artifact("figures/calibration.svg", IMAGE),
    "decision": artifact("figures/decision.svg", IMAGE),
    "forest": artifact("figures/forest.svg", IMAGE),
    "contributions": artifact("figures/contributions.svg", IMAGE),
    "incidence": artifact("figures/incidence.svg", IMAGE),
    "measures": artifact("measures.json", "text=net_benefit_at_30"),
    "comparison": comparison,
    "registry": registry,
    "champion": champion,
    "report": report,
}
"""By name: opens the page, and comes back when its content is there."""


def take_screenshots(pages: Pages, folder: Path) -> Iterator[Path]:
    """Take the pictures.

    Parameters
    ----------
    pages : Pages
        Of an MLflow that has trainings and a champion.
    folder : Path
        Is made if it is not there. Pictures of the same names are replaced.

    Yields
    ------
    picture : Path
        Such as ``mlflow-runs.png``: one screen, one pixel for one CSS pixel.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, show in PICTURES.items():
        page = show(pages)
        hide_folder(page)
        picture = folder / f"mlflow-{name}.png"
        picture.write_bytes(small_picture(page.screenshot(animations="disabled", caret="hide")))
        for each in pages.profile.pages:
            each.close()
        yield picture


def main(arguments: list[str] | None = None) -> None:
    """Take the pictures of a running MLflow, or of one started for them with three trainings."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.mlflow_screenshots", description=main.__doc__
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--address", help="of a running MLflow, such as http://127.0.0.1:5000")
    chosen = parser.parse_args(arguments)
    with (
        _tracking(chosen.address) as address,
        sync_playwright() as playwright,
        launched(playwright, chromium_path()) as browser,
        opened(browser, address) as pages,
    ):
        for picture in take_screenshots(pages, chosen.out):
            sys.stdout.write(f"{picture} {picture.stat().st_size // 1024} KiB\n")


@contextmanager
def _tracking(address: str | None) -> Iterator[str]:
    if address is not None:
        yield address.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="cart-outcomes-mlflow-") as made:
        folder = Path(made)
        with tracking_pages(folder) as own:
            (folder / "synthetic.csv").symlink_to(PROJECT / "data" / "synthetic.csv")
            for command in COMMANDS:
                run_command(folder, own, command)
            yield own


def run_command(folder: Path, address: str, command: tuple[str, ...]) -> None:
    """Run the command line to its end, as somebody called researcher; runs go to the server."""
    sys.stdout.write(f"cart-outcomes {' '.join(command)}\n")
    sys.stdout.flush()
    done = subprocess.run(
        (str(Path(sys.executable).parent / "cart-outcomes"), *command),
        cwd=folder,
        env=own_environment(folder, {"MLFLOW_TRACKING_URI": address, "LOGNAME": "researcher"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)


def _model(pages: Pages) -> str:
    return pages.children(pages.trainings()[0], OUTCOME)[MODEL]


if __name__ == "__main__":
    main()
