"""A registered version where this project is not installed: MLflow's own commands, and workers of Dask."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from typing import Any

import pytest

from tests.e2e.workplace import Running, Workplace, free_port, readme_blocks, workplace

pytestmark = [pytest.mark.slow, pytest.mark.acceptance]

DASK = "distributed==2026.8.0"

IN_WORKERS = """
import json, sys
from distributed import Client, LocalCluster

def risks(address, patients):
    import mlflow, pandas
    return mlflow.pyfunc.load_model(address).predict(pandas.DataFrame(patients))["risk"].tolist()

if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        parts = client.map(risks, [sys.argv[1]] * 2, [json.loads(sys.argv[2])] * 2, pure=False)
        try:
            import features
        except ModuleNotFoundError:
            print(json.dumps(client.gather(parts)))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """Register a version from published evidence alone, and make it champion."""
    made = workplace(tmp_path_factory.mktemp("elsewhere") / "project")
    made.run("train", "--evidence-only")
    made.run("promote", "--force", "to try the champion elsewhere")
    return made


@pytest.fixture(scope="module")
def elsewhere(place: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """Stand in an empty folder that knows the address of the runs only."""
    folder = tmp_path_factory.mktemp("empty")
    kept = {name: value for name, value in place.environment.items() if name != "PYTHONPATH"}
    settings = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{place.folder / 'mlflow.db'}",
        "MLFLOW_ENV_ROOT": str(tmp_path_factory.mktemp("environments")),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    return Workplace(folder, {**kept, **settings})


@pytest.fixture(scope="module")
def commands(place: Workplace) -> dict[str, str]:
    """Take the README's commands by their first words."""
    (text,) = readme_blocks("run in tests/e2e/test_models_elsewhere.py", "bash")
    made, *commands = re.split(r"\n(?=mlflow )", text.strip())
    assert made.startswith("""echo '{"dataframe_records": [""")
    return {"patients": made, **{" ".join(line.split()[:3]): line for line in commands}}


@pytest.fixture(scope="module")
def predicted(elsewhere: Workplace, commands: dict[str, str]) -> list[dict[str, Any]]:
    """Predict as the README does; MLflow makes the environment."""
    done(elsewhere, "sh", "-c", commands["patients"])
    output = done(elsewhere, "sh", "-c", commands["mlflow models predict"])
    found: list[dict[str, Any]] = json.loads(output.splitlines()[-1])["predictions"]
    return found


def done(place: Workplace, *arguments: str) -> str:
    ended = subprocess.run(
        arguments, cwd=place.folder, env=place.environment, capture_output=True, text=True, timeout=900
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def patients(elsewhere: Workplace) -> list[dict[str, Any]]:
    text = (elsewhere.folder / "patients.json").read_text()
    records: list[dict[str, Any]] = json.loads(text)["dataframe_records"]
    return records


def test_mlflow_predicts_in_an_environment_of_its_own(
    place: Workplace, elsewhere: Workplace, predicted: list[dict[str, Any]]
) -> None:
    """The same numbers as the service, which has the project."""
    served = place.shell("python", "-c", SERVED, json.dumps(patients(elsewhere)[0]))
    assert served.returncode == 0, served.stderr
    expected = json.loads(served.stdout.splitlines()[-1])
    found = {(row["outcome"], row["horizon_days"]): row["risk"] for row in predicted}
    assert len(found) == len(expected)
    for outcome, days, risk in expected:
        assert found[outcome, days] == pytest.approx(risk, abs=1e-9)


SERVED = """
import json, sys
from serving.model.read_bundle import read_bundle
from serving.answers.scorer import Scorer
from serving.model.released_bundle import released_bundle
(answer,) = Scorer(read_bundle(released_bundle())).answers([json.loads(sys.argv[1])])
points = [(each.name, point) for each in answer.outcomes for point in each.curve]
print(json.dumps([[name, point.horizon_days, point.risk] for name, point in points]))
"""


def test_mlflow_serves_it(
    elsewhere: Workplace, commands: dict[str, str], predicted: list[dict[str, Any]]
) -> None:
    """Over MLflow's own HTTP interface, by the README's command."""
    port = free_port()
    command = commands["mlflow models serve"].replace("5002", str(port))
    with elsewhere.started("sh", "-c", f"exec {command}", until="startup complete") as running:
        assert isinstance(running, Running)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations",
            (elsewhere.folder / "patients.json").read_bytes(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer)["predictions"] == predicted


def test_a_dockerfile_holds_the_code(elsewhere: Workplace, commands: dict[str, str]) -> None:
    """What is built from it needs nothing but the folder; building needs an engine, which is not here."""
    done(elsewhere, "sh", "-c", commands["mlflow models generate-dockerfile"])
    folder = elsewhere.folder / "scoring"
    assert "COPY model_dir /opt/ml/model" in (folder / "Dockerfile").read_text()
    model = folder / "model_dir"
    (package,) = (model / "code").iterdir()
    assert package.name.startswith("cart_outcomes_scoring_")
    assert (model / "artifacts" / "bundle" / "bundle.json").is_file()
    assert "-e" not in (model / "requirements.txt").read_text()


@pytest.fixture(scope="module")
def fresh(elsewhere: Workplace, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make an environment of the version's requirements, and Dask beside them."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    (elsewhere.folder / "model").mkdir()
    address = "models:/cart-outcomes@champion"
    done(elsewhere, "mlflow", "artifacts", "download", "-u", address, "-d", "model")
    (requirements,) = (elsewhere.folder / "model").rglob("requirements.txt")
    done(elsewhere, "uv", "venv", "--quiet", "--python", "3.11", str(folder))
    python = str(folder / "bin" / "python")
    done(elsewhere, "uv", "pip", "install", "--quiet", "--python", python, "-r", str(requirements), DASK)
    return python


def test_workers_of_dask_load_it_by_its_address(
    elsewhere: Workplace, fresh: str, predicted: list[dict[str, Any]]
) -> None:
    """In two processes of an environment without this project."""
    script = elsewhere.folder / "in_workers.py"
    script.write_text(IN_WORKERS)
    address = "models:/cart-outcomes@champion"
    output = done(elsewhere, fresh, os.fspath(script), address, json.dumps(patients(elsewhere)))
    expected = [row["risk"] for row in predicted]
    for part in json.loads(output.splitlines()[-1]):
        assert part == pytest.approx(expected, abs=1e-9)
