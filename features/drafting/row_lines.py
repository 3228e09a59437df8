"""Lines of a draft that say which rows of a table are infusions."""

from __future__ import annotations

from dataclasses import replace

from features.drafting.repeats import infusion_events, infusion_instrument
from features.drafting.toml_text import key, quoted
from features.files.raw_table import RawTable
from features.mapping.redcap_layout import EVENT, INSTRUMENT

MOSTLY_NAMED = 0.8
"""Share of the rows that name a patient, from which on the others are probably no infusions."""


def redcap_lines(table: RawTable, infusion_date: str | None, mark: str) -> list[str]:
    """Say which rows are infusions, where REDCap says what a row is.

    Parameters
    ----------
    table : RawTable
        Of the site.
    infusion_date : str or None
        Column with the dates of the infusions, if it is known.
    mark : str
        What a guess is marked with.

    Returns
    -------
    lines : list of str
        None where every record is one infusion.
    """
    kinds = {
        name: sorted(set(table.column(name)) - {""}) for name in (INSTRUMENT, EVENT) if name in table.columns
    }
    instruments, events = kinds.get(INSTRUMENT, []), kinds.get(EVENT, [])
    if not instruments and len(events) < 2:
        return []
    infusion = infusion_instrument(table, infusion_date)
    lines = ["[redcap]"]
    if infusion:
        lines.append(f"infusion_instrument = {quoted(infusion)}  {mark} is each of its repeats an infusion?")
    others = [quoted(name) for name in instruments if name != infusion]
    if others:
        lines.append(f"# ignore_instruments = [{', '.join(others)}]  {mark} is none of them needed?")
    dated = infusion_events(table, infusion_date)
    if dated and len(events) > 1:
        named = ", ".join(map(quoted, dated))
        lines.append(
            f"infusion_events = [{named}]  {mark} they have the dates of {quoted(infusion_date or '')}"
        )
    elif len(events) > 1:
        named = ", ".join(map(quoted, events))
        lines.append(
            f"# infusion_events = [{named}]  {mark} which events are infusions? See also ignore_events"
        )
    return [*lines, ""]


def named_rows(table: RawTable, identifier: str | None) -> RawTable:
    """Leave out the few rows that name no patient: their totals and remarks would mislead the guesses.

    Parameters
    ----------
    table : RawTable
        Of the site.
    identifier : str or None
        Column that names the patients.

    Returns
    -------
    table : RawTable
        The same where every row, or not nearly every row, names its patient.
    """
    cells = table.column(identifier) if identifier else []
    kept = [at for at, cell in enumerate(cells) if cell]
    if len(kept) == len(cells) or len(kept) < MOSTLY_NAMED * len(cells):
        return table
    rows = tuple(table.rows[at] for at in kept)
    return replace(table, rows=rows, row_numbers=tuple(table.row_numbers[at] for at in kept))


def unnamed_row_lines(table: RawTable, identifier: str | None, mark: str) -> list[str]:
    """Ask what rows are that name no patient, where most rows do.

    Parameters
    ----------
    table : RawTable
        Of the site.
    identifier : str or None
        Column that names the patients.
    mark : str
        What a guess is marked with.

    Returns
    -------
    lines : list of str
        A comment; none where every row names its patient.

    Examples
    --------
    >>> table = RawTable("t", "", ("id", "x"), (("a", "1"), ("b", "2"), ("", "mean")), (2, 3, 4))
    >>> print(*unnamed_row_lines(table, "id", "# check:"))
    # drop = [{ id = "" }]  # check: 1 row without an identifier: a total or a legend? Or fill_down
    """
    cells = table.column(identifier) if identifier else []
    blank = sum(not cell for cell in cells)
    if not identifier or not 0 < blank < len(cells):
        return []
    rows = "1 row" if blank == 1 else f"{blank} rows"
    return [
        f'# drop = [{{ {key(identifier)} = "" }}]  {mark} {rows} without an identifier: a total or a legend? '
        "Or fill_down"
    ]
