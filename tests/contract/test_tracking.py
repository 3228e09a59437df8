"""What MLflow holds of a training, and what it must not."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.measures import GAIN
from serving.model.read_bundle import read_bundle
from tests.recorded import CANARY, LIGHT, Recording, children_of, short_name
from training.records.markdown_table import GAP
from training.records.metric_names import WITH_INTERVAL, high_end, low_end
from training.records.outbox import forget, read_unrecorded
from training.statistics.metrics import METRICS
from training.tracking.model_registry import registered_bundle
from training.tracking.recorder import record_training
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.store import TrackingError

pytestmark = pytest.mark.usefixtures("figures_unpainted")


@pytest.fixture
def client(recorded: Recording) -> Iterator[Any]:
    with connected() as found:
        yield found


@pytest.fixture
def children(recorded: Recording, client: Any) -> dict[str, Any]:
    """Child runs by name."""
    runs = children_of(client, recorded.recorded.run_id)
    return {short_name(run.info.run_name): run for run in runs}


def test_each_model_and_baseline_has_a_child_run(recorded: Recording, children: dict[str, Any]) -> None:
    """One child a model and baseline of each outcome trained; progress is told after each."""
    expected = {
        f"{outcome} / {model}"
        for outcome, fitted in recorded.training.outcomes.items()
        for model in (*fitted.models, *fitted.baselines)
    }
    assert set(children) == expected
    assert recorded.steps == len(expected)
    assert {run.info.status for run in children.values()} == {"FINISHED"}


def test_parent_says_what_the_training_was(recorded: Recording, client: Any) -> None:
    """Cohort with digest, synthetic loudly, code, bundle, and the settings."""
    run, cohort = client.get_run(recorded.recorded.run_id), recorded.training.cohort
    tags = run.data.tags
    assert tags["cohort_sha256"] == cohort.sha256
    assert tags["synthetic"] == "SYNTHETIC COHORT, not for patients"
    assert tags["bundle_digest"] == read_bundle(recorded.bundle).digest
    assert tags["n_patients"] == str(cohort.n_patients)
    assert tags["code_version"]
    assert run.data.params["folds"] == "3"
    assert run.data.params["estimand"] == "treatment_policy"
    assert run.info.status == "FINISHED"


def test_parent_shows_the_states_of_the_cohort(recorded: Recording, client: Any) -> None:
    """Relapse, death without it, and neither, as one figure."""
    figures = client.list_artifacts(recorded.recorded.run_id, "figures")
    assert [file.path for file in figures] == [
        "figures/overfitting.svg",
        "figures/states_relapse_death_without_relapse.svg",
    ]


def test_page_is_where_the_run_is_seen(recorded: Recording, client: Any) -> None:
    """The hint opens the view for models, not the one for language models."""
    run_id = recorded.recorded.run_id
    experiment = client.get_run(run_id).info.experiment_id
    expected = f"/#/experiments/{experiment}/runs/{run_id}?workflowType=machine_learning"
    assert recorded.recorded.ui_hint == expected


def test_every_measure_has_its_interval(recorded: Recording, children: dict[str, Any]) -> None:
    """Names are those of the code; the group ``interval`` has the ends of the intervals."""
    metrics = children["relapse / ridge"].data.metrics
    known = recorded.training.outcomes["relapse"].models["ridge"].validation
    assert known is not None
    for name in METRICS:
        figure = known.metrics[365][name]
        assert metrics.get(name) == figure.value
        if name in WITH_INTERVAL:
            assert (metrics.get(low_end(name)), metrics.get(high_end(name))) == (figure.low, figure.high)
    assert metrics["day_90/auroc"] == known.metrics[90]["auroc"].value


def test_baseline_has_the_same_measures_as_models(children: dict[str, Any]) -> None:
    """They stand side by side in the UI; the prevalence gains nothing over itself."""
    models = set(children["relapse / ridge"].data.metrics)
    baseline = children["relapse / prevalence"].data.metrics
    assert {"log_loss", "brier", "auroc", "observed_expected"} <= models & set(baseline)
    assert baseline["log_loss_gain_over_prevalence"] == 0


def test_fold_log_loss_goes_step_by_step(client: Any, children: dict[str, Any]) -> None:
    """A step a fold."""
    history = client.get_metric_history(children["severe_crs / ridge"].info.run_id, "fold/held_out_log_loss")
    assert [point.step for point in history] == [0, 1, 2]
    of_training = client.get_metric_history(
        children["severe_crs / ridge"].info.run_id, "fold/training_log_loss"
    )
    assert [point.step for point in of_training] == [0, 1, 2]
    assert sum(point.value for point in of_training) < sum(point.value for point in history)


def test_chosen_hyper_parameters_are_recorded(recorded: Recording, children: dict[str, Any]) -> None:
    """What was chosen, beside outcome, model and evidence weight."""
    for name, model in recorded.training.outcomes["relapse"].models.items():
        params = children[f"relapse / {name}"].data.params
        weight = f"{model.model.evidence_weight:g}"
        assert (params["outcome"], params["model"], params["evidence_weight"]) == ("relapse", name, weight)
        for key, value in model.parameters.items():
            assert params[key] == str(value)


def test_chosen_model_is_marked(recorded: Recording, children: dict[str, Any]) -> None:
    """One model an outcome is in the bundle."""
    for outcome, fitted in recorded.training.outcomes.items():
        marked = [
            run.data.params["model"]
            for name, run in children.items()
            if name.startswith(f"{outcome} /") and run.data.tags["chosen"] == "yes"
        ]
        assert marked == [fitted.chosen]


def test_dataset_is_named_without_a_row(recorded: Recording, client: Any) -> None:
    """Name, digest of the whole file, columns and sizes; nothing that could be read from."""
    (found,) = client.get_run(recorded.recorded.run_id).inputs.dataset_inputs
    cohort = recorded.training.cohort
    assert (found.dataset.name, found.dataset.digest) == (cohort.name, cohort.sha256[:32])
    assert json.loads(found.dataset.profile) == {"num_rows": len(cohort), "num_patients": cohort.n_patients}
    columns = json.loads(found.dataset.schema)["mlflow_colspec"]
    assert {column["name"] for column in columns} == set(cohort.present)


def test_figures_are_beside_each_model(client: Any, children: dict[str, Any]) -> None:
    """Calibration and ROC at each horizon, the contributions, and what published evidence became."""
    listed = client.list_artifacts(children["relapse / anchored"].info.run_id, "figures")
    names = {Path(file.path).name for file in listed}
    assert {"calibration.svg", "roc.svg", "calibration_at_90_days.svg", "roc_at_90_days.svg"} <= names
    assert {"contributions.svg", "forest.svg"} <= names
    assert all(file.file_size for file in listed)


def test_instability_is_drawn_and_measured_of_the_chosen_model(
    recorded: Recording, client: Any, children: dict[str, Any]
) -> None:
    """No other has replicates."""
    for outcome, fitted in recorded.training.outcomes.items():
        for name in fitted.models:
            run = children[f"{outcome} / {name}"]
            listed = {Path(file.path).name for file in client.list_artifacts(run.info.run_id, "figures")}
            chosen = name == fitted.chosen
            assert ("instability.svg" in listed, "instability_width" in run.data.metrics) == (chosen, chosen)


def test_gains_over_every_baseline_are_measures(recorded: Recording, children: dict[str, Any]) -> None:
    """Paired, with their intervals; ridge is a model here and a baseline of the others."""
    summary = recorded.training.outcomes["relapse"].models["anchored"].summary
    metrics = children["relapse / anchored"].data.metrics
    assert set(summary.paired) == {"prevalence", "easix", "published", "ridge", "xgboost"}
    for baseline, gain in summary.paired.items():
        named = GAIN if baseline == "prevalence" else f"gain/{baseline}"
        found = tuple(metrics[each] for each in (named, low_end(named), high_end(named)))
        assert found == (gain.value, gain.low, gain.high)
    assert summary.sample_size is not None
    assert metrics["riley_n_needed"] == summary.sample_size.n_needed


def test_centres_are_measured_by_number(recorded: Recording, children: dict[str, Any]) -> None:
    """Each predicted by the others; which centre it is stays in the cohort's file."""
    fitted = recorded.training.outcomes["relapse"]
    by_center = fitted.models[fitted.chosen].summary.by_center
    assert list(by_center) == [1, 2, 3]
    metrics = children[f"relapse / {fitted.chosen}"].data.metrics
    assert metrics["center_2/auroc"] == by_center[2].metrics["auroc"].value


def test_evidence_is_told_of_and_listed(client: Any, children: dict[str, Any]) -> None:
    """Which was used, what must be known of it, and the priors made of it where a study states an effect."""
    tags = children["relapse / anchored"].data.tags
    chosen = (tags["evidence_literature"], tags["evidence_excluded"], tags["evidence_file"])
    assert chosen == ("yes", "none", "none")
    assert "needed for" in tags["sample_size"]

    def tables(name: str) -> list[str]:
        return [file.path for file in client.list_artifacts(children[name].info.run_id, "evidence")]

    assert tables("relapse / anchored") == ["evidence/relapse_priors.csv"]
    assert tables("severe_icans / anchored") == ["evidence/severe_icans_priors.csv"]
    assert tables("relapse / ridge") == tables("severe_icans / ridge") == []


def test_version_describes_itself(recorded: Recording, client: Any) -> None:
    """Cohort, outcomes, models and status in words, with the digest as a tag."""
    version = client.get_model_version(MODEL_NAME, recorded.recorded.version)
    assert version.description.startswith("**SYNTHETIC COHORT, not for patients**")
    assert f"| no response, relapse or progression{GAP} |" in version.description
    assert "not a medical device" in version.description
    assert version.tags["bundle_digest"] == read_bundle(recorded.bundle).digest
    assert version.run_id == recorded.recorded.run_id


def test_bundle_learns_its_version(recorded: Recording) -> None:
    """Provenance is completed in the folder and in what is fetched; the digest stays."""
    version, folder = registered_bundle("1")
    fetched, own = read_bundle(folder), read_bundle(recorded.bundle)
    assert (version, fetched.version, own.version) == ("1", "1", "1")
    assert fetched.digest == own.digest
    for bundle in (fetched, own):
        assert bundle.provenance["run_id"] == recorded.recorded.run_id
        assert {"created_at", "code_version", "python", "numpy", "scikit-learn"} <= set(bundle.provenance)


def test_nothing_identifies_a_patient(recorded: Recording) -> None:
    """Neither database nor artifacts nor bundles hold an identifier or a centre."""
    registered_bundle()
    cohort = recorded.training.cohort
    stored = [file for file in recorded.folder.rglob("*") if file.is_file()]
    assert {file.name for file in stored} >= {"mlflow.db", "MLmodel", "bundle.json", "input_example.json"}
    content = b"\n".join(file.read_bytes() for file in stored)
    for needle in {CANARY, *(str(patient) for patient in cohort.patient_id)}:
        assert needle.encode() not in content


def test_no_row_of_a_patient_can_be_put_together(recorded: Recording) -> None:
    """No line of any text has three laboratory values of one patient."""
    patients = recorded.training.cohort.patients
    values = patients.matrix(("ferritin_ug_l", "ldh_u_l", "platelets_1e9_l"))
    rows = [{f"{value:g}" for value in row} for row in values if not np.isnan(row).any()]
    assert len(rows) > 20
    texts = [file for file in recorded.folder.rglob("*") if file.suffix in {".json", ".yaml", ".csv", ".txt"}]
    lines = [set(re.findall(r"[\d.]+", line)) for file in texts for line in file.read_text().splitlines()]
    assert not any(len(row) == 3 and row <= line for row in rows for line in lines)


def test_run_of_mlflow_itself_is_taken_up(
    recorded: Recording, client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Under `mlflow run` its run becomes the parent, and what it already said stands."""
    experiment = client.create_experiment("by hand", artifact_location=(tmp_path / "artifacts").as_uri())
    given = client.create_run(experiment).info.run_id
    client.log_param(given, "allow_grading", "''")
    monkeypatch.setenv("MLFLOW_RUN_ID", given)
    only = replace(recorded.training, outcomes={"relapse": recorded.training.outcomes["relapse"]})
    found = record_training(only, recorded.bundle)
    with connected() as again:
        parent, runs = again.get_run(given), again.search_runs([experiment])
    assert found.run_id == given
    assert parent.data.params["allow_grading"] == "''"
    assert parent.data.params["seed"] == str(LIGHT.seed)
    fitted = only.outcomes["relapse"]
    assert len(runs) == 1 + len(fitted.models) + len(fitted.baselines)


def test_mlflow_stays_silent_and_leaves_the_environment(
    recorded: Recording, capfd: pytest.CaptureFixture[str]
) -> None:
    """No banner, no bar, no address left behind."""
    before = dict(os.environ)
    registered_bundle("1")
    assert tuple(capfd.readouterr()) == ("", "")
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("./mlruns", "MLFLOW_TRACKING_URI names a folder, but MLflow stores its runs in a database: set"),
        ("sqlite:////no/such/folder/mlflow.db", "MLflow's database /no/such/folder/mlflow.db cannot be"),
        ("http://127.0.0.1:9", "MLflow: "),
    ],
    ids=["folder", "no folder", "server gone"],
)
def test_mlflow_out_of_reach_loses_nothing(
    recorded: Recording, uri: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what is wrong, where the bundle is kept, and how to record it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    crs = {"severe_crs": recorded.training.outcomes["severe_crs"]}
    with pytest.raises(TrackingError) as refused:
        record_training(replace(recorded.training, outcomes=crs), recorded.bundle)
    said = str(refused.value)
    assert said.startswith(message)
    assert f"Nothing is lost: the bundle is in {recorded.bundle}" in said
    assert said.endswith(f"record them without refitting: cart-outcomes record {recorded.bundle}")
    assert read_bundle(recorded.bundle).models
    kept = len(crs["severe_crs"].models) + len(crs["severe_crs"].baselines)
    assert len(read_unrecorded(recorded.bundle).children) == kept
    forget(recorded.bundle)
