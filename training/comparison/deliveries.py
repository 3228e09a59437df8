"""Two deliveries of one cohort: which infusions and cells differ, and what happens to the events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.checking.near_equal_ids import spelling_key
from features.cohort import Cohort
from features.columns import Columns, Values
from features.field import FieldSpec, specs
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.schema import FollowUp, Patient
from features.short_repr import ShortRepr

Key = tuple[str, int]
"""Identifier of a patient and number of the infusion."""


@dataclass(frozen=True, repr=False)
class FieldChange(ShortRepr):
    """What became of one column in the infusions of both deliveries; the counts add up to all of them.

    Attributes
    ----------
    field : str
    same, changed, became_blank, became_known, blank : int
        Known and equal in both, known and different, blank only later, blank only earlier, blank in both.
    higher, lower : int
        Of those changed: numbers that rose or fell. Of choices neither.
    """

    field: str
    same: int
    changed: int
    became_blank: int
    became_known: int
    blank: int
    higher: int
    lower: int

    @property
    def differs(self) -> bool:
        """Whether any cell differs."""
        return bool(self.changed or self.became_blank or self.became_known)


@dataclass(frozen=True)
class EventChange:
    """What became of one outcome.

    Attributes
    ----------
    outcome : str
    earlier, later : int
        Events of each delivery.
    both, gained, lost : int
        In infusions of both deliveries: an event in both, only later, only earlier.
    of_added, of_removed : int
        Events of infusions that only one delivery has.
    """

    outcome: str
    earlier: int
    later: int
    both: int
    gained: int
    lost: int
    of_added: int
    of_removed: int

    @property
    def differs(self) -> bool:
        """Whether any event differs."""
        return bool(self.gained or self.lost or self.of_added or self.of_removed)


@dataclass(frozen=True, repr=False)
class Deliveries(ShortRepr):
    """Two deliveries, matched by patient and infusion.

    Attributes
    ----------
    earlier, later : Cohort
    pairs : ndarray of int, shape (n_matched, 2)
        Positions of an infusion in both.
    added, removed : ndarray of int
        Positions of infusions that only the later, or only the earlier delivery has.
    respelled : int
        Added infusions whose patient's identifier is spelled nearly like that of a removed one.
    changed_infusions : int
        Infusions of both with any difference.
    fields : tuple of FieldChange
        Every column, in schema order.
    events : tuple of EventChange
        Every outcome.
    columns_added, columns_removed : tuple of str
        Columns that only one of the files has.
    """

    earlier: Cohort
    later: Cohort
    pairs: NDArray[np.int64]
    added: NDArray[np.int64]
    removed: NDArray[np.int64]
    respelled: int
    changed_infusions: int
    fields: tuple[FieldChange, ...]
    events: tuple[EventChange, ...]
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]


def compare_deliveries(earlier: Cohort, later: Cohort) -> Deliveries:
    """Compare two deliveries of one cohort.

    Parameters
    ----------
    earlier, later : Cohort
        Checked. Infusions are matched by ``patient_id`` and ``infusion_number``, so both need the same
        pseudonyms.

    Returns
    -------
    deliveries : Deliveries

    Examples
    --------
    >>> from features.cohort import cohort_from_rows
    >>> def delivery(*grades):
    ...     rows = [{"patient_id": f"p{n}", "icans_grade": grade} for n, grade in enumerate(grades)]
    ...     return cohort_from_rows(rows, name="c.csv", sha256="00", present=frozenset(rows[0]))
    >>> compared = compare_deliveries(delivery(0, 1, None), delivery(0, 3, 2, 4))
    >>> [change for change in compared.fields if change.differs][0].became_known, len(compared.added)
    (1, 1)
    >>> [(each.gained, each.of_added) for each in compared.events if each.outcome == "severe_icans"]
    [(1, 1)]
    """
    before, after = _positions(earlier), _positions(later)
    shared = [key for key in before if key in after]
    pairs = np.array([(before[key], after[key]) for key in shared], dtype=np.int64).reshape(-1, 2)
    added = _only(after, before)
    removed = _only(before, after)
    columns = list(_columns(earlier, later))
    differing = np.zeros(len(pairs), dtype=bool)
    for _, first, second in columns:
        differing |= _differs(first[pairs[:, 0]], second[pairs[:, 1]])
    return Deliveries(
        earlier,
        later,
        pairs,
        added,
        removed,
        respelled=_respelled(earlier.patient_id[removed], later.patient_id[added]),
        changed_infusions=int(differing.sum()),
        fields=tuple(
            _field(spec, first[pairs[:, 0]], second[pairs[:, 1]]) for spec, first, second in columns
        ),
        events=tuple(_events(name, earlier, later, pairs) for name in OUTCOMES),
        columns_added=tuple(sorted(later.present - earlier.present)),
        columns_removed=tuple(sorted(earlier.present - later.present)),
    )


def changed_cells(deliveries: Deliveries) -> Iterator[tuple[str, int, str, int, int, object, object]]:
    """List every cell that differs: for the center alone, since it names patients.

    Parameters
    ----------
    deliveries : Deliveries

    Yields
    ------
    cell : tuple
        Identifier, infusion number, column, row in the earlier and in the later file, earlier and later
        value; None where blank.
    """
    for columns, later_columns in _models(deliveries.earlier, deliveries.later):
        for before, after in deliveries.pairs.tolist():
            first, second = columns.row(before), later_columns.row(after)
            for name, value in first.items():
                if value != second[name]:
                    yield (
                        str(deliveries.earlier.patient_id[before]),
                        int(deliveries.earlier.infusion_number[before]),
                        name,
                        int(deliveries.earlier.rows[before]),
                        int(deliveries.later.rows[after]),
                        value,
                        second[name],
                    )


def _positions(cohort: Cohort) -> dict[Key, int]:
    keys = zip(cohort.patient_id.tolist(), cohort.infusion_number.tolist(), strict=True)
    return {key: at for at, key in enumerate(keys)}


def _only(these: Mapping[Key, int], others: Mapping[Key, int]) -> NDArray[np.int64]:
    return np.array([at for key, at in these.items() if key not in others], dtype=np.int64)


def _models(earlier: Cohort, later: Cohort) -> list[tuple[Columns, Columns]]:
    return [(earlier.patients, later.patients), (earlier.follow_up, later.follow_up)]


def _columns(earlier: Cohort, later: Cohort) -> Iterator[tuple[FieldSpec, Values, Values]]:
    for model in (Patient, FollowUp):
        first, second = (each.patients if model is Patient else each.follow_up for each in (earlier, later))
        for name, spec in specs(model).items():
            yield spec, first[name], second[name]


def _differs(first: Values, second: Values) -> NDArray[np.bool_]:
    return np.asarray((first != second) & ~(np.isnan(first) & np.isnan(second)))


def _field(spec: FieldSpec, first: Values, second: Values) -> FieldChange:
    known_first, known_second = ~np.isnan(first), ~np.isnan(second)
    both = known_first & known_second
    changed = both & (first != second)
    ordered = spec.kind in ("number", "integer")
    return FieldChange(
        spec.name,
        same=int((both & ~changed).sum()),
        changed=int(changed.sum()),
        became_blank=int((known_first & ~known_second).sum()),
        became_known=int((known_second & ~known_first).sum()),
        blank=int((~known_first & ~known_second).sum()),
        higher=int((changed & (second > first)).sum()) if ordered else 0,
        lower=int((changed & (second < first)).sum()) if ordered else 0,
    )


def _events(name: str, earlier: Cohort, later: Cohort, pairs: NDArray[np.int64]) -> EventChange:
    first, second = (_has_event(name, cohort) for cohort in (earlier, later))
    before, after = first[pairs[:, 0]], second[pairs[:, 1]]
    return EventChange(
        name,
        earlier=int(first.sum()),
        later=int(second.sum()),
        both=int((before & after).sum()),
        gained=int((~before & after).sum()),
        lost=int((before & ~after).sum()),
        of_added=int(second.sum() - after.sum()),
        of_removed=int(first.sum() - before.sum()),
    )


def _has_event(name: str, cohort: Cohort) -> NDArray[np.bool_]:
    seen = observe(OUTCOMES[name], cohort.follow_up)
    return seen.known & (seen.event == 1)


def _respelled(removed: NDArray[np.str_], added: NDArray[np.str_]) -> int:
    """Count added infusions that may be removed ones under another spelling."""
    gone = Counter(spelling_key(str(each)) for each in removed)
    come = Counter(spelling_key(str(each)) for each in added)
    return sum((gone & come).values())
