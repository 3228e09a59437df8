"""The recipe of the project as a center completes it, and cells that differ from the truth."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

from tests.omop_database import OWN_CONCEPTS
from tests.omop_tables import OmopRows
from training.omop.project_data import RECIPE

ANSWERS = {
    '# concepts = "?"              # the center\'s own': 'concepts = "own.csv" # the center\'s own',
    'concepts = ["car_t"]': 'concepts = ["car_t", "own_car_t"]',
    'otherwise = ""                # "no"': 'otherwise = "no"              # "no"',
    'otherwise = ""                # as': 'otherwise = "no"              # as',
    'otherwise = ""                # "0"': 'otherwise = "0"               # "0"',
    "# crs_grading_system": "crs_grading_system",
}
"""What a center decides: line of the recipe, and what it becomes."""


def completed(folder: Path, *, schema: str | None = None) -> Path:
    """Complete the recipe in a folder, with the center's own concept sets beside it."""
    answers = {**ANSWERS, **({'# schema = "?"': f'schema = "{schema}"'} if schema else {})}
    text = RECIPE.read_text(encoding="utf-8")
    for line, answer in answers.items():
        assert line in text
        text = text.replace(line, answer)
    (folder / "own.csv").write_text(OWN_CONCEPTS, encoding="utf-8")
    (folder / "omop.toml").write_text(text, encoding="utf-8")
    return folder / "omop.toml"


def wrong_cells(cohort: Path, rows: OmopRows) -> tuple[int, list[str]]:
    """Count the cells of a cohort that were compared, and list those that differ from the truth."""
    with cohort.open(encoding="utf-8", newline="") as file:
        found = {(row["patient_id"], int(row["infusion_number"])): row for row in csv.DictReader(file)}
    truth = {(row["patient_id"], row["infusion_number"]): row for row in rows.truth}
    assert found.keys() == truth.keys()
    compared = [(key, column) for key, row in truth.items() for column in row]
    wrong = [
        f"{key} {column}: {truth[key][column]} became {found[key][column]}"
        for key, column in compared
        if not _same(truth[key][column], found[key][column])
    ]
    return len(compared), wrong


def _same(true: Any, cell: str) -> bool:
    if true is None:
        return cell == ""
    if isinstance(true, bool):
        return cell == ("true" if true else "false")
    if isinstance(true, str):
        return cell == true
    return cell != "" and math.isclose(float(cell), true, rel_tol=1e-9)
