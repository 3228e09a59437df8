"""Checkboxes of a REDCap export in a draft: what they may mean, and where they were answered."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace

from features.drafting.conditions import with_condition
from features.drafting.entries import Entry
from features.drafting.headings import SURE, NameMatch, name_matches
from features.mapping.blank_forms import CHECKBOX, STATUS
from features.mapping.checkboxes import checkbox, is_unknown_box
from features.schema import all_fields

BY_FORM = 0.6
"""Likeness of a box whose form is named after a field: which of its boxes it is, a person has to say."""

WHERE = "unticked means no only if the form was filled in and unknown is not ticked"


def matches_of(column: str, columns: Sequence[str]) -> list[NameMatch]:
    """Find the fields that a column may name; a box is yes, no or one of several options.

    Parameters
    ----------
    column : str
        Of a site's table.
    columns : sequence of str
        All its columns.

    Returns
    -------
    matches : list of NameMatch
        Likeliest first.

    Examples
    --------
    >>> columns = ["id", "site___1", "site___2", "site___unk", "emd_complete"]
    >>> [(match.field, match.likeness) for match in matches_of("site___2", columns)]
    [('extramedullary_disease', 0.6)]
    >>> matches_of("site___unk", columns)
    []
    """
    box = checkbox(column, columns)
    if box is None:
        return name_matches(column)
    if is_unknown_box(column, columns):
        return []
    own = [match for match in name_matches(column.partition(CHECKBOX)[0]) if is_option(match)]
    form = name_matches(box.status.removesuffix(STATUS)) if box.status else []
    of_form = [
        replace(match, likeness=BY_FORM) for match in form if is_option(match) and match.likeness >= SURE
    ]
    return own or of_form


def where_answered(entry: Entry, column: str, columns: Sequence[str]) -> Entry:
    """Add to the entry of a box the condition under which an unticked one is an answer.

    Parameters
    ----------
    entry : Entry
        Of a column.
    column : str
        The column.
    columns : sequence of str
        All columns of the table.

    Returns
    -------
    entry : Entry
        The same for a column that is no checkbox.
    """
    box = checkbox(column, columns)
    if box is None or not box.conditions:
        return entry
    return with_condition(entry, column, box.conditions, WHERE)


def columns_in(toml: str) -> set[str]:
    """Name the columns that the condition of an entry uses.

    Examples
    --------
    >>> columns_in('{ column = "emd___1", only_if = { emd_complete = [1, 2] } }'), columns_in('"crp"')
    ({'emd_complete'}, set())
    """
    entry = tomllib.loads(f"entry = {toml}")["entry"]
    ways = entry if isinstance(entry, list) else [entry]
    return {column for way in ways if isinstance(way, dict) for column in way.get("only_if", ())}


def is_option(match: NameMatch) -> bool:
    """Say whether a match is with a field of yes and no, or of options."""
    return match.field in all_fields() and all_fields()[match.field].kind in ("boolean", "choice")
