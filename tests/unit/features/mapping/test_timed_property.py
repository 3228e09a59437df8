"""Random tables: every rule gives what a plain search with pandas gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.files.raw_table import RawTable
from features.mapping.file import mapping_of
from features.mapping.mapped import map_table
from features.problem_codes import Code

UNITS = {"U/L": 1.0, "ukat/L": 60.0, "kU/L": 1000.0}
RULES: list[tuple[str, Any]] = [
    ("last_before", 9),
    ("last_before", [-20, -2]),
    ("first_after", 4),
    ("last_after", 9),
    ("nearest", 12),
    ("highest_within", [-15, 2]),
    ("lowest_within", [-15, -1]),
]
COLUMNS = ("id", "redcap_repeat_instrument", "ld", "given", "drawn", "test", "result", "unit")
START = pd.Timestamp("2021-01-01")


def random_rows(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make infusions, and laboratory rows with few days and times, so that ties are frequent."""
    ld = START + pd.to_timedelta(rng.integers(20, 40, 6), unit="D")
    infusions = pd.DataFrame({"id": [f"K-{n}" for n in range(6)], "ld": ld})
    infusions["given"] = infusions["ld"] + pd.to_timedelta(rng.integers(2, 8, 6), unit="D")
    n = 100
    labs = pd.DataFrame({"id": [f"K-{number}" for number in rng.integers(0, 8, n)]})
    labs["day"] = START + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    labs["hour"] = rng.choice([0, 6, 6, 12, 18], n)
    labs["test"] = rng.choice(["LDH", "ldh", "LD serum", "Na"], n)
    labs["result"] = rng.choice(["", "-9", "1", "1.5", "2", "4"], n)
    labs["unit"] = rng.choice(list(UNITS), n)
    return infusions, labs


def mapped(infusions: pd.DataFrame, labs: pd.DataFrame, rule: str, days: Any, tie: str | None) -> Any:
    """Map both as one REDCap export."""
    rows = [
        (row.id, "", f"{row.ld:%Y-%m-%d}", f"{row.given:%Y-%m-%d}", "", "", "", "")
        for row in infusions.itertuples()
    ]
    for row in labs.itertuples():
        drawn = f"{row.day:%Y-%m-%d}" + (f" {row.hour:02}:00" if row.hour else "")
        rows.append((row.id, "labs", "", "", drawn, row.test, row.result, row.unit))
    entry: dict[str, Any] = {"table": "labs", "name": ["LDH", "LD serum"], rule: "ld", "days": days}
    entry |= {"units": {"U/L": "U/L", "ukat/L": "ukat/L", "kU/L": 1000}, "offset": 9}
    entry |= {"tie": tie} if tie and not rule.endswith("_within") else {}
    labs_table = {"instrument": "labs", "date": "drawn", "name": "test", "value": "result", "unit": "unit"}
    content = {
        "table": {"missing": [-9], "infusion_date": "given"},
        "redcap": {},
        "tables": {"labs": labs_table},
        "fields": {"patient_id": "id", "ldh_u_l": entry},
    }
    table = RawTable("t.csv", "00", COLUMNS, tuple(rows), tuple(range(2, len(rows) + 2)))
    return map_table(mapping_of(content, name="site.toml"), table)


def searched(infusion: Any, labs: pd.DataFrame, rule: str, days: Any, tie: str | None) -> float | str | None:
    """Search for the value of one infusion: a number, None, or "tie"."""
    before, after = rule in ("last_before", "nearest"), rule in ("first_after", "last_after", "nearest")
    low, high = days if isinstance(days, list) else (-days if before else 0, days if after else 0)
    own = labs[(labs["id"] == infusion.id) & labs["test"].isin(["LDH", "ldh", "LD serum"])]
    own = own[~own["result"].isin(["", "-9"]) & (own["day"] < infusion.given)]
    offset = (own["day"] - infusion.ld).dt.days
    own = own.assign(offset=offset)[(offset >= low) & (offset <= high)]
    if own.empty:
        return None
    number = (own["result"].astype(float) + 9) * own["unit"].map(UNITS)
    own = own.assign(number=number)
    if rule.endswith("_within"):
        return float(own["number"].max() if rule.startswith("highest") else own["number"].min())
    if rule == "nearest":
        distance = own["offset"].abs()
        nearest = own[distance == distance.min()]
        own = nearest[nearest["offset"] == nearest["offset"].min()]
    else:
        own = own[own["offset"] == (own["offset"].min() if rule == "first_after" else own["offset"].max())]
    if (own["hour"] > 0).all():
        own = own[own["hour"] == (own["hour"].min() if rule == "first_after" else own["hour"].max())]
    if len(set(own["number"])) == 1:
        return float(own["number"].iloc[0])
    if tie is None:
        return "tie"
    by = {"first": own["number"].iloc[0], "last": own["number"].iloc[-1], "highest": own["number"].max()}
    return float({**by, "lowest": own["number"].min(), "mean": own["number"].mean()}[tie])


@pytest.mark.parametrize(("rule", "days"), RULES, ids=lambda value: str(value))
@pytest.mark.parametrize("tie", [None, "first", "last", "highest", "lowest", "mean"])
def test_a_plain_search_gives_the_same(rule, days, tie):
    """In each infusion of two tables: the value, nothing, or the refusal of a tie."""
    seen = set()
    for seed in range(2):
        infusions, labs = random_rows(np.random.default_rng([seed, len(rule)]))
        result = mapped(infusions, labs, rule, days, tie)
        ties = {position for position, _ in result.origin.failed}
        for position, infusion in enumerate(infusions.itertuples()):
            expected = searched(infusion, labs, rule, days, tie)
            cell = result.table.rows[position][1]
            seen.add("tie" if expected == "tie" else expected is None)
            assert (position in ties) == (expected == "tie")
            if isinstance(expected, float):
                assert float(cell) == pytest.approx(expected, rel=1e-11)
            else:
                assert cell == ""
        assert {problem.code for problem in result.origin.problems} <= {Code.VALUES_DIFFER_ON_ONE_DAY}
        (count,) = result.over_time
        assert count.used == sum(bool(row[1]) for row in result.table.rows)
        assert count.infusions == len(infusions)
    assert False in seen
