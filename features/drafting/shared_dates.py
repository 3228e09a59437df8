"""Dates of outcomes in another row than the infusions: a draft proposes the infusion of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from features.drafting.entries import Entry
from features.field import FieldSpec
from features.files.raw_table import RawTable
from features.mapping.sharing import belongs_to_one
from features.rules import COUNTED_FROM_EVERY_INFUSION, NEXT_INFUSION

WHOSE = "several infusions of a patient share it: the event belongs to the infusion before it"


def with_rule(
    entry: Entry,
    spec: FieldSpec,
    column: str,
    table: RawTable,
    *,
    infusion: str | None,
    patients: Sequence[str],
) -> Entry:
    """Add the rule by which one date belongs to one of several infusions.

    Parameters
    ----------
    entry : Entry
        Days since the infusion.
    spec : FieldSpec
        The field.
    column : str
        With the date of the outcome.
    table : RawTable
        Of the site.
    infusion : str or None
        Column with the date of the infusion.
    patients : sequence of str
        Whose the rows are.

    Returns
    -------
    entry : Entry
        The same unless a patient with several infusions has the date on a row without one.

    Examples
    --------
    >>> rows = (("1", "2021-03-01", ""), ("1", "2021-09-01", ""), ("1", "", "2022-01-10"))
    >>> table = RawTable("t.csv", "00", ("id", "given", "rel"), rows, (2, 3, 4))
    >>> from features.schema import all_fields
    >>> entry = Entry('{ column = "rel", days_since = "given" }', "dates")
    >>> print(with_rule(entry, all_fields()["relapse_day"], "rel", table, infusion="given",
    ...                 patients=["1", "1", "1"]).toml)
    { column = "rel", days_since = "given", belongs_to = "preceding_infusion" }
    """
    one = belongs_to_one(spec) and spec.name not in (*COUNTED_FROM_EVERY_INFUSION, NEXT_INFUSION)
    if infusion is None or not one or "days_since" not in entry.toml:
        return entry
    dates = list(zip(patients, table.column(infusion), table.column(column), strict=True))
    infusions = Counter(patient for patient, given, _ in dates if given)
    apart = {patient for patient, given, event in dates if event and not given}
    if not any(infusions[patient] > 1 for patient in apart):
        return entry
    toml = f'{entry.toml.removesuffix(" }")}, belongs_to = "preceding_infusion" }}'
    return replace(entry, toml=toml, reason=f"{entry.reason}; {WHOSE}")
