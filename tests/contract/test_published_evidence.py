"""A bundle that no cohort had a part in is served and scored like any other, and says what it is."""

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from starlette.testclient import TestClient

from serving.answers.card import NO_COHORT_NOTICE
from serving.answers.product_rates import listed_products, published_rates
from serving.http.web_pages import PAGES
from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_published_bundle
from tests.served_here import served_here
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
    with served_here(folder) as client:
        yield client


def test_the_answer_says_that_it_is_published_evidence(served: TestClient) -> None:
    """Status, warning, and the published base rate for the cohort's average."""
    answer = served.post("/risk", json=PATIENT).json()
    outcome = answer["outcomes"][0]
    assert (outcome["status"], outcome["cohort_average"]) == ("published evidence only", 0.19)
    assert [(item["code"], item["field"]) for item in answer["warnings"]] == [
        ("published_evidence_only", "severe_crs")
    ]


@pytest.mark.parametrize("path", ["/risk", "/risk/batch"])
@pytest.mark.parametrize("product", listed_products())
def test_a_listed_product_is_answered_with_its_published_rates(
    served: TestClient, product: str, path: str
) -> None:
    """As data after JSON: every rate with its patients, horizon, definition, population and source."""
    patient = PATIENT | {"product": product}
    body = patient if path == "/risk" else {"patients": [patient]}
    answered = served.post(path, json=body).json()
    answer = answered if path == "/risk" else answered["answers"][0]
    (warning,) = [item for item in answer["warnings"] if item["code"] == "product_not_in_model"]
    assert (warning["field"], warning["details"]["product"]) == ("product", product)
    rates = warning["details"]["rates"]
    assert rates == [rate.model_dump() for rate in published_rates(product, "severe_crs")]
    assert rates[0]["source"] in warning["message"]


def test_score_counts_what_needs_a_warning(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Infusions outside the intended use and those of listed products, on the terminal."""
    changes = [
        {"product": "obecabtagene"},
        {"product": "tisagenlecleucel", "age_years": 9.0},
        {"product": "tisagenlecleucel"},
        {"product": "other", "target_antigen": "cd22", "age_years": 9.0},
        {"product": "academic"},
        {},
    ]
    rows = [{"patient_id": f"p{at}", **PATIENT, **change} for at, change in enumerate(changes)]
    pd.DataFrame(rows).to_csv(tmp_path / "cohort.csv", index=False)
    score(tmp_path / "cohort.csv", tmp_path / "risks.csv", bundle=folder)
    said = capsys.readouterr().err
    assert "2 infusions outside the intended use (age_years 2, target_antigen 1)" in said
    assert "3 infusions with a listed product that the model does not use" in said
    assert "(tisagenlecleucel 2, obecabtagene 1)" in said
    assert "data/evidence/base_rates.csv" in said


def test_score_of_patients_within_the_intended_use_counts_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Academic products and adults."""
    pd.DataFrame([{"patient_id": "a", **PATIENT}]).to_csv(tmp_path / "cohort.csv", index=False)
    score(tmp_path / "cohort.csv", tmp_path / "risks.csv", bundle=folder)
    assert "intended use" not in (said := capsys.readouterr().err)
    assert "a listed product" not in said


def test_card_and_answer_are_what_the_interface_says(served: TestClient) -> None:
    """The schemas of `docs.json` know a model without a cohort."""
    components = served.get("/docs.json").json()["components"]
    listed = PATIENT | {"product": "tisagenlecleucel", "age_years": 9}
    for name, response in (
        ("ModelCard", served.get("/model")),
        ("Answer", served.post("/risk", json=PATIENT)),
        ("Answer", served.post("/risk", json=listed)),
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
