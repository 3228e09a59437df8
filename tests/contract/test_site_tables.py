"""Tables as sites keep them are imported without a wrong cell, and their drafts are right or commented out.

The campaign of many tables: ``SITE_TABLES=5000 pytest -m acceptance tests/contract/test_site_tables.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.site_tables.compared import wrong_cells
from tests.site_tables.site import known_cohort, site_table

FEW, MANY = 16, int(os.environ.get("SITE_TABLES", "500"))


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """Simulate patients whose every value is known."""
    return known_cohort(seed=5)


def silent_cells(seed: int, cohort: pd.DataFrame, folder: Path) -> dict[str, list[str]]:
    """Import a table by its own mapping and by its draft; give the wrong cells that nothing reports."""
    table = site_table(cohort, np.random.default_rng(seed))
    path = table.written(folder)
    by_mapping, problems = wrong_cells(path, table.mapping, table.truth)
    by_draft, _ = wrong_cells(path, table.draft(path), table.truth)
    # A completed date may be before another one that it must follow; nothing else is refused.
    others = problems if "partial" not in table.name else []
    return {f"{seed}: {table.name}": by_mapping + by_draft + others}


@pytest.mark.parametrize("seed", range(FEW))
def test_no_cell_is_wrong_unless_it_is_reported(seed, cohort, tmp_path):
    """Layouts, separators, languages, units, codes and forms of dates, drawn at random."""
    wrong = silent_cells(seed, cohort, tmp_path)
    assert {name: cells for name, cells in wrong.items() if cells} == {}


@pytest.mark.acceptance
def test_no_cell_of_many_tables_is_wrong(cohort, tmp_path):
    """With other seeds, and all finds at once."""
    found = [silent_cells(10_000 + seed, cohort, tmp_path) for seed in range(MANY)]
    assert {name: cells for each in found for name, cells in each.items() if cells} == {}
