"""Parameters of a registered version: every layout has the numbers of the HTTP service."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import init
from starlette.testclient import TestClient

from features.synthetic.simulation import synthetic_patients
from tests.recorded import Recording
from tests.served_here import served_here
from training.tracking.store import quiet

PROJECT = Path(__file__).parents[2]
NUMBER, NAME = 424242.5, "Iwanowa"
"""Values that no message may repeat."""

WIDE = {"layout": "wide"}
TWO = {"outcome": "severe_icans,relapse", "interval": False, "layout": "wide"}


@pytest.fixture(scope="module")
def model(recorded: Recording) -> Any:
    """Load the version as a data scientist does."""
    with quiet(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{recorded.folder / 'mlflow.db'}")
        return mlflow.pyfunc.load_model("models:/cart-outcomes/1")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return synthetic_patients(9, rng=np.random.default_rng(17))


@pytest.fixture(scope="module")
def answers(recorded: Recording, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask the service for the same patients."""
    with served_here(recorded.bundle) as client:
        found: list[dict[str, Any]] = client.post("/risk/batch", json={"patients": rows}).json()["answers"]
        return found


@pytest.fixture(scope="module")
def server(model: Any) -> Iterator[TestClient]:
    """Start what `mlflow models serve` starts."""
    with TestClient(init(model)) as client:
        yield client


def points(answers: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Go through patients, outcomes and horizons."""
    for row, answer in enumerate(answers):
        for outcome in answer["outcomes"]:
            for point in outcome["curve"]:
                yield row, outcome, point


def test_wide_has_the_risks_of_the_service(
    model: Any, rows: list[dict[str, Any]], answers: list[dict[str, Any]]
) -> None:
    """Risk and interval of every outcome and horizon, to the last bit."""
    table = model.predict(pd.DataFrame(rows), params=WIDE)
    n_numbers = 0
    for row, outcome, point in points(answers):
        column = f"{outcome['name']}_day_{point['horizon_days']}"
        for number, end in (("risk", ""), ("low", "_low"), ("high", "_high")):
            assert table[f"{column}{end}"][row] == point[number]
            n_numbers += 1
    assert n_numbers == table.size


def test_explanations_are_those_of_the_service(
    model: Any, rows: list[dict[str, Any]], answers: list[dict[str, Any]]
) -> None:
    """Contributions of every field in both layouts; the service leaves out those of 0."""
    long = model.predict(pd.DataFrame(rows), params={"explain": True})
    wide = model.predict(pd.DataFrame(rows), params={"explain": True, **WIDE})
    long = long.set_index(["row", "outcome", "horizon_days"])
    for row, outcome, point in points(answers):
        own = long.loc[(row, outcome["name"], point["horizon_days"])]
        stated = {each["field"]: each["log_odds"] for each in outcome["contributions"]}
        for field, log_odds in stated.items():
            assert own[f"contribution_{field}"] == pytest.approx(log_odds, abs=1e-12)
            column = f"{outcome['name']}_contribution_{field}"
            assert wide[column][row] == own[f"contribution_{field}"]
        assert own.filter(like="contribution_").sum() == pytest.approx(sum(stated.values()), abs=1e-9)


def test_headline_reference_is_that_of_the_service(
    model: Any, rows: list[dict[str, Any]], answers: list[dict[str, Any]]
) -> None:
    """What contributions are added to, and the risk that they give."""
    wide = model.predict(pd.DataFrame(rows), params={"explain": True, **WIDE})
    for row, answer in enumerate(answers):
        for outcome in answer["outcomes"]:
            column = f"{outcome['name']}_day_{outcome['horizon_days']}"
            stated = outcome["reference"]["log_odds"]
            assert wide[f"{column}_reference_log_odds"][row] == pytest.approx(stated, abs=1e-12)
            among = outcome["among"]["risk"] if outcome["among"] else outcome["risk"]
            assert wide[f"{column}_risk_among"][row] == pytest.approx(among, abs=1e-12)


def test_a_choice_of_outcomes_and_horizon_leaves_the_numbers(model: Any, rows: list[dict[str, Any]]) -> None:
    """Fewer columns or rows, the same risks."""
    patients = pd.DataFrame(rows)
    whole = model.predict(patients, params=WIDE)
    chosen = model.predict(patients, params=TWO)
    assert set(chosen) == {name for name in whole if name.startswith(("severe_icans", "relapse"))} - {
        name for name in whole if name.endswith(("_low", "_high"))
    }
    np.testing.assert_allclose(chosen, whole[list(chosen)], rtol=0, atol=1e-12)
    long = model.predict(patients, params={"horizon_days": 90})
    assert set(long["horizon_days"]) == {90}
    assert set(long["outcome"]) == {"relapse", "death_without_relapse"}


def test_a_filtered_table_keeps_its_index(model: Any, rows: list[dict[str, Any]]) -> None:
    """Risks can be joined to the patients."""
    patients = pd.DataFrame(rows)
    later = patients[patients.index % 2 == 1]
    joined = later.join(model.predict(later, params=WIDE))
    assert joined.index.tolist() == later.index.tolist()
    whole = model.predict(patients, params=WIDE)
    assert joined["severe_crs_day_30"].tolist() == whole["severe_crs_day_30"][later.index].tolist()


def configured(recorded: Recording, config: dict[str, Any]) -> Any:
    with quiet(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{recorded.folder / 'mlflow.db'}")
        return mlflow.pyfunc.load_model("models:/cart-outcomes/1", model_config=config)


def test_a_configuration_replaces_the_defaults(
    model: Any, recorded: Recording, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For commands that pass no parameters; those that are passed come first."""
    patients = pd.DataFrame(rows)
    with_config = configured(recorded, TWO)
    expected = model.predict(patients, params=TWO)
    pd.testing.assert_frame_equal(with_config.predict(patients), expected)
    relapse = with_config.predict(patients, params={"outcome": "relapse"})
    pd.testing.assert_frame_equal(relapse, expected.filter(like="relapse_day"))
    monkeypatch.setenv("MLFLOW_PYFUNC_INFERENCE_CONFIG", json.dumps(TWO))
    pd.testing.assert_frame_equal(configured(recorded, {}).predict(patients), expected)


def test_a_configuration_is_checked_when_the_model_is_loaded(recorded: Recording) -> None:
    with pytest.raises(ValueError, match="parameter outcome must be one of severe_crs"):
        configured(recorded, {"outcome": "height"})


def test_nothing_recorded_names_a_folder_of_this_machine(recorded: Recording) -> None:
    """Neither the model's files nor those of its runs; Python's caches are of the machine that loads it."""
    folders = {str(recorded.folder), tempfile.gettempdir(), str(PROJECT), str(Path.home())} - {"/"}
    found = recorded.folder.glob("mlartifacts/**/*")
    files = [file for file in found if file.is_file() and file.suffix != ".pyc"]
    assert any(file.name == "MLmodel" for file in files)
    for file in files:
        content = file.read_bytes()
        assert [folder for folder in folders if f"{folder}/".encode() in content] == [], file


REFUSED = {
    "outcome": ("height", "parameter outcome must be one of severe_crs, severe_icans, relapse, death_with"),
    "horizon_days": (31, "parameter horizon_days must be one of 30, 90, 180, 365, 730 for severe_crs, "),
    "layout": ("tall", "parameter layout must be long or wide"),
}


@pytest.mark.parametrize(("name", "value", "message"), [(name, *each) for name, each in REFUSED.items()])
def test_unknown_names_are_refused_with_what_there_is(
    name: str, value: object, message: str, model: Any, server: TestClient, rows: list[dict[str, Any]]
) -> None:
    """In Python, and by the server as a wrong request."""
    with pytest.raises(ValueError, match=message):
        model.predict(pd.DataFrame(rows), params={name: value})
    answer = server.post("/invocations", json={"dataframe_records": rows, "params": {name: value}})
    assert answer.status_code == 400
    assert message in answer.text


@pytest.mark.parametrize(
    ("name", "value"), [("outcome", ["relapse"]), ("horizon_days", "365"), ("interval", "no"), ("explain", 1)]
)
def test_other_types_are_refused_by_mlflow(
    name: str, value: object, model: Any, rows: list[dict[str, Any]]
) -> None:
    """By the types of the signature, before a patient is read."""
    with pytest.raises(MlflowException, match=f"Invalid parameters found.*{name}"):
        model.predict(pd.DataFrame(rows), params={name: value})


def spelled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write values as text, as tables of databases and spreadsheets have them."""
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("layout", ["split", "records", "text"])
@pytest.mark.parametrize("params", [None, TWO, {"explain": True}], ids=["default", "wide", "explain"])
def test_the_server_takes_every_input(
    layout: str,
    params: dict[str, Any] | None,
    server: TestClient,
    model: Any,
    rows: list[dict[str, Any]],
) -> None:
    """The numbers of Python, in strict JSON."""
    patients = pd.DataFrame(rows)
    bodies = {
        "split": {"dataframe_split": json.loads(patients.to_json(orient="split"))},
        "records": {"dataframe_records": rows},
        "text": {"dataframe_records": spelled(rows)},
    }
    answer = server.post("/invocations", json=bodies[layout] | ({"params": params} if params else {}))
    assert answer.status_code == 200, answer.text
    found = json.loads(answer.text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    expected = model.predict(patients, params=params)
    numbers = expected.select_dtypes(float).columns
    table = pd.DataFrame(found["predictions"])
    assert list(table) == list(expected)
    np.testing.assert_allclose(table[numbers], expected[numbers], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("field", "value"), [("age_years", NUMBER), ("ferritin_ug_l", NAME), ("target_antigen", [NAME])]
)
def test_the_server_refuses_a_patient_without_a_value(
    field: str,
    value: object,
    server: TestClient,
    rows: list[dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither in the answer nor in the log."""
    body = {"dataframe_records": [*rows[:2], {**rows[2], field: value}], "params": WIDE}
    answer = server.post("/invocations", json=body)
    assert answer.status_code == 400
    assert f"row 2: {field} must be " in answer.text
    for secret in (str(NUMBER), NAME):
        assert secret not in answer.text + caplog.text


def test_a_csv_request_repeats_no_value(server: TestClient, rows: list[dict[str, Any]]) -> None:
    """MLflow's server reads CSV only for typed columns; `mlflow models predict -t csv` reads it."""
    csv = pd.DataFrame(rows).assign(age_years=NUMBER).to_csv(index=False)
    answer = server.post("/invocations", content=csv, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 400
    assert str(NUMBER) not in answer.text
