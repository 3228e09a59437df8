"""The export of a record: two tables and settings, as seismometer's documentation describes them."""

from __future__ import annotations

import json
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from features.outcomes import OUTCOMES
from features.problems import Refused
from serving.record.erasure import erase
from tests.kept_answers import KeptAnswers, answer, kept_answers, outcome
from training.commands.answers import export
from training.release.reported_labels import Report, labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export four answers: one copied, one erased, one corrected."""
    made = tmp_path_factory.mktemp("exported")
    kept = kept_answers(made)
    rows = [answer("p-1"), answer("p-1", use="copied"), answer("p-2"), answer("p-3"), answer("p-4", risks=())]
    outcomes = [
        outcome("p-1", happened=False, day=30),
        outcome("p-1"),
        outcome("p-3"),
        outcome("p-2", name="death_without_relapse", day=100),
        outcome("p-4", name="relapse", happened=False, day=3),
    ]
    kept.keep(*rows, outcomes=outcomes)
    with kept.database.connected() as connection:
        erase(connection, kept.ring, by="privacy office", prediction_id="p-3")
    export(made / "out", kept.file)
    return made / "out"


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / "data" / name).to_pylist()
    return rows


def test_predictions_have_a_row_an_answer(folder: Path) -> None:
    """The first of a prediction id, without erased ones; times are UTC."""
    predictions = rows_of(folder, "predictions.parquet")
    assert [row["prediction_id"] for row in predictions] == ["p-1", "p-2", "p-4"]
    first = predictions[0]
    assert first["severe_crs_day_30"] == 0.123
    assert (first["relapse_day_365_low"], first["relapse_day_365_high"]) == (0.25, 0.55)
    assert first["answered_at"] == datetime(2026, 3, 2, 8, 30)
    assert (first["use"], first["missing"], first["missing_fields"]) == ("answer", "ldh", 1)
    assert predictions[2]["relapse_day_365"] is None


def test_events_have_a_row_a_known_label(folder: Path) -> None:
    """A correction counts, and a competing event decides; the record key and the caller are not exported."""
    events = {(row["prediction_id"], row["Type"]): row["Value"] for row in rows_of(folder, "events.parquet")}
    assert events[("p-1", "severe_crs_day_30")] == 1
    assert events[("p-2", "relapse_day_365")] == 0
    assert ("p-2", "relapse_day_90") not in events
    assert events[("p-2", "death_without_relapse_day_90")] == 0
    assert {name for name, _ in events} == {"p-1", "p-2"}
    exported = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"key-of-" not in exported
    assert b"1a2b3c4d" not in exported


def test_settings_name_the_tables_and_their_columns(folder: Path) -> None:
    """Everything that they name is there."""
    stated = {file.name: yaml.safe_load(file.read_text()) for file in folder.glob("*.yml")}
    info = stated["config.yml"]["other_info"]
    assert (folder / info["data_dir"] / info["prediction_path"]).exists()
    assert (folder / info["data_dir"] / info["event_path"]).exists()
    assert json.loads((folder / info["metadata_path"]).read_text())["modelname"] == "cart-outcomes"
    usage = stated[info["usage_config"]]["data_usage"]
    columns = set(pq.read_schema(folder / "data" / "predictions.parquet").names)
    named = {usage["entity_id"], usage["primary_output"], usage["predict_time"], *usage["outputs"]}
    named |= {*usage["features"], *(cohort["source"] for cohort in usage["cohorts"])}
    assert named - columns == set()
    assert set(usage["event_table"].values()) < set(pq.read_schema(folder / "data" / "events.parquet").names)
    assert usage["primary_target"] in {event["display_name"] for event in usage["events"]}
    described = {entry["name"] for entry in stated["dictionary.yml"]["predictions"]}
    assert described - columns == set()


def test_files_are_for_their_owner_only(folder: Path) -> None:
    modes = {stat.filemode(file.stat().st_mode) for file in folder.rglob("*") if file.is_file()}
    assert modes == {"-rw-------"}


def test_a_record_without_answers_is_not_exported(tmp_path: Path) -> None:
    kept: KeptAnswers = kept_answers(tmp_path)
    kept.recorder().prepare()
    with pytest.raises(Refused, match="no answer with risks"):
        export(tmp_path / "out", kept.file)
    assert not (tmp_path / "out").exists()


def test_an_earlier_export_is_replaced_only_where_it_may_be(tmp_path: Path) -> None:
    """As every command."""
    kept = kept_answers(tmp_path)
    kept.keep(answer("p-1"))
    export(tmp_path / "out", kept.file)
    with pytest.raises(Refused, match=r"has an earlier export .*--overwrite"):
        export(tmp_path / "out", kept.file)
    kept.keep(answer("p-2"))
    export(tmp_path / "out", kept.file, overwrite=True)
    assert len(rows_of(tmp_path / "out", "predictions.parquet")) == 2


@pytest.mark.parametrize(
    ("reports", "name", "expected"),
    [
        ({"relapse": Report(True, 90, "")}, "relapse", {90: 1, 180: 1, 365: 1, 730: 1}),
        ({"relapse": Report(True, 91, "")}, "relapse", {90: 0, 180: 1, 365: 1, 730: 1}),
        ({"relapse": Report(False, 365, "")}, "relapse", {90: 0, 180: 0, 365: 0}),
        ({"relapse": Report(True, None, "")}, "relapse", {}),
        ({"relapse": Report(True, 100, "")}, "death_without_relapse", {180: 0, 365: 0, 730: 0}),
        ({"death": Report(True, 100, "")}, "relapse", {}),
        ({"severe_crs": Report(True, None, "")}, "severe_crs", {30: 1}),
        ({"severe_crs": Report(False, None, "")}, "severe_crs", {30: 0}),
        ({"severe_crs": Report(False, 12, "")}, "severe_crs", {30: 0}),
        ({"severe_crs": Report(True, 31, "")}, "severe_crs", {30: 0}),
    ],
)
def test_a_label_needs_to_be_known(reports: dict[str, Report], name: str, expected: dict[int, int]) -> None:
    """At each horizon: the event by then, a day without it, or a competing event."""
    known = {each.horizon_days: each.event for each in labels(reports) if each.outcome == name}
    assert known == expected
    assert set(known) <= set(OUTCOMES[name].horizons_days)
