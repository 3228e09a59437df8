"""MLflow's own commands on a registered version, without this project and its training libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np
import pandas as pd
import pytest

from features.synthetic.simulation import synthetic_patients
from serving.model.read_bundle import read_bundle
from tests.e2e.workplace import Running, Workplace, free_port
from tests.recorded import in_folder_of
from tests.releases import linear, register
from training.tracking.risk_layouts import RiskTables

pytestmark = pytest.mark.slow

ADDRESS = "models:/cart-outcomes/1"
WIDE = {"outcome": "relapse,severe_crs", "interval": False, "layout": "wide"}
NUMBER, NAME = 424242.5, "Iwanowa"
"""Values that neither an answer nor a log may repeat."""

ABSENT = """
import importlib.abc, sys

NAMES = ("features", "serving", "training", "sklearn", "matplotlib", "shap", "numba", "lifelines",
         "statsmodels", "optuna", "bentoml", "typer", "joblib")

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""
"""Of an environment made from the version's requirements: nothing of this project, nothing for training."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """Register a version, and give the environment of a machine that only serves it."""
    folder = tmp_path_factory.mktemp("served")
    with in_folder_of(folder):
        register(linear(), folder / "bundle")
    (folder / "absent").mkdir()
    (folder / "absent" / "sitecustomize.py").write_text(ABSENT)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "CART_"))}
    settings = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
        "PYTHONPATH": str(folder / "absent"),
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    return Workplace(folder, {**kept, **settings})


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return synthetic_patients(4, rng=np.random.default_rng(29))


def expected(place: Workplace, rows: list[dict[str, Any]], params: dict[str, Any] | None) -> pd.DataFrame:
    return RiskTables(read_bundle(place.folder / "bundle")).table(pd.DataFrame(rows), params)


def assert_same(predictions: list[dict[str, Any]], table: pd.DataFrame) -> None:
    found = pd.DataFrame(predictions)
    pd.testing.assert_frame_equal(found[list(table)], table, check_dtype=False, rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def address(place: Workplace) -> Iterator[tuple[str, Running]]:
    """Serve it, as on a machine that has MLflow and the version's requirements."""
    port = free_port()
    command = f"models serve --env-manager local -m {ADDRESS} --port {port}"
    with place.started("mlflow", *command.split(), until="startup complete") as running:
        yield f"http://127.0.0.1:{port}/invocations", running


def ask(address: str, body: dict[str, Any]) -> tuple[int, str]:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


@pytest.mark.parametrize("params", [None, WIDE, {"explain": True}], ids=["default", "wide", "explain"])
@pytest.mark.parametrize("layout", ["split", "records"])
def test_it_is_served(
    layout: str,
    params: dict[str, Any] | None,
    address: tuple[str, Running],
    place: Workplace,
    rows: list[dict[str, Any]],
) -> None:
    """The numbers of the installed project, in both layouts of requests."""
    split = json.loads(pd.DataFrame(rows).to_json(orient="split"))
    body = {"dataframe_split": split} if layout == "split" else {"dataframe_records": rows}
    status, text = ask(address[0], body | ({"params": params} if params else {}))
    assert status == 200, text
    assert_same(json.loads(text)["predictions"], expected(place, rows, params))


def test_refusals_repeat_no_value(address: tuple[str, Running], rows: list[dict[str, Any]]) -> None:
    """Neither to the client nor in the log of the server."""
    spoiled = [{**rows[0], "age_years": NUMBER, "ferritin_ug_l": NAME}, *rows[1:]]
    status, text = ask(address[0], {"dataframe_records": spoiled})
    assert status == 400
    assert "row 0: age_years must be 0 to 100 years" in text
    assert "row 0: ferritin_ug_l must be 1 to 200000 ug/L" in text
    status, of_parameter = ask(address[0], {"dataframe_records": rows, "params": {"horizon_days": 31}})
    assert status == 400
    assert "parameter horizon_days must be one of" in of_parameter
    for secret in (str(NUMBER), NAME):
        assert secret not in text + address[1].log.read_text()


def predicted(place: Workplace, *arguments: str, **settings: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["mlflow", "models", "predict", "--env-manager", "local", "-m", ADDRESS, *arguments],
        cwd=place.folder,
        env={**place.environment, **settings},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])["predictions"]
    return found


def test_files_are_predicted(place: Workplace, rows: list[dict[str, Any]]) -> None:
    """JSON with parameters, and a CSV file, which has no place for them, with a configuration."""
    body = {"dataframe_records": rows, "params": WIDE}
    (place.folder / "patients.json").write_text(json.dumps(body))
    pd.DataFrame(rows).to_csv(place.folder / "patients.csv", index=False)
    table = expected(place, rows, WIDE)
    assert_same(predicted(place, "-i", "patients.json"), table)
    configuration = {"MLFLOW_PYFUNC_INFERENCE_CONFIG": json.dumps(WIDE)}
    assert_same(predicted(place, "-i", "patients.csv", "-t", "csv", **configuration), table)


def test_a_dockerfile_has_the_model_and_no_folder_of_this_machine(place: Workplace) -> None:
    """What `mlflow models build-docker` builds from."""
    done = place.shell("mlflow", "models", "generate-dockerfile", "-m", ADDRESS, "-d", "scoring")
    assert done.returncode == 0, done.stderr
    folder = place.folder / "scoring"
    assert "COPY model_dir /opt/ml/model" in (folder / "Dockerfile").read_text()
    assert (folder / "model_dir" / "artifacts" / "bundle" / "bundle.json").is_file()
    assert len(list((folder / "model_dir" / "code").glob("cart_outcomes_scoring_*"))) == 1
    for file in (each for each in folder.rglob("*") if each.is_file() and each.suffix != ".pyc"):
        assert str(place.folder).encode() not in file.read_bytes(), file
