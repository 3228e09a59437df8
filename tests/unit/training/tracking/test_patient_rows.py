"""Values of a DataFrame are read as those of a cohort file, or refused without being repeated."""

from __future__ import annotations

import datetime
import io
import sqlite3
import uuid
from contextlib import closing
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.checking.check_table import check_rows
from features.field import specs
from features.files.raw_table import RawTable
from features.problems import DataError
from features.schema import Patient
from features.synthetic.simulation import synthetic_patients
from tests.bundles import PATIENT
from training.tracking.patient_rows import InputError, checked_rows, plain_value

BOOLEANS = [name for name, field in specs(Patient).items() if field.kind == "boolean"]
NUMBERS = [name for name, field in specs(Patient).items() if field.kind in ("number", "integer")]
YES_AND_NO = [
    *((1, 0), (1.0, 0.0), (np.int64(1), np.float32(0)), (np.bool_(True), np.bool_(False))),
    *((Decimal("1"), Decimal("0.00")), ("1", "0"), ("1.0", "0.0"), ("yes", "No"), (" true", "FALSE")),
]
UNKNOWN = [None, np.nan, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("NaN"), "", "  "]


@pytest.fixture
def patients() -> pd.DataFrame:
    return pd.DataFrame(synthetic_patients(6, rng=np.random.default_rng(11)))


def one(**values: object) -> pd.DataFrame:
    """Make a table of one patient, with columns of any type."""
    return pd.DataFrame([{**PATIENT, **values}], dtype=object)


def read(**values: object) -> dict[str, Any]:
    (row,) = checked_rows(one(**values))
    return row


def refusal(**values: object) -> str:
    with pytest.raises(InputError) as refused:
        checked_rows(one(**values))
    assert refused.value.__cause__ is None
    return str(refused.value)


@pytest.mark.parametrize(("yes", "no"), YES_AND_NO, ids=str)
def test_yes_and_no_are_read_as_in_a_cohort_file(yes: object, no: object, patients: pd.DataFrame) -> None:
    """Tables of pandas have 0 and 1 for them, as decimal numbers where one is missing."""
    rows = patients.to_dict(orient="records")
    written = [{n: _as(row[n], yes, no) if n in BOOLEANS else row[n] for n in row} for row in rows]
    as_booleans = checked_rows(patients)
    assert checked_rows(pd.DataFrame(written, dtype=object)) == as_booleans
    assert {type(row.get(name)) for row in as_booleans for name in BOOLEANS} <= {bool, type(None)}


def _as(value: object, yes: object, no: object) -> object:
    return {True: yes, False: no}.get(value, value) if isinstance(value, bool) else value


@pytest.mark.parametrize("value", [2, -1, 0.5, "2", "maybe", 10, "t", "ja", Decimal("0.5"), [True]])
@pytest.mark.parametrize("name", BOOLEANS)
def test_other_numbers_and_words_are_no_yes_or_no(name: str, value: object) -> None:
    """They are refused by field and rule."""
    assert f"row 0: {name} must be true or false" in refusal(**{name: value})


@pytest.mark.parametrize("unknown", UNKNOWN, ids=repr)
def test_blank_is_not_known(unknown: object) -> None:
    """Optional fields are unknown, required ones are refused as missing."""
    assert read(ferritin_ug_l=unknown, sex=unknown, ph_positive=unknown) | {} == {
        **read(),
        **dict.fromkeys(("ferritin_ug_l", "sex", "ph_positive")),
    }
    assert refusal(age_years=unknown) == "1 problem\n  row 0: age_years is required"


NUMBER_TYPES = [
    3,
    3.0,
    np.int8(3),
    np.uint64(3),
    np.float32(3),
    np.float16(3),
    np.longdouble(3),
    Decimal("3"),
]


@pytest.mark.parametrize("value", [*NUMBER_TYPES, "3", "3.0", " 3 ", "+3", "3e0"], ids=repr)
def test_numbers_of_any_type_and_as_text(value: object) -> None:
    """What numpy, databases and columns of text have for a number."""
    row = read(age_years=value, prior_lines=value)
    assert (row["age_years"], row["prior_lines"]) == (3.0, 3)
    assert type(row["age_years"]) in (int, float)


NO_NUMBERS = {
    "3,5": "decimal comma? write a point",
    "<5": "is it beyond a detection limit?",
    "5 mg/L": "write the number alone, in ug/L",
    "n.d.": "leave the cell blank where the value is unknown",
    "2024-01-05": "is it a date?",
    "Iwanowa": "write a number, or leave the cell blank",
    "1e999": "correct the cell",
}


@pytest.mark.parametrize(("text", "advice"), NO_NUMBERS.items())
def test_text_that_is_no_number_is_refused_as_in_a_cohort_file(text: str, advice: str) -> None:
    """By rule and advice, without the text."""
    message = refusal(ferritin_ug_l=text)
    assert message.startswith("1 problem\n  row 0: ferritin_ug_l must be ")
    assert advice in message
    assert text not in message


DATE = datetime.datetime(2024, 1, 5)
OTHER_TYPES = [
    *(True, np.bool_(True), DATE, DATE.date(), datetime.time(9, 41), pd.Timestamp(DATE), np.datetime64(DATE)),
    *(np.timedelta64(41, "D"), pd.Timedelta(days=41), 41j, b"41", bytearray(b"41"), uuid.UUID(int=41)),
    *([41], {"value": 41}, (41,), np.array([41]), float("inf"), np.float64("-inf"), Decimal("1E+400")),
]


@pytest.mark.parametrize("value", OTHER_TYPES, ids=repr)
@pytest.mark.parametrize("name", ["age_years", "prior_lines", "marrow_blasts_pct"])
def test_other_types_are_no_numbers(name: str, value: object) -> None:
    """They are refused by field and rule, and not repeated."""
    message = refusal(**{name: value})
    assert message.startswith(f"1 problem\n  row 0: {name} must be ")
    assert "41" not in message
    assert "2024" not in message


@pytest.mark.parametrize(
    ("value", "advice"),
    [("CD19", "write it as in the rule"), ("cd20", ""), (1, "not a number"), ("1", "code")],
)
def test_options_are_spelled_as_in_the_rule(value: object, advice: str) -> None:
    message = refusal(target_antigen=value)
    assert message.startswith("1 problem\n  row 0: target_antigen must be one of cd19, cd22, cd19_cd22")
    assert advice in message


def test_every_problem_of_every_row_is_named(patients: pd.DataFrame) -> None:
    """Text and numbers beyond limits alike; a field is refused once."""
    spoiled = patients.assign(age_years="old", marrow_blasts_pct=424242.5).head(2)
    with pytest.raises(InputError) as refused:
        checked_rows(spoiled)
    lines = str(refused.value).splitlines()
    assert lines[0] == "4 problems"
    assert [line.split(" must")[0].strip() for line in lines[1:]] == [
        f"row {row}: {name}" for row in (0, 1) for name in ("age_years", "marrow_blasts_pct")
    ]


def test_columns_that_are_no_fields_are_refused(patients: pd.DataFrame) -> None:
    """MLflow leaves them out before; a repeated one has no single value."""
    with pytest.raises(InputError, match="row 0: age_year is not a field; did you mean age_years"):
        checked_rows(patients.assign(age_year=1).head(1))
    with pytest.raises(InputError, match="row 0: detail is not a field"):
        checked_rows(patients.assign(detail="risk").head(1))
    with pytest.raises(InputError, match="columns must be unique; repeated: age_years"):
        checked_rows(pd.concat([patients, patients[["age_years"]]], axis=1))


def test_no_rows_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        checked_rows(pd.DataFrame(columns=["age_years"]))


@pytest.mark.parametrize("text", [True, False], ids=["text", "guessed"])
def test_a_csv_file_is_read_as_its_patients(text: bool, patients: pd.DataFrame) -> None:
    """As text alone, and by the types that pandas guesses."""
    csv = io.StringIO(patients.to_csv(index=False))
    table = pd.read_csv(csv, dtype=str, keep_default_na=False) if text else pd.read_csv(csv)
    assert checked_rows(table) == checked_rows(patients)


def test_a_database_is_read_as_its_patients(patients: pd.DataFrame) -> None:
    """SQLite has no booleans: they come as 0 and 1, with NaN where one is missing."""
    with closing(sqlite3.connect(":memory:")) as database:
        patients.to_sql("patients", database, index=False)
        assert checked_rows(pd.read_sql("SELECT * FROM patients", database)) == checked_rows(patients)


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_nullable_types_of_pandas_are_read(backend: Any, patients: pd.DataFrame) -> None:
    assert checked_rows(patients.convert_dtypes(dtype_backend=backend)) == checked_rows(patients)


CELLS = ["", "true", "YES", "0", "1.0", "2", "maybe", "3", "3.5", "3,5", "female", "Male", "none", "NA", "-9"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", ["ph_positive", "ecog", "ferritin_ug_l", "sex"])
def test_text_means_what_it_means_in_a_cohort_file(name: str, cell: str) -> None:
    """The same value, or refused there too."""
    cells = {"patient_id": "P-1", **{key: str(value) for key, value in PATIENT.items()}, name: cell}
    table = RawTable("c.csv", "00", tuple(cells), (tuple(cells.values()),), (2,))
    try:
        (row,) = check_rows(table)
    except DataError:
        refusal(**{name: cell})
    else:
        assert read(**{name: cell})[name] == row[name]


def test_a_wide_number_of_numpy_stays_a_number() -> None:
    """`numpy.longdouble` has no type of Python; its value is rounded to one."""
    assert type(plain_value(np.longdouble("0.1"))) is float
