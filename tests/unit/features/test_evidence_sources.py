"""Sources of a row: a bar separates them, and nothing else does."""

import csv

import pytest

from features.evidence_sources import sources_of
from features.project_files import EVIDENCE


@pytest.mark.parametrize(
    ("cell", "sources"),
    [
        ("10.1/a", ("10.1/a",)),
        ("10.1/a|10.2/b", ("10.1/a", "10.2/b")),
        (" 10.1/a | | 10.2/b ", ("10.1/a", "10.2/b")),
        ("Smith and Jones 2020; 7: 1, ALL and NHL", ("Smith and Jones 2020; 7: 1, ALL and NHL",)),
        (" ", ()),
    ],
)
def test_only_a_bar_separates(cell, sources):
    """A citation may hold every other mark."""
    assert sources_of(cell) == sources


@pytest.mark.parametrize("name", ["effects.csv", "base_rates.csv"])
def test_no_source_joins_two_identifiers(name):
    """Each DOI of the evidence files is a source of its own."""
    with (EVIDENCE / name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows
    for row in rows:
        assert all(source.count("10.") <= 1 for source in sources_of(row["source"])), row["id"]
