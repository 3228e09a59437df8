"""A bundle that no cohort had a part in is served and scored like any other, and says what it is."""

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from starlette.testclient import TestClient

from serving.bundle import write_bundle
from serving.card import NO_COHORT_NOTICE
from serving.store import BUNDLE_VARIABLE
from serving.web_pages import PAGES
from tests.bundles import PATIENT, make_published_bundle
from training.commands.score import score


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the bundle."""
    folder = tmp_path_factory.mktemp("published") / "bundle"
    write_bundle(make_published_bundle(), folder)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[TestClient]:
    """Serve it in this process."""
    from serving.service import RiskService

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(BUNDLE_VARIABLE, str(folder))
        with TestClient(RiskService.to_asgi()) as client:
            yield client


def test_the_answer_says_that_it_is_published_evidence(served: TestClient) -> None:
    """Status, warning, and the published base rate for the cohort's average."""
    answer = served.post("/risk", json=PATIENT).json()
    outcome = answer["outcomes"][0]
    assert (outcome["status"], outcome["cohort_average"]) == ("published evidence only", 0.19)
    assert [(item["code"], item["field"]) for item in answer["warnings"]] == [
        ("published_evidence_only", "severe_crs")
    ]


def test_card_and_answer_are_what_the_interface_says(served: TestClient) -> None:
    """The schemas of `docs.json` know a model without a cohort."""
    components = served.get("/docs.json").json()["components"]
    for name, response in (
        ("ModelCard", served.get("/model")),
        ("Answer", served.post("/risk", json=PATIENT)),
    ):
        jsonschema.validate(
            response.json(), {"$ref": f"#/components/schemas/{name}", "components": components}
        )


def test_card_and_pages_say_it_loudly(served: TestClient) -> None:
    """Where a synthetic model would say that it is one."""
    assert served.get("/model").json()["notice"] == NO_COHORT_NOTICE
    for path in PAGES:
        assert NO_COHORT_NOTICE in served.get(path, headers={"accept": "text/html"}).text


def test_a_cohort_is_scored(served: TestClient, folder: Path, tmp_path: Path) -> None:
    """With the risk of the answer."""
    pd.DataFrame([{"patient_id": "a", **PATIENT}]).to_csv(tmp_path / "cohort.csv", index=False)
    score(tmp_path / "cohort.csv", tmp_path / "risks.csv", bundle=folder)
    scored = pd.read_csv(tmp_path / "risks.csv")
    assert list(scored["outcome"]) == ["severe_crs"]
    answered = served.post("/risk", json=PATIENT).json()["outcomes"][0]["risk"]
    assert scored["risk"][0] == pytest.approx(answered, abs=1e-9)
