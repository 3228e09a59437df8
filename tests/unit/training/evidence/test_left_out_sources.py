"""Each source is left out in turn, with every row that names it."""

from dataclasses import replace

from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.left_out_sources import without_each_source

EVIDENCE = read_evidence()


def effect(number, sources, **changes):
    """Make a row of an effect on relapse."""
    row = next(row for row in EVIDENCE.effects if row.outcome == "relapse" and row.use == "estimate")
    return replace(row, id=f"row-{number}", sources=sources, **changes)


def left(*effects, sources):
    """Leave out each source: the ids of the rows that are left, by the sources that go together."""
    found = without_each_source(Evidence(effects, ()), "relapse", sources)
    return {together: [row.id for row in evidence.effects] for evidence, together in found.items()}


def test_a_row_of_several_sources_goes_with_each():
    found = left(effect(1, ("A", "B")), effect(2, ("B",)), sources=["A", "B"])
    assert found == {("A",): ["row-2"], ("B",): []}


def test_sources_of_the_same_rows_go_together():
    found = left(effect(1, ("A", "B")), effect(2, ("C",)), sources=["A", "B", "C"])
    assert found == {("A", "B"): ["row-2"], ("C",): ["row-1"]}


def test_a_source_goes_however_it_is_written():
    found = left(effect(1, ("10.1/x",)), effect(2, ("https://doi.org/10.1/X",)), sources=["10.1/x"])
    assert found == {("10.1/x",): []}


def test_context_and_other_outcomes_have_no_part():
    """They would keep apart sources whose rows that are used are the same."""
    rows = effect(1, ("A", "B")), effect(2, ("A",), use="context"), effect(3, ("B",), outcome="severe_crs")
    assert left(*rows, sources=["A", "B"]) == {("A", "B"): []}
