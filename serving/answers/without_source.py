"""The risk of a patient without any one published source, where it moves far enough to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from features.columns import Values
from serving.answers.described import Described

LEAST_MOVE = 0.005
"""Half a percentage point. Risks are read as whole percents, so a smaller move is within their rounding."""


class RiskWithoutSource(Described):
    """Risk of the patient if the model were fitted without a published source."""

    sources: list[str]
    """DOI, PMID, NCT or citation; several where they name the same published rows, which are left out
    together."""
    risk: float
    """Cumulative incidence by the headline horizon."""


def risks_without_source(
    without: Sequence[tuple[str, ...]], risk: float, risk_without: Values
) -> list[RiskWithoutSource]:
    """List the sources without which the risk is another, the farthest first.

    Parameters
    ----------
    without : sequence of tuple of str
        Names of the sources that are left out together.
    risk : float
        Of the patient, with all sources.
    risk_without : ndarray of shape (n_sources,)
        Risk of the patient without each, at the same horizon.

    Returns
    -------
    listed : list of RiskWithoutSource
        Those that move the risk by `LEAST_MOVE` or more.

    Examples
    --------
    >>> import numpy as np
    >>> sources = [("PMID:1",), ("PMID:2",), ("PMID:3",)]
    >>> listed = risks_without_source(sources, 0.25, np.array([0.24, 0.252, 0.31]))
    >>> [(each.sources, each.risk) for each in listed]
    [(['PMID:3'], 0.31), (['PMID:1'], 0.24)]
    """
    pairs = zip(without, risk_without.tolist(), strict=True)
    moved = [(abs(other - risk), each, other) for each, other in pairs if abs(other - risk) >= LEAST_MOVE]
    moved.sort(key=lambda move: -move[0])
    return [RiskWithoutSource(sources=list(each), risk=other) for _, each, other in moved]
