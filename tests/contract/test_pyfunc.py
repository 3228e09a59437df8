"""The bundle as an MLflow model: same numbers, and refusals that repeat no value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from features.field import specs
from features.predictors import predictors
from features.schema import Patient
from features.synthetic.simulation import synthetic_patients
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from tests.recorded import Recording
from training.tracking.promotion import set_champion
from training.tracking.store import quiet

NUMBER, NAME = 424242.5, "Iwanowa"
"""Values that no message may repeat."""

COLUMNS = ["row", "outcome", "horizon_days", "risk", "low", "high"]


@pytest.fixture(scope="module")
def model(recorded: Recording) -> Any:
    """Load the champion as a data scientist does."""
    set_champion("1")
    with quiet(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{recorded.folder / 'mlflow.db'}")
        return mlflow.pyfunc.load_model("models:/cart-outcomes@champion")


@pytest.fixture
def patients() -> pd.DataFrame:
    return pd.DataFrame(synthetic_patients(6, rng=np.random.default_rng(11)))


def test_champion_gives_the_risks_of_the_scorer(recorded: Recording, model: Any) -> None:
    """A row a patient, outcome and horizon, within 1e-9 of what is served."""
    rows = synthetic_patients(6, rng=np.random.default_rng(11))
    found = model.predict(pd.DataFrame(rows))
    expected = Scorer(read_bundle(recorded.bundle)).risks(predictors(rows))
    assert list(found.columns) == COLUMNS
    assert len(found) == sum(risks.risk.size for risks in expected.values())
    for name, risks in expected.items():
        for place, days in enumerate(risks.horizons_days):
            mine = found[(found["outcome"] == name) & (found["horizon_days"] == days)]
            assert mine["row"].tolist() == list(range(6))
            for column, array in (("risk", risks.risk), ("low", risks.low), ("high", risks.high)):
                np.testing.assert_allclose(mine[column], array[:, place], rtol=0, atol=1e-9)


def test_signature_names_every_column_of_a_patient(model: Any) -> None:
    """Of any type and optional for MLflow: the check is ours. Parameters have types and defaults."""
    signature = model.metadata.signature
    assert signature.inputs.input_names() == list(specs(Patient))
    assert signature.inputs.required_input_names() == []
    assert signature.outputs.input_names() == COLUMNS
    parameters = {each.name: (each.dtype.name, each.default) for each in signature.params}
    assert parameters == {
        "outcome": ("string", None),
        "horizon_days": ("long", None),
        "interval": ("boolean", True),
        "explain": ("boolean", False),
        "layout": ("string", "long"),
    }


def test_input_example_is_accepted(model: Any) -> None:
    """The example that is logged can be predicted as it is."""
    assert len(model.predict(model.input_example)) > 0


def test_requirements_are_pinned_and_name_no_address(recorded: Recording) -> None:
    """What the model needs, each at one version."""
    file = next(recorded.folder.glob("mlartifacts/models/*/artifacts/requirements.txt"))
    lines = file.read_text().split()
    assert all("==" in line for line in lines)
    assert {"mlflow", "numpy", "pydantic"} <= {line.split("==")[0] for line in lines}
    assert "://" not in file.read_text()


def test_whole_numbers_pass_for_numbers_and_blanks_for_unknown(model: Any, patients: pd.DataFrame) -> None:
    """An integer column, and an absent optional one, are no errors."""
    patients["age_years"] = patients["age_years"].round().astype(int)
    assert len(model.predict(patients.drop(columns=["ferritin_ug_l"]))) > 0


def wrong_type(patients: pd.DataFrame) -> pd.DataFrame:
    return patients.assign(ferritin_ug_l=NAME)


def beyond_limits(patients: pd.DataFrame) -> pd.DataFrame:
    return patients.assign(age_years=NUMBER)


def unknown_option(patients: pd.DataFrame) -> pd.DataFrame:
    return patients.assign(target_antigen=NAME)


def required_missing(patients: pd.DataFrame) -> pd.DataFrame:
    return patients.assign(ferritin_ug_l=NUMBER).drop(columns=["age_years"])


WRONG = {
    wrong_type: "row 0: ferritin_ug_l must be 1 to 200000 ug/L: write a number, or leave the cell blank",
    beyond_limits: "row 5: age_years must be 0 to 100 years",
    unknown_option: "row 0: target_antigen must be one of cd19, cd22, cd19_cd22",
    required_missing: "row 0: age_years is required",
}


@pytest.mark.parametrize(("spoil", "message"), WRONG.items(), ids=[spoil.__name__ for spoil in WRONG])
def test_refusal_names_row_field_and_rule_and_no_value(
    model: Any, patients: pd.DataFrame, spoil: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    """Nor does any exception behind it."""
    with pytest.raises(ValueError, match=message) as refused:
        model.predict(spoil(patients))
    error: BaseException | None = refused.value
    while error is not None:
        assert str(NUMBER) not in str(error)
        assert NAME not in str(error)
        error = error.__cause__ or error.__context__


def test_unknown_column_is_left_out_by_mlflow_and_only_named(
    model: Any, patients: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    """MLflow drops columns outside the signature, with a warning that repeats no value."""
    expected = model.predict(patients)
    found = model.predict(patients.assign(relapse_day=NUMBER))
    pd.testing.assert_frame_equal(found, expected)
    assert str(NUMBER) not in caplog.text


@pytest.mark.parametrize(
    "spoiled",
    [np.full((2, 3), NUMBER), {"age_years": [NUMBER, 1.0], "sex": ["male"]}],
    ids=["array", "ragged"],
)
def test_what_is_no_table_of_patients_is_refused_without_a_value(model: Any, spoiled: Any) -> None:
    """MLflow's own refusals would print the input."""
    with pytest.raises(Exception, match=r"no rows|Failed to enforce model input schema") as refused:
        model.predict(spoiled)
    assert str(NUMBER) not in str(refused.value)


def test_scoring_server_answers_and_refuses_without_a_value(model: Any, patients: pd.DataFrame) -> None:
    """`mlflow models serve` takes the same way; its refusal holds field and rule."""
    from mlflow.pyfunc.scoring_server import init

    client = TestClient(init(model))
    right = json.loads(patients.to_json(orient="split"))
    answer = client.post("/invocations", json={"dataframe_split": right})
    assert answer.status_code == 200
    assert list(answer.json()["predictions"][0]) == COLUMNS
    wrong = json.loads(beyond_limits(patients).to_json(orient="split"))
    refused = client.post("/invocations", json={"dataframe_split": wrong})
    assert refused.status_code == 400
    assert "age_years must be 0 to 100 years" in refused.text
    assert str(NUMBER) not in refused.text
