"""Columns in which no record could be chosen, because the recipe does not say which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem, counted, listed
from training.omop.chosen_cell import Chosen
from training.omop.recipe import Recipe

REMEDIES = {
    Code.NOT_A_NUMBER: (
        "has values of concepts that are no whole numbers, so none is the highest or lowest",
        'set take = "last" or "first"',
    ),
    Code.VALUES_AT_ONE_TIME: (
        "has different values at the same time",
        'set tie = "highest" or "lowest" if they are numbers, or correct the database',
    ),
    Code.VALUES_IN_SEVERAL_UNITS: (
        "has values in several units that would have to be compared",
        'set take = "last" or "first", or ignore_units',
    ),
    Code.BEYOND_DETECTION_LIMIT: (
        "has values beyond a limit that would have to be added",
        'set take = "last" or "first"',
    ),
    Code.UNEXPLAINED_CODE: (
        "has answers without a meaning",
        'add them to codes; codes = { ID = "" } leaves an answer out, and "*" is any other',
    ),
}
"""What is undecided, and how a recipe decides it."""


def refuse_undecided(recipe: Recipe, cells: Mapping[str, Sequence[Chosen]]) -> None:
    """Report every column in which a record could not be chosen.

    Parameters
    ----------
    recipe : Recipe
        With the rules.
    cells : mapping of str to sequence of Chosen
        By column, one for each infusion.

    Raises
    ------
    DataError
        With the number of infusions for each reason, and the answers that have no meaning.
    """
    problems = []
    for name, column in cells.items():
        for code, count in Counter(cell.problem for cell in column if cell.problem).items():
            rule, remedy = REMEDIES[code]
            words = f"{rule} for {counted(count, 'infusion')}{_answers(column, code)}"
            problems.append(Problem(code, words, f"columns.{name}", advice=plain(remedy)))
    if problems:
        raise DataError(problems, source=recipe.name)


def _answers(column: Sequence[Chosen], code: Code) -> str:
    """List the answers that have no meaning, with their infusions."""
    if code is not Code.UNEXPLAINED_CODE:
        return ""
    counts = Counter(answer for cell in column for answer in cell.unexplained)
    return f": {listed([f'{answer} ({count})' for answer, count in counts.most_common()])}"
