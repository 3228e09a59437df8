"""One patient, one number: file, single request, batch request and MLflow agree."""

from collections.abc import Iterator

import mlflow
import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from features.outcomes import OUTCOMES
from features.synthetic.simulation import synthetic_patients
from serving.answers.infusion_lines import Detail
from tests.recorded import Recording
from tests.served_here import served_here
from training.commands.score import score
from training.tracking.store import quiet

KEYS = ["row", "outcome", "horizon_days"]
FIGURES = ["risk", "low", "high"]


@pytest.fixture(scope="module")
def patients() -> list[dict[str, object]]:
    """Draw patients, many of them with inputs that are not known."""
    return synthetic_patients(40, rng=np.random.default_rng(77))


@pytest.fixture(scope="module")
def served(recorded: Recording) -> Iterator[TestClient]:
    """Serve the recorded bundle in this process."""
    with served_here(recorded.bundle) as client:
        yield client


def curves(answers: list[dict]) -> pd.DataFrame:
    """Lay out answers as a table: a row a patient, outcome and horizon."""
    rows = [
        {"row": row, "outcome": outcome["name"], **point}
        for row, answer in enumerate(answers)
        for outcome in answer["outcomes"]
        for point in outcome["curve"]
    ]
    return pd.DataFrame(rows)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare risks and intervals within 1e-9, whatever the order of rows."""
    both = [table.sort_values(KEYS, ignore_index=True)[[*KEYS, *FIGURES]] for table in (found, expected)]
    pd.testing.assert_frame_equal(*both, check_dtype=False, rtol=0, atol=1e-9)


def test_single_requests_and_a_batch_agree(served: TestClient, patients: list[dict]) -> None:
    """One at a time or all at once."""
    single = [served.post("/risk", json=patient).json() for patient in patients]
    batch = served.post("/risk/batch", json={"patients": patients}).json()["answers"]
    assert_same(curves(single), curves(batch))


def test_a_scored_file_and_requests_agree(
    served: TestClient, patients: list[dict], recorded: Recording, tmp_path
) -> None:
    """The numbers of the file are those of the answers."""
    cohort = tmp_path / "cohort.csv"
    rows = [{"patient_id": f"synthetic-{place}", **patient} for place, patient in enumerate(patients)]
    table = pd.DataFrame(rows).astype(object)
    table.to_csv(cohort, index=False)
    score(cohort, tmp_path / "risks.csv", bundle=recorded.bundle)
    scored = pd.read_csv(tmp_path / "risks.csv")
    scored["row"] = scored["patient_id"].str.removeprefix("synthetic-").astype(int)
    answers = served.post("/risk/batch", json={"patients": patients}).json()["answers"]
    assert_same(scored, curves(answers))


def test_the_registered_model_and_requests_agree(
    served: TestClient, patients: list[dict], recorded: Recording
) -> None:
    """MLflow's pyfunc gives the numbers of the answers."""
    with quiet(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{recorded.folder / 'mlflow.db'}")
        found = mlflow.pyfunc.load_model("models:/cart-outcomes/1").predict(pd.DataFrame(patients))
    answers = served.post("/risk/batch", json={"patients": patients}).json()["answers"]
    assert_same(found, curves(answers))


def test_contributions_add_up_to_the_log_odds_of_the_risk(served: TestClient, patients: list[dict]) -> None:
    """Reference plus contributions is logit(risk) within 1e-6, and published plus local is the whole.

    The risk is that of patients who can have the outcome.
    """
    for answer in served.post("/risk/batch", json={"patients": patients}).json()["answers"]:
        for outcome in answer["outcomes"]:
            total = outcome["reference"]["log_odds"] + sum(c["log_odds"] for c in outcome["contributions"])
            risk = outcome["among"]["risk"] if outcome["among"] else outcome["risk"]
            assert total == pytest.approx(np.log(risk / (1 - risk)), abs=1e-6)
            for part in outcome["contributions"]:
                assert part["published"] + part["local"] == pytest.approx(part["log_odds"], abs=1e-12)


def test_scored_contributions_add_up_too(recorded: Recording, patients: list[dict], tmp_path) -> None:
    """The file's reference and contributions give its risk, among those who can have the outcome."""
    rows = [{"patient_id": f"synthetic-{place}", **patient} for place, patient in enumerate(patients)]
    pd.DataFrame(rows).astype(object).to_csv(tmp_path / "cohort.csv", index=False)
    score(
        tmp_path / "cohort.csv", tmp_path / "risks.csv", bundle=recorded.bundle, detail=Detail.CONTRIBUTIONS
    )
    scored = pd.read_csv(tmp_path / "risks.csv")
    parts = scored.filter(regex="^contribution_").fillna(0.0).sum(axis=1)
    among = scored["risk_among"]
    np.testing.assert_allclose(scored["reference_log_odds"] + parts, np.log(among / (1 - among)), atol=1e-6)
    everybody = scored["outcome"].isin([name for name, each in OUTCOMES.items() if each.given is None])
    assert scored["risk"][everybody].tolist() == among[everybody].tolist()
