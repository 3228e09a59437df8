"""The rows of every patient of a file of any length: a digest of the identifier, and what must agree."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.checking.cell_provenance import CellKey
from features.checking.rows_of_a_patient import CONSTANT_FACTS, RowConflict, row_conflicts
from features.checking.typed_columns import TypedColumns, decoded
from features.schema import all_fields

DIGEST_BYTES = 16
"""Of an identifier: two of a billion different identifiers share one with a probability of 10^-21."""

COMPARED = ("infusion_number", "age_years", *CONSTANT_FACTS)
"""Columns that are compared between the rows of a patient."""

_TOGETHER = 50_000
"""Rows whose patients are compared at a time."""


class PatientRegister:
    """Remembers the rows of patients in 60 bytes a row, and finds those that contradict each other.

    Examples
    --------
    >>> from features.checking.typed_columns import TableReader
    >>> from features.files.raw_table import RawTable
    >>> register = PatientRegister()
    >>> for sex in ("female", "male"):
    ...     typed, _ = TableReader().read(RawTable("c.csv", "00", ("patient_id", "sex"), (("a", sex),), (2,)))
    ...     register.add(typed)
    >>> [(conflict.position, conflict.other, conflict.column) for conflict in register.conflicts()]
    [(1, 0, 'infusion_number'), (1, 0, 'sex')]
    """

    def __init__(self) -> None:
        self._digests = bytearray()
        self._known: list[NDArray[np.int64]] = []
        self._values: dict[str, list[NDArray[np.float64]]] = {name: [] for name in COMPARED}
        self._n_rows = 0

    def __len__(self) -> int:
        return self._n_rows

    def add(self, typed: TypedColumns) -> None:
        """Remember the next rows of the file.

        Parameters
        ----------
        typed : TypedColumns
            A row without an identifier is the row of no patient.
        """
        identifiers = typed.text("patient_id")
        known = [position for position, each in enumerate(identifiers) if each is not None]
        for position in known:
            self._digests += _digest(str(identifiers[position]))
        self._known.append(np.array(known, dtype=np.int64) + self._n_rows)
        for name in COMPARED:
            self._values[name].append(typed.number(name))
        self._n_rows += typed.n_rows

    def __getitem__(self, position: int) -> dict[str, Any]:
        """Give the compared values of a row."""
        columns = self._columns()
        return {name: decoded(all_fields()[name], float(columns[name][position])) for name in COMPARED}

    def conflicts(self, failed: Collection[CellKey] = ()) -> list[RowConflict]:
        """Find what contradicts itself between rows of one patient.

        Parameters
        ----------
        failed : collection of CellKey
            Refused cells; a conflict that rests on one is left out.

        Returns
        -------
        conflicts : list of RowConflict
            By position, counted from the first row of the file.
        """
        conflicts = [
            conflict
            for positions, digests in self._several()
            for conflict in self._among(positions, digests)
            if not any((at, name) in failed for at, name in _cells(conflict))
        ]
        return sorted(conflicts, key=lambda conflict: conflict[:5])

    def _several(self) -> Iterator[tuple[NDArray[np.int64], list[bytes]]]:
        """Give the rows of patients with several, those of a patient together."""
        digests = np.frombuffer(bytes(self._digests), dtype=np.uint64).reshape(-1, DIGEST_BYTES // 8)
        positions = np.concatenate([np.zeros(0, dtype=np.int64), *self._known])
        order = np.argsort(digests[:, 0], kind="stable")
        same = digests[order[1:], 0] == digests[order[:-1], 0]
        several = order[np.append(same, False) | np.insert(same, 0, False)] if len(order) else order
        begins = np.flatnonzero(np.diff(digests[several, 0], prepend=np.uint64(0)))
        start = 0
        while start < len(several):
            later = begins[begins >= start + _TOGETHER]
            end = int(later[0]) if len(later) else len(several)
            chosen = np.sort(several[start:end])
            yield positions[chosen], [digests[at].tobytes() for at in chosen]
            start = end

    def _among(self, positions: NDArray[np.int64], digests: list[bytes]) -> list[RowConflict]:
        """Compare rows as `row_conflicts` does, and count them as the file does."""
        columns = {name: values[positions].tolist() for name, values in self._columns().items()}
        rows = [
            {
                "patient_id": digest,
                **{name: decoded(all_fields()[name], columns[name][at]) for name in COMPARED},
            }
            for at, digest in enumerate(digests)
        ]
        return [
            conflict._replace(
                position=int(positions[conflict.position]), other=int(positions[conflict.other])
            )
            for conflict in row_conflicts(rows)
        ]

    def _columns(self) -> dict[str, NDArray[np.float64]]:
        for name, parts in self._values.items():
            if len(parts) != 1:
                self._values[name] = [np.concatenate([np.zeros(0), *parts])]
        return {name: parts[0] for name, parts in self._values.items()}


def _digest(identifier: str) -> bytes:
    return hashlib.blake2b(identifier.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _cells(conflict: RowConflict) -> list[CellKey]:
    """Name the cells that a conflict rests on."""
    columns = (conflict.column, "infusion_number")
    return [(position, name) for position in (conflict.position, conflict.other) for name in columns]
