"""Answers and outcomes of a record as two tables and settings for Epic's seismometer.

https://epic-open-source.github.io/seismometer: predictions have a row an answer, events a row an outcome and
horizon.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, func, select

from features.files.atomic_write import write_whole
from features.outcomes import OUTCOMES
from features.problems import Refused
from serving.record.tables import ROWS
from training.release.answer_record import AnswerRecord, refusing
from training.release.reported_labels import Report, labels
from training.release.seismometer_settings import settings_files

PREDICTIONS, EVENT_FILE = "data/predictions.parquet", "data/events.parquet"
ROWS_A_BLOCK = 5000

TIME = pa.timestamp("us")
"""UTC; seismometer compares times without a time zone."""

EVENTS = pa.schema(
    [("prediction_id", pa.string()), ("Type", pa.string()), ("EventTime", TIME), ("Value", pa.int64())]
)


@dataclass
class Counts:
    """What was written, and what was not.

    Attributes
    ----------
    answers, events : int
        Rows of the two tables.
    erased : int
        Answers whose content was erased.
    unlabeled : int
        Predictions with reports that decide no label.
    """

    answers: int = 0
    events: int = 0
    erased: int = 0
    unlabeled: int = 0


def exported(record: AnswerRecord, folder: Path, *, overwrite: bool = False) -> Counts:
    """Write the files of a record.

    Parameters
    ----------
    record : AnswerRecord
    folder : Path
        Made if it is not there.
    overwrite : bool
        Whether the files of an earlier export are replaced.

    Returns
    -------
    counts : Counts

    Raises
    ------
    Refused
        If the record cannot be read, a row was altered so that it cannot be read, it has no answer with
        content, or there is an earlier export.
    """
    there = [file for file in (PREDICTIONS, EVENT_FILE) if (folder / file).exists()]
    if there and not overwrite:
        message = (
            f"{folder} has an earlier export ({', '.join(there)}): name another folder, or use --overwrite"
        )
        raise Refused(message)
    with refusing(), _readable(), record.database.snapshot() as connection:
        outputs = output_columns(_answers(connection))
        if not outputs:
            message = "the record has no answer with risks; nothing is exported"
            raise Refused(message)
        (folder / "data").mkdir(parents=True, exist_ok=True)
        counts = Counts()
        _write_predictions(connection, folder / PREDICTIONS, outputs, counts)
        _write_events(connection, folder / EVENT_FILE, counts)
    for name, content in settings_files(outputs).items():
        write_whole(folder / name, json.dumps(content, indent=1) + "\n", private=True)
    return counts


@contextmanager
def _readable() -> Iterator[None]:
    """Report content that is not what the service writes: no value of it is repeated."""
    try:
        yield
    except Refused:
        raise
    except (ValueError, LookupError, TypeError, AttributeError):
        message = (
            "nothing is exported: a row of the record was altered; cart-outcomes answers verify names it"
        )
        raise Refused(message) from None


def output_columns(answers: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, int]]:
    """Name the columns of risks by outcome and horizon, in the order of `OUTCOMES`; unknown ones come last.

    Parameters
    ----------
    answers : iterable of mapping
        With the key ``content``.

    Returns
    -------
    columns : dict of str to (outcome, horizon in days)
    """
    stored = {
        (outcome, horizon)
        for answer in answers
        if answer["content"] is not None
        for outcome, horizon, *_ in json.loads(answer["content"])["risks"]
    }
    order = {name: number for number, name in enumerate(OUTCOMES)}
    ordered = sorted(stored, key=lambda pair: (order.get(pair[0], len(order)), pair))
    return {f"{outcome}_day_{horizon}": (outcome, horizon) for outcome, horizon in ordered}


def _answers(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """Give answers by sequence; of an answer that was also copied or printed, the first row."""
    answer = ROWS.alias()
    same = select(func.min(ROWS.c.sequence)).where(
        ROWS.c.kind == "answer", ROWS.c.prediction_id == answer.c.prediction_id
    )
    firsts = select(answer).where(answer.c.kind == "answer", answer.c.sequence == same.scalar_subquery())
    query, after = firsts.order_by(answer.c.sequence).limit(ROWS_A_BLOCK), 0
    while block := connection.execute(query.where(answer.c.sequence > after)).mappings().all():
        yield from map(dict, block)
        after = block[-1]["sequence"]


def _prediction_schema(outputs: Iterable[str]) -> pa.Schema:
    texts = ("prediction_id", "version", "digest", "origin", "use", "warnings", "missing")
    fields = [(name, pa.string()) for name in texts]
    fields += [("answered_at", TIME), ("shown", pa.bool_()), ("missing_fields", pa.int64())]
    fields += [(f"{name}{end}", pa.float64()) for name in outputs for end in ("", "_low", "_high")]
    return pa.schema(fields)


def _prediction(answer: Mapping[str, Any]) -> dict[str, Any]:
    fixed, content = json.loads(answer["fixed"]), json.loads(answer["content"])
    row = {name: fixed[name] for name in ("version", "digest", "origin", "use", "shown")}
    row |= {"prediction_id": answer["prediction_id"], "answered_at": _time(fixed["answered_at"])}
    row |= {name: " ".join(content[name]) for name in ("warnings", "missing")}
    row["missing_fields"] = len(content["missing"])
    for outcome, horizon, risk, low, high in content["risks"]:
        column = f"{outcome}_day_{horizon}"
        row |= {column: risk, f"{column}_low": low, f"{column}_high": high}
    return row


def _write_predictions(connection: Connection, file: Path, outputs: Iterable[str], counts: Counts) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        for answer in _answers(connection):
            if answer["content"] is None:
                counts.erased += 1
            else:
                counts.answers += 1
                yield _prediction(answer)

    _write(file, _prediction_schema(outputs), rows())


def _write_events(connection: Connection, file: Path, counts: Counts) -> None:
    """Write labels; a later report of an outcome replaces an earlier one."""

    def rows() -> Iterator[dict[str, Any]]:
        for prediction_id, reports in _reports(connection).items():
            known = list(labels(reports))
            counts.unlabeled += not known
            for label in known:
                counts.events += 1
                yield {
                    "prediction_id": prediction_id,
                    "Type": f"{label.outcome}_day_{label.horizon_days}",
                    "EventTime": _time(label.reported_at),
                    "Value": label.event,
                }

    _write(file, EVENTS, rows())


def _reports(connection: Connection) -> dict[str, dict[str, Report]]:
    """Read the last report of each outcome; outcomes are few beside answers, and fit into memory."""
    reports: dict[str, dict[str, Report]] = {}
    columns = select(ROWS.c.prediction_id, ROWS.c.fixed, ROWS.c.content)
    outcomes = columns.where(ROWS.c.kind == "outcome", ROWS.c.content.is_not(None))
    for prediction_id, fixed, content in connection.execute(outcomes.order_by(ROWS.c.sequence)):
        stated = json.loads(content)
        report = Report(stated["happened"], stated["day"], json.loads(fixed)["reported_at"])
        reports.setdefault(prediction_id, {})[stated["outcome"]] = report
    return reports


def _write(file: Path, schema: pa.Schema, rows: Iterator[dict[str, Any]]) -> None:
    """Write rows in blocks; the file is complete or not there."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.touch(0o600)
    unfinished.chmod(0o600)
    try:
        _write_blocks(unfinished, schema, rows)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_blocks(file: Path, schema: pa.Schema, rows: Iterator[dict[str, Any]]) -> None:
    with pq.ParquetWriter(file, schema) as writer:
        block: list[dict[str, Any]] = []
        for row in rows:
            block.append(row)
            if len(block) == ROWS_A_BLOCK:
                writer.write_table(pa.Table.from_pylist(block, schema=schema))
                block = []
        writer.write_table(pa.Table.from_pylist(block, schema=schema))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)
