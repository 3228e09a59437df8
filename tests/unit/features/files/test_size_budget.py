"""What a file becomes is counted while it is read; its memory is bounded where the system can."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from features.files import size_budget
from features.files.delimited import delimited_grid
from features.files.size_budget import bounded_memory
from features.problems import DataError


def test_a_file_of_too_many_cells_is_refused_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Delimited text states no size."""
    monkeypatch.setattr(size_budget, "MAX_CELLS", 4)
    assert len(delimited_grid(b"a,b\n1,2\n", name="t.csv")) == 2
    with pytest.raises(DataError, match=r"the file must have at most .* million cells, got more: "):
        delimited_grid(b"a,b\n1,2\n3,4\n", name="t.csv")


def test_without_a_system_that_counts_memory_there_is_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS, which has no /proc."""
    monkeypatch.setattr(size_budget, "Path", lambda _: tmp_path / "absent")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with bounded_memory("t.csv"):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
