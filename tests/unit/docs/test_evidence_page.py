"""The generated page of the published evidence has every row, and every figure that it shows."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from features.outcomes import OUTCOMES
from features.terms import TERMS
from tests.words import Text, unwanted_in
from training.evidence.evidence_set import read_evidence

EXTENSIONS = Path(__file__).parents[3] / "docs" / "extensions"


@pytest.fixture(scope="module")
def extension() -> ModuleType:
    """Import the module as Sphinx does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXTENSIONS))
        import evidence_page

        for name in ("evidence_page", "evidence_rows"):
            patch.delitem(sys.modules, name)
        return evidence_page


@pytest.fixture(scope="module")
def page(extension: ModuleType) -> str:
    return extension.evidence_page()


def test_every_row_is_on_the_page_once(page: str) -> None:
    """With a role: used, or not used and why."""
    evidence = read_evidence()
    shown = re.findall(r"^\| ([BE]\d+\w?) \|", page, re.M)
    assert sorted(shown) == sorted(row.id for row in (*evidence.effects, *evidence.base_rates))


def test_a_row_shows_what_was_published_and_what_becomes_of_it(page: str) -> None:
    """A hazard ratio of 4.05, unadjusted: odds ratio 3.92."""
    (line,) = [line for line in page.splitlines() if line.startswith("| E003 ")]
    for words in (
        "HR 4.05 (2.52 to 6.53)",
        "1.37 (0.30)",
        "3.92",
        "pooled, 100% of the effect",
        "unadjusted, x 0.7",
    ):
        assert words in line


def test_a_rate_shows_its_product_with_and_without_its_source(page: str) -> None:
    """FELIX is the only source of obecabtagene's rate."""
    (line,) = [line for line in page.splitlines() if line.startswith("| B07 ")]
    with_source, without = re.search(r"\| ([\d.]+)% \(([\d.]+)%\) \|", line).groups()  # type: ignore[union-attr]
    assert float(without) > 1.5 * float(with_source)


def test_every_table_is_complete(page: str) -> None:
    """Every row has as many cells as its headings."""
    tables = [block.splitlines() for block in page.split("\n\n") if block.startswith("|")]
    assert len(tables) == 4 * len(OUTCOMES)
    for lines in tables:
        assert len({line.count(" | ") for line in lines}) == 1


def test_every_figure_that_is_shown_is_drawn(extension: ModuleType, page: str) -> None:
    """Rates and effects of every outcome, and no other."""
    assert sorted(re.findall(r"\]\((\w+\.png)\)", page)) == sorted(extension.evidence_figures())


def test_gaps_name_terms(page: str) -> None:
    """By their titles."""
    gaps = re.findall(r"^\* Terms without a study, shrinkage only: (.*)\.$", page, re.M)
    assert len(gaps) == len(OUTCOMES)
    assert TERMS["log2_ferritin"].title in gaps[0]


def test_the_page_is_in_plain_words(page: str) -> None:
    """As every other page; names of journals, in the last column, are their own."""
    words = "\n".join(re.sub(r"[^|]*\|$", "", line) for line in page.splitlines())
    assert unwanted_in(Text("evidence page", words)) == []
