"""Files that cannot be read end with status 1 and our own words, and at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from training.commands import app as cli

TABLE = "patient_id,ldh_u_l\nP-1,200\n"
MAPPING = 'fields.patient_id = "patient_id"\nfields.ldh_u_l = "ldh_u_l"\n'


@pytest.fixture
def site(tmp_path) -> tuple[Path, Path]:
    """Give a table and its mapping."""
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "m.toml").write_text(MAPPING)
    return tmp_path / "t.csv", tmp_path / "m.toml"


def ended(monkeypatch, capsys, *words: object) -> tuple[object, str]:
    """Run a command: exit status and what it said."""
    monkeypatch.setattr(sys, "argv", ["cart-outcomes", *map(str, words)])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    return exit_.value.code, capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "import"])
@pytest.mark.parametrize("forbidden", ["t.csv", "m.toml"])
def test_forbidden_files(site, monkeypatch, capsys, command, forbidden):
    """The tests may run as a user whom nothing is forbidden."""
    read = Path.read_bytes

    def denied(path: Path) -> bytes:
        if path.name == forbidden:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    monkeypatch.setattr(Path, "read_bytes", denied)
    table, mapping = site
    out = ["--out", table.parent / "out.csv"] if command == "import" else []
    status, said = ended(monkeypatch, capsys, command, table, "--mapping", mapping, *out)
    assert status == 1
    assert said.startswith(f"{forbidden}: 1 problem\n  the ")
    assert "cannot be read: permission denied" in said


@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "loop", "large"])
def test_mappings_that_are_no_files(site, monkeypatch, capsys, kind):
    """Nothing is waited for."""
    table, mapping = site
    mapping.unlink()
    if kind == "device":
        mapping = Path("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(mapping)
    elif kind == "folder":
        mapping.mkdir()
    elif kind == "loop":
        mapping.symlink_to(mapping)
    else:
        mapping.write_bytes(b" " * 1_000_001)
    status, said = ended(monkeypatch, capsys, "check", table, "--mapping", mapping)
    rules = {
        "device": "is not a regular file: copy its content to a file and name that",
        "pipe": "is not a regular file: copy its content to a file and name that",
        "folder": "is a folder: name a file in it",
        "loop": "is a broken link",
        "large": "must have at most 1 MB, got 1 MB",
    }
    assert (status, said) == (1, f"{mapping.name}: 1 problem\n  the mapping file {rules[kind]}\n")


def test_training_refuses_a_missing_file_before_it_imports(monkeypatch, capsys, tmp_path):
    """The libraries of training take seconds."""
    monkeypatch.setitem(sys.modules, "training.fitting.train", None)
    status, said = ended(monkeypatch, capsys, "train", tmp_path / "t.csv")
    assert (status, said) == (1, "t.csv: 1 problem\n  the file does not exist\n")


def test_a_refused_import_says_that_an_earlier_file_stays(site, monkeypatch, capsys):
    """Nobody takes the old cohort for the new one."""
    table, mapping = site
    table.write_text(TABLE.replace("200", "1"))
    (table.parent / "out.csv").write_text("older")
    words = ("import", table, "--mapping", mapping, "--out", table.parent / "out.csv", "--overwrite")
    status, said = ended(monkeypatch, capsys, *words)
    assert status == 1
    assert said.endswith("\n  nothing was written: out.csv is unchanged\n")
    assert (table.parent / "out.csv").read_text() == "older"
