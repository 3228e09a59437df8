"""Runs stored on disk until MLflow has them: plain data and drawn figures, no patient data."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from features.cohort import Cohort
from features.files.atomic_write import PRIVATE, write_whole
from features.problems import Refused
from training.console.stopwatch import Period
from training.records.drawn_figures import drawn_figures
from training.records.run_record import RunRecord
from training.tasks.serial import SERIAL
from training.tasks.task import Runner

FORMAT = 1
RUNS_FILE = "runs.json"
ATTEMPT_FILE = "attempt.txt"
"""File with the run of an unfinished attempt."""

Use = Literal["training", "validation"]


class UnrecordedError(Refused):
    """The stored runs are missing or damaged; says how to get them again."""


@dataclass(frozen=True)
class KeptCohort:
    """Facts about a cohort that MLflow records: no patient data."""

    name: str
    sha256: str
    n_infusions: int
    n_patients: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class KeptRun:
    """A `RunRecord` whose figures are drawn: SHA-256 by file name."""

    name: str
    description: str
    parameters: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, float]
    series: dict[str, list[float]]
    tables: dict[str, str]
    grids: dict[str, dict[str, list[Any]]]
    figures: dict[str, str]
    local: bool
    period: Period | None = None
    note: str = ""
    below: str = ""
    measured: str = ""


@dataclass(frozen=True)
class Unrecorded:
    """What one command is to record.

    Attributes
    ----------
    format : int
    command : str
        By which it was made.
    use : Use
        What the cohort was for.
    bundle_digest : str
        Of the bundle to be registered; empty where none is.
    cohort : KeptCohort or None
    parent : KeptRun
    children : tuple of KeptRun
    """

    format: int
    command: str
    use: Use
    bundle_digest: str
    cohort: KeptCohort | None
    parent: KeptRun
    children: tuple[KeptRun, ...]


def place_of(folder: Path) -> Path:
    """Find where the runs of a folder are kept: beside it.

    Examples
    --------
    >>> place_of(Path("/models/march")).name
    'march-unrecorded'
    """
    resolved = folder.resolve()
    if not resolved.name:
        message = f"{folder} has no name: give the bundle folder named in the error message"
        raise UnrecordedError(message)
    return resolved.with_name(f"{resolved.name}-unrecorded")


def figure_file(folder: Path, child: int | None, name: str) -> Path:
    """Find a drawn figure of a child run, counted from 0, or of the parent run."""
    return place_of(folder) / _figures_of(child) / name


def _figures_of(child: int | None) -> str:
    return f"figures-{'parent' if child is None else child}"


def keep(
    folder: Path,
    parent: RunRecord,
    children: Iterable[RunRecord],
    cohort: Cohort | None,
    *,
    command: str,
    use: Use,
    bundle_digest: str = "",
    runner: Runner = SERIAL,
) -> None:
    """Store the runs to be recorded beside a folder, all or none; figures are drawn.

    Only the owner may read it.

    Parameters
    ----------
    folder : Path
        Of the bundle; need not exist where none is to be registered.
    parent : RunRecord
    children : iterable of RunRecord
    cohort : Cohort or None
    command, use, bundle_digest : str
        As in `Unrecorded`.
    runner : Runner
        Draws the figures.

    Raises
    ------
    UnrecordedError
        If other files are in that place.
    """
    outbox = place_of(folder)
    if outbox.exists() and not (outbox / RUNS_FILE).is_file():
        message = (
            f"{outbox} exists and holds no runs: move it, because runs are stored there until MLflow has them"
        )
        raise UnrecordedError(message)
    outbox.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{outbox.name}.", dir=outbox.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir(mode=0o700)
        records = [parent, *children]
        figures = drawn_figures([record.figures for record in records], runner)
        whole, *below = (
            _stored(record, drawn, new / _figures_of(n - 1 if n else None))
            for n, (record, drawn) in enumerate(zip(records, figures, strict=True))
        )
        stated = Unrecorded(FORMAT, command, use, bundle_digest, _cohort(cohort), whole, tuple(below))
        write_whole(new / RUNS_FILE, json.dumps(asdict(stated), default=_number), private=True)
        forget(folder)
        new.rename(outbox)


def read_unrecorded(folder: Path) -> Unrecorded:
    """Read what is kept beside a folder, and verify it.

    Raises
    ------
    UnrecordedError
        If nothing is kept there, or it is damaged.

    Examples
    --------
    >>> read_unrecorded(Path("/models/march"))
    Traceback (most recent call last):
        ...
    training.records.outbox.UnrecordedError: no run is stored in /models/march-unrecorded: give the bundle \
folder named in the error message
    """
    file = place_of(folder) / RUNS_FILE
    if not file.is_file():
        message = f"no run is stored in {file.parent}: give the bundle folder named in the error message"
        raise UnrecordedError(message)
    try:
        unrecorded = TypeAdapter(Unrecorded).validate_json(file.read_bytes())
    except (ValidationError, OSError) as error:
        raise _damaged(folder, RUNS_FILE) from error
    if unrecorded.format != FORMAT:
        raise _damaged(folder, f"format {unrecorded.format}, but the code reads {FORMAT}")
    if unrecorded.use == "training" and not unrecorded.bundle_digest:
        raise _damaged(folder, "no digest of the bundle")
    for child, run in ((None, unrecorded.parent), *enumerate(unrecorded.children)):
        for name, digest in run.figures.items():
            if Path(name).name != name or _sha256(figure_file(folder, child, name)) != digest:
                raise _damaged(folder, name)
    return unrecorded


def forget(folder: Path) -> None:
    """Remove what is kept beside a folder; it is gone in one step."""
    outbox = place_of(folder)
    if outbox.exists():
        with tempfile.TemporaryDirectory(prefix=f".{outbox.name}.", dir=outbox.parent) as scratch:
            shutil.move(outbox, Path(scratch) / "old")


def note_attempt(folder: Path, run_id: str) -> None:
    """Remember the run that an attempt to record has opened."""
    write_whole(place_of(folder) / ATTEMPT_FILE, run_id, private=True)


def last_attempt(folder: Path) -> str:
    """Name the run of the last attempt to record; empty where there was none, or it cannot be read."""
    try:
        return (place_of(folder) / ATTEMPT_FILE).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _stored(record: RunRecord, drawn: Mapping[str, str], figures: Path) -> KeptRun:
    """Write the figures of a run."""
    figures.mkdir(mode=0o700)
    for name, svg in drawn.items():
        (figures / name).write_text(svg, encoding="utf-8")
        (figures / name).chmod(PRIVATE)
    return _kept(record, figures={name: _sha256(figures / name) for name in drawn})


def _kept(record: RunRecord, *, figures: dict[str, str]) -> KeptRun:
    return KeptRun(
        name=record.name,
        description=record.description,
        parameters=dict(record.parameters),
        tags=dict(record.tags),
        metrics=dict(record.metrics),
        series={name: list(values) for name, values in record.series.items()},
        tables=dict(record.tables),
        grids={name: dict(columns) for name, columns in record.grids.items()},
        figures=figures,
        local=record.local,
        period=record.period,
        note=record.note,
        below=record.below,
        measured=record.measured,
    )


def _cohort(cohort: Cohort | None) -> KeptCohort | None:
    if cohort is None:
        return None
    columns = tuple(sorted(cohort.present))
    return KeptCohort(cohort.name, cohort.sha256, len(cohort), cohort.n_patients, columns)


def _sha256(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _number(value: Any) -> Any:
    """Turn NumPy's numbers into Python's."""
    return value.item()


def _damaged(folder: Path, what: str) -> UnrecordedError:
    message = f"{place_of(folder)} is damaged ({what}): run the original command again"
    return UnrecordedError(message)
