"""A cohort is written as CSV in the schema's columns, whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from features.advice import plain
from features.intake.typed_text import canonical_text
from features.problems import DataError, Problem
from features.schema import all_fields
from features.whole_file import write_whole


def write_cohort(
    rows: Sequence[Mapping[str, Any]],
    path: Path,
    *,
    columns: Iterable[str],
    inputs: Iterable[Path] = (),
) -> None:
    """Write typed rows as a canonical CSV file: UTF-8, schema order, blank where unknown.

    Parameters
    ----------
    rows : sequence of mapping
        Checked values by column, None or absent where unknown.
    path : Path
        Ends in .csv. An earlier file of that name is replaced, in one step, when the new one is complete.
    columns : iterable of str
        Columns of the schema to write.
    inputs : iterable of Path
        Files that the rows came from; none of them is overwritten.

    Raises
    ------
    DataError
        If the file cannot be written there.

    Examples
    --------
    >>> write_cohort([{"patient_id": "a"}], Path("cohort.xlsx"), columns=["patient_id"])
    Traceback (most recent call last):
        ...
    features.problems.DataError: cohort.xlsx: 1 problem
      the file to write must be .csv, got .xlsx
    """
    refuse_target(path, inputs)
    wanted = set(columns)
    names = [name for name in all_fields() if name in wanted]
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([canonical_text(row.get(name)) for name in names] for row in rows)
    try:
        write_whole(path, content.getvalue())
    except OSError as error:
        problem = Problem(f"the file cannot be written ({error.strerror})")
        raise DataError([problem], source=path.name) from None


def refuse_target(path: Path, inputs: Iterable[Path] = (), *, suffix: str = ".csv") -> None:
    """Refuse a file to write before any work is done for it.

    Parameters
    ----------
    path : Path
        File to write.
    inputs : iterable of Path
        Files that must stay as they are.
    suffix : str
        How its name must end.

    Raises
    ------
    DataError
        If its name ends otherwise, it is a folder, in a folder that does not exist, or one of the inputs.
    """
    problem = None
    if path.suffix.lower() != suffix:
        problem = Problem(f"the file to write must be {suffix}", found=path.suffix or "no extension")
    elif path.is_dir():
        problem = Problem("the file to write is a folder")
    elif not path.parent.is_dir():
        problem = Problem("the folder of the file to write does not exist")
    elif any(path.exists() and source.exists() and path.samefile(source) for source in inputs):
        problem = Problem("the file to write is the file that is read", fix=plain("name another"))
    if problem:
        raise DataError([problem], source=path.name)
