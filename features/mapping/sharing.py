"""Infusions of a patient that share one outcome: they are reported, and a rule is requested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from features.advice import plain
from features.field import FieldSpec
from features.problem_codes import Code
from features.problems import Problem, counted
from features.rules import COUNTED_FROM_EVERY_INFUSION, NEXT_INFUSION


@dataclass(frozen=True)
class Given:
    """What a row of the site's table gives to a field.

    Parameters
    ----------
    cell : str
        In the schema's terms; blank for nothing.
    patient : str
        Whose infusion the row is.
    row : int
        Of the file, for messages.
    source : tuple
        Tables and rows that hold the site's cells.
    time : float, optional
        Day of the infusion, on any scale that the rows of a patient share.
    event : float, optional
        Day of the event, on the same scale.
    dated : bool
        Whether the value is counted from this row's own infusion.
    """

    cell: str
    patient: str
    row: int
    source: tuple[object, ...] = ()
    time: float | None = None
    event: float | None = None
    dated: bool = False


def belongs_to_one(spec: FieldSpec) -> bool:
    """Say whether a field is an outcome that one infusion has, and not all of a patient's.

    Examples
    --------
    >>> from features.schema import all_fields
    >>> [belongs_to_one(all_fields()[name]) for name in ("relapse_day", "crs_grading_system", "sex")]
    [True, False, False]
    """
    return spec.known_when == "follow_up" and not spec.required.startswith("with ")


def shared(spec: FieldSpec, given: Sequence[Given]) -> list[list[int]]:
    """Find the infusions that have one value between them: one cell of the file, or one date.

    Parameters
    ----------
    spec : FieldSpec
        An outcome.
    given : sequence of Given
        Row by row.

    Returns
    -------
    groups : list of list of int
        Positions of two or more infusions. A date of death or last contact counts from each infusion and is
        in no group; the same grade in two rows is no shared value.
    """
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    cells = Counter(each.source for each in given if each.cell and each.source)
    for position, each in enumerate(given):
        if not each.cell or (each.dated and spec.name in COUNTED_FROM_EVERY_INFUSION):
            continue
        if cells[each.source] > 1:
            groups[each.source].append(position)
        elif each.dated and each.event is not None:
            groups[(each.patient, each.event)].append(position)
    return [group for group in groups.values() if len(group) > 1]


def across_patients(given: Sequence[Given]) -> list[list[int]]:
    """Find the infusions of different patients that have one cell between them, by `fill_down`.

    Parameters
    ----------
    given : sequence of Given
        Row by row.

    Returns
    -------
    groups : list of list of int
        Positions.
    """
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for position, each in enumerate(given):
        if each.cell and each.source:
            groups[each.source].append(position)
    return [group for group in groups.values() if len({given[position].patient for position in group}) > 1]


def counted_from_each(spec: FieldSpec, given: Sequence[Given]) -> list[str]:
    """Count the infusions for which one cell holds a date that counts from each of them.

    Parameters
    ----------
    spec : FieldSpec
        An outcome.
    given : sequence of Given
        Row by row.

    Returns
    -------
    notes : list of str
        At most one.
    """
    if spec.name not in COUNTED_FROM_EVERY_INFUSION:
        return []
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for each in given:
        if each.cell and each.dated:
            groups[(each.patient, *each.source)].append(each.patient)
    several = [group for group in groups.values() if len(group) > 1]
    infusions, patients = sum(map(len, several)), len({group[0] for group in several})
    words = f"{counted(infusions, 'infusion')} of {counted(patients, 'patient')}"
    return [f"{spec.name}: {words} share a date, counted from each infusion"] if several else []


def sharing_problem(spec: FieldSpec, given: Sequence[Given], groups: list[list[int]], column: str) -> Problem:
    """Ask for the rule by which infusions that share a value are distinguished.

    Parameters
    ----------
    spec : FieldSpec
        An outcome.
    given : sequence of Given
        Row by row.
    groups : list of list of int
        As `shared` finds them.
    column : str
        Of the site, for the message.

    Returns
    -------
    problem : Problem
        With the key to write.
    """
    positions = [position for group in groups for position in group]
    patients = len({given[position].patient for position in positions})
    if across_patients([given[position] for position in positions]):
        code = Code.FILLED_ACROSS_PATIENTS
        rule = "is filled down from the row of one patient to that of another"
        fix = "take the column out of fill_down, and fill in the cells"
    else:
        code = Code.SHARED_OUTCOME
        rule = (
            f"is one value that {counted(len(positions), 'infusion')} of {counted(patients, 'patient')} share"
        )
        fix = _remedy(spec, dated=all(given[position].dated for position in positions))
    rows = tuple(given[position].row for position in positions)
    return Problem(code, rule, column, rows=rows, advice=plain(fix))


def _remedy(spec: FieldSpec, *, dated: bool) -> str:
    where = f"fields.{spec.name}"
    if spec.name == NEXT_INFUSION:
        return (
            f"make {where} of the dates of the infusions: until_next = the column with the date of infusion"
        )
    if spec.name in COUNTED_FROM_EVERY_INFUSION:
        return (
            f"in {where}, count from each infusion, by days_since with a date or by subtract; or name the "
            'infusion that the days are counted from: belongs_to = "first_infusion" or "last_infusion"'
        )
    others = 'or "every_preceding_infusion", "first_infusion", "last_infusion"'
    if dated:
        return (
            f'add belongs_to = "preceding_infusion" to {where}: the event belongs to the infusion that it '
            f"happened after, before the next one; {others}"
        )
    return (
        f'add belongs_to = "first_infusion" or "last_infusion" to {where}; or belongs_to = '
        '"preceding_infusion" with event_date = the column with its date, and infusion_date = the column '
        "with the date of infusion under [table]"
    )
