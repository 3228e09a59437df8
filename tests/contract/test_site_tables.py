"""Tables as sites keep them are imported without a wrong cell, and their drafts are right or commented out.

The campaign of many tables: ``SITE_TABLES=5000 pytest -m acceptance tests/contract/test_site_tables.py``. It
can be made in parts: ``SITE_TABLES_FROM=2500`` begins with that table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.site_tables.compared import compared
from tests.site_tables.drawn import KINDS
from tests.site_tables.layouts import LAYOUTS
from tests.site_tables.site import known_cohort, site_table
from tests.site_tables.words import HEADINGS

FEW, FIRST = 16, 10_000
MANY, BEGIN = int(os.environ.get("SITE_TABLES", "500")), int(os.environ.get("SITE_TABLES_FROM", "0"))
COMPARED, MOSTLY = 8, 0.95
"""Fields that a draft must propose rightly, and in which share of the tables."""

MARKED = ("partial", "typed", "infusions", "centers", "laboratory", "title")
"""What the name of a table says beside its language, file and layout."""


@dataclass(frozen=True)
class _Outcome:
    """What became of one table."""

    wrong: list[str]
    drafted: int


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """Simulate patients whose every value is known."""
    return known_cohort(seed=5)


def outcome(seed: int, cohort: pd.DataFrame, folder: Path) -> _Outcome:
    """Import a table by its own mapping and by its draft, and find wrong cells that nothing reports."""
    table = site_table(cohort, np.random.default_rng(seed))
    path = table.written(folder)
    own = compared(path, table.mapping, table.truth)
    draft = compared(path, table.draft(path), table.truth)
    # A completed date may be before another one that it must follow; nothing else is refused.
    refused = own.problems if "partial" not in table.name else []
    wrong = [*own.silent, *refused, *draft.silent, *([] if own.right or own.problems else ["nothing read"])]
    return _Outcome([f"{seed}: {table.name}: {each}" for each in wrong], draft.right)


@pytest.mark.parametrize("seed", range(FEW))
def test_no_cell_is_wrong_unless_it_is_reported(seed, cohort, tmp_path):
    """Layouts, separators, languages, units, codes and forms of dates, drawn at random."""
    assert outcome(seed, cohort, tmp_path).wrong == []


def test_every_kind_of_table_is_drawn(cohort):
    """Text files, workbooks and projects, in every language and layout, with further tables and fill-down."""
    tables = [site_table(cohort, np.random.default_rng(seed)) for seed in range(4 * FEW)]
    drawn = {part for table in tables for part in table.name.split(", ")}
    assert {*KINDS, *LAYOUTS, *HEADINGS, *MARKED} - drawn == set()


def test_the_comparison_finds_a_wrong_unit_and_a_lost_row(cohort, tmp_path):
    """Of a table that is imported without a problem."""
    table = site_table(cohort, np.random.default_rng(0))
    path = table.written(tmp_path)
    field = next(name for name in table.truth if f"{name} = " in table.mapping and name.startswith("weight"))
    assert compared(path, table.mapping, {**table.truth, field: ["1"] * len(table.truth[field])}).silent
    assert compared(path, table.mapping, {name: cells[1:] for name, cells in table.truth.items()}).silent


@pytest.mark.acceptance
def test_no_cell_of_many_tables_is_wrong(cohort, tmp_path):
    """With other seeds, and all finds at once; nearly every draft proposes many fields."""
    found = [outcome(FIRST + seed, cohort, tmp_path) for seed in range(BEGIN, BEGIN + MANY)]
    assert [wrong for each in found for wrong in each.wrong] == []
    assert sum(each.drafted >= COMPARED for each in found) >= MOSTLY * MANY
