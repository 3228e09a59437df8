"""The label of a center in a bundle: its number by size, never its name."""

from __future__ import annotations


def center_label(number: int) -> str:
    """Label a center.

    Parameters
    ----------
    number : int
        1 is the largest.

    Returns
    -------
    label : str

    Examples
    --------
    >>> center_label(1)
    'center 1'
    """
    return f"center {number}"


def center_title(label: str) -> str:
    """Name a center by its number; bundles of earlier versions spell the label otherwise.

    Examples
    --------
    >>> center_title("centre 2")
    'center 2'
    """
    return center_label(center_number(label))


def center_number(label: str) -> int:
    """Read the number of a center from its label: the last word, whatever the first one is.

    Bundles of earlier versions spell it ``centre 1``.

    Parameters
    ----------
    label : str

    Returns
    -------
    number : int

    Examples
    --------
    >>> center_number("center 2"), center_number("centre 12")
    (2, 12)
    """
    return int(label.split()[-1])
