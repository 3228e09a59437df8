"""A file that is replaced or written to has another mark."""

from __future__ import annotations

from pathlib import Path

from features.files.file_mark import mark_of


def test_a_file_that_is_replaced_or_written_to_has_another_mark(tmp_path: Path) -> None:
    """One that is only read keeps it; one that is gone has none."""
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_text("one")
    first = mark_of(file)
    assert (file.read_text(), mark_of(file)) == ("one", first)
    other.write_text("two")
    other.replace(file)
    second = mark_of(file)
    file.write_text("three")
    third = mark_of(file)
    file.unlink()
    assert len({first, second, third, mark_of(file)}) == 4
    assert mark_of(file) == ()
