"""Exports of the shape that registries have, made of a simulated cohort, and what they must give."""

from __future__ import annotations

import csv
import datetime
import io
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.synthetic.simulation import simulate

Row = dict[str, Any]

POUND = 0.45359237
ASSESSED_BY = 28
"""Day of a response whose day an export does not state."""


@dataclass(frozen=True)
class Export:
    """A table as text, and the rows of the cohort that it must give."""

    text: str
    truth: list[Row]


def cibmtr(n_patients: int, rng: np.random.Generator) -> Export:
    """Write codes, total cells, and weights in kilograms or pounds, as docs/registries.md has them."""
    rows, truth = [], []
    products = {"tisagenlecleucel": 1, "brexucabtagene": 2}
    for identifier, row, day, birth in _dated(n_patients, rng):
        product = row["product"] if row["product"] in products else "other"
        weight, pounds = row["weight_kg"], rng.random() < 0.5
        dose = row["dose_total_1e6"]
        grade = row["crs_grade"]
        death = row["death_day"]
        last = death if death is not None else row["last_contact_day"]
        rows.append(
            {
                "crid": identifier,
                "bdate": birth.isoformat(),
                "sex": {"male": 1, "female": 2}.get(row["sex"], -99),
                "infdate": day.isoformat(),
                "product": products.get(product, 9),
                "cells": "" if dose is None else round(dose * 1e6),
                "wt": -99 if weight is None else weight / POUND if pounds else weight,
                "wtunit": 2 if pounds else 1,
                "crs": -99 if grade is None else 2 if grade == 0 else 1,
                "crsmax": grade or "",
                "icansmax": -99 if row["icans_grade"] is None else row["icans_grade"],
                "resp": {"cr": 2, "no_response": 4}.get(row["response_day28"], -99),
                "reldate": _iso(day, row["relapse_day"]),
                "deathdate": _iso(day, death),
                "contact": _iso(day, last),
                "dm_note": "checked",
            }
        )
        known = ("sex", "weight_kg", "dose_total_1e6", "crs_grade", "icans_grade", "relapse_day", "death_day")
        truth.append(
            {
                "patient_id": str(identifier),
                "age_years": round((day - birth).days / 365.25, 1),
                **{name: row[name] for name in known},
                "product": product,
                "dose_1e6_per_kg": None if dose is None or weight is None else dose / weight,
                "response_day28": _among(row["response_day28"], ("cr", "no_response")),
                "crs_grading_system": None if grade is None else "astct_2019",
                "last_contact_day": last,
            }
        )
    return Export(_csv(rows, ","), truth)


def ebmt(n_patients: int, rng: np.random.Generator) -> Export:
    """Write words, decimal commas and dates that begin with the day."""
    rows, truth = [], []
    products = {"tisagenlecleucel": "Kymriah", "brexucabtagene": "Tecartus"}
    responses = {"cr": "CR", "cri": "CR with incomplete recovery", "no_response": "Not in CR"}
    for identifier, row, day, birth in _dated(n_patients, rng):
        product = row["product"] if row["product"] in products else "academic"
        death = row["death_day"]
        last = death if death is not None else row["last_contact_day"]
        dose, onset = row["dose_1e6_per_kg"], row["crs_onset_day"]
        rows.append(
            {
                "Patient ID": f"E-{identifier}",
                "Date of birth": f"{birth:%d/%m/%Y}",
                "Sex": {"male": "Male", "female": "Female"}.get(row["sex"], "Unknown"),
                "Date of infusion": f"{day:%d/%m/%Y}",
                "Product": products.get(product, "Academic"),
                "Dose (10^6/kg)": "" if dose is None else str(dose).replace(".", ","),
                **_graded("CRS", row["crs_grade"]),
                "CRS onset": _slashes(day, onset),
                **_graded("ICANS", row["icans_grade"]),
                "Response": responses.get(row["response_day28"], "Unknown"),
                "Relapse date": _slashes(day, row["relapse_day"]),
                "Survival status": "Alive" if death is None else "Dead",
                "Last follow-up": _slashes(day, last),
            }
        )
        known = ("sex", "dose_1e6_per_kg", "crs_grade", "icans_grade", "relapse_day", "death_day")
        truth.append(
            {
                "patient_id": f"E-{identifier}",
                "age_years": round((day - birth).days / 365.25, 1),
                **{name: row[name] for name in known},
                "crs_onset_day": onset,
                "product": product,
                "response_day28": _among(row["response_day28"], tuple(responses)),
                "last_contact_day": last,
            }
        )
    return Export(_csv(rows, ";"), truth)


EXPORTS: Mapping[str, Callable[[int, np.random.Generator], Export]] = {"cibmtr": cibmtr, "ebmt": ebmt}
"""By name of the preset."""


def wrong_cells(cohort: Path, truth: list[Row]) -> tuple[int, list[str]]:
    """Count the cells that were compared, and list those that differ from the truth."""
    with cohort.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == len(truth)
    pairs = [(row[name], cells[name], name) for row, cells in zip(truth, found, strict=True) for name in row]
    wrong = [f"{name}: {true} became {cell}" for true, cell, name in pairs if not _same(true, cell)]
    return len(pairs), wrong


def _same(true: Any, cell: str) -> bool:
    if true is None or isinstance(true, str):
        return cell == (true or "")
    return cell != "" and math.isclose(float(cell), true, rel_tol=1e-6)


def _dated(
    n_patients: int, rng: np.random.Generator
) -> Iterable[tuple[int, Row, datetime.date, datetime.date]]:
    """Give first infusions with a date and a birth."""
    first = [row for row in simulate(n_patients, rng=rng).rows if row["infusion_number"] == 1]
    for identifier, row in enumerate(first, start=1_000_001):
        if (row["last_contact_day"] or 0) < ASSESSED_BY:
            row["response_day28"] = None
        day = datetime.date(2020, 1, 1) + datetime.timedelta(days=int(rng.integers(900)))
        age = 40 if row["age_years"] is None else row["age_years"]
        yield identifier, row, day, day - datetime.timedelta(days=round(age * 365.25))


def _among(value: str | None, options: tuple[str, ...]) -> str | None:
    return value if value in options else None


def _graded(name: str, grade: int | None) -> Row:
    answer = "Unknown" if grade is None else "No" if grade == 0 else "Yes"
    return {name: answer, f"{name} highest grade": f"Grade {grade}" if grade else ""}


def _iso(day: datetime.date, days: int | None) -> str:
    return "" if days is None else (day + datetime.timedelta(days=days)).isoformat()


def _slashes(day: datetime.date, days: int | None) -> str:
    return "" if days is None else f"{day + datetime.timedelta(days=days):%d/%m/%Y}"


def _csv(rows: list[Row], delimiter: str) -> str:
    content = io.StringIO()
    writer = csv.DictWriter(content, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return content.getvalue()
