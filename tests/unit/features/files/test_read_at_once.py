"""A file is read at once, or refused: pipes, folders, devices and files that are too large."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from features.files.read_at_once import read_at_once


def test_a_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    """One byte more is too many."""
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    assert read_at_once(file, most_bytes=5) == b"12345"
    with pytest.raises(OSError, match="too large"):
        read_at_once(file, most_bytes=4)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda file: file.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A pipe without a writer would wait for one; a device need not end."""
    make(tmp_path / "a")
    with pytest.raises(OSError, match=r"no regular file|Is a directory"):
        read_at_once(tmp_path / "a", most_bytes=4)
