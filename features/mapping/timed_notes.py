"""Notes on values over time: what several entries give together, and windows that count from the infusion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from features.mapping.definition import FieldMapping
from features.mapping.linked_definition import LinkedTable
from features.mapping.redcap_layout import SiteRow
from features.mapping.timed_counts import TimedCount
from features.mapping.timed_ways import rule_of
from features.problems import counted
from features.schema import all_fields


def total_notes(
    fields: Iterable[FieldMapping], counts: Iterable[TimedCount], rows: Sequence[SiteRow]
) -> list[str]:
    """Count the infusions that have a value of any entry, for fields with several.

    Parameters
    ----------
    fields : iterable of FieldMapping
        Of the mapping.
    counts : iterable of TimedCount
        One for each entry.
    rows : sequence of SiteRow
        Infusions with their values.

    Returns
    -------
    notes : list of str
        One for each field with several entries.
    """
    several = Counter(count.field for count in counts)
    notes = []
    for how in fields:
        if several[how.field] > 1:
            keys = {way.over_time.key for way in how.ways if way.over_time}
            used = sum(not keys.isdisjoint(row.over_time) for row in rows)
            infusions = counted(len(rows), "infusion")
            notes.append(f"{how.field}: from all {several[how.field]} entries for {used} of {infusions}")
    return notes


def near_infusion(how: FieldMapping, table: LinkedTable) -> list[str]:
    """Say where a value of before lymphodepletion may be from during it.

    Parameters
    ----------
    how : FieldMapping
        An entry that takes values over time.
    table : LinkedTable
        Its further table. If its rows state their infusion, that decides, and not the window.

    Returns
    -------
    notes : list of str
        At most one; none if the window ends before the day of infusion.
    """
    rule, spec = rule_of(how), all_fields()[how.field]
    if spec.known_when != "before_lymphodepletion" or rule.anchor != how.infusion_date:
        return []
    if rule.high < 0 or table.infusion is not None:
        return []
    return [
        f"{how.field}: a value before lymphodepletion, and the window counts from the infusion "
        f"({rule.anchor}): name the date of lymphodepletion, or end the window before it"
    ]
