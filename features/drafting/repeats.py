"""Rows of a REDCap export that are no infusions: repeating instruments and repeating events, for a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.drafting.headings import SURE, name_matches
from features.drafting.toml_text import quoted
from features.drafting.words import INFUSION_DATE
from features.files.raw_table import RawTable
from features.mapping.redcap_layout import EVENT, INSTANCE, INSTRUMENT, SYSTEM_COLUMNS
from features.schema import all_fields
from features.short_repr import ShortRepr

BEFORE = ("baseline", "day_0")
"""When it is known what an infusion's own form asks; laboratory values are known before lymphodepletion."""


@dataclass(frozen=True, repr=False)
class FurtherTable(ShortRepr):
    """A table to draft.

    Parameters
    ----------
    name : str
        By which fields will name it.
    source : str
        Line of TOML that says where the rows are.
    table : RawTable
        Its rows, or the first of them.
    settings : tuple of str
        Lines of TOML that say how a file or sheet is read.
    """

    name: str
    source: str
    table: RawTable
    settings: tuple[str, ...] = ()

    @property
    def is_of_export(self) -> bool:
        """Say whether the rows are of the first table's own file."""
        return self.source.startswith(("instrument", "event"))


def repeats_of(table: RawTable, infusion_date: str | None) -> list[FurtherTable]:
    """Take the repeating instruments and events of a REDCap export that are not the infusions.

    Parameters
    ----------
    table : RawTable
        The export.
    infusion_date : str or None
        Column with the dates of the infusions, if it is known.

    Returns
    -------
    tables : list of FurtherTable
        Each with the columns that it fills in.

    Examples
    --------
    >>> columns = ("id", INSTRUMENT, INSTANCE, "given", "ldh")
    >>> rows = (("1", "", "", "2021-03-04", ""), ("1", "labs", "1", "", "300"))
    >>> export = RawTable("e", "", columns, rows, (2, 3))
    >>> [(each.source, each.table.columns) for each in repeats_of(export, "given")]
    [('instrument = "labs"', ('id', 'ldh'))]
    """
    if INSTRUMENT not in table.columns:
        return []
    infusion = infusion_instrument(table, infusion_date)
    dated = _where_filled(table, infusion_date)
    kinds = sorted({kind for kind in _kinds(table) if any(kind)} - {(infusion or "", "")} - dated)
    return [
        FurtherTable(
            instrument or event,
            f"instrument = {quoted(instrument)}" if instrument else f"event = {quoted(event)}",
            _rows_of(table, (instrument, event)),
        )
        for instrument, event in kinds
    ]


def infusion_instrument(table: RawTable, infusion_date: str | None) -> str | None:
    """Name the repeating instrument whose repeats are probably infusions.

    Parameters
    ----------
    table : RawTable
        The export.
    infusion_date : str or None
        Column with the dates of the infusions: the instrument that has them is the one. Otherwise it is the
        one that is named so, or the only one if it describes the infusion.

    Returns
    -------
    instrument : str or None
        None where no instrument, or more than one, may be it.
    """
    instruments = sorted(set(table.column(INSTRUMENT)) - {""}) if INSTRUMENT in table.columns else []
    if dated := _where_filled(table, infusion_date):
        likely = [instrument for instrument, _ in dated]
    else:
        likely = [name for name in instruments if "infusion" in name]
        likely = likely or [name for name in instruments if len(instruments) == 1 and _is_given(table, name)]
    return (likely[0] or None) if len(likely) == 1 else None


def _is_given(table: RawTable, instrument: str) -> bool:
    """Say whether an instrument describes an infusion, and not only values or events of one day.

    It has the date of the infusion, or what is known of patient and product before it: several fields, or
    one beside an outcome.
    """
    columns = _rows_of(table, (instrument, "")).columns
    likely = {match.field for name in columns for match in name_matches(name) if match.likeness >= SURE}
    times = [all_fields()[name].known_when for name in likely & set(all_fields())]
    before = sum(time in BEFORE for time in times)
    return INFUSION_DATE in likely or before > 1 or (before == 1 and "follow_up" in times)


def infusion_events(table: RawTable, infusion_date: str | None) -> list[str]:
    """Name the events in which the date of the infusion is filled in; none where it is in an instrument."""
    if infusion_date is None or EVENT not in table.columns or infusion_instrument(table, infusion_date):
        return []
    cells = zip(table.column(EVENT), table.column(infusion_date), strict=True)
    return sorted({event for event, given in cells if event and given})


def without_repeats(table: RawTable, repeats: Sequence[FurtherTable]) -> tuple[RawTable, dict[str, str]]:
    """Leave out the rows of repeats, and the columns that only they fill in.

    Parameters
    ----------
    table : RawTable
        The export.
    repeats : sequence of FurtherTable
        Of the export.

    Returns
    -------
    table : RawTable
        The rest of it.
    apart : dict of str to str
        Columns that were left out, and the table that has them.
    """
    apart_kinds = {
        (each.name, "") if each.source.startswith("instrument") else ("", each.name) for each in repeats
    }
    kept = [at for at, kind in enumerate(_kinds(table)) if kind not in apart_kinds]
    rows = [table.rows[at] for at in kept]
    apart: dict[str, str] = {}
    for each in repeats:
        apart |= dict.fromkeys(each.table.columns, each.name)
    filled = {name for at, name in enumerate(table.columns) if any(row[at] for row in rows)}
    apart = {name: of for name, of in apart.items() if name not in filled}
    columns = [at for at, name in enumerate(table.columns) if name not in apart]
    rest = replace(
        table,
        columns=tuple(table.columns[at] for at in columns),
        rows=tuple(tuple(row[at] for at in columns) for row in rows),
        row_numbers=tuple(table.row_numbers[at] for at in kept),
    )
    return rest, apart


def _kinds(table: RawTable) -> list[tuple[str, str]]:
    """Give the repeating instrument of every row, or the repeating event; blanks where nothing repeats."""
    blank = [""] * len(table.rows)
    events = table.column(EVENT) if EVENT in table.columns else blank
    instances = table.column(INSTANCE) if INSTANCE in table.columns else blank
    cells = zip(table.column(INSTRUMENT), events, instances, strict=True)
    return [
        (instrument, "" if instrument or not instance else event) for instrument, event, instance in cells
    ]


def _where_filled(table: RawTable, column: str | None) -> set[tuple[str, str]]:
    if column is None or INSTRUMENT not in table.columns:
        return set()
    return {kind for kind, cell in zip(_kinds(table), table.column(column), strict=True) if cell}


def _rows_of(table: RawTable, kind: tuple[str, str]) -> RawTable:
    rows = [cells for cells, of in zip(table.rows, _kinds(table), strict=True) if of == kind]
    filled = [
        at
        for at, name in enumerate(table.columns)
        if name not in SYSTEM_COLUMNS and any(row[at] for row in rows)
    ]
    return RawTable(
        table.name,
        table.sha256,
        tuple(table.columns[at] for at in filled),
        tuple(tuple(cells[at] for at in filled) for cells in rows),
        tuple(range(len(rows))),
    )
