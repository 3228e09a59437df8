"""`cart-outcomes keys`: a key is shown once, its file is private, commands at the same time lose nothing."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from features.problems import Refused
from serving.identity.api_key import key_id
from serving.identity.key_file import read_keys
from serving.identity.key_ring import key_ring
from tests.command_line import paper, said
from training.commands.keys import create, list_keys, revoke

KEYS = 12


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "made" / "keys.json"


def new(file: Path, capsys: pytest.CaptureFixture[str], label: str = "ward 3", **options: object) -> str:
    """Create a key; the notes go elsewhere."""
    create(label, keys=file, console=paper(), **options)  # type: ignore[arg-type]
    return capsys.readouterr().out.strip()


def test_a_key_is_printed_once_and_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script can take it; the notes name it by its id."""
    notes = paper()
    create("ward 3", keys=file, console=notes)
    key = capsys.readouterr().out
    assert key_id(key.removesuffix("\n")) == key[6:14]
    assert f"key {key[6:14]} of ward 3: predict,read, expires 20" in said(notes)
    assert f"use it with: cart-outcomes serve --keys {file}" in said(notes)
    assert key.strip() not in said(notes) + file.read_text()


def test_the_file_is_private(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From its first byte on, also after a change; the lock is gone."""
    for _ in range(2):
        new(file, capsys)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["keys.json"]


def test_keys_are_listed_without_secrets(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With scopes, expiry and state."""
    first = new(file, capsys, scopes=("predict",), days=0)
    second = new(file, capsys, "Prometheus", scopes=("read", "admin"))
    revoke(first[6:14], keys=file, console=paper())
    listed = paper()
    list_keys(file, console=listed)
    lines = said(listed).splitlines()
    assert lines[0] == f"{first[6:14]}  revoked  predict, does not expire  ward 3"
    assert lines[1].startswith(f"{second[6:14]}  active   read,admin, expires 20")
    assert first[15:] not in said(listed)


def test_a_replaced_key_ends_after_the_overlap(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The new one has its scopes."""
    old = new(file, capsys, scopes=("outcome",))
    fresh = new(file, capsys, replace=old[6:14], overlap_days=2)
    first, second = read_keys(file)
    assert first.expires is not None
    assert (first.expires - second.created).days == 2
    assert second.scopes == ("outcome",)
    ring = key_ring(file)
    for key in (old, fresh):
        assert ring.caller(key, now=second.created.timestamp()).scopes == {"outcome"}


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda file: revoke("12345678", keys=file), "no key has the id '12345678'"),
        (lambda file: create("x", replace="12345678", keys=file), "no key has the id '12345678'"),
        (lambda file: create("", keys=file), "LABEL must have 1 to 80 characters, on one line"),
        (lambda file: create("a\x1b[2Jb", keys=file), "LABEL must have 1 to 80 characters, on one line"),
        (lambda file: create("x", ("write",), keys=file), "'write' is no scope"),
        (lambda file: (file.chmod(0o644), list_keys(file)), "run chmod 600"),
        (lambda file: (file.write_text("{}"), create("x", keys=file)), "is no file of keys"),
        (lambda file: revoke("12345678", keys=file.with_name("none.json")), "none.json does not exist"),
        (lambda file: list_keys(file.with_name("none.json")), "cannot read"),
    ],
)
def test_what_cannot_be_done_is_refused(
    file: Path, capsys: pytest.CaptureFixture[str], run, message: str
) -> None:
    """With the reason; the file stays as it was."""
    new(file, capsys)
    with pytest.raises(Refused) as caught:
        run(file)
    assert message in str(caught.value)
    assert [each.name for each in file.parent.iterdir()] == ["keys.json"]


def test_an_empty_file_says_how_to_go_on(file: Path) -> None:
    """Its last key may have been taken out by hand."""
    file.parent.mkdir()
    file.write_text('{"format": 1, "keys": []}')
    file.chmod(0o600)
    listed = paper()
    list_keys(file, console=listed)
    assert "has no keys; create one with cart-outcomes keys create LABEL" in said(listed)


def test_commands_at_the_same_time_lose_nothing(file: Path) -> None:
    """Each waits for the others."""
    program = f"""
import sys
from pathlib import Path
from training.release.key_store import KeyStore, Period
for number in range({KEYS // 3}):
    KeyStore(Path({str(file)!r})).create(sys.argv[1], ("read",), Period())
"""
    running = [subprocess.Popen([sys.executable, "-c", program, f"ward {ward}"]) for ward in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    records = read_keys(file)
    assert len({record.id for record in records}) == KEYS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
