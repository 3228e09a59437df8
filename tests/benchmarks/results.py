"""The table of results: one row a cohort, learner and inputs, appended as it is finished."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """One learner on one cohort.

    Attributes
    ----------
    world, setting, outcome : str
    n, cohort : int
        Patients; number of the cohort within its cell.
    learner, inputs : str
        ``own`` for the learners of this project, which choose their inputs themselves.
    excess, slope : float
        Excess log loss and calibration slope against the true risks.
    seconds : float
        Of the processor: choosing, fitting and prediction, without intervals.
    fell_back : int
        1 where it could not be fitted and gave the prevalence.
    coverage, width : float
        Of the 90 % interval; NaN where none was measured.
    additivity : float
        Largest distance of reference and contributions from logit(risk); NaN for peers.
    deciles : str
        Coverage by tenths of predicted risk, lowest first, separated by spaces; empty where not measured.
    effective_n : float
        Effective sample size, where a learner states one among its parameters; else NaN.
    """

    world: str
    setting: str
    outcome: str
    n: int
    cohort: int
    learner: str
    inputs: str
    excess: float
    slope: float
    seconds: float
    fell_back: int
    coverage: float = float("nan")
    width: float = float("nan")
    additivity: float = float("nan")
    deciles: str = ""
    effective_n: float = float("nan")

    @property
    def key(self) -> tuple[str, ...]:
        """What must not be in the file twice, as the file writes it."""
        return tuple(str(getattr(self, name)) for name in KEY)


KEY = ("world", "setting", "outcome", "n", "cohort", "learner", "inputs")
COLUMNS = tuple(field.name for field in fields(Result))


def append(file: Path, results: Iterable[Result]) -> None:
    """Add rows, with a heading if the file is new; a line that a killed run cut off goes."""
    whole = _whole_lines(file)
    if file.exists() and len(whole) < file.stat().st_size:
        file.write_bytes(whole)
    with file.open("a", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        if not whole:
            writer.writeheader()
        writer.writerows(asdict(result) for result in results)


def finished(file: Path) -> set[tuple[str, ...]]:
    """Name the rows that the file has already; a line that a killed run cut off is no row.

    Raises
    ------
    ValueError
        If the columns are those of another version.
    """
    lines = _whole_lines(file).decode("utf-8").splitlines()
    if not lines:
        return set()
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        message = f"{file} has other columns than this version writes; choose another file"
        raise ValueError(message)
    return {tuple(row[name] for name in KEY) for row in reader}


def _whole_lines(file: Path) -> bytes:
    """Read up to the last end of a line."""
    content = file.read_bytes() if file.exists() else b""
    return content[: content.rfind(b"\n") + 1]
