"""Bring a site's table into the schema's columns, with corrections where a list of them came back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.checking.check_table import Examined, examine
from features.corrections.audit_trail import account, audit_trail
from features.corrections.corrected_table import corrected
from features.corrections.decisions import Choice
from features.corrections.field_columns import TableColumns, identifying_columns, table_columns
from features.corrections.returned_list import ReturnedList, read_list
from features.files.output_files import Output, Outputs
from features.mapping.conversion import Mapped
from features.mapping.file import linked_files
from features.problem_codes import Code
from features.problems import DataError, Problem, Refused, counted
from features.read_cohort import Source, mapped_source, read_source
from features.write_cohort import cohort_csv
from training.commands.options import MappingFile, Overwrite, RawTableFile, given_path
from training.console.screen import print_line

SIZE = 4
"""Expected bytes of the cohort for each byte of its source, which may be compressed."""

TRAIL = ".corrections.json"
"""How the name of an audit trail ends, after that of the cohort."""


def command(
    raw: RawTableFile,
    out: Annotated[Path, typer.Option(readable=False, help="Cohort file to write (CSV)")],
    mapping: MappingFile = "",
    corrections: Annotated[
        str, typer.Option(help="List of fixes that was filled in (from check --fix-list)")
    ] = "",
    overwrite: Overwrite = False,
) -> None:
    """Convert a site's table to a cohort with the schema's columns and units."""
    import_table(raw, given_path(mapping), out, corrections=given_path(corrections), overwrite=overwrite)


def import_table(
    raw: Path,
    mapping: Path | None,
    out: Path,
    *,
    corrections: Path | None = None,
    overwrite: bool = False,
    console: Console | None = None,
) -> None:
    """Write a site's table as a canonical cohort, or say every reason why not.

    Parameters
    ----------
    raw : Path
        The site's table.
    mapping : Path, optional
        TOML file that says how it becomes the schema's columns; needed unless there are corrections.
    out : Path
        CSV file to write; nothing is written unless the whole table is in order.
    corrections : Path, optional
        List of fixes that was filled in. It is applied before the conversion, and an audit trail is written
        beside the cohort.
    overwrite : bool
        Whether earlier files may be replaced.
    console : Console, optional
        Where the summary goes; standard output by default.

    Raises
    ------
    DataError
        With every problem of list, mapping and table, or if a file cannot be written there.
    """
    if mapping is None and corrections is None:
        message = "name the mapping file (--mapping), or the list to apply (--corrections)"
        raise Refused(message)
    linked = linked_files(mapping) if mapping is not None else []
    inputs = [*(each for each in (raw, mapping, corrections) if each is not None), *linked]
    trail = out.with_name(f"{out.stem}{TRAIL}")
    n_bytes = SIZE * raw.stat().st_size if raw.is_file() else 0
    files = [Output(out, patients=True, n_bytes=n_bytes)]
    files += [Output(trail, ".json", patients=True)] if corrections else []
    outputs = Outputs(*files, inputs=inputs, overwrite=overwrite)
    try:
        done = _imported(raw, mapping, corrections)
    except DataError as error:
        if not out.exists():
            raise
        stays = Problem(Code.OUTPUT_UNCHANGED, f"nothing was written: {out.name} is unchanged")
        raise DataError([*error.problems, stays], source=error.source) from None
    content = cohort_csv(done.examined.rows, columns=done.mapped.table.columns)
    contents = {out: content}
    if done.returned is not None:
        contents[trail] = _trail(done.returned, done.source, mapping, out, content)
    outputs.write(contents)
    _show(console or Console(), done, out, trail)


@dataclass(frozen=True)
class _Done:
    """A table that was read, corrected, converted and checked."""

    source: Source
    mapped: Mapped
    examined: Examined
    returned: ReturnedList | None


def _imported(raw: Path, mapping: Path | None, corrections: Path | None) -> _Done:
    source = read_source(raw, mapping=mapping)
    returned = read_list(corrections) if corrections is not None else None
    if returned is not None:
        identifiers = identifying_columns(source.table, source.mapping)
        mapped = mapped_source(source, correct=lambda table: corrected(table, returned, identifiers))
    else:
        mapped = mapped_source(source)
    examined = examine(mapped.table, mapped.origin)
    if examined.problems:
        again = _still_wrong(returned, examined, table_columns(source.table, mapped.origin, source.mapping))
        raise DataError([*examined.problems, *again], source=mapped.table.name)
    return _Done(source, mapped, examined, returned)


def _still_wrong(
    returned: ReturnedList | None, examined: Examined, known_columns: TableColumns
) -> Iterator[Problem]:
    """Name the corrected cells that are a problem again."""
    decided = {(each.row, each.column): each for each in returned.corrections} if returned else {}
    for problem in examined.single:
        made_of = known_columns.of(problem.column)
        for row in problem.rows or (problem.row,):
            for column in made_of.columns if made_of is not None and row is not None else ():
                if row is not None and (row, column) in decided:
                    each = decided.pop((row, column))
                    words = "is left as it is" if each.choice is Choice.LEAVE else "was corrected"
                    rule = f"{words} in line {each.line} of the list, and is still a problem"
                    yield Problem(Code.CORRECTION_STILL_WRONG, rule, column, row=row)


def _trail(returned: ReturnedList, source: Source, mapping: Path | None, out: Path, content: str) -> str:
    inputs = [(source.table.name, source.table.sha256)]
    if mapping is not None:
        inputs.append((mapping.name, hashlib.sha256(mapping.read_bytes()).hexdigest()))
    return audit_trail(
        returned,
        written_at=datetime.now(UTC),
        by=account(),
        inputs=inputs,
        output=(out.name, hashlib.sha256(content.encode()).hexdigest()),
    )


def _show(screen: Console, done: _Done, out: Path, trail: Path) -> None:
    rows, columns = done.examined.rows, done.mapped.table.columns
    patients = counted(len({row["patient_id"] for row in rows}), "patient")
    written = f"{out.name}: {counted(len(rows), 'infusion')} of {patients}, {counted(len(columns), 'column')}"
    for line in [written, *done.mapped.notes]:
        print_line(screen, line)
    if done.returned is None:
        return
    choices = [each.choice for each in done.returned.corrections]
    changed = counted(sum(each is not Choice.LEAVE for each in choices), "cell")
    print_line(
        screen,
        f"{trail.name}: audit trail; {changed} changed, {choices.count(Choice.LEAVE)} confirmed, "
        f"{counted(done.returned.n_open, 'line')} without a decision",
    )
    if done.returned.of_file != done.source.table.sha256:
        print_line(
            screen, f"{done.source.table.name} has changed since the list was written; its cells agree"
        )
