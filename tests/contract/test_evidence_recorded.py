"""What MLflow holds of a training without a cohort."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow.artifacts import load_text
from rich.console import Console

from tests.recorded import LIGHT, Recording, children_of, in_folder_of, record, short_name
from training.commands.compare import compare
from training.dataset.fit_config import EvidenceChoice
from training.fitting.train import train
from training.records.markdown_table import GAP
from training.tracking.model_registry import champion_outcomes, registered_bundle
from training.tracking.promotion import set_champion
from training.tracking.run_list import list_models
from training.tracking.runs import MODEL_NAME, connected

OWN = "outcome,term,use,direction,source\nsevere_icans,age,direction,+,own series\n"
LEFT_OUT = "NCT02906371"
"""Source of a row on severe CRS."""
FOLDER = "known-to-the-site-only"


@pytest.fixture(scope="module")
def alone(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path], figures_unpainted: None
) -> Iterator[Recording]:
    """Record published evidence and a site's own rows, and work where they are recorded."""
    file = tmp_path_factory.mktemp(FOLDER) / "own.csv"
    file.write_text(OWN)
    config = replace(LIGHT, evidence=EvidenceChoice(file, excluded=(LEFT_OUT,)))
    recording = record(train(None, config), new_database(tmp_path_factory.mktemp("mlflow")))
    with in_folder_of(recording.folder):
        yield recording


@pytest.fixture
def client(alone: Recording) -> Iterator[Any]:
    with connected() as found:
        yield found


@pytest.fixture
def children(alone: Recording, client: Any) -> dict[str, Any]:
    """Child runs by name."""
    runs = children_of(client, alone.recorded.run_id)
    return {short_name(run.info.run_name): run for run in runs}


def test_training_is_named_by_what_it_rests_on(alone: Recording, client: Any) -> None:
    """No cohort, no dataset, no digest; which evidence, by the name of the file."""
    run = client.get_run(alone.recorded.run_id)
    tags = run.data.tags
    assert tags["cohort"] == "published evidence only"
    assert alone.training.period is not None
    assert run.info.run_name.endswith(f", published evidence only, {alone.training.period.moment}")
    assert (tags["cohort_sha256"], tags["n_patients"], tags["synthetic"]) == ("none", "0", "no")
    assert run.inputs.dataset_inputs == []
    assert (tags["evidence_literature"], tags["evidence_excluded"]) == ("yes", LEFT_OUT)
    assert tags["evidence_file"] == "own.csv"
    assert run.data.params["outcomes"] == ", ".join(LIGHT.outcomes)
    assert run.data.metrics == {}


def test_each_outcome_has_a_run_of_its_own(alone: Recording, children: dict[str, Any]) -> None:
    """A model that is chosen, with its evidence weight, and nothing measured."""
    assert set(children) == {f"{name} / published" for name in LIGHT.outcomes}
    assert alone.steps == len(LIGHT.outcomes)
    for outcome, published in alone.training.published.items():
        run = children[f"{outcome} / published"]
        tags = run.data.tags
        assert (tags["kind"], tags["chosen"], tags["status"]) == ("model", "yes", "published evidence only")
        assert tags["status_reasons"] == "no local cohort was used"
        assert run.data.params["model"] == "published"
        assert run.data.params["evidence_weight"] == f"{published.fitted.model.evidence_weight:g}"
        assert run.data.metrics == {}
        assert run.inputs.dataset_inputs == []


def test_priors_are_drawn_and_listed(alone: Recording, client: Any, children: dict[str, Any]) -> None:
    """A forest plot where a study states an effect with an interval, a row a term in the table."""
    run = children["severe_crs / published"].info
    assert [file.path for file in client.list_artifacts(run.run_id, "figures")] == ["figures/forest.svg"]
    rows = list(csv.DictReader(io.StringIO(load_text(f"{run.artifact_uri}/evidence/severe_crs_priors.csv"))))
    assert [row["term"] for row in rows] == [
        term.term for term in alone.training.published["severe_crs"].prior.terms
    ]
    assert not any(LEFT_OUT in row["sources"] for row in rows)
    run = children["severe_icans / published"].info
    rows = list(
        csv.DictReader(io.StringIO(load_text(f"{run.artifact_uri}/evidence/severe_icans_priors.csv")))
    )
    assert {row["sources"] for row in rows if row["term"] == "age"} == {"own series"}


def test_version_answers_every_outcome(alone: Recording, client: Any) -> None:
    """It is described, can be fetched, and as champion names what it answers."""
    version = client.get_model_version(MODEL_NAME, alone.recorded.version)
    assert version.description.startswith("Published evidence only: no patient data were used.")
    weight = f"{alone.training.published['severe_crs'].fitted.model.evidence_weight:.0%}"
    row = f"| severe CRS (grade 3 or higher) | published | 30 | - | {weight} | - | - | - | published"
    assert row in version.description.replace(f"{GAP} |", " |")
    assert "Out-of-fold metrics" not in version.description
    assert registered_bundle()[0] == "1"
    set_champion("1")
    assert champion_outcomes() == ("1", LIGHT.outcomes)


def test_comparison_shows_it(alone: Recording) -> None:
    """Its models are named, though nothing was measured of them."""
    (training,) = list_models()
    assert training.cohort == "published evidence only"
    assert [(model.model, model.chosen, model.metrics) for model in training.models] == [
        ("published", True, {})
    ] * len(LIGHT.outcomes)
    console = Console(file=io.StringIO(), width=200)
    compare(console=console)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert "relapse: published evidence only\n  published *: not cross-validated" in said
    assert "AUROC" not in said


def test_folder_of_the_sites_file_is_recorded_nowhere(alone: Recording) -> None:
    """Paths name people and places."""
    stored = [file for file in alone.folder.rglob("*") if file.is_file()]
    assert Path("mlflow.db") in [file.relative_to(alone.folder) for file in stored]
    assert not any(FOLDER.encode() in file.read_bytes() for file in stored)
