"""A site's laboratory table: a file, a sheet, or a repeating instrument of a REDCap project."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from features.drafting.toml_text import inline, quoted
from features.known_units import units_of
from features.schema import all_fields
from tests.site_tables.columns import Stored
from tests.site_tables.dates import FORMS
from tests.site_tables.drawn import REDCAP, TEXT, Drawn
from tests.site_tables.files import LABORATORY, SHEET, delimited
from tests.site_tables.numbers import MARKS, WITH_A_UNIT_BESIDE, NumberForm
from tests.site_tables.over_time import DAYS, Measurement, measurements
from tests.site_tables.words import HEADINGS

SODIUM = "Na"
DATES = ("iso", "points", "european", "excel", "two digits")
LONG = ("patient", "drawn", "test", "result", "unit")


def with_laboratory(drawn: Drawn) -> tuple[str, ...]:
    """Move some measurements to a table of their own, perhaps.

    Returns
    -------
    fields : tuple of str
        That are no columns of the first table.
    """
    if not drawn.over_time:
        return ()
    fields = tuple(str(each) for each in drawn.rng.choice(list(WITH_A_UNIT_BESIDE), size=3, replace=False))
    starts = [
        infusion - datetime.timedelta(days=int(day))
        for infusion, day in zip(
            drawn.infusions, drawn.rng.integers(3, 8, size=len(drawn.infusions)), strict=True
        )
    ]
    drawn.date("lymphodepletion", list(starts))
    patients = [str(patient) for patient in drawn.cohort["patient_id"]]
    rows: list[Measurement] = []
    for field in fields:
        cells = [str(cell) for cell in drawn.cohort[field]]
        drawn.truth[field] = cells
        rows += measurements(field, cells, patients, starts, drawn.rng)
    rows = [rows[place] for place in drawn.rng.permutation(len(rows))]
    {REDCAP: _instrument, TEXT: _file}.get(drawn.kind, _sheet)(drawn, rows, fields)
    return fields


def _file(drawn: Drawn, rows: Sequence[Measurement], fields: Sequence[str]) -> None:
    """Write one value a row, with its name and its unit."""
    numbers = NumberForm(*drawn.rng.choice(MARKS))
    form = FORMS[str(drawn.rng.choice(DATES))]
    units = [str(drawn.rng.choice(WITH_A_UNIT_BESIDE[row.field])) for row in rows]
    grid: list[list[Stored]] = [list(LONG)]
    for row, unit in zip(rows, units, strict=True):
        name = HEADINGS[drawn.language][row.field]
        factor = units_of(all_fields()[row.field])[unit]
        result = "n.d." if row.value is None else numbers.write(row.value / factor)
        grid.append([row.patient, form.write(row.date), name, result, unit])
        if drawn.rng.random() < 0.1:
            grid.append([row.patient, form.write(row.date), SODIUM, "140", "mmol/L"])
    drawn.files["labs.csv"] = delimited(grid, ";").encode()
    keys = {
        "file": quoted("labs.csv"),
        **dict(zip(("patient", "date", "name", "value", "unit"), map(quoted, LONG), strict=True)),
    }
    keys |= {"decimal": quoted(numbers.decimal), "missing": '["n.d."]', **form.mapping}
    keys |= {"thousands": quoted(numbers.thousands)} if numbers.thousands else {}
    _state(drawn, keys)
    for field in fields:
        _choose(drawn, field, [("name", quoted(HEADINGS[drawn.language][field]))])


def _sheet(drawn: Drawn, rows: Sequence[Measurement], fields: Sequence[str]) -> None:
    """Write a column for each measurement, in one unit each."""
    form = FORMS[str(drawn.rng.choice(DATES))]
    units = {field: str(drawn.rng.choice(WITH_A_UNIT_BESIDE[field])) for field in fields}
    names = {field: HEADINGS[drawn.language][field] for field in fields}
    headings = {field: f"{name} ({units[field]})" for field, name in names.items()}
    grid: list[list[Stored]] = [["patient", "drawn", *headings.values()]]
    for row in rows:
        factor = units_of(all_fields()[row.field])[units[row.field]]
        value = "" if row.value is None else drawn.numbers.write(row.value / factor)
        grid.append(
            [row.patient, form.write(row.date), *(value if row.field == field else "" for field in fields)]
        )
    drawn.sheets[LABORATORY] = grid
    _state(
        drawn,
        {**SHEET, "patient": quoted("patient"), "date": quoted("drawn"), **form.mapping},
    )
    for field in fields:
        _choose(drawn, field, [("column", quoted(headings[field])), ("unit", quoted(units[field]))])


def _instrument(drawn: Drawn, rows: Sequence[Measurement], fields: Sequence[str]) -> None:
    """Write a column for each measurement, in rows of the export, in the unit of the schema."""
    record = drawn.heading("patient_id")
    for row in rows:
        value = "" if row.value is None else drawn.numbers.write(row.value)
        drawn.instrument.append(
            {
                record: row.patient,
                "lab_date": row.date.isoformat(),
                **{f"lab_{field}": value if row.field == field else "" for field in fields},
            }
        )
    drawn.parts.append("[redcap]")
    _state(drawn, {"instrument": quoted("labs"), "date": quoted("lab_date")})
    for field in fields:
        _choose(drawn, field, [("column", quoted(f"lab_{field}"))])


def _state(drawn: Drawn, keys: dict[str, str]) -> None:
    known = {
        **{name: keys[name] for name in ("decimal", "dates", "two_digit_years") if name in keys},
        "last_before": quoted(drawn.mark_of("lymphodepletion")),
        "date": keys["date"],
        "infusion_date": quoted(drawn.mark_of("infusion")),
    }
    # A draft names dates of several columns itself: a person who takes its part over names them too.
    drawn.laboratory = {} if drawn.form.split else known
    drawn.parts += ["[tables.labs]", *(f"{name} = {value}" for name, value in keys.items())]


def _choose(drawn: Drawn, field: str, source: list[tuple[str, str]]) -> None:
    """Take the last value before lymphodepletion."""
    start = quoted(drawn.mark_of("lymphodepletion"))
    pairs = [("table", quoted("labs")), *source, ("last_before", start), ("days", str(DAYS))]
    drawn.fields[field] = inline(pairs)
