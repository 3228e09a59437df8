"""An outcome that several infusions of a patient could have is given to the one that a rule names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from features.field import FieldSpec
from features.files.typed_text import canonical_text
from features.mapping.definition import BelongsTo
from features.mapping.sharing import Given, shared
from features.problem_codes import Code
from features.problems import counted, row_ranges
from features.rules import DATED_BY, LAST_CONTACT
from features.schema import all_fields

NO_TIME = (
    Code.INFUSION_WITHOUT_DATE,
    "needs the date of every infusion of the patient, to place an event between them",
)
SAME_TIME = Code.INFUSIONS_ON_ONE_DAY, "cannot be given to one of two infusions on the same day"
NO_EVENT_DATE = Code.EVENT_WITHOUT_DATE, "needs the date of the event in event_date"
OTHER_ROW = (
    Code.VALUE_OF_ANOTHER_INFUSION,
    "has a value in the row of an infusion that belongs_to does not name",
)
SEVERAL = Code.VALUES_DIFFER_ON_ONE_DAY, "has different values on one day"


class Refusal(NamedTuple):
    """Why a value is given to no infusion.

    Parameters
    ----------
    code : Code
    rule, advice : str
        What must hold, and how to fix it.
    """

    code: Code
    rule: str
    advice: str


@dataclass
class Placed:
    """The cells of a field, each with the infusion that it belongs to.

    Parameters
    ----------
    cells : list of str
        Row by row; blank where another infusion has the event, and where a problem is.
    refused : dict of int to Refusal
        By position.
    notes : list of str
        What was left out, in words.
    event_later : list of int
        Positions of infusions without an event whose patient has one after a later infusion.
    """

    cells: list[str]
    refused: dict[int, Refusal] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    event_later: list[int] = field(default_factory=list)


def placed(spec: FieldSpec, given: Sequence[Given], rule: BelongsTo) -> Placed:
    """Give every event to the infusion that a rule names.

    Parameters
    ----------
    spec : FieldSpec
        An outcome.
    given : sequence of Given
        Row by row.
    rule : BelongsTo
        Of the mapping file.

    Returns
    -------
    placed : Placed

    Examples
    --------
    >>> rows = [Given("315", "a", 3, (5,), 0, 315, True), Given("131", "a", 4, (5,), 184, 315, True)]
    >>> placed(all_fields()["relapse_day"], rows, "preceding_infusion").cells
    ['', '131']
    >>> placed(all_fields()["relapse_day"], rows, "every_preceding_infusion").cells
    ['315', '131']
    """
    result = Placed([each.cell for each in given])
    of_patient: dict[str, list[int]] = defaultdict(list)
    for position, each in enumerate(given):
        of_patient[each.patient].append(position)
    early: list[int] = []
    for positions in of_patient.values():
        if not any(given[position].cell for position in positions):
            continue
        if rule in ("first_infusion", "last_infusion"):
            _to_one(given, positions, result, last=rule == "last_infusion")
        else:
            early += _by_time(spec, given, positions, result, every=rule == "every_preceding_infusion")
    _note(spec, given, rule, result, early)
    return result


def _to_one(given: Sequence[Given], positions: list[int], result: Placed, *, last: bool) -> None:
    """Give the value to the first or last infusion: by date where all are known, else by row."""
    times = {position: given[position].time for position in positions}
    known = [time for time in times.values() if time is not None]
    if len(known) == len(positions):
        positions = sorted(positions, key=lambda position: times[position] or 0.0)
        end = known.count(max(known) if last else min(known))
        if end > 1 and len(positions) > 1:
            _refuse(result, positions, *SAME_TIME, "correct the dates, or name the infusion with only_if")
            return
    chosen = positions[-1 if last else 0]
    for position in positions:
        if position == chosen:
            continue
        if given[position].cell and not given[chosen].cell:
            _refuse(result, [position], *OTHER_ROW, "correct the row, or belongs_to")
        result.cells[position] = ""


def _by_time(
    spec: FieldSpec, given: Sequence[Given], positions: list[int], result: Placed, *, every: bool
) -> list[int]:
    """Give each infusion the first event from its day on and before the next; the rest comes too early."""
    without = [position for position in positions if given[position].time is None]
    undated = [position for position in positions if given[position].cell and given[position].event is None]
    if without or undated:
        _refuse(result, without, *NO_TIME, "fill it in, or name the infusion with only_if")
        undated = [position for position in undated if position not in without]
        _refuse(result, undated, *NO_EVENT_DATE, "fill it in, or blank the value")
        return []
    order = sorted(positions, key=lambda position: given[position].time or 0.0)
    times = [given[position].time or 0.0 for position in order]
    if len(set(times)) < len(times):
        _refuse(result, positions, *SAME_TIME, "is an infusion repeated? Drop one, or correct the date")
        return []
    events = sorted(
        (given[position].event or 0.0, position) for position in positions if given[position].cell
    )
    begins = first_day(spec)
    for index, position in enumerate(order):
        after = times[index + 1] if index + 1 < len(order) and not every else float("inf")
        result.cells[position] = _cell(spec, given, events, times[index], after, position, result, begins)
        if not result.cells[position] and any(event >= after + begins for event, _ in events):
            result.event_later.append(position)
    return [position for time, position in events if time < times[0] + begins]


def _cell(
    spec: FieldSpec,
    given: Sequence[Given],
    events: Sequence[tuple[float, int]],
    time: float,
    after: float,
    position: int,
    result: Placed,
    begins: int,
) -> str:
    """Make the cell of one infusion from the events between it and the next."""
    if spec.name == LAST_CONTACT:
        known = [event for event, _ in events if event >= time]
        return canonical_text(min(max(known), after) - time) if known else ""
    inside = [(event, where) for event, where in events if time + begins <= event < after + begins]
    if not inside:
        return ""
    if spec.unit == "days":
        # Rounded months can put one event a day apart, seen from two infusions: the own count is right.
        own = any(where == position and event - inside[0][0] < 1 for event, where in inside)
        return given[position].cell if own else canonical_text(round(inside[0][0] - time))
    same_day = {given[where].cell for event, where in inside if event == inside[0][0]}
    if len(same_day) > 1:
        _refuse(result, [position], *SEVERAL, "correct the one that is wrong")
        return ""
    return same_day.pop()


def first_day(spec: FieldSpec) -> int:
    """Give the first day after an infusion on which its event can be: what can be on day 0, else 1.

    Examples
    --------
    >>> [first_day(all_fields()[name]) for name in ("relapse_day", "response_day28", "crs_grade")]
    [1, 1, 0]
    """
    low = all_fields()[DATED_BY[spec.name]].low if spec.name in DATED_BY else spec.low
    return 1 if low is not None and low >= 1 else 0


def _refuse(result: Placed, positions: Sequence[int], code: Code, rule: str, advice: str) -> None:
    for position in positions:
        result.refused[position] = Refusal(code, rule, advice)


def _note(spec: FieldSpec, given: Sequence[Given], rule: BelongsTo, result: Placed, early: list[int]) -> None:
    groups = shared(spec, given)
    both = [position for group in groups for position in group]
    if both:
        kept = sum(bool(result.cells[position]) for position in both)
        result.notes.append(
            f'{spec.name}: {len(both)} infusions shared a value; by belongs_to = "{rule}" {kept} of them '
            f"{'has' if kept == 1 else 'have'} it"
        )
    if early:
        rows = row_ranges(given[position].row for position in early)
        result.notes.append(
            f"{spec.name}: {counted(len({given[p].source for p in early}), 'value')} from before the first "
            f"infusion of the patient left out (row {rows})"
        )
