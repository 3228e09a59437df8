"""The risk of a patient without any one published source, where it moves far enough to be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.columns import Values
from serving.answers.described import Described
from serving.answers.json_text import SLOT, Template, array, number_texts

LEAST_MOVE = 0.005
"""Half a percentage point. Risks are read as whole percents, so a smaller move is within their rounding."""


class RiskWithoutSource(Described):
    """Risk of the patient if the model were fitted without a published source."""

    sources: list[str]
    """DOI, PMID, NCT or citation; several where they name the same published rows, which are left out
    together."""
    risk: float
    """Cumulative incidence by the headline horizon."""


class SourceRows:
    """Risks without the sources of a model, with the names of the sources written once.

    Parameters
    ----------
    sources : sequence of tuple of str
        Names of the sources that are left out together.

    Examples
    --------
    >>> rows = SourceRows([("PMID:1",), ("PMID:2",), ("PMID:3",)])
    >>> rows.of(0.25, np.array([0.24, 0.252, 0.31]))
    b'[{"sources":["PMID:3"],"risk":0.31},{"sources":["PMID:1"],"risk":0.24}]'
    """

    def __init__(self, sources: Sequence[tuple[str, ...]]) -> None:
        self._rows = [Template({"sources": each, "risk": SLOT}) for each in sources]

    def of(self, risk: float, risk_without: Values) -> bytes:
        """List the sources without which the risk is another, the farthest first.

        Parameters
        ----------
        risk : float
            Of the patient, with all sources.
        risk_without : ndarray of shape (n_sources,)
            Risk of the patient without each, at the same horizon.

        Returns
        -------
        listed : bytes
            A JSON array of what `RiskWithoutSource` describes: those that move the risk by `LEAST_MOVE` or
            more.
        """
        risks, moves = risk_without.tolist(), np.abs(risk_without - risk).tolist()
        seen = [at for at, move in enumerate(moves) if move >= LEAST_MOVE]
        seen.sort(key=lambda at: -moves[at])
        texts = number_texts([risks[at] for at in seen])
        return array([self._rows[at].filled(text) for at, text in zip(seen, texts, strict=True)])
