"""Table 1: characteristics of a cohort before the infusion, in groups, with standardized differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from features.cohort import Cohort
from features.columns import Values
from features.problems import counted
from features.small_counts import FEWEST_SHOWN
from serving.model.figure_text import fixed
from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.pages.publication.cohort_groups import Group
from training.pages.publication.manuscript_table import INDENT, MASKED, NONE, ManuscriptTable
from training.pages.publication.variable_blocks import VariableBlock, not_recorded, variable_blocks
from training.statistics.small_counts import masked_cells
from training.statistics.standardized_difference import largest_mean_difference, largest_share_difference

DIFFERENCE = "SMD"
INFINITE = "∞"
SYNTHETIC_NOTE = "The cohort is synthetic: no patient is described."
NUMBERS = (
    "Numbers are median [first to third quartile] of known values; counts are n (% of all infusions of the "
    "column, missing values included)."
)
DIFFERENCES = (
    "SMD: absolute standardized mean difference of known values; with more than two groups, the largest of "
    "all pairs. It measures how far groups differ; a p value mainly measures how many patients there are. "
    f"It is infinite ({INFINITE}) where nothing varies within groups that differ."
)


def baseline_table(cohort: Cohort, groups: Sequence[Group], *, by: str, mask: bool = True) -> ManuscriptTable:
    """Write Table 1.

    Parameters
    ----------
    cohort : Cohort
    groups : sequence of Group
        They exclude one another and are complete; none to describe the cohort as a whole.
    by : str
        What the groups are of, for the title; empty where none are wanted.
    mask : bool
        Whether small counts are masked.

    Returns
    -------
    table : ManuscriptTable
        Columns: characteristic, the whole cohort, the groups, SMD.
    """
    everybody = np.ones(len(cohort), dtype=bool)
    columns = [*(group.members for group in groups), everybody]
    compared = [at for at, group in enumerate(groups) if group.compared]
    rows = [
        row
        for block in variable_blocks(cohort)
        for row in _rows(block, columns, compared, cohort.patient_id if mask else None)
    ]
    headings = [
        "Characteristic",
        f"All (N = {len(cohort)})",
        *(f"{group.title} (n = {group.members.sum()})" for group in groups),
    ]
    return ManuscriptTable(
        name="table-1-baseline",
        title=f"Characteristics before the infusion{f', by {by}' if groups else ''}",
        headings=(*headings, *([DIFFERENCE] if len(compared) > 1 else ())),
        rows=tuple(rows),
        notes=tuple(_notes(cohort, by if not groups else "", differences=len(compared) > 1, mask=mask)),
    )


def _rows(
    block: VariableBlock,
    columns: list[NDArray[np.bool_]],
    compared: list[int],
    patient_id: NDArray[np.str_] | None,
) -> Iterator[tuple[str, ...]]:
    categories = [*block.categories.values(), block.missing]
    counts = np.array([[int((each & column).sum()) for column in columns] for each in categories])
    hidden = np.zeros(counts.shape, dtype=bool)
    if patient_id is not None:
        hidden = masked_cells(counts, _small(categories, columns, patient_id), _not_printed(block))
    cells = [
        _counts(*each, [int(column.sum()) for column in columns]) for each in zip(counts, hidden, strict=True)
    ]
    summaries = _summaries(block, columns, patient_id)
    known = [summaries[at] == MASKED for at in compared] if summaries else hidden[:, compared]
    difference = _difference(block, counts[:-1], columns, compared, masked=bool(np.any(known)))
    blank = ("",) * (len(columns) + len(difference))
    if block.values is not None:
        yield (f"{block.title}, median [IQR]", *_ordered(summaries), *difference)
    elif block.yes_only:
        yield (f"{block.title}, n (%)", *_ordered(cells[-2]), *difference)
    else:
        yield (f"{block.title}, n (%)", *blank[len(difference) :], *difference)
        for name, row in zip(block.categories, cells, strict=False):
            yield (f"{INDENT}{name}", *_ordered(row), *("",) * len(difference))
    if block.missing.any():
        yield (f"{INDENT}missing, n (%)", *_ordered(cells[-1]), *("",) * len(difference))


def _not_printed(block: VariableBlock) -> NDArray[np.bool_]:
    """Mark the categories that have no row: no of yes and no, and the known values of a number."""
    silent = block.values is not None or block.yes_only
    return np.array([silent and not at for at in range(len(block.categories) + 1)])


def _ordered(cells: list[str]) -> tuple[str, ...]:
    """Put the whole cohort first."""
    return (cells[-1], *cells[:-1])


def _small(
    categories: list[NDArray[np.bool_]], columns: list[NDArray[np.bool_]], patient_id: NDArray[np.str_]
) -> NDArray[np.bool_]:
    """Mark the cells of 1 to 4 different patients."""
    sizes = [[len(np.unique(patient_id[each & column])) for column in columns] for each in categories]
    n_patients = np.array(sizes)
    return np.asarray((n_patients > 0) & (n_patients < FEWEST_SHOWN))


def _counts(counts: NDArray[np.int64], hidden: NDArray[np.bool_], sizes: list[int]) -> list[str]:
    return [
        MASKED if masked else count_words(int(count), size)
        for count, masked, size in zip(counts, hidden, sizes, strict=True)
    ]


def count_words(count: int, size: int) -> str:
    """Write a count with its percentage.

    Examples
    --------
    >>> count_words(3, 40), count_words(0, 0)
    ('3 (7.5)', '0 (–)')
    """
    return f"{count} ({fixed(count / size, 1, times=100) if size else NONE})"


def _summaries(
    block: VariableBlock, columns: list[NDArray[np.bool_]], patient_id: NDArray[np.str_] | None
) -> list[str]:
    """Write the median and quartiles of each column; masked where few patients have a value."""
    if block.values is None:
        return []
    words = []
    for column in columns:
        known = column & ~block.missing
        few = patient_id is not None and 0 < len(np.unique(patient_id[known])) < FEWEST_PATIENTS
        words.append(MASKED if few else quartile_words(block.values[known], like=block.values))
    return words


def quartile_words(values: Values, *, like: Values) -> str:
    """Write a median with the quartiles.

    Parameters
    ----------
    values : ndarray of shape (n_known,)
    like : ndarray of shape (n_infusions,)
        All values of the variable, which decide the decimals.

    Examples
    --------
    >>> quartile_words(np.array([1.0, 2.0, 4.0]), like=np.array([1.0, 2.0, 4.0]))
    '2 [1.5 to 3]'
    >>> quartile_words(np.array([]), like=np.array([np.nan]))
    '–'
    """
    if not len(values):
        return NONE
    low, middle, high = (_rounded(each, like) for each in np.quantile(values, [0.25, 0.5, 0.75]))
    return f"{middle} [{low} to {high}]"


def _rounded(value: float, like: Values) -> str:
    """Round to the decimals of the values, but to about three digits; a half of a whole number is kept."""
    known = like[~np.isnan(like)]
    middle = abs(float(np.median(known)))
    most = 0 if middle >= 100 else 1 if middle >= 10 else 2
    decimals = next((each for each in range(most) if (known == np.round(known, each)).all()), most)
    if decimals == 0 and most > 0:
        return fixed(value, 1).removesuffix(".0")
    return fixed(value, decimals)


def _difference(
    block: VariableBlock,
    counts: NDArray[np.int64],
    columns: list[NDArray[np.bool_]],
    compared: list[int],
    *,
    masked: bool,
) -> tuple[str, ...]:
    """Write the standardized difference, which would give a masked count away; nothing without groups."""
    if len(compared) < 2:
        return ()
    if masked:
        return (MASKED,)
    if block.values is not None:
        largest = largest_mean_difference([block.values[columns[at]] for at in compared])
    else:
        largest = largest_share_difference([counts[:, at].astype(float) for at in compared])
    return (difference_words(largest),)


def difference_words(difference: float) -> str:
    """Write a standardized difference.

    Examples
    --------
    >>> [difference_words(each) for each in (0.416, np.nan, np.inf)]
    ['0.42', '–', '∞']
    """
    if np.isinf(difference):
        return INFINITE
    return NONE if np.isnan(difference) else fixed(difference, 2)


def _notes(cohort: Cohort, not_by: str, *, differences: bool, mask: bool) -> Iterator[str]:
    if cohort.synthetic:
        yield SYNTHETIC_NOTE
    yield f"{_size(cohort, mask=mask)}. {NUMBERS}"
    if not_by:
        yield f"Not shown by {not_by}: a group would have fewer than {FEWEST_SHOWN} patients."
    if differences:
        yield DIFFERENCES
    if absent := not_recorded(cohort):
        yield f"Not recorded in this cohort: {'; '.join(absent)}."


def _size(cohort: Cohort, *, mask: bool) -> str:
    """State infusions and patients; the second number would give away how few had several infusions."""
    repeated = len(cohort) - cohort.n_patients
    infusions = counted(len(cohort), "infusion")
    if mask and 0 < repeated < FEWEST_SHOWN:
        return infusions
    return f"{infusions} of {counted(cohort.n_patients, 'patient')}"
