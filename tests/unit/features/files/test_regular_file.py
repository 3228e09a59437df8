"""The bytes of a file, or why they cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.files.regular_file import regular_content
from features.problems import DataError


def refusal(path: Path) -> str:
    """Say why a file of at most 1 MB is refused."""
    with pytest.raises(DataError) as refused:
        regular_content(path, most_bytes=1_000_000)
    return str(refused.value.problems[0])


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    """To the largest size that is allowed."""
    (tmp_path / "c.csv").write_bytes(b"x" * 1_000_000)
    assert len(regular_content(tmp_path / "c.csv", most_bytes=1_000_000)) == 1_000_000
    (tmp_path / "c.csv").write_bytes(b"x" * 1_100_000)
    assert refusal(tmp_path / "c.csv") == "the file must have at most 1 MB, got 1.1 MB"


def test_a_name_that_the_system_refuses_is_refused_with_its_reason(tmp_path: Path) -> None:
    """As a name of a text that was pasted."""
    assert refusal(tmp_path / ("c" * 300)) == "the file cannot be read (File name too long)"


def test_a_name_that_cannot_be_names_no_file() -> None:
    """A NUL byte ends every name."""
    assert refusal(Path("c.csv\0")) == "the file does not exist"
