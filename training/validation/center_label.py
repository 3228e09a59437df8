"""How people are told of a center: by its number, never its name."""

from __future__ import annotations


def center_title(number: int) -> str:
    """Name a center by its number.

    Parameters
    ----------
    number : int
        1 is the largest.

    Returns
    -------
    title : str

    Examples
    --------
    >>> center_title(1)
    'center 1'
    """
    return f"center {number}"
