"""Rows of an explanation that describe one thing have one group."""

from __future__ import annotations

from itertools import chain

from features.explanation_groups import EXPLANATION_GROUPS, explanation_group
from features.field import specs
from features.schema import Patient


def test_every_row_of_a_group_is_a_field_and_in_no_other_group() -> None:
    """No name is misspelled, and no row is shown twice."""
    rows = list(chain.from_iterable(EXPLANATION_GROUPS.values()))
    assert set(rows) <= set(specs(Patient))
    assert len(rows) == len(set(rows))


def test_disease_burden_is_marrow_mrd_extramedullary_and_cns() -> None:
    """As a clinician reads it."""
    grouped = [name for name in specs(Patient) if explanation_group(name) == "disease_burden"]
    assert grouped == ["marrow_blasts_pct", "mrd_pct", "extramedullary_disease", "cns_status"]
