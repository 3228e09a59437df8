"""How a table's dates are written, as lines of a draft; what only a person can know stays open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from features.checking.dates import ISO_DATE, has_two_digit_years
from features.drafting.entries import OPEN
from features.drafting.toml_text import quoted
from features.drafting.values import Values, swapped
from features.problems import counted

FEWEST_DECISIVE, SHARE_DECISIVE = 2, 0.1
"""Dates that must show which part is the day, so that one mistake does not decide; and their share."""

PIVOT = "the last year of this century that two digits mean: 30 reads 30 as 2030, and 31 as 1931"
ZONE = 'some dates have a time with a time zone: name that of the center, as "Europe/Berlin", or "UTC"'
RULES = '"first", "middle", "last" (day of the month or year), or "unknown" to leave them out'


def date_lines(dated: Sequence[Values], *, mark: str) -> list[str]:
    """Write what a draft says of all dates.

    Parameters
    ----------
    dated : sequence of Values
        Of the columns that are read as dates.
    mark : str
        Of every guess.

    Returns
    -------
    lines : list of str
        Of ``[table]``. Comments where the cells fit several formats, where too few cells decide, and for the
        century of two digits, the rule for unknown days and the time zone.
    """
    return [
        *_formats(dated, mark),
        *_rule(sum(values.partial for values in dated), mark),
        *([f"# time_zone = {quoted(OPEN)}  {mark} {ZONE}"] if any(v.has_time_zone for v in dated) else []),
    ]


def _formats(dated: Sequence[Values], mark: str) -> list[str]:
    ways = Counter(written for values in dated for written in _ways(values))
    fitting = [written for written, count in ways.most_common() if count == len(dated)]
    if not dated or fitting[:1] == [ISO_DATE]:
        return []
    if len(fitting) == 1:
        return _one(fitting[0], dated, mark)
    own = [(_ways(values), values) for values in dated]
    mixed = sorted({written for ways, _ in own for written in ways})
    decided = all(len(ways) == 1 and _is_decided(ways[0], [values]) for ways, values in own)
    if decided and not any(swapped(written) in mixed for written in mixed):
        others = [written for written in mixed if written != ISO_DATE]
        toml = f"[{', '.join(map(quoted, others))}]" if len(others) > 1 else quoted(others[0])
        return _stated(toml, others, f"columns differ; each cell fits this, or {ISO_DATE}", mark)
    several = " or ".join(fitting or mixed)
    number = _number(dated)
    decide = f"; no cell decides, of {counted(number, 'different date')}" if len(fitting) > 1 else ""
    return [f"# dates = {quoted(OPEN)}  {mark} {several}{decide}; say which, here or in the fields"]


def _one(written: str, dated: Sequence[Values], mark: str) -> list[str]:
    """State the only format that fits, if enough cells show which part is the day."""
    reason = "all dates fit this format"
    if not swapped(written):
        return _stated(quoted(written), [written], reason, mark)
    reason += f"; {counted(_decisive(dated), 'date')} of {_number(dated)} decide which part is the day"
    lines = _stated(quoted(written), [written], reason, mark)
    if _is_decided(written, dated):
        return lines
    return [text if text.startswith("#") else f"# {text}: too few" for text in lines]


def _is_decided(written: str, dated: Sequence[Values]) -> bool:
    """Say whether enough dates show which part is the day, where the format leaves a doubt."""
    decisive, number = _decisive(dated), _number(dated)
    enough = decisive >= min(FEWEST_DECISIVE, number) and decisive >= SHARE_DECISIVE * number
    return enough or not swapped(written)


def _decisive(dated: Sequence[Values]) -> int:
    return sum(values.decisive for values in dated)


def _stated(toml: str, formats: Sequence[str], reason: str, mark: str) -> list[str]:
    """Leave the century of two digits open; the format needs it, and stays a comment too."""
    if not any(map(has_two_digit_years, formats)):
        return [f"dates = {toml}  {mark} {reason}"]
    return [f"# dates = {toml}  {mark} {reason}", f"# two_digit_years = {quoted(OPEN)}  {mark} {PIVOT}"]


def _ways(values: Values) -> tuple[str, ...]:
    return values.dates or values.programs


def _number(dated: Sequence[Values]) -> int:
    return sum(values.complete for values in dated)


def _rule(partial: int, mark: str) -> list[str]:
    if not partial:
        return []
    return [f"# partial = {quoted(OPEN)}  {mark} {counted(partial, 'date')} without a day: {RULES}"]
