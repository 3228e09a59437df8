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
    outputs = Outputs(Output(path, patients=True), inputs=inputs, overwrite=overwrite)
    outputs.write({path: cohort_csv(rows, columns=columns)})


def cohort_csv(rows: Sequence[Mapping[str, Any]], *, columns: Iterable[str]) -> str:
    r"""Give typed rows as the text of a canonical CSV file.

    Parameters
    ----------
    rows : sequence of mapping
        Checked values by column, None or absent where unknown.
    columns : iterable of str
        Columns of the schema to write.

    Returns
    -------
    content : str

    Examples
    --------
    >>> cohort_csv([{"patient_id": "a", "ecog": 1}], columns=["ecog", "patient_id"])
    'patient_id,ecog\na,1\n'
    """
    wanted = set(columns)
    names = [name for name in all_fields() if name in wanted]
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([canonical_text(row.get(name)) for name in names] for row in rows)
    return content.getvalue()
