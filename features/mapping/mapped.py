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
from features.mapping.center_column import center_problems
from features.mapping.conversion import Mapped, converted
from features.mapping.definition import SiteMapping
from features.mapping.filling import Filling
from features.mapping.fit import fit_problems, named_columns, used_columns
from features.mapping.joined_sources import joined_names, opened_tables
from features.mapping.joined_tables import joined_tables
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
    opened = opened_tables(mapping, table, workbook)
    names = joined_names(opened, mapping, table)
    filled = (*mapping.fill_down, *mapping.fill_down_groups)
    misfits = [
        *fit_problems(mapping, table, list(names)),
        *merged_problems(table, filled, used_columns(mapping)),
    ]
    _refuse(misfits, table, mapping, source)
    joined = joined_tables(opened, names, mapping)
    table = with_split_dates(
        mapping.split_dates,
        table,
        missing=mapping.missing,
        numbers=mapping.numbers,
        pivot=mapping.two_digit_years,
    )
    filling = Filling(mapping.record, mapping.fill_down, mapping.fill_down_groups)
    table = filling.filled(table)
    site = _site_rows(mapping, table, filling.sources)
    _refuse(site.problems, table, mapping, source)
    site = replace(site, rows=joined.beside(site.rows, source))
    kept, problems = kept_rows(mapping, site.rows, record=mapping.record)
    if not kept:
        _refuse(problems, table, mapping, table.name)
        fix = "correct keep and drop, or the file" if mapping.keep or mapping.drop else None
        nothing = Problem(
            Code.NO_ROWS, "no row is left: no infusion fits the mapping", advice=plain(fix) if fix else None
        )
        raise DataError([nothing], source=table.name)
    filtered = len(site.rows) - len(kept) - len(problems)
    notes = [*table.notes, *filling.notes, *site.notes, *joined.words(kept)]
    notes += [f"{counted(filtered, 'row')} left out by keep and drop"] if filtered else []
    unused = [name for name in table.columns if name not in named_columns(mapping)]
    if unused:
        notes.append(f"{counted(len(unused), 'column')} left out: {', '.join(unused)}")
    notes += date_notes(mapping.fields, kept)
    notes += shared_cell_notes(mapping.fields, kept, record=mapping.record)
    over_time = values_over_time(mapping, kept, table, workbook)
    mapped = converted(mapping, over_time, problems, table, notes)
    _refuse(center_problems(mapped.table, mapped.origin), table, mapping, table.name)
    digest = _joint_digest(table, [*joined.digests, *over_time.digests])
    return replace(mapped, table=replace(mapped.table, sha256=digest))


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


def _site_rows(mapping: SiteMapping, table: RawTable, filled: Mapping[int, Mapping[str, int]]) -> SiteRows:
    if mapping.redcap is None:
        return plain_rows(table, filled)
    used = used_columns(mapping).intersection(table.columns)
    return infusion_rows(table, mapping.redcap, record=mapping.record, used=used, proof=mapping.proof)
