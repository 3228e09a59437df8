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


def answered_center(number: int) -> str:
    """Name the center whose patients a model answers for.

    Parameters
    ----------
    number : int
        As in `training.dataset.fit_config.FitConfig.home_center`.

    Examples
    --------
    >>> answered_center(2), answered_center(0)
    ('center 2', 'a new center')
    """
    return center_title(number) if number else "a new center"
