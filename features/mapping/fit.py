"""A mapping is compared with a table before anything is converted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from features.advice import plain
from features.files.raw_table import RawTable
from features.mapping.definition import SiteMapping
from features.mapping.linked_sources import columns_of
from features.mapping.redcap_layout import EVENT, INSTRUMENT, SYSTEM_COLUMNS
from features.mapping.split_dates import split_date_problems
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import Problem, listed


def fit_problems(mapping: SiteMapping, table: RawTable, joined: Sequence[str] = ()) -> list[Problem]:
    """Find what in a mapping and a table does not fit together.

    Parameters
    ----------
    mapping : SiteMapping
        Of the site.
    table : RawTable
        Of the site.
    joined : sequence of str
        Names of columns of joined tables.

    Returns
    -------
    problems : list of Problem
        Columns that are not there, columns that are neither used nor ignored, rows of unknown kind.
    """
    used = used_columns(mapping)
    if not any(column in used for column in table.columns):
        return [_no_column_at_all(used, table)]
    made = [*(split.name for split in mapping.split_dates), *joined]
    problems = [
        _no_column(where, column, (*table.columns, *joined))
        for where, columns in asked_columns(mapping)
        for column in columns
        if column not in (*table.columns, *made)
    ]
    problems += split_date_problems(mapping.split_dates, table.columns)
    if mapping.redcap is None:
        problems += _redcap_problems(table)
    named = named_columns(mapping)
    spare = [name for name in table.columns if name not in named and not _is_ignored(name, mapping)]
    if spare:
        fix = "use them, or name them under ignore, or set ignore_others = true (under [table])"
        problems.append(
            Problem(
                Code.UNUSED_COLUMNS,
                f"columns are neither used nor ignored: {listed(spare)}",
                advice=plain(fix),
            )
        )
    return problems


def _no_column_at_all(used: Collection[str], table: RawTable) -> Problem:
    """Report a wrong file, or a file that is read wrongly; its heading may be data and is not shown."""
    wrong = "none of the columns that the mapping names is in the heading"
    if sum(cells[0] in used for cells in table.rows) > 1:
        return Problem(
            Code.NO_MAPPED_COLUMN,
            wrong,
            advice=plain("is the table transposed? Every infusion needs a row of its own"),
        )
    if not all(column.isascii() for column in table.columns):
        return Problem(
            Code.NO_MAPPED_COLUMN,
            f"{wrong}, which has letters beyond a-z",
            advice=plain("is the encoding right?"),
        )
    return Problem(
        Code.NO_MAPPED_COLUMN,
        wrong,
        advice=plain("is it the right file? Are heading_row and delimiter right?"),
    )


def used_columns(mapping: SiteMapping) -> frozenset[str]:
    """Name the columns of the site's table that a mapping uses."""
    system = SYSTEM_COLUMNS if mapping.redcap else ()
    return frozenset([*system, *(column for _, columns in asked_columns(mapping) for column in columns)])


def named_columns(mapping: SiteMapping) -> frozenset[str]:
    """Name the columns that a mapping uses of any row: of infusions, and of values over time."""
    linked = {table.name: table for table in mapping.tables if table.in_export}
    ways = [way for how in mapping.fields for way in how.ways]
    of_values = [
        column
        for way in ways
        if way.over_time and way.over_time.table in linked
        for column in columns_of(way)
    ]
    of_tables = [column for table in linked.values() for column in table.columns]
    return used_columns(mapping) | frozenset([*of_values, *of_tables])


def asked_columns(mapping: SiteMapping) -> Iterable[tuple[str, tuple[str, ...]]]:
    """List the keys of the mapping with the columns of an infusion's row that each uses."""
    for how in mapping.fields:
        yield f"fields.{how.field}", how.used
    for split in mapping.split_dates:
        yield f"split_dates.{split.name}", split.columns
    yield "table.fill_down", mapping.fill_down
    yield "table.fill_down_groups", mapping.fill_down_groups
    for table in mapping.tables:
        yield f"tables.{table.name}.join", tuple(first for _, first in table.join)
    yield "table.infusion_date", (mapping.infusion_date,) if mapping.infusion_date else ()
    for key, conditions in (("table.keep", mapping.keep), ("table.drop", mapping.drop)):
        for condition in conditions:
            yield key, condition.columns
    if mapping.redcap:
        yield "redcap.from_record", mapping.redcap.from_record
        yield "redcap.from_infusion", mapping.redcap.from_infusion
        yield "redcap.from_event", tuple(mapping.redcap.from_event)


def _no_column(where: str, column: str, known: Sequence[str]) -> Problem:
    several = [name for name in known if name.partition(".")[2] == column]
    near = nearest(column, known)
    fix = f"did you mean {near}?" if near else "is it spelled as in the heading?"
    fix = f"several joined tables have it: write {' or '.join(several)}" if several else fix
    return Problem(
        Code.MISSING_SITE_COLUMN,
        "names a column that the table does not have",
        where,
        value_text=column,
        advice=plain(fix),
    )


def _redcap_problems(table: RawTable) -> list[Problem]:
    rule = "has rows of several kinds, and the mapping does not say which are infusions"
    several = [
        name for name in (INSTRUMENT, EVENT) if name in table.columns and len(set(table.column(name))) > 1
    ]
    return [Problem(Code.UNEXPLAINED_ROWS, rule, name, advice=plain("add [redcap]")) for name in several]


def _is_ignored(name: str, mapping: SiteMapping) -> bool:
    patterns = (re.escape(pattern).replace(r"\*", ".*") for pattern in mapping.ignore)
    return mapping.ignore_others or any(re.fullmatch(pattern, name) for pattern in patterns)
