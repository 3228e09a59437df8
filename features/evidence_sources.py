"""Sources of published evidence: how a cell of an evidence file names several."""

from __future__ import annotations

SEPARATOR = " | "
"""Between the sources of one row; no DOI, PMID, NCT number or citation contains it."""


def sources_of(cell: str) -> tuple[str, ...]:
    """List the sources that a cell names.

    Parameters
    ----------
    cell : str
        DOI, PMID, PMC, NCT number or citation; a bar separates several.

    Returns
    -------
    sources : tuple of str
        In the order of the cell; empty where the cell is blank.

    Examples
    --------
    >>> sources_of("10.1/a | Blood 2023;7(2):1, ALL and NHL")
    ('10.1/a', 'Blood 2023;7(2):1, ALL and NHL')
    >>> sources_of("")
    ()
    """
    return tuple(part for part in (each.strip() for each in cell.split(SEPARATOR.strip())) if part)
