"""Which rows of a site's table are infusions, as keep and drop of the mapping say."""

from __future__ import annotations

from collections.abc import Sequence

from features.checking.check_table import FEWEST_OTHERS, bare_row
from features.checking.parse_cell import CellError
from features.mapping.definition import SiteMapping
from features.mapping.fit import used_columns
from features.mapping.redcap_layout import SiteRow
from features.mapping.site_values import Condition
from features.problems import Problem


def kept_rows(
    mapping: SiteMapping, rows: Sequence[SiteRow], *, record: str
) -> tuple[list[SiteRow], list[Problem]]:
    """Choose the rows that stay.

    Parameters
    ----------
    mapping : SiteMapping
        With the conditions of ``keep`` and ``drop``.
    rows : sequence of SiteRow
        Of the site's table.
    record : str
        Column of the patient's identifier.

    Returns
    -------
    kept : list of SiteRow
        Rows that are infusions.
    problems : list of Problem
        Rows that cannot be judged, and rows that have an identifier and nothing else.
    """
    others = [name for name in sorted(used_columns(mapping) - {record}) if not name.startswith("redcap_")]
    kept, problems = [], []
    for row in rows:
        try:
            stays = _stays(mapping, row)
        except CellError as error:
            shown = None if error.value_text == row.cells[record] else error.value_text
            problems.append(
                Problem(
                    error.code,
                    error.rule,
                    error.column,
                    row=row.number,
                    value_text=shown,
                    advice=error.advice,
                )
            )
            continue
        own = (name for name in others if name not in row.joined)
        if stays and len(others) >= FEWEST_OTHERS and not any(row.cells.get(name) for name in own):
            problems.append(bare_row(row.number))
        elif stays:
            kept.append(row)
    return kept, problems


def _stays(mapping: SiteMapping, row: SiteRow) -> bool:
    if mapping.keep and not _any("keep", mapping.keep, mapping, row):
        return False
    return not _any("drop", mapping.drop, mapping, row)


def _any(key: str, conditions: Sequence[Condition], mapping: SiteMapping, row: SiteRow) -> bool:
    try:
        return any(
            test.holds(row.cells, missing=mapping.missing, numbers=mapping.numbers) for test in conditions
        )
    except CellError as error:
        column = f"table.{key} (from {error.column})"
        shown = error.value_text
        raise CellError(error.code, error.rule, error.advice, value_text=shown, column=column) from None
