"""The library has the numbers of the command line, of HTTP and of the registry; no object shows a patient."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.cohort import Cohort
from features.outcomes import OUTCOMES
from features.problems import Refused
from features.schema import Patient
from features.synthetic.simulation import synthetic_patients
from serving.answers.infusion_lines import Detail
from serving.model.bundle_error import BundleError
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.recorded import LIGHT, Recording, in_folder_of
from tests.served_here import served_here
from training.api import (
    AnchoredClassifier,
    Model,
    compare,
    contributions_from,
    contributions_table,
    explain,
    fit,
    labels,
    load,
    read_cohort,
    risks,
    simulate,
    validate,
)
from training.commands.score import score
from training.commands.simulate import simulate as simulate_command
from training.commands.train import train as train_command

CANARY_ID, CANARY_NUMBER, CANARY_CENTER = "Iwanowa-7741", 7741.25, "Ulm-7741"
LONGEST = 2000


@pytest.fixture(scope="module")
def cohort_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("library") / "cohort.csv"
    simulate(60, seed=4).to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def bundle_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "bundle"
    write_bundle(make_bundle(), folder)
    return folder


def test_a_fit_is_the_training_of_the_command(
    cohort_file: Path, tmp_path: Path, new_database: object, figures_unpainted: None
) -> None:
    """The same settings give the same bundle, byte for byte, whether the cohort is a file or was read."""
    settings = {"outcomes": ("severe_crs",), "models": ("anchored",), "estimand": "treatment_policy"}
    new_database(tmp_path)  # type: ignore[operator]
    with in_folder_of(tmp_path):
        train_command(
            cohort_file,
            **settings,  # type: ignore[arg-type]
            allow_grading="",
            seed=3,
            validate=False,
            bundle_out=tmp_path / "bundle",
            workers=1,
        )
    chosen = {**settings, "seed": 3, "validate": False, "progress": False}
    model = fit(read_cohort(cohort_file), **chosen)  # type: ignore[arg-type]
    assert model.bundle.digest == read_bundle(tmp_path / "bundle").digest
    saved = load(model.save(tmp_path / "saved"))
    copied = load(saved.save(saved.save(tmp_path / "saved")))
    assert saved.bundle.digest == copied.bundle.digest == model.bundle.digest
    with pytest.raises(BundleError):
        model.save(tmp_path)


@pytest.mark.parametrize("detail", ["risk", "interval", "contributions"])
def test_risks_are_those_of_score(
    bundle_of_all: Path, cohort_file: Path, tmp_path: Path, detail: str
) -> None:
    """Column by column and row by row, to the last bit."""
    score(cohort_file, tmp_path / "risks.csv", bundle=bundle_of_all, detail=Detail(detail))
    expected = pd.read_csv(tmp_path / "risks.csv", dtype={"patient_id": str}, float_precision="round_trip")
    found = risks(load(bundle_of_all), cohort_file, detail=detail)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)


def test_risks_and_contributions_are_those_of_the_service(bundle_of_all: Path) -> None:
    """Of patients as a program sends them."""
    patients = synthetic_patients(10, rng=np.random.default_rng(1))
    with served_here(bundle_of_all) as client:
        answers = client.post("/risk/batch", json={"patients": patients}).json()["answers"]
    model = load(bundle_of_all)
    lines = risks(model, patients).set_index(["patient_id", "outcome", "horizon_days"])
    for name in model.outcomes:
        stated = explain(model, patients, name)
        for number, answer in enumerate(answers):
            (outcome,) = (each for each in answer["outcomes"] if each["name"] == name)
            for point in outcome["curve"]:
                row = lines.loc[(str(number), name, point["horizon_days"])]
                assert row["risk"] == pytest.approx(point["risk"], abs=1e-9)
                assert row["low"] == pytest.approx(point["low"], abs=1e-9)
            served = sum(each["log_odds"] for each in outcome["contributions"])
            assert np.sum(stated[number].values) == pytest.approx(served, abs=1e-9)


def test_contributions_return_from_their_file(bundle_of_all: Path, cohort_file: Path, tmp_path: Path) -> None:
    """CSV and Parquet."""
    stated = explain(load(bundle_of_all), cohort_file, "relapse")
    table = contributions_table(stated)
    table.to_csv(tmp_path / "c.csv", index=False)
    table.to_parquet(tmp_path / "c.parquet")
    for file in (tmp_path / "c.csv", str(tmp_path / "c.parquet")):
        read = contributions_from(file)
        for name in ("values", "base_values", "data"):
            np.testing.assert_allclose(getattr(read, name), getattr(stated, name), rtol=1e-12)


def test_simulated_patients_are_those_of_the_command(tmp_path: Path) -> None:
    """By the same seed."""
    simulate_command(30, 5, tmp_path / "cohort.csv")
    simulate(30, seed=5).to_csv(tmp_path / "frame.csv", index=False)
    assert (tmp_path / "frame.csv").read_text() == (tmp_path / "cohort.csv").read_text()


def test_registered_versions_are_loaded(recorded: Recording) -> None:
    """By number, with the settings by which their cross-validation is repeated."""
    model = load("1")
    assert model.bundle.digest == read_bundle(recorded.bundle).digest
    assert model.recipe is not None
    assert (model.recipe.config.seed, model.recipe.config.folds) == (LIGHT.seed, LIGHT.folds)
    assert recorded.training.cohort is not None
    other = fit(
        recorded.training.cohort,
        outcomes=["severe_crs"],
        models=["anchored"],
        literature=False,
        config=replace(LIGHT, replicates=2),
        progress=False,
    )
    table = compare(model, other, recorded.training.cohort, progress=False).set_index(["outcome", "loss"])
    first = table["first"].to_dict()["severe_crs", "log_loss"]
    summary = recorded.training.bundle.summaries["severe_crs"]
    assert first == pytest.approx(summary.metrics[30]["log_loss"].value, abs=1e-9)
    with pytest.raises(Refused, match="version 99 is not registered"):
        load("99")


def marked_frame() -> pd.DataFrame:
    """Give a cohort in which identifiers, a center and a value would be known again."""
    frame = simulate(60, seed=4)
    frame["patient_id"] = [f"{CANARY_ID}-{each}" for each in frame["patient_id"]]
    frame["center"] = CANARY_CENTER
    frame["ferritin_ug_l"] = CANARY_NUMBER
    return frame


def refused_objects(frame: pd.DataFrame) -> Iterator[Exception]:
    """Give the exceptions of a wrong value, wrong columns, wrong labels, and a cohort without an outcome."""
    wrong = frame.assign(ferritin_ug_l=-CANARY_NUMBER, sex=CANARY_ID)
    predictors = wrong[[name for name in Patient.model_fields if name in wrong.columns]]
    repeated = pd.concat([frame, frame])
    attempts = [
        lambda: read_cohort(wrong),
        lambda: read_cohort(repeated),
        lambda: fit(frame.drop(columns=["icans_grade"]), outcomes=["severe_icans"], progress=False),
        lambda: labels(frame.drop(columns=["icans_grade"]), "severe_icans"),
        lambda: AnchoredClassifier().fit(predictors, np.zeros(len(predictors))),
        lambda: AnchoredClassifier().fit(frame, np.zeros(len(frame))),
        lambda: AnchoredClassifier().fit(predictors[["sex"]], [CANARY_ID] * len(predictors)),
    ]
    for attempt in attempts:
        with pytest.raises(ValueError) as refused:
            attempt()
        yield refused.value


def test_no_representation_shows_a_patient() -> None:
    """Of any object or exception, in a terminal or a notebook: no identifier, center or value."""
    frame = marked_frame()
    cohort = read_cohort(frame, name="own")
    quick = replace(LIGHT, folds=2, replicates=2)
    model = fit(cohort, outcomes=["severe_crs"], models=["anchored"], config=quick, progress=False)
    predictors = frame[[name for name in Patient.model_fields if name in frame.columns]]
    known = labels(cohort, "severe_crs")
    classifier = AnchoredClassifier(replicates=2).fit(predictors, known["label"], groups=known["patient"])
    stated = explain(model, cohort, "severe_crs")
    measured = validate(model, cohort, outcomes=["severe_crs"], allow_training_cohort=True)
    shown: list[object] = [cohort, cohort.patients, cohort.follow_up, model, model.bundle, model.recipe]
    shown += [model.scorer, stated, stated[0], stated[:3], classifier, classifier.explain(predictors)]
    shown += [classifier.model_.composition, model.status, model.metrics, measured, *refused_objects(frame)]
    for each in shown:
        texts = [repr(each), str(each), getattr(each, "_repr_html_", str)()]
        if not isinstance(each, pd.DataFrame):
            assert max(map(len, texts)) < LONGEST, type(each)
        assert not [text for text in texts for mark in ("7741", "Iwanowa") if mark in text], type(each)


def test_everything_of_the_room_is_documented() -> None:
    """Each name that is promised has a docstring with an example or parameters."""
    import training.api as room

    for name in room.__all__:
        assert len(str(getattr(room, name).__doc__).splitlines()) > 1, name
    assert set(room.__all__) <= set(dir(room))


def test_a_cohort_may_be_of_a_notebook(cohort_file: Path) -> None:
    """Read by pandas with its own types, it is the cohort of the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = pd.read_csv(cohort_file)
        cohort: Cohort = read_cohort(frame)
    expected = read_cohort(cohort_file)
    for name in Patient.model_fields:
        np.testing.assert_array_equal(cohort.patients[name], expected.patients[name])
    assert cohort.patient_id.tolist() == expected.patient_id.tolist()
    assert isinstance(fit(None, outcomes=[next(iter(OUTCOMES))]), Model)
