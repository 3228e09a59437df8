"""What is to be recorded, kept on disk until MLflow has it: plain data, drawn figures, no patient's row."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from features.cohort import Cohort
from features.files.atomic_write import PRIVATE, write_whole
from features.problems import Refused
from training.console.stopwatch import Period
from training.records.training_runs import RunRecord

FORMAT = 1
RUNS_FILE = "runs.json"
ATTEMPT_FILE = "attempt.txt"
"""Names the run of an attempt that did not come to its end."""

Use = Literal["training", "validation"]


class UnrecordedError(Refused):
    """What was kept is not there or damaged; says how to get it again."""


@dataclass(frozen=True)
class KeptCohort:
    """What MLflow is told of a cohort: nothing that a row could be read from."""

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
    found = folder.resolve()
    if not found.name:
        message = f"{folder} has no name: name the folder that the message of the failed command named"
        raise UnrecordedError(message)
    return found.with_name(f"{found.name}-unrecorded")


def figure_file(folder: Path, child: int, name: str) -> Path:
    """Find a drawn figure of a child run, counted from 0."""
    return place_of(folder) / f"figures-{child}" / name


def keep(
    folder: Path,
    parent: RunRecord,
    children: Iterable[RunRecord],
    cohort: Cohort | None,
    *,
    command: str,
    use: Use,
    bundle_digest: str = "",
) -> None:
    """Write all that is to be recorded beside a folder, whole or not at all; figures are drawn.

    Only the owner may read it.

    Parameters
    ----------
    folder : Path
        Of the bundle; need not exist where none is to be registered.
    parent : RunRecord
        It has no figures.
    children : iterable of RunRecord
    cohort : Cohort or None
    command, use, bundle_digest : str
        As in `Unrecorded`.

    Raises
    ------
    UnrecordedError
        If something else stands in that place.
    """
    place = place_of(folder)
    if place.exists() and not (place / RUNS_FILE).is_file():
        message = f"{place} is in the way: runs are kept there until MLflow has them; move it"
        raise UnrecordedError(message)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir(mode=0o700)
        drawn = tuple(_drawn(child, new / f"figures-{n}") for n, child in enumerate(children))
        stated = Unrecorded(
            FORMAT, command, use, bundle_digest, _cohort(cohort), _kept(parent, figures={}), drawn
        )
        write_whole(new / RUNS_FILE, json.dumps(asdict(stated), default=_number), private=True)
        forget(folder)
        new.rename(place)


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
    training.records.outbox.UnrecordedError: nothing is kept in /models/march-unrecorded: name the folder \
that the message of the failed command named
    """
    file = place_of(folder) / RUNS_FILE
    if not file.is_file():
        message = (
            f"nothing is kept in {file.parent}: name the folder that the message of the failed command named"
        )
        raise UnrecordedError(message)
    try:
        found = TypeAdapter(Unrecorded).validate_json(file.read_bytes())
    except (ValidationError, OSError) as error:
        raise _damaged(folder, RUNS_FILE) from error
    if found.format != FORMAT:
        raise _damaged(folder, f"format {found.format}, the code reads {FORMAT}")
    if found.use == "training" and not found.bundle_digest:
        raise _damaged(folder, "no digest of the bundle")
    for child, run in enumerate(found.children):
        for name, digest in run.figures.items():
            if Path(name).name != name or _sha256(figure_file(folder, child, name)) != digest:
                raise _damaged(folder, name)
    return found


def forget(folder: Path) -> None:
    """Remove what is kept beside a folder; it is gone in one step."""
    place = place_of(folder)
    if place.exists():
        with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as scratch:
            shutil.move(place, Path(scratch) / "old")


def note_attempt(folder: Path, run_id: str) -> None:
    """Remember the run that an attempt to record has opened."""
    write_whole(place_of(folder) / ATTEMPT_FILE, run_id, private=True)


def last_attempt(folder: Path) -> str:
    """Name the run of the last attempt to record; empty where there was none, or it cannot be read."""
    try:
        return (place_of(folder) / ATTEMPT_FILE).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _drawn(record: RunRecord, place: Path) -> KeptRun:
    """Draw the figures of a run; one may find nothing to draw."""
    digests = {}
    place.mkdir(mode=0o700)
    for name, draw in record.figures.items():
        figure = draw()
        if figure is not None:
            figure.savefig(place / name)
            (place / name).chmod(PRIVATE)
            digests[name] = _sha256(place / name)
    return _kept(record, figures=digests)


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
    message = f"{place_of(folder)} is damaged ({what}): run again the command that was to be recorded"
    return UnrecordedError(message)
