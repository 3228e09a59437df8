"""The rows of a file of any length, a block at a time, and where to go on after each block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from features.files.raw_table import BLANKS
from features.short_repr import ShortRepr

ROWS_OF_A_BLOCK = 5_000


@dataclass(frozen=True)
class Bookmark:
    """A place between two rows of a file.

    Parameters
    ----------
    rows : int
        Rows below the heading that are before it.
    offset : int
        Bytes of the file that are before it; 0 where rows alone are counted.
    """

    rows: int = 0
    offset: int = 0


@dataclass(frozen=True, repr=False)
class RowBlock(ShortRepr):
    """Consecutive rows of a file.

    Parameters
    ----------
    rows : list of list of str
        Cells, not stripped; blank rows at the end of a block are the first of the next one.
    begin, end : Bookmark
        Places before and after them.
    """

    rows: list[list[str]]
    begin: Bookmark
    end: Bookmark


class RowSource(Protocol):
    """A file that is read in blocks.

    Attributes
    ----------
    path : Path
    heading : list of str
        Its first row.
    """

    path: Path
    heading: list[str]

    def blocks(self, begin: Bookmark, most: int = ROWS_OF_A_BLOCK) -> Iterator[RowBlock]:
        """Give the rows from a place on; each block depends on its first row alone."""
        ...


def is_blank(cells: list[str]) -> bool:
    """Whether a row has no content.

    Examples
    --------
    >>> is_blank([]), is_blank([" ", ""]), is_blank(["", "0"])
    (True, True, False)
    """
    return not any(cells) or not any(cell.strip(BLANKS) for cell in cells)
