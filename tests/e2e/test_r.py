"""The page for users of R: its code runs in Debian's R and gives the numbers of the service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from tests.debian import NotInstalledError
from tests.e2e.documentation import DOCUMENTS, blocks
from tests.e2e.r_language import r_program, run_script
from tests.e2e.served import Served, free_port, serve_command, started
from training.api import Model, explain, risks

pytestmark = pytest.mark.slow

PAGE = DOCUMENTS / "r.md"
PATIENTS = [
    {"age_years": 34, "prior_lines": 3, "prior_blinatumomab": "nonresponder", "prior_inotuzumab": False},
    {"age_years": 57, "prior_lines": 2, "prior_blinatumomab": "none", "prior_inotuzumab": True},
    {"age_years": 22, "prior_lines": 5, "prior_blinatumomab": "responder", "prior_inotuzumab": False},
]
"""Those of the page."""
BURDEN, DOSE, FERRITIN = (62, 2, 30), (1.0, 0.6, 1.2), (None, 480, 2100)
EXTENDED = """
write.csv(risks, "risks.csv", row.names = FALSE)
write.csv(contributions, "contributions.csv", row.names = FALSE)
many <- patients[rep(1:3, 40), ]
write.csv(batch(many), "many.csv", row.names = FALSE)
"""
"""What the test adds: the results as files, and more patients than one request takes."""


@dataclass(frozen=True)
class Session:
    """What R printed and wrote."""

    output: str
    folder: Path

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / name)


@pytest.fixture(scope="module")
def program() -> str:
    try:
        return r_program()
    except NotInstalledError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def session(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Run the page against the service."""
    folder, port = tmp_path_factory.mktemp("r"), free_port()
    write_bundle(make_bundle(), folder / "bundle")
    code = "\n".join(block.text for block in blocks(DOCUMENTS / "r.md") if block.language == "r")
    command = serve_command(f"serve({port}, bundle=Path({str(folder / 'bundle')!r}))")
    with started(command, port, folder) as served:
        served.wait_until_ready()
        yield Session(_ran(program, code, served, folder), folder)


def _ran(program: str, code: str, served: Served, folder: Path) -> str:
    script = code.replace(":3000", f":{served.port}") + EXTENDED
    done = run_script(program, script, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def patients() -> list[dict[str, object]]:
    drawn = zip(PATIENTS, BURDEN, DOSE, FERRITIN, strict=True)
    return [
        {**row, "marrow_blasts_pct": burden, "target_antigen": "cd19", "dose_1e6_per_kg": dose}
        | ({"ferritin_ug_l": ferritin} if ferritin is not None else {})
        for row, burden, dose, ferritin in drawn
    ]


def test_a_data_frame_has_the_risks_of_the_service(session: Session, patients: list[dict]) -> None:
    """Row by row, at every horizon, with intervals."""
    expected = risks(Model(make_bundle()), patients)
    expected["row"] = expected["patient_id"].astype(int) + 1
    keys, figures = ["row", "outcome", "horizon_days"], ["risk", "low", "high"]
    found, stated = (
        table[[*keys, *figures]].sort_values(keys, ignore_index=True)
        for table in (session.table("risks.csv"), expected)
    )
    pd.testing.assert_frame_equal(found, stated, check_dtype=False, atol=1e-9)


def test_more_patients_than_a_request_takes_are_asked_in_parts(session: Session) -> None:
    """120 patients, three of them forty times."""
    many, few = session.table("many.csv"), session.table("risks.csv")
    assert many["row"].max() == 120
    last = many[many["row"] == 120].reset_index(drop=True)
    third = few[few["row"] == 3].reset_index(drop=True)
    pd.testing.assert_series_equal(last["risk"], third["risk"])


def test_contributions_are_those_of_the_model(session: Session, patients: list[dict]) -> None:
    """Their sum, outcome by outcome."""
    sums = session.table("contributions.csv").groupby("outcome")["log_odds"].sum()
    model = Model(make_bundle())
    for name in model.outcomes:
        stated = explain(model, patients[:1], name)
        assert sums[name] == pytest.approx(float(sum(stated[0].values)), abs=1e-3)


def test_errors_name_the_field_and_the_rule(session: Session) -> None:
    """Also warnings of the answer are printed; nothing repeats the wrong value."""
    assert "age_years: age_years must be 0 to 100 years; in months? divide by 12" in session.output
    assert "synthetic_training_cohort" in session.output
    assert "severe_crs by day 30: " in session.output
    assert "340" not in session.output


def test_the_page_says_how_many_patients_a_request_takes() -> None:
    """As the service limits them."""
    from serving.http.body_problems import MOST_PATIENTS

    text = PAGE.read_text(encoding="utf-8")
    assert f"at most {MOST_PATIENTS} patients" in text
    assert f"%/% {MOST_PATIENTS})" in text
    assert json.dumps(PATIENTS[0]["age_years"]) in text
