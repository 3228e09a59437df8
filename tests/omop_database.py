"""An OMOP database made of a simulated cohort, as untidy as real ones, and the cohort that it must give."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from features.synthetic.simulation import simulate
from tests.omop_tables import OmopRows, Row
from training.omop.concept_sets import concept_sets

LYMPHODEPLETION_DAY = -5
OWN_PRODUCTS = {
    "academic": 2_000_000_001,
    "ari_0001": 2_000_000_002,
    "other": 2_000_000_003,
    "": 2_000_000_004,
}
OWN_CONCEPTS = (
    "concept_set,vocabulary_id,concept_code,concept_name,descendants,value,concept_id,source\n"
    + "".join(
        f"own_car_t,,?,a product of the center,no,{product},{concept},the center\n"
        for product, concept in OWN_PRODUCTS.items()
    )
)
"""What a center writes of its own products."""

UNIT_CONCEPTS = {
    **{
        "U/L": 8645,
        "mg/dL": 8840,
        "mg/L": 8751,
        "umol/L": 8749,
        "ng/mL": 8842,
        "10*3/uL": 8848,
        "g/dL": 8713,
    },
    **{"kg": 9529, "ukat/L": 44_000_001, "10*9/L": 44_000_002, "g/L": 44_000_003, "[lb_av]": 44_000_004},
}
LABS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "ldh_u_l": ("ldh", {"U/L": 1.0, "ukat/L": 60.0}),
    "creatinine_mg_dl": ("creatinine", {"mg/dL": 1.0, "umol/L": 1 / 88.42}),
    "crp_mg_l": ("crp", {"mg/L": 1.0, "mg/dL": 10.0}),
    "ferritin_ug_l": ("ferritin", {"ng/mL": 1.0}),
    "platelets_1e9_l": ("platelets", {"10*3/uL": 1.0, "10*9/L": 1.0}),
    "anc_1e9_l": ("neutrophils", {"10*3/uL": 1.0}),
    "hemoglobin_g_dl": ("hemoglobin", {"g/dL": 1.0, "g/L": 0.1}),
    "weight_kg": ("weight", {"kg": 1.0, "[lb_av]": 0.45359237}),
}
"""Column of a cohort to concept set, and units with their factors."""


def omop_rows(n_patients: int, seed: int) -> OmopRows:
    """Make the database of a simulated cohort."""
    rng = np.random.default_rng(seed)
    database = OmopRows()
    ids = _vocabulary(database)
    people: dict[str, list[Row]] = {}
    for row in simulate(n_patients, rng=rng).rows:
        people.setdefault(row["patient_id"], []).append(row)
    for person, infusions in enumerate(people.values(), start=101):
        _person(database, person, infusions, ids, rng)
    _others(database, ids)
    for rows in database.tables.values():
        rng.shuffle(rows)  # type: ignore[arg-type]
    return database


def _vocabulary(database: OmopRows) -> dict[tuple[str, str], int]:
    """Write a vocabulary with ids for the codes of all concept sets but one; give the ids."""
    ids: dict[tuple[str, str], int] = {}
    for name, rows in concept_sets().items():
        for row in rows:
            ids[name, row.code] = row.concept_id or ids.get((name, row.code)) or 8_000_000 + len(ids)
    for (_, code), concept in ids.items():
        if code != "14804-9":
            vocabulary = next(r.vocabulary for s in concept_sets().values() for r in s if r.code == code)
            database.add("concept", concept_id=concept, vocabulary_id=vocabulary, concept_code=code)
        for descendant in (concept, concept + 500_000_000):
            database.add("concept_ancestor", ancestor_concept_id=concept, descendant_concept_id=descendant)
    for unit, concept in UNIT_CONCEPTS.items():
        database.add("concept", concept_id=concept, vocabulary_id="UCUM", concept_code=unit)
    return ids


PRODUCT_CODES = {"tisagenlecleucel": "1986438", "brexucabtagene": "2387277", "obecabtagene": "L01XL12"}


def _person(
    database: OmopRows, person: int, infusions: list[Row], ids: Mapping[Any, int], rng: np.random.Generator
) -> None:
    """Write one person with all infusions; what a database cannot have is unknown in the truth."""
    first = datetime.date(2019, 1, 1) + datetime.timedelta(days=int(rng.integers(900)))
    days = [first]
    for row in infusions[:-1]:
        days.append(days[-1] + datetime.timedelta(days=row["next_infusion_day"]))
    age = infusions[0]["age_years"]
    birth = first - datetime.timedelta(days=round((35.0 if age is None else age) * 365.25))
    gender = {"male": 8507, "female": 8532}.get(infusions[0]["sex"], 0)
    database.add(
        "person",
        person_id=person,
        gender_concept_id=gender,
        year_of_birth=birth.year,
        month_of_birth=birth.month,
        day_of_birth=birth.day,
    )
    database.event("condition_occurrence", person, first, ids["b_all", "277571004"] + 500_000_000)
    death = _end(infusions, days, "death_day")
    last = death or _end(infusions, days, "last_contact_day") or days[-1]
    if death:
        database.add("death", person_id=person, death_date=death)
    for start, end in ((birth, birth), (first - datetime.timedelta(days=900), last)):
        period = {"observation_period_start_date": start, "observation_period_end_date": end}
        database.add("observation_period", person_id=person, **period)
    given = dict.fromkeys(("inotuzumab", "allo_hsct"), False)
    for number, (row, day) in enumerate(zip(infusions, days, strict=True)):
        following = days[number + 1] if number + 1 < len(days) else None
        true = {
            "patient_id": f"omop-{person:09d}",
            "infusion_number": number + 1,
            "age_years": round((day - birth).days / 365.25, 1),
            "sex": {8507: "male", 8532: "female"}.get(gender),
            "diagnosis": "b_all",
            "product": row["product"],
            "next_infusion_day": (following - day).days if following else None,
            "death_day": (death - day).days if death else None,
            "last_contact_day": (last - day).days,
        }
        _infusion(database, person, row, day, ids)
        true |= _before(database, person, row, day, given, ids)
        true |= _laboratory(database, person, row, day, ids, rng)
        true |= _toxicity(database, person, row, day, ids)
        true |= _transplant(database, person, row, day, following, given, ids)
        database.truth.append(true)


def _end(infusions: Sequence[Row], days: Sequence[datetime.date], column: str) -> datetime.date | None:
    known = [
        day + datetime.timedelta(days=row[column])
        for row, day in zip(infusions, days, strict=True)
        if row[column] is not None
    ]
    return max(known, default=None)


def _infusion(database: OmopRows, person: int, row: Row, day: datetime.date, ids: Mapping[Any, int]) -> None:
    """Write the infusion, often twice, and lymphodepletion after bridging with the same drug."""
    product = row["product"] or ""
    code = PRODUCT_CODES.get(product)
    concept = ids["car_t", code] + 500_000_000 if code else OWN_PRODUCTS[product]
    days = (0, 0, 9) if product == "obecabtagene" else (0,)
    for offset in days:
        database.event("drug_exposure", person, day + datetime.timedelta(days=offset), concept)
    for offset, drug in ((LYMPHODEPLETION_DAY, "L01BB05"), (-4, "L01AA01"), (-40, "L01AA01")):
        when = day + datetime.timedelta(days=offset)
        database.event("drug_exposure", person, when, ids["lymphodepletion", drug] + 500_000_000)


def _before(
    database: OmopRows,
    person: int,
    row: Row,
    day: datetime.date,
    given: dict[str, bool],
    ids: Mapping[Any, int],
) -> Row:
    if row["prior_inotuzumab"] and not given["inotuzumab"]:
        when = day - datetime.timedelta(days=7)
        database.event("drug_exposure", person, when, ids["inotuzumab", "L01FB01"] + 500_000_000)
        given["inotuzumab"] = True
    if row["prior_allo_hsct"] and not given["allo_hsct"] and row["infusion_number"] == 1:
        when = day - datetime.timedelta(days=300)
        database.event("procedure_occurrence", person, when, ids["allo_hsct", "38240"])
        given["allo_hsct"] = True
    # Blinatumomab after the infusion is not before it.
    after = day + datetime.timedelta(days=3)
    database.event("drug_exposure", person, after, ids["blinatumomab", "1597258"])
    return {"prior_inotuzumab": given["inotuzumab"], "prior_allo_hsct": given["allo_hsct"]}


def _laboratory(
    database: OmopRows,
    person: int,
    row: Row,
    day: datetime.date,
    ids: Mapping[Any, int],
    rng: np.random.Generator,
) -> Row:
    """Write the value to be found among older, later, earlier, repeated and empty ones."""
    start = day + datetime.timedelta(days=LYMPHODEPLETION_DAY)
    for column, (name, units) in LABS.items():
        concept = next(concept for (each, _), concept in ids.items() if each == name)
        first = row["infusion_number"] == 1
        for offset, number, hour, unit in _measured(row[column], list(units), rng, first=first):
            written_number = None if number is None else number / units[unit]
            cells: Row = {"number": written_number, "hour": hour}
            if rng.random() < 0.5:
                cells |= {"unit": UNIT_CONCEPTS[unit], "unit_text": "as the laboratory"}
            else:
                cells |= {"unit": 0, "unit_text": unit}
            if column == "crp_mg_l" and row["infusion_number"] == 1 and number == row[column]:
                cells |= {"operator": 4_171_756}
            when = start + datetime.timedelta(days=offset)
            database.event("measurement", person, when, concept, **cells)
    return {column: row[column] for column in LABS}


def _measured(
    true: float | None, units: list[str], rng: np.random.Generator, *, first: bool
) -> Iterator[tuple[int, float | None, int | None, str]]:
    """Give day from lymphodepletion, number, hour and unit of each measurement."""
    pick = str(rng.choice(units))
    if first:
        yield -60, 55.0, 8, units[0]
    yield 6, 66.0, 8, units[-1]
    if true is None:
        return
    yield -6, 77.0, None, units[0]
    yield 0, 88.0, 6, units[0]
    yield 0, true, 9, pick
    yield 0, true, 9, pick
    yield 0, None, 10, pick


def _toxicity(database: OmopRows, person: int, row: Row, day: datetime.date, ids: Mapping[Any, int]) -> Row:
    """Write grades as codes of the source, from the lowest to the highest."""
    for name, stem, column in (("crs_grade", "D89.83", "crs_grade"), ("icans_grade", "G92.0", "icans_grade")):
        unspecified = {"crs_grade": "D89.839", "icans_grade": "G92.00"}[name]
        grade = row[column]
        codes = [unspecified] if grade is None else [f"{stem}{each}" for each in range(1, grade + 1)]
        for offset, code in enumerate(codes, start=2):
            when = day + datetime.timedelta(days=offset)
            source = {"source_concept": ids[name, code]} if column == "crs_grade" else {"source_concept": 0}
            text = {"source_value": code.replace(".", "")}
            database.event("condition_occurrence", person, when, 0, **source, **text)
    return {column: row[column] for column in ("crs_grade", "icans_grade")}


def _transplant(
    database: OmopRows,
    person: int,
    row: Row,
    day: datetime.date,
    following: datetime.date | None,
    given: dict[str, bool],
    ids: Mapping[Any, int],
) -> Row:
    after = row["allo_hsct_day"]
    when = day + datetime.timedelta(days=after or 0)
    if after is None or (following is not None and when > following):
        return {"allo_hsct_day": None}
    for repeat in (0, 1):  # The code is often repeated.
        again = when + datetime.timedelta(days=repeat)
        if following is None or again < following:
            database.event("procedure_occurrence", person, again, ids["allo_hsct", "38240"])
    given["allo_hsct"] = True
    return {"allo_hsct_day": after}


def _others(database: OmopRows, ids: Mapping[Any, int]) -> None:
    """Write persons without an infusion, and one with an infusion for another disease."""
    day = datetime.date(2020, 2, 2)
    for person in (1, 2):
        database.add("person", person_id=person, gender_concept_id=8507, year_of_birth=1980)
        database.event("measurement", person, day, ids["ldh", "2532-0"], number=999.0, unit=8645)
    database.event("drug_exposure", 2, day, ids["car_t", "1986438"])
