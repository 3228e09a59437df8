"""`--home-center`: which center a model predicts for, what is recorded of it, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.cohort import Cohort
from features.problems import Refused
from features.synthetic.simulation import simulate, synthetic_patients
from features.synthetic.tables import simulation_table
from serving.answers.card import model_card
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.recorded import CANARY, canary_cohort
from tests.served_here import served_here
from training.commands.train import train as train_command
from training.commands.tune import tune
from training.comparison.champion_gain import champion_reasons, champion_remarks
from training.comparison.champion_refit import facts_over_champion
from training.comparison.paired_comparison import Difference, compare_versions
from training.comparison.training_recipe import Recipe, recipe_of
from training.comparison.version_risks import Contender
from training.dataset.fit_config import FitConfig
from training.dataset.unavailable import Unavailable
from training.fitting.train import Training, train
from training.records.training_runs import parent_record

LIGHT = FitConfig(
    outcomes=("severe_crs", "relapse", "death_without_relapse"),
    models=("anchored",),
    folds=3,
    repeats=1,
    bootstrap_draws=20,
    replicates=5,
    home_center=2,
)
SIZES = (0, 0, 0, 1, 1, 2)


def in_centers(cohort: Cohort) -> Cohort:
    """Give patients three centers of which the second has a third of them."""
    of_patient = np.unique(cohort.patient_id, return_inverse=True)[1]
    center = np.array([f"center {SIZES[patient % len(SIZES)]} {CANARY}" for patient in of_patient])
    return replace(cohort, center=center)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return in_centers(canary_cohort(100, np.random.default_rng(5)))


@pytest.fixture(scope="module")
def training(cohort: Cohort) -> Training:
    return train(cohort, LIGHT)


@pytest.fixture(scope="module")
def for_new_center(cohort: Cohort) -> Training:
    return train(cohort, replace(LIGHT, home_center=0))


@pytest.fixture(scope="module")
def bundle(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home") / "bundle"
    write_bundle(training.bundle, folder)
    return folder


def contender(training: Training, number: str = "1") -> Contender:
    stated = replace(training.bundle, digest=f"sha256:{number}", provenance={"version": number})
    return Contender(stated, Recipe(training.config))


def refused(file: Path, **given: Any) -> str:
    """Train as the command does, and give what it says."""
    names: dict[str, Any] = {
        "outcomes": (),
        "models": (),
        "estimand": "treatment_policy",
        "allow_grading": "",
    }
    with pytest.raises(Refused) as error:
        train_command(file, **names, seed=1, validate=False, bundle_out=file.parent / "b", **given)
    return str(error.value)


def cohort_file(folder: Path, centers: tuple[str, ...]) -> Path:
    """Write a simulated cohort in these centers."""
    table = simulation_table(simulate(12, rng=np.random.default_rng(1)))
    table["center"] = [centers[row % len(centers)] for row in range(len(table))]
    table.to_csv(folder / "series.csv", index=False)
    return folder / "series.csv"


def test_unknown_center_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    """What is wrong, where, and what there is instead."""
    file = cohort_file(tmp_path, ("Ulm", "Kiel", "Bonn"))
    assert refused(file, home_center="Köln") == (
        "--home-center Köln is not in the column center of series.csv; use one of Bonn, Kiel, Ulm"
    )
    with pytest.raises(Refused, match="--home-center Aix is not in the column center of"):
        tune(file, FitConfig(), home_center="Aix", bundle_out=tmp_path / "t")


def test_fewer_than_three_centers_are_refused(tmp_path: Path) -> None:
    """Two centers have no levels of their own, so a home center would change nothing but the validation."""
    assert refused(cohort_file(tmp_path, ("Ulm", "Kiel")), home_center="Ulm") == (
        "--home-center needs a cohort of at least 3 centers; the column center of series.csv names 2: "
        "omit --home-center"
    )


def test_home_center_needs_a_cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Published evidence alone knows no center."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="--home-center names a center of a cohort, and --evidence-only"):
        train_command(
            None,
            outcomes=(),
            models=(),
            estimand="treatment_policy",
            allow_grading="",
            seed=1,
            validate=False,
            bundle_out=None,
            evidence_only=True,
            home_center="Ulm",
        )


def test_bundle_names_its_home_center_by_number(training: Training, bundle: Path) -> None:
    """And nothing that leaves the center has its name."""
    found = read_bundle(bundle)
    assert found.cohort.home_center == 2
    assert model_card(found).cohort.home_center == 2
    for file in bundle.iterdir():
        assert CANARY.encode() not in file.read_bytes()
    assert CANARY not in repr(training.outcomes["relapse"])


def test_summary_says_where_it_was_validated(training: Training) -> None:
    """Counts and metrics are those of the home center; the note says so in report, card and terminal."""
    summary = training.bundle.summaries["severe_crs"]
    known = training.outcomes["severe_crs"].data.fitted
    own = int((known.center == f"center 1 {CANARY}").sum())
    assert summary.n_infusions == own
    assert summary.center_notes == (
        f"validated within the home center, center 2: {own} of {len(known)} infusions; "
        "the others are training data in every fold",
    )
    validation = training.outcomes["severe_crs"].models["anchored"].validation
    assert validation is not None
    assert validation.risk.shape[1] == own
    assert summary.by_center == {}


def test_runs_record_the_recipe(training: Training) -> None:
    """A champion is made again for the same center."""
    settings = parent_record(training).parameters
    assert settings["home_center"] == "2"
    assert parent_record(training).tags["home_center"] == "center 2"
    assert recipe_of(settings, {}).config.home_center == 2
    assert recipe_of({"home_center": "none"}, {}).config.home_center == 0
    assert recipe_of({}, {}).config.home_center == 0


def test_risks_of_home_and_new_center_differ_and_answers_do_not(
    bundle: Path, for_new_center: Training, tmp_path: Path
) -> None:
    """Fields of an answer are the same; center is no field of a request."""
    write_bundle(for_new_center.bundle, tmp_path / "new")
    (patient,) = synthetic_patients(1, rng=np.random.default_rng(3))
    answers = []
    for folder in (bundle, tmp_path / "new"):
        with served_here(folder) as client:
            answers.append(client.post("/risk", json=patient).json())
            assert client.post("/risk", json={**patient, "center": "Ulm"}).status_code == 422
    home, new = answers
    assert home.keys() == new.keys()
    assert [each.keys() for each in home["outcomes"]] == [each.keys() for each in new["outcomes"]]
    assert home["outcomes"][0]["risk"] != new["outcomes"][0]["risk"]


def test_bundles_without_a_home_center_stay_as_they_were(for_new_center: Training, tmp_path: Path) -> None:
    """The key is not there, so digests of other trainings do not change; and bundles without it are read."""
    for name, each in (("new", for_new_center.bundle), ("made", make_bundle())):
        write_bundle(each, tmp_path / name)
        assert "home_center" not in json.loads((tmp_path / name / "bundle.json").read_text())["cohort"]
        assert read_bundle(tmp_path / name).cohort.home_center == 0


def test_a_champion_for_the_same_center_is_made_again(training: Training) -> None:
    """In the folds of the home center, to the last digit: the gain over itself is 0."""
    own = contender(training)
    facts = facts_over_champion(training, own.bundle, own.recipe)
    gains = [json.loads(value) for name, value in facts.items() if name != "champion_digest"]
    assert gains
    assert np.abs(gains).max() < 1e-12


def test_versions_for_different_centers_are_not_compared_on_their_cohort(
    training: Training, for_new_center: Training, cohort: Cohort
) -> None:
    """Their metrics are of different patients."""
    home, new = contender(training), contender(for_new_center, "2")
    facts = facts_over_champion(for_new_center, home.bundle, home.recipe)
    assert set(facts) <= {"champion_digest"}
    assert champion_reasons(new.bundle, home.bundle) == []
    assert champion_remarks(new.bundle, home.bundle) == [
        "not compared with the champion, version 1: it predicts for center 2, this version for a new center"
    ]
    found = compare_versions((home, new), cohort)["relapse"]
    assert found == Unavailable("on this cohort, one was trained for a new center and one for center 2")


def test_versions_for_the_same_center_are_compared_in_it(training: Training, cohort: Cohort) -> None:
    """By the recorded metrics of the first."""
    found = compare_versions((contender(training), contender(training, "2")), cohort)["severe_crs"]
    assert isinstance(found, Difference)
    assert found.same
    assert found.n_infusions == training.bundle.summaries["severe_crs"].n_infusions
    recorded = training.bundle.summaries["severe_crs"].metrics[30]
    assert found.losses[0] == {name: recorded[name] for name in ("log_loss", "brier")}


def test_on_another_cohort_all_infusions_are_compared(training: Training) -> None:
    """A number of one cohort says nothing of another."""
    other = in_centers(canary_cohort(60, np.random.default_rng(6)))
    other = replace(other, sha256="cd" * 32)
    found = compare_versions((contender(training), contender(training, "2")), other)["severe_crs"]
    assert isinstance(found, Difference)
    assert found.n_infusions > 0.9 * len(other)
