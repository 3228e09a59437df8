"""The values of one patient as JSON, written once for all outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from serving.answers.context import row_inputs, row_title
from serving.answers.json_text import NULL, SLOT, Template, value_texts


class PatientTexts:
    """One patient in the answers of all outcomes.

    Parameters
    ----------
    values : mapping
        The patient's values by column of `Patient`, None where not known.

    Attributes
    ----------
    values : dict of str to bytes
        The same as JSON.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = value_texts(values)
        self._given = values
        self._of_rows: dict[tuple[str, ...], list[bytes]] = {}
        self._missing_rows: dict[tuple[str, ...], list[bytes]] = {}

    def of_rows(self, fields: tuple[str, ...]) -> list[bytes]:
        """Write the value of each row of an explanation; null for a composite."""
        known = self._of_rows.get(fields)
        if known is None:
            known = self._of_rows[fields] = [self.values.get(field, NULL) for field in fields]
        return known

    def missing_rows(self, fields: tuple[str, ...]) -> list[bytes]:
        """Prepare what is said of rows that are not known, as `serving.answers.schema.MissingCost` has it.

        Parameters
        ----------
        fields : tuple of str
            Rows of the explanation.

        Returns
        -------
        rows : list of bytes
            Texts of a `Template` whose one slot is the width; without meaning for a row that is known.

        Examples
        --------
        >>> labs = {"ldh_u_l": 250.0, "creatinine_mg_dl": None, "platelets_1e9_l": None}
        >>> (row,) = PatientTexts(labs).missing_rows(("easix",))
        >>> row.partition(b"inputs")[2]
        b'":["creatinine_mg_dl","platelets_1e9_l"],"width":%b}'
        """
        known = self._missing_rows.get(fields)
        if known is None:
            alone, composites = _rows_to_name(fields)
            known = self._missing_rows[fields] = list(alone)
            for at, inputs in composites:
                known[at] = _missing_row(fields[at], *[name for name in inputs if self._given[name] is None])
        return known


@cache
def _rows_to_name(fields: tuple[str, ...]) -> tuple[list[bytes], list[tuple[int, tuple[str, ...]]]]:
    """Prepare each row as if all its inputs were missing, and list those with several: place and inputs."""
    inputs = [row_inputs()[field] for field in fields]
    alone = [_missing_row(field, *each) for field, each in zip(fields, inputs, strict=True)]
    return alone, [(at, each) for at, each in enumerate(inputs) if len(each) > 1]


@cache
def _missing_row(field: str, *missing: str) -> bytes:
    return Template({"field": field, "title": row_title(field), "inputs": missing, "width": SLOT}).text
