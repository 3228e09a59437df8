"""A registered version carries its scoring code: it loads without this project, and beside others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.models import Model, ModelSignature

from features.predictors import predictors
from features.synthetic.simulation import synthetic_patients
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from tests.bundles import PATIENT
from tests.recorded import in_folder_of
from tests.releases import linear, register, register_folder
from training.commands.repack import repack
from training.tracking import logged_model, repacking, scoring_package
from training.tracking import pyfunc_model as mlflow_model
from training.tracking.model_signature import signature
from training.tracking.risk_layouts import RiskTables
from training.tracking.runs import MODEL_NAME, connected
from training.tracking.scoring_package import PACKAGE, ScoringCode, own_imports, renamed, scoring_modules
from training.tracking.store import TrackingError, quiet

FIRST = Path(__file__).parents[1] / "first_version"
"""The code that every version of the first release carries, and a bundle of that time; synthetic."""

ANSWER = """
import importlib.abc, json, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("features", "serving", "training"):
            raise ModuleNotFoundError(f"No module named {name!r}")

sys.meta_path.insert(0, Absent())
import mlflow, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
print(model.predict(pandas.DataFrame(json.loads(sys.argv[2]))).to_json(orient="records", double_precision=15))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], Path]) -> Iterator[Path]:
    """Register a version with its code, and one as the first release registered it."""
    folder = new_database(tmp_path_factory.mktemp("versions"))
    with in_folder_of(folder), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        register(linear(), folder / "own")
        shutil.copytree(FIRST / "bundle", folder / "first")
        with pytest.MonkeyPatch.context() as earlier:
            earlier.setattr(logged_model, "model_settings", first_settings)
            register_folder(folder / "first")
        yield folder


def first_settings(bundle: Path, code: ScoringCode) -> dict[str, Any]:
    """Save as the first release did: the stored file alone, which imports the installed project."""
    stored = code.model_file.with_name("mlflow_model.py")
    stored.write_text((FIRST / "mlflow_model.py.txt").read_text())
    return {
        "python_model": str(stored),
        "artifacts": {"bundle": str(bundle)},
        "metadata": mlflow_model.digests(read_bundle(bundle)),
        "signature": signature(),
        "pip_requirements": ["mlflow"],
    }


def load(version: str) -> Any:
    with quiet():
        return mlflow.pyfunc.load_model(f"models:/{MODEL_NAME}/{version}")


def artifacts(place: Path, version: str) -> Path:
    with connected() as client:
        source = str(client.get_model_version(MODEL_NAME, version).source)
    return place / "mlartifacts" / "models" / source.removeprefix("models:/") / "artifacts"


def risks(table: pd.DataFrame) -> list[float]:
    return [float(value) for name in ("risk", "low", "high") for value in table[name]]


def expected(folder: Path, rows: list[dict[str, Any]]) -> list[float]:
    """Ask the installed project by the same bundle, in the order of `RiskTables.table`."""
    return risks(RiskTables(read_bundle(folder)).table(pd.DataFrame(rows)))


def alone(place: Path, version: str, rows: list[dict[str, Any]]) -> list[float]:
    """Ask a process in which nothing of this project can be imported."""
    folder = artifacts(place, version)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ANSWER, str(folder), json.dumps(rows)],
        capture_output=True,
        text=True,
        cwd=place,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return risks(pd.DataFrame(json.loads(done.stdout)))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [PATIENT, *synthetic_patients(4, rng=np.random.default_rng(3))]


def test_a_version_answers_without_the_project(place: Path, rows: list[dict[str, Any]]) -> None:
    """The same to the last decimals as where it is installed."""
    np.testing.assert_allclose(alone(place, "1", rows), expected(place / "own", rows), rtol=0, atol=1e-9)


def test_the_installed_scorer_gives_the_same(place: Path, rows: list[dict[str, Any]]) -> None:
    """What is predicted is what is served."""
    bundle, table = read_bundle(place / "own"), load("1").predict(pd.DataFrame(rows))
    for name, found in Scorer(bundle).risks(predictors(rows)).items():
        mine = table[(table["outcome"] == name) & (table["horizon_days"] == found.horizons_days[0])]
        np.testing.assert_allclose(mine["risk"], found.risk[:, 0], rtol=0, atol=1e-9)


def test_refusals_name_no_value_without_the_project_either(place: Path) -> None:
    """The check of the HTTP service is carried along."""
    with pytest.raises(AssertionError, match="age_years must be 0 to 100 years") as refused:
        alone(place, "1", [{**PATIENT, "age_years": 424242.5}])
    # The request itself is in the command's arguments, not in what it says.
    assert "424242" not in str(refused.value)


def test_versions_of_other_code_answer_side_by_side(
    place: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    """Each by its own code: the later one, with another interval, leaves the earlier one as it was."""
    sources = scoring_modules()
    level = "INTERVAL_LEVEL = 0.9"
    assert level in sources["serving.model.interval_ends"]
    sources["serving.model.interval_ends"] = sources["serving.model.interval_ends"].replace(
        level, "INTERVAL_LEVEL = 0.5"
    )
    # Golden vectors hold intervals of the usual level.
    sources["serving.model.golden_vectors"] = sources["serving.model.golden_vectors"].replace("1e-9", "1.0")
    monkeypatch.setattr(scoring_package, "scoring_modules", lambda: dict(sources))
    later = register(linear(), place / "later")
    models = {version: load(version) for version in ("1", later)}
    own = np.array(expected(place / "own", rows)).reshape(3, -1)
    for _ in range(2):
        first, second = (np.array(risks(models[each].predict(pd.DataFrame(rows)))) for each in ("1", later))
        np.testing.assert_allclose(first.reshape(3, -1), own, rtol=0, atol=1e-9)
        np.testing.assert_allclose(second.reshape(3, -1)[0], own[0], rtol=0, atol=1e-9)
        assert (second.reshape(3, -1)[2] < own[2]).all()
    names = {name.partition(".")[0] for name in sys.modules if name.startswith(PACKAGE)}
    assert len(names) >= 2


def test_a_column_more_in_the_schema_leaves_a_version_readable(
    place: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    """Earlier bundles name what they use; an option more of a choice does no harm either."""
    sources = scoring_modules()
    schema = sources["features.schema"]
    more = schema.replace('Literal["female", "male"]', 'Literal["female", "other_sex", "male"]')
    more = more.replace(
        "    ecog: ", '    asthma: bool | None = boolean("Asthma", known_when="baseline")\n    ecog: '
    )
    assert more.count("asthma") == 1
    assert more.count("other_sex") == 1
    sources["features.schema"] = more
    monkeypatch.setattr(scoring_package, "scoring_modules", lambda: dict(sources))
    shutil.copytree(FIRST / "bundle", place / "grown")
    grown = register_folder(place / "grown")
    known = {**PATIENT, "asthma": True}
    found = alone(place, grown, [known, *rows[1:]])
    np.testing.assert_allclose(found, expected(place / "first", rows), rtol=0, atol=1e-9)


def test_a_version_of_the_first_release_answers_as_it_did(place: Path) -> None:
    """Its stored file imports the names that the first release had."""
    stated = json.loads((FIRST / "bundle" / "bundle.json").read_text())["golden"]
    table = load("2").predict(pd.DataFrame(stated["patients"]))
    for name, stored in stated["risks"].items():
        mine = table[table["outcome"] == name]
        horizons = read_bundle(FIRST / "bundle").models[name].horizons_days
        for position, days in enumerate(horizons):
            of_day = mine[mine["horizon_days"] == days][["risk", "low", "high"]]
            np.testing.assert_allclose(of_day, np.array(stored)[:, position], rtol=0, atol=1e-9)


def test_repack_makes_a_version_self_contained(
    place: Path, rows: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Number, digests and answers stay; a second time there is nothing to do."""
    with pytest.raises(AssertionError, match="No module named 'features'"):
        alone(place, "2", rows)
    before = Model.load(str(artifacts(place, "2")))
    repack("2")
    after = Model.load(str(artifacts(place, "2")))
    assert (after.model_id, after.run_id, after.metadata) == (before.model_id, before.run_id, before.metadata)
    assert str(place) not in artifacts(place, "2").joinpath("MLmodel").read_text()
    assert load("2").predict(pd.DataFrame(rows), params={"layout": "wide"}).shape[0] == len(rows)
    np.testing.assert_allclose(alone(place, "2", rows), expected(place / "first", rows), rtol=0, atol=1e-9)
    with connected() as client:
        assert client.get_model_version(MODEL_NAME, "2").tags["scoring_code"].startswith(PACKAGE)
    repack("2")
    assert capsys.readouterr().out.splitlines()[::2] == [
        "version 2 now contains its scoring code",
        "version 2 already contains its scoring code",
    ]


def test_a_repack_that_is_interrupted_leaves_the_version_loadable(
    place: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    """What states how to load it comes last; the command can be repeated."""
    shutil.copytree(FIRST / "bundle", place / "again")
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(logged_model, "model_settings", first_settings)
        version = register_folder(place / "again")
    whole = MlflowClient.log_model_artifact

    def full(client: MlflowClient, model_id: str, local_path: str, artifact_path: str | None = None) -> None:
        if Path(local_path).name == repacking.MODEL_STATEMENT:
            message = "No space left on device"
            raise OSError(message)
        whole(client, model_id, local_path, artifact_path)

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "log_model_artifact", full)
        with pytest.raises(TrackingError, match="No space left on device"):
            repack(version)
    answers = expected(place / "again", rows)
    np.testing.assert_allclose(risks(load(version).predict(pd.DataFrame(rows))), answers, rtol=0, atol=1e-9)
    repack(version)
    np.testing.assert_allclose(alone(place, version, rows), answers, rtol=0, atol=1e-9)


def test_parameters_of_a_version_without_them_are_left_out(
    place: Path, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version of an earlier release, whose signature has none, answers as it did."""
    without = ModelSignature(inputs=signature().inputs, outputs=signature().outputs)
    monkeypatch.setattr(logged_model, "signature", lambda: without)
    version = register(linear(), place / "without")
    model = load(version)
    assert model.metadata.signature.params is None
    found = risks(model.predict(pd.DataFrame(rows)))
    np.testing.assert_allclose(found, expected(place / "without", rows), rtol=0, atol=1e-12)


def test_an_unknown_version_is_not_repacked(place: Path) -> None:
    with pytest.raises(TrackingError, match="version 99 is not registered"):
        repack("99")


def test_scoring_needs_no_training_and_no_web_library() -> None:
    """The code that travels is small: what answers, and nothing that fits or serves."""
    modules = scoring_modules()
    assert [name for name in modules if name.startswith("training")] == [
        f"training.tracking.{name}"
        for name in ("patient_rows", "prediction_options", "pyfunc_model", "risk_layouts")
    ]
    text = "\n".join(modules.values())
    for library in ("sklearn", "bentoml", "starlette", "matplotlib", "scipy", "shap", "rich", "typer"):
        assert f"import {library}" not in text
        assert f"from {library}" not in text


@pytest.mark.parametrize(
    "source", ["import serving.model.bundle", "from . import bundle", "from serving import bundle"]
)
def test_an_import_that_cannot_be_renamed_is_refused(source: str) -> None:
    """It would reach the installed project, or nothing."""
    with pytest.raises(ValueError, match="so that it can be renamed"):
        own_imports(source)


def test_imports_are_renamed_in_code_only() -> None:
    """Also those within functions and over several lines; words in a text stay."""
    source = (
        '"""From serving.model.bundle import it."""\n'
        "from serving.model.bundle import (\n    Bundle,\n)\n"
        "def late():\n    from features.terms import TERMS\n    return 'from features.terms import TERMS'\n"
    )
    assert renamed(source, "p") == source.replace("from serving", "from p.serving", 1).replace(
        "    from features", "    from p.features", 1
    )
