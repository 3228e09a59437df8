"""The rule of small counts: which may not be shown, and which other counts would give one of them away."""

from __future__ import annotations

from collections.abc import Collection, Sequence

FEWEST_SHOWN = 5
"""A count of fewer patients is masked, but 0 is shown: it is a fact about no patient."""
MASKED = "masked"
"""In place of a small count, and of what would give it away."""
NOTE = f"Counts of 1 to {FEWEST_SHOWN - 1} are masked, and counts that would give them away."

Shown = int | None
"""A count for people; None where it is masked."""


def is_small(count: int) -> bool:
    """Whether a count may not be shown.

    Examples
    --------
    >>> [is_small(count) for count in (0, 1, 4, 5)]
    [False, True, True, False]
    """
    return 0 < count < FEWEST_SHOWN


def count_words(count: int) -> str:
    """Write a count in a reason that may leave the center, whether or not small counts are shown.

    Examples
    --------
    >>> count_words(3), count_words(0), count_words(12)
    ('fewer than 5', '0', '12')
    """
    return f"fewer than {FEWEST_SHOWN}" if is_small(count) else f"{count}"


def counts_words(*counts: int) -> list[str]:
    """Write counts of complete and exclusive categories in such a reason.

    Examples
    --------
    >>> counts_words(3, 57), counts_words(30, 12)
    (['fewer than 5', 'a masked number of'], ['30', '12'])
    """
    masked = masked_parts(counts)
    return [
        "a masked number of" if hidden and not is_small(count) else count_words(count)
        for count, hidden in zip(counts, masked, strict=True)
    ]


def masked_parts(
    counts: Sequence[int], small: Sequence[bool] | None = None, expendable: Collection[int] = ()
) -> list[bool]:
    """Choose which counts to mask, of complete and exclusive categories whose sum is public.

    Parameters
    ----------
    counts : sequence of int
        One for each category, those that are not printed among them.
    small : sequence of bool, optional
        Counts that must not be known; those of `is_small` by default.
    expendable : collection of int
        Positions of counts that are masked first where more have to be, such as one that is not printed.

    Returns
    -------
    masked : list of bool
        Contains ``small``. To a reader who knows the sum and all other counts, each of ``small`` can still be
        anything from 1 to `FEWEST_SHOWN` - 1. Where the sum alone is too small for that, all are masked.

    References
    ----------
    Hundepool et al. 2012, doi:10.1002/9781118348239, chapter 4 (secondary suppression)

    Examples
    --------
    >>> masked_parts([30, 3, 12]), masked_parts([30, 0, 12])
    ([False, True, True], [False, False, False])
    >>> masked_parts([30, 3, 12], expendable={0})
    [True, True, False]
    """
    masked = list(small) if small is not None else [is_small(count) for count in counts]
    if not any(masked):
        return masked
    while not _uncertain([count for count, hidden in zip(counts, masked, strict=True) if hidden]):
        shown = [at for at, hidden in enumerate(masked) if not hidden]
        if not shown:
            break
        first = [at for at in shown if at in expendable]
        # The smallest costs least; a zero comes last, since to mask it helps least.
        masked[min(first or shown, key=lambda at: (not counts[at], counts[at]))] = True
    return masked


def shown_counts(counts: Sequence[int], *, small_counts: bool = False) -> list[Shown]:
    """Mask the small counts of complete, exclusive categories whose sum is public.

    Parameters
    ----------
    counts : sequence of int
        One for each category, those that are not printed among them.
    small_counts : bool
        Whether small counts are shown after all.

    Returns
    -------
    shown : list of int or None
        None where a count is masked: from 1 to 4, or needed to hide one that is.

    Examples
    --------
    >>> shown_counts([30, 3, 12]), shown_counts([30, 0, 12])
    ([30, None, None], [30, 0, 12])
    >>> shown_counts([30, 3, 12], small_counts=True)
    [30, 3, 12]
    """
    if small_counts:
        return list(counts)
    return [None if hidden else count for count, hidden in zip(counts, masked_parts(counts), strict=True)]


def shown_of(count: int, total: int, *, small_counts: bool = False) -> Shown:
    """Mask a count of a public total where it, or the rest, is small.

    Examples
    --------
    >>> shown_of(2, 40), shown_of(38, 40), shown_of(20, 40), shown_of(40, 40)
    (None, None, 20, 40)
    """
    return shown_counts([count, total - count], small_counts=small_counts)[0]


def count_cell(count: Shown) -> int | str:
    """Give what a cell of a table shows.

    Examples
    --------
    >>> count_cell(7), count_cell(None)
    (7, 'masked')
    """
    return MASKED if count is None else count


def _uncertain(hidden: Sequence[int]) -> bool:
    """Whether each of some masked counts may be anything from 1 to 4 for a reader who knows their sum."""
    return len(hidden) > 1 and sum(hidden) >= FEWEST_SHOWN - 1
