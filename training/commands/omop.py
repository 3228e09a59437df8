"""Read a cohort from an OMOP database: the recipe, and the import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.checking.check_table import check_rows
from features.files.output_files import Output, Outputs
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.write_cohort import write_cohort
from training.commands.options import Overwrite, given_path
from training.console.screen import print_document, print_line
from training.omop.database import opened
from training.omop.extract import extract
from training.omop.project_data import RECIPE
from training.omop.recipe_file import read_recipe

command = typer.Typer(
    name="omop",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Read a cohort from an OMOP database.",
)


@command.command("recipe")
def _recipe(
    out: Annotated[str, typer.Option(help="TOML file to write (default: print)")] = "",
    overwrite: Overwrite = False,
) -> None:
    """Write a recipe to complete: which records make infusions and columns."""
    recipe(given_path(out), overwrite=overwrite)


@command.command("import")
def _import(
    address: Annotated[
        str,
        typer.Argument(help="DuckDB or SQLite file, or PostgreSQL address (password in PGPASSWORD)"),
    ],
    recipe: Annotated[
        Path,
        typer.Option(readable=False, help="TOML file that says which records to read (see docs/omop.md)"),
    ],
    out: Annotated[Path, typer.Option(readable=False, help="Cohort file to write (CSV)")],
    table: Annotated[
        str, typer.Option(help="Table before the mapping to write too, with its dates (CSV)")
    ] = "",
    overwrite: Overwrite = False,
) -> None:
    """Convert the infusions of a database to a cohort with the schema's columns and units."""
    import_omop(address, recipe, out, table=given_path(table), overwrite=overwrite)


def recipe(out: Path | None = None, *, overwrite: bool = False, console: Console | None = None) -> None:
    """Print the recipe to complete, or write it.

    Parameters
    ----------
    out : Path, optional
        TOML file to write; standard output by default.
    overwrite : bool
        Whether an earlier file, which may hold manual work, may be replaced.
    console : Console, optional
        Where the next step is printed; standard output by default.

    Raises
    ------
    DataError
        If the file cannot be written there.
    """
    text = RECIPE.read_text(encoding="utf-8")
    if out is None:
        print_document(text)
        return
    Outputs(Output(out, ".toml"), overwrite=overwrite).write({out: text})
    print_line(
        console or Console(), f"{out.name}: complete it, then cart-outcomes omop import (docs/omop.md)"
    )


def import_omop(
    address: str,
    recipe: Path,
    out: Path,
    *,
    table: Path | None = None,
    overwrite: bool = False,
    console: Console | None = None,
) -> None:
    """Write the infusions of a database as a canonical cohort, or say every reason why not.

    Parameters
    ----------
    address : str
        Name of a DuckDB or SQLite file, or the address of a PostgreSQL database. It is only read.
    recipe : Path
        TOML file that says which records make infusions and columns.
    out : Path
        CSV file to write; nothing is written unless all infusions are in order.
    table : Path, optional
        CSV file for the table before the mapping, to find the rows that a message names. It has dates: only
        its owner may read it. It is written even if the cohort is refused.
    overwrite : bool
        Whether earlier files may be replaced.
    console : Console, optional
        Where the summary goes; standard output by default.

    Raises
    ------
    DataError
        With every problem of recipe and database, or if the files cannot be written there.
    """
    files = [Output(path, patients=True) for path in (out, table) if path is not None]
    Outputs(*files, inputs=[recipe, *_files_of(address)], overwrite=overwrite)
    with _named_if_unchanged(out):
        with opened(address) as database:
            extracted = extract(database, read_recipe(recipe))
        if table is not None:
            private = Output(table, patients=True)
            Outputs(private, inputs=[recipe], overwrite=overwrite).write({table: extracted.csv_text()})
        mapped = extracted.mapped()
        rows = check_rows(mapped.table, mapped.origin)
    write_cohort(rows, out, columns=mapped.table.columns, inputs=[recipe], overwrite=overwrite)
    screen = console or Console()
    patients = counted(len({row["patient_id"] for row in rows}), "patient")
    columns = counted(len(mapped.table.columns), "column")
    written = f"{out.name}: {counted(len(rows), 'infusion')} of {patients}, {columns}"
    for line in [written, *extracted.notes, *mapped.notes]:
        print_line(screen, line)


@contextmanager
def _named_if_unchanged(out: Path) -> Iterator[None]:
    """Add to a refusal that an earlier cohort is unchanged."""
    try:
        yield
    except DataError as error:
        if not out.exists():
            raise
        stays = Problem(Code.OUTPUT_UNCHANGED, f"nothing was written: {out.name} is unchanged")
        raise DataError([*error.problems, stays], source=error.source) from None


def _files_of(address: str) -> list[Path]:
    """Name the file of a database, which no output may replace."""
    path = Path(address)
    return [path] if "://" not in address and path.is_file() else []
