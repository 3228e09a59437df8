"""Text of cells that their file stores as numbers: read as such, however the site writes its numbers."""

from __future__ import annotations

from decimal import Decimal

from features.files.typed_text import canonical_text


class StoredNumber(str):
    """Text of a number that a workbook or Parquet file stores as one, with a decimal point.

    Examples
    --------
    >>> stored_text(7.125), type(stored_text(7.125)).__name__, type(stored_text("7,1")).__name__
    ('7.125', 'StoredNumber', 'str')
    """

    __slots__ = ()


class StoredPercent(StoredNumber):
    """Text of a fraction that its workbook shows as a percentage.

    Examples
    --------
    >>> stored_text(0.62, percent=True).shown
    '62 %'
    """

    __slots__ = ()

    @property
    def shown(self) -> str:
        """What the workbook shows."""
        return f"{float(self) * 100:.6g} %"


def stored_text(value: object, *, percent: bool = False) -> str:
    """Write one typed value as a cell that remembers whether it was a number.

    Parameters
    ----------
    value : object
        None, a boolean, number, date or text.
    percent : bool
        Whether its workbook shows it as a percentage.

    Returns
    -------
    cell : str
        As `canonical_text`.
    """
    text = canonical_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return text
    return StoredPercent(text) if percent else StoredNumber(text)
