"""The descriptions that MLflow shows of the experiment and of versions, renewed by every command."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recorded import CANARY, Recording, in_folder_of
from training.records.experiment_page import MARKS
from training.records.marked_part import surroundings
from training.records.outbox import KeptCohort, KeptRun
from training.tracking.experiments import DESCRIPTION
from training.tracking.measured_model import dataset_digest, log_metrics
from training.tracking.renewal import renew, renew_after_promotion, renew_experiment
from training.tracking.run_list import list_models
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.version_facts import FACTS_FILE, version_facts

pytestmark = pytest.mark.usefixtures("figures_unpainted")
PROCESSES, TRAININGS_EACH = 3, 4


@pytest.fixture
def client(recorded: Recording) -> Iterator[Any]:
    with connected() as found:
        yield found


def described(client: Any) -> str:
    return str(client.get_experiment_by_name("cart-outcomes").tags[DESCRIPTION])


def test_a_training_renews_the_page_of_its_experiment(recorded: Recording, client: Any) -> None:
    """Every outcome that was trained has its table, with a link to the run."""
    page = described(client)
    for outcome in recorded.training.outcomes:
        assert f"**`{outcome}`**" in page
    assert f"runs/{recorded.recorded.run_id}?workflowType=machine_learning" in page
    assert CANARY not in page


def test_a_promotion_renews_it_and_words_of_people_stay(recorded: Recording, client: Any) -> None:
    """The champion is named as soon as the alias points to it."""
    experiment = client.get_experiment_by_name("cart-outcomes").experiment_id
    client.set_experiment_tag(experiment, DESCRIPTION, f"By hand.\n\n{described(client)}\n\nAlso by hand.")
    client.set_registered_model_alias(MODEL_NAME, "champion", "1")
    try:
        renew_after_promotion("1")
        assert "**Champion: [version 1]" in described(client)
        assert surroundings(described(client), MARKS) == ("By hand.", "Also by hand.")
    finally:
        client.delete_registered_model_alias(MODEL_NAME, "champion")
        client.set_experiment_tag(experiment, DESCRIPTION, "")
        renew_after_promotion("1")
    assert "No champion yet" in described(client)


def test_a_page_that_cannot_be_renewed_fails_nothing(recorded: Recording, monkeypatch: Any) -> None:
    """The next command renews it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    renew(recorded.recorded.run_id)


def test_a_version_has_five_tags_at_most(recorded: Recording, client: Any) -> None:
    """All other facts are with its logged model and among its files, which outlive the run."""
    version = client.get_model_version(MODEL_NAME, "1")
    assert set(version.tags) <= {"bundle_digest", "logged_digest", "release_digest", "promoted_at", "forced"}
    facts = version_facts(client, version)
    assert facts["cohort_sha256"] == recorded.training.cohort.sha256
    assert {f"chosen.{name}" for name in recorded.training.outcomes} <= set(facts)
    model = str(version.source).removeprefix("models:/")
    assert FACTS_FILE in {file.path for file in client.list_logged_model_artifacts(model)}


def test_models_are_found_by_data_and_metric(recorded: Recording, client: Any) -> None:
    """The metrics of a training are joined with its model and its cohort."""
    experiment = client.get_experiment_by_name("cart-outcomes").experiment_id
    metrics = client.get_run(recorded.recorded.run_id).data.metrics
    cohort = recorded.training.cohort
    named = {"dataset_name": cohort.name, "dataset_digest": cohort.sha256[:32]}

    def found(least: float, data: dict[str, str]) -> list[Any]:
        condition = f"metrics.`relapse/auroc` >= {least}"
        return list(client.search_logged_models([experiment], condition, datasets=[data]))

    known = metrics["relapse/auroc"]
    assert len(found(known - 0.01, named)) == 1
    assert not found(known + 0.01, named)
    assert not found(known - 0.01, {**named, "dataset_digest": "0" * 32})


def test_metrics_of_one_outcome_are_not_joined_with_a_model_of_many(recorded: Recording, client: Any) -> None:
    """A model has one AUROC for each outcome."""
    experiment = client.get_experiment_by_name("cart-outcomes").experiment_id
    run = client.create_run(experiment, tags={"kind": "test"})
    model = str(client.get_model_version(MODEL_NAME, "1").source).removeprefix("models:/")
    before = {each.key for each in client.get_logged_model(model).metrics or []}
    cohort = KeptCohort("elsewhere.csv", "ab" * 32, 10, 10, ())
    log_metrics(client, run.info.run_id, {"auroc": 0.5}, model_id=model, cohort=cohort)
    after = {each.key for each in client.get_logged_model(model).metrics or []}
    client.delete_run(run.info.run_id)
    assert dataset_digest(cohort) == "ab" * 16
    assert after == before
    assert "relapse/auroc" in after


def test_no_path_of_the_machine_is_recorded(recorded: Recording, client: Any) -> None:
    """Neither in a tag nor in a parameter; MLflow's own tags aside."""
    for run in client.search_runs([client.get_experiment_by_name("cart-outcomes").experiment_id]):
        own = {name: value for name, value in run.data.tags.items() if not name.startswith("mlflow.")}
        for value in (*own.values(), *run.data.params.values()):
            assert str(Path.home()) not in value
            assert str(recorded.folder) not in value


def test_every_artifact_is_on_one_page(recorded: Recording, client: Any) -> None:
    """Self-contained, without script, and without a patient."""
    path = client.download_artifacts(recorded.recorded.run_id, "index.html")
    page = Path(path).read_text(encoding="utf-8")
    for outcome, fitted in recorded.training.outcomes.items():
        for model in fitted.models:
            assert f"{outcome} / {model}</h2>" in page
    for name in ("overfitting.svg", "calibration.svg", "league.json", "measures.json", "centers.json"):
        assert name in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert CANARY not in page


def _train_here(folder: str, number: int) -> None:
    """Record trainings as another command would, one after the other."""
    os.chdir(folder)
    with connected() as client:
        experiment = client.get_experiment_by_name("cart-outcomes").experiment_id
    for n in range(TRAININGS_EACH):
        with connected() as client:
            tags = {"kind": "training", "chosen.relapse": f"model-{number}-{n}"}
            run = client.create_run(experiment, tags=tags)
            client.log_metric(run.info.run_id, "relapse/log_loss_gain_over_prevalence", 1 + number + n / 10)
            client.set_terminated(run.info.run_id)
            renew_experiment(client, experiment)


def test_trainings_at_the_same_time_are_all_listed(tmp_path: Path) -> None:
    """The last one to write has seen all others; no word of a person is lost."""
    with in_folder_of(tmp_path):
        with connected() as client:
            tags = {DESCRIPTION: "By hand."}
            client.create_experiment("cart-outcomes", (tmp_path / "mlartifacts").as_uri(), tags)
        spawned = multiprocessing.get_context("spawn")
        workers = [spawned.Process(target=_train_here, args=(str(tmp_path), n)) for n in range(PROCESSES)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0] * PROCESSES
        with connected() as client:
            page = described(client)
    assert page.startswith("By hand.")
    assert f"10 of {PROCESSES * TRAININGS_EACH} versions" in page
    best = [f"model-{number}-{n}" for number in (1, 2) for n in range(TRAININGS_EACH)]
    assert all(name in page for name in best)


def test_runs_of_the_first_release_are_read(tmp_path: Path) -> None:
    """In the list of runs and in the league table, under the names that they have now."""
    runs = json.loads((Path(__file__).parents[1] / "first_version" / "runs.json").read_text())
    with in_folder_of(tmp_path), connected() as client:
        experiment = client.create_experiment("cart-outcomes", (tmp_path / "mlartifacts").as_uri())
        parent = ""
        for run in runs:
            tags = {**run["tags"], **({"mlflow.parentRunId": parent} if run["parent"] else {})}
            new = client.create_run(experiment, start_time=run["start"], tags=tags, run_name=run["name"])
            parent = parent or new.info.run_id
            for name, value in run["params"].items():
                client.log_param(new.info.run_id, name, value)
            record = KeptRun("", "", {}, {}, run["metrics"], {}, {}, {}, {}, local=True)
            log_metrics(client, new.info.run_id, record.metrics)
            client.set_terminated(new.info.run_id, end_time=run["end"])
        renew_experiment(client, experiment)
        page = described(client)
    with in_folder_of(tmp_path):
        (training,) = list_models()
    model, baseline = training.models
    metrics = next(run["metrics"] for run in runs if run["params"].get("model") == "anchored")
    ends = (metrics["auroc_low"], metrics["auroc_high"])
    assert (model.metrics["auroc"].value, (model.metrics["auroc"].low, model.metrics["auroc"].high)) == (
        metrics["auroc"],
        ends,
    )
    assert baseline.model == "prevalence"
    assert "1 of 1 version, by gain" in page
