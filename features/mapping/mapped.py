"""A site's table becomes a table in the schema's columns, as a mapping says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from features.advice import plain
from features.checking.masking import masked
from features.files.merged_cells import merged_problems
from features.files.raw_table import RawTable
from features.mapping.conversion import Mapped, converted
from features.mapping.definition import SiteMapping
from features.mapping.fit import fit_problems, named_columns, used_columns
from features.mapping.linked_values import values_over_time
from features.mapping.redcap import SiteRows, infusion_rows, plain_rows
from features.mapping.row_filter import kept_rows
from features.mapping.shared_cells import shared_cell_notes
from features.mapping.site_dates import date_notes
from features.mapping.split_dates import with_split_dates
from features.problem_codes import Code
from features.problems import DataError, Problem, counted, grouped


def map_table(mapping: SiteMapping, table: RawTable, *, workbook: Path | None = None) -> Mapped:
    """Bring a site's table into the schema's columns.

    Parameters
    ----------
    mapping : SiteMapping
        How.
    table : RawTable
        The site's table.
    workbook : Path, optional
        Its file, if a further table is a sheet of it.

    Returns
    -------
    mapped : Mapped
        Problems of single cells are in its origin, to be reported with those of the check.

    Raises
    ------
    DataError
        If mapping and table do not fit together: a column that is not there, or is neither used nor ignored.
    """
    source = f"{mapping.name} with {table.name}"
    _refuse(
        [*fit_problems(mapping, table), *merged_problems(table, mapping.fill_down)], table, mapping, source
    )
    table = with_split_dates(
        mapping.split_dates,
        table,
        missing=mapping.missing,
        numbers=mapping.numbers,
        pivot=mapping.two_digit_years,
    )
    table, filled = _filled(table, mapping.fill_down)
    site = _site_rows(mapping, table, filled)
    _refuse(site.problems, table, mapping, source)
    kept, problems = kept_rows(mapping, site.rows, record=mapping.record)
    if not kept:
        _refuse(problems, table, mapping, table.name)
        fix = "correct keep and drop, or the file" if mapping.keep or mapping.drop else None
        nothing = Problem(
            Code.NO_ROWS, "no row is left: no infusion fits the mapping", advice=plain(fix) if fix else None
        )
        raise DataError([nothing], source=table.name)
    filtered = len(site.rows) - len(kept) - len(problems)
    notes = [*table.notes, *site.notes]
    notes += [f"{counted(filtered, 'row')} left out by keep and drop"] if filtered else []
    unused = [name for name in table.columns if name not in named_columns(mapping)]
    if unused:
        notes.append(f"{counted(len(unused), 'column')} left out: {', '.join(unused)}")
    notes += date_notes(mapping.fields, kept)
    notes += shared_cell_notes(mapping.fields, kept, record=mapping.record)
    over_time = values_over_time(mapping, kept, table, workbook)
    mapped = converted(mapping, over_time, problems, table, notes)
    return replace(mapped, table=replace(mapped.table, sha256=_joint_digest(table, over_time.digests)))


def _joint_digest(table: RawTable, others: Sequence[str]) -> str:
    """Give the digest of the table; of several files, that of their digests."""
    if not others:
        return table.sha256
    return hashlib.sha256("\n".join([table.sha256, *others]).encode()).hexdigest()


def _refuse(problems: Sequence[Problem], table: RawTable, mapping: SiteMapping, source: str) -> None:
    if not problems:
        return
    record = mapping.record
    identifiers = frozenset(table.column(record) if record in table.columns else ())
    raise DataError(grouped(masked(problems, identifiers)), source=source)


def _filled(table: RawTable, columns: tuple[str, ...]) -> tuple[RawTable, dict[int, dict[str, int]]]:
    """Let blank cells of the named columns take the value above them, and say from which row."""
    indices = {name: table.columns.index(name) for name in columns}
    rows: list[tuple[str, ...]] = []
    above: dict[str, int] = {}
    filled: dict[int, dict[str, int]] = {}
    for number, cells in zip(table.row_numbers, table.rows, strict=True):
        complete = list(cells)
        for name, index in indices.items():
            if not cells[index] and rows:
                complete[index] = rows[-1][index]
                filled.setdefault(number, {})[name] = above[name]
            else:
                above[name] = number
        rows.append(tuple(complete))
    return replace(table, rows=tuple(rows)), filled


def _site_rows(mapping: SiteMapping, table: RawTable, filled: Mapping[int, Mapping[str, int]]) -> SiteRows:
    if mapping.redcap is None:
        return plain_rows(table, filled)
    used = used_columns(mapping)
    return infusion_rows(table, mapping.redcap, record=mapping.record, used=used, proof=mapping.proof)
