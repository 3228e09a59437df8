"""Bring a site's table into the schema's columns and units."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.checking.check_table import check_rows
from features.files.output_files import Output, Outputs
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.read_cohort import read_mapped
from features.write_cohort import write_cohort
from training.commands.options import Overwrite, RawTableFile
from training.console.screen import print_line

SIZE = 4
"""Expected bytes of the cohort for each byte of its source, which may be compressed."""


def command(
    raw: RawTableFile,
    mapping: Annotated[
        Path,
        typer.Option(
            readable=False, help="TOML file that maps the table to the schema (see docs/mapping.md)"
        ),
    ],
    out: Annotated[Path, typer.Option(readable=False, help="Cohort file to write (CSV)")],
    overwrite: Overwrite = False,
) -> None:
    """Convert a site's table to a cohort with the schema's columns and units."""
    import_table(raw, mapping, out, overwrite=overwrite)


def import_table(
    raw: Path, mapping: Path, out: Path, *, overwrite: bool = False, console: Console | None = None
) -> None:
    """Write a site's table as a canonical cohort, or say every reason why not.

    Parameters
    ----------
    raw : Path
        The site's table.
    mapping : Path
        TOML file that says how it becomes the schema's columns.
    out : Path
        CSV file to write; nothing is written unless the whole table is in order.
    overwrite : bool
        Whether an earlier file may be replaced.
    console : Console, optional
        Where the summary goes; standard output by default.

    Raises
    ------
    DataError
        With every problem of mapping and table, or if the file cannot be written there.
    """
    n_bytes = SIZE * raw.stat().st_size if raw.is_file() else 0
    Outputs(Output(out, patients=True, n_bytes=n_bytes), inputs=[raw, mapping], overwrite=overwrite)
    try:
        mapped = read_mapped(raw, mapping)
        rows = check_rows(mapped.table, mapped.origin)
    except DataError as error:
        if not out.exists():
            raise
        stays = Problem(Code.OUTPUT_UNCHANGED, f"nothing was written: {out.name} is unchanged")
        raise DataError([*error.problems, stays], source=error.source) from None
    write_cohort(rows, out, columns=mapped.table.columns, inputs=[raw, mapping], overwrite=overwrite)
    screen = console or Console()
    patients = counted(len({row["patient_id"] for row in rows}), "patient")
    columns = counted(len(mapped.table.columns), "column")
    written = f"{out.name}: {counted(len(rows), 'infusion')} of {patients}, {columns}"
    for line in [written, *mapped.notes]:
        print_line(screen, line)
