"""Whom the sources of a prior studied."""

from __future__ import annotations

from serving.answers.studied import _by_source


def test_nothing_is_named_twice_in_a_row() -> None:
    """A cohort that has no other name than its population."""
    named = [whom for by_source in _by_source().values() for whom in by_source.split("; ")]
    assert named
    for whom in named:
        parts = whom.split(", ")
        assert len(parts) == len(set(parts)), whom
