"""A cohort is written as CSV in the schema's columns, whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from features.files.output_files import Output, Outputs
from features.files.typed_text import canonical_text
from features.schema import all_fields


def write_cohort(
    rows: Sequence[Mapping[str, Any]],
    path: Path,
    *,
    columns: Iterable[str],
    inputs: Iterable[Path] = (),
    overwrite: bool = False,
) -> None:
    """Write typed rows as a canonical CSV file: UTF-8, schema order, blank where unknown.

    Parameters
    ----------
    rows : sequence of mapping
        Checked values by column, None or absent where unknown.
    path : Path
        Ends in .csv. Only its owner may read it.
    columns : iterable of str
        Columns of the schema to write.
    inputs : iterable of Path
        Files that the rows came from; none of them is overwritten.
    overwrite : bool
        Whether an earlier file may be replaced, in one step, when the new one is complete.

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
    wanted = set(columns)
    names = [name for name in all_fields() if name in wanted]
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([canonical_text(row.get(name)) for name in names] for row in rows)
    Outputs(Output(path, patients=True), inputs=inputs, overwrite=overwrite).write({path: content.getvalue()})
