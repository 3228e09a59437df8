"""Canary values in refused cells appear on no page, in no log and in no HTTP answer."""

from __future__ import annotations

import csv
import logging
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.checking.check_table import examine
from features.checking.parse_cell import PLAIN_NUMBER
from features.files.read_table import read_table
from features.problem_codes import Code
from features.schema import all_fields
from tests.bundles import PATIENT
from training.commands import app as cli

CELLS = [
    ("age_years", "73.9174 y", "73.9174", Code.UNIT_IN_CELL),
    ("ldh_u_l", "7391,52", "7391,52", Code.DECIMAL_COMMA),
    ("crp_mg_l", "<641.372", "641.372", Code.BEYOND_DETECTION_LIMIT),
    ("ferritin_ug_l", "7 391 642", "7 391 642", Code.THOUSANDS_SEPARATOR),
    ("platelets_1e9_l", "\u221286.4231", "86.4231", Code.MINUS_SIGN),
    ("hemoglobin_g_dl", "91.7342", "91.7342", Code.PROBABLY_OTHER_UNIT),
    ("creatinine_mg_dl", "87.1934", "87.1934", Code.PROBABLY_OTHER_UNIT),
    ("anc_1e9_l", "4371.29", "4371.29", Code.PROBABLY_OTHER_UNIT),
    ("dose_1e6_per_kg", "733164.5", "733164.5", Code.PROBABLY_OTHER_UNIT),
    ("weight_kg", "913.472", "913.472", Code.OUTSIDE_LIMITS),
    ("fludarabine_mg_m2", "-31.7284", "31.7284", Code.OUTSIDE_LIMITS),
    ("cyclophosphamide_mg_m2", "zaphod-cyclo", "zaphod-cyclo", Code.NOT_A_NUMBER),
    ("marrow_blasts_pct", "61.7349 %", "61.7349", Code.UNIT_IN_CELL),
    ("mrd_pct", "=CANARYMRD(1)", "CANARYMRD", Code.FORMULA),
    ("prior_lines", "3.14159", "3.14159", Code.NOT_WHOLE),
    ("ecog", "#CANARYECOG!", "CANARYECOG", Code.SPREADSHEET_ERROR),
    ("infusion_number", "7.31294", "7.31294", Code.NOT_WHOLE),
    ("crs_onset_day", "1987-03-14", "1987", Code.DATE_FOR_NUMBER),
    ("icans_grade", "73195", "73195", Code.OUTSIDE_LIMITS),
    ("response_day", "917302", "917302", Code.OUTSIDE_LIMITS),
    ("allo_hsct_day", "31.5079", "31.5079", Code.NOT_WHOLE),
    ("next_infusion_day", "about 91706", "91706", Code.NOT_A_NUMBER),
    ("center", "=CANARYCENTER", "CANARYCENTER", Code.FORMULA),
    ("center", f"canary-long-{'z' * 60}", "canary-long", Code.TEXT_TOO_LONG),
    ("center", "canary-\u202e-control", "canary-", Code.CONTROL_CHARACTERS),
    ("center", "#CANARYREF!", "CANARYREF", Code.SPREADSHEET_ERROR),
    ("sex", "femalezaphod", "zaphod", Code.NOT_AN_OPTION),
    ("diagnosis", "B~!~ALL", "B~!~ALL", Code.OPTION_SPELLING),
    ("product", "73184", "73184", Code.UNEXPLAINED_CODE),
    ("target_antigen", "canary-antigen", "canary-antigen", Code.NOT_AN_OPTION),
    ("cell_source", "=CANARYCELL()", "CANARYCELL", Code.FORMULA),
    ("costimulatory_domain", "zaphod-domain", "zaphod-domain", Code.NOT_AN_OPTION),
    ("cns_status", "73.2951", "73.2951", Code.UNEXPLAINED_CODE),
    ("prior_blinatumomab", "canary-blina", "canary-blina", Code.NOT_AN_OPTION),
    ("response_day28", "canary-response", "canary-response", Code.NOT_AN_OPTION),
    ("crs_grading_system", "73184.77", "73184.77", Code.UNEXPLAINED_CODE),
    ("prior_inotuzumab", "canary-yes", "canary-yes", Code.NOT_YES_NO),
    ("prior_allo_hsct", "73.1958", "73.1958", Code.UNEXPLAINED_CODE),
    ("prior_car_t", "=CANARYCAR", "CANARYCAR", Code.FORMULA),
    ("kmt2a_rearranged", "zaphod-kmt", "zaphod-kmt", Code.NOT_YES_NO),
    ("ph_positive", "917364", "917364", Code.UNEXPLAINED_CODE),
    ("tp53_altered", "canary-tp53", "canary-tp53", Code.NOT_YES_NO),
    ("extramedullary_disease", "64.1937", "64.1937", Code.UNEXPLAINED_CODE),
    ("bridging_therapy", "canary-bridging", "canary-bridging", Code.NOT_YES_NO),
    ("tocilizumab_prophylaxis", "zaphod-toci", "zaphod-toci", Code.NOT_YES_NO),
]
"""Column, cell, what must not be repeated, kind of problem; each cell is in a row of its own."""

ROWS: list[tuple[dict[str, str], tuple[str, ...], Code]] = [
    (
        {"relapse_day": "18437", "last_contact_day": "17391"},
        ("18437", "17391"),
        Code.AFTER_LAST_CONTACT,
    ),
    (
        {"death_day": "17211", "last_contact_day": "18913"},
        ("17211", "18913"),
        Code.CONTACT_AFTER_DEATH,
    ),
    ({"death_day": "16927"}, ("16927",), Code.LAST_CONTACT_REQUIRED),
    (
        {"dose_1e6_per_kg": "7.3164", "dose_total_1e6": "913.57", "weight_kg": "61.9372"},
        ("7.3164", "913.57", "61.9372"),
        Code.DOSES_DIFFER,
    ),
    (
        {"dose_total_1e6": "4391.73", "weight_kg": "6.19374"},
        ("4391.73", "6.19374"),
        Code.DERIVED_DOSE_OUTSIDE_LIMITS,
    ),
    (
        {"response_day28": "cr", "response_day": "117", "relapse_day": "104", "last_contact_day": "19447"},
        ("19447",),
        Code.RELAPSE_BEFORE_REMISSION,
    ),
    ({"patient_id": "Canary Zaphodsson", "ecog": "1"}, ("Zaphodsson",), Code.NOT_PSEUDONYMOUS),
    ({"patient_id": "=CANARYID", "ecog": "1"}, ("CANARYID",), Code.FORMULA),
    ({"patient_id": "canary-alone-5521"}, ("canary-alone-5521",), Code.ROW_WITHOUT_VALUES),
    ({"patient_id": "canary-twice-7719", "age_years": "57.3719"}, ("57.3719",), Code.INFUSION_REPEATED),
    ({"patient_id": "canary-twice-7719", "sex": "male"}, ("canary-twice-7719",), Code.INFUSION_REPEATED),
    (
        {"patient_id": "canary-falls-3307", "infusion_number": "1", "age_years": "58.4127"},
        ("canary-falls-3307", "58.4127"),
        Code.AGE_FALLS,
    ),
    (
        {"patient_id": "canary-falls-3307", "infusion_number": "2", "age_years": "57.9362"},
        ("57.9362",),
        Code.AGE_FALLS,
    ),
]
"""Cells that are refused together, what must not be repeated, kind of problem."""

MAPPING = """
table.keep = [{ n = "> 0" }]
[fields]
patient_id = "id"
crp_mg_l = "CRP"
ferritin_ug_l = "Ferritin"
weight_kg = { column = "kg", pattern = "([0-9.]+) kg" }
sex = { column = "Sex", codes = { f = "female" } }
ecog = { column = "ECOG", codes = { fit = 0 } }
ldh_u_l = { column = "LDH", unit = "ukat/L" }
creatinine_mg_dl = "Crea"
prior_allo_hsct = { when = [{ if = { tx = ">= 1" }, then = true }], otherwise = false }
dose_1e6_per_kg = { column = "cells", divide_by = "w" }
relapse_day = { column = "rel", days_since = "inf" }
"""

MAPPED_CELLS = [
    ("CRP", "7391,52", "7391,52"),
    ("Ferritin", "73.9184 ug", "73.9184"),
    ("kg", "about 61.9372", "61.9372"),
    ("Sex", "zaphod-sex", "zaphod-sex"),
    ("ECOG", "canary-ecog", "canary-ecog"),
    ("LDH", "917.3641", "917.3641"),
    ("Crea", "<0.73195", "0.73195"),
    ("tx", "zaphod-tx", "zaphod-tx"),
    ("w", "zaphod-weight", "zaphod-weight"),
    ("rel", "1987/03/47", "1987"),
    ("inf", "14 Brumaire 1799", "1799"),
    ("n", "canary-n", "canary-n"),
]
"""Column of a site, cell, what must not be repeated."""

PATIENTS = [{column: cell} for column, cell, _, _ in CELLS] + [cells for cells, _, _ in ROWS]
CANARIES = [canary for _, _, canary, _ in CELLS] + [canary for _, several, _ in ROWS for canary in several]
KINDS = {code for *_, code in CELLS} | {code for *_, code in ROWS}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a cohort file in which every row has a cell that is refused."""
    file = tmp_path_factory.mktemp("canaries") / "cohort.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(all_fields()), restval="")
        writer.writeheader()
        for number, cells in enumerate(PATIENTS):
            writer.writerow({"patient_id": f"P-{number:03d}", **cells})
    return file


def repeated(text: str) -> list[str]:
    """List the canaries that a text repeats."""
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


def names_and_labels(metrics: str) -> str:
    """Leave out of metrics what is a number of its own: what they count, and the number of the process."""
    lines = (line.rpartition(" ")[0] for line in metrics.splitlines())
    return "\n".join(lines).replace(f'pid="{os.getpid()}"', "")


def as_request(cells: dict[str, str]) -> dict[str, Any]:
    """Write the cells of a row as JSON: numbers as numbers, all else as text."""
    values = {name: float(cell) if PLAIN_NUMBER.fullmatch(cell) else cell for name, cell in cells.items()}
    stated_dose = {} if "dose_total_1e6" not in values else {"dose_1e6_per_kg": None}
    return PATIENT | stated_dose | values


def test_forty_cells_are_refused_for_forty_reasons(cohort: Path) -> None:
    """Every cell of the file above has the kind of problem that is stated beside it."""
    problems = examine(read_table(cohort)).problems
    reasons = {(problem.code, problem.column) for problem in problems}
    assert len(reasons) >= 40
    assert {code for code, _ in reasons} >= KINDS
    assert {(code, column) for column, _, _, code in CELLS} <= reasons


def test_the_page_and_the_log_of_a_check_repeat_no_refused_value(
    cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only what is printed for the person who brought the file quotes cells."""
    page = tmp_path / "page.html"
    monkeypatch.setattr(sys, "argv", ["cart-outcomes", "check", str(cohort), "--html", str(page)])
    with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    shown = page.read_text(encoding="utf-8")
    assert shown.count("<li data-code=") >= 40
    assert repeated(shown) == []
    assert repeated(caplog.text) == []


def test_the_page_of_a_mapped_table_repeats_no_refused_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The site's own cells, and what a mapping file makes of them."""
    usual = {"n": "1", "rel": "2021-03-04", "inf": "2021-01-04", "cells": "70", "w": "70", "tx": "0"}
    with (tmp_path / "site.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(
            stream, ["id", "cells", *(column for column, _, _ in MAPPED_CELLS)], restval=""
        )
        writer.writeheader()
        for number, (column, cell, _) in enumerate(MAPPED_CELLS):
            writer.writerow({"id": f"P-{number:03d}", **usual, column: cell})
    (tmp_path / "site.toml").write_text(MAPPING)
    words = (
        "check",
        tmp_path / "site.csv",
        "--mapping",
        tmp_path / "site.toml",
        "--html",
        tmp_path / "p.html",
    )
    monkeypatch.setattr(sys, "argv", ["cart-outcomes", *map(str, words)])
    with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit):
        cli.main()
    shown = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert shown.count("<li data-code=") >= len(MAPPED_CELLS)
    assert [canary for _, _, canary in MAPPED_CELLS if canary in shown + caplog.text] == []


def test_no_http_answer_and_no_log_line_repeats_a_refused_value(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """One patient alone and all of them in a batch."""
    bodies = [as_request(cells) for cells in PATIENTS]
    with caplog.at_level(logging.DEBUG):
        answers = [client.post("/risk", json=body) for body in bodies]
        batch = client.post("/risk/batch", json={"patients": bodies})
    assert [answer.status_code for answer in [*answers, batch]] == [422] * (len(bodies) + 1)
    text = "".join(f"{answer.text} {dict(answer.headers)}" for answer in [*answers, batch])
    metrics = names_and_labels(client.get("/metrics").text)
    assert repeated(text + metrics) == []
    assert repeated(caplog.text) == []


def test_of_metrics_only_counts_and_the_process_are_left_out() -> None:
    """A number of a process may hold a canary by chance; a value in another label is found."""
    metrics = f'of_last_request{{pid="{os.getpid()}",field="x1987"}} 73195.0\nall_requests 73195.0'
    assert names_and_labels(metrics) == 'of_last_request{,field="x1987"}\nall_requests'


def test_a_repeated_canary_is_found() -> None:
    """In upper and lower case, so that the tests above can fail; no two canaries are the same."""
    assert repeated("ZAPHOD-KMT and 73.1958.") == ["zaphod", "73.1958", "zaphod-kmt"]
    assert len(set(CANARIES)) == len(CANARIES) >= 40
