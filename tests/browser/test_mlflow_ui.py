"""What a data scientist sees of a training in MLflow's own pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect
from rich.console import Console

from tests.browser.mlflow_pages import (
    PATIENCE_MILLISECONDS,
    Pages,
    axes,
    expand,
    opened,
    plot,
    put_on_axes,
    unfold,
)
from tests.browser.tracking_process import printed_address, tracking_pages
from tests.recorded import CANARY, in_folder_of, light_training, record
from training.commands.promote import promote
from training.tracking.saved_view import view_address

MEASURES = ("auroc", "brier_scaled", "calibration_slope", "log_loss")
EVERYWHERE = (*MEASURES, "calibration_in_the_large", "ici", "net_benefit_at_10")
COMPARED = ("anchored", "ridge", "prevalence", "easix", "published")


@pytest.fixture(scope="module")
def trained(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record a small training and make it champion, if there is a browser to look at it."""
    folder = tmp_path_factory.mktemp("tracking")
    record(light_training(), folder)
    with in_folder_of(folder):
        promote("1", None, console=Console(file=io.StringIO()))
    return folder


@pytest.fixture(scope="module")
def pages(trained: Path, browser: Browser) -> Iterator[Pages]:
    """Start MLflow's pages over the training and open them."""
    with tracking_pages(trained) as address, opened(browser, address) as pages:
        yield pages


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Wait longer than for our own pages: MLflow's are large."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    yield
    expect.set_options(timeout=15_000)


def relapse(pages: Pages) -> dict[str, str]:
    """Find the runs of the models and baselines of relapse."""
    return pages.children(pages.trainings()[0], "relapse")


def shows_no_patient(page: Page) -> bool:
    """Whether nothing that identifies a patient stands in a page or in a document inside it."""
    return not any(CANARY in frame.content() for frame in page.frames)


def test_the_printed_address_opens_the_list_of_runs(pages: Pages, trained: Path) -> None:
    """Not MLflow's pages for language models; one click leads from there to what the training found."""
    page = pages.profile.new_page()
    page.goto(printed_address(trained))
    name = str(pages.client.get_run(pages.trainings()[0]).info.run_name)
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("columnheader", name="chosen model")).to_be_visible()
    assert f"/runs/{pages.trainings()[0]}" in page.url


def test_no_command_line_names_the_database(pages: Pages, trained: Path) -> None:
    """Its address may hold a password; neither are there processes that wait for jobs."""
    ours = [process.cmdline() for process in psutil.Process().children(recursive=True)]
    lines = [" ".join(line) for line in ours]
    assert sum("mlflow.server.fastapi_app" in line for line in lines) == 1
    assert not any("mlflow.db" in line or "jobs" in line for line in lines)


def test_the_list_of_runs_names_cohort_and_measures(pages: Pages) -> None:
    """What is seen first at 1366 x 768: measures of every outcome, filled for the training and its models."""
    page = pages.runs()
    page.set_viewport_size({"width": 1366, "height": 768})
    parent = pages.client.get_run(pages.trainings()[0])
    expand(page, str(parent.info.run_name))
    assert "synthetic.csv (" in str(parent.info.run_name)
    for outcome in ("severe_crs", "severe_icans", "relapse"):
        heading = page.locator(".ag-header-cell").filter(has_text=f"{outcome}/auroc").first
        expect(heading).to_be_in_viewport(ratio=1)
    shown = _in_row(page, str(parent.info.run_name), "relapse/auroc")
    assert shown == pytest.approx(parent.data.metrics["relapse/auroc"], abs=1e-6)
    ridge = pages.client.get_run(relapse(pages)["ridge"])
    shown = _in_row(page, str(ridge.info.run_name), "relapse/auroc")
    assert shown == pytest.approx(ridge.data.metrics["auroc"], abs=1e-6)
    assert shows_no_patient(page)


def test_one_click_on_the_first_page_answers_the_first_questions(pages: Pages) -> None:
    """Which version serves and since when, on what data, calibrated, overfitted, and why these models."""
    page = pages.runs()
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(page.get_by_text("Champion: version 1")).to_be_in_viewport()
    unfold(page)
    for words in ("Why: promoted", "Data of version 1", "Calibration", "Overfitting", "Why these models"):
        expect(page.locator("p").filter(has_text=words).first).to_be_in_viewport()
    expect(page.get_by_text("at a glance")).to_be_in_viewport()
    for outcome in ("severe_crs", "severe_icans", "relapse"):
        expect(page.locator("td").filter(has_text=outcome).first).to_be_in_viewport()
    assert shows_no_patient(page)


def test_a_saved_view_shows_the_models_of_one_outcome(pages: Pages) -> None:
    """The lowest log loss first, with the measures that a choice needs; it is a link of the first page."""
    page = pages.runs()
    unfold(page)
    with pages.profile.expect_page() as led:
        page.get_by_role("link", name="relapse", exact=True).click()
    rows = led.value.locator(".ag-row [col-id='params.`model`']")
    expect(rows.first).to_be_visible()
    losses = {
        name: pages.client.get_run(run).data.metrics["log_loss"] for name, run in relapse(pages).items()
    }
    assert rows.all_inner_texts() == sorted(losses, key=lambda name: losses[name])
    # Columns further right are made when somebody scrolls to them.
    expect(led.value.locator(".ag-header-cell").filter(has_text="log_loss").first).to_be_visible()


@pytest.mark.parametrize("view", ["chosen models", "against the champion"])
def test_a_saved_view_lists_the_models_in_the_bundle(pages: Pages, view: str) -> None:
    """One row an outcome, without the training around them."""
    page = pages.open(f"/{view_address(pages.experiment, view)}")
    rows = page.locator(".ag-row [col-id='params.`outcome`']")
    expect(rows).to_have_count(4)
    assert set(rows.all_inner_texts()) >= {"severe_crs", "relapse"}


def test_every_figure_of_a_training_is_on_one_page(pages: Pages) -> None:
    """It opens in the view of artifacts, which runs no script."""
    page = pages.run(pages.trainings()[0], "artifacts/index.html")
    index = page.frame_locator("iframe")
    expect(index.get_by_role("heading", name="relapse / anchored", exact=True)).to_be_visible()
    expect(index.locator("img[alt='overfitting of All models together']")).to_be_visible()
    assert shows_no_patient(page)


def _in_row(page: Page, run_name: str, metric: str) -> float:
    """Read a cell of the list of runs."""
    name = page.get_by_role("link", name=run_name, exact=True)
    expect(name).to_be_visible()
    place = page.locator(".ag-row").filter(has=name).first.get_attribute("row-index")
    cell = page.locator(f".ag-row[row-index='{place}'] [col-id='metrics.`{metric}`']")
    return float(cell.first.inner_text())


def test_the_training_says_what_it_was(pages: Pages) -> None:
    """Cohort, size, synthetic or not, estimand, evidence and its weight, chosen models, digest, code."""
    page = pages.run(pages.trainings()[0])
    page.get_by_text("Show more").first.click()
    words = ("SYNTHETIC COHORT, not for patients", "infusions of 90 patients", "Evidence: the literature.")
    for said in (*words, "Estimand: treatment_policy", "Out-of-fold metrics at"):
        expect(page.get_by_text(said).first).to_be_visible()
    expect(page.get_by_role("columnheader", name="weight of evidence")).to_be_visible()
    expect(page.get_by_role("columnheader", name="gain over prevalence").first).to_be_visible()
    for tag in ("cohort_sha256", "n_events", "code_version"):
        expect(page.get_by_text(tag).first).to_be_visible()
    assert shows_no_patient(page)


def test_compared_runs_share_the_names_of_their_measures(pages: Pages) -> None:
    """The plot of parallel coordinates has an axis for each, and every run, baselines too, a value on it."""
    runs = relapse(pages)
    assert set(COMPARED) <= set(runs)
    page = pages.comparison([runs[name] for name in COMPARED])
    expect(page.get_by_text(f"Comparing {len(COMPARED)} Runs")).to_be_visible()
    expect(axes(page).get_by_text("evidence_weight", exact=True)).to_be_visible()
    put_on_axes(page, [name for name in EVERYWHERE if name not in axes(page).all_text_contents()])
    expect(plot(page)).to_be_visible()
    assert set(EVERYWHERE) <= set(axes(page).all_text_contents())
    for name in COMPARED:
        full = str(pages.client.get_run(runs[name]).info.run_name)
        expect(page.get_by_text(full, exact=True).first).to_be_visible()
    weights = page.get_by_role("row").filter(has=page.get_by_text("evidence_weight", exact=True))
    for run in pages.client.search_runs([pages.experiment], "params.outcome = 'relapse'"):
        expect(weights).to_contain_text(run.data.params["evidence_weight"])
    assert shows_no_patient(page)


def test_the_version_says_why_it_is_champion_and_leads_to_its_report(pages: Pages) -> None:
    """The link opens the report itself."""
    page = pages.version(pages.champion())
    expect(page.get_by_text("champion", exact=False).first).to_be_visible()
    expect(page.get_by_text("All checks of")).to_be_visible()
    assert shows_no_patient(page)
    with pages.profile.expect_page() as led:
        page.get_by_role("link", name="page", exact=True).click()
    report = led.value.frame_locator("iframe")
    expect(report.get_by_role("heading", level=1)).to_contain_text("CAR T-cell therapy")
    expect(report.get_by_text("SYNTHETIC MODEL").first).to_be_visible()
    assert shows_no_patient(led.value)


def test_a_model_has_its_figures_its_folds_and_its_table(pages: Pages) -> None:
    """Seen where MLflow shows them."""
    run = relapse(pages)["ridge"]
    figures = pages.run(run, "artifacts/figures/calibration.svg")
    expect(figures.locator("img[src^='blob:'], img[alt*='calibration']").first).to_be_visible()
    for name in ("roc.svg", "decision.svg", "incidence.svg", "contributions.svg", "dependence.svg"):
        expect(figures.get_by_text(name, exact=True)).to_be_visible()
    table = pages.run(run, "artifacts/measures.json")
    expect(table.get_by_text("net_benefit_at_30").first).to_be_visible()
    folds = pages.run(run, "model-metrics")
    folds.get_by_placeholder("Search metric charts").fill("held_out_log_loss")
    expect(folds.locator(".js-plotly-plot .scatterlayer .point").first).to_be_attached()
    assert all(shows_no_patient(page) for page in (figures, table, folds))
