"""How much the service takes on: time for an answer, questions, batches, documents, memory for bodies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from serving.http.error_response import Refusal

ANSWER_WITHIN_SECONDS = 30
"""Time for an answer, from the end of the body on."""

DRAINED_WITHIN_SECONDS = 35
"""Time for the answers under way when the service ends: the longest answer, and its way to the client."""

MOST_QUESTIONS = 256
"""Single patients in work."""

MOST_BATCHES = 2
"""Batches in work. They share one thread; the largest takes at most half of the time for an answer."""

MOST_DOCUMENTS = 256
"""Pages, files and descriptions in work. They never wait for questions, nor questions for them."""

MOST_BODY_BYTES = 64 * 2**20
"""Memory for bodies that are arriving or in work, 64 MiB."""

FREE_BODY_BYTES = 16 * 2**10
"""The first 16 KiB of a body do not count, so that single patients are read while large bodies wait."""

RETRY_AFTER_SECONDS = "5"


@dataclass
class Budget:
    """An amount of which parts are taken and given back.

    Attributes
    ----------
    most : int
        The whole amount.
    taken : int
        What is in use.

    Examples
    --------
    >>> batches = Budget(1)
    >>> with batches.part("batches"):
    ...     batches.exhausted
    True
    >>> batches.exhausted
    False
    """

    most: int
    taken: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return self.taken >= self.most

    def take(self, amount: int) -> bool:
        """Take a part, unless less than that is left; say whether it was taken."""
        fits = self.taken + amount <= self.most
        if fits:
            self.taken += amount
        return fits

    def give_back(self, amount: int) -> None:
        """Return a part."""
        self.taken -= amount

    @contextmanager
    def part(self, many: str) -> Iterator[None]:
        """Take 1 for a while.

        Parameters
        ----------
        many : str
            What several of them are called.

        Raises
        ------
        Refusal
            429 if nothing is left.
        """
        if not self.take(1):
            raise too_many(many)
        try:
            yield
        finally:
            self.give_back(1)


QUESTION_BUDGET = Budget(MOST_QUESTIONS)
BATCH_BUDGET = Budget(MOST_BATCHES)
DOCUMENT_BUDGET = Budget(MOST_DOCUMENTS)
BODY_BUDGET = Budget(MOST_BODY_BYTES)


def too_many(many: str, *, status: int = 429) -> Refusal:
    """Refuse a request because a budget is exhausted.

    Examples
    --------
    >>> too_many("batches").error
    'too many batches at once; try again in a few seconds'
    """
    message = f"too many {many} at once; try again in a few seconds"
    return Refusal(status, message, headers={"retry-after": RETRY_AFTER_SECONDS})
