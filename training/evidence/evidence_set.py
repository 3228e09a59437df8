"""The evidence files: published effects and rates, a site's own beside them, and what is left out by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from features.advice import plain
from features.files.raw_table import RawTable
from features.files.read_table import read_table
from features.nearest_name import nearest
from features.problem_codes import Code
from features.problems import DataError, Problem, grouped
from features.project_files import EVIDENCE
from training.evidence.cells import RowCells
from training.evidence.effect_rows import EFFECT_COLUMNS, Effect, effect_of
from training.evidence.excluded_sources import is_excluded, refuse_unknown_sources
from training.evidence.rate_rows import RATE_COLUMNS, BaseRate, rate_of

__all__ = ["BaseRate", "Effect", "Evidence", "read_evidence"]

SITE_NEEDS = ("outcome", "term", "use", "source")
"""Columns that a site's own file cannot leave out."""
SITE_RATE = "base_rate"
"""What a site's own file writes as term where a row is a rate."""

Row = TypeVar("Row", bound=Effect | BaseRate)


@dataclass(frozen=True)
class Evidence:
    """What is known before any local patient is seen.

    Attributes
    ----------
    effects : tuple of Effect
        All rows, used or not.
    base_rates : tuple of BaseRate
        All rows, used or not.
    """

    effects: tuple[Effect, ...]
    base_rates: tuple[BaseRate, ...]

    def without(self, excluded: Iterable[str]) -> Evidence:
        """Leave out every row that names one of the sources.

        Examples
        --------
        >>> evidence = read_evidence()
        >>> len(evidence.effects) - len(evidence.without(["PMID:30728140"]).effects)
        3
        """
        names = tuple(excluded)
        return Evidence(_without(self.effects, names), _without(self.base_rates, names))


def read_evidence(
    extra: Path | None = None, *, excluded: tuple[str, ...] = (), literature: bool = True
) -> Evidence:
    """Read the evidence files.

    Parameters
    ----------
    extra : Path, optional
        A site's own file. Its columns are those of ``effects.csv`` and ``horizon_days``; it needs outcome,
        term, use and source, for an estimate also measure, estimate, ci_low and ci_high, for a direction
        also direction. Blank: ``per`` is one unit of the term, anything that is yes or no is no, ids are
        site-1 and so on. A rate has the term ``base_rate``, the measure ``rate``, the rate among all infused
        as estimate, n and horizon_days.
    excluded : tuple of str
        Sources whose rows are left out, e.g. a center's own publications, which would count twice.
    literature : bool
        False keeps nothing but the site's own rows.

    Returns
    -------
    evidence : Evidence

    Raises
    ------
    DataError
        If a file is malformed, with every problem of it.
    Refused
        If a name in `excluded` is the source of no row.

    Examples
    --------
    >>> len(read_evidence(literature=False).effects)
    0
    >>> read_evidence(excluded=("PMID:30728141",))
    Traceback (most recent call last):
        ...
    features.problems.Refused: no row has the source PMID:30728141: did you mean PMID:30728140?
    """
    published = _published()
    own = _own(extra, published) if extra else Evidence((), ())
    effects, rates = published.effects + own.effects, published.base_rates + own.base_rates
    of_rows = [*(row.sources for row in effects), *(row.sources for row in rates)]
    sources = [source for named in of_rows for source in named]
    refuse_unknown_sources(excluded, sources)
    of_literature = published if literature else Evidence((), ())
    kept = Evidence((*of_literature.effects, *own.effects), (*of_literature.base_rates, *own.base_rates))
    return kept.without(excluded)


def _published() -> Evidence:
    """Read the files that come with the software."""
    effects = read_table(EVIDENCE / "effects.csv")
    rates = read_table(EVIDENCE / "base_rates.csv")
    return Evidence(
        _rows(effects, effect_of, _heading_problems(effects, EFFECT_COLUMNS, needed=EFFECT_COLUMNS)),
        _rows(rates, rate_of, _heading_problems(rates, RATE_COLUMNS, needed=RATE_COLUMNS)),
    )


def _own(file: Path, published: Evidence) -> Evidence:
    """Read a site's own file."""
    table = read_table(file)
    problems = _heading_problems(table, (*EFFECT_COLUMNS, "horizon_days"), needed=SITE_NEEDS)
    numbers = {row: number for number, row in enumerate(table.row_numbers, start=1)}
    taken = [row.id for row in published.effects] + [row.id for row in published.base_rates]
    rows = _rows(table, lambda cells: _own_row(cells, f"site-{numbers[cells.row]}"), problems, taken)
    return Evidence(
        tuple(row for row in rows if isinstance(row, Effect)),
        tuple(row for row in rows if isinstance(row, BaseRate)),
    )


def _own_row(cells: RowCells, default_id: str) -> Effect | BaseRate:
    if cells.text("term") != SITE_RATE:
        if cells.text("horizon_days"):
            cells.refuse(Code.MUST_BE_BLANK, "horizon_days", f"must be blank unless the term is {SITE_RATE}")
        return effect_of(cells, default_id=default_id)
    cells.choice("measure", ("rate",))
    return rate_of(cells, rate_column="estimate", default_id=default_id)


def _without(rows: tuple[Row, ...], excluded: tuple[str, ...]) -> tuple[Row, ...]:
    return tuple(row for row in rows if not is_excluded(row.sources, excluded))


def _rows(
    table: RawTable, read: Callable[[RowCells], Row], problems: list[Problem], taken: Iterable[str] = ()
) -> tuple[Row, ...]:
    """Read every row, or refuse the file with every problem."""
    seen, rows = set(taken), list[Row]()
    for number, values in zip(table.row_numbers, table.rows, strict=True):
        cells = RowCells(dict(zip(table.columns, values, strict=True)), row=number)
        row = read(cells)
        if row.id in seen:
            cells.refuse(Code.ID_REPEATED, "id", "must be unique", value_text=row.id)
        seen.add(row.id)
        rows.append(row)
        problems.extend(cells.problems)
    if problems:
        raise DataError(grouped(problems), source=table.name)
    return tuple(rows)


def _heading_problems(table: RawTable, known: tuple[str, ...], *, needed: tuple[str, ...]) -> list[Problem]:
    """Say which columns are unknown and which are missing."""
    problems = []
    for name in table.columns:
        if name not in known:
            near = nearest(name, known)
            fix = f"did you mean {near}?" if near else f"columns are {', '.join(known)}"
            problems.append(
                Problem(Code.UNKNOWN_COLUMN, "is not a column of an evidence file", name, advice=plain(fix))
            )
    missing = [name for name in needed if name not in table.columns]
    return problems + [
        Problem(Code.MISSING_COLUMN, "is a required column, and the file does not have it", name)
        for name in missing
    ]
