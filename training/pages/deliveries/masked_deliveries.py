"""The counts of a comparison of two deliveries, small ones masked: what page and data show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.small_counts import FEWEST_SHOWN, Shown, shown_counts, shown_of
from training.comparison.deliveries import Deliveries, EventChange, FieldChange


@dataclass(frozen=True)
class ShownField:
    """One column; None where a count is masked. The attributes are those of `FieldChange`."""

    field: str
    same: Shown
    changed: Shown
    became_blank: Shown
    became_known: Shown
    blank: Shown
    higher: Shown
    lower: Shown


@dataclass(frozen=True)
class ShownEvents:
    """One outcome; None where a count is masked. The attributes are those of `EventChange`."""

    outcome: str
    earlier: Shown
    later: Shown
    gained: Shown
    lost: Shown
    of_added: Shown
    of_removed: Shown


@dataclass(frozen=True)
class ShownDeliveries:
    """What may be shown of two deliveries.

    Attributes
    ----------
    n_earlier, n_later : int
        Infusions of each: the size of a delivery is public.
    matched, added, removed, respelled, changed_infusions : int or None
    fields : tuple of ShownField
        Columns with any difference.
    unchanged : tuple of str
        Columns without one.
    events : tuple of ShownEvents
    """

    n_earlier: int
    n_later: int
    matched: Shown
    added: Shown
    removed: Shown
    respelled: Shown
    changed_infusions: Shown
    fields: tuple[ShownField, ...]
    unchanged: tuple[str, ...]
    events: tuple[ShownEvents, ...]


def shown_deliveries(compared: Deliveries, *, small_counts: bool = False) -> ShownDeliveries:
    """Mask the small counts of a comparison.

    Parameters
    ----------
    compared : Deliveries
    small_counts : bool
        Whether small counts are shown after all.

    Returns
    -------
    shown : ShownDeliveries
        With small counts masked, infusions of both, added and removed are masked together: the sizes of the
        deliveries and one of the three give the others.
    """
    matched, added, removed = len(compared.pairs), len(compared.added), len(compared.removed)
    in_both, come, gone = _together([matched, added, removed], small_counts=small_counts)
    return ShownDeliveries(
        len(compared.earlier),
        len(compared.later),
        in_both,
        come,
        gone,
        respelled=_of(compared.respelled, removed, gone, small_counts=small_counts),
        changed_infusions=_of(compared.changed_infusions, matched, in_both, small_counts=small_counts),
        fields=tuple(
            _field(each, in_both, small_counts=small_counts) for each in compared.fields if each.differs
        ),
        unchanged=tuple(each.field for each in compared.fields if not each.differs),
        events=tuple(
            _events(each, len(compared.earlier), len(compared.later), small_counts=small_counts)
            for each in compared.events
        ),
    )


def _together(counts: Sequence[int], *, small_counts: bool) -> list[Shown]:
    """Show all of the counts, or none where one is small."""
    small = any(0 < count < FEWEST_SHOWN for count in counts)
    return [None] * len(counts) if small and not small_counts else list(counts)


def _of(count: int, total: int, shown_total: Shown, *, small_counts: bool) -> Shown:
    """Mask a count and the rest of its total; of a masked total only the count itself matters."""
    if shown_total is None:
        return shown_counts([count, 0], small_counts=small_counts)[0]
    return shown_of(count, total, small_counts=small_counts)


def _field(change: FieldChange, matched: Shown, *, small_counts: bool) -> ShownField:
    counts = [change.same, change.changed, change.became_blank, change.became_known, change.blank]
    shown = shown_counts(counts, small_counts=small_counts)
    if matched is None and None not in shown:
        # The sum of all five would be the number of infusions in both.
        shown[counts.index(max(counts))] = None
    same, changed, became_blank, became_known, blank = shown
    ways = [change.higher, change.lower]
    higher, lower = _hidden(ways) if changed is None else shown_counts(ways, small_counts=small_counts)
    return ShownField(change.field, same, changed, became_blank, became_known, blank, higher, lower)


def _hidden(counts: Sequence[int]) -> list[Shown]:
    """Hide the parts of a masked count; a column without an order has none."""
    return [None if any(counts) else 0 for _ in counts]


def _events(change: EventChange, n_earlier: int, n_later: int, *, small_counts: bool) -> ShownEvents:
    """Show the parts of both totals together or not at all, because each total is the sum of its parts."""
    parts = [change.both, change.gained, change.lost, change.of_added, change.of_removed]
    totals = (
        shown_of(change.earlier, n_earlier, small_counts=small_counts),
        shown_of(change.later, n_later, small_counts=small_counts),
    )
    _, *shown = [None] * len(parts) if None in totals else _together(parts, small_counts=small_counts)
    return ShownEvents(change.outcome, *totals, *shown)
