"""The answer to one item of the checklist, and what is left to the author."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from training.pages.report.facts import Facts

State = Literal["filled in", "author to complete", "author to add", "does not apply"]


@dataclass(frozen=True)
class Answer:
    """The answer to one item.

    Attributes
    ----------
    from_bundle : str
        From the bundle; empty where the bundle has no answer.
    author : str
        What only the author knows; empty where nothing is left.
    see : str
        Section of the report with the details; empty where there is none.
    applies : bool
        False where the item is about a step that was not done.
    """

    from_bundle: str = ""
    author: str = ""
    see: str = ""
    applies: bool = True

    @property
    def state(self) -> State:
        """How far the item is filled in.

        Examples
        --------
        >>> Answer("a", "b").state, Answer(author="b").state, Answer("a").state
        ('author to add', 'author to complete', 'filled in')
        """
        if not self.applies:
            return "does not apply"
        if not self.author:
            return "filled in"
        return "author to add" if self.from_bundle else "author to complete"


Writer = Callable[[Facts], Answer]
"""Answers one item from the facts of a bundle."""
