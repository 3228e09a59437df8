"""The reasons of a risk: contributions to its log-odds, with the sources of their published part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.explanation_groups import explanation_group
from features.field import specs
from features.schema import Patient
from serving.answers.context import row_inputs, row_title
from serving.answers.json_text import SLOT, Template, array, number_texts
from serving.answers.studied import studied
from serving.model.explanation import Explanation
from serving.model.risk_model import RiskModel

LEAST_SHOWN = 0.005
"""Log-odds below which a part is shown as 0.00."""


class ReasonRows:
    """Reasons by one model, with all that is the same for every patient prepared once.

    Parameters
    ----------
    model : RiskModel
    fields : sequence of str
        Rows of its explanation.
    """

    def __init__(self, model: RiskModel, fields: tuple[str, ...]) -> None:
        self._model, self._fields = model, fields
        parents = () if model.linear is None else model.linear.parents
        self._terms = [[at for at, parent in enumerate(parents) if parent == name] for name in fields]
        # Which terms of a row are shown, as one number a row.
        self._marks = np.zeros((len(parents), len(fields)), dtype=np.int64)
        for row, terms in enumerate(self._terms):
            self._marks[terms, row] = 2 ** np.arange(len(terms))
        self._positions = range(len(fields))
        self._prepared: list[dict[int, bytes]] = [{} for _ in fields]

    def of(self, explanation: Explanation, position: int, values: Sequence[bytes]) -> bytes:
        """List the contributions of one patient, strongest first; a column the model never used is left out.

        Parameters
        ----------
        explanation : Explanation
            Of the model.
        position : int
            Of the patient.
        values : sequence of bytes
            The patient's value of each row as JSON, null where not known, and for composites.

        Returns
        -------
        reasons : bytes
            A JSON array of what `serving.answers.contribution.Contribution` describes.
        """
        totals, published = explanation.contributions[position], explanation.published[position]
        shown = np.abs(explanation.published_terms[position, : len(self._marks)]) >= LEAST_SHOWN
        marks = (shown @ self._marks).tolist()
        rows = [
            known.get(mark) or self._row(row, mark)
            for row, known, mark in zip(self._positions, self._prepared, marks, strict=True)
        ]
        n = len(rows)
        # Plus 0.0, because -0.0 is written as such.
        numbers = number_texts((np.concatenate([totals, published, totals - published]) + 0.0).tolist())
        columns = (values, numbers[:n], numbers[n : 2 * n], numbers[2 * n :])
        filled = [row % each for row, each in zip(rows, zip(*columns, strict=True), strict=True)]
        return array([filled[row] for row in (-np.abs(totals)).argsort(kind="stable").tolist()])

    def _row(self, row: int, mark: int) -> bytes:
        """Prepare a row with the sources of its published part, and whom they studied.

        A term whose published part is shown as 0 names nothing: rates of one product are no source for
        another.
        """
        linear = self._model.linear
        shown = [term for at, term in enumerate(self._terms[row]) if mark >> at & 1]
        by_term = () if linear is None else (linear.sources[term] for term in shown)
        sources = list(dict.fromkeys(source for sources in by_term for source in sources))
        whom = [studied(self._model.outcome, source) for source in sources]
        prepared = self._prepared[row][mark] = _row(self._fields[row], sources, whom).text
        return prepared


def _row(name: str, sources: Sequence[str], whom: Sequence[object]) -> Template:
    """Prepare a row; its slots are its value, its log-odds, and their published and local part."""
    known = specs(Patient)
    return Template(
        {
            "field": name,
            "title": row_title(name),
            "value": SLOT,
            "unit": known[name].unit if name in known else "",
            "log_odds": SLOT,
            "published": SLOT,
            "local": SLOT,
            "sources": sources,
            "studied": whom,
            "inputs": () if name in known else row_inputs()[name],
            "group": explanation_group(name),
        }
    )
