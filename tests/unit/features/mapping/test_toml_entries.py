"""A mapping file that cannot be read is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.mapping.toml_entries import read_toml
from features.problems import DataError


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            b"[table]\nmissing = [n.d.]\n",
            "the mapping file is not TOML: Invalid value (at line 2, column 12): "
            "quote texts and column names that have spaces, points or letters beyond a-z",
        ),
        (b"[table]\nmissing = [-" + b"9" * 5000 + b"]\n", "the mapping file cannot be read (bad content)"),
        (b"a = " + b"[" * 100_000, "the mapping file is nested too deeply"),
        (b"[table]\n# Jos\xe9\n", "the mapping file must be UTF-8 text, got byte 0xe9 on line 2"),
    ],
    ids=["no TOML", "number", "depth", "encoding"],
)
def test_what_is_no_mapping_file_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    """By what is wrong, and where."""
    (tmp_path / "site.toml").write_bytes(content)
    with pytest.raises(DataError) as refused:
        read_toml(tmp_path / "site.toml")
    assert str(refused.value) == f"site.toml: 1 problem\n  {problem}"
