"""Columns that no guess uses: what they hold, and whether they may be ignored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.checking.identifiers import personal_column
from features.drafting.headings import NameMatch
from features.drafting.values import Values
from features.drafting.words import BIRTH_DATE, INFUSION_DATE, PERSONAL_WORDS
from features.mapping.blank_forms import STATUS
from features.mapping.redcap_layout import GROUP, SURVEY
from features.schema import all_fields

COUNTED_FROM = (BIRTH_DATE, INFUSION_DATE)
"""Dates that ages and days are counted from."""


@dataclass(frozen=True)
class Unused:
    """A column that no guess uses.

    Attributes
    ----------
    column, reason : str
        Which, and why.
    certain : bool
        Whether it may be ignored; else a person has to say so.
    """

    column: str
    reason: str
    certain: bool


def unused(
    column: str, values: Values, matches: Sequence[NameMatch], *, left_out: str | None = None, label: str = ""
) -> Unused:
    """Say what a column holds that no guess uses.

    Parameters
    ----------
    column : str
        Of the table.
    values : Values
        Of the column.
    matches : sequence of NameMatch
        Fields that it may name.
    left_out : str, optional
        Why a data dictionary leaves it out.
    label : str
        What the form asks, if it is known.

    Returns
    -------
    unused : Unused
        Certain for what holds nothing, and for what may identify a person. Dates are for a person to decide:
        days and ages are counted from them.
    """
    shown = f'; asks "{label}"' if label else ""
    if column.endswith(STATUS) or column == SURVEY:
        return Unused(column, "status of a REDCap form", certain=True)
    if not values.known:
        return Unused(column, f"blank in every row{shown}", certain=True)
    if left_out:
        return Unused(column, f"{left_out}{shown}", certain=True)
    if values.dates or (values.is_numeric and any(match.field in COUNTED_FROM for match in matches)):
        return Unused(column, _of_dates(matches) + shown, certain=False)
    if personal_column(column) or PERSONAL_WORDS.intersection(column.lower().split()):
        return Unused(column, "its name says that it may identify a person", certain=True)
    if column == GROUP:
        return Unused(column, 'the treating center? Then center = "redcap_data_access_group"', certain=False)
    kind = "numbers" if values.is_numeric else "a few words" if values.different else "free text"
    return Unused(column, _like(kind, matches) + shown, certain=False)


def _of_dates(matches: Sequence[NameMatch]) -> str:
    if any(match.field == BIRTH_DATE for match in matches):
        return "dates of birth; years_since needs them, unless age_years has a column"
    return _like("dates", matches)


def _like(kind: str, matches: Sequence[NameMatch]) -> str:
    like = next((match.field for match in matches if match.field in all_fields()), None)
    reason = f"like {like}, which another column gives" if like else "the heading is like no field"
    return f"{kind}; {reason}"
