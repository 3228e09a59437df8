"""`check` over the calendar, and problems and remarks as data."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from tests.command_line import ran

FIRST_DAY = datetime.date(2018, 1, 1)


@pytest.fixture
def table() -> pd.DataFrame:
    """Simulate a cohort whose ferritin was recorded in the later half of its rows only."""
    made = simulation_table(simulate(90, rng=np.random.default_rng(2)))
    made["patient_id"] = made["patient_id"].str.replace("synthetic-", "secret-")
    made["center"] = "Ulm"
    made["ferritin_ug_l"] = made["ferritin_ug_l"].replace("", np.nan).ffill().bfill()
    made.loc[: len(made) // 2, "ferritin_ug_l"] = np.nan
    return made


def test_remarks_are_data_with_what_they_would_change(table, tmp_path: Path, monkeypatch, capsys) -> None:
    """No identifier, no center and no value is in it; the terminal states the same numbers."""
    table.to_csv(tmp_path / "c.csv", index=False)
    line = ["check", tmp_path / "c.csv", "--json", tmp_path / "c.json", "--rows-in-order"]
    status, printed, _ = ran(monkeypatch, capsys, *line)
    text = (tmp_path / "c.json").read_text(encoding="utf-8")
    content = json.loads(text)
    (drift,) = [each for each in content["remarks"] if each["code"] == "calendar_missing"]
    assert status == 0
    assert "secret-" not in text
    assert "Ulm" not in text
    assert drift["fields"] == ["ferritin_ug_l"]
    assert drift["count"] == len(drift["rows"])
    assert drift["text"].endswith("by order of the rows: recorded only later?")
    relapse = next(each for each in drift["would_change"] if each["outcome"] == "relapse")
    assert 0 < relapse["infusions"] < relapse["of_infusions"] == len(table)
    assert f"concerns {drift['count']} of {len(table)} infusions" in printed


def test_without_dates_or_an_order_nothing_is_said_of_the_calendar(
    table, tmp_path: Path, monkeypatch, capsys
) -> None:
    """Rows may be in any order."""
    table.to_csv(tmp_path / "c.csv", index=False)
    assert "order of the rows" not in ran(monkeypatch, capsys, "check", tmp_path / "c.csv")[1]


def test_dates_of_a_mapped_table_are_the_calendar(table, tmp_path: Path, monkeypatch, capsys) -> None:
    """The date that most days of the follow-up are counted from; no date is printed."""
    days = [FIRST_DAY + datetime.timedelta(days=7 * at) for at in range(len(table))]
    shuffled = np.random.default_rng(1).permutation(len(table))
    site = table.assign(infused=[day.isoformat() for day in days])
    last = pd.to_numeric(site["last_contact_day"])
    site["seen"] = [
        (day + datetime.timedelta(days=int(each))).isoformat() for day, each in zip(days, last, strict=True)
    ]
    site.iloc[shuffled].to_csv(tmp_path / "site.csv", index=False)
    plain = [name for name in table.columns if name != "last_contact_day"]
    lines = [f'{name} = "{name}"' for name in plain]
    lines.append('last_contact_day = { column = "seen", days_since = "infused" }')
    mapping = '[table]\nignore = ["last_contact_day"]\n[fields]\n' + "\n".join(lines)
    (tmp_path / "site.toml").write_text(mapping, encoding="utf-8")
    status, printed, told = ran(
        monkeypatch, capsys, "check", tmp_path / "site.csv", "--mapping", tmp_path / "site.toml"
    )
    assert status == 0, told
    assert "ferritin_ug_l is missing in 100 % of the first third" in printed
    assert "by date of infusion: recorded only later?" in printed
    assert "2018" not in printed


def test_dates_after_today_are_asked_about_and_not_refused(tmp_path: Path, monkeypatch, capsys) -> None:
    """Of a mapped table: rows and columns are named, and no date."""
    ahead = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=90)
    (tmp_path / "site.csv").write_text(
        f"id,infused,seen\nP-1,2024-01-10,{ahead}\nP-2,2024-01-10,2024-09-01\n"
    )
    (tmp_path / "site.toml").write_text(
        '[fields]\npatient_id = "id"\nlast_contact_day = { column = "seen", days_since = "infused" }\n'
    )
    site, mapping, data = (tmp_path / name for name in ("site.csv", "site.toml", "c.json"))
    line = ["check", site, "--mapping", mapping, "--json", data]
    status, printed, _ = ran(monkeypatch, capsys, *line)
    content = json.loads(data.read_text(encoding="utf-8"))
    (remark,) = [each for each in content["remarks"] if each["code"] == "future_date"]
    assert status == 0
    assert remark["rows"] == [2]
    assert remark["fields"] == ["last_contact_day"]
    assert str(ahead.year) not in remark["text"]
    assert "are after today (last_contact_day)" in " ".join(printed.split())


def test_problems_are_data_too(tmp_path: Path, monkeypatch, capsys) -> None:
    """By code, column and rows."""
    (tmp_path / "c.csv").write_text("patient_id,ecog\nP-1,7\nP-2,8\n", encoding="utf-8")
    status, _, _ = ran(monkeypatch, capsys, "check", tmp_path / "c.csv", "--json", tmp_path / "c.json")
    content = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert status == 1
    assert [(each["code"], each["column"], each["rows"]) for each in content["problems"]] == [
        ("outside_limits", "ecog", [2]),
        ("outside_limits", "ecog", [3]),
    ]
    assert content["infusions"] is None
